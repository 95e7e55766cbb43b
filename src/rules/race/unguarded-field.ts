import type { ResultOf } from '../../analysis/analysis.js';
import { captureRaces } from '../../analysis/capture-races.js';
import { fieldRaces, type FieldRace } from '../../analysis/field-races.js';
import { isLateWrite } from '../../analysis/race-shapes.js';
import { unguardedWrites } from '../../analysis/guarded-state.js';
import { pathKey, printPath, type Program } from '../../ir/index.js';
import { accessStep, captureRaceTraces, describeAccess, fieldRaceTraces, place, trace } from '../evidence.js';
import { defineRule, type Verdict } from '../rule.js';
import { entryStep } from '../stories.js';

/** In a cooperative program only a section that waits needs its lock, and only a write can break it. */
function* unguardedAcrossWaits(resultOf: ResultOf): Generator<Verdict> {
  for (const { access, label, guard, guarded, total, section, entry } of resultOf(unguardedWrites)) {
    const lock = printPath(guard.lock);
    yield {
      at: access.operation.at,
      function: access.fn.name,
      subject: access.group,
      message: `${label} is written without ${lock}, which ${guarded} of ${total} uses hold: ${section.access.fn.name} waits at line ${section.stopAt.line} with the lock held and finds another value afterwards`,
      evidence: [
        trace('without the lock', [entryStep(entry, access.fn), accessStep(access)]),
        trace('with the lock', [{ at: guard.at, function: section.access.fn.name, text: `locks ${lock}`, locks: [], kind: 'acquire' }, { at: section.stopAt, function: section.access.fn.name, text: 'stops at the await: others run', locks: [lock], kind: 'memory' }, accessStep(section.access)]),
      ],
    };
  }
}

export default defineRule({
  id: 'unguarded-field',
  family: 'race',
  level: 'warning',
  confidence: 'medium',
  languages: ['go', 'typescript'],
  title: 'a field is used by two tasks with no lock in common',
  explain: 'Most uses of the field hold one lock, or a comment names it; this use does not, and another task may use the field at the same moment. Where no lock has a majority, both tasks are shown instead.',
  impact: 'A data race: lost updates, torn values, a crash when the field is a map, slice, string or interface.',
  advice: 'Hold the guarding lock around this use, or make the field atomic if it is a single word.',
  misses: 'Fields of objects we cannot tell apart, uses through reflection or unknown code, and guards that are not locks.',
  aliases: ['guardedby', 'checklocks'],

  *check(program, resultOf) {
    if (program.scheduling === 'cooperative') return yield* unguardedAcrossWaits(resultOf);
    for (const race of resultOf(fieldRaces).races) {
      if (race.shape !== 'field') continue;
      const repair = repairOf(program, race);
      yield { ...verdictLevel(race), ...(repair === undefined ? {} : { repair }), ...adviceOn(race), at: race.odd.operation.at, function: race.odd.fn.name, subject: race.group.name, message: tell(race), ...causeOf(race), evidence: fieldRaceTraces(program, resultOf, race, titlesOf(race)) };
    }
    for (const race of resultOf(captureRaces)) {
      if (race.shape !== 'field' || (race.otherTask === undefined && isLateWrite(race.other, race.inside, race.insideTask))) continue;
      yield {
        at: race.inside.operation.at,
        function: race.inside.fn.name,
        subject: race.inside.group,
        message: `${printPath(race.path)} is ${race.inside.write ? 'written' : 'read'} by a task that ${race.owner.name} starts, and ${race.other.write ? 'written' : 'read'} at ${place(race.other.operation.at)} without waiting for it`,
        claim: { scope: race.scope, first: race.inside.operation.at, second: race.other.operation.at },
        evidence: captureRaceTraces(program, resultOf, race),
      };
    }
  },
});

/** What a function does to one object without its lock is one mistake, and so is an object that the instances of one task share. */
function causeOf({ odd, partner, oddTask, partnerTask, guard, group, reason, sure, early }: FieldRace): Pick<Verdict, 'cause'> {
  if (!sure || early || odd.path.root.kind !== 'variable' || reason === 'declared') return {};
  const name = printPath(odd.path);
  const lock = partner.must.find((held) => !odd.must.some((other) => other.key === held.key));
  if (odd.must.length === 0 && lock !== undefined) return { cause: { key: `${odd.fn.id} ${odd.path.root.variable.id} ${guard?.lock ?? pathKey(lock.lock)}`, name } };
  if (odd.must.length + partner.must.length === 0 && oddTask === partnerTask && oddTask.kind === 'spawn' && group.record !== undefined) return { cause: { key: `${oddTask.id} ${group.record.name}`, name } };
  return {};
}

