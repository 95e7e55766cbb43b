import { canonicalNames, factories, globalClasses, globalValues, lockMethods, lockNames, lockWrappers, methodMeanings, methodResults } from '../../../models/typescript.js';
import { bare, isArrayLiteralExpression, isAsExpression, isIdentifier, isNonNullExpression, isNumericLiteral, isObjectLiteralExpression, isParenthesizedExpression, isPropertyAccessExpression, isPropertyAssignment, isSatisfiesExpression, isSpreadElement, isStringLiteralLike, isTypeAssertionExpression, nameText, SyntaxKind, type ts } from '../syntax.js';
import { tableOf, typeOfNode } from './annotations.js';
import { baseOf, member, selfAt } from './members.js';
import { importedType, typeOfMember, typeOfName } from './names.js';
import type { Callable, TsType } from './types.js';
import { type Resolving, once, ownType, scalars, unknown } from './resolving.js';

/** What an expression yields, as far as names, annotations and what is assigned tell. */
export function typeOf(world: Resolving, expr: ts.Expression): TsType {
  // A name's answer stands with its declaration.
  return expr.kind === SyntaxKind.Identifier ? computeType(world, expr) : once(world, world.exprTypes, expr, typeAtFirst);
}

function typeAtFirst(world: Resolving, expr: ts.Expression): TsType {
  if (isAsExpression(expr) || isTypeAssertionExpression(expr)) {
    const declared = typeOfNode(world, expr.type, world.boundOf(expr).unit);
    return declared.kind === 'unknown' ? typeOf(world, expr.expression) : declared;
  }
  const inner = bare(expr);
  return inner === expr ? computeType(world, expr) : typeOf(world, isParenthesizedExpression(expr) || isNonNullExpression(expr) || isSatisfiesExpression(expr) ? expr.expression : inner);
}

function computeType(world: Resolving, expr: ts.Expression): TsType {
  switch (expr.kind) {
    case SyntaxKind.ThisKeyword: {
      const self = selfAt(world, expr);
      return self === undefined ? unknown : self.callable.isStatic ? { kind: 'class', shape: self.shape } : { kind: 'instance', shape: self.shape };
    }
    case SyntaxKind.SuperKeyword: {
      const self = selfAt(world, expr);
      const base = self && baseOf(world, self.shape);
      return base ? { kind: self.callable.isStatic ? 'class' : 'instance', shape: base } : unknown;
    }
    case SyntaxKind.Identifier: {
      const name = world.nameOf(expr);
      if (name) return typeOfName(world, name);
      const { text } = expr as ts.Identifier;
      if (text === 'undefined') return unknown;
      return globalValues.has(text) || globalClasses.has(text) ? { kind: 'external', name: text } : unknown;
    }
    case SyntaxKind.StringLiteral:
    case SyntaxKind.NoSubstitutionTemplateLiteral:
    case SyntaxKind.TemplateExpression:
    case SyntaxKind.TypeOfExpression:
      return scalars.string;
    case SyntaxKind.NumericLiteral:
    case SyntaxKind.PostfixUnaryExpression:
      return scalars.number;
    case SyntaxKind.PrefixUnaryExpression:
      return (expr as ts.PrefixUnaryExpression).operator === SyntaxKind.ExclamationToken ? scalars.boolean : scalars.number;
    case SyntaxKind.TrueKeyword:
    case SyntaxKind.FalseKeyword:
      return scalars.boolean;
    case SyntaxKind.FunctionExpression:
    case SyntaxKind.ArrowFunction: {
      const callable = world.callableOf(expr);
      return callable ? { kind: 'function', callable } : unknown;
    }
    case SyntaxKind.ClassExpression: {
      const shape = world.boundOf(expr).shapeOf.get(expr);
      return shape ? { kind: 'class', shape } : unknown;
    }
    case SyntaxKind.ArrayLiteralExpression: {
      const [first] = (expr as ts.ArrayLiteralExpression).elements;
      return { kind: 'list', of: first && !isSpreadElement(first) ? typeOf(world, first) : unknown };
    }
    case SyntaxKind.ObjectLiteralExpression: {
      const shape = world.boundOf(expr).shapeOf.get(expr);
      if (shape) return { kind: 'instance', shape };
      return (expr as ts.ObjectLiteralExpression).properties.length === 0 ? { kind: 'map', of: unknown, flavour: 'dictionary' } : unknown;
    }
    case SyntaxKind.NewExpression:
      return typeOfNew(world, expr as ts.NewExpression);
    case SyntaxKind.AwaitExpression: {
      const awaited = typeOf(world, (expr as ts.AwaitExpression).expression);
      return awaited.kind === 'promise' ? awaited.of : awaited;
    }
    case SyntaxKind.CallExpression:
      return typeOfCall(world, expr as ts.CallExpression);
    case SyntaxKind.PropertyAccessExpression:
      return typeOfMember(world, expr as ts.PropertyAccessExpression);
    case SyntaxKind.ElementAccessExpression: {
      const on = typeOf(world, (expr as ts.ElementAccessExpression).expression);
      return on.kind === 'list' || on.kind === 'map' ? on.of : unknown;
    }
    case SyntaxKind.ConditionalExpression: {
      const { whenTrue, whenFalse } = expr as ts.ConditionalExpression;
      return known(typeOf(world, whenTrue), () => typeOf(world, whenFalse));
    }
    case SyntaxKind.BinaryExpression: {
      const { left, operatorToken, right } = expr as ts.BinaryExpression;
      switch (operatorToken.kind) {
        case SyntaxKind.BarBarToken:
        case SyntaxKind.QuestionQuestionToken:
        case SyntaxKind.QuestionQuestionEqualsToken:
        case SyntaxKind.BarBarEqualsToken:
          return known(typeOf(world, left), () => typeOf(world, right));
        case SyntaxKind.EqualsToken:
        case SyntaxKind.CommaToken:
        case SyntaxKind.AmpersandAmpersandToken:
          return typeOf(world, right);
        case SyntaxKind.EqualsEqualsEqualsToken:
        case SyntaxKind.ExclamationEqualsEqualsToken:
        case SyntaxKind.LessThanToken:
        case SyntaxKind.GreaterThanToken:
        case SyntaxKind.InKeyword:
        case SyntaxKind.InstanceOfKeyword:
          return scalars.boolean;
        case SyntaxKind.PlusToken:
        case SyntaxKind.MinusToken:
        case SyntaxKind.AsteriskToken:
        case SyntaxKind.SlashToken:
        case SyntaxKind.PercentToken:
          return scalars.number;
        default:
          return unknown;
      }
    }
    default:
      return unknown;
  }
}

