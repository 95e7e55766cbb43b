import { fieldRaces } from '../../analysis/field-races.js';
import type { Access } from '../../analysis/accesses.js';
import { printPath } from '../../ir/index.js';
import { describeAccess, fieldRaceTraces, place } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'mismatched-guard',
  family: 'race',
  level: 'warning',
  confidence: 'medium',
  languages: ['go'],
  title: 'two sides of a field hold two different locks',
  explain: 'Each side holds a lock of the object and feels safe, but it is not the same lock, so the two keep nobody out. Both camps have several members: there is no telling which lock was meant.',
  impact: 'A data race, as if there were no lock at all.',
  advice: 'Choose one lock for the field, say so in a comment, and hold it on both sides.',
  misses: 'Fields where one of the locks is seen only once (see unguarded-field), and locks of other objects.',

  *check(program, resultOf) {
    for (const race of resultOf(fieldRaces).races) {
      if (race.shape !== 'mismatched') continue;
      yield {
        ...(race.sure ? (race.reason === 'declared' ? { level: 'error' as const, confidence: 'high' as const } : {}) : { confidence: 'low' as const }),
        at: race.odd.operation.at,
        function: race.odd.fn.name,
        subject: race.group.name,
        message: `${describeAccess(race.odd)} under ${locksOf(race.odd)}, while ${race.partner.fn.name} ${describeAccess(race.partner)} under ${locksOf(race.partner)} (${place(race.partner.operation.at)}): no lock in common`,
        evidence: fieldRaceTraces(program, resultOf, race, ['under one lock', 'under the other']),
      };
    }
  },
});

function locksOf(access: Access): string {
  return access.must.map((held) => printPath(held.lock)).join(' and ');
}
