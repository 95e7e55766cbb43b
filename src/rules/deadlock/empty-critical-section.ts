import { criticalSections } from '../../analysis/critical-sections.js';
import { classOf, printPath } from '../../ir/index.js';
import { trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'empty-critical-section',
  family: 'deadlock',
  level: 'note',
  confidence: 'medium',
  languages: ['go'],
  title: 'a lock is released right after it was acquired',
  explain: 'Nothing is protected between the two. Often a `defer` was forgotten before the release, and what follows was meant to run under the lock. A pair that only waits for those inside (a barrier) is legal, and deserves a comment between the two, which silences this note.',
  impact: 'What was meant to be protected runs unprotected.',
  advice: 'Defer the release, or move what is to be protected between the two; say so in a comment when the pair is a barrier.',
  misses: 'Sections around a statement without effect.',
  aliases: ['SA2001'],

  *check(_program, resultOf) {
    for (const { fn, acquire, release } of resultOf(criticalSections).empty) {
      const name = printPath(acquire.lock);
      yield {
        at: acquire.at,
        function: fn.name,
        subject: classOf(acquire.lock) ?? name,
        message: `${name} is ${acquire.mode === 'shared' ? 'read-locked' : 'locked'} and released at once: nothing is protected between the two in ${fn.name}`,
        evidence: [trace('the empty section', [
          { at: acquire.at, function: fn.name, text: `locks ${name}`, locks: [], kind: 'acquire' },
          { at: release.at, function: fn.name, text: `releases ${name}`, locks: [name], kind: 'release', essential: true },
        ])],
      };
    }
  },
});
