import type { Machine, Task } from './machine.js';
import { insert } from './trail.js';
import type { Cell } from './values.js';

/**
 * What one section of a cooperative task touches, from its suspension to the next. Two sections that touch nothing in
 * common leave the same state in either order. What a section will touch is not known before it has run; so the search
 * tries all tasks at each choice, and puts to sleep what it has seen run and what commutes with it (sleep sets).
 */
export interface Section {
  readonly task: number;
  /** Over all ways the section was seen to go. */
  readonly ever: Map<number, number>;
  /** On the way that is walked now. */
  readonly now: Map<number, number>;
}

const reads = 1;
const writes = 2;
const readsPart = 4;
const writesPart = 8;

export function newSection(task: number): Section {
  return { task, ever: new Map(), now: new Map() };
}

/** An access of memory, and thereby of a part of whatever holds it. */
export function touchMemory(machine: Machine, task: Task, cell: Cell, write: boolean): void {
  const section = sectionOf(machine, task);
  if (section === undefined) return;
  mark(machine, section, cell.id, write ? writes : reads);
  for (let around = cell.parent; around !== undefined; around = around.parent) mark(machine, section, around.id, write ? writesPart : readsPart);
}

/** An operation on something that synchronises: locks, promises, tasks. */
export function touchObject(machine: Machine, task: Task, id: number, write: boolean): void {
  const section = sectionOf(machine, task);
  if (section !== undefined) mark(machine, section, id, write ? writes : reads);
}

function sectionOf(machine: Machine, task: Task): Section | undefined {
  return task.thread === undefined ? undefined : machine.threads[task.thread]!.section;
}

function mark(machine: Machine, { ever, now }: Section, id: number, how: number): void {
  ever.set(id, (ever.get(id) ?? 0) | how);
  const before = now.get(id) ?? 0;
  if ((before | how) !== before) insert(machine.trail, now, id, before | how);
}

/** Whether what one section may do and what the other has done can be swapped. */
export function commutes(a: Section, b: Section): boolean {
  for (const [id, done] of b.now) {
    const may = a.ever.get(id);
    if (may === undefined) continue;
    if ((may & writes) !== 0 || (done & writes) !== 0) return false;
    if ((may & writesPart) !== 0 && (done & reads) !== 0) return false;
    if ((done & writesPart) !== 0 && (may & reads) !== 0) return false;
  }
  return true;
}
