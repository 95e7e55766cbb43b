import { printPath, type AccessPath, type OperationOf } from '../ir/index.js';
import { join, tick } from './clocks.js';
import { looked, wrote } from './overlaps.js';
import { touchMemory } from './sections.js';
import { putElement, evaluate, locate, type Place } from './evaluate.js';
import { cellOf, changed, record, type Frame, type Machine, type Pending, type Task } from './machine.js';
import { newOrdered } from './order.js';
import { access } from './races.js';
import { assign } from './trail.js';
import { clear, freshUnknown, keyOf, load, newCell, newElement, settle, store, type Cell, type Container, type Datum } from './values.js';

/** A variable that no other task can name needs no check. */
export function isPrivate(path: AccessPath): boolean {
  if (path.root.kind !== 'variable') return true;
  const { variable } = path.root;
  return variable.kind !== 'global' && !variable.captured && !variable.addressed;
}

/** A named variable was assigned: a loop that does so does not only poll. */
export function changedLocally(machine: Machine, path: AccessPath): void {
  if (path.root.kind === 'variable' && path.root.variable.kind !== 'temporary') changed(machine);
}

/** The cell whose accesses conflict: of maps the inside, of list elements the element, or none when it is not known which. */
export function targetOf(machine: Machine, frame: Frame, operation: OperationOf<'read'> | OperationOf<'write'>): Cell {
  const place = locate(machine, frame, operation.path);
  switch (operation.container) {
    case 'list': {
      const list = place.container;
      // All elements of a list that begins where its memory does; of others it is not known which.
      if (operation.whole === true && place.inside !== undefined && (list === undefined || list.offset === 0)) return place.inside;
      return place.anyElement === true ? newCell(machine, place.cell.type) : place.cell;
    }
    case 'map': return place.inside ?? settle(machine, place.cell, operation.path);
    case 'object': return settle(machine, place.cell, operation.path);
    default: return place.cell;
  }
}

/** Takes the access at once, or makes it a choice point when its order matters. */
export function ordered(machine: Machine, cell: Cell, operation: OperationOf<'read'> | OperationOf<'write'>, write: boolean, run: () => void): Pending | undefined {
  if (!operation.atomic && !machine.promoted.has(operation)) {
    run();
    return undefined;
  }
  if (cell.order === undefined) assign(machine.trail, cell, 'order', newOrdered());
  return { kind: 'access', cell, write, run, at: operation.at, text: `${operation.verb ?? (write ? 'writes' : 'reads')} ${printPath(operation.path)}` };
}

const subjects = new WeakMap<object, string>();

/** What is accessed, as text: one schedule after the other comes by the same operations. */
function subjectOf(operation: OperationOf<'read'> | OperationOf<'write'>): string {
  let subject = subjects.get(operation);
  if (subject === undefined) subjects.set(operation, subject = printPath(operation.path));
  return subject;
}

/** An access as the race check sees it. */
export function touchCell(machine: Machine, task: Task, cell: Cell, operation: OperationOf<'read'> | OperationOf<'write'>, write: boolean): void {
  const subject = subjectOf(operation);
  const verb = write ? 'writes' : 'reads';
  // On one thread every access is ordered with every other.
  if (machine.threads.length === 1) record(machine, task, operation.at, 'access', `${verb} ${subject}`, cell.id);
  else access(machine, task, cell, { write, atomic: operation.atomic, at: operation.at, operation, subject, verb });
  if (task.thread === undefined) return;
  touchMemory(machine, task, cell, write);
  const entry = operation.container === 'map' && operation.whole !== true ? locate(machine, task.frame!, operation.path) : undefined;
  const seen = entry === undefined || entry.anyElement === true ? cell : entry.cell;
  const step = machine.steps.length - 1;
  if (write) wrote(machine, task, seen, operation.at, step, { updates: operation.op === 'write' && operation.updates === true, whole: operation.container !== undefined && seen === cell, subject });
  else looked(machine, task, seen, operation.at, step);
}

/** Stores what is written where the path leads. */
export function put(machine: Machine, frame: Frame, operation: OperationOf<'write'>): void {
  if (operation.container === 'object' || operation.whole === true) return;
  const value = evaluate(machine, frame, operation.value);
  const place = locate(machine, frame, operation.path);
  const { container } = place;
  if (container?.what === 'map') putEntry(machine, container, place, operation, value);
  else if (place.anyElement !== true) {
    if (container === undefined) store(machine, place.cell, value);
    else putElement(machine, place.cell, value);
  }
}

function putEntry(machine: Machine, map: Container, place: Place, operation: OperationOf<'write'>, value: Datum): void {
  if (operation.verb === 'delete' || operation.verb === 'clear') {
    assign(machine.trail, map, 'length', operation.verb === 'clear' || place.anyElement === true || map.length === undefined ? undefined : Math.max(0, map.length - (place.cell.value === undefined ? 0 : 1)));
    if (place.anyElement !== true) clear(machine, place.cell);
    return;
  }
  const cell = place.anyElement === true ? newElement(machine, map, place.key) : place.cell;
  const grows = cell.value === undefined;
  putElement(machine, cell, value);
  if (place.anyElement === true) assign(machine.trail, map, 'length', undefined);
  else if (grows && map.length !== undefined) assign(machine.trail, map, 'length', map.length + 1);
}

/** Sequentially consistent, and ordered after every write it can see, as Go's memory model has it. */
export function writeAtomically(machine: Machine, task: Task, frame: Frame, cell: Cell, operation: OperationOf<'write'>): void {
  const { trail } = machine;
  const updates = operation.updates === true || operation.expects !== undefined;
  if (updates) assign(trail, task, 'clock', join(task.clock, cell.published ?? []));
  const before = operation.container === undefined ? load(cell) : freshUnknown(machine);
  let result: Datum = before;
  let writes = true;
  if (operation.expects !== undefined) {
    const expected = evaluate(machine, frame, operation.expects);
    const matches = typeof before !== 'object' && typeof expected !== 'object' ? before === expected : keyOf(before) === keyOf(expected) ? true : undefined;
    writes = matches !== false;
    result = matches ?? freshUnknown(machine);
  }
  touchCell(machine, task, cell, operation, writes);
  if (writes) {
    const value = evaluate(machine, frame, operation.value);
    if (operation.container === undefined) store(machine, cell, value);
    if (operation.expects === undefined && operation.updates === true && operation.verb !== 'atomic swap') result = value;
    assign(trail, cell, 'published', updates ? join(task.clock, cell.published ?? []) : task.clock);
    assign(trail, task, 'clock', tick(task.clock, task.id));
    changed(machine);
  }
  if (operation.result !== undefined) store(machine, cellOf(machine, frame, operation.result), result);
}
