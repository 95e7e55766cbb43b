import { classOf, variableAt, type AccessPath, type Function, type FunctionId, type Location, type OperationOf, type Program, type Terminator, type Value, type Variable } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { callGraph, type CallGraph, type CallSite } from './call-graph.js';
import type { Facts } from './conditions.js';
import { counterClasses } from './counter-classes.js';
import { controlFlow, type Point } from './control-flow.js';
import { flowEvents } from './flow-events.js';
import type { FlowEvent, FlowEventOf } from './lock-flow.js';
import { literals } from './nesting.js';
import { factsOfRefusal, refusalOf, type Refusal } from './refusals.js';
import { location, toCallee } from './substitution.js';
import { factsBefore, wayOut, type Way } from './ways.js';

/**
 * Does each task that a counter was raised for lower it exactly once? Pairs a raise with the task started after it,
 * and follows the duty to lower the counter through the task, what it calls and what it starts itself.
 * Under-approximates: where the counter, or a function that lowers it, goes to code that is not seen, the duty is met.
 * Idea: the counting of GCatch and goconcurrencylint, with the duty as a fact that travels like a lock hand-over.
 */
export interface Imbalance {
  /** `never`: nobody lowers it on any way. */
  readonly kind: 'missing' | 'never' | 'skipped' | 'twice';
  readonly raise: CounterEvent;
  readonly spawn: CallSite;
  /** Where in the task, or below it, the duty is not met. */
  readonly fn: Function;
  readonly counter: AccessPath;
  readonly way: Way;
  /** Where the counter is lowered on other ways; for `twice`, the first time; for `never`, where it is waited for. */
  readonly lowered: Location;
  /** The functions on the way down, the task first. */
  readonly chain: readonly Function[];
  /** The function with the duty lowers the counter itself. */
  readonly direct: boolean;
}

export interface CounterEvent { readonly fn: Function; readonly event: FlowEventOf<'signal'> }

/** A counter that is waited for in the loop that starts its tasks, though it was raised for all of them before. */
export interface LoopedWait { readonly fn: Function; readonly raise: FlowEventOf<'signal'>; readonly spawn: CallSite; readonly wait: FlowEventOf<'wait'> }

/** A counter raised for work that the callee may refuse: then nobody lowers it. */
export interface RefusedWork {
  readonly raise: CounterEvent;
  readonly call: OperationOf<'call'>;
  /** Who refuses, and how. */
  readonly starter: Function;
  readonly refusal: Refusal;
  /** From the call, with what was answered, to the caller's return. */
  readonly way: Way;
}

export interface CounterBalance { readonly imbalances: readonly Imbalance[]; readonly loopedWaits: readonly LoopedWait[]; readonly refusedWork: readonly RefusedWork[] }

/** Functions the duty may pass through. */
const maxDepth = 4;
/** Raises of one counter that a task is held against, the last before its start: with hundreds of both, each says the same of each. */
const maxRaises = 16;

interface Duty { readonly points: readonly Point[]; readonly first: Location | undefined; readonly direct: boolean; /** Callees that meet the duty on some ways: the question goes on there. */ readonly onward: readonly { readonly callee: Function; readonly counter: AccessPath }[] }

