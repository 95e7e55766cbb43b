import { printPath, type Callee, type Function, type FunctionId, type OperationOf } from '../ir/index.js';
import { escape } from './escape.js';
import { elementsOf, evaluate, locate } from './evaluate.js';
import { blockOf, capturesOf, cellOf, changed, newFrame, newTask, next, record, type Frame, type Machine, type Pending, type Task } from './machine.js';
import { onceAt } from './objects.js';
import { usePool } from './pools.js';
import { serve } from './serving.js';
import { settle, settlerIn } from './settlements.js';
import { newSettlement, type Context, type Once } from './primitives.js';
import { assign } from './trail.js';
import { freshUnknown, load, part, store, type Callable, type Cell, type Datum } from './values.js';

interface Resolved { readonly fn: Function; readonly captures: readonly (Cell | undefined)[]; readonly args: readonly Datum[] }
interface Cancels { readonly cancels: Context }

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
    if (value.kind === 'cancel') return { cancels: value.context };
  }
  if (callee.kind !== 'dynamic') return undefined;
  const receiver = recordOf(args[0]) === undefined ? undefined : receiverFor(machine, callee.candidates, args[0]!);
  if (receiver !== undefined) {
    const fn = functions.get(receiver.method)!;
    return { fn, captures: [], args: [receiver.of, ...args.slice(1)] };
  }
  const candidates = callee.complete ? callee.candidates : [];
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

/** The candidate that is a method of what the interface holds, or of what is embedded there; outer methods hide inner ones. */
function receiverFor(machine: Machine, candidates: readonly FunctionId[], value: Datum): { readonly method: FunctionId; readonly of: Datum } | undefined {
  let level: readonly Datum[] = [value];
  for (let depth = 0; level.length > 0 && depth < deepestEmbedding; depth += 1) {
    const embedded: Datum[] = [];
    for (const of of level) {
      const record = recordOf(of);
      if (record === undefined) continue;
      const method = candidates.find((id) => machine.program.functions.get(id)?.receiver?.record === record);
      if (method !== undefined) return { method, of };
      const cell = cellIn(of);
      for (const field of machine.program.records.get(record)?.fields ?? []) if (field.embedded && cell !== undefined) embedded.push(load(part(machine, cell, field.name, undefined)));
    }
    level = embedded;
  }
  return undefined;
}

const deepestEmbedding = 8;

function cellIn(value: Datum): Cell | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return value.kind === 'pointer' ? value.to : value.kind === 'record' ? value.from : undefined;
}

function recordOf(value: Datum | undefined): string | undefined {
  const type = value === undefined ? undefined : cellIn(value)?.type;
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
  if (operation.pool !== undefined) {
    const made = usePool(machine, task, frame, operation, operation.pool, args);
    const maker = made === undefined ? undefined : applied(machine, made, []);
    if (maker !== undefined) push(machine, task, maker, operation.results, undefined);
    return undefined;
  }
  if (operation.serves === true) {
    serve(machine, task);
    storeResults(machine, frame, operation);
    next(machine, frame);
    return { kind: 'settle', at: operation.at, text: 'serves' };
  }
  if (operation.runs !== undefined) {
    next(machine, frame);
    storeResults(machine, frame, operation);
    // Called exactly once each, the last first pushed: what a library does with a callback in between is not modelled.
    for (const value of [...operation.runs].reverse()) {
      const run = evaluate(machine, frame, value);
      const callee = typeof run === 'object' && run?.kind === 'function' ? applied(machine, run, []) : undefined;
      if (callee !== undefined) push(machine, task, callee, [], undefined);
    }
    return undefined;
  }
  const settler = task.thread === undefined || operation.callee.kind !== 'unknown' || operation.callee.value === undefined ? undefined : settlerIn(machine, frame, operation.callee.value);
  if (settler !== undefined) {
    settle(machine, task, settler);
    next(machine, frame);
    return undefined;
  }
  const callee = resolve(machine, task, frame, operation.callee, args);
  if (callee === 'undecided') return decideCallee(operation.callee, operation.at);
  if (callee !== undefined && 'cancels' in callee) return cancelling(callee.cancels, operation.at);
  if (callee === undefined) {
    doubtUnknown(machine, operation, args);
    // What only copies or makes does nothing to what it is given.
    if (operation.copies === undefined && operation.there !== true) escape(machine, [...args, ...called(machine, frame, operation.callee)]);
    storeResults(machine, frame, operation);
    next(machine, frame);
    if (task.thread === undefined) return undefined;
    assign(machine.trail, frame, 'outcome', undefined);
    return operation.pending === true ? { kind: 'resume', skips: 0, at: operation.at, text: 'waits for the outside' } : undefined;
  }
  if (task.thread !== undefined && operation.callee.kind !== 'static' && callee.fn.suspends === true && callee.fn.yields !== true && operation.pending !== true && !isAwaited(frame, operation)) {
    next(machine, frame);
    alongside(machine, task, frame, callee, operation);
    return undefined;
  }
  next(machine, frame);
  enter(machine, task, callee, operation, undefined);
  return undefined;
}

