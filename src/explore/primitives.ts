import { unknownType, type Location } from '../ir/index.js';
import { dawn, type Clock } from './clocks.js';
import { newOrdered, type Ordered } from './order.js';
import type { Frame } from './machine.js';
import type { Cell, Datum, Heap } from './values.js';
import { newCell } from './values.js';

/** The synchronisation objects of a running program. What each operation does to them stands in synchronisation.ts. */
export type Synchroniser = Lock | Channel | Counter | Once | Condition | Context | Cancel | Timer | Pool | Settlement | Settler;

interface Named extends Ordered {
  readonly id: number;
  /** As the program wrote it where it was first used. */
  readonly name: string;
  /** Code that is not known may operate on it too: who waits for it does not wait for ever. */
  outside: boolean;
}

/** A mutex, or a read-write lock that nobody has locked for reading yet. */
export interface Lock extends Named {
  readonly kind: 'lock';
  /** The memory it lives in: who overwrites or copies that races with who locks. */
  readonly inside: Cell;
  /** Task that holds it exclusively, or -1; `heldByNobody` when it was copied as held. */
  writer: number;
  readers: readonly number[];
  /** Writer that waits for the readers to leave and keeps new ones out, or -1. */
  announced: number;
  released: Clock;
  releasedShared: Clock;
}

export interface Message {
  readonly value: Datum;
  readonly clock: Clock;
  readonly order: Clock;
}

export interface Channel extends Named {
  readonly kind: 'channel';
  readonly capacity: number;
  queue: readonly Message[];
  sent: number;
  /** What each finished receive gives back to the send that takes its place. */
  freed: readonly Omit<Message, 'value'>[];
  closed: { readonly at: Location; readonly function: string; readonly clock: Clock; readonly order: Clock } | undefined;
  /** Go's detector takes a close as a write of the channel and a send as a read. */
  readonly inside: Cell;
}

/** Wait groups and task groups. */
export interface Counter extends Named {
  readonly kind: 'counter';
  /** NaN once something unknown was added. */
  count: number;
  done: Clock;
  /** Each task of the group holds a place in this buffer while it runs; undefined: as many as you like. */
  places: Channel | undefined;
  /** Tasks that wait for it to come down. */
  waiting: number;
  /** All adds, and the latest wait of each task, by its task's own time. */
  adds: readonly { readonly task: number; readonly time: number; readonly amount: number }[];
  waits: readonly { readonly task: number; readonly time: number }[];
  /** How often it was counted down. */
  downs: number;
  /** The first Add races with a Wait that is under way. */
  readonly inside: Cell;
}

export interface Once extends Named {
  readonly kind: 'once';
  state: 'fresh' | 'running' | 'done';
  done: Clock;
}

export interface Condition extends Named {
  readonly kind: 'condition';
  readonly lock: Cell | undefined;
  waiting: readonly number[];
}

export interface Context extends Named {
  readonly kind: 'context';
  /** undefined: nothing ever ends it. */
  readonly done: Channel | undefined;
  children: readonly Context[];
}

/** Sends on a channel or starts a task when it fires. */
export interface Timer extends Named {
  readonly kind: 'timer';
  readonly channel: Channel | undefined;
  /** Gives the task that it starts its frame. */
  readonly begin: (() => Frame) | undefined;
  /** The task that stands for it now. */
  task: number;
  running: boolean;
  /** So far away that it fires only when nothing else can move. */
  late: boolean;
  /** It stands for a handler, which runs once somebody serves. */
  readonly registered?: true;
}

/** Spare objects, each with what whoever put it there had done. */
export interface Pool extends Named {
  readonly kind: 'pool';
  readonly inside: Cell;
  spare: readonly { readonly value: Datum; readonly clock: Clock }[];
}

/** A promise, or the handle of a task: what becomes known later, once. */
export interface Settlement extends Named {
  readonly kind: 'settlement';
  state: 'open' | 'fulfilled' | 'rejected';
  /** Tasks that must end before it is settled, when it is a handle. */
  tasks: readonly number[];
}

/** A function that settles one. */
export interface Settler extends Named {
  readonly kind: 'settler';
  readonly of: Settlement;
  readonly as: 'fulfilled' | 'rejected';
}

/** The function that ends a context. */
export interface Cancel extends Named {
  readonly kind: 'cancel';
  readonly context: Context;
}

function named(heap: Heap, name: string, outside = false): Named {
  heap.serial += 1;
  return { id: heap.serial, name, outside, ...newOrdered() };
}

export function newLock(heap: Heap, name: string, inside: Cell): Lock {
  return { kind: 'lock', ...named(heap, name), inside, writer: -1, readers: [], announced: -1, released: dawn, releasedShared: dawn };
}

export function newChannel(heap: Heap, name: string, capacity: number, outside = false): Channel {
  return { kind: 'channel', ...named(heap, name, outside), capacity, queue: [], sent: 0, freed: [], closed: undefined, inside: newCell(heap, unknownType) };
}

export function newCounter(heap: Heap, name: string): Counter {
  return { kind: 'counter', ...named(heap, name), count: 0, done: dawn, places: undefined, waiting: 0, adds: [], waits: [], downs: 0, inside: newCell(heap, unknownType) };
}

export function newOnce(heap: Heap, name: string): Once {
  return { kind: 'once', ...named(heap, name), state: 'fresh', done: dawn };
}

export function newPool(heap: Heap, name: string, inside: Cell): Pool {
  return { kind: 'pool', ...named(heap, name), inside, spare: [] };
}

export function newCondition(heap: Heap, name: string, lock: Cell | undefined): Condition {
  return { kind: 'condition', ...named(heap, name), lock, waiting: [] };
}

export function newContext(heap: Heap, name: string, done: Channel | undefined): Context {
  return { kind: 'context', ...named(heap, name), done, children: [] };
}

export function newTimer(heap: Heap, name: string, what: Pick<Timer, 'channel' | 'begin' | 'task' | 'late' | 'registered'>): Timer {
  return { kind: 'timer', ...named(heap, name), ...what, running: true };
}

export function newCancel(heap: Heap, context: Context): Cancel {
  return { kind: 'cancel', ...named(heap, `cancel of ${context.name}`), context };
}

export function newSettlement(heap: Heap, name: string): Settlement {
  return { kind: 'settlement', ...named(heap, name), state: 'open', tasks: [] };
}

export function newSettler(heap: Heap, of: Settlement, as: Settler['as']): Settler {
  return { kind: 'settler', ...named(heap, as === 'fulfilled' ? `what fulfils ${of.name}` : `what rejects ${of.name}`), of, as };
}
