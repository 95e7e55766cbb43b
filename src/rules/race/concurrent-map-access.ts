import { captureRaces } from '../../analysis/capture-races.js';
import { fieldRaces } from '../../analysis/field-races.js';
import { printPath } from '../../ir/index.js';
import { captureRaceTraces, describeAccess, fieldRaceTraces, place } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'concurrent-map-access',
  family: 'race',
  level: 'error',
  confidence: 'high',
  languages: ['go'],
  title: 'a map is changed while another task uses it',
  explain: 'Maps are not safe for concurrent use: a write beside any other use, reading and ranging included, is detected by the runtime now and then and ends the whole program.',
  impact: 'The program dies with "concurrent map writes" (it cannot be recovered), or the map is silently damaged.',
  advice: 'Guard every use of the map with one lock, or use a concurrent map.',
  misses: 'Maps reached through unknown code, and maps guarded in some places (those are unguarded-field).',

  *check(program, resultOf) {
    for (const race of resultOf(captureRaces)) {
      if (race.shape !== 'map') continue;
      const written = race.inside.write || !race.other.write ? race.inside : race.other;
      yield {
        at: written.operation.at,
        function: written.fn.name,
        subject: race.inside.group,
        message: `map ${printPath(race.path).replace(/\[[^\]]*\]$/, '')} is used by a task that ${race.owner.name} starts and at ${place((written === race.inside ? race.other : race.inside).operation.at)}, with no lock in common: one side ${describeAccess(written)}`,
        claim: { scope: race.scope, first: race.inside.operation.at, second: race.other.operation.at },
        evidence: captureRaceTraces(program, resultOf, race),
      };
    }
    for (const race of resultOf(fieldRaces).races) {
      if (race.shape !== 'map') continue;
      yield {
        level: 'warning',
        confidence: race.sure ? 'medium' : 'low',
        at: race.odd.operation.at,
        function: race.odd.fn.name,
        subject: race.group.name,
        message: `map ${race.group.label} is used without a lock: ${describeAccess(race.odd)} while ${race.partner.fn.name} ${describeAccess(race.partner)} (${place(race.partner.operation.at)})`,
        evidence: fieldRaceTraces(program, resultOf, race, ['one task', 'another task']),
      };
    }
  },
});
