import type { Location } from './location.js';

/** What a comment asks to leave unreported, and of which part of the source. */
export interface Directive {
  /** The comment. */
  readonly at: Location;
  /** What it speaks of. */
  readonly scope: Location;
  /** A line or a statement on it, a declaration or statement below the comment, or all of the file. */
  readonly extent: 'line' | 'block' | 'file';
  /** Rules as they are named there, by ourselves or by others; none stands for all. `SA20*` is a prefix. */
  readonly names: readonly string[];
  /** Written for Deadheat: then a reason is due, names must be known, and one without use is told. */
  readonly ours: boolean;
  readonly reason?: string;
  /** The last day it holds, `YYYY-MM-DD`. */
  readonly until?: string;
  /** Why it cannot be read. */
  readonly problem?: string;
}
