import { classOf, pathKey, type Function, type FunctionId, type Location, type Value } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { callGraph } from './call-graph.js';
import { controlFlow } from './control-flow.js';
import { entryLocks } from './entry-locks.js';
import type { FlowEvent, FlowEventOf } from './lock-flow.js';
import { isIdentifiable, type HeldLock } from './lock-state.js';
import { summaries } from './summaries.js';

/**
 * Are a function's locks given back on every way out, and only those it holds?
 * Silent about functions that hand a lock on by design: those that never release it, return or keep what
 * releases it, are named or documented so, or whose callers release it.
 */
export interface LeftHeld { readonly fn: Function; readonly held: HeldLock; /** The exit, or the place where its variable is overwritten. */ readonly at: Location; readonly reason: 'exit' | 'overwritten'; /** A release that other ways reach. */ readonly releasedAt: Location }
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
    const summary = resultOf(summaries);
    const graph = resultOf(callGraph);
    const entry = resultOf(entryLocks);
    const leftHeld: LeftHeld[] = [];
    const strayReleases: StrayRelease[] = [];
    const earlyReturns: EarlyReturn[] = [];
    const eventsOf = (id: FunctionId): readonly FlowEvent[] => summary.of(id)?.events ?? [];
    const leavesHeld = new Set<string>();
    for (const fn of program.functions.values()) for (const event of eventsOf(fn.id)) {
      if (event.kind === 'exit') for (const state of event.states) { for (const held of state.held) leavesHeld.add(classOf(held.lock) ?? ''); if (state.unsure.size > 0) for (const held of event.locks.may) leavesHeld.add(classOf(held.lock) ?? ''); }
      if (event.kind === 'call' && event.operation.op === 'spawn') for (const held of event.locks.may) leavesHeld.add(classOf(held.lock) ?? '');
    }
    for (const fn of program.functions.values()) {
      const events = eventsOf(fn.id);
      const releases = events.filter((event): event is FlowEventOf<'release'> => event.kind === 'release');
      if (releases.length === 0) continue;
      leftHeld.push(...leftBy(fn, events, releases));
      strayReleases.push(...straysOf(fn, releases));
      earlyReturns.push(...earlyReturnsOf(fn, events, releases));
    }
    return { leftHeld, strayReleases, earlyReturns };

    function leftBy(fn: Function, events: readonly FlowEvent[], releases: readonly FlowEventOf<'release'>[]): LeftHeld[] {
      const found = new Map<string, LeftHeld>();
      const shortName = fn.name.split('.').pop()!;
      if (handsOn.test(shortName) && fn.closureOf === undefined && /lock|acquire/i.test(shortName)) return [];
      const exits = events.filter((event): event is FlowEventOf<'exit'> => event.kind === 'exit' && event.terminator.kind === 'return');
      // The caller's lock, given back for a while and taken again, is the caller's to release.
      const window = (held: HeldLock): boolean => releases.some((event) => pathKey(event.operation.lock) === held.key && (event.finds === 'nothing' || event.finds === 'sometimes'));
      const consider = (held: HeldLock, at: Location, reason: LeftHeld['reason']): void => {
        const key = held.key + held.at.line;
        const release = releases.find((event) => pathKey(event.operation.lock) === held.key && event.finds !== 'nothing' && event.operation.at !== held.at);
        if (found.has(key) || held.chain.length > 0 || !isIdentifiable(held.lock) || release === undefined || window(held) || isHandedOn(fn, held)) return;
        found.set(key, { fn, held, at, reason, releasedAt: release.operation.at });
      };
      for (const exit of exits) for (const state of exit.states) for (const held of state.held) {
        if (exits.every((other) => other.states.every((one) => one.held.some((h) => h.key === held.key)))) continue;
        if (exit.terminator.kind === 'return' && exit.terminator.values.some(carriesFunction)) continue;
        consider(held, exit.terminator.at, 'exit');
      }
      for (const event of events) if (event.kind === 'lost' && !event.locks.unsure.has(event.held.key)) consider(event.held, event.at, 'overwritten');
      return [...found.values()];
    }

    /** Somebody else releases it: a literal of this function, a documented contract, or the callers. */
    function isHandedOn(fn: Function, held: HeldLock): boolean {
      if (/\b(?:returns?|exits?)\b[^.]*\b(?:held|locked|holding)\b|\bcaller (?:must|should|has to)[^.]*\b(?:unlock|release)/i.test(fn.doc)) return true;
      for (const other of program.functions.values()) {
        if (other.closureOf === fn.id && eventsOf(other.id).some((event) => event.kind === 'release' && pathKey(event.operation.lock) === held.key && event.finds !== 'held')) return true;
      }
      const name = classOf(held.lock);
      return (graph.callers.get(fn.id) ?? []).some((site) => site.kind === 'call' && eventsOf(site.caller.id).some((event) => event.kind === 'release' && event.finds !== 'held' && classOf(event.operation.lock) === name));
    }

    function straysOf(fn: Function, releases: readonly FlowEventOf<'release'>[]): StrayRelease[] {
      return releases.flatMap((event): StrayRelease[] => {
        if (!isIdentifiable(event.operation.lock) || event.locks.unsure.has(pathKey(event.operation.lock))) return [];
        if (event.finds === 'other-mode') return [{ fn, event, reason: 'other-mode' }];
        const lockClass = classOf(event.operation.lock) ?? '';
        if (event.finds === 'freed') return event.partner?.at === event.operation.at || entry.at(fn).some((held) => classOf(held.lock) === lockClass) ? [] : [{ fn, event, reason: 'twice' }];
        if (event.finds !== 'nothing' || event.chain.length > 0 || leavesHeld.has(lockClass) || givesBack.test(fn.name.split('.').pop()!)) return [];
        const callers = graph.callers.get(fn.id) ?? [];
        if (fn.closureOf !== undefined || graph.escaping.has(fn.id) || entry.at(fn).some((held) => classOf(held.lock) === lockClass && held.at !== event.operation.at)) return [];
        if (callers.some((site) => eventsOf(site.caller.id).some((one) => one.kind === 'acquire' && classOf(one.operation.lock) === lockClass))) return [];
        return event.operation.lock.root.kind === 'variable' && event.operation.lock.root.variable.kind === 'parameter' && fn.receiver === undefined ? [] : [{ fn, event, reason: 'never-held' }];
      });
    }

    function earlyReturnsOf(fn: Function, events: readonly FlowEvent[], releases: readonly FlowEventOf<'release'>[]): EarlyReturn[] {
      const flow = controlFlow(fn);
      const manual = releases.filter((event) => event.operation.deferred !== true && event.chain.length === 0 && event.finds === 'held');
      return events.filter((event): event is FlowEventOf<'acquire'> => event.kind === 'acquire' && event.operation.deferred !== true && isIdentifiable(event.operation.lock)).flatMap((taken): EarlyReturn[] => {
        const key = pathKey(taken.operation.lock);
        const own = manual.filter((event) => pathKey(event.operation.lock) === key && flow.reaches(taken.point, event.point));
        const last = own.reduce<Location | undefined>((latest, event) => (latest === undefined || event.operation.at.line > latest.line ? event.operation.at : latest), undefined);
        if (last === undefined) return [];
        const early = events.flatMap((event) => {
          if (event.kind !== 'exit' || event.terminator.kind !== 'return' || event.terminator.at.line >= last.line || event.terminator.at.line <= taken.operation.at.line) return [];
          const release = own.find((one) => flow.dominates(one.point, event.point) && one.operation.at.line > taken.operation.at.line && one.operation.at.line <= event.terminator.at.line && flow.dominates(taken.point, one.point));
          return release === undefined ? [] : [{ at: event.terminator.at, released: release.operation.at }];
        });
        const [first] = early;
        return first === undefined ? [] : [{ fn, lock: { lock: taken.operation.lock, key, mode: taken.operation.mode, at: taken.operation.at, chain: [] }, at: first.at, released: first.released, last, count: early.length }];
      });
    }
  },
});

function carriesFunction(value: Value): boolean {
  return value.kind === 'closure' || value.kind === 'bound' || value.kind === 'library' || (value.kind === 'allocation' && (value.fields ?? []).some((field) => carriesFunction(field.value)));
}
