import { unmatchedOperations } from '../../analysis/unmatched.js';
import { classOf, printPath } from '../../ir/index.js';
import { trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'nil-channel-operation',
  family: 'channel',
  level: 'error',
  confidence: 'high',
  languages: ['go'],
  title: 'a channel is used that nobody ever makes',
  explain: 'The channel is declared, and no code that can reach it puts a channel there: it is nil whoever comes. To send on a nil channel or to receive from it waits for ever, to close it panics.',
  impact: 'The task stays for ever, or the program panics.',
  advice: 'Make the channel where its object is made.',
  misses: 'Channels that are nil on some ways only, and arms of a select, where nil switches an arm off.',

  *check(_program, resultOf) {
    for (const { kind, use, declared } of resultOf(unmatchedOperations).nil) {
      const name = printPath(use.path);
      const does = { send: 'sends on', receive: 'receives from', close: 'closes' }[kind];
      yield {
        at: use.at,
        function: use.fn.name,
        subject: classOf(use.path) ?? name,
        message: `${does} ${name}, which nobody ever makes: ${kind === 'close' ? 'panics' : 'waits for ever'}`,
        evidence: [trace('the channel', [
          { at: declared, function: use.fn.name, text: `${name} is declared, and no channel is ever put there`, locks: [] },
          { at: use.at, function: use.fn.name, text: `${does} it: ${kind === 'close' ? 'panics' : 'waits for ever'}`, locks: [], kind: 'channel', essential: true },
        ])],
      };
    }
  },
});
