import type { Surroundings } from '../../front-end.js';
import type * as ast from '../ast.js';
import { constantOf } from './constants.js';
import type { DeclaredPackage, Surrounding } from './declarations.js';
import { declarePackage } from './declarations.js';
import type { ParseFile } from './dependencies.js';
import { dependencies } from './dependencies.js';
import { typeOf } from './expressions.js';
import { underlying } from './generics.js';
import { implementationIndex } from './implementations.js';
import { importScopes } from './imports.js';
import { findMember } from './members.js';
import { moduleMap } from './modules.js';
import type { ProgramPackage } from './packages.js';
import { packagesOf } from './packages.js';
import { emptyRecord, isTypeExpr, objectOf, recordedType, recordObject, selectionOf } from './record.js';
import type { Record } from './record.js';
import type { Environment, Exporter } from './scopes.js';
import { find } from './scopes.js';
import { enterDeclaration } from './signatures.js';
import { walkFunction } from './statements.js';
import { typeExpr } from './type-expressions.js';
import type { BodyInfo, FunctionObject, GoObject, GoPackage, GoType, GoWorld, NamedType, Selection, VariableObject } from './types.js';
import { unknownGoType } from './types.js';

/**
 * What the names of a program mean. Invariant: the answer depends on the set of files and on what the surroundings
 * say, never on the order of the files or of the questions. Unknown is unknown: nothing here throws for a program.
 * Without `parseFile` packages beside the program stay unread.
 */
export function buildWorld(files: readonly ast.File[], surroundings: Surroundings, parseFile?: ParseFile): GoWorld {
  const sorted = [...files].sort((a, b) => compare(a.path, b.path));
  const modules = moduleMap(surroundings, sorted.find((file) => !/^(\/|\.\.|[A-Za-z]:)/.test(file.path)));
  const packages = packagesOf(sorted, modules);
  const declared = new Map<ProgramPackage, DeclaredPackage>();
  const unique = twinNames();
  const { absentType, absentTypeInUse, close } = absentTypes();

  const exporterAt: (path: string, folder: string) => Exporter = dependencies({
    surroundings, modules, packages, absentType, parseFile,
    scopeOf: (pkg) => declared.get(pkg),
    declare: (path, sources) => declarePackage({ path, files: sources.map((file) => ({ file, exclusion: '' })) }, { ...program, unique: (id) => id, withSyntax: false }),
  });
  const { scopeOf, exporterOf } = importScopes(exporterAt);
  const program: Surrounding = { importScope: scopeOf, exporterOf, absentType, absentTypeInUse, unique, withSyntax: true };
  for (const pkg of packages) declared.set(pkg, declarePackage(pkg, program));
  const all = [...declared.values()];
  typeInOrder(all);
  close();

  const declaredTypes = all.flatMap((pkg) => pkg.types).sort(bySource);
  const types = [...declaredTypes];
  const localTypes = new Map<ast.TypeDecl, NamedType>();
  const localType = (node: ast.TypeDecl, id: string, declare: (id: string) => NamedType): NamedType => {
    let type = localTypes.get(node);
    if (type === undefined) {
      localTypes.set(node, (type = declare(unique(id))));
      types.push(type);
    }
    return type;
  };

  const environments = new Map<ast.File, Environment>();
  for (const [pkg, declarations] of declared) for (const { file } of pkg.files) environments.set(file, declarations.environmentOf(file));
  const bodyEnvironment = (file: ast.File, owner: string, record: Record): Environment | undefined => {
    const base = environments.get(file);
    if (base === undefined) return undefined;
    const { pkg, scope, exporterOf: exporter, absentType: absent, absentTypeInUse: absentInUse, twinOf } = base;
    const env: Environment = { pkg, file, owner, record, scope, holder: undefined, exporterOf: exporter, absentType: absent, absentTypeInUse: absentInUse, twinOf, localType, walkLiteral: (literal) => walkFunction(env, literal) };
    return env;
  };

  const readBody = (fn: FunctionObject): BodyInfo => {
    const record = emptyRecord(fn.syntax?.node.slots);
    const env = fn.syntax && bodyEnvironment(fn.syntax.file, fn.id, record);
    if (fn.syntax !== undefined && env !== undefined) {
      enterDeclaration(env, fn.syntax.node);
      walkFunction(env, fn.syntax.node);
    }
    return new RecordedBody(record);
  };

  const ofPackage = new Map<GoPackage, DeclaredPackage>();
  for (const [pkg, declarations] of declared) ofPackage.set(pkg.pkg, declarations);
  const readInitializers = (pkg: GoPackage): ReturnType<GoWorld['initializersOf']> => {
    const decls = ofPackage.get(pkg)?.initializers ?? [];
    return decls.map(({ file, decl }) => {
      const record = emptyRecord(decl.slots);
      const info = new RecordedBody(record);
      const env = bodyEnvironment(file, `${pkg.path}.init`, record);
      if (env === undefined) return { file, decl, info };
      if (decl.type !== undefined) typeExpr(env, decl.type, `${pkg.path}.${decl.names[0]?.name ?? ''}`);
      for (const value of decl.values) typeOf(env, value);
      for (const name of decl.names) {
        const object = find(env.scope, name.name);
        if (object?.kind === 'variable' && object.ident === name) recordObject(record, name, object);
      }
      return { file, decl, info };
    });
  };

  const initializers = new Map<GoPackage, ReturnType<GoWorld['initializersOf']>>();
  return {
    packages: packages.map((pkg) => pkg.pkg),
    functions: all.flatMap((pkg) => pkg.functions).sort(bySource),
    types,
    globals: all.flatMap((pkg) => pkg.globals),
    bodyOf: readBody,
    initializersOf: (pkg) => {
      let found = initializers.get(pkg);
      if (found === undefined) initializers.set(pkg, (found = readInitializers(pkg)));
      return found;
    },
    underlying,
    implementations: implementationIndex(declaredTypes),
    lookup: (type, name) => findMember(type, name),
  };
}

