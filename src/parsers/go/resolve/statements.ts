import type * as ast from '../ast.js';
import { constantOf, denotationIn } from './constants.js';
import { typeOf } from './expressions.js';
import { coreType } from './generics.js';
import { recordObject } from './record.js';
import type { Environment } from './scopes.js';
import { scopeIn } from './scopes.js';
import { basic, defaultType, named } from './shapes.js';
import { declareType, parameterType, typeExpr } from './type-expressions.js';
import type { GoObject, GoType, NamedType, VariableObject } from './types.js';
import { unknownGoType } from './types.js';

/**
 * Walks one function's body. Invariant: names are declared in the order of the source and looked up while they are
 * read, so that a use sees exactly what stands before it; each node is visited once.
 */
export function walkFunction(env: Environment, fn: ast.FuncDecl | ast.FuncLit): void {
  const { scope, holder } = env;
  env.scope = scopeIn(scope);
  env.holder = fn;
  declareFields(env, fn.kind === 'FuncDecl' ? fn.receiver : undefined, fn.type);
  if (fn.body !== undefined) walkAll(env, fn.body.stmts);
  env.scope = scope;
  env.holder = holder;
}

/** All types of a signature are read before the first name is bound: `func (fs *T) f(int int, m fs.FileMode)` is legal. */
function declareFields(env: Environment, receiver: ast.Field | undefined, type: ast.FuncType): void {
  const own = receiver && parameterType(env, receiver);
  const params = type.params.map((field) => parameterType(env, field));
  const results = type.results.map((field) => parameterType(env, field));
  if (receiver !== undefined) for (const name of receiver.names) declare(env, name, own!, 'receiver');
  type.params.forEach((field, index) => { for (const name of field.names) declare(env, name, params[index]!, 'parameter'); });
  type.results.forEach((field, index) => { for (const name of field.names) declare(env, name, results[index]!, 'result'); });
}

function declare(env: Environment, ident: ast.Ident, type: GoType, role: VariableObject['role'] = 'local'): VariableObject {
  const variable = variableOf(env, ident, type, role);
  recordObject(env.record, ident, variable);
  if (ident.name !== '_') env.scope.declare(ident.name, variable);
  return variable;
}

function variableOf(env: Environment, ident: ast.Ident, type: GoType, role: VariableObject['role']): VariableObject {
  return { kind: 'variable', name: ident.name, type, role, pkg: '', file: env.file, ident, scope: env.holder, lowered: undefined };
}

function walkAll(env: Environment, stmts: readonly ast.Stmt[]): void {
  for (const stmt of stmts) walk(env, stmt);
}

function walk(env: Environment, statement: ast.Stmt): void {
  let stmt = statement;
  while (stmt.kind === 'LabeledStmt') stmt = stmt.stmt;
  switch (stmt.kind) {
    case 'ExprStmt': case 'IncDecStmt': typeOf(env, stmt.x); return;
    case 'AssignStmt': assign(env, stmt); return;
    case 'IfStmt': branch(env, stmt); return;
    case 'ReturnStmt': for (const result of stmt.results) typeOf(env, result); return;
    case 'Block': {
      const { scope } = env;
      env.scope = scopeIn(scope);
      walkAll(env, stmt.stmts);
      env.scope = scope;
      return;
    }
    case 'SendStmt': typeOf(env, stmt.channel); typeOf(env, stmt.value); return;
    case 'GoStmt': case 'DeferStmt': typeOf(env, stmt.call); return;
    case 'DeclStmt': for (const decl of stmt.decls) declareLocal(env, decl); return;
    case 'ForStmt': case 'RangeStmt': case 'SwitchStmt': case 'TypeSwitchStmt': {
      const { scope } = env;
      env.scope = scopeIn(scope);
      if (stmt.kind === 'ForStmt') forLoop(env, stmt);
      else if (stmt.kind === 'RangeStmt') rangeLoop(env, stmt);
      else if (stmt.kind === 'SwitchStmt') valueSwitch(env, stmt);
      else typeSwitch(env, stmt);
      env.scope = scope;
      return;
    }
    case 'SelectStmt': {
      const { scope } = env;
      for (const clause of stmt.clauses) {
        env.scope = scopeIn(scope);
        if (clause.comm !== undefined) walk(env, clause.comm);
        walkAll(env, clause.body);
      }
      env.scope = scope;
      return;
    }
    default:
  }
}

