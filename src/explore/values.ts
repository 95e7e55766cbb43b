import { printPath, unknownType, type AccessPath, type FunctionId, type Location, type Program, type Type, type Variable } from '../ir/index.js';
import type { Clock } from './clocks.js';
import { newOrdered, type Ordered } from './order.js';
import type { Synchroniser } from './primitives.js';
import { assign, insert, type Trail } from './trail.js';

/**
 * What a cell can hold. Constants stand for themselves. An unknown is known by its key: equal keys are the
 * same value, so a condition on it that was decided once in a schedule stays decided.
 */
export type Datum =
  | null | boolean | number | string
  | { readonly kind: 'unknown'; readonly key: string; /** Whatever it is, it is not null. */ readonly there?: true }
  | { readonly kind: 'pointer'; readonly to: Cell }
  /** A record or fixed list as a value, wherever it lies now; copied when it is stored. */
  | { readonly kind: 'record'; readonly from: Cell }
  | Container
  | Callable
  | { readonly kind: 'library'; readonly callee: string; readonly receiver?: Datum }
  | Synchroniser;

/**
 * A map or a growing list. The elements are parts of `inside`, by key or position, so that an access to the whole
 * conflicts with one to an element. Several lists may share one inside, each from its own offset.
 */
export interface Container {
  readonly kind: 'container';
  readonly what: 'map' | 'list';
  readonly element: Type;
  readonly inside: Cell;
  /** Position of a list's first element; undefined when it was cut at a place that is not known. */
  readonly offset: number | undefined;
  /** Number of elements; unknown as soon as one is added at a place that is not known. */
  length: number | undefined;
  /** Elements that were never written are zero (or missing) rather than unknown. */
  readonly fresh: boolean;
}

/** A function with the cells it captured, in the order of its layout, and its receiver when bound. */
export interface Callable {
  readonly kind: 'function';
  readonly target: FunctionId;
  readonly captures: readonly (Cell | undefined)[];
  readonly receiver?: Datum;
}

/** One access that is not yet known to have happened before all that follows. */
export interface Access {
  readonly task: number;
  readonly time: number;
  readonly write: boolean;
  readonly atomic: boolean;
  readonly at: Location;
  readonly function: string;
  readonly operation: object;
  readonly subject: string;
  /** Index of the step in the schedule. */
  readonly step: number;
  readonly initial: boolean;
}

/** A memory location: a scalar, a reference, or a record whose fields are cells of their own. */
export interface Cell {
  readonly id: number;
  readonly type: Type;
  readonly parent: Cell | undefined;
  /** Holds null until it is written, whatever its type. */
  readonly blank: boolean;
  /** undefined: never assigned. Records hold their content in `parts`. */
  value: Datum | undefined;
  parts: Map<string, Cell> | undefined;
  /** Set when nothing is known of the content: parts that come to be are unknown, not zero. */
  unknown: string | undefined;
  accesses: readonly Access[];
  primitive: Synchroniser | undefined;
  /** What atomic stores published. */
  published: Clock | undefined;
  /** How the order of accesses was decided so far, when they are choice points. */
  order: Ordered | undefined;
}

/** Where cells are made. */
export interface Heap {
  readonly program: Program;
  readonly trail: Trail;
  serial: number;
  readonly globals: Map<Variable, Cell>;
  /** What unknown pointers point to, by the key of the pointer. */
  readonly pointees: Map<string, Cell>;
  /** Parts keep their numbers when they are made again after going back. */
  readonly numbers: Map<string, number>;
}

/** Thrown where the program itself would panic; caught by the machine and turned into the program's panic. */
export interface Fault {
  readonly fault: 'nil';
  readonly subject: string;
}

export function newCell(heap: Heap, type: Type, unknown?: string, parent?: Cell): Cell {
  heap.serial += 1;
  return { id: heap.serial, type, parent, blank: heap.program.unset !== undefined, value: undefined, parts: undefined, unknown, accesses: [], primitive: undefined, published: undefined, order: undefined };
}

