/**
 * A compact Go syntax tree in the spirit of go/ast. Built in one cursor walk over the concrete tree, which is
 * then freed. `pos` and `end` are UTF-16 offsets into `File.text` (half-open). Parentheses are dropped.
 * What the grammar could not read is `Bad`, and a gap.
 */
export interface Span { readonly pos: number; readonly end: number }

/**
 * What can have a meaning, numbered within its top-level declaration: meanings are kept in plain lists by these
 * numbers. A selector takes two, for its type and for what it selects.
 */
export interface Slotted extends Span { readonly slot: number }

export interface Comment extends Span { /** Without the markers, lines joined by \n, directives (`//go:`, `//nolint`) kept in `text`. */ readonly text: string; /** Markers and all. */ readonly raw: string }

export interface File extends Span {
  readonly kind: 'File';
  readonly path: string;
  readonly text: string;
  /** Offset of the first character of each line. */
  readonly lineStarts: Uint32Array;
  readonly packageName: Ident;
  readonly doc: string;
  readonly imports: readonly ImportSpec[];
  readonly decls: readonly Decl[];
  readonly comments: readonly Comment[];
  /** From the build constraint line and file name: `//go:build` expression text, or ''. */
  readonly buildConstraint: string;
  readonly generated: boolean;
  /** Places the grammar could not read. */
  readonly bad: readonly (Span & { readonly reason: string })[];
}

export interface ImportSpec extends Span { readonly kind: 'ImportSpec'; /** `_`, `.` or a name, if written. */ readonly name?: Ident; readonly path: string }

export type Decl = FuncDecl | VarDecl | ConstDecl | TypeDecl | BadDecl;
export interface BadDecl extends Span { readonly kind: 'BadDecl' }

export interface FuncDecl extends Span { readonly kind: 'FuncDecl'; readonly name: Ident; readonly receiver: Field | undefined; readonly typeParams: readonly Field[]; readonly type: FuncType; readonly body: Block | undefined; readonly doc: string; /** Raw comment text above, directives included. */ readonly directives: string; /** How many slots are taken inside. */ readonly slots: number }
/** One spec of a var group each. */
export interface VarDecl extends Span { readonly kind: 'VarDecl'; readonly names: readonly Ident[]; readonly type?: Expr; readonly values: readonly Expr[]; readonly doc: string; readonly comment: string; /** How many slots are taken inside. */ readonly slots: number }
/** One spec of a const group each; `values`/`type` are those of the spec they repeat when left out; `iota` is the index in its group. */
export interface ConstDecl extends Span { readonly kind: 'ConstDecl'; readonly names: readonly Ident[]; readonly type?: Expr; readonly values: readonly Expr[]; readonly iota: number }
export interface TypeDecl extends Span { readonly kind: 'TypeDecl'; readonly name: Ident; readonly typeParams: readonly Field[]; readonly type: Expr; readonly alias: boolean; readonly doc: string; readonly comment: string }

/** Parameters, results, struct fields, type parameters, interface elements. No names: embedded or unnamed. */
export interface Field extends Span { readonly names: readonly Ident[]; readonly type: Expr; readonly doc: string; readonly comment: string; readonly tag?: string; readonly variadic?: true }

export type Expr =
  | Ident | BasicLit | CompositeLit | FuncLit | SelectorExpr | IndexExpr | SliceExpr | TypeAssertExpr | CallExpr | StarExpr
  | UnaryExpr | BinaryExpr | KeyValueExpr | ArrayType | MapType | ChanType | FuncType | StructType | InterfaceType | BadExpr;

export interface Ident extends Slotted { readonly kind: 'Ident'; readonly name: string }
/** `value` is the source text. */
export interface BasicLit extends Span { readonly kind: 'BasicLit'; readonly literal: 'int' | 'float' | 'imaginary' | 'rune' | 'string'; readonly value: string }
/** `type` is absent for elided inner literals `{...}`. Elements are values or KeyValueExpr. */
export interface CompositeLit extends Slotted { readonly kind: 'CompositeLit'; readonly type: Expr | undefined; readonly elements: readonly Expr[] }
export interface FuncLit extends Slotted { readonly kind: 'FuncLit'; readonly type: FuncType; readonly body: Block }
/** Also qualified identifiers and qualified types `pkg.Name`. */
export interface SelectorExpr extends Slotted { readonly kind: 'SelectorExpr'; readonly x: Expr; readonly sel: Ident }
/** Indexing, or instantiation `F[int]`, `T[K, V]`. */
export interface IndexExpr extends Slotted { readonly kind: 'IndexExpr'; readonly x: Expr; readonly indices: readonly Expr[] }
export interface SliceExpr extends Slotted { readonly kind: 'SliceExpr'; readonly x: Expr; readonly low: Expr | undefined; readonly high: Expr | undefined; readonly max: Expr | undefined }
/** `type` absent: `x.(type)`. */
export interface TypeAssertExpr extends Slotted { readonly kind: 'TypeAssertExpr'; readonly x: Expr; readonly type?: Expr }
/** Calls and conversions; type arguments stand in `fun` (IndexExpr). `make([]T, n)` and `new(T)` carry the type as args[0]. */
export interface CallExpr extends Slotted { readonly kind: 'CallExpr'; readonly fun: Expr; readonly args: readonly Expr[]; readonly spread: boolean }
/** Dereference, or pointer type. */
export interface StarExpr extends Slotted { readonly kind: 'StarExpr'; readonly x: Expr }
/** `+ - ! ^ & <-` and, in constraints, `~`. */
export interface UnaryExpr extends Slotted { readonly kind: 'UnaryExpr'; readonly operator: string; readonly x: Expr }
/** In constraints also `|`. */
export interface BinaryExpr extends Slotted { readonly kind: 'BinaryExpr'; readonly operator: string; readonly x: Expr; readonly y: Expr }
export interface KeyValueExpr extends Slotted { readonly kind: 'KeyValueExpr'; readonly key: Expr; readonly value: Expr }
/** `length` absent: slice; `'...'`: `[...]T`. */
export interface ArrayType extends Slotted { readonly kind: 'ArrayType'; readonly length?: Expr | '...'; readonly element: Expr }
export interface MapType extends Slotted { readonly kind: 'MapType'; readonly key: Expr; readonly value: Expr }
export interface ChanType extends Slotted { readonly kind: 'ChanType'; readonly direction: 'both' | 'send' | 'receive'; readonly element: Expr }
export interface FuncType extends Slotted { readonly kind: 'FuncType'; readonly params: readonly Field[]; readonly results: readonly Field[] }
export interface StructType extends Slotted { readonly kind: 'StructType'; readonly fields: readonly Field[] }
/** Methods have one name and a FuncType; embedded types and unions have none. */
export interface InterfaceType extends Slotted { readonly kind: 'InterfaceType'; readonly elements: readonly Field[] }
export interface BadExpr extends Slotted { readonly kind: 'BadExpr' }

