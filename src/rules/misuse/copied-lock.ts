import { lockCopies } from '../../analysis/lock-copies.js';
import { trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'copied-lock',
  family: 'misuse',
  level: 'error',
  confidence: 'high',
  languages: ['go'],
  title: 'a value that holds a lock is copied',
  explain: 'A copy of a lock is another lock, in the state the first one had at that moment: it guards nothing that the original guards, and may be locked for ever. The same goes for wait groups, once-objects, condition variables, pools and atomics.',
  impact: 'Two tasks enter the section that one lock should guard, or block on a copy that nobody releases.',
  advice: 'Pass and keep a pointer to the value.',
  misses: 'Copies made by unknown code or reflection, and types whose fields are not known.',
  aliases: ['copylocks', 'GCL9001', 'waitgroup-by-value'],

  *check(_program, resultOf) {
    for (const copy of resultOf(lockCopies)) {
      yield {
        at: copy.at,
        function: copy.fn.name,
        subject: `${copy.type}.${copy.primitive}`,
        message: `${copy.what} copies ${copy.primitive} inside ${copy.type}`,
        evidence: [trace('the copy', [{ at: copy.at, function: copy.fn.name, text: `${copy.what}: from here on there are two of ${copy.primitive}`, locks: [], kind: 'memory', essential: true }])],
      };
    }
  },
});
