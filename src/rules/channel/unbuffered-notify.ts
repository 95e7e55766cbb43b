import { channels } from '../../analysis/channels.js';
import { operations } from '../../analysis/operations.js';
import { printPath } from '../../ir/index.js';
import { trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'unbuffered-notify',
  family: 'channel',
  level: 'warning',
  confidence: 'high',
  languages: ['go'],
  title: 'notifications are sent on a channel without room, by a sender that does not wait',
  explain: 'The library that delivers the notification does not wait for a receiver: what comes while nobody stands at the receive is dropped. With room for one the value waits until it is looked at.',
  impact: 'The signal that should stop or reload the program is lost, most likely the one that comes while it starts.',
  advice: 'Make the channel with room for as many notifications as may come at once, at least one.',
  misses: 'Channels that may be made in several places, and computed capacities.',
  aliases: ['sigchanyzer', 'SA1017'],

  *check(_program, resultOf) {
    for (const fn of resultOf(operations).functionsWith('spawn')) for (const block of fn.blocks) for (const operation of block.operations) {
      if (operation.op !== 'spawn' || operation.feeds === undefined) continue;
      const makes = resultOf(channels).of(operation.feeds)?.makes ?? [];
      const [make] = makes;
      if (make === undefined || makes.length > 1 || make.capacity !== 0) continue;
      const name = printPath(operation.feeds);
      yield {
        at: operation.at,
        function: fn.name,
        subject: `${fn.id} ${name}`,
        message: `${name} has no room, and the sender does not wait: a notification that comes while nobody receives is lost`,
        evidence: [trace('the channel', [
          { at: make.at, function: make.fn.name, text: `makes ${printPath(make.cell)} without room`, locks: [], kind: 'channel', essential: true },
          { at: operation.at, function: fn.name, text: `asks for notifications on ${name}`, locks: [], kind: 'channel', essential: true },
        ])],
      };
    }
  },
});
