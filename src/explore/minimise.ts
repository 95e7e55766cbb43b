import { blockedForEver } from './blocked.js';
import type { Move } from './moves.js';
import { enabled, firstOf, start, step, type Search } from './search.js';
import type { Collection } from './witness.js';

/**
 * Makes the schedules found shorter: runs of one task are brought together or left out, decisions are left to their
 * likely way, and the schedule is run again. The collection keeps whatever shows the same bug with fewer guesses,
 * switches and steps (after Jalbert and Sen, FSE 2010, and delta debugging). Answers the operations that it took.
 */
export function minimise(how: Search, found: Collection): number {
  let executed = 0;
  for (const key of [...found.found.keys()].slice(0, mostBugs)) {
    for (let index = 0, replays = 0; replays < replaysPerBug && executed < how.bounds.steps * share; index += 1) {
      const best = found.found.get(key)!;
      const shorter = variation(best.path, index);
      if (shorter === undefined) break;
      if (shorter.length === 0) continue;
      replays += 1;
      executed += replay({ ...how, promoted: best.promoted }, shorter, found);
      // What could not be left out before may be now, but seldom: go on from here.
      if (found.found.get(key) !== best) index -= 1;
    }
  }
  return executed;
}

const mostBugs = 12;
const replaysPerBug = 24;
/** Of the steps that finding it may take. */
const share = 0.1;

/** The schedule without, or with something brought forward to, its run number `index / 2`; empty when that changes nothing. */
function variation(path: readonly string[], index: number): readonly string[] | undefined {
  const runs = runsOf(path);
  const at = index >> 1;
  const run = runs[at];
  if (run === undefined) return undefined;
  if (index % 2 === 1) return runs.flatMap((one, position) => (position === at ? [] : one.keys));
  const next = runs.findIndex((one, position) => position > at + 1 && one.task === run.task);
  return next < 0 ? [] : runs.flatMap((one, position) => (position === next ? [] : position === at ? [...one.keys, ...runs[next]!.keys] : one.keys));
}

interface Run { readonly task: string; readonly keys: readonly string[] }

function runsOf(path: readonly string[]): readonly Run[] {
  const runs: { task: string; keys: string[] }[] = [];
  for (const key of path) {
    const task = /^\d+/.exec(key)![0];
    const last = runs[runs.length - 1];
    if (last?.task === task) last.keys.push(key);
    else runs.push({ task, keys: [key] });
  }
  return runs;
}

/** Runs the moves that are still possible in their order, then whatever can be done. */
function replay(how: Search, path: readonly string[], found: Collection): number {
  const machine = start(how, found);
  let last = 0;
  let position = 0;
  for (let taken = 0; taken < mostMoves && machine.executed < how.bounds.steps * share; taken += 1) {
    const moves = enabled(machine);
    if (moves.size === 0) {
      blockedForEver(machine, found);
      break;
    }
    let move: Move | undefined;
    while (move === undefined && position < path.length) {
      const key = path[position]!;
      move = [...moves.values()].flat().find((one) => one.key === key);
      if (move !== undefined) position += 1;
      else {
        // A decision of this task that the schedule does not know goes its likely way first.
        const own = moves.get(Number(/^\d+/.exec(key)![0])) ?? [];
        if (own[0] !== undefined && machine.tasks[own[0].task]!.pending?.kind === 'decide') move = own[0];
        else position += 1;
      }
    }
    if (move === undefined) {
      const task = machine.tasks.find((one) => one.pending?.kind === 'decide')?.id ?? firstOf(machine, moves, last, []);
      move = task === undefined ? undefined : moves.get(task)?.[0];
    }
    if (move === undefined) break;
    last = move.task;
    step(machine, move);
  }
  // A replay that a bound has ended shows nothing about who waits: its tasks could still move.
  return machine.executed;
}

const mostMoves = 2000;
