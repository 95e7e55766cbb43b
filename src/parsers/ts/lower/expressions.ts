import { unknownType, unknownValue, variablePath, type BinaryOperator, type BlockId, type Location, type Value } from '../../../ir/index.js';
import { bare, forEachChild, isBinaryExpression, isCallExpression, isComputedPropertyName, isConditionalExpression, isExpression, isExpressionWithTypeArguments, isFunctionExpression, isIdentifier, isJsxAttribute, isJsxAttributes, isJsxExpression, isJsxOpeningElement, isJsxOpeningLikeElement, isJsxSpreadAttribute, isNumericLiteral, isPrefixUnaryExpression, isPropertyAssignment, isShorthandPropertyAssignment, isSpreadAssignment, isSpreadElement, isStringLiteralLike, isTemplateSpan, isTypeNode, nameText, SyntaxKind, type ts } from '../syntax.js';
import { listenerName } from '../../../models/typescript.js';
import { assign, updateExpression } from './assignments.js';
import { awaitOf, yieldOf } from './awaits.js';
import type { Body } from './body.js';
import { callOf, newOf } from './calls.js';
import { lowerClass } from './function.js';
import { functionValue, mayBeFunction } from './function-values.js';
import { placeOf, readAt, writePlace, elementOf } from './places.js';

const nothing: Value = { kind: 'constant', value: null };

/** Evaluates an expression; what it does becomes operations, what it yields the value. */
export function valueOf(b: Body, expr: ts.Expression): Value {
  const inner = bare(expr);
  switch (inner.kind) {
    case SyntaxKind.StringLiteral:
    case SyntaxKind.NoSubstitutionTemplateLiteral:
      return { kind: 'constant', value: (inner as ts.StringLiteral).text };
    case SyntaxKind.NumericLiteral:
      return { kind: 'constant', value: Number((inner as ts.NumericLiteral).text) };
    case SyntaxKind.TrueKeyword:
      return { kind: 'constant', value: true };
    case SyntaxKind.FalseKeyword:
      return { kind: 'constant', value: false };
    case SyntaxKind.NullKeyword:
      return nothing;
    case SyntaxKind.Identifier:
      return identifier(b, inner as ts.Identifier);
    case SyntaxKind.ThisKeyword: {
      const { path } = placeOf(b, inner);
      return path.root.kind === 'unknown' ? unknownValue : { kind: 'path', path };
    }
    case SyntaxKind.PropertyAccessExpression:
      return property(b, inner as ts.PropertyAccessExpression);
    case SyntaxKind.ElementAccessExpression: {
      const place = placeOf(b, inner);
      readAt(b, place, inner);
      return place.path.root.kind === 'unknown' ? unknownValue : { kind: 'path', path: place.path };
    }
    case SyntaxKind.CallExpression:
      return callOf(b, inner as ts.CallExpression, 'value').value;
    case SyntaxKind.NewExpression:
      return newOf(b, inner as ts.NewExpression);
    case SyntaxKind.AwaitExpression:
      return awaitOf(b, inner as ts.AwaitExpression);
    case SyntaxKind.YieldExpression:
      return yieldOf(b, inner as ts.YieldExpression);
    case SyntaxKind.BinaryExpression:
      return binary(b, inner as ts.BinaryExpression);
    case SyntaxKind.PrefixUnaryExpression: {
      const { operator, operand } = inner as ts.PrefixUnaryExpression;
      if (operator === SyntaxKind.PlusPlusToken || operator === SyntaxKind.MinusMinusToken) return updateExpression(b, inner as ts.PrefixUnaryExpression);
      const value = valueOf(b, operand);
      if (operator === SyntaxKind.ExclamationToken) return not(value);
      if (operator === SyntaxKind.MinusToken && value.kind === 'constant' && typeof value.value === 'number') return { kind: 'constant', value: -value.value };
      return unknownValue;
    }
    case SyntaxKind.PostfixUnaryExpression:
      return updateExpression(b, inner as ts.PostfixUnaryExpression);
    case SyntaxKind.ConditionalExpression: {
      const { condition, whenTrue, whenFalse } = inner as ts.ConditionalExpression;
      return choose(b, inner, condition, () => valueOf(b, whenTrue), () => valueOf(b, whenFalse));
    }
    case SyntaxKind.FunctionExpression:
    case SyntaxKind.ArrowFunction: {
      const callable = b.world.callableOf(inner);
      return callable ? { kind: 'closure', target: callable.id } : unknownValue;
    }
    case SyntaxKind.ClassExpression:
      lowerClass(b, inner as ts.ClassExpression);
      return unknownValue;
    case SyntaxKind.ObjectLiteralExpression:
      return objectLiteral(b, inner as ts.ObjectLiteralExpression);
    case SyntaxKind.ArrayLiteralExpression:
      return arrayLiteral(b, inner as ts.ArrayLiteralExpression);
    case SyntaxKind.VoidExpression: {
      const operand = bare((inner as ts.VoidExpression).expression);
      if (isCallExpression(operand)) callOf(b, operand, 'drop');
      else valueOf(b, operand);
      return nothing;
    }
    case SyntaxKind.DeleteExpression: {
      const place = placeOf(b, (inner as ts.DeleteExpression).expression);
      if (place.container) writePlace(b, place, unknownValue, b.at(inner), { verb: 'delete' });
      else writePlace(b, place, nothing, b.at(inner), { verb: 'delete' });
      return unknownValue;
    }
    default:
      // Templates, spreads, JSX and what newer languages bring: their parts are evaluated, what they yield is not known.
      evaluateParts(b, inner);
      return unknownValue;
  }
}

