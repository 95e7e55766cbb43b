import { describeHeld } from '../analysis/lock-state.js';
import type { LockWait } from '../analysis/lock-waits.js';
import type { Trace } from '../findings/finding.js';
import { printPath } from '../ir/index.js';
import { acquireStep, callSteps, trace } from './evidence.js';

/** The two sides of a wait that nobody can end: who holds the lock and waits, and who needs the lock to end it. */

export function waiterTrace({ waiter: { fn, held, event } }: LockWait): Trace {
  return trace('holds the lock and waits', [
    acquireStep(fn, held),
    ...callSteps(event.chain, [held]),
    { at: event.at, function: event.function, text: `${event.text} while ${printPath(held.lock)} is held`, locks: describeHeld([held]), kind: 'channel', essential: true },
  ]);
}

export function peerTrace({ peer, need }: LockWait): Trace {
  const name = printPath(need.lock);
  return trace('needs the lock to end the wait', [
    ...callSteps(need.chain, []),
    { at: need.at, function: need.chain.at(-1)?.callee ?? need.fn.name, text: `${need.mode === 'shared' ? 'read-locks' : 'locks'} ${name}: waits for the other task`, locks: [], kind: 'acquire', essential: true },
    { at: peer.at, function: peer.fn.name, text: `${peer.text} only after that`, locks: need.held ? [name] : [], kind: 'channel' },
  ]);
}