export const counterBalance = defineAnalysis<CounterBalance>({
  name: 'counter-balance',
  run(program, resultOf) {
    const graph = resultOf(callGraph);
    const { of: eventsOf, all, functionsWith } = resultOf(flowEvents);
    const waitedFor = new Set<string>();
    for (const { fn, event } of all('wait')) if (event.operation.what === 'counter') for (const name of counterClasses(fn, event.operation.on)) waitedFor.add(name);
    const imbalances: Imbalance[] = [];
    const loopedWaits: LoopedWait[] = [];
    const refusedWork: RefusedWork[] = [];
    const dutyOf = duties(program, graph, eventsOf);
    const decided = new Map<CallSite, Facts>();
    const never = new Map<string, Location | undefined>();
    for (const fn of functionsWith('signal')) {
      const raises = eventsOf(fn.id).filter(isRaise);
      if (raises.length === 0) continue;
      const flow = controlFlow(fn);
      for (const site of graph.sites.get(fn.id) ?? []) {
        if (site.kind === 'call' && site.certain) refused(fn, site, raises);
        if (site.kind !== 'spawn' || !site.certain || site.operation.op !== 'spawn' || site.operation.group !== undefined || site.operation.repeated === true) continue;
        const task = program.functions.get(site.targets[0]!)!;
        for (const event of lastOfEach(raises.filter(({ point }) => flow.dominates(point, site.at)))) {
          const name = classOf(event.operation.on);
          const counter = toCallee(event.operation.on, task, site.operation.args);
          if (name === undefined) continue;
          if (counter === undefined || dutyOf(task, counter, 0).points.length === 0) {
            const wait = neverLowered(fn, event.operation.on, name);
            const way = wait === undefined ? undefined : wayOut(task, { from: entry, avoid: [] });
            if (wait !== undefined && way !== undefined) imbalances.push({ kind: 'never', raise: { fn, event }, spawn: site, fn: task, counter: event.operation.on, way, lowered: wait, chain: [task], direct: true });
            continue;
          }
          const raise: CounterEvent = { fn, event };
          const wait = eventsOf(fn.id).find((one): one is FlowEventOf<'wait'> => one.kind === 'wait' && classOf(one.operation.on) === name && flow.reaches(one.point, site.at) && flow.reaches(site.at, one.point));
          if (wait !== undefined && !raises.some((one) => classOf(one.operation.on) === name && flow.reaches(wait.point, one.point)) && !isOne(event)) loopedWaits.push({ fn, raise: event, spawn: site, wait });
          const known = waitedFor.has(name) || (event.operation.on.root.kind === 'variable' && event.operation.on.root.variable.kind === 'parameter' && event.operation.on.selectors.length === 0);
          if (known) unmet(task, counter, raise, site, [task]);
        }
      }
    }
    return { imbalances, loopedWaits, refusedWork };

    /** `wg.Add(1); if !s.start(func() { defer wg.Done() }) { return }` */
    function refused(fn: Function, site: CallSite, raises: readonly FlowEventOf<'signal'>[]): void {
      const { operation } = site;
      const starter = program.functions.get(site.targets[0]!)!;
      if (operation.op !== 'call' || operation.deferred === true || starter === fn) return;
      for (const [index, work] of operation.args.entries()) {
        const task = work.kind === 'closure' || work.kind === 'bound' ? program.functions.get(work.target) : undefined;
        const parameter = starter.params[index];
        if (task === undefined || parameter === undefined) continue;
        for (const event of lastOfEach(raises.filter(({ point }) => controlFlow(fn).dominates(point, site.at)))) {
          const counter = event.operation.on;
          const name = classOf(counter);
          const own = toCallee(counter, task, work.kind === 'bound' ? [work.receiver] : []);
          if (name === undefined || !waitedFor.has(name) || own === undefined || dutyOf(task, own, 0).points.length === 0) continue;
          const refusal = refusalOf(program, starter, parameter);
          if (refusal === undefined || loweredByCaller(fn, name)) continue;
          const lowered = dutyOf(fn, counter, 0).points.filter(({ block, index: at }) => block !== site.at.block || at !== site.at.index);
          const { from, answer } = answered(fn, site.at, operation.results.at(-1));
          const way = wayOut(fn, { from, avoid: [...lowered, event.point], found: factsOfRefusal(refusal, answer) });
          if (way !== undefined) refusedWork.push({ raise: { fn, event }, call: operation, starter, refusal, way });
        }
      }
    }

    /** Who calls may set right what was told to have failed. */
    function loweredByCaller(fn: Function, name: string): boolean {
      return (graph.callers.get(fn.id) ?? []).some(({ caller }) => caller !== fn && eventsOf(caller.id).some((event) => event.kind === 'signal' && classOf(event.operation.on) === name && !isRaise(event)));
    }

    function decidedBefore(site: CallSite): Facts {
      let facts = decided.get(site);
      if (facts === undefined) decided.set(site, (facts = factsBefore(site.caller, site.at)));
      return facts;
    }

    /** The wait for a counter that stays in one function and its literals, where nobody lowers it. Each task of the counter asks, about the same bodies. */
    function neverLowered(fn: Function, counter: AccessPath, name: string): Location | undefined {
      if (counter.selectors.length > 0 || counter.root.kind !== 'variable' || counter.root.variable.kind !== 'local' || counter.root.variable.owner !== fn.id) return undefined;
      const key = `${fn.id} ${name}`;
      if (!never.has(key)) never.set(key, unloweredWait(fn, counter, name));
      return never.get(key);
    }

    function unloweredWait(fn: Function, counter: AccessPath, name: string): Location | undefined {
      const bodies = bodiesOf(fn);
      if (bodies.some((body) => dutyOf(body, counter, 0).points.length > 0)) return undefined;
      return bodies.flatMap((body) => eventsOf(body.id)).flatMap((event) => (event.kind === 'wait' && event.operation.what === 'counter' && classOf(event.operation.on) === name ? [event.operation.at] : []))[0];
    }

    /** Asked of few functions. */
    function bodiesOf(fn: Function): readonly Function[] {
      return resultOf(literals).bodiesOf(fn);
    }

    function unmet(fn: Function, counter: AccessPath, raise: CounterEvent, spawn: CallSite, chain: readonly Function[]): void {
      const duty = dutyOf(fn, counter, chain.length - 1);
      // Who starts his own timer again leaves the count to the task that it will start.
      if (spawn.operation.op === 'spawn' && spawn.operation.timer !== undefined && bodiesOf(fn).some(startsTimer)) return;
      // Lowered in a loop, it counts what comes along, not the task.
      if (duty.points.some((point) => controlFlow(fn).inLoop(point.block))) return;
      const base = { raise, spawn, fn, counter, chain, direct: duty.direct, lowered: duty.first ?? fn.at };
      // What the starter has decided still holds for the literal it starts.
      const given = chain.length === 1 && fn.closureOf === spawn.caller.id ? decidedBefore(spawn) : undefined;
      const missing = wayOut(fn, { from: entry, avoid: duty.points, ...(given === undefined ? {} : { given }) });
      if (missing !== undefined) imbalances.push({ ...base, kind: 'missing', way: missing });
      const skipped = missing !== undefined || !fn.blocks.some(({ terminator }) => endsTask(terminator)) ? undefined : wayOut(fn, { from: entry, avoid: duty.points, isEnd: endsTask });
      if (skipped !== undefined) imbalances.push({ ...base, kind: 'skipped', way: skipped });
      const twice = isOne(raise.event) && chain.length === 1 ? loweredTwice(fn, counter) : undefined;
      if (twice !== undefined) imbalances.push({ ...base, ...twice, kind: 'twice' });
      if (chain.length < maxDepth) for (const next of duty.onward) if (!chain.includes(next.callee)) unmet(next.callee, next.counter, raise, spawn, [...chain, next.callee]);
    }

    /** A literal of the function, as a deferred one, that lowers the counter whichever way it goes. */
    function lowersAlways(id: FunctionId, of: Function, counter: AccessPath): boolean {
      const literal = program.functions.get(id)!;
      if (literal.closureOf !== of.id || eventsOf(id).some(isRaise)) return false;
      const points = eventsOf(id).flatMap((event) => (event.kind === 'signal' && event.operation.what === 'counter' && classOf(event.operation.on) === classOf(counter) ? [event.point] : []));
      return points.length > 0 && wayOut(literal, { from: entry, avoid: points }) === undefined;
    }

    /** Two lowerings on one way, with no raise between them. */
    function loweredTwice(fn: Function, counter: AccessPath): { way: Way; lowered: Location } | undefined {
      const own = eventsOf(fn.id).filter((event): event is FlowEventOf<'signal'> => event.kind === 'signal' && event.operation.what === 'counter' && classOf(event.operation.on) === classOf(counter));
      const raises = own.filter(raisesCounter).map((event) => event.point);
      const lowers = [
        ...own.filter((event) => !raisesCounter(event)).map((event) => ({ point: event.point, at: event.operation.at })),
        ...(graph.sites.get(fn.id) ?? []).filter((site) => site.kind === 'call' && site.certain && lowersAlways(site.targets[0]!, fn, counter)).map((site) => ({ point: site.at, at: site.operation.at })),
      ];
      for (const first of lowers) for (const second of lowers) {
        if (first === second || controlFlow(fn).reaches(second.point, first.point)) continue;
        const way = wayOut(fn, { from: first.point, to: second.point, avoid: raises, isEnd: () => false });
        if (way !== undefined) return { way, lowered: first.at };
      }
      return undefined;
    }
  },
});

