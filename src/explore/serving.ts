import { join, tick } from './clocks.js';
import type { Machine, Task } from './machine.js';
import { assign } from './trail.js';

/** Handlers that were registered may run from here on; what the task has done before happens before they do. */
export function serve(machine: Machine, task: Task): void {
  for (const one of machine.tasks) {
    const timer = one.pending?.kind === 'begin' ? one.pending.timer : undefined;
    if (timer?.registered !== true || !timer.late) continue;
    assign(machine.trail, timer, 'late', false);
    assign(machine.trail, one, 'clock', join(one.clock, task.clock));
  }
  assign(machine.trail, task, 'clock', tick(task.clock, task.id));
}
