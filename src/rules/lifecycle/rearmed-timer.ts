import { rearmedTimers } from '../../analysis/rearmed-timers.js';
import { place, trace } from '../evidence.js';
import { defineRule } from '../rule.js';
import { nameOf, step } from '../stories.js';

export default defineRule({
  id: 'rearmed-timer',
  family: 'lifecycle',
  level: 'warning',
  confidence: 'medium',
  languages: ['typescript'],
  title: 'a timer starts itself again after it was stopped',
  explain: 'The timer does its work, waits for it, and starts the next timer. Who stops it clears the handle he finds. But while the work is under way that handle is of a timer which has fired already: clearing it stops nothing, and when the work is done the next timer starts.',
  impact: 'A stopped object goes on working for ever, on what has been closed meanwhile.',
  advice: 'Keep a flag that the stop sets, and ask it after the wait, before the next timer starts.',
  misses: 'Handles in containers, and code that asks something else after the wait.',

  *check(_program, resultOf) {
    for (const { fn, spawn, write, pause, cancel } of resultOf(rearmedTimers)) {
      const name = nameOf(write);
      yield {
        at: spawn.at,
        function: fn.name,
        subject: `${fn.id} ${write.location}`,
        message: `the timer in ${name} starts again here without a look at what happened at line ${pause.at.line}: ${cancel.fn.name} clears a handle that has fired already (${place(cancel.at)}), and the timer lives on`,
        evidence: [
          trace('the work of the timer', [step(pause.at, fn, `${pause.text}: others run`), step(spawn.at, fn, `starts the next timer (${spawn.via}) and keeps it in ${name}`, true)]),
          trace('meanwhile', [step(cancel.at, cancel.fn, `clears ${name}: that timer has fired`, true)]),
        ],
      };
    }
  },
});
