import { pathKey, type AccessPath, type Args, type Function, type FunctionId, type Gap, type LockMode, type OperationOf, type Program, type Variable } from '../ir/index.js';
import { acquisitions, foreignAcquisitions, maxAcquires, noEvents, type AcquireEvent } from './acquisitions.js';
import { aliases, type Aliases } from './aliases.js';
import { defineAnalysis } from './analysis.js';
import { argumentsFor } from './argument-tests.js';
import { callGraph, type CallGraph, type CallSite } from './call-graph.js';
import { lockKinds, type LockKinds } from './lock-kinds.js';
import { linked, type ClosedChannel, type HeldLock } from './lock-state.js';
import { lockFlow, type FlowEvent, type FlowEventOf, type ParameterFact } from './lock-flow.js';
import type { Effect } from './lock-ways.js';
import { enclosing } from './nesting.js';
import { location, toCaller } from './substitution.js';
import { isLock } from './contracts.js';
import { recordOf, typeOfPath } from './types.js';

/**
 * All that callers may know of a function, bottom-up over the call graph's components (RacerD and Infer's
 * starvation checker). Paths are rooted at parameters, captured variables and globals; locals are gone.
 * Recursive components up to `maxRecursion` are computed twice, the second time with the first's results.
 */
export interface Summary {
  readonly function: Function;
  /** What happens inside, with the locks held there. */
  readonly events: readonly FlowEvent[];
  /** Net effect on the caller's locks and channels. */
  readonly effect: Effect;
  /** Every lock taken in here or below, once a lock and mode, by the shortest chain of calls. */
  readonly acquires: readonly AcquireEvent[];
  /** Locks of objects that callers have no name for, by kind: enough for an order, never for an instance. */
  readonly foreign: readonly AcquireEvent[];
  /** What one implementation behind an interface takes: certain for callers who know that their object is the one. */
  readonly conditional: readonly ConditionalAcquire[];
}

/** `on` holds an object of this record: then the lock is taken, which is a part of it. */
interface ConditionalAcquire { readonly event: AcquireEvent; readonly on: AccessPath; readonly record: string }

/** Functions that all call each other; in larger knots a second round costs more than it adds. */
const maxRecursion = 200;

/** Implementations of an interface that an order of locks is followed into; more would pair locks that never meet. */
export const maxImplementations = 3;

/** Conditional acquisitions a summary remembers: most are never met by a caller who knows more. */
const maxConditional = 12;

export interface Summaries {
  readonly of: (id: FunctionId) => Summary | undefined;
  /** The call sites at an operation, certain or not. */
  readonly sitesAt: (operation: OperationOf<'call'> | OperationOf<'spawn'>) => readonly CallSite[];
  /** A callee's acquisitions in the caller's terms, for sites with one possible target. */
  readonly acquiresAt: (site: CallSite) => readonly AcquireEvent[];
  /** A callee's acquisitions of locks the caller has no name for. */
  readonly foreignAt: (site: CallSite) => readonly AcquireEvent[];
  /** Where a bound on the size of summaries was hit first, and what it leaves out. */
  readonly cuts: readonly Gap[];
}

