import type { Terminator } from '../ir/index.js';
import { go } from './control.js';
import { blockOf, record, type Frame, type Machine, type Pending, type Task } from './machine.js';
import { assign } from './trail.js';

/**
 * Exceptions and rejections where tasks take turns: they are laid out as branches behind whatever may fail. What
 * program code does is known when it has returned; what unknown code does is decided, a failure being the unlikely way.
 */
export function failing(machine: Machine, task: Task, frame: Frame, branch: Extract<Terminator, { kind: 'branch' }>): Pending | undefined {
  const { outcome } = frame;
  if (outcome !== undefined) {
    assign(machine.trail, frame, 'outcome', undefined);
    return go(machine, task, frame, outcome === 'rejected' ? branch.onTrue : branch.onFalse);
  }
  const before = blockOf(frame).operations.at(-1);
  // A branch of its own says that anything in a block may throw: code that is seen throws where it says so.
  if (before === undefined || before.at !== branch.at) return go(machine, task, frame, branch.onFalse);
  if (task.chosen === undefined) {
    if (machine.failures < machine.bounds.failures) return { kind: 'decide', key: undefined, options: 2, likely: 0, at: branch.at, text: 'fails or not' };
    machine.guessed.add(`unknown code fails more than ${machine.bounds.failures === 1 ? 'once' : `${machine.bounds.failures} times`}`);
    return go(machine, task, frame, branch.onFalse);
  }
  const fails = task.chosen === 1;
  assign(machine.trail, task, 'chosen', undefined);
  if (!fails) return go(machine, task, frame, branch.onFalse);
  assign(machine.trail, machine, 'failures', machine.failures + 1);
  record(machine, task, branch.at, 'sync', before.op === 'suspend' ? 'what is waited for fails' : 'the call fails', -1);
  return go(machine, task, frame, branch.onTrue);
}

/** Leaves the function by an exception: to the handler of a caller, else the task has failed. */
export function throwUp(machine: Machine, task: Task, frame: Frame, own = false): Pending | undefined {
  record(machine, task, blockOf(frame).terminator.kind === 'throw' ? (blockOf(frame).terminator as { at: Frame['fn']['at'] }).at : frame.fn.at, 'end', 'throws', -2);
  // What throws by itself, as a use of nothing does, may be caught in its own function.
  let above = frame;
  for (let caller = own ? frame : frame.caller; caller !== undefined; above = caller, caller = caller.caller) {
    // A module that fails to load is left as it is.
    if (above !== caller && above.fn.role === 'initializer') {
      assign(machine.trail, task, 'frame', caller);
      return undefined;
    }
    const { operations, terminator } = blockOf(caller);
    if (terminator.kind !== 'branch' || terminator.throws !== true || !(caller === frame ? operations.at(-1)?.at === terminator.at : operations.slice(caller.index).every(({ op }) => op === 'suspend' || op === 'wait'))) continue;
    assign(machine.trail, task, 'frame', caller);
    assign(machine.trail, caller, 'outcome', undefined);
    return go(machine, task, caller, terminator.onTrue);
  }
  assign(machine.trail, task, 'panic', { kind: 'panic', at: frame.fn.at, function: frame.fn.name, subject: 'exception', message: 'throws', step: machine.steps.length - 1 });
  assign(machine.trail, task, 'frame', undefined);
  return undefined;
}