function evaluateParts(b: Body, node: ts.Node): void {
  forEachChild(node, (child) => {
    if (isTypeNode(child) && !isExpressionWithTypeArguments(child)) return;
    if (isJsxAttribute(child)) {
      if (child.initializer && !attributeListens(b, child)) evaluateParts(b, child);
    } else if (isTemplateSpan(child) || isJsxExpression(child) || isJsxAttributes(child) || isJsxSpreadAttribute(child) || isJsxOpeningElement(child)) evaluateParts(b, child);
    else if (isExpression(child) && !isJsxOpeningLikeElement(child) && child.kind !== SyntaxKind.TemplateHead) valueOf(b, child);
  });
}

/** `onClick={() => ...}`: runs each time it happens to what is drawn. */
function attributeListens(b: Body, attribute: ts.JsxAttribute): boolean {
  const event = isIdentifier(attribute.name) ? listenerName.exec(attribute.name.text)?.[1] : undefined;
  const handler = attribute.initializer && isJsxExpression(attribute.initializer) ? attribute.initializer.expression : undefined;
  if (event === undefined || handler === undefined || !mayBeFunction(b, handler)) return false;
  const fn = functionValue(b, handler);
  if (fn.callee.kind === 'static') b.emit({ at: b.at(attribute), op: 'spawn', callee: fn.callee, args: fn.args, via: `on${event}`, repeated: true, event: event[0]!.toLowerCase() + event.slice(1) });
  return true;
}

export function not(value: Value): Value {
  return value.kind === 'not' ? value.operand : { kind: 'not', operand: value };
}

function identifier(b: Body, node: ts.Identifier): Value {
  if (node.text === 'undefined') return nothing;
  const name = b.world.nameOf(node);
  if (name === undefined) return unknownValue;
  const type = b.world.typeOf(node);
  if (type.kind === 'function' && (name.callable === undefined || name.assignments <= 1)) return { kind: 'closure', target: type.callable.id };
  const place = placeOf(b, node);
  readAt(b, place, node);
  return place.path.root.kind === 'unknown' ? unknownValue : { kind: 'path', path: place.path };
}

