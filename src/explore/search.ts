import type { Function, FunctionId, Program } from '../ir/index.js';
import { blockedForEver } from './blocked.js';
import { newFrame, newMachine, newTask, type Machine, type Meetings, type Task } from './machine.js';
import { independent, reversibleEvents, type Event } from './order.js';
import { advance } from './run.js';
import { footprintsOf, lastResorts, movesOf, type Move } from './moves.js';
import type { Watch } from './overlaps.js';
import { commutes } from './sections.js';
import { newThread, runThread, takingTurns } from './threads.js';
import { perform } from './synchronisation.js';
import { mark, undo } from './trail.js';
import type { Bounds } from './verdict.js';
import type { Collection } from './witness.js';

/**
 * One walk over the schedules of a program, one per class of schedules that order the visible operations alike:
 * dynamic partial-order reduction after Flanagan and Godefroid, with sleep sets. Visible are synchronisation,
 * atomics and the accesses named in `promoted`. Unknown conditions are choices too, tried at once where they
 * are met.
 */
export interface Search {
  readonly program: Program;
  /** A function of the program, or one made to use it. */
  readonly entry: FunctionId | Function;
  /** Filled with the accesses of one memory by different tasks, ordered or not. */
  readonly meetings?: Meetings | undefined;
  /** What to look out for beyond what is a bug whoever asks. */
  readonly watch?: Watch | undefined;
  /** The functions worth running when they are started for later; all without it. */
  readonly awake?: ReadonlySet<FunctionId> | undefined;
  readonly bounds: Bounds;
  /** What holds once something was met that cannot be followed; `bounds` without it. */
  readonly underDoubt?: Bounds;
  readonly promoted: ReadonlySet<object>;
  /** Walks every schedule, one by one: what the reduction is tested against. */
  readonly exhaustive?: true;
}

export interface Outcome {
  readonly schedules: number;
  readonly states: number;
  readonly steps: number;
  /** The bound that ended the walk before its time. */
  readonly stopped: string | undefined;
  readonly doubts: ReadonlySet<string>;
  readonly guessed: ReadonlySet<string>;
  /** Plain accesses that raced. */
  readonly racing: ReadonlySet<object>;
}

/** A choice point: where the walk is, what could be done from here and what has been. */
interface Node {
  readonly trail: number;
  readonly steps: number;
  readonly path: number;
  readonly depth: number;
  readonly moves: ReadonlyMap<number, readonly Move[]>;
  /** Tasks to be tried from here. */
  readonly tasks: Set<number>;
  readonly done: Set<string>;
  /** Steps that lead to nothing new, because a sibling has walked them first. */
  sleeping: Move[];
  taken: Move | undefined;
}

export function search(how: Search, into: Collection): Outcome {
  const machine = start(how, into);
  const nodes: Node[] = [];
  let schedules = 0;
  let states = 0;
  let stopped: string | undefined;
  const fewer = how.underDoubt ?? how.bounds;

  const arrive = (last: number, sleeping: Move[]): void => {
    states += 1;
    const moves = enabled(machine);
    const decider = machine.tasks.find((task) => task.pending?.kind === 'decide');
    const turns = machine.threads.length > 0;
    if (decider === undefined && !turns) proposeReversals(machine, nodes);
    if (moves.size === 0) {
      schedules += 1;
      blockedForEver(machine, into);
      return;
    }
    const first = decider?.id ?? firstOf(machine, moves, last, sleeping);
    if (first === undefined) return;
    nodes.push({
      trail: mark(machine.trail), steps: machine.steps.length, path: machine.path.length, depth: machine.depth, moves,
      tasks: new Set((how.exhaustive === true || turns) && decider === undefined ? [first, ...moves.keys()] : [first]), done: new Set(), sleeping, taken: undefined,
    });
  };

  arrive(0, []);
  while (nodes.length > 0) {
    const node = nodes[nodes.length - 1]!;
    if (node.taken !== undefined) {
      undo(machine.trail, node.trail);
      machine.steps.length = node.steps;
      machine.path.length = node.path;
      machine.depth = node.depth;
      if (how.exhaustive !== true) node.sleeping = [...node.sleeping, node.taken];
      node.taken = undefined;
    }
    stopped = bound(machine.doubts.size > 0 ? fewer : how.bounds, schedules, states, machine.executed);
    if (stopped !== undefined) break;
    const move = pick(node);
    if (move === undefined) {
      nodes.pop();
      continue;
    }
    node.taken = move;
    // What the other side could do instead belongs to the same choice.
    if (move.partner !== undefined) node.tasks.add(move.partner.task);
    machine.node = nodes.length - 1;
    step(machine, move);
    const sleeping = how.exhaustive === true ? [] : node.sleeping.filter((other) => !sharesTask(other, move) && canSwap(machine, other, move));
    arrive(move.task, sleeping);
  }
  return { schedules, states, steps: machine.executed, stopped, doubts: machine.doubts, guessed: machine.guessed, racing: machine.racing };
}

