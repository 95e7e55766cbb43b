import type { Location } from '../ir/index.js';

/** Where an exploration stops. All are counts, never times, so that every machine comes to the same verdict. */
export interface Bounds {
  /** Complete schedules. */
  readonly schedules: number;
  /** Operations executed over all schedules. */
  readonly steps: number;
  /** Choice points met. */
  readonly states: number;
  /** Operations of one schedule. */
  readonly depth: number;
  /** Turns of a loop whose condition is not known. */
  readonly turns: number;
  /** Turns with visible operations in them of a loop whose condition is known. */
  readonly exactTurns: number;
  /** Tasks alive or ended in one schedule, timers included. */
  readonly tasks: number;
  /** Calls within calls. */
  readonly frames: number;
  /** Failures of unknown code in one schedule of tasks that take turns. */
  readonly failures: number;
  /** Schedules drawn all over, when `schedules` was not enough to walk them all. */
  readonly samples: number;
}

export const defaultBounds: Bounds = {
  schedules: 2000, steps: 200_000, states: 50_000, depth: 20_000, turns: 2, exactTurns: 64, tasks: 64, frames: 48, failures: 1, samples: 200,
};

/**
 * What a walk may still take when it has met what it cannot follow. No number of schedules makes it a refutation then, and a
 * bug that hides from so many is seldom shown by more: the rest of the bounds is for programs of which all is known.
 */
export function underDoubt(bounds: Bounds): Bounds {
  return { ...bounds, schedules: Math.min(bounds.schedules, 250), steps: Math.min(bounds.steps, 20_000), states: Math.min(bounds.states, 5_000), samples: Math.min(bounds.samples, 40) };
}

/**
 * Why somebody waits for ever. For a lock: the task holds it itself (`reentry`; `shared-reentry` when both are shared
 * and a writer came between), the holders wait for each other, nobody is left to release it, or its holder waits for a
 * channel or for something else. `full-group`: tasks that have all the places of a group wait for one more. Without these: a channel, or anything else.
 */
export type WaitCause = 'reentry' | 'shared-reentry' | 'lock-cycle' | 'kept-lock' | 'lock-and-channel' | 'lock-and-wait' | 'full-group' | 'channel' | 'wait';

export type WitnessKind =
  | 'race' | 'deadlock' | 'leak' | 'double-close' | 'send-on-closed' | 'close-nil' | 'negative-counter' | 'unlock-unlocked' | 'panic'
  /** Of tasks that take turns: written, or gone on, on the strength of what has changed since; read half done; two at once where one is meant. */
  | 'stale-write' | 'stale-act' | 'torn-read' | 'overlap';

/** One step of one task on the way to the bug. */
export interface ScheduleStep {
  readonly task: number;
  readonly taskName: string;
  readonly at: Location;
  readonly function: string;
  readonly text: string;
  /** Held when the step has been taken: `s.mu`, `s.mu (shared)`. */
  readonly locks: readonly string[];
  /** What the task waits for here, for ever. */
  readonly waitsFor?: string;
  /** The steps that decide. */
  readonly essential?: true;
}

/** A bug and one schedule in which it happens. */
export interface Witness {
  readonly kind: WitnessKind;
  readonly at: Location;
  readonly function: string;
  /** The other side: the partner's access of a race, where the lock was taken, the first close. */
  readonly other?: Location;
  readonly otherFunction?: string;
  /** The memory or primitive, as the program writes it at `at`. */
  readonly subject: string;
  readonly message: string;
  /** For deadlocks and leaks. */
  readonly cause?: WaitCause;
  /** Where the locks were taken that the tasks concerned still hold, though the function that took them has returned. */
  readonly kept?: readonly Location[];
  /** How many unknown conditions had to be guessed on the way; going on where the other way leaves at once is none. 0: nothing but scheduling. */
  readonly guesses: number;
  readonly schedule: readonly ScheduleStep[];
}

/**
 * witness: at least one schedule shows a bug. clean: every schedule within the bounds was explored and none does.
 * undecided: none does, but a bound was hit or unknown code could have done something; `reason` says which.
 */
export interface Verdict {
  readonly outcome: 'witness' | 'clean' | 'undecided';
  readonly reason?: string;
  /** Some schedules were not run, or some code was taken to do nothing. Otherwise what is not known was taken to do anything: what was always ordered is. */
  readonly cut: boolean;
  readonly states: number;
  readonly schedules: number;
  readonly steps: number;
  readonly events: readonly Witness[];
}
