import { compareLocations, printLocation, type Location } from '../ir/index.js';
import type { Held, Machine, Panic, Step, Task } from './machine.js';
import type { ScheduleStep, WaitCause, Witness, WitnessKind } from './verdict.js';

/** The bugs found, one per kind and pair of places, each with the shortest schedule that shows it. */
export interface Collection {
  readonly add: (machine: Machine, panic: Omit<Panic, 'step'>, essential: readonly number[]) => void;
  readonly addBlocked: (machine: Machine, kind: 'deadlock' | 'leak', culprit: Task, blocked: readonly Task[], cause: WaitCause | 'behind', other: { readonly at: Location; readonly function: string } | undefined) => void;
  /** In order of place, then kind. */
  readonly witnesses: () => readonly Witness[];
  /** The cheapest schedule of each bug so far, by a key of the bug. */
  readonly found: ReadonlyMap<string, Found>;
}

export interface Found {
  readonly witness: Witness;
  readonly cost: number;
  /** The moves that lead there, and the accesses that were choice points then. */
  readonly path: readonly string[];
  readonly promoted: ReadonlySet<object>;
}

export function newCollection(): Collection {
  const found = new Map<string, Found>();

  // An operation has one location, met in schedule after schedule.
  const printed = new Map<Location, string>();
  const print = (at: Location): string => {
    let text = printed.get(at);
    if (text === undefined) printed.set(at, text = printLocation(at));
    return text;
  };
  const keep = (kind: WitnessKind, at: Location, other: Location | undefined, machine: Machine, make: () => Witness): void => {
    const [one, two] = [print(at), other === undefined ? '' : print(other)];
    const key = two === '' ? `${kind} ${one}` : one < two ? `${kind} ${one} ${two}` : `${kind} ${two} ${one}`;
    const cost = costOf(machine);
    const known = found.get(key);
    if (known === undefined || cost < known.cost) found.set(key, { witness: make(), cost, path: [...machine.path], promoted: machine.promoted });
  };

  return {
    found,
    add(machine, panic, essential) {
      // A check of the program's own that fails when an unknown condition goes the wrong way is no bug of its schedule.
      if (panic.kind === 'panic' && machine.decided > 0) return;
      keep(panic.kind, panic.at, panic.other?.at, machine, () => ({
        ...sides(panic), kind: panic.kind, subject: panic.subject, message: panic.message, guesses: machine.guesses, schedule: scheduleOf(machine, essential, []),
      }));
    },
    addBlocked(machine, kind, culprit, concerned, cause, other) {
      const pending = culprit.pending!;
      keep(kind, pending.at, other?.at, machine, () => ({
        kind, at: pending.at, function: culprit.frame?.fn.name ?? culprit.name,
        ...(other === undefined ? {} : { other: other.at, otherFunction: other.function }),
        subject: subjectOf(culprit), message: `${nameOf(machine, culprit.id)} waits for ever: ${pending.text}`, guesses: machine.guesses,
        cause: cause === 'behind' ? 'wait' : cause, kept: keptBy(concerned),
        schedule: scheduleOf(machine, [], concerned),
      }));
    },
    witnesses: () => [...found.values()].map(({ witness }) => witness).sort((a, b) => compareLocations(a.at, b.at) || (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0) || compareLocations(a.other ?? a.at, b.other ?? b.at)),
  };
}

/** Where locks were taken by functions that have returned without giving them back. */
function keptBy(tasks: readonly Task[]): readonly Location[] {
  return tasks.flatMap(({ held, frame }) => {
    const running = new Set<number>();
    for (let one = frame; one !== undefined; one = one.caller) running.add(one.serial);
    return held.filter((lock) => !running.has(lock.call)).map(({ at }) => at);
  });
}

/** Guesses weigh most, then other decisions, then switches between tasks, then length. */
function costOf(machine: Machine): number {
  const switches = machine.steps[machine.steps.length - 1]?.switches ?? 0;
  return machine.guesses * 1_000_000 + machine.decided * 10_000 + switches * 1000 + machine.steps.length;
}

function sides(panic: Omit<Panic, 'step'>): Pick<Witness, 'at' | 'function' | 'other' | 'otherFunction'> {
  return { at: panic.at, function: panic.function, ...(panic.other === undefined ? {} : { other: panic.other.at, otherFunction: panic.other.function }) };
}

function subjectOf(task: Task): string {
  const pending = task.pending!;
  if (pending.kind === 'communicate') return pending.arms.map((arm) => arm.name).join(', ') || 'select';
  return 'name' in pending ? pending.name : pending.text;
}

/**
 * The steps a reader needs: those that decide, what brought their tasks to life, and what these tasks and those
 * they met did to synchronise. Accesses to other memory are left out.
 */
function scheduleOf(machine: Machine, essential: readonly number[], blocked: readonly Task[]): readonly ScheduleStep[] {
  const deciding = new Set(essential);
  const tasks = new Set<number>([...essential.map((index) => machine.steps[index]!.task), ...blocked.map((task) => task.id)]);
  const touched = new Set<number>(essential.map((index) => machine.steps[index]!.object));
  for (const id of [...tasks]) for (let above = machine.tasks[id]?.spawned?.by; above !== undefined; above = machine.tasks[above]?.spawned?.by) tasks.add(above);
  for (const step of machine.steps) if (tasks.has(step.task) && step.kind === 'sync') touched.add(step.object);
  const shown: ScheduleStep[] = [];
  machine.steps.forEach((step, index) => {
    if (!deciding.has(index) && !isShown(step, tasks, touched)) return;
    // A close is an access of its channel too: told once, as what decides.
    const last = shown[shown.length - 1];
    if (last?.task === step.task && last.text === step.text && last.at === step.at && last.essential === true && !deciding.has(index)) return;
    shown.push(stepOf(machine, step, deciding.has(index)));
  });
  for (const task of blocked) {
    const pending = task.pending!;
    shown.push({
      task: task.id, taskName: nameOf(machine, task.id), at: pending.at, function: task.frame?.fn.name ?? task.name, text: pending.text,
      locks: locksOf(task.held), waitsFor: subjectOf(task), essential: true,
    });
  }
  return shown;
}

function isShown(step: Step, tasks: ReadonlySet<number>, touched: ReadonlySet<number>): boolean {
  switch (step.kind) {
    case 'spawn': return tasks.has(step.object);
    case 'sync': return tasks.has(step.task) || touched.has(step.object);
    case 'access': return false;
    case 'end': return tasks.has(step.task);
  }
}

function stepOf(machine: Machine, step: Step, essential: boolean): ScheduleStep {
  return {
    task: step.task, taskName: nameOf(machine, step.task), at: step.at, function: step.function, text: step.text, locks: locksOf(step.held),
    ...(essential ? { essential: true as const } : {}),
  };
}

function locksOf(held: readonly Held[]): readonly string[] {
  return held.map((one) => `${one.name}${one.shared ? ' (shared)' : ''}`);
}

/** Tasks of one function are told apart by number. */
function nameOf(machine: Machine, id: number): string {
  const task = machine.tasks[id]!;
  const twins = machine.tasks.filter((other) => other.name === task.name);
  return twins.length === 1 ? task.name : `${task.name} #${twins.indexOf(task) + 1}`;
}
