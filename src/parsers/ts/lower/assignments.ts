import { unknownType, unknownValue, variablePath, type Value } from '../../../ir/index.js';
import { bare, isArrayBindingPattern, isArrayLiteralExpression, isBinaryExpression, isClassExpression, isComputedPropertyName, isExpressionStatement, isForStatement, isIdentifier, isObjectLiteralExpression, isOmittedExpression, isPrefixUnaryExpression, isPropertyAccessExpression, isPropertyAssignment, isShorthandPropertyAssignment, isSpreadAssignment, isSpreadElement, nameText, SyntaxKind, type ts } from '../syntax.js';
import type { Body } from './body.js';
import { operatorOf, stable, valueOf } from './expressions.js';
import { comesOnce } from './calls.js';
import { placeOf, readAt, writePlace, type Place } from './places.js';
import { lowerClassMembers } from './function.js';

/** `a = b`, `a += b`, `a ??= b` and the patterns; what it yields is what was assigned. */
export function assign(b: Body, expr: ts.BinaryExpression): Value {
  const kind = expr.operatorToken.kind;
  const at = b.at(expr);
  if (kind === SyntaxKind.EqualsToken) {
    if (isPrototypeWork(b, expr)) return unknownValue;
    const value = valueOf(b, expr.right);
    assignTo(b, expr.left, value, expr);
    return value;
  }
  const place = placeOf(b, expr.left);
  readAt(b, place, expr.left);
  if (kind === SyntaxKind.QuestionQuestionEqualsToken || kind === SyntaxKind.BarBarEqualsToken || kind === SyntaxKind.AmpersandAmpersandEqualsToken) {
    const more = b.builder.newBlock();
    const after = b.builder.newBlock();
    const current: Value = place.path.root.kind === 'unknown' ? unknownValue : { kind: 'path', path: place.path };
    if (kind === SyntaxKind.QuestionQuestionEqualsToken) b.branch(b.at(expr.left), { kind: 'binary', operator: '==', left: current, right: { kind: 'constant', value: null } }, more, after);
    else if (kind === SyntaxKind.BarBarEqualsToken) b.branch(b.at(expr.left), current, after, more);
    else b.branch(b.at(expr.left), current, more, after);
    b.builder.enter(more);
    assignTo(b, expr.left, valueOf(b, expr.right), expr);
    b.builder.end({ kind: 'goto', to: after });
    b.builder.enter(after);
    return current;
  }
  const suspends = b.bound.suspending.has(expr.right);
  let current: Value = place.path.root.kind === 'unknown' ? unknownValue : { kind: 'path', path: place.path };
  if (suspends && current.kind === 'path') {
    const before = b.temporary(`before${b.wrapped += 1}`, unknownType, at);
    b.emit({ at: b.at(expr.left), op: 'write', path: variablePath(before), value: current, atomic: false });
    current = { kind: 'path', path: variablePath(before) };
  }
  const other = valueOf(b, expr.right);
  const operator = operatorOf(arithmetic(kind));
  const value: Value = operator === undefined ? unknownValue : { kind: 'binary', operator, left: current, right: other };
  // Without a suspension in between it is one step, as `x++` is.
  writePlace(b, place, value, at, suspends ? {} : { updates: true, verb: operator === '+' || operator === '-' ? 'increment' : 'update' });
  return value;
}

/** `X.prototype.m = function` and `module.exports = ...` declare; nothing happens when the line runs. */
function isPrototypeWork(b: Body, expr: ts.BinaryExpression): boolean {
  const left = bare(expr.left);
  if (!isPropertyAccessExpression(left)) return false;
  const on = bare(left.expression);
  const right = bare(expr.right);
  const callable = b.world.callableOf(right);
  if (callable?.record && (callable.record.methods.get(left.name.text) === callable || callable.record.staticMethods.get(left.name.text) === callable)) return true;
  return left.name.text === 'prototype' && isObjectLiteralExpression(right) && isIdentifier(on);
}

