import { abandonedWaiters } from '../../analysis/abandoned-waiters.js';
import { place, trace } from '../evidence.js';
import { defineRule } from '../rule.js';
import { nameOf, step } from '../stories.js';

export default defineRule({
  id: 'abandoned-waiter',
  family: 'deadlock',
  level: 'warning',
  confidence: 'medium',
  languages: ['typescript'],
  title: 'a waiter that gives up stays in the queue',
  explain: 'A lock or semaphore made by hand keeps who waits in a list, and hands the turn to the first of it. A waiter with a timeout gives up, but nobody takes it out of the list. The next release hands the turn to it: its promise is settled already, so nobody gets the turn, and nobody releases it.',
  impact: 'After one timeout the lock is held by nobody, for ever, or a place of the semaphore is lost each time.',
  advice: 'Take the waiter out of the list when it gives up, or skip those that have.',
  misses: 'Waiters kept as objects.',

  *check(_program, resultOf) {
    for (const { fn, queued, timer, givesUp, turn } of resultOf(abandonedWaiters)) {
      const name = nameOf(queued).replace(/\[.*$/, '');
      yield {
        at: givesUp.at,
        function: givesUp.fn.name,
        subject: `${fn.id} ${queued.location}`,
        message: `the waiter gives up here and stays in ${name}: ${turn.fn.name} hands it the turn later (${place(turn.at)}), and nobody takes it`,
        evidence: [
          trace('the waiter', [step(queued.at, fn, `waits in ${name}`), step(timer.at, fn, `starts its timeout (${timer.via})`), step(givesUp.at, givesUp.fn, `gives up, and stays in ${name}`, true)]),
          trace('the turn', [step(turn.at, turn.fn, `calls the first of ${name}: its promise is settled already`, true)]),
        ],
      };
    }
  },
});
