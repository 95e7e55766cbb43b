import type { Function, FunctionId, Program } from '../ir/index.js';
import type { Meetings } from './machine.js';
import { minimise } from './minimise.js';
import type { Watch } from './overlaps.js';
import { sample } from './sample.js';
import { search, type Outcome } from './search.js';
import { defaultBounds, underDoubt, type Bounds, type Verdict } from './verdict.js';
import { newCollection } from './witness.js';

export { clientOf, type ClientCall } from './client.js';
export type { Meetings } from './machine.js';
export { cooperativeClient } from './cooperative-client.js';
export { lies, type Watch } from './overlaps.js';
export { canExplore, type Closed } from './closed.js';
export { defaultBounds, type Bounds, type ScheduleStep, type Verdict, type WaitCause, type Witness, type WitnessKind } from './verdict.js';

/**
 * Runs a function in all its schedules, within bounds, and tells every distinct bug it met.
 *
 * Schedules that order the synchronisation alike are one: in a program without races they behave alike, and a
 * race shows in any of them by vector clocks. Accesses that race are then made choice points themselves, and the
 * search is repeated, so that what follows from a race (a flag read too early) is seen as well. When a bound ends
 * a search, schedules drawn all over follow: what a search in depth leaves out lies near the start of the program.
 */
export function explore(program: Program, entry: FunctionId | Function, bounds: Partial<Bounds> = {}, how: How = {}): Verdict {
  let limits: Bounds = { ...defaultBounds, ...bounds };
  if (typeof entry === 'string' && !program.functions.has(entry)) return { outcome: 'undecided', reason: 'there is no such function', cut: true, states: 0, schedules: 0, steps: 0, events: [] };
  const found = newCollection();
  const outcomes: Outcome[] = [];
  const total = (of: (outcome: Outcome) => number): number => outcomes.reduce((sum, outcome) => sum + of(outcome), 0);
  /** What is left of the bounds, for the next walk. */
  const left = (of: Bounds, part: number): Bounds => ({
    ...of,
    schedules: Math.ceil((of.schedules - total(({ schedules }) => schedules)) * part),
    states: Math.ceil((of.states - total(({ states }) => states)) * part),
    steps: Math.ceil((of.steps - total(({ steps }) => steps)) * part),
  });
  let promoted: ReadonlySet<object> = new Set();
  for (let round = 0; round < rounds; round += 1) {
    const walk = (part: number) => ({ program, entry, bounds: left(limits, part), underDoubt: left(underDoubt(limits), part), promoted, meetings: how.meetings, watch: how.watch, awake: how.awake });
    const drawn = how.drawsFirst === true ? sample(walk(share), found) : undefined;
    if (drawn !== undefined) outcomes.push(drawn);
    if (drawn?.stopped !== undefined) break;
    const outcome = search(walk(share), found);
    outcomes.push(outcome);
    if (outcomes.some(({ doubts }) => doubts.size > 0)) limits = underDoubt(limits);
    if (outcome.stopped !== undefined && how.drawsFirst !== true) outcomes.push(sample(walk(share), found));
    const racing = new Set([...promoted, ...outcomes.flatMap(({ racing: accesses }) => [...accesses])]);
    if (racing.size === promoted.size) break;
    promoted = racing;
  }
  const shorter = minimise({ program, entry, bounds: limits, promoted, watch: how.watch, awake: how.awake }, found);
  const events = found.witnesses();
  const cut = new Set([...outcomes.flatMap(({ stopped }) => (stopped === undefined ? [] : [stopped])), ...outcomes.flatMap(({ doubts }) => [...doubts])]);
  const reasons = [...new Set([...cut, ...outcomes.flatMap(({ guessed }) => [...guessed])])];
  return {
    outcome: events.length > 0 ? 'witness' : reasons.length > 0 ? 'undecided' : 'clean',
    ...(reasons.length === 0 ? {} : { reason: reasons.join('; ') }), cut: cut.size > 0,
    states: total(({ states }) => states), schedules: total(({ schedules }) => schedules), steps: total(({ steps }) => steps) + shorter, events,
  };
}

export interface How {
  /** Filled with what met on one memory. */
  readonly meetings?: Meetings;
  /** What to look out for, and which tasks started for later are worth running. */
  readonly watch?: Watch | undefined;
  readonly awake?: ReadonlySet<FunctionId> | undefined;
  /** Schedules drawn all over come before the walk in depth: for programs too large to walk, where a witness is all that is hoped for. */
  readonly drawsFirst?: true;
}

/** How often accesses found to race are made choice points and the search repeated. */
const rounds = 3;

/** Of what the bounds still allow: how much one walk may take, so that something is left for the next. */
const share = 0.5;
