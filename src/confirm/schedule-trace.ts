import type { Witness } from '../explore/index.js';
import type { Step, Trace } from '../findings/finding.js';

const turns: ReadonlySet<Witness['kind']> = new Set(['stale-write', 'stale-act', 'torn-read', 'overlap']);

/** The schedule as one list, in the order in which it happens. */
export function scheduleTrace(witness: Witness): Trace {
  const steps = witness.schedule.map((step): Step => ({
    at: step.at, function: step.function, text: `${step.text}${step.waitsFor === undefined ? '' : ', waits for ever'}`, task: step.taskName, locks: step.locks, ...(step.essential ? { essential: true as const } : {}),
  }));
  const [first, ...rest] = steps;
  const only: Step = { at: witness.at, function: witness.function, text: witness.message, locks: [], essential: true };
  return { title: turns.has(witness.kind) ? `one schedule: ${witness.message}` : 'one schedule in which it happens', steps: first === undefined ? [only] : [first, ...rest] };
}
