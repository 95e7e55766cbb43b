import type { Location } from '../ir/index.js';
import type { Machine, Pending, Task } from './machine.js';
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
  const blocked = waiting.filter((task) => !isFed(task.pending!));
  const entry = machine.tasks[0]!;
  if (blocked.includes(entry)) {
    const culprit = blame(machine, blocked);
    into.addBlocked(machine, 'deadlock', culprit, blocked, otherSide(machine, culprit, entry));
    return;
  }
  if (entry.pending !== undefined) return;
  for (const task of blocked) into.addBlocked(machine, 'leak', task, blocked, otherSide(machine, task, undefined));
}

/** Something outside the program may still send. */
function isFed(pending: Pending): boolean {
  return pending.kind === 'communicate' && pending.arms.some((arm) => arm.channel?.fed === true);
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

/** Where the lock was taken, or where the entry waits for the task to blame. */
function otherSide(machine: Machine, task: Task, entry: Task | undefined): { readonly at: Location; readonly function: string } | undefined {
  const pending = task.pending!;
  if (pending.kind === 'acquire' || pending.kind === 'enter') {
    const holder = machine.tasks.find((other) => other.held.some((held) => held.lock === pending.lock));
    if (holder !== undefined && holder !== task && holder.pending !== undefined) return { at: holder.pending.at, function: holder.frame?.fn.name ?? holder.name };
    return pending.lock.taken;
  }
  if (entry !== undefined && entry !== task) return { at: entry.pending!.at, function: entry.frame?.fn.name ?? entry.name };
  return undefined;
}
