import { atOnce, lockClasses, meanings, type TsMeaning } from './typescript.js';
import type { UserLock, UserModels } from './user.js';

/** The tables of one run for TypeScript: those of the language with those of its user. */
export interface TsModels {
  readonly meanings: ReadonlyMap<string, TsMeaning>;
  readonly lockClasses: ReadonlyMap<string, { readonly limited?: true; readonly unlimited?: true }>;
  /** Functions that run an argument at once, by full name. */
  readonly atOnce: ReadonlyMap<string, number>;
}

/** Names are `package.Class.method` and `package.function`. What has no counterpart in a language of one thread is left out. */
export function withUserTsModels(user: UserModels = {}): TsModels {
  const own = new Map<string, TsMeaning>();
  for (const lock of user.locks ?? []) for (const [name, meaning] of methodsOf(lock)) own.set(`${lock.type}.${name}`, meaning);
  for (const { function: name, mode, tries } of user.acquires ?? []) own.set(name, { means: 'acquire', ...(mode && { mode }), ...(tries && { tries }) });
  for (const { function: name, mode } of user.releases ?? []) own.set(name, { means: 'release', ...(mode && { mode }) });
  for (const { function: name, callee, repeated } of user.spawners ?? []) own.set(name, { means: 'later', callee, ...(repeated && { repeated }) });
  for (const name of user.noReturn ?? []) own.set(name, { means: 'halt' });
  return {
    meanings: own.size === 0 ? meanings : new Map([...meanings, ...own]),
    lockClasses: user.locks ? new Map([...lockClasses, ...user.locks.map(({ type }) => [type, {}] as const)]) : lockClasses,
    atOnce: user.callbacks ? new Map([...atOnce, ...user.callbacks.flatMap(({ function: name, callees }) => callees.slice(0, 1).map((callee) => [name, callee] as const))]) : atOnce,
  };
}

function methodsOf(lock: UserLock): [string, TsMeaning][] {
  const row = (names: readonly string[] | undefined, meaning: TsMeaning) => (names ?? []).map((name): [string, TsMeaning] => [name, meaning]);
  const named = [
    ...row(lock.lock, { means: 'acquire' }), ...row(lock.unlock, { means: 'release' }), ...row(lock.tryLock, { means: 'acquire', tries: true }),
    ...row(lock.readLock, { means: 'acquire', mode: 'shared' }), ...row(lock.readUnlock, { means: 'release', mode: 'shared' }), ...row(lock.tryReadLock, { means: 'acquire', mode: 'shared', tries: true }),
  ];
  return named.length > 0 ? named : [['acquire', { means: 'acquire', releases: 'result' }], ['release', { means: 'release' }], ['runExclusive', { means: 'scoped', callee: 0 }]];
}
