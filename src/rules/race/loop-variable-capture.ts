import { captureRaces } from '../../analysis/capture-races.js';
import { captureRaceTraces, place } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'loop-variable-capture',
  family: 'race',
  level: 'error',
  confidence: 'high',
  languages: ['go'],
  title: 'a task started in a loop uses the variable of the loop',
  explain: 'Before Go 1.22 (by the `go` line of go.mod) all turns of a loop share one variable. A task started in the loop reads it while the loop already writes the next value: most tasks see the last one, and some are lost.',
  impact: 'Work is done twice for one element and never for another, and the read races with the loop.',
  advice: 'Hand the value over as an argument, copy it inside the loop (`v := v`), or raise the go line of go.mod to 1.22.',
  misses: 'Loop variables that leave through a pointer or a stored literal, and deferred literals, which only see the last value.',
  aliases: ['loopclosure', 'range-val-in-closure'],

  *check(program, resultOf) {
    for (const race of resultOf(captureRaces)) {
      if (race.shape !== 'loop-variable') continue;
      yield {
        at: race.inside.operation.at,
        function: race.inside.fn.name,
        subject: race.variable.qualifiedName,
        message: `${race.variable.name} is the variable of the loop that starts this task: by the go version of the module all turns share it, and the loop sets it again (${place(race.other.operation.at)}) while the task uses it`,
        claim: { scope: race.scope, first: race.inside.operation.at, second: race.other.operation.at },
        evidence: captureRaceTraces(program, resultOf, race),
      };
    }
  },
});
