import type { Hunk, Sketch } from '../../../ir/repair.js';
import { dottedName, isArrowFunction, isAwaitExpression, isBinaryExpression, isBlock, isCallExpression, isExpressionStatement, isFunctionExpression, isIdentifier, isIfStatement, isPropertyAccessExpression, isPropertyDeclaration, isReturnStatement, isStringLiteral, isVariableDeclaration, isVariableStatement, nameText, SyntaxKind, type ts } from '../syntax.js';
import { capital, eachNode, indentOf, names, stepOf, type Code, type Found, type Place } from './code.js';

/** `this.timer = setInterval(...)`: what the place holds is cleared first. A delay that is asked for twice may be meant twice, so only intervals. */
export function stopBefore(code: Code | undefined, at: Place): Sketch | undefined {
  const found = code?.statementAt(at);
  const assigned = found === undefined ? undefined : assignmentOf(found.stmt);
  if (code === undefined || found === undefined || assigned === undefined || !code.alone(found.stmt) || !isCallExpression(assigned.right)) return undefined;
  const callee = dottedName(assigned.right.expression);
  const [, host] = /^((?:globalThis\.|window\.|self\.)?)setInterval$/.exec(callee ?? '') ?? [];
  if (host === undefined) return undefined;
  const line = code.first(found.stmt);
  const [source] = code.lines(line, line);
  // `null` is no handle to the checker.
  const nullable = nullOf(code, assigned.target) ? `if (${assigned.target} !== null) ` : '';
  return [code.hunk(line, line, [`${indentOf(source!)}${nullable}${host}clearInterval(${assigned.target});`, source!])];
}

function nullOf(code: Code, target: string): boolean {
  const name = target.slice(target.lastIndexOf('.') + 1);
  let found = false;
  eachNode(code.tree, (node) => {
    if (isBinaryExpression(node) && node.operatorToken.kind === SyntaxKind.EqualsToken && node.right.kind === SyntaxKind.NullKeyword && dottedName(node.left) === target) found = true;
    if ((isPropertyDeclaration(node) || isVariableDeclaration(node)) && nameText(node.name as ts.PropertyName) === name && (node.initializer?.kind === SyntaxKind.NullKeyword || (node.type !== undefined && /\bnull\b/.test(code.textOf(node.type))))) found = true;
  });
  return found;
}

/** `sum += await more()`: waits first, adds afterwards. */
export function waitFirst(code: Code | undefined, at: Place): Sketch | undefined {
  const found = code?.statementAt(at);
  if (code === undefined || found?.fn?.body === undefined || !code.alone(found.stmt) || !isExpressionStatement(found.stmt) || !isBinaryExpression(found.stmt.expression)) return undefined;
  const { left, operatorToken, right } = found.stmt.expression;
  const target = dottedName(left);
  const compound = [SyntaxKind.PlusEqualsToken, SyntaxKind.MinusEqualsToken].includes(operatorToken.kind);
  const value = compound ? right : operatorToken.kind === SyntaxKind.EqualsToken && isBinaryExpression(right) && dottedName(right.left) === target ? right.right : undefined;
  if (target === undefined || value === undefined || !isAwaitExpression(value)) return undefined;
  const added = ['added', 'amount', 'awaited'].find((name) => !names(code, found.fn!.body!, name));
  if (added === undefined) return undefined;
  const first = code.first(found.stmt);
  const own = indentOf(code.lines(first, first)[0]!);
  const waited = `${own}const ${added} = ${code.textOf(value)};`.split(/\r?\n/);
  const updated = compound ? `${own}${target} ${code.textOf(operatorToken)} ${added};` : `${own}${target} = ${code.textOf((right as ts.BinaryExpression).left)} ${code.textOf((right as ts.BinaryExpression).operatorToken)} ${added};`;
  return [code.hunk(first, code.last(found.stmt), [...waited, updated])];
}

