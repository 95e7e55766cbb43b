import { controlFlow, type Point } from '../../analysis/control-flow.js';
import { channelUses, isSeenTogether, type ChannelSite } from '../../analysis/channel-uses.js';
import { flowEvents } from '../../analysis/flow-events.js';
import { replacedEnds } from '../../analysis/replaced-ends.js';
import { repeatedCloses } from '../../analysis/repeated-closes.js';
import { lockLabel } from '../../analysis/lock-graph.js';
import { describeHeld } from '../../analysis/lock-state.js';
import { describeTask } from '../../analysis/tasks.js';
import { classOf, printPath, type Function, type Program } from '../../ir/index.js';
import { callSteps, place, trace } from '../evidence.js';
import { defineRule, type Verdict } from '../rule.js';

export default defineRule({
  id: 'double-close',
  family: 'channel',
  level: 'error',
  confidence: 'high',
  languages: ['go', 'typescript'],
  title: 'a channel or resource is closed twice',
  explain: 'Closing a closed channel panics. It happens on one way through a function, or when two tasks reach the close: a Stop that may be called twice, a loop that closes on its way out while somebody else stops it. Asking `select { case <-c: default: close(c) }` without a lock is no guard: two tasks can both see it open.',
  impact: 'A panic, usually during shutdown, that takes the program down.',
  advice: 'Close through a once-object, or under a lock with a closed flag; let one task own the close.',
  misses: 'Channels in maps and slices, and closes through unknown callees.',
  aliases: ['GCL6002'],

  *check(program, resultOf) {
    for (const { fn, first, second, name } of resultOf(repeatedCloses)) {
      yield {
        at: second.at, function: fn.name, subject: `${fn.id} ${name}`, level: 'warning', confidence: 'medium',
        message: `${name} is closed here although line ${first.at.line} has closed it already: nothing leaves in between`,
        impact: 'The second close throws, or closes what has got the same handle by then.',
        advice: 'Close in one place, such as a finally, or leave after the first close.',
        evidence: [trace('the way to the second close', [{ at: first.at, function: fn.name, text: `closes ${name}`, locks: [], kind: 'call' }, { at: second.at, function: fn.name, text: `closes ${name} again`, locks: [], kind: 'call', essential: true }])],
      };
    }
    for (const { fn, event } of resultOf(flowEvents).all('close')) {
      if (event.closed === undefined) continue;
      const { channel, always } = event.closed;
      const name = printPath(event.operation.channel);
      yield {
        at: event.operation.at,
        function: fn.name,
        subject: classOf(event.operation.channel) ?? name,
        ...(always ? {} : { confidence: sometimesSkipped(fn, event.point, channel.at === event.operation.at) ? 'low' as const : 'medium' as const }),
        message: `${name} is closed here, but line ${(channel.chain[0]?.call ?? channel.at).line} has closed it already${always ? '' : ' on some way to this point'}`,
        evidence: [trace('the way to the second close', [
          ...callSteps(channel.chain, []),
          { at: channel.at, function: channel.chain[channel.chain.length - 1]?.callee ?? fn.name, text: `closes ${name}`, locks: [], kind: 'channel' },
          { at: event.operation.at, function: fn.name, text: `closes ${name} again: panics`, locks: describeHeld(event.locks.must), kind: 'channel', essential: true },
        ])],
      };
    }
    // Cooperative tasks race for a close across a wait only: that is a life-cycle step without a single flight.
    if (program.scheduling === 'cooperative') return;
    for (const { starter, ends, replaces, starts, task, close } of resultOf(replacedEnds)) {
      const name = printPath(close.channel);
      yield {
        at: close.at, function: task.name, subject: classOf(close.channel) ?? name, level: 'warning', confidence: 'medium',
        message: `closes ${name}, which ${starter.name} replaces for the next task without waiting for this one (${place(replaces)}): late, this one closes the channel of the next, which closes it again`,
        advice: 'Hand the task its channel as an argument, or wait for the end of the predecessor.',
        evidence: [
          trace('who starts the next', [{ at: ends, function: starter.name, text: 'ends the predecessor, and does not wait for it', locks: [] }, { at: replaces, function: starter.name, text: 'replaces the channel', locks: [], kind: 'memory' }, { at: starts, function: starter.name, text: `starts ${task.name} again`, locks: [], kind: 'spawn', essential: true }]),
          trace('the predecessor', [{ at: close.at, function: task.name, text: `closes what is in ${name} by now`, locks: [], kind: 'channel', essential: true }]),
        ],
      };
    }
    for (const collision of resultOf(channelUses).doubleCloses) {
      const { first, second } = collision;
      const name = printPath(second.channel);
      const self = first === second;
      const tasks = [describeTask(program, resultOf, collision.firstTask, collision.first.fn.id), describeTask(program, resultOf, collision.secondTask, collision.second.fn.id)] as const;
      yield {
        at: second.at,
        function: second.fn.name,
        subject: collision.channel,
        ...(self ? repairOf(program, second) : {}),
        level: 'warning',
        confidence: isSeenTogether(collision) || second.twoSteps ? 'medium' : 'low',
        message: self ? `${name} is closed without a guard in ${second.fn.name}, which ${collision.proven ? 'more than one task reaches' : 'may be called twice'}: the second close of ${lockLabel(program, collision.channel)} panics`
          : `${name} is closed here and in ${first.fn.name} (${place(first.at)}), by tasks that nothing orders: the second close panics`,
        evidence: [
          trace('one task', [{ at: tasks[0].at, function: tasks[0].function, text: tasks[0].text, locks: [], kind: 'spawn' }, { at: first.at, function: first.fn.name, text: `closes ${printPath(first.channel)}`, locks: describeHeld(first.held), kind: 'channel', essential: true }]),
          trace('another task', [{ at: tasks[1].at, function: tasks[1].function, text: tasks[1].text, locks: [], kind: 'spawn' }, { at: second.at, function: second.fn.name, text: `closes ${name} again: panics`, locks: describeHeld(second.held), kind: 'channel', essential: true }]),
        ],
      };
    }
  },
});

/** A once-object beside the channel's field lets only the first closer through. */
function repairOf(program: Program, { at, channel }: ChannelSite): Pick<Verdict, 'repair'> {
  const [selector, ...more] = channel.selectors;
  const field = selector?.kind === 'field' && more.length === 0 ? program.records.get(selector.owner)?.fields.find(({ name }) => name === selector.name) : undefined;
  return field === undefined ? {} : { repair: { kind: 'close-once', close: at, field: field.at } };
}

/** A close that meets itself in a later turn of a loop which can also turn without it: something may end the loop first. */
function sometimesSkipped(fn: Function, close: Point, itself: boolean): boolean {
  const flow = controlFlow(fn);
  return itself && fn.blocks.some((block) => {
    const head: Point = { block: block.id, index: -1 };
    return block.id !== close.block && flow.reaches(close, head) && flow.reaches(head, close) && flow.reachesAvoiding(head, head, [close]);
  });
}