export type Stmt =
  | Block | ExprStmt | SendStmt | IncDecStmt | AssignStmt | GoStmt | DeferStmt | ReturnStmt | BranchStmt | IfStmt | SwitchStmt
  | TypeSwitchStmt | SelectStmt | ForStmt | RangeStmt | LabeledStmt | DeclStmt | EmptyStmt | BadStmt;

export interface Block extends Span { readonly kind: 'Block'; readonly stmts: readonly Stmt[] }
export interface ExprStmt extends Span { readonly kind: 'ExprStmt'; readonly x: Expr }
export interface SendStmt extends Span { readonly kind: 'SendStmt'; readonly channel: Expr; readonly value: Expr }
export interface IncDecStmt extends Span { readonly kind: 'IncDecStmt'; readonly x: Expr; readonly operator: '++' | '--' }
/** `=`, `:=` (define) or `+=` and its like. */
export interface AssignStmt extends Span { readonly kind: 'AssignStmt'; readonly left: readonly Expr[]; readonly operator: string; readonly right: readonly Expr[] }
export interface GoStmt extends Span { readonly kind: 'GoStmt'; readonly call: Expr }
export interface DeferStmt extends Span { readonly kind: 'DeferStmt'; readonly call: Expr }
export interface ReturnStmt extends Span { readonly kind: 'ReturnStmt'; readonly results: readonly Expr[] }
export interface BranchStmt extends Span { readonly kind: 'BranchStmt'; readonly token: 'break' | 'continue' | 'goto' | 'fallthrough'; readonly label?: Ident }
export interface IfStmt extends Span { readonly kind: 'IfStmt'; readonly init: Stmt | undefined; readonly condition: Expr; readonly then: Block; readonly else: Stmt | undefined }
/** `exprs` undefined: default. */
export interface CaseClause extends Span { readonly exprs?: readonly Expr[]; readonly body: readonly Stmt[] }
export interface SwitchStmt extends Span { readonly kind: 'SwitchStmt'; readonly init?: Stmt; readonly tag?: Expr; readonly clauses: readonly CaseClause[] }
/** `switch bind := x.(type)`; clause exprs are types (or `nil`). */
export interface TypeSwitchStmt extends Span { readonly kind: 'TypeSwitchStmt'; readonly init?: Stmt; readonly bind?: Ident; readonly x: Expr; readonly clauses: readonly CaseClause[] }
/** `comm` undefined: default; otherwise SendStmt, ExprStmt (receive) or AssignStmt (receive). */
export interface CommClause extends Span { readonly comm?: Stmt; readonly body: readonly Stmt[] }
export interface SelectStmt extends Span { readonly kind: 'SelectStmt'; readonly clauses: readonly CommClause[] }
export interface ForStmt extends Span { readonly kind: 'ForStmt'; readonly init: Stmt | undefined; readonly condition: Expr | undefined; readonly post: Stmt | undefined; readonly body: Block }
export interface RangeStmt extends Span { readonly kind: 'RangeStmt'; readonly key: Expr | undefined; readonly value: Expr | undefined; readonly define: boolean; readonly x: Expr; readonly body: Block }
export interface LabeledStmt extends Span { readonly kind: 'LabeledStmt'; readonly label: Ident; readonly stmt: Stmt }
export interface DeclStmt extends Span { readonly kind: 'DeclStmt'; readonly decls: readonly Decl[] }
export interface EmptyStmt extends Span { readonly kind: 'EmptyStmt' }
export interface BadStmt extends Span { readonly kind: 'BadStmt' }

export type AnyNode = File | ImportSpec | Decl | Field | Expr | Stmt | CaseClause | CommClause;
