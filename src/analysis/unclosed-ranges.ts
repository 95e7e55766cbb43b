import { classOf, type Function, type Location } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { channels, type ChannelOperation } from './channels.js';
import { controlFlow } from './control-flow.js';
import { flowEvents } from './flow-events.js';
import { tasks } from './tasks.js';
import { wayOut } from './ways.js';

/**
 * Which tasks range over a channel that nobody ends, while somebody waits for them? All that may use the channel is
 * known, somebody sends on it and nobody closes it; the loop has no other way out, and the task lowers a counter after it.
 * Under-approximates: one cell that code outside may reach ends the question.
 */
/** `wait`: who waits for the looping task, which reports its end by this counter. */
export interface UnclosedRange { readonly range: ChannelOperation<'receive'>; readonly send: ChannelOperation<'send'>; readonly wait: { readonly fn: Function; readonly at: Location; readonly counter: string } }

export const unclosedRanges = defineAnalysis<readonly UnclosedRange[]>({
  name: 'unclosed-ranges',
  run(_, resultOf) {
    const events = resultOf(flowEvents);
    const running = resultOf(tasks);
    const waits = new Map<string, { readonly fn: Function; readonly at: Location; readonly counter: string }>();
    for (const { fn, event } of events.all('wait')) {
      const counter = !fn.test && event.operation.what === 'counter' ? classOf(event.operation.on) : undefined;
      if (counter !== undefined && !waits.has(counter)) waits.set(counter, { fn, at: event.operation.at, counter });
    }
    const found: UnclosedRange[] = [];
    for (const channel of resultOf(channels).all) {
      if (channel.makes.length === 0 || channel.closes.length > 0 || channel.openToSend || channel.sends.length === 0) continue;
      for (const range of channel.receives) {
        const wait = joined(range);
        if (wait !== undefined) { found.push({ range, send: channel.sends[0]!, wait }); break; }
      }
    }
    return found;

    /** The counter that the looping task lowers when it ends, if somebody waits for it and the loop has no other end. */
    function joined({ fn, point, path }: ChannelOperation<'receive'>): UnclosedRange['wait'] | undefined {
      const { terminator, operations } = fn.blocks[point.block]!;
      const operation = operations[point.index];
      const ranges = terminator.kind === 'branch' && terminator.loop === true && operation?.op === 'receive' && operation.ok !== undefined && terminator.condition.kind === 'path' && terminator.condition.path.root.kind === 'variable' && terminator.condition.path.root.variable === operation.ok;
      if (!ranges || fn.test || !running.running(fn.id).some((task) => task.kind === 'spawn' && task.start.includes(fn.id))) return undefined;
      const ends = events.of(fn.id).flatMap((event) => (event.kind === 'signal' && event.operation.what === 'counter' && !controlFlow(fn).inLoop(event.point.block) ? classOf(event.operation.on) ?? [] : []));
      const counter = ends.find((name) => waits.has(name));
      const leaves = wayOut(fn, { from: point, avoid: [point], isEnd: ({ kind }) => kind === 'return' || kind === 'throw' || kind === 'halt' });
      return counter === undefined || leaves !== undefined || classOf(path) === undefined ? undefined : waits.get(counter);
    }
  },
});
