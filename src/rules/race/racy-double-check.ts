import { fieldRaces } from '../../analysis/field-races.js';
import { describeAccess, fieldRaceTraces, place } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'racy-double-check',
  family: 'race',
  level: 'warning',
  confidence: 'medium',
  languages: ['go'],
  title: 'a field is tested without the lock under which it is set',
  explain: 'The first test saves the lock when everything is set up already. But it reads what another task writes at that very moment: it may see the flag set and what it stands for not yet.',
  impact: 'A data race: a half-made object is used, or the setting up runs twice.',
  advice: 'Use sync.Once or an atomic pointer, or take the lock for the first test as well.',
  misses: 'Tests in one function whose setting up is in another.',

  *check(program, resultOf) {
    for (const race of resultOf(fieldRaces).races) {
      if (race.shape !== 'double-check') continue;
      yield {
        ...(race.sure ? (race.reason === 'declared' ? { level: 'error' as const, confidence: 'high' as const } : {}) : { confidence: 'low' as const }),
        at: race.odd.operation.at,
        function: race.odd.fn.name,
        subject: race.group.name,
        message: `${describeAccess(race.odd)} without ${race.guard!.label} to decide whether to set it, while ${race.partner.fn.name} ${describeAccess(race.partner)} under the lock (${place(race.partner.operation.at)})`,
        evidence: fieldRaceTraces(program, resultOf, race, ['the test without the lock', 'the change under it']),
      };
    }
  },
});
