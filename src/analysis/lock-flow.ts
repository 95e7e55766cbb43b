import { pathKey, sameInTask, unknownValue, variablePath, type AccessPath, type Block, type BlockId, type Function, type Location, type Operation, type OperationOf, type SelectArm, type Terminator, type Value, type Variable } from '../ir/index.js';
import { afterWrite, assume, decide, isMentioned, noFacts, nothingRelevant, relevanceOf, type Relevance } from './conditions.js';
import { controlFlow, type Point } from './control-flow.js';
import { dependsOn, findHeld, isIdentifiable, mergeStates, sameLock, sameState, signature, type CallChain, type ClosedChannel, type HeldLock, type LockState } from './lock-state.js';

/**
 * Which locks does each point of a function hold, on which ways, and what does it do with them?
 * Lattice: sets of LockState, one for each signature; grows, facts shrink; `maxStates` then all ways are one.
 * Under-approximates ways (infeasible branches by correlated conditions are left out), over-approximates loops.
 * Idea: ESP (Das, Lerner, Seigle 2002) for the states, Infer's starvation checker for what is recorded.
 */

/** Locks at a point. must: on every way here; may: on some. Locks of callers are not in it. */
export interface PointLocks { readonly must: readonly HeldLock[]; readonly may: readonly HeldLock[]; /** Locks that were left in doubt on some way. */ readonly unsure: ReadonlySet<string>; /** Locks of the caller that some way here has given back. */ readonly given: readonly AccessPath[] }

/** What a function does, with the locks it holds as it does so. Order: block order, then operation. */
export type FlowEvent = { readonly point: Point; readonly locks: PointLocks } & (
  | { readonly kind: 'access'; readonly operation: OperationOf<'read'> | OperationOf<'write'> }
  /** `again`: this very lock was held already, on every way here or on some. */
  | { readonly kind: 'acquire'; readonly operation: OperationOf<'acquire'>; readonly again?: { readonly held: HeldLock; readonly always: boolean }; /** Parameters known to hold a constant on every way here. */ readonly requires: readonly ParameterFact[]; readonly given: readonly AccessPath[] }
  | { readonly kind: 'release'; readonly operation: OperationOf<'release'>; /** `sometimes`: on some ways there is nothing to release. */ readonly finds: 'held' | 'other-mode' | 'freed' | 'nothing' | 'sometimes' | 'mixed'; readonly partner?: HeldLock; /** Calls between this function and the release. */ readonly chain: CallChain }
  /** `given`: locks of the caller that some way here has given back. */
  | { readonly kind: 'call'; readonly operation: OperationOf<'call'> | OperationOf<'spawn'>; readonly given: readonly AccessPath[] }
  | ({ readonly kind: 'send' } & ChannelUse)
  | ({ readonly kind: 'receive' } & ChannelUse)
  | { readonly kind: 'close'; readonly operation: OperationOf<'close'>; readonly closed?: { readonly channel: ClosedChannel; readonly always: boolean } }
  | { readonly kind: 'wait'; readonly operation: OperationOf<'wait'> }
  | { readonly kind: 'signal'; readonly operation: OperationOf<'signal'> }
  | { readonly kind: 'cancel'; readonly operation: OperationOf<'cancel'> }
  | { readonly kind: 'suspend'; readonly operation: OperationOf<'suspend'> }
  /** A held lock's variable is overwritten: nobody can release it by this name any more. */
  | { readonly kind: 'lost'; readonly held: HeldLock; readonly at: Location }
  | { readonly kind: 'exit'; readonly terminator: Extract<Terminator, { kind: 'return' | 'throw' | 'halt' }>; readonly states: readonly LockState[] }
);
export interface ChannelUse {
  readonly operation: OperationOf<'send'> | OperationOf<'receive'> | SelectArm;
  readonly channel: AccessPath;
  /** Inside a select: other arms, or a default. */
  readonly choice: 'none' | 'arms' | 'default';
  readonly closed?: Reclosed;
}

