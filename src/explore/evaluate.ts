import { printPath, unknownType, type AccessPath, type BinaryOperator, type Selector, type Type, type Value } from '../ir/index.js';
import { loopsOf } from './loops.js';
import { capturesOf, cellOf, roundsOf, turnsAt, type Frame, type Machine } from './machine.js';
import { assign, insert } from './trail.js';
import { element, freshUnknown, hasEntry, hasParts, keyOf, load, newCell, newContainer, newElement, part, pointee, settle, store, type Cell, type Container, type Datum, type Fault } from './values.js';

/** Where an access path leads now. */
export interface Place {
  readonly cell: Cell;
  /** The map or list the last selector went into, as a whole. */
  readonly inside?: Cell;
  readonly container?: Container;
  /** The element meant is not known. */
  readonly anyElement?: true;
  /** Its key, when that is an unknown value. */
  readonly key?: string;
}

/** Follows a path from its variable. Null on the way is a fault of the program. */
export function locate(machine: Machine, frame: Frame, path: AccessPath): Place {
  if (path.root.kind !== 'variable') return { cell: newCell(machine, unknownType, `?${machine.serial + 1}`) };
  let place: Place = { cell: cellOf(machine, frame, path.root.variable) };
  for (const selector of path.selectors) place = select(machine, frame, place.cell, selector, path);
  return place;
}

function select(machine: Machine, frame: Frame, cell: Cell, selector: Selector, path: AccessPath): Place {
  switch (selector.kind) {
    case 'field': {
      const value = load(cell);
      if (typeof value === 'object' && value !== null && value.kind === 'context') {
        const done = newCell(machine, unknownType);
        done.value = value.done ?? null;
        return { cell: done };
      }
      const target = settle(machine, cell, path);
      return { cell: part(machine, target, selector.name, undefined) };
    }
    case 'deref': {
      const value = load(cell);
      if (value === null) throw { fault: 'nil', subject: printPath(path) } satisfies Fault;
      if (typeof value !== 'object') return { cell };
      if (value.kind === 'pointer') return { cell: value.to };
      if (value.kind === 'unknown') return { cell: pointee(machine, value.key, cell.type) };
      return { cell };
    }
    case 'element': return elementOf(machine, frame, cell, selector, path);
  }
}

function elementOf(machine: Machine, frame: Frame, cell: Cell, selector: Extract<Selector, { kind: 'element' }>, path: AccessPath): Place {
  const key = elementKey(machine, frame, selector);
  const list = settleList(machine, cell, path);
  if (list === undefined) return { cell: newCell(machine, elementType(cell.type), `?${machine.serial + 1}`), anyElement: true };
  if ('what' in list) {
    const found = key === undefined ? undefined : element(machine, list, key);
    if (found !== undefined) return { cell: found, inside: list.inside, container: list };
    const some = someElement(frame, list);
    return { cell: some ?? newCell(machine, list.element, `?${machine.serial + 1}`), inside: list.inside, container: list, anyElement: true, ...(key === undefined ? {} : { key }) };
  }
  if (key !== undefined) return { cell: part(machine, list, key, hasParts(list.type) ? undefined : elementType(list.type)), inside: list };
  return { cell: newCell(machine, elementType(list.type), `?${machine.serial + 1}`), inside: list, anyElement: true };
}

/** One of the elements that were stored: another one in each turn of the loop around. */
function someElement(frame: Frame, list: Container): Cell | undefined {
  const visit = visited(frame);
  const visitedNow = visit === undefined ? undefined : list.inside.parts?.get(visit.name);
  if (visitedNow?.value !== undefined) return visitedNow;
  const stored = [...(list.inside.parts?.values() ?? [])].filter((cell) => cell.value !== undefined || cell.parts !== undefined);
  if (stored.length === 0) return undefined;
  const loop = loopsOf(frame.fn).around(frame.block);
  const turn = loop === undefined ? 0 : turnsAt(frame, loop.head);
  return stored[turn % stored.length];
}

