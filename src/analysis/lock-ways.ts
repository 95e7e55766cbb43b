import { pathKey, unknownValue, variablePath, type AccessPath, type Block, type BlockId, type Function, type Location, type Operation, type OperationOf, type Value, type Variable } from '../ir/index.js';
import { afterWrite, assume, decide, isMentioned, isNil, noFacts, nothingRelevant, relevanceOf, type Relevance } from './conditions.js';
import { controlFlow } from './control-flow.js';
import { dependsOn, findHeld, mergeStates, sameSignature, sameState, signature, stateOf, type CallChain, type ClosedChannel, type HeldLock, type LockState } from './lock-state.js';

/**
 * In which states of its locks can a function begin each of its blocks?
 * Lattice: sets of LockState, one for each signature; grows, facts shrink; `maxStates` then all ways are one.
 * Under-approximates ways (infeasible branches by correlated conditions are left out), over-approximates loops.
 * Idea: ESP (Das, Lerner, Seigle 2002).
 */
export interface LockWays {
  /** The states at the start of a block; none where control does not come. */
  readonly at: (block: BlockId) => readonly LockState[];
  readonly way: Way;
}

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

export const start: LockState = { held: [], freed: [], owed: [], closed: [], unsure: new Set(), facts: noFacts };

/** What decides how states move through one function. `steps`: per block, the operations that can change a state. */
export interface Way { readonly effectOf: EffectOf; readonly flags: ReadonlySet<string>; readonly relevant: Relevance; readonly steps: readonly (readonly number[])[] }

/** The effect of a call on its caller's locks and channels; undefined for the many calls that have none. */
export type EffectOf = (operation: OperationOf<'call'> | OperationOf<'spawn'>) => Effect | undefined;

const nothingChanges: Way = { effectOf: () => undefined, flags: new Set(), relevant: nothingRelevant, steps: [] };
const unchanged: LockWays = { at: () => [start], way: nothingChanges };

/** `isSetElsewhere`: another literal assigns the variable, so that a call may change it: nothing about it is remembered. */
export function lockWays(fn: Function, effectOf: EffectOf, isSetElsewhere: (variable: Variable, fn: Function) => boolean): LockWays {
  const effects = new Map<Operation, Effect>();
  let touches = false;
  for (const block of fn.blocks) for (const operation of block.operations) {
    switch (operation.op) {
      case 'acquire': case 'release': case 'close': touches = true; break;
      case 'call': case 'spawn': {
        const effect = effectOf(operation);
        if (effect !== undefined) effects.set(operation, effect);
        break;
      }
      default: break;
    }
  }
  // Most functions change no locks, nor does what they call: one state everywhere.
  if (!touches && effects.size === 0) return unchanged;
  const effectAt: EffectOf = effects.size === 0 ? nothingChanges.effectOf : (operation) => effects.get(operation);
  const flags = fn.blocks.some(registersDeferral) ? askedFlags(fn) : nothingChanges.flags;
  // Where all ways agree on the locks, conditions decide nothing: they are remembered only where ways differ.
  if (flags.size === 0 && !asksParameters(fn)) {
    const way: Way = { effectOf: effectAt, flags, relevant: nothingRelevant, steps: stepsIn(fn, effects, nothingRelevant) };
    const only = onlyStates(fn, way);
    if (only !== undefined) return { at: (block) => (only[block] === undefined ? [] : [only[block]]), way };
  }
  const relevant = relevantIn(fn, isSetElsewhere);
  const way: Way = { effectOf: effectAt, flags, relevant, steps: stepsIn(fn, effects, relevant) };
  const entries = statesAtBlocks(fn, way);
  return { at: (block) => { const known = entries[block]; return known === undefined ? [] : [...known.values()]; }, way };
}

function registersDeferral({ operations }: Block): boolean {
  for (const operation of operations) if (operation.op === 'write' && operation.path.root.kind === 'variable' && isDeferral(operation.path.root.variable)) return true;
  return false;
}

function isDeferral(variable: Variable): boolean {
  return variable.name.startsWith('deferred#');
}

