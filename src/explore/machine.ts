import type { Block, Function, FunctionId, Location, OperationOf, Program, Variable } from '../ir/index.js';
import { dawn, tick, type Clock } from './clocks.js';
import { layoutOf, type Layout } from './layout.js';
import type { Move } from './moves.js';
import type { Event, Footprint } from './order.js';
import type { Channel, Condition, Context, Counter, Lock, Once, Settlement, Timer } from './primitives.js';
import type { Section } from './sections.js';
import type { Look, Watch, Written } from './overlaps.js';
import type { Thread } from './threads.js';
import { append, assign, insert, newTrail } from './trail.js';
import { newCell, store, type Cell, type Datum, type Heap } from './values.js';
import type { Bounds, WitnessKind } from './verdict.js';

/** An activation of a function. */
export interface Frame {
  readonly serial: number;
  readonly fn: Function;
  readonly layout: Layout;
  readonly slots: (Cell | undefined)[];
  block: number;
  index: number;
  /** The part of the exploration in which the position was last saved. */
  epoch: number;
  readonly caller: Frame | undefined;
  readonly depth: number;
  /** Variables of the caller that take the results. */
  readonly results: readonly Variable[];
  /** Where it stands in its loops; few functions go round one. */
  rounds: Rounds | undefined;
  /** Runs the deferred work of a panic. */
  unwinding: boolean;
  /** How what was just called, or waited for, has ended, when that is known. */
  outcome: 'fulfilled' | 'rejected' | undefined;
  /** The once-object that is done when this returns. */
  readonly completes: Once | undefined;
}

/** What is counted of loops, by their heads. */
export interface Rounds {
  readonly turns: Map<number, number>;
  /** Those of them with visible operations in them, and how many there had been at the last turn. */
  readonly busy: Map<number, number>;
  readonly eventsAt: Map<number, number>;
  /** The entries of the map that a loop visits, as they were when it was entered, and which of them it visits now. */
  readonly visits: Map<number, Visit>;
  /** What had changed when a loop head was last passed. */
  readonly passed: Map<number, number>;
}

export interface Visit {
  readonly keys: readonly string[];
  readonly at: number;
}

export interface Held {
  readonly lock: Lock;
  readonly shared: boolean;
  readonly name: string;
  readonly at: Location;
  readonly function: string;
  /** The call of that function, by its serial number. */
  readonly call: number;
}

export interface Panic {
  readonly kind: WitnessKind;
  readonly at: Location;
  readonly function: string;
  readonly subject: string;
  readonly message: string;
  readonly other?: { readonly at: Location; readonly function: string };
  readonly step: number;
}

/** One way a channel operation can go. */
export interface Arm {
  readonly at: Location;
  /** null: a nil channel; undefined: a channel nothing is known of. */
  readonly channel: Channel | null | undefined;
  readonly direction: 'send' | 'receive';
  readonly value: Datum;
  readonly result: Variable | undefined;
  readonly ok: Variable | undefined;
  readonly to: number | undefined;
  readonly name: string;
}