function property(b: Body, expr: ts.PropertyAccessExpression): Value {
  const text = expr.name.text;
  const on = b.world.typeOf(expr.expression);
  if (on.kind === 'instance') {
    const member = b.world.member(on.shape, text);
    if (member?.kind === 'method') {
      const receiver = valueOf(b, expr.expression);
      return { kind: 'bound', target: member.callable.id, receiver };
    }
    if (member?.kind === 'accessor') {
      const receiver = valueOf(b, expr.expression);
      if (member.get === undefined) return unknownValue;
      const result = b.temporary(`${text}`, unknownType, b.at(expr));
      b.emit({ at: b.at(expr), op: 'call', callee: { kind: 'static', target: member.get.id }, args: [receiver], results: [result] });
      return { kind: 'path', path: variablePath(result) };
    }
  }
  if (on.kind === 'enum') return enumMember(on.node, text);
  const type = b.world.typeOf(expr);
  if (type.kind === 'function') {
    valueOf(b, expr.expression);
    return { kind: 'closure', target: type.callable.id };
  }
  if ((on.kind === 'list' && text === 'length') || (on.kind === 'map' && on.flavour !== 'dictionary' && text === 'size')) {
    const place = placeOf(b, expr.expression);
    readAt(b, place, expr.expression);
    if (place.path.root.kind === 'unknown') return unknownValue;
    readAt(b, elementOf(b, place, undefined, { kind: 'unknown' }), expr, { verb: 'len' });
    return { kind: 'length', of: place.path };
  }
  const place = placeOf(b, expr);
  readAt(b, place, expr);
  return place.path.root.kind === 'unknown' ? unknownValue : { kind: 'path', path: place.path };
}

/** `State.Ready`: its initializer, or one more than the member before it. */
function enumMember(node: ts.EnumDeclaration, text: string): Value {
  let next: number | undefined = 0;
  for (const member of node.members) {
    const initializer = member.initializer && bare(member.initializer);
    const value: string | number | undefined = initializer === undefined ? next : isStringLiteralLike(initializer) ? initializer.text : isNumericLiteral(initializer) ? Number(initializer.text) : undefined;
    if (nameText(member.name) === text) return value === undefined ? unknownValue : { kind: 'constant', value };
    next = typeof value === 'number' ? value + 1 : undefined;
  }
  return unknownValue;
}

/** The value of an operand whose later neighbours suspend: it is what it was before they did. */
export function stable(b: Body, expr: ts.Expression, isSuspendedAfter: boolean): Value {
  const value = valueOf(b, expr);
  if (value.kind !== 'path' || value.path.root.kind !== 'variable' || value.path.root.variable.kind === 'temporary' || !isSuspendedAfter) return value;
  const before = b.temporary(`before${b.wrapped += 1}`, unknownType, b.at(expr));
  b.emit({ at: b.at(expr), op: 'write', path: variablePath(before), value, atomic: false });
  return { kind: 'path', path: variablePath(before) };
}

/** The values of expressions that are evaluated one after the other and used together. */
export function inTurn(b: Body, list: readonly ts.Expression[]): Value[] {
  const { suspending } = b.bound;
  let last = suspending.size === 0 ? -1 : list.length - 1;
  while (last >= 0 && !suspending.has(list[last]!)) last--;
  const values = new Array<Value>(list.length);
  for (let index = 0; index < list.length; index++) {
    const one = list[index]!;
    values[index] = stable(b, isSpreadElement(one) ? one.expression : one, index < last);
  }
  return values;
}

