import { unknownValue, variablePath, type BlockId, type SelectArm, type Value, type Variable } from '../../../ir/index.js';
import type * as ast from '../ast.js';
import { assignTo, defineVariable } from './assignments.js';
import type { Body } from './body.js';
import { channelOf, combine, elementType } from './expressions.js';
import { nameFor } from './places.js';

/** Goes one way or the other; `&&`, `||` and `!` become branches of their own. */
export function branchOn(b: Body, condition: ast.Expr, onTrue: BlockId, onFalse: BlockId, loop = false): void {
  if (condition.kind === 'UnaryExpr' && condition.operator === '!') return branchOn(b, condition.x, onFalse, onTrue);
  if (condition.kind === 'BinaryExpr' && (condition.operator === '&&' || condition.operator === '||')) {
    const second = b.builder.newBlock();
    if (condition.operator === '&&') branchOn(b, condition.x, second, onFalse, loop);
    else branchOn(b, condition.x, onTrue, second);
    b.builder.enter(second);
    return branchOn(b, condition.y, onTrue, onFalse);
  }
  const value = b.value(condition);
  const at = b.at(condition);
  b.builder.end(loop ? { kind: 'branch', at, condition: value, onTrue, onFalse, loop } : { kind: 'branch', at, condition: value, onTrue, onFalse });
}

export function ifStatement(b: Body, stmt: ast.IfStmt): void {
  if (stmt.init) b.statement(stmt.init);
  const then = b.builder.newBlock();
  const after = b.builder.newBlock();
  const otherwise = stmt.else ? b.builder.newBlock() : after;
  b.branch(stmt.condition, then, otherwise);
  b.builder.enter(then);
  b.statement(stmt.then);
  b.builder.end({ kind: 'goto', to: after });
  if (stmt.else) {
    b.builder.enter(otherwise);
    b.statement(stmt.else);
    b.builder.end({ kind: 'goto', to: after });
  }
  b.builder.enter(after);
}

export function switchStatement(b: Body, stmt: ast.SwitchStmt, label: string | undefined): void {
  if (stmt.init) b.statement(stmt.init);
  const tag = stmt.tag && named(b, stmt.tag);
  const after = b.builder.newBlock();
  const bodies = stmt.clauses.map(() => b.builder.newBlock());
  const fallback = stmt.clauses.findIndex((clause) => !clause.exprs);
  stmt.clauses.forEach((clause, index) => {
    for (const expr of clause.exprs ?? []) {
      const next = b.builder.newBlock();
      if (tag) b.builder.end({ kind: 'branch', at: b.at(expr), condition: combine('==', tag, b.value(expr)), onTrue: bodies[index]!, onFalse: next });
      else b.branch(expr, bodies[index]!, next);
      b.builder.enter(next);
    }
  });
  b.builder.end({ kind: 'goto', to: fallback < 0 ? after : bodies[fallback]! });
  b.loops.push({ label, breakTo: after, continueTo: undefined });
  stmt.clauses.forEach((clause, index) => {
    b.builder.enter(bodies[index]!);
    const last = clause.body.at(-1);
    const falls = last?.kind === 'BranchStmt' && last.token === 'fallthrough';
    for (const inner of falls ? clause.body.slice(0, -1) : clause.body) b.statement(inner);
    b.builder.end({ kind: 'goto', to: falls ? (bodies[index + 1] ?? after) : after });
  });
  b.loops.pop();
  b.builder.enter(after);
}

/** The tag is evaluated once: what is not a plain variable or constant gets a name. */
function named(b: Body, expr: ast.Expr): Value {
  const value = b.value(expr);
  if (value.kind === 'constant' || value.kind === 'unknown' || (value.kind === 'path' && value.path.selectors.length === 0)) return value;
  const at = b.at(expr);
  const variable = b.temporary(nameFor(b, expr), b.unit.typeOf(b.info.typeOf(expr)), at);
  b.emit({ at, op: 'write', path: variablePath(variable), value, atomic: false });
  return { kind: 'path', path: variablePath(variable) };
}

