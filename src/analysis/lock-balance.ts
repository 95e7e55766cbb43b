import { classOf, compareLocations, pathKey, printLocation, sameInTask, type Function, type Location, type Program, type Value, type Variable } from '../ir/index.js';
import { eachValue } from '../ir/verify.js';
import { defineAnalysis } from './analysis.js';
import { callGraph } from './call-graph.js';
import { contractsOf } from './contracts.js';
import { controlFlow } from './control-flow.js';
import { entryLocks } from './entry-locks.js';
import { failingBefore, failures } from './failures.js';
import { flowEvents } from './flow-events.js';
import type { FlowEvent, FlowEventOf } from './lock-flow.js';
import { isIdentifiable, type HeldLock } from './lock-state.js';
import { literals } from './nesting.js';
import { typeOfPath } from './types.js';

/**
 * Are a function's locks given back on every way out, and only those it holds?
 * Silent about functions that hand a lock on by design: those that return or keep what releases it, are named or
 * documented so, or whose callers release it. In a cooperative program a function is also left by a throw, or by what it
 * waits for failing; waits that cannot fail, and callees that never do, are passed over. A lock never released is one taken for good, unless all others give it back.
 */
export interface LeftHeld {
  readonly fn: Function;
  readonly held: HeldLock;
  /** The exit, or the place where its variable is overwritten. */
  readonly at: Location;
  readonly reason: 'exit' | 'thrown' | 'failed' | 'overwritten' | 'never';
  /** A release that other ways reach, or (never) that another function does after its own acquire. */
  readonly releasedAt: Location;
  /** For `never`: how many places give back what their function took of this class of lock. */
  readonly balanced: number;
}
export interface StrayRelease { readonly fn: Function; readonly event: FlowEventOf<'release'>; readonly reason: 'twice' | 'never-held' | 'other-mode' }
/** A return between a manual acquire and its last manual release, with a release of its own before it. */
export interface EarlyReturn { readonly fn: Function; readonly lock: HeldLock; readonly at: Location; readonly released: Location; readonly last: Location; readonly count: number }

export interface LockBalance {
  readonly leftHeld: readonly LeftHeld[];
  readonly strayReleases: readonly StrayRelease[];
  readonly earlyReturns: readonly EarlyReturn[];
}

const handsOn = /^(?:r?lock|acquire|begin|enter|try|hold|grab|start)/i;
const givesBack = /unlock|release|^end|finish|leave|close/i;

