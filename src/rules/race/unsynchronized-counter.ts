import type { ResultOf } from '../../analysis/analysis.js';
import { fieldRaces } from '../../analysis/field-races.js';
import { threadRaces } from '../../analysis/thread-memory.js';
import { printPath } from '../../ir/index.js';
import { describeAccess, fieldRaceTraces, place } from '../evidence.js';
import { defineRule, type Verdict } from '../rule.js';
import { threadTraces, threadWords } from '../threads.js';

/** Within a thread `x++` is one step; threads that share memory run beside each other. */
function* betweenThreads(resultOf: ResultOf): Generator<Verdict> {
  for (const race of resultOf(threadRaces)) {
    const { plain, other, memory } = race;
    if (other.operation.atomic || plain.operation.op !== 'write' || plain.operation.updates !== true) continue;
    yield { at: plain.at, function: plain.fn.name, subject: memory, message: `${printPath(plain.path)} is changed in place, while ${other.fn.name} ${threadWords(other)} on another thread (${place(other.at)})`, evidence: threadTraces(race) };
  }
}

export default defineRule({
  id: 'unsynchronized-counter',
  family: 'race',
  level: 'warning',
  confidence: 'medium',
  languages: ['go', 'typescript'],
  title: 'a shared number is changed in place with no lock anywhere',
  explain: '`x++` reads, adds and writes. Two tasks that do it at the same time can both read the old value: one of the counts is lost.',
  impact: 'The count drifts: limits are passed, or never reached again.',
  advice: 'Make it an atomic number (Go: atomic.Int64; TypeScript: Atomics.add), or guard it with a lock everywhere.',
  misses: 'Counters reached through pointers we cannot follow. Captured local variables are captured-variable.',

  *check(program, resultOf) {
    if (program.scheduling === 'cooperative') return yield* betweenThreads(resultOf);
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
