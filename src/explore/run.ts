import { printPath, type AccessPath, type Callee, type Function, type Operation, type OperationOf, type Terminator, type Value } from '../ir/index.js';
import { join, tick } from './clocks.js';
import { go, park } from './control.js';
import { escape } from './escape.js';
import { enter as enterElement, evaluate, locate, type Place } from './evaluate.js';
import { loopsOf } from './loops.js';
import {
  blockOf, capturesOf, cellOf, changed, declare, newFrame, newTask, next, record,
  type Arm, type Frame, type Machine, type Pending, type Task,
} from './machine.js';
import { contention, newOrdered } from './order.js';
import { complete, faultAt, raise, unwind } from './panics.js';
import { newCancel, newChannel, newCondition, newContext, newCounter, newLock, newOnce, type Channel, type Condition, type Counter, type Lock, type Once, type Synchroniser } from './primitives.js';
import { access } from './races.js';
import { assign } from './trail.js';
import { clear, freshUnknown, keyOf, load, newCell, newElement, part, settle, store, type Callable, type Cell, type Container, type Datum, type Fault } from './values.js';

/**
 * Runs a task up to its next visible operation. What lies before it nobody else can notice in a program without
 * races, so it is done at once; accesses are checked for races as they pass.
 */
export function advance(machine: Machine, task: Task): void {
  while (task.frame !== undefined && task.pending === undefined) {
    const { frame } = task;
    if (machine.depth >= machine.bounds.depth) {
      park(machine, task, `a schedule longer than ${machine.bounds.depth} operations`);
      return;
    }
    machine.depth += 1;
    machine.executed += 1;
    const block = blockOf(frame);
    const operation = block.operations[frame.index];
    try {
      const pending = operation === undefined ? terminate(machine, task, frame, block.terminator) : execute(machine, task, frame, operation);
      if (pending !== undefined) assign(machine.trail, task, 'pending', pending);
    } catch (error) {
      if (typeof error !== 'object' || error === null || !('fault' in error)) throw error;
      faultAt(machine, task, operation?.at ?? ('at' in block.terminator ? block.terminator.at : frame.fn.at), (error as Fault).subject);
    }
  }
  if (task.frame === undefined && task.pending === undefined && task.group !== undefined) {
    assign(machine.trail, task, 'pending', { kind: 'leave', counter: task.group, name: task.group.name, at: task.spawned!.at, text: 'end' });
  }
}

type Handlers = { readonly [K in Operation['op']]: (machine: Machine, task: Task, frame: Frame, operation: OperationOf<K>) => Pending | undefined };

/** Does an invisible operation, or says what a visible one waits for. */
function execute(machine: Machine, task: Task, frame: Frame, operation: Operation): Pending | undefined {
  const handler = handlers[operation.op] as (machine: Machine, task: Task, frame: Frame, operation: Operation) => Pending | undefined;
  return handler(machine, task, frame, operation);
}

