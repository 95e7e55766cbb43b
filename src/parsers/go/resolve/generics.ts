import { basic, defaultType, isUntyped, named, pointerTo } from './shapes.js';
import type { FieldObject, GoType, NamedType, Signature } from './types.js';
import { unknownGoType } from './types.js';

/**
 * Invariant: substitution is simultaneous and by name: a type parameter is replaced once, and what replaced it is left
 * alone, so that an argument may hold a parameter of the same name from another declaration.
 */
export type Bindings = ReadonlyMap<string, GoType>;

const expanded = new WeakMap<GoType, GoType>();

/** The type under names and instantiation; type parameters stay themselves. */
export function underlying(type: GoType): GoType {
  if (type.kind !== 'named') return type;
  const { decl, args } = type;
  if (args.length === 0 || decl.typeParams.length === 0) return decl.underlying;
  const known = expanded.get(type);
  if (known !== undefined) return known;
  const result = substitute(decl.underlying, bindingsOf(decl, args));
  if (decl.underlying.kind !== 'unknown') expanded.set(type, result);
  return result;
}

/** What operations on a value of this type see: a type parameter counts as the first shape its constraint allows. */
export function coreType(type: GoType, depth = 0): GoType {
  const under = underlying(type);
  if (under.kind === 'typeParameter') return depth > 8 ? unknownGoType : constraintCore(under.constraint, depth + 1);
  return under;
}

function constraintCore(constraint: GoType, depth: number): GoType {
  const under = underlying(constraint);
  if (under.kind !== 'interface') return coreType(under, depth);
  for (const part of under.embedded) {
    if (depth > 8) break;
    const core = constraintCore(part, depth + 1);
    if (core.kind !== 'unknown') return core;
  }
  return unknownGoType;
}

export function bindingsOf(decl: NamedType, args: readonly GoType[]): Bindings {
  return new Map(decl.typeParams.map((name, index) => [name, args[index] ?? unknownGoType]));
}

/** The same object when nothing in the type is bound. */
export function substitute(type: GoType, bindings: Bindings): GoType {
  return bindings.size === 0 ? type : substitution(bindings).type(type);
}

export function substituteSignature(type: Signature, bindings: Bindings): Signature {
  return bindings.size === 0 ? type : substitution(bindings).signature(type);
}

/** Types nest deeper only where aliases were stacked to make them so. */
const deepest = 100;

/** Parts are shared between types, and a part is replaced once: a type that names its parameter twice, nested, is no exponential tree. */
function substitution(bindings: Bindings): { readonly type: (type: GoType) => GoType; readonly signature: (type: Signature) => Signature } {
  const replaced = new Map<GoType, GoType>();
  let depth = 0;
  const type = (whole: GoType): GoType => {
    if (whole.kind === 'basic' || whole.kind === 'unknown' || (whole.kind === 'named' && whole.args.length === 0)) return whole;
    let result = replaced.get(whole);
    if (result === undefined) {
      if (depth >= deepest) return unknownGoType;
      depth++;
      replaced.set(whole, (result = replace(whole)));
      depth--;
    }
    return result;
  };
  const all = (types: readonly GoType[]): readonly GoType[] => {
    const result = types.map(type);
    return result.some((part, index) => part !== types[index]) ? result : types;
  };
  const signature = (whole: Signature): Signature => {
    const params = all(whole.params);
    const results = all(whole.results);
    return params === whole.params && results === whole.results ? whole : { kind: 'signature', params, results, variadic: whole.variadic };
  };
  const replace = (whole: GoType): GoType => {
    switch (whole.kind) {
      case 'typeParameter': return bindings.get(whole.name) ?? whole;
      case 'named': {
        const args = all(whole.args);
        return args === whole.args ? whole : named(whole.decl, args);
      }
      case 'pointer': {
        const element = type(whole.element);
        return element === whole.element ? whole : pointerTo(element);
      }
      case 'slice': case 'array': case 'chan': {
        const element = type(whole.element);
        return element === whole.element ? whole : { ...whole, element };
      }
      case 'map': {
        const key = type(whole.key);
        const value = type(whole.value);
        return key === whole.key && value === whole.value ? whole : { kind: 'map', key, value };
      }
      case 'signature': return signature(whole);
      case 'tuple': {
        const elements = all(whole.elements);
        return elements === whole.elements ? whole : { kind: 'tuple', elements };
      }
      case 'struct': {
        const fields = whole.fields.map((field): FieldObject => {
          const fieldType = type(field.type);
          return fieldType === field.type ? field : { ...field, type: fieldType };
        });
        return fields.some((field, index) => field !== whole.fields[index]) ? { kind: 'struct', owner: whole.owner, fields } : whole;
      }
      case 'interface': {
        const embedded = all(whole.embedded);
        const methods = whole.methods.map((method) => ({ name: method.name, type: signature(method.type) }));
        const same = embedded === whole.embedded && methods.every((method, index) => method.type === whole.methods[index]!.type);
        return same ? whole : { kind: 'interface', methods, embedded };
      }
      default: return whole;
    }
  };
  return { type, signature };
}