function known(first: TsType, other: () => TsType): TsType {
  return first.kind === 'unknown' ? other() : first;
}

function typeOfNew(world: Resolving, expr: ts.NewExpression): TsType {
  const made = typeOf(world, expr.expression);
  if (made.kind === 'class') return { kind: 'instance', shape: made.shape };
  if (made.kind === 'function' && made.callable.record) return { kind: 'instance', shape: made.callable.record };
  if (made.kind !== 'external') return unknown;
  return instanceOf(world, made.name, expr.typeArguments, expr.arguments, expr);
}

function instanceOf(world: Resolving, name: string, typeArguments: readonly ts.TypeNode[] | undefined, args: readonly ts.Expression[] | undefined, at: ts.Node): TsType {
  const { unit } = world.boundOf(at);
  switch (name) {
    case 'Map':
    case 'WeakMap':
      return { kind: 'map', of: typeOfNode(world, typeArguments?.[1], unit), flavour: 'map' };
    case 'Set':
    case 'WeakSet':
      return { kind: 'map', of: typeOfNode(world, typeArguments?.[0], unit), flavour: 'set' };
    case 'Array':
      return { kind: 'list', of: typeOfNode(world, typeArguments?.[0], unit) };
    case 'Promise':
      return { kind: 'promise', of: typeOfNode(world, typeArguments?.[0], unit) };
    default: {
      const flavour = tableOf(name);
      if (flavour !== undefined) return { kind: 'map', of: typeOfNode(world, typeArguments?.at(-1), unit), flavour };
      const [first] = args ?? [];
      const limit = first && isNumericLiteral(bare(first)) ? Number((bare(first) as ts.NumericLiteral).text) : first && isObjectLiteralExpression(bare(first)) ? concurrencyOf(bare(first) as ts.ObjectLiteralExpression) : undefined;
      return { kind: 'library', name: canonicalNames.get(name) ?? name, ...(limit === undefined ? {} : { limit }) };
    }
  }
}

/** `{ concurrency: 1 }`. */
function concurrencyOf(literal: ts.ObjectLiteralExpression): number | undefined {
  const property = literal.properties.find((one) => isPropertyAssignment(one) && nameText(one.name) === 'concurrency');
  return property && isPropertyAssignment(property) && isNumericLiteral(property.initializer) ? Number(property.initializer.text) : undefined;
}

