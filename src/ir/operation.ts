import type { AccessPath } from './access-path.js';
import type { FunctionId } from './function.js';
import type { Location } from './location.js';
import type { Primitive } from './type.js';
import type { Value } from './value.js';
import type { Variable } from './variable.js';

export type LockMode = 'exclusive' | 'shared';

/** `unknown` is honest: it silences rules, it never guesses. */
export type Callee =
  | { readonly kind: 'static'; readonly target: FunctionId }
  /** One of the candidates; `complete` says that no other is possible inside the program. `value` is the function value called, when there is one. */
  | { readonly kind: 'dynamic'; readonly candidates: readonly FunctionId[]; readonly complete: boolean; readonly value?: Value; readonly text: string }
  /** A function of a library, by full name, with nothing in the models to say about it beyond `effect`. */
  | { readonly kind: 'library'; readonly name: string }
  | { readonly kind: 'unknown'; readonly text: string; readonly value?: Value };

/** Receiver first when there is one. */
export type Args = readonly Value[];

/** How an access changes memory. `atomic` accesses never race with each other. */
export interface AccessKind {
  readonly atomic: boolean;
  /** What of the location is meant: the cell itself, or the inside of the container it refers to (map entries, list elements). */
  readonly container?: 'map' | 'list' | 'object';
  /** Every element of the list, as far as it is long: `copy`, `append`, a conversion. Without it, an element that is not known. */
  readonly whole?: true;
  /** What the program does there, in a person's word, for messages: `append`, `delete`, `range`, `increment`, `call of Write`. */
  readonly verb?: string;
}

/**
 * Everything a program can do that matters to concurrency. Front-ends lower to this and to nothing else.
 * `deferred` marks work laid out on a function's exits.
 */
export type Operation = { readonly at: Location; readonly deferred?: true } & (
  | { readonly op: 'acquire'; readonly lock: AccessPath; readonly mode: LockMode; /** A try: held only where `result` is true. */ readonly tries: boolean; readonly result?: Variable }
  | { readonly op: 'release'; readonly lock: AccessPath; readonly mode: LockMode }
  | { readonly op: 'make'; readonly result: AccessPath; readonly what: Primitive | 'channel'; readonly capacity?: Value; /** For conditions: the lock; for contexts: the parent. */ readonly of?: Value; /** For contexts: the function value that cancels. */ readonly cancel?: Variable; /** May end or fire by itself at any time. */ readonly timed?: true; /** After so many nanoseconds. */ readonly after?: Value }
  | { readonly op: 'send'; readonly channel: AccessPath; readonly value: Value }
  | { readonly op: 'receive'; readonly channel: AccessPath; readonly result?: Variable; readonly ok?: Variable }
  | { readonly op: 'close'; readonly channel: AccessPath }
  /** Starts a task. `via` is how (`go`, `errgroup.Group.Go`, `time.AfterFunc`). `group` is counted while the task lives. `repeated`: may be started many times by the outside (a handler). */
  | { readonly op: 'spawn'; readonly callee: Callee; readonly args: Args; readonly via: string; readonly group?: AccessPath; readonly repeated?: true; /** May start at any later time, or never. */ readonly timed?: true; /** After so many nanoseconds. */ readonly after?: Value; /** What stops it or starts it again. */ readonly timer?: AccessPath }
  | { readonly op: 'wait'; readonly on: AccessPath; readonly what: 'counter' | 'condition' | 'timer' | 'group' | /** All other tasks, until they wait or have ended. */ 'others'; readonly result?: Variable }
  | { readonly op: 'signal'; readonly on: AccessPath; readonly what: 'counter' | 'condition'; /** Change of a counter. */ readonly delta?: Value; /** Wakes every waiter, not one. */ readonly broadcast?: true }
  | { readonly op: 'suspend' }
  /** Stops a timer, or starts it again; `result` is whether it was running. `drops`: what it sent and nobody received is gone. */
  | { readonly op: 'arm'; readonly timer: AccessPath; readonly starts: boolean; readonly after?: Value; readonly drops?: true; readonly result?: Variable }
  /** Ends the life of a context: its done channel closes. */
  | { readonly op: 'cancel'; readonly context: AccessPath }
  /** A new cell for the variable from here on (each loop turn has its own); `copies` keeps the content. */
  | { readonly op: 'declare'; readonly variable: Variable; readonly copies?: true }
  | ({ readonly op: 'read'; readonly path: AccessPath; /** For atomic reads inside expressions: where the value goes. */ readonly result?: Variable } & AccessKind)
  | ({ readonly op: 'write'; readonly path: AccessPath; readonly value: Value; /** read-modify-write in one step (`x++`, atomic add, CAS). */ readonly updates?: true; readonly result?: Variable; /** compare-and-swap: writes only when the content equals this. */ readonly expects?: Value } & AccessKind)
  /** `once`: the callee runs only for the first caller of this once-object. */
  | { readonly op: 'call'; readonly callee: Callee; readonly args: Args; readonly results: readonly Variable[]; readonly once?: AccessPath; /** Why this library call may block. */ readonly blocks?: string; /** What the callee runs before it returns: function values among the arguments, or methods of them. */ readonly runs?: readonly Value[] }
  /** Stops a panic on its way up, when there is one. */
  | { readonly op: 'recover' }
);

export type OperationOf<K extends Operation['op']> = Extract<Operation, { readonly op: K }>;
