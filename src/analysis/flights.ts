import type { Function, Location, Terminator, Value } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { targetsOf } from './call-graph.js';
import { controlFlow, type Point } from './control-flow.js';
import { crossings, lifeCycle } from './crossings.js';
import { entries } from './entries.js';
import { calleeText, gates, type Exposure } from './gates.js';
import { wayTo } from './outcomes.js';
import { provenance } from './provenance.js';
import { outcomeWith, sharedState, type Touch } from './shared-state.js';
import { suspensions, type Suspension } from './suspensions.js';

/**
 * Which steps of an object's life can run twice at once, and which tell a second caller that they are done when they
 * are not? A step is a function named so that waits, with an effect before or at the wait and a shared write after it.
 * Under-approximates: steps with other names, and effects on what is not the object's own, are left out.
 */
export interface OpenFlight {
  readonly fn: Function;
  readonly stop?: Suspension;
  /** What is under way during the wait. */
  readonly effect: string;
  readonly write: Touch;
  readonly exposure: Exposure;
  /** The promise is kept, but nobody asks for it at the door. */
  readonly kept: boolean;
  /** The function asks for something of the object before it waits: its author knows that it may be called in any state. */
  readonly guarded: boolean;
}

export interface FalseCompletion {
  readonly fn: Function;
  readonly test: Touch;
  readonly returnAt: Location;
  readonly claimAt: Location;
  readonly stop: Suspension;
  readonly doneAt: Location;
  readonly exposure: Exposure;
}

export interface Flights { readonly open: readonly OpenFlight[]; readonly falseCompletions: readonly FalseCompletion[] }

/** Calls that change nothing wherever they go. */
const harmless = /^(?:sleep|delay|wait\w*|timeout|setTimeout|next\w*|get\w*|has\w*|is\w*|log|debug|info|warn|error|trace|resolve|all|allSettled|race|any|then|ready|exists|stat|read\w*|json|text|parse\w*|stringify|find\w*|list\w*|load\w*|lookup\w*|fetch\w*|query\w*)$/i;

