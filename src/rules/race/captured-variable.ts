import { captureRaces } from '../../analysis/capture-races.js';
import { printPath } from '../../ir/index.js';
import { captureRaceTraces, describeAccess, place } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'captured-variable',
  family: 'race',
  level: 'error',
  confidence: 'high',
  languages: ['go'],
  title: 'a variable is shared with a started task and nothing keeps the two apart',
  explain: 'A function literal started as a task shares the variables around it. One side writes, the other reads or writes, and nothing in between waits: no join, no channel, no common lock. The shared `err` is the usual victim, counters and results the next.',
  impact: 'A data race: lost updates, an error that vanishes or belongs to another task, a torn value.',
  advice: 'Give the task a variable of its own (`err :=`, a parameter), wait for it before the use, or guard both sides with one lock.',
  misses: 'Order that comes from counting sends and receives, and variables shared through pointers.',
  aliases: ['datarace'],

  *check(program, resultOf) {
    for (const race of resultOf(captureRaces)) {
      if (race.shape !== 'variable') continue;
      const main = race.inside.write || !race.other.write ? race.inside : race.other;
      const rest = main === race.inside ? race.other : race.inside;
      const name = printPath(race.path);
      const self = race.otherTask === race.insideTask && race.inside.operation === race.other.operation;
      yield {
        at: main.operation.at,
        function: main.fn.name,
        subject: `${race.variable.qualifiedName}`,
        message: self ? `${name} is shared by all tasks that ${race.owner.name} starts in a loop: each ${describeAccess(main)} with nothing between them`
          : `${name} is shared with a task that ${race.owner.name} starts: ${describeAccess(main)} while ${rest.fn === main.fn ? 'another' : rest.fn.name} ${describeAccess(rest)} (${place(rest.operation.at)}), and nothing orders the two`,
        ...(race.variable.name === 'err' || race.variable.kind === 'result' ? { advice: 'Declare the variable inside the task (`err :=`), and hand the result over a channel or a group.' } : {}),
        // What a task shares through the literals it calls is shared by one mistake: the task is not ordered with who made them.
        ...(race.insideTask.start.includes(race.inside.fn.id) ? {} : { cause: { key: `${race.owner.id} ${race.insideTask.id}`, name } }),
        claim: { scope: race.scope, first: race.inside.operation.at, second: race.other.operation.at },
        evidence: captureRaceTraces(program, resultOf, race),
      };
    }
  },
});
