import { fieldsTakenAway } from '../../analysis/fields-taken-away.js';
import { describeTask } from '../../analysis/tasks.js';
import { classOf, printPath } from '../../ir/index.js';
import { place, trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'close-without-join',
  family: 'lifecycle',
  level: 'note',
  confidence: 'medium',
  languages: ['go'],
  title: 'what a task works with is taken away when it was told to end, and not waited for',
  explain: 'The method tells the task to end and sets a field to nil that the task works with, or ends a part of the object that the task calls. The task hears of the end only when it looks; until then it goes on with what is left, also when a lock guards each single access.',
  impact: 'A nil dereference, or a wait on a nil channel, during shutdown, now and then.',
  advice: 'Wait for the end of the task before its fields are cleared, or leave them as they are.',
  misses: 'Fields that are cleared in another method than the one that ends the task.',

  *check(program, resultOf) {
    for (const { closer, ends, clears, field, task, user, use } of resultOf(fieldsTakenAway)) {
      const name = printPath(field);
      const does = clears.op === 'write' ? `sets ${name} to nil` : `ends ${name}`;
      const origin = describeTask(program, resultOf, task, user.id);
      yield {
        at: clears.at,
        function: closer.name,
        subject: classOf(field) ?? name,
        ...(clears.op === 'call' ? { impact: 'The task works with a part of the object that is closed: errors, panics or zeroed data, during shutdown, now and then.' } : {}),
        message: `${does} without waiting for the end of the task that ${user.name} runs in, which may still use it (${place(use.at)})`,
        evidence: [
          trace('who ends the task', [{ at: ends.at, function: closer.name, text: ends.text, locks: [], kind: 'channel' }, { at: clears.at, function: closer.name, text: does, locks: [], kind: 'memory', essential: true }]),
          trace('the task', [{ at: origin.at, function: origin.function, text: origin.text, locks: [], kind: 'spawn' }, { at: use.at, function: user.name, text: use.text, locks: [], kind: 'memory', essential: true }]),
        ],
      };
    }
  },
});