export const summaries = defineAnalysis<Summaries>({
  name: 'summaries',
  run(program, resultOf) {
    const names = resultOf(aliases);
    const kindOf = resultOf(lockKinds);
    const graph = resultOf(callGraph);
    const elsewhere = setInLiterals(program);
    const isSetElsewhere = (variable: Variable, fn: Function): boolean => { const by = elsewhere.get(variable); return by !== undefined && by !== fn.id; };
    const table = new Map<FunctionId, Summary>();
    const cuts: Gap[] = [];
    const full = new Set<FunctionId>();
    const sites = sitesByOperation(graph);
    const sitesAt = (operation: OperationOf<'call'> | OperationOf<'spawn'>): readonly CallSite[] => sites.get(operation) ?? noSites;
    // Most functions leave everything as it is: only at calls of the others an effect is looked for.
    const stirring = new Set<FunctionId>();
    const keep = (id: FunctionId, summary: Summary): void => {
      table.set(id, summary);
      if (isNeutral(summary.effect)) stirring.delete(id); else stirring.add(id);
    };
    for (const component of graph.components) {
      const recursive = component.length > 1 || (graph.sites.get(component[0]!) ?? []).some((site) => site.targets.includes(component[0]!));
      for (let round = 0; round < (recursive && component.length <= maxRecursion ? 2 : 1); round++) {
        // Events depend on callees by their effects only: where none has any, the second round need not walk the code again.
        const stays = round > 0 && component.every((id) => !stirring.has(id));
        for (const id of component) keep(id, summarise(program, program.functions.get(id)!, graph, stirring, table, names, kindOf, isSetElsewhere, stays ? table.get(id) : undefined));
      }
    }
    for (const component of graph.components) {
      const first = program.functions.get(component[0]!)!;
      if (component.length > maxRecursion) cuts.push({ at: first.at, reason: `${first.name} and ${component.length - 1} others all call each other: what they do to locks is followed one round only` });
      // Callers of a full summary are full as well, and that is said once, below.
      const isFull = component.some((id) => { const summary = table.get(id)!; return summary.acquires.length >= maxAcquires || summary.foreign.length >= maxAcquires; });
      if (!isFull) continue;
      const isFirst = !component.some((id) => (graph.sites.get(id) ?? []).some((site) => site.targets.some((target) => full.has(target))));
      for (const id of component) full.add(id);
      if (isFirst) cuts.push({ at: first.at, reason: `${first.name} and what it calls take ${maxAcquires} locks: more are not followed` });
    }
    const translated = new Map<CallSite, readonly AcquireEvent[]>();
    return {
      cuts,
      of: (id) => table.get(id),
      sitesAt,
      acquiresAt: (site) => {
        let events = translated.get(site);
        if (events === undefined) translated.set(site, events = acquiresAt(program, site, table, names));
        return events;
      },
      foreignAt: (site) => foreignAt(program, site, table),
    };
  },
});

/** Variables that a literal assigns although they belong to a function around it, with the literal when it is one alone. */
function setInLiterals(program: Program): ReadonlyMap<Variable, FunctionId | 'several'> {
  const set = new Map<Variable, FunctionId | 'several'>();
  for (const fn of program.functions.values()) {
    if (fn.closureOf === undefined) continue;
    for (const { operations } of fn.blocks) for (const operation of operations) {
      if (operation.op === 'write' && operation.path.selectors.length === 0 && operation.path.root.kind === 'variable' && operation.path.root.variable.owner !== fn.id) {
        const { variable } = operation.path.root;
        const known = set.get(variable);
        set.set(variable, known === undefined || known === fn.id ? fn.id : 'several');
      }
    }
  }
  return set;
}

function isNeutral(effect: Effect): boolean {
  return effect.returns && effect.acquires.length + effect.releases.length + effect.closes.length + effect.unsure.length === 0;
}

function sitesByOperation(graph: CallGraph): Map<object, CallSite[]> {
  const sites = new Map<object, CallSite[]>();
  for (const list of graph.sites.values()) for (const site of list) {
    const known = sites.get(site.operation);
    if (known === undefined) sites.set(site.operation, [site]); else known.push(site);
  }
  return sites;
}

