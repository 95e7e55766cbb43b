import type { ResultOf } from '../../analysis/analysis.js';
import { captureRaces } from '../../analysis/capture-races.js';
import { fieldRaces } from '../../analysis/field-races.js';
import { threadRaces } from '../../analysis/thread-memory.js';
import { printPath } from '../../ir/index.js';
import { captureRaceTraces, describeAccess, fieldRaceTraces, place } from '../evidence.js';
import { defineRule, type Verdict } from '../rule.js';
import { threadTraces, threadWords } from '../threads.js';

/** Memory that threads of a cooperative program have in common. */
function* betweenThreads(resultOf: ResultOf): Generator<Verdict> {
  for (const race of resultOf(threadRaces)) {
    const { plain, other, memory } = race;
    if (!other.operation.atomic) continue;
    yield { at: plain.at, function: plain.fn.name, subject: memory, message: `${threadWords(plain)} plainly, while ${other.fn.name} ${threadWords(other)} on another thread (${place(other.at)}): the plain side is not ordered with the atomic one`, evidence: threadTraces(race) };
  }
}

export default defineRule({
  id: 'mixed-atomic-access',
  family: 'race',
  level: 'warning',
  confidence: 'high',
  languages: ['go', 'typescript'],
  title: 'a word is used atomically here and plainly there',
  explain: 'An atomic operation orders itself with other atomic operations only. A plain read or write of the same word takes no part: it races with every atomic one, and the compiler may keep, tear or reorder it.',
  impact: 'A data race: stale or torn values, a stop flag that is never seen, counts that go back.',
  advice: 'Use atomic operations everywhere. Go: a typed atomic (atomic.Int64, atomic.Bool) leaves no other way. TypeScript: Atomics.load and Atomics.store on the view.',
  misses: 'Words reached through pointers we cannot follow, plain uses of objects that others may not know yet; those of an object that the function was given or has found are kept at low confidence; and shared memory that is posted to a worker in a message.',

  *check(program, resultOf) {
    if (program.scheduling === 'cooperative') return yield* betweenThreads(resultOf);
    for (const race of resultOf(fieldRaces).races) {
      if (race.shape !== 'atomic') continue;
      yield {
        ...(race.sure ? {} : { confidence: 'low' as const }),
        at: race.odd.operation.at,
        function: race.odd.fn.name,
        subject: race.group.name,
        message: `${describeAccess(race.odd)} plainly, while ${race.partner.fn.name} ${describeAccess(race.partner)} (${place(race.partner.operation.at)}): the plain side is not ordered with the atomic one`,
        evidence: fieldRaceTraces(program, resultOf, race, ['the plain access', 'the atomic access']),
      };
    }
    for (const race of resultOf(captureRaces)) {
      if (race.shape !== 'atomic') continue;
      const [plain, atomic] = race.inside.atomic ? [race.other, race.inside] : [race.inside, race.other];
      yield {
        level: 'error',
        at: plain.operation.at,
        function: plain.fn.name,
        subject: race.variable.qualifiedName,
        message: `${printPath(race.path)} is shared with a task that ${race.owner.name} starts: ${plain.fn.name} ${describeAccess(plain)} plainly, while ${atomic.fn === plain.fn ? 'another' : atomic.fn.name} ${describeAccess(atomic)} (${place(atomic.operation.at)})`,
        claim: { scope: race.scope, first: race.inside.operation.at, second: race.other.operation.at },
        evidence: captureRaceTraces(program, resultOf, race),
      };
    }
  },
});
