import { extendPath, variablePath, type AccessPath, type Function, type Program, type RecordType } from '../ir/index.js';
import { recordOf } from './types.js';

/**
 * What people wrote about locks: in a function's doc comment, its name, or beside a field.
 * The lock's name is looked up among the receiver's fields, then the package's variables; a sentence whose lock
 * cannot be found says nothing.
 */
export interface Contract {
  readonly kind: 'requires' | 'excludes';
  readonly lock: AccessPath;
  /** How far to trust it: annotation before comment before suffix. */
  readonly source: 'annotation' | 'comment' | 'suffix';
}

const requires = [
  /\b(?:read |write )?locks? (?:should|must) be (?:already )?held\b/i,
  /\block (?:is )?(?:already )?held on entry\b/i,
  /\bcallers? (?:must|should|needs? to|has to|is expected to) (?:already )?(?:hold|have|own|acquire|lock)\b/i,
  /\b(?:must|should) (?:only )?be (?:called|invoked|used) (?:only )?(?:with|while|when|under)\b[^.;]*\b(?:held|lock(?:ed)?|holding|mutex)\b/i,
  /\bassum(?:es?|ing)(?: that)?\b[^.;]*\b(?:is|are|be)?\s*(?:already )?(?:held|locked)\b/i,
  /\b(?:mutex|lock|mu|mtx|\w+\.(?:mu|mtx|lock))\b[^.;]{0,30} must be (?:held|locked)\b/i,
  /\bmust hold\b/i,
  /\brequires?:?\b[^.;]{0,40}\b(?:held|locked|to be locked|lock)\b/i,
  /\b(?:with|while) (?:the |its |a )?\S*\s?(?:lock|mutex|mu) (?:already )?held\b/i,
  /\b(?:lock|mutex) is (?:already )?held(?: by (?:the )?caller)?\b/i,
  /\bnot (?:thread|goroutine|concurrency)[- ]safe[^.;]*\bcaller\b/i,
];
const excludes = [/\b(?:lock|mutex|\w+\.mu|mu) (?:should|must) not be held\b/i, /\bno locks? (?:is |are )?held on entry\b/i, /\bwithout (?:holding|the) (?:\S+ )?(?:lock|mu|mutex)\b/i, /\bcaller must not hold\b/i];
const annotation = /\+checklocks(?:read)?:([\w.]+)/g;
const suffix = /(?:Locked|LockHeld)$/;

/** Contracts of a function, strongest source first. */
export function contractsOf(program: Program, fn: Function): readonly Contract[] {
  const contracts: Contract[] = [];
  for (const match of fn.doc.matchAll(annotation)) {
    const lock = resolveLock(program, fn, match[1]!);
    if (lock !== undefined) contracts.push({ kind: 'requires', lock, source: 'annotation' });
  }
  for (const sentence of fn.doc.split(/(?<=[.;])\s+|\n\n/)) {
    const text = sentence.replace(/\s+/g, ' ');
    const kind = excludes.some((pattern) => pattern.test(text)) ? 'excludes' : requires.some((pattern) => pattern.test(text)) ? 'requires' : undefined;
    if (kind === undefined) continue;
    const named = lockNames(text).flatMap((name) => resolveLock(program, fn, name) ?? []);
    for (const lock of named.length > 0 ? named : onlyLock(program, fn)) contracts.push({ kind, lock, source: 'comment' });
  }
  if (contracts.length === 0 && suffix.test(fn.name) && !/Unlocked$/.test(fn.name)) {
    for (const lock of onlyLock(program, fn)) contracts.push({ kind: 'requires', lock, source: 'suffix' });
  }
  return contracts;
}

/** Names in a sentence that may be locks: `mu`, `s.mu`, `c.connMtx`. */
function lockNames(text: string): string[] {
  return [...text.matchAll(/[A-Za-z_][\w]*(?:\.[A-Za-z_]\w*)*/g)].map((match) => match[0]);
}