/** The deferral flags that some branch asks: a deferral that is registered on every way to the exits needs no asking. */
function askedFlags(fn: Function): ReadonlySet<string> {
  const asked = new Set<string>();
  for (const id of controlFlow(fn).order) {
    const { terminator } = fn.blocks[id]!;
    if (terminator.kind === 'branch') isAbout(terminator.condition, (variable) => { if (isDeferral(variable)) asked.add(pathKey(variablePath(variable))); return false; });
  }
  return asked;
}

/** Blocks to walk, the first in reverse postorder next: what comes before a block has been walked when its turn comes, but for loops. */
function agenda(fn: Function) {
  const { order } = controlFlow(fn);
  const rank = new Int32Array(fn.blocks.length);
  for (let index = 0; index < order.length; index++) rank[order[index]!] = index;
  const due = new Uint8Array(order.length);
  let cursor = 0;
  return {
    add(block: BlockId): void {
      const place = rank[block]!;
      due[place] = 1;
      if (place < cursor) cursor = place;
    },
    next(): BlockId | undefined {
      while (cursor < order.length && due[cursor] === 0) cursor++;
      if (cursor === order.length) return undefined;
      due[cursor] = 0;
      return order[cursor];
    },
  };
}

/** The state at the start of each block, for functions whose ways never differ in their locks and leave nothing in doubt; undefined for others. */
function onlyStates(fn: Function, way: Way): readonly (LockState | undefined)[] | undefined {
  const entries: (LockState | undefined)[] = fn.blocks.map(() => undefined);
  const work = agenda(fn);
  let differs = false;
  const arrive = (to: BlockId, state: LockState): void => {
    const known = entries[to];
    if (known === state) return;
    if (known === undefined) {
      if (state.owed.length > 0 || state.unsure.size > 0) differs = true;
      entries[to] = state;
    } else {
      if (!sameSignature(known, state)) { differs = true; return; }
      const merged = mergeStates(known, state);
      if (sameState(known, merged)) return;
      entries[to] = merged;
    }
    work.add(to);
  };
  arrive(0 as BlockId, start);
  const moved: LockState[] = [];
  for (let id = work.next(); id !== undefined; id = work.next()) {
    const block = fn.blocks[id]!;
    let state = entries[id];
    for (const index of way.steps[id]!) {
      moved.length = 0;
      step(state!, block.operations[index]!, way, moved);
      state = moved[0];
      if (state === undefined) break;
    }
    if (state !== undefined) eachWayOut(block, [state], way.relevant, arrive);
    if (differs) return undefined;
  }
  return entries;
}

type States = readonly (ReadonlyMap<string, LockState> | undefined)[];

/** The states at the start of each block that control reaches, by their signatures. */
function statesAtBlocks(fn: Function, way: Way): States {
  const entries: (Map<string, LockState> | undefined)[] = fn.blocks.map(() => undefined);
  // Per block the ways that are new or changed since it was last walked: only they are walked again.
  const changed: (Set<string> | undefined)[] = fn.blocks.map(() => undefined);
  const work = agenda(fn);
  const arrive = (to: BlockId, state: LockState): void => {
    const known = entries[to] ??= new Map();
    const key = join(known, state, way.flags);
    if (key === undefined) return;
    const keys = changed[to];
    if (keys === undefined) changed[to] = new Set([key]); else keys.add(key);
    work.add(to);
  };
  arrive(0 as BlockId, start);
  for (let id = work.next(); id !== undefined; id = work.next()) {
    const known = entries[id]!;
    const block = fn.blocks[id]!;
    const pending: LockState[] = [];
    for (const key of changed[id]!) { const state = known.get(key); if (state !== undefined) pending.push(state); }
    let states: readonly LockState[] = pending;
    changed[id] = undefined;
    for (const index of way.steps[id]!) states = advance(states, block.operations[index]!, way);
    eachWayOut(block, states, way.relevant, arrive);
  }
  return entries;
}

