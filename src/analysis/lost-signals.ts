import { classOf, type AccessPath, type Function, type Location } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { callGraph } from './call-graph.js';
import { conditionLocks } from './condition-locks.js';
import { controlFlow, type Point } from './control-flow.js';
import { entryLocks } from './entry-locks.js';
import { flowEvents } from './flow-events.js';
import type { FlowEventOf } from './lock-flow.js';
import { summaries } from './summaries.js';

/**
 * Which signals of a condition can fall between a waiter's look and its wait? A signal whose function, and whose caller,
 * never takes the condition's lock before it: what it announces was changed without the lock.
 * Under-approximates: a signal that is repeated in a loop comes again, and a lock taken on any way before it counts.
 */
export interface LostSignal { readonly fn: Function; readonly event: FlowEventOf<'signal'>; readonly condition: AccessPath; readonly lock: string; /** The outermost caller without the lock. */ readonly from: Function; readonly wait: { readonly fn: Function; readonly at: Location } }

const maxCallers = 3;

export const lostSignals = defineAnalysis<readonly LostSignal[]>({
  name: 'lost-signals',
  run(_, resultOf) {
    const conditions = resultOf(conditionLocks);
    const summary = resultOf(summaries);
    const entry = resultOf(entryLocks);
    const graph = resultOf(callGraph);
    const waits = new Map<string, { readonly fn: Function; readonly at: Location }>();
    const events = resultOf(flowEvents);
    for (const { fn, event } of events.all('wait')) {
      const name = event.operation.what === 'condition' ? classOf(event.operation.on) : undefined;
      if (name !== undefined && !waits.has(name)) waits.set(name, { fn, at: event.operation.at });
    }
    return events.all('signal').flatMap(({ fn, event }): LostSignal[] => {
      if (event.operation.what !== 'condition') return [];
      const name = classOf(event.operation.on);
      const lock = conditions.of(event.operation.on)?.name;
      const wait = name === undefined ? undefined : waits.get(name);
      if (lock === undefined || wait === undefined || fn.test || controlFlow(fn).inLoop(event.point.block)) return [];
      const from = without(fn, event.point, lock, 0);
      return from === undefined ? [] : [{ fn, event, condition: event.operation.on, lock, from, wait }];
    });

    /** A function on the way to the point in which nobody has taken the lock before; undefined when somebody surely may have. */
    function without(fn: Function, point: Point, lock: string, depth: number): Function | undefined {
      const flow = controlFlow(fn);
      const takes = events.of(fn.id).some((event) => (event.kind === 'acquire' && conditions.classOf(event.operation.lock) === lock && flow.reaches(event.point, point))
        || (event.kind === 'call' && event.operation.op === 'call' && flow.reaches(event.point, point) && summary.sitesAt(event.operation).some((site) => [...summary.acquiresAt(site), ...summary.foreignAt(site)].some((taken) => conditions.classOf(taken.lock) === lock))));
      if (takes || entry.at(fn).some((held) => conditions.classOf(held.lock) === lock)) return undefined;
      const sites = (graph.callers.get(fn.id) ?? []).filter((site) => !site.caller.test);
      if (fn.exported || sites.length === 0) return fn;
      if (depth >= maxCallers) return undefined;
      for (const site of sites) {
        const from = site.kind === 'spawn' ? undefined : without(site.caller, site.at, lock, depth + 1);
        // Who calls through an interface may mean another object: such a caller is not named.
        if (from !== undefined) return site.certain ? from : fn;
      }
      return undefined;
    }
  },
});
