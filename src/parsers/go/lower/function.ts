import { ownText } from '../../own-text.js';
import { functionBuilder } from '../../../ir/build.js';
import type { Draft } from '../../../ir/draft.js';
import { unknownType, unknownValue, variablePath, type Function, type FunctionId, type Location, type Operation, type Value, type Variable } from '../../../ir/index.js';
import { goHandlerParameters } from '../../../models/go.js';
import type * as ast from '../ast.js';
import { locate, locator } from '../locate.js';
import type { BodyInfo, Initializer } from '../resolve/types.js';
import type { FunctionObject } from '../resolve/types.js';
import type { Act, Body, Unit } from './body.js';
import { branchOn } from './branches.js';
import { prepareCall } from './calls.js';
import { layOutDefers } from './defers.js';
import { leaveFunction } from './exits.js';
import type { NumberedLiteral } from './function-values.js';
import { receive, valueOf } from './expressions.js';
import { placeOf, readPlace } from './places.js';
import { lowerStatement } from './statements.js';
import type { Usage } from './usage.js';

/** What is known of a body before it is lowered. */
export interface BodySource {
  readonly info: BodyInfo;
  readonly file: ast.File;
  readonly module: string;
  readonly goVersion: number;
  readonly usage: Usage;
}

/** Lowers a declared function and the literals in it. */
export function lowerDeclaration(unit: Unit, fn: FunctionObject, source: BodySource): void {
  const { node } = fn.syntax!;
  const { file } = source;
  const id = fn.id as FunctionId;
  const name = fn.receiver ? `${fn.receiver.named.name}.${fn.name}` : fn.name;
  const receiver = node.receiver ? parameters(unit, id, [node.receiver], source) : [];
  const test = file.path.endsWith('_test.go');
  const role = roleOf(fn, test) ?? (isHandler(source.info, node.type) ? 'handler' : undefined);
  // Nobody outside can call into a program.
  const exported = isUpper(fn.name) && (!fn.receiver || isUpper(fn.receiver.named.name)) && source.file.packageName.name !== 'main';
  lowerBody(unit, source, { id, name, type: node.type, body: node.body!, span: node, at: node.name, first: receiver, outer: undefined }, {
    exported,
    ...(exported && internal.test(file.path) ? { inner: true as const } : {}),
    doc: ownText(node.doc),
    ...(fn.receiver ? { receiver: { record: fn.receiver.named.id, pointer: fn.receiver.pointer } } : {}),
    ...(role ? { role } : {}),
  });
}

/** A folder whose packages those around it alone may import. */
const internal = /(?:^|\/)internal\//;

/** Lowers package variables with initialisers as one function that the world calls first. */
export function lowerInitialisers(unit: Unit, id: FunctionId, source: BodySource, decls: readonly Initializer[]): void {
  const [first] = decls;
  if (!first) return;
  const b = newBody(unit, source, id, 'init#vars', [], [], undefined);
  const at = locate(first.file, first.decl);
  for (const { file, decl, info } of decls) {
    try {
      const inFile = insideOf(b, source, file, info);
      const values = decl.values.length === 1 && decl.names.length > 1 ? inFile.values(decl.values[0]!, decl.names.length) : decl.values.map((value) => inFile.value(value));
      decl.names.forEach((name, index) => {
        const object = info.objectOf(name);
        const value = values[index];
        if (object?.kind === 'variable' && value) b.emit({ at: locate(file, decl), op: 'write', path: variablePath(unit.variableOf(object)), value, atomic: false });
      });
    } catch (error) {
      unit.gaps.push({ at: locate(file, decl), reason: notUnderstood(error) });
    }
  }
  finishBody(b, { at, extent: at, exported: false, doc: '', role: 'initializer', generated: first.file.generated, test: first.file.path.endsWith('_test.go'), params: [] });
}

