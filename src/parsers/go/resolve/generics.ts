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
  if (bindings.size === 0) return type;
  switch (type.kind) {
    case 'typeParameter': return bindings.get(type.name) ?? type;
    case 'named': {
      const args = all(type.args, bindings);
      return args === type.args ? type : named(type.decl, args);
    }
    case 'pointer': {
      const element = substitute(type.element, bindings);
      return element === type.element ? type : pointerTo(element);
    }
    case 'slice': case 'array': case 'chan': {
      const element = substitute(type.element, bindings);
      return element === type.element ? type : { ...type, element };
    }
    case 'map': {
      const key = substitute(type.key, bindings);
      const value = substitute(type.value, bindings);
      return key === type.key && value === type.value ? type : { kind: 'map', key, value };
    }
    case 'signature': return substituteSignature(type, bindings);
    case 'tuple': {
      const elements = all(type.elements, bindings);
      return elements === type.elements ? type : { kind: 'tuple', elements };
    }
    case 'struct': {
      let changed = false;
      const fields = type.fields.map((field): FieldObject => {
        const fieldType = substitute(field.type, bindings);
        if (fieldType === field.type) return field;
        changed = true;
        return { ...field, type: fieldType };
      });
      return changed ? { kind: 'struct', owner: type.owner, fields } : type;
    }
    case 'interface': {
      const embedded = all(type.embedded, bindings);
      const methods = type.methods.map((method) => ({ name: method.name, type: substituteSignature(method.type, bindings) }));
      const same = embedded === type.embedded && methods.every((method, index) => method.type === type.methods[index]!.type);
      return same ? type : { kind: 'interface', methods, embedded };
    }
    default: return type;
  }
}

export function substituteSignature(type: Signature, bindings: Bindings): Signature {
  if (bindings.size === 0) return type;
  const params = all(type.params, bindings);
  const results = all(type.results, bindings);
  return params === type.params && results === type.results ? type : { kind: 'signature', params, results, variadic: type.variadic };
}

function all(types: readonly GoType[], bindings: Bindings): readonly GoType[] {
  let changed = false;
  const result = types.map((type) => {
    const replaced = substitute(type, bindings);
    if (replaced !== type) changed = true;
    return replaced;
  });
  return changed ? result : types;
}

/** Type arguments of a call, from the types of its arguments; parameters that nothing decides become unknown. */
export function infer(typeParams: readonly string[], signature: Signature, args: readonly GoType[], given: readonly GoType[]): Bindings {
  const variables = new Set(typeParams);
  const found = new Map<string, GoType>();
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
    else unify(param, arg, variables, found, 0);
  });
  for (const [param, arg] of constants) unify(param, arg, variables, found, 0);
  // A parameter's constraint may decide another one: `S ~[]E` gives E once S is known.
  for (let round = 0; round < 2; round++) {
    for (const parameter of parametersIn(signature)) {
      const bound = found.get(parameter.name);
      const core = constraintCore(parameter.constraint, 0);
      if (core.kind === 'unknown' || core.kind === 'basic') continue;
      if (bound !== undefined) unify(core, underlying(bound), variables, found, 0);
      else found.set(parameter.name, substitute(core, found));
    }
  }
  return new Map(typeParams.map((name) => [name, found.get(name) ?? unknownGoType]));
}

type TypeParameter = Extract<GoType, { kind: 'typeParameter' }>;

function parametersIn(signature: Signature): TypeParameter[] {
  const found = new Map<string, TypeParameter>();
  const visit = (type: GoType, depth: number): void => {
    if (depth > 20) return;
    switch (type.kind) {
      case 'typeParameter':
        if (found.has(type.name)) return;
        found.set(type.name, type);
        visit(constraintCore(type.constraint, 0), depth + 1);
        return;
      case 'named': type.args.forEach((arg) => visit(arg, depth + 1)); return;
      case 'pointer': case 'slice': case 'array': case 'chan': visit(type.element, depth + 1); return;
      case 'map': visit(type.key, depth + 1); visit(type.value, depth + 1); return;
      case 'signature': [...type.params, ...type.results].forEach((part) => visit(part, depth + 1)); return;
      default:
    }
  };
  visit(signature, 0);
  return [...found.values()];
}

/** Matches a parameter's type against an argument's, binding the variables met. Mismatches bind nothing. */
function unify(param: GoType, arg: GoType, variables: ReadonlySet<string>, found: Map<string, GoType>, depth: number): void {
  if (depth > 30 || arg.kind === 'unknown') return;
  if (param.kind === 'typeParameter' && variables.has(param.name)) {
    const bound = found.get(param.name);
    if (bound === undefined || bound.kind === 'unknown') found.set(param.name, arg);
    return;
  }
  if (param.kind === 'named') {
    if (arg.kind === 'named' && arg.decl === param.decl) {
      param.args.forEach((part, index) => { const other = arg.args[index]; if (other !== undefined) unify(part, other, variables, found, depth + 1); });
    } else if (param.args.length > 0 && (arg.kind !== 'named' || arg.decl.typeParams.length === 0)) unify(underlying(param), underlying(arg), variables, found, depth + 1);
    return;
  }
  const other = param.kind === arg.kind ? arg : underlying(arg);
  switch (param.kind) {
    case 'pointer': if (other.kind === 'pointer') unify(param.element, other.element, variables, found, depth + 1); return;
    case 'slice': if (other.kind === 'slice') unify(param.element, other.element, variables, found, depth + 1); return;
    case 'array': if (other.kind === 'array') unify(param.element, other.element, variables, found, depth + 1); return;
    case 'chan': if (other.kind === 'chan') unify(param.element, other.element, variables, found, depth + 1); return;
    case 'map':
      if (other.kind !== 'map') return;
      unify(param.key, other.key, variables, found, depth + 1);
      unify(param.value, other.value, variables, found, depth + 1);
      return;
    case 'signature':
      if (other.kind !== 'signature') return;
      param.params.forEach((part, index) => { const match = other.params[index]; if (match !== undefined) unify(part, match, variables, found, depth + 1); });
      param.results.forEach((part, index) => { const match = other.results[index]; if (match !== undefined) unify(part, match, variables, found, depth + 1); });
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