function summarise(program: Program, fn: Function, graph: CallGraph, stirring: ReadonlySet<FunctionId>, table: ReadonlyMap<FunctionId, Summary>, names: Aliases, kindOf: LockKinds, isSetElsewhere: (variable: Variable, fn: Function) => boolean, before?: Summary): Summary {
  const sites = graph.sites.get(fn.id) ?? noSites;
  // A literal's doubt about what its maker was given is for whoever calls it to place; doubt about locks that have a name here stays here.
  let doubted: Map<string, AccessPath> | undefined;
  const stirred = before === undefined ? sitesThatStir(sites, stirring) : undefined;
  const events = before?.events ?? lockFlow(fn, (operation) => {
    const effect = effectAt(program, graph, operation, stirred?.get(operation) ?? noSites, table);
    if (effect !== undefined && fn.closureOf !== undefined) for (const path of effect.unsure) if (isMakersParameter(path, fn) && isLock(typeOfPath(program, path))) (doubted ??= new Map()).set(pathKey(path), path);
    return effect;
  }, isSetElsewhere);
  const acquires = acquisitions();
  const foreign = foreignAcquisitions();
  /** The kind of a lock that is not among the foreign ones and belongs there. */
  const foreignKind = (lock: AccessPath, mode: LockMode): string | undefined => {
    const name = foreign.isFull() ? undefined : kindOf(lock);
    return name === undefined || foreign.has(name, mode) || name.includes('#') ? undefined : name;
  };
  // What a second call of the same function adds is there already: every lock in it, or as many as are kept.
  let merged: Set<FunctionId> | undefined;
  /** By the callers' name for the lock where there is one: theirs, or what its owner was made with or read from. */
  const note = (lock: AccessPath, mode: LockMode, requires: readonly ParameterFact[], steps: number, build: (named: AccessPath) => AcquireEvent): void => {
    if (isCallerVisible(lock, fn)) { acquires.add(lock, mode, requires, steps, build); return; }
    const other = names.of(fn, lock);
    if (other?.by === 'construction' && isCallerVisible(other.path, fn)) acquires.add(other.path, mode, requires, steps, build);
    else if (requires.length === 0) {
      const kind = foreignKind(lock, mode);
      if (kind !== undefined) foreign.add(kind, mode, build(lock));
    }
  };
  let born: ReadonlySet<Variable> | undefined;
  for (const event of events) {
    if (event.kind !== 'acquire' || event.operation.tries) continue;
    const { root } = event.operation.lock;
    // A lock of an object made right here: nobody else can hold it.
    if (root.kind === 'variable' && (born ??= madeIn(fn)).has(root.variable)) continue;
    const { lock, mode, at } = event.operation;
    note(lock, mode, event.requires, 0, (named) => ({ lock: named, mode, at, function: fn.name, chain: [], requires: event.requires, afterRelease: event.given }));
  }
  let given: Map<object, readonly AccessPath[]> | undefined;
  const givenAt = (site: CallSite): readonly AccessPath[] => {
    if (given === undefined) {
      given = new Map();
      for (const event of events) if (event.kind === 'call' && event.given.length > 0) given.set(event.operation, event.given);
    }
    return given.get(site.operation) ?? none;
  };
  const conditional: ConditionalAcquire[] = [];
  const keepOpen = (found: readonly ConditionalAcquire[], site: CallSite): void => {
    for (const one of found) if (conditional.length < maxConditional && isCallerVisible(one.on, fn)) conditional.push({ ...one, event: { ...one.event, afterRelease: concatenated(givenAt(site), one.event.afterRelease) } });
  };
  for (const site of sites) {
    if (site.kind === 'spawn' || !site.certain) continue;
    const below = table.get(site.targets[0]!);
    if (below === undefined) continue;
    const callee = below.function;
    if (below.conditional.length > 0) {
      const { known, open } = conditionalInto(program, site, callee, below.conditional, names);
      for (const event of known) note(event.lock, event.mode, [], event.chain.length, (named) => ({ ...event, lock: named, afterRelease: concatenated(givenAt(site), event.afterRelease) }));
      keepOpen(open, site);
    }
    if (below.acquires.length + below.foreign.length === 0) continue;
    const call = callInto(site, callee);
    const asked = argumentsFor(fn, site.at);
    const risen = (event: AcquireEvent, lock: AccessPath, requires: readonly ParameterFact[]): AcquireEvent => { const raised = call.raise(event, lock, requires); return { ...raised, afterRelease: concatenated(givenAt(site), raised.afterRelease) }; };
    for (const event of below.acquires) {
      const passed = requirementsOf(event.requires, callee, call.args);
      const lock = passed === undefined ? undefined : toCaller(event.lock, callee, call.args);
      const requires = passed === undefined || asked.length === 0 ? passed : [...passed, ...asked];
      if (requires !== undefined && lock !== undefined) note(lock, event.mode, requires, event.chain.length + 1, (named) => risen(event, named, requires));
    }
    if (below.foreign.length === 0 || foreign.isFull() || merged?.has(callee.id) === true) continue;
    (merged ??= new Set()).add(callee.id);
    for (const event of below.foreign) {
      const kind = foreignKind(event.lock, event.mode);
      if (kind !== undefined) foreign.add(kind, event.mode, risen(event, event.lock, event.requires));
    }
  }
  for (const site of sites) {
    if (!site.certain) keepOpen(behindInterface(program, site, table), site);
    for (const [callee, event] of possibleAt(program, site, table)) {
      const kind = foreignKind(event.lock, event.mode);
      if (kind === undefined) continue;
      const raised = raisedAsPossible(site, callee, event);
      foreign.add(kind, event.mode, { ...raised, afterRelease: concatenated(givenAt(site), raised.afterRelease) });
    }
  }
  return { function: fn, events, effect: before?.effect ?? netEffect(fn, events, doubted ?? nowhere), acquires: acquires.all(), foreign: foreign.all(), conditional: conditional.length === 0 ? noConditions : conditional };
}

