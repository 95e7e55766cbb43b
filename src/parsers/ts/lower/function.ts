import { functionBuilder } from '../../../ir/build.js';
import type { Draft } from '../../../ir/draft.js';
import { extendPath, unknownType, unknownValue, variablePath, type Function, type FunctionId, type Location, type Operation, type Terminator, type Variable } from '../../../ir/index.js';
import { docBefore } from './comments.js';
import type { Bound, Callable } from '../resolve/types.js';
import { bare, hasModifier, isBlock, isClassLike, isClassStaticBlockDeclaration, isConstructorDeclaration, isFunctionExpression, isFunctionNode, isIdentifier, isParameterPropertyDeclaration, isPropertyDeclaration, isSourceFile, nameText, SyntaxKind, type ts } from '../syntax.js';
import { bindPattern } from './assignments.js';
import type { Body, Lowering } from './body.js';
import { leave } from './exits.js';
import { endOf, stable, valueOf } from './expressions.js';
import { returnedValue, statements } from './statements.js';

/** Lowers one function of the sources; one that cannot be understood is there all the same, empty, with a gap. */
export function lowerCallable(lowering: Lowering, bound: Bound, callable: Callable): void {
  const { unit } = bound;
  const extent = unit.at(callable.node);
  try {
    const b = newBody(lowering, bound, callable, callable.id, callable.name, returnsValue(callable));
    const params = parameters(b, callable);
    fill(b, callable, hasOwnThis(callable) ? params.slice(1) : params);
    finish(b, extent, params);
  } catch (error) {
    lowering.gaps.push({ at: extent, reason: `this was not understood: ${error instanceof Error ? error.message : String(error)}` });
    const empty = newBody(lowering, bound, callable, callable.id, callable.name, false);
    finish(empty, extent, callable.record && !callable.isStatic && hasOwnThis(callable) ? [lowering.thisOf(callable)] : []);
  }
}

function returnsValue(callable: Callable): boolean {
  return callable.returned.length > 0;
}

function hasOwnThis(callable: Callable): boolean {
  return callable.record !== undefined && !callable.isStatic;
}

/** The receiver first, then the parameters; parts of a pattern are bound when the body starts. */
function parameters(b: Body, callable: Callable): Variable[] {
  const params: Variable[] = hasOwnThis(callable) ? [b.lowering.thisOf(callable)] : [];
  if (!isFunctionNode(callable.node)) return params;
  for (const parameter of callable.node.parameters) {
    const at = b.at(parameter);
    if (isIdentifier(parameter.name)) {
      if (parameter.name.text === 'this') continue;
      const name = b.world.nameOf(parameter.name);
      if (name) {
        const variable = b.lowering.variableOf(name);
        params.push(variable.owner === callable.id ? variable : b.lowering.newVariable(name.text, 'parameter', unknownType, at, callable.id));
      }
    } else params.push(b.lowering.newVariable('_', 'parameter', unknownType, at, callable.id));
  }
  return params;
}

function fill(b: Body, callable: Callable, given: readonly Variable[]): void {
  const { node } = callable;
  if (isSourceFile(node)) return statements(b, node.statements);
  const shape = callable.record;
  if (shape && shape.constructs === callable && isClassLike(shape.node)) initialiseFields(b, shape.node, callable);
  if (!isFunctionNode(node)) return;
  let position = -1;
  for (const parameter of node.parameters) {
    if (isIdentifier(parameter.name) && parameter.name.text === 'this') continue;
    position += 1;
    if (parameter.initializer) valueOf(b, parameter.initializer);
    if (!isIdentifier(parameter.name)) {
      const variable = given[position]!;
      bindPattern(b, parameter.name, unknownValue, { path: variablePath(variable), shared: false, type: b.world.typeOfNode(parameter.type, b.unit) }, parameter);
    } else if (isConstructorDeclaration(node) && isParameterPropertyDeclaration(parameter, node) && shape) {
      const name = b.world.nameOf(parameter.name);
      const self = variablePath(b.lowering.thisOf(callable));
      if (name) b.emit({ at: b.at(parameter), op: 'write', path: extendPath(self, { kind: 'field', name: name.text, owner: shape.id }), value: { kind: 'path', path: variablePath(b.lowering.variableOf(name)) }, atomic: false });
    }
  }
  const { body } = node;
  if (body === undefined) return;
  if (isBlock(body)) statements(b, body.statements);
  else leave(b, b.at(body), [returnedValue(b, body)]);
}

