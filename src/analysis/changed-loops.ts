import type { Function } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { controlFlow } from './control-flow.js';
import { entries, type Entry } from './entries.js';
import { gates } from './gates.js';
import { sharedState, type Touch } from './shared-state.js';
import { suspensions, type Suspension } from './suspensions.js';

/**
 * Which loops over a shared list wait in their body, while other code takes elements out of that very list?
 * The loop goes by index: what is taken out before it makes it skip the next one. Lists only; copies are no shared
 * location, and maps and sets are looped over by entry.
 */
export interface ChangedLoop { readonly fn: Function; readonly loop: Touch; readonly stop: Suspension; readonly change: Touch; readonly entry: Entry }

/** Changes that move what comes after. */
const moves: ReadonlySet<string> = new Set(['splice', 'shift', 'unshift']);

export const changedLoops = defineAnalysis<readonly ChangedLoop[]>({
  name: 'changed-loops',
  run(program, resultOf) {
    const state = resultOf(sharedState);
    const stops = resultOf(suspensions);
    const ways = resultOf(entries);
    const guard = resultOf(gates);
    const found: ChangedLoop[] = [];
    for (const fn of program.functions.values()) {
      if (fn.test || fn.generated || stops.in(fn).length === 0) continue;
      const flow = controlFlow(fn);
      for (const loop of state.in(fn)) {
        if (loop.kind !== 'read' || loop.operation?.op !== 'read' || loop.operation.verb !== 'range' || loop.operation.container === 'map' || !flow.inLoop(loop.point.block)) continue;
        const stop = stops.in(fn).find(({ full, point }) => full && flow.reaches(loop.point, point) && flow.reaches(point, loop.point));
        if (stop === undefined || guard.locked(fn, stop.point)) continue;
        const change = state.of(loop.location).find((touch) => touch.fn !== fn && touch.kind === 'write' && touch.operation?.op === 'write' && moves.has(touch.operation.verb ?? ''));
        const entry = change === undefined ? undefined : ways.of(change.fn.id).find(({ kind }) => kind !== 'start' && kind !== 'once');
        if (change !== undefined && entry !== undefined && !guard.locked(change.fn, change.point)) found.push({ fn, loop, stop, change, entry });
      }
    }
    return found;
  },
});

