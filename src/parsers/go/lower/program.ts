import type { Draft } from '../../../ir/draft.js';
import type { Function, FunctionId, Gap, Program, Variable } from '../../../ir/index.js';
import { compareLocations, newVariable } from '../../../ir/index.js';
import { goMeanings, goPrimitives } from '../../../models/go.js';
import type { Meanings } from '../../../models/model.js';
import { withUserModels, type UserModels } from '../../../models/user.js';
import type { FileClock } from '../../front-end.js';
import type * as ast from '../ast.js';
import { locate } from '../locate.js';
import type { BodyInfo, GoPackage, GoWorld, Initializer } from '../resolve/types.js';
import type { FunctionObject, VariableObject } from '../resolve/types.js';
import type { Unit } from './body.js';
import { companions } from './companions.js';
import { lowerAbsent, lowerDeclaration, lowerInitialisers, type BodySource } from './function.js';
import { functionValues } from './function-values.js';
import { perTurnVersion } from './loops.js';
import { unifyLocks } from './lock-aliases.js';
import { recordsOf } from './records.js';
import { typeMapping, wrappedLock } from './types.js';
import { usageVisitor, type Usage, type VariableFacts } from './usage.js';
import { together, walk, type Visitor } from './walk.js';

export interface Given {
  readonly user?: UserModels | undefined;
  readonly onFile?: FileClock | undefined;
  /** The trees are nobody else's: each body leaves its tree when it is lowered, and what it means is forgotten, so that trees and programs are never in memory whole beside each other. */
  readonly takesApart?: boolean;
}

/**
 * From resolved Go to the neutral IR. Two passes over the bodies: the first counts what every variable goes through
 * and which functions flow where, the second lowers, when those facts are complete.
 */