function endsTask(terminator: Terminator): boolean {
  return terminator.kind === 'halt' && !terminator.program;
}

/** Where the answer of a call has its name: at the call, or behind `err = call()`. */
function answered(fn: Function, call: Point, result: Variable | undefined): { readonly from: Point; readonly answer: Variable | undefined } {
  const next = fn.blocks[call.block]!.operations[call.index + 1];
  const named = next?.op === 'write' && next.value.kind === 'path' && result !== undefined && variableAt(next.value.path) === result ? variableAt(next.path) : undefined;
  return named === undefined ? { from: call, answer: result } : { from: { block: call.block, index: call.index + 1 }, answer: named };
}

function lastOfEach(raises: readonly FlowEventOf<'signal'>[]): readonly FlowEventOf<'signal'>[] {
  if (raises.length <= maxRaises) return raises;
  const met = new Map<string | undefined, number>();
  return [...raises].reverse().filter(({ operation: { on } }) => {
    const count = (met.get(classOf(on)) ?? 0) + 1;
    met.set(classOf(on), count);
    return count <= maxRaises;
  }).reverse();
}

function startsTimer({ blocks }: Function): boolean {
  return blocks.some(({ operations }) => operations.some((operation) => operation.op === 'arm' && operation.starts));
}

const entry: Point = { block: 0 as Point['block'], index: -1 };

