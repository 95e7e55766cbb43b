import type { Function } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { callGraph, leadingTo, type Leading } from './call-graph.js';
import { controlFlow, samePoint, type Point } from './control-flow.js';
import { tasks, type Task } from './tasks.js';

/**
 * Is a task, such as the program's main one, done with a point, whichever way it comes there, before anything it calls leads to the
 * start of another task? That is asked of one instance: who may have several asks whether they have one object. The cleanup of a failed start: `if err := s.check(); err != nil { s.Close(); return err }; s.Start()`.
 * At each call on the way up to where the task starts, no other call that leads to the start may come first; the call itself may lead to both.
 * Leans to "not before": too many callers, or a loop around the call, and the answer is no.
 */
export interface MainOrder { readonly before: (task: Task, fn: Function, point: Point, other: Task) => boolean }

/** Functions looked at on the way up from a start, and calls on the way up from the point. */
const maxAbove = 400;
const maxWays = 64;

export const mainOrder = defineAnalysis<MainOrder>({
  name: 'main-order',
  run(_, resultOf) {
    const graph = resultOf(callGraph);
    const running = resultOf(tasks);
    const starters = new Map<Function, Leading>();

    return {
      before(task, fn, point, other) {
        if ((task.kind !== 'main' && task.kind !== 'spawn') || other.spawn === undefined || other === task) return false;
        const { by, point: start } = other.spawn;
        // Main leads to all that is started; of another task that has to be seen.
        if (task.kind === 'spawn' && !running.runs(task, by.id)) return false;
        let above = starters.get(by);
        if (above === undefined) starters.set(by, above = leadingTo(graph, by.id, maxAbove, ({ caller }) => !caller.test));
        if (!above.whole) return false;
        const { functions } = above;
        const seen = new Set<string>();
        const work: { readonly fn: Function; readonly at: Point }[] = [{ fn, at: point }];
        for (let step = work.pop(); step !== undefined; step = work.pop()) {
          const here = step;
          const key = `${here.fn.id} ${here.at.block} ${here.at.index}`;
          if (seen.has(key)) continue;
          seen.add(key);
          const flow = controlFlow(here.fn);
          if (seen.size > maxWays || flow.inLoop(here.at.block) || (here.fn === by && flow.reaches(start, here.at))) return false;
          if ((graph.sites.get(here.fn.id) ?? []).some((site) => !samePoint(site.at, here.at) && site.targets.some((target) => functions.has(target)) && flow.reaches(site.at, here.at))) return false;
          if (running.startsWith(task, here.fn.id)) continue;
          const sites = (graph.callers.get(here.fn.id) ?? []).filter((site) => site.kind !== 'spawn' && !site.caller.test && running.runs(task, site.caller.id));
          if (sites.length === 0) return false;
          for (const site of sites) work.push({ fn: site.caller, at: site.at });
        }
        return true;
      },
    };
  },
});