/** A literal in a part that was not understood: others may name it, so it is there, and does nothing. */
export function lowerAbsent(unit: Unit, { id, literal, file, outer }: NumberedLiteral): void {
  const around = unit.functions.get(outer);
  const results = literal.type.results.flatMap((field) => Array.from({ length: Math.max(1, field.names.length) }, () => unknownType));
  const builder = functionBuilder();
  const at = locate(file, literal);
  builder.end({ kind: 'return', at, values: results.map(() => unknownValue) });
  unit.functions.set(id, builder.build({ id, name: `${around?.name ?? ''}${id.slice(outer.length)}`, module: around?.module ?? '', params: [], results, namedResults: [], at, extent: at, doc: '', exported: false, generated: file.generated, test: file.path.endsWith('_test.go'), closureOf: outer }));
}

function notUnderstood(error: unknown): string {
  return `this was not understood: ${error instanceof Error ? error.message : String(error)}`;
}

interface Shape {
  readonly id: FunctionId;
  readonly name: string;
  readonly type: ast.FuncType;
  readonly body: ast.Block;
  readonly span: ast.Span;
  readonly at: ast.Span;
  readonly first: readonly Variable[];
  readonly outer: Body | undefined;
}

function lowerBody(unit: Unit, source: BodySource, shape: Shape, header: Pick<Function, 'exported' | 'doc'> & Partial<Pick<Function, 'inner' | 'receiver' | 'role' | 'closureOf'>>): void {
  unit.lowered?.push(shape.body);
  const params = [...shape.first, ...parameters(unit, shape.id, shape.type.params, source)];
  const results = shape.type.results.flatMap((field) => Array.from({ length: Math.max(1, field.names.length) }, () => unit.typeOf(source.info.typeOf(field.type))));
  const named = shape.type.results.some((field) => field.names.length > 0) ? parameters(unit, shape.id, shape.type.results, source, 'result') : [];
  const b = newBody(unit, source, shape.id, shape.name, named, results, shape.outer);
  const facts = { at: locate(source.file, shape.at), extent: locate(source.file, shape.span), generated: source.file.generated, test: source.file.path.endsWith('_test.go'), params, ...header };
  try {
    for (const result of named) {
      const value = zero(result);
      if (value) b.emit({ at: result.at, op: 'write', path: variablePath(result), value, atomic: false });
    }
    b.statement(shape.body);
    finishBody(b, facts);
  } catch (error) {
    unit.gaps.push({ at: facts.extent, reason: notUnderstood(error) });
    const empty = newBody(unit, source, shape.id, shape.name, named, results, shape.outer);
    empty.builder.end({ kind: 'return', at: facts.at, values: results.map(() => ({ kind: 'unknown' })) });
    unit.functions.set(shape.id, empty.builder.build(headerOf(empty, facts)));
  }
}

function zero(result: Variable): Value | undefined {
  switch (result.type.kind) {
    case 'scalar':
      return result.type.name === 'bool' ? { kind: 'constant', value: false } : { kind: 'constant', value: result.type.name === 'string' ? '' : 0 };
    case 'pointer':
    case 'map':
    case 'channel':
    case 'function':
    case 'interface':
      return { kind: 'constant', value: null };
    default:
      return undefined;
  }
}

type HeaderFacts = Pick<Function, 'at' | 'extent' | 'exported' | 'doc' | 'generated' | 'test' | 'params'> & Partial<Pick<Function, 'inner' | 'receiver' | 'role' | 'closureOf'>>;

function headerOf(b: Body, facts: HeaderFacts): Omit<Function, 'blocks' | 'unwind'> {
  const { at, extent, exported, doc, generated, test, params, inner, receiver, role, closureOf } = facts;
  const header: Draft<Omit<Function, 'unwind'>> = { id: b.id, name: b.name, module: b.module, params, results: b.resultTypes, namedResults: b.namedResults, at, extent, doc, exported, generated, test, blocks: [] };
  if (b.asserts.length > 0) header.asserts = b.asserts;
  if (inner !== undefined) header.inner = inner;
  if (receiver !== undefined) header.receiver = receiver;
  if (role !== undefined) header.role = role;
  if (closureOf !== undefined) header.closureOf = closureOf;
  return header;
}

