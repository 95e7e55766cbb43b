import type { ResultOf } from '../analysis/analysis.js';
import { callGraph } from '../analysis/call-graph.js';
import { outermost } from '../analysis/nesting.js';
import { operations } from '../analysis/operations.js';
import { waitsOnPurpose } from '../analysis/unanswered.js';
import { canExplore, explore, type Bounds, type Verdict as Exploration, type Witness } from '../explore/index.js';
import { printLocation, type Function, type FunctionId, type Location, type Operation, type Program, type SelectArm } from '../ir/index.js';
import type { Verdict } from '../rules/rule.js';
import { clientRuns, maxGuesses } from './client-runs.js';
import { keepsLock, lazyOperations, ruleOf } from './names.js';
import { turnRuns } from './turn-runs.js';
import { scheduleTrace } from './schedule-trace.js';

/**
 * Joins what rules propose with what the explorer can show. A candidate whose function is closed is confirmed by
 * a schedule, or refuted when every schedule within the bounds was run and none shows it; otherwise its static
 * evidence stands. What the explorer meets in closed functions beyond the candidates is reported too.
 */
export interface Confirmation {
  /** The verdict with its schedule, the verdict as it was, or undefined when it is refuted. */
  readonly judge: (rule: string, verdict: Verdict) => Verdict | undefined;
  /** Bugs that no candidate named, with the rule they belong to. */
  readonly discoveries: () => readonly Discovery[];
  readonly counts: ExplorationCounts;
}

export interface Discovery {
  readonly rule: string;
  readonly verdict: Verdict;
  /** Findings that speak of this very defect already, by their rule and their place, and a place they must name besides. */
  readonly shows: readonly { readonly rule: string; readonly at: Location; readonly names?: Location }[];
}

/** What became of the candidates that were put to the explorer, and what it took. */
export interface ExplorationCounts {
  confirmed: number;
  refuted: number;
  undecided: number;
  /** Functions and clients that were run. */
  explored: number;
  /** Operations over all schedules. */
  steps: number;
}

/**
 * Steps of all explorations of one run together, by the size of the program, so that the explorer takes its share of
 * the time and no more; what is beyond keeps its static verdict. A count, so that results do not depend on the machine.
 */
const stepsFor = { functions: { least: 1_000_000, perOperation: 2 }, clients: { least: 80_000, perOperation: 0.1 } };

/** Programs are large and open-ended: where no candidate asks for a full search, a short one must do. */
const glance: Partial<Bounds> = { schedules: 24, steps: 1_500, states: 400, depth: 1_500 };

/** What a candidate of a program is worth. A test says itself how things are used, and is small: it gets all that the explorer allows. */
const suspected: Partial<Bounds> = { steps: 60_000, states: 15_000 };

