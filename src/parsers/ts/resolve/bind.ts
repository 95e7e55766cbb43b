import type { Gap } from '../../../ir/index.js';
import type { Unit } from '../parse.js';
import { bare, forEachChild, hasModifier, isBinaryExpression, isBlock, isClassDeclaration, isComputedPropertyName, isConstructorDeclaration, isEnumDeclaration, isExpressionWithTypeArguments, isExternalModuleReference, isForOfStatement, isForStatement, isFunctionDeclaration, isFunctionExpression, isFunctionKeyword, isIdentifier, isInterfaceDeclaration, isModuleBlock, isParameterPropertyDeclaration, isStringLiteral, isTypeAliasDeclaration, isTypeLiteralNode, isTypeNode, isVariableDeclarationList, isVariableStatement, NodeFlags, SyntaxKind, type FunctionNode, type ts } from '../syntax.js';
import { callable, declare, field, inner, lookup, marksSuspension, maxOrigins, means, newShape, noNames, outerOf, pathName, use, type Binder, type NewId } from './binder.js';
import { classLike, collectMembers, memberAssignment, objectLiteral, readInterface } from './classes.js';
import { exportDeclaration, exportDefault, exportedBy, importDeclaration } from './exports.js';
import { assigned, declarePattern, variables, visitPattern } from './patterns.js';
import type { Bound, Callable, Name, Scope } from './types.js';

/**
 * One walk over a file: scopes, names, functions, classes and what is assigned to each; then every identifier is led
 * to its declaration. What is declared later in a scope counts from its start, as the language has it.
 */
export function bind(unit: Unit, newId: NewId, gaps: Gap[], { uses, callables }: Pick<Binder, 'uses' | 'callables'>): Bound {
  const started: Omit<Binder, 'init' | 'root' | 'around' | 'visitChild'> = { unit, newId, gaps, uses, callables, named: { nodes: [], names: [] }, all: [], shapes: [], shapeOf: new Map(), suspending: new Set(), exports: new Map(), stars: [], pending: { nodes: [], scopes: [], marked: [], more: [] }, selfAssignments: [] };
  const binder = started as Binder;
  binder.visitChild = (child) => visit(binder, child, binder.around);
  binder.init = callable(binder, unit.tree, 'module#init', undefined, { hidden: true });
  binder.root = { names: noNames, outer: undefined, callable: binder.init, isFunction: true };
  binder.around = binder.root;
  const { init, root, named, all, shapes, shapeOf, suspending, exports, stars } = binder;
  hoist(binder, unit.tree.statements, root);
  for (const statement of unit.tree.statements) {
    try {
      visit(binder, statement, root);
    } catch (error) {
      // Nested deeper than the stack: the rest of the file is still worth reading.
      gaps.push({ at: unit.at(statement), reason: `the names in this were not understood: ${error instanceof Error ? error.message : String(error)}` });
    }
  }
  resolveUses(binder);
  collectMembers(binder);
  const nested = new Map<string, Name>();
  if (shapes.some(({ owner }) => owner !== undefined)) for (const name of named.names) if (name.owner !== undefined && name.record !== undefined) nested.set(name.text, name);
  return { unit, scope: root, init, uses: named, nested, callables, all, shapes, shapeOf, suspending, exports, stars };
}

/** Statements of a block: what they declare first, then what they do. */
export function visitAll(binder: Binder, statements: readonly ts.Node[], scope: Scope): void {
  hoist(binder, statements, scope);
  for (const statement of statements) visit(binder, statement, scope);
}