/** The visible operation a task is about to take. Invisible ones never wait here. */
export type Pending = { readonly at: Location; /** What it is, for a person. */ readonly text: string; /** Computed once, when first asked. */ footprints?: readonly Footprint[]; /** The ways to take it that were made last. */ moves?: readonly Move[] } & (
  /** An unknown condition or callee: any of `options`. */
  | { readonly kind: 'decide'; readonly key: string | undefined; readonly options: number; /** The option to try first: the one that does not leave at once. */ readonly likely?: number; /** An unknown that is this value when the decision is 1. */ readonly pins?: { readonly key: string; readonly value: Datum } }
  | { readonly kind: 'acquire'; readonly lock: Lock; readonly shared: boolean; readonly tries: boolean; readonly result: Variable | undefined; readonly name: string; readonly resumes?: true }
  /** The writer has announced itself and waits for the readers to leave. */
  | { readonly kind: 'enter'; readonly lock: Lock; readonly name: string }
  | { readonly kind: 'release'; readonly task: number; readonly lock: Lock; readonly shared: boolean; readonly name: string }
  | { readonly kind: 'communicate'; readonly arms: readonly Arm[]; readonly fallback: number | undefined; readonly select: boolean }
  | { readonly kind: 'close'; readonly channel: Channel; readonly name: string }
  | { readonly kind: 'count'; /** Waits may run beside adds. */ readonly exact: boolean; readonly counter: Counter; readonly delta: number; readonly name: string }
  | { readonly kind: 'await'; readonly exact: boolean; readonly counter: Counter; readonly arrived: boolean; readonly group: boolean; readonly name: string }
  | { readonly kind: 'once'; readonly once: Once; readonly run: () => void; readonly name: string }
  | { readonly kind: 'sleep'; readonly task: number; readonly condition: Condition; readonly lock: Lock | undefined; readonly shared: boolean; readonly name: string }
  | { readonly kind: 'asleep'; readonly condition: Condition; readonly lock: Lock | undefined; readonly shared: boolean; readonly name: string }
  | { readonly kind: 'signal'; readonly condition: Condition; readonly broadcast: boolean; readonly name: string }
  | { readonly kind: 'cancel'; readonly context: Context; readonly name: string }
  | { readonly kind: 'inquire'; readonly context: Context; readonly result: Variable | undefined; readonly name: string }
  /** An access whose place in the order matters: atomic, or found to race. */
  | { readonly kind: 'access'; readonly cell: Cell; readonly write: boolean; readonly run: () => void }
  /** A task is to be started in a group that lets only so many run at a time. */
  | { readonly kind: 'enlist'; readonly operation: OperationOf<'spawn'>; readonly group: Counter; readonly places: Channel; /** Starts nothing when there is no room. */ readonly tries: boolean; readonly name: string }
  /** The task's group is told that the task has ended. */
  | { readonly kind: 'leave'; readonly counter: Counter; readonly places: Channel | undefined; readonly name: string }
  /** A timer, ticker or deadline may go off. */
  | { readonly kind: 'fire'; readonly channel: Channel; readonly timer: Timer }
  | { readonly kind: 'expire'; readonly context: Context }
  /** May start at any later time. */
  | { readonly kind: 'begin'; readonly timer?: Timer; /** The end of this starts it, when it ends so. */ readonly after?: Settlement; readonly outcome?: 'fulfilled' | 'rejected'; /** A client's call: made at any moment at which its thread is free. */ readonly call?: true; /** What fires it, for taking it off. */ readonly source?: string; readonly event?: string }
  /** A suspended task goes on: when `on` has settled; without it, at once (`soon`) or at any later time. */
  | { readonly kind: 'resume'; readonly on?: Settlement; readonly soon?: true; /** Further operations that only wait for the same. */ readonly skips: number }
  /** A timer is stopped or started again. */
  | { readonly kind: 'arm'; readonly timer: Timer; readonly starts: boolean; readonly late: boolean; readonly drops: boolean; readonly result: Variable | undefined; readonly name: string }
  /** Waits until no other task can move. */
  | { readonly kind: 'settle' }
  /** A loop that polls: nothing it read has changed since its last turn. */
  | { readonly kind: 'stall'; readonly since: number }
  /** Taken out of the schedule by a bound. */
  | { readonly kind: 'parked' }
);

export type PendingOf<K extends Pending['kind']> = Extract<Pending, { readonly kind: K }>;

