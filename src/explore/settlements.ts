import { printPath, type OperationOf, type Value } from '../ir/index.js';
import { evaluate } from './evaluate.js';
import { cellOf, changed, next, type Frame, type Machine, type Pending, type Task } from './machine.js';
import { newSettlement, newSettler, type Settlement, type Settler } from './primitives.js';
import { touchObject } from './sections.js';
import { assign } from './trail.js';
import { store, type Datum } from './values.js';

/** Promises and the handles of tasks: how they come to be, who settles them, who goes on. */

/** Goes on behind a suspension. */
export function resume(machine: Machine, task: Task, pending: Extract<Pending, { kind: 'resume' }>): void {
  const frame = task.frame!;
  const { on } = pending;
  if (on !== undefined) {
    touchObject(machine, task, on.id, false);
    // Somebody outside has settled it: for all who wait.
    if (on.state === 'open') {
      assign(machine.trail, on, 'state', 'fulfilled');
      assign(machine.trail, frame, 'outcome', undefined);
    } else assign(machine.trail, frame, 'outcome', on.state);
  }
  for (let skips = pending.skips; skips > 0; skips -= 1) next(machine, frame);
}

export function makePromise(machine: Machine, frame: Frame, operation: OperationOf<'make'>, target: (value: Datum) => void): void {
  const made = newSettlement(machine, printPath(operation.result));
  target(made);
  operation.settlers?.forEach((variable, index) => store(machine, cellOf(machine, frame, variable), newSettler(machine, made, index === 0 ? 'fulfilled' : 'rejected')));
  if (operation.settlers === undefined) made.outside = true;
}

/** Calls the function that settles a promise; the first call counts. */
export function settle(machine: Machine, task: Task, settler: Settler): void {
  const { of } = settler;
  touchObject(machine, task, of.id, true);
  if (of.state !== 'open') return;
  assign(machine.trail, of, 'state', settler.as);
  changed(machine);
}

export function settlerIn(machine: Machine, frame: Frame, value: Value): Settler | undefined {
  const found = evaluate(machine, frame, value);
  return typeof found === 'object' && found?.kind === 'settler' ? found : undefined;
}

/** The task has ended, well or not: who waits for it may go on. */
export function finish(machine: Machine, task: Task): void {
  const { settles } = task;
  if (settles === undefined || settles.state !== 'open') return;
  touchObject(machine, task, settles.id, true);
  const left = settles.tasks.filter((id) => id !== task.id);
  assign(machine.trail, settles, 'tasks', left);
  if (task.panic !== undefined) assign(machine.trail, settles, 'state', 'rejected');
  else if (left.length === 0) assign(machine.trail, settles, 'state', 'fulfilled');
  changed(machine);
}

export function settlementOf(value: Datum | undefined): Settlement | undefined {
  return typeof value === 'object' && value?.kind === 'settlement' ? value : undefined;
}
