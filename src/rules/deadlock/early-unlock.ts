import { earlyResets, resetName } from '../../analysis/early-resets.js';
import { earlyReleases } from '../../analysis/early-releases.js';
import { printPath, classOf } from '../../ir/index.js';
import { acquireStep, place, trace } from '../evidence.js';
import { defineRule } from '../rule.js';
import { step } from '../stories.js';

export default defineRule({
  id: 'early-unlock',
  family: 'deadlock',
  level: 'error',
  confidence: 'high',
  languages: ['typescript'],
  title: 'the lock or busy flag is given back while the work under it still runs',
  explain: 'The function returns the promise of its work without awaiting it. Its finally runs at once and gives the lock or flag back; the work goes on without. The next caller gets in and works on the same state at the same time.',
  impact: 'The critical section does not exclude anybody after the first wait of the work.',
  advice: 'Write return await, so that the release waits for the work.',
  misses: 'Work done by callees that are not seen.',
  aliases: ['return-await'],

  *check(_program, resultOf) {
    for (const { fn, held, call, callee, release, returnAt } of resultOf(earlyReleases)) {
      const name = printPath(held.lock);
      yield {
        at: call.at,
        function: fn.name,
        subject: classOf(held.lock) ?? name,
        message: `${name} is released at line ${release.at.line} while ${callee.name} still runs: its promise is returned at line ${returnAt.line} and not awaited under the lock`,
        evidence: [
          trace('call 1', [acquireStep(fn, held), step(call.at, fn, `starts ${callee.name}`, true), step(release.at, fn, `releases ${name} (taken at ${place(held.at)}) before ${callee.name} is done`, true)]),
          trace('call 2', [{ at: held.at, function: fn.name, text: `gets ${name} while the work of call 1 goes on`, locks: [], kind: 'acquire' }]),
        ],
      };
    }
    for (const early of resultOf(earlyResets)) {
      const { fn, set, call, callee, reset, asked, returnAt } = early;
      const name = resetName(early);
      yield {
        at: call.at,
        function: fn.name,
        subject: `${fn.id} ${reset.location}`,
        level: 'warning',
        confidence: 'medium',
        message: `${name} is taken back at line ${reset.at.line} while ${callee.name} still runs: its promise is returned at line ${returnAt.line} and not awaited before`,
        evidence: [
          trace('call 1', [step(set.at, fn, `sets ${name}`), step(call.at, fn, `starts ${callee.name}`, true), step(reset.at, fn, `takes ${name} back before ${callee.name} is done`, true)]),
          trace('call 2', [step(asked.at, asked.fn, `asks ${name}: nobody is there, although call 1 is`)]),
        ],
      };
    }
  },
});