/** Whether a move that sleeps leads to the same when it is made behind the one just made. */
function canSwap(machine: Machine, other: Move, move: Move): boolean {
  const [theirs, own] = [machine.tasks[other.task]?.thread, machine.tasks[move.task]?.thread];
  if (own === undefined || theirs !== own) return independent(other.footprints, move.footprints);
  const { section } = machine.threads[own]!;
  return other.section !== undefined && section !== undefined && commutes(other.section, section);
}

/** The entry's task, behind the package's own initialisation. */
export function start(how: Search, into: Collection): Machine {
  const { program } = how;
  const machine: Machine = newMachine(program, how.bounds, how.promoted, typeof how.entry === 'string' ? program.functions.get(how.entry)! : how.entry, (panic, steps) => into.add(machine, panic, steps));
  const entry = typeof how.entry === 'string' ? program.functions.get(how.entry)! : how.entry;
  machine.meetings = how.meetings;
  machine.watch = how.watch;
  machine.awake = how.awake;
  let frame = newFrame(machine, entry, [], [], undefined, []);
  const { run: initialisers, left } = initialisersFor(program, entry);
  machine.uninitialised = left;
  // An initialiser that is the entry itself runs once, as it does in the program.
  for (const fn of initialisers.toReversed()) if (fn !== entry) frame = newFrame(machine, fn, [], [], frame, []);
  const turns = program.scheduling === 'cooperative';
  const task = newTask(machine, entry.name, frame, undefined, entry.at, false, turns ? 0 : undefined);
  task.initial = initialisers.length > 0;
  if (turns) newThread(machine, task, 0);
  machine.epoch += 1;
  settleAll(machine);
  return machine;
}

interface StartUp { readonly run: readonly Function[]; readonly left: ReadonlySet<string> }

/** Every schedule of an entry begins in the same way, and so do those of its neighbours in a package. */
const startUps = new WeakMap<Program, { readonly initialisers: readonly Function[]; readonly known: Map<string, StartUp> }>();

function initialisersFor(program: Program, entry: Function): StartUp {
  let ofProgram = startUps.get(program);
  if (ofProgram === undefined) startUps.set(program, ofProgram = { initialisers: [...program.functions.values()].filter(({ role }) => role === 'initializer'), known: new Map() });
  const folder = folderOf(entry.at.file);
  const key = `${entry.module} ${folder}`;
  let startUp = ofProgram.known.get(key);
  if (startUp === undefined) ofProgram.known.set(key, startUp = startUpOf(program, ofProgram.initialisers, entry.module, folder));
  return startUp;
}

/** The entry's own package comes last, behind what lies beside it: tests of a package may be a package of their own. */
function startUpOf(program: Program, initialisers: readonly Function[], module: string, folder: string): StartUp {
  const beside: Function[] = [];
  const own: Function[] = [];
  const left = new Set<string>();
  for (const fn of initialisers) {
    if (fn.module === module) own.push(fn);
    else if (program.unset === undefined && folderOf(fn.at.file) === folder) beside.push(fn);
    else left.add(fn.module);
  }
  return { run: [...beside, ...own], left };
}

