import { lockBalance } from '../../analysis/lock-balance.js';
import { classOf, printPath } from '../../ir/index.js';
import { trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'unlock-without-lock',
  family: 'deadlock',
  level: 'error',
  confidence: 'high',
  languages: ['go', 'typescript'],
  title: 'a lock is released that is not held',
  explain: 'Releasing a lock that nobody holds ends the program at once. Releasing one that somebody else holds by now is worse: two tasks are in the critical section together.',
  impact: 'The program dies with a fatal error that cannot be recovered, or two tasks share a critical section.',
  advice: 'Release once on each way: remove the second release, or take the lock on the way that lacks it.',
  misses: 'Locks handed over between functions or tasks, and locks reached through maps and slices.',
  aliases: ['GCL1002', 'GCL1003'],

  *check(_program, resultOf) {
    for (const stray of resultOf(lockBalance).strayReleases) {
      if (stray.reason === 'other-mode') continue;
      const { operation, partner } = stray.event;
      const name = printPath(operation.lock);
      const twice = stray.reason === 'twice' && partner !== undefined;
      yield {
        at: operation.at,
        function: stray.fn.name,
        subject: classOf(operation.lock) ?? name,
        ...(twice ? {} : { confidence: 'medium' as const }),
        message: twice ? `${name} is released a second time: line ${partner.at.line} released it already` : `${name} is released here, but no way to this point locks it`,
        evidence: [trace('the way to the release', [
          ...(twice ? [{ at: partner.at, function: stray.fn.name, text: `releases ${name}`, locks: [name], kind: 'release' as const }] : []),
          { at: operation.at, function: stray.fn.name, text: `releases ${name}${operation.deferred === true ? ' (deferred)' : ''} although it is not held`, locks: [], kind: 'release', essential: true },
        ])],
      };
    }
  },
});
