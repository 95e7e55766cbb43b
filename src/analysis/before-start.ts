import type { Function, FunctionId, Program } from '../ir/index.js';
import type { Access } from './accesses.js';
import { defineAnalysis } from './analysis.js';
import { callGraph, leadingTo, type CallSite } from './call-graph.js';
import { controlFlow, samePoint, type Point } from './control-flow.js';
import { tasks, type Task } from './tasks.js';

/**
 * Is an access over before anybody can start the other task, however many starts lie between? A function that nobody comes
 * to the start without is asked for: in it, all that leads to the access comes before all that leads to the start.
 * `spawn-order.ts` asks this of one start and proves it; here several starts may follow each other, and callers that are not
 * seen are left out, so it says too much of them. Bounded: what lies farther away is not before anything.
 */
export interface BeforeStart { readonly setsUp: (access: Access, task: Task) => boolean }

/** Functions looked at on the way up, and calls from the access up to the function that orders the two. */
const maxSeen = 400;
const maxUp = 4;
const maxCandidates = 24;

export const beforeStart = defineAnalysis<BeforeStart>({
  name: 'before-start',
  run(program, resultOf) {
    const graph = resultOf(callGraph);
    const running = resultOf(tasks);
    const leading = new Map<FunctionId, ReadonlySet<FunctionId>>();
    const callersOf = (id: FunctionId): readonly CallSite[] => (graph.callers.get(id) ?? []).filter((site) => !site.caller.test);
    /** Functions from which calls and starts lead to this one, itself included. */
    const leadTo = (to: FunctionId): ReadonlySet<FunctionId> => {
      let known = leading.get(to);
      if (known === undefined) leading.set(to, known = leadingTo(graph, to, maxSeen, ({ caller }) => !caller.test).functions);
      return known;
    };
    const callingWays = new Map<Function, Map<Function, readonly Point[]>>();
    const startingWays = new Map<Function, Map<Function, readonly Point[]>>();
    const answers = new Map<Access, Map<Task, boolean>>();
    return {
      setsUp: (access, task) => {
        if (task.spawn === undefined) return false;
        let own = answers.get(access);
        if (own === undefined) answers.set(access, own = new Map());
        let answer = own.get(task);
        if (answer === undefined) own.set(task, answer = isSetUp(access, task.spawn));
        return answer;
      },
    };

    function isSetUp({ fn, point }: Access, spawn: NonNullable<Task['spawn']>): boolean {
      const seen = new Set<Function>([fn]);
      let level: readonly Function[] = [fn];
      for (let up = 0; up <= maxUp && level.length > 0 && seen.size < maxCandidates; up++) {
        for (const one of level) if (leadTo(spawn.by.id).has(one.id) && isInOrder(one, fn, point, spawn) && (one === fn || runsOnce(one)) && isOnlyWay(program, one, spawn.by, callersOf) && isOnlyWay(program, one, fn, callersOf)) return true;
        level = level.flatMap((one) => callersOf(one.id).flatMap(({ caller, kind }) => (kind === 'spawn' || seen.has(caller) ? [] : [caller])));
        for (const one of level) seen.add(one);
      }
      return false;
    }

    /** Where a call, or a start as well, leads from the one function to the other. */
    function waysTo(fn: Function, to: Function, byStarts: boolean): readonly Point[] {
      const table = byStarts ? startingWays : callingWays;
      let own = table.get(fn);
      if (own === undefined) table.set(fn, own = new Map());
      let points = own.get(to);
      if (points === undefined) {
        const above = leadTo(to.id);
        own.set(to, points = (graph.sites.get(fn.id) ?? []).flatMap((site) => ((byStarts || site.kind !== 'spawn') && site.targets.some((target) => above.has(target)) ? [site.at] : [])));
      }
      return points;
    }

    function runsOnce(fn: Function): boolean {
      const list = running.running(fn.id);
      return list.length > 0 && list.every((task) => !task.multiple);
    }

    /** In this function, what leads to the access comes before what leads to the start. */
    function isInOrder(fn: Function, to: Function, point: Point, { by, point: started }: NonNullable<Task['spawn']>): boolean {
      const flow = controlFlow(fn);
      const starts = fn === by ? [started] : waysTo(fn, by, true);
      const points = fn === to ? [point] : waysTo(fn, to, false);
      return points.length > 0 && starts.length > 0 && points.every((one) => starts.some((start) => flow.reaches(one, start)) && !starts.some((start) => samePoint(one, start) || flow.reaches(start, one)));
    }
  },
});

/** As far as callers are seen, nobody comes to the function but through this one. */
function isOnlyWay(program: Program, through: Function, to: Function, callersOf: (id: FunctionId) => readonly CallSite[]): boolean {
  if (through === to) return true;
  const seen = new Set<FunctionId>([through.id]);
  const work = [to.id];
  for (let id = work.pop(); id !== undefined; id = work.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    const sites = callersOf(id);
    if (seen.size > maxSeen || sites.length === 0 || program.functions.get(id)?.role !== undefined) return false;
    for (const { caller } of sites) work.push(caller.id);
  }
  return true;
}