/** Functions and classes of a block are there from its start. */
function hoist(binder: Binder, statements: readonly ts.Node[], scope: Scope): void {
  for (const statement of statements) {
    if (isFunctionDeclaration(statement) && statement.name) {
      const made = statement.body ? callable(binder, statement, pathName(binder, scope, statement.name.text), outerOf(binder, scope)) : undefined;
      const name = declare(binder, scope, statement.name.text, 'function', statement.name, { callable: made });
      name.assignments = 1;
      exportedBy(binder, statement, name, scope);
    } else if (isClassDeclaration(statement) && statement.name) {
      const shape = newShape(binder, 'class', statement, statement.name.text, scope);
      const name = declare(binder, scope, statement.name.text, 'class', statement.name, { record: shape });
      name.record = shape;
      name.assignments = 1;
      exportedBy(binder, statement, name, scope);
    } else if (isInterfaceDeclaration(statement)) {
      const shape = newShape(binder, 'interface', statement, statement.name.text, scope);
      const name = declare(binder, scope, statement.name.text, 'type', statement.name, { record: shape });
      if (name.record === undefined) name.record = shape;
      exportedBy(binder, statement, name, scope);
      readInterface(shape, statement.members);
    } else if (isTypeAliasDeclaration(statement)) {
      const name = declare(binder, scope, statement.name.text, 'type', statement.name, { alias: statement.type });
      if (isTypeLiteralNode(statement.type)) {
        name.record ??= newShape(binder, 'interface', statement, statement.name.text, scope);
        readInterface(name.record, statement.type.members);
      }
      exportedBy(binder, statement, name, scope);
    } else if (isEnumDeclaration(statement)) {
      exportedBy(binder, statement, declare(binder, scope, statement.name.text, 'enum', statement.name), scope);
    } else if (isVariableStatement(statement) && (statement.declarationList.flags & NodeFlags.BlockScoped) !== 0) {
      // Named before they are initialised, so that functions above may use them.
      for (const declaration of statement.declarationList.declarations) declarePattern(binder, declaration.name, scope, declaration, (statement.declarationList.flags & NodeFlags.Const) !== 0);
    }
  }
}

/** What is inside a node, in a scope. One function takes the children of all nodes: made anew for each, it would be an object and a context for each. */
function visitChildren(binder: Binder, node: ts.Node, scope: Scope): void {
  const { around } = binder;
  binder.around = scope;
  forEachChild(node, binder.visitChild);
  binder.around = around;
}

