import type { Gap } from '../../../ir/index.js';
import { callbackParameters, canonicalNames, factories, globalClasses, globalObjects, globalValues, iterators, lockMethods, lockNames, lockWrappers, meanings, methodMeanings, methodResults, moduleAliases } from '../../../models/typescript.js';
import type { Surroundings } from '../../front-end.js';
import type { Unit } from '../parse.js';
import { bare, isFunctionExpression, nameText, ts } from '../syntax.js';
import { bind } from './bind.js';
import { moduleGraph } from './modules.js';
import type { Bound, Callable, FieldShape, Name, Shape, TsType } from './types.js';

/** What a property of an object is, and in which class it is declared. */
export type Member =
  | { readonly kind: 'method'; readonly callable: Callable; readonly owner: Shape }
  | { readonly kind: 'accessor'; readonly get?: Callable; readonly set?: Callable; readonly owner: Shape }
  | { readonly kind: 'field'; readonly field: FieldShape; readonly owner: Shape };

/** All files with their names led to declarations, and answers about what expressions are. */
export interface World {
  readonly bounds: readonly Bound[];
  readonly boundOf: (node: ts.Node) => Bound;
  /** The declaration an identifier means; through imports with `entity`. */
  readonly nameOf: (node: ts.Node) => Name | undefined;
  /** The declaration behind an imported name, where it is a name of another file. */
  readonly declared: (name: Name) => Name;
  readonly callableOf: (node: ts.Node) => Callable | undefined;
  readonly typeOf: (expr: ts.Expression) => TsType;
  readonly typeOfName: (name: Name) => TsType;
  readonly typeOfField: (field: FieldShape, shape: Shape) => TsType;
  readonly typeOfNode: (node: ts.TypeNode | undefined, unit: Unit) => TsType;
  readonly member: (shape: Shape, text: string) => Member | undefined;
  readonly baseOf: (shape: Shape) => Shape | undefined;
  /** The name of a base that is not here. */
  readonly foreignBase: (shape: Shape) => string | undefined;
  /** Every method a call of this member may run: the one found, and what subclasses and implementations put in its place. */
  readonly overrides: (shape: Shape, text: string) => readonly Callable[];
  /** What `this` is at a node, and the function whose `this` it is. */
  readonly selfAt: (node: ts.Node) => { readonly shape: Shape; readonly callable: Callable } | undefined;
  readonly returnType: (callable: Callable) => TsType;
}

const unknown: TsType = { kind: 'unknown' };

