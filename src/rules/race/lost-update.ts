import { crossings } from '../../analysis/crossings.js';
import { crossingOf } from '../crossing-claims.js';
import { defineRule } from '../rule.js';
import { nameOf, pauseText, twoCalls } from '../stories.js';

export default defineRule({
  id: 'lost-update',
  family: 'race',
  level: 'error',
  confidence: 'high',
  languages: ['typescript'],
  title: 'a value is read before a wait and written back after it',
  explain: 'The old value is read, others run, and the new value is computed from the old one. Whatever they added meanwhile is overwritten. In `total += await next()` the read comes first and the write last, all in one expression.',
  impact: 'Updates are lost: counters are too small, sequence numbers are given out twice.',
  advice: 'Wait first; then read and write in one section.',
  misses: 'Values that flow through containers, parameters or other functions.',
  aliases: ['require-atomic-updates', 'useAtomicUpdates'],

  *check(_program, resultOf) {
    for (const one of resultOf(crossings)) {
      if (one.meaning !== 'lost-update') continue;
      const name = nameOf(one.late);
      const oneExpression = one.early.at.line === one.late.at.line;
      yield {
        at: one.late.at,
        function: one.late.fn.name,
        subject: one.late.location,
        ...(oneExpression ? { repair: { kind: 'wait-first' as const, update: one.late.at } } : {}),
        crossing: crossingOf(one),
        ...(oneExpression ? {} : { level: 'warning' as const, confidence: 'medium' as const }),
        message: `${name} is read ${oneExpression ? 'before' : `at line ${one.early.at.line}, before`} ${pauseText(one)} and written back from that value: what another call adds meanwhile is lost`,
        evidence: twoCalls(one, 'reads', 'reads the same old value and adds to it'),
      };
    }
  },
});
