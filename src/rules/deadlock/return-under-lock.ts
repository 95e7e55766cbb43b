import { lockBalance } from '../../analysis/lock-balance.js';
import { classOf, printPath } from '../../ir/index.js';
import { acquireStep, trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'return-under-lock',
  family: 'deadlock',
  level: 'note',
  confidence: 'medium',
  languages: ['go', 'typescript'],
  hygiene: true,
  title: 'a return stands between a manual lock and its unlock',
  explain: 'Each early return between a manual lock and the last unlock needs an unlock of its own. This one has it; the next one somebody adds may not. A deferred release, or a release by scope, needs no care and is no finding.',
  impact: 'None today; an early return added later without its own unlock leaves the lock held.',
  advice: 'Defer the release, put it into a finally, or move the section into a function of its own that does.',
  misses: 'Releases through helpers.',

  *check(_program, resultOf) {
    for (const early of resultOf(lockBalance).earlyReturns) {
      const name = printPath(early.lock.lock);
      yield {
        at: early.at,
        function: early.fn.name,
        subject: classOf(early.lock.lock) ?? name,
        message: `returns between the lock of ${name} at line ${early.lock.at.line} and its last unlock at line ${early.last.line}${early.count > 1 ? ` (${early.count} such returns)` : ''}: each needs its own unlock`,
        repair: { kind: 'defer-release', acquire: early.lock.at },
        evidence: [trace('the early way out', [
          acquireStep(early.fn, early.lock),
          { at: early.released, function: early.fn.name, text: `releases ${name} for this return only`, locks: [name], kind: 'release' },
          { at: early.at, function: early.fn.name, text: 'returns', locks: [], kind: 'exit', essential: true },
        ])],
      };
    }
  },
});
