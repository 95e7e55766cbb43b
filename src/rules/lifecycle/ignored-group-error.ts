import { groupErrors } from '../../analysis/group-errors.js';
import { printPath } from '../../ir/index.js';
import { place, trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'ignored-group-error',
  family: 'lifecycle',
  level: 'warning',
  confidence: 'medium',
  languages: ['go'],
  title: 'a task of a group may fail, and nobody looks at the error',
  explain: 'The group keeps the first error of its tasks and hands it out at the wait. Where the result of the wait is thrown away the work goes on as if all had gone well.',
  impact: 'A failed download, write or peer counts as done.',
  advice: 'Return or log the error of the wait, or use a plain wait group when the tasks deal with their errors themselves.',
  misses: 'Errors that are assigned to the blank identifier, which is taken as meant, and waits in another function than the one that looks.',

  *check(_program, resultOf) {
    for (const { fn, wait, spawn, task, fails } of resultOf(groupErrors).dropped) {
      const name = printPath(wait.on);
      yield {
        at: wait.at,
        function: fn.name,
        subject: `${fn.id} ${name}`,
        message: `the wait for ${name} throws the error away that a task may return (${place(fails)})`,
        evidence: [
          trace('the task that fails', [
            { at: spawn.at, function: fn.name, text: `starts a task of ${name}`, locks: [], kind: 'spawn' },
            { at: fails, function: task.name, text: 'returns what may be an error', locks: [], kind: 'exit', essential: true },
          ]),
          trace('who should hear of it', [{ at: wait.at, function: fn.name, text: `waits for ${name} and drops the result`, locks: [], kind: 'channel', essential: true }]),
        ],
      };
    }
  },
});
