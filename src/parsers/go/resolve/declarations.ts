import { ownText } from '../../own-text.js';
import type * as ast from '../ast.js';
import { emptyRecord } from './record.js';
import { defaultType, lazily, named, unknownSignature } from './shapes.js';
import { typeOf } from './expressions.js';
import { substitute } from './generics.js';
import { LazyConstant, LazyFunction, LazyGlobal, LazyTypeName } from './lazy-objects.js';
import type { Environment, Scope } from './scopes.js';
import { scopeIn, universe } from './scopes.js';
import { enterDeclaration, receiverParts, receiverType } from './signatures.js';
import { constantObject, valueTypes } from './statements.js';
import { aliasParameters, declareType, signatureOf, typeExpr, typeParameterScope } from './type-expressions.js';
import type { FunctionObject, GoObject, GoType, NamedType, Signature, VariableObject } from './types.js';
import { unknownGoType } from './types.js';

export interface SourceFile { readonly file: ast.File; /** Why the default build leaves it out; '' when it does not. */ readonly exclusion: string }

export interface PackageSource { readonly path: string; readonly files: readonly SourceFile[] }

/** What the declarations need from the program around them. */
export interface Surrounding {
  /** A file's imports, as the scope between its package and its blocks. */
  readonly importScope: (file: ast.File, parent: Scope) => Scope;
  readonly exporterOf: Environment['exporterOf'];
  readonly absentType: Environment['absentType'];
  readonly absentTypeInUse: Environment['absentTypeInUse'];
  /** The id itself, or with `#2`, `#3` when taken. */
  readonly unique: (id: string) => string;
  /** Whether bodies will be asked for: packages read for their declarations only have no syntax. */
  readonly withSyntax: boolean;
}

export interface DeclaredPackage {
  readonly scope: Scope;
  readonly functions: readonly FunctionObject[];
  readonly types: readonly NamedType[];
  readonly globals: readonly VariableObject[];
  readonly constants: readonly GoObject[];
  readonly initializers: readonly { readonly file: ast.File; readonly decl: ast.VarDecl }[];
  readonly environmentOf: (file: ast.File) => Environment;
}

/**
 * The names of a package. Invariant: a name belongs to the first file of the default build that declares it; a later
 * declaration of it is a twin (`#2`) that only its own file, and files of the same exclusion, see first. Everything is
 * typed when asked, so the order of files and packages decides nothing.
 */
export function declarePackage(source: PackageSource, surrounding: Surrounding): DeclaredPackage {
  const scope = scopeIn(universe);
  const groups = new Map<string, Scope>();
  const own = new Map<ast.File, Scope>();
  const inner = new Map<ast.File, Scope>();
  for (const { file, exclusion } of source.files) {
    if (exclusion !== '' && !groups.has(exclusion)) groups.set(exclusion, scopeIn(scope));
    const ownScope = scopeIn(exclusion === '' ? scope : groups.get(exclusion));
    own.set(file, ownScope);
    inner.set(file, surrounding.importScope(file, ownScope));
  }
  /** Methods that files outside the default build declare again for themselves. */
  const twins = new Map<string, FunctionObject>();
  const exclusions = new Map(source.files.map(({ file, exclusion }) => [file, exclusion]));
  const environmentOf = (file: ast.File): Environment => ({
    twinOf: (method) => {
      const exclusion = twins.size === 0 || method.receiver === undefined ? undefined : exclusions.get(file);
      return exclusion ? twins.get(`${exclusion}\n${method.receiver!.named.id}\n${method.name}`) : undefined;
    },
    pkg: source.path, file, owner: `${source.path}.init`, record: emptyRecord(), scope: inner.get(file) ?? scope, holder: undefined,
    exporterOf: surrounding.exporterOf, absentType: surrounding.absentType, absentTypeInUse: surrounding.absentTypeInUse,
  });

  const functions: FunctionObject[] = [];
  const types: NamedType[] = [];
  const globals: VariableObject[] = [];
  const constants: GoObject[] = [];
  const initializers: { file: ast.File; decl: ast.VarDecl }[] = [];
  const methods: { env: Environment; exclusion: string; node: ast.FuncDecl; receiver: ast.Field }[] = [];
  const { unique } = surrounding;

  const ordered = [...source.files].sort((a, b) => Number(a.exclusion !== '') - Number(b.exclusion !== ''));
  for (const { file, exclusion } of ordered) {
    const bind = (name: string, object: GoObject): void => {
      if (name === '_' || name === '') return;
      const group = exclusion === '' ? undefined : groups.get(exclusion);
      if (group !== undefined || scope.declared(name) !== undefined) {
        const ownScope = own.get(file)!;
        if (ownScope.declared(name) === undefined) ownScope.declare(name, object);
      }
      for (const shared of [scope, group]) if (shared !== undefined && shared.declared(name) === undefined) shared.declare(name, object);
    };
    const env = environmentOf(file);
    for (const decl of file.decls) {
      if (decl.kind === 'FuncDecl') {
        if (decl.receiver !== undefined) methods.push({ env, exclusion, node: decl, receiver: decl.receiver });
        else {
          const fn = declareFunction(env, decl, unique(`${source.path}.${decl.name.name}`), undefined, surrounding.withSyntax);
          functions.push(fn);
          if (decl.name.name !== 'init') bind(decl.name.name, fn);
        }
      } else if (decl.kind === 'TypeDecl') {
        if (decl.alias) bind(decl.name.name, aliasObject(env, decl));
        else {
          const type = declareType({ ...env, record: emptyRecord() }, decl, unique(`${source.path}.${decl.name.name}`));
          types.push(type);
          bind(decl.name.name, { kind: 'type', name: decl.name.name, type: named(type) });
        }
      } else if (decl.kind === 'VarDecl') {
        initializers.push({ file, decl });
        for (const global of globalVariables(env, decl)) {
          globals.push(global);
          bind(global.name, global);
        }
      } else if (decl.kind === 'ConstDecl') {
        decl.names.forEach((name, index) => {
          const constant = lazyConstant(env, decl, name, index);
          constants.push(constant);
          bind(name.name, constant);
        });
      }
    }
  }

  for (const { env, exclusion, node, receiver } of methods) {
    const { name, pointer } = receiverParts(receiver);
    const written = name?.name ?? '_';
    const type = receiverType(env, receiver);
    const local = type !== undefined && type.pkg === source.path ? type : surrounding.absentType(source.path, written);
    const method = declareFunction(env, node, unique(`${local.id}.${node.name.name}`), { named: local, pointer }, surrounding.withSyntax);
    functions.push(method);
    if (local !== type) continue;
    if (!type.methods.has(method.name)) (type.methods as Map<string, FunctionObject>).set(method.name, method);
    else if (exclusion !== '') twins.set(`${exclusion}\n${type.id}\n${method.name}`, method);
  }
  return { scope, functions, types, globals, constants, initializers, environmentOf };
}

