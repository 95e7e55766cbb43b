import { lockedPromises } from '../../analysis/locked-promises.js';
import { describeHeld } from '../../analysis/lock-state.js';
import { lockWaits } from '../../analysis/lock-waits.js';
import { classOf, printPath } from '../../ir/index.js';
import { acquireStep, callSteps, place, trace } from '../evidence.js';
import type { ResultOf } from '../../analysis/analysis.js';
import { defineRule, type Verdict } from '../rule.js';
import { step } from '../stories.js';
import { peerTrace, waiterTrace } from '../waits.js';

/** In a cooperative program what is waited for is a promise that somebody keeps. */
function* promisesUnderLock(resultOf: ResultOf): Generator<Verdict> {
  for (const { wait, held, need, end } of resultOf(lockedPromises)) {
    const lock = printPath(held.lock);
    const what = printPath(wait.path);
    const through = wait.chain.length === 0 ? '' : ` through ${wait.chain.map(({ callee }) => callee.name).join(' -> ')}`;
    yield {
      at: wait.chain[0]?.at ?? wait.at,
      function: wait.fn.name,
      subject: `${classOf(held.lock) ?? lock} ${wait.promise.location}`,
      message: `${wait.fn.name} waits for ${what}${through} while it holds ${lock}, which ${need.fn.name} locks at ${place(need.at)} before ${end.text === 'settles it' ? `it settles ${what}` : end.text} (${place(end.at)})`,
      evidence: [
        trace('who waits with the lock held', [acquireStep(wait.fn, held), ...wait.chain.map(({ at, fn, callee }) => step(at, fn, `calls ${callee.name} and waits for it`)), { at: wait.at, function: (wait.chain.at(-1)?.callee ?? wait.fn).name, text: `waits for ${what}`, locks: describeHeld([held]), kind: 'memory', essential: true }]),
        trace('what would end the wait', [...callSteps(need.chain, []), step(need.at, need.fn, `waits for ${lock}`, true), step(end.at, end.fn, end.text)]),
      ],
    };
  }
}

export default defineRule({
  id: 'wait-under-lock',
  family: 'deadlock',
  level: 'error',
  confidence: 'high',
  languages: ['go', 'typescript'],
  title: 'a task is waited for under a lock it needs',
  explain: 'Whoever joins a task with a lock held keeps the lock until the task is done. When the task takes the same lock on its way to the end, neither can go on: the task waits for the lock, its joiner for the task. A `Close` that stops its workers under the mutex that protects them is the usual place.',
  impact: 'The joiner and the task block for ever, and everybody who needs the lock after them.',
  advice: 'Release the lock before the wait, or take what is needed out under the lock and wait afterwards.',
  misses: 'Tasks started through unknown callees, counters and channels that change hands as parameters, and joins of a task whose lock is another instance.',
  aliases: ['GCL1009'],

  *check(program, resultOf) {
    if (program.scheduling === 'cooperative') return yield* promisesUnderLock(resultOf);
    for (const wait of resultOf(lockWaits)) {
      if (wait.kind !== 'join') continue;
      const { fn, held, event } = wait.waiter;
      const name = printPath(held.lock);
      const through = event.chain.length === 0 ? '' : ` through ${event.chain.map((link) => link.callee).join(' -> ')}`;
      yield {
        at: event.here,
        function: fn.name,
        subject: `${classOf(held.lock) ?? name} ${classOf(event.on!) ?? ''}`,
        message: `${fn.name} ${event.text}${through} while it holds ${name}, which ${wait.need.fn.name} locks at ${place(wait.need.at)} before it ${wait.peer.text} (${place(wait.peer.at)})`,
        evidence: [waiterTrace(wait), peerTrace(wait)],
      };
    }
  },
});
