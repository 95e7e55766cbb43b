import type { Function, FunctionId, Location } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { operations } from './operations.js';
import { sharedState } from './shared-state.js';

/** Where are timers cancelled by a handle that lies in a shared location? Exact for the locations that have a name. */
export interface TimerCancels {
  /** By location, in the program's order. */
  readonly at: ReadonlyMap<string, readonly { readonly fn: Function; readonly at: Location }[]>;
  /** The locations by which a function cancels. */
  readonly by: ReadonlyMap<FunctionId, ReadonlySet<string>>;
}

export const timerCancels = defineAnalysis<TimerCancels>({
  name: 'timer-cancels',
  run(_program, resultOf) {
    const state = resultOf(sharedState);
    const at = new Map<string, { fn: Function; at: Location }[]>();
    const by = new Map<FunctionId, Set<string>>();
    for (const fn of resultOf(operations).functionsWith('cancel')) for (const block of fn.blocks) for (const operation of block.operations) {
      const location = operation.op === 'cancel' && operation.what !== 'listener' ? state.locate(fn, operation.context)?.location : undefined;
      if (location === undefined) continue;
      at.set(location, [...at.get(location) ?? [], { fn, at: operation.at }]);
      by.set(fn.id, (by.get(fn.id) ?? new Set()).add(location));
    }
    return { at, by };
  },
});
