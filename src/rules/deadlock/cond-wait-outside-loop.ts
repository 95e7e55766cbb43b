import { conditionWaits } from '../../analysis/condition-waits.js';
import { classOf, printPath } from '../../ir/index.js';
import { describeHeld } from '../../analysis/lock-state.js';
import { trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'cond-wait-outside-loop',
  family: 'deadlock',
  level: 'warning',
  confidence: 'high',
  languages: ['go'],
  title: 'a condition is not looked at again after the wait',
  explain: 'Between the signal and the return of the wait others may take the lock first and use up what was signalled, and a broadcast wakes everybody for one event. What was waited for must be looked at again before the lock is given back: in a loop around the wait, not by an `if` before it.',
  impact: 'The task goes on although what it waited for is not there.',
  advice: 'Wait in a loop over the condition: `for !ready { c.Wait() }`.',
  misses: 'Loops that look at something else.',

  *check(_program, resultOf) {
    for (const { fn, wait } of resultOf(conditionWaits).outsideLoop) {
      const name = printPath(wait.operation.on);
      yield {
        at: wait.operation.at,
        function: fn.name,
        subject: classOf(wait.operation.on) ?? name,
        message: `${fn.name} waits for ${name} once and does not look again at what it waited for: another task may have been first`,
        evidence: [trace('the wait', [
          { at: wait.operation.at, function: fn.name, text: `waits for ${name}, outside a loop that looks again`, locks: describeHeld(wait.locks.must), kind: 'channel', essential: true },
        ])],
      };
    }
  },
});