const operators: ReadonlyMap<ts.SyntaxKind, BinaryOperator> = new Map([
  [SyntaxKind.EqualsEqualsToken, '=='],
  [SyntaxKind.EqualsEqualsEqualsToken, '=='],
  [SyntaxKind.ExclamationEqualsToken, '!='],
  [SyntaxKind.ExclamationEqualsEqualsToken, '!='],
  [SyntaxKind.LessThanToken, '<'],
  [SyntaxKind.LessThanEqualsToken, '<='],
  [SyntaxKind.GreaterThanToken, '>'],
  [SyntaxKind.GreaterThanEqualsToken, '>='],
  [SyntaxKind.PlusToken, '+'],
  [SyntaxKind.MinusToken, '-'],
  [SyntaxKind.AsteriskToken, '*'],
  [SyntaxKind.SlashToken, '/'],
  [SyntaxKind.PercentToken, '%'],
  [SyntaxKind.AmpersandToken, '&'],
  [SyntaxKind.BarToken, '|'],
  [SyntaxKind.CaretToken, '^'],
  [SyntaxKind.LessThanLessThanToken, '<<'],
  [SyntaxKind.GreaterThanGreaterThanToken, '>>'],
]);

export function operatorOf(kind: ts.SyntaxKind): BinaryOperator | undefined {
  return operators.get(kind);
}

function binary(b: Body, expr: ts.BinaryExpression): Value {
  const { left, right } = expr;
  const kind = expr.operatorToken.kind;
  if (kind >= SyntaxKind.FirstAssignment && kind <= SyntaxKind.LastAssignment) return assign(b, expr);
  switch (kind) {
    case SyntaxKind.CommaToken:
      discard(b, left);
      return valueOf(b, right);
    case SyntaxKind.AmpersandAmpersandToken:
    case SyntaxKind.BarBarToken:
    case SyntaxKind.QuestionQuestionToken:
      return shortCircuit(b, expr);
    case SyntaxKind.InKeyword: {
      const place = placeOf(b, right);
      readAt(b, place, right);
      valueOf(b, left);
      if (place.path.root.kind === 'unknown') return unknownValue;
      const entry = elementOf(b, place, left, { kind: 'unknown' });
      readAt(b, entry, expr, { verb: 'has' });
      return { kind: 'unknown', entry: entry.path };
    }
    default: {
      // A long sum is a list that leans to the left: it is walked, not descended.
      const chain: ts.BinaryExpression[] = [expr];
      for (let at = bare(left); isBinaryExpression(at) && at.operatorToken.kind === kind && chain.length < 100_000; at = bare(at.left)) chain.push(at);
      const last = chain[chain.length - 1]!;
      let value = stable(b, last.left, chain.some((one) => b.bound.suspending.has(one.right)));
      for (let index = chain.length - 1; index >= 0; index--) {
        const one = chain[index]!;
        const other = stable(b, one.right, chain.slice(Math.max(0, index - 8), index).some((next) => b.bound.suspending.has(next.right)));
        const operator = operators.get(kind);
        value = operator === undefined || index < chain.length - 16 ? unknownValue : { kind: 'binary', operator, left: value, right: other };
      }
      return value;
    }
  }
}

/** Does evaluating it do anything that others could notice? */
function acts(node: ts.Node): boolean {
  switch (node.kind) {
    case SyntaxKind.CallExpression:
    case SyntaxKind.NewExpression:
    case SyntaxKind.AwaitExpression:
    case SyntaxKind.YieldExpression:
    case SyntaxKind.DeleteExpression:
    case SyntaxKind.PostfixUnaryExpression:
    case SyntaxKind.TaggedTemplateExpression:
      return true;
    case SyntaxKind.BinaryExpression: {
      const { kind } = (node as ts.BinaryExpression).operatorToken;
      if (kind >= SyntaxKind.FirstAssignment && kind <= SyntaxKind.LastAssignment) return true;
      break;
    }
    case SyntaxKind.PrefixUnaryExpression: {
      const { operator } = node as ts.PrefixUnaryExpression;
      if (operator === SyntaxKind.PlusPlusToken || operator === SyntaxKind.MinusMinusToken) return true;
      break;
    }
    case SyntaxKind.FunctionExpression:
    case SyntaxKind.ArrowFunction:
      return false;
    default:
  }
  return forEachChild(node, (child) => acts(child) || undefined) ?? false;
}

