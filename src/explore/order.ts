import { dawn, join, type Clock } from './clocks.js';
import { assign, type Trail } from './trail.js';

/**
 * Which visible operations commute. Two tables decide the whole partial-order reduction: `follows` says which
 * earlier operations on an object an operation is ordered after, `reverses` which of them the search must also
 * try the other way round. They differ where the first enables the second: a release is ordered before the
 * acquire it lets in, and no schedule has them swapped.
 */
export type Class =
  /** `release-other`: of a lock that the task itself does not hold. */
  | 'acquire' | 'acquire-shared' | 'try' | 'release' | 'release-shared' | 'release-other'
  | 'send' | 'receive' | 'close' | 'poll'
  /**
   * Counters. `empty`: a count to zero; `overdraw`: one below; `arrive`: a wait that has to wait; `come`: one that has
   * not. Up, down and come are the coarse view, in which adding and counting down commute. That is right unless a
   * wait may run beside an add, or a count down may come too early: then add, done and pass are told apart.
   */
  | 'up' | 'down' | 'come' | 'add' | 'done' | 'pass' | 'empty' | 'overdraw' | 'await' | 'arrive'
  | 'once' | 'sleep' | 'signal'
  | 'load' | 'store';

/** Sends and receives of one channel are ordered by the message, not by this table. */
const follows: Readonly<Record<Class, readonly Class[]>> = {
  acquire: ['acquire', 'acquire-shared', 'try', 'release', 'release-shared', 'release-other'],
  'acquire-shared': ['acquire', 'try', 'release', 'release-other'],
  try: ['acquire', 'acquire-shared', 'try', 'release', 'release-shared', 'release-other'],
  release: ['acquire', 'acquire-shared', 'try', 'release', 'release-other'],
  'release-shared': ['acquire', 'try', 'release-other'],
  'release-other': ['acquire', 'acquire-shared', 'try', 'release', 'release-shared', 'release-other'],
  send: ['send', 'close', 'poll'],
  receive: ['receive', 'close', 'poll'],
  close: ['send', 'close', 'poll'],
  poll: ['send', 'receive', 'close', 'poll'],
  up: ['overdraw', 'await', 'arrive', 'come'],
  down: ['overdraw', 'await', 'come'],
  come: ['up', 'down', 'empty'],
  add: ['add', 'done', 'empty', 'overdraw', 'await', 'arrive', 'pass'],
  done: ['add', 'overdraw', 'await', 'pass'],
  pass: ['add', 'done', 'empty'],
  empty: ['add', 'overdraw', 'await', 'pass', 'come'],
  overdraw: ['up', 'down', 'come', 'add', 'done', 'pass', 'empty', 'overdraw', 'await', 'arrive'],
  await: ['up', 'down', 'add', 'done', 'empty', 'overdraw'],
  arrive: ['up', 'add', 'arrive', 'overdraw'],
  once: ['once'],
  sleep: ['signal', 'sleep'],
  signal: ['signal', 'sleep'],
  load: ['store'],
  store: ['store', 'load'],
};

const reverses: Readonly<Record<Class, readonly Class[]>> = {
  acquire: ['acquire', 'acquire-shared', 'try', 'release-other'],
  'acquire-shared': ['acquire', 'try', 'release-other'],
  try: ['acquire', 'acquire-shared', 'try', 'release', 'release-shared', 'release-other'],
  release: ['try', 'release-other'],
  'release-shared': ['try', 'release-other'],
  'release-other': ['acquire', 'acquire-shared', 'try', 'release', 'release-shared', 'release-other'],
  send: ['send', 'close', 'poll'],
  receive: ['receive', 'poll'],
  close: ['send', 'close', 'poll'],
  poll: ['send', 'receive', 'close', 'poll'],
  up: ['overdraw', 'await', 'arrive', 'come'],
  down: ['overdraw'],
  come: ['up'],
  add: ['done', 'empty', 'overdraw', 'await', 'arrive', 'pass'],
  done: ['add', 'overdraw'],
  // Whoever comes to wait late could have come while there was something to wait for.
  pass: ['add', 'done', 'empty'],
  empty: ['add', 'overdraw'],
  overdraw: ['up', 'down', 'come', 'add', 'done', 'pass', 'empty', 'overdraw', 'await', 'arrive'],
  await: ['up', 'add', 'overdraw'],
  // Only the first who waits counts as the one an add races with.
  arrive: ['up', 'add', 'arrive'],
  once: ['once'],
  sleep: ['signal'],
  signal: ['sleep', 'signal'],
  load: ['store'],
  store: ['store', 'load'],
};

