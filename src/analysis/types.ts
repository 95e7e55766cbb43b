import { unknownType, type AccessPath, type Field, type Primitive, type Program, type RecordType, type Selector, type Type } from '../ir/index.js';

/** The type of what stands at a path, or at its first `steps` selectors; unknown when a step is. */
export function typeOfPath(program: Program, { root, selectors }: AccessPath, steps = selectors.length): Type {
  if (root.kind !== 'variable') return unknownType;
  // A field's type does not depend on the way to it.
  let from = steps;
  while (from > 0 && selectors[from - 1]!.kind !== 'field') from--;
  let type = from > 0 ? unknownType : root.variable.type;
  for (let index = from > 0 ? from - 1 : 0; index < steps; index++) type = typeOfStep(program, type, selectors[index]!);
  return type;
}

/** What a value of the type holds when it is a channel, or a pointer to or container of channels: the channel's type. */
export function channelIn(type: Type): Type | undefined {
  switch (type.kind) {
    case 'channel': return type;
    case 'pointer': return channelIn(type.to);
    case 'list': return channelIn(type.element);
    case 'map': return channelIn(type.value);
    default: return undefined;
  }
}

/** A channel, or a container or pointer of channels. */
export function holdsChannel(type: Type): boolean {
  return channelIn(type) !== undefined;
}

/** The first field of this name; kept by name on the record, which never changes and is asked for every path. */
export function fieldOf(record: RecordType | undefined, name: string): Field | undefined {
  if (record === undefined) return undefined;
  return ((record as Indexed)[fieldMemo] ??= new Map(record.fields.toReversed().map((field) => [field.name, field]))).get(name);
}

interface Indexed extends RecordType { [fieldMemo]?: ReadonlyMap<string, Field>; [insideMemo]?: string }
const fieldMemo = Symbol('fields');
const insideMemo = Symbol('inside');

function typeOfStep(program: Program, type: Type, selector: Selector): Type {
  if (selector.kind === 'field') return fieldOf(program.records.get(selector.owner), selector.name)?.type ?? unknownType;
  if (selector.kind === 'deref') return type.kind === 'pointer' ? type.to : unknownType;
  const container = type.kind === 'pointer' ? type.to : type;
  return container.kind === 'map' ? container.value : container.kind === 'list' ? container.element : unknownType;
}

/** The name of the record a type is, or points to, whether or not the program has it. */
export function recordNameIn(type: Type | undefined): string | undefined {
  if (type?.kind === 'pointer') return recordNameIn(type.to);
  return type?.kind === 'record' ? type.name : undefined;
}

export function isContext(type: Type): boolean {
  return type.kind === 'primitive' && type.primitive === 'context';
}

/** The record a type is, or points to. */
export function recordOf(program: Program, type: Type): RecordType | undefined {
  if (type.kind === 'pointer') return recordOf(program, type.to);
  return type.kind === 'record' ? program.records.get(type.name) : undefined;
}

/**
 * The synchronisation object inside a value of this type, as a dotted path (`stats.mu`), when copying the value
 * would copy it. Pointers, maps and the like share and are fine.
 */
export function primitiveInside(program: Program, type: Type, wanted: (primitive: Primitive) => boolean, depth = 0): string | undefined {
  if (type.kind === 'primitive') return wanted(type.primitive) && type.handle !== true ? type.name : undefined;
  if (type.kind === 'list' && type.fixed) return primitiveInside(program, type.element, wanted, depth + 1);
  if (type.kind !== 'record' || depth > 6) return undefined;
  for (const field of program.records.get(type.name)?.fields ?? []) {
    const inner = primitiveInside(program, field.type, wanted, depth + 1);
    if (inner !== undefined) return field.type.kind === 'primitive' ? field.name : `${field.name}.${inner}`;
  }
  return undefined;
}

const uncopyable: ReadonlySet<Primitive> = new Set<Primitive>(['lock', 'rwlock', 'counter', 'condition', 'once', 'pool', 'atomic', 'concurrent-map']);

/** The synchronisation object that must not be copied in a value of the type, as `primitiveInside` names it. */
export function uncopyableInside(program: Program, type: Type): string | undefined {
  if (type.kind !== 'record') return type.kind === 'primitive' || type.kind === 'list' ? primitiveInside(program, type, isUncopyable) : undefined;
  const record = program.records.get(type.name) as Indexed | undefined;
  if (record === undefined) return undefined;
  if (record[insideMemo] === undefined) record[insideMemo] = primitiveInside(program, type, isUncopyable) ?? '';
  return record[insideMemo] === '' ? undefined : record[insideMemo];
}

function isUncopyable(primitive: Primitive): boolean {
  return uncopyable.has(primitive);
}

/** Whether values of the record carry a lock of their own, embedded ones included: a sign that they are meant to be shared. */
export function ownsLock(program: Program, record: RecordType, depth = 0): boolean {
  return depth < 4 && record.fields.some((field) => {
    const type = field.type.kind === 'pointer' ? field.type.to : field.type;
    if (type.kind === 'primitive') return type.primitive === 'lock' || type.primitive === 'rwlock';
    const inner = field.embedded && type.kind === 'record' ? program.records.get(type.name) : undefined;
    return inner !== undefined && ownsLock(program, inner, depth + 1);
  });
}
