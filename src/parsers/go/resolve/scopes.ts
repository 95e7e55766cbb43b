import type * as ast from '../ast.js';
import type { Record } from './record.js';
import { basic, emptyInterface, named } from './shapes.js';
import type { FunctionObject, GoObject, GoType, NamedType } from './types.js';

/**
 * Invariant: a name is found in the innermost scope that declares it: blocks, signature, file imports, the file's own
 * build, package, universe. Labels are no names.
 */
export class Scope {
  /** Most blocks declare nothing, and get no table. */
  private own: Map<string, GoObject> | undefined;

  /** What lies beyond the blocks of a file is the same for each use of a name. */
  readonly settled: Map<string, GoObject | null> | undefined;

  /** `beyond` is asked when the scope itself does not know: what the imports of a file bring. */
  constructor(readonly parent: Scope | undefined, readonly beyond?: (name: string) => GoObject | undefined) {
    this.own = undefined;
    this.settled = beyond === undefined ? undefined : new Map();
  }

  declared(name: string): GoObject | undefined {
    return this.own?.get(name);
  }

  declare(name: string, object: GoObject): void {
    (this.own ??= new Map()).set(name, object);
  }
}

export const scopeIn = (parent: Scope | undefined, beyond?: Scope['beyond']): Scope => new Scope(parent, beyond);

/** Invariant: asked only when all declarations of the package are in their scopes. */
export function find(scope: Scope | undefined, name: string): GoObject | undefined {
  for (let here = scope; here !== undefined; here = here.parent) {
    const { settled } = here;
    if (settled !== undefined) {
      let known = settled.get(name);
      if (known === undefined) settled.set(name, (known = here.declared(name) ?? here.beyond?.(name) ?? find(here.parent, name) ?? null));
      return known ?? undefined;
    }
    const object = here.declared(name);
    if (object !== undefined) return object;
  }
  return undefined;
}

/** Whatever can answer for the exported names of an import path. */
export interface Exporter {
  readonly path: string;
  /** The name its files declare, which imports without a name bind. */
  readonly name: string;
  readonly member: (name: string) => GoObject | undefined;
  /** False when nothing but the path is known: its names then stand for themselves. */
  readonly present: boolean;
}

/** Where an expression stands. The scope moves as a body is walked; everything else is fixed. */
export interface Environment {
  readonly pkg: string;
  readonly file: ast.File;
  /** Prefix for the names of local types: the function's id. */
  readonly owner: string;
  readonly record: Record;
  scope: Scope;
  /** The innermost function around: what new variables belong to. */
  holder: ast.FuncDecl | ast.FuncLit | undefined;
  readonly exporterOf: (object: GoObject) => Exporter | undefined;
  /** A type of a package that is not at hand: known by name only. */
  readonly absentType: (path: string, name: string) => NamedType;
  /** The same, if a declaration of the program uses the name as a type. */
  readonly absentTypeInUse: (path: string, name: string) => NamedType | undefined;
  /** The method that stands in for this one in the file's own build, when that is not the default build. */
  readonly twinOf: (method: FunctionObject) => FunctionObject | undefined;
  /** Walks the body of a literal; absent where only the type of an expression is asked. */
  readonly walkLiteral?: (literal: ast.FuncLit) => void;
  /** One object for each local type declaration, however often its body is read. */
  readonly localType?: (node: ast.TypeDecl, id: string, declare: (id: string) => NamedType) => NamedType;
}

const predeclaredTypes: readonly [string, string][] = [
  ...['bool', 'string', 'int', 'int8', 'int16', 'int32', 'int64', 'uint', 'uint8', 'uint16', 'uint32', 'uint64', 'uintptr', 'float32', 'float64', 'complex64', 'complex128'].map((name): [string, string] => [name, name]),
  ['byte', 'uint8'], ['rune', 'int32'],
];
const builtins = ['append', 'cap', 'clear', 'close', 'complex', 'copy', 'delete', 'imag', 'len', 'make', 'max', 'min', 'new', 'panic', 'print', 'println', 'real', 'recover'];

export const errorDecl: NamedType = {
  id: 'error', name: 'error', pkg: '', typeParams: [], methods: new Map(),
  underlying: { kind: 'interface', methods: [{ name: 'Error', type: { kind: 'signature', params: [], results: [basic('string')], variadic: false } }], embedded: [] },
};
const comparableDecl: NamedType = { id: 'comparable', name: 'comparable', pkg: '', typeParams: [], methods: new Map(), underlying: emptyInterface };

export const errorType = named(errorDecl);

/** The predeclared types by name, as signatures of libraries write them too. */
export const predeclared: ReadonlyMap<string, GoType> = new Map([
  ...predeclaredTypes.map(([name, target]) => [name, basic(target)] as const),
  ['error', errorType], ['any', emptyInterface], ['comparable', named(comparableDecl)],
]);

export const universe: Scope = new Scope(undefined);
for (const [name, type] of predeclared) universe.declare(name, { kind: 'type', name, type });
for (const name of builtins) universe.declare(name, { kind: 'builtin', name });
for (const value of [true, false]) universe.declare(String(value), { kind: 'constant', name: String(value), type: basic('untyped bool'), value });
universe.declare('iota', { kind: 'constant', name: 'iota', type: basic('untyped int') });
universe.declare('nil', { kind: 'nil' });