/** Binds all files, joins them by their imports, and marks what the world outside can reach. */
export function buildWorld(units: readonly Unit[], surroundings: Surroundings, gaps: Gap[]): World {
  const taken = new Set<string>();
  const newId = (id: string, kind: 'function' | 'shape'): string => {
    let unique = id;
    for (let twin = 2; taken.has(`${kind} ${unique}`); twin++) unique = `${id}#${twin}`;
    taken.add(`${kind} ${unique}`);
    return unique;
  };
  const bounds: Bound[] = [];
  for (const unit of units) {
    try {
      bounds.push(bind(unit, newId, gaps));
    } catch (error) {
      gaps.push({ at: unit.span(0, 0), reason: `the names of this file were not understood: ${error instanceof Error ? error.message : String(error)}` });
    }
  }
  const byPath = new Map(bounds.map((bound) => [bound.unit.path, bound]));
  const byTree = new Map(bounds.map((bound) => [bound.unit.tree as ts.Node, bound]));
  const modules = moduleGraph(byPath, surroundings, gaps);
  const boundOf = (node: ts.Node): Bound => byTree.get(node.getSourceFile())!;

  const exprTypes = new Map<ts.Node, TsType>();
  const nameTypes = new Map<Name, TsType>();
  const fieldTypes = new Map<FieldShape, TsType>();
  const returns = new Map<Callable, TsType>();
  const bases = new Map<Shape, Shape | undefined>();

  /** Asks once; what asks for itself meanwhile gets the honest answer. */
  const once = <K, T>(table: Map<K, T>, key: K, during: T, compute: () => T): T => {
    const known = table.get(key);
    if (known !== undefined) return known;
    table.set(key, during);
    const answer = compute();
    table.set(key, answer);
    return answer;
  };

  const typeOf = (expr: ts.Expression): TsType => once<ts.Node, TsType>(exprTypes, expr, unknown, () => {
    if (ts.isAsExpression(expr) || ts.isTypeAssertionExpression(expr)) {
      const declared = typeOfNode(expr.type, boundOf(expr).unit);
      return declared.kind === 'unknown' ? typeOf(expr.expression) : declared;
    }
    const inner = bare(expr);
    return inner === expr ? computeType(expr) : typeOf(ts.isParenthesizedExpression(expr) || ts.isNonNullExpression(expr) || ts.isSatisfiesExpression(expr) ? expr.expression : inner);
  });

  const computeType = (expr: ts.Expression): TsType => {
    switch (expr.kind) {
      case ts.SyntaxKind.ThisKeyword: {
        const self = selfAt(expr);
        return self === undefined ? unknown : self.callable.isStatic ? { kind: 'class', shape: self.shape } : { kind: 'instance', shape: self.shape };
      }
      case ts.SyntaxKind.SuperKeyword: {
        const self = selfAt(expr);
        const base = self && baseOf(self.shape);
        return base ? { kind: self.callable.isStatic ? 'class' : 'instance', shape: base } : unknown;
      }
      case ts.SyntaxKind.Identifier: {
        const name = nameOf(expr);
        if (name) return typeOfName(name);
        const { text } = expr as ts.Identifier;
        if (text === 'undefined') return unknown;
        return globalValues.has(text) || globalClasses.has(text) ? { kind: 'external', name: text } : unknown;
      }
      case ts.SyntaxKind.StringLiteral:
      case ts.SyntaxKind.NoSubstitutionTemplateLiteral:
      case ts.SyntaxKind.TemplateExpression:
      case ts.SyntaxKind.TypeOfExpression:
        return { kind: 'scalar', name: 'string' };
      case ts.SyntaxKind.NumericLiteral:
      case ts.SyntaxKind.PostfixUnaryExpression:
        return { kind: 'scalar', name: 'number' };
      case ts.SyntaxKind.PrefixUnaryExpression:
        return { kind: 'scalar', name: (expr as ts.PrefixUnaryExpression).operator === ts.SyntaxKind.ExclamationToken ? 'boolean' : 'number' };
      case ts.SyntaxKind.TrueKeyword:
      case ts.SyntaxKind.FalseKeyword:
        return { kind: 'scalar', name: 'boolean' };
      case ts.SyntaxKind.FunctionExpression:
      case ts.SyntaxKind.ArrowFunction: {
        const callable = callableOf(expr);
        return callable ? { kind: 'function', callable } : unknown;
      }
      case ts.SyntaxKind.ClassExpression: {
        const shape = boundOf(expr).shapeOf.get(expr);
        return shape ? { kind: 'class', shape } : unknown;
      }
      case ts.SyntaxKind.ArrayLiteralExpression: {
        const [first] = (expr as ts.ArrayLiteralExpression).elements;
        return { kind: 'list', of: first && !ts.isSpreadElement(first) ? typeOf(first) : unknown };
      }
      case ts.SyntaxKind.ObjectLiteralExpression: {
        const shape = boundOf(expr).shapeOf.get(expr);
        if (shape) return { kind: 'instance', shape };
        return (expr as ts.ObjectLiteralExpression).properties.length === 0 ? { kind: 'map', of: unknown, flavour: 'dictionary' } : unknown;
      }
      case ts.SyntaxKind.NewExpression:
        return typeOfNew(expr as ts.NewExpression);
      case ts.SyntaxKind.AwaitExpression: {
        const awaited = typeOf((expr as ts.AwaitExpression).expression);
        return awaited.kind === 'promise' ? awaited.of : awaited;
      }
      case ts.SyntaxKind.CallExpression:
        return typeOfCall(expr as ts.CallExpression);
      case ts.SyntaxKind.PropertyAccessExpression:
        return typeOfMember(expr as ts.PropertyAccessExpression);
      case ts.SyntaxKind.ElementAccessExpression: {
        const on = typeOf((expr as ts.ElementAccessExpression).expression);
        return on.kind === 'list' || on.kind === 'map' ? on.of : unknown;
      }
      case ts.SyntaxKind.ConditionalExpression: {
        const { whenTrue, whenFalse } = expr as ts.ConditionalExpression;
        return known(typeOf(whenTrue), () => typeOf(whenFalse));
      }
      case ts.SyntaxKind.BinaryExpression: {
        const { left, operatorToken, right } = expr as ts.BinaryExpression;
        switch (operatorToken.kind) {
          case ts.SyntaxKind.BarBarToken:
          case ts.SyntaxKind.QuestionQuestionToken:
          case ts.SyntaxKind.QuestionQuestionEqualsToken:
          case ts.SyntaxKind.BarBarEqualsToken:
            return known(typeOf(left), () => typeOf(right));
          case ts.SyntaxKind.EqualsToken:
          case ts.SyntaxKind.CommaToken:
          case ts.SyntaxKind.AmpersandAmpersandToken:
            return typeOf(right);
          case ts.SyntaxKind.EqualsEqualsEqualsToken:
          case ts.SyntaxKind.ExclamationEqualsEqualsToken:
          case ts.SyntaxKind.LessThanToken:
          case ts.SyntaxKind.GreaterThanToken:
          case ts.SyntaxKind.InKeyword:
          case ts.SyntaxKind.InstanceOfKeyword:
            return { kind: 'scalar', name: 'boolean' };
          case ts.SyntaxKind.PlusToken:
          case ts.SyntaxKind.MinusToken:
          case ts.SyntaxKind.AsteriskToken:
          case ts.SyntaxKind.SlashToken:
          case ts.SyntaxKind.PercentToken:
            return { kind: 'scalar', name: 'number' };
          default:
            return unknown;
        }
      }
      default:
        return unknown;
    }
  };

  const known = (first: TsType, other: () => TsType): TsType => (first.kind === 'unknown' ? other() : first);

  const typeOfNew = (expr: ts.NewExpression): TsType => {
    const made = typeOf(expr.expression);
    if (made.kind === 'class') return { kind: 'instance', shape: made.shape };
    if (made.kind === 'function' && made.callable.record) return { kind: 'instance', shape: made.callable.record };
    if (made.kind !== 'external') return unknown;
    return instanceOf(made.name, expr.typeArguments, expr.arguments, expr);
  };

  const instanceOf = (name: string, typeArguments: readonly ts.TypeNode[] | undefined, args: readonly ts.Expression[] | undefined, at: ts.Node): TsType => {
    const { unit } = boundOf(at);
    switch (name) {
      case 'Map':
      case 'WeakMap':
        return { kind: 'map', of: typeOfNode(typeArguments?.[1], unit), flavour: 'map' };
      case 'Set':
      case 'WeakSet':
        return { kind: 'map', of: typeOfNode(typeArguments?.[0], unit), flavour: 'set' };
      case 'Array':
        return { kind: 'list', of: typeOfNode(typeArguments?.[0], unit) };
      case 'Promise':
        return { kind: 'promise', of: typeOfNode(typeArguments?.[0], unit) };
      default: {
        const [first] = args ?? [];
        const limit = first && ts.isNumericLiteral(bare(first)) ? Number((bare(first) as ts.NumericLiteral).text) : first && ts.isObjectLiteralExpression(bare(first)) ? concurrencyOf(bare(first) as ts.ObjectLiteralExpression) : undefined;
        return { kind: 'library', name: canonicalNames.get(name) ?? name, ...(limit === undefined ? {} : { limit }) };
      }
    }
  };

  /** `{ concurrency: 1 }`. */
  const concurrencyOf = (literal: ts.ObjectLiteralExpression): number | undefined => {
    const property = literal.properties.find((one) => ts.isPropertyAssignment(one) && nameText(one.name) === 'concurrency');
    return property && ts.isPropertyAssignment(property) && ts.isNumericLiteral(property.initializer) ? Number(property.initializer.text) : undefined;
  };

  const typeOfCall = (expr: ts.CallExpression): TsType => {
    const callee = bare(expr.expression);
    if (ts.isIdentifier(callee) && callee.text === 'require' && expr.arguments.length === 1 && ts.isStringLiteralLike(expr.arguments[0]!)) return importedType(boundOf(expr), expr.arguments[0].text, '=');
    if (ts.isPropertyAccessExpression(callee)) {
      const on = typeOf(callee.expression);
      const text = callee.name.text;
      if (on.kind === 'map' && text === 'get') return on.of;
      if (on.kind === 'map' && (text === 'values')) return { kind: 'list', of: on.of };
      if (on.kind === 'list') {
        if (['filter', 'slice', 'concat', 'reverse', 'sort', 'toSorted', 'toReversed', 'splice'].includes(text)) return on;
        if (['find', 'findLast', 'pop', 'shift', 'at'].includes(text)) return on.of;
        if (text === 'map') return { kind: 'list', of: unknown };
      }
      if (on.kind === 'promise') return text === 'catch' || text === 'finally' ? on : { kind: 'promise', of: unknown };
      if (on.kind === 'external' && on.name === 'Object' && (text === 'values' || text === 'keys' || text === 'entries')) {
        const of = expr.arguments[0] ? typeOf(expr.arguments[0]) : unknown;
        return { kind: 'list', of: text === 'values' && of.kind === 'map' ? of.of : unknown };
      }
      if (on.kind === 'external' && on.name === 'Object' && text === 'create') return { kind: 'map', of: unknown, flavour: 'dictionary' };
      if (on.kind === 'external' && on.name === 'Object' && (text === 'freeze' || text === 'assign') && expr.arguments[0]) return typeOf(expr.arguments[0]);
      if (on.kind === 'external' && on.name === 'Array' && text === 'from' && expr.arguments[0]) {
        const of = typeOf(expr.arguments[0]);
        return of.kind === 'list' ? of : of.kind === 'map' && of.flavour === 'set' ? { kind: 'list', of: of.of } : { kind: 'list', of: unknown };
      }
      if (on.kind === 'external' && on.name === 'Promise') return { kind: 'promise', of: unknown };
      if (methodMeanings.get(text)?.means === 'listens' && on.kind !== 'external' && !(on.kind === 'instance' && member(on.shape, text))) return on;
      const made = methodResults.get(text);
      if (made !== undefined && !(on.kind === 'instance' && member(on.shape, text))) return { kind: 'library', name: made };
      if (text === 'bind') return typeOf(callee.expression);
    }
    const called = typeOf(callee);
    const meaning = meaningOfCall(callee);
    if (meaning?.means === 'acquire' && meaning.releases !== undefined && !meaning.tries) {
      const lock = ts.isPropertyAccessExpression(callee) && called.kind !== 'external' ? callee.expression : (expr.arguments[0] ?? callee);
      const releaser: TsType = meaning.releases === 'object' ? { kind: 'lease', lock, names: meaning.releaseNames ?? [] } : { kind: 'releaser', lock };
      return { kind: 'promise', of: meaning.releases === 'second' ? { kind: 'list', of: releaser } : releaser };
    }
    if (called.kind === 'function') return returnType(called.callable);
    if (called.kind === 'external') {
      if (called.name === 'Array') return { kind: 'list', of: unknown };
      const made = factories.get(called.name);
      if (made !== undefined) return instanceOf(made, undefined, expr.arguments, expr);
      if (lockWrappers.has(called.name) && expr.arguments[0]) return typeOf(expr.arguments[0]);
      return unknown;
    }
    return unknown;
  };

  const meaningOfCall = (callee: ts.Expression) => {
    if (!ts.isPropertyAccessExpression(callee)) {
      const type = typeOf(callee);
      return type.kind === 'external' ? meanings.get(type.name) : undefined;
    }
    const on = typeOf(callee.expression);
    const text = callee.name.text;
    if (on.kind === 'external') return meanings.get(canonicalNames.get(`${on.name}.${text}`) ?? `${on.name}.${text}`);
    if (on.kind === 'library') return meanings.get(`${on.name}.${text}`) ?? (on.name.startsWith('.') && lockNames.test(on.name.slice(on.name.lastIndexOf('.') + 1)) ? lockMethods.get(text) : undefined);
    return on.kind === 'instance' && on.shape.kind === 'class' && lockNames.test(on.shape.label) && bare(callee.expression).kind !== ts.SyntaxKind.ThisKeyword ? lockMethods.get(text) : undefined;
  };

  const returnType = (callable: Callable): TsType => once<Callable, TsType>(returns, callable, unknown, () => {
    const declared = 'type' in callable.node ? typeOfNode(callable.node.type as ts.TypeNode | undefined, callable.unit) : unknown;
    if (declared.kind !== 'unknown') return declared;
    if (callable.generator) return unknown;
    for (const expr of callable.returned.slice(0, 4)) {
      const type = typeOf(expr);
      if (type.kind !== 'unknown') return callable.async ? { kind: 'promise', of: type.kind === 'promise' ? type.of : type } : type;
    }
    return callable.async ? { kind: 'promise', of: unknown } : unknown;
  });

  const typeOfMember = (expr: ts.PropertyAccessExpression): TsType => memberType(typeOf(expr.expression), expr.name.text);

  const memberType = (on: TsType, text: string): TsType => {
    switch (on.kind) {
      case 'instance': {
        const found = member(on.shape, text);
        if (found === undefined) return unknown;
        if (found.kind === 'method') return { kind: 'function', callable: found.callable };
        if (found.kind === 'accessor') return found.get ? returnType(found.get) : unknown;
        return typeOfField(found.field, found.owner);
      }
      case 'class': {
        for (let shape: Shape | undefined = on.shape, hops = 0; shape && hops < 16; shape = baseOf(shape), hops++) {
          const method = shape.staticMethods.get(text);
          if (method) return { kind: 'function', callable: method };
          const field = shape.statics.get(text);
          if (field) return typeOfField(field, shape);
        }
        return unknown;
      }
      case 'module': {
        const bound = byPath.get(on.path);
        const found = bound && modules.exported(bound, text);
        return found ? exportedType(found.bound, found.what) : unknown;
      }
      case 'lease':
        return on.names.includes(text) ? { kind: 'releaser', lock: on.lock } : unknown;
      case 'external':
        return { kind: 'external', name: canonicalNames.get(`${on.name}.${text}`) ?? `${globalObjects.has(on.name) ? '' : `${on.name}.`}${text}` };
      default:
        return unknown;
    }
  };

  const exportedType = (bound: Bound, what: import('./types.js').Export): TsType => {
    if (what.kind === 'name') return typeOfName(what.name);
    if (what.kind === 'expression') {
      const callable = bound.callables.get(what.expr);
      if (callable) return { kind: 'function', callable };
      const shape = bound.shapeOf.get(what.expr);
      if (shape) return { kind: ts.isObjectLiteralExpression(what.expr) ? 'instance' : 'class', shape };
      return typeOf(what.expr);
    }
    return importedType(bound, what.from, what.name);
  };

  const importedType = (bound: Bound, from: string, name: string): TsType => {
    const to = modules.destination(bound.unit.path, from);
    if (to.kind === 'library') {
      const library = moduleAliases.get(to.name) ?? to.name;
      const full = name === '*' || name === '=' || name === 'default' ? library : `${library}.${name}`;
      return { kind: 'external', name: name === 'default' || name === '=' ? full : (canonicalNames.get(full) ?? full) };
    }
    if (name === '*') return { kind: 'module', path: to.bound.unit.path };
    const found = modules.exported(to.bound, name);
    if (found) return exportedType(found.bound, found.what);
    const whole = modules.exported(to.bound, '=');
    if (name === '=' || name === 'default') return { kind: 'module', path: to.bound.unit.path };
    // `module.exports = { connect }`, taken apart by name.
    return whole ? memberOfExport(whole.bound, whole.what, name) : unknown;
  };

  const memberOfExport = (bound: Bound, what: import('./types.js').Export, text: string): TsType => {
    if (what.kind === 'expression' && ts.isObjectLiteralExpression(what.expr)) {
      for (const property of what.expr.properties) {
        if (nameText(property.name) !== text) continue;
        if (ts.isShorthandPropertyAssignment(property)) return typeOf(property.name);
        if (ts.isPropertyAssignment(property)) return typeOf(property.initializer);
        const callable = bound.callables.get(property);
        if (callable) return { kind: 'function', callable };
      }
    }
    return memberType(exportedType(bound, what), text);
  };

  const part = (type: TsType, step: string): TsType => {
    if (step === '[]' || /^\d+$/.test(step)) return type.kind === 'list' ? type.of : type.kind === 'map' && type.flavour === 'set' && step === '[]' ? type.of : unknown;
    if (step === '...' || step === 'key' || step === '?') return unknown;
    if (step === 'await') return type.kind === 'promise' ? type.of : type;
    return memberType(type, step);
  };

  const typeOfOrigin = (origin: { readonly expr: ts.Expression; readonly part?: readonly string[] }): TsType => {
    // `for (const [key, value] of map)`.
    const type = typeOf(origin.expr);
    if (type.kind === 'map' && type.flavour === 'map' && origin.part?.[0] === '[]' && origin.part[1] === '1') return (origin.part.slice(2)).reduce(part, type.of);
    return (origin.part ?? []).reduce(part, type);
  };

  const typeOfName = (name: Name): TsType => once<Name, TsType>(nameTypes, name, unknown, () => {
    if (name.kind === 'class' && name.record) return { kind: 'class', shape: name.record };
    if (name.callable && (name.kind === 'function' || name.assignments <= 1)) {
      return name.record?.kind === 'function' ? { kind: 'class', shape: name.record } : { kind: 'function', callable: name.callable };
    }
    if (name.import) return importedType(boundOf(name.node), name.import.from, name.import.name);
    if (name.kind === 'enum' || name.kind === 'type') return unknown;
    if (name.record?.kind === 'class') return { kind: 'class', shape: name.record };
    const declared = typeOfNode(name.typeNode, name.unit);
    if (declared.kind !== 'unknown') return declared;
    for (const origin of name.origins) {
      const type = typeOfOrigin(origin);
      if (type.kind !== 'unknown') return type;
    }
    return name.kind === 'parameter' ? contextualType(name) : unknown;
  });

  /** What a callback is given by who calls it: elements by lists and maps, results by promises, objects by libraries. */
  const contextualType = (name: Name): TsType => {
    const parameter = name.node.parent;
    if (!ts.isParameter(parameter)) return unknown;
    const fn = parameter.parent;
    const position = fn.parameters.indexOf(parameter);
    const method = ts.isMethodDeclaration(fn) ? fn : ts.isPropertyAssignment(fn.parent) ? fn.parent : undefined;
    if (method && ts.isObjectLiteralExpression(method.parent) && ts.isNewExpression(method.parent.parent)) {
      const made = typeOf(method.parent.parent.expression);
      return libraryParameter(made.kind === 'external' ? `${made.name}.${nameText(method.name)}` : '', position);
    }
    if (!isFunctionExpression(fn)) return unknown;
    const call = fn.parent;
    if (ts.isNewExpression(call)) return ts.isIdentifier(call.expression) && call.expression.text === 'Promise' ? { kind: 'settler' } : unknown;
    if (!ts.isCallExpression(call)) return unknown;
    const callee = bare(call.expression);
    const called = typeOf(callee);
    if (called.kind === 'external' && callbackParameters.has(called.name)) return libraryParameter(called.name, position);
    if (!ts.isPropertyAccessExpression(callee)) return unknown;
    const meaning = meaningOfCall(callee);
    if (meaning?.means === 'scoped' && meaning.done === fn.parameters.length) {
      const key = meaning.key === undefined ? undefined : call.arguments[meaning.key];
      return { kind: 'releaser', lock: callee.expression, ...(key ? { key } : {}) };
    }
    if (call.arguments[0] !== fn) return unknown;
    const on = typeOf(callee.expression);
    const text = callee.name.text;
    if ((on.kind === 'list' || on.kind === 'map') && iterators.has(text) && position === (text.startsWith('reduce') ? 1 : 0)) return on.of;
    return on.kind === 'promise' && text === 'then' && position === 0 ? on.of : unknown;
  };

  const libraryParameter = (caller: string, position: number): TsType => {
    const found = callbackParameters.get(caller)?.[position];
    return found === undefined ? unknown : { kind: 'library', name: found };
  };

  const typeOfField = (field: FieldShape, shape: Shape): TsType => once<FieldShape, TsType>(fieldTypes, field, unknown, () => {
    const declared = typeOfNode(field.typeNode, shape.unit);
    // What it was made with says more than its declared class: the limit of a semaphore.
    const settles = declared.kind === 'scalar' && declared.name === 'function';
    if (declared.kind !== 'unknown' && declared.kind !== 'library' && !settles) return declared;
    for (const origin of field.origins) {
      const type = typeOfOrigin(origin);
      if (type.kind !== 'unknown' && (declared.kind === 'unknown' || type.kind === declared.kind || (settles && (type.kind === 'settler' || type.kind === 'releaser')))) return type;
    }
    return declared;
  });

  const typeOfNode = (node: ts.TypeNode | undefined, unit: Unit, depth = 0): TsType => {
    if (node === undefined || depth > 8) return unknown;
    switch (node.kind) {
      case ts.SyntaxKind.StringKeyword: return { kind: 'scalar', name: 'string' };
      case ts.SyntaxKind.NumberKeyword: return { kind: 'scalar', name: 'number' };
      case ts.SyntaxKind.BigIntKeyword: return { kind: 'scalar', name: 'bigint' };
      case ts.SyntaxKind.BooleanKeyword: return { kind: 'scalar', name: 'boolean' };
      case ts.SyntaxKind.FunctionType: return { kind: 'scalar', name: 'function' };
      case ts.SyntaxKind.ArrayType: return { kind: 'list', of: typeOfNode((node as ts.ArrayTypeNode).elementType, unit, depth + 1) };
      case ts.SyntaxKind.TupleType: return { kind: 'list', of: unknown };
      case ts.SyntaxKind.ParenthesizedType: return typeOfNode((node as ts.ParenthesizedTypeNode).type, unit, depth + 1);
      case ts.SyntaxKind.TypeOperator: return typeOfNode((node as ts.TypeOperatorNode).type, unit, depth + 1);
      case ts.SyntaxKind.TypeLiteral: return (node as ts.TypeLiteralNode).members.some(ts.isIndexSignatureDeclaration) ? { kind: 'map', of: unknown, flavour: 'dictionary' } : unknown;
      case ts.SyntaxKind.ThisType: {
        const self = selfAt(node);
        return self ? { kind: 'instance', shape: self.shape } : unknown;
      }
      case ts.SyntaxKind.UnionType: {
        const parts = (node as ts.UnionTypeNode).types.filter((one) => one.kind !== ts.SyntaxKind.UndefinedKeyword && one.kind !== ts.SyntaxKind.VoidKeyword && !(ts.isLiteralTypeNode(one) && (one.literal.kind === ts.SyntaxKind.NullKeyword || one.literal.kind === ts.SyntaxKind.FalseKeyword)));
        if (parts.length === 1) return typeOfNode(parts[0], unit, depth + 1);
        return parts.every(ts.isLiteralTypeNode) && parts.length > 0 ? { kind: 'scalar', name: 'string' } : unknown;
      }
      case ts.SyntaxKind.TypeReference: return typeOfReference(node as ts.TypeReferenceNode, unit, depth);
      default: return unknown;
    }
  };

  const typeOfReference = (node: ts.TypeReferenceNode, unit: Unit, depth: number): TsType => {
    const argument = (index: number): TsType => typeOfNode(node.typeArguments?.[index], unit, depth + 1);
    if (ts.isQualifiedName(node.typeName)) {
      const text = node.typeName.getText(unit.tree);
      const [first, ...rest] = text.split('.');
      const name = lookup(unit, first!, node);
      const on = name ? typeOfName(name) : unknown;
      const found = rest.reduce((type, step) => memberType(type, step), on);
      if (found.kind === 'class') return { kind: 'instance', shape: found.shape };
      return found.kind === 'external' ? { kind: 'library', name: found.name } : text.startsWith('NodeJS.') ? { kind: 'library', name: text } : unknown;
    }
    const { text } = node.typeName;
    const name = lookup(unit, text, node);
    if (name) return instanceOfName(name, depth);
    switch (text) {
      case 'Array': case 'ReadonlyArray': return { kind: 'list', of: argument(0) };
      case 'Map': case 'ReadonlyMap': case 'WeakMap': return { kind: 'map', of: argument(1), flavour: 'map' };
      case 'Set': case 'ReadonlySet': case 'WeakSet': return { kind: 'map', of: argument(0), flavour: 'set' };
      case 'Record': return { kind: 'map', of: argument(1), flavour: 'dictionary' };
      case 'Promise': case 'PromiseLike': return { kind: 'promise', of: argument(0) };
      case 'Partial': case 'Required': case 'Readonly': case 'NonNullable': return argument(0);
      case 'Date': case 'RegExp': case 'Symbol': return { kind: 'scalar', name: text };
      default: return globalClasses.has(text) ? { kind: 'library', name: text } : unknown;
    }
  };

  /** An object of the class a name means; through imports and aliases. */
  const instanceOfName = (name: Name, depth: number): TsType => {
    if (name.kind === 'type' || name.kind === 'class') {
      if (name.record) return { kind: 'instance', shape: name.record };
      return typeOfNode(name.alias, name.unit, depth + 1);
    }
    if (name.record && name.record.kind !== 'literal') return { kind: 'instance', shape: name.record };
    if (name.import) {
      const to = modules.destination(name.unit.path, name.import.from);
      if (to.kind === 'file') {
        const found = modules.exported(to.bound, name.import.name);
        if (found?.what.kind === 'name' && depth < 8) return instanceOfName(found.what.name, depth + 1);
        if (found?.what.kind === 'expression') {
          const type = exportedType(found.bound, found.what);
          return type.kind === 'class' ? { kind: 'instance', shape: type.shape } : unknown;
        }
        if (name.import.name === '=') {
          const type = typeOfName(name);
          return type.kind === 'class' ? { kind: 'instance', shape: type.shape } : unknown;
        }
        return unknown;
      }
      const type = typeOfName(name);
      return type.kind === 'external' ? { kind: 'library', name: canonicalNames.get(type.name) ?? type.name } : unknown;
    }
    return unknown;
  };

  /** A type's name, from where it stands: type parameters hide what is outside. */
  const lookup = (unit: Unit, text: string, at: ts.Node): Name | undefined => {
    for (let node: ts.Node | undefined = at.parent; node; node = node.parent) {
      const parameters = (node as { readonly typeParameters?: readonly ts.TypeParameterDeclaration[] }).typeParameters;
      if (Array.isArray(parameters) && parameters.some((one: ts.TypeParameterDeclaration) => one.name?.text === text)) return undefined;
    }
    const bound = byPath.get(unit.path);
    const own = bound?.scope.names.get(text);
    if (own || bound === undefined) return own;
    return bound.shapes.find((shape) => shape.kind !== 'literal' && shape.label.endsWith(`.${text}`)) && [...bound.uses.values()].find((one) => one.text === text && one.record !== undefined);
  };

  const nameOf = (node: ts.Node): Name | undefined => boundOf(node).uses.get(node);
  const callableOf = (node: ts.Node): Callable | undefined => boundOf(node).callables.get(node);

  const baseOf = (shape: Shape): Shape | undefined => {
    if (bases.has(shape)) return bases.get(shape);
    bases.set(shape, undefined);
    const base = shape.base ? typeOf(shape.base) : unknown;
    const found = base.kind === 'class' && base.shape !== shape ? base.shape : undefined;
    bases.set(shape, found);
    return found;
  };

  const foreignBase = (shape: Shape): string | undefined => {
    const base = shape.base ? typeOf(shape.base) : unknown;
    return base.kind === 'external' ? base.name : undefined;
  };

  /** A field that is only assigned below a method or setter of its name is that one. */
  const declares = (found: Member | undefined): Member | undefined => (found?.kind === 'field' && (ts.isPropertyDeclaration(found.field.node) || ts.isParameter(found.field.node)) ? found : undefined);

  const member = (shape: Shape, text: string): Member | undefined => {
    let found: Member | undefined;
    for (let at: Shape | undefined = shape, hops = 0; at && hops < 16; at = baseOf(at), hops++) {
      const method = at.methods.get(text);
      if (method) return declares(found) ?? { kind: 'method', callable: method, owner: at };
      const get = at.getters.get(text);
      const set = at.setters.get(text);
      if (get || set) return declares(found) ?? { kind: 'accessor', owner: at, ...(get ? { get } : {}), ...(set ? { set } : {}) };
      const field = at.fields.get(text);
      // A field is one cell however far up it is declared: the topmost class names it.
      if (field) found = { kind: 'field', field, owner: at };
    }
    return found;
  };

  const implementers = (() => {
    let table: Map<Shape, Shape[]> | undefined;
    return (shape: Shape): readonly Shape[] => {
      if (table === undefined) {
        table = new Map();
        for (const bound of bounds) for (const one of bound.shapes) for (const { expression } of one.implements) {
          const name = nameOf(expression) ?? bound.scope.names.get(expression.getText(bound.unit.tree));
          const type = name ? instanceOfName(name, 0) : unknown;
          if (type.kind === 'instance') table.set(type.shape, [...(table.get(type.shape) ?? []), one]);
        }
      }
      return table.get(shape) ?? [];
    };
  })();

  const overrides = (shape: Shape, text: string): readonly Callable[] => {
    const found: Callable[] = [];
    const own = member(shape, text);
    if (own?.kind === 'method') found.push(own.callable);
    const seen = new Set<Shape>([shape]);
    const work = [...shape.subShapes, ...implementers(shape)];
    for (let at = work.pop(); at; at = work.pop()) {
      if (seen.has(at)) continue;
      seen.add(at);
      const method = at.methods.get(text) ?? (shape.kind === 'interface' ? (() => { const inherited = member(at, text); return inherited?.kind === 'method' ? inherited.callable : undefined; })() : undefined);
      if (method && !found.includes(method)) found.push(method);
      work.push(...at.subShapes);
    }
    return found;
  };

  const selfAt = (node: ts.Node): { readonly shape: Shape; readonly callable: Callable } | undefined => {
    const bound = boundOf(node);
    for (let at: ts.Node | undefined = node.parent; at; at = at.parent) {
      const callable = bound.callables.get(at);
      if (callable === undefined) {
        // A field's initialiser stands in the class, whose constructor runs it.
        if (ts.isClassLike(at)) {
          const shape = bound.shapeOf.get(at);
          return shape?.constructs ? { shape, callable: shape.constructs } : undefined;
        }
        continue;
      }
      if (ts.isClassLike(at)) return callable.record ? { shape: callable.record, callable } : undefined;
      if (callable.arrow && callable.record === undefined) continue;
      return callable.record ? { shape: callable.record, callable } : undefined;
    }
    return undefined;
  };

    const declared = (name: Name): Name => {
    let at = name;
    for (let hops = 0; at.import && hops < 8; hops++) {
      const to = modules.destination(at.unit.path, at.import.from);
      const found = to.kind === 'file' ? modules.exported(to.bound, at.import.name) : undefined;
      if (found?.what.kind !== 'name') return at;
      at = found.what.name;
    }
    return at;
  };

  const world: World = { bounds, boundOf, nameOf, declared, callableOf, typeOf, typeOfName, typeOfField, typeOfNode, member, baseOf, foreignBase, overrides, selfAt, returnType };
  for (const bound of bounds) for (const shape of bound.shapes) baseOf(shape)?.subShapes.push(shape);
  for (const bound of bounds) markExports(world, bound);
  return world;
}

