import { criticalSections } from '../../analysis/critical-sections.js';
import { classOf, printPath } from '../../ir/index.js';
import { trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'unchecked-trylock',
  family: 'misuse',
  level: 'warning',
  confidence: 'high',
  languages: ['go'],
  title: 'nobody looks whether the lock was obtained',
  explain: 'A try answers whether the lock is held now. When the answer is dropped, the code behind it runs with the lock or without, and its release may be somebody else\'s lock, or of a lock that nobody holds.',
  impact: 'The section is not protected, and the release ends the section of another task or the program.',
  advice: 'Use the answer, or wait for the lock.',
  misses: 'Answers that are stored and never looked at.',
  aliases: ['GCL1004'],

  *check(_program, resultOf) {
    for (const { fn, acquire, release } of resultOf(criticalSections).uncheckedTries) {
      const name = printPath(acquire.lock);
      yield {
        at: acquire.at,
        function: fn.name,
        subject: classOf(acquire.lock) ?? name,
        message: `${fn.name} tries to lock ${name} and does not look at the answer${release === undefined ? '' : `: the release at line ${release.at.line} may be of a lock it does not hold`}`,
        evidence: [trace('the try', [
          { at: acquire.at, function: fn.name, text: `tries to lock ${name}, and drops the answer`, locks: [], kind: 'acquire', essential: true },
          ...(release === undefined ? [] : [{ at: release.at, function: fn.name, text: `releases ${name}, held or not`, locks: [], kind: 'release' as const }]),
        ])],
      };
    }
  },
});
