import { printPath } from '../../ir/index.js';
import { replacedUnderTimers } from '../../analysis/replaced-under-timers.js';
import { staleContinuations } from '../../analysis/continuations.js';
import { place, trace } from '../evidence.js';
import { besides, looksOf } from '../crossing-claims.js';
import { defineRule } from '../rule.js';
import { nameOf, step, stopStep } from '../stories.js';

export default defineRule({
  id: 'stale-continuation',
  family: 'race',
  level: 'warning',
  confidence: 'medium',
  languages: ['typescript'],
  title: 'after a wait the code goes on as if nothing had been closed',
  explain: 'Before the wait the object was open. During the wait somebody closes it, and everything is cleaned up. Then the code continues: it registers, starts its timer or listens again, and nobody will ever clean that up, since close has already run.',
  impact: 'A closed object comes back to life: leaked timers and listeners, entries that nobody removes, messages after the end.',
  advice: 'Ask again after each wait whether the object is still open, and undo what the wait brought when it is not.',
  misses: 'Closing through other objects, and code whose author asks nowhere whether it is open.',

  *check(_program, resultOf) {
    for (const { fn, stop, left, asked, revive, closer } of resultOf(staleContinuations)) {
      const what = nameOf(asked ?? closer.touch);
      const pause = stop === undefined ? `the callback of ${left!.via}` : `the await at line ${stop.operation.at.line}`;
      yield {
        at: revive.at,
        function: revive.fn.name,
        subject: `${fn.id} ${closer.touch.location}`,
        ...(asked === undefined ? {} : { crossing: { shows: 'stale-act' as const, looks: looksOf(asked), late: revive.at, about: asked.location, in: fn.id, starts: besides(fn, closer.fn) } }),
        message: asked === undefined && revive.text.startsWith('uses') ? `${revive.text}, in ${pause}: ${closer.fn.name} may have taken it out meanwhile (${place(closer.touch.at)}), and the call on nothing throws`
          : asked === undefined ? `${revive.text} in ${pause}, after ${closer.fn.name} may have emptied it (${place(closer.touch.at)}): nothing here looks whether it has, so ${what} stays filled`
          : `${revive.text} after ${pause} without asking ${what} again: ${closer.fn.name} may have run meanwhile (${place(closer.touch.at)}), and nobody cleans up after it`,
        evidence: [
          trace('the code that goes on', [...(asked === undefined ? [] : [step(asked.at, fn, `asks ${what}: still open`)]), stop === undefined ? step(left!.at, fn, `leaves the rest to ${left!.via}`) : stopStep(stop, fn), step(revive.at, revive.fn, revive.text, true)]),
          trace('meanwhile', [step(closer.touch.at, closer.fn, closer.touch.content ? `empties ${nameOf(closer.touch)}` : `writes ${nameOf(closer.touch)}: closed`, true)], 'meanwhile'),
        ],
      };
    }
    for (const { fn, timer, use, replaced } of resultOf(replacedUnderTimers)) {
      const what = printPath(use.path);
      yield {
        at: use.at,
        function: use.fn.name,
        subject: `${fn.id} ${replaced.location}`,
        message: `the timer of line ${timer.at.line} ends whatever ${what} is by then: ${replaced.fn.name} may have put another one there (${place(replaced.at)}), and stops no timer`,
        advice: 'Take the object into a local before the timer starts, or stop the timer where the object is replaced.',
        evidence: [trace('the timer', [step(timer.at, fn, `starts a timer (${timer.via}) for ${what}`), step(use.at, use.fn, `ends ${what}, and does not compare`, true)]), trace('meanwhile', [step(replaced.at, replaced.fn, `puts another one into ${what}`, true)])],
      };
    }
  },
});
