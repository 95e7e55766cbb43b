import { compareLocations, type AccessPath, type BlockId, type Function, type Location, type Value, type Variable } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { controlFlow, plainSuccessors, samePoint, type Point } from './control-flow.js';
import { calleeText, gates, madeAt, type Exposure } from './gates.js';
import { literals } from './nesting.js';
import { wayTo } from './outcomes.js';
import { provenance } from './provenance.js';
import { outcomeWith, sameEntry, sharedState, type Touch } from './shared-state.js';
import { suspensions, type Suspension } from './suspensions.js';

/**
 * Between which test, or read, of shared state and the write that rests on it can another activation come in?
 * Pairs of touches of one location in one function, or in a function and a literal it leaves behind, with a suspension
 * between them that no claim, lock, recheck or guard on the way in covers.
 * Under-approximates: other aliases of the location, and claims through code that is not seen, are not followed.
 * Idea: stale-value and atomicity patterns (RacerD's check-then-act, NodeAV's atomicity triples), made path-sensitive by dominance.
 */
export interface Interleaving {
  readonly kind: 'check' | 'update';
  /** Where the earlier touch stands; for `update` the read of the old value. */
  readonly early: Touch;
  readonly late: Touch;
  /** In `early.fn`; absent when the late touch stands in a literal that runs later. */
  readonly stop?: Suspension;
  /** Where the literal is left behind. */
  readonly left?: { readonly at: Location; readonly via: string; /** The calls of `early.fn` whose end it waits for. */ readonly begun: readonly Point[] };
  readonly exposure: Exposure;
  /** What the late write says: the result of a call that waits, or a constant that marks the work as done. */
  readonly value: 'result' | 'mark' | 'other';
  /** The call whose result is stored, as people read it. */
  readonly source?: string;
}

/** Links of a chain of callbacks that are followed back to what started it. */
const maxChain = 6;

const start = { block: 0, index: -1 } as Point;

