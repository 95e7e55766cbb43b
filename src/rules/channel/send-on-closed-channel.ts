import { channelUses, isSeenTogether } from '../../analysis/channel-uses.js';
import { flowEvents } from '../../analysis/flow-events.js';
import { describeHeld } from '../../analysis/lock-state.js';
import { describeTask } from '../../analysis/tasks.js';
import { classOf, printPath } from '../../ir/index.js';
import { callSteps, place, trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'send-on-closed-channel',
  family: 'channel',
  level: 'error',
  confidence: 'high',
  languages: ['go'],
  title: 'a channel may be closed before a send on it',
  explain: 'Sending on a closed channel panics. It happens after a close on the same way, or when one task closes what another still sends on. A select that also watches a done channel does not help: when both arms are ready either may be taken.',
  impact: 'A panic, usually during shutdown under load, that takes the program down.',
  advice: 'Let only the sender close, or let the closer wait for all senders; else guard send and close with one lock and a closed flag.',
  misses: 'Channels in maps and slices, and sends through unknown callees.',
  aliases: ['GCL6003'],

  *check(program, resultOf) {
    for (const { fn, event } of resultOf(flowEvents).all('send')) {
      if (event.closed === undefined) continue;
      const { channel, always } = event.closed;
      const name = printPath(event.channel);
      yield {
        at: event.operation.at,
        function: fn.name,
        subject: classOf(event.channel) ?? name,
        ...(always ? {} : { confidence: 'medium' as const }),
        message: `sends on ${name}, which line ${(channel.chain[0]?.call ?? channel.at).line} has closed${always ? '' : ' on some way to this point'}`,
        evidence: [trace('the way to the send', [
          ...callSteps(channel.chain, []),
          { at: channel.at, function: channel.chain[channel.chain.length - 1]?.callee ?? fn.name, text: `closes ${name}`, locks: [], kind: 'channel' },
          { at: event.operation.at, function: fn.name, text: `sends on ${name}: panics`, locks: describeHeld(event.locks.must), kind: 'channel', essential: true },
        ])],
      };
    }
    for (const collision of resultOf(channelUses).sendsAfterClose) {
      const { first: close, second: send } = collision;
      const name = printPath(send.channel);
      const tasks = [describeTask(program, resultOf, collision.firstTask, collision.first.fn.id), describeTask(program, resultOf, collision.secondTask, collision.second.fn.id)] as const;
      yield {
        at: send.at,
        function: send.fn.name,
        subject: collision.channel,
        level: 'warning',
        confidence: collision.removed || collision.waited || send.choice === 'arms' ? 'low' : isSeenTogether(collision) || (collision.forMany && send.fn.exported && close.fn.exported) ? 'medium' : 'low',
        message: collision.copied !== undefined ? `sends on the channel it has copied from ${name} (${place(collision.copied)}), which ${close.fn.name} takes out of there and closes (${place(close.at)}): the copy may be older`
          : `sends on ${name} while ${close.fn.name} may have closed it (${place(close.at)}): nothing keeps the send before the close`,
        evidence: [
          trace('the closing task', [{ at: tasks[0].at, function: tasks[0].function, text: tasks[0].text, locks: [], kind: 'spawn' }, { at: close.at, function: close.fn.name, text: `closes ${printPath(close.channel)}`, locks: describeHeld(close.held), kind: 'channel', essential: true }]),
          trace('the sending task', [{ at: tasks[1].at, function: tasks[1].function, text: tasks[1].text, locks: [], kind: 'spawn' }, ...(collision.copied === undefined ? [] : [{ at: collision.copied, function: send.fn.name, text: `copies ${name}, before it is taken out`, locks: [], kind: 'memory' as const }]), { at: send.at, function: send.fn.name, text: `sends on ${name}: panics when it is closed`, locks: describeHeld(send.held), kind: 'channel', essential: true }]),
        ],
      };
    }
  },
});
