import type { Confidence, Finding, Level } from '../findings/finding.js';
import { sides } from './evidence.js';
import type { Summary } from './report.js';

/** What several documents say of a finding in the same words. */

/** How soon it wants mending: the level, weighed by how sure the finding is. */
export function priorityOf(finding: Finding): string {
  return priorities[finding.level][finding.confidence];
}

const priorities: Readonly<Record<Level, Readonly<Record<Confidence, string>>>> = {
  error: { high: 'High', medium: 'High', low: 'Medium' },
  warning: { high: 'High', medium: 'Medium', low: 'Low' },
  note: { high: 'Low', medium: 'Low', low: 'Low' },
};

/**
 * Findings as a person would tell them: errors one by one, warnings of one rule in one function together, notes of one
 * rule in one file together. In the order of their first.
 */
export function issuesOf(findings: readonly Finding[]): (readonly [Finding, ...Finding[]])[] {
  const groups = new Map<string, [Finding, ...Finding[]]>();
  findings.forEach((finding, index) => {
    const { level, rule, at, function: name } = finding;
    const key = [level, rule, ...(level === 'error' ? [String(index)] : level === 'warning' ? [at.file, name] : [at.file])].join('\0');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [finding]);
    else group.push(finding);
  });
  return [...groups.values()];
}

/** `12` or `12-31`: the lines of the sides in the primary side's function. */
export function linesOf(finding: Finding): string {
  const { at } = finding;
  const here = sides(finding).filter(({ step }) => step.at.file === at.file && step.function === finding.function).map(({ step }) => step.at);
  const first = Math.min(at.line, ...here.map((side) => side.line));
  const last = Math.max(at.endLine, ...here.map((side) => side.endLine));
  return first >= last ? `${first}` : `${first}-${last}`;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The message as the beginning of a sentence: a name of the code at its head stays as the code writes it. */
export function opening({ message, subject, function: name, evidence }: Finding): string {
  const [word = ''] = /^\S*/.exec(message)!;
  const bare = word.replace(/[^\w$]+$/, '');
  const names = new Set([subject, name, ...evidence.flatMap(({ steps }) => steps.map((step) => step.function))].flatMap((one) => one.split(/[^\w$]+/)));
  return /[.[({_#$\d]|[a-z][A-Z]/.test(bare) || names.has(bare) ? message : capital(message);
}

export function sentence(message: string): string {
  return `${message}${/[.!?]$/.test(message) ? '' : '.'}`;
}

/** Without the indentation all lines share. */
export function outdented(lines: readonly string[]): string[] {
  const indents = lines.filter((line) => line.trim() !== '').map((line) => /^\s*/.exec(line)![0].length);
  const common = indents.length === 0 ? 0 : Math.min(...indents);
  return lines.map((line) => line.slice(common).replace(/\t/g, '    '));
}

/** `1 error`, `2 errors`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** What was found and is not reported, and why: `3 suppressed`. Empty when all of it is. */
export function leftOut({ suppressed, baseline, comparison }: Summary): readonly string[] {
  return [
    ...(suppressed > 0 ? [`${suppressed} suppressed`] : []),
    ...(baseline && baseline.known > 0 ? [`${baseline.known} known`] : []),
    ...(baseline && baseline.stale > 0 ? [`${baseline.stale} no longer found`] : []),
    ...(comparison ? [`${comparison.fixed} fixed`, `${comparison.existing} there before`] : []),
  ];
}

/** Appends to the list under a key: copying the list each time would be quadratic in it. */
export function pushTo<K, V>(groups: Map<K, V[]>, key: K, value: V): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [value]);
  else group.push(value);
}