/** The channel was closed before, on every way here or on some. */
export interface Reclosed { readonly channel: ClosedChannel; readonly always: boolean }
export type FlowEventOf<K extends FlowEvent['kind']> = Extract<FlowEvent, { readonly kind: K }>;

/** A parameter, of this function or of one around it, that holds a constant. */
export interface ParameterFact { readonly variable: Variable; readonly value: null | boolean | number | string }

/** What a call does to its caller's locks and channels, in the caller's terms. */
export interface Effect {
  readonly acquires: readonly HeldLock[];
  readonly releases: readonly HeldLock[];
  readonly closes: readonly ClosedChannel[];
  /** Locks the callee acquires or releases only on some ways. */
  readonly unsure: readonly AccessPath[];
  readonly returns: boolean;
}

/** Ways kept apart at one point. Real functions need two or three; beyond this all ways become one. */
export const maxStates = 16;

const start: LockState = { held: [], freed: [], owed: [], closed: [], unsure: new Set(), facts: noFacts };

/** `isSetElsewhere`: another literal assigns the variable, so that a call may change it: nothing about it is remembered. */
export function lockFlow(fn: Function, effectOf: EffectOf, isSetElsewhere: (variable: Variable, fn: Function) => boolean): readonly FlowEvent[] {
  const flags = new Set<string>();
  const effects = new Map<Operation, Effect>();
  let touches = false;
  for (const block of fn.blocks) for (const operation of block.operations) {
    switch (operation.op) {
      case 'acquire': case 'release': case 'close': touches = true; break;
      case 'write': if (operation.path.root.kind === 'variable' && operation.path.root.variable.name.startsWith('deferred#')) flags.add(pathKey(operation.path)); break;
      case 'call': case 'spawn': {
        const effect = effectOf(operation);
        if (effect !== undefined) effects.set(operation, effect);
        break;
      }
      default: break;
    }
  }
  // Most functions change no locks, nor does what they call: one state everywhere, so one pass tells all.
  if (!touches && effects.size === 0) return plainEvents(fn);
  const effectAt: EffectOf = effects.size === 0 ? nothingChanges.effectOf : (operation) => effects.get(operation);
  // Where all ways agree on the locks, conditions decide nothing: they are remembered only where ways differ.
  if (flags.size === 0 && !asksParameters(fn)) {
    const plain: Way = { effectOf: effectAt, flags, relevant: nothingRelevant, steps: stepsIn(fn, effects, nothingRelevant) };
    const entries = statesAtBlocks(fn, plain, (state) => state.owed.length === 0 && state.unsure.size === 0);
    if (entries !== undefined) return eventsOf(fn, entries, plain);
  }
  const relevant = relevantIn(fn, isSetElsewhere);
  const way: Way = { effectOf: effectAt, flags, relevant, steps: stepsIn(fn, effects, relevant) };
  return eventsOf(fn, statesAtBlocks(fn, way)!, way);
}

type States = ReadonlyMap<BlockId, ReadonlyMap<string, LockState>>;

/** The states at the start of each block that control reaches. With `single`: undefined as soon as a block has two of them, or one that is not so. */
function statesAtBlocks(fn: Function, way: Way, single?: (state: LockState) => boolean): States | undefined {
  const { order } = controlFlow(fn);
  const rank: number[] = [];
  order.forEach((block, index) => { rank[block] = index; });
  const entries = new Map<BlockId, Map<string, LockState>>();
  // Per block the ways that are new or changed since it was last walked: only they are walked again.
  const pending = new Map<BlockId, Set<string>>();
  let differs = false;
  const arrive = (to: BlockId, state: LockState): void => {
    let known = entries.get(to);
    if (known === undefined) entries.set(to, known = new Map());
    const key = join(known, state, way.flags);
    if (key === undefined) return;
    if (single !== undefined && (known.size > 1 || !single(state))) differs = true;
    const changed = pending.get(to);
    if (changed === undefined) pending.set(to, new Set([key])); else changed.add(key);
  };
  arrive(0 as BlockId, start);
  while (pending.size > 0) {
    const id = lowest(pending.keys(), rank);
    const known = entries.get(id)!;
    const block = fn.blocks[id]!;
    let states: LockState[] = [];
    for (const key of pending.get(id)!) { const state = known.get(key); if (state !== undefined) states.push(state); }
    pending.delete(id);
    for (const index of way.steps[id]!) states = advance(states, block.operations[index]!, way);
    eachWayOut(block, states, way.relevant, arrive);
    if (differs) return undefined;
  }
  return entries;
}

