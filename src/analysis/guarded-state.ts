import { classOf, printPath, type Function, type Location } from '../ir/index.js';
import { accessTable, type Access } from './accesses.js';
import { defineAnalysis } from './analysis.js';
import { entries, type Entry } from './entries.js';
import type { HeldLock } from './lock-state.js';
import { operations } from './operations.js';
import { suspensions } from './suspensions.js';

/**
 * Which writes of a cooperative program go past the lock that the rest of the code takes for the same field?
 * A guard is inferred when at least two places and two thirds of all hold it; a section under it must wait somewhere,
 * or it would need no lock; the odd place writes, so that the section finds another value after its wait.
 * Under-approximates: reads without the lock are whole, and are left out, as are constructors.
 */
export interface UnguardedWrite { readonly access: Access; readonly label: string; readonly guard: HeldLock; readonly guarded: number; readonly total: number; readonly section: { readonly access: Access; readonly stopAt: Location }; readonly entry: Entry }

export const unguardedWrites = defineAnalysis<readonly UnguardedWrite[]>({
  name: 'unguarded-writes',
  run(_program, resultOf) {
    if (resultOf(operations).functionsWith('acquire').length === 0) return [];
    const stops = resultOf(suspensions);
    const ways = resultOf(entries);
    const found: UnguardedWrite[] = [];
    for (const group of resultOf(accessTable).groups.values()) {
      const sites = distinct(group.accesses.filter((access) => !access.fn.test && access.fn.constructs !== true && access.fn.role !== 'initializer'));
      const byLock = new Map<string, Access[]>();
      for (const access of sites) for (const held of access.must) {
        const name = classOf(held.lock);
        if (name !== undefined) byLock.set(name, [...byLock.get(name) ?? [], access]);
      }
      for (const [name, under] of byLock) {
        if (under.length < 2 || under.length * 3 < sites.length * 2 || !under.some((access) => access.write)) continue;
        const section = under.map((access) => ({ access, stopAt: waitIn(access.fn) })).find((one) => one.stopAt !== undefined);
        if (section?.stopAt === undefined) continue;
        for (const access of sites) {
          if (!access.write || access.must.length > 0 || access.may.length > 0 || access.unsure.size > 0) continue;
          const root = access.path.root.kind === 'variable' ? access.path.root.variable : undefined;
          const entry = ways.overlapping(access.fn, root);
          const guard = section.access.must.find((held) => classOf(held.lock) === name);
          if (entry !== undefined && guard !== undefined) found.push({ access, label: group.label, guard, guarded: under.length, total: sites.length, section: { access: section.access, stopAt: section.stopAt }, entry });
        }
      }
    }
    return found;

    /** Where the section that holds the lock lets others run. */
    function waitIn(fn: Function): Location | undefined {
      return stops.in(fn).find((stop) => stop.full && stop.operation.reason === 'await')?.operation.at;
    }
  },
});

/** One access a line: reading the container and its entry is one use. */
function distinct(accesses: readonly Access[]): Access[] {
  const lines = new Map<string, Access>();
  for (const access of accesses) {
    const key = `${access.operation.at.file}:${access.operation.at.line} ${printPath(access.path).replace(/\[.*$/, '')}`;
    const known = lines.get(key);
    if (known === undefined || (access.write && !known.write)) lines.set(key, access);
  }
  return [...lines.values()];
}
