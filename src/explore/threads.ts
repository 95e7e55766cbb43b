import { join, tick, type Clock } from './clocks.js';
import type { Machine, Pending, Task } from './machine.js';
import type { Move } from './moves.js';
import { finish } from './settlements.js';
import { newSection, type Section } from './sections.js';
import { assign } from './trail.js';

/**
 * Tasks that share a thread take turns: one runs until it suspends, and whoever it starts at once runs inside it.
 * Each thread beside the first runs as a preemptive task would; between threads, orders are told by vector clocks.
 */
export interface Thread {
  readonly id: number;
  /** Who runs, the innermost last; nobody: the thread is free. */
  stack: readonly number[];
  /** What was done on it so far. */
  clock: Clock;
  section: Section | undefined;
}

export function newThread(machine: Machine, task: Task, id: number): void {
  machine.threads[id] = { id, stack: [task.id], clock: task.clock, section: newSection(task.id) };
}

/** Whether the task stands where others of its thread may run. */
export function isStanding(pending: Pending): boolean {
  switch (pending.kind) {
    case 'resume': case 'begin': case 'enter': case 'asleep': case 'stall': case 'parked': case 'fire': case 'expire': return true;
    case 'acquire': return !pending.tries;
    default: return false;
  }
}

/** Whether the task may go on without a move: it has its thread, or has no need of one. */
export function isRunning(machine: Machine, task: Task): boolean {
  if (task.thread === undefined) return true;
  const { stack } = machine.threads[task.thread]!;
  return stack[stack.length - 1] === task.id;
}

/** The task takes its free thread: a section begins, after all that was done on the thread before. */
export function occupy(machine: Machine, task: Task): void {
  const thread = machine.threads[task.thread!]!;
  assign(machine.trail, thread, 'stack', [task.id]);
  assign(machine.trail, thread, 'section', newSection(task.id));
  assign(machine.trail, machine, 'sections', machine.sections + 1);
  assign(machine.trail, task, 'clock', join(task.clock, thread.clock));
}

/** A task that is started at once runs before the one that starts it goes on. */
export function nest(machine: Machine, task: Task): void {
  const thread = machine.threads[task.thread!]!;
  assign(machine.trail, thread, 'stack', [...thread.stack, task.id]);
}

/** Runs whoever has the thread until somebody must choose, or nobody has it. */
export function runThread(machine: Machine, thread: Thread, advance: (machine: Machine, task: Task) => void): void {
  for (let top = thread.stack[thread.stack.length - 1]; top !== undefined; top = thread.stack[thread.stack.length - 1]) {
    const task = machine.tasks[top]!;
    if (task.pending === undefined && task.frame !== undefined) {
      advance(machine, task);
      if (thread.stack[thread.stack.length - 1] !== top) continue;
    }
    if (task.pending !== undefined && !isStanding(task.pending)) return;
    if (task.frame === undefined && task.pending === undefined) finish(machine, task);
    assign(machine.trail, thread, 'stack', thread.stack.slice(0, -1));
    assign(machine.trail, thread, 'clock', join(thread.clock, task.clock));
    assign(machine.trail, task, 'clock', tick(task.clock, task.id));
    // Whoever goes on has seen what the task inside it did.
    const below = thread.stack[thread.stack.length - 1];
    if (below !== undefined) assign(machine.trail, machine.tasks[below]!, 'clock', join(machine.tasks[below]!.clock, thread.clock));
  }
}

/** Of what tasks could do, what their threads let them: whoever has the thread first, then what only waits for its turn, then events of the outside. */
export function takingTurns(machine: Machine, moves: ReadonlyMap<number, readonly Move[]>): ReadonlyMap<number, readonly Move[]> {
  if (machine.threads.length === 0) return moves;
  const pressing = new Set<number>();
  for (const id of moves.keys()) {
    const { thread, pending } = machine.tasks[id]!;
    if (thread !== undefined && pending !== undefined && isSoon(pending)) pressing.add(thread);
  }
  return new Map([...moves].filter(([id]) => {
    const { thread, pending } = machine.tasks[id]!;
    if (thread === undefined || pending === undefined) return true;
    const { stack } = machine.threads[thread]!;
    if (stack.length > 0) return stack[stack.length - 1] === id;
    return !pressing.has(thread) || isSoon(pending) || (pending.kind === 'begin' && pending.call === true);
  }));
}

/** Goes on as soon as the thread is free, before any event of the outside. */
function isSoon(pending: Pending): boolean {
  switch (pending.kind) {
    case 'resume': return pending.soon === true || (pending.on !== undefined && pending.on.state !== 'open');
    case 'begin': return pending.after !== undefined && pending.after.state !== 'open';
    case 'acquire': return true;
    default: return false;
  }
}
