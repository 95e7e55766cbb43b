import type { Draft } from '../../../ir/draft.js';
import type { AccessPath, BlockId, Coverage, Function, FunctionId, Gap, Location, LockAssertion, Operation, Type, Value, Variable } from '../../../ir/index.js';
import type { FunctionBuilder } from '../../../ir/build.js';
import type { Models } from '../../../models/user.js';
import type * as ast from '../ast.js';
import type { BodyInfo, GoWorld } from '../resolve/types.js';
import type { GoType, VariableObject } from '../resolve/types.js';
import type { Usage } from './usage.js';
import type { Companions } from './companions.js';
import type { FunctionValues } from './function-values.js';

/** An operation before it is known how its exit is reached. */
export type Act = Operation extends infer O ? (O extends Operation ? Omit<O, 'deferred' | 'panicking'> : never) : never;

/**
 * A location as an expression names it. `shared`: another task could see this very cell change.
 * `exposed`: another task could see parts of it. `target`: for a pointer whose target is known, the target.
 */
export interface Place {
  readonly path: AccessPath;
  readonly shared: boolean;
  readonly exposed: boolean;
  readonly target?: AccessPath;
  readonly container?: 'map' | 'list';
  /** Part of a list: its elements are elements of the path, under indices that are not the same. */
  readonly shifted?: true;
}

/** A local that never changes and stands for a path: `mu := &s.mu` (address), `c := s.conn` (value). */
export interface Alias {
  readonly kind: 'address' | 'value';
  readonly path: AccessPath;
}

/** A call whose operands are evaluated and which has not happened yet: now, on an exit (`defer`) or in a task (`go`). */
export interface Prepared {
  readonly at: Location;
  /** `want` results are asked for; `targets` are variables that may take them directly. */
  readonly perform: (b: Body, want: number, targets?: readonly (Variable | undefined)[]) => readonly Value[];
  /** Present when the call is one of a function with its arguments: what `go` starts. */
  readonly task?: Pick<Extract<Operation, { op: 'spawn' }>, 'callee' | 'args'>;
  /** A deferred literal that calls recover. */
  readonly recovers?: boolean;
}

/** What the whole lowering shares. */
export interface Unit {
  readonly world: GoWorld;
  readonly functions: Map<FunctionId, Function>;
  readonly gaps: Gap[];
  readonly coverage: Draft<{ lockOperations: Draft<Coverage['lockOperations']>; calls: Draft<Coverage['calls']> }>;
  readonly variableOf: (object: VariableObject) => Draft<Variable>;
  readonly newVariable: (name: string, kind: Variable['kind'], type: Type, at: Location, owner: FunctionId) => Draft<Variable>;
  readonly typeOf: (type: GoType) => Type;
  /** Structs that only wrap a lock, by the name that their field's selectors have as owner. */
  readonly wrappers: ReadonlySet<string>;
  readonly functionValues: FunctionValues;
  readonly companions: Companions;
  readonly models: Models;
  /** Ids of functions that have a body, hence an IR Function. */
  readonly hasBody: ReadonlySet<string>;
  /** Bodies of declarations and literals that are lowered, until they leave their trees; absent when trees stay whole. */
  readonly lowered?: Draft<ast.Block>[];
}

export interface Loop {
  readonly label: string | undefined;
  readonly breakTo: BlockId;
  readonly continueTo: BlockId | undefined;
}

/** One IR function in the making. The members after `labels` are the mutually recursive parts of the lowering. */
export interface Body {
  readonly unit: Unit;
  readonly info: BodyInfo;
  readonly file: ast.File;
  readonly id: FunctionId;
  readonly name: string;
  readonly module: string;
  readonly goVersion: number;
  readonly builder: FunctionBuilder;
  readonly usage: Usage;
  /** Shared with the literals inside. */
  readonly aliases: Map<Variable, Alias>;
  /** Variables made by a call that depend on a location: cancel functions on their context, conditions on their lock. Shared with the literals inside. */
  readonly dependsOn: Map<Variable, AccessPath>;
  /** Variables that hold one known function for good. Shared with the literals inside. */
  readonly functions: Map<Variable, Value>;
  readonly namedResults: readonly Variable[];
  readonly resultTypes: readonly Type[];
  readonly loops: Loop[];
  readonly labels: Map<string, BlockId>;
  readonly defers: Defer[];
  readonly exits: Exit[];
  /** What the body states about locks. */
  readonly asserts: LockAssertion[];
  /** Emitting what an exit runs. */
  deferring: boolean;
  /** Where the panic begins, when the exit is one of the program's own. */
  panicking: Location | undefined;
  loopDepth: number;
  counter: number;
  readonly at: (span: ast.Span) => Location;
  readonly emit: (act: Act) => void;
  readonly temporary: (name: string, type: Type, at: Location) => Variable;

  readonly value: (expr: ast.Expr) => Value;
  /** The values of an expression in a context of `want` values. */
  readonly values: (expr: ast.Expr, want: number, targets?: readonly (Variable | undefined)[]) => readonly Value[];
  readonly place: (expr: ast.Expr) => Place;
  readonly prepare: (call: ast.CallExpr) => Prepared;
  readonly literal: (literal: ast.FuncLit) => FunctionId;
  /** A function without syntax of its own that does what a call would: `go mu.Unlock()`. */
  readonly wrap: (suffix: string, at: Location, fill: (b: Body) => void) => FunctionId;
  readonly statement: (stmt: ast.Stmt, label?: string) => void;
  readonly branch: (condition: ast.Expr, onTrue: BlockId, onFalse: BlockId, loop?: boolean) => void;
}

/** A defer statement: what it runs, where it registers, and the local that says so. */
export interface Defer {
  readonly call: Prepared;
  readonly flag: Variable;
  readonly block: BlockId | -1;
  /** Stands in a loop: the local counts instead. */
  readonly counts: boolean;
}

/** A place where the function is left; the deferred work is laid out there once all defers are known. */
export interface Exit {
  readonly at: Location;
  readonly block: BlockId;
  /** Defers registered in this very block before the exit are known by count. */
  readonly registered: number;
  readonly kind: 'return' | 'throw' | 'halt';
  readonly values: readonly Value[];
}
