import { type Program, type Type, type Value } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { channels, type Channel, type ChannelOperation } from './channels.js';
import { controlFlow, type Point } from './control-flow.js';
import { pointAfter } from './lock-flow.js';
import { sharedObjects } from './shared-objects.js';
import { tasks, type Task } from './tasks.js';
import { typeOfPath } from './types.js';
import { wayOut, type Way } from './ways.js';

/**
 * Which tasks are told to stop by a value, and what can go wrong with that? A stop signal carries no data and ends the
 * loop of who receives it. One value reaches one of several loops; and a loop that has left by another way never takes it.
 * Under-approximates: all receivers must be known, every cell of the channel closed to the outside; a send that can give
 * up, finds room, or stands behind a condition on state is left alone.
 */
export interface MissedStop { readonly send: ChannelOperation<'send'>; readonly receive: ChannelOperation<'receive'>; readonly task: Task; readonly way: Way }

/** One value for several loops. */
export interface SharedStop { readonly send: ChannelOperation<'send'>; readonly receives: readonly [ChannelOperation<'receive'>, ChannelOperation<'receive'>]; readonly tasks: readonly [Task, Task] }

export interface StopSignals { readonly missed: readonly MissedStop[]; readonly shared: readonly SharedStop[] }

const entry: Point = { block: 0 as Point['block'], index: -1 };

export const stopSignals = defineAnalysis<StopSignals>({
  name: 'stop-signals',
  run(program, resultOf) {
    const running = resultOf(tasks);
    const objects = resultOf(sharedObjects);
    const missed: MissedStop[] = [];
    const shared: SharedStop[] = [];
    for (const channel of resultOf(channels).all) {
      const sends = channel.sends.filter(({ fn, event }) => event.choice === 'none' && !fn.test && fn.role !== 'initializer');
      if (channel.openToReceive || channel.makes.length === 0 || sends.length === 0 || channel.receives.length === 0 || channel.closes.length > 0 || !isSignal(program, channel)) continue;
      if (!channel.receives.every((receive) => stops(receive, channel) && startsOf(receive).length > 0)) continue;
      const send = sends.find((one) => !channel.receives.some(({ fn }) => fn === one.fn) && !decided(one));
      if (send === undefined) continue;
      const both = oneForMany(channel, sends);
      if (both !== undefined) shared.push({ send, ...both });
      else if (channel.makes.every(({ capacity }) => capacity === 0)) {
        const gone = goneBefore(channel);
        if (gone !== undefined) missed.push({ send, ...gone });
      }
    }
    return { missed, shared };

    function startsOf({ fn }: ChannelOperation<'receive'>): readonly Task[] {
      return running.running(fn.id).filter((task) => task.kind === 'spawn' && task.start.includes(fn.id));
    }

    /** A receiver that may have returned without the signal; all others too, or it would be theirs. */
    function goneBefore(channel: Channel): { receive: ChannelOperation<'receive'>; task: Task; way: Way } | undefined {
      const [first] = channel.receives;
      const of = first!.fn;
      if (!channel.receives.every(({ fn }) => fn === of)) return undefined;
      const way = wayOut(of, { from: entry, avoid: channel.receives.filter(({ event }) => event.choice === 'none').map(({ point }) => point), avoidArm: (arm) => channel.receives.some(({ event }) => event.operation === arm) });
      const inside = way?.turns.filter((turn) => turn.text !== 'goes on with the loop');
      return way === undefined || inside === undefined || inside.length === 0 ? undefined : { receive: first!, task: startsOf(first!)[0]!, way };
    }

    /** Two loops wait for one value on the same channel. */
    function oneForMany(channel: Channel, sends: readonly ChannelOperation<'send'>[]): { receives: SharedStop['receives']; tasks: SharedStop['tasks'] } | undefined {
      if (sends.length > 1 || controlFlow(sends[0]!.fn).inLoop(sends[0]!.point.block)) return undefined;
      const loops = channel.receives.flatMap((receive) => startsOf(receive).map((task) => ({ receive, task })));
      for (const one of loops) {
        if (one.task.multiple && objects.sharedByInstances(one.task, { fn: one.receive.fn, path: one.receive.path }) && !madePerTurn(one.task, channel)) return { receives: [one.receive, one.receive], tasks: [one.task, one.task] };
        for (const other of loops) {
          if (other.task === one.task || other.receive.fn === one.receive.fn || !sameStarter(one.task, other.task)) continue;
          const [left, right] = [objects.anchorOf(one.task, { fn: one.receive.fn, path: one.receive.path }), objects.anchorOf(other.task, { fn: other.receive.fn, path: other.receive.path })];
          if (left !== undefined && right !== undefined && left.variable === right.variable && left.kinship === right.kinship) return { receives: [one.receive, other.receive], tasks: [one.task, other.task] };
        }
      }
      return undefined;
    }
  },
});

/** Both are started on one way through one function. */
function sameStarter(a: Task, b: Task): boolean {
  const [left, right] = [a.spawn, b.spawn];
  if (left === undefined || right === undefined || left.by !== right.by) return false;
  const flow = controlFlow(left.by);
  return flow.reaches(left.point, right.point) || flow.reaches(right.point, left.point);
}

function madePerTurn(task: Task, channel: Channel): boolean {
  return channel.makes.some(({ fn, point }) => fn === task.spawn?.by && controlFlow(fn).inLoop(point.block));
}

function isSignal(program: Program, channel: Channel): boolean {
  const use = channel.receives[0] ?? channel.sends[0];
  const type = use === undefined ? undefined : typeOfPath(program, use.path);
  return type?.kind === 'channel' && carriesNothing(program, type.element);
}

/** A value that says only that it has come. */
export function carriesNothing(program: Program, type: Type): boolean {
  if (type.kind === 'scalar') return type.name === 'struct{}' || type.name === 'bool';
  return type.kind === 'record' && program.records.get(type.name)?.fields.length === 0;
}

/** After the receive the function leaves without coming back to any receive of the channel. */
function stops({ fn, event }: ChannelOperation<'receive'>, channel: Channel): boolean {
  const flow = controlFlow(fn);
  const after = pointAfter(event);
  return !channel.receives.some((other) => other.fn === fn && flow.reaches(after, other.point)) && wayOut(fn, { from: after, avoid: [] }) !== undefined;
}

/** What state is in decides whether the signal is sent: then it may well say that the loop is gone. */
function decided({ fn, point }: ChannelOperation<'send'>): boolean {
  const flow = controlFlow(fn);
  return fn.blocks.some(({ id, operations, terminator }) => terminator.kind === 'branch' && terminator.loop !== true && terminator.onTrue !== terminator.onFalse && asksState(terminator.condition)
    && flow.dominates({ block: id, index: operations.length }, point) && [terminator.onTrue, terminator.onFalse].some((to) => to !== point.block && !flow.reaches({ block: to, index: -1 }, point)));
}

function asksState(value: Value): boolean {
  switch (value.kind) {
    case 'path': return true;
    case 'not': return asksState(value.operand);
    case 'binary': return !(value.right.kind === 'constant' && value.right.value === null) && (asksState(value.left) || asksState(value.right));
    case 'constant': return false;
    default: return true;
  }
}

