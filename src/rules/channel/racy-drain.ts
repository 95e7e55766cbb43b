import { polledReceives } from '../../analysis/polled-receives.js';
import { describeTask } from '../../analysis/tasks.js';
import { classOf, printPath } from '../../ir/index.js';
import { place, trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'racy-drain',
  family: 'channel',
  level: 'note',
  confidence: 'medium',
  languages: ['go'],
  title: 'a receive rests on the length of a channel that others receive from too',
  explain: 'The length is true at the moment of the look. Where another task receives from the channel as well it may take the last value between the look and the receive, and the receive waits for a value that nobody may ever send.',
  impact: 'A drain during shutdown hangs.',
  advice: 'Receive in a select with a default, which looks and takes in one step.',
  misses: 'Lengths that are kept in a variable before they are asked.',

  *check(program, resultOf) {
    for (const { fn, receive, asked, loop, other, tasks } of resultOf(polledReceives)) {
      const name = printPath(receive.path);
      const origins = [describeTask(program, resultOf, tasks[0], fn.id), describeTask(program, resultOf, tasks[1], other.fn.id)] as const;
      yield {
        at: receive.at,
        function: fn.name,
        subject: classOf(receive.path) ?? name,
        message: `${loop ? 'drains' : 'receives from'} ${name} while its length is not zero, but ${other.fn === fn ? 'another task of the same code' : other.fn.name} (${place(other.at)}) receives from it too and may take the last value in between`,
        evidence: [
          trace('one task', [{ at: origins[0].at, function: origins[0].function, text: origins[0].text, locks: [], kind: 'spawn' }, { at: asked, function: fn.name, text: `sees a value in ${name}`, locks: [], kind: 'channel' }, { at: receive.at, function: fn.name, text: 'receives: waits, when the value is gone', locks: [], kind: 'channel', essential: true }]),
          trace('another task', [{ at: origins[1].at, function: origins[1].function, text: origins[1].text, locks: [], kind: 'spawn' }, { at: other.at, function: other.fn.name, text: `takes it in between`, locks: [], kind: 'channel', essential: true }]),
        ],
      };
    }
  },
});