/** Whether callers may decide by an argument, or a lock by its answer, which way is taken. */
function asksParameters(fn: Function): boolean {
  return testedParameters(fn).length > 0 || fn.blocks.some(({ operations }) => operations.some((operation) => operation.op === 'acquire' && operation.tries));
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
    for (const selector of selectors) if (selector.kind === 'element') {
      if (selector.key !== undefined) keys.add(selector.key);
      if (selector.index !== undefined) roots.add(selector.index);
    }
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
  return facts === state.facts ? state : stateOf(state.held, state.freed, state.owed, state.closed, state.unsure, facts);
}

/** All states past an operation. Where none changes the list itself is handed back. */
export function advance(states: readonly LockState[], operation: Operation, way: Way): readonly LockState[] {
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
    if (operation.op !== 'acquire') continue;
    if (operation.result !== undefined) conditions.push({ kind: 'path', path: { root: { kind: 'variable', variable: operation.result }, selectors: [] } });
    const optional = optionalOf(operation.lock);
    if (optional !== undefined) conditions.push(isNil(optional));
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
      if (!operation.tries) {
        const optional = relevant.conditions.size === 0 ? undefined : optionalOf(operation.lock);
        into.push(optional === undefined ? held : withFacts(held, assume(held.facts, isNil(optional), false, relevant)));
        return;
      }
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

/** The local pointer to a lock, or to what holds it: once locked, it is there. `var mu *sync.Mutex; if s.parts { mu = s.partOf(k); mu.Lock() }; ...; if mu != nil { mu.Unlock() }`. */
function optionalOf({ root }: AccessPath): AccessPath | undefined {
  return root.kind === 'variable' && root.variable.kind === 'local' && root.variable.type.kind === 'pointer' ? variablePath(root.variable) : undefined;
}

function acquire(state: LockState, lock: HeldLock): LockState {
  // A second acquire never returns; what follows is judged as if each release had its acquire.
  if (state.held.some((entry) => entry.key === lock.key)) return { ...state, unsure: new Set([...state.unsure, lock.key]) };
  const owed = kept(state.owed, (entry) => entry.key !== lock.key);
  const lent = owed === state.owed ? undefined : state.owed.find((entry) => entry.key === lock.key)!;
  const taken = lent === undefined ? lock : { ...lock, regained: true as const, lent };
  return stateOf([...state.held, taken], kept(state.freed, (entry) => entry.key !== lock.key), owed, state.closed, state.unsure, state.facts);
}

function release(state: LockState, lock: AccessPath, mode: HeldLock['mode'], at: Location, chain: CallChain): LockState {
  const held = findHeld(state.held, lock);
  const entry: HeldLock = { lock, key: pathKey(lock), mode, at, chain };
  // The caller's lock, taken again and given back again, is still one that the caller no longer has: given back as it was first.
  if (held !== undefined) return stateOf(state.held.filter((other) => other !== held), [...state.freed.filter((other) => other.key !== entry.key), entry], held.lent !== undefined ? [...state.owed, held.lent] : state.owed, state.closed, state.unsure, state.facts);
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
  return withFacts(next, facts);
}

function forget(state: LockState, path: AccessPath): LockState {
  const locks = (entry: HeldLock): boolean => !dependsOn(entry.lock, path);
  const channels = (entry: ClosedChannel): boolean => !dependsOn(entry.channel, path);
  const held = kept(state.held, locks);
  const closed = kept(state.closed, channels);
  const freed = kept(state.freed, locks);
  return held === state.held && closed === state.closed && freed === state.freed ? state : stateOf(held, freed, state.owed, closed, state.unsure, state.facts);
}

/** The list itself when all of it stays. */
function kept<T>(list: readonly T[], stays: (entry: T) => boolean): readonly T[] {
  for (const entry of list) if (!stays(entry)) return list.filter(stays);
  return list;
}

/** Parameters, also of the functions around, that a branch asks. */
export function testedParameters(fn: Function): Variable[] {
  const variables = new Set<Variable>();
  for (const { terminator } of fn.blocks) {
    if (terminator.kind !== 'branch') continue;
    const condition = terminator.condition.kind === 'not' ? terminator.condition.operand : terminator.condition;
    if (condition.kind === 'path' && condition.path.selectors.length === 0 && condition.path.root.kind === 'variable' && condition.path.root.variable.kind === 'parameter') variables.add(condition.path.root.variable);
  }
  return [...variables];
}
