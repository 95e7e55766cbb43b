import { printPath, unknownType, type Operation, type OperationOf } from '../ir/index.js';
import { changedLocally, isPrivate, ordered, put, targetOf, touchCell, writeAtomically } from './accesses.js';
import { call, cancelling, decideCallee, resolve } from './calls.js';
import { join } from './clocks.js';
import { park } from './control.js';
import { escape } from './escape.js';
import { evaluate, locate } from './evaluate.js';
import { blockOf, cellOf, changed, declare, hasRoom, newFrame, newTask, next, record, type Frame, type Machine, type Pending, type Task } from './machine.js';
import { armAt, channelAt, conditionAt, counterAt, firing, isLate, lockAt, lockOf, make, timerAt } from './objects.js';
import { contention } from './order.js';
import { begin, faultAt, raise } from './panics.js';
import { throwUp } from './failures.js';
import { acts, stops } from './overlaps.js';
import { newChannel, newTimer, type Channel } from './primitives.js';
import { makePromise, settle as settlePromise, settlerIn } from './settlements.js';
import { terminate } from './terminators.js';
import { isRunning } from './threads.js';
import { callOff, startTurn, suspend, waitFor } from './turns.js';
import { assign } from './trail.js';
import { freshUnknown, load, newCell, settle, store, type Fault } from './values.js';

/**
 * Runs a task up to its next visible operation. What lies before it nobody else can notice in a program without
 * races, so it is done at once; accesses are checked for races as they pass.
 */
export function advance(machine: Machine, task: Task): void {
  while (task.frame !== undefined && task.pending === undefined && isRunning(machine, task)) {
    const { frame } = task;
    // The package's initialisation may be long and is run but once.
    if (!task.initial && machine.depth >= machine.bounds.depth) {
      park(machine, task, `a schedule longer than ${machine.bounds.depth} operations`);
      return;
    }
    if (!task.initial) machine.depth += 1;
    machine.executed += 1;
    const block = blockOf(frame);
    const operation = block.operations[frame.index];
    try {
      const pending = operation === undefined ? terminate(machine, task, frame, block.terminator) : execute(machine, task, frame, operation);
      if (pending !== undefined) assign(machine.trail, task, 'pending', pending);
    } catch (error) {
      if (typeof error !== 'object' || error === null || !('fault' in error)) throw error;
      if (task.thread !== undefined) {
        const pending = throwUp(machine, task, frame, true);
        if (pending !== undefined) assign(machine.trail, task, 'pending', pending);
        continue;
      }
      faultAt(machine, task, operation?.at ?? ('at' in block.terminator ? block.terminator.at : frame.fn.at), (error as Fault).subject);
    }
  }
  if (task.frame === undefined && task.pending === undefined && task.group !== undefined) {
    assign(machine.trail, task, 'pending', { kind: 'leave', counter: task.group, places: task.group.places, name: task.group.name, at: task.spawned!.at, text: 'end' });
  }
}

type Handlers = { readonly [K in Operation['op']]: (machine: Machine, task: Task, frame: Frame, operation: OperationOf<K>) => Pending | undefined };

/** Does an invisible operation, or says what a visible one waits for. */
function execute(machine: Machine, task: Task, frame: Frame, operation: Operation): Pending | undefined {
  if (machine.watch !== undefined && task.thread !== undefined) acts(machine, task, operation.at, () => record(machine, task, operation.at, 'sync', 'does it', -1));
  if (operation.panicking !== undefined && !frame.unwinding) begin(machine, task, frame, operation.panicking);
  const handler = handlers[operation.op] as (machine: Machine, task: Task, frame: Frame, operation: Operation) => Pending | undefined;
  return handler(machine, task, frame, operation);
}

/** Nobody outside sends there any more: what has not been sent will not. */
function starve(machine: Machine, channel: Channel | null | undefined): void {
  for (const other of machine.tasks) {
    if (channel === undefined || channel === null || other.feeds !== channel) continue;
    assign(machine.trail, other, 'feeds', undefined);
    if (other.pending === undefined) continue;
    assign(machine.trail, other, 'pending', undefined);
    assign(machine.trail, other, 'frame', undefined);
  }
}