export const interleavings = defineAnalysis<readonly Interleaving[]>({
  name: 'interleavings',
  run(program, resultOf) {
    if (program.scheduling !== 'cooperative') return [];
    const state = resultOf(sharedState);
    const stops = resultOf(suspensions);
    const guard = resultOf(gates);
    const origins = resultOf(provenance);
    const found: Interleaving[] = [];
    const literalsOf = resultOf(literals).of;
    for (const fn of program.functions.values()) {
      if (fn.test || fn.generated || fn.constructs === true || fn.role === 'initializer') continue;
      // A function may touch a location thousands of times, and thousands of locations: what is compared is of one location.
      const near = byLocation(state.in(fn));
      if (stops.in(fn).length > 0) for (const touches of near.values()) for (const write of touches) {
        if (write.kind !== 'write' || !isPlain(write)) continue;
        const one = updateOf(fn, write, touches) ?? firstOf(touches, (test) => checkOf(fn, test, write, touches));
        if (one !== undefined) found.push(one);
      }
      for (const literal of literalsOf(fn.id)) for (const write of state.in(literal)) {
        const touches = near.get(write.location);
        if (touches === undefined || write.kind !== 'write' || !isPlain(write)) continue;
        const check = firstOf(touches, (test) => laterCheckOf(fn, test, literal, write, touches)) ?? ranCheckOf(fn, literal, write, touches);
        if (check !== undefined) found.push(check);
      }
    }
    const told = { check: new Set<Location>(), update: new Set<Location>() };
    return found.sort((a, b) => compareLocations(a.late.at, b.late.at)).filter(({ kind, late }) => !told[kind].has(late.at) && told[kind].add(late.at));

    /** The old value was read, others ran, the new value is computed from it. */
    function updateOf(fn: Function, write: Touch, touches: readonly Touch[]): Interleaving | undefined {
      if (write.operation?.op !== 'write' || write.operation.updates === true || write.operation.value.kind !== 'binary' && write.operation.value.kind !== 'path') return undefined;
      if (write.operation.value.kind === 'path') return undefined;
      const sources = origins.of(fn, write.operation.value, write.point);
      for (const source of sources) {
        const early = touches.find((touch) => touch.kind === 'read' && touch.location === write.location && (!write.content || touch.key === write.key) && samePoint(touch.point, source.point)) ?? touches.find((touch) => touch.kind === 'read' && touch.location === write.location && (!write.content || touch.key === write.key) && touch.point.block === source.point.block && touch.point.index <= source.point.index && source.point.index - touch.point.index <= 2 && state.locate(fn, source.path)?.location === write.location);
        if (early === undefined) continue;
        const flow = controlFlow(fn);
        const others = touches.filter((touch) => touch !== early && touch !== write && touch.kind === 'write').map((touch) => touch.point);
        // A loop that waits between its turns reads anew in each.
        const stop = stops.in(fn).find(({ point }) => flow.reachesAvoiding(early.point, point, [...others, write.point]) && flow.reachesAvoiding(point, write.point, [...others, early.point]));
        const exposure = stop === undefined ? undefined : guard.exposed(fn, stop.point, write.root);
        if (stop !== undefined && exposure !== undefined) return { kind: 'update', early, late: write, stop, exposure, value: 'other' };
      }
      return undefined;
    }

    function checkOf(fn: Function, test: Touch, write: Touch, touches: readonly Touch[]): Interleaving | undefined {
      if (!sameEntry(test, write)) return undefined;
      const flow = controlFlow(fn);
      if (!flow.dominates(test.point, write.point) || !closes(fn, test, write)) return undefined;
      const others = touches.filter((touch) => touch !== test && touch !== write && touch.location === write.location);
      const claims = [...others.filter((touch) => touch.kind === 'write').map((touch) => touch.point), ...claimsByCalls(fn, write.location)];
      const rechecks = others.filter((touch) => touch.kind === 'test' && !(touch.branch === test.branch)).map((touch) => touch.since ?? touch.point);
      // `while (this.busy) await ...` asks again after each wait.
      const again = test.since ?? test.point;
      const stop = stops.in(fn).find(({ point }) => flow.reachesAvoiding(again, point, claims) && flow.dominates(test.point, point) && flow.reachesAvoiding(point, write.point, [...claims, ...rechecks, again]));
      if (stop === undefined || failsOnly(fn, stop.point, write.point) || storesShared(fn, write, stop) || (isMark(write) && !alwaysAfter(fn, stop.point, write.point))) return undefined;
      const exposure = guard.exposed(fn, stop.point, write.root);
      if (exposure === undefined) return undefined;
      return { kind: 'check', early: test, late: write, stop, exposure, ...valueOf(fn, write, stop) };
    }

    /** What is stored is the outcome of a promise that all callers share: whoever is second stores the same. */
    function storesShared(fn: Function, write: Touch, stop: Suspension): boolean {
      if (write.operation?.op !== 'write') return false;
      const { awaited } = stop.operation;
      const { value } = write.operation;
      if (awaited?.kind === 'path' && value.kind === 'path' && state.locate(fn, awaited.path) !== undefined && comesFrom(fn, value, outcomeOf(fn, stop))) return true;
      return origins.of(fn, write.operation.value, write.point).some((origin) => { const from = state.locate(fn, origin.path); return from !== undefined && from.location !== write.location; });
    }

    function laterCheckOf(fn: Function, test: Touch, literal: Function, write: Touch, touches: readonly Touch[]): Interleaving | undefined {
      if (test.location !== write.location || (test.content && test.key !== write.key)) return undefined;
      const left = leftBehind(fn, literal);
      if (left === undefined) return undefined;
      const flow = controlFlow(fn);
      if (!flow.dominates(test.point, left.point)) return undefined;
      const way = wayTo(fn, test, left.point);
      if (way === undefined || setsBack(test, write, way)) return undefined;
      const claimed = [...touches.filter((touch) => touch.kind === 'write' && touch.location === write.location).map((touch) => touch.point), ...claimsByCalls(fn, write.location)]
        .some((point) => flow.reaches(test.point, point) && stops.between(fn, test.point, point) === undefined);
      if (claimed || left.outcome === 'rejected' || takesWhatIsThere(literal, write) || (isMark(write) && !alwaysAfter(literal, start, write.point))) return undefined;
      const begun = begunBy(fn, left.source, left.point);
      if (begun.shared) return undefined;
      const rechecks = state.in(literal).filter((touch) => touch.kind === 'test' && touch.location === write.location).map((touch) => touch.since ?? touch.point);
      if (!controlFlow(literal).reachesAvoiding(start, write.point, rechecks)) return undefined;
      const exposure = guard.exposed(fn, left.point, write.root);
      if (exposure === undefined) return undefined;
      return { kind: 'check', early: test, late: write, left: { at: left.at, via: left.via, begun: begun.calls }, exposure, ...handedTo(fn, literal, write, begun.calls) };
    }

    /** It works on what is there when it runs, and puts something else in its place in one step: whoever comes second finds that. */
    function takesWhatIsThere(literal: Function, write: Touch): boolean {
      const flow = controlFlow(literal);
      return state.in(literal).some((touch) => touch.kind === 'read' && (touch.location === write.location || touch.location === `${write.location}[]`) && flow.dominates(touch.point, write.point) && stops.between(literal, touch.point, write.point) === undefined);
    }

    /** A literal that is called once the wait is over, such as the handler of a chain that is awaited here: its writes are made there. */
    function ranCheckOf(fn: Function, literal: Function, write: Touch, touches: readonly Touch[]): Interleaving | undefined {
      const point = stops.in(fn).length === 0 ? undefined : calledAt(fn, literal);
      if (point === undefined || (isMark(write) && !alwaysAfter(literal, start, write.point)) || state.in(literal).some((touch) => touch.kind === 'test' && touch.location === write.location)) return undefined;
      const one = firstOf(touches, (test) => checkOf(fn, test, { ...write, fn, point }, touches));
      if (one?.stop === undefined) return undefined;
      const { awaited } = one.stop.operation;
      return { ...one, late: write, ...handedTo(fn, literal, write, awaited === undefined ? [] : origins.callsIn(fn, awaited, one.stop.point)) };
    }

    /** The calls that a chain of callbacks waits for, and whether all who come wait for one and the same. */
    function begunBy(fn: Function, source: AccessPath | undefined, at: Point): { readonly calls: readonly Point[]; readonly shared: boolean } {
      const calls: Point[] = [];
      const work = source === undefined ? [] : [{ path: source, at }];
      let shared = false;
      for (let hops = 0; hops < maxChain && work.length > 0; hops++) {
        const one = work.pop()!;
        if (state.locate(fn, one.path) !== undefined) shared = true;
        const { origins: from, calls: found } = origins.behind(fn, { kind: 'path', path: one.path }, one.at);
        if (from.some((origin) => state.locate(fn, origin.path) !== undefined)) shared = true;
        for (const call of found) {
          const operation = fn.blocks[call.block]!.operations[call.index]!;
          if (operation.op === 'spawn' && operation.source !== undefined && operation.eager !== true) work.push({ path: operation.source, at: call });
          else if (operation.op === 'call' || operation.op === 'spawn') calls.push(call);
        }
      }
      return { calls, shared };
    }

    /** What a callback stores of what it was handed comes from the call whose end it waited for. */
    function handedTo(fn: Function, literal: Function, write: Touch, begun: readonly Point[]): Pick<Interleaving, 'value' | 'source'> {
      const own = valueOf(literal, write);
      if (own.value !== 'other' || write.operation?.op !== 'write') return own;
      const given = origins.of(literal, write.operation.value, write.point).some(({ path }) => path.root.kind === 'variable' && literal.params.includes(path.root.variable));
      const call = given ? begun[0] : undefined;
      const operation = call === undefined ? undefined : fn.blocks[call.block]!.operations[call.index];
      return operation?.op === 'call' || operation?.op === 'spawn' ? { value: 'result', source: calleeText(program, operation) } : own;
    }

    /** The write makes the test fail for those who come later: it is what was tested for. */
    function closes(fn: Function, test: Touch, write: Touch): boolean {
      const way = wayTo(fn, test, write.point);
      return way !== undefined && !setsBack(test, write, way);
    }

    function claimsByCalls(fn: Function, location: string): Point[] {
      return fn.blocks.flatMap((block) => block.operations.flatMap((operation, index) => (operation.op === 'call' || (operation.op === 'spawn' && operation.eager === true)) && state.through(operation).some((effect) => effect.kind === 'write' && effect.location === location && !effect.waits) ? [{ block: block.id, index }] : []));
    }

    function valueOf(fn: Function, write: Touch, stop?: Suspension): Pick<Interleaving, 'value' | 'source'> {
      if (write.operation?.op !== 'write') return { value: 'other' };
      const { value } = write.operation;
      if (value.kind === 'constant') return { value: 'mark' };
      const calls = origins.callsIn(fn, value, write.point);
      const awaited = stop?.operation.awaited === undefined || calls.length < 2 ? [] : origins.callsIn(fn, stop.operation.awaited, stop.point);
      const call = calls.find((one) => awaited.some((other) => samePoint(one, other))) ?? calls[0];
      const operation = call === undefined ? undefined : fn.blocks[call.block]!.operations[call.index];
      if (operation?.op !== 'call') return { value: 'other' };
      return { value: 'result', source: calleeText(program, operation) };
    }
  },
});