/** The receiver's locks with the path to each, embedded records included. */
export function locksOf(program: Program, record: RecordType, base: AccessPath, depth = 0): { readonly name: string; readonly lock: AccessPath }[] {
  if (depth > 3) return [];
  return record.fields.flatMap((field) => {
    const path = extendPath(base, { kind: 'field', name: field.name, owner: record.name });
    const type = field.type.kind === 'pointer' ? field.type.to : field.type;
    if (type.kind === 'primitive' && (type.primitive === 'lock' || type.primitive === 'rwlock')) return [{ name: field.name, lock: path }];
    const inner = field.embedded ? recordOf(program, field.type) : undefined;
    return inner === undefined ? [] : locksOf(program, inner, path, depth + 1);
  });
}

function receiverLocks(program: Program, fn: Function): { readonly name: string; readonly lock: AccessPath }[] {
  const [receiver] = fn.params;
  const record = fn.receiver === undefined || receiver === undefined ? undefined : recordOf(program, receiver.type);
  return record === undefined ? [] : locksOf(program, record, variablePath(receiver!));
}

function resolveLock(program: Program, fn: Function, name: string): AccessPath | undefined {
  const last = name.split('.').pop()!;
  const own = receiverLocks(program, fn).find((lock) => lock.name === last);
  if (own !== undefined) return own.lock;
  const global = program.globals.find((variable) => variable.name === last && variable.qualifiedName.startsWith(`${fn.module}.`) && variable.type.kind === 'primitive');
  return global === undefined ? undefined : variablePath(global);
}

/** With one lock in the type, "the lock" is that one; with several it is not known which. */
function onlyLock(program: Program, fn: Function): AccessPath[] {
  const locks = receiverLocks(program, fn);
  return locks.length === 1 ? [locks[0]!.lock] : [];
}

/** Locks that comments name as the guard of a field: `guarded by mu`, `mu protects a and b`, a lock above a block it "protects below". */
export function declaredGuards(program: Program): ReadonlyMap<string, { readonly lock: string; readonly text: string }> {
  const guards = new Map<string, { lock: string; text: string }>();
  for (const record of program.records.values()) {
    const base: AccessPath = { root: { kind: 'unknown', text: record.label }, selectors: [] };
    const locks = locksOf(program, record, base);
    if (locks.length === 0) continue;
    const className = (lock: AccessPath): string => { const last = lock.selectors[lock.selectors.length - 1]!; return last.kind === 'field' ? `${last.owner}.${last.name}` : ''; };
    const byName = (name: string): AccessPath | undefined => locks.find((lock) => lock.name === name.split('.').pop())?.lock;
    record.fields.forEach((field, position) => {
      const text = `${field.doc}\n${field.comment}`;
      const key = `${record.name}.${field.name}`;
      const named = /(?:guarded|protected|covered)[ -]by:? (?:the )?`?([\w.]+)`?/i.exec(text)?.[1] ?? /\+checklocks:([\w.]+)/.exec(text)?.[1] ?? /GUARDED_BY\(([\w.]+)\)/i.exec(text)?.[1];
      const lock = named === undefined ? undefined : byName(named);
      if (lock !== undefined && named !== undefined && !locks.some((l) => l.name === field.name)) guards.set(key, { lock: className(lock), text: (field.comment || field.doc).trim() });
      const own = locks.find((l) => l.name === field.name);
      if (own === undefined) return;
      const claim = /\b(?:protects?|guards?|covers?)\b:?\s*(.*)/is.exec(text)?.[1];
      if (claim === undefined || /\bnot\b/.test(text)) return;
      const wordsIn = new Set([...claim.matchAll(/[A-Za-z_]\w*/g)].map((match) => match[0]));
      const below = /\b(?:below|following|fields? (?:that follow|underneath))\b/i.test(claim);
      record.fields.forEach((other, index) => {
        if (other === field || locks.some((l) => l.name === other.name) || guards.has(`${record.name}.${other.name}`)) return;
        const exact = wordsIn.has(other.name) && !['the', 'a', 'all', 'and', 'of', 'fields', 'this', 'struct', 'state', 'following', 'below'].includes(other.name);
        if (exact || (below && index > position && other.block === field.block)) guards.set(`${record.name}.${other.name}`, { lock: className(own.lock), text: text.trim().split('\n')[0]! });
      });
    });
  }
  return guards;
}