function folderOf(file: string): string {
  return file.slice(0, file.lastIndexOf('/') + 1);
}

/** Takes a move, and what follows it without a choice. */
export function step(machine: Machine, move: Move): void {
  machine.epoch += 1;
  machine.path.push(move.key);
  const thread = machine.threads[machine.tasks[move.task]!.thread ?? -1];
  const before = thread?.section;
  perform(machine, move);
  if (thread?.section !== before) move.section = thread?.section;
  settleAll(machine);
}

/** Every task that is not at a visible operation goes on to its next one. */
export function settleAll(machine: Machine): void {
  if (machine.threads.length === 0) for (let index = 0; index < machine.tasks.length; index += 1) advance(machine, machine.tasks[index]!);
  else for (let index = 0; index < machine.threads.length; index += 1) runThread(machine, machine.threads[index]!, advance);
}

export function enabled(machine: Machine): ReadonlyMap<number, readonly Move[]> {
  const moves = new Map<number, readonly Move[]>();
  for (const task of machine.tasks) {
    const own = movesOf(machine, task);
    if (own.length > 0) moves.set(task.id, own);
  }
  return moves.size > 0 ? takingTurns(machine, moves) : lastResorts(machine);
}

/** The task that goes first: the one that moved last, else the oldest; timers when nobody else can. */
export function firstOf(machine: Machine, moves: ReadonlyMap<number, readonly Move[]>, last: number, sleeping: readonly Move[]): number | undefined {
  let oldest: number | undefined;
  let timer: number | undefined;
  for (const [id, own] of moves) {
    if (!own.some((move) => !isAmong(sleeping, move))) continue;
    if (machine.tasks[id]!.timer) timer ??= id;
    else if (id === last) return last;
    else oldest ??= id;
  }
  return oldest ?? timer;
}

function isAmong(moves: readonly Move[], { key }: Move): boolean {
  for (const other of moves) if (other.key === key) return true;
  return false;
}

function pick(node: Node): Move | undefined {
  for (const task of node.tasks) {
    for (const move of node.moves.get(task) ?? []) {
      if (node.done.has(move.key)) continue;
      node.done.add(move.key);
      if (!isAmong(node.sleeping, move)) return move;
    }
  }
  return undefined;
}

function sharesTask(a: Move, b: Move): boolean {
  const tasks = (move: Move): readonly number[] => (move.partner === undefined ? [move.task] : [move.task, move.partner.task]);
  return tasks(a).some((task) => tasks(b).includes(task));
}

/** For each pending operation the latest event it could have come before: there its task is tried too. */
function proposeReversals(machine: Machine, nodes: readonly Node[]): void {
  for (const task of machine.tasks) {
    if (task.pending === undefined) continue;
    for (const footprint of footprintsOf(task.pending)) {
      for (const event of reversibleEvents(footprint, task.id, task.order)) {
        const node = nodes[event.node];
        if (node !== undefined) propose(node, event, task);
      }
    }
  }
}

/** The task itself when it could move there, else one that it waited for since, else everyone. */
function propose(node: Node, event: Event, task: Task): void {
  if (node.moves.has(task.id)) {
    node.tasks.add(task.id);
    return;
  }
  const led = [...node.moves.keys()].filter((other) => (task.order[other] ?? 0) > event.sequence);
  if (led.some((other) => node.tasks.has(other))) return;
  if (led.length > 0) node.tasks.add(led[0]!);
  else for (const other of node.moves.keys()) node.tasks.add(other);
}

function bound(limits: Bounds, schedules: number, states: number, steps: number): string | undefined {
  if (schedules >= limits.schedules) return 'too many schedules';
  if (states >= limits.states) return 'too many states';
  if (steps >= limits.steps) return 'too many steps';
  return undefined;
}
