import type * as ast from '../ast.js';
import { constantOf, denotationIn } from './constants.js';
import { underlying } from './generics.js';
import { LazyNamedType } from './lazy-objects.js';
import { objectOf, recordObject, recordSelection, recordType, recordTypeExpr } from './record.js';
import type { Environment } from './scopes.js';
import { find, scopeIn } from './scopes.js';
import { emptyInterface, lazily, named, pointerTo, sliceOf } from './shapes.js';
import type { FieldObject, GoObject, GoType, NamedType, Signature } from './types.js';
import { unknownGoType } from './types.js';

/**
 * Invariant: reading a type never asks for the inside of a declared type it names (an array's length apart), so
 * recursive types need no care. `owner` names the anonymous structs met on the way.
 */
export function typeExpr(env: Environment, expr: ast.Expr, owner?: string): GoType {
  const type = read(env, expr, owner);
  if (expr.kind !== 'Ident') {
    recordType(env.record, expr, type);
    recordTypeExpr(env.record, expr);
  }
  return type;
}

function read(env: Environment, expr: ast.Expr, owner: string | undefined): GoType {
  switch (expr.kind) {
    case 'Ident': {
      const object = find(env.scope, expr.name);
      if (object === undefined) return unknownGoType;
      recordObject(env.record, expr, object);
      return object.kind === 'type' ? object.type : unknownGoType;
    }
    case 'SelectorExpr': return qualifiedType(env, expr);
    case 'IndexExpr': return instantiate(env, typeExpr(env, expr.x), expr.indices.map((index) => typeExpr(env, index)), expr.x);
    case 'StarExpr': return pointerTo(typeExpr(env, expr.x, owner));
    case 'ArrayType': {
      const element = typeExpr(env, expr.element, owner);
      if (expr.length === undefined) return sliceOf(element);
      const length = expr.length === '...' ? undefined : constantOf(denotationIn(env), expr.length);
      return typeof length === 'number' ? { kind: 'array', element, length } : { kind: 'array', element };
    }
    case 'MapType': return { kind: 'map', key: typeExpr(env, expr.key), value: typeExpr(env, expr.value, owner) };
    case 'ChanType': return { kind: 'chan', direction: expr.direction, element: typeExpr(env, expr.element, owner) };
    case 'FuncType': return signatureOf(env, expr);
    case 'StructType': return structType(env, expr, owner ?? anonymous(env, expr));
    case 'InterfaceType': return interfaceType(env, expr);
    case 'UnaryExpr': return typeExpr(env, expr.x);
    case 'BinaryExpr': return union(env, expr);
    default: return unknownGoType;
  }
}

/** Stable while the file is: anonymous structs are told apart by where they stand. */
export function anonymous(env: Environment, at: ast.Span): string {
  return `${env.pkg}.struct@${env.file.path.slice(env.file.path.lastIndexOf('/') + 1)}:${at.pos}`;
}

function qualifiedType(env: Environment, expr: ast.SelectorExpr): GoType {
  const object = expr.x.kind === 'Ident' ? find(env.scope, expr.x.name) : undefined;
  if (object?.kind !== 'package' || expr.x.kind !== 'Ident') return unknownGoType;
  recordObject(env.record, expr.x, object);
  const exporter = env.exporterOf(object);
  let member = exporter?.member(expr.sel.name);
  if (member === undefined) member = { kind: 'type', name: expr.sel.name, type: named(env.absentType(object.path, expr.sel.name)) };
  if (member.kind !== 'type') return unknownGoType;
  recordObject(env.record, expr.sel, member);
  recordSelection(env.record, expr, { kind: 'qualified', object: member });
  return member.type;
}

/** Type parameters of generic aliases, by the alias; their targets are types with those parameters in them. */
export const aliasParameters = new WeakMap<GoObject, (args: readonly GoType[]) => GoType>();

export function instantiate(env: Environment, type: GoType, args: readonly GoType[], callee: ast.Expr): GoType {
  const ident = callee.kind === 'SelectorExpr' ? callee.sel : callee.kind === 'Ident' ? callee : undefined;
  const object = ident && objectOf(env.record, ident);
  const alias = object && aliasParameters.get(object);
  if (alias !== undefined) return alias(args);
  return type.kind === 'named' ? named(type.decl, args) : type;
}

export function signatureOf(env: Environment, type: ast.FuncType): Signature {
  const variadic = type.params.some((field) => field.variadic);
  return { kind: 'signature', params: fieldTypes(env, type.params), results: fieldTypes(env, type.results), variadic };
}