/** What code outside may call: what a file exports, what that makes or returns, and the classes those extend. */
function markExports(world: World, bound: Bound): void {
  const seen = new Set<unknown>();
  const markShape = (shape: Shape): void => {
    for (let at: Shape | undefined = shape, hops = 0; at && hops < 16; at = world.baseOf(at), hops++) at.exported = true;
  };
  const markCallable = (callable: Callable): void => {
    if (seen.has(callable)) return;
    seen.add(callable);
    callable.exported = true;
    if (callable.record?.kind === 'function' && callable.record.constructs === callable) markShape(callable.record);
    for (const expr of callable.returned) markExpression(expr);
  };
  const markType = (type: TsType): void => {
    if (type.kind === 'function') markCallable(type.callable);
    else if ((type.kind === 'class' || type.kind === 'instance') && type.shape.kind !== 'interface') markShape(type.shape);
    else if (type.kind === 'promise') markType(type.of);
  };
  const markExpression = (expr: ts.Expression): void => {
    const inner = bare(expr);
    if (seen.has(inner)) return;
    seen.add(inner);
    if (ts.isObjectLiteralExpression(inner)) {
      for (const property of inner.properties) {
        if (ts.isShorthandPropertyAssignment(property)) markExpression(property.name);
        else if (ts.isPropertyAssignment(property)) markExpression(property.initializer);
        else {
          const callable = bound.callables.get(property);
          if (callable) markCallable(callable);
        }
      }
    } else if (ts.isIdentifier(inner)) {
      const name = world.nameOf(inner);
      const [origin] = name?.origins ?? [];
      if (name && origin && !origin.part && ts.isObjectLiteralExpression(bare(origin.expr))) markExpression(origin.expr);
    }
    const own = bound.callables.get(inner);
    if (own) markCallable(own);
    const shape = bound.shapeOf.get(inner);
    if (shape) markShape(shape);
    markType(world.typeOf(inner));
  };
  for (const what of bound.exports.values()) {
    if (what.kind === 'expression') markExpression(what.expr);
    else if (what.kind === 'name') {
      markType(world.typeOfName(what.name));
      const [origin] = what.name.origins;
      if (origin && !origin.part) markExpression(origin.expr);
    }
  }
}
