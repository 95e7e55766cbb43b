import type { Location } from '../ir/index.js';
import { join, tick } from './clocks.js';
import { publish, wait } from './happen.js';
import { changed, next, record, type Machine, type Task } from './machine.js';
import { raise } from './panics.js';
import type { Lock } from './primitives.js';
import { access } from './races.js';
import { assign } from './trail.js';

/** Gives a lock to a task, which then knows what those who held it before did. */
export function take(machine: Machine, task: Task, lock: Lock, shared: boolean, pending: { readonly at: Location; readonly name: string }): void {
  const { trail } = machine;
  if (shared) assign(trail, lock, 'readers', [...lock.readers, task.id]);
  else assign(trail, lock, 'writer', task.id);
  assign(trail, task, 'clock', join(task.clock, shared ? lock.released : join(lock.released, lock.releasedShared)));
  assign(trail, task, 'held', [...task.held, { lock, shared, name: pending.name, at: pending.at, function: task.frame!.fn.name, call: task.frame!.serial }]);
  access(machine, task, lock.inside, { write: true, atomic: true, at: pending.at, operation: pending.at, subject: pending.name, verb: 'acquires' });
  record(machine, task, pending.at, 'sync', `acquires ${pending.name}${shared ? ' (shared)' : ''}`, lock.id);
}

/** Returns false when the lock was not held, which ends the program. */
export function letGo(machine: Machine, task: Task, lock: Lock, shared: boolean, pending: { readonly at: Location; readonly name: string }): boolean {
  const { trail } = machine;
  const holder = shared ? (lock.readers.includes(task.id) ? task.id : lock.readers[0]) : lock.writer < 0 ? undefined : lock.writer;
  if (holder === undefined && lock.outside) {
    record(machine, task, pending.at, 'sync', `releases ${pending.name}`, lock.id);
    return true;
  }
  if (holder === undefined) {
    raise(machine, task, { kind: 'unlock-unlocked', at: pending.at, subject: pending.name, message: `${pending.name} is unlocked while nobody holds it${shared ? ' for reading' : ''}` });
    return false;
  }
  if (shared) {
    const index = lock.readers.indexOf(holder);
    assign(trail, lock, 'readers', lock.readers.filter((_, position) => position !== index));
    publish(machine, task, lock, 'releasedShared');
  } else {
    assign(trail, lock, 'writer', -1);
    assign(trail, lock, 'released', task.clock);
    assign(trail, task, 'clock', tick(task.clock, task.id));
  }
  const owner = machine.tasks[holder];
  const index = owner?.held.findLastIndex((held) => held.lock === lock && held.shared === shared) ?? -1;
  if (owner !== undefined && index >= 0) assign(trail, owner, 'held', owner.held.filter((_, position) => position !== index));
  // Locks come and go without anything new to see, except for those who only try.
  if (machine.tried) changed(machine);
  record(machine, task, pending.at, 'sync', `releases ${pending.name}${shared ? ' (shared)' : ''}`, lock.id);
  return true;
}

/** A task that slept on a condition goes for its lock again. */
export function wake(machine: Machine, task: Task): void {
  const asleep = task.pending;
  if (asleep?.kind !== 'asleep') return;
  if (asleep.lock === undefined) {
    assign(machine.trail, task, 'pending', undefined);
    next(machine, task.frame!);
    return;
  }
  wait(machine, task, { kind: 'acquire', lock: asleep.lock, shared: asleep.shared, tries: false, result: undefined, name: asleep.lock.name, resumes: true, at: asleep.at, text: `${asleep.text} (woken)` });
}
