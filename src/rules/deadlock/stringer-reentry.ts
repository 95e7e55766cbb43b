import { describeHeld } from '../../analysis/lock-state.js';
import { textReentries } from '../../analysis/text-reentry.js';
import { classOf, printPath } from '../../ir/index.js';
import { acquireStep, callSteps, trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'stringer-reentry',
  family: 'deadlock',
  level: 'error',
  confidence: 'high',
  languages: ['go'],
  title: 'a value is formatted under the lock its own text method takes',
  explain: 'Formatting a value runs its `String`, `Error` or `MarshalJSON` method. Nothing in the log line looks like a call, yet when the method takes the lock of the value and the line stands under that lock, the task waits for itself.',
  impact: 'The task blocks for ever on a log line, and so does everybody who needs the lock.',
  advice: 'Format after the release, print the fields instead of the value, or split the method into a locked part and a wrapper that locks.',
  misses: 'Values behind interfaces and inside other values, layouts that are not constant, and loggers that are not known.',

  *check(_program, resultOf) {
    for (const entry of resultOf(textReentries)) {
      if (entry.held.mode === 'shared' && entry.mode === 'shared') continue;
      const name = printPath(entry.held.lock);
      yield {
        at: entry.at,
        function: entry.fn.name,
        subject: classOf(entry.held.lock) ?? name,
        message: `${entry.fn.name} formats ${printPath(entry.value)} while it holds ${name} since line ${(entry.held.chain[0]?.call ?? entry.held.at).line}; formatting runs ${entry.chain.map((link) => link.callee).join(' -> ')}, which locks ${name} again`,
        evidence: [trace('the task that waits for itself', [
          acquireStep(entry.fn, entry.held),
          ...callSteps(entry.chain, [entry.held]),
          { at: entry.acquiredAt, function: entry.acquiredIn, text: `${entry.mode === 'shared' ? 'read-locks' : 'locks'} ${name} again: waits for ever`, locks: describeHeld([entry.held]), kind: 'acquire', essential: true },
        ])],
      };
    }
  },
});
