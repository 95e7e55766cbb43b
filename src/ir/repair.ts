import type { Location } from './location.js';

/** What mends the code, in no language. A front-end turns it into a sketch of the very code, where it knows that to be right. */
export type Repair =
  /** Release the lock on every way out, whoever leaves how. */
  | { readonly kind: 'defer-release'; readonly acquire: Location }
  /** Hold `lock`, as the code there names it, around the statement. */
  | { readonly kind: 'hold'; readonly at: Location; readonly lock: string; readonly shared: boolean }
  /** Close the channel of this field through a once-object beside it. */
  | { readonly kind: 'close-once'; readonly close: Location; readonly field: Location };

/** The code as it is and as it would be mended: whole lines, from `line` on. */
export interface Hunk {
  readonly file: string;
  readonly line: number;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

export type Sketch = readonly [Hunk, ...Hunk[]];
