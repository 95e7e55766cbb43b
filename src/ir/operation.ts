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

/** `lock`: to get a lock; `resume`: an asynchronous iterator's next turn or its end; `yield`: until the consumer asks for more. */
export type SuspendReason = 'await' | 'lock' | 'yield' | 'resume';

/** Receiver first when there is one. */
export type Args = readonly Value[];

/** How an access changes memory. `atomic` accesses never race with each other. */
export interface AccessKind {
  /** One of the fields that a library looks at in one call, given a pointer to their record. */
  readonly part?: true;
  readonly atomic: boolean;
  /** What of the location is meant: the cell itself, or the inside of the container it refers to (map entries, list elements). */
  readonly container?: 'map' | 'list' | 'object';
  /** Every element of the list, as far as it is long: `copy`, `append`, a conversion. Without it, an element that is not known. */
  readonly whole?: true;
  /** What the program does there, in a person's word, for messages: `append`, `delete`, `range`, `increment`, `call of Write`. */
  readonly verb?: string;
}

/** Waits for a place among those who run at the same time, and keeps it until it has ended. `size` is how many there are, when that is known. */
export interface Limit { readonly of: AccessPath; readonly size?: number }

/**
 * What a call means to the life of an object that takes data until it is finished: a stream, a connection, or the
 * answer to a request, which is given once. `ends`: it takes nothing more. `fills`: it must not have been finished.
 */
export interface Life { readonly of: AccessPath; readonly kind: 'stream' | 'answer'; readonly does: 'ends' | 'fills' }

/**
 * Everything a program can do that matters to concurrency. Front-ends lower to this and to nothing else.
 * `deferred` marks work laid out on a function's exits, `panicking` says where, when the function leaves by a panic of its own.
 */
