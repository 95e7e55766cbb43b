import type { Function, FunctionId, Location, Operation, OperationOf, Program, Value, Variable } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { callGraph, type CallSite } from './call-graph.js';
import { controlFlow, samePoint, successors, type Point } from './control-flow.js';
import { entries, type Entry } from './entries.js';
import { entryLocks } from './entry-locks.js';
import type { HeldLock } from './lock-state.js';
import { outcomeWith, sharedState, type Effect, type Touch } from './shared-state.js';
import { summaries } from './summaries.js';
import { suspensions } from './suspensions.js';
import { wayTo } from './outcomes.js';

/**
 * What keeps a second activation out while the first one waits: a lock, or a gate of the program's own making, that
 * is a location tested and then claimed before anybody else can run (busy flag, in-flight promise, wait loop).
 * Judged per way in: a function is exposed when some entry reaches it without passing a gate or a lock.
 * Over-approximates protection: any claim after a test counts, whatever it is called; silence is the error it makes.
 */
export interface Gate { readonly test: Touch; readonly claim: { readonly at: Location; readonly point: Point }; readonly location: string }

export interface Gates {
  /** Gates that are shut while control is at the point. */
  readonly at: (fn: Function, point: Point) => Gate | undefined;
  readonly locked: (fn: Function, point: Point) => boolean;
  /** A way by which a second activation gets to this point while another is there; undefined when all ways are kept out. */
  readonly exposed: (fn: Function, point: Point, root?: Variable) => Exposure | undefined;
}

export interface Exposure { readonly entry: Entry; /** Functions from the entry to this one, both included. */ readonly way: readonly Function[] }

