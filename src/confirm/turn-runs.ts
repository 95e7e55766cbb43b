import type { ResultOf } from '../analysis/analysis.js';
import { callGraph } from '../analysis/call-graph.js';
import { entries } from '../analysis/entries.js';
import { sharedState } from '../analysis/shared-state.js';
import { cooperativeClient, explore, lies, type Bounds, type Meetings, type Verdict as Exploration, type Watch, type Witness } from '../explore/index.js';
import { printLocation, type Function, type FunctionId, type Location, type Program } from '../ir/index.js';
import type { Crossing } from '../rules/rule.js';
import { maxGuesses, type ClientRuns, type Judgement } from './client-runs.js';
import { decidingPlaces, distinct } from './deciding-places.js';
import { shownByTurns } from './names.js';

/**
 * Runs candidates of programs whose tasks take turns: a client makes the object and calls the entries of the candidate
 * at the same time, switching only where they suspend. A schedule of the claim confirms it; when all were run, first
 * without and then with a failure of unknown code, the sides did meet and nothing happened, it is refuted.
 */
const perRun: Partial<Bounds> = { schedules: 300, steps: 16_000, states: 4_000, depth: 2_500, samples: 40, tasks: 24, turns: 2, exactTurns: 8 };

/** Ways in that are tried for one candidate. */
const maxPlans = 3;

interface Run { readonly exploration: Exploration; readonly meetings: Meetings }

export function turnRuns(program: Program, resultOf: ResultOf, budget: number, counts: { explored: number; steps: number }): ClientRuns {
  const runs = new Map<string, Run | undefined>();
  const wakers = new Map<string, ReadonlySet<FunctionId>>();
  let steps = 0;

  const runOf = (starts: readonly Function[], about: string, watch: Watch | undefined, failures: number): Run | undefined => {
    const key = `${starts.map(({ id }) => id).join(' ')} ${about} ${watch === undefined ? '' : JSON.stringify(watch)} ${failures}`;
    if (runs.has(key)) return runs.get(key);
    const client = steps < budget ? cooperativeClient(program, starts) : undefined;
    let run: Run | undefined;
    if (client !== undefined) {
      const meetings: Meetings = new Map();
      let awake = wakers.get(about);
      if (awake === undefined) wakers.set(about, awake = awakeFor(program, resultOf, about));
      const exploration = explore(program, client, { ...perRun, failures }, { meetings, watch, awake });
      steps += exploration.steps;
      counts.steps += exploration.steps;
      counts.explored += 1;
      run = { exploration, meetings };
    }
    runs.set(key, run);
    return run;
  };

  const judge = (plans: readonly (readonly Function[])[], all: boolean, about: string, watch: Watch | undefined, shows: (witness: Witness) => boolean, met: (meetings: Meetings) => boolean): Judgement => {
    let refuted = all && plans.length > 0;
    let reason = plans.length === 0 ? 'nobody outside calls it' : 'not every way from outside was tried';
    for (const plan of plans) for (const failures of [0, 1]) {
      const run = runOf(plan, about, watch, failures);
      if (run === undefined) return { outcome: 'undecided', reason: 'it cannot be run' };
      const witness = run.exploration.events.find((event) => event.guesses <= maxGuesses && shows(event));
      if (witness !== undefined) return { outcome: 'confirmed', witness };
      if (!run.exploration.cut && met(run.meetings)) continue;
      refuted = false;
      reason = run.exploration.reason ?? 'the sides do not meet';
      // Where the plain way was too long, more ways are no help.
      if (run.exploration.cut || !all) break;
    }
    return refuted ? { outcome: 'refuted' } : { outcome: 'undecided', reason };
  };

  return {
    judge(rule, verdict) {
      if (verdict.confidence === 'low') return { outcome: 'unasked' };
      const { crossing } = verdict;
      if (crossing !== undefined) {
        const plans = plansOf(program, resultOf, crossing);
        const looks = (at: Location): boolean => crossing.looks.some((place) => lies(at, place));
        return judge(plans.plans, plans.all, crossing.about, watchOf(crossing), (event) => event.kind === crossing.shows && same(event.at, crossing.late) && (crossing.shows !== 'stale-write' || (event.other !== undefined && (looks(event.other) || event.otherFunction !== event.function))),
          (meetings) => crossing.shows === 'stale-write' && [...meetings].some(([earlier, later]) => looks(earlier) && [...later].some((at) => same(at, crossing.late))));
      }
      const kinds = shownByTurns[rule];
      if (kinds === undefined) return { outcome: 'unasked' };
      const places = distinct([verdict.at, ...decidingPlaces(verdict)]).slice(0, 3);
      const sides = functionsAt(program, places);
      const plan = sides.map((fn) => rootOf(program, resultOf, fn)).filter((fn) => fn !== undefined);
      if (plan.length === 0) return { outcome: 'unasked' };
      // One call that waits for itself; calls that meet; one that finds what the one before it found and left behind.
      const [first] = plan as [Function, ...Function[]];
      return judge([[first], ...(plan.length > 1 ? [plan] : [[first, first], [first, first, first]])], false, '', undefined, (event) => kinds.includes(event.cause ?? event.kind) && places.some((at) => same(at, event.at) || event.schedule.some((step) => step.essential === true && same(step.at, at))), () => false);
    },
  };
}