/** The sites whose callees do not leave everything as it is, by their operations. */
function sitesThatStir(sites: readonly CallSite[], stirring: ReadonlySet<FunctionId>): ReadonlyMap<object, readonly CallSite[]> | undefined {
  let found: Map<object, CallSite[]> | undefined;
  for (const site of sites) for (const target of site.targets) {
    if (!stirring.has(target)) continue;
    const known = (found ??= new Map()).get(site.operation);
    if (known === undefined) found.set(site.operation, [site]); else known.push(site);
    break;
  }
  return found;
}

const noSites: readonly CallSite[] = [];
const noConditions: readonly ConditionalAcquire[] = [];

/** What a call through an interface takes when the object is of one of the records whose methods it may run. */
function behindInterface(program: Program, site: CallSite, table: ReadonlyMap<FunctionId, Summary>): readonly ConditionalAcquire[] {
  if (site.kind !== 'call' || site.operation.callee.kind !== 'dynamic' || site.targets.length > maxImplementations) return noConditions;
  const receiver = site.operation.args[0];
  if (receiver?.kind !== 'path') return noConditions;
  let found: ConditionalAcquire[] | undefined;
  for (const target of site.targets) {
    const below = table.get(target);
    if (below === undefined || below.acquires.length === 0 || below.function.params[0] === undefined) continue;
    const record = recordOf(program, below.function.params[0].type)?.name;
    if (record === undefined || below.function.closureOf !== undefined) continue;
    const call = callInto(site, below.function);
    for (const event of below.acquires) {
      const { root } = event.lock;
      if (event.requires.length > 0 || root.kind !== 'variable' || root.variable !== below.function.params[0]) continue;
      const lock = toCaller(event.lock, below.function, call.args);
      if (lock !== undefined) (found ??= []).push({ event: call.raise(event, lock, []), on: receiver.path, record });
    }
  }
  return found ?? noConditions;
}

/** Conditional acquisitions of a callee where it is called: `known` when the object there is the one, `open` when nobody can tell yet. */
function conditionalInto(program: Program, site: CallSite, callee: Function, conditions: readonly ConditionalAcquire[], names: Aliases): { readonly known: readonly AcquireEvent[]; readonly open: readonly ConditionalAcquire[] } {
  const known: AcquireEvent[] = [];
  const open: ConditionalAcquire[] = [];
  const call = callInto(site, callee);
  for (const { event, on, record } of conditions) {
    const [lock, object] = [toCaller(event.lock, callee, call.args), toCaller(on, callee, call.args)];
    if (lock === undefined || object === undefined || lock.selectors.length <= object.selectors.length) continue;
    const named = names.of(site.caller, lock)?.path ?? lock;
    const holder: AccessPath = { root: named.root, selectors: named.selectors.slice(0, named.selectors.length - (lock.selectors.length - object.selectors.length)) };
    const type = typeOfPath(program, holder);
    if (recordOf(program, type)?.name === record) known.push(call.raise(event, named, []));
    else if (type.kind === 'interface' || type.kind === 'unknown') open.push({ event: call.raise(event, named, []), on: holder, record });
  }
  return { known, open };
}

const none: readonly AccessPath[] = [];

function concatenated(a: readonly AccessPath[], b: readonly AccessPath[]): readonly AccessPath[] {
  return a.length === 0 ? b : b.length === 0 ? a : [...a, ...b];
}

