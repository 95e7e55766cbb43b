import type { Location } from './location.js';

/** What mends the code, in no language. A front-end turns it into a sketch of the very code, where it knows that to be right. */
export type Repair =
  /** Release the lock on every way out, whoever leaves how. */
  | { readonly kind: 'defer-release'; readonly acquire: Location }
  /** Hold `lock`, as the code there names it, around the statement. */
  | { readonly kind: 'hold'; readonly at: Location; readonly lock: string; readonly shared: boolean }
  /** Close the channel of this field through a once-object beside it. */
  | { readonly kind: 'close-once'; readonly close: Location; readonly field: Location }
  /** Give the channel room for all that is sent: a number of values, or one for each task that the loop around `start` starts. */
  | { readonly kind: 'room'; readonly make: Location; readonly values: number | { readonly start: Location } }
  /** Reset the flag on every way out, also when the work between the two fails. */
  | { readonly kind: 'reset-at-end'; readonly set: Location; readonly reset: Location }
  /** Hand the call that is under way to whoever calls the function meanwhile. */
  | { readonly kind: 'share-call'; readonly fn: Location }
  /** Keep the fetch that is under way, so that whoever finds the value missing waits for the same one. */
  | { readonly kind: 'share-fetch'; readonly store: Location }
  /** Take the kept promise out again when it fails. */
  | { readonly kind: 'forget-failure'; readonly store: Location }
  /** Stop the timer that the place still holds before another one is stored there. */
  | { readonly kind: 'stop-before'; readonly store: Location }
  /** Listen until the right event has come, not for one event of any kind. */
  | { readonly kind: 'listen-until'; readonly listen: Location }
  /** Write the state before the call, not after it. */
  | { readonly kind: 'state-first'; readonly call: Location; readonly write: Location }
  /** Wait first, then read and write in one go. */
  | { readonly kind: 'wait-first'; readonly update: Location };

/** The code as it is and as it would be mended: whole lines, from `line` on. */
export interface Hunk {
  readonly file: string;
  readonly line: number;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

export type Sketch = readonly [Hunk, ...Hunk[]];
