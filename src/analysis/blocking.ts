import { classOf, pathKey, printPath, type AccessPath, type Function, type FunctionId, type Location, type SelectArm, type Value, type Variable } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { callGraph } from './call-graph.js';
import { conditionLocks } from './condition-locks.js';
import { controlFlow, samePoint, type Point } from './control-flow.js';
import type { FlowEvent, FlowEventOf } from './lock-flow.js';
import { linked, type CallChain, type HeldLock } from './lock-state.js';
import { operations } from './operations.js';
import { toCaller } from './substitution.js';
import { summaries } from './summaries.js';

/**
 * What may make a function wait for somebody else, itself or through calls, and which locks does it hold there?
 * The pairs (lock held on every way, blocking event) of Infer's starvation checker; events travel bottom-up through
 * calls with one possible target, by the shortest chain. Under-approximates: a choice of several channels or with a
 * default can go on, unless the others are timers of a second and more, a send that finds room does not wait, and what an unknown callee does is not known.
 */
export interface BlockingEvent {
  readonly what: 'send' | 'receive' | 'counter' | 'group' | 'condition' | 'timer' | 'task' | 'call';
  /** What is waited for, in this function's terms; absent for library calls. */
  readonly on?: AccessPath;
  /** As a person says it: `sends on s.queue`, `waits for the network`. */
  readonly text: string;
  readonly at: Location;
  /** Function in which the event stands. */
  readonly function: string;
  readonly chain: CallChain;
  /** Where it happens in this function: the event, or the call that leads to it. */
  readonly point: Point;
  /** What is held there on every way, for sure. */
  readonly held: readonly HeldLock[];
  readonly here: Location;
  /** Locks of the caller that some way here has given back: it does not wait under those. */
  readonly givenBack: readonly AccessPath[];
  /** The class of the lock a condition gives back while it waits. */
  readonly releases?: string;
}

export interface BlockedLock { readonly fn: Function; readonly held: HeldLock; readonly event: BlockingEvent }

export interface Blocking {
  readonly of: (id: FunctionId) => readonly BlockingEvent[];
  /** Each lock that is held on every way while something may block, in program order. */
  readonly underLock: readonly BlockedLock[];
}

/** A wait that a timer ends sooner, in nanoseconds, is bounded well enough. */
const leastTold = 1e9;

/** Distinct events a summary remembers: beyond it a function blocks anyway. */
export const maxBlockingEvents = 24;
/** Longer ways are left out: nobody follows them. */
export const maxBlockingChain = 6;

const none: readonly AccessPath[] = [];
const nothing: readonly BlockingEvent[] = [];

/** Of what a callee may wait for, a caller is told this much: one wait is as good as ten to say that the call blocks. */
const maxPerCall = 6;