/** How events of the callee read where it is called: one link more on their chains, their paths in the caller's terms. */
function callInto(site: CallSite, callee: Function): { readonly args: Args; readonly raise: (event: AcquireEvent, lock: AccessPath, requires: readonly ParameterFact[]) => AcquireEvent } {
  const args = site.kind === 'runs' ? [] : site.operation.args;
  const link = { call: site.operation.at, caller: site.caller.name, callee: callee.name };
  return {
    args,
    raise: (event, lock, requires) => ({
      lock, mode: event.mode, at: event.at, function: event.function, requires, ...(event.possible === true ? { possible: true as const } : {}),
      chain: linked(link, event.chain),
      afterRelease: event.afterRelease.length === 0 ? none : event.afterRelease.flatMap((path) => toCaller(path, callee, args) ?? []),
    }),
  };
}

/** Variables that are set to a fresh object somewhere in the function. */
function madeIn(fn: Function): ReadonlySet<Variable> {
  const made = new Set<Variable>();
  for (const { operations } of fn.blocks) for (const operation of operations) {
    if (operation.op === 'write' && operation.value.kind === 'allocation' && operation.path.selectors.length === 0 && operation.path.root.kind === 'variable') made.add(operation.path.root.variable);
  }
  return made;
}

/** What the few implementations behind an interface call take: each of them happens some day. */
function possibleAt(program: Program, site: CallSite, table: ReadonlyMap<FunctionId, Summary>): readonly (readonly [callee: Function, event: AcquireEvent])[] {
  if (site.certain || site.kind !== 'call' || site.targets.length > maxImplementations || site.operation.callee.kind !== 'dynamic' || !site.operation.callee.complete) return noChoice;
  const found: (readonly [Function, AcquireEvent])[] = [];
  for (const target of site.targets) {
    const summary = table.get(target);
    const callee = summary === undefined ? undefined : program.functions.get(target);
    if (summary === undefined || callee === undefined || callee.test) continue;
    for (const events of [summary.acquires, summary.foreign]) for (const event of events) if (event.requires.length === 0) found.push([callee, event]);
  }
  return found;
}

const noChoice: readonly (readonly [Function, AcquireEvent])[] = [];

function raisedAsPossible(site: CallSite, callee: Function, event: AcquireEvent): AcquireEvent {
  return { ...callInto(site, callee).raise(event, event.lock, []), possible: true };
}

function foreignAt(program: Program, site: CallSite, table: ReadonlyMap<FunctionId, Summary>): readonly AcquireEvent[] {
  if (!site.certain) return possibleAt(program, site, table).map(([callee, event]) => raisedAsPossible(site, callee, event));
  const callee = site.certain ? program.functions.get(site.targets[0]!) : undefined;
  const summary = callee && table.get(callee.id);
  if (summary === undefined || summary.foreign.length === 0) return [];
  const { raise } = callInto(site, callee!);
  return summary.foreign.map((event) => raise(event, event.lock, event.requires));
}

function acquiresAt(program: Program, site: CallSite, table: ReadonlyMap<FunctionId, Summary>, names: Aliases): readonly AcquireEvent[] {
  const callee = site.certain ? program.functions.get(site.targets[0]!) : undefined;
  const summary = callee && table.get(callee.id);
  if (summary === undefined || summary.acquires.length + summary.conditional.length === 0) return noEvents;
  const { args, raise } = callInto(site, callee!);
  const translated: AcquireEvent[] = summary.conditional.length === 0 ? [] : [...conditionalInto(program, site, callee!, summary.conditional, names).known];
  for (const event of summary.acquires) {
    const requires = requirementsOf(event.requires, callee!, args);
    const lock = requires === undefined ? undefined : toCaller(event.lock, callee!, args);
    if (requires !== undefined && lock !== undefined) translated.push(raise(event, lock, requires));
  }
  return translated;
}

/** What the event still depends on, in the caller's terms; undefined when the arguments rule it out, or nobody knows. */
function requirementsOf(requires: readonly ParameterFact[], callee: Function, args: Args): readonly ParameterFact[] | undefined {
  if (requires.length === 0) return requires;
  const open: ParameterFact[] = [];
  for (const fact of requires) {
    if (fact.variable.owner !== callee.id) { open.push(fact); continue; }
    const value = args[callee.params.indexOf(fact.variable)];
    if (value?.kind === 'constant' && value.value === fact.value) continue;
    if (value?.kind !== 'path' || value.path.selectors.length > 0 || value.path.root.kind !== 'variable' || value.path.root.variable.kind !== 'parameter') return undefined;
    open.push({ variable: value.path.root.variable, value: fact.value });
  }
  return open;
}

