import { unmatchedOperations } from '../../analysis/unmatched.js';
import { classOf, printPath } from '../../ir/index.js';
import { trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'unmatched-channel-operation',
  family: 'channel',
  level: 'warning',
  confidence: 'medium',
  languages: ['go'],
  title: 'a channel is sent on or received from, and nobody does the other half',
  explain: 'Every place that can reach the channel is in the program, and none of them receives what is sent here, or sends or closes what is waited for here. The operation waits for ever. It is what is left when the other side was removed or never written.',
  impact: 'The task that comes here stays for ever, with all that it holds.',
  advice: 'Write the missing half, close the channel where the waiting should end, or take this half away too.',
  misses: 'Channels that code outside may reach, arms of a select, and operations whose other half exists but never runs.',

  *check(_program, resultOf) {
    for (const { kind, use, make } of resultOf(unmatchedOperations).unmatched) {
      const name = printPath(use.path);
      const missing = kind === 'send' ? 'nobody in the program receives from' : 'nobody in the program sends on or closes';
      yield {
        at: use.at,
        function: use.fn.name,
        subject: classOf(use.path) ?? name,
        message: `${kind === 'send' ? 'sends on' : 'receives from'} ${name}, and ${missing} it`,
        evidence: [trace('the half that is there', [
          { at: make.at, function: make.fn.name, text: `makes ${printPath(make.cell)}${make.capacity === undefined || make.capacity === 0 ? '' : ` with room for ${make.capacity}`}`, locks: [], kind: 'channel' },
          { at: use.at, function: use.fn.name, text: `${kind === 'send' ? 'sends on' : 'receives from'} ${name}: ${missing} it`, locks: [], kind: 'channel', essential: true },
        ])],
      };
    }
  },
});