export function confirmation(program: Program, resultOf: ResultOf, tests: boolean): Confirmation {
  const explored = new Map<FunctionId, Exploration | undefined>();
  /** What candidates have been confirmed about, by scope: its other races say the same. */
  const shown = new Set<string>();
  const counts: ExplorationCounts = { confirmed: 0, refuted: 0, undecided: 0, explored: 0, steps: 0 };
  const size = [...program.functions.values()].reduce((sum, fn) => sum + fn.blocks.reduce((own, { operations }) => own + operations.length, 0), 0);
  const stepsPerRun = stepsFor.functions.least + stepsFor.functions.perOperation * size;
  let steps = 0;
  const explorationOf = (scope: FunctionId, bounds: Partial<Bounds> = {}): Exploration | undefined => {
    if (explored.has(scope)) return explored.get(scope);
    let result: Exploration | undefined;
    if (steps < stepsPerRun && canExplore(program, scope).closed) {
      result = explore(program, scope, bounds);
      steps += result.steps;
      counts.steps += result.steps;
      counts.explored++;
    }
    explored.set(scope, result);
    return result;
  };
  const clients = (program.scheduling === 'cooperative' ? turnRuns : clientRuns)(program, resultOf, stepsFor.clients.least + stepsFor.clients.perOperation * size, counts);
  const judgeByClient = (rule: string, verdict: Verdict): Verdict | undefined => {
    const judgement = clients.judge(rule, verdict);
    if (judgement.outcome === 'unasked') return verdict;
    counts[judgement.outcome]++;
    if (judgement.outcome !== 'confirmed') return judgement.outcome === 'refuted' ? undefined : verdict;
    return { ...verdict, confidence: 'high', evidence: [...verdict.evidence, scheduleTrace(judgement.witness)] };
  };
  return {
    counts,
    judge(rule, verdict) {
      const exploration = verdict.claim === undefined || program.scheduling === 'cooperative' ? undefined : explorationOf(verdict.claim.scope, program.functions.get(verdict.claim.scope)?.test === true ? {} : suspected);
      if (verdict.claim === undefined || exploration === undefined) return judgeByClient(rule, verdict);
      const { first, second } = verdict.claim;
      const witness = raceBetween(exploration, printLocation(first), printLocation(second));
      if (witness !== undefined) {
        shown.add(`${verdict.claim.scope} ${witness.subject}`);
        counts.confirmed++;
        return { ...verdict, confidence: witness.guesses <= maxGuesses ? 'high' : verdict.confidence ?? 'medium', evidence: [...verdict.evidence, scheduleTrace(witness)] };
      }
      if (!exploration.cut) { counts.refuted++; return undefined; }
      counts.undecided++;
      return { ...verdict, confidence: 'medium' };
    },
    discoveries() {
      // The explorer interleaves between any two operations: of tasks that switch only where they wait it would tell lies.
      if (program.scheduling === 'cooperative') return [];
      const found: Discovery[] = [];
      const operationAt = lazyOperations(program);
      for (const scope of scopes(program, resultOf, tests)) {
        const seen = new Set<string>();
        for (const witness of explorationOf(scope, program.functions.get(scope)!.test ? {} : glance)?.events ?? []) {
          const rule = ruleOf(witness, operationAt);
          const key = `${rule} ${witness.subject}`;
          if (rule === undefined || (witness.kind === 'race' && shown.has(`${scope} ${witness.subject}`)) || isMeant(program, witness, operationAt) || (witness.kind === 'leak' && !staysBehind(program, program.functions.get(scope)!, witness, operationAt)) || witness.guesses > maxGuesses || seen.has(key)) continue;
          seen.add(key);
          const { at, other, kept } = witness;
          found.push({ rule, verdict: verdictOf(witness, program.functions.get(scope)!), shows: [{ rule, at }, ...(other === undefined ? [] : [{ rule, at: other, names: at }]), ...(kept ?? []).map((place) => ({ rule: keepsLock, at: place }))] });
        }
      }
      return found;
    },
  };
}

interface Races { readonly events: readonly Witness[]; /** Those at a place, in order. */ readonly at: ReadonlyMap<string, readonly Witness[]> }

const races = new WeakMap<Exploration, Races>();
const none: readonly Witness[] = [];

/** The first race that an exploration met of the two places, or else of one of them. A function with many tasks has as many races as these have pairs: they are found by their places. */
function raceBetween(exploration: Exploration, first: string, second: string): Witness | undefined {
  let known = races.get(exploration);
  if (known === undefined) races.set(exploration, known = racesOf(exploration));
  const { events, at } = known;
  const [one, two] = [at.get(first) ?? none, at.get(second) ?? none];
  const both = new Set(two);
  return one.find((event) => both.has(event)) ?? events.find((event) => event === one[0] || event === two[0]);
}

function racesOf(exploration: Exploration): Races {
  const events = exploration.events.filter((event) => event.kind === 'race');
  const at = new Map<string, Witness[]>();
  for (const event of events) for (const place of new Set([event.at, ...(event.other === undefined ? [] : [event.other])].map(printLocation))) {
    const known = at.get(place);
    if (known === undefined) at.set(place, [event]); else known.push(event);
  }
  return { events, at };
}

