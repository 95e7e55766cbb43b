import { lostSignals } from '../../analysis/lost-signals.js';
import { lockLabel } from '../../analysis/lock-graph.js';
import { classOf, printPath } from '../../ir/index.js';
import { place, trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'lost-signal',
  family: 'deadlock',
  level: 'warning',
  confidence: 'medium',
  languages: ['go'],
  title: 'a condition is signalled without its lock ever being taken',
  explain: 'A waiter looks at the state under the lock and then waits, giving the lock back. Who changes the state and signals without taking the lock in between can do both after the look and before the wait: nobody hears the signal, and the waiter sleeps on a state that is over. Signalling after the unlock is fine, as long as the change itself was made under the lock.',
  impact: 'A waiter that is never woken: a shutdown or a queue that hangs now and then.',
  advice: 'Change the state under the lock of the condition, and signal under it or right after.',
  misses: 'Signals in loops, and conditions whose lock is not known.',

  *check(program, resultOf) {
    for (const { fn, event, condition, lock, from, wait } of resultOf(lostSignals)) {
      const name = printPath(condition);
      yield {
        at: event.operation.at,
        function: fn.name,
        subject: classOf(condition) ?? name,
        message: `${name} is signalled, but ${from === fn ? fn.name : `${from.name}, which calls ${fn.name},`} never takes ${lockLabel(program, lock)}: the signal can fall between the look and the wait of ${wait.fn.name} (${place(wait.at)})`,
        evidence: [
          trace('the waiting task', [{ at: wait.at, function: wait.fn.name, text: `has looked at the state under the lock and is about to wait for ${name}`, locks: [lockLabel(program, lock)], kind: 'channel', essential: true }]),
          trace('the signalling task', [{ at: event.operation.at, function: fn.name, text: `signals ${name} in between: nobody is waiting yet`, locks: [], kind: 'channel', essential: true }]),
        ],
      };
    }
  },
});
