import { dividedStreams } from '../../analysis/divided-streams.js';
import { place, trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'multi-consumer',
  family: 'channel',
  level: 'note',
  confidence: 'medium',
  languages: ['go'],
  title: 'two tasks with different code read one channel to its end',
  explain: 'A channel gives each value to one receiver. Two tasks that range over the same channel, each to do something else with what comes, get a part each, and which part is chance. Workers of one pool share a channel on purpose: they run the same code.',
  impact: 'Each consumer misses what the other one got, now and then.',
  advice: 'Give each consumer a channel of its own, or let one task receive and hand on.',
  misses: 'Consumers that are started by different functions, and channels that unknown code hands out.',

  *check(_program, resultOf) {
    for (const { owner, channel, subject, first, second } of resultOf(dividedStreams)) {
      yield {
        at: second.at,
        function: second.fn.name,
        subject,
        message: `${channel} is read to its end here and at ${place(first.at)}, by two tasks of ${owner.name} with different code: each value reaches only one of them`,
        evidence: [
          trace('one consumer', [{ at: first.task.spawn!.operation.at, function: owner.name, text: 'a task is started', locks: [], kind: 'spawn' }, { at: first.at, function: first.fn.name, text: `receives from ${channel} until it is closed`, locks: [], kind: 'channel', essential: true }]),
          trace('another consumer', [{ at: second.task.spawn!.operation.at, function: owner.name, text: 'a task is started', locks: [], kind: 'spawn' }, { at: second.at, function: second.fn.name, text: `receives from ${channel} until it is closed`, locks: [], kind: 'channel', essential: true }]),
        ],
      };
    }
  },
});