function arithmetic(kind: ts.SyntaxKind): ts.SyntaxKind {
  switch (kind) {
    case SyntaxKind.PlusEqualsToken: return SyntaxKind.PlusToken;
    case SyntaxKind.MinusEqualsToken: return SyntaxKind.MinusToken;
    case SyntaxKind.AsteriskEqualsToken: return SyntaxKind.AsteriskToken;
    case SyntaxKind.SlashEqualsToken: return SyntaxKind.SlashToken;
    case SyntaxKind.PercentEqualsToken: return SyntaxKind.PercentToken;
    case SyntaxKind.AmpersandEqualsToken: return SyntaxKind.AmpersandToken;
    case SyntaxKind.BarEqualsToken: return SyntaxKind.BarToken;
    case SyntaxKind.CaretEqualsToken: return SyntaxKind.CaretToken;
    default: return SyntaxKind.Unknown;
  }
}

/** `x++` and its kin: read and write in one step. */
export function updateExpression(b: Body, expr: ts.PrefixUnaryExpression | ts.PostfixUnaryExpression): Value {
  const place = placeOf(b, expr.operand);
  if (place.path.root.kind === 'unknown') return unknownValue;
  const current: Value = { kind: 'path', path: place.path };
  const value: Value = { kind: 'binary', operator: expr.operator === SyntaxKind.PlusPlusToken ? '+' : '-', left: current, right: { kind: 'constant', value: 1 } };
  const drops = isPrefixUnaryExpression(expr) || isExpressionStatement(expr.parent) || isForStatement(expr.parent);
  const before = drops ? undefined : b.temporary(`before${b.wrapped += 1}`, unknownType, b.at(expr));
  if (before !== undefined) b.emit({ at: b.at(expr), op: 'write', path: variablePath(before), value: current, atomic: false });
  writePlace(b, place, value, b.at(expr), { updates: true, verb: 'increment' });
  return before === undefined ? current : { kind: 'path', path: variablePath(before) };
}

/** Writes a value to a target: a location, a setter, or the parts of a pattern. */
export function assignTo(b: Body, target: ts.Expression, value: Value, node: ts.Node): void {
  const inner = bare(target);
  if (isArrayLiteralExpression(inner)) {
    inner.elements.forEach((element, index) => {
      if (!isOmittedExpression(element)) assignTo(b, withoutDefault(b, isSpreadElement(element) ? element.expression : element), partOf(value, String(index)), element);
    });
    return;
  }
  if (isObjectLiteralExpression(inner)) {
    for (const property of inner.properties) {
      if (isPropertyAssignment(property)) assignTo(b, withoutDefault(b, property.initializer), partOf(value, nameText(property.name)), property);
      else if (isShorthandPropertyAssignment(property)) assignTo(b, property.name, partOf(value, property.name.text), property);
      else if (isSpreadAssignment(property)) assignTo(b, property.expression, unknownValue, property);
    }
    return;
  }
  if (isPropertyAccessExpression(inner)) {
    const on = b.world.typeOf(inner.expression);
    const member = on.kind === 'instance' ? b.world.member(on.shape, inner.name.text) : undefined;
    if (member?.kind === 'accessor') {
      const receiver = valueOf(b, inner.expression);
      if (member.set) b.emit({ at: b.at(node), op: 'call', callee: { kind: 'static', target: member.set.id }, args: [receiver, value], results: [] });
      return;
    }
    if (/^on[a-z]+$/.test(inner.name.text) && (value.kind === 'closure' || value.kind === 'bound')) listens(b, inner, value);
  }
  const place = placeOf(b, inner);
  writePlace(b, place, value, b.at(node));
}

/** `ws.onmessage = ...` registers a listener. */
function listens(b: Body, target: ts.PropertyAccessExpression, value: Extract<Value, { kind: 'closure' | 'bound' }>): void {
  const source = placeOf(b, target.expression);
  b.emit({ at: b.at(target), op: 'spawn', callee: { kind: 'static', target: value.target }, args: value.kind === 'bound' ? [value.receiver] : [], via: target.name.text, repeated: true, ...(comesOnce(b.world.typeOf(target.expression), { kind: 'constant', value: target.name.text.slice(2) }) ? { single: true as const } : {}), ...(source.path.root.kind === 'variable' ? { source: source.path } : {}), event: target.name.text.slice(2) });
}

