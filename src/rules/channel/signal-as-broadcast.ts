import { stopSignals } from '../../analysis/stop-signals.js';
import { describeTask } from '../../analysis/tasks.js';
import { classOf, printPath } from '../../ir/index.js';
import { trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'signal-as-broadcast',
  family: 'channel',
  level: 'warning',
  confidence: 'medium',
  languages: ['go'],
  title: 'one stop signal is sent, and several loops wait for it',
  explain: 'A value that is sent reaches one receiver. When several loops wait for the same stop signal, one of them takes it and the others go on; only closing the channel reaches them all.',
  impact: 'After the stop some loops still run: they use what has been closed, and are never collected.',
  advice: 'Close the channel instead of sending on it.',
  misses: 'Signals that are sent in a loop, once for each receiver as far as can be seen.',

  *check(program, resultOf) {
    for (const { send, receives: [first, second], tasks: [one, other] } of resultOf(stopSignals).shared) {
      const name = printPath(send.path);
      const origins = [describeTask(program, resultOf, one, first.fn.id), describeTask(program, resultOf, other, second.fn.id)] as const;
      const waiters = one === other ? `all tasks of ${first.fn.name}` : `${first.fn.name} and ${second.fn.name}`;
      yield {
        at: send.at,
        function: send.fn.name,
        subject: classOf(send.path) ?? name,
        message: `one value is sent on ${name}, and ${waiters} wait for it to stop: only one of them does`,
        evidence: [
          trace('one that takes the signal', [{ at: origins[0].at, function: origins[0].function, text: origins[0].text, locks: [], kind: 'spawn' }, { at: first.at, function: first.fn.name, text: `receives from ${name} and ends`, locks: [], kind: 'channel' }]),
          trace('one that does not', [{ at: origins[1].at, function: origins[1].function, text: origins[1].text, locks: [], kind: 'spawn' }, { at: second.at, function: second.fn.name, text: `still waits for ${name}`, locks: [], kind: 'channel' }]),
          trace('who stops them', [{ at: send.at, function: send.fn.name, text: `sends once on ${name}`, locks: [], kind: 'channel', essential: true }]),
        ],
      };
    }
  },
});
