import type { FunctionId, Program } from '../ir/index.js';
import { blockedForEver } from './blocked.js';
import { newFrame, newMachine, newTask, type Machine, type Task } from './machine.js';
import { independent, reversibleEvents, type Event } from './order.js';
import { advance } from './run.js';
import { footprintsOf, optionsOf, perform, type Option } from './synchronisation.js';
import { mark, undo } from './trail.js';
import type { Bounds } from './verdict.js';
import type { Collection } from './witness.js';

/**
 * One walk over the schedules of a program, one per class of schedules that order the visible operations alike:
 * dynamic partial-order reduction after Flanagan and Godefroid, with sleep sets. Visible are synchronisation,
 * atomics and the accesses named in `promoted`. Unknown conditions are choices too, tried at once where they
 * are met. With `preemptions` only schedules with that many unforced switches are walked.
 */
export interface Search {
  readonly program: Program;
  readonly entry: FunctionId;
  readonly bounds: Bounds;
  readonly promoted: ReadonlySet<object>;
  readonly preemptions?: number;
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
  /** Plain accesses that raced. */
  readonly racing: ReadonlySet<object>;
}

/** A choice point: where the walk is, what could be done from here and what has been. */
interface Node {
  readonly trail: number;
  readonly steps: number;
  readonly depth: number;
  /** Task that moved last, which may go on without a switch. */
  readonly last: number;
  readonly preemptions: number;
  readonly options: ReadonlyMap<number, readonly Option[]>;
  /** Tasks to be tried from here. */
  readonly tasks: Set<number>;
  readonly done: Set<string>;
  /** Steps that lead to nothing new, because a sibling has walked them first. */
  sleeping: Option[];
  taken: Option | undefined;
}

export function search(how: Search, into: Collection): Outcome {
  const machine = start(how, into);
  const nodes: Node[] = [];
  let schedules = 0;
  let states = 0;
  let stopped: string | undefined;
  const limits = how.bounds;

  const arrive = (last: number, preemptions: number, sleeping: Option[]): void => {
    states += 1;
    const options = enabled(machine);
    const decider = machine.tasks.find((task) => task.pending?.kind === 'decide');
    if (decider === undefined) proposeReversals(machine, nodes);
    if (options.size === 0) {
      schedules += 1;
      blockedForEver(machine, into);
      return;
    }
    const first = decider?.id ?? firstOf(machine, options, last, sleeping);
    if (first === undefined) return;
    nodes.push({
      trail: mark(machine.trail), steps: machine.steps.length, depth: machine.depth, last, preemptions, options,
      tasks: new Set(how.exhaustive === true && decider === undefined ? options.keys() : [first]), done: new Set(), sleeping, taken: undefined,
    });
  };

  arrive(0, 0, []);
  while (nodes.length > 0) {
    const node = nodes[nodes.length - 1]!;
    if (node.taken !== undefined) {
      undo(machine.trail, node.trail);
      machine.steps.length = node.steps;
      machine.depth = node.depth;
      if (how.exhaustive !== true) node.sleeping = [...node.sleeping, node.taken];
      node.taken = undefined;
    }
    stopped = bound(limits, schedules, states, machine.executed);
    if (stopped !== undefined) break;
    const option = pick(node, how.preemptions, machine);
    if (option === undefined) {
      nodes.pop();
      continue;
    }
    node.taken = option;
    // What the other side could do instead belongs to the same choice.
    if (option.partner !== undefined) node.tasks.add(option.partner.task);
    machine.node = nodes.length - 1;
    machine.epoch += 1;
    const preempts = isPreemption(node, option, machine);
    perform(machine, option);
    settleAll(machine);
    const sleeping = how.exhaustive === true ? [] : node.sleeping.filter((other) => !sharesTask(other, option) && independent(other.footprints, option.footprints));
    arrive(option.task, node.preemptions + (preempts ? 1 : 0), sleeping);
  }
  return { schedules, states, steps: machine.executed, stopped, doubts: machine.doubts, racing: machine.racing };
}

/** The entry's task, behind the package's own initialisation. */
function start(how: Search, into: Collection): Machine {
  const { program } = how;
  const machine: Machine = newMachine(program, how.bounds, how.promoted, (panic, steps) => into.add(machine, panic, steps));
  const entry = program.functions.get(how.entry)!;
  let frame = newFrame(machine, entry, [], [], undefined, []);
  const initialisers = [...program.functions.values()].filter((fn) => fn.role === 'initializer' && fn.module === entry.module);
  for (const fn of initialisers.reverse()) frame = newFrame(machine, fn, [], [], frame, []);
  newTask(machine, entry.name, frame, undefined, entry.at).initial = initialisers.length > 0;
  machine.epoch += 1;
  settleAll(machine);
  return machine;
}

/** Every task that is not at a visible operation goes on to its next one. */
function settleAll(machine: Machine): void {
  for (let index = 0; index < machine.tasks.length; index += 1) advance(machine, machine.tasks[index]!);
}

function enabled(machine: Machine): ReadonlyMap<number, readonly Option[]> {
  const options = new Map<number, readonly Option[]>();
  for (const task of machine.tasks) {
    const own = optionsOf(machine, task);
    if (own.length > 0) options.set(task.id, own);
  }
  if (options.size > 0) return options;
  // A counter of unknown size is waited for until nobody else can move.
  for (const task of machine.tasks) {
    if (task.pending?.kind === 'await' && Number.isNaN(task.pending.counter.count)) options.set(task.id, [{ task: task.id, choice: 0, key: `${task.id}`, footprints: footprintsOf(task.pending) }]);
  }
  return options;
}

/** The task that goes first: the one that moved last, else the oldest; timers when nobody else can. */
function firstOf(machine: Machine, options: ReadonlyMap<number, readonly Option[]>, last: number, sleeping: readonly Option[]): number | undefined {
  const awake = [...options].filter(([, own]) => own.some((option) => !sleeping.some((other) => other.key === option.key))).map(([id]) => id);
  if (awake.includes(last) && !machine.tasks[last]!.timer) return last;
  return awake.find((id) => !machine.tasks[id]!.timer) ?? awake[0];
}

function pick(node: Node, preemptions: number | undefined, machine: Machine): Option | undefined {
  for (const task of node.tasks) {
    for (const option of node.options.get(task) ?? []) {
      if (node.done.has(option.key)) continue;
      if (preemptions !== undefined && isPreemption(node, option, machine) && node.preemptions >= preemptions) continue;
      node.done.add(option.key);
      if (!node.sleeping.some((other) => other.key === option.key)) return option;
    }
  }
  return undefined;
}

function isPreemption(node: Node, option: Option, machine: Machine): boolean {
  return option.task !== node.last && option.partner?.task !== node.last && node.options.has(node.last) && !machine.tasks[node.last]!.timer;
}

function sharesTask(a: Option, b: Option): boolean {
  const tasks = (option: Option): readonly number[] => (option.partner === undefined ? [option.task] : [option.task, option.partner.task]);
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
  if (node.options.has(task.id)) {
    node.tasks.add(task.id);
    return;
  }
  const led = [...node.options.keys()].filter((other) => (task.order[other] ?? 0) > event.sequence);
  if (led.some((other) => node.tasks.has(other))) return;
  if (led.length > 0) node.tasks.add(led[0]!);
  else for (const other of node.options.keys()) node.tasks.add(other);
}

function bound(limits: Bounds, schedules: number, states: number, steps: number): string | undefined {
  if (schedules >= limits.schedules) return 'too many schedules';
  if (states >= limits.states) return 'too many states';
  if (steps >= limits.steps) return 'too many steps';
  return undefined;
}