export function lowerWorld(world: GoWorld, { user, onFile, takesApart = false }: Given = {}): { readonly program: Program; readonly gaps: readonly Gap[] } {
  const gaps: Gap[] = [];
  const models = withUserModels(goMeanings, goPrimitives, user);
  const types = typeMapping((type) => world.underlying(type), models.primitives);
  const values = functionValues(world);
  const partners = companions(world, models.meanings);
  // Sources without these names make no fields that belong together.
  const makesPairs = filesWith(/NewCond|\bL\s*=|\bWith[A-Z]|NotifyContext/);
  const declarations = new Map<object, FunctionId>(world.functions.flatMap((fn) => (fn.syntax ? [[fn.syntax.node, fn.id as FunctionId] as const] : [])));
  const variables = variableTable((type) => types.of(type), (scope) => (scope.kind === 'FuncLit' ? values.literalId(scope) : declarations.get(scope)));
  const packageOf = packagesByFile(world);
  const withBody = world.functions.filter((fn) => fn.syntax?.node.body);
  const functions = new Map<FunctionId, Function>();
  const unit: Unit = {
    world,
    functions,
    gaps,
    coverage: { lockOperations: { resolved: 0, total: 0 }, calls: { resolved: 0, total: 0 } },
    variableOf: variables.of,
    newVariable: variables.make,
    typeOf: (type) => types.of(type),
    functionValues: values,
    wrappers: new Set(world.types.flatMap(({ underlying }) => (underlying.kind === 'struct' && wrappedLock(underlying, types.of) !== undefined ? [underlying.owner] : []))),
    companions: partners,
    models,
    hasBody: new Set(withBody.map((fn) => fn.id)),
    ...(takesApart && { lowered: [] }),
  };
  const recovers = filesWith(/recover/);

  const sources: ({ readonly fn: FunctionObject; readonly source: BodySource } | undefined)[] = [];
  const guarded = (file: ast.File, node: ast.Span, run: () => void): void => {
    const started = onFile === undefined ? 0 : performance.now();
    try {
      run();
    } catch (error) {
      gaps.push({ at: locate(file, node), reason: `this part was not understood: ${error instanceof Error ? error.message : String(error)}` });
    }
    onFile?.(file.path, performance.now() - started);
  };
  const sourceOf = (roots: readonly { readonly file: ast.File; readonly node: ast.FuncDecl | ast.VarDecl; readonly info: BodyInfo }[], first: ast.File, info: BodyInfo, pkg: GoPackage | undefined, id: string): BodySource => {
    const goVersion = versionIn(first, pkg);
    const usages: Usage[] = [];
    let literals = 0;
    for (const { file, node, info: meaning } of roots) {
      const takesAddress = (selector: ast.SelectorExpr): boolean => keepsReceiver(meaning, selector, models.meanings);
      // Literals get their ids first: the variables declared in them are named after them.
      literals = values.number(node, file, id, literals);
      const uses = usageVisitor(node, meaning, variables.facts, goVersion >= perTurnVersion, takesAddress);
      const visitors: Visitor[] = [uses, values.visitor(node, meaning, id)];
      if (makesPairs(file)) visitors.push(partners.visitor(meaning));
      walk(node, together(visitors));
      usages.push(uses.usage());
    }
    return { info, file: first, module: pkg?.path ?? '', goVersion, usage: usages.length === 1 ? usages[0]! : union(usages) };
  };

  const versions = new Map<ast.File, number>();
  const versionIn = (file: ast.File, pkg: GoPackage | undefined): number => {
    let version = versions.get(file);
    if (version === undefined) versions.set(file, (version = constrainedVersion(file.buildConstraint) ?? versionOf(pkg?.goVersion)));
    return version;
  };

  const initialisers: { readonly id: FunctionId; readonly source: BodySource; readonly decls: readonly Initializer[] }[] = [];
  for (const pkg of world.packages) {
    const first = pkg.files[0];
    if (!first) continue;
    guarded(first, first.packageName, () => {
      const decls = world.initializersOf(pkg);
      for (const { decl, info } of decls) if (decl.values.length === 0) for (const name of decl.names) declareGlobal(info, name, variables.facts);
      const working = decls.filter(({ decl }) => decl.values.length > 0);
      const begin = working[0];
      if (begin === undefined) return;
      const id = uniqueId(`${pkg.path}.init#vars` as FunctionId, initialisers);
      const source = sourceOf(working.map(({ file, decl, info }) => ({ file, node: decl, info })), begin.file, begin.info, pkg, id);
      if (working.some(({ decl }) => decl.values.some(worksAtStart))) initialisers.push({ id, source, decls: working });
    });
  }
  for (const fn of withBody) {
    const { file, node } = fn.syntax!;
    guarded(file, node, () => {
      const info = world.bodyOf(fn);
      values.parameters(fn, parameterObjects(node, info));
      sources.push({ fn, source: sourceOf([{ file, node, info }], file, info, packageOf.get(file), fn.id) });
    });
  }
  for (const { id, source, decls } of initialisers) guarded(decls[0]!.file, decls[0]!.decl, () => lowerInitialisers(unit, id, source, decls));
  for (const [index, given] of sources.entries()) {
    const { fn, source } = given!;
    guarded(source.file, fn.syntax!.node, () => lowerDeclaration(unit, fn, source));
    if (unit.lowered === undefined) continue;
    sources[index] = undefined;
    // Whether a body recovers from a panic is asked by whoever defers it: one that may is kept. Many a file has the word somewhere, and few bodies.
    for (const body of unit.lowered) if (!recovers(source.file) || !source.file.text.slice(body.pos, body.end).includes('recover')) body.stmts = [];
    unit.lowered.length = 0;
  }
  for (const literal of values.numbered()) if (!functions.has(literal.id)) lowerAbsent(unit, literal);

  for (const pkg of world.packages) {
    for (const file of pkg.files) for (const bad of file.bad) gaps.push({ at: locate(file, bad), reason: bad.reason });
  }
  const records = recordsOf(world, (type) => types.of(type));
  unifyLocks(functions, records);
  // Where a function stands is looked up once, not at each comparison.
  const ordered = [...functions.values()].map((fn) => ({ fn, file: fn.at.file, line: fn.at.line, column: fn.at.column }))
    .sort((a, b) => (a.file === b.file ? a.line - b.line || a.column - b.column : a.file < b.file ? -1 : 1) || compareLocations(a.fn.at, b.fn.at) || (a.fn.id < b.fn.id ? -1 : 1));
  const program: Program = {
    language: 'go',
    scheduling: 'preemptive',
    functions: new Map(ordered.map(({ fn }) => [fn.id, fn])),
    records,
    globals: world.globals.filter((global) => global.ident && global.name !== '_').map((global) => variables.of(global)),
    // Comments and order files are read by the front-end, which sees the surroundings.
    remarks: [],
    coverage: unit.coverage,
  };
  return { program, gaps: gaps.sort((a, b) => compareLocations(a.at, b.at)) };
}

/** Which sources have such names in them? Asked once a file. */
function filesWith(names: RegExp): (file: ast.File) => boolean {
  const known = new Map<ast.File, boolean>();
  return (file) => {
    const answer = known.get(file) ?? names.test(file.text);
    known.set(file, answer);
    return answer;
  };
}

