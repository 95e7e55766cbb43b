import { bindingsOf, coreType, substituteSignature, underlying } from './generics.js';
import { dereferenced, functionObject } from './shapes.js';
import type { FunctionObject, GoType, NamedType, Selection, SelectionStep, Signature } from './types.js';

/**
 * Invariant: the search is the language specification's: breadth-first over embedding depth, the shallowest field or
 * method wins, two at one depth are ambiguous and mean nothing. Each declared type is entered once a search.
 */
export function findMember(type: GoType, name: string): Selection | undefined {
  let cache = searched.get(type);
  if (cache === undefined) searched.set(type, (cache = new Map()));
  const known = cache.get(name);
  if (known !== undefined) return known ?? undefined;
  if (cache.has(name)) return undefined;
  const found = search(type, name);
  // A type that is just being resolved may know more later.
  if (found !== undefined || underlying(type).kind !== 'unknown') cache.set(name, found);
  return found;
}

const searched = new WeakMap<GoType, Map<string, Selection | undefined>>();

/** No program embeds deeper; a hostile one shall not make each search as long as the program. */
const deepest = 64;

interface Place { readonly type: GoType; readonly steps: readonly SelectionStep[]; readonly viaPointer: boolean }

function search(start: GoType, name: string): Selection | undefined {
  let level: Place[] = [enter(start, [])];
  const entered = new Set<NamedType>();
  for (let depth = 0; level.length > 0 && depth < deepest; depth++) {
    const found: Selection[] = [];
    const deeper: Place[] = [];
    for (const place of level) {
      if (place.type.kind === 'named') {
        if (entered.has(place.type.decl)) continue;
        entered.add(place.type.decl);
      }
      const member = ownMember(place, name);
      if (member !== undefined) found.push(member);
      else if (found.length === 0) deeper.push(...embeddedIn(place));
    }
    if (found.length > 0) return found.length === 1 ? found[0] : undefined;
    level = deeper;
  }
  return undefined;
}

function enter(type: GoType, steps: readonly SelectionStep[]): Place {
  if (type.kind === 'pointer') return { type: type.element, steps, viaPointer: true };
  if (type.kind === 'named' && type.decl.methods.size === 0) {
    // `type P *T` has T's fields but no methods of its own.
    const under = underlying(type);
    if (under.kind === 'pointer') return { type: under.element, steps, viaPointer: true };
  }
  return { type, steps, viaPointer: false };
}

/** What the type declares itself, at this depth. */
function ownMember({ type, steps, viaPointer }: Place, name: string): Selection | undefined {
  if (type.kind === 'named') {
    const method = type.decl.methods.get(name);
    if (method !== undefined) return { kind: 'method', steps, method, viaInterface: false, type: substituteSignature(method.type, bindingsOf(type.decl, type.args)) };
  }
  const under = underlying(type);
  if (under.kind === 'struct') {
    const field = under.fields.find((candidate) => candidate.name === name);
    return field && { kind: 'field', steps: [...steps, { name, owner: under.owner, field, viaPointer }], type: field.type };
  }
  if (under.kind === 'interface' || under.kind === 'typeParameter') {
    const method = interfaceMethods(type).get(name);
    if (method !== undefined) return { kind: 'method', steps, method: method.object, viaInterface: true, type: method.type };
    const core = under.kind === 'typeParameter' ? coreType(under) : undefined;
    if (core?.kind === 'pointer' || core?.kind === 'struct') return findMember(core, name);
  }
  return undefined;
}

function embeddedIn({ type, steps, viaPointer }: Place): Place[] {
  const under = underlying(type);
  if (under.kind !== 'struct') return [];
  return under.fields.filter((field) => field.embedded).map((field) => enter(field.type, [...steps, { name: field.name, owner: under.owner, field, viaPointer }]));
}

export interface InterfaceMethod { readonly object: FunctionObject; readonly type: Signature }

const flattened = new WeakMap<GoType, ReadonlyMap<string, InterfaceMethod>>();

/** All methods of an interface or of a type parameter's constraint, embedded interfaces included; in declaration order. */
export function interfaceMethods(type: GoType): ReadonlyMap<string, InterfaceMethod> {
  const known = flattened.get(type);
  if (known !== undefined) return known;
  const methods = new Map<string, InterfaceMethod>();
  const entered = new Set<GoType | NamedType>();
  const visit = (part: GoType): void => {
    const identity = part.kind === 'named' && part.args.length === 0 ? part.decl : part;
    if (entered.has(identity) || entered.size > 200) return;
    entered.add(identity);
    const under = underlying(part);
    if (under.kind === 'typeParameter') visit(under.constraint);
    if (under.kind !== 'interface') return;
    for (const method of under.methods) {
      if (!methods.has(method.name)) methods.set(method.name, { object: interfaceMethod(part, method.name, method.type), type: method.type });
    }
    under.embedded.forEach(visit);
  };
  visit(type);
  flattened.set(type, methods);
  return methods;
}

const abstractMethods = new WeakMap<NamedType | GoType, Map<string, FunctionObject>>();

/** One object for each method of each interface: `import/path.Interface.Method`. */
function interfaceMethod(holder: GoType, name: string, type: Signature): FunctionObject {
  const decl = holder.kind === 'named' ? holder.decl : undefined;
  const key = decl ?? holder;
  let objects = abstractMethods.get(key);
  if (objects === undefined) abstractMethods.set(key, (objects = new Map()));
  let object = objects.get(name);
  if (object === undefined) {
    object = functionObject({ id: `${decl?.id ?? 'interface'}.${name}`, name, pkg: decl?.pkg ?? '', type, typeParams: [], ...(decl && { receiver: { named: decl, pointer: false } }) });
    objects.set(name, object);
  }
  return object;
}

/** Names of all methods a value behind a pointer to this type has, promoted ones included. */
export function methodNames(type: GoType): ReadonlySet<string> {
  const names = new Set<string>();
  const entered = new Set<NamedType>();
  let level: GoType[] = [type];
  for (let depth = 0; level.length > 0 && depth < deepest; depth++) {
    const deeper: GoType[] = [];
    for (const place of level) {
      const part = dereferenced(place);
      if (part.kind === 'named') {
        if (entered.has(part.decl)) continue;
        entered.add(part.decl);
        for (const name of part.decl.methods.keys()) names.add(name);
      }
      const under = underlying(part);
      if (under.kind === 'interface') for (const name of interfaceMethods(part).keys()) names.add(name);
      else if (under.kind === 'struct') for (const field of under.fields) if (field.embedded) deeper.push(field.type);
    }
    level = deeper;
  }
  return names;
}