/** `else if` chains may be thousands long, each inside the scope of those before. */
function branch(env: Environment, first: ast.IfStmt): void {
  const { scope } = env;
  let stmt: ast.Stmt | undefined = first;
  while (stmt?.kind === 'IfStmt') {
    env.scope = scopeIn(env.scope);
    if (stmt.init !== undefined) walk(env, stmt.init);
    typeOf(env, stmt.condition);
    walk(env, stmt.then);
    stmt = stmt.else;
  }
  if (stmt !== undefined) walk(env, stmt);
  env.scope = scope;
}

function forLoop(env: Environment, loop: ast.ForStmt): void {
  if (loop.init !== undefined) walk(env, loop.init);
  if (loop.condition !== undefined) typeOf(env, loop.condition);
  if (loop.post !== undefined) walk(env, loop.post);
  walk(env, loop.body);
}

function valueSwitch(env: Environment, choice: ast.SwitchStmt): void {
  if (choice.init !== undefined) walk(env, choice.init);
  if (choice.tag !== undefined) typeOf(env, choice.tag);
  for (const clause of choice.clauses) {
    if (clause.exprs !== undefined) for (const expr of clause.exprs) typeOf(env, expr);
    const { scope } = env;
    env.scope = scopeIn(scope);
    walkAll(env, clause.body);
    env.scope = scope;
  }
}

/** Every clause binds its own variable, of the clause's type when it names just one. */
function typeSwitch(env: Environment, choice: ast.TypeSwitchStmt): void {
  if (choice.init !== undefined) walk(env, choice.init);
  const subject = typeOf(env, choice.x);
  for (const clause of choice.clauses) {
    const isNil = (expr: ast.Expr): boolean => expr.kind === 'Ident' && expr.name === 'nil';
    const types = (clause.exprs ?? []).map((expr) => (isNil(expr) ? typeOf(env, expr) : typeExpr(env, expr)));
    const [only] = clause.exprs ?? [];
    const { scope } = env;
    env.scope = scopeIn(scope);
    if (choice.bind !== undefined && choice.bind.name !== '_') {
      const variable = variableOf(env, choice.bind, types.length === 1 && only !== undefined && !isNil(only) ? types[0]! : subject, 'local');
      (env.record.clauses ??= new Map()).set(clause, variable);
      env.scope.declare(variable.name, variable);
    }
    walkAll(env, clause.body);
    env.scope = scope;
  }
}

function rangeLoop(env: Environment, loop: ast.RangeStmt): void {
  const types = iterated(typeOf(env, loop.x));
  if (loop.key !== undefined) rangeTarget(env, loop, loop.key, types[0]);
  if (loop.value !== undefined) rangeTarget(env, loop, loop.value, types[1]);
  walk(env, loop.body);
}

function rangeTarget(env: Environment, loop: ast.RangeStmt, target: ast.Expr, type: GoType | undefined): void {
  if (loop.define && target.kind === 'Ident') declare(env, target, type ?? unknownGoType);
  else if (!isBlank(target)) typeOf(env, target);
}

/** What the two variables of a range clause get. */
function iterated(type: GoType): readonly GoType[] {
  const core = coreType(type);
  switch (core.kind) {
    case 'slice': case 'array': return [basic('int'), core.element];
    case 'map': return [core.key, core.value];
    case 'chan': return [core.element];
    case 'basic': return core.name.endsWith('string') ? [basic('int'), basic('int32')] : [defaultType(type)];
    case 'pointer': {
      const array = coreType(core.element);
      return array.kind === 'array' ? [basic('int'), array.element] : [];
    }
    case 'signature': {
      const [body] = core.params;
      const yields = body && coreType(body);
      return yields?.kind === 'signature' ? yields.params : [];
    }
    default: return [];
  }
}

