import { describeHeld } from '../../analysis/lock-state.js';
import { summaries } from '../../analysis/summaries.js';
import { classOf, printPath } from '../../ir/index.js';
import { acquireStep, trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'lock-across-yield',
  family: 'deadlock',
  level: 'warning',
  confidence: 'medium',
  languages: ['typescript'],
  title: 'a generator yields while it holds a lock',
  explain: 'A generator stands still at each `yield` until its consumer asks for more, which may be never: a consumer that keeps the iterator without finishing it never lets the `finally` run. The lock is held all that time, and a consumer that needs it in its own loop waits for itself.',
  impact: 'Everybody who needs the lock waits as long as the consumer likes.',
  advice: 'Collect under the lock and yield after the release, or take the lock for each step.',
  misses: 'Locks of callers, and generators whose consumer is known to finish at once.',

  *check(program, resultOf) {
    const table = resultOf(summaries);
    for (const fn of program.functions.values()) {
      if (fn.yields !== true || fn.test || fn.generated) continue;
      for (const event of table.of(fn.id)?.events ?? []) {
        if (event.kind !== 'suspend' || event.operation.reason !== 'yield') continue;
        const held = event.locks.must.find(({ key }) => !event.locks.unsure.has(key));
        if (held === undefined) continue;
        const name = printPath(held.lock);
        yield {
          at: event.operation.at,
          function: fn.name,
          subject: classOf(held.lock) ?? name,
          message: `${fn.name} yields while it holds ${name} (locked at line ${held.at.line}): the lock stays taken until the consumer asks for more`,
          evidence: [trace('the generator', [acquireStep(fn, held), { at: event.operation.at, function: fn.name, text: 'yields: goes on when the consumer likes', locks: describeHeld([held]), kind: 'memory', essential: true }])],
        };
        break;
      }
    }
  },
});
