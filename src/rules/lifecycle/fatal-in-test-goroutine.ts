import { testEndings } from '../../analysis/test-endings.js';
import { place, trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'fatal-in-test-goroutine',
  family: 'lifecycle',
  level: 'warning',
  confidence: 'high',
  languages: ['go'],
  title: 'a test is ended from a task that is not its own',
  explain: 'Ending a test (`t.Fatal`, `t.FailNow`, `t.Skip`) ends the calling task only. From a task the test has started, the test itself goes on: it waits for an answer that never comes, or passes over a failure that is reported too late.',
  impact: 'A failing test hangs until its time is over, or panics after it has ended.',
  advice: 'Report with `t.Error` and return, or send the error to the test and end it there.',
  misses: 'Assertion libraries, and helpers called through several functions.',
  aliases: ['testinggoroutine', 'SA2002'],

  *check(_program, resultOf) {
    for (const { fn, at, through, spawn, by } of resultOf(testEndings)) {
      yield {
        at,
        function: fn.name,
        subject: fn.id,
        message: `ends the test${through === undefined ? '' : ` through ${through}`} from a task that ${by.name} has started (${place(spawn)}): only this task ends, the test goes on`,
        evidence: [trace('the task', [
          { at: spawn, function: by.name, text: 'is started here', locks: [], kind: 'spawn' },
          { at, function: fn.name, text: 'ends itself, not the test', locks: [], kind: 'exit', essential: true },
        ])],
      };
    }
  },
});
