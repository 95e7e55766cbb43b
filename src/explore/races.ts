import { compareLocations, type Location } from '../ir/index.js';
import { knows, timeOf } from './clocks.js';
import { record, type Machine, type Meetings, type Task } from './machine.js';
import { assign } from './trail.js';
import type { Access, Cell } from './values.js';

/** Accesses remembered for one cell; a cell touched from more places than this keeps the latest. */
const remembered = 24;

/**
 * Checks an access against all earlier ones that may touch the same memory, as a dynamic detector does: two
 * accesses race when they are of different tasks, one writes, not both are atomic, and the earlier did not
 * happen before the later. A record conflicts with its fields.
 */
export function access(machine: Machine, task: Task, cell: Cell, how: { readonly write: boolean; readonly atomic: boolean; readonly at: Location; readonly operation: object; readonly subject: string; readonly verb: string }): void {
  const step = record(machine, task, how.at, 'access', `${how.verb} ${how.subject}`, cell.id);
  const mine: Access = {
    task: task.id, time: timeOf(task.clock, task.id), write: how.write, atomic: how.atomic, at: how.at, function: task.frame?.fn.name ?? task.name,
    operation: how.operation, subject: how.subject, step, initial: task.initial,
  };
  compare(machine, task, cell.accesses, mine);
  for (let around = cell.parent; around !== undefined; around = around.parent) compare(machine, task, around.accesses, mine);
  if (cell.parts !== undefined) compareParts(machine, task, cell, mine);
  assign(machine.trail, cell, 'accesses', withLatest(cell.accesses, mine));
}

/** The access behind the others; one like it there was before is forgotten for it. */
function withLatest(accesses: readonly Access[], mine: Access): readonly Access[] {
  if (accesses.length === 0) return [mine];
  const kept: Access[] = [];
  for (const earlier of accesses) if (earlier.task !== mine.task || earlier.operation !== mine.operation || earlier.write !== mine.write) kept.push(earlier);
  if (kept.length > remembered) kept.splice(0, kept.length - remembered);
  kept.push(mine);
  return kept;
}

function compareParts(machine: Machine, task: Task, cell: Cell, mine: Access): void {
  if (cell.parts !== undefined) for (const inner of cell.parts.values()) {
    compare(machine, task, inner.accesses, mine);
    compareParts(machine, task, inner, mine);
  }
}

function compare(machine: Machine, task: Task, earlier: readonly Access[], mine: Access): void {
  for (const theirs of earlier) {
    if (theirs.task === mine.task) continue;
    if (machine.meetings !== undefined) meet(machine.meetings, theirs.at, mine.at);
    if (!(theirs.write || mine.write) || (theirs.atomic && mine.atomic)) continue;
    // What happens within the package's initialisation is no matter of the entry.
    if (theirs.initial && mine.initial) continue;
    if (knows(task.clock, theirs.task, theirs.time)) continue;
    machine.racing.add(theirs.operation);
    machine.racing.add(mine.operation);
    const [first, second] = comesFirst(mine, theirs) ? [mine, theirs] : [theirs, mine];
    machine.report(
      {
        kind: 'race', at: first.at, function: first.function, subject: first.subject, other: { at: second.at, function: second.function },
        message: `${first.write ? 'write' : 'read'} of ${first.subject} races with ${second.write ? 'write' : 'read'} of ${second.subject}`,
      },
      [theirs.step, mine.step],
    );
  }
}

/** Remembers that two places worked on one memory. */
export function meet(meetings: Meetings, earlier: Location, later: Location): void {
  const met = meetings.get(earlier);
  if (met === undefined) meetings.set(earlier, new Set([later]));
  else met.add(later);
}

/** A race is told from its write; of two writes from the one that stands first. */
function comesFirst(a: Access, b: Access): boolean {
  return a.write === b.write ? compareLocations(a.at, b.at) <= 0 : a.write;
}