function finishBody(b: Body, facts: HeaderFacts): void {
  const end: Location = endOf(facts.extent);
  if (b.builder.isOpen()) leaveFunction(b, end, 'return', b.namedResults.length > 0 ? b.namedResults.map((result) => ({ kind: 'path', path: variablePath(result) })) : b.resultTypes.map(() => ({ kind: 'unknown' })));
  const unwind = layOutDefers(b, end);
  b.unit.functions.set(b.id, b.builder.build(headerOf(b, facts), unwind));
}

/** The closing brace: where a function without a return statement returns. */
function endOf(extent: Location): Location {
  const { file, endLine, endColumn } = extent;
  return { file, line: endLine, column: Math.max(1, endColumn - 1), endLine, endColumn };
}

function parameters(unit: Unit, id: FunctionId, fields: readonly ast.Field[], source: BodySource, kind: 'parameter' | 'result' = 'parameter'): readonly Variable[] {
  const variables: Variable[] = [];
  for (const field of fields) {
    const type = unit.typeOf(source.info.typeOf(field.type));
    const nameless = (): Variable => unit.newVariable('_', kind, field.variadic ? { kind: 'list', element: type, fixed: false } : type, locate(source.file, field), id);
    if (field.names.length === 0) variables.push(nameless());
    for (const name of field.names) {
      const object = name.name === '_' ? undefined : source.info.objectOf(name);
      if (object?.kind !== 'variable') {
        variables.push(nameless());
        continue;
      }
      const variable = unit.variableOf(object);
      variable.owner ??= id;
      variables.push(variable);
    }
  }
  return variables;
}

function roleOf(fn: FunctionObject, test: boolean): Function['role'] {
  if (fn.receiver) return undefined;
  if (fn.name === 'init') return 'initializer';
  if (fn.name === 'main' && fn.type.params.length === 0) return 'main';
  return test && /^(Test|Benchmark|Fuzz|Example)(?!\p{Ll})/u.test(fn.name) ? 'test' : undefined;
}

/** Only a server calls functions of such parameters, or a handler that passes its own on. */
function isHandler(info: BodyInfo, type: ast.FuncType): boolean {
  const count = type.params.reduce((sum, field) => sum + Math.max(1, field.names.length), 0);
  if (!goHandlerParameters.some((names) => names.length === count)) return false;
  const params = type.params.flatMap((field) => Array.from({ length: Math.max(1, field.names.length) }, () => parameterName(info, field.type)));
  return goHandlerParameters.some((names) => names.length === params.length && names.every((name, index) => name === params[index]));
}

function parameterName(info: BodyInfo, expr: ast.Expr): string {
  const type = info.typeOf(expr);
  if (type.kind === 'pointer') return type.element.kind === 'named' ? `*${type.element.decl.id}` : '';
  return type.kind === 'named' ? type.decl.id : '';
}

function isUpper(name: string): boolean {
  return /^\p{Lu}/u.test(name);
}