export function freshUnknown(heap: Heap): Extract<Datum, { readonly kind: 'unknown' }> {
  heap.serial += 1;
  return { kind: 'unknown', key: `?${heap.serial}` };
}

export function newContainer(heap: Heap, what: 'map' | 'list', element: Type, length: number | undefined, fresh: boolean): Container {
  return { kind: 'container', what, element, inside: newCell(heap, unknownType, fresh ? undefined : `?${heap.serial + 1}`), offset: 0, length, fresh };
}

/** Whether the content lies in parts rather than in a value. */
export function hasParts(type: Type): boolean {
  return type.kind === 'record' || (type.kind === 'list' && type.fixed);
}

/** What the cell holds now. Never-assigned cells hold the zero of their type. */
export function load(cell: Cell): Datum {
  if (hasParts(cell.type)) return { kind: 'record', from: cell };
  if (cell.value !== undefined) return cell.value;
  if (cell.unknown !== undefined) return { kind: 'unknown', key: cell.unknown };
  if (cell.parts !== undefined || isCopied(cell.type)) return { kind: 'record', from: cell };
  return zeroOf(cell);
}

/** Whether assigning one makes a second one, in the state of the first: everything but what is a handle or holds data. */
function isCopied(type: Type): boolean {
  return type.kind === 'primitive' && copiedPrimitives.has(type.primitive);
}

const copiedPrimitives: ReadonlySet<string> = new Set(['lock', 'rwlock', 'counter', 'once']);

/** Puts a value into a cell; records are copied part by part, so that the cells keep their identity. */
export function store(heap: Heap, cell: Cell, value: Datum): void {
  const { trail } = heap;
  if (!hasParts(cell.type)) {
    if (typeof value === 'object' && value !== null && value.kind === 'record') {
      if (isCopied(cell.type) && value.from.type.kind === 'primitive') {
        copyPrimitive(heap, value.from, cell);
        return;
      }
      const view = cell.type.kind === 'list' ? viewOf(value.from) : undefined;
      if (view !== undefined) {
        assign(trail, cell, 'value', view);
        return;
      }
      const boxed = newCell(heap, value.from.type);
      copyParts(heap, value.from, boxed);
      assign(trail, cell, 'value', { kind: 'record', from: boxed });
    } else {
      // A synchroniser that is overwritten is a new one.
      if (cell.type.kind === 'primitive' && cell.type.primitive !== 'atomic') assign(trail, cell, 'primitive', undefined);
      assign(trail, cell, 'value', value);
    }
    return;
  }
  if (typeof value === 'object' && value !== null && value.kind === 'record') {
    if (value.from === cell) return;
    copyParts(heap, value.from, cell);
  } else if (typeof value === 'object' && value !== null && value.kind === 'unknown') {
    forget(heap, cell, value.key);
  } else if (value === null) {
    clear(heap, cell);
  }
}

/** Back to the zero of its type. */
export function clear(heap: Heap, cell: Cell): void {
  assign(heap.trail, cell, 'unknown', undefined);
  assign(heap.trail, cell, 'value', undefined);
  assign(heap.trail, cell, 'primitive', undefined);
  for (const part of cell.parts?.values() ?? []) clear(heap, part);
}

function forget(heap: Heap, cell: Cell, key: string): void {
  assign(heap.trail, cell, 'unknown', key);
  assign(heap.trail, cell, 'value', undefined);
  assign(heap.trail, cell, 'primitive', undefined);
  for (const [name, part] of cell.parts ?? []) forget(heap, part, `${key}.${name}`);
}

/** A list over the elements of a fixed one: the same memory. */
function viewOf(cell: Cell): Container | undefined {
  if (cell.type.kind !== 'list' || !cell.type.fixed) return undefined;
  return { kind: 'container', what: 'list', element: cell.type.element, inside: cell, offset: 0, length: undefined, fresh: cell.unknown === undefined };
}