export type Operation = { readonly at: Location; readonly deferred?: true; readonly panicking?: Location } & (
  | { readonly op: 'acquire'; readonly lock: AccessPath; readonly mode: LockMode; /** A try: held only where `result` is true. */ readonly tries: boolean; readonly result?: Variable }
  | { readonly op: 'release'; readonly lock: AccessPath; readonly mode: LockMode }
  | { readonly op: 'make'; readonly result: AccessPath; readonly what: Primitive | 'channel' | 'promise'; readonly capacity?: Value; /** For conditions: the lock; for contexts: the parent. */ readonly of?: Value; /** For contexts: the function value that cancels. */ readonly cancel?: Variable; /** May end or fire by itself at any time. */ readonly timed?: true; /** Fires again and again. */ readonly repeats?: true; /** Stays with the clock though nobody refers to it any more: until it has fired, or for ever. */ readonly lasts?: 'until fired' | 'for ever'; /** For groups: the context made beside it, which ends with the group's first error. */ readonly context?: Variable; /** After so many nanoseconds. */ readonly after?: Value; /** For contexts: ends when the call from outside with which it came has returned. */ readonly served?: true; /** For promises: the functions that settle it, fulfilment first. */ readonly settlers?: readonly Variable[] }
  | { readonly op: 'send'; readonly channel: AccessPath; readonly value: Value }
  | { readonly op: 'receive'; readonly channel: AccessPath; readonly result?: Variable; readonly ok?: Variable }
  | { readonly op: 'close'; readonly channel: AccessPath }
  /** Starts a task. `via` is how (`go`, `errgroup.Group.Go`, `time.AfterFunc`). `group` is counted while the task lives. `repeated`: may be started many times by the outside (a handler). */
  | { readonly op: 'spawn'; readonly callee: Callee; readonly args: Args; readonly via: string; readonly group?: AccessPath; readonly repeated?: true; /** Though `repeated`, once in the life of its source: one registration runs it once. */ readonly single?: true; /** Starts nothing yet: it runs once somebody serves, which is another start, a call that may wait, or the caller's business. */ readonly registers?: true; /** May start at any later time, or never. */ readonly timed?: true; /** All that the task does is to send here, without ever waiting for a receiver. */ readonly feeds?: AccessPath; /** Starts nothing when its group has no room, instead of waiting. */ readonly tries?: true; /** After so many nanoseconds. */ readonly after?: Value; /** What stops it or starts it again. */ readonly timer?: AccessPath; /** Runs at once up to its first suspension; without it, a cooperative task starts when the present section ends. */ readonly eager?: true; /** On a thread of its own: others run beside it at any time, also where tasks take turns. */ readonly parallel?: true; /** Starts when `source` has settled so; without it, either way. */ readonly outcome?: 'fulfilled' | 'rejected'; /** The handle: wait for it, cancel it. */ readonly result?: Variable; /** What fires the task, and on which event, when both are known. */ readonly source?: AccessPath; readonly event?: string; readonly limit?: Limit; /** One for each element of this container, all at once. */ readonly each?: AccessPath }
  | { readonly op: 'wait'; readonly on: AccessPath; readonly what: 'counter' | 'condition' | 'timer' | 'group' | 'task' | /** All other tasks, until they wait or have ended. */ 'others'; readonly result?: Variable; /** Which error ended what was waited for is thrown away. */ readonly drops?: true }
  /** From here on at most so many tasks of the group run at the same time: who starts one more waits. */
  | { readonly op: 'limit'; readonly group: AccessPath; readonly to: Value }
  | { readonly op: 'signal'; readonly on: AccessPath; /** `promise`: `on` is the function that settles it. */ readonly what: 'counter' | 'condition' | 'promise'; /** Change of a counter. */ readonly delta?: Value; /** Wakes every waiter, not one. */ readonly broadcast?: true }
  /** Here, and in cooperative programs nowhere else, others run. `weak`: what is waited for settles by itself at once, unless its own suspensions say more. */
  | { readonly op: 'suspend'; readonly reason: SuspendReason; readonly weight: 'full' | 'weak'; /** What is waited for. */ readonly awaited?: Value }
  /** Stops a timer, or starts it again; `result` is whether it was running. `drops`: what it sent and nobody received is gone. */
  | { readonly op: 'arm'; readonly timer: AccessPath; readonly starts: boolean; readonly after?: Value; readonly drops?: true; readonly result?: Variable }
  /** Ends the life of a context: its done channel closes. `timer`, `listener`: the spawn whose handle or source this is fires no more. `feed`: what sends on this channel from outside sends no more. */
  | { readonly op: 'cancel'; readonly context: AccessPath; readonly what?: 'timer' | 'listener' | 'feed'; readonly event?: string; /** The listener taken off; all of them without it. */ readonly listener?: Value }
  /** A new cell for the variable from here on (each loop turn has its own); `copies` keeps the content. */
  | { readonly op: 'declare'; readonly variable: Variable; readonly copies?: true }
  | ({ readonly op: 'read'; readonly path: AccessPath; /** For atomic reads inside expressions: where the value goes. */ readonly result?: Variable } & AccessKind)
  | ({ readonly op: 'write'; readonly path: AccessPath; readonly value: Value; /** read-modify-write in one step (`x++`, atomic add, CAS). */ readonly updates?: true; readonly result?: Variable; /** compare-and-swap: writes only when the content equals this. */ readonly expects?: Value } & AccessKind)
  /** `once`: the callee runs only for the first caller of this once-object. */
  | { readonly op: 'call'; readonly callee: Callee; readonly args: Args; readonly results: readonly Variable[]; readonly once?: AccessPath; /** Why this library call may block. */ readonly blocks?: string; /** Handlers that were registered run from here on. */ readonly serves?: true; /** What the callee runs before it returns: function values among the arguments, or methods of them. */ readonly runs?: readonly Value[]; /** The work goes on after the call has returned; who gets the result waits for it. */ readonly pending?: true; /** Runs code of others before it returns: listeners, subscribers. */ readonly reenters?: true; /** Sends a message to another thread: what was done before is done when that thread hears it. */ readonly posts?: true; /** Objects the callee takes over: they are no longer the caller's to use. */ readonly takes?: readonly Value[]; /** The elements of the first result are those of this container. */ readonly copies?: AccessPath; /** The first result is never null, and no count below one. */ readonly there?: true; /** Takes the first result out of a store of spare objects, or puts the last argument there. */ readonly pool?: { readonly of: AccessPath; readonly does: 'gets' | 'puts' }; readonly limit?: Limit; readonly life?: Life }
  /** Stops a panic on its way up, when there is one; `result` is what it was about, or null. */
  | { readonly op: 'recover'; readonly result?: Variable }
);

export type OperationOf<K extends Operation['op']> = Extract<Operation, { readonly op: K }>;