/** One type a name, or one for an unnamed field; a variadic parameter is the slice it is inside. */
export function fieldTypes(env: Environment, fields: readonly ast.Field[]): GoType[] {
  const types: GoType[] = [];
  for (const field of fields) {
    const type = parameterType(env, field);
    for (let name = 0; name < Math.max(1, field.names.length); name++) types.push(type);
  }
  return types;
}

export function parameterType(env: Environment, field: ast.Field): GoType {
  const type = typeExpr(env, field.type);
  return field.variadic ? sliceOf(type) : type;
}

function structType(env: Environment, expr: ast.StructType, owner: string): GoType {
  const fields = expr.fields.flatMap((field): FieldObject[] => {
    const { file } = env;
    if (field.names.length > 0) return field.names.map((name) => ({ kind: 'field', name: name.name, type: typeExpr(env, field.type, `${owner}.${name.name}`), embedded: false, syntax: { file, field, name } }));
    const name = embeddedName(field.type);
    return name === undefined ? [] : [{ kind: 'field', name: name.name, type: typeExpr(env, field.type), embedded: true, syntax: { file, field, name } }];
  });
  return { kind: 'struct', owner, fields };
}

/** `T`, `*T`, `pkg.T`, `T[int]`: the type's own name. */
export function embeddedName(type: ast.Expr): ast.Ident | undefined {
  for (let part = type; ;) {
    if (part.kind === 'Ident') return part;
    if (part.kind === 'SelectorExpr') return part.sel;
    if (part.kind !== 'StarExpr' && part.kind !== 'IndexExpr') return undefined;
    part = part.x;
  }
}

function interfaceType(env: Environment, expr: ast.InterfaceType): GoType {
  if (expr.elements.length === 0) return emptyInterface;
  const methods: { name: string; type: Signature }[] = [];
  const embedded: GoType[] = [];
  for (const element of expr.elements) {
    const [name] = element.names;
    if (name !== undefined && element.type.kind === 'FuncType') methods.push({ name: name.name, type: signatureOf(env, element.type) });
    else embedded.push(typeExpr(env, element.type));
  }
  return { kind: 'interface', methods, embedded };
}

/** `A | B` keeps its terms as embedded types: enough to see a shape the terms share. */
function union(env: Environment, expr: ast.BinaryExpr): GoType {
  const terms: GoType[] = [];
  let part: ast.Expr = expr;
  for (; part.kind === 'BinaryExpr'; part = part.x) terms.push(typeExpr(env, part.y));
  terms.push(typeExpr(env, part));
  return { kind: 'interface', methods: [], embedded: terms.reverse() };
}

/** A scope with the type parameters of a declaration, each called as `names` say (a method may rename its receiver's). */
export function typeParameterScope(env: Environment, fields: readonly ast.Field[]): string[] {
  if (fields.length === 0) return [];
  env.scope = scopeIn(env.scope);
  const { scope } = env;
  const names: string[] = [];
  for (const field of fields) {
    // Constraints may mention any parameter of the list, so they are read when asked.
    const constraint = lazily<GoType>(() => typeExpr({ ...env, scope }, field.type), unknownGoType);
    for (const ident of field.names) {
      names.push(ident.name);
      const type: GoType = { kind: 'typeParameter', name: ident.name, get constraint() { return constraint(); } };
      const object: GoObject = { kind: 'type', name: ident.name, type };
      scope.declare(ident.name, object);
      recordObject(env.record, ident, object);
    }
  }
  return names;
}

/** The type parameters of a declared type, as they occur in its inside: what a method's receiver renames. */
export const declaredParameters = new WeakMap<NamedType, readonly GoType[]>();

/** A declared type whose inside is read when first asked. The environment's scope must already hold the type itself. */
export function declareType(env: Environment, node: ast.TypeDecl, id: string): NamedType {
  const own = { ...env };
  const typeParams = typeParameterScope(own, node.typeParams);
  const inside = lazily<GoType>(() => underlying(typeExpr(own, node.type, id)), unknownGoType);
  const decl: NamedType = new LazyNamedType(id, node.name.name, env.pkg, typeParams, new Map(), inside, { file: env.file, node });
  const { scope } = own;
  declaredParameters.set(decl, typeParams.map((name) => { const object = scope.declared(name); return object?.kind === 'type' ? object.type : unknownGoType; }));
  return decl;
}
