import { unknownType, unknownValue, variablePath, type BlockId, type Value } from '../../../ir/index.js';
import { bare, hasModifier, isBreakStatement, isCallExpression, isCaseClause, isConditionalExpression, isDefaultClause, isDoStatement, isForOfStatement, isForStatement, isIdentifier, isIterationStatement, isModuleBlock, isPropertyAccessExpression, isSwitchStatement, isVariableDeclarationList, isVariableStatement, NodeFlags, SyntaxKind, type ts } from '../syntax.js';
import { assignTo, bindPattern, declareVariable } from './assignments.js';
import type { Body } from './body.js';
import { callOf } from './calls.js';
import { guarded, jump, leave, mayThrow, throwOut } from './exits.js';
import { branchOn, discard, valueOf } from './expressions.js';
import { lowerClassMembers } from './function.js';
import { elementOf, nowhere, placeOf, readPlace, type Place } from './places.js';
import { releaseLock } from './locks.js';

export function lowerStatement(b: Body, stmt: ts.Statement, label?: string): void {
  switch (stmt.kind) {
    case SyntaxKind.Block:
      return statements(b, (stmt as ts.Block).statements);
    case SyntaxKind.ExpressionStatement:
      return discard(b, (stmt as ts.ExpressionStatement).expression);
    case SyntaxKind.VariableStatement:
      for (const declaration of (stmt as ts.VariableStatement).declarationList.declarations) declareVariable(b, declaration);
      return;
    case SyntaxKind.ClassDeclaration:
      return lowerClassMembers(b, stmt as ts.ClassDeclaration);
    case SyntaxKind.IfStatement: {
      const { expression, thenStatement, elseStatement } = stmt as ts.IfStatement;
      const [yes, after] = [b.builder.newBlock(), b.builder.newBlock()];
      const no = elseStatement ? b.builder.newBlock() : after;
      branchOn(b, expression, yes, no);
      b.builder.enter(yes);
      lowerStatement(b, thenStatement);
      b.builder.end({ kind: 'goto', to: after });
      if (elseStatement) {
        b.builder.enter(no);
        lowerStatement(b, elseStatement);
        b.builder.end({ kind: 'goto', to: after });
      }
      b.builder.enter(after);
      return;
    }
    case SyntaxKind.ReturnStatement:
      return returnStatement(b, stmt as ts.ReturnStatement);
    case SyntaxKind.ThrowStatement:
      valueOf(b, (stmt as ts.ThrowStatement).expression);
      return throwOut(b, b.at(stmt));
    case SyntaxKind.TryStatement:
      return tryStatement(b, stmt as ts.TryStatement);
    case SyntaxKind.WhileStatement:
    case SyntaxKind.DoStatement:
    case SyntaxKind.ForStatement:
      return loop(b, stmt as ts.WhileStatement | ts.DoStatement | ts.ForStatement, label);
    case SyntaxKind.ForOfStatement:
    case SyntaxKind.ForInStatement:
      return forEach(b, stmt as ts.ForOfStatement | ts.ForInStatement, label);
    case SyntaxKind.SwitchStatement:
      return switchStatement(b, stmt as ts.SwitchStatement, label);
    case SyntaxKind.LabeledStatement: {
      const { label: name, statement } = stmt as ts.LabeledStatement;
      if (isIterationStatement(statement, false) || isSwitchStatement(statement)) return lowerStatement(b, statement, name.text);
      const after = b.builder.newBlock();
      b.enclosing.push({ kind: 'jump', label: name.text, breakTo: after, continueTo: undefined });
      lowerStatement(b, statement);
      b.enclosing.pop();
      b.builder.enter(after);
      return;
    }
    case SyntaxKind.BreakStatement:
    case SyntaxKind.ContinueStatement:
      return jump(b, b.at(stmt), isBreakStatement(stmt) ? 'break' : 'continue', (stmt as ts.BreakOrContinueStatement).label?.text);
    case SyntaxKind.ExportAssignment:
      discard(b, (stmt as ts.ExportAssignment).expression);
      return;
    case SyntaxKind.ModuleDeclaration: {
      const { body } = stmt as ts.ModuleDeclaration;
      if (body && isModuleBlock(body) && !hasModifier(stmt, SyntaxKind.DeclareKeyword)) statements(b, body.statements);
      return;
    }
    case SyntaxKind.WithStatement:
      valueOf(b, (stmt as ts.WithStatement).expression);
      return lowerStatement(b, (stmt as ts.WithStatement).statement);
    default:
  }
}

