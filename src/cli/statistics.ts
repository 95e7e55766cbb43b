import type { Finding } from '../index.js';
import { counted, type Tell } from './notices.js';
import { rememberedPhase, type FileTimes, type Phase } from './phases.js';

/** How often each rule speaks, the most frequent first. */
export function tellStatistics(findings: readonly Finding[], suppressed: readonly Finding[], tell: Tell): void {
  const counts = new Map<string, { found: number; suppressed: number }>();
  const of = (rule: string) => {
    const known = counts.get(rule) ?? { found: 0, suppressed: 0 };
    counts.set(rule, known);
    return known;
  };
  for (const { rule } of findings) of(rule).found++;
  for (const { rule } of suppressed) of(rule).suppressed++;
  const rows = [...counts].sort(([a, one], [b, other]) => other.found - one.found || (a < b ? -1 : 1));
  tell(`${counted(findings.length, 'finding')} of ${counted(rows.filter(([, { found }]) => found > 0).length, 'rule')}`);
  for (const [rule, count] of rows) tell(`${String(count.found).padStart(6)}  ${rule}${count.suppressed > 0 ? ` (${count.suppressed} suppressed)` : ''}`);
}

/** The time of each phase, those of one name together, in the order in which they began. */
export function byName(phases: readonly Phase[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const { name, milliseconds } of phases) found.set(name, (found.get(name) ?? 0) + milliseconds);
  return found;
}

/** Files told one by one; the others are counted. */
const slowest = 10;

/** Where the time went, the longest phase first; what took less than a millisecond is summed up. Then the slowest files. */
export function tellTiming(phases: readonly Phase[], files: FileTimes, tell: Tell): void {
  const total = phases.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const rows = [...byName(phases)].sort(([, a], [, b]) => b - a);
  const shown = rows.filter(([name, milliseconds]) => milliseconds >= 1 || name === rememberedPhase);
  tell(`${Math.round(total)} ms in all; a rule's own time is without the analyses that it asks for`);
  for (const [name, milliseconds] of shown) tell(`${String(Math.round(milliseconds)).padStart(8)} ms  ${String(Math.round((100 * milliseconds) / total)).padStart(3)} %  ${name}`);
  if (rows.length > shown.length) tell(`          ${rows.length - shown.length} more below a millisecond`);
  if (files.size === 0) return;
  const byTime = [...files].sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1));
  const whole = byTime.reduce((sum, [, milliseconds]) => sum + milliseconds, 0);
  tell(`${Math.round(whole)} ms for single files, in whichever thread: parsing, lowering, exploring; the slowest of ${files.size}`);
  for (const [path, milliseconds] of byTime.slice(0, slowest)) tell(`${String(Math.round(milliseconds)).padStart(8)} ms  ${String(Math.round((100 * milliseconds) / Math.max(whole, Number.MIN_VALUE))).padStart(3)} %  ${path}`);
}
