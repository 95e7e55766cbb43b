import type { Sketch } from '../../../ir/repair.js';
import { bare, dottedName, isAwaitExpression, isBinaryExpression, isBlock, isBreakStatement, isCallExpression, isCaseOrDefaultClause, isClassDeclaration, isContinueStatement, isEnumDeclaration, isExpressionStatement, isFunctionDeclaration, isIdentifier, isOmittedExpression, isPropertyAccessExpression, isReturnStatement, isSourceFile, isThrowStatement, isTryStatement, isVariableStatement, SyntaxKind, type ts } from '../syntax.js';
import { eachNode, hasLongTemplate, indented, indentOf, names, stepOf, type Code, type Found, type Place } from './code.js';

/**
 * The release may move into a finally when each release stands right before the end of its way: what follows is a
 * return that waits for nothing. Where a try with such a finally is there already, it only has to begin earlier.
 */
export function releaseInFinally(code: Code | undefined, at: Place): Sketch | undefined {
  const found = code?.statementAt(at);
  if (code === undefined || found?.fn?.body === undefined || !code.alone(found.stmt)) return undefined;
  const isRelease = releaseAfter(code, found);
  if (isRelease === undefined) return undefined;
  const releases: { readonly stmt: ts.ExpressionStatement; readonly nested: boolean }[] = [];
  eachNode(found.fn.body, (node, nested) => { if (isExpressionStatement(node) && isRelease(node)) releases.push({ stmt: node, nested }); });
  if (releases.length === 0 || releases.some(({ nested }) => nested)) return undefined;
  return beginEarlier(code, found, releases.map(({ stmt }) => stmt)) ?? wrapRest(code, found, releases.map(({ stmt }) => stmt));
}

/** How the lock that the statement takes is given back: `release()` for `const release = await lock.acquire()`, else a method of the lock. */
function releaseAfter(code: Code, { stmt }: Found): ((stmt: ts.ExpressionStatement) => boolean) | undefined {
  const called = (expr: ts.Expression | undefined): ts.Expression | undefined => { const inner = expr === undefined ? undefined : bare(expr); return inner !== undefined && isAwaitExpression(inner) ? bare(inner.expression) : undefined; };
  if (isVariableStatement(stmt)) {
    const [only, ...others] = stmt.declarationList.declarations;
    if (only === undefined || others.length > 0 || !isIdentifier(only.name) || called(only.initializer) === undefined) return undefined;
    const name = only.name.text;
    return (one) => code.textOf(one.expression) === `${name}()`;
  }
  const call = isExpressionStatement(stmt) ? called(stmt.expression) : undefined;
  if (call === undefined || !isCallExpression(call) || !isPropertyAccessExpression(call.expression)) return undefined;
  const lock = dottedName(call.expression.expression);
  return lock === undefined ? undefined : (one) => [`${lock}.release()`, `${lock}.unlock()`].includes(code.textOf(one.expression));
}

/** `acquire; something; try { } finally { release }` becomes `acquire; try { something } finally { release }`. */
function beginEarlier(code: Code, { list, index, stmt }: Found, releases: readonly ts.ExpressionStatement[]): Sketch | undefined {
  const at = list.findIndex((one, position) => position > index + 1 && isTryStatement(one) && one.finallyBlock?.statements.some((last) => releases.includes(last as ts.ExpressionStatement)) === true);
  const guarded = list[at];
  if (guarded === undefined || !isTryStatement(guarded) || guarded.catchClause !== undefined || releases.length > 1) return undefined;
  const between = list.slice(index + 1, at);
  const [first] = guarded.tryBlock.statements;
  if (first === undefined || !between.every(code.alone) || hasLongTemplate(code, between) || (at < list.length - 1 && between.some((one) => declares(one)))) return undefined;
  const from = code.last(stmt) + 1;
  const head = code.first(guarded);
  const lines = code.lines(from, head);
  const opening = lines.at(-1)!;
  if (opening.trim() !== 'try {' || code.first(first) <= head) return undefined;
  const step = stepOf(code, { list: guarded.tryBlock.statements, stmt: first, index: 0, fn: undefined });
  return [code.hunk(from, head, [opening, ...indented(lines.slice(0, -1), step)])];
}

