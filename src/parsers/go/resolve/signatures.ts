import type * as ast from '../ast.js';
import type { Environment } from './scopes.js';
import { find, scopeIn } from './scopes.js';
import { declaredParameters, typeParameterScope } from './type-expressions.js';
import type { NamedType } from './types.js';

/** The parts of `func (r *T[A, B])`, whatever stands around them. */
export function receiverParts(field: ast.Field): { readonly name: ast.Ident | undefined; readonly pointer: boolean; readonly params: readonly ast.Expr[]; readonly binding: ast.Ident | undefined } {
  let type = field.type;
  let pointer = false;
  if (type.kind === 'StarExpr') { pointer = true; type = type.x; }
  const params = type.kind === 'IndexExpr' ? type.indices : [];
  if (type.kind === 'IndexExpr') type = type.x;
  return { name: type.kind === 'Ident' ? type : undefined, pointer, params, binding: field.names[0] };
}

/** The type a method belongs to; an alias counts as what it names. */
export function receiverType(env: Environment, field: ast.Field): NamedType | undefined {
  const { name } = receiverParts(field);
  const object = name && find(env.scope, name.name);
  if (object?.kind !== 'type') return undefined;
  const type = object.type.kind === 'pointer' ? object.type.element : object.type;
  return type.kind === 'named' ? type.decl : undefined;
}

/**
 * Moves into the scope of a declaration's type parameters and names them. Invariant: a method's own names for its
 * receiver's parameters stand for the declared ones, so one substitution serves the type and all its methods.
 */
export function enterDeclaration(env: Environment, node: ast.FuncDecl): readonly string[] {
  if (node.receiver === undefined) return typeParameterScope(env, node.typeParams);
  const decl = receiverType(env, node.receiver);
  const { params } = receiverParts(node.receiver);
  if (decl === undefined || params.length === 0) return [];
  const declared = declaredParameters.get(decl) ?? [];
  env.scope = scopeIn(env.scope);
  params.forEach((param, index) => {
    const type = declared[index];
    if (param.kind === 'Ident' && param.name !== '_' && type !== undefined) env.scope.declare(param.name, { kind: 'type', name: param.name, type });
  });
  return decl.typeParams;
}
