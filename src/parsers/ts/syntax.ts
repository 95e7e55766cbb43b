import { ts } from 'ts-morph';

/**
 * The compiler's syntax, by way of the one package that may bring it. Only its parser is used: names, classes and
 * modules are resolved here, because a type check of a project costs several times its parse and needs what is not there.
 */
export { ts };

export type FunctionNode =
  | ts.FunctionDeclaration
  | ts.FunctionExpression
  | ts.ArrowFunction
  | ts.MethodDeclaration
  | ts.ConstructorDeclaration
  | ts.GetAccessorDeclaration
  | ts.SetAccessorDeclaration;

export function isFunctionNode(node: ts.Node): node is FunctionNode {
  switch (node.kind) {
    case ts.SyntaxKind.FunctionDeclaration:
    case ts.SyntaxKind.FunctionExpression:
    case ts.SyntaxKind.ArrowFunction:
    case ts.SyntaxKind.MethodDeclaration:
    case ts.SyntaxKind.Constructor:
    case ts.SyntaxKind.GetAccessor:
    case ts.SyntaxKind.SetAccessor:
      return true;
    default:
      return false;
  }
}

export function isFunctionExpression(node: ts.Node): node is ts.FunctionExpression | ts.ArrowFunction {
  return node.kind === ts.SyntaxKind.FunctionExpression || node.kind === ts.SyntaxKind.ArrowFunction;
}

/** The expression without what only the type checker sees: parentheses, `as`, `!`, `satisfies`. */
export function bare(expr: ts.Expression): ts.Expression {
  let inner: ts.Expression = expr;
  for (;;) {
    if (ts.isParenthesizedExpression(inner) || ts.isAsExpression(inner) || ts.isNonNullExpression(inner) || ts.isSatisfiesExpression(inner) || ts.isTypeAssertionExpression(inner)) inner = inner.expression;
    else return inner;
  }
}

/** The constant text of a property's name, `#f` for private ones; undefined when it is computed. */
export function nameText(name: ts.PropertyName | ts.BindingName | undefined): string | undefined {
  if (name === undefined) return undefined;
  if (ts.isIdentifier(name) || ts.isPrivateIdentifier(name) || ts.isStringLiteral(name) || ts.isNumericLiteral(name) || ts.isNoSubstitutionTemplateLiteral(name)) return name.text;
  if (ts.isComputedPropertyName(name)) {
    const inner = bare(name.expression);
    if (ts.isStringLiteral(inner)) return inner.text;
    if (ts.isPropertyAccessExpression(inner) && ts.isIdentifier(inner.expression)) return `[${inner.expression.text}.${inner.name.text}]`;
    if (ts.isIdentifier(inner)) return `[${inner.text}]`;
  }
  return undefined;
}

export function hasModifier(node: ts.Node, kind: ts.SyntaxKind): boolean {
  return ts.canHaveModifiers(node) && (node.modifiers?.some((modifier) => modifier.kind === kind) ?? false);
}

/** `a.b.c` of plain names; undefined for anything else. */
export function dottedName(expr: ts.Expression): string | undefined {
  const inner = bare(expr);
  if (ts.isIdentifier(inner)) return inner.text;
  if (inner.kind === ts.SyntaxKind.ThisKeyword) return 'this';
  if (ts.isPropertyAccessExpression(inner)) {
    const left = dottedName(inner.expression);
    return left === undefined ? undefined : `${left}.${inner.name.text}`;
  }
  return undefined;
}
