import type { FunctionBuilder } from '../../../ir/build.js';
import type { Draft } from '../../../ir/draft.js';
import type { AccessPath, BlockId, Coverage, Function, FunctionId, Gap, Location, Operation, Type, Value, Variable } from '../../../ir/index.js';
import type { Unit } from '../parse.js';
import type { Callable, Bound, Name, TsType } from '../resolve/types.js';
import type { World } from '../resolve/world.js';
import type { ts } from '../syntax.js';

/** An operation before it is known how its exit is reached. */
export type Act = Operation extends infer O ? (O extends Operation ? Omit<O, 'deferred'> : never) : never;

/** What the whole lowering shares. */
export interface Lowering {
  readonly world: World;
  readonly functions: Map<FunctionId, Function>;
  readonly gaps: Gap[];
  /** Calls that take a lock, and whether their release stays where it can be followed. */
  readonly kept: Map<ts.Node, boolean>;
  readonly coverage: Draft<{ lockOperations: Draft<Coverage['lockOperations']>; calls: Draft<Coverage['calls']> }>;
  readonly variableOf: (name: Name) => Draft<Variable>;
  readonly thisOf: (callable: Callable) => Draft<Variable>;
  readonly staticOf: (label: string, key: object, type: TsType, at: Location, path: string) => Draft<Variable>;
  readonly newVariable: (name: string, kind: Variable['kind'], type: Type, at: Location, owner: FunctionId) => Draft<Variable>;
  readonly typeFor: (type: TsType) => Type;
}

/** What encloses a statement: a loop or switch to leave, or a try whose work on the way out must run. */
export type Enclosing =
  | { readonly kind: 'jump'; readonly label: string | undefined; readonly breakTo: BlockId; readonly continueTo: BlockId | undefined }
  /** `throwTo` takes exceptions; `leaving` lays out what every other way out runs. */
  | { readonly kind: 'guard'; readonly throwTo: BlockId | undefined; readonly leaving: (() => void) | undefined; copies: number };

/** One IR function in the making. */
export interface Body {
  readonly lowering: Lowering;
  readonly world: World;
  readonly unit: Unit;
  readonly bound: Bound;
  readonly callable: Callable;
  readonly id: FunctionId;
  readonly name: string;
  readonly builder: FunctionBuilder;
  readonly enclosing: Enclosing[];
  /** Variables that hold handles of tasks, and the handles behind one that joins several. */
  readonly handles: Map<Variable, readonly AccessPath[]>;
  loopDepth: number;
  wrapped: number;
  readonly returnsValue: boolean;
  /** Emitting what an exit runs. */
  deferring: boolean;
  readonly at: (node: ts.Node) => Location;
  readonly emit: (act: Act) => void;
  readonly temporary: (name: string, type: Type, at: Location) => Draft<Variable>;
  readonly branch: (at: Location, condition: Value, onTrue: BlockId, onFalse: BlockId, marks?: { readonly loop?: true; readonly throws?: true }) => void;
  /** A function without syntax of its own. */
  readonly wrap: (suffix: string, at: Location, fill: (b: Body) => void) => FunctionId;
}

/**
 * How the result of a call is used. `await`: the caller waits for it here; `return`: the caller's caller does;
 * `value`: it is kept; `drop`: nobody waits.
 */
export type Use = 'await' | 'return' | 'value' | 'drop';

/** What a call came to. `suspended`: it has laid out its own suspension. */
export interface Outcome {
  readonly value: Value;
  readonly weight: 'full' | 'weak';
  readonly suspended?: true;
  /** Tasks that a wait for the value waits for. */
  readonly handles?: readonly AccessPath[];
}
