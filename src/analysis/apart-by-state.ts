import { classOf, variableAt, type AccessPath, type Function } from '../ir/index.js';
import { lockClass } from './access-guards.js';
import { accessTable, type Access } from './accesses.js';
import { defineAnalysis } from './analysis.js';
import { flowEvents } from './flow-events.js';
import type { FlowEventOf } from './lock-flow.js';
import { operations as operationTable } from './operations.js';
import type { Task } from './tasks.js';
import { isNothing, truthsAt, type Truth } from './truths.js';

/**
 * Do the object's own fields keep two accesses apart? A setting that nobody changes any more is found the one way by the one
 * side and the other way by the other; a flag is found raised under the lock by the one, or is raised as its task is started,
 * and found lowered under the same lock by the other; or both have won one compare-and-swap that is never undone.
 * Judged by the fields' classes, so it over-approximates: that the two mean one object is what the race is about.
 */
export interface ApartByState { readonly apart: (one: Access, task: Task, other: Access, otherTask: Task) => boolean }

export const apartByState = defineAnalysis<ApartByState>({
  name: 'apart-by-state',
  run(_program, resultOf) {
    const events = resultOf(flowEvents);
    const swapping = new Set(resultOf(operationTable).functionsWith('atomic'));
    const won = new Map<Access, readonly Swap[]>();
    const truthsOf = ({ fn, point }: Access): readonly Truth[] => truthsAt(fn, point);
    return {
      apart: (one, task, other, otherTask) => {
        const [own, theirs] = [truthsOf(one), truthsOf(other)];
        if (own.length + theirs.length === 0) return false;
        return haveOtherSettings(one, own, other, theirs) || haveWonTheSame(one, own, other, theirs) || foundLowered(one, own, task, other, theirs) || foundLowered(other, theirs, otherTask, one, own);
      },
    };

    function haveOtherSettings(one: Access, own: readonly Truth[], other: Access, theirs: readonly Truth[]): boolean {
      return own.some(({ path, holds }) => {
        const setting = settingOf(one, path);
        return setting !== undefined && theirs.some((truth) => truth.holds !== holds && settingOf(other, truth.path) === setting) && isUnchanged(setting);
      });
    }

    function isUnchanged(setting: string): boolean {
      return (resultOf(accessTable).groups.get(setting)?.accesses ?? []).every(({ write, fn }) => !write || fn.test || fn.role === 'initializer');
    }

    /** Of all calls that try, one wins, when nobody puts back what they expect to find. */
    function haveWonTheSame(one: Access, own: readonly Truth[], other: Access, theirs: readonly Truth[]): boolean {
      const mine = swapsOf(one, own);
      if (mine.length === 0) return false;
      const alsoWon = swapsOf(other, theirs);
      return mine.some(({ name, expects }) => alsoWon.some((swap) => swap.name === name) && (resultOf(accessTable).groups.get(name)?.accesses ?? []).every(({ operation }) => operation.op !== 'write' || (operation.value.kind === 'constant' && operation.value.value !== expects)));
    }

    function swapsOf(access: Access, known: readonly Truth[]): readonly Swap[] {
      let swaps = won.get(access);
      if (swaps === undefined) won.set(access, swaps = swapping.has(access.fn) ? known.flatMap((truth) => swapsFor(access.fn, truth)) : []);
      return swaps;
    }

    function swapsFor(fn: Function, { path, holds }: Truth): readonly Swap[] {
      const result = holds ? variableAt(path) : undefined;
      return result === undefined ? [] : fn.blocks.flatMap(({ operations }) => operations.flatMap((operation) => {
        const name = operation.op === 'write' && operation.result === result && operation.expects?.kind === 'constant' ? classOf(operation.path) : undefined;
        return name === undefined || operation.op !== 'write' || operation.expects?.kind !== 'constant' ? [] : [{ name, expects: operation.expects.value }];
      }));
    }

    /** The other side holds the lock and has found a flag lowered, which stands for as long as the first may be there. */
    function foundLowered(one: Access, own: readonly Truth[], task: Task, other: Access, theirs: readonly Truth[]): boolean {
      return theirs.some(({ path, holds, at }) => {
        const flag = holds ? undefined : settingOf(other, path);
        if (flag === undefined) return false;
        const locks = locksAtReading(other.fn, flag, at).filter((lock) => other.must.some((held) => lockClass(held) === lock));
        if (locks.length === 0) return false;
        return own.some((truth) => truth.holds && settingOf(one, truth.path) === flag && locksAtReading(one.fn, flag, truth.at).some((lock) => locks.includes(lock)))
          || (task.spawn !== undefined && raises(task.spawn.by, flag, locks));
      });
    }

    /** Locks under which the field is read last before it is asked. */
    function locksAtReading(fn: Function, flag: string, at: Truth['at']): readonly string[] {
      const reads = events.of(fn.id).filter((event): event is FlowEventOf<'access'> => event.kind === 'access' && event.operation.op === 'read' && classOf(event.operation.path) === flag);
      const near = reads.filter(({ point }) => point.block === at.block && point.index <= at.index);
      return (near.length > 0 ? near : reads).flatMap(({ locks }) => locks.must.flatMap((held) => lockClass(held) ?? []));
    }

    /** Whoever starts the task raises the flag under one of the locks. */
    function raises(fn: Function, flag: string, locks: readonly string[]): boolean {
      return events.of(fn.id).some((event) => event.kind === 'access' && event.operation.op === 'write' && classOf(event.operation.path) === flag && !isNothing(event.operation.value) && event.locks.must.some((held) => locks.includes(lockClass(held) ?? '')));
    }
  },
});

/** A compare-and-swap that has succeeded: the field's class, and what it found there. */
interface Swap { readonly name: string; readonly expects: unknown }

/** The field of the very object that is used, or of one that it is reached from. */
function settingOf(access: Access, path: AccessPath): string | undefined {
  if (path.selectors.length === 0 || path.root.kind !== 'variable' || access.path.root.kind !== 'variable' || path.root.variable !== access.path.root.variable || path.selectors.some(({ kind }) => kind !== 'field')) return undefined;
  return classOf(path);
}
