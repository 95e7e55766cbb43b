import { settledTwice } from '../../analysis/settled-twice.js';
import { trace } from '../evidence.js';
import { defineRule } from '../rule.js';
import { step } from '../stories.js';

export default defineRule({
  id: 'double-callback',
  family: 'channel',
  level: 'warning',
  confidence: 'medium',
  languages: ['typescript'],
  title: 'a completion callback is called twice on one way',
  explain: 'A completion callback is called once: with an error or with a result. Here the error way goes on after the call, and comes to the second one. The caller continues twice, and releases, answers or counts twice.',
  impact: 'Everything after the callback happens twice.',
  advice: 'Return after the first call.',
  misses: 'Callbacks kept in fields, and calls from two listeners.',
  aliases: ['no-multiple-resolved'],

  *check(_program, resultOf) {
    for (const { fn, name, first, second } of resultOf(settledTwice).callbacks) {
      yield {
        at: second.at,
        function: fn.name,
        subject: `${fn.id} ${name}`,
        message: `${name} is called here although line ${first.at.line} may have called it already: nothing leaves in between`,
        evidence: [trace('the way that calls twice', [step(first.at, fn, `calls ${name}`), step(second.at, fn, `calls ${name} again`, true)])],
      };
    }
  },
});
