import { unknownType, type AccessPath, type Primitive, type Program, type RecordType, type Selector, type Type } from '../ir/index.js';

/** The type of what stands at a path; unknown when a step is. */
export function typeOfPath(program: Program, path: AccessPath): Type {
  if (path.root.kind !== 'variable') return unknownType;
  let type = path.root.variable.type;
  for (const selector of path.selectors) type = typeOfStep(program, type, selector);
  return type;
}

function typeOfStep(program: Program, type: Type, selector: Selector): Type {
  if (selector.kind === 'field') return program.records.get(selector.owner)?.fields.find((field) => field.name === selector.name)?.type ?? unknownType;
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
