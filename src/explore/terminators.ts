import type { Function, Terminator, Value } from '../ir/index.js';
import { go } from './control.js';
import { evaluate, truth } from './evaluate.js';
import { failing, throwUp } from './failures.js';
import { loopsOf } from './loops.js';
import { cellOf, record, turnsAt, type Frame, type Machine, type Pending, type Task } from './machine.js';
import { armAt } from './objects.js';
import { complete, startPanic, unwind } from './panics.js';
import { assign } from './trail.js';
import { freshUnknown, keyOf, load, store, type Datum } from './values.js';

/** Ends a block: a jump, a return, a panic, or something to wait for. */
export function terminate(machine: Machine, task: Task, frame: Frame, terminator: Terminator): Pending | undefined {
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
      if (task.thread !== undefined) return throwUp(machine, task, frame);
      if (frame.unwinding && task.panic === undefined) {
        leave(machine, task, frame, frame.fn.namedResults.map((variable) => load(cellOf(machine, frame, variable))));
        return undefined;
      }
      if (task.panic === undefined) startPanic(machine, task, frame, terminator.at);
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
      // Null is a value that is known.
      store(machine, cellOf(machine, caller, result), value === undefined ? freshUnknown(machine) : value);
    });
  }
  if (caller !== undefined && task.thread !== undefined) assign(machine.trail, caller, 'outcome', 'fulfilled');
  assign(machine.trail, task, 'frame', caller);
  if (task.id === 0 && task.initial && caller !== undefined && caller.caller === undefined) assign(machine.trail, task, 'initial', false);
}

function branch(machine: Machine, task: Task, frame: Frame, terminator: Extract<Terminator, { kind: 'branch' }>): Pending | undefined {
  if (terminator.throws === true && task.thread !== undefined) return failing(machine, task, frame, terminator);
  const value = evaluate(machine, frame, terminator.condition);
  const known = truth(value);
  if (known !== undefined) return go(machine, task, frame, known ? terminator.onTrue : terminator.onFalse);
  const key = keyOf(value);
  const negated = key.startsWith('!');
  const plain = negated ? key.slice(1) : key;
  const loop = loopsOf(frame.fn).around(frame.block);
  const leaves = loop === undefined ? undefined : !loop.blocks.has(terminator.onFalse) ? terminator.onFalse : !loop.blocks.has(terminator.onTrue) ? terminator.onTrue : undefined;
  // A loop that nothing known ends is left after a few turns.
  if (leaves !== undefined && turnsAt(frame, loop!.head) >= machine.bounds.turns) return go(machine, task, frame, leaves);
  const decided = task.chosen ?? machine.decisions.get(plain);
  if (decided === undefined) {
    const pins = pinOf(plain, terminator.condition, machine, frame);
    return { kind: 'decide', key: terminator.condition.kind === 'unknown' ? undefined : plain, options: 2, ...likelyOption(frame.fn, terminator, negated), ...(pins === undefined ? {} : { pins }), at: terminator.at, text: 'decides' };
  }
  assign(machine.trail, task, 'chosen', undefined);
  return go(machine, task, frame, (decided === 1) !== negated ? terminator.onTrue : terminator.onFalse);
}

/** Of two ways of which one leaves the function at once, as after an error, the other leads on to something. */
function likelyOption(fn: Function, branch: Extract<Terminator, { kind: 'branch' }>, negated: boolean): { readonly likely?: number } {
  const [onTrue, onFalse] = [leavesAtOnce(fn, branch.onTrue), leavesAtOnce(fn, branch.onFalse)];
  return onTrue === onFalse ? {} : { likely: onFalse !== negated ? 1 : 0 };
}

function leavesAtOnce(fn: Function, block: number): boolean {
  const { terminator } = fn.blocks[block]!;
  if (terminator.kind === 'goto') {
    const { terminator: after } = fn.blocks[terminator.to]!;
    return after.kind === 'return' || after.kind === 'throw' || after.kind === 'halt';
  }
  return terminator.kind === 'return' || terminator.kind === 'throw' || terminator.kind === 'halt';
}

/** `x == constant` makes x known where it holds. */
function pinOf(key: string, condition: Value, machine: Machine, frame: Frame): { readonly key: string; readonly value: Datum } | undefined {
  if (condition.kind !== 'binary' || condition.operator !== '==' || condition.right.kind !== 'constant' || !key.includes('==')) return undefined;
  const left = evaluate(machine, frame, condition.left);
  return typeof left === 'object' && left !== null && left.kind === 'unknown' ? { key: left.key, value: condition.right.value } : undefined;
}