/** `a && b`, `a || b`, `a ?? b`: a branch when the right side does anything, else a plain value. */
function shortCircuit(b: Body, expr: ts.BinaryExpression): Value {
  const { left, right } = expr;
  const kind = expr.operatorToken.kind;
  const at = b.at(expr);
  if (!acts(right)) {
    const first = valueOf(b, left);
    const second = valueOf(b, right);
    return { kind: 'binary', operator: kind === SyntaxKind.AmpersandAmpersandToken ? '&&' : '||', left: first, right: second };
  }
  const result = b.temporary(`either${b.wrapped += 1}`, unknownType, at);
  const more = b.builder.newBlock();
  const after = b.builder.newBlock();
  const first = stable(b, left, b.bound.suspending.has(right));
  b.emit({ at, op: 'write', path: variablePath(result), value: first, atomic: false });
  if (kind === SyntaxKind.AmpersandAmpersandToken) b.branch(b.at(left), first, more, after);
  else if (kind === SyntaxKind.BarBarToken) b.branch(b.at(left), first, after, more);
  else b.branch(b.at(left), { kind: 'binary', operator: '==', left: first, right: nothing }, more, after);
  b.builder.enter(more);
  b.emit({ at, op: 'write', path: variablePath(result), value: valueOf(b, right), atomic: false });
  b.builder.end({ kind: 'goto', to: after });
  b.builder.enter(after);
  result.assignments = 2;
  return { kind: 'path', path: variablePath(result) };
}

function choose(b: Body, node: ts.Node, condition: ts.Expression, whenTrue: () => Value, whenFalse: () => Value): Value {
  const at = b.at(node);
  const result = b.temporary(`either${b.wrapped += 1}`, unknownType, at);
  const [yes, no, after] = [b.builder.newBlock(), b.builder.newBlock(), b.builder.newBlock()];
  branchOn(b, condition, yes, no);
  for (const [block, value] of [[yes, whenTrue], [no, whenFalse]] as const) {
    b.builder.enter(block);
    b.emit({ at, op: 'write', path: variablePath(result), value: value(), atomic: false });
    b.builder.end({ kind: 'goto', to: after });
  }
  b.builder.enter(after);
  result.assignments = 2;
  return { kind: 'path', path: variablePath(result) };
}

/** Evaluates for what it does: `a && f()` and `c ? f() : g()` stand as statements. */
export function discard(b: Body, expr: ts.Expression): void {
  const inner = bare(expr);
  if (isCallExpression(inner)) return void callOf(b, inner, 'drop');
  if (isBinaryExpression(inner)) {
    const kind = inner.operatorToken.kind;
    if (kind === SyntaxKind.AmpersandAmpersandToken || kind === SyntaxKind.BarBarToken) {
      const [more, after] = [b.builder.newBlock(), b.builder.newBlock()];
      if (kind === SyntaxKind.AmpersandAmpersandToken) branchOn(b, inner.left, more, after);
      else branchOn(b, inner.left, after, more);
      b.builder.enter(more);
      discard(b, inner.right);
      b.builder.end({ kind: 'goto', to: after });
      b.builder.enter(after);
      return;
    }
    if (kind === SyntaxKind.CommaToken) {
      discard(b, inner.left);
      return discard(b, inner.right);
    }
  }
  if (isConditionalExpression(inner)) {
    const [yes, no, after] = [b.builder.newBlock(), b.builder.newBlock(), b.builder.newBlock()];
    branchOn(b, inner.condition, yes, no);
    for (const [block, branch] of [[yes, inner.whenTrue], [no, inner.whenFalse]] as const) {
      b.builder.enter(block);
      discard(b, branch);
      b.builder.end({ kind: 'goto', to: after });
    }
    b.builder.enter(after);
    return;
  }
  valueOf(b, inner);
}

