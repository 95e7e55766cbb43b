import { groupErrors } from '../../analysis/group-errors.js';
import { printPath } from '../../ir/index.js';
import { trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'unused-group-context',
  family: 'lifecycle',
  level: 'warning',
  confidence: 'medium',
  languages: ['go'],
  title: 'the context of a task group is dropped',
  explain: 'The context made beside a group ends when the first task fails, so that the others can stop. Nobody has it here: the others run to their end, and the wait takes as long as the slowest.',
  impact: 'After an error the remaining tasks still dial, download and write; the caller waits for all of them.',
  advice: 'Give the tasks the context of the group; without a need for it make the group without one.',
  misses: 'Contexts that are used, but not by the tasks of the group.',

  *check(_program, resultOf) {
    for (const { fn, make, task } of resultOf(groupErrors).unused) {
      const name = printPath(make.result);
      yield {
        at: make.at,
        function: fn.name,
        subject: `${fn.id} ${name}`,
        message: `the context that ends with the first error of ${name} is dropped: after an error the other tasks go on`,
        evidence: [trace('the group', [
          { at: make.at, function: fn.name, text: `makes ${name} and a context that nobody gets`, locks: [], essential: true },
          { at: task.at, function: fn.name, text: `starts a task of ${name} that cannot hear of the end`, locks: [], kind: 'spawn', essential: true },
        ])],
      };
    }
  },
});
