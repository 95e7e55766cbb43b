import { printPath, type Function, type OperationOf, type Variable } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { targetsOf } from './call-graph.js';
import { calleeText } from './gates.js';
import { provenance } from './provenance.js';
import { sharedState, type Touch } from './shared-state.js';
import { suspensions } from './suspensions.js';

/**
 * Which promises are kept for later callers and never taken out when they fail?
 * A call that waits is stored in an entry that is asked for first and handed out; nothing in the program removes
 * entries or overwrites them in the way of a failure.
 * Under-approximates: any removal anywhere counts; single fields, whose failure may be meant to be final, are left out.
 */
export interface PoisonedCache { readonly fn: Function; readonly test: Touch; readonly write: Touch; readonly source: string; readonly call: OperationOf<'call'> | OperationOf<'spawn'> }

export const poisonedCaches = defineAnalysis<readonly PoisonedCache[]>({
  name: 'promise-caches',
  run(program, resultOf) {
    const state = resultOf(sharedState);
    const stops = resultOf(suspensions);
    const origins = resultOf(provenance);
    const found: PoisonedCache[] = [];
    for (const fn of program.functions.values()) {
      if (fn.test || fn.generated) continue;
      for (const write of state.in(fn)) {
        if (write.kind !== 'write' || !write.content || write.operation?.op !== 'write' || write.operation.verb !== 'set') continue;
        const test = state.in(fn).find((touch) => touch.kind === 'test' && touch.location === write.location && touch.key === write.key);
        if (test === undefined || state.of(write.location).some((touch) => touch.kind === 'write' && touch.operation?.op === 'write' && (touch.operation.verb === 'delete' || touch.operation.verb === 'clear'))) continue;
        const { value } = write.operation;
        for (const point of origins.callsIn(fn, value, write.point)) {
          const call = fn.blocks[point.block]!.operations[point.index]!;
          if (call.op !== 'call' && call.op !== 'spawn') continue;
          // Waited for before it is stored: then the value is stored, not the promise.
          if (stops.between(fn, point, write.point) !== undefined || !isPromise(fn, call) || handlesFailure(fn, call, write)) continue;
          found.push({ fn, test, write, source: calleeText(program, call), call });
          break;
        }
      }
    }
    return found;

    function isPromise(fn: Function, call: OperationOf<'call'> | OperationOf<'spawn'>): boolean {
      if (call.op === 'spawn') return call.eager === true && targetsOf(call.callee).targets.some((target) => stops.maySuspend(target));
      if (call.pending === true) return true;
      const [result] = call.results;
      return targetsOf(call.callee).targets.some((target) => stops.maySuspend(target)) || (/fetch|request|connect|dial|load|resolve|lookup|query/i.test(calleeText(program, call)) && fn.suspends !== true && result !== undefined && call.callee.kind === 'unknown' && isReturned(fn, result));
    }

    function isReturned(fn: Function, result: Variable): boolean {
      return fn.blocks.some((block) => block.terminator.kind === 'return' && block.terminator.values.some((value) => origins.callsIn(fn, value, { block: block.id, index: block.operations.length }).some((point) => { const call = fn.blocks[point.block]!.operations[point.index]!; return call.op === 'call' && call.results.includes(result); })));
    }

    /** Something hangs on the promise: a catch, or both arms of a then. */
    function handlesFailure(fn: Function, call: OperationOf<'call'> | OperationOf<'spawn'>, write: Touch): boolean {
      const handle = call.op === 'call' ? call.results[0] : call.result;
      return fn.blocks.some((block) => block.operations.some((operation) => operation.op === 'spawn' && operation !== call && operation.eager !== true && (operation.via === 'catch' || operation.via === 'finally' || operation.via === 'then') && (operation.source === undefined || printPath(operation.source) === printPath(write.path) || (operation.source.root.kind === 'variable' && operation.source.root.variable === handle) || operation.source.root.kind === 'variable')));
    }
  },
});
