import { unboundedWork } from '../../analysis/unbounded-work.js';
import { trace } from '../evidence.js';
import { defineRule } from '../rule.js';
import { entryStep, step } from '../stories.js';

export default defineRule({
  id: 'unbounded-concurrency',
  family: 'lifecycle',
  level: 'note',
  confidence: 'low',
  languages: ['typescript'],
  title: 'as many tasks at once as the caller names',
  explain: 'One task is started for each element of a list that the caller hands over, all of them at once, and each asks something outside of the process. A long list opens as many connections, and fills the memory with what waits. Most lists are short, so this is told on request only.',
  impact: 'A single call uses up sockets, file handles or the quota of whoever answers.',
  advice: 'Run the tasks through a limiter, or go through the list in pieces.',
  misses: 'Lists that are kept or fetched, work in a function that the task calls, and tasks that nobody waits for.',
  hygiene: true,

  *check(_program, resultOf) {
    for (const { fn, spawn, list, entry, work } of resultOf(unboundedWork)) {
      yield {
        at: spawn.at,
        function: fn.name,
        subject: `${fn.id} ${list}`,
        message: `starts a task for each of ${list} at once, and each runs ${work.text}: how many there are, the caller of ${fn.name} says`,
        evidence: [trace('one call', [entryStep(entry, fn), step(spawn.at, fn, `starts a task for each of ${list}`, true), step(work.at, work.fn, `runs ${work.text}, beside all others`)])],
      };
    }
  },
});
