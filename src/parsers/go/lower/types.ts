import type { Type } from '../../../ir/index.js';
import { unknownType } from '../../../ir/index.js';
import { goHandles } from '../../../models/go.js';
import type { PrimitiveTypes } from '../../../models/model.js';
import type { GoType } from '../resolve/types.js';

/** Go types as the IR knows them. One mapping per program: the cache keeps types few and comparisons cheap. */
export interface TypeMapping {
  readonly of: (type: GoType) => Type;
}

/**
 * The lock that a struct is when it embeds one and has nothing else. Projects wrap locks like this to swap them in tests:
 * kept as a record, the locks of all its users would be one field of one type.
 */
export function wrappedLock(struct: GoType, of: (type: GoType) => Type): Extract<Type, { kind: 'primitive' }> | undefined {
  const [only, ...others] = struct.kind === 'struct' ? struct.fields : [];
  if (only === undefined || others.length > 0 || !only.embedded || only.type.kind === 'pointer') return undefined;
  const inner = of(only.type);
  return inner.kind === 'primitive' && (inner.primitive === 'lock' || inner.primitive === 'rwlock') && inner.handle !== true ? inner : undefined;
}

const functionType: Type = { kind: 'function' };
const deepest = 12;

export function typeMapping(underlying: (type: GoType) => GoType, primitives: PrimitiveTypes): TypeMapping {
  const cache = new Map<GoType, Type>();
  const scalars = new Map<string, Type>();
  const scalar = (name: string, of?: string): Type => {
    const known = scalars.get(name);
    if (known) return known;
    const made: Type = of === undefined ? { kind: 'scalar', name } : { kind: 'scalar', name, of };
    scalars.set(name, made);
    return made;
  };

  const of = (type: GoType, depth: number): Type => {
    const known = cache.get(type);
    if (known) return known;
    if (depth > deepest) return unknownType;
    const mapped = map(type, depth + 1);
    cache.set(type, mapped);
    return mapped;
  };

  const map = (type: GoType, depth: number): Type => {
    switch (type.kind) {
      case 'basic':
        return type.name === 'invalid' || type.name === 'untyped nil' ? unknownType : scalar(type.name.replace('untyped ', ''));
      case 'pointer':
        return { kind: 'pointer', to: of(type.element, depth) };
      case 'slice':
        return { kind: 'list', element: of(type.element, depth), fixed: false };
      case 'array':
        return { kind: 'list', element: of(type.element, depth), fixed: true };
      case 'map':
        return { kind: 'map', key: of(type.key, depth), value: of(type.value, depth) };
      case 'chan':
        return { kind: 'channel', element: of(type.element, depth), direction: type.direction };
      case 'signature':
        return functionType;
      case 'struct':
        return type.fields.length === 0 ? scalar('struct{}') : { kind: 'record', name: type.owner };
      case 'interface':
        return { kind: 'interface' };
      case 'named': {
        const primitive = primitives.get(type.decl.id);
        if (primitive) return { kind: 'primitive', primitive, name: type.decl.id, ...(goHandles.has(type.decl.id) ? { handle: true as const } : {}) };
        if (type.decl.id === 'unsafe.Pointer') return { kind: 'pointer', to: unknownType };
        const under = underlying(type);
        const wrapped = wrappedLock(under, (inner) => of(inner, depth));
        if (wrapped) return { ...wrapped, name: type.decl.id };
        if (under.kind === 'struct') return { kind: 'record', name: type.decl.id };
        if (under.kind === 'interface') return { kind: 'interface', name: type.decl.id };
        if (under.kind === 'unknown' || under === type) return type.decl.pkg === '' ? { kind: 'interface', name: type.decl.id } : { kind: 'record', name: type.decl.id };
        if (under.kind === 'basic') return scalar(type.decl.id, under.name);
        return of(under, depth);
      }
      default:
        return unknownType;
    }
  };

  return { of: (type) => of(type, 0) };
}