function eventsOf(fn: Function, entries: States, way: Way): readonly FlowEvent[] {
  const events: FlowEvent[] = [];
  for (const id of controlFlow(fn).order) {
    const known = entries.get(id);
    if (known !== undefined) recordEvents(fn, fn.blocks[id]!, [...known.values()], way, events);
  }
  return events;
}

/** Whether callers may decide by an argument, or a lock by its answer, which way is taken. */
function asksParameters(fn: Function): boolean {
  return testedParameters(fn).length > 0 || fn.blocks.some(({ operations }) => operations.some((operation) => operation.op === 'acquire' && operation.tries));
}

/** The effect of a call on its caller's locks and channels; undefined for the many calls that have none. */
type EffectOf = (operation: OperationOf<'call'> | OperationOf<'spawn'>) => Effect | undefined;

/** What decides how states move through one function. `steps`: per block, the operations that can change a state. */
interface Way { readonly effectOf: EffectOf; readonly flags: ReadonlySet<string>; readonly relevant: Relevance; readonly steps: readonly (readonly number[])[] }

const nothingChanges: Way = { effectOf: () => undefined, flags: new Set(), relevant: nothingRelevant, steps: [] };

function plainEvents(fn: Function): readonly FlowEvent[] {
  const events: FlowEvent[] = [];
  for (const id of controlFlow(fn).order) recordEvents(fn, fn.blocks[id]!, [start], nothingChanges, events);
  return events;
}

/**
 * Most operations of a function that locks say nothing about locks or conditions. Which ones can is asked once here, so
 * that the search for all ways, which comes by many times, passes over the rest.
 */
function stepsIn(fn: Function, effects: ReadonlyMap<Operation, Effect>, relevant: Relevance): readonly (readonly number[])[] {
  const named = new Map<string, AccessPath>();
  const name = (path: AccessPath): void => { named.set(pathKey(path), path); };
  for (const { operations } of fn.blocks) for (const operation of operations) {
    if (operation.op === 'acquire' || operation.op === 'release') name(operation.lock);
    else if (operation.op === 'close') name(operation.channel);
    if (operation.op === 'acquire' && operation.tries && operation.result !== undefined) name(variablePath(operation.result));
  }
  for (const { acquires, releases, closes } of effects.values()) {
    for (const { lock } of acquires) name(lock);
    for (const { lock } of releases) name(lock);
    for (const { channel } of closes) name(channel);
  }
  const paths = [...named.values()];
  const roots = new Set<Variable>();
  const keys = new Set<string>();
  for (const { root, selectors } of paths) {
    if (root.kind === 'variable') roots.add(root.variable);
    for (const selector of selectors) if (selector.kind === 'element' && selector.key !== undefined) keys.add(selector.key);
  }
  const changes = (path: AccessPath): boolean => {
    if (path.root.kind !== 'variable') return false;
    const { variable } = path.root;
    if ((roots.has(variable) || (path.selectors.length === 0 && keys.has(variable.name))) && paths.some((one) => dependsOn(one, path))) return true;
    return isMentioned(relevant, path);
  };
  const changed = (variable: Variable | undefined): boolean => variable !== undefined && changes(variablePath(variable));
  const matters = (operation: Operation): boolean => {
    switch (operation.op) {
      case 'acquire': case 'release': case 'close': return true;
      case 'write': return changes(operation.path);
      case 'make': return changes(operation.result);
      case 'declare': return changed(operation.variable);
      case 'receive': return changed(operation.result) || changed(operation.ok);
      case 'call': return effects.has(operation) || operation.results.some(changed);
      case 'spawn': return effects.has(operation);
      default: return false;
    }
  };
  return fn.blocks.map(({ operations }) => {
    const steps: number[] = [];
    for (let index = 0; index < operations.length; index++) if (matters(operations[index]!)) steps.push(index);
    return steps;
  });
}

