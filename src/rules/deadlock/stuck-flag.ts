import { stuckFlags } from '../../analysis/stuck-flags.js';
import { place, trace } from '../evidence.js';
import { defineRule } from '../rule.js';
import { nameOf, step } from '../stories.js';

export default defineRule({
  id: 'stuck-flag',
  family: 'deadlock',
  level: 'warning',
  confidence: 'high',
  languages: ['typescript'],
  title: 'a busy flag stays set when the work fails',
  explain: 'The flag is a lock of the program\'s own making: tested at the door, set, reset at the end. One way out, an early return or an exception, leaves without the reset, and from then on everybody is turned away.',
  impact: 'After one failure the work is never done again until the process restarts.',
  advice: 'Reset the flag in a finally that begins right after it is set.',
  misses: 'Failures of code that is not seen, and flags that other functions reset too.',

  *check(_program, resultOf) {
    for (const { fn, test, set, reset, exit } of resultOf(stuckFlags)) {
      const name = nameOf(set);
      yield {
        at: set.at,
        function: fn.name,
        subject: set.location,
        repair: { kind: 'reset-at-end', set: set.at, reset: reset.at },
        message: `${name} is set here and stays set when the function ${exit.text} at line ${exit.at.line}: only line ${reset.at.line} resets it, and line ${test.at.line} turns every later call away`,
        evidence: [
          trace('the way that keeps the flag', [step(set.at, fn, `sets ${name}`), step(exit.at, fn, `${exit.text}: ${name} is still set`, true)]),
          trace('every later call', [step(test.at, fn, `finds ${name} set (${place(set.at)}) and does nothing`, true)]),
        ],
      };
    }
  },
});