export function typeSwitchStatement(b: Body, stmt: ast.TypeSwitchStmt, label: string | undefined): void {
  if (stmt.init) b.statement(stmt.init);
  const value = b.value(stmt.x.kind === 'TypeAssertExpr' ? stmt.x.x : stmt.x);
  const after = b.builder.newBlock();
  const bodies = stmt.clauses.map(() => b.builder.newBlock());
  const fallback = stmt.clauses.findIndex((clause) => !clause.exprs);
  stmt.clauses.forEach((clause, index) => {
    if (!clause.exprs) return;
    const next = b.builder.newBlock();
    const only = clause.exprs.length === 1 ? clause.exprs[0] : undefined;
    const isNil = only?.kind === 'Ident' && only.name === 'nil';
    b.builder.end({ kind: 'branch', at: b.at(clause), condition: isNil ? combine('==', value, { kind: 'constant', value: null }) : unknownValue, onTrue: bodies[index]!, onFalse: next });
    b.builder.enter(next);
  });
  b.builder.end({ kind: 'goto', to: fallback < 0 ? after : bodies[fallback]! });
  b.loops.push({ label, breakTo: after, continueTo: undefined });
  stmt.clauses.forEach((clause, index) => {
    b.builder.enter(bodies[index]!);
    const bound = b.info.clauseVariable(clause);
    if (bound) defineVariable(b, bound, value, b.at(stmt.bind ?? clause));
    for (const inner of clause.body) b.statement(inner);
    b.builder.end({ kind: 'goto', to: after });
  });
  b.loops.pop();
  b.builder.enter(after);
}

/** Channels and values to send are evaluated first, in source order; then one arm is taken. */
export function selectStatement(b: Body, stmt: ast.SelectStmt, label: string | undefined): void {
  const after = b.builder.newBlock();
  const arms: SelectArm[] = [];
  const bodies: { readonly clause: ast.CommClause; readonly block: BlockId; readonly assign: () => void }[] = [];
  let fallback: BlockId | undefined;
  for (const clause of stmt.clauses) {
    const block = b.builder.newBlock();
    if (!clause.comm) {
      fallback = block;
      bodies.push({ clause, block, assign: () => {} });
      continue;
    }
    const at = b.at(clause.comm);
    if (clause.comm.kind === 'SendStmt') {
      const channel = channelOf(b, clause.comm.channel);
      arms.push({ at, channel, direction: 'send', value: b.value(clause.comm.value), to: block });
      bodies.push({ clause, block, assign: () => {} });
      continue;
    }
    const { receive, targets, define } = receiveOf(clause.comm);
    const channelExpr = receive?.kind === 'UnaryExpr' && receive.operator === '<-' ? receive.x : undefined;
    const channel = channelExpr ? channelOf(b, channelExpr) : { root: { kind: 'unknown' as const, text: 'channel' }, selectors: [] };
    const result = targets[0] && receive ? b.temporary(nameFor(b, receive), channelExpr ? elementType(b, channelExpr) : { kind: 'unknown' }, at) : undefined;
    const ok = targets[1] ? b.temporary('ok', { kind: 'scalar', name: 'bool' }, at) : undefined;
    arms.push({ at, channel, direction: 'receive', ...(result ? { result } : {}), ...(ok ? { ok } : {}), to: block });
    const assign = (): void => {
      ([result, ok] as (Variable | undefined)[]).forEach((variable, index) => {
        const target = targets[index];
        if (target && variable) assignTo(b, target, { kind: 'path', path: variablePath(variable) }, define);
      });
    };
    bodies.push({ clause, block, assign });
  }
  b.builder.end({ kind: 'select', at: b.at(stmt), arms, ...(fallback === undefined ? {} : { fallback }) });
  b.loops.push({ label, breakTo: after, continueTo: undefined });
  for (const { clause, block, assign } of bodies) {
    b.builder.enter(block);
    assign();
    for (const inner of clause.body) b.statement(inner);
    b.builder.end({ kind: 'goto', to: after });
  }
  b.loops.pop();
  b.builder.enter(after);
}

function receiveOf(comm: ast.Stmt): { readonly receive: ast.Expr | undefined; readonly targets: readonly ast.Expr[]; readonly define: boolean } {
  if (comm.kind === 'ExprStmt') return { receive: comm.x, targets: [], define: false };
  if (comm.kind === 'AssignStmt') return { receive: comm.right[0], targets: comm.left, define: comm.operator === ':=' };
  return { receive: undefined, targets: [], define: false };
}