export interface Task {
  readonly id: number;
  readonly name: string;
  readonly timer: boolean;
  frame: Frame | undefined;
  pending: Pending | undefined;
  /** Happens-before, as Go's memory model defines it. */
  clock: Clock;
  /** Order of dependent operations in this schedule, for the reduction. */
  order: Clock;
  held: readonly Held[];
  panic: Panic | undefined;
  group: Counter | undefined;
  /** The start for which its group has made room. */
  placed: OperationOf<'spawn'> | undefined;
  /** Result of the last decision without a key, taken by the operation that asked. */
  chosen: number | undefined;
  /** Tasks of one thread take turns where they suspend; without one, a task runs beside all others at any time. */
  readonly thread: number | undefined;
  /** Settles when it ends. */
  settles: Settlement | undefined;
  readonly spawned: { readonly by: number; readonly at: Location } | undefined;
  /** Runs the package's initialisation, or was started by it. */
  initial: boolean;
  /** Answers one request of many, for a server that goes on when it panics. */
  served: boolean;
  /** The channel for which it stands in as its sender outside. */
  feeds: Channel | undefined;
}

/** What was done, for the schedule of a witness. */
export interface Step {
  readonly task: number;
  readonly at: Location;
  readonly function: string;
  readonly text: string;
  readonly kind: 'sync' | 'access' | 'spawn' | 'end';
  readonly held: readonly Held[];
  /** What was touched, for finding the steps that matter. */
  readonly object: number;
  /** Changes of task up to here. */
  readonly switches: number;
}

/** Places of accesses and operations, each with the later ones of other tasks on the same memory. */
export type Meetings = Map<Location, Set<Location>>;

export interface Machine extends Heap {
  readonly bounds: Bounds;
  readonly tasks: Task[];
  /** Unknown conditions decided in this schedule. */
  readonly decisions: Map<string, number>;
  /** Unknown values that a decision made known. */
  readonly pinned: Map<string, Datum>;
  readonly events: Event[];
  readonly steps: Step[];
  /** The moves of this schedule, by their keys. */
  readonly path: string[];
  /** Plain accesses whose order is explored because they race. */
  readonly promoted: ReadonlySet<object>;
  meetings: Meetings | undefined;
  /** Plain accesses that raced so far: the next search explores their order. */
  readonly racing: Set<object>;
  epoch: number;
  /** Counts what changed the shared state; a poll that sees the same number sees the same state. */
  changes: number;
  /** The part of the exploration in which that count was last saved. */
  countedIn: number;
  /** Somebody tried a lock, so that releases are changes. */
  tried: boolean;
  /** Unknown conditions decided, and those of them that went another way than the likely one. */
  decided: number;
  guesses: number;
  depth: number;
  /** Operations executed over all schedules. */
  executed: number;
  /** The choice point whose transition runs now. */
  node: number;
  /** A task was parked or the program has crashed or exited: who is blocked now is not blocked for ever. */
  cut: boolean;
  exited: boolean;
  /** Why a clean result is not a proof, in the order met. */
  readonly doubts: Set<string>;
  /** What is not known but was taken to do anything: a clean result proves no end of waiting, but an order of accesses. */
  readonly guessed: Set<string>;
  readonly threads: Thread[];
  /** The section that runs now, for telling which sections commute. */
  section: Section | undefined;
  /** Numbers sections within a schedule. */
  sections: number;
  /** Failures of unknown code in this schedule. */
  failures: number;
  /** What each task of a thread has seen in a cell, and who wrote it, by the cell. */
  readonly looks: Map<number, readonly Look[]>;
  readonly writers: Map<number, readonly Written[]>;
  watch: Watch | undefined;
  /** Tasks started later are run only when they can matter; undefined: all. */
  awake: ReadonlySet<FunctionId> | undefined;
  /** The file whose module-level code was run. */
  readonly module: string | undefined;
  /** The modules whose initialisation should have run before the entry and was left out. */
  uninitialised: ReadonlySet<string>;
  /** The entry is neither a program nor a test: others have run before it, and set what it finds in global variables. */
  readonly amid: boolean;
  readonly report: (panic: Omit<Panic, 'step'>, steps: readonly number[]) => void;
}

