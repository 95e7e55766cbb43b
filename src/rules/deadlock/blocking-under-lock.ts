import { blocking, type BlockedLock } from '../../analysis/blocking.js';
import { describeHeld } from '../../analysis/lock-state.js';
import { unseenCalls } from '../../analysis/unseen-calls.js';
import { classOf, pathKey, printPath } from '../../ir/index.js';
import { acquireStep, callSteps, trace } from '../evidence.js';
import { defineRule } from '../rule.js';

/** A lock that is there to serialise what blocks says so in its name. */
const serialises = /^(?:w|r|tx|rx|io|send|sending|recv|receive|read|reader|write|writer|writing|out|output|conn|dial|rpc|file|flush|sync)(?:mu|mtx|lock|mutex)$/i;

export default defineRule({
  id: 'blocking-under-lock',
  family: 'deadlock',
  level: 'note',
  confidence: 'medium',
  languages: ['go'],
  title: 'something that may block runs under a lock',
  explain: 'Whoever waits with a lock held makes everybody else wait who needs the lock: a slow peer, a full channel or a sleep stops them all. It is contention, no proof of a deadlock; but one more task that needs the lock before it can end the wait makes it one.',
  impact: 'Every task that needs the lock is as slow as what the holder waits for.',
  advice: 'Take what is needed out under the lock and block after the release, or bound the wait.',
  misses: 'What unknown callees do, waits through interfaces with several implementations, and locks of callers.',

  *check(_program, resultOf) {
    const groups = new Map<string, BlockedLock[]>();
    for (const blocked of resultOf(blocking).underLock) {
      const last = blocked.held.lock.selectors.findLast((selector) => selector.kind === 'field');
      if (blocked.event.what === 'call' && last !== undefined && serialises.test(last.name)) continue;
      const key = `${blocked.fn.id} ${pathKey(blocked.held.lock)}`;
      groups.set(key, [...(groups.get(key) ?? []), blocked]);
    }
    for (const group of groups.values()) {
      const [{ fn, held, event }] = group as [BlockedLock, ...BlockedLock[]];
      const name = printPath(held.lock);
      const through = event.chain.length === 0 ? '' : ` through ${event.chain.map((link) => link.callee).join(' -> ')}`;
      const places = new Set(group.map((one) => one.event.here.line));
      yield {
        at: event.here,
        function: fn.name,
        subject: classOf(held.lock) ?? name,
        message: `${fn.name} ${event.text}${through} while it holds ${name} since line ${(held.chain[0]?.call ?? held.at).line}${places.size > 1 ? `, and blocks at ${places.size - 1} more place${places.size > 2 ? 's' : ''} under it` : ''}`,
        evidence: [trace('the wait under the lock', [
          acquireStep(fn, held),
          ...callSteps(event.chain, [held]),
          { at: event.at, function: event.function, text: event.text, locks: describeHeld([held]), kind: 'channel', essential: true },
        ])],
      };
    }
    for (const { fn, held, at, callee, state, as } of resultOf(unseenCalls)) {
      if (as !== 'argument') continue;
      const name = printPath(held.lock);
      yield {
        at,
        function: fn.name,
        subject: `${classOf(held.lock) ?? name} ${callee}`,
        message: `${fn.name} hands ${printPath(state)} to ${callee} while it holds ${name} since line ${held.at.line}: what that does is not shown here, and everybody who needs ${name} waits until it is done`,
        evidence: [trace('the work under the lock', [acquireStep(fn, held), { at, function: fn.name, text: `calls ${callee}`, locks: describeHeld([held]), kind: 'call', essential: true }])],
      };
    }
  },
});
