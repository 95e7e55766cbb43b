import type { FunctionId, Gap } from '../../../ir/index.js';
import type { Unit } from '../parse.js';
import { bare, hasModifier, isFunctionExpression, isFunctionNode, nameText, ts, type FunctionNode } from '../syntax.js';
import type { Bound, Callable, Export, FieldShape, Name, Origin, Scope, Shape } from './types.js';

/** Hands out ids that are unique among those of their kind in the program. */
export type NewId = (id: string, kind: 'function' | 'shape') => string;

/**
 * One walk over a file: scopes, names, functions, classes and what is assigned to each; then every identifier is led
 * to its declaration. What is declared later in a scope counts from its start, as the language has it.
 */
export function bind(unit: Unit, newId: NewId, gaps: Gap[]): Bound {
  const uses = new Map<ts.Node, Name>();
  const callables = new Map<ts.Node, Callable>();
  const all: Callable[] = [];
  const shapes: Shape[] = [];
  const shapeOf = new Map<ts.Node, Shape>();
  const suspending = new Set<ts.Node>();
  const exports = new Map<string, Export>();
  const stars: string[] = [];
  const pending: { readonly node: ts.Identifier; readonly scope: Scope; readonly write?: Origin; readonly exportAs?: string }[] = [];
  const selfAssignments: { readonly member: ts.PropertyAccessExpression | ts.ElementAccessExpression; readonly scope: Scope; readonly origin: Origin | undefined; readonly shape: Shape | undefined }[] = [];

  const init = callable(unit.tree, 'module#init', undefined, { hidden: true });
  const root: Scope = { names: new Map(), outer: undefined, callable: init, isFunction: true };
  hoist(unit.tree.statements, root);
  for (const statement of unit.tree.statements) {
    try {
      visit(statement, root);
    } catch (error) {
      // Nested deeper than the stack: the rest of the file is still worth reading.
      gaps.push({ at: unit.at(statement), reason: `the names in this were not understood: ${error instanceof Error ? error.message : String(error)}` });
    }
  }
  resolveUses();
  collectMembers();
  return { unit, scope: root, init, uses, callables, all, shapes, shapeOf, suspending, exports, stars };

  function callable(node: Callable['node'], name: string, outer: Callable | undefined, facts: Partial<Pick<Callable, 'record' | 'isStatic' | 'hidden'>> = {}): Callable {
    const known = callables.get(node);
    if (known) return known;
    const made: Callable = {
      id: newId(`${unit.path}.${name}`, 'function') as FunctionId,
      name,
      node,
      unit,
      outer,
      record: facts.record,
      isStatic: facts.isStatic ?? false,
      arrow: ts.isArrowFunction(node),
      async: hasModifier(node, ts.SyntaxKind.AsyncKeyword),
      generator: 'asteriskToken' in node && node.asteriskToken !== undefined,
      returned: [],
      literals: 0,
      hidden: facts.hidden ?? false,
      thisVariable: undefined,
      exported: undefined,
      lowered: false,
    };
    callables.set(node, made);
    all.push(made);
    return made;
  }

  function declare(scope: Scope, text: string, kind: Name['kind'], node: ts.Node, facts: Partial<Name> = {}): Name {
    const home = scope;
    const known = home.names.get(text);
    // Overloads, merged declarations and repeated `var`s are one name; a value wins over a type of the same name.
    if (known && known.kind !== 'type' && !(known.kind === 'parameter' && kind === 'function')) {
      if (facts.callable) known.callable = facts.callable;
      if (kind !== 'type') uses.set(node, known);
      return known;
    }
    const name: Name = {
      text,
      kind,
      node,
      unit,
      owner: home.callable === init ? undefined : home.callable,
      constant: facts.constant ?? (kind !== 'variable' && kind !== 'parameter'),
      typeNode: facts.typeNode,
      origins: [],
      callable: facts.callable,
      record: facts.record,
      import: facts.import,
      alias: facts.alias,
      exported: false,
      assignments: kind === 'parameter' ? 1 : 0,
      captured: false,
      variable: undefined,
    };
    home.names.set(text, name);
    uses.set(node, name);
    return name;
  }

  function inner(scope: Scope, callableOf = scope.callable, isFunction = false): Scope {
    return { names: new Map(), outer: scope, callable: callableOf, isFunction };
  }

  function functionScope(scope: Scope): Scope {
    let at = scope;
    while (!at.isFunction && at.outer) at = at.outer;
    return at;
  }

  function visitAll(statements: readonly ts.Node[], scope: Scope): void {
    hoist(statements, scope);
    for (const statement of statements) visit(statement, scope);
  }

  /** Functions and classes of a block are there from its start. */
  function hoist(statements: readonly ts.Node[], scope: Scope): void {
    for (const statement of statements) {
      if (ts.isFunctionDeclaration(statement) && statement.name) {
        const made = statement.body ? callable(statement, pathName(scope, statement.name.text), outerOf(scope)) : undefined;
        const name = declare(scope, statement.name.text, 'function', statement.name, { ...(made ? { callable: made } : {}) });
        name.assignments = 1;
        exportedBy(statement, name, scope);
      } else if (ts.isClassDeclaration(statement) && statement.name) {
        const shape = newShape('class', statement, statement.name.text, scope);
        const name = declare(scope, statement.name.text, 'class', statement.name, { record: shape });
        name.record = shape;
        name.assignments = 1;
        exportedBy(statement, name, scope);
      } else if (ts.isInterfaceDeclaration(statement)) {
        const shape = newShape('interface', statement, statement.name.text, scope);
        const name = declare(scope, statement.name.text, 'type', statement.name, { record: shape });
        if (name.record === undefined) name.record = shape;
        exportedBy(statement, name, scope);
        readInterface(shape, statement.members);
      } else if (ts.isTypeAliasDeclaration(statement)) {
        const name = declare(scope, statement.name.text, 'type', statement.name, { alias: statement.type });
        if (ts.isTypeLiteralNode(statement.type)) {
          name.record ??= newShape('interface', statement, statement.name.text, scope);
          readInterface(name.record, statement.type.members);
        }
        exportedBy(statement, name, scope);
      } else if (ts.isEnumDeclaration(statement)) {
        exportedBy(statement, declare(scope, statement.name.text, 'enum', statement.name), scope);
      } else if (ts.isVariableStatement(statement) && (statement.declarationList.flags & ts.NodeFlags.BlockScoped) !== 0) {
        // Named before they are initialised, so that functions above may use them.
        for (const declaration of statement.declarationList.declarations) declarePattern(declaration.name, scope, declaration, (statement.declarationList.flags & ts.NodeFlags.Const) !== 0);
      }
    }
  }

  function exportedBy(statement: ts.Node, name: Name, scope: Scope): void {
    if (scope !== root || !hasModifier(statement, ts.SyntaxKind.ExportKeyword)) return;
    name.exported = true;
    if (name.record) name.record.exported = true;
    exports.set(hasModifier(statement, ts.SyntaxKind.DefaultKeyword) ? 'default' : name.text, { kind: 'name', name });
  }

  function pathName(scope: Scope, text: string): string {
    return scope.callable === init ? text : `${scope.callable.name}.${text}`;
  }

  function outerOf(scope: Scope): Callable | undefined {
    return scope.callable === init ? undefined : scope.callable;
  }

  function newShape(kind: Shape['kind'], node: ts.Node, text: string, scope: Scope): Shape {
    const label = pathName(scope, text);
    const base = ts.isClassLike(node) ? node.heritageClauses?.find((clause) => clause.token === ts.SyntaxKind.ExtendsKeyword)?.types[0]?.expression : undefined;
    const shape: Shape = {
      id: newId(`${unit.path}.${label}`, 'shape'),
      label,
      kind,
      node,
      unit,
      owner: outerOf(scope),
      base,
      implements: ts.isClassLike(node) ? (node.heritageClauses?.find((clause) => clause.token === ts.SyntaxKind.ImplementsKeyword)?.types ?? []) : [],
      fields: new Map(),
      statics: new Map(),
      methods: new Map(),
      staticMethods: new Map(),
      getters: new Map(),
      setters: new Map(),
      signatures: new Map(),
      typeParameters: ts.isClassLike(node) || ts.isInterfaceDeclaration(node) ? (node.typeParameters?.map((one) => one.name.text) ?? []) : [],
      constructs: undefined,
      subShapes: [],
      exported: false,
    };
    shapes.push(shape);
    shapeOf.set(node, shape);
    return shape;
  }

  function readInterface(shape: Shape, members: readonly ts.TypeElement[]): void {
    for (const member of members) {
      const text = nameText(member.name);
      if (text === undefined) continue;
      if (ts.isPropertySignature(member)) {
        field(shape, text, member).typeNode = member.type;
        if (member.type) shape.signatures.set(text, member.type);
      } else if (ts.isMethodSignature(member) && member.type) shape.signatures.set(text, member.type);
    }
  }

  function field(shape: Shape, text: string, node: ts.Node, isStatic = false): FieldShape {
    const table = isStatic ? shape.statics : shape.fields;
    let known = table.get(text);
    if (known === undefined) {
      known = { name: text, node, typeNode: undefined, origins: [], assignments: 0, hidden: text.startsWith('#') || text.startsWith('_'), variable: undefined };
      table.set(text, known);
    }
    return known;
  }

  function declarePattern(pattern: ts.BindingName, scope: Scope, declaration: ts.VariableDeclaration | ts.ParameterDeclaration | undefined, constant: boolean, kind: 'variable' | 'parameter' = 'variable', part: readonly string[] = []): void {
    if (ts.isIdentifier(pattern)) {
      const name = declare(scope, pattern.text, kind, pattern, { constant, ...(part.length === 0 && declaration?.type ? { typeNode: declaration.type } : {}) });
      uses.set(pattern, name);
      return;
    }
    for (const element of pattern.elements) {
      if (ts.isOmittedExpression(element)) continue;
      declarePattern(element.name, scope, declaration, constant, kind, [...part, '']);
    }
  }

  /** Gives the names of a pattern what is assigned to them. */
  function originate(pattern: ts.BindingName, origin: Origin, scope: Scope): void {
    if (ts.isIdentifier(pattern)) {
      const name = uses.get(pattern) ?? lookup(scope, pattern.text);
      if (name === undefined) return;
      name.assignments += 1;
      if (name.origins.length < maxOrigins) name.origins.push(origin);
      return;
    }
    pattern.elements.forEach((element, index) => {
      if (ts.isOmittedExpression(element)) return;
      const step = ts.isArrayBindingPattern(pattern) ? String(index) : (nameText(element.propertyName ?? (ts.isIdentifier(element.name) ? element.name : undefined)) ?? '?');
      originate(element.name, { expr: origin.expr, part: [...(origin.part ?? []), element.dotDotDotToken ? '...' : step] }, scope);
    });
  }

  function lookup(scope: Scope | undefined, text: string): Name | undefined {
    for (let at = scope; at; at = at.outer) {
      const found = at.names.get(text);
      if (found) return found;
    }
    return undefined;
  }

  function marksSuspension(node: ts.Node): void {
    for (let at: ts.Node | undefined = node; at && !suspending.has(at) && !isFunctionNode(at) && !ts.isSourceFile(at); at = at.parent) suspending.add(at);
  }

  function visit(node: ts.Node, scope: Scope): void {
    if (ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node)) return;
    switch (node.kind) {
      case ts.SyntaxKind.FunctionDeclaration:
        if ((node as ts.FunctionDeclaration).body) {
          const made = callables.get(node) ?? callable(node as ts.FunctionDeclaration, pathName(scope, defaultName(node)), outerOf(scope));
          if (!(node as ts.FunctionDeclaration).name && hasModifier(node, ts.SyntaxKind.DefaultKeyword)) exportDefault(node as unknown as ts.Expression);
          body(node as ts.FunctionDeclaration, made, scope);
        }
        return;
      case ts.SyntaxKind.FunctionExpression:
      case ts.SyntaxKind.ArrowFunction:
        literal(node as ts.FunctionExpression | ts.ArrowFunction, scope);
        return;
      case ts.SyntaxKind.ClassDeclaration:
      case ts.SyntaxKind.ClassExpression:
        classLike(node as ts.ClassLikeDeclaration, scope);
        return;
      case ts.SyntaxKind.InterfaceDeclaration:
      case ts.SyntaxKind.TypeAliasDeclaration:
        return;
      case ts.SyntaxKind.ModuleDeclaration: {
        const { body: block, name } = node as ts.ModuleDeclaration;
        if (hasModifier(node, ts.SyntaxKind.DeclareKeyword)) return;
        if (ts.isIdentifier(name)) declare(scope, name.text, 'namespace', name);
        if (block && ts.isModuleBlock(block)) visitAll(block.statements, inner(scope));
        return;
      }
      case ts.SyntaxKind.ImportDeclaration:
        importDeclaration(node as ts.ImportDeclaration, scope);
        return;
      case ts.SyntaxKind.ImportEqualsDeclaration: {
        const { name, moduleReference } = node as ts.ImportEqualsDeclaration;
        if (ts.isExternalModuleReference(moduleReference) && ts.isStringLiteral(moduleReference.expression)) declare(scope, name.text, 'import', name, { import: { from: moduleReference.expression.text, name: '=' } });
        return;
      }
      case ts.SyntaxKind.ExportDeclaration:
        exportDeclaration(node as ts.ExportDeclaration, scope);
        return;
      case ts.SyntaxKind.ExportAssignment:
        exportDefault((node as ts.ExportAssignment).expression, (node as ts.ExportAssignment).isExportEquals ? '=' : 'default');
        visit((node as ts.ExportAssignment).expression, scope);
        return;
      case ts.SyntaxKind.VariableStatement:
      case ts.SyntaxKind.VariableDeclarationList: {
        const list = ts.isVariableStatement(node) ? node.declarationList : (node as ts.VariableDeclarationList);
        variables(list, scope, ts.isVariableStatement(node) ? node : undefined);
        return;
      }
      case ts.SyntaxKind.Block:
      case ts.SyntaxKind.CaseBlock: {
        const block = inner(scope);
        if (ts.isBlock(node)) visitAll(node.statements, block);
        else {
          const { clauses } = node as ts.CaseBlock;
          hoist(clauses.flatMap((clause) => [...clause.statements]), block);
          for (const clause of clauses) ts.forEachChild(clause, (child) => visit(child, block));
        }
        return;
      }
      case ts.SyntaxKind.ForStatement:
      case ts.SyntaxKind.ForInStatement:
      case ts.SyntaxKind.ForOfStatement: {
        const loop = inner(scope);
        if (ts.isForOfStatement(node) && node.awaitModifier) marksSuspension(node);
        const each = ts.isForStatement(node) ? undefined : (node as ts.ForInOrOfStatement);
        if (each && !ts.isVariableDeclarationList(each.initializer)) assigned(each.initializer, { expr: each.expression, part: [ts.isForOfStatement(each) ? '[]' : 'key'] }, loop);
        ts.forEachChild(node, (child) => visit(child, loop));
        return;
      }
      case ts.SyntaxKind.CatchClause: {
        const clause = inner(scope);
        const { variableDeclaration, block } = node as ts.CatchClause;
        if (variableDeclaration) {
          declarePattern(variableDeclaration.name, clause, undefined, false);
          if (ts.isIdentifier(variableDeclaration.name)) uses.get(variableDeclaration.name)!.assignments += 1;
        }
        visitAll(block.statements, clause);
        return;
      }
      case ts.SyntaxKind.AwaitExpression:
      case ts.SyntaxKind.YieldExpression:
        marksSuspension(node);
        break;
      case ts.SyntaxKind.ReturnStatement: {
        const { expression } = node as ts.ReturnStatement;
        if (expression) scope.callable.returned.push(expression);
        break;
      }
      case ts.SyntaxKind.BinaryExpression: {
        const { left, operatorToken, right } = node as ts.BinaryExpression;
        if (operatorToken.kind >= ts.SyntaxKind.FirstAssignment && operatorToken.kind <= ts.SyntaxKind.LastAssignment) {
          assigned(left, { expr: right }, scope);
          memberAssignment(left, right, scope);
          break;
        }
        // A long sum or condition leans to the left: it is walked, not descended.
        const operands = [right];
        let rest = left;
        for (; ts.isBinaryExpression(rest) && rest.operatorToken.kind === operatorToken.kind; rest = rest.left) operands.push(rest.right);
        visit(rest, scope);
        for (const operand of operands.reverse()) visit(operand, scope);
        return;
      }
      case ts.SyntaxKind.PrefixUnaryExpression:
      case ts.SyntaxKind.PostfixUnaryExpression: {
        const { operator, operand } = node as ts.PrefixUnaryExpression | ts.PostfixUnaryExpression;
        if (operator === ts.SyntaxKind.PlusPlusToken || operator === ts.SyntaxKind.MinusMinusToken) assigned(operand, undefined, scope);
        break;
      }
      case ts.SyntaxKind.ObjectLiteralExpression:
        objectLiteral(node as ts.ObjectLiteralExpression, scope);
        return;
      case ts.SyntaxKind.PropertyAccessExpression:
        visit((node as ts.PropertyAccessExpression).expression, scope);
        return;
      case ts.SyntaxKind.LabeledStatement:
        visit((node as ts.LabeledStatement).statement, scope);
        return;
      case ts.SyntaxKind.BreakStatement:
      case ts.SyntaxKind.ContinueStatement:
        return;
      case ts.SyntaxKind.PropertyAssignment: {
        const { name, initializer } = node as ts.PropertyAssignment;
        if (ts.isComputedPropertyName(name)) visit(name.expression, scope);
        visit(initializer, scope);
        return;
      }
      case ts.SyntaxKind.JsxAttribute:
        if ((node as ts.JsxAttribute).initializer) visit((node as ts.JsxAttribute).initializer!, scope);
        return;
      case ts.SyntaxKind.Identifier:
        pending.push({ node: node as ts.Identifier, scope });
        return;
      default:
    }
    ts.forEachChild(node, (child) => visit(child, scope));
  }

  function defaultName(node: ts.Node): string {
    return (node as ts.FunctionDeclaration).name?.text ?? 'default';
  }

  function exportDefault(expr: ts.Expression, as = 'default'): void {
    const inside = bare(expr);
    exports.set(as, { kind: 'expression', expr: inside });
  }

  function variables(list: ts.VariableDeclarationList, scope: Scope, statement: ts.VariableStatement | undefined): void {
    const blockScoped = (list.flags & ts.NodeFlags.BlockScoped) !== 0;
    const home = blockScoped ? scope : functionScope(scope);
    if ((list.flags & ts.NodeFlags.AwaitUsing) === ts.NodeFlags.AwaitUsing) marksSuspension(list);
    const each = list.parent && (ts.isForOfStatement(list.parent) || ts.isForInStatement(list.parent)) ? list.parent : undefined;
    for (const declaration of list.declarations) {
      if (!(blockScoped && statement)) declarePattern(declaration.name, home, declaration, (list.flags & ts.NodeFlags.Const) !== 0);
      const { name, initializer } = declaration;
      if (each) originate(name, { expr: each.expression, part: [ts.isForOfStatement(each) ? '[]' : 'key'] }, scope);
      if (initializer) {
        originate(name, { expr: initializer }, scope);
        const inside = bare(initializer);
        if (ts.isIdentifier(name)) {
          const own = uses.get(name)!;
          if (isFunctionExpression(inside)) {
            own.callable = callable(inside, pathName(scope, name.text), outerOf(scope), { record: undefined });
          } else if (ts.isClassExpression(inside)) own.record = newShape('class', inside, name.text, scope);
          else if (ts.isObjectLiteralExpression(inside) && holdsFunctions(inside)) own.record = newShape('literal', inside, name.text, scope);
          const required = requiredModule(inside);
          if (required !== undefined) own.import = { from: required.from, name: required.name };
        } else if (requiredModule(inside) !== undefined && ts.isObjectBindingPattern(name)) {
          for (const element of name.elements) {
            const text = nameText(element.propertyName ?? (ts.isIdentifier(element.name) ? element.name : undefined));
            if (ts.isIdentifier(element.name) && text !== undefined) uses.get(element.name)!.import = { from: requiredModule(inside)!.from, name: text };
          }
        }
        visit(initializer, scope);
      } else if (!each && ts.isIdentifier(name)) {
        // It holds nothing until the first assignment: that is a change as any other.
        uses.get(name)!.assignments += 1;
      }
      visitPattern(name, scope);
      if (statement && scope === root && hasModifier(statement, ts.SyntaxKind.ExportKeyword)) exportPattern(name);
    }
  }

  function exportPattern(pattern: ts.BindingName): void {
    if (ts.isIdentifier(pattern)) {
      const name = uses.get(pattern)!;
      name.exported = true;
      if (name.record) name.record.exported = true;
      exports.set(pattern.text, { kind: 'name', name });
    } else for (const element of pattern.elements) if (!ts.isOmittedExpression(element)) exportPattern(element.name);
  }

  /** Default values and computed keys in a pattern are expressions as any other. */
  function visitPattern(pattern: ts.BindingName, scope: Scope): void {
    if (ts.isIdentifier(pattern)) return;
    for (const element of pattern.elements) {
      if (ts.isOmittedExpression(element)) continue;
      if (element.propertyName && ts.isComputedPropertyName(element.propertyName)) visit(element.propertyName.expression, scope);
      if (element.initializer) visit(element.initializer, scope);
      visitPattern(element.name, scope);
    }
  }

  function holdsFunctions(literal: ts.ObjectLiteralExpression): boolean {
    return literal.properties.some((property) => ts.isMethodDeclaration(property) || ts.isAccessor(property) || (ts.isPropertyAssignment(property) && isFunctionExpression(bare(property.initializer))));
  }

  function requiredModule(expr: ts.Expression): { readonly from: string; readonly name: string } | undefined {
    if (ts.isCallExpression(expr) && ts.isIdentifier(expr.expression) && expr.expression.text === 'require' && expr.arguments.length === 1 && ts.isStringLiteralLike(expr.arguments[0]!)) return { from: expr.arguments[0].text, name: '=' };
    if (ts.isPropertyAccessExpression(expr)) {
      const whole = requiredModule(bare(expr.expression));
      return whole?.name === '=' ? { from: whole.from, name: expr.name.text } : undefined;
    }
    return undefined;
  }

  function literal(node: ts.FunctionExpression | ts.ArrowFunction, scope: Scope): void {
    let made = callables.get(node);
    if (made === undefined) {
      const number = ++scope.callable.literals;
      made = callable(node, pathName(scope, node.name && ts.isIdentifier(node.name) ? node.name.text : `func${number}`), outerOf(scope));
    }
    body(node, made, scope);
  }

  function body(node: FunctionNode, made: Callable, scope: Scope): void {
    const own = inner(scope, made, true);
    if (ts.isFunctionExpression(node) && node.name) declare(own, node.name.text, 'function', node.name, { callable: made }).assignments = 1;
    for (const parameter of node.parameters) {
      declarePattern(parameter.name, own, parameter, false, 'parameter');
      if (parameter.initializer) {
        if (ts.isIdentifier(parameter.name)) uses.get(parameter.name)!.origins.push({ expr: parameter.initializer });
        visit(parameter.initializer, own);
      }
      visitPattern(parameter.name, own);
      if (ts.isConstructorDeclaration(node) && ts.isParameterPropertyDeclaration(parameter, node) && ts.isIdentifier(parameter.name) && made.record) {
        const property = field(made.record, parameter.name.text, parameter);
        property.typeNode = parameter.type;
        property.assignments += 1;
        property.hidden ||= hasModifier(parameter, ts.SyntaxKind.PrivateKeyword) || hasModifier(parameter, ts.SyntaxKind.ProtectedKeyword);
        property.origins.push({ expr: parameter.name });
      }
    }
    if (node.body === undefined) return;
    if (ts.isBlock(node.body)) visitAll(node.body.statements, own);
    else {
      made.returned.push(node.body);
      visit(node.body, own);
    }
  }

  function classLike(node: ts.ClassLikeDeclaration, scope: Scope): void {
    const shape = shapeOf.get(node) ?? newShape('class', node, node.name?.text ?? (hasModifier(node, ts.SyntaxKind.DefaultKeyword) ? 'default' : `class${++scope.callable.literals}`), scope);
    if (hasModifier(node, ts.SyntaxKind.DefaultKeyword) && !node.name) {
      shape.exported = true;
      exports.set('default', { kind: 'expression', expr: node as unknown as ts.Expression });
    }
    const own = inner(scope);
    if (node.name && ts.isClassExpression(node)) declare(own, node.name.text, 'class', node.name, { record: shape });
    if (shape.base) visit(shape.base, scope);
    for (const member of node.members) {
      const isStatic = hasModifier(member, ts.SyntaxKind.StaticKeyword);
      const hidden = hasModifier(member, ts.SyntaxKind.PrivateKeyword) || hasModifier(member, ts.SyntaxKind.ProtectedKeyword);
      const text = nameText(member.name);
      if (member.name && ts.isComputedPropertyName(member.name)) visit(member.name.expression, scope);
      const hides = hidden || text === undefined || /^(?:#|_|\[(?!Symbol\.))/.test(text);
      if (ts.isConstructorDeclaration(member)) {
        if (!member.body) continue;
        const made = shape.constructs ?? callable(member, `${shape.label}.constructor`, outerOf(scope), { record: shape, hidden: true });
        shape.constructs = made;
        body(member, made, own);
      } else if (ts.isMethodDeclaration(member)) {
        if (!member.body) continue;
        const made = callable(member, `${shape.label}.${text ?? `method${++scope.callable.literals}`}`, outerOf(scope), { record: shape, isStatic, hidden: hides });
        if (text !== undefined) (isStatic ? shape.staticMethods : shape.methods).set(text, made);
        body(member, made, own);
      } else if (ts.isGetAccessor(member) || ts.isSetAccessor(member)) {
        if (!member.body) continue;
        const made = callable(member, `${shape.label}.${ts.isGetAccessor(member) ? 'get' : 'set'} ${text ?? ''}`, outerOf(scope), { record: shape, isStatic, hidden: hides });
        if (text !== undefined && !isStatic) (ts.isGetAccessor(member) ? shape.getters : shape.setters).set(text, made);
        body(member, made, own);
      } else if (ts.isPropertyDeclaration(member)) {
        const value = member.initializer && bare(member.initializer);
        if (value && isFunctionExpression(value) && text !== undefined) {
          const made = callable(value, `${shape.label}.${text}`, outerOf(scope), { record: shape, isStatic, hidden: hides });
          (isStatic ? shape.staticMethods : shape.methods).set(text, made);
          body(value, made, own);
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
        if (member.initializer) visit(member.initializer, inner(own, constructorOf(shape, own), true));
      } else if (ts.isClassStaticBlockDeclaration(member)) visitAll(member.body.statements, inner(own));
    }
  }

  /** Field initialisers run in the constructor, written or not. */
  function constructorOf(shape: Shape, scope: Scope): Callable {
    const written = ts.isClassLike(shape.node) ? shape.node.members.find((member) => ts.isConstructorDeclaration(member) && member.body) : undefined;
    if (written) return shape.constructs ?? (shape.constructs = callable(written as ts.ConstructorDeclaration, `${shape.label}.constructor`, outerOf(scope), { record: shape, hidden: true }));
    return (shape.constructs ??= callable(shape.node as ts.ClassLikeDeclaration, `${shape.label}.constructor`, outerOf(scope), { record: shape, hidden: true }));
  }

  function objectLiteral(node: ts.ObjectLiteralExpression, scope: Scope): void {
    const shape = shapeOf.get(node) ?? (holdsFunctions(node) && namesItself(node) ? newShape('literal', node, `object${++scope.callable.literals}`, scope) : undefined);
    const label = shape === undefined || /^object\d+$/.test(shape.label.split('.').pop()!) ? scope.callable === init ? undefined : scope.callable.name : shape.label;
    for (const property of node.properties) {
      const text = nameText(property.name);
      const named = label === undefined || text === undefined ? undefined : `${label}.${text}`;
      if (property.name && ts.isComputedPropertyName(property.name)) visit(property.name.expression, scope);
      if (ts.isMethodDeclaration(property) || ts.isAccessor(property)) {
        const made = callable(property, named ?? pathName(scope, text ?? `func${++scope.callable.literals}`), outerOf(scope), { record: shape, hidden: text?.startsWith('_') ?? true });
        if (shape && text !== undefined) (ts.isGetAccessor(property) ? shape.getters : ts.isSetAccessor(property) ? shape.setters : shape.methods).set(text, made);
        body(property, made, scope);
      } else if (ts.isPropertyAssignment(property)) {
        const value = bare(property.initializer);
        if (isFunctionExpression(value) && text !== undefined) {
          const made = callable(value, named ?? pathName(scope, text), outerOf(scope), { record: ts.isArrowFunction(value) ? undefined : shape, hidden: text.startsWith('_') });
          shape?.methods.set(text, made);
          body(value, made, scope);
          continue;
        }
        if (shape && text !== undefined) {
          const known = field(shape, text, property);
          known.assignments += 1;
          known.origins.push({ expr: property.initializer });
        }
        visit(property.initializer, scope);
      } else if (ts.isShorthandPropertyAssignment(property)) {
        pending.push({ node: property.name, scope });
        if (property.objectAssignmentInitializer) visit(property.objectAssignmentInitializer, scope);
      } else if (ts.isSpreadAssignment(property)) visit(property.expression, scope);
    }
  }

  /** Literals with methods that speak of `this`: their fields are shared as those of a class are. */
  function namesItself(node: ts.ObjectLiteralExpression): boolean {
    return node.properties.some((property) => (ts.isMethodDeclaration(property) || ts.isAccessor(property) || (ts.isPropertyAssignment(property) && ts.isFunctionExpression(bare(property.initializer)))));
  }

  function importDeclaration(node: ts.ImportDeclaration, scope: Scope): void {
    if (!ts.isStringLiteral(node.moduleSpecifier)) return;
    const from = node.moduleSpecifier.text;
    const { importClause } = node;
    if (!importClause) return;
    if (importClause.name) declare(scope, importClause.name.text, 'import', importClause.name, { import: { from, name: 'default' } });
    const bindings = importClause.namedBindings;
    if (bindings && ts.isNamespaceImport(bindings)) declare(scope, bindings.name.text, 'import', bindings.name, { import: { from, name: '*' } });
    else if (bindings) for (const element of bindings.elements) declare(scope, element.name.text, 'import', element.name, { import: { from, name: (element.propertyName ?? element.name).text } });
  }

  function exportDeclaration(node: ts.ExportDeclaration, scope: Scope): void {
    const from = node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier) ? node.moduleSpecifier.text : undefined;
    const clause = node.exportClause;
    if (clause === undefined) {
      if (from !== undefined) stars.push(from);
    } else if (ts.isNamespaceExport(clause)) {
      if (from !== undefined) exports.set(clause.name.text, { kind: 'from', from, name: '*' });
    } else for (const element of clause.elements) {
      const own = (element.propertyName ?? element.name).text;
      if (from !== undefined) exports.set(element.name.text, { kind: 'from', from, name: own });
      else if (ts.isIdentifier(element.propertyName ?? element.name)) pending.push({ node: (element.propertyName ?? element.name) as ts.Identifier, scope, exportAs: element.name.text });
    }
  }

  function assigned(target: ts.Expression, origin: Origin | undefined, scope: Scope): void {
    const inside = bare(target);
    if (ts.isIdentifier(inside)) pending.push({ node: inside, scope, write: origin ?? { expr: inside } });
    else if (ts.isPropertyAccessExpression(inside) || ts.isElementAccessExpression(inside)) selfAssignments.push({ member: inside, scope, origin, shape: undefined });
    else if (ts.isArrayLiteralExpression(inside)) inside.elements.forEach((element, index) => { if (!ts.isOmittedExpression(element)) assigned(ts.isSpreadElement(element) ? element.expression : element, origin && { expr: origin.expr, part: [...(origin.part ?? []), String(index)] }, scope); });
    else if (ts.isObjectLiteralExpression(inside)) for (const property of inside.properties) {
      if (ts.isPropertyAssignment(property)) assigned(property.initializer, origin && { expr: origin.expr, part: [...(origin.part ?? []), nameText(property.name) ?? '?'] }, scope);
      else if (ts.isShorthandPropertyAssignment(property)) pending.push({ node: property.name, scope, write: origin ? { expr: origin.expr, part: [...(origin.part ?? []), property.name.text] } : { expr: property.name } });
    }
    else if (ts.isBinaryExpression(inside) && inside.operatorToken.kind === ts.SyntaxKind.EqualsToken) assigned(inside.left, origin, scope);
  }

  /** `X.prototype.m = function`, `module.exports = ...`, `exports.f = ...`: classes and exports as plain JavaScript writes them. */
  function memberAssignment(left: ts.Expression, right: ts.Expression, scope: Scope): void {
    const target = bare(left);
    const value = bare(right);
    if (!ts.isPropertyAccessExpression(target)) return;
    const text = target.name.text;
    const on = bare(target.expression);
    if (ts.isIdentifier(on) && (on.text === 'module' || on.text === 'exports') && scope.callable === init) {
      if (on.text === 'module' && text === 'exports') exports.set('=', { kind: 'expression', expr: value });
      else if (on.text === 'exports') exports.set(text, { kind: 'expression', expr: value });
    }
    if (ts.isPropertyAccessExpression(on) && on.name.text === 'exports' && ts.isIdentifier(on.expression) && on.expression.text === 'module') exports.set(text, { kind: 'expression', expr: value });
    const prototype = ts.isPropertyAccessExpression(on) && on.name.text === 'prototype' && ts.isIdentifier(bare(on.expression)) ? (bare(on.expression) as ts.Identifier) : undefined;
    if (prototype) {
      const shape = constructorShape(prototype, scope);
      if (shape && isFunctionExpression(value)) shape.methods.set(text, callable(value, `${shape.label}.${text}`, outerOf(scope), { record: shape, hidden: text.startsWith('_') }));
      return;
    }
    if (text === 'prototype' && ts.isIdentifier(on) && ts.isObjectLiteralExpression(value)) {
      const shape = constructorShape(on, scope);
      if (shape === undefined) return;
      for (const property of value.properties) {
        const name = nameText(property.name);
        const fn = ts.isPropertyAssignment(property) ? bare(property.initializer) : property;
        if (name !== undefined && isFunctionNode(fn)) shape.methods.set(name, callable(fn, `${shape.label}.${name}`, outerOf(scope), { record: shape, hidden: name.startsWith('_') }));
      }
      return;
    }
    if (isFunctionExpression(value) && !callables.has(value)) {
      const self = on.kind === ts.SyntaxKind.ThisKeyword ? shapeAround(scope) : ts.isIdentifier(on) ? lookup(scope, on.text)?.record : undefined;
      if (self) {
        const made = callable(value, `${self.label}.${text}`, outerOf(scope), { record: ts.isArrowFunction(value) ? undefined : self, hidden: text.startsWith('_') });
        if (on.kind === ts.SyntaxKind.ThisKeyword && !self.methods.has(text)) self.methods.set(text, made);
        else if (self.kind !== 'literal') self.staticMethods.set(text, made);
        else if (!self.methods.has(text)) self.methods.set(text, made);
      } else if (ts.isIdentifier(on) && (on.text === 'exports' || on.text === 'module')) callable(value, pathName(scope, text), outerOf(scope));
    }
  }

  function constructorShape(ident: ts.Identifier, scope: Scope): Shape | undefined {
    const name = lookup(scope, ident.text);
    if (name === undefined) return undefined;
    if (name.record) return name.record;
    const made = name.callable;
    if (made === undefined) return undefined;
    const shape = newShape('function', made.node, name.text, scope);
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

  function resolveUses(): void {
    for (const { node, scope, write, exportAs } of pending) {
      const name = lookup(scope, node.text);
      if (name === undefined) continue;
      uses.set(node, name);
      if (name.owner !== undefined && name.owner !== scope.callable) name.captured = true;
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

  /** Fields that are assigned without being declared, and what each may hold. */
  function collectMembers(): void {
    for (const { member, scope, origin } of selfAssignments) {
      const on = bare(member.expression);
      const text = ts.isPropertyAccessExpression(member) ? member.name.text : undefined;
      if (text === undefined) continue;
      let shape: Shape | undefined;
      let isStatic = false;
      if (on.kind === ts.SyntaxKind.ThisKeyword) {
        let at: Callable | undefined = scope.callable;
        while (at?.arrow && at.record === undefined) at = at.outer;
        shape = at?.record ?? (at && at.node.kind === ts.SyntaxKind.FunctionDeclaration ? functionShape(at, scope) : undefined);
        isStatic = at?.isStatic ?? false;
      } else if (ts.isIdentifier(on)) {
        const name = uses.get(on);
        const self = name?.constant === true || name?.assignments === 1 ? name?.origins[0] : undefined;
        if (self && !self.part && bare(self.expr).kind === ts.SyntaxKind.ThisKeyword) shape = thisAround(self.expr);
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

  /** A function with a capital that fills `this` is a class without the word. */
  function functionShape(made: Callable, scope: Scope): Shape | undefined {
    const node = made.node as ts.FunctionDeclaration;
    return node.name && /^[A-Z]/.test(node.name.text) ? constructorShape(node.name, scope) : undefined;
  }

  function thisAround(expr: ts.Expression): Shape | undefined {
    for (let node: ts.Node | undefined = expr; node; node = node.parent) {
      const at = callables.get(node);
      if (at && !(at.arrow && at.record === undefined)) return at.isStatic ? undefined : at.record;
    }
    return undefined;
  }
}

/** Names that are assigned in more places than this hold anything. */
const maxOrigins = 8;