/** All that follows comes into a try, the releases go. */
function wrapRest(code: Code, found: Found, releases: readonly ts.ExpressionStatement[]): Sketch | undefined {
  const { list, index, stmt } = found;
  const rest = list.slice(index + 1);
  const lastOfRest = rest.at(-1);
  if (lastOfRest === undefined || !rest.every(code.alone) || hasLongTemplate(code, rest) || !releases.every((one) => code.alone(one) && leavesAfter(code, one, list))) return undefined;
  const from = code.last(stmt) + 1;
  const to = code.last(lastOfRest);
  const gone = new Set(releases.map(code.first));
  const release = code.textOf(releases[0]!);
  const own = indentOf(code.lines(code.first(stmt), code.first(stmt))[0]!);
  const step = stepOf(code, found);
  const body = code.lines(from, to).filter((_, position) => !gone.has(from + position));
  return [code.hunk(from, to, [`${own}try {`, ...indented(body, step), `${own}} finally {`, `${own}${step}${release}`, `${own}}`])];
}

/** What follows the statement ends its way and waits for nothing. */
function leavesAfter(code: Code, stmt: ts.Statement, outermost: readonly ts.Statement[]): boolean {
  const list = isBlock(stmt.parent) || isSourceFile(stmt.parent) || isCaseOrDefaultClause(stmt.parent) ? stmt.parent.statements : undefined;
  if (list === undefined) return false;
  const rest = list.slice(list.indexOf(stmt) + 1);
  if (rest.length === 0) return list === outermost;
  const [next] = rest;
  return rest.length === 1 && next !== undefined && (isReturnStatement(next) || isThrowStatement(next) || isBreakStatement(next) || isContinueStatement(next)) && !/\bawait\b|\byield\b/.test(code.textOf(next));
}

/** The statements between the set and the reset come into a try; the reset is its finally. */
export function resetInFinally(code: Code | undefined, set: Place, reset: Place): Sketch | undefined {
  const found = code?.statementAt(set);
  const end = code?.statementAt(reset);
  if (code === undefined || found === undefined || end === undefined || found.list !== end.list || end.index <= found.index + 1) return undefined;
  const flag = flagOf(found.stmt);
  if (flag === undefined || flagOf(end.stmt) !== flag || found.fn?.body === undefined) return undefined;
  const between = found.list.slice(found.index + 1, end.index);
  const tail = found.list.slice(end.index + 1);
  if (![found.stmt, ...between, end.stmt].every(code.alone) || hasLongTemplate(code, between)) return undefined;
  const declared = between.flatMap(declares);
  if (tail.some((one) => declared.some((name) => names(code, one, name)))) return undefined;
  // A second reset would let another call in before this one is over.
  let writes = 0;
  eachNode(found.fn.body, (node) => { if (isBinaryExpression(node) && node.operatorToken.kind === SyntaxKind.EqualsToken && dottedName(node.left) === flag) writes += 1; });
  if (writes !== 2) return undefined;
  const from = code.last(found.stmt) + 1;
  const to = code.last(end.stmt);
  const own = indentOf(code.lines(code.first(found.stmt), code.first(found.stmt))[0]!);
  const step = stepOf(code, found);
  const last = code.first(end.stmt);
  return [code.hunk(from, to, [`${own}try {`, ...indented(code.lines(from, last - 1), step), `${own}} finally {`, ...indented(code.lines(last, to), step), `${own}}`])];
}

/** `this.busy` of `this.busy = true`. */
function flagOf(stmt: ts.Statement): string | undefined {
  return isExpressionStatement(stmt) && isBinaryExpression(stmt.expression) && stmt.expression.operatorToken.kind === SyntaxKind.EqualsToken ? dottedName(stmt.expression.left) : undefined;
}

/** The names a statement brings into its list. */
function declares(stmt: ts.Statement): string[] {
  if (isVariableStatement(stmt)) return stmt.declarationList.declarations.flatMap(({ name }) => bound(name));
  if (isFunctionDeclaration(stmt) || isClassDeclaration(stmt) || isEnumDeclaration(stmt)) return stmt.name === undefined ? [] : [stmt.name.text];
  return [];
}

function bound(name: ts.BindingName): string[] {
  return isIdentifier(name) ? [name.text] : name.elements.flatMap((element) => (isOmittedExpression(element) ? [] : bound(element.name)));
}
