import { classOf, pathKey, type Function } from '../ir/index.js';
import { lockClass } from './access-guards.js';
import type { Access, AccessGroup } from './accesses.js';
import { defineAnalysis } from './analysis.js';
import { controlFlow, type Point } from './control-flow.js';
import { flowEvents } from './flow-events.js';
import type { FlowEvent, FlowEventOf } from './lock-flow.js';
import { outermostName } from './nesting.js';
import { ownership } from './ownership.js';
import { truthsAt } from './truths.js';

/**
 * Is what an access uses its own call's for the moment, although others find it at other times? The object was made and put
 * where others find it in the very section that the access is in, or the call has claimed the field: it found it empty under
 * a lock and filled it before the lock was released, and no other function sets it. Judged by what one function does, so it
 * over-approximates: a second object that the field is found in is taken for the same one.
 */
export interface OwnStretch { readonly isOwn: (access: Access, group: AccessGroup) => boolean }

export const ownStretch = defineAnalysis<OwnStretch>({
  name: 'own-stretch',
  run(_program, resultOf) {
    const events = resultOf(flowEvents);
    const owned = resultOf(ownership);
    return { isOwn: (access, group) => isPutInThisSection(access) || isClaimed(access, group) };

    /** `p.part = made(); p.part.field = x`, and a lock that is held from the one to the other. */
    function isPutInThisSection({ fn, point, path, must }: Access): boolean {
      const last = path.selectors.findLastIndex(({ kind }) => kind === 'field');
      if (last <= 0 || must.length === 0) return false;
      const holder = pathKey({ root: path.root, selectors: path.selectors.slice(0, last) });
      return setsOf(fn, holder, point).some(({ operation, point: set, locks }) => owned.ownsValue(fn, set, operation.value)
        && locks.must.some((held) => held.mode === 'exclusive' && must.some((other) => other.key === held.key) && !isReleasedBetween(fn, lockClass(held), set, point)));
    }

    function isClaimed({ fn, point, path, write, level }: Access, group: AccessGroup): boolean {
      if (write || level !== 'cell') return false;
      const own = outermostName(fn);
      if (!group.accesses.every((other) => !other.write || other.fn.test || other.fn.role === 'initializer' || outermostName(other.fn) === own)) return false;
      const key = pathKey(path);
      return setsOf(fn, key, point).some(({ point: set, locks }) => truthsAt(fn, set).some((truth) => !truth.holds && pathKey(truth.path) === key
        && locks.must.some((held) => held.mode === 'exclusive' && !isReleasedBetween(fn, lockClass(held), truth.at, set))));
    }

    /** Where the location is set on every way to the point. */
    function setsOf(fn: Function, key: string, point: Point): readonly Setting[] {
      return events.of(fn.id).filter((event): event is Setting => isSet(event) && pathKey(event.operation.path) === key && controlFlow(fn).dominates(event.point, point));
    }

    function isReleasedBetween(fn: Function, lock: string | undefined, from: Point, to: Point): boolean {
      const flow = controlFlow(fn);
      return events.of(fn.id).some((event) => event.kind === 'release' && event.operation.deferred !== true && classOf(event.operation.lock) === lock && flow.reaches(from, event.point) && flow.reachesAvoiding(event.point, to, [from]));
    }
  },
});

type Setting = FlowEventOf<'access'> & { readonly operation: { readonly op: 'write' } };

function isSet(event: FlowEvent): event is Setting {
  return event.kind === 'access' && event.operation.op === 'write';
}
