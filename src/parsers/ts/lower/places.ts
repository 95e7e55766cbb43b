import type { Draft } from '../../../ir/draft.js';
import { none } from '../../../ir/fitted.js';
import { extendPath, pathOf, variablePath, type AccessKind, type AccessPath, type Location, type Selector, type Value } from '../../../ir/index.js';
import { lockNames } from '../../../models/typescript.js';
import type { TsModels } from '../../../models/user-typescript.js';
import { lineOfText } from '../../own-text.js';
import { bare, dottedName, isIdentifier, isNumericLiteral, isPropertyAccessExpression, isStringLiteralLike, isTypeReferenceNode, SyntaxKind, type ts } from '../syntax.js';
import type { Callable, Name, TsType } from '../resolve/types.js';
import type { Act, Body } from './body.js';
import { valueOf } from './expressions.js';
import { inputPlace } from './threads.js';

/** A location as an expression names it. `shared`: others could see or change it. */
export interface Place {
  readonly path: AccessPath;
  readonly shared: boolean;
  readonly type: TsType;
  readonly container?: NonNullable<AccessKind['container']>;
}

/** Where an expression's value lives. What is not a location is evaluated and has an unknown place. */
export function placeOf(b: Body, expr: ts.Expression): Place {
  const inner = bare(expr);
  const type = b.world.typeOf(expr);
  const input = inputPlace(b, type);
  if (input) return input;
  switch (inner.kind) {
    case SyntaxKind.Identifier: {
      const name = b.world.nameOf(inner);
      if (name === undefined) return nowhere((inner as ts.Identifier).text, type);
      return placeOfName(b, name, type);
    }
    case SyntaxKind.ThisKeyword:
    case SyntaxKind.SuperKeyword:
      return placeOfThis(b, inner, type);
    case SyntaxKind.PropertyAccessExpression:
      return placeOfProperty(b, inner as ts.PropertyAccessExpression, type);
    case SyntaxKind.ElementAccessExpression: {
      const { expression, argumentExpression } = inner as ts.ElementAccessExpression;
      const on = placeOf(b, expression);
      readAt(b, on, expression);
      valueOf(b, argumentExpression);
      return symbolOf(b, expression, on, argumentExpression, type) ?? elementOf(b, on, argumentExpression, type);
    }
    default: {
      const value = valueOf(b, inner);
      if (value.kind === 'path') return { path: value.path, shared: false, type };
      return nowhere(textOf(b, inner), type);
    }
  }
}

function textOf(b: Body, node: ts.Node): string {
  return lineOfText(b.unit.text.slice(node.getStart(b.unit.tree), Math.min(node.end, node.getStart(b.unit.tree) + 40)));
}

export function nowhere(text: string, type: TsType): Place {
  return { path: pathOf({ kind: 'unknown', text }, none), shared: false, type };
}

/** The place of a name; of what it stands for, when it is another word for `this` or for a lock. */
export function placeOfName(b: Body, name: Name, type: TsType): Place {
  const declared = b.world.declared(name);
  const [origin] = declared.origins;
  if (origin && !origin.part && declared.assignments === 1 && declared.kind === 'variable') {
    const source = bare(origin.expr);
    if (source.kind === SyntaxKind.ThisKeyword) return placeOfThis(b, source, type);
    if (isLock(type, b.world.models) && (isPropertyAccessExpression(source) || isIdentifier(source))) return placeOf(b, source);
  }
  if (declared.kind !== 'variable' && declared.kind !== 'parameter') return nowhere(declared.text, type);
  const variable = b.lowering.variableOf(declared);
  const shared = declared.assignments > 1 && (variable.kind === 'global' || declared.captured);
  return { path: variablePath(variable), shared, type };
}

export function placeOfThis(b: Body, node: ts.Node, type: TsType): Place {
  const self = b.world.selfAt(node);
  if (self === undefined) return nowhere('this', type);
  if (self.callable.isStatic) return nowhere(self.shape.label, { kind: 'class', shape: self.shape });
  const variable = b.lowering.thisOf(self.callable);
  if (self.callable !== b.callable) variable.captured = true;
  return { path: variablePath(variable), shared: false, type };
}

function placeOfProperty(b: Body, expr: ts.PropertyAccessExpression, type: TsType): Place {
  const text = expr.name.text;
  const onType = b.world.typeOf(expr.expression);
  if (onType.kind === 'class') {
    const field = onType.shape.statics.get(text);
    if (field) {
      const label = `${onType.shape.label}.${text}`;
      field.variable ??= b.lowering.staticOf(label, field, b.world.typeOfField(field, onType.shape), onType.shape.unit.at(field.node), onType.shape.unit.path);
      return { path: variablePath(field.variable), shared: field.assignments > 1, type };
    }
  }
  if (onType.kind === 'module') {
    const name = moduleVariable(b, expr);
    if (name) return placeOfName(b, name, type);
  }
  const on = placeOf(b, expr.expression);
  readAt(b, on, expr.expression);
  if (on.path.root.kind === 'unknown' && on.path.selectors.length === 0 && on.path.root.text === '') return nowhere(text, type);
  const selector: Selector = { kind: 'field', name: text, owner: ownerOf(b, onType, text) };
  if (onType.kind === 'map' && onType.flavour === 'dictionary') return { path: extendPath(on.path, { kind: 'element', key: JSON.stringify(text) }), shared: on.path.root.kind === 'variable', type, container: 'map' };
  return { path: extendPath(on.path, selector), shared: on.path.root.kind === 'variable', type };
}