function byLocation(touches: readonly Touch[]): ReadonlyMap<string, readonly Touch[]> {
  const found = new Map<string, Touch[]>();
  for (const touch of touches) {
    const known = found.get(touch.location);
    if (known === undefined) found.set(touch.location, [touch]); else known.push(touch);
  }
  return found;
}

function firstOf(touches: readonly Touch[], check: (test: Touch) => Interleaving | undefined): Interleaving | undefined {
  for (const touch of touches) {
    const one = touch.kind === 'test' ? check(touch) : undefined;
    if (one !== undefined) return one;
  }
  return undefined;
}

function isMark(write: Touch): boolean {
  return !write.content && write.operation?.op === 'write' && write.operation.value.kind === 'constant';
}

/** Whether the write comes only when the work has failed: it tells how it went, and claims nothing. */
function failsOnly(fn: Function, from: Point, write: Point): boolean {
  const seen = new Set<BlockId>();
  const work: { block: BlockId; start: number }[] = [{ block: from.block, start: from.index + 1 }];
  for (let item = work.pop(); item !== undefined; item = work.pop()) {
    if (item.block === write.block && write.index >= item.start) return false;
    const { terminator } = fn.blocks[item.block]!;
    for (const block of plainSuccessors(terminator)) if (!seen.has(block)) { seen.add(block); work.push({ block, start: 0 }); }
  }
  return true;
}