/** The entries by which the candidate's function is reached, those it names first. */
function plansOf(program: Program, resultOf: ResultOf, crossing: Crossing): { readonly plans: readonly (readonly Function[])[]; readonly all: boolean } {
  const named = crossing.starts.map((id) => program.functions.get(id)).map((fn) => (fn === undefined ? undefined : rootOf(program, resultOf, fn)));
  if (named.some((fn) => fn === undefined)) return { plans: [], all: false };
  const plans: (readonly Function[])[] = [named as Function[]];
  // Two different calls are the candidate's own; for one that meets itself every way in counts.
  const self = new Set(crossing.starts).size === 1 && crossing.starts.length === 2;
  const others = self ? resultOf(entries).of(crossing.in).filter((entry) => entry.multiple && entry.start.id !== crossing.starts[0]) : [];
  for (const entry of others.slice(0, maxPlans - 1)) {
    const root = rootOf(program, resultOf, entry.spawn?.by ?? entry.start);
    if (root !== undefined) plans.push(entry.spawn === undefined ? [root, root] : [root]);
  }
  return { plans, all: self && others.length <= maxPlans - 1 };
}

/** The function itself when the outside calls it, else the call or the making of an object that leads to it. */
function rootOf(program: Program, resultOf: ResultOf, fn: Function, depth = 3): Function | undefined {
  if (fn.constructs === true) return fn;
  const ways = resultOf(entries).of(fn.id);
  if (ways.some((entry) => entry.start === fn && (entry.kind === 'outside' || entry.kind === 'handler'))) return fn;
  const outside = ways.find((entry) => entry.spawn === undefined && (entry.kind === 'outside' || entry.kind === 'handler')) ?? ways.find((entry) => entry.start.constructs === true);
  if (outside !== undefined) return outside.start;
  const event = ways.find((entry) => entry.spawn !== undefined && entry.spawn.by !== fn);
  return event === undefined || depth === 0 ? undefined : rootOf(program, resultOf, event.spawn!.by, depth - 1);
}

/** What is started for later matters when it may touch the location, settle a promise, or release a lock. */
function awakeFor(program: Program, resultOf: ResultOf, about: string): ReadonlySet<FunctionId> {
  const graph = resultOf(callGraph);
  const state = resultOf(sharedState);
  const found = new Set<FunctionId>();
  const work: FunctionId[] = about === '' ? [] : [about, `${about}[]`, about.replace(/(?:\[\])+$/, '')].flatMap((location) => state.of(location).map(({ fn }) => fn.id));
  const near = new Set(work.map((id) => program.functions.get(id)!.at.file));
  for (const fn of program.functions.values()) {
    if (about !== '' && !near.has(fn.at.file)) continue;
    if (fn.blocks.some(({ operations }) => operations.some((operation) => operation.op === 'release' || (operation.op === 'signal' && operation.what === 'promise')))) work.push(fn.id);
  }
  for (let id = work.pop(); id !== undefined; id = work.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    const { closureOf } = program.functions.get(id)!;
    if (closureOf !== undefined && program.functions.get(closureOf)?.role !== 'initializer') work.push(closureOf);
    for (const site of [...graph.callers.get(id) ?? [], ...graph.passes.get(id) ?? []]) work.push(site.caller.id);
  }
  return found;
}

function watchOf(crossing: Crossing): Watch | undefined {
  switch (crossing.shows) {
    case 'stale-act': return { kind: 'stale-act', looks: crossing.looks, act: crossing.late };
    case 'torn-read': return { kind: 'torn-read', empties: crossing.late, reader: crossing.looks[0]! };
    case 'overlap': return { kind: 'overlap', stop: crossing.late };
    default: return undefined;
  }
}

/** The outermost functions that do something at the places. */
function functionsAt(program: Program, places: readonly Location[]): readonly Function[] {
  const found = new Set<Function>();
  for (const place of places) {
    const inside = [...program.functions.values()].filter((fn) => fn.role !== 'initializer' && lies(place, fn.extent));
    const smallest = inside.sort((a, b) => (a.extent.endLine - a.extent.line) - (b.extent.endLine - b.extent.line))[0];
    if (smallest !== undefined) found.add(smallest);
  }
  return [...found].slice(0, 2);
}

function same(a: Location, b: Location): boolean {
  return a === b || printLocation(a) === printLocation(b);
}
