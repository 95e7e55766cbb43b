import { variablePath, type Value } from '../../../ir/index.js';
import type * as ast from '../ast.js';
import { assignStatement, declareLocals, incrementStatement } from './assignments.js';
import type { Body } from './body.js';
import { ifStatement, selectStatement, switchStatement, typeSwitchStatement } from './branches.js';
import { registerDefer } from './defers.js';
import { leaveFunction } from './exits.js';
import { channelOf, receive } from './expressions.js';
import { forStatement, rangeStatement } from './loops.js';

/** Lowers one statement; `label` is the one right before it. */
export function lowerStatement(b: Body, stmt: ast.Stmt, label?: string): void {
  // By how many there are: the words are compared one after the other.
  switch (stmt.kind) {
    case 'ExprStmt':
      return expressionStatement(b, stmt.x);
    case 'AssignStmt':
      return assignStatement(b, stmt);
    case 'IfStmt':
      return ifStatement(b, stmt);
    case 'ReturnStmt':
      return returnStatement(b, stmt);
    case 'Block':
      for (const inner of stmt.stmts) b.statement(inner);
      return;
    case 'SendStmt': {
      const channel = channelOf(b, stmt.channel);
      const value = b.value(stmt.value);
      b.emit({ at: b.at(stmt), op: 'send', channel, value });
      return;
    }
    case 'IncDecStmt':
      return incrementStatement(b, stmt);
    case 'GoStmt':
      return goStatement(b, stmt);
    case 'DeferStmt':
      return registerDefer(b, stmt);
    case 'BranchStmt':
      return jump(b, stmt);
    case 'SwitchStmt':
      return switchStatement(b, stmt, label);
    case 'TypeSwitchStmt':
      return typeSwitchStatement(b, stmt, label);
    case 'SelectStmt':
      return selectStatement(b, stmt, label);
    case 'ForStmt':
      return forStatement(b, stmt, label);
    case 'RangeStmt':
      return rangeStatement(b, stmt, label);
    case 'LabeledStmt': {
      b.builder.enter(labelBlock(b, stmt.label.name));
      b.statement(stmt.stmt, stmt.label.name);
      return;
    }
    case 'DeclStmt':
      for (const decl of stmt.decls) if (decl.kind === 'VarDecl') declareLocals(b, decl);
      return;
    default:
  }
}

function expressionStatement(b: Body, expr: ast.Expr): void {
  if (expr.kind === 'CallExpr') b.values(expr, 0);
  else if (expr.kind === 'UnaryExpr' && expr.operator === '<-') receive(b, expr, 0);
  else b.value(expr);
}

function goStatement(b: Body, stmt: ast.GoStmt): void {
  if (stmt.call.kind !== 'CallExpr') return;
  const prepared = b.prepare(stmt.call);
  const at = b.at(stmt);
  if (prepared.task) {
    b.emit({ at, op: 'spawn', callee: prepared.task.callee, args: prepared.task.args, via: 'go' });
    return;
  }
  const target = b.wrap('gowrap', at, (inner) => {
    prepared.perform(inner, 0);
  });
  b.emit({ at, op: 'spawn', callee: { kind: 'static', target }, args: [], via: 'go' });
}

function returnStatement(b: Body, stmt: ast.ReturnStmt): void {
  const at = b.at(stmt);
  const [only] = stmt.results;
  const count = b.resultTypes.length;
  let values: readonly Value[] = only && stmt.results.length === 1 && count > 1 ? b.values(only, count) : stmt.results.map((result) => b.value(result));
  if (b.namedResults.length > 0) {
    values.forEach((value, index) => {
      const result = b.namedResults[index];
      if (!result || isItself(value, result.id)) return;
      b.emit({ at, op: 'write', path: variablePath(result), value, atomic: false });
    });
    values = b.namedResults.map((result) => ({ kind: 'path', path: variablePath(result) }));
  }
  leaveFunction(b, at, 'return', values.length === count ? values : Array.from({ length: count }, (_, index): Value => values[index] ?? { kind: 'unknown' }));
}

function isItself(value: Value, id: number): boolean {
  return value.kind === 'path' && value.path.selectors.length === 0 && value.path.root.kind === 'variable' && value.path.root.variable.id === id;
}

function jump(b: Body, stmt: ast.BranchStmt): void {
  const name = stmt.label?.name;
  if (stmt.token === 'goto' && name !== undefined) {
    b.builder.end({ kind: 'goto', to: labelBlock(b, name) });
    return;
  }
  for (let index = b.loops.length - 1; index >= 0; index--) {
    const loop = b.loops[index]!;
    if (name !== undefined && loop.label !== name) continue;
    const to = stmt.token === 'break' ? loop.breakTo : stmt.token === 'continue' ? loop.continueTo : undefined;
    if (to === undefined) continue;
    b.builder.end({ kind: 'goto', to });
    return;
  }
  // `break L` out of a labelled block, or source that does not compile.
  if (name !== undefined) b.builder.end({ kind: 'goto', to: labelBlock(b, `${name}:after`) });
}

function labelBlock(b: Body, name: string) {
  const known = b.labels.get(name);
  if (known !== undefined) return known;
  const block = b.builder.newBlock();
  b.labels.set(name, block);
  return block;
}