/** Whether every way on from the wait that fails nowhere comes to the write: else it tells how the work went, and claims nothing. */
function alwaysAfter(fn: Function, from: Point, write: Point): boolean {
  const seen = new Set<number>();
  const work: { block: number; start: number }[] = [{ block: from.block, start: from.index + 1 }];
  for (let item = work.pop(); item !== undefined; item = work.pop()) {
    if (item.block === write.block && write.index >= item.start) continue;
    const { terminator } = fn.blocks[item.block]!;
    if (terminator.kind === 'return') return false;
    for (const block of plainSuccessors(terminator)) if (!seen.has(block)) { seen.add(block); work.push({ block, start: 0 }); }
  }
  return true;
}

/** The variable that holds what the wait brought. */
function outcomeOf(fn: Function, { point }: Suspension): Variable | undefined {
  const block = fn.blocks[point.block]!;
  const { terminator } = block;
  const next = block.operations[point.index + 1] ?? (terminator.kind === 'branch' && terminator.throws === true ? fn.blocks[terminator.onFalse]!.operations[0] : undefined);
  return next?.op === 'write' && next.value.kind === 'unknown' && next.path.selectors.length === 0 && next.path.root.kind === 'variable' ? next.path.root.variable : undefined;
}

/** Whether a value is a variable's content, directly or by one assignment. */
function comesFrom(fn: Function, value: Value, variable: Variable | undefined): boolean {
  if (variable === undefined || value.kind !== 'path' || value.path.root.kind !== 'variable') return false;
  const { root } = value.path;
  return root.variable === variable || fn.blocks.some((block) => block.operations.some((operation) => operation.op === 'write' && operation.path.selectors.length === 0 && operation.path.root.kind === 'variable' && operation.path.root.variable === root.variable && operation.value.kind === 'path' && operation.value.path.root.kind === 'variable' && operation.value.path.root.variable === variable));
}