export const gates = defineAnalysis<Gates>({
  name: 'gates',
  run(program, resultOf) {
    const graph = resultOf(callGraph);
    const ways = resultOf(entries);
    const state = resultOf(sharedState);
    const stops = resultOf(suspensions);
    const summary = resultOf(summaries);
    const inherited = resultOf(entryLocks);
    const known = new Map<FunctionId, readonly Gate[]>();
    const gatesOf = (fn: Function): readonly Gate[] => {
      let own = known.get(fn.id);
      if (own === undefined) known.set(fn.id, own = gatesIn(fn));
      return own;
    };
    return { at, locked, exposed: (fn, point, root) => exposed(fn, point, root, new Set()) };

    function gatesIn(fn: Function): readonly Gate[] {
      const flow = controlFlow(fn);
      const touches = state.in(fn);
      const tests = touches.filter((touch) => touch.kind === 'test');
      if (tests.length === 0) return [];
      const writes: { location: string; key?: string; content: boolean; point: Point; at: Location; value?: Touch }[] = touches.filter((touch) => touch.kind === 'write').map((touch) => ({ ...touch, value: touch }));
      for (const block of fn.blocks) block.operations.forEach((operation, index) => {
        if (!startsNow(operation)) return;
        for (const effect of state.through(operation)) if (effect.kind === 'write' && !effect.waits) writes.push({ location: effect.location, content: effect.touch.content, point: { block: block.id, index }, at: operation.at, value: effect.touch });
      });
      return tests.flatMap((test) => writes.flatMap((write): Gate[] => {
        if (write.location !== test.location || (test.content && write.value?.fn === fn && write.key !== test.key)) return [];
        if (!flow.dominates(test.point, write.point) || stops.between(fn, test.since ?? test.point, write.point) !== undefined) return [];
        const way = wayTo(fn, test, write.point);
        if (way === undefined) return [];
        const value = write.value?.operation?.op === 'write' ? write.value.operation : undefined;
        // A claim that leaves the test as it was keeps nobody out.
        const outcome = value === undefined || test.indirect === true ? undefined : value.verb === 'delete' || value.verb === 'clear' ? outcomeWith(test.branch!.condition, { kind: 'constant', value: null }) : value.updates === true ? undefined : outcomeWith(test.branch!.condition, value.value);
        return outcome === way ? [] : [{ test, claim: { at: write.at, point: write.point }, location: test.location }];
      }));
    }

    function at(fn: Function, point: Point): Gate | undefined {
      const flow = controlFlow(fn);
      const single = gatesOf(fn).find((gate) => {
        const { claim } = gate;
        const inside = flow.dominates(claim.point, point) || samePoint(claim.point, point);
        // The work may be started in the same section just before the claim is written.
        const before = !inside && flow.dominates(gate.test.point, point) && flow.reaches(point, claim.point) && stops.between(fn, point, claim.point) === undefined && (flow.dominates(point, claim.point));
        if (before) return true;
        if (!inside) return false;
        const resets = state.in(fn).filter((touch) => touch.kind === 'write' && touch.location === gate.location && touch.operation?.op === 'write' && !samePoint(touch.point, claim.point)
          && (touch.operation.verb === 'delete' || (touch.operation.value.kind === 'constant' && !touch.operation.value.value)));
        return resets.length === 0 || flow.reachesAvoiding(claim.point, point, resets.map((touch) => touch.point)) || samePoint(claim.point, point);
      });
      return single ?? toggleAt(fn, point) ?? stateGateAt(fn, point);
    }

    /** `this.shown = !this.shown; if (this.shown) ...`: who comes next goes the other way. */
    function toggleAt(fn: Function, point: Point): Gate | undefined {
      const touches = state.in(fn);
      for (const write of touches) {
        if (write.operation?.op !== 'write' || write.operation.value.kind !== 'not' || write.operation.value.operand.kind !== 'path' || state.locate(fn, write.operation.value.operand.path)?.location !== write.location) continue;
        const flow = controlFlow(fn);
        const test = touches.find((touch) => touch.kind === 'test' && touch.location === write.location && flow.dominates(write.point, touch.point) && flow.dominates(touch.point, point)
          && stops.between(fn, write.point, touch.point) === undefined && wayTo(fn, touch, point) !== undefined);
        if (test !== undefined) return { test, claim: { at: write.at, point: write.point }, location: write.location };
      }
      return undefined;
    }

    /**
     * A state that several tests ask for: each way to the point passes one of them, the state is moved on before anybody
     * else can run, and in the new state the tests lead elsewhere.
     */
    function stateGateAt(fn: Function, point: Point): Gate | undefined {
      const tests = state.in(fn).filter((touch) => touch.kind === 'test' && !touch.content && touch.indirect !== true);
      if (tests.length < 2) return undefined;
      const flow = controlFlow(fn);
      const start = { block: 0, index: -1 } as Point;
      return tests.flatMap((test): Gate[] => {
        const alike = tests.filter((other) => other.location === test.location);
        if (alike[0] !== test || alike.length < 2) return [];
        const asked = alike.map((other) => other.since ?? other.point);
        if (flow.reachesAvoiding(start, point, asked)) return [];
        const claims = claimsOf(fn, test.location);
        // At a wait the section is over: what is claimed behind it is claimed too late.
        const waits = stops.in(fn).some((stop) => samePoint(stop.point, point));
        const shut = claims.find((claim) => claim.value !== undefined && !reachesIn(fn, point, alike, claim.value) && (flow.dominates(claim.point, point) || (!waits && flow.dominates(point, claim.point) && stops.between(fn, point, claim.point) === undefined)));
        if (shut === undefined) return [];
        const marks = claims.map((claim) => claim.point);
        const open = stops.in(fn).some((stop) => flow.reachesAvoiding(stop.point, point, asked) && asked.some((ask) => flow.reachesAvoiding(ask, stop.point, marks)));
        return open ? [] : [{ test, claim: { at: shut.at, point: shut.point }, location: test.location }];
      })[0];
    }

    /** Where the location is written here, or by a call before it first waits, and with what. */
    function claimsOf(fn: Function, location: string): { readonly at: Location; readonly point: Point; readonly value: Value | undefined }[] {
      return fn.blocks.flatMap((block) => block.operations.flatMap((operation, index) => {
        const point = { block: block.id, index };
        if (operation.op === 'write') return state.locate(fn, operation.path)?.location === location ? [{ at: operation.at, point, value: operation.value }] : [];
        if (!startsNow(operation)) return [];
        const effect = state.through(operation).find((one) => one.kind === 'write' && !one.waits && one.location === location);
        return effect === undefined ? [] : [{ at: operation.at, point, value: written(operation, effect) }];
      }));
    }

    /** What a setter writes is what it was called with. */
    function written(operation: OperationOf<'call'> | OperationOf<'spawn'>, { touch }: Effect): Value | undefined {
      if (touch.operation?.op !== 'write') return undefined;
      const { value } = touch.operation;
      if (value.kind !== 'path') return value;
      const parameter = value.path.selectors.length === 0 && value.path.root.kind === 'variable' ? touch.fn.params.indexOf(value.path.root.variable) : -1;
      return parameter >= 0 && operation.callee.kind === 'static' && operation.callee.target === touch.fn.id ? operation.args[parameter] : undefined;
    }

    /** Whether control gets from the start to the point while the location holds this value. */
    function reachesIn(fn: Function, point: Point, tests: readonly Touch[], value: Value): boolean {
      const seen = new Set([fn.blocks[0]!.id]);
      for (const id of seen) {
        if (id === point.block) return true;
        const { terminator } = fn.blocks[id]!;
        const outcome = terminator.kind === 'branch' && tests.some((test) => test.branch === terminator && !isNested(test)) ? outcomeWith(terminator.condition, value) : undefined;
        const next = terminator.kind === 'branch' && outcome !== undefined ? [outcome ? terminator.onTrue : terminator.onFalse] : successors(terminator);
        for (const block of next) seen.add(block);
      }
      return false;
    }

    function locked(fn: Function, point: Point): boolean {
      if (inherited.at(fn).some(excludesOthers)) return true;
      const flow = controlFlow(fn);
      // A lock of somebody else's making: what it does is not seen, but what it is for is.
      if (fn.blocks.some((block) => block.operations.some((operation, index) => operation.op === 'call' && takes.test(lastWord(calleeText(program, operation))) && flow.dominates({ block: block.id, index }, point)))) return true;
      return (summary.of(fn.id)?.events ?? []).some((event) => (event.locks.must.some(excludesOthers) || event.locks.may.some(excludesOthers)) && (samePoint(event.point, point)
        || (event.kind === 'call' && event.point.block === point.block && event.point.index < point.index && flow.dominates(event.point, point) && !releasesBetween(fn, event.point, point))));
    }

    function releasesBetween(fn: Function, from: Point, to: Point): boolean {
      return fn.blocks[from.block]!.operations.slice(from.index + 1, to.index).some((operation) => operation.op === 'release');
    }

    function exposed(fn: Function, point: Point, root: Variable | undefined, seen: Set<FunctionId>): Exposure | undefined {
      if (seen.has(fn.id)) return undefined;
      seen.add(fn.id);
      if (locked(fn, point) || at(fn, point) !== undefined) return undefined;
      if (ways.overlapping(fn, root) === undefined) return undefined;
      const own = ways.of(fn.id).find((entry) => entry.start === fn && entry.multiple && ways.overlapping(fn, root) !== undefined);
      if (own !== undefined && (root === undefined || root.owner !== fn.id || isParameter(fn, root))) return { entry: own, way: [fn] };
      const sites: CallSite[] = [...graph.callers.get(fn.id) ?? [], ...(graph.passes.get(fn.id) ?? [])];
      for (const site of sites) {
        if (site.caller.constructs === true || site.caller.role === 'initializer' || site.caller.test) continue;
        const through = exposed(site.caller, site.at, rootIn(site, root), seen);
        if (through !== undefined) return { entry: through.entry, way: [...through.way, fn] };
      }
      // A literal handed to code that is not seen runs as often as its function does.
      const outer = fn.closureOf === undefined || sites.length > 0 ? undefined : program.functions.get(fn.closureOf);
      if (outer === undefined || own !== undefined) return undefined;
      const made = madeAt(outer, fn.id);
      const taker = made === undefined ? undefined : outer.blocks[made.block]!.operations[made.index];
      if (taker?.op === 'call' && excludes.test(calleeText(program, taker))) return undefined;
      const through = made === undefined ? undefined : exposed(outer, made, root, seen);
      return through === undefined ? undefined : { entry: through.entry, way: [...through.way, fn] };
    }

    /** Receivers are told apart by class only: the caller's own object stands for the callee's. */
    function rootIn(site: CallSite, root: Variable | undefined): Variable | undefined {
      if (root === undefined || root.kind === 'global' || root.kind !== 'parameter') return root;
      const [receiver] = site.operation.args;
      return receiver?.kind === 'path' && receiver.path.root.kind === 'variable' && receiver.path.root.variable.kind === 'parameter' ? receiver.path.root.variable : undefined;
    }
  },
});