/** Where a function lowers the counter, or gives the duty to do so on. */
function duties(program: Program, graph: CallGraph, eventsOf: (id: FunctionId) => readonly FlowEvent[]): (fn: Function, counter: AccessPath, depth: number) => Duty {
  const dutyOf = (fn: Function, counter: AccessPath, depth: number): Duty => {
    const name = classOf(counter);
    const points: Point[] = [];
    const onward: { callee: Function; counter: AccessPath }[] = [];
    let first: Location | undefined;
    let direct = false;
    const add = (point: Point, at: Location): void => { points.push(point); first ??= at; };
    for (const event of eventsOf(fn.id)) {
      if (event.kind === 'signal' && event.operation.what === 'counter' && classOf(event.operation.on) === name && !raisesCounter(event)) { add(event.point, event.operation.at); direct = true; }
    }
    // A literal handed on may lower it whenever it runs: as it stands there, by its name, or in a record that holds it.
    const holders = new Set<Variable>();
    const willLower = (value: Value): boolean => {
      if (value.kind === 'closure') { const literal = depth < maxDepth ? program.functions.get(value.target) : undefined; return literal !== undefined && literal.closureOf === fn.id && dutyOf(literal, counter, depth + 1).points.length > 0; }
      if (value.kind === 'allocation') return (value.fields ?? []).some((field) => willLower(field.value));
      const variable = value.kind === 'path' || value.kind === 'address' ? variableAt(value.path) : undefined;
      return variable !== undefined && holders.has(variable);
    };
    fn.blocks.forEach((block) => { block.operations.forEach((operation, index) => {
      const point: Point = { block: block.id, index };
      if (operation.op === 'write' || operation.op === 'send') {
        if (lowers(operation.value, name)) add(point, operation.at);
        const variable = operation.op === 'write' ? variableAt(operation.path) : undefined;
        if (willLower(operation.value)) if (variable?.owner === fn.id) holders.add(variable); else add(point, operation.at);
        return;
      }
      if (operation.op !== 'call' && operation.op !== 'spawn') return;
      const values = [...operation.args, ...('value' in operation.callee && operation.callee.value !== undefined ? [operation.callee.value] : []), ...(operation.op === 'call' ? operation.runs ?? [] : [])];
      if (values.some((value) => lowers(value, name) || willLower(value))) add(point, operation.at);
    }); });
    for (const site of graph.sites.get(fn.id) ?? []) {
      if (depth >= maxDepth) break;
      for (const id of site.targets) {
        const callee = program.functions.get(id)!;
        const own = toCallee(counter, callee, site.kind === 'runs' ? [] : site.operation.args) ?? (callee.closureOf === undefined && counter.selectors.length > 0 ? sameClass(callee, name) : undefined);
        // Who raises the counter for tasks of its own keeps its own balance.
        if (own === undefined || callee === fn || eventsOf(id).some((event) => isRaise(event) && classOf(event.operation.on) === classOf(own))) continue;
        if (dutyOf(callee, own, depth + 1).points.length === 0) continue;
        add(site.at, site.operation.at);
        if (site.certain && site.kind !== 'runs' && !direct) onward.push({ callee, counter: own });
      }
    }
    return { points, first, direct, onward };
  };
  // The same question comes from every task of a counter.
  const known = new Map<string, Duty>();
  return (fn, counter, depth) => {
    const key = `${fn.id} ${classOf(counter)} ${depth}`;
    let duty = known.get(key);
    if (duty === undefined) known.set(key, duty = dutyOf(fn, counter, depth));
    return duty;
  };

  /** The field of an object the caller has no argument for: whoever lowers that field in there may mean it. */
  function sameClass(callee: Function, name: string | undefined): AccessPath | undefined {
    const event = eventsOf(callee.id).find((one) => one.kind === 'signal' && one.operation.what === 'counter' && classOf(one.operation.on) === name);
    return event?.kind === 'signal' ? event.operation.on : undefined;
  }
}

/** A method of the counter as a value, or the counter itself, goes somewhere. */
function lowers(value: Value, name: string | undefined): boolean {
  if (value.kind === 'library') return value.receiver !== undefined && lowers(value.receiver, name);
  if (value.kind === 'allocation') return (value.fields ?? []).some((field) => lowers(field.value, name));
  const path = location(value);
  return path !== undefined && name !== undefined && classOf(path) === name;
}

function isRaise(event: FlowEvent): event is FlowEventOf<'signal'> {
  return event.kind === 'signal' && event.operation.what === 'counter' && raisesCounter(event);
}

function raisesCounter({ operation: { delta } }: FlowEventOf<'signal'>): boolean {
  return delta === undefined || delta.kind !== 'constant' || (typeof delta.value === 'number' && delta.value > 0);
}

function isOne(event: FlowEventOf<'signal'>): boolean {
  return event.operation.delta?.kind === 'constant' && event.operation.delta.value === 1;
}
