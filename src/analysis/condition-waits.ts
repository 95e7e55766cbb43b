import { classOf, type AccessPath, type Function, type Value } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { callGraph } from './call-graph.js';
import { conditionLocks, type ConditionLock, type ConditionLocks } from './condition-locks.js';
import { controlFlow, type Point } from './control-flow.js';
import { entryLocks } from './entry-locks.js';
import { flowEvents } from './flow-events.js';
import type { FlowEventOf } from './lock-flow.js';
import type { HeldLock } from './lock-state.js';

/**
 * Which waits on a condition are not what its contract asks for: in a loop that looks again before the lock is
 * given back, with the condition's lock held? A loop of the only callers counts, and so does a lock of the callers.
 * Under-approximates: a condition whose lock was not seen is taken to be held.
 */
export interface ConditionWait { readonly fn: Function; readonly wait: FlowEventOf<'wait'>; readonly lock: ConditionLock | undefined }
/** `instead`: the lock is held, but the wait gives back its other side. */
export interface WaitWithoutLock extends ConditionWait { readonly lock: ConditionLock; readonly instead?: HeldLock }
export interface ConditionWaits { readonly outsideLoop: readonly ConditionWait[]; readonly withoutLock: readonly WaitWithoutLock[] }

export const conditionWaits = defineAnalysis<ConditionWaits>({
  name: 'condition-waits',
  run(_, resultOf) {
    const events = resultOf(flowEvents);
    const graph = resultOf(callGraph);
    const entry = resultOf(entryLocks);
    const locks = resultOf(conditionLocks);
    const outsideLoop: ConditionWait[] = [];
    const withoutLock: WaitWithoutLock[] = [];
    for (const { fn, event } of events.all('wait')) {
      if (event.operation.what !== 'condition') continue;
      const lock = locks.of(event.operation.on);
      if (!looksAgain(fn, event, lock?.name)) outsideLoop.push({ fn, wait: event, lock });
      if (lock === undefined) continue;
      const instead = otherSide(event, lock, locks);
      if (instead !== undefined) withoutLock.push({ fn, wait: event, lock, instead });
      else if (!maybeHeld(fn, event, lock.name, event.operation.on)) withoutLock.push({ fn, wait: event, lock });
    }
    return { outsideLoop, withoutLock };

    function looksAgain(fn: Function, wait: FlowEventOf<'wait'>, lock: string | undefined, depth = 0): boolean {
      const flow = controlFlow(fn);
      if (flow.inLoop(wait.point.block)) {
        const given = events.of(fn.id).flatMap((event) => (event.kind === 'release' && (lock === undefined || locks.classOf(event.operation.lock) === lock) ? [event.point] : []));
        if (given.length === 0 || flow.reachesAvoiding(wait.point, wait.point, given)) return true;
        // The loop around it takes the lock anew on each turn: what matters is whether the question before the wait is asked again before the way on.
        return !fn.blocks.some(({ id, operations, terminator }) => {
          if (terminator.kind !== 'branch' || terminator.loop === true || !flow.inLoop(id)) return false;
          const question = { block: id, index: operations.length };
          return flow.dominates(question, wait.point) && [terminator.onTrue, terminator.onFalse].every((way) => way === wait.point.block || flow.reachesAvoiding(wait.point, { block: way, index: -1 }, [question])) && usedAfter(fn, wait, question, terminator.condition);
        });
      }
      const sites = (graph.callers.get(fn.id) ?? []).filter((site) => site.kind === 'call');
      // A helper that only waits leaves the looking to its callers.
      return depth < 3 && sites.length > 0 && sites.every((site) => controlFlow(site.caller).inLoop(site.at.block));
    }

    /** Somebody who is woken for nothing and finds nothing to do does no harm: what the question is about must be used on the way on. */
    function usedAfter(fn: Function, wait: FlowEventOf<'wait'>, question: Point, condition: Value): boolean {
      const asked = new Set(pathsIn(condition).flatMap((path) => classOf(path) ?? []));
      return events.of(fn.id).some((event) => event.kind === 'access' && [...asked].some((name) => classOf(event.operation.path)?.startsWith(name) === true) && controlFlow(fn).reachesAvoiding(wait.point, event.point, [{ block: question.block, index: -1 }, question]));
    }

    function maybeHeld(fn: Function, wait: FlowEventOf<'wait'>, lock: string, on: AccessPath): boolean {
      if (wait.locks.unsure.size > 0 || wait.locks.may.some((held) => locks.classOf(held.lock) === lock)) return true;
      if (entry.at(fn).some((held) => locks.classOf(held.lock) === lock) || entry.partly(fn).some(({ held }) => locks.classOf(held.lock) === lock)) return true;
      // The caller hands the condition in: the lock is his.
      if (on.selectors.length === 0 && on.root.kind === 'variable' && on.root.variable.kind === 'parameter') return true;
      return fn.closureOf !== undefined && !(graph.callers.get(fn.id) ?? []).every((site) => site.kind === 'spawn');
    }
  },
});

/** The lock as it is held for certain, on that side only which the wait does not give back. */
function otherSide({ locks }: FlowEventOf<'wait'>, lock: ConditionLock, { classOf }: ConditionLocks): HeldLock | undefined {
  if (locks.unsure.size > 0) return undefined;
  const held = locks.may.filter((one) => classOf(one.lock) === lock.name);
  return held.every((one) => one.mode !== lock.mode) ? locks.must.find((one) => classOf(one.lock) === lock.name) : undefined;
}

function pathsIn(value: Value): readonly AccessPath[] {
  switch (value.kind) {
    case 'path': return [value.path];
    case 'length': case 'capacity': return [value.of];
    case 'not': return pathsIn(value.operand);
    case 'binary': return [...pathsIn(value.left), ...pathsIn(value.right)];
    default: return [];
  }
}
