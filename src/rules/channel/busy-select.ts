import { spins } from '../../analysis/spinning.js';
import { printPath } from '../../ir/index.js';
import { trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'busy-select',
  family: 'channel',
  level: 'warning',
  confidence: 'high',
  languages: ['go'],
  title: 'a loop asks a select with an empty default and never waits',
  explain: 'The default is taken whenever nothing is ready, and the loop comes straight back: it does not wait for the channels, it burns a processor until one of them is ready. Without the default the select waits by itself.',
  impact: 'One processor is busy all the time; under a quota everybody else is slowed down.',
  advice: 'Drop the default, or wait in it.',
  misses: 'Loops that do something on every turn besides asking, such as counting or logging.',
  aliases: ['SA5004'],

  *check(_program, resultOf) {
    for (const { fn, select, at } of resultOf(spins)) {
      const names = [...new Set(select.arms.map((arm) => printPath(arm.channel)))].join(', ');
      yield {
        at,
        function: fn.name,
        subject: `${fn.id} ${names}`,
        message: `while ${names === '' ? 'nothing' : names} is not ready the loop comes back to this select at once and never waits`,
        evidence: [trace('a turn in which nothing is ready', [{ at, function: fn.name, text: 'nothing is ready: takes the default, which does nothing, and comes back', locks: [], kind: 'channel', essential: true }])],
      };
    }
  },
});