const handlers: Handlers = {
  acquire(machine, _task, frame, operation) {
    const name = printPath(operation.lock);
    const { lock, reads } = lockAt(machine, frame, operation.lock);
    return {
      kind: 'acquire', lock, shared: reads || operation.mode === 'shared', tries: operation.tries, result: operation.result,
      name, at: operation.at, text: `${operation.tries ? 'tries to acquire' : 'acquires'} ${name}`,
    };
  },

  release(machine, task, frame, operation) {
    const name = printPath(operation.lock);
    const { lock, reads } = lockAt(machine, frame, operation.lock);
    return { kind: 'release', task: task.id, lock, shared: reads || operation.mode === 'shared', name, at: operation.at, text: `releases ${name}` };
  },

  make(machine, task, frame, operation) {
    if (operation.what === 'promise') makePromise(machine, frame, operation, (value) => store(machine, locate(machine, frame, operation.result).cell, value));
    else make(machine, task, frame, operation);
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
      machine.guessed.add(`which channel ${name} is is not known`);
      next(machine, frame);
      return undefined;
    }
    return { kind: 'close', channel, name, at: operation.at, text: `closes ${name}` };
  },

  spawn(machine, task, frame, operation) {
    if (task.thread !== undefined) return startTurn(machine, task, frame, operation);
    const args = operation.args.map((arg) => evaluate(machine, frame, arg));
    const callee = resolve(machine, task, frame, operation.callee, args);
    if (callee === 'undecided') return decideCallee(operation.callee, operation.at);
    const group = operation.group === undefined ? undefined : counterAt(machine, frame, operation.group);
    if (group?.places !== undefined && task.placed !== operation) {
      return { kind: 'enlist', operation, group, places: group.places, tries: operation.tries === true, name: group.name, at: operation.at, text: `waits for room in ${group.name}` };
    }
    assign(machine.trail, task, 'placed', undefined);
    next(machine, frame);
    if (callee === undefined) {
      machine.doubts.add(`what ${operation.via} starts is not known`);
      escape(machine, args);
      return undefined;
    }
    for (let copies = operation.repeated === true ? 2 : 1; copies > 0; copies -= 1) {
      if (!hasRoom(machine)) break;
      changed(machine);
      if ('cancels' in callee) {
        record(machine, task, operation.at, 'spawn', `starts what cancels ${callee.cancels.name}`, machine.tasks.length);
        newTask(machine, `cancel of ${callee.cancels.name}`, undefined, task, operation.at).pending = cancelling(callee.cancels, operation.at);
        continue;
      }
      record(machine, task, operation.at, 'spawn', `starts ${callee.fn.name}`, machine.tasks.length);
      const begin = (): Frame => newFrame(machine, callee.fn, callee.captures, callee.args, undefined, []);
      const child = newTask(machine, callee.fn.name, begin(), task, operation.at);
      child.served = operation.repeated === true && operation.timed !== true;
      if (operation.feeds !== undefined) child.feeds = channelAt(machine, frame, operation.feeds) ?? undefined;
      if (group !== undefined) {
        assign(machine.trail, group, 'count', group.count + 1);
        child.group = group;
      }
      if (operation.registers === true) child.pending = firing(newTimer(machine, callee.fn.name, { channel: undefined, begin, task: child.id, late: true, registered: true }), operation.at);
      else if (operation.timed === true) {
        const timer = newTimer(machine, callee.fn.name, { channel: undefined, begin, task: child.id, late: isLate(machine, frame, operation.after) });
        if (operation.timer !== undefined) assign(machine.trail, settle(machine, locate(machine, frame, operation.timer).cell, callee.fn.name), 'primitive', timer);
        child.pending = firing(timer, operation.at);
      }
      else advance(machine, child);
    }
    return undefined;
  },

  wait(machine, task, frame, operation) {
    const name = printPath(operation.on);
    const text = `waits for ${name}`;
    if (operation.what === 'task') return waitFor(machine, frame, operation);
    if (operation.what === 'condition') {
      const condition = conditionAt(machine, frame, operation.on);
      const { lock, reads } = condition.lock === undefined ? { lock: undefined, reads: false } : lockOf(machine, condition.lock, `${name}.L`);
      return { kind: 'sleep', task: task.id, condition, lock, shared: reads, name, at: operation.at, text };
    }
    if (operation.what === 'others') return { kind: 'settle', at: operation.at, text: 'waits for all others' };
    if (operation.what === 'timer') {
      next(machine, frame);
      return undefined;
    }
    if (operation.result !== undefined) store(machine, cellOf(machine, frame, operation.result), freshUnknown(machine));
    return { kind: 'await', exact: machine.promoted.has(contention), counter: counterAt(machine, frame, operation.on), arrived: false, group: operation.what === 'group', name, at: operation.at, text };
  },

  signal(machine, task, frame, operation) {
    const name = printPath(operation.on);
    if (operation.what === 'promise') {
      const settler = settlerIn(machine, frame, { kind: 'path', path: operation.on });
      if (settler === undefined) machine.guessed.add(`what ${name} settles is not known`);
      else settlePromise(machine, task, settler);
      next(machine, frame);
      return undefined;
    }
    if (operation.what === 'condition') {
      return { kind: 'signal', condition: conditionAt(machine, frame, operation.on), broadcast: operation.broadcast === true, name, at: operation.at, text: `signals ${name}` };
    }
    const delta = operation.delta === undefined ? 1 : evaluate(machine, frame, operation.delta);
    return { kind: 'count', exact: machine.promoted.has(contention), counter: counterAt(machine, frame, operation.on), delta: typeof delta === 'number' ? delta : Number.NaN, name, at: operation.at, text: `counts ${name}` };
  },

  // A limit that nobody knows only takes schedules away.
  limit(machine, _task, frame, operation) {
    const to = evaluate(machine, frame, operation.to);
    const group = counterAt(machine, frame, operation.group);
    if (typeof to === 'number') assign(machine.trail, group, 'places', to < 0 ? undefined : newChannel(machine, group.name, to));
    next(machine, frame);
    return undefined;
  },

  suspend(machine, task, frame, operation) {
    if (task.thread === undefined) {
      next(machine, frame);
      return undefined;
    }
    const pending = suspend(machine, frame, operation);
    if (pending !== undefined) stops(machine, task, operation.at, () => record(machine, task, operation.at, 'sync', pending.text, -1));
    if (pending !== undefined) record(machine, task, operation.at, 'sync', pending.text, -1);
    return pending;
  },

  arm(machine, _task, frame, operation) {
    const timer = timerAt(machine, frame, operation.timer);
    const name = printPath(operation.timer);
    if (timer !== undefined) {
      return {
        kind: 'arm', timer, starts: operation.starts, late: isLate(machine, frame, operation.after), drops: operation.drops === true, result: operation.result, name, at: operation.at,
        text: `${operation.starts ? 'starts' : 'stops'} ${name}`,
      };
    }
    if (operation.result !== undefined) store(machine, cellOf(machine, frame, operation.result), freshUnknown(machine));
    next(machine, frame);
    return undefined;
  },

  cancel(machine, task, frame, operation) {
    if (operation.what === 'feed') {
      starve(machine, channelAt(machine, frame, operation.context));
      next(machine, frame);
      return undefined;
    }
    if (operation.what !== undefined) {
      callOff(machine, task, frame, operation);
      next(machine, frame);
      return undefined;
    }
    const value = load(settle(machine, locate(machine, frame, operation.context).cell, operation.context));
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

  recover(machine, task, frame, operation) {
    if (operation.result !== undefined) {
      const cell = cellOf(machine, frame, operation.result);
      store(machine, cell, task.panic === undefined ? null : { kind: 'pointer', to: newCell(machine, unknownType) });
    }
    assign(machine.trail, task, 'panic', undefined);
    next(machine, frame);
    return undefined;
  },
};