const handlers: Handlers = {
  acquire(machine, _task, frame, operation) {
    const name = printPath(operation.lock);
    return {
      kind: 'acquire', lock: lockAt(machine, frame, operation.lock), shared: operation.mode === 'shared', tries: operation.tries, result: operation.result,
      name, at: operation.at, text: `${operation.tries ? 'tries to acquire' : 'acquires'} ${name}`,
    };
  },

  release(machine, task, frame, operation) {
    const name = printPath(operation.lock);
    return { kind: 'release', task: task.id, lock: lockAt(machine, frame, operation.lock), shared: operation.mode === 'shared', name, at: operation.at, text: `releases ${name}` };
  },

  make(machine, task, frame, operation) {
    make(machine, task, frame, operation);
    next(machine, frame);
    return undefined;
  },

  send(machine, _task, frame, operation) {
    const arm = armAt(machine, frame, { at: operation.at, channel: operation.channel, direction: 'send', value: operation.value });
    return { kind: 'communicate', arms: [arm], fallback: undefined, select: false, at: operation.at, text: `sends on ${arm.name}` };
  },

  receive(machine, _task, frame, operation) {
    const arm = armAt(machine, frame, { at: operation.at, channel: operation.channel, direction: 'receive', result: operation.result, ok: operation.ok });
    return { kind: 'communicate', arms: [arm], fallback: undefined, select: false, at: operation.at, text: `receives from ${arm.name}` };
  },

  close(machine, task, frame, operation) {
    const name = printPath(operation.channel);
    const channel = channelAt(machine, frame, operation.channel);
    if (channel === null) {
      raise(machine, task, { kind: 'close-nil', at: operation.at, subject: name, message: `close of ${name}, which is nil` });
      return undefined;
    }
    if (channel === undefined) {
      machine.doubts.add(`which channel ${name} is is not known`);
      next(machine, frame);
      return undefined;
    }
    return { kind: 'close', channel, name, at: operation.at, text: `closes ${name}` };
  },

  spawn(machine, task, frame, operation) {
    const args = operation.args.map((arg) => evaluate(machine, frame, arg));
    const callee = resolve(machine, task, frame, operation.callee, args);
    if (callee === 'undecided') return decideCallee(operation.callee, operation.at);
    next(machine, frame);
    if (callee === undefined) {
      machine.doubts.add(`what ${operation.via} starts is not known`);
      escape(machine, args);
      return undefined;
    }
    if ('context' in callee) return undefined;
    for (let copies = operation.repeated === true ? 2 : 1; copies > 0; copies -= 1) {
      if (machine.tasks.length >= machine.bounds.tasks) {
        machine.doubts.add(`more than ${machine.bounds.tasks} tasks`);
        assign(machine.trail, machine, 'cut', true);
        break;
      }
      changed(machine);
      record(machine, task, operation.at, 'spawn', `starts ${callee.fn.name}`, machine.tasks.length);
      const child = newTask(machine, callee.fn.name, newFrame(machine, callee.fn, callee.captures, callee.args, undefined, []), task, operation.at);
      if (operation.group !== undefined) {
        const group = counterAt(machine, frame, operation.group);
        assign(machine.trail, group, 'count', group.count + 1);
        child.group = group;
      }
      if (operation.timed === true) child.pending = { kind: 'begin', at: operation.at, text: 'may start' };
      else advance(machine, child);
    }
    return undefined;
  },

  wait(machine, task, frame, operation) {
    const name = printPath(operation.on);
    const text = `waits for ${name}`;
    if (operation.what === 'condition') {
      const condition = conditionAt(machine, frame, operation.on);
      const lock = condition.lock === undefined ? undefined : lockIn(machine, condition.lock, `${name}.L`);
      return { kind: 'sleep', task: task.id, condition, lock, name, at: operation.at, text };
    }
    if (operation.what === 'timer') {
      next(machine, frame);
      return undefined;
    }
    if (operation.result !== undefined) store(machine, cellOf(machine, frame, operation.result), freshUnknown(machine));
    return { kind: 'await', exact: machine.promoted.has(contention), counter: counterAt(machine, frame, operation.on), arrived: false, group: operation.what === 'group', name, at: operation.at, text };
  },

  signal(machine, _task, frame, operation) {
    const name = printPath(operation.on);
    if (operation.what === 'condition') {
      return { kind: 'signal', condition: conditionAt(machine, frame, operation.on), broadcast: operation.broadcast === true, name, at: operation.at, text: `signals ${name}` };
    }
    const delta = operation.delta === undefined ? 1 : evaluate(machine, frame, operation.delta);
    return { kind: 'count', exact: machine.promoted.has(contention), counter: counterAt(machine, frame, operation.on), delta: typeof delta === 'number' ? delta : Number.NaN, name, at: operation.at, text: `counts ${name}` };
  },

  suspend(machine, _task, frame) {
    next(machine, frame);
    return undefined;
  },

  cancel(machine, _task, frame, operation) {
    const value = load(settle(machine, locate(machine, frame, operation.context).cell, printPath(operation.context)));
    if (typeof value === 'object' && value !== null && value.kind === 'context') {
      return { kind: 'cancel', context: value, name: printPath(operation.context), at: operation.at, text: `cancels ${printPath(operation.context)}` };
    }
    next(machine, frame);
    return undefined;
  },

  declare(machine, _task, frame, operation) {
    const slot = frame.layout.slots.get(operation.variable);
    if (slot !== undefined) {
      const before = frame.slots[slot];
      const cell = declare(machine, frame, slot, operation.variable);
      if (operation.copies === true && before !== undefined) store(machine, cell, load(before));
    }
    next(machine, frame);
    return undefined;
  },

  read(machine, task, frame, operation) {
    const target = targetOf(machine, frame, operation);
    const context = operation.atomic && operation.container === undefined ? load(target) : undefined;
    if (typeof context === 'object' && context !== null && context.kind === 'context') {
      return { kind: 'inquire', context, result: operation.result, name: printPath(operation.path), at: operation.at, text: `asks ${printPath(operation.path)}` };
    }
    const run = (): void => {
      if (operation.atomic) assign(machine.trail, task, 'clock', join(task.clock, target.published ?? []));
      touchCell(machine, task, target, operation, false);
      if (operation.result !== undefined) store(machine, cellOf(machine, frame, operation.result), operation.container === undefined ? load(target) : freshUnknown(machine));
      next(machine, frame);
    };
    return ordered(machine, target, operation, false, run);
  },

  write(machine, task, frame, operation) {
    const { path } = operation;
    if (path.selectors.length === 0 && path.root.kind === 'variable' && !operation.atomic && isPrivate(path)) {
      store(machine, cellOf(machine, frame, path.root.variable), evaluate(machine, frame, operation.value));
      changedLocally(machine, path);
      next(machine, frame);
      return undefined;
    }
    const target = targetOf(machine, frame, operation);
    return ordered(machine, target, operation, true, () => {
      if (operation.atomic) writeAtomically(machine, task, frame, target, operation);
      else {
        touchCell(machine, task, target, operation, true);
        put(machine, frame, operation);
        changed(machine);
      }
      next(machine, frame);
    });
  },

  call(machine, task, frame, operation) {
    return call(machine, task, frame, operation);
  },

  recover(machine, task, frame) {
    assign(machine.trail, task, 'panic', undefined);
    next(machine, frame);
    return undefined;
  },
};

