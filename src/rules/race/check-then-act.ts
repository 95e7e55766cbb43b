import { crossings } from '../../analysis/crossings.js';
import { defineRule } from '../rule.js';
import { nameOf, pauseText, twoCalls } from '../stories.js';

export default defineRule({
  id: 'check-then-act',
  family: 'race',
  level: 'warning',
  confidence: 'medium',
  languages: ['typescript'],
  title: 'a test and the act that rests on it are separated by an await',
  explain: 'The code asks whether something is there, waits, and then makes and stores it. A second call that comes during the wait asks the same question and gets the same answer, so both act: two connections, two registrations, and the first one is lost without being closed.',
  impact: 'The act happens twice, and what the first call made is overwritten.',
  advice: 'Store the promise of the act before waiting for it, so that later callers wait for the same one; or test again after the wait.',
  misses: 'Locations reached through parameters, locals or other objects, and tests that stand in another function than the act.',
  aliases: ['require-atomic-updates', 'useAtomicUpdates'],

  *check(_program, resultOf) {
    for (const one of resultOf(crossings)) {
      if (one.meaning !== 'check-then-act') continue;
      const name = nameOf(one.late);
      yield {
        at: one.late.at,
        function: one.late.fn.name,
        subject: one.late.location,
        message: `${name} is tested at line ${one.early.at.line} and written here, after ${pauseText(one)}: a second call in between passes the test too${one.source === undefined ? '' : `, and ${one.source} runs twice`}`,
        evidence: twoCalls(one, 'tests', 'still as before, so it acts as well'),
      };
    }
  },
});