const isBlank = (expr: ast.Expr): boolean => expr.kind === 'Ident' && expr.name === '_';

function assign(env: Environment, stmt: ast.AssignStmt): void {
  const define = stmt.operator === ':=';
  if (!define) for (const target of stmt.left) if (!isBlank(target)) typeOf(env, target);
  const types = valueTypes(env, stmt.right, stmt.left.length);
  if (!define) return;
  const { scope } = env;
  for (let index = 0; index < stmt.left.length; index++) {
    const target = stmt.left[index]!;
    if (target.kind !== 'Ident') typeOf(env, target);
    else if (target.name !== '_' && scope.declared(target.name) !== undefined) typeOf(env, target);
    else declare(env, target, defaultType(types[index] ?? unknownGoType));
  }
}

/** One type a name: from as many values, from one call's results, or from the two forms of `v, ok`. */
export function valueTypes(env: Environment, values: readonly ast.Expr[], count: number, hint?: GoType): readonly GoType[] {
  const types = values.map((value) => typeOf(env, value, hint));
  const [only] = types;
  if (values.length !== 1 || count < 2 || only === undefined) return types;
  if (only.kind === 'tuple') return only.elements;
  // Only these have a second form; what a call of something absent yields besides its first result is as unknown.
  const second = values[0]?.kind === 'IndexExpr' || values[0]?.kind === 'TypeAssertExpr' || values[0]?.kind === 'UnaryExpr';
  return second ? [only, basic('bool')] : [only];
}

function declareLocal(env: Environment, decl: ast.Decl): void {
  if (decl.kind === 'VarDecl') {
    const type = decl.type && typeExpr(env, decl.type);
    const types = valueTypes(env, decl.values, decl.names.length);
    decl.names.forEach((name, index) => declare(env, name, type ?? defaultType(types[index] ?? unknownGoType)));
  } else if (decl.kind === 'ConstDecl') {
    const constants = decl.names.map((name, index) => [name, constantObject(env, decl, name, index)] as const);
    for (const [name, constant] of constants) bind(env, name, constant);
  } else if (decl.kind === 'TypeDecl') declareLocalType(env, decl);
}

function bind(env: Environment, name: ast.Ident, object: GoObject): void {
  recordObject(env.record, name, object);
  if (name.name !== '_') env.scope.declare(name.name, object);
}

/** A constant of a group: `iota` is the spec's place in it. */
export function constantObject(env: Environment, decl: ast.ConstDecl, name: ast.Ident, index: number): GoObject {
  const scope = scopeIn(env.scope);
  scope.declare('iota', { kind: 'constant', name: 'iota', type: basic('untyped int'), value: decl.iota });
  const own = { ...env, scope };
  const expr = decl.values[index];
  const type = decl.type ? typeExpr(own, decl.type) : expr ? typeOf(own, expr) : unknownGoType;
  const value = expr && constantOf(denotationIn(own), expr);
  return { kind: 'constant', name: name.name, type, value };
}

function declareLocalType(env: Environment, node: ast.TypeDecl): void {
  if (node.alias) {
    bind(env, node.name, { kind: 'type', name: node.name.name, type: typeExpr(env, node.type) });
    return;
  }
  const declareAs = (id: string): NamedType => declareType(env, node, id);
  const id = `${env.owner}.${node.name.name}`;
  const decl = env.localType?.(node, id, declareAs) ?? declareAs(id);
  bind(env, node.name, { kind: 'type', name: node.name.name, type: named(decl) });
  // Read now: names declared further down must not leak into it.
  void decl.underlying;
}
