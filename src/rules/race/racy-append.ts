import { captureRaces } from '../../analysis/capture-races.js';
import { fieldRaces } from '../../analysis/field-races.js';
import { printPath } from '../../ir/index.js';
import { captureRaceTraces, describeAccess, fieldRaceTraces, place } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'racy-append',
  family: 'race',
  level: 'error',
  confidence: 'high',
  languages: ['go'],
  title: 'several tasks append to one list',
  explain: 'Appending reads the length, writes behind it and stores a new header: three steps. Two tasks that append at the same time write the same slot, or one stores a header that does not know of the other.',
  impact: 'Results are lost or overwritten without any error, and a reader may see a torn header.',
  advice: 'Let each task write its own index of a list made long enough, collect over a channel, or append under a lock.',
  misses: 'Lists reached through pointers we cannot follow, and lists guarded in some places (those are unguarded-field).',

  *check(program, resultOf) {
    for (const race of resultOf(captureRaces)) {
      if (race.shape !== 'append') continue;
      const self = race.otherTask === race.insideTask && race.inside.operation === race.other.operation;
      yield {
        at: race.inside.operation.at,
        function: race.inside.fn.name,
        subject: race.variable.qualifiedName,
        message: self ? `all tasks that ${race.owner.name} starts append to ${printPath(race.path)}, with nothing between them`
          : `${printPath(race.path)} is shared with a task that ${race.owner.name} starts: it ${describeAccess(race.inside)}, while ${race.other.fn === race.inside.fn ? 'another' : race.other.fn.name} ${describeAccess(race.other)} (${place(race.other.operation.at)}), and nothing orders the two`,
        claim: { scope: race.scope, first: race.inside.operation.at, second: race.other.operation.at },
        evidence: captureRaceTraces(program, resultOf, race),
      };
    }
    for (const race of resultOf(fieldRaces).races) {
      if (race.shape !== 'append') continue;
      yield {
        level: 'warning',
        confidence: race.sure ? 'medium' : 'low',
        at: race.odd.operation.at,
        function: race.odd.fn.name,
        subject: race.group.name,
        message: `appends to ${race.group.label} with no lock, while ${race.partner.fn.name} ${describeAccess(race.partner)} (${place(race.partner.operation.at)})`,
        evidence: fieldRaceTraces(program, resultOf, race, ['one task', 'another task']),
      };
    }
  },
});
