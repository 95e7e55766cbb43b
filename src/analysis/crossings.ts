import type { Function, Operation } from '../ir/index.js';
import { pathsOf, valuesOf } from '../ir/verify.js';
import { defineAnalysis } from './analysis.js';
import type { Point } from './control-flow.js';
import { calleeText } from './gates.js';
import { interleavings, type Interleaving } from './interleavings.js';
import { provenance } from './provenance.js';
import { sharedState } from './shared-state.js';

/**
 * What does a broken test-and-write mean: work begun twice, a claim that comes too late, a value fetched twice, a
 * life-cycle step without a single flight, or a lost update? One meaning each, the most specific first.
 * Syntactic: the verb of the function, of the callee, and the kind of value decide; each verb list is English, not a library.
 */
export type Crossing = Interleaving & {
  readonly meaning: 'check-then-act' | 'late-claim' | 'duplicate-fetch' | 'life-cycle' | 'lost-update';
  /** What would be done twice is the end of something that is not seen; most take a second one. */
  readonly forgiven: boolean;
};

/** Steps of an object's life that are meant to happen once at a time, by their verb. */
const steps: ReadonlySet<string> = new Set(['connect', 'disconnect', 'close', 'open', 'init', 'initialize', 'initialise', 'start', 'stop', 'destroy', 'shutdown', 'dispose', 'teardown', 'terminate', 'login', 'logout', 'authenticate', 'negotiate', 'resume', 'setup', 'bootstrap', 'handshake', 'hangup', 'restore', 'attach', 'detach', 'reconnect', 'restart', 'reopen', 'reset', 'reinit']);
const before: ReadonlySet<string> = new Set(['do', 'try', 'force', 'internal', 'ensure', 'perform', 'handle', 'on', 'async', 'safe', 'graceful', 'gracefully']);

