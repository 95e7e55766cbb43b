import type * as ast from '../ast.js';

/**
 * Go types as the resolver knows them, after go/types. `Named` is interned: one object per instantiation-free
 * declaration, so identity of `decl` is identity of the type; `args` are its type arguments.
 */
export type GoType =
  | { readonly kind: 'unknown' }
  /** `int`, `string`, `bool`, `error` is Named; untyped constants are `untyped int`, `untyped nil`, ... */
  | { readonly kind: 'basic'; readonly name: string }
  | { readonly kind: 'named'; readonly decl: NamedType; readonly args: readonly GoType[] }
  | { readonly kind: 'pointer'; readonly element: GoType }
  | { readonly kind: 'slice'; readonly element: GoType }
  | { readonly kind: 'array'; readonly element: GoType; readonly length?: number }
  | { readonly kind: 'map'; readonly key: GoType; readonly value: GoType }
  | { readonly kind: 'chan'; readonly direction: 'both' | 'send' | 'receive'; readonly element: GoType }
  | Signature
  | StructGoType
  | { readonly kind: 'interface'; readonly methods: readonly { readonly name: string; readonly type: Signature }[]; readonly embedded: readonly GoType[] }
  | { readonly kind: 'tuple'; readonly elements: readonly GoType[] }
  | { readonly kind: 'typeParameter'; readonly name: string; readonly constraint: GoType };

export interface Signature { readonly kind: 'signature'; readonly params: readonly GoType[]; readonly results: readonly GoType[]; readonly variadic: boolean }
/** `owner` is the unique name of the record: the declared type's id, or `<owner>.<field>` / position for anonymous structs. */
export interface StructGoType { readonly kind: 'struct'; readonly owner: string; readonly fields: readonly FieldObject[] }

/** A declared type: of the program, of a dependency read for declarations, or of the standard library's data. */
export interface NamedType {
  /** `import/path.Name`; local types `import/path.func.Name`; unique even for twins (`#2`). */
  readonly id: string;
  readonly name: string;
  /** Import path; '' for the universe (`error`). */
  readonly pkg: string;
  readonly typeParams: readonly string[];
  /** With declared type parameters in it; resolved lazily, unknown when the declaration is not at hand. */
  readonly underlying: GoType;
  /** Methods declared on T and *T, by name. */
  readonly methods: ReadonlyMap<string, FunctionObject>;
  /** Present when the program declares it. */
  readonly syntax?: { readonly file: ast.File; readonly node: ast.TypeDecl };
}

export interface FieldObject { readonly kind: 'field'; readonly name: string; readonly type: GoType; readonly embedded: boolean; readonly syntax?: { readonly file: ast.File; readonly field: ast.Field; readonly name: ast.Ident } }

export interface VariableObject {
  readonly kind: 'variable';
  readonly name: string;
  readonly type: GoType;
  readonly role: 'global' | 'local' | 'parameter' | 'receiver' | 'result';
  /** Import path for globals. */
  readonly pkg: string;
  readonly file?: ast.File;
  /** The declaring identifier; undefined for globals of foreign packages. */
  readonly ident?: ast.Ident;
  /** Comments above and behind a global, when they speak of guarding. */
  readonly prose?: string;
  /** Function (declaration or literal) whose body or signature declares it; undefined for globals. */
  readonly scope?: ast.FuncDecl | ast.FuncLit | undefined;
  /** What lowering has made of it: asked for with every use of a name, so it stands here and in no table. A world is lowered once. */
  lowered: unknown;
}

export interface FunctionObject {
  readonly kind: 'function';
  /** `import/path.Func`, `import/path.Type.Method`; twins get `#2`, several `init` `init#2`. */
  readonly id: string;
  /** What the models know it by: `import/path.Func`, `import/path.Type.Method`. */
  readonly fullName: string;
  readonly name: string;
  readonly pkg: string;
  readonly type: Signature;
  readonly receiver?: { readonly named: NamedType; readonly pointer: boolean };
  /** Present when the program has the source (module's own packages). */
  readonly syntax?: { readonly file: ast.File; readonly node: ast.FuncDecl };
  /** For generic functions: names of their type parameters, as they occur in `type`. */
  readonly typeParams: readonly string[];
}