/** A variable that no other task can name needs no check. */
function isPrivate(path: AccessPath): boolean {
  if (path.root.kind !== 'variable') return true;
  const { variable } = path.root;
  return variable.kind !== 'global' && !variable.captured && !variable.addressed;
}

function changedLocally(machine: Machine, path: AccessPath): void {
  if (path.root.kind === 'variable' && path.root.variable.kind !== 'temporary') changed(machine);
}

/** The cell whose accesses conflict: of maps the inside, of list elements the element, or none when it is not known which. */
function targetOf(machine: Machine, frame: Frame, operation: OperationOf<'read'> | OperationOf<'write'>): Cell {
  const place = locate(machine, frame, operation.path);
  switch (operation.container) {
    case 'list': {
      const list = place.container;
      // All elements of a list that begins where its memory does; of others it is not known which.
      if (operation.whole === true && place.inside !== undefined && (list === undefined || list.offset === 0)) return place.inside;
      return place.anyElement === true ? newCell(machine, place.cell.type) : place.cell;
    }
    case 'map': return place.inside ?? settle(machine, place.cell, printPath(operation.path));
    case 'object': return settle(machine, place.cell, printPath(operation.path));
    default: return place.cell;
  }
}

/** Takes the access at once, or makes it a choice point when its order matters. */
function ordered(machine: Machine, cell: Cell, operation: OperationOf<'read'> | OperationOf<'write'>, write: boolean, run: () => void): Pending | undefined {
  if (!operation.atomic && !machine.promoted.has(operation)) {
    run();
    return undefined;
  }
  if (cell.order === undefined) assign(machine.trail, cell, 'order', newOrdered());
  return { kind: 'access', cell, write, run, at: operation.at, text: `${operation.verb ?? (write ? 'writes' : 'reads')} ${printPath(operation.path)}` };
}

function touchCell(machine: Machine, task: Task, cell: Cell, operation: OperationOf<'read'> | OperationOf<'write'>, write: boolean): void {
  access(machine, task, cell, { write, atomic: operation.atomic, at: operation.at, operation, subject: printPath(operation.path), verb: write ? 'writes' : 'reads' });
}

