import type { FunctionObject, GoType, NamedType, Signature } from './types.js';
import { unknownGoType } from './types.js';

/** Invariant: types without parts are interned, so `basic('int') === basic('int')` and one object stands for each plain named type. */
const basics = new Map<string, GoType>();
export function basic(name: string): GoType {
  let type = basics.get(name);
  if (type === undefined) basics.set(name, (type = { kind: 'basic', name }));
  return type;
}

const plain = new WeakMap<NamedType, GoType>();
/** The type a declaration names; with `args` an instance of it. */
export function named(decl: NamedType, args: readonly GoType[] = []): GoType {
  if (args.length > 0) return { kind: 'named', decl, args };
  let type = plain.get(decl);
  if (type === undefined) plain.set(decl, (type = { kind: 'named', decl, args: [] }));
  return type;
}

const pointers = new WeakMap<GoType, GoType>();
export function pointerTo(element: GoType): GoType {
  let type = pointers.get(element);
  if (type === undefined) pointers.set(element, (type = { kind: 'pointer', element }));
  return type;
}

export const sliceOf = (element: GoType): GoType => ({ kind: 'slice', element });
export const nothing: GoType = { kind: 'tuple', elements: [] };
export const emptyInterface: GoType = { kind: 'interface', methods: [], embedded: [] };
/** Of a function about which nothing is known but its name. */
export const unknownSignature: Signature = { kind: 'signature', params: [], results: [unknownGoType], variadic: true };

/** What a call of this signature yields: nothing, the result, or a tuple of several. */
export function resultOf(signature: Signature): GoType {
  return signature.results.length === 1 ? signature.results[0]! : signature.results.length === 0 ? nothing : { kind: 'tuple', elements: signature.results };
}

export const isUntyped = (type: GoType): boolean => type.kind === 'basic' && type.name.startsWith('untyped ');

const defaults: Readonly<Record<string, string>> = {
  'untyped int': 'int', 'untyped float': 'float64', 'untyped rune': 'rune', 'untyped string': 'string', 'untyped bool': 'bool', 'untyped complex': 'complex128',
};
/** The type a variable gets from an untyped constant; any other type is its own. */
export function defaultType(type: GoType): GoType {
  if (type.kind !== 'basic') return type;
  if (type.name === 'untyped nil') return unknownGoType;
  const name = defaults[type.name];
  return name === undefined ? type : basic(name);
}

/** What `*x` is, for any `x` whose type is not a pointer by name. */
export const dereferenced = (type: GoType): GoType => (type.kind === 'pointer' ? type.element : type);

/** A function known by its signature at once; others type themselves when asked. */
export function functionObject(fields: Omit<FunctionObject, 'kind' | 'fullName'>): FunctionObject {
  return { kind: 'function', fullName: fullName(fields), ...fields };
}

export function fullName({ id, name, receiver }: Pick<FunctionObject, 'id' | 'name'> & { readonly receiver?: FunctionObject['receiver'] | undefined }): string {
  return receiver === undefined ? id : `${receiver.named.id}.${name}`;
}

let depth = 0;
const maxDepth = 120;

/**
 * Computes once, and answers `whileBusy` to whoever asks during the computation: circles in a program end here, and
 * so do chains of declarations longer than the stack could bear.
 */
export function lazily<T>(compute: () => T, whileBusy: T): () => T {
  let pending: (() => T) | undefined = compute;
  let value = whileBusy;
  return () => {
    if (pending !== undefined && depth < maxDepth) {
      const run = pending;
      pending = undefined;
      depth++;
      value = run();
      depth--;
    }
    return value;
  };
}