/** A flag is set before code of others runs. Right for a plain flag in the next statement, which the call does not read itself. */
export function stateFirst(code: Code | undefined, call: Place, write: Place): Sketch | undefined {
  const found = code?.statementAt(call);
  const later = code?.statementAt(write);
  if (code === undefined || found === undefined || later === undefined || found.list !== later.list || later.index !== found.index + 1 || !isExpressionStatement(found.stmt)) return undefined;
  const assigned = assignmentOf(later.stmt);
  if (assigned === undefined || (assigned.right.kind !== SyntaxKind.TrueKeyword && assigned.right.kind !== SyntaxKind.FalseKeyword)) return undefined;
  if (!code.alone(found.stmt) || !code.alone(later.stmt) || names(code, found.stmt, assigned.target.slice(assigned.target.lastIndexOf('.') + 1).replace(/^#/, ''))) return undefined;
  const [from, to] = [code.first(found.stmt), code.last(later.stmt)];
  const second = code.first(later.stmt);
  if (second !== code.last(found.stmt) + 1) return undefined;
  return [code.hunk(from, to, [...code.lines(second, to), ...code.lines(from, second - 1)])];
}

/**
 * `once` becomes `on`, and the listener takes itself away when the right event has come. Right for a listener that is
 * one question and what follows from it, on an emitter that is asked by a name which stays.
 */
export function listenUntil(code: Code | undefined, at: Place): Sketch | undefined {
  const found = code?.statementAt(at);
  if (code === undefined || found === undefined || !code.alone(found.stmt) || !isExpressionStatement(found.stmt) || !isCallExpression(found.stmt.expression)) return undefined;
  const { expression, arguments: args } = found.stmt.expression;
  const [event, listener] = args;
  if (!isPropertyAccessExpression(expression) || expression.name.text !== 'once' || event === undefined || listener === undefined || args.length !== 2 || !isStringLiteral(event)) return undefined;
  const emitter = dottedName(expression.expression);
  if (emitter === undefined) return undefined;
  if (isIdentifier(listener)) return namedListener(code, found, emitter, event, listener.text);
  if (!isArrowFunction(listener)) return undefined;
  const name = `on${capital(event.text)}`;
  if (!/^\w+$/.test(event.text) || new RegExp(`\\b${name}\\b`).test(code.text) || (code.typed && listener.parameters.some(({ type }) => type === undefined))) return undefined;
  const first = code.first(found.stmt);
  const own = indentOf(code.lines(first, first)[0]!);
  const body = untilRight(code, listener, `${emitter}.off(${code.textOf(event)}, ${name});`, stepOf(code, found), own);
  if (body === undefined) return undefined;
  const params = code.text.slice(listener.getStart(code.tree), listener.equalsGreaterThanToken.getStart(code.tree)).trimEnd();
  return [code.hunk(first, code.last(found.stmt), [`${own}const ${name} = ${params} => {`, ...body, `${own}};`, `${own}${emitter}.on(${code.textOf(event)}, ${name});`])];
}

/** The listener is a constant of the same list: it learns to take itself away, and is registered by `on`. */
function namedListener(code: Code, { stmt, list, index }: Found, emitter: string, event: ts.StringLiteral, name: string): Sketch | undefined {
  const declared = list.slice(0, index).find((one) => isVariableStatement(one) && one.declarationList.declarations.length === 1 && nameText(one.declarationList.declarations[0]!.name) === name);
  const listener = declared !== undefined && isVariableStatement(declared) ? declared.declarationList.declarations[0]!.initializer : undefined;
  if (declared === undefined || listener === undefined || !isArrowFunction(listener) || !isBlock(listener.body) || !code.alone(declared)) return undefined;
  const [only] = listener.body.statements;
  const line = code.first(stmt);
  if (only === undefined || line !== code.last(stmt)) return undefined;
  const own = indentOf(code.lines(code.first(declared), code.first(declared))[0]!);
  const step = stepOf(code, { stmt: only, list: listener.body.statements, index: 0, fn: listener });
  const body = untilRight(code, listener, `${emitter}.off(${code.textOf(event)}, ${name});`, step, own);
  const [from, to] = [code.first(listener.body.statements[0]!), code.last(listener.body.statements.at(-1)!)];
  if (body === undefined || from <= code.first(declared)) return undefined;
  const registered: Hunk = code.hunk(line, line, [code.lines(line, line)[0]!.replace('.once(', '.on(')]);
  return [code.hunk(from, to, body), registered];
}

/** The body of a listener, with `off` where the event is the right one; undefined for another shape of body. */
function untilRight(code: Code, { body }: ts.ArrowFunction, off: string, step: string, own: string): string[] | undefined {
  if (!isBlock(body) || /\/[/*]/.test(code.textOf(body))) return undefined;
  const [question, ...rest] = body.statements;
  if (question === undefined || !isIfStatement(question) || question.elseStatement !== undefined || /\bawait\b/.test(code.textOf(question.expression))) return undefined;
  let nested = false;
  eachNode(question.expression, (node) => { if (isFunctionExpression(node) || isCallExpression(node)) nested = true; });
  if (nested || !body.statements.every((one) => code.first(one) === code.last(one) || isIfStatement(one))) return undefined;
  const [inner, deeper] = [own + step, own + step + step];
  const condition = code.textOf(question.expression);
  if (rest.length === 0) {
    const acts = isBlock(question.thenStatement) ? [...question.thenStatement.statements] : [question.thenStatement];
    if (!acts.every((act) => code.first(act) === code.last(act))) return undefined;
    return [`${inner}if (${condition}) {`, `${deeper}${off}`, ...acts.map((act) => deeper + code.textOf(act)), `${inner}}`];
  }
  const leaves = isBlock(question.thenStatement) ? question.thenStatement.statements : [question.thenStatement];
  if (leaves.length !== 1 || !isReturnStatement(leaves[0]!) || leaves[0].expression !== undefined || !rest.every((act) => code.first(act) === code.last(act))) return undefined;
  return [`${inner}if (${condition}) return;`, `${inner}${off}`, ...rest.map((act) => inner + code.textOf(act))];
}

/** `target = right` of a statement; undefined for anything else. */
function assignmentOf(stmt: ts.Statement): { readonly target: string; readonly right: ts.Expression } | undefined {
  if (!isExpressionStatement(stmt) || !isBinaryExpression(stmt.expression) || stmt.expression.operatorToken.kind !== SyntaxKind.EqualsToken) return undefined;
  const target = dottedName(stmt.expression.left);
  return target === undefined ? undefined : { target, right: stmt.expression.right };
}
