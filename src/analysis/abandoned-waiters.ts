import { pathKey, type Function, type FunctionId, type Location, type OperationOf } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { callGraph, targetsOf } from './call-graph.js';
import { sharedState, type Touch } from './shared-state.js';

/**
 * Which waiters give up and stay in the queue, so that the next turn goes to nobody? The executor of a promise puts the
 * function that settles it into a shared list, and a timer settles the promise without taking it out; elsewhere the
 * first of the list is taken out and called, and nothing is asked about it.
 * Under-approximates: waiters kept as objects, which may say that they have given up, are left out.
 */
export interface AbandonedWaiter { readonly fn: Function; readonly queued: Touch; readonly timer: OperationOf<'spawn'>; readonly givesUp: { readonly at: Location; readonly fn: Function }; readonly turn: { readonly at: Location; readonly fn: Function } }

export const abandonedWaiters = defineAnalysis<readonly AbandonedWaiter[]>({
  name: 'abandoned-waiters',
  run(program, resultOf) {
    const state = resultOf(sharedState);
    const graph = resultOf(callGraph);
    const found: AbandonedWaiter[] = [];
    for (const fn of program.functions.values()) {
      if (fn.test || fn.generated || fn.closureOf === undefined || !isExecutor(fn)) continue;
      const settlers = new Set(fn.params);
      for (const queued of state.in(fn)) {
        if (queued.kind !== 'write' || queued.operation?.op !== 'write' || queued.operation.verb !== 'push') continue;
        const { value } = queued.operation;
        if (value.kind !== 'path' || value.path.selectors.length > 0 || value.path.root.kind !== 'variable' || !settlers.has(value.path.root.variable)) continue;
        const timer = timerIn(fn);
        const givesUp = timer === undefined ? undefined : settlesWithout(timer, settlers, queued.location);
        const turn = givesUp === undefined ? undefined : turnOf(queued.location);
        if (timer !== undefined && givesUp !== undefined && turn !== undefined) found.push({ fn, queued, timer, givesUp, turn });
      }
    }
    return found;

    function isExecutor(fn: Function): boolean {
      return (graph.callers.get(fn.id) ?? []).some(({ caller, at }) => { const before = caller.blocks[at.block]!.operations[at.index - 1]; return before?.op === 'make' && before.what === 'promise'; });
    }

    function timerIn(fn: Function): OperationOf<'spawn'> | undefined {
      return fn.blocks.flatMap(({ operations }) => operations).find((operation): operation is OperationOf<'spawn'> => operation.op === 'spawn' && operation.timed === true && operation.repeated !== true);
    }

    function settlesWithout(timer: OperationOf<'spawn'>, settlers: ReadonlySet<unknown>, location: string): AbandonedWaiter['givesUp'] | undefined {
      const { targets, certain } = targetsOf(timer.callee);
      const work = certain ? program.functions.get(targets[0]!) : undefined;
      if (work === undefined || [work.id, ...(graph.sites.get(work.id) ?? []).flatMap((site): readonly FunctionId[] => site.targets)].some((id) => state.in(program.functions.get(id)!).some((touch) => touch.kind === 'write' && touch.location.startsWith(location.replace(/\[\]$/, ''))))) return undefined;
      const signal = work.blocks.flatMap(({ operations }) => operations).find((operation) => operation.op === 'signal' && operation.what === 'promise' && operation.on.root.kind === 'variable' && settlers.has(operation.on.root.variable));
      return signal === undefined ? undefined : { at: signal.at, fn: work };
    }

    /** Where the first one is taken out and called: unless it is asked about, it may be one that has given up. */
    function turnOf(location: string): AbandonedWaiter['turn'] | undefined {
      for (const touch of state.of(location)) {
        if (touch.kind !== 'write' || touch.operation?.op !== 'write' || (touch.operation.verb !== 'shift' && touch.operation.verb !== 'pop')) continue;
        const { fn, point } = touch;
        const taken = fn.blocks[point.block]!.operations[point.index + 1];
        if (taken?.op !== 'write' || taken.path.selectors.length > 0) continue;
        for (const block of fn.blocks) for (const operation of block.operations) {
          if (operation.op === 'call' && operation.callee.kind === 'unknown' && operation.callee.value?.kind === 'path' && pathKey(operation.callee.value.path) === pathKey(taken.path)) return { at: operation.at, fn };
        }
      }
      return undefined;
    }
  },
});
