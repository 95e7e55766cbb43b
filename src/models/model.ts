import type { AccessKind, LockMode, Primitive } from '../ir/index.js';

/** Which operand of a call a row speaks of: the receiver, or an argument by its index. */
export type Operand = 'receiver' | number;

/**
 * What one library function means to concurrency. A union read by the lowering, one small function per meaning.
 * What has no row is a library call without effect on the program's own memory.
 */
export type Meaning =
  | { readonly means: 'acquire' | 'release'; readonly lock: Operand; readonly mode: LockMode; readonly tries?: true }
  | { readonly means: 'signal'; readonly on: Operand; readonly what: 'counter' | 'condition'; /** A constant, or the argument that holds it. */ readonly delta?: number | { readonly argument: number }; readonly broadcast?: true }
  | { readonly means: 'wait'; readonly on: Operand; readonly what: 'counter' | 'condition' | 'timer' | 'group' | 'others'; /** The result is the error that ended what was waited for. */ readonly fails?: true }
  /** Lets at most so many tasks of the group run at the same time. */
  | { readonly means: 'limit'; readonly group: Operand; readonly to: number }
  /** Yields a fresh object. `of` is the argument it depends on; `cancel`, `result`, `context` are results: what cancels it, the object, a context made beside it. */
  | { readonly means: 'make'; readonly what: Primitive; readonly of?: number; readonly cancel?: number; readonly result?: number; readonly context?: number; readonly timed?: true; readonly served?: true }
  /** Yields a channel that something outside sends on or closes. */
  | { readonly means: 'timed channel'; /** The argument that says after how many nanoseconds. */ readonly after?: number; /** Fires again and again, until it is stopped. */ readonly repeats?: true; /** The object that holds the channel, or absent when the result is the channel. */ readonly field?: { readonly name: string; readonly owner: string }; readonly capacity: number }
  /** Stops a timer, or starts it again after an argument's nanoseconds. */
  | { readonly means: 'arm'; readonly starts: boolean; readonly after?: number }
  /** Yields what lives in a field of the operand: a context's channel, or (its `address`) the reader's side of a lock. */
  | { readonly means: 'field'; readonly of: Operand; readonly name: string; readonly owner: string; readonly address?: true }
  /** Starts an argument as a task. */
  | { readonly means: 'spawn'; readonly callee: number; readonly group?: Operand; /** Starts nothing when the group is full. */ readonly tries?: true; readonly repeated?: true; /** Starts nothing yet: it runs once somebody serves. */ readonly registers?: true; readonly timed?: true; /** The argument that says after how many nanoseconds; the result is the timer. */ readonly after?: number; /** Waits for them before it returns. */ readonly joins?: true; /** Name of the interface method started on an object argument. */ readonly method?: string }
  /** Runs arguments before it returns. `once`: only the first time for this object. */
  | { readonly means: 'runs'; readonly callees: readonly number[]; readonly once?: Operand; /** A literal that calls this runs later, with the others that do. */ readonly parallel?: string }
  /** Yields a function that runs the argument when it is called first. */
  | { readonly means: 'once function'; readonly callee: number }
  /** Reads or writes the operand's memory. */
  | ({ readonly means: 'read' | 'write'; readonly of: Operand; readonly value?: number; readonly expects?: number; readonly updates?: true; /** What the update adds, for atomic arithmetic. */ readonly adds?: number } & AccessKind)
  /** Ends the task (after its deferred work) or the program (at once). */
  | { readonly means: 'halt'; readonly program: boolean }
  | { readonly means: 'blocks'; readonly reason: string; /** Runs the handlers that were registered. */ readonly serves?: true }
  /** Takes over an argument: the caller must not use it any more. */
  | { readonly means: 'takes'; readonly of: number; /** The receiver keeps it for whoever wants one. */ readonly pools?: true }
  /** Yields one of the objects that the receiver keeps, or one that its `New` makes. */
  | { readonly means: 'takes out' }
  /** Yields something: never null, and no count below one. */
  | { readonly means: 'there' }
  /** Yields a new container with the elements of an argument. */
  | { readonly means: 'copies'; readonly of: number }
  /** Turns arguments, from an index on, into text: runs the first of these methods an argument has. `layout` is the argument that says which of them, and how. */
  | { readonly means: 'formats'; readonly from: number; readonly methods: readonly string[]; readonly layout?: number; /** Objects that are pointed to and have none of the methods: the fields of which it reads. */ readonly reads: 'all' | 'exported'; /** The result is never null. */ readonly there?: true }
  /** Sends to, or closes, an argument at any later time. */
  | { readonly means: 'feeds'; readonly channel: number }
  /** Nothing is sent to an argument any more by what fed it. */
  | { readonly means: 'starves'; readonly channel: number };

/** Rows by the full name of the callee: `import/path.Func`, `import/path.Type.Method`. */
export type Meanings = ReadonlyMap<string, Meaning>;

/** Types whose values synchronise, by full name. */
export type PrimitiveTypes = ReadonlyMap<string, Primitive>;