/** What code that is not known gives back: unknowns, but for what is said of them. */
function storeResults(machine: Machine, frame: Frame, operation: OperationOf<'call'>): void {
  for (let index = 0; index < operation.results.length; index += 1) {
    const result = operation.results[index]!;
    const copied = index === 0 && operation.copies !== undefined ? elementsOf(machine, load(locate(machine, frame, operation.copies).cell), result.type.kind === 'map') : undefined;
    const unknown = freshUnknown(machine);
    store(machine, cellOf(machine, frame, result), copied ?? (index === 0 && operation.there === true ? { ...unknown, there: true } : unknown));
  }
}

/** Whether the result is what the next suspension waits for. */
function isAwaited(frame: Frame, operation: OperationOf<'call'>): boolean {
  const after = blockOf(frame).operations[frame.index + 1];
  const awaited = after?.op === 'suspend' && after.awaited?.kind === 'path' ? after.awaited.path.root : undefined;
  return awaited?.kind === 'variable' && operation.results.includes(awaited.variable);
}

/** An async function that was handed on as a value, called and not waited for: a task that runs at once up to its first suspension. */
function alongside(machine: Machine, task: Task, frame: Frame, callee: Resolved, operation: OperationOf<'call'>): void {
  const handle = newSettlement(machine, callee.fn.name);
  const [result] = operation.results;
  if (result !== undefined) store(machine, cellOf(machine, frame, result), handle);
  if (machine.tasks.length >= machine.bounds.tasks) {
    machine.doubts.add(`more than ${machine.bounds.tasks} tasks`);
    return;
  }
  record(machine, task, operation.at, 'spawn', `calls ${callee.fn.name} and does not wait`, machine.tasks.length);
  const child = newTask(machine, callee.fn.name, newFrame(machine, callee.fn, callee.captures, callee.args, undefined, []), task, operation.at, false, task.thread);
  handle.tasks = [child.id];
  child.settles = handle;
  changed(machine);
  const thread = machine.threads[task.thread!]!;
  assign(machine.trail, thread, 'stack', [...thread.stack, child.id]);
}

function onceCallee(machine: Machine, task: Task, frame: Frame, operation: OperationOf<'call'>, args: readonly Datum[]): Resolved | undefined {
  for (const value of operation.runs ?? []) {
    const run = evaluate(machine, frame, value);
    if (typeof run === 'object' && run?.kind === 'function') return applied(machine, run, []);
  }
  const callee = resolve(machine, task, frame, operation.callee, args);
  return callee === undefined || callee === 'undecided' || 'cancels' in callee ? undefined : callee;
}

/** A call of the function that ends a context. */
export function cancelling(context: Context, at: Pending['at']): Pending {
  return { kind: 'cancel', context, name: context.name, at, text: `cancels ${context.name}` };
}

/** What is called, when it is a value: a method of the library bound to a lock or channel operates on that. */
function called(machine: Machine, frame: Frame, callee: Callee): readonly Datum[] {
  return 'value' in callee && callee.value !== undefined ? [evaluate(machine, frame, callee.value)] : [];
}

/** Unknown code changes nothing we know of; when it was handed a function of the program, that is a guess. */
function doubtUnknown(machine: Machine, operation: OperationOf<'call'>, args: readonly Datum[]): void {
  const handed = args.some((arg) => typeof arg === 'object' && arg?.kind === 'function');
  if (operation.callee.kind === 'library' && !handed) return;
  const text = operation.callee.kind === 'library' ? operation.callee.name : operation.callee.kind === 'static' ? operation.callee.target : operation.callee.text;
  (handed ? machine.doubts : machine.guessed).add(`what ${text} does is not known`);
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