/** Taking the lock that stands beside the field, by the name the odd access has for its object. */
function repairOf(program: Program, { odd, guard }: FieldRace): Verdict['repair'] {
  const [field, ...more] = odd.path.selectors;
  if (guard === undefined || odd.must.length > 0 || odd.path.root.kind !== 'variable' || field?.kind !== 'field' || more.some(({ kind }) => kind === 'field')) return undefined;
  const lock = program.records.get(field.owner)?.fields.find(({ name }) => guard.lock === `${field.owner}.${name}`);
  if (lock === undefined) return undefined;
  const type = lock.type.kind === 'pointer' ? lock.type.to : lock.type;
  return { kind: 'hold', at: odd.operation.at, lock: `${odd.path.root.variable.name}.${lock.name}`, shared: !odd.write && type.kind === 'primitive' && type.primitive === 'rwlock' };
}

function tell(race: FieldRace): string {
  const { odd, partner, guard } = race;
  const use = describeAccess(odd);
  const meanwhile = `while ${partner.fn.name} ${describeAccess(partner)} (${place(partner.operation.at)})`;
  if (race.reason === 'declared') return `${use} without ${guard!.label}, which its comment names as the guard of ${race.group.label}, ${meanwhile}`;
  if (race.reason === 'inferred') return `${use} without ${guard!.label}, which is held at ${guard!.guarded} of ${guard!.total} uses of ${race.group.label}, ${meanwhile}`;
  const own = ownLock(race);
  if (own !== undefined) return odd.operation === partner.operation ? `each task ${use} under ${own} of its own, so no lock keeps them apart` : `${use} under ${own}, ${meanwhile} under ${own} of another object`;
  const lock = partner.must.find((held) => !odd.must.some((other) => other.key === held.key));
  if (lock === undefined && odd.must.length > 0) return `${use} under ${printPath(odd.must[0]!.lock)}, ${meanwhile} without it`;
  return `${use} without ${lock === undefined ? 'any lock' : printPath(lock.lock)}, ${meanwhile}`;
}

/** The lock both sides hold, when there are as many of it as there are tasks. */
function ownLock({ odd, partner, reason }: FieldRace): string | undefined {
  if (reason !== 'pair') return undefined;
  const both = odd.must.find((held) => partner.must.some((other) => other.key === held.key));
  return both === undefined ? undefined : printPath(both.lock);
}

function titlesOf(race: FieldRace): readonly [odd: string, partner: string] {
  const { odd, partner } = race;
  if (ownLock(race) !== undefined || (race.reason === 'pair' && odd.must.length + partner.must.length === 0)) return ['one task', odd.operation === partner.operation ? 'another one, in the same code' : 'another task'];
  if (race.reason === 'pair' && partner.must.length === 0) return ['with a lock', 'without it'];
  return ['without the lock', partner.must.length > 0 ? 'with the lock' : 'the other task'];
}

/** Where no lock guards the field, none can be held around this one use. */
function adviceOn(race: FieldRace): Pick<Verdict, 'advice'> {
  const own = ownLock(race);
  if (race.reason !== 'pair' || (own === undefined && race.odd.must.length + race.partner.must.length > 0)) return {};
  const field = race.group.label;
  return { advice: own === undefined ? `Guard every use of ${field} with one lock, let one task alone use it, or make it atomic if it is a single word.` : `Guard ${field} with a lock of the object it belongs to, or give each task an object of its own: ${own} is a different lock in each task.` };
}

/** A written contract is an error; start-up and shut-down code is often alone, so its level is lowered. */
function verdictLevel(race: FieldRace): Partial<Pick<Verdict, 'level' | 'confidence'>> {
  if (!race.sure) return { confidence: 'low' };
  if (race.reason === 'declared') return { level: 'error', confidence: 'high' };
  if (race.reason === 'pair') return {};
  return /init|close|start|new|shutdown|stop|setup/i.test(race.odd.fn.name.split('.').pop()!) ? { level: 'note' } : {};
}