function newBody(unit: Unit, source: BodySource, id: FunctionId, name: string, namedResults: readonly Variable[], resultTypes: Function['results'], outer: Body | undefined): Body {
  const builder = functionBuilder();
  let wrapped = 0;
  const b: Body = {
    unit,
    info: source.info,
    file: source.file,
    id,
    name,
    module: source.module,
    goVersion: source.goVersion,
    builder,
    usage: source.usage,
    aliases: outer?.aliases ?? new Map(),
    dependsOn: outer?.dependsOn ?? new Map(),
    functions: outer?.functions ?? new Map(),
    namedResults,
    resultTypes,
    loops: [],
    labels: new Map(),
    defers: [],
    exits: [],
    asserts: [],
    deferring: false,
    panicking: undefined,
    loopDepth: 0,
    counter: 0,
    at: outer?.file === source.file ? outer.at : locator(source.file),
    emit: (act: Act) => {
      if (!builder.isOpen()) return;
      const operation = act as Draft<Operation>;
      if (b.deferring) operation.deferred = true;
      if (b.panicking) operation.panicking = b.panicking;
      if (unit.models.isThreadSafe && (operation.op === 'read' || operation.op === 'write') && operation.path.selectors.some((step) => step.kind === 'field' && unit.models.isThreadSafe!(step.owner))) operation.atomic = true;
      builder.emit(operation as Operation);
    },
    temporary: (text, type, at) => {
      const variable = unit.newVariable(text, 'temporary', type, at, id);
      variable.assignments = 1;
      return variable;
    },
    value: (expr) => valueOf(b, expr),
    values: (expr, want, targets) => valuesOf(b, expr, want, targets),
    place: (expr) => placeOf(b, expr),
    prepare: (call) => prepareCall(b, call),
    literal: (literal) => lowerLiteral(b, source, literal),
    wrap: (suffix, at, fill) => {
      wrapped += 1;
      const inner = newBody(unit, source, `${id}.${suffix}${wrapped}` as FunctionId, `${name}.${suffix}${wrapped}`, [], [], b);
      fill(inner);
      finishBody(inner, { at, extent: at, exported: false, doc: '', generated: source.file.generated, test: source.file.path.endsWith('_test.go'), params: [], closureOf: id });
      return inner.id;
    },
    statement: (stmt, label) => lowerStatement(b, stmt, label),
    branch: (condition, onTrue, onFalse, loop) => branchOn(b, condition, onTrue, onFalse, loop),
  };
  return b;
}

/** The same body, reading one of the package's initialisers: they stand in several files, and each has meanings of its own. */
function insideOf(b: Body, source: BodySource, file: ast.File, info: BodyInfo): Body {
  const other: Body = { ...b, file, info, at: locator(file), literal: (literal) => lowerLiteral(other, source, literal), value: (expr) => valueOf(other, expr), values: (expr, want, targets) => valuesOf(other, expr, want, targets), place: (expr) => placeOf(other, expr), prepare: (call) => prepareCall(other, call) };
  return other;
}

/** The values of an expression where several are wanted: calls, and the comma-ok forms. */
function valuesOf(b: Body, expr: ast.Expr, want: number, targets?: readonly (Variable | undefined)[]): readonly Value[] {
  if (expr.kind === 'CallExpr') return b.prepare(expr).perform(b, want, targets);
  if (want <= 1) return [b.value(expr)];
  if (expr.kind === 'UnaryExpr' && expr.operator === '<-') return receive(b, expr, want);
  if (expr.kind === 'IndexExpr') {
    const place = b.place(expr);
    readPlace(b, place, expr);
    return [{ kind: 'path', path: place.path }, { kind: 'unknown', entry: place.path }];
  }
  return [b.value(expr), { kind: 'unknown' }];
}

/** Literals are lowered where they stand; an unnumbered one comes from source that does not compile. */
function lowerLiteral(b: Body, source: BodySource, literal: ast.FuncLit): FunctionId {
  const id = b.unit.functionValues.literalId(literal) ?? (`${b.id}.func@${literal.pos}` as FunctionId);
  if (b.unit.functions.has(id)) return id;
  const name = `${b.name}${id.slice(b.id.length)}`;
  lowerBody(b.unit, { ...source, file: b.file, info: b.info }, { id, name, type: literal.type, body: literal.body, span: literal, at: literal, first: [], outer: b }, { exported: false, doc: '', closureOf: b.id, ...(isHandler(b.info, literal.type) ? { role: 'handler' as const } : {}) });
  return id;
}