/** The container in a cell, or the cell of a fixed list or of a list nothing is known of. Null maps and lists have no elements. */
function settleList(machine: Machine, cell: Cell, path: AccessPath): Container | Cell | undefined {
  if (hasParts(cell.type)) return cell;
  const value = load(cell);
  if (typeof value !== 'object' || value === null) return undefined;
  if (value.kind === 'container') return value;
  if (value.kind === 'record') return value.from;
  if (value.kind === 'unknown') return pointee(machine, value.key, unknownType);
  if (value.kind === 'pointer') return settleList(machine, settle(machine, cell, path), path);
  return undefined;
}

function elementType(type: Type): Type {
  if (type.kind === 'list') return type.element;
  if (type.kind === 'map') return type.value;
  if (type.kind === 'pointer') return elementType(type.to);
  return unknownType;
}

/** The element a selector means now: by the variable that holds the index, else by its constant key. */
function elementKey(machine: Machine, frame: Frame, selector: Extract<Selector, { kind: 'element' }>): string | undefined {
  if (selector.index !== undefined) return keyOf(load(cellOf(machine, frame, selector.index)));
  return selector.key;
}

/** What a value is now. Pure, but for allocations. */
export function evaluate(machine: Machine, frame: Frame, value: Value): Datum {
  switch (value.kind) {
    case 'unknown': {
      if (value.name !== undefined) return { kind: 'unknown', key: value.name };
      const found = value.entry !== undefined ? hasKey(machine, frame, value.entry) : value.ranges === undefined ? undefined : value.ranges.as === 'key' ? visited(frame)?.key : hasMore(machine, frame, value.ranges.map);
      return found ?? freshUnknown(machine);
    }
    case 'constant': return value.value;
    case 'path': return known(machine, content(machine, frame, value.path));
    case 'address': return { kind: 'pointer', to: locate(machine, frame, value.path).cell };
    case 'closure': return { kind: 'function', target: value.target, captures: capturesOf(machine, frame, value.target) };
    case 'bound': return { kind: 'function', target: value.target, captures: capturesOf(machine, frame, value.target), receiver: evaluate(machine, frame, value.receiver) };
    case 'library': return { kind: 'library', callee: value.callee, ...(value.receiver === undefined ? {} : { receiver: evaluate(machine, frame, value.receiver) }) };
    case 'allocation': return allocate(machine, frame, value);
    case 'not': return negated(evaluate(machine, frame, value.operand));
    case 'binary': return binary(machine, frame, value);
    case 'length': case 'capacity': return sizeOf(machine, frame, value.kind, value.of);
  }
}

/** What is in a location. A temporary that nothing was stored in is the result of something not modelled: new each time. */
function content(machine: Machine, frame: Frame, path: AccessPath): Datum {
  if (path.selectors.length > 0 || path.root.kind !== 'variable') return load(locate(machine, frame, path).cell);
  const { variable } = path.root;
  const cell = cellOf(machine, frame, variable);
  return variable.kind === 'temporary' && cell.value === undefined && cell.parts === undefined && !hasParts(cell.type) ? freshUnknown(machine) : load(cell);
}

function known(machine: Machine, value: Datum): Datum {
  if (machine.pinned.size === 0 || typeof value !== 'object' || value === null || value.kind !== 'unknown') return value;
  const pinned = machine.pinned.get(value.key);
  return pinned === undefined ? value : pinned;
}

function allocate(machine: Machine, frame: Frame, value: Extract<Value, { kind: 'allocation' }>): Datum {
  const fields = value.fields ?? [];
  if (value.type.kind === 'map') {
    return filled(machine, frame, newContainer(machine, 'map', value.type.value, fields.length, true), fields);
  }
  if (value.type.kind === 'list' && !value.type.fixed) {
    const size = value.more === true ? undefined : fields.length === 1 && fields[0]!.name === 'len' ? evaluate(machine, frame, fields[0]!.value) : fields.length;
    const list = newContainer(machine, 'list', value.type.element, typeof size === 'number' ? size : undefined, value.more !== true);
    return filled(machine, frame, list, fields.filter((field) => field.name !== 'len'));
  }
  const cell = newCell(machine, value.type);
  for (const field of fields) {
    const target = field.name === '*' ? cell : part(machine, cell, field.name, undefined);
    store(machine, target, evaluate(machine, frame, field.value));
  }
  if (value.pointer) return { kind: 'pointer', to: cell };
  return hasParts(value.type) ? { kind: 'record', from: cell } : load(cell);
}