/** Statements of a block. What `using` binds is disposed of on every way out of the rest. */
export function statements(b: Body, list: readonly ts.Statement[]): void {
  for (let index = 0; index < list.length; index++) {
    const stmt = list[index]!;
    const using = isVariableStatement(stmt) ? usingKind(stmt.declarationList) : undefined;
    if (using === undefined || !isVariableStatement(stmt)) {
      lowerStatement(b, stmt);
      continue;
    }
    lowerStatement(b, stmt);
    const rest = list.slice(index + 1);
    guarded(b, b.at(stmt), () => statements(b, rest), () => {
      for (const declaration of [...stmt.declarationList.declarations].reverse()) dispose(b, declaration, using);
    });
    return;
  }
}

function usingKind(list: ts.VariableDeclarationList): 'using' | 'await using' | undefined {
  const kind = list.flags & NodeFlags.BlockScoped;
  return kind === NodeFlags.AwaitUsing ? 'await using' : kind === NodeFlags.Using ? 'using' : undefined;
}

function dispose(b: Body, declaration: ts.VariableDeclaration, kind: 'using' | 'await using'): void {
  const at = b.at(declaration);
  const name = isIdentifier(declaration.name) ? b.world.nameOf(declaration.name) : undefined;
  const type = name ? b.world.typeOfName(name) : undefined;
  if (type?.kind === 'releaser' || type?.kind === 'lease') releaseLock(b, type, at);
  else if (type?.kind === 'instance') {
    const member = b.world.member(type.shape, kind === 'using' ? '[Symbol.dispose]' : '[Symbol.asyncDispose]');
    if (member?.kind === 'method' && name) b.emit({ at, op: 'call', callee: { kind: 'static', target: member.callable.id }, args: [{ kind: 'path', path: variablePath(b.lowering.variableOf(name)) }], results: [] });
  }
  if (kind === 'await using') {
    b.emit({ at, op: 'suspend', reason: 'await', weight: 'full' });
    mayThrow(b, at);
  }
}

function returnStatement(b: Body, stmt: ts.ReturnStatement): void {
  const value = stmt.expression ? returnedValue(b, stmt.expression) : ({ kind: 'constant', value: null } as const);
  leave(b, b.at(stmt), b.returnsValue ? [value] : []);
}

/** The value a function returns; a call there is waited for by the caller. */
export function returnedValue(b: Body, expr: ts.Expression): Value {
  const inner = bare(expr);
  if (isCallExpression(inner)) return callOf(b, inner, 'return').value;
  if (isConditionalExpression(inner)) {
    const at = b.at(inner);
    const result = b.temporary(`either${(b.wrapped += 1)}`, unknownType, at);
    const [yes, no, after] = [b.builder.newBlock(), b.builder.newBlock(), b.builder.newBlock()];
    branchOn(b, inner.condition, yes, no);
    for (const [block, branch] of [[yes, inner.whenTrue], [no, inner.whenFalse]] as const) {
      b.builder.enter(block);
      b.emit({ at, op: 'write', path: variablePath(result), value: returnedValue(b, branch), atomic: false });
      b.builder.end({ kind: 'goto', to: after });
    }
    b.builder.enter(after);
    result.assignments = 2;
    return { kind: 'path', path: variablePath(result) };
  }
  return valueOf(b, inner);
}

function tryStatement(b: Body, stmt: ts.TryStatement): void {
  const { tryBlock, catchClause, finallyBlock } = stmt;
  const withCatch = (): void => {
    if (catchClause === undefined) return statements(b, tryBlock.statements);
    const onThrow = b.builder.newBlock();
    const after = b.builder.newBlock();
    b.enclosing.push({ kind: 'guard', throwTo: onThrow, leaving: undefined, copies: 0 });
    // Anything may throw, so the handler is reachable; which call throws is told where a call is.
    const start = b.builder.newBlock();
    b.branch(b.at(catchClause), unknownValue, onThrow, start, { throws: true });
    b.builder.enter(start);
    statements(b, tryBlock.statements);
    b.enclosing.pop();
    b.builder.end({ kind: 'goto', to: after });
    b.builder.enter(onThrow);
    const { variableDeclaration, block } = catchClause;
    if (variableDeclaration) bindPattern(b, variableDeclaration.name, unknownValue, undefined, variableDeclaration);
    statements(b, block.statements);
    b.builder.end({ kind: 'goto', to: after });
    b.builder.enter(after);
  };
  if (finallyBlock === undefined) return withCatch();
  guarded(b, b.at(finallyBlock), withCatch, () => statements(b, finallyBlock.statements));
}

