import { lockWaits } from '../../analysis/lock-waits.js';
import { classOf, printPath } from '../../ir/index.js';
import { place } from '../evidence.js';
import { defineRule } from '../rule.js';
import { peerTrace, waiterTrace } from '../waits.js';

export default defineRule({
  id: 'channel-lock-deadlock',
  family: 'deadlock',
  level: 'error',
  confidence: 'medium',
  languages: ['go'],
  title: 'a channel operation under a lock waits for a task that needs the lock',
  explain: 'A send without room waits for a receiver, a receive for a sender. When it is done with a lock held, and everybody who could do the other half takes that lock on the way, each side waits for the other: one for the lock, one for the channel. Half of such a deadlock is no lock at all, so a search for cycles of locks does not see it.',
  impact: 'Both tasks block for ever, and everybody who needs the lock after them.',
  advice: 'Do the channel operation after the lock is released, or let it give up by a select with a default, a deadline or a context.',
  misses: 'Channels with room (of low confidence: mostly a flag or a protocol admits no more than fit), channels that are passed as parameters, kept in maps or handed to code that is not seen.',

  *check(_program, resultOf) {
    for (const wait of resultOf(lockWaits)) {
      if (wait.kind !== 'channel') continue;
      const { fn, held, event } = wait.waiter;
      const name = printPath(held.lock);
      const through = event.chain.length === 0 ? '' : ` through ${event.chain.map((link) => link.callee).join(' -> ')}`;
      const full = wait.capacity === undefined || wait.capacity === 0 ? undefined : 'once the buffer is full';
      yield {
        at: event.here,
        function: fn.name,
        subject: `${classOf(held.lock) ?? name} ${classOf(event.on!) ?? ''}`,
        // That it fills up is seldom seen: mostly a flag or a protocol admits no more than fit.
        ...(full === undefined ? {} : { level: 'warning' as const, confidence: 'low' as const }),
        message: `${fn.name} ${event.text}${through} while it holds ${name}${full === undefined ? '' : `, and waits ${full}`}; ${wait.peer.fn.name}, which ${wait.peer.text} at ${place(wait.peer.at)}, needs ${printPath(wait.need.lock)} first (${place(wait.need.at)})`,
        evidence: [waiterTrace(wait), peerTrace(wait)],
      };
    }
  },
});
