import type { ResultOf } from '../analysis/analysis.js';
import { entrances, type Entrance } from '../analysis/entrances.js';
import { ownsLock } from '../analysis/types.js';
import { clientOf, explore, type Bounds, type ClientCall, type Meetings, type Verdict as Exploration, type Witness } from '../explore/index.js';
import { printLocation, type Function, type FunctionId, type Location, type Program } from '../ir/index.js';
import type { Verdict } from '../rules/rule.js';
import { decidingPlaces } from './deciding-places.js';
import { shownBy } from './names.js';

/**
 * Runs what no closed function shows with a most general client: the object is made, the entries from which the sides
 * of the candidate are reached are called at the same time. A schedule in which the sides meet confirms it; when all
 * schedules were run, the sides did meet and nothing happened, it is refuted.
 */
export interface ClientRuns {
  readonly judge: (rule: string, verdict: Verdict) => Judgement;
}

export type Judgement =
  | { readonly outcome: 'confirmed'; readonly witness: Witness }
  | { readonly outcome: 'undecided'; /** What stood in the way. */ readonly reason: string }
  | { readonly outcome: 'refuted' | 'unasked' };

/** Unknown conditions a schedule may rest on before it is no longer offered as one that happens. */
export const maxGuesses = 2;

/** One candidate is worth so much; what is not shown by then stands on its static evidence. */
const perClient: Partial<Bounds> = { schedules: 50, steps: 4_000, states: 1_000, depth: 4_000, samples: 30, tasks: 24 };

/** Where the making of an object uses up this many clients, no other entry will get further. */
const maxFruitless = 2;

interface Run { readonly exploration: Exploration; readonly meetings: Meetings }

export function clientRuns(program: Program, resultOf: ResultOf, budget: number, counts: { explored: number; steps: number }): ClientRuns {
  const runs = new Map<string, Run>();
  /** Clients of a maker that came to no meeting of their entries. */
  const fruitless = new Map<Function, number>();
  const functionAt = byPlace(program);
  let steps = 0;

  /** The run, or why there is none. */
  const runOf = (plan: Plan): Run | string => {
    const client = clientOf(program, plan.calls, plan.record, plan.maker);
    const known = runs.get(client.id);
    if (known !== undefined) return known;
    if (plan.maker !== undefined && (fruitless.get(plan.maker) ?? 0) >= maxFruitless) return `${plan.maker.name} alone takes more steps than a client is worth`;
    if (steps >= budget) return 'the steps for this run are used up';
    const meetings: Meetings = new Map();
    const exploration = explore(program, client, perClient, { meetings, drawsFirst: true });
    steps += exploration.steps;
    counts.steps += exploration.steps;
    counts.explored += 1;
    if (plan.maker !== undefined && exploration.cut && meetings.size === 0) fruitless.set(plan.maker, (fruitless.get(plan.maker) ?? 0) + 1);
    const run = { exploration, meetings };
    runs.set(client.id, run);
    return run;
  };

  return {
    judge(rule, verdict) {
      // What is not shown unless asked for is not worth the time.
      if (verdict.confidence === 'low') return { outcome: 'unasked' };
      const kinds = shownBy[rule];
      const sides = kinds === undefined ? [] : sidesOf(verdict);
      const { plans, all } = verdict.claim === undefined ? plansFor(program, resultOf, sides.map((side) => functionAt(side))) : scopePlan(program, verdict.claim.scope);
      if (kinds === undefined || plans.length === 0) return { outcome: 'unasked' };
      const places = sides.map(printLocation);
      let refuted = all && sides.length === 2;
      let reason = 'not every way from outside was tried';
      for (const plan of plans) {
        const run = runOf(plan);
        if (typeof run === 'string') return { outcome: 'undecided', reason: run };
        const shows = run.exploration.events.filter((event) => kinds.includes(event.cause ?? event.kind));
        const witness = shows.find((event) => event.guesses <= maxGuesses && places.every((place) => placesOf(event).has(place)));
        if (witness !== undefined) return { outcome: 'confirmed', witness };
        if (!run.exploration.cut && shows.length === 0 && haveMet(run.meetings, places)) continue;
        refuted = false;
        reason = run.exploration.reason ?? `the sides do not meet in ${plan.calls.map(({ entry }) => entry.name).join(' beside ')}`;
      }
      return refuted ? { outcome: 'refuted' } : { outcome: 'undecided', reason };
    },
  };
}

