import { bare, hasModifier, isArrayBindingPattern, isArrayLiteralExpression, isBinaryExpression, isClassExpression, isComputedPropertyName, isElementAccessExpression, isForInStatement, isForOfStatement, isFunctionExpression, isIdentifier, isObjectBindingPattern, isObjectLiteralExpression, isOmittedExpression, isPropertyAccessExpression, isPropertyAssignment, isShorthandPropertyAssignment, isSpreadElement, nameText, NodeFlags, SyntaxKind, type ts } from '../syntax.js';
import { visit } from './bind.js';
import { callable, declare, functionScope, lookup, marksSuspension, maxOrigins, newShape, outerOf, pathName, use, type Binder } from './binder.js';
import { holdsFunctions } from './classes.js';
import { exportPattern, requiredModule } from './exports.js';
import type { Origin, Scope } from './types.js';

/** A declaration list: names, and what they start as. */
export function variables(binder: Binder, list: ts.VariableDeclarationList, scope: Scope, statement: ts.VariableStatement | undefined): void {
  const { uses, root } = binder;
  const blockScoped = (list.flags & NodeFlags.BlockScoped) !== 0;
  const home = blockScoped ? scope : functionScope(scope);
  if ((list.flags & NodeFlags.AwaitUsing) === NodeFlags.AwaitUsing) marksSuspension(binder, list);
  const each = list.parent && (isForOfStatement(list.parent) || isForInStatement(list.parent)) ? list.parent : undefined;
  for (const declaration of list.declarations) {
    if (!(blockScoped && statement)) declarePattern(binder, declaration.name, home, declaration, (list.flags & NodeFlags.Const) !== 0);
    const { name, initializer } = declaration;
    if (each) originate(binder, name, { expr: each.expression, part: [isForOfStatement(each) ? '[]' : 'key'] }, scope);
    if (initializer) {
      originate(binder, name, { expr: initializer }, scope);
      const inside = bare(initializer);
      if (isIdentifier(name)) {
        const own = uses.get(name)!;
        if (isFunctionExpression(inside)) {
          own.callable = callable(binder, inside, pathName(binder, scope, name.text), outerOf(binder, scope), { record: undefined });
        } else if (isClassExpression(inside)) own.record = newShape(binder, 'class', inside, name.text, scope);
        else if (isObjectLiteralExpression(inside) && holdsFunctions(inside)) own.record = newShape(binder, 'literal', inside, name.text, scope);
        const required = requiredModule(binder, inside);
        if (required !== undefined) own.import = { from: required.from, name: required.name };
      } else if (requiredModule(binder, inside) !== undefined && isObjectBindingPattern(name)) {
        for (const element of name.elements) {
          const text = nameText(element.propertyName ?? (isIdentifier(element.name) ? element.name : undefined));
          if (isIdentifier(element.name) && text !== undefined) uses.get(element.name)!.import = { from: requiredModule(binder, inside)!.from, name: text };
        }
      }
      visit(binder, initializer, scope);
    } else if (!each && isIdentifier(name)) {
      // It holds nothing until the first assignment: that is a change as any other.
      uses.get(name)!.assignments += 1;
    }
    visitPattern(binder, name, scope);
    if (statement && scope === root && hasModifier(statement, SyntaxKind.ExportKeyword)) exportPattern(binder, name);
  }
}

/** Declares the names of a pattern. */
export function declarePattern(binder: Binder, pattern: ts.BindingName, scope: Scope, declaration: ts.VariableDeclaration | ts.ParameterDeclaration | undefined, constant: boolean, kind: 'variable' | 'parameter' = 'variable'): void {
  if (isIdentifier(pattern)) {
    declare(binder, scope, pattern.text, kind, pattern, { constant, typeNode: declaration?.type });
    return;
  }
  for (const element of pattern.elements) {
    if (isOmittedExpression(element)) continue;
    // The type that is written is the whole's.
    declarePattern(binder, element.name, scope, undefined, constant, kind);
  }
}

/** Gives the names of a pattern what is assigned to them. */
function originate(binder: Binder, pattern: ts.BindingName, origin: Origin, scope: Scope): void {
  const { uses } = binder;
  if (isIdentifier(pattern)) {
    const name = uses.get(pattern) ?? lookup(scope, pattern.text);
    if (name === undefined) return;
    name.assignments += 1;
    if (name.origins.length < maxOrigins) name.origins.push(origin);
    return;
  }
  pattern.elements.forEach((element, index) => {
    if (isOmittedExpression(element)) return;
    const step = isArrayBindingPattern(pattern) ? String(index) : (nameText(element.propertyName ?? (isIdentifier(element.name) ? element.name : undefined)) ?? '?');
    originate(binder, element.name, { expr: origin.expr, part: [...(origin.part ?? []), element.dotDotDotToken ? '...' : step] }, scope);
  });
}

/** Default values and computed keys in a pattern are expressions as any other. */
export function visitPattern(binder: Binder, pattern: ts.BindingName, scope: Scope): void {
  if (isIdentifier(pattern)) return;
  for (const element of pattern.elements) {
    if (isOmittedExpression(element)) continue;
    if (element.propertyName && isComputedPropertyName(element.propertyName)) visit(binder, element.propertyName.expression, scope);
    if (element.initializer) visit(binder, element.initializer, scope);
    visitPattern(binder, element.name, scope);
  }
}

export function assigned(binder: Binder, target: ts.Expression, origin: Origin | undefined, scope: Scope): void {
  const { selfAssignments } = binder;
  const inside = bare(target);
  if (isIdentifier(inside)) use(binder, inside, scope, { write: origin ?? { expr: inside } });
  else if (isPropertyAccessExpression(inside) || isElementAccessExpression(inside)) selfAssignments.push({ member: inside, scope, origin });
  else if (isArrayLiteralExpression(inside)) inside.elements.forEach((element, index) => { if (!isOmittedExpression(element)) assigned(binder, isSpreadElement(element) ? element.expression : element, origin && { expr: origin.expr, part: [...(origin.part ?? []), String(index)] }, scope); });
  else if (isObjectLiteralExpression(inside)) for (const property of inside.properties) {
    if (isPropertyAssignment(property)) assigned(binder, property.initializer, origin && { expr: origin.expr, part: [...(origin.part ?? []), nameText(property.name) ?? '?'] }, scope);
    else if (isShorthandPropertyAssignment(property)) use(binder, property.name, scope, { write: origin ? { expr: origin.expr, part: [...(origin.part ?? []), property.name.text] } : { expr: property.name } });
  }
  else if (isBinaryExpression(inside) && inside.operatorToken.kind === SyntaxKind.EqualsToken) assigned(binder, inside.left, origin, scope);
}
