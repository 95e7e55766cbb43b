import { conditionWaits } from '../../analysis/condition-waits.js';
import { lockLabel } from '../../analysis/lock-graph.js';
import { describeHeld } from '../../analysis/lock-state.js';
import { classOf, printPath } from '../../ir/index.js';
import { trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'cond-wait-without-lock',
  family: 'deadlock',
  level: 'error',
  confidence: 'high',
  languages: ['go'],
  title: 'a condition is waited for without its lock',
  explain: 'The wait gives the condition\'s lock back, sleeps, and takes it again. Who does not hold the lock gives back what is not his: the program ends with "unlock of unlocked mutex", or the lock of another task is released under its hands.',
  impact: 'The program crashes, or another task\'s section is no longer protected.',
  advice: 'Lock the condition\'s lock before the loop that waits, and release it after the loop.',
  misses: 'Conditions whose lock was not seen, and locks of unknown callers.',

  *check(program, resultOf) {
    for (const { fn, wait, lock, instead } of resultOf(conditionWaits).withoutLock) {
      const name = printPath(wait.operation.on);
      const label = lockLabel(program, lock.name);
      const side = lock.mode === 'shared' ? "the readers' side of " : '';
      yield {
        at: wait.operation.at,
        function: fn.name,
        subject: classOf(wait.operation.on) ?? name,
        message: instead === undefined
          ? `${fn.name} waits for ${name} without ${side}${label}, the lock it was made with: the wait releases a lock that ${fn.name} does not hold`
          : `${fn.name} waits for ${name} while it holds ${label} for ${instead.mode === 'shared' ? 'reading' : 'writing'}; the wait releases it as if it were held for ${lock.mode === 'shared' ? 'reading' : 'writing'}, which ends the program`,
        evidence: [trace('the wait', [
          instead === undefined
            ? { at: fn.at, function: fn.name, text: `starts without ${label}`, locks: [], kind: 'enter' }
            : { at: instead.at, function: fn.name, text: `takes ${label} for ${instead.mode === 'shared' ? 'reading' : 'writing'}`, locks: describeHeld([instead]), kind: 'acquire' },
          { at: wait.operation.at, function: fn.name, text: `waits for ${name}, which releases ${side}${label}`, locks: describeHeld(wait.locks.must), kind: 'channel', essential: true },
        ])],
      };
    }
  },
});
