import { join, knows, timeOf } from './clocks.js';
import type { Machine, Task } from './machine.js';
import { contention } from './order.js';
import type { Counter } from './primitives.js';
import { assign } from './trail.js';

/** Remembers an add, and whether a wait may have run beside it. */
export function addsBeside(machine: Machine, task: Task, counter: Counter, amount: number): void {
  if (counter.waits.some((wait) => wait.task !== task.id && !knows(task.clock, wait.task, wait.time))) machine.racing.add(contention);
  assign(machine.trail, counter, 'adds', [...counter.adds, { task: task.id, time: timeOf(task.clock, task.id), amount }]);
}

/** Remembers a wait, and whether an add may have run beside it. */
export function waitsBeside(machine: Machine, task: Task, counter: Counter): void {
  if (counter.adds.some((add) => add.task !== task.id && !knows(task.clock, add.task, add.time))) machine.racing.add(contention);
  assign(machine.trail, counter, 'waits', [...counter.waits.filter((wait) => wait.task !== task.id), { task: task.id, time: timeOf(task.clock, task.id) }]);
}

/** Whether the counts down so far can come before so many of the adds that the counter falls below zero. */
export function comesTooEarly(machine: Machine, task: Task, counter: Counter, amount: number): void {
  const known = join(counter.done, task.clock);
  const sum = counter.adds.reduce((total, add) => (knows(known, add.task, add.time) ? total + add.amount : total), 0);
  assign(machine.trail, counter, 'downs', counter.downs + amount);
  if (sum < counter.downs) machine.racing.add(contention);
}