export const lockBalance = defineAnalysis<LockBalance>({
  name: 'lock-balance',
  run(program, resultOf) {
    const { of: eventsOf, functionsWith } = resultOf(flowEvents);
    const graph = resultOf(callGraph);
    const entry = resultOf(entryLocks);
    const fails = resultOf(failures);
    const leftHeld: LeftHeld[] = [];
    const strayReleases: StrayRelease[] = [];
    const earlyReturns: EarlyReturn[] = [];
    const leavesHeld = new Set<string>();
    const uses = new Map<string, ReturnType<typeof usesOf>>();
    let later: ReadonlySet<string> | undefined;
    for (const fn of functionsWith('held')) for (const event of eventsOf(fn.id)) {
      if (event.kind === 'exit') for (const state of event.states) { for (const held of state.held) leavesHeld.add(classOf(held.lock) ?? ''); if (state.unsure.size > 0) for (const held of event.locks.may) leavesHeld.add(classOf(held.lock) ?? ''); }
      if (event.kind === 'call' && event.operation.op === 'spawn') for (const held of event.locks.may) leavesHeld.add(classOf(held.lock) ?? '');
    }
    for (const fn of functionsWith('acquire', 'release')) {
      const events = eventsOf(fn.id);
      const releases = events.filter((event): event is FlowEventOf<'release'> => event.kind === 'release');
      leftHeld.push(...strayAcquires(fn, events));
      if (releases.length === 0) continue;
      leftHeld.push(...leftBy(fn, events, releases));
      strayReleases.push(...straysOf(fn, releases));
      earlyReturns.push(...earlyReturnsOf(fn, events, releases));
    }
    return { leftHeld, strayReleases, earlyReturns };

    function leftBy(fn: Function, events: readonly FlowEvent[], releases: readonly FlowEventOf<'release'>[]): LeftHeld[] {
      const found = new Map<string, LeftHeld>();
      const exits = events.filter((event): event is FlowEventOf<'exit'> => event.kind === 'exit' && event.terminator.kind === 'return');
      // The caller's lock, given back for a while and taken again, is the caller's to release.
      const window = (held: HeldLock): boolean => releases.some((event) => pathKey(event.operation.lock) === held.key && (event.finds === 'nothing' || event.finds === 'sometimes'));
      const consider = (held: HeldLock, at: Location, reason: LeftHeld['reason']): void => {
        const key = `${held.key} ${printLocation(held.at)}`;
        const release = releases.find((event) => pathKey(event.operation.lock) === held.key && event.finds !== 'nothing' && event.operation.at !== held.at);
        if (found.has(key) || held.chain.length > 0 || !isIdentifiable(held.lock) || release === undefined || window(held) || isHandedOn(fn, held)) return;
        found.set(key, { fn, held, at, reason, releasedAt: release.operation.at, balanced: 0 });
      };
      const acquires = isAcquirer(fn);
      for (const exit of exits) for (const state of exit.states) for (const held of state.held) {
        if (!acquires && exits.every((other) => other.states.every((one) => one.held.some((h) => h.key === held.key)))) continue;
        if (exit.terminator.kind === 'return' && (exit.terminator.values.some((value) => carriesFunction(value) || carriesLock(value, held)) || goesOut(fn, held, exit.terminator.values) || (acquires && !isFailure(fn, exit.terminator.values)))) continue;
        consider(held, exit.terminator.at, 'exit');
      }
      if (!acquires) for (const event of events) if (event.kind === 'lost' && !event.locks.unsure.has(event.held.key)) consider(event.held, event.at, 'overwritten');
      if (program.scheduling === 'cooperative' && !acquires) for (const event of events) if (event.kind === 'exit' && event.terminator.kind === 'throw') {
        const before = failingBefore(fn, event.point.block);
        const failing = before.filter((call) => fails.may(fn, call));
        if (before.length > 0 && failing.length === 0) continue;
        for (const state of event.states) for (const held of state.held) if (!state.unsure.has(held.key)) consider(held, failing.length > 0 ? fn.blocks[failing[0]!.block]!.operations[failing[0]!.index]!.at : event.terminator.at, failing.length > 0 ? 'failed' : 'thrown');
      }
      return [...found.values()];
    }

    /** Taken for good in one function, where all others that take this class of lock give it back and nobody gives back what he did not take. */
    function strayAcquires(fn: Function, events: readonly FlowEvent[]): LeftHeld[] {
      if (fn.test || fn.closureOf !== undefined) return [];
      const exits = events.filter((event): event is FlowEventOf<'exit'> => event.kind === 'exit' && event.terminator.kind === 'return');
      // Most give back what they took on every way out.
      if (!exits.some((exit) => exit.states.some((state) => state.held.length > 0)) || isAcquirer(fn)) return [];
      const flow = controlFlow(fn);
      const candidates = events.flatMap((event): { held: HeldLock; first: FlowEventOf<'exit'> }[] => {
        if (event.kind !== 'acquire' || event.operation.tries || event.operation.deferred === true || event.given.length > 0 || event.operation.lock.selectors.length === 0 || !isIdentifiable(event.operation.lock)) return [];
        const key = pathKey(event.operation.lock);
        const after = exits.filter((exit) => flow.reaches(event.point, exit.point));
        const [first] = after;
        const held = first?.states[0]?.held.find((one) => one.key === key && one.at === event.operation.at && one.regained !== true);
        if (first === undefined || held === undefined || after.some((exit) => exit.states.some((state) => state.unsure.has(key) || !state.held.some((other) => other.key === key)))) return [];
        return events.some((other) => (other.kind === 'release' && pathKey(other.operation.lock) === key) || (other.kind === 'lost' && other.held.key === key)) ? [] : [{ held, first }];
      });
      return candidates.flatMap(({ held, first }): LeftHeld[] => {
        const uses = usesOf(classOf(held.lock) ?? '');
        const [other] = uses.balanced;
        if (other === undefined || uses.balanced.length < 3 || uses.orphans || isHandedOn(fn, held) || exits.some((exit) => exit.terminator.kind === 'return' && exit.terminator.values.some((value) => isHolder(value, held))) || exits.some((exit) => exit.terminator.kind === 'return' && exit.terminator.values.some(carriesFunction))) return [];
        return [{ fn, held, at: first.terminator.at, reason: 'never', releasedAt: other.at, balanced: uses.balanced.length }];
      });
    }

    /** Where functions give back what they took of a class of lock, and whether anybody gives back what he did not take, or hands the release on as a value. */
    function usesOf(lockClass: string): { readonly balanced: readonly { readonly fn: Function; readonly at: Location }[]; readonly orphans: boolean } {
      let known = uses.get(lockClass);
      if (known !== undefined) return known;
      const balanced: { fn: Function; at: Location }[] = [];
      let orphans = lockClass === '';
      for (const fn of functionsWith('release')) {
        const own = eventsOf(fn.id).filter((event): event is FlowEventOf<'release'> => event.kind === 'release' && event.chain.length === 0 && classOf(event.operation.lock) === lockClass);
        const around = fn.closureOf === undefined ? [] : eventsOf(fn.closureOf);
        if (own.every((event) => event.finds === 'held')) balanced.push(...own.map((event) => ({ fn, at: event.operation.at })));
        else if (!around.some((event) => event.kind === 'acquire' && classOf(event.operation.lock) === lockClass)) orphans = true;
      }
      orphans ||= (later ??= releasedLater(program)).has(lockClass);
      uses.set(lockClass, known = { balanced, orphans });
      return known;
    }

    /** Somebody else releases it: a literal of this function, a documented contract, or the callers. */
    function isHandedOn(fn: Function, held: HeldLock): boolean {
      if (contractsOf(program, fn).some((contract) => contract.kind === 'acquires' && (contract.vague || classOf(contract.lock) === classOf(held.lock)))) return true;
      if (/\b(?:returns?|exits?)\b[^.]*\b(?:held|locked|holding)\b|\bcaller (?:must|should|has to)[^.]*\b(?:unlock|release)/i.test(fn.doc)) return true;
      if (resultOf(literals).of(fn.id).some((literal) => eventsOf(literal.id).some((event) => event.kind === 'release' && pathKey(event.operation.lock) === held.key && event.finds !== 'held'))) return true;
      const name = classOf(held.lock);
      // Also where recursion hides the net effect: what a callee or a started task gives back without having taken it is its caller's.
      const isGivenBackBy = (id: Function['id']): boolean => eventsOf(id).some((event) => event.kind === 'release' && event.finds !== 'held' && event.chain.length === 0 && classOf(event.operation.lock) === name);
      if ((graph.sites.get(fn.id) ?? []).some((site) => site.certain && isGivenBackBy(site.targets[0]!))) return true;
      return (graph.callers.get(fn.id) ?? []).some((site) => site.kind === 'call' && eventsOf(site.caller.id).some((event) => event.kind === 'release' && event.finds !== 'held' && classOf(event.operation.lock) === name));
    }

    /** A call gave the lock, or the object around it, and may have left a lock held by whatever name: `entry, ok := m.lockCurrent(id)`. */
    function gotHeld(fn: Function, variable: Variable): boolean {
      const given = new Set([variable, ...fn.blocks.flatMap(({ operations }) => operations.flatMap((operation) => (operation.op === 'write' && operation.path.selectors.length === 0 && operation.path.root.kind === 'variable' && operation.path.root.variable === variable && operation.value.kind === 'path' && operation.value.path.root.kind === 'variable' ? [operation.value.path.root.variable] : [])))]);
      return (graph.sites.get(fn.id) ?? []).some((site) => site.kind === 'call' && site.operation.op === 'call' && site.operation.results.some((result) => given.has(result))
        && site.targets.some((target) => eventsOf(target).some((event) => event.kind === 'exit' && event.states.some((state) => state.held.length > 0))));
    }

    /** Its address leaves in a result: whoever gets it holds the lock. */
    function goesOut(fn: Function, held: HeldLock, values: readonly Value[]): boolean {
      const out = values.flatMap((value) => (value.kind === 'path' && value.path.root.kind === 'variable' && value.path.selectors.length === 0 ? [value.path.root.variable] : []));
      return values.some((value) => value.kind === 'address' && sameInTask(value.path, held.lock))
        || fn.blocks.some(({ operations }) => operations.some((operation) => operation.op === 'write' && operation.value.kind === 'address' && sameInTask(operation.value.path, held.lock) && operation.path.selectors.length === 0 && operation.path.root.kind === 'variable' && out.includes(operation.path.root.variable)));
    }

    function straysOf(fn: Function, releases: readonly FlowEventOf<'release'>[]): StrayRelease[] {
      return releases.flatMap((event): StrayRelease[] => {
        if (!isIdentifiable(event.operation.lock) || event.locks.unsure.has(pathKey(event.operation.lock))) return [];
        if (event.finds === 'other-mode') return [{ fn, event, reason: 'other-mode' }];
        const lockClass = classOf(event.operation.lock) ?? '';
        if (event.finds === 'freed') return event.partner?.at === event.operation.at || isLeftByTask(fn, lockClass) || entry.at(fn).some((held) => classOf(held.lock) === lockClass) ? [] : [{ fn, event, reason: 'twice' }];
        if (event.finds !== 'nothing' || event.chain.length > 0 || leavesHeld.has(lockClass) || (givesBack.test(fn.name.split('.').pop()!) && !takesBeside(fn, lockClass))) return [];
        const callers = graph.callers.get(fn.id) ?? [];
        if (fn.closureOf !== undefined || graph.escaping.has(fn.id) || entry.at(fn).some((held) => classOf(held.lock) === lockClass && held.at !== event.operation.at)) return [];
        if (callers.some((site) => eventsOf(site.caller.id).some((one) => one.kind === 'acquire' && classOf(one.operation.lock) === lockClass))) return [];
        // A lock that is known by its methods only was given to the object by whoever knows which one it is.
        const type = typeOfPath(program, event.operation.lock);
        if (event.operation.lock.selectors.length > 0 && type.kind === 'primitive' && type.handle === true) return [];
        // Who was given the lock, or keeps it under a name that means something else by now, has it from somebody.
        const { root } = event.operation.lock;
        if (root.kind === 'variable' && root.variable.kind === 'parameter' && (fn.receiver === undefined || fn.params[0] !== root.variable)) return [];
        if (root.kind === 'variable' && gotHeld(fn, root.variable)) return [];
        return eventsOf(fn.id).some((one) => one.kind === 'lost' && classOf(one.held.lock) === lockClass) ? [] : [{ fn, event, reason: 'never-held' }];
      });
    }

    /** A task started here, or in a literal of this function, ends with such a lock held: who waits for its end has the lock. */
    function isLeftByTask(fn: Function, lockClass: string): boolean {
      return [fn, ...resultOf(literals).of(fn.id)].some(({ id }) => (graph.sites.get(id) ?? []).some((site) => site.kind === 'spawn'
        && site.targets.some((target) => eventsOf(target).some((event) => event.kind === 'exit' && event.states.some(({ held }) => held.some(({ lock }) => classOf(lock) === lockClass))))));
    }

    /** Takes another lock of the same object: then its name speaks of that one. */
    function takesBeside(fn: Function, lockClass: string): boolean {
      const owner = lockClass.slice(0, lockClass.lastIndexOf('.') + 1);
      return eventsOf(fn.id).some((event) => event.kind === 'acquire' && event.operation.lock.selectors.length > 0 && classOf(event.operation.lock)?.startsWith(owner) === true);
    }

    function earlyReturnsOf(fn: Function, events: readonly FlowEvent[], releases: readonly FlowEventOf<'release'>[]): EarlyReturn[] {
      const flow = controlFlow(fn);
      const manual = new Map<Location, FlowEventOf<'release'>[]>();
      for (const event of releases) {
        if (event.operation.deferred === true || event.chain.length > 0 || event.finds !== 'held' || event.partner === undefined) continue;
        const known = manual.get(event.partner.at);
        if (known === undefined) manual.set(event.partner.at, [event]); else known.push(event);
      }
      const returns = events.filter((event): event is FlowEventOf<'exit'> => event.kind === 'exit' && event.terminator.kind === 'return');
      if (manual.size === 0 || returns.length === 0) return [];
      return events.filter((event): event is FlowEventOf<'acquire'> => event.kind === 'acquire' && event.operation.deferred !== true && isIdentifiable(event.operation.lock)).flatMap((taken): EarlyReturn[] => {
        const key = pathKey(taken.operation.lock);
        const own = (manual.get(taken.operation.at) ?? []).filter((event) => pathKey(event.operation.lock) === key && flow.reaches(taken.point, event.point));
        const last = own.reduce<Location | undefined>((latest, event) => (latest === undefined || compareLocations(event.operation.at, latest) > 0 ? event.operation.at : latest), undefined);
        if (last === undefined) return [];
        const early = returns.flatMap((event) => {
          if (!isBetween(taken.operation.at, event.terminator.at, last)) return [];
          const release = own.find((one) => flow.dominates(one.point, event.point) && isBetween(taken.operation.at, one.operation.at, event.terminator.at) && flow.dominates(taken.point, one.point));
          return release === undefined ? [] : [{ at: event.terminator.at, released: release.operation.at }];
        });
        const [first] = early;
        return first === undefined ? [] : [{ fn, lock: { lock: taken.operation.lock, key, mode: taken.operation.mode, at: taken.operation.at, chain: [] }, at: first.at, released: first.released, last, count: early.length }];
      });
    }
  },
});

