import { fieldRaces, type FieldRace } from '../../analysis/field-races.js';
import { pickedUpAt } from '../../analysis/race-shapes.js';
import { describeAccess, fieldRaceTraces, place } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'use-after-unlock',
  family: 'race',
  level: 'warning',
  confidence: 'medium',
  languages: ['go'],
  title: 'a guarded container is picked up under the lock and used after it',
  explain: 'Copying a map or a slice out of a field copies a reference, not the content. The lock covers the copying; the content is read or changed when it is gone.',
  impact: 'A data race: a crash while ranging over the map, elements that change under the reader.',
  advice: 'Copy the content under the lock (maps.Clone, slices.Clone), or keep the lock until the use is over.',
  misses: 'References handed to callees or callers (see guarded-reference-escape), and containers whose content is only changed through unknown code.',

  *check(program, resultOf) {
    for (const race of resultOf(fieldRaces).races) {
      if (race.shape !== 'after-unlock') continue;
      yield {
        ...(race.sure ? (race.reason === 'declared' ? { level: 'error' as const, confidence: 'high' as const } : {}) : { confidence: 'low' as const }),
        at: race.odd.operation.at,
        function: race.odd.fn.name,
        subject: race.group.name,
        message: `${describeAccess(race.odd)} after ${race.guard!.label} is released: the reference was taken under it${takenAt(race)}, and ${race.partner.fn.name} ${describeAccess(race.partner)} (${place(race.partner.operation.at)})`,
        evidence: fieldRaceTraces(program, resultOf, race, ['after the unlock', 'with the lock']),
      };
    }
  },
});

function takenAt(race: FieldRace): string {
  const at = pickedUpAt(race.odd, race.guard!, race.group.accesses);
  return at === undefined ? '' : ` (${place(at)})`;
}
