import { lockWaits } from '../../analysis/lock-waits.js';
import { classOf, printPath } from '../../ir/index.js';
import { place } from '../evidence.js';
import { defineRule } from '../rule.js';
import { peerTrace, waiterTrace } from '../waits.js';

export default defineRule({
  id: 'wait-under-lock',
  family: 'deadlock',
  level: 'error',
  confidence: 'high',
  languages: ['go'],
  title: 'a task is waited for under a lock it needs',
  explain: 'Whoever joins a task with a lock held keeps the lock until the task is done. When the task takes the same lock on its way to the end, neither can go on: the task waits for the lock, its joiner for the task. A `Close` that stops its workers under the mutex that protects them is the usual place.',
  impact: 'The joiner and the task block for ever, and everybody who needs the lock after them.',
  advice: 'Release the lock before the wait, or take what is needed out under the lock and wait afterwards.',
  misses: 'Tasks started through unknown callees, counters and channels that change hands as parameters, and joins of a task whose lock is another instance.',
  aliases: ['GCL1009'],

  *check(_program, resultOf) {
    for (const wait of resultOf(lockWaits)) {
      if (wait.kind !== 'join') continue;
      const { fn, held, event } = wait.waiter;
      const name = printPath(held.lock);
      const through = event.chain.length === 0 ? '' : ` through ${event.chain.map((link) => link.callee).join(' -> ')}`;
      yield {
        at: event.here,
        function: fn.name,
        subject: `${classOf(held.lock) ?? name} ${classOf(event.on!) ?? ''}`,
        message: `${fn.name} ${event.text}${through} while it holds ${name}, which ${wait.need.fn.name} locks at ${place(wait.need.at)} before it ${wait.peer.text} (${place(wait.peer.at)})`,
        evidence: [waiterTrace(wait), peerTrace(wait)],
      };
    }
  },
});
