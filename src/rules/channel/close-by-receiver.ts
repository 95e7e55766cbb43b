import { channelUses } from '../../analysis/channel-uses.js';
import { describeHeld } from '../../analysis/lock-state.js';
import { describeTask } from '../../analysis/tasks.js';
import { printPath } from '../../ir/index.js';
import { place, trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'close-by-receiver',
  family: 'channel',
  level: 'warning',
  confidence: 'medium',
  languages: ['go'],
  title: 'the receiving side closes a channel while senders live',
  explain: 'The function that receives from the channel closes it as it leaves, and other tasks of the program still send on it with nothing that orders them: a send on the closed channel panics. A context that the sender also watches does not help, because with both arms ready either may be taken.',
  impact: 'A panic when the receiver leaves first: at a timeout, a broken connection, a shutdown.',
  advice: 'Do not close the channel at all (let the senders leave by a done channel or a context), or close it where all senders are known to have ended.',
  misses: 'Receivers that close in another function than the one that receives; low confidence where the receiver leaves only when a library\'s object tells it to, since who tells it, and when, is not seen.',

  *check(program, resultOf) {
    for (const collision of resultOf(channelUses).sendsAfterClose) {
      if (!collision.proven || !collision.closedByReceiver || collision.removed) continue;
      const { first: close, second: send } = collision;
      const name = printPath(close.channel);
      const origin = describeTask(program, resultOf, collision.secondTask, send.fn.id);
      yield {
        at: send.at,
        function: send.fn.name,
        subject: collision.channel,
        ...(collision.toldToLeave ? { confidence: 'low' as const } : {}),
        message: `sends on ${printPath(send.channel)}, which ${close.fn.name} receives from and closes as it leaves (${place(close.at)}): nothing keeps it from leaving first`,
        evidence: [
          trace('the receiving task', [{ at: close.at, function: close.fn.name, text: `stops to receive and closes ${name}`, locks: describeHeld(close.held), kind: 'channel', essential: true }]),
          trace('the sending task', [{ at: origin.at, function: origin.function, text: origin.text, locks: [], kind: 'spawn' }, { at: send.at, function: send.fn.name, text: `sends on ${name}: panics when it is closed`, locks: describeHeld(send.held), kind: 'channel', essential: true }]),
        ],
      };
    }
  },
});
