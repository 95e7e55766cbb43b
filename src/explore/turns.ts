import type { OperationOf } from '../ir/index.js';
import { decideCallee, resolve } from './calls.js';
import { escape } from './escape.js';
import { evaluate } from './evaluate.js';
import { blockOf, cellOf, changed, hasRoom, newFrame, newTask, next, record, type Frame, type Machine, type Pending, type Task } from './machine.js';
import { newSettlement } from './primitives.js';
import { touchObject } from './sections.js';
import { settlementOf } from './settlements.js';
import { nest, newThread } from './threads.js';
import { assign } from './trail.js';
import { freshUnknown, keyOf, store, type Datum } from './values.js';

/** How tasks of one thread are started, wait for one another and for the outside. */

/** The way by which a most general client makes its calls. */
export const clientCall = 'a client';

export function startTurn(machine: Machine, task: Task, frame: Frame, operation: OperationOf<'spawn'>): Pending | undefined {
  const args = operation.args.map((arg) => evaluate(machine, frame, arg));
  const callee = resolve(machine, task, frame, operation.callee, args);
  if (callee === 'undecided') return decideCallee(operation.callee, operation.at);
  next(machine, frame);
  if (callee === undefined || 'cancels' in callee) {
    machine.guessed.add(`what ${operation.via} starts is not known`);
    escape(machine, args);
    return undefined;
  }
  const source = operation.source === undefined ? undefined : evaluate(machine, frame, { kind: 'path', path: operation.source });
  const after = settlementOf(source);
  const handle = operation.result === undefined ? undefined : newSettlement(machine, callee.fn.name);
  if (handle !== undefined) store(machine, cellOf(machine, frame, operation.result!), handle);
  const call = operation.via === clientCall;
  const sleeps = operation.eager !== true && !call && operation.parallel !== true && machine.awake !== undefined && !machine.awake.has(callee.fn.id);
  // Nobody has said that what is not known fails.
  if (sleeps || (operation.outcome === 'rejected' && after === undefined)) {
    machine.guessed.add(`${callee.fn.name} is not run`);
    return undefined;
  }
  for (let copies = operation.repeated === true && operation.single !== true ? 2 : 1; copies > 0; copies -= 1) {
    if (!hasRoom(machine)) break;
    changed(machine);
    const id = machine.tasks.length;
    const thread = operation.parallel === true ? machine.threads.length : task.thread;
    const name = call ? `call ${machine.tasks.filter(({ pending, spawned }) => spawned !== undefined && (pending?.kind !== 'begin' || pending.call === true)).length + 1}: ${callee.fn.name}` : callee.fn.name;
    if (!call) record(machine, task, operation.at, 'spawn', operation.eager === true ? `calls ${callee.fn.name} and does not wait` : `leaves ${callee.fn.name} for later (${operation.via})`, id);
    const child = newTask(machine, name, newFrame(machine, callee.fn, callee.captures, callee.args, undefined, []), task, operation.at, false, thread);
    if (handle !== undefined) {
      child.settles = handle;
      assign(machine.trail, handle, 'tasks', [...handle.tasks, id]);
    }
    if (operation.parallel === true) newThread(machine, child, thread!);
    else if (operation.eager === true) nest(machine, child);
    else {
      child.pending = {
        kind: 'begin', at: operation.at, text: 'may start', ...(after === undefined ? {} : { after }), ...(operation.outcome === undefined ? {} : { outcome: operation.outcome }), ...(call ? { call: true as const } : {}),
        ...(source === undefined ? {} : { source: keyOf(source) }), ...(operation.event === undefined ? {} : { event: operation.event }),
      };
    }
  }
  return undefined;
}

/** The task stops here until what it waits for has come. */
export function suspend(machine: Machine, frame: Frame, operation: OperationOf<'suspend'>): Pending | undefined {
  const { operations } = blockOf(frame);
  // What takes the lock is the next operation, and others run while it waits.
  if (operation.reason === 'lock' || hasWaited(machine, frame, operations.slice(0, frame.index))) {
    next(machine, frame);
    return undefined;
  }
  const value = operation.awaited === undefined ? undefined : evaluate(machine, frame, operation.awaited);
  const on = settlementOf(value);
  const soon = on === undefined && (operation.weight === 'weak' || (value !== undefined && !isUnknown(value)));
  if (!soon && on === undefined) assign(machine.trail, frame, 'outcome', undefined);
  if (operation.reason === 'yield') machine.doubts.add('a generator runs ahead of its consumer');
  const what = operation.reason === 'yield' ? 'yields' : 'stops at the await';
  return { kind: 'resume', ...(on === undefined ? {} : { on }), ...(soon ? { soon: true as const } : {}), skips: 1, at: operation.at, text: what };
}

/** Waits for the end of a task, by its handle. */
export function waitFor(machine: Machine, frame: Frame, operation: OperationOf<'wait'>): Pending | undefined {
  const on = settlementOf(evaluate(machine, frame, { kind: 'path', path: operation.on }));
  if (operation.result !== undefined) store(machine, cellOf(machine, frame, operation.result), freshUnknown(machine));
  if (on === undefined) {
    next(machine, frame);
    return undefined;
  }
  return { kind: 'resume', on, skips: 1, at: operation.at, text: `waits for ${on.name}` };
}

/** Whether the waits just before this suspension have been for all of it. */
function hasWaited(machine: Machine, frame: Frame, before: readonly { readonly op: string }[]): boolean {
  const last = before.at(-1) as OperationOf<'wait'> | undefined;
  return last?.op === 'wait' && settlementOf(evaluate(machine, frame, { kind: 'path', path: last.on })) !== undefined;
}

/** A timer is cleared, or a listener taken off: what has not begun will not. */
export function callOff(machine: Machine, task: Task, frame: Frame, operation: OperationOf<'cancel'>): void {
  const value = evaluate(machine, frame, { kind: 'path', path: operation.context });
  const handle = settlementOf(value);
  const listener = operation.listener === undefined ? undefined : evaluate(machine, frame, operation.listener);
  const target = typeof listener === 'object' && listener?.kind === 'function' ? listener.target : undefined;
  for (const other of machine.tasks) {
    const { pending } = other;
    if (pending?.kind !== 'begin' || pending.call === true) continue;
    const hit = operation.what === 'timer' ? handle !== undefined && handle === other.settles
      : pending.source !== undefined && value !== undefined && pending.source === keyOf(value) && (operation.event === undefined || operation.event === pending.event) && (listener === undefined || other.frame?.fn.id === target);
    if (!hit) continue;
    touchObject(machine, task, -other.id, true);
    assign(machine.trail, other, 'pending', undefined);
    assign(machine.trail, other, 'frame', undefined);
  }
}

function isUnknown(value: Datum): boolean {
  return typeof value === 'object' && value?.kind === 'unknown';
}