function typeOfCall(world: Resolving, expr: ts.CallExpression): TsType {
  const callee = bare(expr.expression);
  if (isIdentifier(callee) && callee.text === 'require' && expr.arguments.length === 1 && isStringLiteralLike(expr.arguments[0]!)) return importedType(world, world.boundOf(expr), expr.arguments[0].text, '=');
  if (isPropertyAccessExpression(callee)) {
    const on = typeOf(world, callee.expression);
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
      const of = expr.arguments[0] ? typeOf(world, expr.arguments[0]) : unknown;
      return { kind: 'list', of: text === 'values' && of.kind === 'map' ? of.of : unknown };
    }
    if (on.kind === 'external' && on.name === 'Object' && text === 'create') return { kind: 'map', of: unknown, flavour: 'dictionary' };
    if (on.kind === 'external' && on.name === 'Object' && (text === 'freeze' || text === 'assign') && expr.arguments[0]) return typeOf(world, expr.arguments[0]);
    if (on.kind === 'external' && on.name === 'Array' && text === 'from' && expr.arguments[0]) {
      const of = typeOf(world, expr.arguments[0]);
      return of.kind === 'list' ? of : of.kind === 'map' && of.flavour === 'set' ? { kind: 'list', of: of.of } : { kind: 'list', of: unknown };
    }
    if (on.kind === 'external' && on.name === 'Promise') return { kind: 'promise', of: unknown };
    if (methodMeanings.get(text)?.means === 'listens' && on.kind !== 'external' && !(on.kind === 'instance' && member(world, on.shape, text))) return on;
    const made = methodResults.get(text);
    if (made !== undefined && !(on.kind === 'instance' && member(world, on.shape, text))) return { kind: 'library', name: made };
    if (text === 'bind') return typeOf(world, callee.expression);
  }
  const called = typeOf(world, callee);
  if (called.kind === 'external' && (called.name === 'Symbol' || called.name === 'Symbol.for')) return scalars.symbol;
  const meaning = meaningOfCall(world, callee);
  if (meaning?.means === 'acquire' && meaning.releases !== undefined && !meaning.tries) {
    const lock = isPropertyAccessExpression(callee) && called.kind !== 'external' ? callee.expression : (expr.arguments[0] ?? callee);
    const given = meaning.key === undefined ? undefined : expr.arguments[meaning.key];
    const key = oneKey(given);
    // Several keys are several locks: what gives them all back is no releaser of one.
    if (given !== undefined && key === undefined) return { kind: 'promise', of: unknown };
    const releaser: TsType = meaning.releases === 'object' ? { kind: 'lease', lock, ...(key ? { key } : {}), taken: expr, names: meaning.releaseNames ?? [] } : { kind: 'releaser', lock, taken: expr };
    return { kind: 'promise', of: meaning.releases === 'second' ? { kind: 'list', of: releaser } : releaser };
  }
  if (called.kind === 'function') return returnType(world, called.callable);
  if (called.kind === 'external') {
    if (called.name === 'Array') return { kind: 'list', of: unknown };
    const made = factories.get(called.name);
    if (made !== undefined) return instanceOf(world, made, undefined, expr.arguments, expr);
    if (lockWrappers.has(called.name) && expr.arguments[0]) return typeOf(world, expr.arguments[0]);
    return unknown;
  }
  return unknown;
}

/** The one key of a call that may take several at once; undefined when it is not one. */
export function oneKey(key: ts.Expression | undefined): ts.Expression | undefined {
  const inner = key && bare(key);
  if (inner === undefined || !isArrayLiteralExpression(inner)) return key;
  const [only] = inner.elements;
  return inner.elements.length === 1 && only && !isSpreadElement(only) ? only : undefined;
}

/** The row of the tables that explains a call of this callee. */
export function meaningOfCall(world: Resolving, callee: ts.Expression) {
  if (!isPropertyAccessExpression(callee)) {
    const type = typeOf(world, callee);
    return type.kind === 'external' ? world.models.meanings.get(type.name) : undefined;
  }
  const on = typeOf(world, callee.expression);
  const text = callee.name.text;
  if (on.kind === 'external') return world.models.meanings.get(canonicalNames.get(`${on.name}.${text}`) ?? `${on.name}.${text}`);
  if (on.kind === 'library') return world.models.meanings.get(`${on.name}.${text}`) ?? (on.name.startsWith('.') && lockNames.test(on.name.slice(on.name.lastIndexOf('.') + 1)) ? lockMethods.get(text) : undefined);
  return on.kind === 'instance' && on.shape.kind === 'class' && lockNames.test(on.shape.label) && bare(callee.expression).kind !== SyntaxKind.ThisKeyword ? lockMethods.get(text) : undefined;
}

/** What a call of the function yields: as declared, else as returned. */
export function returnType(world: Resolving, callable: Callable): TsType {
  return once(world, ownType, callable, returnTypeAtFirst);
}

function returnTypeAtFirst(world: Resolving, callable: Callable): TsType {
  const declared = 'type' in callable.node ? typeOfNode(world, callable.node.type as ts.TypeNode | undefined, callable.unit) : unknown;
  if (declared.kind !== 'unknown') return declared;
  if (callable.generator) return unknown;
  for (const expr of callable.returned.slice(0, 4)) {
    const type = typeOf(world, expr);
    if (type.kind !== 'unknown') return callable.async ? { kind: 'promise', of: type.kind === 'promise' ? type.of : type } : type;
  }
  return callable.async ? { kind: 'promise', of: unknown } : unknown;
}