function put(machine: Machine, frame: Frame, operation: OperationOf<'write'>): void {
  if (operation.container === 'object' || operation.whole === true) return;
  const value = evaluate(machine, frame, operation.value);
  const place = locate(machine, frame, operation.path);
  const { container } = place;
  if (container?.what === 'map') putEntry(machine, container, place, operation, value);
  else if (place.anyElement !== true) {
    if (container === undefined) store(machine, place.cell, value);
    else enterElement(machine, place.cell, value);
  }
}

function putEntry(machine: Machine, map: Container, place: Place, operation: OperationOf<'write'>, value: Datum): void {
  if (operation.verb === 'delete' || operation.verb === 'clear') {
    assign(machine.trail, map, 'length', operation.verb === 'clear' || place.anyElement === true || map.length === undefined ? undefined : Math.max(0, map.length - (place.cell.value === undefined ? 0 : 1)));
    if (place.anyElement !== true) clear(machine, place.cell);
    return;
  }
  const cell = place.anyElement === true ? newElement(machine, map, place.key) : place.cell;
  const grows = cell.value === undefined;
  enterElement(machine, cell, value);
  if (place.anyElement === true) assign(machine.trail, map, 'length', undefined);
  else if (grows && map.length !== undefined) assign(machine.trail, map, 'length', map.length + 1);
}

/** Sequentially consistent, and ordered after every write it can see, as Go's memory model has it. */
function writeAtomically(machine: Machine, task: Task, frame: Frame, cell: Cell, operation: OperationOf<'write'>): void {
  const { trail } = machine;
  const updates = operation.updates === true || operation.expects !== undefined;
  if (updates) assign(trail, task, 'clock', join(task.clock, cell.published ?? []));
  const before = operation.container === undefined ? load(cell) : freshUnknown(machine);
  let result: Datum = before;
  let writes = true;
  if (operation.expects !== undefined) {
    const expected = evaluate(machine, frame, operation.expects);
    const matches = typeof before !== 'object' && typeof expected !== 'object' ? before === expected : keyOf(before) === keyOf(expected) ? true : undefined;
    writes = matches !== false;
    result = matches ?? freshUnknown(machine);
  }
  touchCell(machine, task, cell, operation, writes);
  if (writes) {
    const value = evaluate(machine, frame, operation.value);
    if (operation.container === undefined) store(machine, cell, value);
    if (operation.expects === undefined && operation.updates === true && operation.verb !== 'atomic swap') result = value;
    assign(trail, cell, 'published', updates ? join(task.clock, cell.published ?? []) : task.clock);
    assign(trail, task, 'clock', tick(task.clock, task.id));
    changed(machine);
  }
  if (operation.result !== undefined) store(machine, cellOf(machine, frame, operation.result), result);
}

function armAt(machine: Machine, frame: Frame, arm: { readonly at: Arm['at']; readonly channel: AccessPath; readonly direction: 'send' | 'receive'; readonly value?: Value | undefined; readonly result?: Arm['result']; readonly ok?: Arm['ok']; readonly to?: number }): Arm {
  return {
    at: arm.at, channel: channelAt(machine, frame, arm.channel), direction: arm.direction, value: arm.value === undefined ? null : evaluate(machine, frame, arm.value),
    result: arm.result, ok: arm.ok, to: arm.to, name: printPath(arm.channel),
  };
}

function channelAt(machine: Machine, frame: Frame, path: AccessPath): Channel | null | undefined {
  if (path.root.kind !== 'variable') return path.root.text === 'nil' ? null : undefined;
  const value = load(settle(machine, locate(machine, frame, path).cell, printPath(path)));
  if (value === null) return null;
  return typeof value === 'object' && value.kind === 'channel' ? value : undefined;
}

/** The synchroniser that lives in a cell, made when it is first used: zero values are ready for use. */
function primitiveIn<K extends Synchroniser['kind']>(machine: Machine, cell: Cell, kind: K, make: () => Extract<Synchroniser, { kind: K }>): Extract<Synchroniser, { kind: K }> {
  if (cell.primitive?.kind === kind) return cell.primitive as Extract<Synchroniser, { kind: K }>;
  const made = make();
  assign(machine.trail, cell, 'primitive', made);
  return made;
}

function lockIn(machine: Machine, cell: Cell, name: string): Lock {
  return primitiveIn(machine, settle(machine, cell, name), 'lock', () => newLock(machine, name));
}

