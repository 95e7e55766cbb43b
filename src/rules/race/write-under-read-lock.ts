import { fieldRaces } from '../../analysis/field-races.js';
import { describeAccess, fieldRaceTraces, place } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'write-under-read-lock',
  family: 'race',
  level: 'warning',
  confidence: 'medium',
  languages: ['go'],
  title: 'a guarded field is written while its lock is held for reading only',
  explain: 'A read lock lets any number of readers in at once. Whoever writes under it writes beside the readers, and beside everybody else who does the same.',
  impact: 'A data race: a crash when the field is a map, lost updates otherwise.',
  advice: 'Take the write lock around the change, or move the change out of the reading section.',
  misses: 'Writes in callees that we cannot follow, and fields whose guard we cannot tell.',

  *check(program, resultOf) {
    for (const race of resultOf(fieldRaces).races) {
      if (race.shape !== 'read-locked') continue;
      yield {
        ...(race.sure ? (race.reason === 'declared' ? { level: 'error' as const, confidence: 'high' as const } : {}) : { confidence: 'low' as const }),
        at: race.odd.operation.at,
        function: race.odd.fn.name,
        subject: race.group.name,
        message: `${describeAccess(race.odd)} with only the read lock of ${race.guard!.label} held, while ${race.partner.fn.name} ${describeAccess(race.partner)} (${place(race.partner.operation.at)}): readers are not kept out`,
        evidence: fieldRaceTraces(program, resultOf, race, ['the write', 'meanwhile']),
      };
    }
  },
});
