import { droppedTasks } from '../../analysis/dropped-tasks.js';
import { place, trace } from '../evidence.js';
import { defineRule } from '../rule.js';
import { nameOf, step } from '../stories.js';

export default defineRule({
  id: 'missing-await',
  family: 'race',
  level: 'warning',
  confidence: 'medium',
  languages: ['typescript'],
  title: 'work that is not awaited changes what the next lines use',
  explain: 'The call returns at its first wait, and its caller goes on. What the call does after the wait happens later, in the middle of whatever the caller does by then: it clears the field the caller has just filled, or closes the new connection instead of the old one.',
  impact: 'The later part of the work hits the state of those who came after it.',
  advice: 'Await the call before going on.',
  misses: 'Callees that are not seen, and promises that are stored or passed on.',
  aliases: ['no-floating-promises'],

  *check(_program, resultOf) {
    for (const { fn, spawn, callee, write, use } of resultOf(droppedTasks)) {
      yield {
        at: spawn.at,
        function: fn.name,
        subject: `${fn.id} ${callee.id}`,
        message: `${callee.name} is not awaited, but after its wait it writes ${nameOf(write)} (${place(write.at)}), which line ${use.at.line} relies on: ${use.text}`,
        evidence: [
          trace('the caller', [step(spawn.at, fn, `calls ${callee.name} and goes on`), step(use.at, fn, use.text, true)]),
          trace('the call that nobody waits for', [step(write.at, write.fn, `writes ${nameOf(write)}, later`, true)]),
        ],
      };
    }
  },
});
