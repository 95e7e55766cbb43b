import { classOf, type AccessPath, type Function, type Location } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { controlFlow } from './control-flow.js';
import { entryLocks } from './entry-locks.js';
import { keptPromises, type PromiseWait, type Settling } from './kept-promises.js';
import type { CallChain, HeldLock } from './lock-state.js';
import { summaries } from './summaries.js';

/**
 * Who waits, with a lock held, for a promise that is only brought to its end by code that takes the same lock first?
 * The end of a task needs the lock when anything the task waits for takes it; a settled promise, when each of its
 * settlers has taken it. Locks are one by their class, and both sides reach theirs from the object they belong to.
 */
export interface LockedPromise {
  readonly wait: PromiseWait;
  readonly held: HeldLock;
  readonly need: { readonly fn: Function; readonly at: Location; readonly chain: CallChain };
  readonly end: { readonly fn: Function; readonly at: Location; readonly text: string };
}

export const lockedPromises = defineAnalysis<readonly LockedPromise[]>({
  name: 'locked-promises',
  run(_program, resultOf) {
    const kept = resultOf(keptPromises);
    if (kept.waiting.length === 0) return [];
    const summary = resultOf(summaries);
    const entry = resultOf(entryLocks);
    const found: LockedPromise[] = [];
    for (const fn of kept.waiting) for (const wait of kept.waits(fn)) {
      const event = (summary.of(fn.id)?.events ?? []).find((one) => one.point.block === wait.point.block && one.point.index === wait.point.index);
      const locks = [...event?.locks.must ?? [], ...entry.at(fn)].filter((held) => event?.locks.unsure.has(held.key) !== true);
      for (const held of locks) {
        const needed = needOf(wait, held);
        if (needed !== undefined) { found.push({ wait, held, ...needed }); break; }
      }
    }
    return found;

    function needOf({ promise }: PromiseWait, held: HeldLock): Pick<LockedPromise, 'need' | 'end'> | undefined {
      const { task, settlers } = promise;
      if (task !== undefined) {
        const acquired = (summary.of(task.fn.id)?.acquires ?? []).find((one) => sameLock(one.lock, held.lock));
        return acquired === undefined ? undefined : { need: { fn: task.fn, at: acquired.at, chain: acquired.chain }, end: { fn: task.fn, at: task.fn.at, text: `${task.fn.name} ends` } };
      }
      const needs = (settlers ?? []).map((site) => ({ site, need: lockBefore(site, held.lock) }));
      const [first] = needs;
      if (first?.need === undefined || needs.some(({ need }) => need === undefined)) return undefined;
      return { need: first.need, end: { fn: first.site.fn, at: first.site.at, text: 'settles it' } };
    }

    function lockBefore(site: Settling, lock: AccessPath): LockedPromise['need'] | undefined {
      const { fn, point } = site;
      const inherited = entry.at(fn).find((held) => sameLock(held.lock, lock));
      if (inherited !== undefined) return { fn, at: inherited.at, chain: [] };
      const flow = controlFlow(fn);
      for (const event of summary.of(fn.id)?.events ?? []) if (event.kind === 'acquire' && !event.operation.tries && sameLock(event.operation.lock, lock) && flow.dominates(event.point, point)) return { fn, at: event.operation.at, chain: [] };
      return undefined;
    }
  },
});

function sameLock(a: AccessPath, b: AccessPath): boolean {
  const name = classOf(a);
  return name !== undefined && name === classOf(b) && !name.includes('[]');
}
