import { mayBeIdentical, underlying } from './generics.js';
import { findMember, interfaceMethods, methodNames } from './members.js';
import { named, pointerTo } from './shapes.js';
import type { FunctionObject, GoType, NamedType, Signature } from './types.js';
import { unknownGoType } from './types.js';

export interface Implementations { readonly candidates: readonly FunctionObject[]; readonly complete: boolean }

/**
 * Class hierarchy: what a call of an interface's method may reach among the program's types. Invariant: a type is a
 * candidate when a pointer to it has every method of the interface with a signature that may be the same. `complete`
 * is claimed only for interfaces that code outside the program cannot name.
 */
export function implementationIndex(types: readonly NamedType[]): (iface: GoType, method: string) => Implementations {
  let typesWith: Map<string, NamedType[]> | undefined;
  const index = (): Map<string, NamedType[]> => {
    if (typesWith !== undefined) return typesWith;
    typesWith = new Map();
    for (const decl of types) {
      if (decl.underlying.kind === 'interface') continue;
      for (const name of methodNames(named(decl))) {
        const holders = typesWith.get(name);
        if (holders === undefined) typesWith.set(name, [decl]);
        else holders.push(decl);
      }
    }
    return typesWith;
  };

  const implementers = new WeakMap<object, readonly NamedType[]>();
  const implementersOf = (iface: GoType): readonly NamedType[] => {
    const key = iface.kind === 'named' ? iface.decl : iface;
    const known = implementers.get(key);
    if (known !== undefined) return known;
    const wanted = [...interfaceMethods(iface)].map(([name, method]): [string, Signature] => [name, method.type]);
    let fewest: readonly NamedType[] | undefined;
    for (const [name] of wanted) {
      const holders = index().get(name) ?? [];
      if (fewest === undefined || holders.length < fewest.length) fewest = holders;
    }
    const found = (fewest ?? []).filter((decl) => wanted.every(([name, type]) => has(decl, name, type)));
    implementers.set(key, found);
    return found;
  };

  const reached = (type: GoType, method: string, entered: ReadonlySet<object>): Implementations => {
    const iface = type.kind === 'typeParameter' ? type.constraint : type;
    const under = underlying(iface);
    if (under.kind !== 'interface') return { candidates: [], complete: false };
    const key = iface.kind === 'named' ? iface.decl : iface;
    const candidates = new Set<FunctionObject>();
    let complete = closed(iface);
    for (const decl of implementersOf(iface)) {
      const found = findMember(pointerTo(named(decl)), method);
      if (found?.kind !== 'method') continue;
      const within = found.viaInterface ? found.steps.at(-1)?.field.type : undefined;
      if (within === undefined) candidates.add(found.method);
      // The method comes from an interface embedded in the record: whatever that holds runs.
      if (within === undefined || entered.has(key)) continue;
      const inner = reached(within, method, new Set([...entered, key]));
      for (const candidate of inner.candidates) candidates.add(candidate);
      complete &&= inner.complete;
    }
    return { candidates: [...candidates], complete: candidates.size > 0 && complete };
  };
  const answers = new WeakMap<object, Map<string, Implementations>>();
  return (type, method) => {
    const iface = type.kind === 'typeParameter' ? type.constraint : type;
    const key = iface.kind === 'named' ? iface.decl : iface;
    let known = answers.get(key);
    if (known === undefined) answers.set(key, known = new Map());
    let answer = known.get(method);
    if (answer === undefined) known.set(method, answer = reached(type, method, new Set()));
    return answer;
  };
}

function has(decl: NamedType, name: string, wanted: Signature): boolean {
  const found = findMember(pointerTo(named(decl)), name);
  if (found?.kind !== 'method') return false;
  const { type } = found;
  return type.params.length === wanted.params.length && type.results.length === wanted.results.length
    && type.params.every((param, index) => mayBeIdentical(param, wanted.params[index] ?? unknownGoType))
    && type.results.every((result, index) => mayBeIdentical(result, wanted.results[index] ?? unknownGoType));
}

/** Whether only the program can hold implementations: a method no one else can write, or a name no one else can say. */
function closed(iface: GoType): boolean {
  for (const [name, method] of interfaceMethods(iface)) if (!isExported(name) && method.object.receiver?.named.syntax !== undefined) return true;
  if (iface.kind !== 'named' || iface.decl.syntax === undefined) return false;
  return !isExported(iface.decl.name) || iface.decl.syntax.file.packageName.name === 'main';
}

const isExported = (name: string): boolean => /^\p{Lu}/u.test(name);