/** The places that decide, at most two: a circle of more locks takes more tasks than are worth running. */
function sidesOf(verdict: Verdict): readonly Location[] {
  const deciding = decidingPlaces(verdict);
  if (deciding.length === 0) return [verdict.at];
  return deciding.length <= 2 ? deciding : [];
}

function placesOf(witness: Witness): ReadonlySet<string> {
  const deciding = witness.schedule.filter((step) => step.essential).map(({ at }) => at);
  return new Set([witness.at, ...(witness.other === undefined ? [] : [witness.other]), ...deciding].map(printLocation));
}

function haveMet(meetings: Meetings, places: readonly string[]): boolean {
  return [...meetings].some(([earlier, later]) => {
    const other = printLocation(earlier) === places[0] ? places[1] : printLocation(earlier) === places[1] ? places[0] : undefined;
    return other !== undefined && [...later].some((at) => printLocation(at) === other);
  });
}

interface Plan { readonly calls: readonly ClientCall[]; readonly record: string | undefined; readonly maker: Function | undefined }

/** The candidate lies within one function and the tasks that it starts: that is called, once. */
function scopePlan(program: Program, scope: FunctionId): { readonly plans: readonly Plan[]; readonly all: boolean } {
  let entry = program.functions.get(scope);
  while (entry?.closureOf !== undefined) entry = program.functions.get(entry.closureOf);
  const record = entry?.receiver?.record;
  if (entry === undefined || (record !== undefined && !program.records.has(record))) return { plans: [], all: false };
  return { plans: [{ calls: [{ entry, first: true }], record, maker: undefined }], all: true };
}

/** Pairs of entrances tried for one candidate. */
const maxPlans = 3;

/** The nearest entrances of both sides that work on one kind of object, and whether these are all there are. */
function plansFor(program: Program, resultOf: ResultOf, functions: readonly (Function | undefined)[]): { readonly plans: readonly Plan[]; readonly all: boolean } {
  const ways = resultOf(entrances);
  const objectOf = ({ entry }: Entrance): string | undefined => entry.receiver?.record ?? madeBy(program, ways.makerOf, entry);
  const [first, second] = functions.map((fn) => (fn === undefined ? { entrances: [], all: false } : ways.to(fn.id)));
  if (first === undefined) return { plans: [], all: false };
  const pairs = first.entrances.flatMap((a) => (second?.entrances ?? [a]).map((b) => [a, b] as const));
  const plans = pairs.flatMap(([a, b]): Plan[] => {
    const record = objectOf(a);
    const shared = record === undefined ? undefined : program.records.get(record);
    if (objectOf(b) !== record || (record !== undefined && shared === undefined)) return [];
    // Whoever calls what has no lock of its own at the same time only shows that one should not.
    if (![a, b].some((side) => side.starts || side.entry.role === 'handler') && (shared === undefined || !ownsLock(program, shared))) return [];
    const maker = record === undefined ? undefined : ways.makerOf(record);
    const calls = a.entry === b.entry && a.starts && b.starts ? [a] : [a, b];
    return [{ calls: calls.map(({ entry, starts }) => ({ entry, first: starts || entry === maker })), record, maker }];
  });
  return { plans: plans.slice(0, maxPlans), all: first.all && second?.all !== false && plans.length === pairs.length && plans.length <= maxPlans };
}

function madeBy(program: Program, makerOf: (record: string) => Function | undefined, entry: Function): string | undefined {
  const [result] = entry.results;
  const type = result?.kind === 'pointer' ? result.to : result;
  return type?.kind === 'record' && program.records.has(type.name) && makerOf(type.name) === entry ? type.name : undefined;
}

/** The function that does something at a place. */
function byPlace(program: Program): (at: Location) => Function | undefined {
  let files: Map<string, Function[]> | undefined;
  return (at) => {
    if (files === undefined) {
      files = new Map();
      for (const fn of program.functions.values()) {
        const own = files.get(fn.at.file);
        if (own === undefined) files.set(fn.at.file, [fn]);
        else own.push(fn);
      }
    }
    const isIt = (one: Location): boolean => one.line === at.line && one.column === at.column && one.file === at.file;
    // A literal's lines are its function's too.
    return files.get(at.file)?.find(({ extent, blocks }) => extent.line <= at.line && at.line <= extent.endLine && blocks.some(({ operations, terminator }) => (
      operations.some((operation) => isIt(operation.at)) || (terminator.kind === 'select' && terminator.arms.some((arm) => isIt(arm.at)))
    )));
  };
}
