import ts from 'typescript';

/**
 * A transformer for the compiler: loops over arrays, and patterns that take arrays apart, by index. Both mean the iterator
 * protocol, and until V8 has optimised a function each step of it is a call and an object; most of what a check runs is over
 * before that. For arrays the two are the same: the iterator, too, reads the length again at each step and holes as undefined.
 * Only where the types say that it is an array, a tuple, what an interface makes of an array (a list of the compiler's nodes), or
 * the `entries()` of one; everything else keeps its iterator.
 */
export function plainLoops(program) {
  const checker = program.getTypeChecker();
  const isArray = (type) => (type.isUnion() ? type.types.every(isArray) : (type.flags & ts.TypeFlags.Object) !== 0 && checker.isArrayLikeType(type));
  /** Names alone: a default, a rest or a pattern inside stays as it is. */
  const isFlat = (pattern) => pattern.elements.every((element) => ts.isOmittedExpression(element) || (ts.isIdentifier(element.name) && element.initializer === undefined && element.dotDotDotToken === undefined));
  /** `[index, value] of list.entries()`: the list. */
  const listOfEntries = (pattern, expression) => (ts.isArrayBindingPattern(pattern) && isFlat(pattern) && pattern.elements.length <= 2 && ts.isCallExpression(expression) && ts.isPropertyAccessExpression(expression.expression) && expression.questionDotToken === undefined && expression.expression.questionDotToken === undefined && expression.expression.name.text === 'entries' && isArray(checker.getTypeAtLocation(expression.expression.expression)) ? expression.expression.expression : undefined);
  const takesArrayApart = (name) => ts.isArrayBindingPattern(name) && isFlat(name) && isArray(checker.getTypeAtLocation(name));

  return (context) => {
    const { factory } = context;
    const at = (list, index) => factory.createElementAccessExpression(list, index);
    const declare = (name, initializer) => factory.createVariableDeclaration(name, undefined, undefined, initializer);
    const statement = (declarations, flags) => factory.createVariableStatement(undefined, factory.createVariableDeclarationList(declarations, flags));
    /** The pattern's names, each with its place in the list. */
    const parts = (pattern, list) => pattern.elements.flatMap((element, index) => (ts.isOmittedExpression(element) ? [] : [declare(element.name, at(list, index))]));
    const inside = (statements, body) => factory.createBlock([...statements, ...(ts.isBlock(body) && !declaresOneOf(body, namesIn(statements)) ? body.statements : [body])], true);

    const visit = (node) => {
      if (ts.isForOfStatement(node) && node.awaitModifier === undefined && ts.isVariableDeclarationList(node.initializer)) return loop(node);
      if (ts.isVariableDeclarationList(node) && node.declarations.some(({ name, initializer }) => initializer !== undefined && takesArrayApart(name))) return declarations(node);
      if (ts.isArrowFunction(node) && node.parameters.some(({ name, initializer }) => initializer === undefined && takesArrayApart(name))) return arrow(node);
      return ts.visitEachChild(node, visit, context);
    };

    const loop = (node) => {
      const { name } = node.initializer.declarations[0];
      const { flags } = node.initializer;
      const numbered = listOfEntries(name, node.expression);
      if (numbered !== undefined) {
        return byIndex(ts.visitNode(numbered, visit), (list, index) => {
          const [position, value] = name.elements;
          return [position && !ts.isOmittedExpression(position) ? declare(position.name, index) : undefined, value && !ts.isOmittedExpression(value) ? declare(value.name, at(list, index)) : undefined].filter((one) => one !== undefined);
        }, flags, ts.visitNode(node.statement, visit));
      }
      const apart = takesArrayApart(name);
      const overArray = isArray(checker.getTypeAtLocation(node.expression));
      if (!apart && !overArray) return ts.visitEachChild(node, visit, context);
      const expression = ts.visitNode(node.expression, visit);
      const body = ts.visitNode(node.statement, visit);
      const one = apart ? factory.createUniqueName('one') : ts.visitNode(name, visit);
      const taken = apart && name.elements.length > 0 ? [statement(parts(name, one), flags)] : [];
      if (!overArray) return factory.updateForOfStatement(node, undefined, factory.createVariableDeclarationList([declare(one)], ts.NodeFlags.Const), expression, inside(taken, body));
      if (!apart) return byIndex(expression, (list, index) => [declare(one, at(list, index))], flags, body);
      return byIndex(expression, (list, index) => [declare(one, at(list, index))], ts.NodeFlags.Const, inside(taken, body));
    };

    /** A loop over a list that begins each turn with the declarations. */
    const byIndex = (expression, declarations, flags, body) => {
      const index = factory.createUniqueName('index');
      const list = factory.createUniqueName('list');
      const declared = declarations(list, index);
      return factory.createForStatement(
        factory.createVariableDeclarationList([declare(index, factory.createNumericLiteral(0)), declare(list, expression)], ts.NodeFlags.Let),
        factory.createLessThan(index, factory.createPropertyAccessExpression(list, 'length')),
        factory.createPostfixIncrement(index),
        inside(declared.length === 0 ? [] : [statement(declared, flags)], body),
      );
    };

    const declarations = (node) => factory.updateVariableDeclarationList(node, node.declarations.flatMap((declaration) => {
      const { name, initializer } = declaration;
      if (initializer === undefined || !takesArrayApart(name)) return [ts.visitEachChild(declaration, visit, context)];
      const list = factory.createUniqueName('list');
      return [declare(list, ts.visitNode(initializer, visit)), ...parts(name, list)];
    }));

    const arrow = (node) => {
      const { parameters, body } = ts.visitEachChild(node, visit, context);
      const taken = [];
      const plain = node.parameters.map((parameter, place) => {
        if (parameter.initializer !== undefined || !takesArrayApart(parameter.name)) return parameters[place];
        const list = factory.createUniqueName('list');
        taken.push(...parts(parameter.name, list));
        return factory.updateParameterDeclaration(parameter, undefined, parameter.dotDotDotToken, list, undefined, undefined, undefined);
      });
      const statements = taken.length === 0 ? [] : [statement(taken, ts.NodeFlags.Let)];
      const whole = ts.isBlock(body) ? body : factory.createBlock([factory.createReturnStatement(body)], true);
      return factory.updateArrowFunction(node, node.modifiers, undefined, plain, undefined, node.equalsGreaterThanToken, inside(statements, whole));
    };

    return (file) => ts.visitNode(file, visit);
  };
}

function namesIn(statements) {
  return new Set(statements.flatMap(({ declarationList }) => declarationList.declarations.flatMap(({ name }) => boundNames(name))));
}

function boundNames(name) {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (ts.isOmittedExpression(element) ? [] : boundNames(element.name)));
}

/** A block that declares a name again needs one of its own. */
function declaresOneOf(block, names) {
  return block.statements.some((statement) =>
    (ts.isVariableStatement(statement) && statement.declarationList.declarations.some(({ name }) => boundNames(name).some((own) => names.has(own))))
    || ((ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) && names.has(statement.name?.text ?? '')));
}