/** Type arguments of a call, from the types of its arguments; parameters that nothing decides become unknown. */
export function infer(typeParams: readonly string[], signature: Signature, args: readonly GoType[], given: readonly GoType[]): Bindings {
  const found = new Map<string, GoType>();
  const matching: Matching = { variables: new Set(typeParams), found, steps: 10_000 };
  given.forEach((type, index) => { const name = typeParams[index]; if (name !== undefined) found.set(name, type); });
  const paramAt = (index: number): GoType | undefined => {
    const last = signature.params.length - 1;
    if (!signature.variadic || index < last) return signature.params[index];
    const tail = signature.params[last];
    return tail?.kind === 'slice' ? tail.element : tail;
  };
  const constants: [GoType, GoType][] = [];
  args.forEach((arg, index) => {
    const param = paramAt(index);
    if (param === undefined) return;
    if (isUntyped(arg)) constants.push([param, defaultType(arg)]);
    else unify(param, arg, matching);
  });
  for (const [param, arg] of constants) unify(param, arg, matching);
  // A parameter's constraint may decide another one: `S ~[]E` gives E once S is known.
  for (let round = 0; round < 2; round++) {
    for (const parameter of parametersIn(signature)) {
      const bound = found.get(parameter.name);
      const core = constraintCore(parameter.constraint, 0);
      if (core.kind === 'unknown' || core.kind === 'basic') continue;
      if (bound !== undefined) unify(core, underlying(bound), matching);
      else found.set(parameter.name, substitute(core, found));
    }
  }
  return new Map(typeParams.map((name) => [name, found.get(name) ?? unknownGoType]));
}

type TypeParameter = Extract<GoType, { kind: 'typeParameter' }>;

function parametersIn(signature: Signature): TypeParameter[] {
  const found = new Map<string, TypeParameter>();
  const visited = new Set<GoType>();
  const pending: GoType[] = [signature];
  for (let type = pending.pop(); type !== undefined; type = pending.pop()) {
    if (visited.has(type)) continue;
    visited.add(type);
    switch (type.kind) {
      case 'typeParameter':
        if (!found.has(type.name)) {
          found.set(type.name, type);
          pending.push(constraintCore(type.constraint, 0));
        }
        break;
      case 'named': pending.push(...type.args); break;
      case 'pointer': case 'slice': case 'array': case 'chan': pending.push(type.element); break;
      case 'map': pending.push(type.key, type.value); break;
      case 'signature': pending.push(...type.params, ...type.results); break;
      default:
    }
  }
  return [...found.values()];
}

interface Matching { readonly variables: ReadonlySet<string>; readonly found: Map<string, GoType>; /** What is left of the effort: shared parts make trees far larger than the program. */ steps: number }