export function visit(binder: Binder, node: ts.Node, scope: Scope): void {
  // Every second node is a name: it does not wait for the others to be asked about.
  if (isIdentifier(node)) {
    use(binder, node, scope);
    return;
  }
  switch (node.kind) {
    case SyntaxKind.NumericLiteral:
    case SyntaxKind.StringLiteral:
    case SyntaxKind.NoSubstitutionTemplateLiteral:
    case SyntaxKind.ThisKeyword:
    case SyntaxKind.TrueKeyword:
    case SyntaxKind.FalseKeyword:
    case SyntaxKind.NullKeyword:
      return;
    case SyntaxKind.FunctionDeclaration:
      if ((node as ts.FunctionDeclaration).body) {
        const made = binder.callables.get(node) ?? callable(binder, node as ts.FunctionDeclaration, pathName(binder, scope, defaultName(node)), outerOf(binder, scope));
        if (!(node as ts.FunctionDeclaration).name && hasModifier(node, SyntaxKind.DefaultKeyword)) exportDefault(binder, node as unknown as ts.Expression);
        body(binder, node as ts.FunctionDeclaration, made, scope);
      }
      return;
    case SyntaxKind.FunctionExpression:
    case SyntaxKind.ArrowFunction:
      literal(binder, node as ts.FunctionExpression | ts.ArrowFunction, scope);
      return;
    case SyntaxKind.ClassDeclaration:
    case SyntaxKind.ClassExpression:
      classLike(binder, node as ts.ClassLikeDeclaration, scope);
      return;
    case SyntaxKind.InterfaceDeclaration:
    case SyntaxKind.TypeAliasDeclaration:
      return;
    case SyntaxKind.ModuleDeclaration: {
      const { body: block, name } = node as ts.ModuleDeclaration;
      if (hasModifier(node, SyntaxKind.DeclareKeyword)) return;
      if (isIdentifier(name)) declare(binder, scope, name.text, 'namespace', name);
      if (block && isModuleBlock(block)) visitAll(binder, block.statements, inner(scope));
      return;
    }
    case SyntaxKind.ImportDeclaration:
      importDeclaration(binder, node as ts.ImportDeclaration, scope);
      return;
    case SyntaxKind.ImportEqualsDeclaration: {
      const { name, moduleReference } = node as ts.ImportEqualsDeclaration;
      if (isExternalModuleReference(moduleReference) && isStringLiteral(moduleReference.expression)) declare(binder, scope, name.text, 'import', name, { import: { from: moduleReference.expression.text, name: '=' } });
      return;
    }
    case SyntaxKind.ExportDeclaration:
      exportDeclaration(binder, node as ts.ExportDeclaration, scope);
      return;
    case SyntaxKind.ExportAssignment:
      exportDefault(binder, (node as ts.ExportAssignment).expression, (node as ts.ExportAssignment).isExportEquals ? '=' : 'default');
      visit(binder, (node as ts.ExportAssignment).expression, scope);
      return;
    case SyntaxKind.VariableStatement:
    case SyntaxKind.VariableDeclarationList: {
      const list = isVariableStatement(node) ? node.declarationList : (node as ts.VariableDeclarationList);
      variables(binder, list, scope, isVariableStatement(node) ? node : undefined);
      return;
    }
    case SyntaxKind.Block:
    case SyntaxKind.CaseBlock: {
      const block = inner(scope);
      if (isBlock(node)) visitAll(binder, node.statements, block);
      else {
        const { clauses } = node as ts.CaseBlock;
        hoist(binder, clauses.flatMap((clause) => [...clause.statements]), block);
        for (const clause of clauses) visitChildren(binder, clause, block);
      }
      return;
    }
    case SyntaxKind.ForStatement:
    case SyntaxKind.ForInStatement:
    case SyntaxKind.ForOfStatement: {
      const loop = inner(scope);
      if (isForOfStatement(node) && node.awaitModifier) marksSuspension(binder, node);
      const each = isForStatement(node) ? undefined : (node as ts.ForInOrOfStatement);
      if (each && !isVariableDeclarationList(each.initializer)) assigned(binder, each.initializer, { expr: each.expression, part: [isForOfStatement(each) ? '[]' : 'key'] }, loop);
      visitChildren(binder, node, loop);
      return;
    }
    case SyntaxKind.CatchClause: {
      const clause = inner(scope);
      const { variableDeclaration, block } = node as ts.CatchClause;
      if (variableDeclaration) {
        declarePattern(binder, variableDeclaration.name, clause, undefined, false);
        if (isIdentifier(variableDeclaration.name)) binder.uses.get(variableDeclaration.name)!.assignments += 1;
      }
      visitAll(binder, block.statements, clause);
      return;
    }
    case SyntaxKind.AwaitExpression:
    case SyntaxKind.YieldExpression:
      marksSuspension(binder, node);
      break;
    case SyntaxKind.ReturnStatement: {
      const { expression } = node as ts.ReturnStatement;
      if (expression) scope.callable.returned.push(expression);
      break;
    }
    case SyntaxKind.BinaryExpression: {
      const { left, operatorToken, right } = node as ts.BinaryExpression;
      if (operatorToken.kind >= SyntaxKind.FirstAssignment && operatorToken.kind <= SyntaxKind.LastAssignment) {
        assigned(binder, left, { expr: right }, scope);
        memberAssignment(binder, left, right, scope);
        break;
      }
      // A long sum or condition leans to the left: it is walked, not descended.
      const operands = [right];
      let rest = left;
      for (; isBinaryExpression(rest) && rest.operatorToken.kind === operatorToken.kind; rest = rest.left) operands.push(rest.right);
      visit(binder, rest, scope);
      for (let index = operands.length - 1; index >= 0; index--) visit(binder, operands[index]!, scope);
      return;
    }
    case SyntaxKind.PrefixUnaryExpression:
    case SyntaxKind.PostfixUnaryExpression: {
      const { operator, operand } = node as ts.PrefixUnaryExpression | ts.PostfixUnaryExpression;
      if (operator === SyntaxKind.PlusPlusToken || operator === SyntaxKind.MinusMinusToken) assigned(binder, operand, undefined, scope);
      break;
    }
    case SyntaxKind.ObjectLiteralExpression:
      objectLiteral(binder, node as ts.ObjectLiteralExpression, scope);
      return;
    case SyntaxKind.PropertyAccessExpression:
      visit(binder, (node as ts.PropertyAccessExpression).expression, scope);
      return;
    case SyntaxKind.LabeledStatement:
      visit(binder, (node as ts.LabeledStatement).statement, scope);
      return;
    case SyntaxKind.BreakStatement:
    case SyntaxKind.ContinueStatement:
      return;
    case SyntaxKind.PropertyAssignment: {
      const { name, initializer } = node as ts.PropertyAssignment;
      if (isComputedPropertyName(name)) visit(binder, name.expression, scope);
      visit(binder, initializer, scope);
      return;
    }
    case SyntaxKind.JsxAttribute:
      if ((node as ts.JsxAttribute).initializer) visit(binder, (node as ts.JsxAttribute).initializer!, scope);
      return;
    default:
      if (isTypeNode(node) && !isExpressionWithTypeArguments(node)) return;
  }
  visitChildren(binder, node, scope);
}

