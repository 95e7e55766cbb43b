import type { Confidence, Family, Level } from '../findings/finding.js';
import type { RuleDescription } from './report.js';

/** A rule's documentation in the fields GitHub and the editors show. */
export function sarifRule(rule: RuleDescription): object {
  return {
    id: rule.id,
    name: camelCase(rule.id),
    shortDescription: { text: sentence(capital(rule.title)) },
    fullDescription: { text: cut(sentence(plainText(rule.explain)), longestDescription) },
    help: { text: plainText(helpParts(rule).join(' ')), markdown: helpParts(rule).map(joinLines).join('\n\n') },
    defaultConfiguration: { level: rule.level },
    properties: { tags: ['concurrency', rule.family, ...weaknesses[rule.family]], precision: precisionOf[rule.confidence], 'problem.severity': severityOf[rule.level] },
  };
}

/** What the family is called in the Common Weakness Enumeration: CWE-362 race conditions, CWE-833 deadlocks. */
const weaknesses: Readonly<Record<Family, readonly string[]>> = { race: ['external/cwe/cwe-362'], deadlock: ['external/cwe/cwe-833'], channel: [], lifecycle: [], misuse: [] };

/** GitHub's limit for rule descriptions. */
const longestDescription = 1024;

const precisionOf: Readonly<Record<Confidence, string>> = { high: 'high', medium: 'medium', low: 'low' };
const severityOf: Readonly<Record<Level, string>> = { error: 'error', warning: 'warning', note: 'recommendation' };

/** `unguarded-field` as `UnguardedField`: viewers want a name that is not the id. */
function camelCase(id: string): string {
  return id.split('-').map(capital).join('');
}

function helpParts(rule: RuleDescription): string[] {
  return [rule.explain, `**Impact.** ${rule.impact}`, `**Fix.** ${rule.advice}`, `**Not seen.** ${rule.misses}`];
}

/** GitHub turns single line breaks into hard ones; paragraphs, lists and code keep theirs. */
function joinLines(markdown: string): string {
  return markdown
    .split(/(^```[\s\S]*?^```$)/m)
    .map((part) => (part.startsWith('```') ? part : part.replace(/([^\n])\n(?!\n|\s*(?:[-*+|>#]|\d+\.)\s)/g, '$1 ')))
    .join('');
}

function plainText(markdown: string): string {
  return markdown.replace(/^```.*$/gm, '').replace(/\*\*|`/g, '').replace(/\s+/g, ' ').trim();
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function cut(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
}
