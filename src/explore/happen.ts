import { join, tick, type Clock } from './clocks.js';
import { record, type Machine, type Pending, type Task } from './machine.js';
import { orderBefore, recordEvent, type Footprint } from './order.js';
import { append, assign } from './trail.js';

/** Gives a visible step its place in the order of dependent steps. */
export function happen(machine: Machine, tasks: readonly Task[], touched: readonly Footprint[], ...after: readonly Clock[]): void {
  const event = { sequence: machine.events.length + 1, tasks: tasks.map((task) => task.id), node: machine.node };
  let clock: Clock = [];
  for (const task of tasks) clock = join(clock, task.order);
  for (const earlier of after) clock = join(clock, earlier);
  for (const footprint of touched) clock = orderBefore(footprint, clock);
  const own = [...clock];
  for (const task of tasks) {
    while (own.length < task.id) own.push(0);
    own[task.id] = event.sequence;
  }
  for (const task of tasks) assign(machine.trail, task, 'order', own);
  for (const footprint of touched) recordEvent(machine.trail, footprint, event, own);
  append(machine.trail, machine.events, event);
}

/** The task stands at an operation. */
export function wait(machine: Machine, task: Task, pending: Pending): void {
  assign(machine.trail, task, 'pending', pending);
}

/** A step for the schedule, named by what it works on. */
export function say(machine: Machine, task: Task, pending: Pending & { readonly name?: string }, verb: string): void {
  record(machine, task, pending.at, 'sync', `${verb} ${pending.name ?? pending.text}`, -1);
}

/** What the task did so far happens before whoever takes this clock. */
export function publish<K extends string>(machine: Machine, task: Task, on: { [key in K]: Clock }, key: K): void {
  assign(machine.trail, on, key, join(on[key], task.clock) as (typeof on)[K]);
  assign(machine.trail, task, 'clock', tick(task.clock, task.id));
}
