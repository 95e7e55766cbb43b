import { classOf, type AccessPath, type Function, type Location } from '../ir/index.js';
import { accessTable, type Access } from './accesses.js';
import { defineAnalysis } from './analysis.js';
import { controlFlow } from './control-flow.js';
import type { HeldLock } from './lock-state.js';
import { operations } from './operations.js';
import { suspensions, type Suspension } from './suspensions.js';

/**
 * Which collections leave the lock that guards them, although sections under that lock leave them half changed while
 * they wait? The collection itself is returned from under the lock, and another section changes its content before
 * and after a suspension: whoever got the reference sees the middle of it.
 * Under-approximates: references that leave by a store, and sections that change the content once only, are left out.
 */
export interface TornReference { readonly fn: Function; readonly at: Location; readonly path: AccessPath; readonly group: string; readonly held: HeldLock; readonly section: { readonly first: Access; readonly stop: Suspension; readonly second: Access } }

export const tornReferences = defineAnalysis<readonly TornReference[]>({
  name: 'torn-references',
  run(program, resultOf) {
    if (resultOf(operations).functionsWith('acquire').length === 0) return [];
    const { groups } = resultOf(accessTable);
    const stops = resultOf(suspensions);
    const torn = new Map<string, { lock: string; section: TornReference['section'] }>();
    for (const group of groups.values()) {
      const section = sectionOf(group.accesses);
      if (section !== undefined) torn.set(group.name, section);
    }
    if (torn.size === 0) return [];
    const found: TornReference[] = [];
    for (const fn of program.functions.values()) {
      if (fn.test || fn.generated || fn.constructs === true) continue;
      for (const block of fn.blocks) {
        if (block.terminator.kind !== 'return') continue;
        for (const value of block.terminator.values) {
          const path = value.kind === 'path' ? value.path : undefined;
          const last = path?.selectors.at(-1);
          const name = path === undefined || last?.kind !== 'field' ? undefined : classOf(path);
          const known = name === undefined ? undefined : torn.get(name);
          if (path === undefined || name === undefined || known === undefined) continue;
          const access = groups.get(name)!.accesses.find((one) => one.fn === fn && !one.write && one.level === 'cell' && one.must.some((held) => classOf(held.lock) === known.lock));
          const held = access?.must.find((one) => classOf(one.lock) === known.lock);
          if (held !== undefined && !replaces(groups.get(name)!.accesses, fn)) found.push({ fn, at: block.terminator.at, path, group: name, held, section: known.section });
        }
      }
    }
    return found;

    /** A function under the lock that changes the content, waits and changes it again. */
    function sectionOf(accesses: readonly Access[]): { lock: string; section: TornReference['section'] } | undefined {
      const writes = accesses.filter((access) => access.write && access.level !== 'cell' && access.must.length > 0 && !access.fn.test && access.fn.constructs !== true);
      for (const first of writes) for (const second of writes) {
        if (first.fn !== second.fn) continue;
        const [from, to] = [first.point, second.point];
        const stop = first === second ? (controlFlow(first.fn).inLoop(from.block) ? stops.between(first.fn, from, to) : undefined) : stops.between(first.fn, from, to);
        const lock = first.must.map((held) => classOf(held.lock)).find((name) => name !== undefined && second.must.some((held) => classOf(held.lock) === name));
        if (stop?.full === true && stop.operation.reason === 'await' && lock !== undefined) return { lock, section: { first, stop, second } };
      }
      return undefined;
    }

    /** Who puts another collection into the field hands the old one over. */
    function replaces(accesses: readonly Access[], fn: Function): boolean {
      return accesses.some((access) => access.fn === fn && access.write && access.level === 'cell');
    }
  },
});