/** Does a method call keep a pointer to the variable it is called on? Calls the models explain do not. */
function keepsReceiver(info: BodyInfo, selector: ast.SelectorExpr, meanings: Meanings): boolean {
  const selection = info.selectionOf(selector);
  return selection?.kind === 'method' && !selection.viaInterface && !meanings.has(selection.method.fullName);
}

/** Calls, literals and fresh objects happen when the program starts; plain constants need no function. */
function worksAtStart(value: ast.Expr): boolean {
  switch (value.kind) {
    case 'CallExpr':
    case 'FuncLit':
    case 'CompositeLit':
      return true;
    case 'UnaryExpr':
      return worksAtStart(value.x);
    case 'BinaryExpr':
      return worksAtStart(value.x) || worksAtStart(value.y);
    default:
      return false;
  }
}

function declareGlobal(info: BodyInfo, name: ast.Ident, facts: VariableFacts): void {
  const object = info.objectOf(name);
  if (object?.kind === 'variable') facts.assigned(object);
}

function parameterObjects(node: ast.FuncDecl, info: BodyInfo): readonly (VariableObject | undefined)[] {
  return node.type.params.flatMap((field): (VariableObject | undefined)[] => {
    if (field.names.length === 0) return [undefined];
    return field.names.map((name) => {
      const object = info.objectOf(name);
      return object?.kind === 'variable' ? object : undefined;
    });
  });
}

function union(usages: readonly Usage[]): Usage {
  const assignedFields = new Set<string>();
  for (const usage of usages) for (const field of usage.assignedFields) assignedFields.add(field);
  return { assignedFields, keyOf: (object) => usages[0]?.keyOf(object) ?? object.name };
}

function uniqueId(id: FunctionId, taken: readonly { readonly id: FunctionId }[]): FunctionId {
  let unique = id;
  for (let twin = 2; taken.some((other) => other.id === unique); twin++) unique = `${id}#${twin}` as FunctionId;
  return unique;
}

function packagesByFile(world: GoWorld): ReadonlyMap<ast.File, GoPackage> {
  const packages = new Map<ast.File, GoPackage>();
  for (const pkg of world.packages) for (const file of pkg.files) packages.set(file, pkg);
  return packages;
}

/** A file that is built from a release on is written in that release's language, whatever the module says; 1.21 is the oldest one can go back to. */
function constrainedVersion(constraint: string): number | undefined {
  const minor = /[|!]/.test(constraint) ? undefined : /\bgo1\.(\d+)\b/.exec(constraint)?.[1];
  return minor === undefined ? undefined : versionOf(`1.${Math.max(21, Number(minor))}`);
}

/** `1.22.3` as 122; the newest language when nothing is said. */
function versionOf(text: string | undefined): number {
  const match = /^(?:go)?(\d+)\.(\d+)/.exec(text ?? '');
  return match ? Number(match[1]) * 100 + Number(match[2]) : Infinity;
}

interface VariableTable {
  readonly of: (object: VariableObject) => Draft<Variable>;
  readonly make: Unit['newVariable'];
  readonly facts: VariableFacts;
}

/** One Variable per declaration, whoever asks first. */
function variableTable(typeOf: (type: VariableObject['type']) => Variable['type'], ownerOf: (scope: NonNullable<VariableObject['scope']>) => FunctionId | undefined): VariableTable {
  let next = 1;
  const nowhere = { file: '', line: 1, column: 1, endLine: 1, endColumn: 1 };
  const of = (object: VariableObject): Draft<Variable> => {
    if (object.lowered !== undefined) return object.lowered as Draft<Variable>;
    const global = object.role === 'global';
    const kind: Variable['kind'] = global ? 'global' : object.role === 'parameter' || object.role === 'receiver' ? 'parameter' : object.role === 'result' ? 'result' : 'local';
    const owner = global || !object.scope ? undefined : ownerOf(object.scope);
    const variable = newVariable(next++, object.name, global ? object.pkg : (owner ?? object.pkg), kind, typeOf(object.type), object.file && object.ident ? locate(object.file, object.ident) : nowhere, owner);
    if (kind === 'parameter' || kind === 'result') variable.assignments = 1;
    if (global && /^\p{Lu}/u.test(object.name)) variable.exported = true;
    if (object.prose !== undefined) variable.prose = object.prose;
    object.lowered = variable;
    return variable;
  };
  return {
    of,
    make: (name, kind, type, at, owner) => newVariable(next++, name, owner, kind, type, at, owner),
    facts: {
      assigned: (object, times = 1) => {
        of(object).assignments += times;
      },
      captured: (object) => {
        of(object).captured = true;
      },
      addressed: (object) => {
        of(object).addressed = true;
      },
    },
  };
}
