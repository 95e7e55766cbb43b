import { endedLives } from '../../analysis/ended-lives.js';
import { printPath } from '../../ir/index.js';
import { place, trace } from '../evidence.js';
import { defineRule } from '../rule.js';
import { step } from '../stories.js';

export default defineRule({
  id: 'write-after-close',
  family: 'channel',
  level: 'error',
  confidence: 'high',
  languages: ['typescript'],
  title: 'a stream or connection is written to after its end',
  explain: 'A stream takes nothing after `end`, a connection nothing after `close` or `destroy`. What is written then is an error event that ends the process when nobody listens, or is lost without a word. It happens on one way through a function, or when a timer that was started for the connection goes on without it.',
  impact: 'An error event (write after end), or data that vanish.',
  advice: 'Write before the end, and stop the timers of a connection where it is closed.',
  misses: 'Objects under two names, and classes of the program itself.',

  *check(_program, resultOf) {
    for (const { fn, path, kind, end, use, timer } of resultOf(endedLives)) {
      if (kind !== 'stream') continue;
      const name = printPath(path);
      yield {
        at: use.at,
        function: use.fn.name,
        subject: `${fn.id} ${name}`,
        ...(timer === undefined ? {} : { level: 'warning' as const, confidence: 'medium' as const }),
        message: timer === undefined ? `${name} is written to here although line ${end.at.line} has ended it`
          : `${name} is written to by the timer of ${place(timer.at)}, which goes on after ${end.fn.name} has ended ${name} (${place(end.at)}): nobody stops it`,
        evidence: timer === undefined ? [trace('the way to the late write', [step(end.at, fn, `ends ${name}`), step(use.at, fn, `writes to ${name}`, true)])]
          : [trace('the timer', [step(timer.at, fn, `starts a timer (${timer.via})`), step(use.at, use.fn, `writes to ${name}, and asks nothing`, true)]), trace('the end', [step(end.at, end.fn, `ends ${name}, and the timer goes on`)])],
      };
    }
  },
});
