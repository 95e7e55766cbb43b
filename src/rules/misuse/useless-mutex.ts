import { criticalSections } from '../../analysis/critical-sections.js';
import { printPath } from '../../ir/index.js';
import { trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'useless-mutex',
  family: 'misuse',
  level: 'warning',
  confidence: 'medium',
  languages: ['go'],
  title: 'a lock that nobody else can have',
  explain: 'Each call of the function makes a lock of its own, and no other task ever sees it. It keeps nobody out: two calls hold two different locks.',
  impact: 'What the lock was meant to protect is not protected.',
  advice: 'Declare the lock beside the data it protects, or drop it.',
  misses: 'Locks captured by a literal that runs in the same task, and locks inside a local record.',
  aliases: ['GCL1006'],

  *check(_program, resultOf) {
    for (const { fn, lock, acquire } of resultOf(criticalSections).privateLocks) {
      yield {
        at: acquire.at,
        function: fn.name,
        subject: `${fn.name}.${lock.name}`,
        message: `${printPath(acquire.lock)} is declared in ${fn.name} (line ${lock.at.line}) and shared with nobody: each call locks a lock of its own`,
        evidence: [trace('the lock', [
          { at: lock.at, function: fn.name, text: `a new ${lock.name} for each call`, locks: [], kind: 'enter' },
          { at: acquire.at, function: fn.name, text: `locks ${lock.name}: nobody else can hold it`, locks: [], kind: 'acquire', essential: true },
        ])],
      };
    }
  },
});
