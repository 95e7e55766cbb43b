import type { Location } from '../ir/location.js';
import type { Repair, Sketch } from '../ir/repair.js';

export type Level = 'error' | 'warning' | 'note';
export type Confidence = 'high' | 'medium' | 'low';
export type Family = 'race' | 'deadlock' | 'channel' | 'lifecycle' | 'misuse';

/** One place on a task's way to the bug, and the locks it holds there. */
export interface Step {
  readonly at: Location;
  /** `Type.method` or `func`. */
  readonly function: string;
  readonly text: string;
  /** Names of the locks held when the step is taken: `s.mu`, `s.mu (shared)`. */
  readonly locks: readonly string[];
  /** What the step is, in SARIF's words. */
  readonly kind?: 'call' | 'acquire' | 'release' | 'memory' | 'enter' | 'exit' | 'spawn' | 'channel';
  /** The task that takes it, in a trace that interleaves several: a schedule. */
  readonly task?: string;
  /** The steps that decide: the accesses of a race, the second acquire of a deadlock. */
  readonly essential?: true;
}

/** One task's way to the bug. A race has two, a lock-order cycle one per edge. */
export interface Trace {
  readonly title: string;
  readonly steps: readonly [Step, ...Step[]];
  /** How it stands to the first trace, when both do not meet in their last steps: it happens before the last step of that one, or is no task at all. */
  readonly when?: 'meanwhile' | 'aside';
}

/** A key that findings of one cause share, and what tells this one from the others. */
export interface Cause { readonly key: string; readonly name: string }

export interface Finding {
  readonly rule: string;
  readonly family: Family;
  readonly level: Level;
  readonly confidence: Confidence;
  readonly message: string;
  readonly at: Location;
  /** `Type.method` or `func` that holds `at`. */
  readonly function: string;
  /** No evidence, no finding: an empty list does not compile. */
  readonly evidence: readonly [Trace, ...Trace[]];
  /** What the finding is about, without lines: `pkg.Type.field`, or lock ids in canonical rotation. Key of the fingerprint. */
  readonly subject: string;
  /** What to do, in one sentence. */
  readonly advice?: string;
  /** What it leads to, in one sentence. */
  readonly impact?: string;
  readonly fingerprint: string;
  /** What brings it about, when others of the rule may have the same cause: told as one (`causes.ts`). */
  readonly cause?: Cause;
  /** What mends it, for a front-end that can write it. */
  readonly repair?: Repair;
  /** The mended code, where a rewrite is known to be right. */
  readonly sketch?: Sketch;
}
