import type { AccessPath } from './access-path.js';
import type { Location } from './location.js';
import type { LockMode, Operation } from './operation.js';
import type { Type } from './type.js';
import type { Value } from './value.js';
import type { Variable } from './variable.js';

/** Unique in a program: `import/path.Type.method`, closures `...func1`. */
export type FunctionId = string & { readonly __brand: 'FunctionId' };
/** Index into `Function.blocks`. */
export type BlockId = number & { readonly __brand: 'BlockId' };

export interface SelectArm {
  readonly at: Location;
  readonly channel: AccessPath;
  readonly direction: 'send' | 'receive';
  readonly value?: Value;
  readonly result?: Variable;
  readonly ok?: Variable;
  readonly to: BlockId;
}

export type Terminator =
  | { readonly kind: 'goto'; readonly to: BlockId }
  /** `condition` unknown means either way. `at` is the condition's place. */
  | { readonly kind: 'branch'; readonly at: Location; readonly condition: Value; readonly onTrue: BlockId; readonly onFalse: BlockId; /** The head of a loop: `onTrue` is its body. */ readonly loop?: true; /** `onTrue` is the way of an exception or rejection of the operation before. */ readonly throws?: true }
  | { readonly kind: 'select'; readonly at: Location; readonly arms: readonly SelectArm[]; readonly fallback?: BlockId }
  | { readonly kind: 'return'; readonly at: Location; readonly values: readonly Value[] }
  /** A panic or exception leaves the function; deferred work has run. */
  | { readonly kind: 'throw'; readonly at: Location }
  /** The task (`exit: false`) or the whole program ends here. */
  | { readonly kind: 'halt'; readonly at: Location; readonly program: boolean };

export interface Block {
  readonly id: BlockId;
  readonly operations: readonly Operation[];
  readonly terminator: Terminator;
}

/** A statement of the body that the lock is held here; checked by nobody, so it says what callers owe. */
export interface LockAssertion {
  /** The lock, or an object that owns one. */
  readonly lock: AccessPath;
  readonly mode: LockMode;
  readonly at: Location;
  /** As written. */
  readonly text: string;
  /** Stands at the top of the body, before it branches. */
  readonly always: boolean;
}

/** blocks[0] is the entry. Deferred and finally work is already laid out on every exit. */
export interface Function {
  readonly id: FunctionId;
  /** What people read: `Type.method`, `func`, `Type.method.func1`. */
  readonly name: string;
  /** Import path of the package or path of the module. */
  readonly module: string;
  /** Receiver first when `receiver` is set. */
  readonly params: readonly Variable[];
  readonly receiver?: { readonly record: string; readonly pointer: boolean };
  /** Named or synthetic; `return` also carries the values. */
  readonly results: readonly Type[];
  readonly namedResults: readonly Variable[];
  readonly at: Location;
  /** The whole body, for asking which function a line belongs to. */
  readonly extent: Location;
  readonly doc: string;
  readonly blocks: readonly Block[];
  readonly asserts?: readonly LockAssertion[];
  readonly closureOf?: FunctionId;
  readonly exported: boolean;
  /** Exported to the other packages of its own module only: whoever calls it by name is part of the program. */
  readonly inner?: true;
  /** Its task may stop inside and let others run: a call returns a handle at the first suspension. */
  readonly suspends?: true;
  /** A generator: suspended at each yield for as long as its consumer likes. */
  readonly yields?: true;
  /** The function creates the object: what it does to its receiver nobody else sees yet. */
  readonly constructs?: true;
  /** Called by the world: program start, package initialisation, test runner, a server for each of many requests. */
  readonly role?: 'main' | 'initializer' | 'test' | 'handler';
  /** Written by a generator: analysed, never reported. */
  readonly generated: boolean;
  readonly test: boolean;
  /** Where a panic at any operation goes: deferred work laid out behind flags; absent when nothing is deferred. */
  readonly unwind?: BlockId;
}
