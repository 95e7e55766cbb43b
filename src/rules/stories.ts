import { describeEntry, type Entry } from '../analysis/entries.js';
import type { Exposure } from '../analysis/gates.js';
import type { Interleaving } from '../analysis/interleavings.js';
import type { Suspension } from '../analysis/suspensions.js';
import type { Touch } from '../analysis/shared-state.js';
import type { Step, Trace } from '../findings/finding.js';
import { printPath, type Function, type Location } from '../ir/index.js';
import { place, trace } from './evidence.js';

/** Two calls of one piece of code, told side by side: what the first one does, where it stops, what the second one finds. */

export function step(at: Location, fn: Function, text: string, essential = false): Step {
  return { at, function: fn.name, text, locks: [], kind: 'memory', ...(essential ? { essential: true as const } : {}) };
}

export function entryStep(entry: Entry, fn: Function): Step {
  const { at, function: name, text } = describeEntry(entry, fn);
  return { at, function: name, text, locks: [], kind: entry.spawn === undefined ? 'enter' : 'spawn' };
}

/** How control comes from the entry to the function, a step a call. */
export function waySteps({ entry, way }: Exposure, fn: Function): Step[] {
  const [first] = way;
  return [entryStep(entry, first ?? fn), ...way.slice(1, -1).map((one) => step(one.at, one, `comes by ${one.name}`))];
}

export function stopStep(stop: Suspension, fn: Function): Step {
  return step(stop.operation.at, fn, stop.operation.reason === 'lock' ? 'waits for a lock: others run' : stop.operation.reason === 'yield' ? 'yields: others run' : 'stops at the await: others run');
}

export function nameOf(touch: Touch): string {
  return printPath(touch.path);
}

/** The calls of an interleaving, as two traces. */
export function twoCalls(one: Interleaving, firstWord: string, secondWord: string): [Trace, Trace] {
  const { early, late } = one;
  const name = nameOf(early);
  const pause = one.stop === undefined ? step(one.left!.at, early.fn, `leaves the rest to a callback of ${one.left!.via}: others run`) : stopStep(one.stop, early.fn);
  return [
    trace('call 1', [...waySteps(one.exposure, early.fn), step(early.at, early.fn, `${firstWord} ${name}`), pause, step(late.at, late.fn, `writes ${nameOf(late)}`, true)]),
    trace('call 2, meanwhile', [step(early.at, early.fn, `${firstWord} ${name}: ${secondWord}`, true)], 'meanwhile'),
  ];
}

/** Where others come in, for messages: `the await at line 12`. */
export function pauseText(one: Interleaving): string {
  return one.stop === undefined ? `the callback of ${one.left!.via} at ${place(one.left!.at)}` : `the ${one.stop.operation.reason === 'yield' ? 'yield' : 'await'} at line ${one.stop.operation.at.line}`;
}
