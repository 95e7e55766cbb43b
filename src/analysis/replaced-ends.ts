import { classOf, type AccessPath, type Function, type Location, type Variable } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { callGraph } from './call-graph.js';
import { controlFlow, type Point } from './control-flow.js';
import { flowEvents } from './flow-events.js';
import { operations } from './operations.js';

/**
 * Which tasks close a channel through a field that the start of their successor replaces? The starting function ends the
 * predecessor, puts a new channel into the field and starts the next task, without waiting: the predecessor closes what it
 * finds there by then, and the successor closes it once more.
 * Under-approximates: only starters that themselves end a predecessor, by calling the cancel function which they replace.
 */
export interface ReplacedEnd {
  readonly starter: Function;
  /** Where the predecessor is ended, its channel replaced, and the next task started. */
  readonly ends: Location;
  readonly replaces: Location;
  readonly starts: Location;
  readonly task: Function;
  readonly close: { readonly at: Location; readonly channel: AccessPath };
}

export const replacedEnds = defineAnalysis<readonly ReplacedEnd[]>({
  name: 'replaced-ends',
  run(program, resultOf) {
    const graph = resultOf(callGraph);
    const { of: eventsOf } = resultOf(flowEvents);
    const found: ReplacedEnd[] = [];
    for (const starter of resultOf(operations).functionsWith('spawn')) {
      if (starter.test) continue;
      const ended = endedBefore(starter);
      if (ended.length === 0) continue;
      const flow = controlFlow(starter);
      for (const site of graph.sites.get(starter.id) ?? []) {
        const task = site.kind === 'spawn' && site.certain ? program.functions.get(site.targets[0]!) : undefined;
        const ends = ended.find(({ renewed }) => flow.dominates(renewed, site.at));
        if (task === undefined || ends === undefined) continue;
        for (const event of eventsOf(task.id)) {
          const name = event.kind === 'close' && event.operation.channel.selectors.at(-1)?.kind === 'field' ? classOf(event.operation.channel) : undefined;
          if (event.kind !== 'close' || name === undefined) continue;
          const renewal = renewals(starter, name).find(({ point }) => flow.dominates(point, site.at));
          if (renewal === undefined || eventsOf(starter.id).some((one) => one.kind === 'receive' && classOf(one.channel) === name && flow.reaches(one.point, renewal.point))) continue;
          found.push({ starter, ends: ends.at, replaces: renewal.at, starts: site.operation.at, task, close: { at: event.operation.at, channel: event.operation.channel } });
          break;
        }
      }
    }
    return found;
  },
});

/** Cancel functions in fields that are called and then replaced by that of a context made here. */
function endedBefore(fn: Function): readonly { readonly at: Location; readonly renewed: Point }[] {
  const cancels = new Set<Variable>();
  for (const { operations: own } of fn.blocks) for (const operation of own) if (operation.op === 'make' && operation.what === 'context' && operation.cancel !== undefined) cancels.add(operation.cancel);
  if (cancels.size === 0) return [];
  const flow = controlFlow(fn);
  const points = fn.blocks.flatMap(({ id, operations: own }) => own.map((operation, index) => ({ operation, point: { block: id, index } })));
  const calls = points.flatMap(({ operation, point }) => (operation.op === 'call' && 'value' in operation.callee && operation.callee.value?.kind === 'path' && operation.callee.value.path.selectors.length > 0 ? [{ at: operation.at, point, name: classOf(operation.callee.value.path) }]
    : operation.op === 'cancel' && operation.context.selectors.length > 0 ? [{ at: operation.at, point, name: classOf(operation.context) }] : []));
  return points.flatMap(({ operation, point }) => {
    const name = operation.op === 'write' && operation.value.kind === 'path' && operation.value.path.root.kind === 'variable' && cancels.has(operation.value.path.root.variable) ? classOf(operation.path) : undefined;
    const call = name === undefined ? undefined : calls.find((one) => one.name === name && flow.reaches(one.point, point));
    return call === undefined ? [] : [{ at: call.at, renewed: point }];
  });
}

/** Where a new channel is put into the field. */
function renewals(fn: Function, name: string): readonly { readonly at: Location; readonly point: Point }[] {
  const made = new Set<Variable>();
  for (const { operations: own } of fn.blocks) for (const operation of own) if (operation.op === 'make' && operation.what === 'channel' && operation.result.root.kind === 'variable' && operation.result.selectors.length === 0) made.add(operation.result.root.variable);
  return fn.blocks.flatMap(({ id, operations: own }) => own.flatMap((operation, index) => {
    const fresh = operation.op === 'make' ? operation.what === 'channel' && classOf(operation.result) === name
      : operation.op === 'write' && classOf(operation.path) === name && operation.value.kind === 'path' && operation.value.path.root.kind === 'variable' && made.has(operation.value.path.root.variable);
    return fresh ? [{ at: operation.at, point: { block: id, index } }] : [];
  }));
}