function copyParts(heap: Heap, from: Cell, to: Cell): void {
  assign(heap.trail, to, 'unknown', from.unknown);
  for (const name of new Set([...(from.parts?.keys() ?? []), ...(to.parts?.keys() ?? [])])) {
    const source = part(heap, from, name, undefined);
    const target = part(heap, to, name, source.type);
    if (source.primitive !== undefined && source.type.kind === 'primitive' && !isCopied(source.type)) {
      assign(heap.trail, target, 'primitive', undefined);
      continue;
    }
    store(heap, target, load(source));
  }
}

/** Stands for a task where a lock was copied while it was held: the copy is locked as well, and nobody knows. */
const heldByNobody = Number.MAX_SAFE_INTEGER;

/** Another lock, counter or once-object in the state of the first. Whoever holds the first knows nothing of the second. */
function copyPrimitive(heap: Heap, from: Cell, to: Cell): void {
  if (from === to) return;
  assign(heap.trail, to, 'unknown', from.unknown);
  assign(heap.trail, to, 'value', undefined);
  assign(heap.trail, to, 'primitive', from.primitive === undefined ? undefined : copyOf(heap, from.primitive, to));
}

function copyOf(heap: Heap, one: Synchroniser, inside: Cell): Synchroniser | undefined {
  heap.serial += 1;
  const fresh = { id: heap.serial, ...newOrdered() };
  switch (one.kind) {
    case 'lock': return { ...one, ...fresh, inside, writer: one.writer < 0 ? -1 : heldByNobody, readers: one.readers.map(() => heldByNobody), announced: -1 };
    case 'counter': return { ...one, ...fresh, inside: newCell(heap, unknownType), waiting: 0, places: undefined };
    case 'once': return { ...one, ...fresh };
    default: return undefined;
  }
}

/** A field of a record or an element of a fixed list. */
export function part(heap: Heap, cell: Cell, name: string, type: Type | undefined): Cell {
  const found = cell.parts?.get(name);
  if (found !== undefined) return found;
  const unknown = cell.unknown !== undefined ? `${cell.unknown}.${name}` : cell.blank && isForeign(heap.program, cell.type, name) ? `${cell.id}.${name}` : undefined;
  const made = newCell(heap, type ?? partType(heap.program, cell.type, name), unknown, cell);
  const created = cell.blank ? { ...made, id: numberOf(heap, cell.id, name, made.id) } : made;
  if (cell.parts === undefined) assign(heap.trail, cell, 'parts', new Map());
  insert(heap.trail, cell.parts!, name, created);
  return created;
}

function numberOf(heap: Heap, id: number, name: string, fresh: number): number {
  const key = `${id}.${name}`;
  const known = heap.numbers.get(key);
  if (known === undefined) heap.numbers.set(key, fresh);
  return known ?? fresh;
}

/** A field that a class of somebody else may have filled. */
function isForeign(program: Program, type: Type, name: string): boolean {
  for (let at = type.kind === 'record' ? type.name : undefined, hops = 0; at !== undefined && hops < 16; hops += 1) {
    const record = program.records.get(at);
    if (record === undefined) return true;
    if (record.fields.some((field) => field.name === name)) return false;
    at = record.extends;
  }
  return false;
}

function partType(program: Program, type: Type, name: string): Type {
  if (type.kind === 'list') return type.element;
  // The readers' side of a lock is one to lock, and no way to somewhere else.
  if (type.kind === 'primitive' && type.primitive === 'rwlock') return type;
  if (type.kind !== 'record') return unknownType;
  return program.records.get(type.name)?.fields.find((field) => field.name === name)?.type ?? unknownType;
}

/** An element of a map or list, made when it is not there yet; undefined when it is not known which one is meant. */
export function element(heap: Heap, container: Container, key: string): Cell | undefined {
  const name = elementName(container, key);
  if (name === undefined) return undefined;
  // A key that is itself unknown may be any that is there already.
  if (name.includes('?') && container.inside.parts?.has(name) !== true) return undefined;
  return part(heap, container.inside, name, container.element);
}

/** An element that is written for the first time, under a key that may be unknown. */
export function newElement(heap: Heap, container: Container, key: string | undefined): Cell {
  heap.serial += 1;
  return part(heap, container.inside, (key === undefined ? undefined : elementName(container, key)) ?? `?${heap.serial}`, container.element);
}

