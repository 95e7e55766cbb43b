import { handedBack } from '../../analysis/handed-back.js';
import { place, trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'use-after-put',
  family: 'race',
  level: 'warning',
  confidence: 'high',
  languages: ['go'],
  title: 'a pooled object is used after it was put back',
  explain: 'Once the pool has the object, the next Get may hand it to another task at any moment. Whoever still uses it reads and writes what is somebody else\'s by now.',
  impact: 'A data race on the object: bytes of one request turn up in another.',
  advice: 'Put the object back as the last thing (`defer pool.Put(x)` after Get), and copy out what is needed later.',
  misses: 'Parts of the object that were taken out before it went back, and pools that are the program\'s own.',

  *check(_program, resultOf) {
    for (const { fn, variable, given, use } of resultOf(handedBack)) {
      yield {
        at: use.at,
        function: fn.name,
        subject: `${variable.qualifiedName}`,
        message: `${use.does} ${variable.name} after it was put back into the pool (${place(given.at)}): another task may have it by now`,
        evidence: [trace('one task', [
          { at: given.at, function: fn.name, text: `puts ${variable.name} back`, locks: [], kind: 'call' },
          { at: use.at, function: fn.name, text: `${use.does} ${variable.name}`, locks: [], kind: 'memory', essential: true },
        ])],
      };
    }
  },
});
