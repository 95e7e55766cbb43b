import type { Location } from '../ir/index.js';
import { tick } from './clocks.js';
import { changed, jump, record, type Frame, type Machine, type Panic, type Task } from './machine.js';
import { assign } from './trail.js';

/** Errors of the runtime that no deferred function can stop. */
const fatal: ReadonlySet<string> = new Set(['unlock-unlocked']);

/** The operation panics: the deferred work of the frames above runs until one of them recovers or the program ends. */
export function raise(machine: Machine, task: Task, panic: Omit<Panic, 'step' | 'function'>): void {
  const step = record(machine, task, panic.at, 'end', `panics: ${panic.message}`, -2);
  const whole: Panic = { ...panic, function: task.frame?.fn.name ?? task.name, step };
  if (fatal.has(panic.kind)) {
    crash(machine, task, whole);
    return;
  }
  assign(machine.trail, task, 'panic', whole);
  unwind(machine, task);
}

/** A panic of the program's own: the deferred work that follows in this frame runs on its way up. */
export function begin(machine: Machine, task: Task, frame: Frame, at: Location): void {
  assign(machine.trail, frame, 'unwinding', true);
  startPanic(machine, task, frame, at);
}

export function startPanic(machine: Machine, task: Task, frame: Frame, at: Location): void {
  const step = record(machine, task, at, 'end', 'panics', -2);
  assign(machine.trail, task, 'panic', { kind: 'panic', at, function: frame.fn.name, subject: 'panic', message: 'panic', step });
}

/** Goes up to the next frame that has deferred work; without one the program crashes. */
export function unwind(machine: Machine, task: Task): void {
  for (let frame = task.frame; frame !== undefined; frame = frame.caller) {
    assign(machine.trail, task, 'frame', frame);
    if (frame.fn.unwind !== undefined && !frame.unwinding) {
      assign(machine.trail, frame, 'unwinding', true);
      jump(machine, frame, frame.fn.unwind);
      return;
    }
    complete(machine, task, frame);
  }
  crash(machine, task, task.panic!);
}

/** A once-object is done when its function has returned, normally or not. */
export function complete(machine: Machine, task: Task, frame: Frame): void {
  const once = frame.completes;
  if (once === undefined) return;
  assign(machine.trail, once, 'state', 'done');
  assign(machine.trail, once, 'done', task.clock);
  assign(machine.trail, once.orders, 'once', task.order);
  assign(machine.trail, task, 'clock', tick(task.clock, task.id));
  changed(machine);
}

function crash(machine: Machine, task: Task, panic: Panic): void {
  assign(machine.trail, task, 'frame', undefined);
  assign(machine.trail, task, 'pending', undefined);
  assign(machine.trail, task, 'group', undefined);
  // A server stops the panics of those who answer its requests, and goes on.
  if (task.served && !fatal.has(panic.kind)) assign(machine.trail, task, 'panic', undefined);
  else assign(machine.trail, machine, 'exited', true);
  machine.report(panic, [...stepBehind(machine, panic), panic.step]);
}

/** The step of whoever made the panic possible, such as the first close: it decides as much. */
function stepBehind(machine: Machine, { other, step }: Panic): readonly number[] {
  const behind = other === undefined ? -1 : machine.steps.findLastIndex(({ kind, at }, index) => index < step && kind === 'sync' && at === other.at);
  return behind < 0 ? [] : [behind];
}

/** A fault of the interpreted program, found while a path was followed. */
export function faultAt(machine: Machine, task: Task, at: Location, subject: string): void {
  raise(machine, task, { kind: 'panic', at, subject, message: `nil dereference at ${subject}` });
}