function lowest(pending: Iterable<BlockId>, rank: readonly number[]): BlockId {
  let best: BlockId | undefined;
  for (const id of pending) if (best === undefined || rank[id]! < rank[best]!) best = id;
  return best!;
}

/** Adds a state to the ways into a block; the way that it changed, or undefined when it says nothing new. */
function join(known: Map<string, LockState>, state: LockState, flags: ReadonlySet<string>): string | undefined {
  // The same state by another way: no need to spell it out.
  for (const other of known.values()) if (other === state) return undefined;
  const key = signature(state, flags);
  const before = known.get(key);
  if (before === state) return undefined;
  if (before === undefined) {
    if (known.size < maxStates) { known.set(key, state); return key; }
    const all = collapse([...known.values(), state]);
    const only = signature(all, flags);
    known.clear();
    known.set(only, all);
    return only;
  }
  const merged = mergeStates(before, state);
  if (sameState(before, merged)) return undefined;
  known.set(key, merged);
  return key;
}

/** One state for all ways: what they do not share is left in doubt, so nothing is claimed about it. */
function collapse(states: readonly LockState[]): LockState {
  const merged = states.reduce(mergeStates);
  const shared = <T extends { readonly key: string }>(pick: (state: LockState) => readonly T[]): readonly T[] => pick(merged).filter((entry) => states.every((state) => pick(state).some((other) => other.key === entry.key)));
  const held = shared((state) => state.held);
  const doubtful = states.flatMap((state) => [...state.unsure, ...state.held.map((entry) => entry.key).filter((key) => !held.some((entry) => entry.key === key))]);
  return { ...merged, held, owed: shared((state) => state.owed), closed: shared((state) => state.closed), unsure: new Set(doubtful) };
}

function mergeAll(states: readonly LockState[], flags: ReadonlySet<string>): LockState[] {
  if (states.length <= 1) return [...states];
  const merged = new Map<string, LockState>();
  for (const state of states) join(merged, state, flags);
  return [...merged.values()];
}

function eachWayOut(block: Block, states: readonly LockState[], relevant: Relevance, goes: (to: BlockId, state: LockState) => void): void {
  const { terminator } = block;
  if (terminator.kind === 'goto') for (const state of states) goes(terminator.to, state);
  else if (terminator.kind === 'branch') {
    for (const state of states) {
      const known = decide(state.facts, terminator.condition);
      if (known !== false) goes(terminator.onTrue, withFacts(state, assume(state.facts, terminator.condition, true, relevant)));
      if (known !== true) goes(terminator.onFalse, withFacts(state, assume(state.facts, terminator.condition, false, relevant)));
    }
  } else if (terminator.kind === 'select') {
    // An arm whose channel was set to nil before is switched off.
    for (const state of states) for (const arm of terminator.arms) if (state.facts.size === 0 || decide(state.facts, isNil(arm.channel)) !== true) goes(arm.to, state);
    if (terminator.fallback !== undefined) for (const state of states) goes(terminator.fallback, state);
  }
}

function withFacts(state: LockState, facts: LockState['facts']): LockState {
  return facts === state.facts ? state : { ...state, facts };
}

function isNil(channel: AccessPath): Value {
  return { kind: 'binary', operator: '==', left: { kind: 'path', path: channel }, right: { kind: 'constant', value: null } };
}