export type GoObject =
  | VariableObject
  | FunctionObject
  | { readonly kind: 'type'; readonly name: string; readonly type: GoType }
  /** `value` when it is an integer, string or boolean we can compute. */
  | { readonly kind: 'constant'; readonly name: string; readonly type: GoType; readonly value?: number | string | boolean | undefined }
  | { readonly kind: 'package'; readonly name: string; readonly path: string }
  | { readonly kind: 'builtin'; readonly name: string }
  | { readonly kind: 'nil' };

/** One step from a value to a field, through embedding: `field` of the struct `owner`. */
export interface SelectionStep { readonly name: string; readonly owner: string; readonly field: FieldObject; /** The struct was reached through a pointer. */ readonly viaPointer: boolean }

/** What `x.sel` means. `steps` are the (embedded) fields walked, the selected field itself last when it is a field. */
export type Selection =
  | { readonly kind: 'field'; readonly steps: readonly SelectionStep[]; readonly type: GoType }
  /** `interface`: a dynamic call on an interface type. */
  | { readonly kind: 'method'; readonly steps: readonly SelectionStep[]; readonly method: FunctionObject; readonly viaInterface: boolean; readonly type: Signature }
  /** `T.Method` or `(*T).Method`. */
  | { readonly kind: 'methodExpression'; readonly method: FunctionObject; readonly type: Signature }
  /** `pkg.Name`. */
  | { readonly kind: 'qualified'; readonly object: GoObject };

export const unknownGoType: GoType = { kind: 'unknown' };

/** A package of the program: the files of one folder and package name that one build can hold. */
export interface GoPackage {
  readonly path: string;
  readonly name: string;
  readonly files: readonly ast.File[];
  /** Language version from go.mod (`1.22`), files' build constraints applied; undefined without one. */
  readonly goVersion?: string;
}

/** What the names of one function body mean: go/types' Info, filled by one walk of the body. */
export interface BodyInfo {
  /** Type of an expression; unknown when not known. For type expressions: the type itself. Multi-value calls: a tuple. */
  typeOf(expr: ast.Expr): GoType;
  /** Declaration or use. The declaring ident of a variable and its uses give the same object. */
  objectOf(ident: ast.Ident): GoObject | undefined;
  selectionOf(expr: ast.SelectorExpr): Selection | undefined;
  /** True when the expression denotes a type (conversion callee, composite type, make's first argument). */
  isType(expr: ast.Expr): boolean;
  /** The variable a type-switch clause binds implicitly. */
  clauseVariable(clause: ast.CaseClause): VariableObject | undefined;
  /** The integer, string or boolean that a constant expression is; undefined when it is none or not computed. */
  constantOf(expr: ast.Expr): number | string | boolean | undefined;
}

/** A package variable's declaration and what its names mean. */
export interface Initializer { readonly file: ast.File; readonly decl: ast.VarDecl; readonly info: BodyInfo }

export interface GoWorld {
  readonly packages: readonly GoPackage[];
  /** All functions with source, in file and position order. */
  readonly functions: readonly FunctionObject[];
  /** All declared types with source, local ones included once their function's body was resolved. */
  readonly types: readonly NamedType[];
  readonly globals: readonly VariableObject[];
  /** Resolves a body and its function literals, anew each time: the meanings live as long as the caller keeps them, a large program's do not fit in memory at once. Package-level initialisers come through `initializersOf`. */
  bodyOf(fn: FunctionObject): BodyInfo;
  /** Package variable initialisers in source order. */
  initializersOf(pkg: GoPackage): readonly Initializer[];
  /** `T` under names and instantiation: struct, map, ... with type arguments put in. */
  underlying(type: GoType): GoType;
  /** Methods of the program that an interface method call may reach (class hierarchy), and whether that is all. */
  implementations(iface: GoType, method: string): { readonly candidates: readonly FunctionObject[]; readonly complete: boolean };
  /** Method or field by name on a value of this type, as a selector would find it. */
  lookup(type: GoType, name: string, from: GoPackage): Selection | undefined;
}
