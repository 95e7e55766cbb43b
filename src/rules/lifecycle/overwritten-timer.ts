import { lostTimers } from '../../analysis/timers.js';
import { place, trace } from '../evidence.js';
import { defineRule } from '../rule.js';
import { entryStep, nameOf, step } from '../stories.js';

export default defineRule({
  id: 'overwritten-timer',
  family: 'lifecycle',
  level: 'warning',
  confidence: 'medium',
  languages: ['typescript'],
  title: 'a timer\'s handle is overwritten while the timer may still run',
  explain: 'The handle is the only way to stop the timer. When the function runs a second time it stores a new handle over the old one, and the old timer can never be stopped: it goes on after close, and with every call the work doubles.',
  impact: 'Timers that run for ever, work that is done twice and more, a process that does not exit.',
  advice: 'Clear the old timer before starting the new one, or leave when one is running.',
  misses: 'Handles in locals and collections, and one-shot timers that re-arm themselves. Where its owner alone calls the function, or the program does in one place as far as is seen, confidence is low.',

  *check(_program, resultOf) {
    for (const { fn, spawn, write, entry, cancel, doubt } of resultOf(lostTimers)) {
      const name = nameOf(write);
      yield {
        at: write.at,
        function: fn.name,
        subject: write.location,
        repair: { kind: 'stop-before', store: write.at },
        ...(doubt === undefined ? {} : { confidence: 'low' as const }),
        message: `${name} is overwritten without a look at what it holds: when ${fn.name} runs twice, the first timer can no longer be stopped at ${place(cancel.at)}${doubt === undefined ? '' : doubt === 'owned' ? '; only its owner calls it, as far as is seen' : '; that the program calls it twice is not seen'}`,
        evidence: [
          trace('two calls', [entryStep(entry, fn), step(write.at, fn, `starts a timer (${spawn.via}) and stores it in ${name}; the second call does so again`, true)]),
          trace('the end', [step(cancel.at, cancel.fn, `stops the timer in ${name}: the last one only`, true)]),
        ],
      };
    }
  },
});