export const flights = defineAnalysis<Flights>({
  name: 'flights',
  run(program, resultOf) {
    const state = resultOf(sharedState);
    const stops = resultOf(suspensions);
    const guard = resultOf(gates);
    const ways = resultOf(entries);
    const origins = resultOf(provenance);
    const crossed = new Set(resultOf(crossings).map((one) => one.early.fn.id));
    const open: OpenFlight[] = [];
    const falseCompletions: FalseCompletion[] = [];
    for (const fn of program.functions.values()) {
      if (fn.test || fn.generated || fn.constructs === true || fn.role !== undefined) continue;
      if (!lifeCycle.test(stepName(fn))) continue;
      const completion = falseCompletionOf(fn);
      if (completion !== undefined) falseCompletions.push(completion);
      const flight = completion === undefined ? openFlightOf(fn) ?? keptFlightOf(fn) : undefined;
      if (flight !== undefined && !crossed.has(fn.id)) open.push(flight);
    }
    return { open, falseCompletions };

    function openFlightOf(fn: Function): OpenFlight | undefined {
      const flow = controlFlow(fn);
      for (const stop of stops.in(fn)) {
        if (!stop.full || stop.operation.reason !== 'await') continue;
        const effect = effectBefore(fn, stop);
        if (effect === undefined) continue;
        const write = state.in(fn).find((touch) => touch.kind === 'write' && !touch.content && touch.operation?.op === 'write' && touch.operation.updates !== true && flow.reaches(stop.point, touch.point) && isOwn(touch) && isAsked(touch, fn)
          && !state.in(fn).some((other) => other.kind === 'test' && (other.location === touch.location || isIdentity(other)) && flow.reaches(stop.point, other.point) && flow.dominates(other.point, touch.point)));
        if (write === undefined) continue;
        const exposure = guard.exposed(fn, stop.point, write.root);
        if (exposure !== undefined) return { fn, stop, effect, write, exposure, kept: false, guarded: state.in(fn).some((touch) => touch.kind === 'test' && touch.location === write.location && flow.reaches(touch.point, stop.point)) };
      }
      return undefined;
    }

    /** `this.closing = this.disconnect()` without a look at `this.closing` first. */
    function keptFlightOf(fn: Function): OpenFlight | undefined {
      const flow = controlFlow(fn);
      for (const write of state.in(fn)) {
        if (write.kind !== 'write' || write.content || write.operation?.op !== 'write' || !isOwn(write)) continue;
        const started = startedBy(fn, write);
        if (started === undefined || state.in(fn).some((touch) => touch.kind === 'test' && touch.location === write.location && flow.reaches(touch.point, write.point))) continue;
        // Somebody waits for it or asks for it elsewhere: it is meant to say that the step is under way.
        if (!state.of(write.location).some((touch) => touch.fn !== fn && touch.kind === 'test')) continue;
        const exposure = guard.exposed(fn, write.point, write.root);
        if (exposure !== undefined) return { fn, effect: started, write, exposure, kept: true, guarded: true };
      }
      return undefined;
    }

    function startedBy(fn: Function, write: Touch): string | undefined {
      if (write.operation?.op !== 'write' || write.operation.value.kind !== 'path' || write.operation.value.path.root.kind !== 'variable') return undefined;
      const { variable } = write.operation.value.path.root;
      let started: string | undefined;
      for (const block of fn.blocks) for (const operation of block.operations) {
        // What is stored is what the work has brought.
        if (operation.op === 'suspend' && operation.awaited?.kind === 'path' && operation.awaited.path.root.kind === 'variable' && operation.awaited.path.root.variable === variable) return undefined;
        if (operation.op === 'spawn' && operation.eager === true && operation.result === variable) started ??= calleeText(program, operation);
        if (operation.op === 'call' && operation.results.includes(variable) && (operation.pending === true || targetsOf(operation.callee).targets.some((target) => stops.maySuspend(target)))) started ??= calleeText(program, operation);
      }
      return started;
    }

    /** What is waited for, when it is a call that changes something. */
    function effectBefore(fn: Function, stop: Suspension): string | undefined {
      const { awaited } = stop.operation;
      const calls = awaited === undefined ? [] : origins.callsIn(fn, awaited, stop.point);
      for (const call of calls) {
        const operation = fn.blocks[call.block]!.operations[call.index]!;
        if (operation.op !== 'call' && operation.op !== 'spawn') continue;
        // Calls of what has a lock of its own come one after the other.
        const { targets } = targetsOf(operation.callee);
        const callee = targets.length === 1 ? program.functions.get(targets[0]!) : undefined;
        if (callee !== undefined && stops.in(callee).some((inner) => guard.locked(callee, inner.point))) continue;
        const text = calleeText(program, operation);
        const verb = text.split('.').pop()!.replace(/^[#_?]+|\(.*$/g, '');
        if (!harmless.test(verb) && verb !== '') return text;
      }
      // A combined wait: what was started in the same section counts.
      const flow = controlFlow(fn);
      for (const block of fn.blocks) for (const [index, operation] of block.operations.entries()) {
        const here = { block: block.id, index };
        if (operation.op !== 'call' || operation.callee.kind === 'static' || !flow.dominates(here, stop.point) || stops.between(fn, here, stop.point) !== undefined) continue;
        const [receiver] = operation.args;
        const text = calleeText(program, operation);
        if (receiver?.kind === 'path' && receiver.path.selectors.length > 0 && state.locate(fn, receiver.path) !== undefined && lifeCycle.test(text.split('.').pop()!.replace(/^[#_?]+/, ''))) return text;
      }
      return undefined;
    }

    function isOwn(touch: Touch): boolean {
      return touch.root.kind !== 'local' || touch.root.owner !== touch.fn.id;
    }

    /** Somebody else looks at it. */
    function isAsked(touch: Touch, fn: Function): boolean {
      return state.of(touch.location).some((other) => other.kind !== 'write' && other.fn !== fn && other.fn.closureOf !== fn.id);
    }

    function falseCompletionOf(fn: Function): FalseCompletion | undefined {
      if (fn.suspends !== true || ![...state.in(fn)].some((touch) => touch.kind === 'test')) return undefined;
      // Nobody waits for a callback; and who shares a promise with second callers tells them the truth.
      if (!ways.of(fn.id).some((entry) => entry.start === fn && entry.kind === 'outside') || sharesFlight(fn)) return undefined;
      const flow = controlFlow(fn);
      for (const test of state.in(fn)) {
        if (test.kind !== 'test' || test.content || !isOwn(test)) continue;
        if (stops.between(fn, { block: 0, index: -1 } as Point, test.point) !== undefined) continue;
        const writes = writesOf(fn, test.location);
        const claim = writes.find((write) => flow.dominates(test.point, write.point) && wayTo(fn, test, write.point) !== undefined && stops.between(fn, test.point, write.point) === undefined);
        // A loop that goes on while the flag is set: who finds it set finds it running, as it should.
        if (claim === undefined || state.in(fn).some((touch) => touch.kind === 'test' && touch.location === test.location && touch.branch?.loop === true)) continue;
        const way = wayTo(fn, test, claim.point)!;
        // What is claimed is another state than the one that is sent home: a second caller goes on as the first did.
        if (claim.value !== undefined && outcomeWith(test.branch!.condition, claim.value) === way) continue;
        const returnAt = emptyReturn(fn, way ? test.branch!.onFalse : test.branch!.onTrue);
        if (returnAt === undefined) continue;
        const done = writes.find((write) => stops.between(fn, claim.point, write.point) !== undefined && write.at !== claim.at) ?? doneElsewhere(fn, test.location, claim.at);
        const stop = done === undefined ? undefined : 'point' in done ? stops.between(fn, claim.point, (done as { readonly point: Point }).point) : stops.in(fn).find((one) => one.full && flow.reaches(claim.point, one.point));
        if (done === undefined || stop === undefined) continue;
        const exposure = exposedBefore(fn, test);
        if (exposure !== undefined) return { fn, test, returnAt, claimAt: claim.at, stop, doneAt: done.at, exposure };
      }
      return undefined;
    }

    /** A way out before the first wait that hands out something the object keeps. */
    function sharesFlight(fn: Function): boolean {
      return fn.blocks.some((block) => {
        const end = { block: block.id, index: block.operations.length };
        return block.terminator.kind === 'return' && stops.between(fn, { block: 0, index: -1 } as Point, end) === undefined && block.terminator.values.some((value) => value.kind === 'path' && origins.of(fn, value, end).some((origin) => state.locate(fn, origin.path) !== undefined));
      });
    }

    /** A status that moves on in a listener: this function only begins the step. */
    function doneElsewhere(fn: Function, location: string, claimAt: Location): { readonly at: Location } | undefined {
      const all = state.of(location).filter((touch) => touch.kind === 'write' && touch.operation?.op === 'write' && touch.operation.value.kind === 'constant' && typeof touch.operation.value.value === 'string');
      const claim = all.find((touch) => touch.at === claimAt && touch.fn === fn);
      return claim === undefined ? undefined : all.find((touch) => touch.fn !== fn && touch.operation?.op === 'write' && claim.operation?.op === 'write' && touch.operation.value.kind === 'constant' && claim.operation.value.kind === 'constant' && touch.operation.value.value !== claim.operation.value.value && touch.fn.closureOf !== undefined && /clos|open|connect|start|stop|end|ready|done/i.test(String(touch.operation.value.value)));
    }

    function exposedBefore(fn: Function, test: Touch): Exposure | undefined {
      return guard.exposed(fn, test.point, test.root);
    }

    function writesOf(fn: Function, location: string): { readonly point: Point; readonly at: Location; readonly value?: Value | undefined }[] {
      const own: { readonly point: Point; readonly at: Location; readonly value?: Value | undefined }[] = state.in(fn).filter((touch) => touch.kind === 'write' && touch.location === location).map(({ point, at, operation }) => ({ point, at, value: operation?.op === 'write' && operation.updates !== true ? operation.value : undefined }));
      for (const block of fn.blocks) block.operations.forEach((operation, index) => {
        if (operation.op === 'call' && state.through(operation).some((effect) => effect.kind === 'write' && effect.location === location)) own.push({ point: { block: block.id, index }, at: operation.at });
      });
      return own;
    }

    /** The way leaves at once and says nothing: no value, no wait. */
    function emptyReturn(fn: Function, start: Point['block']): Location | undefined {
      let id = start;
      for (let hops = 0; hops < 4; hops++) {
        const block = fn.blocks[id]!;
        // The wish is noted: somebody will see to it.
        if (block.operations.some((operation) => operation.op === 'write' && operation.path.root.kind === 'variable' && (operation.path.selectors.length > 0 || operation.path.root.variable.captured))) return undefined;
        if (block.operations.some((operation) => operation.op === 'suspend' || operation.op === 'spawn' || operation.op === 'wait')) return undefined;
        // It is called a mistake: nobody is told that the work is done.
        if (block.operations.some((operation) => operation.op === 'call' && /^error$/.test(calleeText(program, operation).split('.').pop() ?? ''))) return undefined;
        const terminator: Terminator = block.terminator;
        if (terminator.kind === 'goto') { id = terminator.to; continue; }
        if (terminator.kind === 'branch' && terminator.throws === true) { id = terminator.onFalse; continue; }
        if (terminator.kind !== 'return') return undefined;
        const says = terminator.values.some((value) => !(value.kind === 'constant' && value.value === null));
        return says ? undefined : terminator.at;
      }
      return undefined;
    }
  },
});

/** `mine === this.epoch`: the code asks whether it is still the one. */
function isIdentity({ branch }: Touch): boolean {
  const condition = branch?.condition;
  return condition?.kind === 'binary' && (condition.operator === '==' || condition.operator === '!=') && condition.left.kind === 'path' && condition.right.kind === 'path';
}

/** The name of the step a function is, or is a part of. */
export function stepName(fn: Function): string {
  return fn.name.replace(/(?:\.func\d+)+$/, '').split('.').pop() ?? '';
}