/** All states past an operation. Where none changes the list itself is handed back. */
function advance(states: LockState[], operation: Operation, way: Way): LockState[] {
  const next: LockState[] = [];
  let same = true;
  for (const state of states) {
    const before = next.length;
    step(state, operation, way, next);
    same &&= next.length === before + 1 && next[before] === state;
  }
  return same ? states : mergeAll(next, way.flags);
}

/** Conditions that can correlate: those asked twice, the deferral flags, and parameters (callers may know them). */
function relevantIn(fn: Function, isSetElsewhere: (variable: Variable, fn: Function) => boolean): Relevance {
  const conditions: Value[] = [];
  for (const block of fn.blocks) {
    if (block.terminator.kind !== 'branch' || isAbout(block.terminator.condition, (variable) => isSetElsewhere(variable, fn))) continue;
    conditions.push(block.terminator.condition);
    const bare = block.terminator.condition.kind === 'not' ? block.terminator.condition.operand : block.terminator.condition;
    if (bare.kind === 'path' && bare.path.selectors.length === 0 && bare.path.root.kind === 'variable' && (bare.path.root.variable.kind === 'parameter' || bare.path.root.variable.name.startsWith('deferred#'))) conditions.push(bare);
  }
  for (const block of fn.blocks) for (const operation of block.operations) {
    if (operation.op === 'acquire' && operation.result !== undefined) conditions.push({ kind: 'path', path: { root: { kind: 'variable', variable: operation.result }, selectors: [] } });
  }
  return relevanceOf(conditions);
}

function isAbout(condition: Value, wanted: (variable: Variable) => boolean): boolean {
  switch (condition.kind) {
    case 'path': return condition.path.root.kind === 'variable' && wanted(condition.path.root.variable);
    case 'length': case 'capacity': return condition.of.root.kind === 'variable' && wanted(condition.of.root.variable);
    case 'not': return isAbout(condition.operand, wanted);
    case 'binary': return isAbout(condition.left, wanted) || isAbout(condition.right, wanted);
    default: return false;
  }
}

function step(state: LockState, operation: Operation, { effectOf, relevant }: Way, into: LockState[]): void {
  switch (operation.op) {
    case 'acquire': {
      const held = acquire(state, { lock: operation.lock, key: pathKey(operation.lock), mode: operation.mode, at: operation.at, chain: [] });
      if (!operation.tries) { into.push(held); return; }
      if (operation.result === undefined) { into.push({ ...held, unsure: new Set([...state.unsure, pathKey(operation.lock)]) }); return; }
      const result: Value = { kind: 'path', path: { root: { kind: 'variable', variable: operation.result }, selectors: [] } };
      into.push({ ...held, facts: assume(held.facts, result, true) }, { ...state, facts: assume(state.facts, result, false) });
      return;
    }
    case 'release': into.push(release(state, operation.lock, operation.mode, operation.at, [])); return;
    case 'close': into.push({ ...state, closed: [...state.closed.filter((c) => c.key !== pathKey(operation.channel)), { channel: operation.channel, key: pathKey(operation.channel), at: operation.at, chain: [] }] }); return;
    case 'write': into.push(write(state, operation.path, operation.updates === true ? unknownValue : operation.value, relevant)); return;
    case 'make': into.push(write(state, operation.result, unknownValue, relevant)); return;
    case 'declare': into.push(operation.copies === true ? forget(state, variablePath(operation.variable)) : write(state, variablePath(operation.variable), unknownValue, relevant)); return;
    case 'receive': {
      let next = state;
      for (const variable of [operation.result, operation.ok]) if (variable !== undefined) next = write(next, variablePath(variable), unknownValue, relevant);
      into.push(next);
      return;
    }
    case 'call': case 'spawn': {
      let next = state;
      const effect = effectOf(operation);
      if (effect !== undefined) {
        if (!effect.returns && operation.op === 'call') return;
        for (const lock of effect.releases) next = operation.op === 'spawn' ? handOver(next, lock.lock) : release(next, lock.lock, lock.mode, operation.at, lock.chain);
        if (operation.op === 'call') {
          for (const lock of effect.acquires) next = acquire(next, lock);
          for (const channel of effect.closes) next = { ...next, closed: [...next.closed.filter((c) => c.key !== channel.key), channel] };
        }
        if (effect.unsure.length > 0) {
          const doubtful = new Set(effect.unsure.map(pathKey));
          next = { ...next, unsure: new Set([...next.unsure, ...doubtful]), held: next.held.filter((h) => !doubtful.has(h.key)), closed: next.closed.filter((c) => !doubtful.has(c.key)) };
        }
      }
      if (operation.op === 'call') for (const variable of operation.results) next = write(next, variablePath(variable), unknownValue, relevant);
      into.push(next);
      return;
    }
    default: into.push(state);
  }
}

