import { bare, hasModifier, isCallExpression, isIdentifier, isNamespaceExport, isNamespaceImport, isOmittedExpression, isPropertyAccessExpression, isStringLiteral, isStringLiteralLike, SyntaxKind, type ts } from '../syntax.js';
import { declare, use, type Binder } from './binder.js';
import type { Name, Scope } from './types.js';

/** Exports a declaration that says `export`. */
export function exportedBy(binder: Binder, statement: ts.Node, name: Name, scope: Scope): void {
  const { exports, root } = binder;
  if (scope !== root || !hasModifier(statement, SyntaxKind.ExportKeyword)) return;
  name.exported = true;
  if (name.record) name.record.exported = true;
  exports.set(hasModifier(statement, SyntaxKind.DefaultKeyword) ? 'default' : name.text, { kind: 'name', name });
}

export function exportDefault(binder: Binder, expr: ts.Expression, as = 'default'): void {
  const { exports } = binder;
  const inside = bare(expr);
  exports.set(as, { kind: 'expression', expr: inside });
}

export function exportPattern(binder: Binder, pattern: ts.BindingName): void {
  const { uses, exports } = binder;
  if (isIdentifier(pattern)) {
    const name = uses.get(pattern)!;
    name.exported = true;
    if (name.record) name.record.exported = true;
    exports.set(pattern.text, { kind: 'name', name });
  } else for (const element of pattern.elements) if (!isOmittedExpression(element)) exportPattern(binder, element.name);
}

/** `export { a, b } from`, `export *`. */
export function exportDeclaration(binder: Binder, node: ts.ExportDeclaration, scope: Scope): void {
  const { exports, stars } = binder;
  const from = node.moduleSpecifier && isStringLiteral(node.moduleSpecifier) ? node.moduleSpecifier.text : undefined;
  const clause = node.exportClause;
  if (clause === undefined) {
    if (from !== undefined) stars.push(from);
  } else if (isNamespaceExport(clause)) {
    if (from !== undefined) exports.set(clause.name.text, { kind: 'from', from, name: '*' });
  } else for (const element of clause.elements) {
    const own = (element.propertyName ?? element.name).text;
    if (from !== undefined) exports.set(element.name.text, { kind: 'from', from, name: own });
    else if (isIdentifier(element.propertyName ?? element.name)) use(binder, (element.propertyName ?? element.name) as ts.Identifier, scope, { exportAs: element.name.text });
  }
}

/** The names an import declares. */
export function importDeclaration(binder: Binder, node: ts.ImportDeclaration, scope: Scope): void {
  if (!isStringLiteral(node.moduleSpecifier)) return;
  const from = node.moduleSpecifier.text;
  const { importClause } = node;
  if (!importClause) return;
  if (importClause.name) declare(binder, scope, importClause.name.text, 'import', importClause.name, { import: { from, name: 'default' } });
  const bindings = importClause.namedBindings;
  if (bindings && isNamespaceImport(bindings)) declare(binder, scope, bindings.name.text, 'import', bindings.name, { import: { from, name: '*' } });
  else if (bindings) for (const element of bindings.elements) declare(binder, scope, element.name.text, 'import', element.name, { import: { from, name: (element.propertyName ?? element.name).text } });
}

/** The module that `require` brings in, and the part of it that is taken. */
export function requiredModule(binder: Binder, expr: ts.Expression): { readonly from: string; readonly name: string } | undefined {
  if (isCallExpression(expr) && isIdentifier(expr.expression) && expr.expression.text === 'require' && expr.arguments.length === 1 && isStringLiteralLike(expr.arguments[0]!)) return { from: expr.arguments[0].text, name: '=' };
  if (isPropertyAccessExpression(expr)) {
    const whole = requiredModule(binder, bare(expr.expression));
    return whole?.name === '=' ? { from: whole.from, name: expr.name.text } : undefined;
  }
  return undefined;
}
