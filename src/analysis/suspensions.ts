import { type Function, type FunctionId, type OperationOf } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { callGraph, targetsOf } from './call-graph.js';
import { controlFlow, type Point } from './control-flow.js';

/**
 * Where can others run in the middle of a cooperative function, and between which of its points?
 * A set of points per function; a wait for a function of the program counts when that one may really wait.
 * Over-approximates unknown callees that are awaited (they wait); unknown callees that are not awaited do not.
 * Idea: atomicity by yields (Yi, Sadowski, Flanagan 2011): code between two yields is one step.
 */
export interface Suspension { readonly point: Point; readonly operation: OperationOf<'suspend'>; /** Others surely get a turn of the event loop, not only what is already settled. */ readonly full: boolean }

export interface Suspensions {
  readonly in: (fn: Function) => readonly Suspension[];
  /** Whether a call of the function may end before its work does. */
  readonly maySuspend: (id: FunctionId) => boolean;
  /** A suspension on some way from `from` to `to` that passes none of the barriers. */
  readonly between: (fn: Function, from: Point, to: Point, barriers?: readonly Point[]) => Suspension | undefined;
}

export const suspensions = defineAnalysis<Suspensions>({
  name: 'suspensions',
  run(program, resultOf) {
    const graph = resultOf(callGraph);
    const own = new Map<FunctionId, Suspension[]>();
    const waiting = new Set<FunctionId>();
    for (const component of graph.components) {
      for (let round = 0; round < (component.length > 1 ? 2 : 1); round++) for (const id of component) {
        const fn = program.functions.get(id)!;
        const found: Suspension[] = [];
        for (const block of fn.blocks) block.operations.forEach((operation, index) => {
          if (operation.op !== 'suspend') return;
          found.push({ point: { block: block.id, index }, operation, full: operation.weight === 'full' || weakWaits(fn, block.id, index) });
        });
        own.set(id, found);
        if (found.some((one) => one.full) || returnsPending(fn)) waiting.add(id);
      }
    }
    const between: Suspensions['between'] = (fn, from, to, barriers = []) => {
      const flow = controlFlow(fn);
      return (own.get(fn.id) ?? []).find(({ point }) => flow.reachesAvoiding(from, point, barriers) && flow.reachesAvoiding(point, to, barriers));
    };
    return { in: (fn) => own.get(fn.id) ?? [], maySuspend: (id) => waiting.has(id), between };

    /** What is awaited was started just before: by the call, or the task, whose end the suspension waits for. */
    function weakWaits(fn: Function, block: number, index: number): boolean {
      const { operations } = fn.blocks[block]!;
      for (let at = index - 1; at >= 0; at--) {
        const before = operations[at]!;
        if (before.op === 'wait' || (before.op === 'call' && before.pending === true)) return true;
        if (before.op === 'call' || before.op === 'spawn') return targetsOf(before.callee).targets.some((target) => waiting.has(target)) || targetsOf(before.callee).targets.length === 0;
        if (before.op === 'suspend') return false;
      }
      return false;
    }

    function returnsPending(fn: Function): boolean {
      return fn.blocks.some((block) => block.operations.some((operation) => operation.op === 'call' && operation.pending === true && (targetsOf(operation.callee).targets.length === 0 || targetsOf(operation.callee).targets.some((target) => waiting.has(target)))));
    }
  },
});

/** The first suspension a person would name as the one that separates the two points. */
export function describeSuspension({ operation }: Suspension): string {
  const { reason } = operation;
  if (reason === 'lock') return 'waits for a lock';
  if (reason === 'yield') return 'yields';
  return 'stops at the await';
}
