import type { Exposure } from '../analysis/gates.js';
import type { Interleaving } from '../analysis/interleavings.js';
import type { Touch } from '../analysis/shared-state.js';
import type { Function, FunctionId, Location } from '../ir/index.js';
import type { Crossing } from './rule.js';

/** What a schedule of tasks that take turns would have to show of a candidate. */

/** The earlier look and the later write of one task, with another task's change in between. */
export function crossingOf(one: Interleaving): Crossing {
  return { shows: 'stale-write', looks: looksOf(one.early), late: one.late.at, about: one.late.location, in: one.early.fn.id, starts: startsOf(one.exposure) };
}

/** Where the location is looked at, and where the value that is tested was read. */
export function looksOf(touch: Touch): readonly Location[] {
  const since = touch.since === undefined ? undefined : touch.fn.blocks[touch.since.block]?.operations[touch.since.index];
  return since === undefined ? [touch.at] : [touch.at, since.at];
}

/** Two calls of the entry; a listener or timer runs as often as it fires once it is set up. */
export function startsOf({ entry }: Exposure): readonly FunctionId[] {
  return entry.spawn === undefined ? [entry.start.id, entry.start.id] : [entry.spawn.by.id];
}

/** A call of one function beside one of another. */
export function besides(a: Function, b: Function): readonly FunctionId[] {
  return [a.id, b.id];
}
