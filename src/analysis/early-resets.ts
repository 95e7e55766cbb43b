import { printPath, type Function, type Location, type OperationOf } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { targetsOf } from './call-graph.js';
import { controlFlow, type Point } from './control-flow.js';
import { sharedState, type Touch } from './shared-state.js';
import { suspensions } from './suspensions.js';

/**
 * Which busy flags and entries are taken back on the way out although the work they stand for goes on? The function
 * sets them, calls work that waits, returns its promise without waiting, and the clean-up of the exit resets them;
 * somebody asks for them.
 * Under-approximates: callees that are not seen may be over when they return, and are left out.
 */
export interface EarlyReset { readonly fn: Function; readonly set: Touch; readonly call: OperationOf<'call'> | OperationOf<'spawn'>; readonly callee: Function; readonly reset: Touch; readonly asked: Touch; readonly returnAt: Location }

export const earlyResets = defineAnalysis<readonly EarlyReset[]>({
  name: 'early-resets',
  run(program, resultOf) {
    const state = resultOf(sharedState);
    const stops = resultOf(suspensions);
    const found: EarlyReset[] = [];
    for (const fn of program.functions.values()) {
      if (fn.test || fn.generated) continue;
      const resets = state.in(fn).filter(isReset);
      if (resets.length === 0) continue;
      const flow = controlFlow(fn);
      for (const { operation, point, callee } of pendingCalls(fn)) {
        const handle = operation.op === 'call' ? operation.results[0] : operation.result;
        for (const reset of resets) {
          const set = state.in(fn).find((touch) => touch.kind === 'write' && !isReset(touch) && touch.location === reset.location && touch.key === reset.key && flow.dominates(touch.point, point));
          const asked = set === undefined || !flow.reaches(point, reset.point) ? undefined : state.of(reset.location).find((touch) => touch.kind === 'test');
          const returned = fn.blocks.find(({ id, operations, terminator }) => terminator.kind === 'return' && flow.reaches(reset.point, { block: id, index: operations.length }) && terminator.values.some((value) => value.kind === 'path' && value.path.selectors.length === 0 && value.path.root.kind === 'variable' && (value.path.root.variable === handle || holds(fn, value.path.root.variable, handle))));
          if (set === undefined || asked === undefined || returned === undefined || waitsBetween(fn, point, reset.point)) continue;
          found.push({ fn, set, call: operation, callee, reset, asked, returnAt: returned.terminator.kind === 'return' ? returned.terminator.at : operation.at });
          break;
        }
      }
    }
    return found.filter((one, index) => found.findIndex((other) => other.call === one.call) === index);

    function pendingCalls(fn: Function): { operation: OperationOf<'call'> | OperationOf<'spawn'>; point: Point; callee: Function }[] {
      return fn.blocks.flatMap((block) => block.operations.flatMap((operation, index) => {
        if (!(operation.op === 'call' && operation.pending === true) && !(operation.op === 'spawn' && operation.eager === true && operation.repeated !== true)) return [];
        const { targets, certain } = targetsOf(operation.callee);
        const callee = certain ? program.functions.get(targets[0]!) : undefined;
        return callee === undefined || !stops.maySuspend(callee.id) ? [] : [{ operation, point: { block: block.id, index }, callee }];
      }));
    }

    function waitsBetween(fn: Function, from: Point, to: Point): boolean {
      return stops.between(fn, from, to) !== undefined;
    }
  },
});

/** Taken back by the clean-up of an exit: an entry deleted, a flag set to nothing. */
function isReset(touch: Touch): boolean {
  if (touch.kind !== 'write' || touch.operation?.op !== 'write' || touch.operation.deferred !== true) return false;
  const { verb, value } = touch.operation;
  return verb === 'delete' || (!touch.content && value.kind === 'constant' && (value.value === false || value.value === null));
}

function holds(fn: Function, variable: unknown, handle: unknown): boolean {
  return fn.blocks.some((block) => block.operations.some((operation) => operation.op === 'write' && operation.path.selectors.length === 0 && operation.path.root.kind === 'variable' && operation.path.root.variable === variable && operation.value.kind === 'path' && operation.value.path.selectors.length === 0 && operation.value.path.root.kind === 'variable' && operation.value.path.root.variable === handle));
}

/** What is taken back too early, as people read it. */
export function resetName({ reset }: EarlyReset): string {
  return printPath(reset.path);
}
