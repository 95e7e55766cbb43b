import type { AccessPath, FunctionId } from '../ir/index.js';
import { guardClasses, lockClass, ownSiblings, sameInstance } from './access-guards.js';
import type { Access } from './accesses.js';
import { defineAnalysis } from './analysis.js';
import { flowEvents } from './flow-events.js';

/**
 * What does a function's own locking say about an access in it? One that takes the lock of the object itself expects
 * company there, whatever it does before and after; a section in which one field alone is touched is there for that field.
 * Yes or no, of this function's body only; under-approximates: another name for the object is another object.
 */
export interface LockTakers {
  /** The function of the access takes, somewhere in its body, this lock of the very object that the access leads through. */
  readonly takes: (access: Access, lock: string) => boolean;
  /** A lock of the object is held at the access, and the function touches nothing else of the object under it. */
  readonly isSoleSubject: (access: Access) => boolean;
}

export const lockTakers = defineAnalysis<LockTakers>({
  name: 'lock-takers',
  run(_program, resultOf) {
    const events = resultOf(flowEvents);
    const taken = new Map<FunctionId, readonly AccessPath[]>();
    const takenBy = (id: FunctionId): readonly AccessPath[] => {
      let locks = taken.get(id);
      if (locks === undefined) taken.set(id, locks = events.of(id).flatMap((event) => (event.kind === 'acquire' ? [event.operation.lock] : [])));
      return locks;
    };
    return {
      takes: ({ fn, path }, wanted) => takenBy(fn.id).some((lock) => lockClass({ lock }) === wanted && sameRoot(lock, path) && sameInstance(lock, path)),
      isSoleSubject: (access) => {
        const own = ownSiblings(access);
        if (own.length === 0 || !takenBy(access.fn.id).some((lock) => own.includes(lockClass({ lock }) ?? ''))) return false;
        const classes = guardClasses(access);
        return events.of(access.fn.id).every((event) => event.kind !== 'access' || !sameRoot(event.operation.path, access.path) || event.operation.path.selectors.length === 0
          || fieldOf(event.operation.path) === fieldOf(access.path) || !event.locks.must.some((held) => classes.includes(lockClass(held) ?? '')));
      },
    };
  },
});

function sameRoot(a: AccessPath, b: AccessPath): boolean {
  return a.root.kind === 'variable' && b.root.kind === 'variable' && a.root.variable === b.root.variable;
}

function fieldOf({ selectors }: AccessPath): string {
  const first = selectors.find((selector) => selector.kind === 'field');
  return first?.kind === 'field' ? `${first.owner}.${first.name}` : '';
}