export const blocking = defineAnalysis<Blocking>({
  name: 'blocking',
  run(program, resultOf) {
    const graph = resultOf(callGraph);
    const summary = resultOf(summaries);
    const conditions = resultOf(conditionLocks);
    const sending = resultOf(operations).functionsWith('send');
    const table = new Map<FunctionId, readonly BlockingEvent[]>();
    /** Of the function whose selects are looked at now. */
    let timed: { readonly fn: Function; readonly durations: ReadonlyMap<Variable, number | undefined> } | undefined;
    for (const component of graph.components) for (const id of component) table.set(id, summarise(program.functions.get(id)!));
    const underLock: BlockedLock[] = [];
    for (const fn of program.functions.values()) {
      for (const event of table.get(fn.id) ?? []) for (const held of event.held) {
        const given = event.givenBack.some((path) => pathKey(path) === held.key || (classOf(path) !== undefined && classOf(path) === classOf(held.lock)));
        if (!given && (event.releases === undefined || event.releases !== classOf(held.lock))) underLock.push({ fn, held, event });
      }
    }
    return { of: (id) => table.get(id) ?? [], underLock };

    function summarise(fn: Function): readonly BlockingEvent[] {
      const events = summary.of(fn.id)?.events ?? [];
      let found: Map<string, BlockingEvent> | undefined;
      /** Whether the event is new, or reached by a shorter chain: asked before it is put together. */
      const wanted = (key: string, steps: number): boolean => {
        const known = found?.get(key);
        return known === undefined ? found === undefined || found.size < maxBlockingEvents : known.chain.length > steps;
      };
      let releases: readonly FlowEventOf<'release'>[] | undefined;
      const before = (point: Point): readonly AccessPath[] => {
        releases ??= events.filter((event): event is FlowEventOf<'release'> => event.kind === 'release' && event.finds !== 'held');
        return releases.length === 0 ? none : releases.filter((event) => controlFlow(fn).reaches(event.point, point) || samePoint(event.point, point)).map((event) => event.operation.lock);
      };
      const note = (event: FlowEvent, own: NonNullable<ReturnType<typeof ownEvent>>): void => {
        const key = keyOf(own.what, own.on, own.text, event.point);
        if (wanted(key, 0)) (found ??= new Map()).set(key, { ...own, function: fn.name, chain: [], point: event.point, held: surelyHeld(event), here: own.at, givenBack: before(event.point) });
      };
      for (const event of events) {
        if (event.kind === 'access') continue;
        const own = ownEvent(fn, event);
        if (own !== undefined) note(event, own);
        if (event.kind !== 'call' || event.operation.op === 'spawn') continue;
        let given: readonly AccessPath[] | undefined;
        for (const site of summary.sitesAt(event.operation)) {
          const below = site.certain && site.kind !== 'spawn' ? table.get(site.targets[0]!) : undefined;
          if (below === undefined || below.length === 0) continue;
          // What a call's only target waits for, in the caller's terms; what the caller has no name for keeps its own.
          const callee = program.functions.get(site.targets[0]!)!;
          const args = site.kind === 'runs' ? [] : site.operation.args;
          let told = 0;
          for (const inner of below) {
            if (inner.chain.length >= maxBlockingChain) continue;
            if (++told > maxPerCall) break;
            const on = inner.on === undefined ? undefined : toCaller(inner.on, callee, args) ?? inner.on;
            const key = keyOf(inner.what, on, inner.text, event.point);
            if (!wanted(key, inner.chain.length + 1)) continue;
            given ??= [...before(event.point), ...event.given];
            const below = inner.givenBack.length === 0 ? inner.givenBack : inner.givenBack.flatMap((lock) => toCaller(lock, callee, args) ?? []);
            (found ??= new Map()).set(key, {
              what: inner.what, text: inner.text, at: inner.at, function: inner.function, point: event.point, held: surelyHeld(event), here: event.operation.at,
              chain: linked({ call: site.operation.at, caller: site.caller.name, callee: callee.name }, inner.chain),
              givenBack: given.length === 0 ? below : [...given, ...below],
              ...(on === undefined ? {} : { on }), ...(inner.releases === undefined ? {} : { releases: inner.releases }),
            });
          }
        }
      }
      return found === undefined ? nothing : [...found.values()];
    }

    function ownEvent(fn: Function, event: FlowEvent): Pick<BlockingEvent, 'what' | 'on' | 'text' | 'at' | 'releases'> | undefined {
      switch (event.kind) {
        case 'send': case 'receive':
          if (event.choice === 'arms' && 'to' in event.operation) return longWait(fn, event.operation, event.point);
          if (event.choice !== 'none' || (event.kind === 'send' && hasRoom(fn, event.channel))) return undefined;
          return { what: event.kind, on: event.channel, text: `${event.kind === 'send' ? 'sends on' : 'receives from'} ${printPath(event.channel)}`, at: event.operation.at };
        case 'wait': {
          const { what, on, at } = event.operation;
          const releases = what === 'condition' ? conditions.of(on)?.name : undefined;
          // All others are waited for in tests of simulated time only.
          if (what === 'others') return undefined;
          // A condition whose lock is not known may well give back the one that is held.
          if (what === 'condition' && releases === undefined) return undefined;
          return { what, on, text: `waits for ${printPath(on)}`, at, ...(releases === undefined ? {} : { releases }) };
        }
        case 'call':
          return event.operation.op === 'call' && event.operation.blocks !== undefined ? { what: 'call', text: `${event.operation.blocks}${event.operation.callee.kind === 'library' ? ` (${shortName(event.operation.callee.name)})` : ''}`, at: event.operation.at } : undefined;
        default: return undefined;
      }
    }

    /** A select of one arm beside timers: it waits until then. */
    function longWait(fn: Function, arm: SelectArm, { block }: Point): ReturnType<typeof ownEvent> {
      const { terminator } = fn.blocks[block]!;
      if (terminator.kind !== 'select' || terminator.fallback !== undefined || terminator.arms.length < 2) return undefined;
      if (timed?.fn !== fn) timed = { fn, durations: durationsIn(fn) };
      const { durations } = timed;
      const durationOf = ({ channel: { root } }: SelectArm): number | undefined => (root.kind === 'variable' ? durations.get(root.variable) : undefined);
      const times = terminator.arms.map((one) => (one === arm ? Infinity : durationOf(one)));
      if (times.includes(undefined) || durationOf(arm) !== undefined) return undefined;
      const bound = Math.min(...(times as number[]));
      return bound < leastTold ? undefined : { what: 'timer', text: `${arm.direction === 'send' ? 'sends on' : 'receives from'} ${printPath(arm.channel)}, or waits ${describeDuration(bound)} for it`, at: arm.at };
    }

    /** A channel made here with room for all that is ever sent on it: each send stands once, and no more on one way than fit. */
    function hasRoom(fn: Function, channel: AccessPath): boolean {
      if (channel.root.kind !== 'variable' || channel.selectors.length > 0) return false;
      const { variable } = channel.root;
      const owner = variable.owner === undefined ? undefined : program.functions.get(variable.owner);
      const capacity = owner === undefined ? undefined : capacityOf(owner, variable);
      if (owner === undefined || capacity === undefined) return false;
      let sends = 0;
      const places: Point[] = [];
      for (const one of sending) {
        if (one !== fn && one !== owner && one.closureOf === undefined) continue;
        for (const block of one.blocks) for (const operation of block.operations) {
          if (operation.op !== 'send' || operation.channel.root.kind !== 'variable' || operation.channel.root.variable !== variable) continue;
          sends += controlFlow(one).inLoop(block.id) ? Infinity : 1;
          places.push(...(one === owner ? [{ block: block.id, index: block.operations.indexOf(operation) }] : startsOf(owner, one)));
        }
      }
      // The branches of a choice send once between them.
      const flow = controlFlow(owner);
      return sends <= capacity || (sends < Infinity && capacity >= 1 && places.length === sends && places.every((a) => places.every((b) => a === b ? !flow.inLoop(a.block) : !flow.reaches(a, b))));
    }
  },
});