/** Whether a name begins with such a verb: `close`, `_doConnect`, `handleDisconnect`, but not `connection` or `opener`. */
export const lifeCycle = {
  test(name: string): boolean {
    const words = name.replace(/^[#_$]+/, '').split(/(?=[A-Z])|_/).map((word) => word.toLowerCase()).filter((word) => word !== '');
    let first = 0;
    while (first < words.length - 1 && before.has(words[first]!)) first++;
    return steps.has(words[first] ?? '') || steps.has(`${words[first] ?? ''}${words[first + 1] ?? ''}`);
  },
};

/** Callees that only look something up: doing it twice costs a round trip. */
const reads = /^[#_]*(?:get|fetch|load|read|list|stat|import|query|find|lookup|resolve|search|refresh|renew|request|acquire|obtain|retrieve|download|discover)/i;

/** The same behind the name of what is asked (`ezspGetEui64`). */
const readsToo = /^[#_]*[a-z]+(?:Get|Fetch|Read|Query|Find|Lookup|Retrieve)(?=[A-Z\d]|$)/;

/** Callees that give another form of what is there: doing it twice costs nothing. */
const converts = /^to[A-Z]\w*$/;

/** The same, where the answer is turned into something else before it is kept. */
const looks = /^(?:get\w*|values|entries|keys|list\w*|find\w*|lookup\w*|query\w*|read\w*|load\w*|import)$/i;

function lastWord(text: string): string {
  // `pick(client, 'load')(x)`: what was called is what the first call is named.
  const callee = text.endsWith(')') || text.split('(').length > text.split(')').length ? text.replace(/\(.*$/s, '') : text;
  return (callee.split('.').pop() ?? '').replace(/^[#_?]+/, '').replace(/\(.*$/s, '').trim();
}

/** Callees that only wait. */
const waits = /^(?:wait\w*|sleep|delay|race|all|allSettled|any|raceSignal|raceEvent|pEvent|once|timeout|ready|when\w*)$/i;

export const crossings = defineAnalysis<readonly Crossing[]>({
  name: 'crossings',
  run(program, resultOf) {
    // Where any two operations may interleave, the lock analyses ask this question.
    if (program.scheduling !== 'cooperative') return [];
    const state = resultOf(sharedState);
    const origins = resultOf(provenance);
    return resultOf(interleavings).map((one): Crossing => {
      const name = one.early.fn.name.replace(/\.func\d+$/, '').split('.').pop() ?? '';
      const forgiven = endsOnly(one);
      if (one.kind === 'update') return { ...one, forgiven, meaning: 'lost-update' };
      if (one.value === 'result' && onlyReads(one)) return { ...one, forgiven, meaning: 'duplicate-fetch' };
      if (lifeCycle.test(name)) return { ...one, forgiven, meaning: 'life-cycle' };
      return { ...one, forgiven, meaning: one.value === 'result' ? 'check-then-act' : 'late-claim' };
    }).filter((one) => one.meaning === 'lost-update' || matters(one));

    /** The wait is for an answer that is the same for everybody who asks. */
    function onlyReads(one: Interleaving): boolean {
      if (one.source !== undefined && (reads.test(lastWord(one.source)) || readsToo.test(lastWord(one.source)))) return true;
      const calls = waitedFor(one);
      return calls.length > 0 && calls.every((operation) => operation.op === 'call' && (looks.test(lastWord(calleeText(program, operation))) || isQuestion(operation)));
    }

    /** A function of a library that is given nothing: all it can do is answer. */
    function isQuestion(operation: Operation): boolean {
      return operation.op === 'call' && operation.callee.kind === 'library' && operation.args.length === 0 && operation.results.length > 0;
    }

    function waitedFor({ early, stop, left }: Interleaving): readonly Operation[] {
      if (left !== undefined) return left.begun.map((call) => early.fn.blocks[call.block]!.operations[call.index]!);
      const awaited = stop?.operation.awaited;
      return awaited === undefined ? [] : origins.callsIn(early.fn, awaited, stop!.point).map((call) => early.fn.blocks[call.block]!.operations[call.index]!);
    }

    function endsOnly(one: Interleaving): boolean {
      const calls = waitedFor(one);
      return calls.length > 0 && calls.every((operation) => operation.op === 'call' && operation.callee.kind !== 'static' && /^(?:end|destroy)$/.test(lastWord(calleeText(program, operation))));
    }

    function hasEffect({ early, late, stop, left }: Crossing): boolean {
      const does = (call: Point): boolean => { const operation = early.fn.blocks[call.block]!.operations[call.index]!; return (operation.op === 'call' || operation.op === 'spawn') && !(isQuestion(operation) && answers(early.fn, operation)) && !waits.test(calleeText(program, operation).split('.').pop() ?? ''); };
      if (left !== undefined) return left.begun.length === 0 || left.begun.some(does);
      const { awaited } = stop!.operation;
      if (awaited === undefined) return true;
      const calls = origins.callsIn(early.fn, awaited, stop!.point);
      const isKept = awaited.kind === 'path' && state.locate(early.fn, awaited.path) !== undefined;
      // Whoever waits for the end of what all know, and then forgets it, may come twice.
      if (isKept && late.operation?.op === 'write' && late.operation.value.kind === 'constant' && late.operation.value.value === null) return false;
      return calls.length === 0 ? early.fn.blocks.some((block) => block.operations.some((operation) => operation.op === 'call' && operation.callee.kind !== 'library')) && awaited.kind !== 'path' || isKept
        : calls.some(does);
    }

    /** A cache of what never changes, or a mark that nobody asks for at an entry, harms nobody. */
    function matters(one: Crossing): boolean {
      if (one.value === 'result' && one.source !== undefined && converts.test(lastWord(one.source))) return false;
      // Waiting twice for the same thing does nothing twice.
      if (one.meaning === 'late-claim' && !hasEffect(one)) return false;
      return one.value !== 'other' || state.of(one.late.location).some((touch) => touch.kind === 'test');
    }
  },
});

/** The result of the call goes somewhere, apart from being waited for. */
function answers(fn: Function, call: Operation): boolean {
  return call.op === 'call' && fn.blocks.some((block) => block.operations.some((operation) => operation !== call && operation.op !== 'suspend'
    && [...pathsOf(operation), ...valuesOf(operation).flatMap((value) => (value.kind === 'path' ? [value.path] : []))].some(({ root }) => root.kind === 'variable' && call.results.includes(root.variable))));
}