/** Matches a parameter's type against an argument's, binding the variables met. Mismatches bind nothing. */
function unify(param: GoType, arg: GoType, matching: Matching): void {
  if (arg.kind === 'unknown' || --matching.steps < 0) return;
  const { variables, found } = matching;
  const each = (left: readonly GoType[], right: readonly GoType[]): void => left.forEach((part, index) => {
    const other = right[index];
    if (other !== undefined) unify(part, other, matching);
  });
  if (param.kind === 'typeParameter') {
    const bound = found.get(param.name);
    if (variables.has(param.name) && (bound === undefined || bound.kind === 'unknown')) found.set(param.name, arg);
    return;
  }
  if (param.kind === 'named') {
    if (arg.kind === 'named' && arg.decl === param.decl) each(param.args, arg.args);
    else if (param.args.length > 0 && (arg.kind !== 'named' || arg.decl.typeParams.length === 0)) unify(underlying(param), underlying(arg), matching);
    return;
  }
  const other = param.kind === arg.kind ? arg : underlying(arg);
  switch (param.kind) {
    case 'pointer': case 'slice': case 'array': case 'chan':
      if (other.kind === param.kind) unify(param.element, other.element, matching);
      return;
    case 'map':
      if (other.kind === 'map') each([param.key, param.value], [other.key, other.value]);
      return;
    case 'signature':
      if (other.kind !== 'signature') return;
      each(param.params, other.params);
      each(param.results, other.results);
      return;
    default:
  }
}

/** False only when two values of these types can never have one type: the doubtful may. */
export function mayBeIdentical(a: GoType, b: GoType, depth = 0): boolean {
  if (a === b || depth > 12) return true;
  const open = (type: GoType): boolean => type.kind === 'unknown' || type.kind === 'typeParameter' || (type.kind === 'named' && type.decl.underlying.kind === 'unknown');
  if (open(a) || open(b)) return true;
  if (a.kind !== b.kind) return false;
  const pairwise = (left: readonly GoType[], right: readonly GoType[]): boolean => left.length === right.length && left.every((type, index) => mayBeIdentical(type, right[index]!, depth + 1));
  switch (a.kind) {
    case 'basic': return b.kind === 'basic' && a.name === b.name;
    case 'named': return b.kind === 'named' && a.decl.id === b.decl.id && pairwise(a.args, b.args);
    case 'pointer': case 'slice': return b.kind === a.kind && mayBeIdentical(a.element, b.element, depth + 1);
    case 'array': return b.kind === 'array' && mayBeIdentical(a.element, b.element, depth + 1);
    case 'chan': return b.kind === 'chan' && a.direction === b.direction && mayBeIdentical(a.element, b.element, depth + 1);
    case 'map': return b.kind === 'map' && mayBeIdentical(a.key, b.key, depth + 1) && mayBeIdentical(a.value, b.value, depth + 1);
    case 'signature': return b.kind === 'signature' && a.variadic === b.variadic && pairwise(a.params, b.params) && pairwise(a.results, b.results);
    case 'interface': return b.kind === 'interface' && (a.embedded.length > 0 || b.embedded.length > 0 || a.methods.length === b.methods.length);
    default: return true;
  }
}

/** Of two operands, the type the operation has: a typed one wins, then the wider untyped kind. */
export function operandType(left: GoType, right: GoType): GoType {
  if (!isUntyped(left)) return left.kind === 'unknown' && !isUntyped(right) ? right : left;
  if (!isUntyped(right)) return right;
  const order = ['untyped int', 'untyped rune', 'untyped float', 'untyped complex'];
  const rank = (type: GoType): number => (type.kind === 'basic' ? order.indexOf(type.name) : -1);
  return rank(left) < 0 ? left : basic(order[Math.max(rank(left), rank(right))]!);
}
