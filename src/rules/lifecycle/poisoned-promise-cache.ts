import { poisonedCaches } from '../../analysis/promise-caches.js';
import { trace } from '../evidence.js';
import { defineRule } from '../rule.js';
import { nameOf, step } from '../stories.js';

export default defineRule({
  id: 'poisoned-promise-cache',
  family: 'lifecycle',
  level: 'warning',
  confidence: 'high',
  languages: ['typescript'],
  title: 'a failed promise stays in the cache',
  explain: 'Keeping the promise of the work under way is right: later callers share it. But when the work fails, the rejected promise stays where it is, and every later caller gets the old failure instead of a new try.',
  impact: 'One failure of the network is remembered until the process restarts.',
  advice: 'Take the entry out when the promise is rejected.',
  misses: 'Promises in single fields, and caches that are cleaned by code that is not seen.',

  *check(_program, resultOf) {
    for (const { fn, test, write, source, call } of resultOf(poisonedCaches)) {
      const name = nameOf(write);
      yield {
        at: write.at,
        function: fn.name,
        subject: write.location,
        repair: { kind: 'forget-failure', store: write.at },
        message: `the promise of ${source} is kept in ${name} and never taken out: when it is rejected, line ${test.at.line} hands the failure to every later caller`,
        evidence: [
          trace('the call that fails', [step(call.at, fn, `starts ${source}`), step(write.at, fn, `keeps its promise in ${name}`, true)]),
          trace('every later call', [step(test.at, fn, `finds ${name}: rejected for good`, true)]),
        ],
      };
    }
  },
});
