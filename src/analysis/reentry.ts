import { classOf, pathKey, sameInTask, type AccessPath, type Function, type Location, type LockMode } from '../ir/index.js';
import type { AcquireEvent } from './acquisitions.js';
import { aliases, type Alias } from './aliases.js';
import { defineAnalysis } from './analysis.js';
import { excludedByFields } from './argument-tests.js';
import { callGraph, type CallSite } from './call-graph.js';
import { contractsOf } from './contracts.js';
import { entryLocks } from './entry-locks.js';
import { flowEvents } from './flow-events.js';
import type { FlowEventOf } from './lock-flow.js';
import { isIdentifiable, type CallChain, type HeldLock } from './lock-state.js';
import { summaries } from './summaries.js';

/**
 * Where does a task ask for a lock it already holds, itself or through calls? Same root and path in one task, or two
 * names of one object; callees are seen through their summaries, calls with one possible target only. Held is what the
 * function took, what the passer of a literal holds around it, and what a contract says of callers nobody sees.
 * Left out: tries, other instances, locks the callee gives back first, locks in doubt.
 */
export interface Reentry {
  readonly fn: Function;
  readonly held: HeldLock;
  /** Here: the acquire itself, or the call that leads to it. */
  readonly at: Location;
  readonly mode: LockMode;
  /** From `at` to the second acquire; empty when it stands here. */
  readonly chain: CallChain;
  readonly acquiredAt: Location;
  readonly acquiredIn: string;
  /** Held on every way to this point, not only on some. */
  readonly always: boolean;
  readonly others: readonly HeldLock[];
  /** The second acquire calls the lock by another name. */
  readonly alias?: { readonly name: AccessPath; readonly by: Alias['by'] };
  /** What says that the callers hold the lock. */
  readonly contract?: string;
}

export interface Reentries {
  readonly all: readonly Reentry[];
  /** Classes of locks that are taken exclusively somewhere: only then can readers wait behind a writer. */
  readonly written: ReadonlySet<string>;
}

/** A lock that is taken while others are held: here, or below a call. */
interface Taking { readonly lock: AccessPath; readonly mode: LockMode; readonly at: Location; readonly chain: CallChain; readonly acquiredAt: Location; readonly acquiredIn: string }