export function newMachine(program: Program, bounds: Bounds, promoted: ReadonlySet<object>, { module, role }: Pick<Function, 'module' | 'role'>, report: Machine['report']): Machine {
  return {
    program, bounds, trail: newTrail(), serial: 0, globals: new Map(), pointees: new Map(), numbers: new Map(), tasks: [], decisions: new Map(), pinned: new Map(),
    events: [], steps: [], path: [], meetings: undefined, promoted, racing: new Set(), epoch: 0, changes: 0, countedIn: -1, tried: false, decided: 0, guesses: 0, depth: 0, executed: 0, node: 0, cut: false, exited: false, doubts: new Set(), guessed: new Set(),
    threads: [], section: undefined, sections: 0, failures: 0, looks: new Map(), writers: new Map(), watch: undefined, awake: undefined, module, uninitialised: new Set(), amid: role === undefined, report,
  };
}

/** The cell of a variable as this frame sees it. */
export function cellOf(machine: Machine, frame: Frame, variable: Variable): Cell {
  if (variable.kind === 'global') {
    const found = machine.globals.get(variable);
    if (found !== undefined) return found;
    const cell = newCell(machine, variable.type, isSetElsewhere(machine, variable) ? `global ${variable.qualifiedName}` : undefined);
    // What a library declares it has also set: an error, a default, a stream.
    if (isForeign(variable) && (variable.type.kind === 'interface' || variable.type.kind === 'pointer')) cell.value = { kind: 'unknown', key: `global ${variable.qualifiedName}`, there: true };
    machine.globals.set(variable, cell);
    return cell;
  }
  const slot = frame.layout.slots.get(variable);
  if (slot === undefined) return newCell(machine, variable.type, `?${variable.name}`);
  return frame.slots[slot] ?? declare(machine, frame, slot, variable);
}

/** Whether code that was not run has given it its content. */
function isSetElsewhere(machine: Machine, variable: Variable): boolean {
  if (machine.program.unset !== undefined) return variable.at.file !== machine.module;
  return isForeign(variable) || (variable.assignments > 0 && machine.uninitialised.has(variable.qualifiedName.slice(0, -variable.name.length - 1)));
}

/** Declared in no file of the program. */
function isForeign(variable: Variable): boolean {
  return variable.at.file === '';
}

export function declare(machine: Machine, frame: Frame, slot: number, variable: Variable): Cell {
  const cell = newCell(machine, variable.type, variable.kind === 'temporary' ? `?${machine.serial + 1}` : undefined);
  assign(machine.trail, frame.slots, slot, cell);
  return cell;
}

/** The cells a function literal captures when it is evaluated in this frame. */
export function capturesOf(machine: Machine, frame: Frame | undefined, target: FunctionId): readonly (Cell | undefined)[] {
  const fn = machine.program.functions.get(target);
  const captured = fn === undefined ? nothing : layoutOf(machine.program, fn).captured;
  return captured.length === 0 ? nothing : captured.map((variable) => (frame?.layout.slots.has(variable) === true ? cellOf(machine, frame, variable) : undefined));
}

const nothing: readonly never[] = [];

/** A frame ready to run, its parameters bound. */
export function newFrame(machine: Machine, fn: Function, captures: readonly (Cell | undefined)[], args: readonly Datum[], caller: Frame | undefined, results: readonly Variable[], completes?: Once): Frame {
  const layout = layoutOf(machine.program, fn);
  machine.serial += 1;
  const frame: Frame = {
    serial: machine.serial, fn, layout, slots: [], block: 0, index: 0, epoch: machine.epoch, caller, depth: (caller?.depth ?? 0) + 1,
    results, rounds: undefined, unwinding: false, outcome: undefined, completes,
  };
  for (let index = 0; index < layout.captured.length; index += 1) {
    const cell = captures[index];
    if (cell !== undefined) frame.slots[layout.slots.get(layout.captured[index]!)!] = cell;
  }
  for (let index = 0; index < fn.params.length; index += 1) {
    const param = fn.params[index]!;
    const value = args[index];
    const cell = newCell(machine, param.type, value === undefined ? `?${frame.serial}:${param.name}` : undefined);
    frame.slots[layout.slots.get(param)!] = cell;
    if (value !== undefined) store(machine, cell, passed(param.type.kind, value));
  }
  return frame;
}