/** What a task writes that begins after the present section has ended is no claim of this section. */
function startsNow(operation: Operation): operation is OperationOf<'call'> | OperationOf<'spawn'> {
  return operation.op === 'call' || (operation.op === 'spawn' && operation.eager === true);
}

/** Who holds one of several, or reads beside others, keeps nobody out. */
function excludesOthers({ mode }: HeldLock): boolean {
  return mode === 'exclusive';
}

const takes = /^(?:lock|acquire\w*|take\w*Lock|waitForLock|waitForUnlock|mutex)$/i;
const excludes = /lock|exclusive|mutex|queue|serial|sequential|schedule|limit|throttle|debounce|synchroni[sz]ed|singleflight|dedupe/i;

function lastWord(text: string): string {
  return (text.split('.').pop() ?? '').replace(/^[#_?]+/, '');
}

/** What is called, as people read it. */
export function calleeText(program: Program, operation: OperationOf<'call'> | OperationOf<'spawn'>): string {
  const { callee } = operation;
  switch (callee.kind) {
    case 'static': return program.functions.get(callee.target)?.name.split('.').pop() ?? '';
    case 'library': return callee.name;
    default: return callee.text;
  }
}

function isParameter(fn: Function, root: Variable): boolean {
  return fn.params.includes(root);
}

/** The condition asks for more than the location. */
function isNested({ branch }: Touch): boolean {
  const condition = branch!.condition.kind === 'not' ? branch!.condition.operand : branch!.condition;
  return condition.kind === 'binary' && condition.left.kind !== 'constant' && condition.right.kind !== 'constant';
}

/** Where a function makes, stores or hands on one of its literals. */
export function madeAt(outer: Function, literal: FunctionId): Point | undefined {
  for (const block of outer.blocks) for (const [index, operation] of block.operations.entries()) {
    const values = operation.op === 'call' || operation.op === 'spawn' ? operation.args : operation.op === 'write' ? [operation.value] : [];
    if (values.some((value) => value.kind === 'closure' && value.target === literal)) return { block: block.id, index };
    if (operation.op === 'spawn' && operation.callee.kind === 'static' && operation.callee.target === literal) return { block: block.id, index };
  }
  return undefined;
}
