import { printPath, type Function, type Location, type OperationOf } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { targetsOf } from './call-graph.js';
import { controlFlow, type Point } from './control-flow.js';
import { calleeText } from './gates.js';
import { provenance } from './provenance.js';
import { sharedState, type Touch } from './shared-state.js';
import { suspensions, type Suspension } from './suspensions.js';

/**
 * Which wake-ups can come before anybody listens for them? Either a request is sent and awaited before the entry that
 * its answer will look for is made, or a state is asked over a wait and only then its change is listened for.
 * Under-approximates: the answer's side must be seen taking entries out; a listener must settle a promise made for it.
 */
export interface LateRegistration {
  readonly fn: Function;
  readonly stop: Suspension;
  readonly before: { readonly at: Location; readonly text: string };
  readonly registered: { readonly at: Location; readonly fn: Function; readonly text: string };
  /** Who wakes: the function that takes the entry out; absent for events. */
  readonly taker?: Touch;
}

const sends = /^[#_]*(?:send|write|post|publish|emit|request|call|dispatch|transmit|push|enqueue|put|invoke|notify)/i;
const keepsWaiters = /pending|promise|callback|waiter|waiting|request|response|resolver|deferred|inflight|in_flight|outstanding|handler|call|ack|repl/i;

export const lateRegistrations = defineAnalysis<readonly LateRegistration[]>({
  name: 'late-registrations',
  run(program, resultOf) {
    const state = resultOf(sharedState);
    const stops = resultOf(suspensions);
    const origins = resultOf(provenance);
    const found: LateRegistration[] = [];
    for (const fn of program.functions.values()) {
      if (fn.test || fn.generated || stops.in(fn).length === 0) continue;
      const one = entryAfterSend(fn) ?? listenAfterAsk(fn);
      if (one !== undefined) found.push(one);
    }
    return found;

    function entryAfterSend(fn: Function): LateRegistration | undefined {
      const flow = controlFlow(fn);
      const touches = state.in(fn);
      for (const write of touches) {
        if (write.kind !== 'write' || !write.content || write.operation?.op !== 'write' || write.operation.verb !== 'set' || !keepsWaiters.test(printPath(write.path))) continue;
        if (touches.some((touch) => touch !== write && touch.kind === 'write' && touch.location === write.location && flow.reaches(touch.point, write.point))) continue;
        const taker = state.of(write.location).find((touch) => touch.kind === 'write' && touch.fn !== fn && touch.fn.closureOf !== fn.id && touch.operation?.op === 'write' && touch.operation.verb === 'delete');
        if (taker === undefined) continue;
        for (const stop of stops.in(fn)) {
          if (!flow.dominates(stop.point, write.point)) continue;
          const sent = callBefore(fn, stop);
          if (sent === undefined || !sends.test(calleeText(program, sent).split('.').pop()!)) continue;
          return { fn, stop, before: { at: sent.at, text: `sends (${calleeText(program, sent)})` }, registered: { at: write.at, fn, text: `makes the entry ${printPath(write.path)}` }, taker };
        }
      }
      return undefined;
    }

    function listenAfterAsk(fn: Function): LateRegistration | undefined {
      const flow = controlFlow(fn);
      for (const block of fn.blocks) {
        const { terminator } = block;
        if (terminator.kind !== 'branch' || terminator.throws === true || terminator.loop === true) continue;
        const point: Point = { block: block.id, index: block.operations.length };
        const asked = origins.callsIn(fn, terminator.condition, point);
        for (const call of asked) {
          const operation = fn.blocks[call.block]!.operations[call.index]!;
          const stop = stops.in(fn).find((one) => one.point.block === call.block && one.point.index > call.index && one.point.index - call.index <= 2);
          if (operation.op !== 'call' || stop === undefined || !/^[#_]*(?:is|has|was|check|get\w*(?:state|status)|status|state|\w*(?:finished|done|ready|completed|closed|exists))/i.test(calleeText(program, operation).split('.').pop()!)) continue;
          const registered = listens(fn, point);
          if (registered === undefined || flow.reaches(point, call)) continue;
          // Listening already, or asked again afterwards.
          if (fn.blocks.some((other) => other.operations.some((one, index) => one.op === 'spawn' && one.source !== undefined && flow.reaches({ block: other.id, index }, call)))) continue;
          return { fn, stop, before: { at: operation.at, text: `asks ${calleeText(program, operation)}` }, registered };
        }
      }
      return undefined;
    }

    /** A promise made after the test whose settling hangs on an event. */
    function listens(fn: Function, from: Point): LateRegistration['registered'] | undefined {
      const flow = controlFlow(fn);
      for (const block of fn.blocks) for (const [index, operation] of block.operations.entries()) {
        if (operation.op !== 'call' || !flow.reaches(from, { block: block.id, index })) continue;
        const { targets } = targetsOf(operation.callee);
        const executor = targets.length === 1 ? program.functions.get(targets[0]!) : undefined;
        if (executor?.closureOf !== fn.id) continue;
        for (const inner of executor.blocks) for (const one of inner.operations) {
          if (one.op !== 'spawn' || one.eager === true || one.event === undefined && one.source === undefined || one.timed === true || one.via === 'then') continue;
          // Asks again once it listens.
          if (executor.blocks.some((other) => other.terminator.kind === 'branch' && other.terminator.throws !== true && origins.callsIn(executor, other.terminator.condition, { block: other.id, index: other.operations.length }).length > 0)) return undefined;
          return { at: one.at, fn: executor, text: `listens${one.event === undefined ? '' : ` for ${JSON.stringify(one.event)}`} (${one.via})` };
        }
      }
      return undefined;
    }

    function callBefore(fn: Function, { point, operation }: Suspension): OperationOf<'call'> | OperationOf<'spawn'> | undefined {
      for (const call of operation.awaited === undefined ? [] : origins.callsIn(fn, operation.awaited, point)) {
        const found = fn.blocks[call.block]!.operations[call.index]!;
        if (found.op === 'call' || found.op === 'spawn') return found;
      }
      return undefined;
    }
  },
});
