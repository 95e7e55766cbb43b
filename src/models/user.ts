import type { Primitive } from '../ir/index.js';
import type { Meaning, Meanings, Operand, PrimitiveTypes } from './model.js';

/**
 * What the people who own the code say about functions and types of theirs: plain data, as a configuration holds it.
 * Names are full names as the front-end of the language knows them (`import/path.Func`, `import/path.Type.Method`).
 */
export interface UserModels {
  /** Types that are locks, with the names of their methods; the usual names when none is given. */
  readonly locks?: readonly UserLock[] | undefined;
  /** Functions that take or give back a lock they are handed. */
  readonly acquires?: readonly { readonly function: string; readonly lock: Operand; readonly mode?: 'exclusive' | 'shared' | undefined; readonly tries?: boolean | undefined }[] | undefined;
  readonly releases?: readonly { readonly function: string; readonly lock: Operand; readonly mode?: 'exclusive' | 'shared' | undefined }[] | undefined;
  /** Functions that start an argument as a task. */
  readonly spawners?: readonly { readonly function: string; readonly callee: number; readonly repeated?: boolean | undefined; readonly joins?: boolean | undefined }[] | undefined;
  /** Functions that run arguments before they return. */
  readonly callbacks?: readonly { readonly function: string; readonly callees: readonly number[] }[] | undefined;
  readonly blocking?: readonly { readonly function: string; readonly reason?: string | undefined }[] | undefined;
  /** Functions that end the program. */
  readonly noReturn?: readonly string[] | undefined;
  /** Types that look after themselves: what happens to their fields is no race. */
  readonly threadSafe?: readonly string[] | undefined;
}

export interface UserLock {
  readonly type: string;
  readonly lock?: readonly string[] | undefined;
  readonly unlock?: readonly string[] | undefined;
  readonly tryLock?: readonly string[] | undefined;
  readonly readLock?: readonly string[] | undefined;
  readonly readUnlock?: readonly string[] | undefined;
  readonly tryReadLock?: readonly string[] | undefined;
}

/** The tables of one run: those of the language with those of its user. */
export interface Models {
  readonly meanings: Meanings;
  readonly primitives: PrimitiveTypes;
  /** What the user says holds even for functions whose body is at hand. */
  readonly isUsers: (name: string) => boolean;
  /** Absent when no type is said to be. */
  readonly isThreadSafe?: (type: string) => boolean;
}

/** The language's tables with the user's rows over them. */
export function withUserModels(meanings: Meanings, primitives: PrimitiveTypes, user: UserModels = {}): Models {
  const own = new Map<string, Meaning>();
  const types = new Map<string, Primitive>();
  for (const lock of user.locks ?? []) {
    types.set(lock.type, lock.readLock === undefined && lock.readUnlock === undefined && lock.lock !== undefined ? 'lock' : 'rwlock');
    for (const [name, meaning] of methodsOf(lock)) own.set(`${lock.type}.${name}`, meaning);
  }
  for (const { function: name, lock, mode, tries } of user.acquires ?? []) own.set(name, { means: 'acquire', lock, mode: mode ?? 'exclusive', ...(tries ? { tries } : {}) });
  for (const { function: name, lock, mode } of user.releases ?? []) own.set(name, { means: 'release', lock, mode: mode ?? 'exclusive' });
  for (const { function: name, callee, repeated, joins } of user.spawners ?? []) own.set(name, { means: 'spawn', callee, ...(repeated ? { repeated } : {}), ...(joins ? { joins } : {}) });
  for (const { function: name, callees } of user.callbacks ?? []) own.set(name, { means: 'runs', callees });
  for (const { function: name, reason } of user.blocking ?? []) own.set(name, { means: 'blocks', reason: reason ?? 'blocks, as the configuration says' });
  for (const name of user.noReturn ?? []) own.set(name, { means: 'halt', program: true });
  const safe = new Set(user.threadSafe ?? []);
  const methodOfSafe = (name: string) => safe.has(name.slice(0, name.lastIndexOf('.')));
  if (own.size === 0 && safe.size === 0) return { meanings, primitives, isUsers: () => false };
  return {
    meanings: new Map([...[...meanings].filter(([name, { means }]) => !((means === 'read' || means === 'write') && methodOfSafe(name))), ...own]),
    primitives: new Map([...primitives, ...types]),
    isUsers: (name) => own.has(name),
    ...(safe.size > 0 && { isThreadSafe: (type: string) => safe.has(type) }),
  };
}

function methodsOf(lock: UserLock): [string, Meaning][] {
  const plain = lock.lock === undefined && lock.unlock === undefined && lock.readLock === undefined && lock.readUnlock === undefined;
  const row = (names: readonly string[] | undefined, usual: string, meaning: Meaning) => (names ?? (plain ? [usual] : [])).map((name): [string, Meaning] => [name, meaning]);
  return [
    ...row(lock.lock, 'Lock', { means: 'acquire', lock: 'receiver', mode: 'exclusive' }),
    ...row(lock.unlock, 'Unlock', { means: 'release', lock: 'receiver', mode: 'exclusive' }),
    ...row(lock.tryLock, 'TryLock', { means: 'acquire', lock: 'receiver', mode: 'exclusive', tries: true }),
    ...row(lock.readLock, 'RLock', { means: 'acquire', lock: 'receiver', mode: 'shared' }),
    ...row(lock.readUnlock, 'RUnlock', { means: 'release', lock: 'receiver', mode: 'shared' }),
    ...row(lock.tryReadLock, 'TryRLock', { means: 'acquire', lock: 'receiver', mode: 'shared', tries: true }),
  ];
}
