import { unknownType, type AccessPath, type Field, type Primitive, type Program, type RecordType, type Selector, type Type } from '../ir/index.js';

/** The type of what stands at a path; unknown when a step is. */
export function typeOfPath(program: Program, path: AccessPath): Type {
  if (path.root.kind !== 'variable') return unknownType;
  const { selectors } = path;
  // A field's type does not depend on the way to it.
  let from = selectors.length;
  while (from > 0 && selectors[from - 1]!.kind !== 'field') from--;
  let type = from > 0 ? unknownType : path.root.variable.type;
  for (let index = Math.max(from - 1, 0); index < selectors.length; index++) type = typeOfStep(program, type, selectors[index]!);
  return type;
}

/** The first field of this name; kept by name on the record, which never changes and is asked for every path. */
export function fieldOf(record: RecordType | undefined, name: string): Field | undefined {
  if (record === undefined) return undefined;
  return ((record as Indexed)[fieldMemo] ??= new Map(record.fields.toReversed().map((field) => [field.name, field]))).get(name);
}

interface Indexed extends RecordType { [fieldMemo]?: ReadonlyMap<string, Field> }
const fieldMemo = Symbol('fields');

function typeOfStep(program: Program, type: Type, selector: Selector): Type {
  if (selector.kind === 'field') return fieldOf(program.records.get(selector.owner), selector.name)?.type ?? unknownType;
  if (selector.kind === 'deref') return type.kind === 'pointer' ? type.to : unknownType;
  const container = type.kind === 'pointer' ? type.to : type;
  return container.kind === 'map' ? container.value : container.kind === 'list' ? container.element : unknownType;
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

/** Whether values of the record carry a lock of their own, embedded ones included: a sign that they are meant to be shared. */
export function ownsLock(program: Program, record: RecordType, depth = 0): boolean {
  return depth < 4 && record.fields.some((field) => {
    const type = field.type.kind === 'pointer' ? field.type.to : field.type;
    if (type.kind === 'primitive') return type.primitive === 'lock' || type.primitive === 'rwlock';
    const inner = field.embedded && type.kind === 'record' ? program.records.get(type.name) : undefined;
    return inner !== undefined && ownsLock(program, inner, depth + 1);
  });
}