/** Branches on a condition; `&&`, `||` and `!` become control flow. */
export function branchOn(b: Body, condition: ts.Expression, onTrue: BlockId, onFalse: BlockId, loop?: true): void {
  const inner = bare(condition);
  if (isPrefixUnaryExpression(inner) && inner.operator === SyntaxKind.ExclamationToken) {
    const operand = bare(inner.operand);
    if (!loop && (isBinaryExpression(operand) || isPrefixUnaryExpression(operand))) return branchOn(b, operand, onFalse, onTrue);
  }
  if (isBinaryExpression(inner) && (inner.operatorToken.kind === SyntaxKind.AmpersandAmpersandToken || inner.operatorToken.kind === SyntaxKind.BarBarToken)) {
    const both = inner.operatorToken.kind === SyntaxKind.AmpersandAmpersandToken;
    const chain: ts.Expression[] = [inner.right];
    let left: ts.Expression = bare(inner.left);
    for (; isBinaryExpression(left) && left.operatorToken.kind === inner.operatorToken.kind; left = bare(left.left)) chain.unshift(left.right);
    chain.unshift(left);
    chain.forEach((part, index) => {
      if (index === chain.length - 1) return branchOn(b, part, onTrue, onFalse, loop);
      const next = b.builder.newBlock();
      branchOn(b, part, both ? next : onTrue, both ? onFalse : next);
      b.builder.enter(next);
    });
    return;
  }
  b.branch(b.at(inner), valueOf(b, inner), onTrue, onFalse, loop ? { loop } : undefined);
}

/** Elements of a table of data that are known: nobody asks for one of so many constants by its number. */
const maxConstants = 1000;

function arrayLiteral(b: Body, node: ts.ArrayLiteralExpression): Value {
  const { elements } = node;
  const isData = elements.length > maxConstants && elements.every((element, index) => index < maxConstants || isConstant(element));
  const fields = inTurn(b, isData ? elements.slice(0, maxConstants) : elements).map((value, index) => ({ name: String(index), value }));
  const made: Value = { kind: 'allocation', site: b.at(node), type: { kind: 'list', element: unknownType, fixed: false }, pointer: true, fields };
  return isData ? { ...made, more: true } : made;
}

function isConstant(element: ts.Expression): boolean {
  switch (element.kind) {
    case SyntaxKind.NumericLiteral:
    case SyntaxKind.StringLiteral:
    case SyntaxKind.NoSubstitutionTemplateLiteral:
    case SyntaxKind.TrueKeyword:
    case SyntaxKind.FalseKeyword:
    case SyntaxKind.NullKeyword:
      return true;
    default:
      return false;
  }
}

function objectLiteral(b: Body, node: ts.ObjectLiteralExpression): Value {
  const shape = b.bound.shapeOf.get(node);
  const fields: { readonly name: string; readonly value: Value }[] = [];
  const last = node.properties.findLastIndex((member) => isPropertyAssignment(member) && b.bound.suspending.has(member.initializer));
  node.properties.forEach((member, index) => {
    const text = nameText(member.name);
    if (member.name && isComputedPropertyName(member.name)) valueOf(b, member.name.expression);
    let value: Value = unknownValue;
    if (isPropertyAssignment(member)) {
      const inner = bare(member.initializer);
      value = isFunctionExpression(inner) ? valueOf(b, inner) : stable(b, inner, index < last);
    } else if (isShorthandPropertyAssignment(member)) value = valueOf(b, member.name);
    else if (isSpreadAssignment(member)) valueOf(b, member.expression);
    else {
      const callable = b.world.callableOf(member);
      if (callable) value = { kind: 'closure', target: callable.id };
    }
    if (text !== undefined) fields.push({ name: text, value });
  });
  const type = shape ? { kind: 'record' as const, name: shape.id } : node.properties.length === 0 ? { kind: 'map' as const, key: unknownType, value: unknownType } : unknownType;
  return { kind: 'allocation', site: b.at(node), type, pointer: true, fields };
}

export function endOf(at: Location): Location {
  return { file: at.file, line: at.endLine, column: Math.max(1, at.endColumn - 1), endLine: at.endLine, endColumn: at.endColumn };
}
