import { printPath, type Callee, type Function, type OperationOf } from '../ir/index.js';
import { escape } from './escape.js';
import { evaluate } from './evaluate.js';
import { capturesOf, cellOf, newFrame, next, type Frame, type Machine, type Pending, type Task } from './machine.js';
import { onceAt } from './objects.js';
import type { Once } from './primitives.js';
import { assign } from './trail.js';
import { freshUnknown, store, type Callable, type Cell, type Datum } from './values.js';

interface Resolved { readonly fn: Function; readonly captures: readonly (Cell | undefined)[]; readonly args: readonly Datum[] }
interface Cancels { readonly context: true }

/** The function a callee is now; undefined when nobody knows; 'undecided' when one of several must be chosen. */
export function resolve(machine: Machine, task: Task, frame: Frame, callee: Callee, args: readonly Datum[]): Resolved | Cancels | undefined | 'undecided' {
  const functions = machine.program.functions;
  if (callee.kind === 'static') {
    const fn = functions.get(callee.target);
    return fn && { fn, captures: capturesOf(machine, frame, callee.target), args };
  }
  if (callee.kind === 'library') return undefined;
  const value = callee.value === undefined ? undefined : evaluate(machine, frame, callee.value);
  if (typeof value === 'object' && value !== null) {
    if (value.kind === 'function') return applied(machine, value, args);
    if (value.kind === 'cancel') return { context: true };
  }
  if (callee.kind !== 'dynamic') return undefined;
  const receiver = recordOf(args[0]);
  const fitting = receiver === undefined ? [] : callee.candidates.filter((id) => functions.get(id)?.receiver?.record === receiver);
  const candidates = fitting.length > 0 ? fitting : callee.complete ? callee.candidates : [];
  const chosen = candidates.length === 1 ? 0 : task.chosen;
  if (candidates.length === 0) return undefined;
  if (chosen === undefined) return 'undecided';
  assign(machine.trail, task, 'chosen', undefined);
  const id = candidates[chosen % candidates.length]!;
  const fn = functions.get(id);
  return fn && { fn, captures: capturesOf(machine, frame, id), args };
}

/** A function value applied to arguments; its bound receiver comes first. */
function applied(machine: Machine, value: Callable, args: readonly Datum[]): Resolved | undefined {
  const fn = machine.program.functions.get(value.target);
  return fn && { fn, captures: value.captures, args: value.receiver === undefined ? args : [value.receiver, ...args] };
}

function recordOf(value: Datum | undefined): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const type = value.kind === 'pointer' ? value.to.type : value.kind === 'record' ? value.from.type : undefined;
  return type?.kind === 'record' ? type.name : undefined;
}

export function decideCallee(callee: Callee, at: Pending['at']): Pending {
  const options = callee.kind === 'dynamic' ? callee.candidates.length : 1;
  return { kind: 'decide', key: undefined, options, at, text: 'calls one of several' };
}

/** Enters the callee, or takes the call for unknown code that changes nothing we know of. */
export function call(machine: Machine, task: Task, frame: Frame, operation: OperationOf<'call'>): Pending | undefined {
  const args = operation.args.map((arg) => evaluate(machine, frame, arg));
  if (operation.once !== undefined) {
    const once = onceAt(machine, frame, operation.once);
    const name = printPath(operation.once);
    return {
      kind: 'once', once, name, at: operation.at, text: `runs once by ${name}`,
      run: () => {
        const callee = onceCallee(machine, task, frame, operation, args);
        if (callee === undefined) {
          machine.doubts.add(`what ${name} runs is not known`);
          assign(machine.trail, once, 'state', 'done');
        } else enter(machine, task, callee, operation, once);
      },
    };
  }
  if (operation.runs !== undefined) {
    next(machine, frame);
    for (const result of operation.results) store(machine, cellOf(machine, frame, result), freshUnknown(machine));
    // Called exactly once each, the last first pushed: what a library does with a callback in between is not modelled.
    for (const value of [...operation.runs].reverse()) {
      const run = evaluate(machine, frame, value);
      const callee = typeof run === 'object' && run?.kind === 'function' ? applied(machine, run, []) : undefined;
      if (callee !== undefined) push(machine, task, callee, [], undefined);
    }
    return undefined;
  }
  const callee = resolve(machine, task, frame, operation.callee, args);
  if (callee === 'undecided') return decideCallee(operation.callee, operation.at);
  if (callee === undefined || 'context' in callee) {
    if (callee !== undefined) return cancelled(machine, frame, operation);
    doubtUnknown(machine, operation, args);
    escape(machine, args);
    for (const result of operation.results) store(machine, cellOf(machine, frame, result), freshUnknown(machine));
    next(machine, frame);
    return undefined;
  }
  next(machine, frame);
  enter(machine, task, callee, operation, undefined);
  return undefined;
}

function onceCallee(machine: Machine, task: Task, frame: Frame, operation: OperationOf<'call'>, args: readonly Datum[]): Resolved | undefined {
  for (const value of operation.runs ?? []) {
    const run = evaluate(machine, frame, value);
    if (typeof run === 'object' && run?.kind === 'function') return applied(machine, run, []);
  }
  const callee = resolve(machine, task, frame, operation.callee, args);
  return callee === undefined || callee === 'undecided' || 'context' in callee ? undefined : callee;
}

function cancelled(machine: Machine, frame: Frame, operation: OperationOf<'call'>): Pending | undefined {
  const { callee } = operation;
  const value = (callee.kind === 'dynamic' || callee.kind === 'unknown') && callee.value !== undefined ? evaluate(machine, frame, callee.value) : undefined;
  if (typeof value !== 'object' || value === null || value.kind !== 'cancel') return undefined;
  return { kind: 'cancel', context: value.context, name: value.context.name, at: operation.at, text: `cancels ${value.context.name}` };
}

/** Unknown code changes nothing we know of; when it was handed a function of the program, that is a guess. */
function doubtUnknown(machine: Machine, operation: OperationOf<'call'>, args: readonly Datum[]): void {
  if (operation.callee.kind === 'library' && !args.some((arg) => typeof arg === 'object' && arg?.kind === 'function')) return;
  const text = operation.callee.kind === 'library' ? operation.callee.name : operation.callee.kind === 'static' ? operation.callee.target : operation.callee.text;
  machine.doubts.add(`what ${text} does is not known`);
}

function enter(machine: Machine, task: Task, callee: Resolved, operation: OperationOf<'call'>, once: Once | undefined): void {
  push(machine, task, callee, operation.results, once);
}

function push(machine: Machine, task: Task, callee: Resolved, results: OperationOf<'call'>['results'], once: Once | undefined): void {
  const caller = task.frame!;
  if (caller.depth >= machine.bounds.frames) {
    machine.doubts.add(`calls deeper than ${machine.bounds.frames}`);
    for (const result of results) store(machine, cellOf(machine, caller, result), freshUnknown(machine));
    return;
  }
  assign(machine.trail, task, 'frame', newFrame(machine, callee.fn, callee.captures, callee.args, caller, results, once));
}