function acquire(state: LockState, lock: HeldLock): LockState {
  // A second acquire never returns; what follows is judged as if each release had its acquire.
  if (state.held.some((entry) => entry.key === lock.key)) return { ...state, unsure: new Set([...state.unsure, lock.key]) };
  const owed = state.owed.filter((entry) => entry.key !== lock.key);
  const taken = owed.length === state.owed.length ? lock : { ...lock, regained: true as const };
  return { ...state, held: [...state.held.filter((entry) => entry.key !== lock.key), taken], freed: state.freed.filter((entry) => entry.key !== lock.key), owed };
}

function release(state: LockState, lock: AccessPath, mode: HeldLock['mode'], at: Location, chain: CallChain): LockState {
  const held = findHeld(state.held, lock);
  const entry: HeldLock = { lock, key: pathKey(lock), mode, at, chain };
  // The caller's lock, taken again and given back again, is still one that the caller no longer has.
  if (held !== undefined) return { ...state, held: state.held.filter((other) => other !== held), freed: [...state.freed.filter((other) => other.key !== entry.key), entry], ...(held.regained === true ? { owed: [...state.owed, entry] } : {}) };
  if (state.owed.some((other) => other.key === entry.key)) return state;
  return { ...state, owed: [...state.owed, entry] };
}

function handOver(state: LockState, lock: AccessPath): LockState {
  const held = findHeld(state.held, lock);
  return held === undefined ? state : { ...state, held: state.held.filter((other) => other !== held), unsure: new Set([...state.unsure, held.key]) };
}

function write(state: LockState, path: AccessPath, value: Value, relevant: Relevance): LockState {
  const next = forget(state, path);
  const facts = afterWrite(next.facts, path, value, relevant);
  return facts === next.facts ? next : { ...next, facts };
}

function forget(state: LockState, path: AccessPath): LockState {
  const locks = (entry: HeldLock): boolean => !dependsOn(entry.lock, path);
  const channels = (entry: ClosedChannel): boolean => !dependsOn(entry.channel, path);
  const held = kept(state.held, locks);
  const closed = kept(state.closed, channels);
  const freed = kept(state.freed, locks);
  return held === state.held && closed === state.closed && freed === state.freed ? state : { ...state, held, closed, freed };
}

/** The list itself when all of it stays. */
function kept<T>(list: readonly T[], stays: (entry: T) => boolean): readonly T[] {
  for (const entry of list) if (!stays(entry)) return list.filter(stays);
  return list;
}

