import { fieldRaces } from '../../analysis/field-races.js';
import { describeAccess, fieldRaceTraces, place } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'unsynchronized-counter',
  family: 'race',
  level: 'warning',
  confidence: 'medium',
  languages: ['go'],
  title: 'a shared number is changed in place with no lock anywhere',
  explain: '`x++` reads, adds and writes. Two tasks that do it at the same time can both read the old value: one of the counts is lost.',
  impact: 'The count drifts: limits are passed, or never reached again.',
  advice: 'Make it an atomic number, or guard it with a lock everywhere.',
  misses: 'Counters reached through pointers we cannot follow. Captured local variables are captured-variable.',

  *check(program, resultOf) {
    for (const race of resultOf(fieldRaces).races) {
      if (race.shape !== 'counter') continue;
      yield {
        ...(race.sure ? {} : { confidence: 'low' as const }),
        at: race.odd.operation.at,
        function: race.odd.fn.name,
        subject: race.group.name,
        message: `${race.group.label} is changed in place with no lock, while ${race.partner.fn.name} ${describeAccess(race.partner)} (${place(race.partner.operation.at)})`,
        evidence: fieldRaceTraces(program, resultOf, race, ['one task', 'another task']),
      };
    }
  },
});
