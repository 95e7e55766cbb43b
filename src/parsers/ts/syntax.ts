import { ts } from 'ts-morph';

/**
 * The compiler's syntax, by way of the one package that may bring it. Only its parser is used: names, classes and
 * modules are resolved here, because a type check of a project costs several times its parse and needs what is not there.
 */
export { ts };

/**
 * The tests and kinds that walks ask for at every node. The compiler's namespace has thousands of members, so the engine
 * keeps it as a hash table and looks each name up anew: five times the price of the test itself.
 */
export const {
  canHaveModifiers, forEachChild, isAccessor, isArrayBindingPattern, isArrayLiteralExpression, isArrowFunction, isAsExpression, isAwaitExpression,
  isBinaryExpression, isBlock, isBreakStatement, isCallExpression, isCaseClause, isCaseOrDefaultClause, isClassDeclaration,
  isClassElement, isClassExpression, isClassLike, isClassStaticBlockDeclaration, isComputedPropertyName, isConditionalExpression,
  isConstructorDeclaration, isContinueStatement, isDefaultClause, isDoStatement, isElementAccessExpression, isEnumDeclaration,
  isExpression, isExpressionStatement, isExpressionWithTypeArguments, isExternalModuleReference, isForInStatement,
  isForOfStatement, isForStatement, isFunctionDeclaration, isFunctionExpression: isFunctionKeyword, isFunctionTypeNode,
  isGetAccessor, isIdentifier, isIfStatement, isImportDeclaration, isIndexSignatureDeclaration, isInterfaceDeclaration,
  isIterationStatement, isJsxAttribute, isJsxAttributes, isJsxExpression, isJsxOpeningElement, isJsxOpeningLikeElement,
  isJsxSpreadAttribute, isLiteralTypeNode, isMetaProperty, isMethodDeclaration, isMethodSignature, isModuleBlock,
  isNamespaceExport, isNamespaceImport, isNewExpression, isNonNullExpression, isNoSubstitutionTemplateLiteral, isNumericLiteral,
  isObjectBindingPattern, isObjectLiteralExpression, isOmittedExpression, isParameter, isParameterPropertyDeclaration,
  isParenthesizedExpression, isPrefixUnaryExpression, isPrivateIdentifier, isPropertyAccessExpression, isPropertyAssignment,
  isPropertyDeclaration, isPropertySignature, isQualifiedName, isReturnStatement, isSatisfiesExpression, isSetAccessor,
  isShorthandPropertyAssignment, isSourceFile, isSpreadAssignment, isSpreadElement, isStatement, isStringLiteral,
  isStringLiteralLike, isSwitchStatement, isTemplateExpression, isTemplateSpan, isThrowStatement, isTryStatement,
  isTypeAliasDeclaration, isTypeAssertionExpression, isTypeLiteralNode, isTypeNode, isTypeReferenceNode, isVariableDeclaration,
  isVariableDeclarationList, isVariableStatement, NodeFlags, SyntaxKind,
} = ts;

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
    case SyntaxKind.FunctionDeclaration:
    case SyntaxKind.FunctionExpression:
    case SyntaxKind.ArrowFunction:
    case SyntaxKind.MethodDeclaration:
    case SyntaxKind.Constructor:
    case SyntaxKind.GetAccessor:
    case SyntaxKind.SetAccessor:
      return true;
    default:
      return false;
  }
}

export function isFunctionExpression(node: ts.Node): node is ts.FunctionExpression | ts.ArrowFunction {
  return node.kind === SyntaxKind.FunctionExpression || node.kind === SyntaxKind.ArrowFunction;
}

/** The expression without what only the type checker sees: parentheses, `as`, `!`, `satisfies`. */
export function bare(expr: ts.Expression): ts.Expression {
  let inner: ts.Expression = expr;
  for (;;) {
    switch (inner.kind) {
      case SyntaxKind.ParenthesizedExpression:
      case SyntaxKind.AsExpression:
      case SyntaxKind.NonNullExpression:
      case SyntaxKind.SatisfiesExpression:
      case SyntaxKind.TypeAssertionExpression:
        inner = (inner as ts.ParenthesizedExpression).expression;
        break;
      default:
        return inner;
    }
  }
}

/** The constant text of a property's name, `#f` for private ones; undefined when it is computed. */
export function nameText(name: ts.PropertyName | ts.BindingName | undefined): string | undefined {
  if (name === undefined) return undefined;
  if (isIdentifier(name) || isPrivateIdentifier(name) || isStringLiteral(name) || isNumericLiteral(name) || isNoSubstitutionTemplateLiteral(name)) return name.text;
  if (isComputedPropertyName(name)) {
    const inner = bare(name.expression);
    if (isStringLiteral(inner)) return inner.text;
    if (isPropertyAccessExpression(inner) && isIdentifier(inner.expression)) return `[${inner.expression.text}.${inner.name.text}]`;
    if (isIdentifier(inner)) return `[${inner.text}]`;
  }
  return undefined;
}

export function hasModifier(node: ts.Node, kind: ts.SyntaxKind): boolean {
  if (!canHaveModifiers(node) || node.modifiers === undefined) return false;
  for (const modifier of node.modifiers) if (modifier.kind === kind) return true;
  return false;
}

/** `a.b.c` of plain names; undefined for anything else. */
export function dottedName(expr: ts.Expression): string | undefined {
  const inner = bare(expr);
  if (isIdentifier(inner)) return inner.text;
  if (inner.kind === SyntaxKind.ThisKeyword) return 'this';
  if (isPropertyAccessExpression(inner)) {
    const left = dottedName(inner.expression);
    return left === undefined ? undefined : `${left}.${inner.name.text}`;
  }
  return undefined;
}
