import { bare, hasModifier, isAccessor, isArrowFunction, isClassExpression, isClassLike, isClassStaticBlockDeclaration, isComputedPropertyName, isConstructorDeclaration, isFunctionExpression, isFunctionKeyword, isFunctionNode, isGetAccessor, isIdentifier, isMethodDeclaration, isMethodSignature, isObjectLiteralExpression, isPropertyAccessExpression, isPropertyAssignment, isPropertyDeclaration, isPropertySignature, isSetAccessor, isShorthandPropertyAssignment, isSpreadAssignment, nameText, SyntaxKind, type ts } from '../syntax.js';
import { body, visit, visitAll } from './bind.js';
import { callable, declare, field, inner, lookup, maxOrigins, newShape, outerOf, pathName, use, type Binder } from './binder.js';
import type { Callable, Scope, Shape } from './types.js';

/** A class: its methods, and fields with what they start as. */
export function classLike(binder: Binder, node: ts.ClassLikeDeclaration, scope: Scope): void {
  const { shapeOf, exports } = binder;
  const shape = shapeOf.get(node) ?? newShape(binder, 'class', node, node.name?.text ?? (hasModifier(node, SyntaxKind.DefaultKeyword) ? 'default' : `class${++scope.callable.literals}`), scope);
  if (hasModifier(node, SyntaxKind.DefaultKeyword) && !node.name) {
    shape.exported = true;
    exports.set('default', { kind: 'expression', expr: node as unknown as ts.Expression });
  }
  const own = inner(scope);
  if (node.name && isClassExpression(node)) declare(binder, own, node.name.text, 'class', node.name, { record: shape });
  if (shape.base) visit(binder, shape.base, scope);
  for (const member of node.members) {
    const isStatic = hasModifier(member, SyntaxKind.StaticKeyword);
    const hidden = hasModifier(member, SyntaxKind.PrivateKeyword) || hasModifier(member, SyntaxKind.ProtectedKeyword);
    const text = nameText(member.name);
    if (member.name && isComputedPropertyName(member.name)) visit(binder, member.name.expression, scope);
    const hides = hidden || text === undefined || /^(?:#|_|\[(?!Symbol\.))/.test(text);
    if (isConstructorDeclaration(member)) {
      if (!member.body) continue;
      if (shape.constructs !== undefined && shape.constructs.node !== member && shape.constructs.node !== node) binder.gaps.push({ at: binder.unit.at(member), reason: 'a second constructor of one class' });
      const made = shape.constructs ?? callable(binder, member, `${shape.label}.constructor`, outerOf(binder, scope), { record: shape, hidden: true });
      shape.constructs = made;
      body(binder, member, made, own);
    } else if (isMethodDeclaration(member)) {
      if (!member.body) continue;
      const made = callable(binder, member, `${shape.label}.${text ?? `method${++scope.callable.literals}`}`, outerOf(binder, scope), { record: shape, isStatic, hidden: hides });
      if (text !== undefined) (isStatic ? shape.staticMethods : shape.methods).set(text, made);
      body(binder, member, made, own);
    } else if (isGetAccessor(member) || isSetAccessor(member)) {
      if (!member.body) continue;
      const made = callable(binder, member, `${shape.label}.${isGetAccessor(member) ? 'get' : 'set'} ${text ?? ''}`, outerOf(binder, scope), { record: shape, isStatic, hidden: hides });
      if (text !== undefined && !isStatic) (isGetAccessor(member) ? shape.getters : shape.setters).set(text, made);
      body(binder, member, made, own);
    } else if (isPropertyDeclaration(member)) {
      const value = member.initializer && bare(member.initializer);
      if (value && isFunctionExpression(value) && text !== undefined) {
        const made = callable(binder, value, `${shape.label}.${text}`, outerOf(binder, scope), { record: shape, isStatic, hidden: hides });
        (isStatic ? shape.staticMethods : shape.methods).set(text, made);
        body(binder, value, made, own);
        continue;
      }
      if (text !== undefined) {
        const known = field(shape, text, member, isStatic);
        known.typeNode = member.type;
        known.hidden ||= hidden;
        if (member.initializer) {
          known.assignments += 1;
          known.origins.push({ expr: member.initializer });
        }
      }
      if (member.initializer) visit(binder, member.initializer, inner(own, constructorOf(binder, shape, own), true));
    } else if (isClassStaticBlockDeclaration(member)) visitAll(binder, member.body.statements, inner(own));
  }
}

/** Field initialisers run in the constructor, written or not. */
function constructorOf(binder: Binder, shape: Shape, scope: Scope): Callable {
  const written = isClassLike(shape.node) ? shape.node.members.find((member) => isConstructorDeclaration(member) && member.body) : undefined;
  if (written) return shape.constructs ?? (shape.constructs = callable(binder, written as ts.ConstructorDeclaration, `${shape.label}.constructor`, outerOf(binder, scope), { record: shape, hidden: true }));
  return (shape.constructs ??= callable(binder, shape.node as ts.ClassLikeDeclaration, `${shape.label}.constructor`, outerOf(binder, scope), { record: shape, hidden: true }));
}

export function readInterface(shape: Shape, members: readonly ts.TypeElement[]): void {
  for (const member of members) {
    const text = nameText(member.name);
    if (text === undefined) continue;
    if (isPropertySignature(member)) {
      field(shape, text, member).typeNode = member.type;
      if (member.type) shape.signatures.set(text, member.type);
    } else if (isMethodSignature(member) && member.type) shape.signatures.set(text, member.type);
  }
}

/** An object literal: one with methods of its own is a class with one object. */
export function objectLiteral(binder: Binder, node: ts.ObjectLiteralExpression, scope: Scope): void {
  const { shapeOf, init } = binder;
  const shape = shapeOf.get(node) ?? (holdsFunctions(node) && namesItself(node) ? newShape(binder, 'literal', node, `object${++scope.callable.literals}`, scope) : undefined);
  const label = shape === undefined || /^object\d+$/.test(shape.label.split('.').pop()!) ? scope.callable === init ? undefined : scope.callable.name : shape.label;
  for (const property of node.properties) {
    const text = nameText(property.name);
    const named = label === undefined || text === undefined ? undefined : `${label}.${text}`;
    if (property.name && isComputedPropertyName(property.name)) visit(binder, property.name.expression, scope);
    if (isMethodDeclaration(property) || isAccessor(property)) {
      const made = callable(binder, property, named ?? pathName(binder, scope, text ?? `func${++scope.callable.literals}`), outerOf(binder, scope), { record: shape, hidden: text?.startsWith('_') ?? true });
      if (shape && text !== undefined) (isGetAccessor(property) ? shape.getters : isSetAccessor(property) ? shape.setters : shape.methods).set(text, made);
      body(binder, property, made, scope);
    } else if (isPropertyAssignment(property)) {
      const value = bare(property.initializer);
      if (isFunctionExpression(value) && text !== undefined) {
        const made = callable(binder, value, named ?? pathName(binder, scope, text), outerOf(binder, scope), { record: isArrowFunction(value) ? undefined : shape, hidden: text.startsWith('_') });
        shape?.methods.set(text, made);
        body(binder, value, made, scope);
        continue;
      }
      if (shape && text !== undefined) {
        const known = field(shape, text, property);
        known.assignments += 1;
        known.origins.push({ expr: property.initializer });
      }
      visit(binder, property.initializer, scope);
    } else if (isShorthandPropertyAssignment(property)) {
      use(binder, property.name, scope);
      if (property.objectAssignmentInitializer) visit(binder, property.objectAssignmentInitializer, scope);
    } else if (isSpreadAssignment(property)) visit(binder, property.expression, scope);
  }
}

export function holdsFunctions(literal: ts.ObjectLiteralExpression): boolean {
  return literal.properties.some((property) => isMethodDeclaration(property) || isAccessor(property) || (isPropertyAssignment(property) && isFunctionExpression(bare(property.initializer))));
}

/** Literals with methods that speak of `this`: their fields are shared as those of a class are. */
function namesItself(node: ts.ObjectLiteralExpression): boolean {
  return node.properties.some((property) => (isMethodDeclaration(property) || isAccessor(property) || (isPropertyAssignment(property) && isFunctionKeyword(bare(property.initializer)))));
}

/** `X.prototype.m = function`, `module.exports = ...`, `exports.f = ...`: classes and exports as plain JavaScript writes them. */
export function memberAssignment(binder: Binder, left: ts.Expression, right: ts.Expression, scope: Scope): void {
  const { callables, exports, init } = binder;
  const target = bare(left);
  const value = bare(right);
  if (!isPropertyAccessExpression(target)) return;
  const text = target.name.text;
  const on = bare(target.expression);
  if (isIdentifier(on) && (on.text === 'module' || on.text === 'exports') && scope.callable === init) {
    if (on.text === 'module' && text === 'exports') exports.set('=', { kind: 'expression', expr: value });
    else if (on.text === 'exports') exports.set(text, { kind: 'expression', expr: value });
  }
  if (isPropertyAccessExpression(on) && on.name.text === 'exports' && isIdentifier(on.expression) && on.expression.text === 'module') exports.set(text, { kind: 'expression', expr: value });
  const prototype = isPropertyAccessExpression(on) && on.name.text === 'prototype' && isIdentifier(bare(on.expression)) ? (bare(on.expression) as ts.Identifier) : undefined;
  if (prototype) {
    const shape = constructorShape(binder, prototype, scope);
    if (shape && isFunctionExpression(value)) shape.methods.set(text, callable(binder, value, `${shape.label}.${text}`, outerOf(binder, scope), { record: shape, hidden: text.startsWith('_') }));
    return;
  }
  if (text === 'prototype' && isIdentifier(on) && isObjectLiteralExpression(value)) {
    const shape = constructorShape(binder, on, scope);
    if (shape === undefined) return;
    for (const property of value.properties) {
      const name = nameText(property.name);
      const fn = isPropertyAssignment(property) ? bare(property.initializer) : property;
      if (name !== undefined && isFunctionNode(fn)) shape.methods.set(name, callable(binder, fn, `${shape.label}.${name}`, outerOf(binder, scope), { record: shape, hidden: name.startsWith('_') }));
    }
    return;
  }
  if (isFunctionExpression(value) && !callables.has(value)) {
    const self = on.kind === SyntaxKind.ThisKeyword ? shapeAround(scope) : isIdentifier(on) ? lookup(scope, on.text)?.record : undefined;
    if (self) {
      const made = callable(binder, value, `${self.label}.${text}`, outerOf(binder, scope), { record: isArrowFunction(value) ? undefined : self, hidden: text.startsWith('_') });
      if (on.kind === SyntaxKind.ThisKeyword && !self.methods.has(text)) self.methods.set(text, made);
      else if (self.kind !== 'literal') self.staticMethods.set(text, made);
      else if (!self.methods.has(text)) self.methods.set(text, made);
    } else if (isIdentifier(on) && (on.text === 'exports' || on.text === 'module')) callable(binder, value, pathName(binder, scope, text), outerOf(binder, scope));
  }
}

function constructorShape(binder: Binder, ident: ts.Identifier, scope: Scope): Shape | undefined {
  const name = lookup(scope, ident.text);
  if (name === undefined) return undefined;
  if (name.record) return name.record;
  const made = name.callable;
  if (made === undefined) return undefined;
  const shape = newShape(binder, 'function', made.node, name.text, scope);
  shape.constructs = made;
  made.record = shape;
  shape.exported = name.exported;
  name.record = shape;
  return shape;
}

function shapeAround(scope: Scope): Shape | undefined {
  for (let at: Callable | undefined = scope.callable; at; at = at.arrow ? at.outer : undefined) if (at.record && !at.isStatic) return at.record;
  return undefined;
}

/** A function with a capital that fills `this` is a class without the word. */
function functionShape(binder: Binder, made: Callable, scope: Scope): Shape | undefined {
  const node = made.node as ts.FunctionDeclaration;
  return node.name && /^[A-Z]/.test(node.name.text) ? constructorShape(binder, node.name, scope) : undefined;
}

function thisAround(binder: Binder, expr: ts.Expression): Shape | undefined {
  const { callables } = binder;
  for (let node: ts.Node | undefined = expr; node; node = node.parent) {
    const at = callables.get(node);
    if (at && !(at.arrow && at.record === undefined)) return at.isStatic ? undefined : at.record;
  }
  return undefined;
}

/** Fields that are assigned without being declared, and what each may hold. */
export function collectMembers(binder: Binder): void {
  const { uses, selfAssignments } = binder;
  for (const { member, scope, origin } of selfAssignments) {
    const on = bare(member.expression);
    const text = isPropertyAccessExpression(member) ? member.name.text : undefined;
    if (text === undefined) continue;
    let shape: Shape | undefined;
    let isStatic = false;
    if (on.kind === SyntaxKind.ThisKeyword) {
      let at: Callable | undefined = scope.callable;
      while (at?.arrow && at.record === undefined) at = at.outer;
      shape = at?.record ?? (at && at.node.kind === SyntaxKind.FunctionDeclaration ? functionShape(binder, at, scope) : undefined);
      isStatic = at?.isStatic ?? false;
    } else if (isIdentifier(on)) {
      const name = uses.get(on);
      const self = name?.constant === true || name?.assignments === 1 ? name?.origins[0] : undefined;
      if (self && !self.part && bare(self.expr).kind === SyntaxKind.ThisKeyword) shape = thisAround(binder, self.expr);
      else if (name?.record && (name.kind === 'class' || name.record.kind === 'literal' || name.record.kind === 'function')) {
        shape = name.record;
        isStatic = name.record.kind !== 'literal';
      }
    }
    if (shape === undefined || (isStatic ? shape.staticMethods : shape.methods).has(text) || shape.setters.has(text)) continue;
    const known = field(shape, text, member, isStatic);
    known.assignments += 1;
    if (origin && known.origins.length < maxOrigins) known.origins.push(origin);
  }
}