function isCallerVisible(path: AccessPath, fn: Function): boolean {
  if (path.root.kind !== 'variable') return false;
  const { variable } = path.root;
  return variable.owner !== fn.id || variable.kind === 'parameter';
}

const neutral: Effect = { acquires: [], releases: [], closes: [], unsure: [], returns: true };
const endless: Effect = { ...neutral, returns: false };

/** What holds on every normal exit is the effect; what holds on some only is left in doubt. */
function isMakersParameter({ root }: AccessPath, fn: Function): boolean {
  return root.kind === 'variable' && root.variable.kind === 'parameter' && root.variable.owner !== fn.id;
}

const nowhere: ReadonlyMap<string, AccessPath> = new Map();

function netEffect(fn: Function, events: readonly FlowEvent[], doubted: ReadonlyMap<string, AccessPath>): Effect {
  let returns = false;
  let changes = false;
  for (const event of events) if (event.kind === 'exit' && event.terminator.kind === 'return') for (const state of event.states) {
    returns = true;
    changes ||= state.held.length + state.owed.length + state.closed.length > 0 || (doubted.size > 0 && state.unsure.size > 0);
  }
  if (!returns) return endless;
  if (!changes) return neutral;
  const exits = events.filter((event): event is FlowEventOf<'exit'> => event.kind === 'exit' && event.terminator.kind === 'return');
  const states = exits.flatMap((event) => event.states);
  const unsure = new Map<string, AccessPath>();
  for (const [key, path] of doubted) if (isCallerVisible(path, fn) && states.some((state) => state.unsure.has(key))) unsure.set(key, path);
  const everywhere = <T extends { readonly key: string }>(pick: (state: (typeof states)[number]) => readonly T[], path: (entry: T) => AccessPath): T[] => {
    const all = new Map<string, T>();
    for (const state of states) for (const entry of pick(state)) all.set(entry.key, entry);
    const certain: T[] = [];
    for (const entry of all.values()) {
      if (!isCallerVisible(path(entry), fn)) continue;
      if (states.every((state) => !state.unsure.has(entry.key) && pick(state).some((other) => other.key === entry.key))) certain.push(entry);
      else unsure.set(entry.key, path(entry));
    }
    return certain;
  };
  const acquires = everywhere<HeldLock>((state) => (state.held.some((entry) => entry.regained === true) ? state.held.filter((entry) => entry.regained !== true) : state.held), (entry) => entry.lock);
  const releases = everywhere<HeldLock>((state) => state.owed, (entry) => entry.lock);
  const closes = everywhere<ClosedChannel>((state) => state.closed, (entry) => entry.channel);
  return { acquires, releases, closes, unsure: [...unsure.values()], returns: true };
}

/** The effect of a call in its caller's terms; of several targets only what leaves locks as they are is accepted. */
function effectAt(program: Program, graph: CallGraph, operation: OperationOf<'call'> | OperationOf<'spawn'>, sites: readonly CallSite[], table: ReadonlyMap<FunctionId, Summary>): Effect | undefined {
  let total = runsOfCallees(program, operation);
  for (const site of sites) {
    const args = site.kind === 'runs' ? [] : operation.args;
    for (const target of site.targets) {
      const callee = program.functions.get(target)!;
      const effect = table.get(target)?.effect;
      if (effect === undefined || effect === neutral || isNeutral(effect)) continue;
      const link = { call: operation.at, caller: site.caller.name, callee: callee.name };
      const locks = (list: readonly HeldLock[]): HeldLock[] => list.flatMap((entry) => { const lock = toCaller(entry.lock, callee, args); return lock === undefined ? [] : [{ ...entry, lock, key: pathKey(lock), chain: linked(link, entry.chain) }]; });
      const paths = (list: readonly AccessPath[]): AccessPath[] => list.flatMap((path) => { const own = toCaller(path, callee, args); return own === undefined ? [] : [own]; });
      const acquires = locks(effect.acquires);
      const releases = locks(effect.releases);
      const closes = effect.closes.flatMap((entry) => { const channel = toCaller(entry.channel, callee, args); return channel === undefined ? [] : [{ ...entry, channel, key: pathKey(channel), chain: linked(link, entry.chain) }]; });
      const sure = site.certain && site.kind !== 'runs' && !(operation.op === 'call' && operation.once !== undefined);
      const touched = [...[...releases, ...acquires].map(({ lock }) => lock), ...effect.unsure.filter((path) => isLock(typeOfPath(program, path)))];
      const passed = touched.flatMap((lock) => passedToMaker(program, graph, site.caller, lock));
      const own: Effect = sure && passed.length === 0 ? { acquires, releases, closes, unsure: paths(effect.unsure), returns: effect.returns }
        : { acquires: [], releases: [], closes: [], unsure: [...acquires.map((l) => l.lock), ...releases.map((l) => l.lock), ...closes.map((c) => c.channel), ...paths(effect.unsure), ...passed], returns: !sure || effect.returns };
      total = total === undefined ? own : { acquires: [...total.acquires, ...own.acquires], releases: [...total.releases, ...own.releases], closes: [...total.closes, ...own.closes], unsure: [...total.unsure, ...own.unsure], returns: total.returns && own.returns };
    }
  }
  return total;
}

