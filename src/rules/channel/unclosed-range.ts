import { unclosedRanges } from '../../analysis/unclosed-ranges.js';
import { lockLabel } from '../../analysis/lock-graph.js';
import { classOf, printPath } from '../../ir/index.js';
import { place, trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'unclosed-range',
  family: 'channel',
  level: 'warning',
  confidence: 'medium',
  languages: ['go'],
  title: 'a worker ranges over a channel that nobody closes, and is waited for',
  explain: 'The loop over the channel ends only when the channel is closed, and no code that can reach the channel closes it. The worker reports its end after the loop, and somebody waits for that report.',
  impact: 'The wait never returns: shutdown hangs.',
  advice: 'Close the channel where the last value has been sent, before the wait.',
  misses: 'Channels that code outside may reach, and workers that nobody waits for.',

  *check(program, resultOf) {
    for (const { range, send, wait } of resultOf(unclosedRanges)) {
      const name = printPath(range.path);
      yield {
        at: range.at,
        function: range.fn.name,
        subject: classOf(range.path) ?? name,
        message: `ranges over ${name}, which nobody closes: the wait of ${wait.fn.name} for ${lockLabel(program, wait.counter)} (${place(wait.at)}) never ends`,
        evidence: [
          trace('the worker', [{ at: send.at, function: send.fn.name, text: `sends on ${printPath(send.path)}, and never closes it`, locks: [], kind: 'channel' }, { at: range.at, function: range.fn.name, text: `waits for more from ${name} for ever`, locks: [], kind: 'channel', essential: true }]),
          trace('who waits for it', [{ at: wait.at, function: wait.fn.name, text: 'waits for the worker to end', locks: [], kind: 'channel', essential: true }]),
        ],
      };
    }
  },
});
