import { crossings } from '../../analysis/crossings.js';
import { crossingOf } from '../crossing-claims.js';
import { defineRule } from '../rule.js';
import { nameOf, pauseText, twoCalls } from '../stories.js';

export default defineRule({
  id: 'late-claim',
  family: 'race',
  level: 'warning',
  confidence: 'medium',
  languages: ['typescript'],
  title: 'the flag that keeps a second call out is set after the wait',
  explain: 'A flag, status or entry is tested at the door and written only after a wait, or in a callback that comes later. Until then every caller passes the door, and the work it should guard runs once for each of them.',
  impact: 'The guarded work runs more than once at the same time.',
  advice: 'Write the claim in the same section as the test, before the first wait, and take it back when the work fails.',
  misses: 'Tests in another function than the write, and claims through code that is not seen.',

  *check(_program, resultOf) {
    for (const one of resultOf(crossings)) {
      if (one.meaning !== 'late-claim') continue;
      const name = nameOf(one.late);
      yield {
        at: one.late.at,
        function: one.late.fn.name,
        subject: one.late.location,
        crossing: crossingOf(one),
        message: `${name} keeps a second call out at line ${one.early.at.line}, but is written only here, after ${pauseText(one)}: until then every call gets in`,
        evidence: twoCalls(one, 'tests', 'not yet written, so it goes on as well'),
      };
    }
  },
});
