import type { Draft } from '../../../ir/draft.js';
import type { FunctionId, Variable } from '../../../ir/index.js';
import type { Unit } from '../parse.js';
import type { FunctionNode, ts } from '../syntax.js';

/** An expression some name may hold, or a part of it: a property, an element (`[]`), what a promise gives (`await`). */
export interface Origin {
  readonly expr: ts.Expression;
  readonly part?: readonly string[];
}

/** A declared name. One object per declaration; what is assigned to it is collected while the file is walked. */
export interface Name {
  readonly text: string;
  readonly kind: 'variable' | 'parameter' | 'function' | 'class' | 'import' | 'enum' | 'type' | 'namespace';
  readonly node: ts.Node;
  readonly unit: Unit;
  /** The function that declares it; undefined at module level. */
  readonly owner: Callable | undefined;
  readonly constant: boolean;
  typeNode: ts.TypeNode | undefined;
  readonly origins: Origin[];
  /** Set when it is a function, or a constant that holds one. */
  callable: Callable | undefined;
  record: Shape | undefined;
  import: { readonly from: string; readonly name: string } | undefined;
  /** For type aliases. */
  alias: ts.TypeNode | undefined;
  exported: boolean;
  assignments: number;
  captured: boolean;
  variable: Draft<Variable> | undefined;
  /** What it holds, once somebody has asked. */
  type: TsType | undefined;
}

/** A function of the sources: declared, a method, or a literal. `node` is the class where a constructor is not written. */
export interface Callable {
  readonly id: FunctionId;
  readonly name: string;
  readonly node: FunctionNode | ts.ClassLikeDeclaration | ts.SourceFile | ts.ClassStaticBlockDeclaration;
  readonly unit: Unit;
  readonly outer: Callable | undefined;
  /** What `this` is in it; arrow functions ask around themselves. */
  record: Shape | undefined;
  readonly isStatic: boolean;
  readonly arrow: boolean;
  readonly async: boolean;
  readonly generator: boolean;
  readonly returned: ts.Expression[];
  /** Literals in it so far, for their names. */
  literals: number;
  hidden: boolean;
  thisVariable: Draft<Variable> | undefined;
  exported: boolean | undefined;
  lowered: boolean;
  /** What a call yields, once somebody has asked. */
  type: TsType | undefined;
}

export interface FieldShape {
  readonly name: string;
  readonly node: ts.Node;
  typeNode: ts.TypeNode | undefined;
  readonly origins: Origin[];
  assignments: number;
  hidden: boolean;
  /** For statics: the global that it is. */
  variable: Draft<Variable> | undefined;
  /** What it holds, once somebody has asked. */
  type: TsType | undefined;
}

/** A class, a constructor function, an object literal with methods, or an interface: what has named fields. */
export interface Shape {
  readonly id: string;
  readonly label: string;
  readonly kind: 'class' | 'literal' | 'function' | 'interface';
  readonly node: ts.Node;
  readonly unit: Unit;
  readonly owner: Callable | undefined;
  base: ts.Expression | undefined;
  /** The class of `base`, once somebody has asked; null for one that is not here. */
  extended: Shape | null | undefined;
  implements: readonly ts.ExpressionWithTypeArguments[];
  readonly fields: Map<string, FieldShape>;
  readonly statics: Map<string, FieldShape>;
  readonly methods: Map<string, Callable>;
  readonly staticMethods: Map<string, Callable>;
  readonly getters: Map<string, Callable>;
  readonly setters: Map<string, Callable>;
  /** Declared type of a method or property of an interface. */
  readonly signatures: Map<string, ts.TypeNode>;
  readonly typeParameters: readonly string[];
  constructs: Callable | undefined;
  readonly subShapes: Shape[];
  exported: boolean;
  /** Whether it is a lock by its name and its methods, once somebody has asked. */
  lock: boolean | undefined;
}

export interface Scope {
  names: ReadonlyMap<string, Name>;
  readonly outer: Scope | undefined;
  readonly callable: Callable;
  /** Takes `var` declarations. */
  readonly isFunction: boolean;
}

/** Identifiers, and the declaration that each means. */
export interface NamedUses {
  readonly nodes: ts.Node[];
  readonly names: Name[];
}

/** What one file declares, and which declaration each identifier in it means. */
export interface Bound {
  readonly unit: Unit;
  readonly scope: Scope;
  readonly init: Callable;
  readonly uses: NamedUses;
  /** Classes and interfaces declared inside functions, by name. */
  readonly nested: ReadonlyMap<string, Name>;
  readonly callables: ReadonlyMap<ts.Node, Callable>;
  readonly all: readonly Callable[];
  readonly shapes: readonly Shape[];
  readonly shapeOf: ReadonlyMap<ts.Node, Shape>;
  /** Nodes with a suspension inside, functions in them left out. */
  readonly suspending: ReadonlySet<ts.Node>;
  /** Exported names, `default` and `export =` (as `=`) among them. */
  readonly exports: Map<string, Export>;
  /** Modules whose exports are all handed on. */
  readonly stars: readonly string[];
}

export type Export =
  | { readonly kind: 'name'; readonly name: Name }
  | { readonly kind: 'expression'; readonly expr: ts.Expression }
  | { readonly kind: 'from'; readonly from: string; readonly name: string };

/** What an expression is, as far as names and classes tell. `unknown` is honest. */
export type TsType =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'scalar'; readonly name: string }
  | { readonly kind: 'instance'; readonly shape: Shape }
  | { readonly kind: 'class'; readonly shape: Shape }
  | { readonly kind: 'function'; readonly callable: Callable }
  | { readonly kind: 'promise'; readonly of: TsType }
  | { readonly kind: 'list'; readonly of: TsType }
  | { readonly kind: 'map'; readonly of: TsType; readonly flavour: 'map' | 'set' | 'dictionary' }
  /** An object of a library's class: `async-mutex.Mutex`. `limit` is the constant it was made with. */
  | { readonly kind: 'library'; readonly name: string; readonly limit?: number }
  /** A value of a library: a namespace, function or class, by its full name. */
  | { readonly kind: 'external'; readonly name: string }
  | { readonly kind: 'module'; readonly path: string }
  /** A function that gives the lock of this expression back; an object with methods that do. `taken`: the call that gave it. */
  | { readonly kind: 'releaser'; readonly lock: ts.Expression; readonly key?: ts.Expression; readonly taken?: ts.CallExpression }
  | { readonly kind: 'lease'; readonly lock: ts.Expression; readonly key?: ts.Expression; readonly taken: ts.CallExpression; readonly names: readonly string[] }
  /** An enumeration, whose members are constants. */
  | { readonly kind: 'enum'; readonly node: ts.EnumDeclaration }
  /** A function that settles a promise. */
  | { readonly kind: 'settler' };
