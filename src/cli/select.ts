import type { Rule } from '../index.js';
import { didYouMean } from './suggest.js';

/** A selector that names no rule, prefix or family. */
export class SelectionError extends Error {}

/** An id, else a family, else a prefix of ids (`double`, `double-*`); `all` is every rule. Throws SelectionError for names of nothing. */
export function matchingRules(rules: readonly Rule[], selector: string): readonly Rule[] {
  if (selector === 'all') return rules;
  const prefix = selector.replace(/\*$/, '');
  for (const test of [(rule: Rule) => rule.id === selector, (rule: Rule) => rule.family === selector, (rule: Rule) => prefix !== '' && rule.id.startsWith(prefix)]) {
    const matches = rules.filter(test);
    if (matches.length > 0) return matches;
  }
  const known = ['all', ...rules.map((rule) => rule.id), ...new Set(rules.map((rule) => rule.family))];
  throw new SelectionError(`unknown rule '${selector}'${didYouMean(selector, known)}; \`deadheat rules\` lists them`);
}
