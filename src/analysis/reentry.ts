import { pathKey, sameInTask, type Function, type Location, type LockMode } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { classOf } from '../ir/index.js';
import { isIdentifiable, type CallChain, type HeldLock } from './lock-state.js';
import { summaries } from './summaries.js';

/**
 * Where does a task ask for a lock it already holds, itself or through calls? Same root and path in one task;
 * callees are seen through their summaries, calls with one possible target only.
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
}

export interface Reentries {
  readonly all: readonly Reentry[];
  /** Classes of locks that are taken exclusively somewhere: only then can readers wait behind a writer. */
  readonly written: ReadonlySet<string>;
}

export const reentries = defineAnalysis<Reentries>({
  name: 'reentry',
  run(program, resultOf) {
    const summary = resultOf(summaries);
    const all: Reentry[] = [];
    const written = new Set<string>();
    for (const fn of program.functions.values()) {
      const seen = new Set<string>();
      for (const event of summary.of(fn.id)?.events ?? []) {
        if (event.kind === 'acquire') {
          const { operation } = event;
          if (operation.mode === 'exclusive') written.add(classOf(operation.lock) ?? '');
          if (event.again !== undefined && !operation.tries && operation.deferred !== true) all.push({ fn, held: event.again.held, at: operation.at, mode: operation.mode, chain: [], acquiredAt: operation.at, acquiredIn: fn.name, always: event.again.always, others: event.locks.must });
        }
        if (event.kind !== 'call' || event.locks.may.length === 0) continue;
        for (const site of summary.sitesAt(event.operation)) {
          if (site.kind === 'spawn') continue;
          for (const acquired of summary.acquiresAt(site)) {
            const held = event.locks.may.find((entry) => entry.key === pathKey(acquired.lock) && sameInTask(entry.lock, acquired.lock) && isIdentifiable(entry.lock));
            // What hangs on a parameter is judged where the argument is known.
            if (held === undefined || acquired.requires.length > 0 || event.locks.unsure.has(held.key) || acquired.afterRelease.some((path) => pathKey(path) === held.key)) continue;
            const key = `${held.key} ${event.operation.at.line} ${acquired.mode}`;
            if (seen.has(key)) continue;
            seen.add(key);
            all.push({ fn, held, at: event.operation.at, mode: acquired.mode, chain: acquired.chain, acquiredAt: acquired.at, acquiredIn: acquired.function, always: event.locks.must.includes(held), others: event.locks.must });
          }
        }
      }
    }
    return { all, written };
  },
});