function filled(machine: Machine, frame: Frame, container: Container, fields: readonly { readonly name: string; readonly value: Value }[]): Container {
  for (const field of fields) putElement(machine, newElement(machine, container, field.name), evaluate(machine, frame, field.value));
  return container;
}

/** Stores an element so that it counts as there, also where its content lies in parts. */
export function putElement(machine: Machine, cell: Cell, value: Datum): void {
  store(machine, cell, value);
  if (hasParts(cell.type)) assign(machine.trail, cell, 'value', true);
}

function sizeOf(machine: Machine, frame: Frame, what: 'length' | 'capacity', of: AccessPath): Datum {
  const value = load(locate(machine, frame, of).cell);
  if (value === null) return 0;
  if (typeof value === 'string') return what === 'length' && /^[\x20-\x7e]*$/.test(value) ? value.length : freshUnknown(machine);
  if (typeof value !== 'object') return freshUnknown(machine);
  if (value.kind === 'channel') return what === 'length' ? value.queue.length : value.capacity;
  if (value.kind === 'container' && what === 'length' && value.length !== undefined) return value.length;
  return { kind: 'unknown', key: `${what}(${keyOf(value)})` };
}

/** What a value is as a condition; undefined when nobody knows. */
export function truth(value: Datum): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (value === null) return false;
  if (typeof value !== 'object') return Boolean(value);
  return value.kind === 'unknown' ? undefined : true;
}

/** `!` of an unknown condition has the key of the condition, so that both are decided together. */
function negated(value: Datum): Datum {
  const known = truth(value);
  if (known !== undefined) return !known;
  const key = keyOf(value);
  return { kind: 'unknown', key: key.startsWith('!') ? key.slice(1) : `!${key}` };
}

const arithmetic: Readonly<Partial<Record<BinaryOperator, (a: number, b: number) => number>>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => (b === 0 ? Number.NaN : Math.trunc(a / b)),
  '%': (a, b) => (b === 0 ? Number.NaN : a % b),
  '&': (a, b) => Number(BigInt.asIntN(64, BigInt(Math.trunc(a)) & BigInt(Math.trunc(b)))),
  '|': (a, b) => Number(BigInt.asIntN(64, BigInt(Math.trunc(a)) | BigInt(Math.trunc(b)))),
  '^': (a, b) => Number(BigInt.asIntN(64, BigInt(Math.trunc(a)) ^ BigInt(Math.trunc(b)))),
  '<<': (a, b) => (b > 52 ? Number.NaN : a * 2 ** b),
  '>>': (a, b) => Math.floor(a / 2 ** b),
};

/** Every comparison in terms of `==` and `<`: one key for a condition, however it is written. */
const comparisons: Readonly<Partial<Record<BinaryOperator, { readonly as: '==' | '<'; readonly swapped: boolean; readonly negated: boolean }>>> = {
  '==': { as: '==', swapped: false, negated: false },
  '!=': { as: '==', swapped: false, negated: true },
  '<': { as: '<', swapped: false, negated: false },
  '>': { as: '<', swapped: true, negated: false },
  '<=': { as: '<', swapped: true, negated: true },
  '>=': { as: '<', swapped: false, negated: true },
};