/** Field initialisers run before the constructor's own statements. */
function initialiseFields(b: Body, node: ts.ClassLikeDeclaration, callable: Callable): void {
  const shape = callable.record!;
  const self = variablePath(b.lowering.thisOf(callable));
  for (const member of node.members) {
    if (!isPropertyDeclaration(member) || member.initializer === undefined || hasModifier(member, SyntaxKind.StaticKeyword)) continue;
    const text = nameText(member.name);
    if (text === undefined || isFunctionExpression(bare(member.initializer))) continue;
    const owner = b.world.member(shape, text)?.owner ?? shape;
    const value = stable(b, member.initializer, false);
    b.emit({ at: b.at(member), op: 'write', path: extendPath(self, { kind: 'field', name: text, owner: owner.id }), value, atomic: false });
  }
}

/** What a class does when its declaration is reached: static fields and blocks. */
export function lowerClassMembers(b: Body, node: ts.ClassLikeDeclaration): void {
  const shape = b.bound.shapeOf.get(node);
  if (shape === undefined) return;
  for (const member of node.members) {
    if (isClassStaticBlockDeclaration(member)) statements(b, member.body.statements);
    else if (isPropertyDeclaration(member) && member.initializer && hasModifier(member, SyntaxKind.StaticKeyword) && !isFunctionExpression(bare(member.initializer))) {
      const text = nameText(member.name);
      const field = text === undefined ? undefined : shape.statics.get(text);
      const value = valueOf(b, member.initializer);
      if (field === undefined) continue;
      field.variable ??= b.lowering.staticOf(`${shape.label}.${text}`, field, b.world.typeOfField(field, shape), shape.unit.at(field.node), shape.unit.path);
      b.emit({ at: b.at(member), op: 'write', path: variablePath(field.variable), value, atomic: false });
    }
  }
}

export const lowerClass = lowerClassMembers;

function finish(b: Body, extent: Location, params: readonly Variable[]): void {
  const end = endOf(extent);
  if (b.builder.isOpen()) leave(b, end, b.returnsValue ? [{ kind: 'constant', value: null }] : []);
  const { callable, unit } = b;
  const { node } = callable;
  const method = callable.record !== undefined && !callable.isStatic;
  const constructs = callable.record?.constructs === callable;
  const exported = !constructs && !isSourceFile(node) && (callable.exported === true || (!callable.hidden && callable.record?.exported === true));
  const header: Draft<Omit<Function, 'blocks' | 'unwind'>> = {
    id: callable.id,
    name: callable.name,
    module: unit.path,
    params,
    results: b.returnsValue ? [unknownType] : [],
    namedResults: [],
    at: unit.at('name' in node && node.name ? node.name : node),
    extent,
    doc: docBefore(unit, node),
    exported,
    generated: unit.generated,
    test: unit.test,
  };
  if (method) header.receiver = { record: callable.record!.id, pointer: true };
  if (callable.outer) header.closureOf = callable.outer.id;
  if (isSourceFile(node)) header.role = 'initializer';
  if (callable.async || callable.generator) header.suspends = true;
  if (callable.generator) header.yields = true;
  if (constructs) header.constructs = true;
  b.lowering.functions.set(callable.id, b.builder.build(header));
}

function newBody(lowering: Lowering, bound: Bound, callable: Callable, id: FunctionId, name: string, returns: boolean): Body {
  const builder = functionBuilder();
  let wraps = 0;
  const b: Body = {
    lowering,
    world: lowering.world,
    unit: bound.unit,
    bound,
    callable,
    id,
    name,
    builder,
    enclosing: [],
    handles: new Map(),
    loopDepth: 0,
    wrapped: 0,
    returnsValue: returns,
    deferring: false,
    at: bound.unit.at,
    emit: (act) => {
      if (!builder.isOpen()) return;
      const operation = act as Draft<Operation>;
      if (b.deferring) operation.deferred = true;
      builder.emit(operation as Operation);
    },
    temporary: (text, type, at) => {
      const variable = lowering.newVariable(text, 'temporary', type, at, id);
      variable.assignments = 1;
      return variable;
    },
    branch: (at, condition, onTrue, onFalse, marks) => {
      const terminator: Draft<Extract<Terminator, { kind: 'branch' }>> = { kind: 'branch', at, condition, onTrue, onFalse };
      if (marks?.loop !== undefined) terminator.loop = marks.loop;
      if (marks?.throws !== undefined) terminator.throws = marks.throws;
      builder.end(terminator);
    },
    wrap: (suffix, at, fillIn) => {
      wraps += 1;
      const inner = newBody(lowering, bound, callable, `${id}.${suffix}${wraps}` as FunctionId, `${name}.${suffix}${wraps}`, false);
      fillIn(inner);
      if (inner.builder.isOpen()) inner.builder.end({ kind: 'return', at: endOf(at), values: [] });
      lowering.functions.set(inner.id, inner.builder.build({ id: inner.id, name: inner.name, module: bound.unit.path, params: [], results: [], namedResults: [], at, extent: at, doc: '', exported: false, generated: bound.unit.generated, test: bound.unit.test, closureOf: id, suspends: true } satisfies Omit<Function, 'blocks' | 'unwind'>));
      return inner.id;
    },
  };
  return b;
}