function recordEvents(fn: Function, block: Block, initial: LockState[], way: Way, events: FlowEvent[]): void {
  let states = initial;
  let locks = pointLocks(states);
  const steps = way.steps[block.id] ?? [];
  let nextStep = 0;
  for (let index = 0; index < block.operations.length && states.length > 0; index++) {
    const operation = block.operations[index]!;
    switch (operation.op) {
      case 'read': if (isShareable(operation.path)) events.push({ kind: 'access', point: { block: block.id, index }, locks, operation }); break;
      case 'write':
        if (isShareable(operation.path)) events.push({ kind: 'access', point: { block: block.id, index }, locks, operation });
        if (locks.may.length > 0) for (const held of lostBy(states, operation.path)) events.push({ kind: 'lost', point: { block: block.id, index }, locks, held, at: operation.at });
        break;
      case 'acquire': {
        const again = alreadyHeld(states, operation.lock);
        events.push({ kind: 'acquire', point: { block: block.id, index }, locks, operation, requires: parameterFacts(fn, states), given: givenBack(states), ...(again === undefined ? {} : { again }) });
        break;
      }
      case 'release': events.push({ kind: 'release', point: { block: block.id, index }, locks, operation, chain: [], ...finding(states, operation) }); break;
      case 'call': case 'spawn': {
        const point = { block: block.id, index };
        events.push({ kind: 'call', point, locks, operation, given: givenBack(states) });
        if (operation.op === 'call') for (const entry of way.effectOf(operation)?.releases ?? []) {
          const release: OperationOf<'release'> = { op: 'release', at: entry.at, lock: entry.lock, mode: entry.mode };
          events.push({ kind: 'release', point, locks, operation: release, chain: entry.chain, ...finding(states, release) });
        }
        break;
      }
      case 'send': case 'receive': events.push({ point: { block: block.id, index }, locks, kind: operation.op, operation, channel: operation.channel, choice: 'none', ...closedBefore(states, operation.channel) }); break;
      case 'close': events.push({ point: { block: block.id, index }, locks, kind: 'close', operation, ...closedBefore(states, operation.channel) }); break;
      case 'wait': events.push({ point: { block: block.id, index }, locks, kind: 'wait', operation }); break;
      case 'signal': events.push({ point: { block: block.id, index }, locks, kind: 'signal', operation }); break;
      case 'cancel': events.push({ point: { block: block.id, index }, locks, kind: 'cancel', operation }); break;
      case 'suspend': events.push({ point: { block: block.id, index }, locks, kind: 'suspend', operation }); break;
      default: break;
    }
    if (steps[nextStep] !== index) continue;
    nextStep++;
    const next = advance(states, operation, way);
    if (next === states) continue;
    if (next.length !== states.length || next.some((state, i) => state.held !== states[i]!.held || state.unsure !== states[i]!.unsure || state.owed !== states[i]!.owed)) locks = pointLocks(next);
    states = next;
  }
  if (states.length === 0) return;
  const point: Point = { block: block.id, index: block.operations.length };
  const { terminator } = block;
  if (terminator.kind === 'select') {
    const choice = terminator.fallback !== undefined ? 'default' : terminator.arms.length > 1 ? 'arms' : 'none';
    for (const arm of terminator.arms) events.push({ point, locks, kind: arm.direction, operation: arm, channel: arm.channel, choice, ...(arm.direction === 'send' ? closedBefore(states, arm.channel) : {}) });
  } else if (terminator.kind === 'return' || terminator.kind === 'throw' || terminator.kind === 'halt') {
    events.push({ point, locks, kind: 'exit', terminator, states });
  }
}

const nothingGiven: readonly AccessPath[] = [];

function givenBack(states: readonly LockState[]): readonly AccessPath[] {
  return states.every((state) => state.owed.length === 0) ? nothingGiven : states.flatMap((state) => state.owed.map((entry) => entry.lock));
}

const noLocks: PointLocks = { must: [], may: [], unsure: new Set(), given: nothingGiven };

function pointLocks(states: readonly LockState[]): PointLocks {
  const [first, ...rest] = states;
  if (first === undefined || (rest.length === 0 && first.held.length === 0 && first.unsure.size === 0 && first.owed.length === 0)) return noLocks;
  const given = givenBack(states);
  if (rest.length === 0) return { must: first.held, may: first.held, unsure: first.unsure, given };
  const must = first.held.filter((held) => rest.every((state) => state.held.some((other) => other.key === held.key)))
    .map((held) => (rest.some((state) => state.held.some((other) => other.key === held.key && other.mode === 'shared')) ? { ...held, mode: 'shared' as const } : held));
  const may = [...first.held];
  for (const state of rest) for (const held of state.held) if (!may.some((other) => other.key === held.key)) may.push(held);
  const unsure = states.every((state) => state.unsure.size === 0) ? first.unsure : new Set(states.flatMap((state) => [...state.unsure]));
  return { must, may, unsure, given };
}

