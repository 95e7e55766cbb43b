import { classOf, type Function, type FunctionId, type Location } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { controlFlow } from './control-flow.js';
import { entryLocks } from './entry-locks.js';
import { lateAdds } from './late-adds.js';
import { flowEvents } from './flow-events.js';
import type { FlowEventOf } from './lock-flow.js';
import { spawnOrder } from './spawn-order.js';
import { summaries } from './summaries.js';
import { mayOverlap, tasks, type Task } from './tasks.js';

/**
 * Which counters are raised by a task while another may already wait for them? Only tasks that are not counted
 * themselves: while a counted one runs the counter is not zero, and it may raise it further. Under-approximates: raises
 * that hold any lock, counters of locals, and raises by whoever calls from outside, who may well know when.
 */
export interface LateRaise { readonly fn: Function; readonly raise: FlowEventOf<'signal'>; readonly task: Task; readonly wait: { readonly fn: Function; readonly at: Location }; readonly waiter: Task; readonly counter: string }

export const lateRaises = defineAnalysis<readonly LateRaise[]>({
  name: 'late-raises',
  run(program, resultOf) {
    const summary = resultOf(summaries);
    const { of: eventsOf, functionsWith } = resultOf(flowEvents);
    const waits = new Map<string, { readonly fn: Function; readonly event: FlowEventOf<'wait'> }[]>();
    const raises = new Map<string, { readonly fn: Function; readonly event: FlowEventOf<'signal'> }[]>();
    for (const fn of functionsWith('wait', 'signal')) for (const event of fn.test ? [] : eventsOf(fn.id)) {
      if (event.kind !== 'wait' && event.kind !== 'signal') continue;
      const name = event.operation.what === 'counter' ? classOf(event.operation.on) : undefined;
      if (name === undefined || name.includes('#')) continue;
      if (event.kind === 'wait') push(waits, name, { fn, event });
      else if (isRaise(event)) push(raises, name, { fn, event });
    }
    const found: LateRaise[] = [];
    for (const [counter, sites] of raises) {
      const waiting = (waits.get(counter) ?? []).filter((wait) => !waitsBefore(wait.fn, wait.event));
      if (waiting.length === 0) continue;
      for (const { fn, event } of sites) {
        const root = event.operation.on.root.kind === 'variable' ? event.operation.on.root.variable : undefined;
        // A local holds what was just made, or fetched by whoever knows its state.
        if (root === undefined || (root.owner === fn.id && root.kind !== 'parameter')) continue;
        if (resultOf(entryLocks).at(fn).length + event.locks.may.length > 0 || countsItself(fn, event, counter) || resultOf(lateAdds).some((late) => late.add === event)) continue;
        const pair = meeting(fn, event, waiting, counter);
        if (pair !== undefined) { found.push({ fn, raise: event, counter, ...pair }); break; }
      }
    }
    return found;

    function meeting(fn: Function, raise: FlowEventOf<'signal'>, waiting: readonly { readonly fn: Function; readonly event: FlowEventOf<'wait'> }[], counter: string): Pick<LateRaise, 'task' | 'wait' | 'waiter'> | undefined {
      const running = resultOf(tasks);
      const order = resultOf(spawnOrder);
      for (const task of running.running(fn.id)) {
        if ((task.kind !== 'spawn' && task.kind !== 'handler') || isCounted(task, counter, 0)) continue;
        for (const wait of waiting) for (const waiter of running.running(wait.fn.id)) {
          if (waiter === task || !mayOverlap(task, waiter) || runsBoth(task, wait.fn.id)) continue;
          if (order.before(wait.fn, wait.event.point, task) || order.before(fn, raise.point, waiter) || order.after(wait.fn, wait.event.point, task) || order.after(fn, raise.point, waiter)) continue;
          return { task, wait: { fn: wait.fn, at: wait.event.operation.at }, waiter };
        }
      }
      return undefined;
    }

    /** The function has raised the counter for itself before, and lowers it only on leaving. */
    function countsItself(fn: Function, raise: FlowEventOf<'signal'>, counter: string): boolean {
      const flow = controlFlow(fn);
      const own = eventsOf(fn.id).filter((event): event is FlowEventOf<'signal'> => event.kind === 'signal' && event.operation.what === 'counter' && classOf(event.operation.on) === counter);
      return own.some((event) => event !== raise && isRaise(event) && flow.dominates(event.point, raise.point) && !flow.reaches(raise.point, event.point)) && !own.some((event) => !isRaise(event) && flow.reaches(event.point, raise.point));
    }

    /** Who waits for something else first may well wait for the end of whoever raises the counter. */
    function waitsBefore(fn: Function, wait: FlowEventOf<'wait'>): boolean {
      const flow = controlFlow(fn);
      return eventsOf(fn.id).some((event) => ((event.kind === 'receive' && event.choice === 'none') || (event.kind === 'wait' && event !== wait && event.operation.what === 'counter')) && flow.dominates(event.point, wait.point));
    }

    /** The same task comes to both: it raises and waits in turn. */
    function runsBoth(task: Task, id: FunctionId): boolean {
      return resultOf(tasks).runs(task, id);
    }

    /** The task lowers the counter when it ends, or is started by one that does. */
    function isCounted(task: Task, counter: string, depth: number): boolean {
      if (depth > 3) return true;
      if (task.spawn?.operation.group !== undefined && classOf(task.spawn.operation.group) === counter) return true;
      if (task.start.some((id) => lowers(id, counter))) return true;
      const above = task.spawn === undefined ? [] : resultOf(tasks).running(task.spawn.by.id).filter(({ kind }) => kind === 'spawn' || kind === 'handler');
      return above.length > 0 && above.every((starter) => starter !== task && isCounted(starter, counter, depth + 1));
    }

    function lowers(id: FunctionId, counter: string): boolean {
      const fn = program.functions.get(id);
      const literals = fn === undefined ? [] : eventsOf(id).flatMap((event) => (event.kind === 'call' ? summary.sitesAt(event.operation).flatMap((site) => (site.kind === 'spawn' ? [] : site.targets)) : []));
      return [id, ...literals].some((one) => eventsOf(one).some((event) => event.kind === 'signal' && event.operation.what === 'counter' && !isRaise(event) && classOf(event.operation.on) === counter));
    }
  },
});

function push<T>(table: Map<string, T[]>, name: string, item: T): void {
  const list = table.get(name);
  if (list === undefined) table.set(name, [item]); else list.push(item);
}

function isRaise({ operation: { delta } }: FlowEventOf<'signal'>): boolean {
  return delta === undefined || delta.kind !== 'constant' || (typeof delta.value === 'number' && delta.value > 0);
}
