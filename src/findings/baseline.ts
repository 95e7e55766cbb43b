import type { Finding } from './finding.js';

/** A finding that is known and left for later. The fingerprint decides; the rest is for people who read the file. */
export interface BaselineEntry {
  readonly fingerprint: string;
  readonly rule: string;
  /** With forward slashes, relative to the baseline. */
  readonly file: string;
  readonly function: string;
  readonly message: string;
}

export const baselineSchema = 'deadheat/baseline/v1';

/** A baseline that cannot be used: what is wrong with it, and at which line. */
export interface BaselineProblem {
  readonly line: number;
  readonly problem: string;
}

/** One entry a line and in one order, so that two branches' changes merge. */
export function printBaseline(entries: readonly BaselineEntry[]): string {
  const sorted = [...entries].sort((a, b) => compare(a.file, b.file) || compare(a.rule, b.rule) || compare(a.fingerprint, b.fingerprint));
  const lines = sorted.map(({ fingerprint, rule, file, function: name, message }) => `    ${JSON.stringify({ fingerprint, rule, file, function: name, message })}`);
  return `{\n  "schema": "${baselineSchema}",\n  "findings": [${lines.length === 0 ? '' : `\n${lines.join(',\n')}\n  `}]\n}\n`;
}

export function parseBaseline(text: string): readonly BaselineEntry[] | BaselineProblem {
  let data: unknown;
  try {
    data = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const position = /at position (\d+)/.exec(message)?.[1];
    return { line: position === undefined ? 1 : lineOf(text, Number(position)), problem: `this is not JSON (${message.replace(/ in JSON at position.*$/, '')}); \`deadheat baseline update\` writes it anew` };
  }
  const { schema, findings } = (data ?? {}) as { readonly schema?: unknown; readonly findings?: unknown };
  if (schema !== baselineSchema) {
    const kind = typeof schema === 'string' && schema.startsWith('deadheat/baseline/') ? `this is a baseline of another version, ${schema}; this Deadheat reads ${baselineSchema}` : 'this is no baseline';
    return { line: lineOf(text, text.indexOf('"schema"')), problem: `${kind}; \`deadheat baseline update\` writes it anew` };
  }
  if (!Array.isArray(findings)) return { line: 1, problem: 'this baseline has no list of findings; `deadheat baseline update` writes it anew' };
  const entries: BaselineEntry[] = [];
  for (const [index, entry] of findings.entries()) {
    const { fingerprint, rule, file, function: name, message } = (entry ?? {}) as Readonly<Record<string, unknown>>;
    if (typeof fingerprint !== 'string' || typeof rule !== 'string' || typeof file !== 'string') return { line: 1, problem: `entry ${index + 1} of this baseline has no fingerprint, rule or file` };
    entries.push({ fingerprint, rule, file, function: typeof name === 'string' ? name : '', message: typeof message === 'string' ? message : '' });
  }
  return entries;
}

/** Which findings does a baseline know, and which of its entries does nothing answer to any more? */
export function applyBaseline(findings: readonly Finding[], entries: readonly BaselineEntry[]): { readonly fresh: readonly Finding[]; readonly known: readonly Finding[]; readonly unanswered: readonly BaselineEntry[] } {
  const byFingerprint = new Map(entries.map((entry) => [entry.fingerprint, entry]));
  const answered = new Set<string>();
  const fresh: Finding[] = [];
  const known: Finding[] = [];
  for (const finding of findings) {
    if (byFingerprint.has(finding.fingerprint)) {
      answered.add(finding.fingerprint);
      known.push(finding);
    } else fresh.push(finding);
  }
  return { fresh, known, unanswered: entries.filter(({ fingerprint }) => !answered.has(fingerprint)) };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, Math.max(0, offset)).split('\n').length;
}
