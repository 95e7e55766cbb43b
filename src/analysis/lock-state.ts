import { classOf, pathKey, printPath, sameInTask, type AccessPath, type Location, type LockMode } from '../ir/index.js';
import { meetFacts, sameFacts, type Facts } from './conditions.js';

/** Evidence of how control came to an event in a callee: outermost call first. Carried along, never compared. */
export type CallChain = readonly { readonly call: Location; readonly caller: string; readonly callee: string }[];

/** The chain as seen from one call further out. A list of its own length: a spread behind an element leaves room for sixteen more, and evidence is kept for every lock of every function. */
export function linked(link: CallChain[number], chain: CallChain): CallChain {
  return [link].concat(chain);
}

export interface HeldLock {
  readonly lock: AccessPath;
  readonly key: string;
  readonly mode: LockMode;
  readonly at: Location;
  /** Calls between this function and the acquire. */
  readonly chain: CallChain;
  /** The caller's lock, given back for a while and taken again: as he left it. `lent`: how it was given back then. */
  readonly regained?: true;
  readonly lent?: HeldLock;
}

export interface ClosedChannel { readonly channel: AccessPath; readonly key: string; readonly at: Location; readonly chain: CallChain }

/**
 * What one way through a function has done so far. Two ways are merged when they agree on everything but the
 * facts: what matters to a lock rule is kept apart, what does not is not (ESP's property simulation).
 */
export interface LockState {
  /** In the order of acquisition. */
  readonly held: readonly HeldLock[];
  /** Acquired and released again here: a further release is one too many. */
  readonly freed: readonly HeldLock[];
  /** Released here without having been acquired here: the caller's locks. */
  readonly owed: readonly HeldLock[];
  readonly closed: readonly ClosedChannel[];
  /** Locks about which this path no longer knows: handed over, or changed by a call that does so only sometimes. */
  readonly unsure: ReadonlySet<string>;
  readonly facts: Facts;
}

/** A state by its parts: this is where every state comes from that differs in more than one rare part, so that all have one shape. */
export function stateOf(held: LockState['held'], freed: LockState['freed'], owed: LockState['owed'], closed: LockState['closed'], unsure: LockState['unsure'], facts: Facts): LockState {
  return { held, freed, owed, closed, unsure, facts };
}

export function sameLock(held: HeldLock, lock: AccessPath): boolean {
  return held.key === pathKey(lock);
}

/**
 * The held lock that a release means: the same path; else the only one of the same class whose instance
 * had no name (`s.shard(k).Lock()` answered by `s.shard(k).Unlock()`).
 */
export function findHeld(held: readonly HeldLock[], lock: AccessPath): HeldLock | undefined {
  const exact = held.findLast((entry) => sameLock(entry, lock));
  if (exact !== undefined) return exact;
  const lockClass = classOf(lock);
  const nameless = held.filter((entry) => lockClass !== undefined && classOf(entry.lock) === lockClass && !isIdentifiable(entry.lock));
  return isIdentifiable(lock) ? undefined : nameless[0];
}

/** Whether two mentions of this path in one task surely mean one lock. */
export function isIdentifiable(path: AccessPath): boolean {
  return sameInTask(path, path) && !(path.root.kind === 'variable' && path.root.variable.kind === 'temporary');
}

export function describeHeld(held: readonly HeldLock[]): string[] {
  return held.map((entry) => `${printPath(entry.lock)}${entry.mode === 'shared' ? ' (shared)' : ''}`);
}

/** Whether writing this variable, or this location, changes what the path means. */
export function dependsOn(path: AccessPath, written: AccessPath): boolean {
  if (written.root.kind !== 'variable' || path.root.kind !== 'variable') return false;
  const { variable } = written.root;
  // The index by its variable: of two variables of one name a key calls one by another.
  if (written.selectors.length === 0 && path.selectors.some((s) => s.kind === 'element' && (s.index === variable || s.key === variable.name))) return true;
  if (variable !== path.root.variable || written.selectors.length > path.selectors.length) return false;
  if (written.selectors.length === 0) return true;
  return pathKey(written) === pathKey({ root: path.root, selectors: path.selectors.slice(0, written.selectors.length) });
}

/** Everything but the facts, as text: equal signatures are merged. `flags` are the names whose facts must be kept apart. */
export function signature(state: LockState, flags: ReadonlySet<string>): string {
  if (flags.size === 0 && state.held.length === 0 && state.owed.length === 0 && state.closed.length === 0 && state.unsure.size === 0) return '';
  const flagged = flags.size === 0 ? '' : [...flags].map((flag) => String(state.facts.get(flag)?.value)).join();
  return `${state.held.map((h) => h.key + h.mode).join()}|${state.owed.map((h) => h.key + h.mode).sort().join()}|${state.closed.map((c) => c.key).sort().join()}|${[...state.unsure].sort().join()}|${flagged}`;
}

/** Whether two states without debts and doubts have one signature. */
export function sameSignature(a: LockState, b: LockState): boolean {
  if (a.owed.length + b.owed.length + a.unsure.size + b.unsure.size > 0 || a.held.length !== b.held.length || a.closed.length !== b.closed.length) return false;
  for (let index = 0; index < a.held.length; index++) { const one = a.held[index]!, other = b.held[index]!; if (one !== other && (one.key !== other.key || one.mode !== other.mode)) return false; }
  return a.closed === b.closed || a.closed.every((entry) => b.closed.some((other) => other.key === entry.key));
}

export function mergeStates(a: LockState, b: LockState): LockState {
  const facts = meetFacts(a.facts, b.facts);
  const freed = a.freed === b.freed || a.freed.length === 0 ? a.freed : a.freed.filter((entry) => b.freed.some((other) => other.key === entry.key));
  return facts === a.facts && freed.length === a.freed.length ? a : stateOf(a.held, freed, a.owed, a.closed, a.unsure, facts);
}

export function sameState(a: LockState, b: LockState): boolean {
  return a === b || (a.freed.length === b.freed.length && sameFacts(a.facts, b.facts));
}