/** Locals that nobody else can reach are no accesses. */
function isShareable(path: AccessPath): boolean {
  if (path.selectors.length > 0 || path.root.kind !== 'variable') return true;
  const { variable } = path.root;
  return variable.kind === 'global' || ((variable.captured || variable.addressed) && variable.kind !== 'temporary');
}

function lostBy(states: readonly LockState[], path: AccessPath): HeldLock[] {
  const lost: HeldLock[] = [];
  for (const state of states) for (const held of state.held) if (held.chain.length === 0 && isIdentifiable(held.lock) && dependsOn(held.lock, path) && !lost.some((other) => other.key === held.key)) lost.push(held);
  return lost;
}

function alreadyHeld(states: readonly LockState[], lock: AccessPath): { held: HeldLock; always: boolean } | undefined {
  if (!isIdentifiable(lock)) return undefined;
  const found = states.filter((state) => !state.unsure.has(pathKey(lock))).map((state) => state.held.find((held) => sameLock(held, lock) && sameInTask(held.lock, lock)));
  const first = found.find((held) => held !== undefined);
  if (first === undefined) return undefined;
  return { held: first, always: found.every((held) => held !== undefined) };
}

function finding(states: readonly LockState[], operation: OperationOf<'release'>): { finds: FlowEventOf<'release'>['finds']; partner?: HeldLock } {
  const key = pathKey(operation.lock);
  const each = states.map((state): { finds: FlowEventOf<'release'>['finds']; partner?: HeldLock } => {
    const held = findHeld(state.held, operation.lock);
    if (held !== undefined) return { finds: held.mode === operation.mode ? 'held' : 'other-mode', partner: held };
    const freed = state.freed.find((entry) => entry.key === key);
    if (state.unsure.has(key)) return { finds: 'mixed' };
    return freed !== undefined && isIdentifiable(operation.lock) ? { finds: 'freed', partner: freed } : { finds: 'nothing' };
  });
  const [first] = each;
  if (first !== undefined && each.every((one) => one.finds === first.finds)) return first;
  return { finds: each.some((one) => one.finds === 'nothing') ? 'sometimes' : 'mixed' };
}

function closedBefore(states: readonly LockState[], channel: AccessPath): { closed?: { channel: ClosedChannel; always: boolean } } {
  if (!isIdentifiable(channel)) return {};
  const key = pathKey(channel);
  const found = states.map((state) => state.closed.find((entry) => entry.key === key));
  const first = found.find((entry) => entry !== undefined);
  return first === undefined ? {} : { closed: { channel: first, always: found.every((entry) => entry !== undefined) } };
}

function parameterFacts(fn: Function, states: readonly LockState[]): readonly ParameterFact[] {
  if (states.every((state) => state.facts.size === 0)) return [];
  return testedParameters(fn).flatMap((variable) => {
    const key = String(variable.id);
    const [first, ...rest] = states.map((state) => state.facts.get(key));
    return first !== undefined && rest.every((fact) => fact?.value === first.value) ? [{ variable, value: first.value }] : [];
  });
}

/** Parameters, also of the functions around, that a branch asks. */
function testedParameters(fn: Function): Variable[] {
  const variables = new Set<Variable>();
  for (const { terminator } of fn.blocks) {
    if (terminator.kind !== 'branch') continue;
    const condition = terminator.condition.kind === 'not' ? terminator.condition.operand : terminator.condition;
    if (condition.kind === 'path' && condition.path.selectors.length === 0 && condition.path.root.kind === 'variable' && condition.path.root.variable.kind === 'parameter') variables.add(condition.path.root.variable);
  }
  return [...variables];
}
