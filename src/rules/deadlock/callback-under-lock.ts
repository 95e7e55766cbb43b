import { lockedCallbacks } from '../../analysis/callbacks.js';
import { describeHeld } from '../../analysis/lock-state.js';
import { unseenCalls } from '../../analysis/unseen-calls.js';
import { classOf, printPath } from '../../ir/index.js';
import { acquireStep, place, trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'callback-under-lock',
  family: 'deadlock',
  level: 'note',
  confidence: 'medium',
  languages: ['go', 'typescript'],
  title: 'a callback of the user runs under a lock that his own calls take',
  explain: 'Whoever registers a callback may well call back: ask the object for its state, or remove himself. When the callback runs under the lock those methods take, the first user who does so waits for himself. A slow callback keeps everybody else out for as long as it runs.',
  impact: 'None until a callback uses the object; then its task blocks for ever.',
  advice: 'Copy the callbacks under the lock and call them after the release, or say in the documentation what they must not call.',
  misses: 'Callbacks handed on as arguments; interfaces that the program implements itself; methods that go by the name of a store, a connection or a setting.',

  *check(_program, resultOf) {
    for (const { fn, held, at, kept, method, registered, locker } of resultOf(lockedCallbacks)) {
      const name = printPath(held.lock);
      const called = method === undefined ? `${printPath(kept)}, which users register` : `${printPath(kept)}.${method}, a method of what users hand in`;
      yield {
        at,
        function: fn.name,
        subject: `${classOf(held.lock) ?? name} ${classOf(kept) ?? ''}`,
        message: `${fn.name} calls ${called} (${registered.fn.name}), while it holds ${name} since line ${(held.chain[0]?.call ?? held.at).line}: ${method === undefined ? 'a callback' : 'an implementation'} that calls ${locker.fn.name} waits for itself`,
        evidence: [
          trace('the callback under the lock', [
            acquireStep(fn, held),
            { at, function: fn.name, text: `calls ${printPath(kept)}${method === undefined ? '' : `.${method}`}, ${method === undefined ? 'registered' : 'which comes in'} at ${place(registered.at)}`, locks: describeHeld([held]), kind: 'call', essential: true },
          ]),
          trace('what the callback must not call', [{ at: locker.at, function: locker.fn.name, text: `locks ${name}`, locks: [], kind: 'acquire' }], 'aside'),
        ],
      };
    }
    for (const { fn, held, at, callee, state, as } of resultOf(unseenCalls)) {
      if (as !== 'object') continue;
      const name = printPath(held.lock);
      yield {
        at,
        function: fn.name,
        subject: `${classOf(held.lock) ?? name} ${callee}`,
        message: `${fn.name} calls ${callee} while it holds ${name} since line ${held.at.line}: what it does is not shown here, and when it comes back to ${printPath(state)} or takes another lock, both may wait for ever`,
        evidence: [trace('the foreign call under the lock', [acquireStep(fn, held), { at, function: fn.name, text: `calls ${callee}, an object of ${printPath(state)}`, locks: describeHeld([held]), kind: 'call', essential: true }])],
      };
    }
  },
});