function binary(machine: Machine, frame: Frame, value: Extract<Value, { kind: 'binary' }>): Datum {
  const { operator } = value;
  const left = evaluate(machine, frame, value.left);
  if (operator === '&&' && truth(left) === false) return left;
  if (operator === '||' && truth(left) === true) return left;
  const right = evaluate(machine, frame, value.right);
  if (operator === '&&' || operator === '||') {
    const neutral = operator === '&&';
    if (truth(left) === neutral) return right;
    if (right === neutral) return left;
    if (right === !neutral) return !neutral;
    return unknownOf(machine, `(${keyOf(left)}${operator}${keyOf(right)})`);
  }
  const comparison = comparisons[operator];
  if (comparison !== undefined) {
    const [a, b] = comparison.swapped ? [right, left] : [left, right];
    const result = comparison.as === '==' ? equal(a, b) : less(a, b);
    if (result !== undefined) return result !== comparison.negated;
    if (comparison.as === '==') {
      if (b === true) return comparison.negated ? negated(a) : a;
      if (b === false) return comparison.negated ? a : negated(a);
    }
    const key = comparison.as === '==' && keyOf(a) > keyOf(b) && !isConstant(b) ? `(${keyOf(b)}==${keyOf(a)})` : `(${keyOf(a)}${comparison.as}${keyOf(b)})`;
    return unknownOf(machine, comparison.negated ? `!${key}` : key);
  }
  if (operator === '+' && value.appended !== undefined) return longer(machine, listIn(machine, left, value.left), value.appended.map((one) => evaluate(machine, frame, one)));
  if (operator === '+' && value.spread !== undefined) {
    const added = elementsIn(machine, load(locate(machine, frame, value.spread).cell));
    if (added !== undefined) return longer(machine, listIn(machine, left, value.left), added);
  }
  const list = operator === '+' || operator === '-' ? listOf(left) : undefined;
  if (list !== undefined) return operator === '-' ? cut(list, right) : { ...list, length: list.length === undefined || typeof right !== 'number' ? undefined : list.length + right };
  if (operator === '+' && typeof left === 'string' && typeof right === 'string') return left + right;
  if (typeof left === 'number' && typeof right === 'number' && Number.isFinite(left) && Number.isFinite(right)) {
    const result = arithmetic[operator]?.(left, right);
    if (result !== undefined && Number.isSafeInteger(result)) return result;
  }
  return unknownOf(machine, `(${keyOf(left)}${operator}${keyOf(right)})`);
}

/** Whether the map has the entry, when all its keys are known. */
function hasKey(machine: Machine, frame: Frame, path: AccessPath): boolean | undefined {
  const selector = path.selectors[path.selectors.length - 1];
  if (selector?.kind !== 'element') return undefined;
  const map = load(locate(machine, frame, { root: path.root, selectors: path.selectors.slice(0, -1) }).cell);
  if (map === null) return false;
  const key = elementKey(machine, frame, selector);
  return key === undefined || typeof map !== 'object' || map.kind !== 'container' ? undefined : hasEntry(map, key);
}

/** Goes on to the next entry that is still there. The order is that in which they came: one of those possible. */
function hasMore(machine: Machine, frame: Frame, path: AccessPath): boolean | undefined {
  const loop = loopsOf(frame.fn).around(frame.block);
  const map = load(locate(machine, frame, path).cell);
  if (map === null) return false;
  if (loop === undefined || typeof map !== 'object' || map.kind !== 'container' || !map.fresh || map.length === undefined) return undefined;
  const { parts } = map.inside;
  const { visits } = roundsOf(frame);
  const last = turnsAt(frame, loop.head) === 0 ? undefined : visits.get(loop.head);
  const keys = last?.keys ?? [...(parts ?? [])].filter(([, cell]) => cell.value !== undefined).map(([key]) => key);
  if (keys.some((key) => key.includes('?'))) return undefined;
  const at = keys.findIndex((key, index) => index > (last?.at ?? -1) && parts?.get(key)?.value !== undefined);
  insert(machine.trail, visits, loop.head, { keys, at: at < 0 ? keys.length : at });
  return at >= 0;
}

/** The entry that the loop around visits, by its name among the parts of its map and as the key that it is. */
function visited(frame: Frame): { readonly name: string; readonly key: Datum } | undefined {
  if (frame.rounds === undefined) return undefined;
  const loop = loopsOf(frame.fn).around(frame.block);
  const visit = loop === undefined ? undefined : frame.rounds.visits.get(loop.head);
  const name = visit?.keys[visit.at];
  if (name === undefined) return undefined;
  // Names of constants are JSON; what a reference leads to the name does not tell.
  return { name, key: constantName.test(name) ? (JSON.parse(name) as Datum) : { kind: 'unknown', key: name } };
}

const constantName = /^(?:"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|true|false|null)$/;

function listOf(value: Datum): Container | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (value.kind === 'container') return value;
  if (value.kind !== 'record' || value.from.type.kind !== 'list') return undefined;
  return { kind: 'container', what: 'list', element: value.from.type.element, inside: value.from, offset: 0, length: undefined, fresh: value.from.unknown === undefined };
}

