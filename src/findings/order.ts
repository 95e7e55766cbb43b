import { compareLocations } from '../ir/location.js';
import type { Confidence, Finding, Level, Step } from './finding.js';

/** The one order findings are printed in: file, position, rule; then subject, words and evidence, so that nothing ties. */
export function orderFindings(findings: Iterable<Finding>): Finding[] {
  return [...findings].sort(compareFindings);
}

/** Total up to findings that say the same thing at the same place, so the order they came in never shows. */
export function compareFindings(a: Finding, b: Finding): number {
  return compareLocations(a.at, b.at) || compareText(a.rule, b.rule) || compareText(a.subject, b.subject) || compareText(a.message, b.message) || compareEvidence(a, b);
}

/** The worst level first, then as `orderFindings`: for consumers that keep only the head of a long list. */
export function orderByLevel(findings: Iterable<Finding>): Finding[] {
  return [...findings].sort((a, b) => levelRank(b.level) - levelRank(a.level) || compareFindings(a, b));
}

/** Higher is worse: note 0, warning 1, error 2. */
export function levelRank(level: Level): number {
  return levelRanks[level];
}

/** Higher is surer: low 0, medium 1, high 2. */
export function confidenceRank(confidence: Confidence): number {
  return confidenceRanks[confidence];
}

/** Whether `level` is `min` or worse. */
export function atLeast(level: Level, min: Level): boolean {
  return levelRank(level) >= levelRank(min);
}

/** Whether `confidence` is `min` or surer. */
export function atLeastConfidence(confidence: Confidence, min: Confidence): boolean {
  return confidenceRank(confidence) >= confidenceRank(min);
}

const levelRanks: Readonly<Record<Level, number>> = { note: 0, warning: 1, error: 2 };
const confidenceRanks: Readonly<Record<Confidence, number>> = { low: 0, medium: 1, high: 2 };

/** By the places of the steps, one after the other; the shorter evidence first. */
function compareEvidence(a: Finding, b: Finding): number {
  const [left, right] = [a, b].map((finding) => finding.evidence.flatMap((trace) => trace.steps)) as [Step[], Step[]];
  for (let index = 0; index < Math.min(left.length, right.length); index += 1) {
    const order = compareLocations(left[index]!.at, right[index]!.at) || compareText(left[index]!.text, right[index]!.text);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

/** By UTF-16 units: `localeCompare` would order by the machine's locale. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