/** `state.peers` of `import * as state`. */
function moduleVariable(b: Body, expr: ts.PropertyAccessExpression): Name | undefined {
  const on = b.world.typeOf(expr.expression);
  if (on.kind !== 'module') return undefined;
  const bound = b.world.byPath.get(on.path);
  const what = bound?.exports.get(expr.name.text);
  return what?.kind === 'name' && what.name.kind === 'variable' ? what.name : undefined;
}

/** The class that declares a field; a library's class by its name; nothing when unknown. */
export function ownerOf(b: Body, on: TsType, text: string): string {
  if (on.kind === 'instance') {
    const member = b.world.member(on.shape, text);
    return member ? member.owner.id : on.shape.kind === 'interface' ? '' : on.shape.id;
  }
  return on.kind === 'library' ? on.name : '';
}

/** `this[kReady]`: a symbol is the name of a field that others cannot spell. */
function symbolOf(b: Body, holder: ts.Expression, on: Place, key: ts.Expression, type: TsType): Place | undefined {
  const named = bare(key);
  if (!isIdentifier(named) || on.path.root.kind === 'unknown' || (b.world.nameOf(named)?.assignments ?? 2) > 1) return undefined;
  const is = b.world.typeOf(named);
  if (is.kind !== 'scalar' || is.name !== 'symbol') return undefined;
  const name = `[${named.text}]`;
  return { path: extendPath(on.path, { kind: 'field', name, owner: ownerOf(b, b.world.typeOf(holder), name) }), shared: on.path.root.kind === 'variable', type };
}

/** An entry of a map, list or dictionary. */
export function elementOf(b: Body, on: Place, key: ts.Expression | undefined, type: TsType): Place {
  const known = key === undefined ? undefined : keyOf(b, key);
  const container = on.type.kind === 'list' ? 'list' : on.type.kind === 'map' ? 'map' : 'object';
  return { path: extendPath(on.path, elementBy(known)), shared: on.path.root.kind === 'variable', type, container };
}

function elementBy(known: ReturnType<typeof keyOf>): Selector {
  if (known === undefined) return { kind: 'element' };
  return known.index === undefined ? { kind: 'element', key: known.key } : { kind: 'element', key: known.key, index: known.index };
}

/** The text of a key that stays what it is: constants, names that are never assigned again, plain paths of them. */
export function keyOf(b: Body, expr: ts.Expression): { readonly key: string; readonly index?: import('../../../ir/index.js').Variable } | undefined {
  const inner = bare(expr);
  if (isStringLiteralLike(inner)) return { key: JSON.stringify(inner.text) };
  if (isNumericLiteral(inner)) return { key: inner.text };
  const text = dottedName(inner);
  if (text === undefined) return undefined;
  let root: ts.Expression = inner;
  while (isPropertyAccessExpression(root)) root = bare(root.expression);
  if (root.kind === SyntaxKind.ThisKeyword) return { key: text };
  const name = b.world.nameOf(root);
  if (name === undefined || name.assignments > 1) return undefined;
  if (inner !== root) return { key: text };
  const declared = b.world.declared(name);
  return declared.kind === 'variable' || declared.kind === 'parameter' ? { key: text, index: b.lowering.variableOf(declared) } : { key: text };
}

/** A lock that one holder excludes all others from: of a library, or of the project by the name of its class. */
export function isLock(type: TsType, { lockClasses }: TsModels): boolean {
  if (type.kind === 'instance') return type.shape.lock ??= type.shape.kind === 'class' && lockNames.test(lastPart(type.shape.label)) && canBeWaitedFor(type.shape.methods.get('lock') ?? type.shape.methods.get('acquire'));
  if (type.kind !== 'library') return false;
  const row = lockClasses.get(type.name);
  if (row === undefined) return type.name.startsWith('.') && lockNames.test(lastPart(type.name));
  return row.limited === undefined || type.limit === 1;
}

/** A class may be called a lock and keep nobody waiting: what it is asked for it notes down, for whoever looks at the notes. */
function canBeWaitedFor(taking: Callable | undefined): boolean {
  if (taking === undefined || taking.async) return taking !== undefined;
  const declared = (taking.node as ts.SignatureDeclaration).type;
  return declared === undefined ? taking.returned.length > 0 : isTypeReferenceNode(declared);
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

/** A read of the place, when others could change it. Locks are used, not read. */
export function readPlace(b: Body, place: Place, at: Location, { verb, whole }: Partial<Pick<AccessKind, 'verb' | 'whole'>> = noKind): void {
  if (!place.shared || isLock(place.type, b.world.models)) return;
  const read: Draft<Extract<Act, { op: 'read' }>> = { at, op: 'read', path: place.path, atomic: false };
  if (place.container !== undefined) read.container = place.container;
  if (verb !== undefined) read.verb = verb;
  if (whole !== undefined) read.whole = whole;
  b.emit(read);
}

const noKind = {};

/** The same where the place is written. Most are not read at all, and then nobody asks where they stand. */
export function readAt(b: Body, place: Place, node: ts.Node, kind?: Partial<Pick<AccessKind, 'verb' | 'whole'>>): void {
  if (place.shared) readPlace(b, place, b.at(node), kind);
}

export function writePlace(b: Body, place: Place, value: Value, at: Location, marks: { readonly updates?: true; readonly verb?: string; readonly whole?: true } = noKind): void {
  if (place.path.root.kind === 'unknown') return;
  const write: Draft<Extract<Act, { op: 'write' }>> = { at, op: 'write', path: place.path, value, atomic: false };
  if (place.container !== undefined) write.container = place.container;
  if (marks.updates !== undefined) write.updates = marks.updates;
  if (marks.verb !== undefined) write.verb = marks.verb;
  if (marks.whole !== undefined) write.whole = marks.whole;
  b.emit(write);
}