class RecordedBody implements BodyInfo {
  constructor(private readonly record: Record) {}

  typeOf(expr: ast.Expr): GoType {
    return recordedType(this.record, expr) ?? unknownGoType;
  }

  objectOf(ident: ast.Ident): GoObject | undefined {
    return objectOf(this.record, ident);
  }

  selectionOf(expr: ast.SelectorExpr): Selection | undefined {
    return selectionOf(this.record, expr);
  }

  isType(expr: ast.Expr): boolean {
    return isTypeExpr(this.record, expr);
  }

  clauseVariable(clause: ast.CaseClause): VariableObject | undefined {
    return this.record.clauses?.get(clause);
  }

  constantOf(expr: ast.Expr): ReturnType<BodyInfo['constantOf']> {
    return constantOf((name) => objectOf(this.record, name.kind === 'Ident' ? name : name.sel), expr);
  }
}

/** An id as it is the first time, then with `#2`, `#3`. */
function twinNames(): (id: string) => string {
  const taken = new Map<string, number>();
  return (id) => {
    const count = (taken.get(id) ?? 0) + 1;
    taken.set(id, count);
    return count === 1 ? id : `${id}#${count}`;
  };
}

/**
 * One declaration for each name of a package that is not at hand. Which of them count as in use as types is settled by
 * the declarations alone, before any body is read: otherwise the order of the questions would show.
 */
function absentTypes(): Pick<Surrounding, 'absentType' | 'absentTypeInUse'> & { readonly close: () => void } {
  const types = new Map<string, NamedType>();
  const inUse = new Set<string>();
  let open = true;
  const absentType = (path: string, name: string): NamedType => {
    const id = `${path}.${name}`;
    if (open) inUse.add(id);
    let type = types.get(id);
    if (type === undefined) types.set(id, (type = { id, name, pkg: path, typeParams: [], underlying: unknownGoType, methods: new Map() }));
    return type;
  };
  return { absentType, absentTypeInUse: (path, name) => (inUse.has(`${path}.${name}`) ? types.get(`${path}.${name}`) : undefined), close: () => { open = false; } };
}

/** Link by link, so that a chain of declarations, however long, is never followed from its far end. Values come last: they need the rest. */
function typeInOrder(packages: readonly DeclaredPackage[]): void {
  for (const pkg of packages) {
    for (const type of pkg.types) void type.underlying;
    for (const fn of pkg.functions) void fn.type;
  }
  for (const pkg of packages) {
    for (const constant of pkg.constants) if (constant.kind === 'constant') void constant.value;
    for (const global of pkg.globals) void global.type;
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function bySource(a: FunctionObject | NamedType, b: FunctionObject | NamedType): number {
  const [left, right] = [a.syntax, b.syntax];
  return left === undefined || right === undefined ? 0 : compare(left.file.path, right.file.path) || left.node.pos - right.node.pos;
}