function declareFunction(env: Environment, node: ast.FuncDecl, id: string, receiver: FunctionObject['receiver'], withSyntax: boolean): FunctionObject {
  const typed = lazily((): { readonly type: Signature; readonly typeParams: readonly string[] } => {
    const own = { ...env, record: emptyRecord() };
    const typeParams = enterDeclaration(own, node);
    return { type: signatureOf(own, node.type), typeParams };
  }, { type: unknownSignature, typeParams: [] });
  return new LazyFunction(id, node.name.name, env.pkg, typed, receiver, withSyntax ? { file: env.file, node } : undefined);
}

function aliasObject(env: Environment, node: ast.TypeDecl): GoObject {
  const own = { ...env, record: emptyRecord() };
  const typeParams = typeParameterScope(own, node.typeParams);
  const target = lazily<GoType>(() => typeExpr(own, node.type, `${env.pkg}.${node.name.name}`), unknownGoType);
  const object: GoObject = new LazyTypeName(node.name.name, target);
  if (typeParams.length > 0) aliasParameters.set(object, (args) => substitute(target(), new Map(typeParams.map((name, index) => [name, args[index] ?? unknownGoType]))));
  return object;
}

function globalVariables(env: Environment, decl: ast.VarDecl): VariableObject[] {
  const own = { ...env, record: emptyRecord(decl.slots) };
  const declared = decl.type;
  const types = declared === undefined
    ? lazily<readonly GoType[]>(() => valueTypes(own, decl.values, decl.names.length), [])
    : undefined;
  const written = lazily<GoType>(() => (declared === undefined ? unknownGoType : typeExpr(own, declared, `${env.pkg}.${decl.names[0]?.name ?? ''}`)), unknownGoType);
  const text = decl.doc === '' && decl.comment === '' ? '' : `${decl.doc}\n${decl.comment}`;
  const prose = /guard|protect|cover|checklocks/i.test(text) ? { prose: ownText(text) } : {};
  return decl.names.map((ident, index): VariableObject => {
    // Several names with one value each must not make a circle of an innocent pair.
    const alone = lazily<GoType>(() => (decl.values[index] === undefined ? unknownGoType : typeOf(own, decl.values[index])), unknownGoType);
    const type = (): GoType => (types === undefined ? written() : defaultType((decl.values.length === decl.names.length ? alone() : types()[index]) ?? unknownGoType));
    return new LazyGlobal(ident.name, env.pkg, type, { file: env.file, ident, ...prose });
  });
}

function lazyConstant(env: Environment, decl: ast.ConstDecl, name: ast.Ident, index: number): GoObject {
  const whole = lazily((): Extract<GoObject, { kind: 'constant' }> => {
    const constant = constantObject({ ...env, record: emptyRecord() }, decl, name, index);
    return constant.kind === 'constant' ? constant : { kind: 'constant', name: name.name, type: unknownGoType };
  }, { kind: 'constant', name: name.name, type: unknownGoType });
  return new LazyConstant(name.name, whole);
}
