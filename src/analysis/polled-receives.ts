import { classOf, type AccessPath, type Function, type Location, type Value } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { channels, type ChannelOperation } from './channels.js';
import { controlFlow } from './control-flow.js';
import { entryLocks } from './entry-locks.js';
import { operations } from './operations.js';
import { spawnOrder } from './spawn-order.js';
import { mayOverlap, tasks, type Task } from './tasks.js';

/**
 * Which receives rest on a look at the length of the channel, although others receive from it too? Between the look and
 * the receive another task may take what was there, and the receive waits. Under-approximates: the two must be able to
 * run at the same time without a common lock, and one of their tasks must be started in the program.
 */
export interface PolledReceive { readonly fn: Function; readonly receive: ChannelOperation<'receive'>; readonly asked: Location; readonly loop: boolean; readonly other: ChannelOperation<'receive'>; readonly tasks: readonly [Task, Task] }

export const polledReceives = defineAnalysis<readonly PolledReceive[]>({
  name: 'polled-receives',
  run(_program, resultOf) {
    const found: PolledReceive[] = [];
    const lookers = resultOf(operations).functionsWith('receive').filter((fn) => fn.blocks.some(({ terminator }) => terminator.kind === 'branch' && lengthIn(terminator.condition) !== undefined));
    if (lookers.length === 0) return found;
    const running = resultOf(tasks);
    const order = resultOf(spawnOrder);
    for (const channel of resultOf(channels).all) for (const receive of channel.receives) {
      const { fn, point, event } = receive;
      if (fn.test || event.choice !== 'none' || event.closed !== undefined || 'ok' in event.operation || !lookers.includes(fn)) continue;
      const flow = controlFlow(fn);
      const look = fn.blocks.find(({ id, operations, terminator }) => terminator.kind === 'branch' && classOf(lengthIn(terminator.condition) ?? receive.path) === classOf(receive.path) && lengthIn(terminator.condition) !== undefined
        && flow.dominates({ block: id, index: operations.length }, point) && (terminator.onTrue === point.block || flow.dominates({ block: terminator.onTrue, index: -1 }, point)));
      if (look === undefined || look.terminator.kind !== 'branch') continue;
      for (const other of channel.receives) {
        const pair = meeting(receive, other);
        if (pair === undefined) continue;
        found.push({ fn, receive, asked: look.terminator.at, loop: look.terminator.loop === true, other, tasks: pair });
        break;
      }
    }
    return found;

    function meeting(a: ChannelOperation<'receive'>, b: ChannelOperation<'receive'>): readonly [Task, Task] | undefined {
      if (b.fn.test || sharesLock(a, b)) return undefined;
      for (const left of running.running(a.fn.id)) for (const right of running.running(b.fn.id)) {
        if (!mayOverlap(left, right) || ![left, right].some(({ kind }) => kind === 'spawn' || kind === 'handler')) continue;
        if (a.fn === b.fn && (left !== right || left.kind !== 'spawn' || b !== a)) continue;
        if (order.before(a.fn, a.point, right) || order.before(b.fn, b.point, left) || order.after(a.fn, a.point, right) || order.after(b.fn, b.point, left)) continue;
        return [left, right];
      }
      return undefined;
    }

    function sharesLock(a: ChannelOperation<'receive'>, b: ChannelOperation<'receive'>): boolean {
      const held = ({ fn, event }: ChannelOperation<'receive'>): Set<string> => new Set([...resultOf(entryLocks).at(fn), ...event.locks.must].flatMap(({ lock }) => classOf(lock) ?? []));
      const left = held(a);
      return [...held(b)].some((name) => left.has(name));
    }
  },
});

/** `len(c) > 0`, `len(c) != 0`: the path whose length is asked for. */
function lengthIn(value: Value): AccessPath | undefined {
  if (value.kind !== 'binary' || (value.operator !== '>' && value.operator !== '!=' && value.operator !== '>=')) return undefined;
  return value.left.kind === 'length' && value.right.kind === 'constant' ? value.left.of : undefined;
}
