import type { Finding } from '../findings/finding.js';
import { locksHeld, stepText } from './evidence.js';
import { printable, printableLine } from './printable.js';

/** The evidence as plain lines, for formats that show one text: a title a task, a line a step, what to do last. */
export function plainEvidence(finding: Finding): string[] {
  return [
    ...finding.evidence.flatMap((trace) => [
      `${printableLine(trace.title)}:`,
      ...trace.steps.map((step) => `  ${printable(step.at.file)}:${step.at.line}: ${printableLine(stepText(step))} in ${printableLine(step.function)} (locks held: ${printableLine(locksHeld(step))})`),
    ]),
    ...(finding.advice === undefined ? [] : [`fix: ${printableLine(finding.advice)}`]),
  ];
}