function lockAt(machine: Machine, frame: Frame, path: AccessPath): Lock {
  return lockIn(machine, locate(machine, frame, path).cell, printPath(path));
}

function counterAt(machine: Machine, frame: Frame, path: AccessPath): Counter {
  const name = printPath(path);
  return primitiveIn(machine, settle(machine, locate(machine, frame, path).cell, name), 'counter', () => newCounter(machine, name));
}

function onceAt(machine: Machine, frame: Frame, path: AccessPath): Once {
  const name = printPath(path);
  return primitiveIn(machine, settle(machine, locate(machine, frame, path).cell, name), 'once', () => newOnce(machine, name));
}

function conditionAt(machine: Machine, frame: Frame, path: AccessPath): Condition {
  const name = printPath(path);
  const cell = settle(machine, locate(machine, frame, path).cell, name);
  return primitiveIn(machine, cell, 'condition', () => newCondition(machine, name, part(machine, cell, 'L', undefined)));
}

function make(machine: Machine, task: Task, frame: Frame, operation: OperationOf<'make'>): void {
  const name = printPath(operation.result);
  const target = locate(machine, frame, operation.result).cell;
  switch (operation.what) {
    case 'channel': {
      const capacity = operation.capacity === undefined ? 0 : evaluate(machine, frame, operation.capacity);
      if (typeof capacity !== 'number') machine.doubts.add(`the capacity of ${name} is not known`);
      const channel = newChannel(machine, name, typeof capacity === 'number' ? capacity : 1, operation.timed === true);
      store(machine, target, channel);
      if (operation.timed === true) {
        const timer = newTask(machine, `timer ${name}`, undefined, task, operation.at, true);
        timer.pending = { kind: 'fire', channel, times: 1, at: operation.at, text: `${name} fires` };
      }
      return;
    }
    case 'context': {
      const parent = operation.of === undefined ? undefined : evaluate(machine, frame, operation.of);
      const above = typeof parent === 'object' && parent?.kind === 'context' ? parent : undefined;
      if (operation.cancel === undefined && operation.timed !== true && above !== undefined) {
        store(machine, target, above);
        return;
      }
      const ends = operation.cancel !== undefined || operation.timed === true;
      const context = newContext(machine, name, ends ? newChannel(machine, `${name}.Done()`, 0) : undefined);
      if (above !== undefined) {
        assign(machine.trail, above, 'children', [...above.children, context]);
        if (above.done?.closed !== undefined && context.done !== undefined) context.done.closed = above.done.closed;
      }
      store(machine, target, context);
      if (operation.cancel !== undefined) store(machine, cellOf(machine, frame, operation.cancel), newCancel(machine, context));
      if (operation.timed === true) {
        const timer = newTask(machine, `deadline of ${name}`, undefined, task, operation.at, true);
        timer.pending = { kind: 'expire', context, at: operation.at, text: `the deadline of ${name} passes` };
      }
      return;
    }
    default: {
      let holder = target;
      if (target.type.kind === 'pointer' || target.type.kind === 'unknown' || target.type.kind === 'interface') {
        holder = newCell(machine, target.type.kind === 'pointer' ? target.type.to : target.type);
        store(machine, target, { kind: 'pointer', to: holder });
      }
      if (operation.what === 'condition' && operation.of !== undefined) store(machine, part(machine, holder, 'L', undefined), evaluate(machine, frame, operation.of));
    }
  }
}

interface Resolved { readonly fn: Function; readonly captures: readonly (Cell | undefined)[]; readonly args: readonly Datum[] }
interface Cancels { readonly context: true }

