import { printPath, type AccessPath, type OperationOf, type Value } from '../ir/index.js';
import { evaluate, locate } from './evaluate.js';
import { cellOf, newTask, type Arm, type Frame, type Machine, type Pending, type Task } from './machine.js';
import { newCancel, newChannel, newCondition, newContext, newCounter, newLock, newOnce, newPool, newTimer, type Channel, type Condition, type Counter, type Lock, type Once, type Pool, type Synchroniser, type Timer } from './primitives.js';
import { assign } from './trail.js';
import { load, newCell, part, settle, store, type Cell } from './values.js';

/** One way a channel operation can go, its channel and value as they are now. */
export function armAt(machine: Machine, frame: Frame, arm: { readonly at: Arm['at']; readonly channel: AccessPath; readonly direction: 'send' | 'receive'; readonly value?: Value | undefined; readonly result?: Arm['result']; readonly ok?: Arm['ok']; readonly to?: number }): Arm {
  return {
    at: arm.at, channel: channelAt(machine, frame, arm.channel), direction: arm.direction, value: arm.value === undefined ? null : evaluate(machine, frame, arm.value),
    result: arm.result, ok: arm.ok, to: arm.to, name: printPath(arm.channel),
  };
}

/** The channel in a location: null when it is nil, undefined when it is not known. */
export function channelAt(machine: Machine, frame: Frame, path: AccessPath): Channel | null | undefined {
  if (path.root.kind !== 'variable') return path.root.text === 'nil' ? null : undefined;
  const value = load(settle(machine, locate(machine, frame, path).cell, path));
  if (value === null) return machine.amid && path.root.variable.kind === 'global' ? undefined : null;
  return typeof value === 'object' && value.kind === 'channel' ? value : undefined;
}

/** The synchroniser that lives in a cell, made when it is first used: zero values are ready for use. */
function primitiveIn<K extends Synchroniser['kind']>(machine: Machine, cell: Cell, kind: K, make: () => Extract<Synchroniser, { kind: K }>): Extract<Synchroniser, { kind: K }> {
  if (cell.primitive?.kind === kind) return cell.primitive as Extract<Synchroniser, { kind: K }>;
  const made = make();
  // What lies in unknown memory was there before, in a state of its own.
  if (cell.unknown !== undefined) made.outside = true;
  assign(machine.trail, cell, 'primitive', made);
  return made;
}

function lockIn(machine: Machine, cell: Cell, name: string): Lock {
  const settled = settle(machine, cell, name);
  return primitiveIn(machine, settled, 'lock', () => newLock(machine, name, settled));
}

/** A lock, and whether what the path leads to is only its readers' side: a part of the memory it lives in. */
export function lockAt(machine: Machine, frame: Frame, path: AccessPath): { readonly lock: Lock; readonly reads: boolean } {
  const name = printPath(path);
  return lockOf(machine, locate(machine, frame, path).cell, name);
}

export function lockOf(machine: Machine, cell: Cell, name: string): { readonly lock: Lock; readonly reads: boolean } {
  const { parent } = settle(machine, cell, name);
  const reads = parent?.type.kind === 'primitive' && parent.type.primitive === 'rwlock';
  return { lock: lockIn(machine, reads ? parent : cell, name), reads };
}

export function counterAt(machine: Machine, frame: Frame, path: AccessPath): Counter {
  const name = printPath(path);
  return primitiveIn(machine, settle(machine, locate(machine, frame, path).cell, name), 'counter', () => newCounter(machine, name));
}

export function onceAt(machine: Machine, frame: Frame, path: AccessPath): Once {
  const name = printPath(path);
  return primitiveIn(machine, settle(machine, locate(machine, frame, path).cell, name), 'once', () => newOnce(machine, name));
}

export function conditionAt(machine: Machine, frame: Frame, path: AccessPath): Condition {
  const name = printPath(path);
  const cell = settle(machine, locate(machine, frame, path).cell, name);
  return primitiveIn(machine, cell, 'condition', () => newCondition(machine, name, part(machine, cell, 'L', undefined)));
}

export function poolAt(machine: Machine, frame: Frame, path: AccessPath): Pool {
  const name = printPath(path);
  const cell = settle(machine, locate(machine, frame, path).cell, name);
  return primitiveIn(machine, cell, 'pool', () => newPool(machine, name, cell));
}

/** The timer in a location; undefined when it is not known. */
export function timerAt(machine: Machine, frame: Frame, path: AccessPath): Timer | undefined {
  const { primitive } = settle(machine, locate(machine, frame, path).cell, path);
  return primitive?.kind === 'timer' ? primitive : undefined;
}

/** What the task of a timer waits for. */
export function firing(timer: Timer, at: Pending['at']): Pending {
  return timer.channel === undefined ? { kind: 'begin', timer, at, text: 'may start' } : { kind: 'fire', timer, channel: timer.channel, at, text: `${timer.name} fires` };
}

/** Nobody waits for an hour: who sets such a timer means to stop it, or never. */
export function isLate(machine: Machine, frame: Frame, after: Value | undefined): boolean {
  const nanoseconds = after === undefined ? undefined : evaluate(machine, frame, after);
  return typeof nanoseconds === 'number' && nanoseconds >= anHour;
}

const anHour = 3600e9;

export function make(machine: Machine, task: Task, frame: Frame, operation: OperationOf<'make'>): void {
  const name = printPath(operation.result);
  const target = locate(machine, frame, operation.result).cell;
  switch (operation.what) {
    case 'channel': {
      const capacity = operation.capacity === undefined ? 0 : evaluate(machine, frame, operation.capacity);
      if (typeof capacity !== 'number') machine.doubts.add(`the capacity of ${name} is not known`);
      const channel = newChannel(machine, name, typeof capacity === 'number' ? capacity : 1, operation.timed === true);
      store(machine, target, channel);
      if (operation.timed === true) {
        const { selectors } = operation.result;
        const holder = selectors.length === 0 ? undefined : settle(machine, locate(machine, frame, { root: operation.result.root, selectors: selectors.slice(0, -1) }).cell, name);
        const timer = newTimer(machine, name, { channel, begin: undefined, task: machine.tasks.length, late: isLate(machine, frame, operation.after) });
        if (holder !== undefined) assign(machine.trail, holder, 'primitive', timer);
        newTask(machine, `timer ${name}`, undefined, task, operation.at, true).pending = firing(timer, operation.at);
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
