import { blockedForEver } from './blocked.js';
import type { Machine } from './machine.js';
import { enabled, start, step, type Outcome, type Search } from './search.js';
import { mark, undo } from './trail.js';
import type { Collection } from './witness.js';

/**
 * Schedules drawn by chance, for programs with too many to walk: each task has a priority, the highest that can
 * move moves, and now and then the one that moves falls behind all others. Most concurrency bugs need two or
 * three such falls in the right places (Burckhardt et al., ASPLOS 2010). The chance is the same on every machine.
 */
export function sample(how: Search, into: Collection): Outcome {
  const machine = start(how, into);
  const root = { trail: mark(machine.trail), steps: machine.steps.length, depth: machine.depth };
  const count = Math.min(how.bounds.samples, how.bounds.schedules);
  let schedules = 0;
  let states = 0;
  while (schedules < count && machine.executed < how.bounds.steps && states < how.bounds.states) {
    const draw = sequence(schedules + 1);
    states += once(machine, draw);
    blockedForEver(machine, into);
    schedules += 1;
    undo(machine.trail, root.trail);
    machine.steps.length = root.steps;
    machine.path.length = 0;
    machine.depth = root.depth;
  }
  return { schedules, states, steps: machine.executed, stopped: machine.executed >= how.bounds.steps ? 'too many steps' : undefined, doubts: machine.doubts, guessed: machine.guessed, racing: machine.racing };
}

/** Runs one schedule to its end; returns the number of choices in it. */
function once(machine: Machine, draw: (limit: number) => number): number {
  const priorities = new Map<number, number>();
  let lowest = 0;
  let choices = 0;
  const priorityOf = (task: number): number => {
    let priority = priorities.get(task);
    if (priority === undefined) priorities.set(task, priority = 1 + draw(1000));
    return priority;
  };
  for (;;) {
    const moves = enabled(machine);
    if (moves.size === 0) return choices;
    choices += 1;
    const task = highest(moves.keys(), priorityOf);
    if (draw(fallRate) === 0) priorities.set(task, (lowest -= 1));
    const own = moves.get(task)!;
    const decided = machine.tasks[task]!.pending;
    const likely = decided?.kind === 'decide' && decided.likely !== undefined && draw(unlikelyRate) !== 0;
    step(machine, own[likely ? 0 : draw(own.length)]!);
  }
}

/** One in this many decisions leaves a function early where it could go on. */
const unlikelyRate = 4;

/** One move in this many makes its task fall behind. */
const fallRate = 8;

function highest(tasks: Iterable<number>, priority: (task: number) => number): number {
  let best: number | undefined;
  for (const task of tasks) if (best === undefined || priority(task) > priority(best)) best = task;
  return best!;
}

/** Numbers below a limit: Park and Miller's generator. */
function sequence(seed: number): (limit: number) => number {
  let state = (seed * 16807) % 2147483647 || 1;
  return (limit) => {
    state = (state * 48271) % 2147483647;
    return state % limit;
  };
}
