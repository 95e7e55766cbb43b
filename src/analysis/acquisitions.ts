import { pathKey, type AccessPath, type Location, type LockMode } from '../ir/index.js';
import type { ParameterFact } from './lock-flow.js';
import type { CallChain } from './lock-state.js';

/** A lock that is taken in a function or below it, as a summary tells of it. */
export interface AcquireEvent {
  readonly lock: AccessPath;
  readonly mode: LockMode;
  readonly at: Location;
  /** Function in which the acquire stands. */
  readonly function: string;
  readonly chain: CallChain;
  /** Happens only when these parameters hold these values. */
  readonly requires: readonly ParameterFact[];
  /** The caller's locks that were given back before: this one is not taken over them. */
  readonly afterRelease: readonly AccessPath[];
  /** On the way stands a call of one of a few implementations, and this is what one of them does. */
  readonly possible?: true;
}

/** Distinct acquisitions a summary remembers. Beyond it the rest is left out: a function that takes more is a program. */
export const maxAcquires = 64;

export const noEvents: readonly AcquireEvent[] = [];

/** Locks by name, once a mode and for what it requires, each by its shortest chain, in the order in which they came. An event is built only when it is kept. */
export function acquisitions() {
  const events: AcquireEvent[] = [];
  let places: Record<LockMode, Map<string, number>> | undefined;
  return {
    add(lock: AccessPath, mode: LockMode, requires: readonly ParameterFact[], steps: number, build: (lock: AccessPath) => AcquireEvent): void {
      const known = (places ??= { exclusive: new Map(), shared: new Map() })[mode];
      const key = requires.length === 0 ? pathKey(lock) : `${pathKey(lock)} ${requires.map((fact) => ` ${fact.variable.id}=${fact.value}`).join()}`;
      const place = known.get(key);
      if (place !== undefined) { if (events[place]!.chain.length > steps) events[place] = build(lock); return; }
      if (events.length === maxAcquires) return;
      known.set(key, events.length);
      events.push(build(lock));
    },
    all: (): readonly AcquireEvent[] => (events.length === 0 ? noEvents : events.slice()),
  };
}

/** Locks by kind, once a mode, in the order in which they came. An event is built only when it is kept: large programs meet the same locks below every call. */
export function foreignAcquisitions() {
  let known: Record<LockMode, Set<string>> | undefined;
  const events: AcquireEvent[] = [];
  return {
    isFull: () => events.length >= maxAcquires,
    has: (name: string, mode: LockMode) => known?.[mode].has(name) === true,
    add(name: string, mode: LockMode, event: AcquireEvent): void { (known ??= { exclusive: new Set(), shared: new Set() })[mode].add(name); events.push(event); },
    all: (): readonly AcquireEvent[] => (events.length === 0 ? noEvents : events),
  };
}
