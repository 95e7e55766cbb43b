import type { Location } from '../ir/index.js';
import type { Held, Machine, Pending, Task } from './machine.js';
import type { Lock } from './primitives.js';
import type { Collection } from './witness.js';

/**
 * Judges a state in which nothing can move. Tasks that wait here wait for ever: a deadlock when the entry is
 * among them, else leaks. Nothing is said when a bound or the program's own end took tasks away, or when a task
 * only polls: then somebody could still have moved.
 */
export function blockedForEver(machine: Machine, into: Collection): void {
  if (machine.cut || machine.exited) return;
  const waiting = machine.tasks.filter((task) => task.pending !== undefined && !task.timer);
  if (waiting.some((task) => task.pending!.kind === 'stall')) return;
  const blocked = waiting.filter((task) => !mayBeHelped(task.pending!));
  const entry = machine.tasks[0]!;
  if (blocked.includes(entry)) {
    const culprit = blame(machine, blocked);
    into.addBlocked(machine, 'deadlock', culprit, blocked, otherSide(machine, culprit, entry));
    return;
  }
  if (entry.pending !== undefined) return;
  for (const task of blocked) into.addBlocked(machine, 'leak', task, blocked, otherSide(machine, task, undefined));
}

/** Something outside the program may still do what the task waits for. */
function mayBeHelped(pending: Pending): boolean {
  switch (pending.kind) {
    case 'communicate': return pending.arms.some((arm) => arm.channel?.outside === true);
    case 'acquire': case 'enter': return pending.lock.outside;
    case 'await': return pending.counter.outside;
    case 'asleep': return pending.condition.outside;
    case 'once': return pending.once.outside;
    default: return false;
  }
}

/**
 * The task to show first: one that waits for a lock that will never be free, else one that waits for anything
 * but the end of others, else the entry itself.
 */
function blame(machine: Machine, blocked: readonly Task[]): Task {
  const entry = machine.tasks[0]!;
  return blocked.find((task) => isLockWait(task.pending!))
    ?? blocked.find((task) => task !== entry && task.pending!.kind !== 'await')
    ?? blocked.find((task) => task !== entry)
    ?? entry;
}

function isLockWait(pending: Pending): boolean {
  return pending.kind === 'acquire' || pending.kind === 'enter';
}

/**
 * The other side of a wait. For a lock: where the one who is in the way waits in turn, or where it took the lock.
 * Else, in a deadlock, where the entry waits for the task to blame.
 */
function otherSide(machine: Machine, task: Task, entry: Task | undefined): { readonly at: Location; readonly function: string } | undefined {
  const pending = task.pending!;
  if (pending.kind === 'acquire' || pending.kind === 'enter') return inTheWay(machine, task, pending.lock);
  return entry === undefined || entry === task ? undefined : placeOf(entry);
}

function inTheWay(machine: Machine, task: Task, lock: Lock): { readonly at: Location; readonly function: string } | undefined {
  const writer = lock.announced >= 0 && lock.announced !== task.id ? machine.tasks[lock.announced] : undefined;
  if (writer?.pending !== undefined) return placeOf(writer);
  const holds = (other: Task): Held | undefined => other.held.find((held) => held.lock === lock);
  const own = holds(task);
  if (own !== undefined) return own;
  const holder = machine.tasks.find((other) => holds(other) !== undefined);
  if (holder === undefined) return undefined;
  return holder.pending === undefined ? holds(holder) : placeOf(holder);
}

function placeOf(task: Task): { readonly at: Location; readonly function: string } {
  return { at: task.pending!.at, function: task.frame?.fn.name ?? task.name };
}
