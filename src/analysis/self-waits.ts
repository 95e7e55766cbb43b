import type { Function, FunctionId, Location } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { callGraph } from './call-graph.js';
import { controlFlow, samePoint, type Point } from './control-flow.js';
import { dependsOnParameter, keptPromises, type PromiseWait, type Settling } from './kept-promises.js';
import { limitedWork } from './limited-work.js';
import { sharedState } from './shared-state.js';
import { suspensions } from './suspensions.js';

/**
 * Which waits can only be ended by the one who waits? A task waits for the promise of its own end; every settler of
 * a promise stands behind the wait for it; a task of a queue waits until the queue has no more tasks.
 * Under-approximates: a settler that anybody else may reach, even one, ends the question.
 */
export interface SelfWait {
  readonly kind: 'task' | 'settler' | 'queue';
  readonly fn: Function;
  readonly wait: { readonly at: Location; readonly text: string };
  readonly chain: PromiseWait['chain'];
  /** What would end the wait, and cannot. */
  readonly end: { readonly at: Location; readonly fn: Function; readonly text: string };
  readonly name: PromiseWait['path'];
}

export const selfWaits = defineAnalysis<readonly SelfWait[]>({
  name: 'self-waits',
  run(_program, resultOf) {
    const kept = resultOf(keptPromises);
    const graph = resultOf(callGraph);
    const state = resultOf(sharedState);
    const stops = resultOf(suspensions);
    const found: SelfWait[] = [];
    const tasks = new Set<Function>();
    for (const fn of kept.waiting) for (const { promise } of kept.waits(fn)) if (promise.task !== undefined) tasks.add(promise.task.fn);
    for (const task of tasks) for (const wait of kept.waits(task)) {
      const { promise } = wait;
      if (promise.task?.fn !== task || forgets(task, wait) || conditional(wait) || readsBefore(task, wait)) continue;
      found.push({ kind: 'task', fn: task, wait: { at: wait.at, text: 'waits for its own end' }, chain: wait.chain, name: wait.path, end: { at: promise.task.spawn.at, fn: promise.task.by, text: `keeps the promise of ${task.name}, which is fulfilled when ${task.name} has returned` } });
    }
    for (const fn of kept.waiting) for (const wait of kept.waits(fn)) {
      const { settlers } = wait.promise;
      if (settlers === undefined || settlers.length === 0 || wait.chain.length > 0 || !settlers.every((site) => behind(fn, wait.point, site))) continue;
      const [first] = settlers;
      found.push({ kind: 'settler', fn, wait: { at: wait.at, text: 'waits for a promise' }, chain: [], name: wait.path, end: { at: first!.at, fn: first!.fn, text: 'settles it, after the wait only' } });
    }
    for (const { within, wait, path, chain } of resultOf(limitedWork).idleWaits) {
      found.push({ kind: 'queue', fn: within.by, wait: { at: wait, text: 'waits until the queue is idle' }, chain, name: path, end: { at: within.at, fn: within.by, text: 'the queue is idle when this task has ended' } });
    }
    return found;

    /** The task lets go of its own promise on the way to the wait. */
    function forgets(task: Function, wait: PromiseWait): boolean {
      const flow = controlFlow(task);
      return state.in(task).some((touch) => touch.kind === 'write' && touch.location === wait.promise.location && flow.reaches(touch.point, wait.point));
    }

    /** Until it first waits the task runs inside the call that starts it, whose result is kept only then: what is waited for first is the promise before. */
    function readsBefore(task: Function, wait: PromiseWait): boolean {
      const flow = controlFlow(task);
      if (stops.in(task).some(({ point }) => flow.reaches(point, wait.point) && (!samePoint(point, wait.point) || flow.inLoop(point.block)))) return false;
      const [link] = wait.chain;
      const inner = link === undefined ? undefined : kept.waits(link.callee).find(({ at, chain }) => at === wait.at && chain.length === wait.chain.length - 1);
      return link === undefined || (inner !== undefined && readsBefore(link.callee, inner));
    }

    function conditional(wait: PromiseWait): boolean {
      const last = wait.chain.at(-1)?.callee;
      return last !== undefined && kept.waits(last).some((own) => own.chain.length === 0 && own.at === wait.at && dependsOnParameter(last, own.point));
    }

    /** The site runs after the wait in the same function, or in a function that is only called there. */
    function behind(fn: Function, point: Point, site: Settling): boolean {
      const flow = controlFlow(fn);
      if (site.fn === fn) return flow.dominates(point, site.point);
      if (site.fn.exported || site.fn.role !== undefined || graph.escaping.has(site.fn.id)) return false;
      const callers = callersOf(site.fn.id);
      return callers.length > 0 && callers.every(({ caller, at, kind }) => kind === 'call' && caller === fn && flow.dominates(point, at));
    }

    function callersOf(id: FunctionId): readonly { readonly caller: Function; readonly at: Point; readonly kind: string }[] {
      return [...graph.callers.get(id) ?? [], ...graph.passes.get(id) ?? []];
    }
  },
});