/** Pairs that leave the same state in either order, for sleep sets. All others on one object are taken as dependent. */
const commuting: Readonly<Partial<Record<Class, readonly Class[]>>> = {
  'acquire-shared': ['acquire-shared', 'release-shared'],
  'release-shared': ['acquire-shared', 'release-shared'],
  up: ['up', 'down'],
  down: ['up', 'down', 'arrive'],
  done: ['done'],
  load: ['load'],
  arrive: ['done', 'down'],
};

/** Stands among the promoted accesses when waits were seen beside adds, or counts that may come before the adds that cover them: counters are then looked at closely. */
export const contention: object = { contention: 'counters' };

/** An executed visible operation: one task, or both sides of a rendezvous. `node` is the choice point it was taken at. */
export interface Event {
  readonly sequence: number;
  readonly tasks: readonly number[];
  readonly node: number;
}

/** The events on one object, latest first. */
interface EventLink {
  readonly event: Event;
  readonly as: Class;
  readonly previous: EventLink | undefined;
}

/** What an object remembers of the order of the operations on it. */
export interface Ordered {
  /** For each class, the join of the clocks of its events. */
  readonly orders: Partial<Record<Class, Clock>>;
  last: EventLink | undefined;
}

export function newOrdered(): Ordered {
  return { orders: {}, last: undefined };
}

/** An operation that is about to happen, as the tables see it. */
export interface Footprint {
  readonly on: Ordered;
  readonly as: Class;
  /** The latest event that was already looked at for this pending operation. */
  seen?: EventLink | undefined;
}

/** The clock an operation with this footprint starts from, beyond its task's own. */
export function orderBefore(footprint: Footprint, clock: Clock): Clock {
  let joined = clock;
  const { orders } = footprint.on;
  for (const earlier of follows[footprint.as]) {
    const order = orders[earlier];
    if (order !== undefined) joined = join(joined, order);
  }
  return joined;
}

export function recordEvent(trail: Trail, footprint: Footprint, event: Event, clock: Clock): void {
  const { on, as } = footprint;
  assign(trail, on.orders, as, join(on.orders[as] ?? dawn, clock));
  assign(trail, on, 'last', { event, as, previous: on.last });
}

/**
 * The latest event that the pending operation of `task` could have come before: same object, reversible, of
 * another task, and not ordered before the task as it stands. Events looked at earlier for the same pending
 * operation are not looked at again. Operations that fail by the state they meet could have come before any of
 * the events that led to it, so for them it is all, not the latest.
 */
export function reversibleEvents(footprint: Footprint, task: number, clock: Clock): readonly Event[] {
  const until = footprint.seen;
  footprint.seen = footprint.on.last;
  const kinds = reverses[footprint.as];
  let found: Event[] | undefined;
  for (let link = footprint.on.last; link !== undefined && link !== until; link = link.previous) {
    const { event } = link;
    if (!kinds.includes(link.as) || event.tasks.includes(task)) continue;
    if (event.tasks.some((other) => (clock[other] ?? 0) >= event.sequence)) continue;
    if (!failing.includes(footprint.as)) return [event];
    (found ??= []).push(event);
  }
  return found ?? none;
}

const none: readonly Event[] = [];
const failing: readonly Class[] = ['overdraw', 'release-other'];

export function independent(a: readonly Footprint[], b: readonly Footprint[]): boolean {
  return !a.some((mine) => b.some((theirs) => mine.on === theirs.on && !(commuting[mine.as]?.includes(theirs.as) ?? false)));
}
