import type { Function, FunctionId, Location, OperationOf } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { callGraph, targetsOf } from './call-graph.js';
import { controlFlow, type Point } from './control-flow.js';
import { entries } from './entries.js';
import { sharedState, type Touch } from './shared-state.js';
import { timerCancels } from './timer-cancels.js';
import { suspensions, type Suspension } from './suspensions.js';

/**
 * Which timers start themselves again after they were stopped? The timer's own work waits, or calls code of others,
 * then keeps the handle of the next timer, and asks nothing in between; somebody else cancels by that handle, which
 * stops nothing while the work is under way.
 * Under-approximates: any question after the wait counts as the right one, and handles in containers are left out.
 */
export interface RearmedTimer { readonly fn: Function; readonly spawn: OperationOf<'spawn'>; readonly write: Touch; readonly pause: { readonly at: Location; readonly text: string }; readonly cancel: { readonly fn: Function; readonly at: Location } }

export const rearmedTimers = defineAnalysis<readonly RearmedTimer[]>({
  name: 'rearmed-timers',
  run(program, resultOf) {
    const state = resultOf(sharedState);
    const stops = resultOf(suspensions);
    const ways = resultOf(entries);
    const graph = resultOf(callGraph);
    const cancels = resultOf(timerCancels).at;
    if (cancels.size === 0) return [];
    const found: RearmedTimer[] = [];
    for (const fn of program.functions.values()) {
      if (fn.test || fn.generated || fn.constructs === true) continue;
      for (const write of state.in(fn)) {
        if (write.kind !== 'write' || write.content || write.operation?.op !== 'write' || !cancels.has(write.location)) continue;
        const spawn = timerOf(fn, write.operation);
        const cancel = cancels.get(write.location)!.find((one) => one.fn !== fn && one.fn.closureOf !== fn.id && !starts(one.fn, write.location) && ways.of(one.fn.id).some(({ kind }) => kind !== 'start'));
        if (spawn === undefined || cancel === undefined) continue;
        const pause = pauseBefore(fn, write.point);
        if (pause === undefined || !startsItself(fn, spawn) || cancelsHere(fn, write)) continue;
        found.push({ fn, spawn, write, pause, cancel });
      }
    }
    return found;

    /** Who clears the handle to start anew is no end. */
    function starts(fn: Function, location: string): boolean {
      return state.in(fn).some((touch) => touch.kind === 'write' && touch.location === location && touch.operation?.op === 'write' && timerOf(fn, touch.operation) !== undefined);
    }

    /** The wait, or the start of a continuation, after which nothing is asked any more. */
    function pauseBefore(fn: Function, to: Point): RearmedTimer['pause'] | undefined {
      const flow = controlFlow(fn);
      const asked = fn.blocks.filter(({ terminator }) => terminator.kind === 'branch' && terminator.throws !== true && terminator.loop !== true).map(({ id, operations }): Point => ({ block: id, index: operations.length })).filter((point) => flow.reaches(point, to));
      const stop: Suspension | undefined = stops.in(fn).findLast(({ full, point }) => full && flow.dominates(point, to));
      if (stop !== undefined) return asked.some((point) => flow.reaches(stop.point, point)) ? undefined : { at: stop.operation.at, text: 'waits' };
      const chained = (graph.callers.get(fn.id) ?? []).find(({ operation }) => operation.op === 'spawn' && (operation.via === 'then' || operation.via === 'finally'));
      return chained === undefined || asked.length > 0 || stops.in(fn).length > 0 ? undefined : { at: chained.operation.at, text: `goes on in ${chained.operation.op === 'spawn' ? chained.operation.via : ''}` };
    }

    function startsItself(fn: Function, spawn: OperationOf<'spawn'>): boolean {
      const seen = new Set<FunctionId>();
      const work = [...targetsOf(spawn.callee).targets];
      for (let id = work.pop(); id !== undefined; id = work.pop()) {
        if (id === fn.id) return true;
        if (seen.has(id)) continue;
        seen.add(id);
        for (const site of graph.sites.get(id) ?? []) if (site.targets.length <= 3) work.push(...site.targets);
      }
      return false;
    }

    /** A call between that looks at the object first: what it asks is not seen here. */
    function cancelsHere(fn: Function, write: Touch): boolean {
      return fn.blocks.some((block) => block.operations.some((operation) => operation.op === 'cancel' && state.locate(fn, operation.context)?.location === write.location));
    }
  },
});

/** The one-shot timer whose handle is written. */
function timerOf(fn: Function, write: OperationOf<'write'>): OperationOf<'spawn'> | undefined {
  if (write.value.kind !== 'path' || write.value.path.root.kind !== 'variable') return undefined;
  const { variable } = write.value.path.root;
  for (const block of fn.blocks) for (const operation of block.operations) if (operation.op === 'spawn' && operation.timed === true && operation.repeated !== true && operation.result === variable) return operation;
  return undefined;
}
