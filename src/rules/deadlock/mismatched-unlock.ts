import { lockBalance } from '../../analysis/lock-balance.js';
import { classOf, printPath } from '../../ir/index.js';
import { acquireStep, trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'mismatched-unlock',
  family: 'deadlock',
  level: 'error',
  confidence: 'high',
  languages: ['go'],
  title: 'a lock is released in another mode than it was taken',
  explain: 'A write lock must be answered by a write unlock and a read lock by a read unlock. The wrong pair ends the program, or corrupts the count of readers.',
  impact: 'A fatal error at the release, or a lock that is never free again.',
  advice: 'Use the release that belongs to the acquire.',
  misses: 'Pairs that stand in different functions.',
  aliases: ['GCL1008'],

  *check(_program, resultOf) {
    for (const stray of resultOf(lockBalance).strayReleases) {
      const { operation, partner } = stray.event;
      if (stray.reason !== 'other-mode' || partner === undefined) continue;
      const name = printPath(operation.lock);
      yield {
        at: operation.at,
        function: stray.fn.name,
        subject: classOf(operation.lock) ?? name,
        message: `${name} was ${partner.mode === 'shared' ? 'read-locked' : 'locked for writing'} at line ${partner.at.line} and is released here as a ${operation.mode === 'shared' ? 'read' : 'write'} lock`,
        evidence: [trace('the pair', [acquireStep(stray.fn, partner), { at: operation.at, function: stray.fn.name, text: `releases ${name} in the other mode`, locks: [name], kind: 'release', essential: true }])],
      };
    }
  },
});
