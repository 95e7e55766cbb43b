import { stopSignals } from '../../analysis/stop-signals.js';
import { describeTask } from '../../analysis/tasks.js';
import { classOf, printPath } from '../../ir/index.js';
import { place, trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'stop-signal-without-receiver',
  family: 'channel',
  level: 'warning',
  confidence: 'medium',
  languages: ['go'],
  title: 'the loop that should take the stop signal may already be gone',
  explain: 'The signal is sent on a channel without room, so the sender waits until the loop takes it. The loop can also end by itself, at an error or with its context; then nobody is left to take the signal and whoever stops the object waits for ever.',
  impact: 'Stop or Close hangs, most likely after the connection has broken, which is when it is called.',
  advice: 'Close the channel instead of sending on it, or wait in a select for the end of the loop as well.',
  misses: 'Signals that carry data, channels with room, and sends behind a condition on state.',

  *check(program, resultOf) {
    for (const { send, receive, task, way } of resultOf(stopSignals).missed) {
      const name = printPath(send.path);
      const origin = describeTask(program, resultOf, task, receive.fn.id);
      yield {
        at: send.at,
        function: send.fn.name,
        subject: classOf(send.path) ?? name,
        message: `sends the stop signal on ${name} and waits until ${receive.fn.name} takes it, which may have returned (${place(way.at)}) before`,
        evidence: [
          trace('the loop that is gone', [
            { at: origin.at, function: origin.function, text: origin.text, locks: [], kind: 'spawn' },
            ...way.turns.map((turn) => ({ at: turn.at, function: receive.fn.name, text: turn.text, locks: [] })),
            { at: way.at, function: receive.fn.name, text: `returns without having received from ${name}`, locks: [], kind: 'exit' },
          ]),
          trace('who stops it', [{ at: send.at, function: send.fn.name, text: `sends on ${name}: nobody receives any more`, locks: [], kind: 'channel', essential: true }]),
        ],
      };
    }
  },
});
