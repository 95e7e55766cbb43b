import type { Rule } from '../index.js';
import { didYouMean } from './suggest.js';

/** Which rules run: those `select` names (all when it names none) without those `ignore` names. Throws SelectionError for names of nothing. */
export function selectRules(rules: readonly Rule[], select: readonly string[], ignore: readonly string[]): readonly Rule[] {
  const chosen = select.length === 0 ? new Set(rules) : new Set(select.flatMap((selector) => matching(rules, selector)));
  for (const selector of ignore) for (const rule of matching(rules, selector)) chosen.delete(rule);
  return rules.filter((rule) => chosen.has(rule));
}

/** A selector that names no rule, prefix or family. */
export class SelectionError extends Error {}

/** An id, else a family, else a prefix of ids (`double`, `double-*`); `all` is every rule. */
function matching(rules: readonly Rule[], selector: string): readonly Rule[] {
  if (selector === 'all') return rules;
  const prefix = selector.replace(/\*$/, '');
  for (const test of [(rule: Rule) => rule.id === selector, (rule: Rule) => rule.family === selector, (rule: Rule) => prefix !== '' && rule.id.startsWith(prefix)]) {
    const matches = rules.filter(test);
    if (matches.length > 0) return matches;
  }
  const known = ['all', ...rules.map((rule) => rule.id), ...new Set(rules.map((rule) => rule.family))];
  throw new SelectionError(`unknown rule '${selector}'${didYouMean(selector, known)}; \`deadheat rules\` lists them`);
}