/** `x = 1` inside a pattern is a default. */
function withoutDefault(b: Body, target: ts.Expression): ts.Expression {
  const inner = bare(target);
  if (!isBinaryExpression(inner) || inner.operatorToken.kind !== SyntaxKind.EqualsToken) return target;
  valueOf(b, inner.right);
  return inner.left;
}

function partOf(value: Value, text: string | undefined): Value {
  if (text === undefined) return unknownValue;
  if (value.kind === 'allocation') return value.fields?.find((field) => field.name === text)?.value ?? unknownValue;
  return unknownValue;
}

/** Gives the names of a declaration their value; parts of a known place are read from it. */
export function bindPattern(b: Body, pattern: ts.BindingName, value: Value, source: Place | undefined, node: ts.Node): void {
  if (isIdentifier(pattern)) {
    const name = b.world.nameOf(pattern);
    if (name === undefined) return;
    const variable = b.lowering.variableOf(name);
    if (b.loopDepth > 0 && name.captured) b.emit({ at: b.at(pattern), op: 'declare', variable });
    if (value.kind === 'closure' && name.callable && name.assignments <= 1) return;
    b.emit({ at: b.at(node), op: 'write', path: variablePath(variable), value, atomic: false });
    return;
  }
  pattern.elements.forEach((element, index) => {
    if (isOmittedExpression(element)) return;
    if (element.propertyName && isComputedPropertyName(element.propertyName)) valueOf(b, element.propertyName.expression);
    const text = isArrayBindingPattern(pattern) ? String(index) : nameText(element.propertyName ?? (isIdentifier(element.name) ? element.name : undefined));
    const part = element.dotDotDotToken ? undefined : propertyOf(b, source, text, isArrayBindingPattern(pattern));
    if (part) readAt(b, part, element);
    if (element.initializer) valueOf(b, element.initializer);
    const partValue: Value = part && part.path.root.kind === 'variable' && !element.initializer ? { kind: 'path', path: part.path } : element.initializer ? unknownValue : partOf(value, text);
    bindPattern(b, element.name, partValue, part, element);
  });
}

function propertyOf(b: Body, source: Place | undefined, text: string | undefined, list: boolean): Place | undefined {
  if (source === undefined || text === undefined || source.path.root.kind === 'unknown') return undefined;
  if (list) return { path: { root: source.path.root, selectors: [...source.path.selectors, { kind: 'element', key: text }] }, shared: source.shared, type: source.type.kind === 'list' ? source.type.of : { kind: 'unknown' }, container: 'list' };
  const on = source.type;
  const member = on.kind === 'instance' ? b.world.member(on.shape, text) : undefined;
  if (member && member.kind !== 'field') return undefined;
  const owner = member ? member.owner.id : on.kind === 'instance' ? on.shape.id : on.kind === 'library' ? on.name : '';
  return { path: { root: source.path.root, selectors: [...source.path.selectors, { kind: 'field', name: text, owner }] }, shared: true, type: member?.kind === 'field' ? b.world.typeOfField(member.field, member.owner) : { kind: 'unknown' } };
}

/** `let x = ...`: evaluates and binds. */
export function declareVariable(b: Body, declaration: ts.VariableDeclaration): void {
  const { name, initializer } = declaration;
  if (initializer === undefined) {
    if (isIdentifier(name)) {
      const declared = b.world.nameOf(name);
      if (declared && b.loopDepth > 0 && declared.captured) b.emit({ at: b.at(name), op: 'declare', variable: b.lowering.variableOf(declared) });
      if (declared && declared.captured && declared.assignments > 1) b.emit({ at: b.at(name), op: 'write', path: variablePath(b.lowering.variableOf(declared)), value: { kind: 'constant', value: null }, atomic: false });
    }
    return;
  }
  const inner = bare(initializer);
  if (isClassExpression(inner)) return lowerClassMembers(b, inner);
  const value = stable(b, initializer, false);
  const isPlace = !isIdentifier(name) && (isPropertyAccessExpression(inner) || isIdentifier(inner) || inner.kind === SyntaxKind.ThisKeyword);
  const source: Place | undefined = isIdentifier(name) ? undefined : isPlace && value.kind === 'path' ? { path: value.path, shared: false, type: b.world.typeOf(initializer) } : undefined;
  bindPattern(b, name, value, source, declaration);
}
