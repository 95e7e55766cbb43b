import { conditionLocks } from '../../analysis/condition-locks.js';
import { trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'nil-cond-locker',
  family: 'misuse',
  level: 'error',
  confidence: 'high',
  languages: ['go'],
  title: 'a condition is made without a lock',
  explain: 'A wait on a condition gives its lock back and takes it again. A condition made with no lock has none to give.',
  impact: 'The first wait panics.',
  advice: 'Make the condition with the address of the lock that protects what it is about.',
  misses: 'Locks that are nil only at run time, and conditions whose lock is never assigned.',
  aliases: ['GCL4001'],

  *check(_program, resultOf) {
    for (const { fn, at } of resultOf(conditionLocks).lockless) {
      yield {
        at,
        function: fn.name,
        subject: fn.name,
        message: `${fn.name} makes a condition without a lock: the first wait on it panics`,
        evidence: [trace('the condition', [{ at, function: fn.name, text: 'makes a condition whose lock is nil', locks: [], kind: 'memory', essential: true }])],
      };
    }
  },
});