/** Whether the write leaves the test as it was: those who come later pass it too. */
function setsBack(test: Touch, write: Touch, way: boolean): boolean {
  if (test.indirect === true) return false;
  if (write.operation?.op !== 'write') return false;
  if (write.operation.verb === 'delete' || write.operation.verb === 'clear') return outcomeWith(test.branch!.condition, { kind: 'constant', value: null }) !== !way;
  return outcomeWith(test.branch!.condition, write.operation.value) === way;
}

/** Where a function leaves a literal that runs later: a task started once, or an argument of a call that is not seen. */
export function leftBehind(fn: Function, literal: Function): { readonly point: Point; readonly at: Location; readonly via: string; readonly source?: AccessPath; readonly outcome?: 'fulfilled' | 'rejected' } | undefined {
  const point = madeAt(fn, literal.id);
  const operation = point === undefined ? undefined : fn.blocks[point.block]!.operations[point.index];
  if (point === undefined || operation === undefined) return undefined;
  // An event tells what has happened, to whoever comes; a callback brings what was asked for.
  if (operation.op === 'spawn' && operation.eager !== true && operation.repeated !== true && operation.event === undefined) return { point, at: operation.at, via: operation.via, ...(operation.source === undefined ? {} : { source: operation.source }), ...(operation.outcome === undefined ? {} : { outcome: operation.outcome }) };
  if (operation.op === 'call' && operation.callee.kind === 'unknown' && (operation.runs ?? []).length === 0 && asks.test(operation.callee.text.split('.').pop() ?? '')) return { point, at: operation.at, via: operation.callee.text };
  return undefined;
}

/** Where a function calls one of its literals. */
function calledAt(fn: Function, literal: Function): Point | undefined {
  for (const block of fn.blocks) for (const [index, operation] of block.operations.entries()) if (operation.op === 'call' && operation.callee.kind === 'static' && operation.callee.target === literal.id) return { block: block.id, index };
  return undefined;
}

/** Calls whose answer comes from somewhere else, and therefore later. */
const asks = /^#?_?(?:ask|request|fetch|query|send|connect|dial|load|resolve|lookup|exec|execute|post|get\w*(?:token|session|address|host|peer|key|cert|auth\w*)|authori[sz]e|authenticate|refresh|open|bind|listen|read|write|subscribe|publish)/i;

/** Cells and entries whose content is replaced; counters and lists that only grow are no claims. */
function isPlain(touch: Touch): boolean {
  if (touch.operation?.op !== 'write') return false;
  const { verb, updates } = touch.operation;
  return updates !== true && (verb === undefined || verb === 'set' || verb === 'add' || verb === 'delete');
}