export const reentries = defineAnalysis<Reentries>({
  name: 'reentry',
  run(program, resultOf) {
    const summary = resultOf(summaries);
    const entry = resultOf(entryLocks);
    const graph = resultOf(callGraph);
    const names = resultOf(aliases);
    const all: Reentry[] = [];
    const written = new Set<string>();
    const events = resultOf(flowEvents);
    const taking = new Set(events.functionsWith('acquire', 'held'));
    for (const fn of program.functions.values()) {
      const inherited = inheritedBy(fn);
      if (inherited.length === 0 && !taking.has(fn)) continue;
      const seen = new Set<string>();
      const add = (held: HeldLock, taken: Taking, more: Pick<Reentry, 'always' | 'others' | 'alias' | 'contract'>): void => {
        const key = `${held.key} ${taken.at.line} ${taken.mode}`;
        if (seen.has(key)) return;
        seen.add(key);
        const { at, mode, chain, acquiredAt, acquiredIn } = taken;
        all.push({ fn, held, at, mode, chain, acquiredAt, acquiredIn, ...more });
      };
      for (const event of events.of(fn.id)) {
        if (event.kind === 'acquire') {
          const { operation } = event;
          if (operation.mode === 'exclusive') written.add(classOf(operation.lock) ?? '');
          if (operation.tries || operation.deferred === true) continue;
          const taken: Taking = { lock: operation.lock, mode: operation.mode, at: operation.at, chain: [], acquiredAt: operation.at, acquiredIn: fn.name };
          if (event.again !== undefined) all.push({ fn, ...taken, held: event.again.held, always: event.again.always, others: event.locks.must });
          else judge(taken, event.locks.may, event.locks.must, event.locks.unsure, []);
          byEntry(taken, event.given, []);
          continue;
        }
        if (event.kind !== 'call' || event.operation.op === 'spawn' || event.locks.may.length + inherited.length === 0) continue;
        for (const site of summary.sitesAt(event.operation)) {
          if (site.kind === 'spawn') continue;
          for (const acquired of summary.acquiresAt(site)) {
            // What hangs on a parameter is judged where the argument is known.
            if (acquired.requires.length > 0 || isLeftOut(fn, event, site, acquired)) continue;
            const taken: Taking = { lock: acquired.lock, mode: acquired.mode, at: event.operation.at, chain: acquired.chain, acquiredAt: acquired.at, acquiredIn: acquired.function };
            judge(taken, event.locks.may, event.locks.must, event.locks.unsure, acquired.afterRelease);
            byEntry(taken, event.given, acquired.afterRelease);
          }
        }
      }

      function judge(taken: Taking, may: readonly HeldLock[], must: readonly HeldLock[], unsure: ReadonlySet<string>, afterRelease: readonly AccessPath[]): void {
        const key = pathKey(taken.lock);
        const givenBack = (held: HeldLock): boolean => unsure.has(held.key) || afterRelease.some((path) => { const released = pathKey(path); return released === held.key || released === key; });
        const held = may.find((one) => one.key === key && sameInTask(one.lock, taken.lock) && isIdentifiable(one.lock));
        if (held !== undefined) {
          if (!givenBack(held)) add(held, taken, { always: must.includes(held), others: must });
          return;
        }
        const alike = sameByAlias(fn, may, taken.lock);
        if (alike !== undefined && !givenBack(alike.held)) add(alike.held, taken, { always: must.includes(alike.held), others: must, alias: { name: taken.lock, by: alike.by } });
      }

      function byEntry(taken: Taking, given: readonly AccessPath[], afterRelease: readonly AccessPath[]): void {
        if (inherited.length === 0) return;
        const key = pathKey(taken.lock);
        const found = inherited.find(({ held }) => held.key === key && isIdentifiable(held.lock));
        if (found !== undefined && ![...given, ...afterRelease].some((path) => pathKey(path) === key)) add(found.held, taken, { always: true, others: [found.held], ...(found.contract === undefined ? {} : { contract: found.contract }) });
      }
    }
    return { all, written };

    /** The callee takes the lock itself, and not when a field says what the caller has just set it to. */
    function isLeftOut(fn: Function, { point }: FlowEventOf<'call'>, site: CallSite, { chain, at }: AcquireEvent): boolean {
      const callee = site.kind === 'call' && site.targets.length === 1 && chain.length === 1 ? program.functions.get(site.targets[0]!) : undefined;
      const taking = callee === undefined ? undefined : events.of(callee.id).find((one) => one.kind === 'acquire' && one.operation.at === at);
      return callee !== undefined && taking !== undefined && excludedByFields(callee, taking.point, fn, point, site.operation.args);
    }

    /** Locks a function starts with that no caller's own report speaks of: a literal's passers have no chain to what it calls, unseen callers no report. */
    function inheritedBy(fn: Function): readonly { readonly held: HeldLock; readonly contract?: string }[] {
      if (fn.closureOf !== undefined) return graph.escaping.has(fn.id) || !graph.passes.has(fn.id) ? [] : entry.at(fn).map((held) => ({ held }));
      if ((fn.doc === '' && fn.asserts === undefined) || !(graph.callers.get(fn.id) ?? []).every((site) => site.caller.test)) return [];
      return contractsOf(program, fn).flatMap((contract) => {
        const held = contract.kind !== 'requires' || contract.vague || contract.source === 'suffix' || contract.found === 'main' ? undefined : entry.at(fn).find((one) => one.key === pathKey(contract.lock));
        return held === undefined ? [] : [{ held, contract: contract.text }];
      });
    }

    /** A held lock of the class that is this very lock under another name. */
    function sameByAlias(fn: Function, may: readonly HeldLock[], lock: AccessPath): { readonly held: HeldLock; readonly by: Alias['by'] } | undefined {
      const name = classOf(lock);
      for (const held of may) {
        if (name === undefined || !isIdentifiable(held.lock) || classOf(held.lock) !== name) continue;
        const wanted = names.of(fn, lock);
        const own = names.of(fn, held.lock);
        if (wanted === undefined && own === undefined) continue;
        if (pathKey(wanted?.path ?? lock) === pathKey(own?.path ?? held.lock)) return { held, by: wanted?.by === 'back-pointer' || own?.by === 'back-pointer' ? 'back-pointer' : 'construction' };
      }
      return undefined;
    }
  },
});