/**
 * What a library does to a lock when it is let through once, or handed the lock's method to run (`once.Do(mu.Unlock)`), is done on some way only.
 * So is what a literal gives back that any callee is handed: it may run then, or in a task at the end of the work.
 */
function runsOfCallees(program: Program, operation: OperationOf<'call'> | OperationOf<'spawn'>): Effect | undefined {
  if (operation.op !== 'call' || (operation.once === undefined && operation.runs === undefined && !handsLiteral(operation.args))) return undefined;
  const once = operation.once !== undefined && operation.callee.kind === 'library' ? operation.args : [];
  const handed = (operation.runs ?? []).flatMap((value) => (value.kind === 'library' && value.receiver !== undefined ? [value.receiver] : []));
  const back = operation.args.flatMap((value) => (value.kind === 'closure' ? givenBackBy(program.functions.get(value.target)) : none));
  if (once.length + handed.length + back.length === 0) return undefined;
  return { ...neutral, unsure: [...[...once, ...handed].flatMap((value) => location(value) ?? []), ...back] };
}

function handsLiteral(args: Args): boolean {
  for (const { kind } of args) if (kind === 'closure') return true;
  return false;
}

const givenBack = new WeakMap<Function, readonly AccessPath[]>();

/** Locks that a literal releases and never takes: whoever made it holds them. */
function givenBackBy(literal: Function | undefined): readonly AccessPath[] {
  if (literal === undefined) return none;
  let known = givenBack.get(literal);
  if (known === undefined) {
    const released = new Map<string, AccessPath>();
    const taken = new Set<string>();
    for (const { operations } of literal.blocks) for (const operation of operations) {
      if (operation.op === 'release') released.set(pathKey(operation.lock), operation.lock);
      else if (operation.op === 'acquire') taken.add(pathKey(operation.lock));
    }
    givenBack.set(literal, known = released.size === 0 ? none : [...released].flatMap(([key, path]) => (taken.has(key) || !isCallerVisible(path, literal) ? [] : [path])));
  }
  return known;
}

/**
 * The caller's names for a lock that a literal knows by a parameter of the function which made it: `unlock := onceOnly(&s.mu)`
 * and then `unlock()`. Which of several makings is called is not known, so each of them may be meant.
 */
function passedToMaker(program: Program, graph: CallGraph, caller: Function, lock: AccessPath): readonly AccessPath[] {
  if (lock.root.kind !== 'variable' || lock.root.variable.kind !== 'parameter' || lock.root.variable.owner === undefined) return none;
  const maker = program.functions.get(lock.root.variable.owner);
  const found: AccessPath[] = [];
  if (maker === undefined) return none;
  for (const fn of enclosing(program, caller)) {
    if (fn === maker) return none;
    for (const site of graph.sites.get(fn.id) ?? []) {
      const named = site.kind === 'call' && site.targets.includes(maker.id) ? toCaller(lock, maker, site.operation.args) : undefined;
      if (named !== undefined) found.push(named);
    }
  }
  return found;
}