/** The function a callee is now; undefined when nobody knows; 'undecided' when one of several must be chosen. */
function resolve(machine: Machine, task: Task, frame: Frame, callee: Callee, args: readonly Datum[]): Resolved | Cancels | undefined | 'undecided' {
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

function decideCallee(callee: Callee, at: Pending['at']): Pending {
  const options = callee.kind === 'dynamic' ? callee.candidates.length : 1;
  return { kind: 'decide', key: undefined, options, at, text: 'calls one of several' };
}

function call(machine: Machine, task: Task, frame: Frame, operation: OperationOf<'call'>): Pending | undefined {
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

function terminate(machine: Machine, task: Task, frame: Frame, terminator: Terminator): Pending | undefined {
  switch (terminator.kind) {
    case 'goto': return go(machine, task, frame, terminator.to);
    case 'branch': return branch(machine, task, frame, terminator);
    case 'select': {
      const arms = terminator.arms.map((arm) => armAt(machine, frame, arm));
      return { kind: 'communicate', arms, fallback: terminator.fallback, select: true, at: terminator.at, text: `selects among ${arms.map((arm) => arm.name).join(', ') || 'nothing'}` };
    }
    case 'return':
      if (task.panic !== undefined && frame.unwinding) return leaveByPanic(machine, task, frame);
      leave(machine, task, frame, terminator.values.map((value) => evaluate(machine, frame, value)));
      return undefined;
    case 'throw':
      if (frame.unwinding && task.panic === undefined) {
        leave(machine, task, frame, frame.fn.namedResults.map((variable) => load(cellOf(machine, frame, variable))));
        return undefined;
      }
      if (task.panic === undefined) {
        const step = record(machine, task, terminator.at, 'end', 'panics', -2);
        assign(machine.trail, task, 'panic', { kind: 'panic', at: terminator.at, function: frame.fn.name, subject: 'panic', message: 'panic', step });
      }
      return leaveByPanic(machine, task, frame);
    case 'halt':
      record(machine, task, terminator.at, 'end', terminator.program ? 'ends the program' : 'ends', -2);
      if (terminator.program) assign(machine.trail, machine, 'exited', true);
      assign(machine.trail, task, 'frame', undefined);
      return undefined;
  }
}

function leaveByPanic(machine: Machine, task: Task, frame: Frame): undefined {
  complete(machine, task, frame);
  assign(machine.trail, task, 'frame', frame.caller);
  unwind(machine, task);
  return undefined;
}

function leave(machine: Machine, task: Task, frame: Frame, values: readonly Datum[]): void {
  complete(machine, task, frame);
  const { caller } = frame;
  if (caller !== undefined) {
    frame.results.forEach((result, index) => {
      const value = values[index];
      store(machine, cellOf(machine, caller, result), value ?? freshUnknown(machine));
    });
  }
  assign(machine.trail, task, 'frame', caller);
  if (task.id === 0 && task.initial && caller !== undefined && caller.caller === undefined) assign(machine.trail, task, 'initial', false);
}

function branch(machine: Machine, task: Task, frame: Frame, terminator: Extract<Terminator, { kind: 'branch' }>): Pending | undefined {
  const value = evaluate(machine, frame, terminator.condition);
  if (typeof value === 'boolean') return go(machine, task, frame, value ? terminator.onTrue : terminator.onFalse);
  const key = keyOf(value);
  const negated = key.startsWith('!');
  const plain = negated ? key.slice(1) : key;
  const loop = loopsOf(frame.fn).around(frame.block);
  const leaves = loop === undefined ? undefined : !loop.blocks.has(terminator.onFalse) ? terminator.onFalse : !loop.blocks.has(terminator.onTrue) ? terminator.onTrue : undefined;
  // A loop that nothing known ends is left after a few turns.
  if (leaves !== undefined && (frame.turns.get(loop!.head) ?? 0) >= machine.bounds.turns) return go(machine, task, frame, leaves);
  const decided = task.chosen ?? machine.decisions.get(plain);
  if (decided === undefined) {
    const pins = pinOf(plain, terminator.condition, machine, frame);
    return { kind: 'decide', key: terminator.condition.kind === 'unknown' ? undefined : plain, options: 2, ...(pins === undefined ? {} : { pins }), at: terminator.at, text: 'decides' };
  }
  assign(machine.trail, task, 'chosen', undefined);
  return go(machine, task, frame, (decided === 1) !== negated ? terminator.onTrue : terminator.onFalse);
}

/** `x == constant` makes x known where it holds. */
function pinOf(key: string, condition: Value, machine: Machine, frame: Frame): { readonly key: string; readonly value: Datum } | undefined {
  if (condition.kind !== 'binary' || condition.operator !== '==' || condition.right.kind !== 'constant' || !key.includes('==')) return undefined;
  const left = evaluate(machine, frame, condition.left);
  return typeof left === 'object' && left !== null && left.kind === 'unknown' ? { key: left.key, value: condition.right.value } : undefined;
}