function elementName(container: Container, key: string): string | undefined {
  if (container.what === 'map' || container.offset === 0) return key;
  const position = Number(key);
  return container.offset === undefined || !Number.isInteger(position) ? undefined : String(container.offset + position);
}

/** Whether a map has an entry; undefined when entries came and went under unknown keys. */
export function hasEntry(container: Container, key: string): boolean | undefined {
  if (!container.fresh || key.includes('?')) return undefined;
  const found = container.inside.parts?.get(key);
  if (found?.value !== undefined) return true;
  return container.length === undefined ? undefined : false;
}

/** Follows pointers and boxed records to the cell that is meant. Null is a fault; unknown pointers point to a cell of their own. */
export function settle(heap: Heap, cell: Cell, subject: AccessPath | string): Cell {
  let target = cell;
  for (let hops = 0; hops < 16; hops += 1) {
    if (hasParts(target.type)) return target;
    const value = load(target);
    if (typeof value !== 'object') return target;
    if (value === null) {
      if (target.type.kind === 'pointer' || target.type.kind === 'interface') throw { fault: 'nil', subject: typeof subject === 'string' ? subject : printPath(subject) } satisfies Fault;
      return target;
    }
    if (value.kind === 'pointer') target = value.to;
    else if (value.kind === 'record') {
      if (value.from === target) return target;
      target = value.from;
    } else if (value.kind === 'unknown') {
      return target.type.kind === 'primitive' ? target : pointee(heap, value.key, target.type);
    } else return target;
  }
  return target;
}

export function pointee(heap: Heap, key: string, type: Type): Cell {
  const found = heap.pointees.get(key);
  if (found !== undefined) return found;
  const cell = newCell(heap, type.kind === 'pointer' ? type.to : unknownType, `${key}*`);
  heap.pointees.set(key, cell);
  return cell;
}

export function globalCell(heap: Heap, variable: Variable): Cell {
  const found = heap.globals.get(variable);
  if (found !== undefined) return found;
  const cell = newCell(heap, variable.type);
  heap.globals.set(variable, cell);
  return cell;
}

function zeroOf(cell: Cell): Datum {
  if (cell.blank && cell.type.kind !== 'primitive' && !hasParts(cell.type)) return null;
  switch (cell.type.kind) {
    case 'scalar': return zeroScalar(cell.type.of ?? cell.type.name) ?? { kind: 'unknown', key: `0:${cell.type.name}` };
    case 'unknown': return { kind: 'unknown', key: `0:${cell.id}` };
    case 'primitive': return zeroPrimitive(cell, cell.type);
    case 'record': case 'list': return hasParts(cell.type) ? { kind: 'record', from: cell } : null;
    default: return null;
  }
}

/** Atomic values are named after what they hold; all other primitives are no data, but for contexts, which are references. */
function zeroPrimitive(cell: Cell, type: Extract<Type, { kind: 'primitive' }>): Datum {
  if (type.primitive === 'context') return null;
  const content = type.primitive === 'atomic' ? zeroScalar(type.name.toLowerCase()) ?? null : undefined;
  return content === undefined ? { kind: 'unknown', key: `0:${cell.id}` } : content;
}

function zeroScalar(name: string): Datum | undefined {
  if (/bool$/.test(name)) return false;
  if (/string$/.test(name)) return '';
  if (/int\d*$|float\d*$|byte$|rune$|uintptr$|complex\d*$/.test(name)) return 0;
  return undefined;
}

/** A text that is equal exactly for equal values; names unknown conditions. */
export function keyOf(value: Datum): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  switch (value.kind) {
    case 'unknown': return value.key;
    case 'pointer': return `&${value.to.id}`;
    case 'record': return `{${value.from.id}}`;
    case 'container': return `#${value.inside.id}`;
    case 'function': return `func ${value.target}`;
    case 'library': return `func ${value.callee}`;
    default: return `@${value.id}`;
  }
}
