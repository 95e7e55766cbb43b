import { settledTwice } from '../../analysis/settled-twice.js';
import { printPath } from '../../ir/index.js';
import { place, trace } from '../evidence.js';
import { defineRule } from '../rule.js';
import { step } from '../stories.js';

export default defineRule({
  id: 'double-cleanup',
  family: 'channel',
  level: 'warning',
  confidence: 'medium',
  languages: ['typescript'],
  title: 'two listeners that both fire count the same end',
  explain: 'A timeout or an error is followed by the close of the same object. When the listeners of both count down, one end is counted twice: the counter goes below what is open, and limits, drains and idle tests go wrong.',
  impact: 'The counter is too small by one for each such end.',
  advice: 'Count in the listener that always comes, usually that of close.',
  misses: 'Counters behind calls, and listeners registered in different functions.',

  *check(_program, resultOf) {
    for (const { fn, path, first, second } of resultOf(settledTwice).counters) {
      const name = printPath(path);
      yield {
        at: first.at,
        function: first.listener.name,
        subject: `${fn.id} ${name}`,
        message: `${name} is counted down here on "${first.spawn.event}" and again on "${second.spawn.event}" (${place(second.at)}): both come for one end`,
        evidence: [
          trace(`"${first.spawn.event}"`, [step(first.spawn.at, fn, `listens for "${first.spawn.event}"`), step(first.at, first.listener, `counts ${name} down`, true)]),
          trace(`"${second.spawn.event}", after it`, [step(second.spawn.at, fn, `listens for "${second.spawn.event}"`), step(second.at, second.listener, `counts ${name} down again`, true)]),
        ],
      };
    }
  },
});