function defaultName(node: ts.Node): string {
  return (node as ts.FunctionDeclaration).name?.text ?? 'default';
}

function literal(binder: Binder, node: ts.FunctionExpression | ts.ArrowFunction, scope: Scope): void {
  const { callables } = binder;
  let made = callables.get(node);
  if (made === undefined) {
    const number = ++scope.callable.literals;
    made = callable(binder, node, pathName(binder, scope, node.name && isIdentifier(node.name) ? node.name.text : `func${number}`), outerOf(binder, scope));
  }
  body(binder, node, made, scope);
}

/** A function: its parameters and its statements, in a scope of their own. */
export function body(binder: Binder, node: FunctionNode, made: Callable, scope: Scope): void {
  const { uses } = binder;
  const own = inner(scope, made, true);
  if (isFunctionKeyword(node) && node.name) declare(binder, own, node.name.text, 'function', node.name, { callable: made }).assignments = 1;
  for (const parameter of node.parameters) {
    declarePattern(binder, parameter.name, own, parameter, false, 'parameter');
    if (parameter.initializer) {
      if (isIdentifier(parameter.name)) uses.get(parameter.name)!.origins.push({ expr: parameter.initializer });
      visit(binder, parameter.initializer, own);
    }
    visitPattern(binder, parameter.name, own);
    if (isConstructorDeclaration(node) && isParameterPropertyDeclaration(parameter, node) && isIdentifier(parameter.name) && made.record) {
      const property = field(made.record, parameter.name.text, parameter);
      property.typeNode = parameter.type;
      property.assignments += 1;
      property.hidden ||= hasModifier(parameter, SyntaxKind.PrivateKeyword) || hasModifier(parameter, SyntaxKind.ProtectedKeyword);
      property.origins.push({ expr: parameter.name });
    }
  }
  if (node.body === undefined) return;
  if (isBlock(node.body)) visitAll(binder, node.body.statements, own);
  else {
    made.returned.push(node.body);
    visit(binder, node.body, own);
  }
}

function resolveUses(binder: Binder): void {
  const { callables, exports, pending: { nodes, scopes, marked, more } } = binder;
  let next = 0;
  for (let index = 0; index < nodes.length; index++) {
    const node = nodes[index]!;
    const scope = scopes[index]!;
    const how = marked[next] === index ? more[next++] : undefined;
    const name = lookup(scope, node.text);
    if (name === undefined) continue;
    means(binder, node, name);
    if (name.owner !== undefined && name.owner !== scope.callable) name.captured = true;
    if (how === undefined) continue;
    const { write, exportAs } = how;
    if (write) {
      name.assignments += 1;
      if (write.expr !== node && name.origins.length < maxOrigins) name.origins.push(write);
      const value = bare(write.expr);
      if (!write.part && isFunctionExpression(value) && name.assignments === 1) name.callable ??= callables.get(value);
    }
    if (exportAs !== undefined) {
      name.exported = true;
      if (name.record) name.record.exported = true;
      exports.set(exportAs, { kind: 'name', name });
    }
  }
}
