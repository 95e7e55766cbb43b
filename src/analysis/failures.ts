import type { BlockId, Function, FunctionId } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { targetsOf } from './call-graph.js';
import type { Point } from './control-flow.js';
import { calleeText } from './gates.js';
import { provenance } from './provenance.js';

/**
 * Can what a function waits for or calls fail? A callee of the program when a throw or a wait that may fail leaves it; code
 * that is not seen when it is a call, unless its name says that it only lets time pass.
 * Under-approximates: promises that are not the outcome of a call here are taken not to fail.
 */
export interface Failures {
  /** Whether the operation at the point, from which a way of failure goes off, may really fail. */
  readonly may: (fn: Function, point: Point) => boolean;
}

const maxDepth = 4;

/** Callees that only let time pass. */
const passes = /^(?:sleep|delay|wait\w*|pause|timeout|setTimeout|setImmediate|nextTick|tick|resolve|all|allSettled|race|any)$/i;

export const failures = defineAnalysis<Failures>({
  name: 'failures',
  run(program, resultOf) {
    const origins = resultOf(provenance);
    const known = new Map<FunctionId, boolean>();
    return { may };

    function may(fn: Function, point: Point, depth = maxDepth): boolean {
      const operation = fn.blocks[point.block]!.operations[point.index]!;
      if (operation.op === 'call' || operation.op === 'spawn') return callMay(fn, point, depth);
      if (operation.op !== 'suspend' || operation.awaited === undefined) return false;
      return origins.callsIn(fn, operation.awaited, point).some((call) => callMay(fn, call, depth));
    }

    function callMay(fn: Function, point: Point, depth: number): boolean {
      const operation = fn.blocks[point.block]!.operations[point.index]!;
      if (operation.op !== 'call' && operation.op !== 'spawn') return false;
      const { targets } = targetsOf(operation.callee);
      if (targets.length > 0) return targets.some((target) => leavesByFailure(target, depth - 1));
      return !passes.test((calleeText(program, operation).split('.').pop() ?? '').replace(/^[#_?]+/, ''));
    }

    function leavesByFailure(id: FunctionId, depth: number): boolean {
      const done = known.get(id);
      if (done !== undefined) return done;
      if (depth <= 0) return false;
      known.set(id, false);
      const fn = program.functions.get(id)!;
      const found = fn.blocks.some(({ id: block, terminator }) => {
        if (terminator.kind !== 'throw') return false;
        const before = failingBefore(fn, block);
        return before.length === 0 || before.some((point) => may(fn, point, depth));
      });
      known.set(id, found);
      return found;
    }
  },
});

/** The operations whose failure alone leads to the block; none when a throw of the function's own does. */
export function failingBefore(fn: Function, block: BlockId): readonly Point[] {
  const found: Point[] = [];
  for (const { id, operations, terminator } of fn.blocks) {
    if (terminator.kind === 'branch' && terminator.throws === true && terminator.onTrue === block) {
      // What goes wrong is the last wait or call before the branch; a lock that is not given is not held.
      for (let index = operations.length - 1; index >= 0; index--) if (operations[index]!.op === 'suspend' || operations[index]!.op === 'call' || operations[index]!.op === 'acquire') { found.push({ block: id, index }); break; }
    } else if (terminator.kind === 'goto' ? terminator.to === block : terminator.kind === 'branch' && (terminator.onTrue === block || terminator.onFalse === block)) return [];
  }
  return found;
}