/** Made when a loop is first gone round, and not taken back: an empty count says no more than none. */
export function roundsOf(frame: Frame): Rounds {
  return frame.rounds ??= { turns: new Map(), busy: new Map(), eventsAt: new Map(), visits: new Map(), passed: new Map() };
}

export function turnsAt(frame: Frame, head: number): number {
  return frame.rounds?.turns.get(head) ?? 0;
}

/** Receivers are given as the method wants them, pointer or value. */
function passed(wanted: string, value: Datum): Datum {
  if (typeof value !== 'object' || value === null) return value;
  if (wanted === 'pointer' && value.kind === 'record') return { kind: 'pointer', to: value.from };
  if (wanted === 'record' && value.kind === 'pointer') return { kind: 'record', from: value.to };
  return value;
}

/** Whether one task more may be started; when not, the schedule is cut, and that is kept as a doubt. */
export function hasRoom(machine: Machine): boolean {
  if (machine.tasks.length < machine.bounds.tasks) return true;
  machine.doubts.add(`more than ${machine.bounds.tasks} tasks`);
  assign(machine.trail, machine, 'cut', true);
  return false;
}

export function newTask(machine: Machine, name: string, frame: Frame | undefined, by: Task | undefined, at: Location, timer = false, thread?: number): Task {
  const id = machine.tasks.length;
  const clock = tick(by?.clock ?? dawn, id);
  if (by !== undefined) assign(machine.trail, by, 'clock', tick(by.clock, by.id));
  const task: Task = {
    id, name, timer, frame, pending: undefined, clock, order: by?.order ?? dawn, held: [], panic: undefined, group: undefined, placed: undefined, chosen: undefined, thread, settles: undefined,
    spawned: by === undefined ? undefined : { by: by.id, at }, initial: by === undefined || by.initial, served: false, feeds: undefined,
  };
  append(machine.trail, machine.tasks, task);
  return task;
}

/** Remembers where the frame stands before it moves, once between two choice points. */
export function touch(machine: Machine, frame: Frame): void {
  if (frame.epoch === machine.epoch) return;
  const { trail } = machine;
  trail.targets.push(frame, frame);
  trail.keys.push('block', 'index');
  trail.values.push(frame.block, frame.index);
  frame.epoch = machine.epoch;
}

export function jump(machine: Machine, frame: Frame, block: number): void {
  touch(machine, frame);
  frame.block = block;
  frame.index = 0;
}

export function next(machine: Machine, frame: Frame): void {
  touch(machine, frame);
  frame.index += 1;
}

export function blockOf(frame: Frame): Block {
  return frame.fn.blocks[frame.block]!;
}

/** The count is remembered once between two choice points, as positions are: nearly every write comes by. */
export function changed(machine: Machine): void {
  if (machine.countedIn !== machine.epoch) {
    const { trail } = machine;
    trail.targets.push(machine);
    trail.keys.push('changes');
    trail.values.push(machine.changes);
    machine.countedIn = machine.epoch;
  }
  machine.changes += 1;
}

export function count(machine: Machine, map: Map<number, number>, key: number): number {
  const turns = (map.get(key) ?? 0) + 1;
  insert(machine.trail, map, key, turns);
  return turns;
}

export function record(machine: Machine, task: Task, at: Location, kind: Step['kind'], text: string, object: number): number {
  const before = machine.steps[machine.steps.length - 1];
  const switches = before === undefined ? 0 : before.switches + (before.task === task.id ? 0 : 1);
  machine.steps.push({ task: task.id, at, function: task.frame?.fn.name ?? task.name, text, kind, held: task.held, object, switches });
  return machine.steps.length - 1;
}