function loop(b: Body, stmt: ts.WhileStatement | ts.DoStatement | ts.ForStatement, label: string | undefined): void {
  const [head, body, after] = [b.builder.newBlock(), b.builder.newBlock(), b.builder.newBlock()];
  const condition = isForStatement(stmt) ? stmt.condition : stmt.expression;
  const next = isForStatement(stmt) && stmt.incrementor ? b.builder.newBlock() : head;
  if (isForStatement(stmt) && stmt.initializer) {
    if (isVariableDeclarationList(stmt.initializer)) for (const declaration of stmt.initializer.declarations) declareVariable(b, declaration);
    else discard(b, stmt.initializer);
  }
  b.builder.end({ kind: 'goto', to: isDoStatement(stmt) ? body : head });
  b.loopDepth += 1;
  b.enclosing.push({ kind: 'jump', label, breakTo: after, continueTo: next });
  b.builder.enter(head);
  if (condition === undefined || bare(condition).kind === SyntaxKind.TrueKeyword) b.builder.end({ kind: 'goto', to: body });
  else branchOn(b, condition, body, after, true);
  b.builder.enter(body);
  lowerStatement(b, stmt.statement);
  b.builder.end({ kind: 'goto', to: next });
  if (next !== head) {
    b.builder.enter(next);
    discard(b, (stmt as ts.ForStatement).incrementor!);
    b.builder.end({ kind: 'goto', to: head });
  }
  b.enclosing.pop();
  b.loopDepth -= 1;
  b.builder.enter(after);
}

function forEach(b: Body, stmt: ts.ForOfStatement | ts.ForInStatement, label: string | undefined): void {
  const at = b.at(stmt.expression);
  const over = bare(stmt.expression);
  let place: Place = nowhere('iterated', { kind: 'unknown' });
  const type = b.world.typeOf(over);
  if (isIdentifier(over) || isPropertyAccessExpression(over)) {
    place = placeOf(b, over);
    readPlace(b, place, at);
  } else {
    const value = valueOf(b, over);
    // `map.values()` goes over the map itself.
    if (value.kind === 'path') place = { path: value.path, shared: value.path.selectors.length > 0, type };
  }
  const elements = place.path.root.kind === 'variable' ? elementOf(b, place, undefined, type.kind === 'list' || type.kind === 'map' ? type.of : { kind: 'unknown' }) : undefined;
  const waits = isForOfStatement(stmt) && stmt.awaitModifier !== undefined;
  const [head, body, after] = [b.builder.newBlock(), b.builder.newBlock(), b.builder.newBlock()];
  b.builder.end({ kind: 'goto', to: head });
  b.builder.enter(head);
  if (waits) {
    b.emit({ at, op: 'suspend', reason: 'resume', weight: 'full' });
    mayThrow(b, at);
  } else if (elements) readPlace(b, elements, at, { verb: 'range', whole: true });
  b.branch(at, unknownValue, body, after, { loop: true });
  b.builder.enter(body);
  b.loopDepth += 1;
  b.enclosing.push({ kind: 'jump', label, breakTo: after, continueTo: head });
  const value: Value = elements && isForOfStatement(stmt) && (type.kind === 'list' || (type.kind === 'map' && type.flavour === 'set')) ? { kind: 'path', path: elements.path } : unknownValue;
  if (isVariableDeclarationList(stmt.initializer)) for (const declaration of stmt.initializer.declarations) bindPattern(b, declaration.name, value, undefined, declaration);
  else assignTo(b, stmt.initializer, unknownValue, stmt.initializer);
  lowerStatement(b, stmt.statement);
  b.enclosing.pop();
  b.loopDepth -= 1;
  b.builder.end({ kind: 'goto', to: head });
  b.builder.enter(after);
}

function switchStatement(b: Body, stmt: ts.SwitchStatement, label: string | undefined): void {
  const subject = valueOf(b, stmt.expression);
  const after = b.builder.newBlock();
  const { clauses } = stmt.caseBlock;
  const bodies: BlockId[] = clauses.map(() => b.builder.newBlock());
  clauses.forEach((clause, index) => {
    if (!isCaseClause(clause)) return;
    const next = b.builder.newBlock();
    const value = valueOf(b, clause.expression);
    const condition: Value = subject.kind === 'constant' && subject.value === true ? value : { kind: 'binary', operator: '==', left: subject, right: value };
    b.branch(b.at(clause.expression), condition, bodies[index]!, next);
    b.builder.enter(next);
  });
  const fallback = clauses.findIndex((clause) => isDefaultClause(clause));
  b.builder.end({ kind: 'goto', to: fallback < 0 ? after : bodies[fallback]! });
  b.enclosing.push({ kind: 'jump', label, breakTo: after, continueTo: undefined });
  clauses.forEach((clause, index) => {
    b.builder.enter(bodies[index]!);
    statements(b, clause.statements);
    b.builder.end({ kind: 'goto', to: bodies[index + 1] ?? after });
  });
  b.enclosing.pop();
  b.builder.enter(after);
}
