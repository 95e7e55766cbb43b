import { captureRaces } from '../../analysis/capture-races.js';
import { fieldRaces } from '../../analysis/field-races.js';
import { isLateWrite } from '../../analysis/race-shapes.js';
import type { Access } from '../../analysis/accesses.js';
import type { Task } from '../../analysis/tasks.js';
import { printPath } from '../../ir/index.js';
import { captureRaceTraces, describeAccess, fieldRaceTraces, place } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'write-after-spawn',
  family: 'race',
  level: 'warning',
  confidence: 'medium',
  languages: ['go'],
  title: 'a field is set after the task that reads it was started',
  explain: 'The function starts a task that works on the object, and goes on setting it up. Whether the task sees the old value or the new one depends on who is faster, and without anything between the two it is a data race. What comes before the start is seen by the task.',
  impact: 'The task works with an empty address, a nil logger or the old limit, now and then; on start-up, where nobody looks.',
  advice: 'Set the field before the task is started.',
  misses: 'Fields of objects that the task reaches through others, and fields that are guarded elsewhere (those are unguarded-field).',

  *check(program, resultOf) {
    for (const race of resultOf(fieldRaces).races) {
      if (race.shape !== 'late-write') continue;
      const [write, read, reader] = race.odd.write ? [race.odd, race.partner, race.partnerTask] : [race.partner, race.odd, race.oddTask];
      yield { at: write.operation.at, function: write.fn.name, subject: race.group.name, message: tell(write, read, reader), evidence: fieldRaceTraces(program, resultOf, race, race.odd.write ? ['who starts the task', 'the task'] : ['the task', 'who starts the task']) };
    }
    for (const race of resultOf(captureRaces)) {
      if (race.shape !== 'field' || race.otherTask !== undefined || !isLateWrite(race.other, race.inside, race.insideTask)) continue;
      yield {
        at: race.other.operation.at,
        function: race.other.fn.name,
        subject: race.other.group,
        message: tell(race.other, race.inside, race.insideTask),
        claim: { scope: race.scope, first: race.inside.operation.at, second: race.other.operation.at },
        evidence: captureRaceTraces(program, resultOf, race),
      };
    }
  },
});

function tell(write: Access, read: Access, reader: Task): string {
  return `${printPath(write.path)} is set after the task that reads it was started at line ${reader.spawn!.operation.at.line}: ${read.fn.name} ${describeAccess(read)} (${place(read.operation.at)}) before or after`;
}