/**
 * Whether a task that blocks when the function has returned is lost. In a test it is; a program's end takes all tasks
 * with it; elsewhere only when it waits on a channel that the function keeps to itself: whoever gets an object that
 * holds the channel may still answer.
 */
function staysBehind(program: Program, scope: Function, witness: Witness, operationAt: (at: Location) => Operation | SelectArm | undefined): boolean {
  if (scope.role !== undefined) return scope.role === 'test';
  const operation = operationAt(witness.at);
  if (operation === undefined || !('channel' in operation) || operation.channel.root.kind !== 'variable' || operation.channel.selectors.length > 0) return false;
  const { variable } = operation.channel.root;
  const owner = variable.owner === undefined ? undefined : program.functions.get(variable.owner);
  return owner !== undefined && !owner.blocks.some(({ terminator }) => terminator.kind === 'return' && terminator.values.some((value) => value.kind === 'path' && value.path.root.kind === 'variable' && value.path.root.variable === variable));
}

/** A function that waits on a channel it has shown to nobody means to wait until the program is ended. */
function isMeant(program: Program, witness: Witness, operationAt: (at: Location) => Operation | SelectArm | undefined): boolean {
  const operation = witness.cause === 'channel' ? operationAt(witness.at) : undefined;
  if (operation === undefined || !('op' in operation) || operation.op !== 'receive' || operation.channel.root.kind !== 'variable' || operation.channel.selectors.length > 0) return false;
  const { variable } = operation.channel.root;
  const owner = variable.owner === undefined ? undefined : program.functions.get(variable.owner);
  return owner !== undefined && waitsOnPurpose(owner, variable);
}

/**
 * Closed functions worth running: those that start tasks themselves or in their literals, for there the explorer sees
 * the whole story; and tests that come to start or to wait for anything at all, which say how the program is used.
 */
function scopes(program: Program, resultOf: ResultOf, tests: boolean): FunctionId[] {
  const found = new Set<FunctionId>();
  for (const fn of resultOf(operations).functionsWith('spawn')) {
    const outer = outermost(program, fn);
    if (!outer.test && !outer.generated) found.add(outer.id);
  }
  if (tests) for (const id of waitingTests(program, resultOf)) found.add(id);
  return [...program.functions.keys()].filter((id) => found.has(id) && canExplore(program, id).closed);
}

function waitingTests(program: Program, resultOf: ResultOf): FunctionId[] {
  const { callers } = resultOf(callGraph);
  const reached = new Set<FunctionId>();
  const pending = [...program.functions.values()].filter(waitsOrStarts).map(({ id }) => id);
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    if (reached.has(id)) continue;
    reached.add(id);
    const { closureOf } = program.functions.get(id)!;
    if (closureOf !== undefined) pending.push(closureOf);
    for (const site of callers.get(id) ?? []) pending.push(site.caller.id);
  }
  return [...reached].filter((id) => program.functions.get(id)!.role === 'test');
}

const waiting: ReadonlySet<Operation['op']> = new Set(['spawn', 'acquire', 'send', 'receive', 'wait']);

function waitsOrStarts(fn: Function): boolean {
  return fn.blocks.some(({ operations, terminator }) => terminator.kind === 'select' || operations.some(({ op }) => waiting.has(op)));
}

function verdictOf(witness: Witness, scope: Function): Verdict {
  const place = witness.other === undefined ? '' : `${witness.other.file.slice(witness.other.file.lastIndexOf('/') + 1)}:${witness.other.line}`;
  const other = place === '' ? '' : witness.otherFunction === undefined ? ` (${place})` : `, beside ${witness.otherFunction} (${place})`;
  return {
    at: witness.at,
    function: witness.function,
    subject: `${scope.id} ${witness.subject}`,
    level: 'error',
    confidence: witness.guesses === 0 ? 'high' : 'medium',
    message: `${witness.message}${other}; a schedule of ${scope.name} shows it`,
    evidence: [scheduleTrace(witness)],
  };
}