/** After how many nanoseconds a channel of a timer that is started here fires, when that is written there, by the variable that leads to it. */
function durationsIn(fn: Function): ReadonlyMap<Variable, number | undefined> {
  const durations = new Map<Variable, number | undefined>();
  for (const { operations } of fn.blocks) for (const operation of operations) {
    if (operation.op !== 'make' || operation.timed !== true || operation.result.root.kind !== 'variable' || durations.has(operation.result.root.variable)) continue;
    durations.set(operation.result.root.variable, operation.after?.kind === 'constant' && typeof operation.after.value === 'number' ? operation.after.value : undefined);
  }
  return durations;
}

function describeDuration(nanoseconds: number): string {
  const seconds = nanoseconds / 1e9;
  return seconds < 60 ? `${seconds} s` : seconds < 3600 ? `${seconds / 60} min` : `${seconds / 3600} h`;
}

/** Where a function starts or calls one of its literals. */
function startsOf(owner: Function, literal: Function): Point[] {
  return owner.blocks.flatMap((block) => block.operations.flatMap((operation, index) => ((operation.op === 'spawn' || operation.op === 'call') && operation.callee.kind === 'static' && operation.callee.target === literal.id ? [{ block: block.id, index }] : [])));
}

/** The constant capacity of the only channel this variable ever holds. */
function capacityOf(fn: Function, variable: Variable): number | undefined {
  const isIt = (path: AccessPath): boolean => path.root.kind === 'variable' && path.root.variable === variable && path.selectors.length === 0;
  const made = new Map<string, Value | undefined>();
  let held: Value | undefined;
  for (const block of fn.blocks) for (const operation of block.operations) {
    if (operation.op === 'make' && operation.what === 'channel') {
      made.set(pathKey(operation.result), operation.capacity);
      if (isIt(operation.result)) held = operation.capacity;
    } else if (operation.op === 'write' && isIt(operation.path)) held = operation.value.kind === 'path' ? made.get(pathKey(operation.value.path)) : undefined;
  }
  return variable.assignments <= 1 && held?.kind === 'constant' && typeof held.value === 'number' ? held.value : undefined;
}

function surelyHeld({ locks }: FlowEvent): readonly HeldLock[] {
  return locks.unsure.size === 0 || locks.must.length === 0 ? locks.must : locks.must.filter((held) => !locks.unsure.has(held.key));
}

function keyOf(what: BlockingEvent['what'], on: AccessPath | undefined, text: string, point: Point): string {
  return `${what} ${on === undefined ? text : pathKey(on)} ${point.block}:${point.index}`;
}

/** `Client.Do` of `net/http.Client.Do`. */
function shortName(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}