/** By places and not by lines: a function may stand in one. */
function isBetween(from: Location, at: Location, to: Location): boolean {
  return compareLocations(from, at) < 0 && compareLocations(at, to) < 0;
}

/** The object of the lock, found here, is what the caller gets: with its lock held. */
function isHolder(value: Value, { lock: { root } }: HeldLock): boolean {
  return value.kind === 'path' && value.path.selectors.length === 0 && root.kind === 'variable' && root.variable.kind === 'local' && value.path.root.kind === 'variable' && value.path.root.variable === root.variable;
}

/** Returned inside of an object: whose it is from now on. */
function carriesLock(value: Value, { lock }: HeldLock): boolean {
  return value.kind === 'allocation' && (value.fields ?? []).some((field) => ((field.value.kind === 'path' || field.value.kind === 'address') && sameInTask(field.value.path, lock)) || carriesLock(field.value, { lock } as HeldLock));
}

/** Called `lock`, `acquire`, ...: it leaves with the lock by design. */
function isAcquirer(fn: Function): boolean {
  const shortName = fn.name.split('.').pop()!;
  return fn.closureOf === undefined && handsOn.test(shortName) && /lock|acquire/i.test(shortName);
}

/** Leaves with an error: whoever asked for the lock believes that he did not get it. */
function isFailure(fn: Function, values: readonly Value[]): boolean {
  const type = fn.results.at(-1);
  const last = values.at(-1);
  return type?.kind === 'interface' && type.name === 'error' && last !== undefined && last.kind !== 'unknown' && !(last.kind === 'constant' && last.value === null);
}

/** Classes of which a method is a value (`mu.Unlock`): called by whoever gets it. */
function releasedLater(program: Program): ReadonlySet<string> {
  const found = new Set<string>();
  const collect = (value: Value): void => {
    if (value.kind === 'library') {
      const name = value.receiver?.kind === 'path' || value.receiver?.kind === 'address' ? classOf(value.receiver.path) : undefined;
      if (name !== undefined) found.add(name);
    } else if (value.kind === 'allocation') for (const field of value.fields ?? []) collect(field.value);
  };
  for (const fn of program.functions.values()) for (const block of fn.blocks) for (const operation of block.operations) eachValue(operation, collect);
  for (const fn of program.functions.values()) for (const { terminator } of fn.blocks) if (terminator.kind === 'return') terminator.values.forEach(collect);
  return found;
}

function carriesFunction(value: Value): boolean {
  return value.kind === 'closure' || value.kind === 'bound' || value.kind === 'library' || (value.kind === 'allocation' && (value.fields ?? []).some((field) => carriesFunction(field.value)));
}
