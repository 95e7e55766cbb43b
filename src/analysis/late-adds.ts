import { classOf, type AccessPath, type Function, type FunctionId, type Location } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { callGraph, type CallSite } from './call-graph.js';
import { channels } from './channels.js';
import { controlFlow, type Point } from './control-flow.js';
import { flowEvents } from './flow-events.js';
import type { FlowEvent, FlowEventOf } from './lock-flow.js';
import { operations } from './operations.js';
import { toCaller } from './substitution.js';
import { tasks } from './tasks.js';

/**
 * Which tasks raise a counter only after they run, so that whoever waits for the counter may pass before?
 * The wait may stand in another function when the counter is a field. Silent when the starter has raised it too (the
 * count cannot be zero then), when the starter itself runs in a counted task, and when the task counts tasks of its own.
 */
export interface LateAdd { readonly fn: Function; readonly counter: AccessPath; readonly add: FlowEventOf<'signal'>; readonly spawn: CallSite; readonly wait: { readonly fn: Function; readonly at: Location } }

interface Wait { readonly fn: Function; readonly at: Location; readonly point: Point }

export const lateAdds = defineAnalysis<readonly LateAdd[]>({
  name: 'late-adds',
  run(program, resultOf) {
    const graph = resultOf(callGraph);
    const running = resultOf(tasks);
    const { of: eventsOf, all } = resultOf(flowEvents);
    const found: LateAdd[] = [];
    const waits = new Map<string, Wait[]>();
    for (const { fn, event } of all('wait')) {
      const name = event.operation.what === 'counter' ? classOf(event.operation.on) : undefined;
      if (name !== undefined) waits.set(name, [...(waits.get(name) ?? []), { fn, at: event.operation.at, point: event.point }]);
    }
    for (const { id } of resultOf(operations).functionsWith('spawn')) for (const site of graph.sites.get(id) ?? []) {
      if (site.kind !== 'spawn') continue;
      for (const target of site.targets) {
        const task = program.functions.get(target)!;
        for (const add of eventsOf(target).filter(raises)) {
          const counter = toCaller(add.operation.on, task, site.operation.args);
          const name = counter === undefined ? undefined : classOf(counter);
          if (counter === undefined || name === undefined || spawnsDeeper(target, add)) continue;
          const own = eventsOf(site.caller.id);
          const flow = controlFlow(site.caller);
          if (own.some((event) => raises(event) && classOf(event.operation.on) === name && (flow.reaches(event.point, site.at) || flow.reaches(site.at, event.point)))) continue;
          const wait = own.find((event): event is FlowEventOf<'wait'> => event.kind === 'wait' && classOf(event.operation.on) === name && flow.reaches(site.at, event.point));
          if (wait !== undefined) {
            if (!announced(site, target, add, wait)) found.push({ fn: task, counter, add, spawn: site, wait: { fn: site.caller, at: wait.operation.at } });
            continue;
          }
          const elsewhere = waits.get(name)?.find((one) => one.fn !== site.caller && one.fn !== task && (!one.fn.test || task.test));
          if (elsewhere !== undefined && !name.includes('#') && !counted(site, name) && !met(task, add, elsewhere)) found.push({ fn: task, counter, add, spawn: site, wait: elsewhere });
        }
      }
    }
    return found;

    /** The starter is itself a task of this counter, or runs in one: the count is not zero while it runs. */
    function counted(site: CallSite, name: string): boolean {
      return running.running(site.caller.id).some((one) => one.start.some((start) => eventsOf(start).some((event) => event.kind === 'signal' && classOf(event.operation.on) === name && !raises(event))));
    }

    /** The starter waits, before the wait proper, for something the task does after the add. */
    function announced(site: CallSite, target: FunctionId, add: FlowEventOf<'signal'>, wait: FlowEventOf<'wait'>): boolean {
      const inTask = controlFlow(program.functions.get(target)!);
      const flow = controlFlow(site.caller);
      const said = eventsOf(target).flatMap((event) => ((event.kind === 'send' || event.kind === 'close') && inTask.reaches(add.point, event.point) ? [classOf(event.kind === 'send' ? event.channel : event.operation.channel)] : []));
      return eventsOf(site.caller.id).some((event) => event.kind === 'receive' && said.includes(classOf(event.channel)) && flow.dominates(event.point, wait.point));
    }

    /** Whoever waits has first handed something, without room for it, to the task, which takes it after the add only. */
    function met(task: Function, add: FlowEventOf<'signal'>, wait: Wait): boolean {
      const flow = controlFlow(wait.fn);
      const inTask = controlFlow(task);
      return eventsOf(wait.fn.id).some((sent) => {
        if (sent.kind !== 'send' || sent.choice !== 'none' || !flow.dominates(sent.point, wait.point)) return false;
        const channel = resultOf(channels).of(sent.channel);
        return channel !== undefined && !channel.openToReceive && channel.makes.length > 0 && channel.makes.every(({ capacity }) => capacity === 0) && channel.receives.every((taken) => taken.fn === task && inTask.dominates(add.point, taken.point));
      });
    }

    function spawnsDeeper(task: FunctionId, add: FlowEventOf<'signal'>): boolean {
      const fn = program.functions.get(task)!;
      return (graph.sites.get(task) ?? []).some((inner) => inner.kind === 'spawn' && controlFlow(fn).reaches(add.point, inner.at));
    }
  },
});

function raises(event: FlowEvent): event is FlowEventOf<'signal'> {
  if (event.kind !== 'signal' || event.operation.what !== 'counter') return false;
  const { delta } = event.operation;
  return delta === undefined || delta.kind !== 'constant' || (typeof delta.value === 'number' && delta.value > 0);
}
