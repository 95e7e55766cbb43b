import type { LockMode } from '../ir/index.js';
import type { Operand } from './model.js';

/** What a call states about a lock without touching it. */
export interface LockStatement {
  readonly lock: Operand;
  readonly mode: LockMode;
}

/**
 * `mu.AssertHeld()`, `mu.AssertRHeld()`, `mutexasserts.AssertMutexLocked(&mu)`, `syncs.AssertLocked(&mu)`: projects write these
 * helpers for themselves and many leave the body to a build tag, so the name speaks and not the body.
 */
export function lockStatement(name: string): LockStatement | undefined {
  if (!name.includes('.Assert')) return undefined;
  const method = /\.(?:\w*Mutex|\w*Lock(?:er)?)\.Assert(R?)(?:Held|Locked)$/.exec(name);
  if (method) return { lock: 'receiver', mode: method[1] === 'R' ? 'shared' : 'exclusive' };
  const call = /(?:mutexasserts?|sync\w*|lock\w*|mutex\w*)\.Assert(?:RW)?(?:Mutex)?([RW]?)(?:Locked|Held)$/.exec(name);
  return call ? { lock: 0, mode: call[1] === 'R' ? 'shared' : 'exclusive' } : undefined;
}