/** The list appended to; nothing appended to is a new one. */
function listIn(machine: Machine, value: Datum, of: Value): Container {
  const type = of.kind === 'path' && of.path.root.kind === 'variable' && of.path.selectors.length === 0 ? of.path.root.variable.type : unknownType;
  return listOf(value) ?? newContainer(machine, 'list', elementType(type), value === null ? 0 : undefined, value === null);
}

/** A list with more elements: it shares those it has, as a list with room to spare does. */
function longer(machine: Machine, list: Container, added: readonly Datum[]): Container {
  added.forEach((value, index) => putElement(machine, newElement(machine, list, list.length === undefined ? undefined : String(list.length + index)), value));
  return { ...list, length: list.length === undefined ? undefined : list.length + added.length };
}

/** A list of its own with the elements of another or of a map; a map where a map is meant. Undefined when they are not known. */
export function elementsOf(machine: Machine, from: Datum, asMap: boolean): Datum | undefined {
  if (typeof from !== 'object' || from === null || from.kind !== 'container') return undefined;
  if (asMap) {
    if (from.what !== 'map' || !from.fresh || from.length === undefined) return undefined;
    const copy = newContainer(machine, 'map', from.element, from.length, true);
    for (const [key, cell] of from.inside.parts ?? []) if (cell.value !== undefined) putElement(machine, newElement(machine, copy, key), load(cell));
    return copy;
  }
  const elements = elementsIn(machine, from);
  return elements === undefined ? undefined : longer(machine, newContainer(machine, 'list', from.element, 0, true), elements);
}

/** What a list or map holds, in the order in which it came, when all of it is known. */
function elementsIn(machine: Machine, from: Datum): readonly Datum[] | undefined {
  if (from === null) return [];
  const container = listOf(from);
  if (container === undefined || !container.fresh || container.length === undefined || container.length > longestCopy) return undefined;
  if (container.what === 'map') return [...(container.inside.parts?.values() ?? [])].filter((cell) => cell.value !== undefined).map(load);
  if (container.offset === undefined) return undefined;
  return Array.from({ length: container.length }, (_, index) => load(part(machine, container.inside, String(container.offset! + index), container.element)));
}

/** Longer lists are not copied element by element. */
const longestCopy = 64;

/** What a list holds after its first elements. */
function cut(list: Container, first: Datum): Container {
  const known = typeof first === 'number';
  return {
    ...list, offset: known && list.offset !== undefined ? list.offset + first : undefined,
    length: known && list.length !== undefined ? Math.max(0, list.length - first) : undefined,
  };
}

/** Longer keys are of no use: such a value is a new unknown. */
const longestKey = 160;

function unknownOf(machine: Machine, key: string): Datum {
  return key.length > longestKey ? freshUnknown(machine) : { kind: 'unknown', key };
}

function isConstant(value: Datum): boolean {
  return typeof value !== 'object' || value === null;
}

function equal(a: Datum, b: Datum): boolean | undefined {
  if (isConstant(a) && isConstant(b)) return a === b;
  const [kind, other] = [kindOf(a), kindOf(b)];
  if (kind === 'unknown' || other === 'unknown') return keyOf(a) === keyOf(b) ? true : (isNone(a) && isThere(b)) || (isNone(b) && isThere(a)) ? false : undefined;
  if (isConstant(a) || isConstant(b)) return a === null || b === null ? false : undefined;
  if (kind === 'record' || other === 'record') return undefined;
  return keyOf(a) === keyOf(b);
}

function kindOf(value: Datum): string | undefined {
  return typeof value === 'object' && value !== null ? value.kind : undefined;
}

function isThere(value: Datum): boolean {
  return typeof value === 'object' && value?.kind === 'unknown' && value.there === true;
}

/** No object, no count. */
function isNone(value: Datum): boolean {
  return value === null || value === 0;
}

function less(a: Datum, b: Datum): boolean | undefined {
  if (a === 0 && isThere(b)) return true;
  if (b === 0 && isThere(a)) return false;
  if (typeof a === 'number' && typeof b === 'number') return a < b;
  if (typeof a === 'string' && typeof b === 'string') return a < b;
  return undefined;
}
