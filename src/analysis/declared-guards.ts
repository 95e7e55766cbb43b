import { type AccessPath, type Field, type Program, type RecordType, type Type } from '../ir/index.js';
import { globalsOf, isLock, locksOf, type NamedLock } from './contracts.js';
import { recordOf } from './types.js';

/**
 * Which lock do comments name as the guard of a field or a package variable: `guarded by mu`, `mu protects a and b`, a lock
 * above a block it "protects below", the annotations of other tools. A guard of a struct without a name is one of its fields.
 * Under-approximates: a name that is no lock of the record, of what it holds, or of the package guards nothing.
 */
export interface DeclaredGuard {
  readonly lock: string;
  readonly text: string;
  /** Further locks of the same claim: all are needed. */
  readonly also?: readonly string[];
  /** Set and read atomically as well: readers may do without the lock, writers may not. */
  readonly atomic?: true;
}

const plainWords: ReadonlySet<string> = new Set(['the', 'a', 'all', 'and', 'of', 'fields', 'this', 'struct', 'state', 'following', 'below']);

/** An annotation whose lock neither the struct nor the package has. */
export interface UnresolvedGuard { readonly record: RecordType; readonly field: Field; readonly name: string }

interface Guards { readonly guards: ReadonlyMap<string, DeclaredGuard>; readonly unresolved: readonly UnresolvedGuard[] }

const known = new WeakMap<Program, Guards>();

/** Guards by the field's class or the variable's qualified name. */
export function declaredGuards(program: Program): ReadonlyMap<string, DeclaredGuard> {
  return guardsIn(program).guards;
}

/** What annotations name in vain; prose may describe a lock rather than name it. */
export function unresolvedGuards(program: Program): readonly UnresolvedGuard[] {
  return guardsIn(program).unresolved;
}

function guardsIn(program: Program): Guards {
  let found = known.get(program);
  if (found === undefined) known.set(program, found = readGuards(program));
  return found;
}

function readGuards(program: Program): Guards {
  const guards = new Map<string, DeclaredGuard>();
  const unresolved: UnresolvedGuard[] = [];
  for (const record of program.records.values()) readRecord(program, record, guards, unresolved);
  for (const [name, guard] of [...guards]) spread(program, name, guard, guards);
  for (const variable of program.globals) {
    if (variable.prose === undefined) continue;
    const siblings = globalsOf(program, variable.qualifiedName.slice(0, variable.qualifiedName.lastIndexOf('.')));
    const isLockName = (name: string): boolean => { const other = siblings.get(name); return other !== undefined && isLock(other.type); };
    if (isLock(variable.type)) {
      const named = protectedNames(variable.prose)?.words;
      for (const other of siblings.values()) if (named?.has(other.name) === true && !plainWords.has(other.name) && !isLock(other.type)) guards.set(other.qualifiedName, { lock: variable.qualifiedName, text: firstLine(variable.prose) });
      continue;
    }
    const [lock] = guardNames(variable.prose).filter(isLockName);
    if (lock !== undefined) guards.set(variable.qualifiedName, { lock: siblings.get(lock)!.qualifiedName, text: variable.prose.trim() });
  }
  return { guards, unresolved };
}

function readRecord(program: Program, record: RecordType, guards: Map<string, DeclaredGuard>, unresolved: UnresolvedGuard[]): void {
  const base: AccessPath = { root: { kind: 'unknown', text: record.label }, selectors: [] };
  let own: readonly NamedLock[] | undefined;
  const locks = (): readonly NamedLock[] => (own ??= locksOf(program, record, base));
  const isOwn = (name: string): boolean => locks().some((lock) => lock.name === name);
  record.fields.forEach((field, position) => {
    if (field.doc === '' && field.comment === '') return;
    const text = `${field.doc}\n${field.comment}`;
    const named = guardNames(text).flatMap((name) => resolveGuard(program, record, locks(), name) ?? []);
    const [lock, ...also] = [...new Set(named)];
    if (lock !== undefined && !isOwn(field.name)) guards.set(`${record.name}.${field.name}`, { lock, text: (field.comment || field.doc).trim(), ...(also.length === 0 ? {} : { also }), ...(/\+checkatomic\b/.test(text) ? { atomic: true as const } : {}) });
    else if (named.length === 0) for (const name of annotatedGuards(text)) if (!name.includes('.') && !record.fields.some((other) => other.name === name)) unresolved.push({ record, field, name });
    if (!/protect|guard|cover/i.test(text)) return;
    const guard = locks().find((one) => one.name === field.name);
    const claim = guard === undefined ? undefined : protectedNames(text);
    if (guard === undefined || claim === undefined) return;
    record.fields.forEach((other, index) => {
      if (other === field || isOwn(other.name) || guards.has(`${record.name}.${other.name}`)) return;
      const exact = claim.words.has(other.name) && !plainWords.has(other.name);
      if (exact || (claim.below && index > position && other.block === field.block)) guards.set(`${record.name}.${other.name}`, { lock: classNameOf(guard.lock), text: firstLine(text) });
    });
  });
}

/** What holds of a struct written in place holds of its fields. */
function spread(program: Program, name: string, guard: DeclaredGuard, guards: Map<string, DeclaredGuard>): void {
  for (const field of program.records.get(name)?.fields ?? []) {
    const inner = `${name}.${field.name}`;
    if (guards.has(inner) || isLock(field.type)) continue;
    guards.set(inner, guard);
    spread(program, inner, guard, guards);
  }
}

/** Names that a comment or annotation gives as guards, nearest words first. */
function guardNames(text: string): string[] {
  if (/\b(?:not|never|un)[ -]?(?:guarded|protected|covered)\b/i.test(text)) return [];
  const prose = /(?:guarded|protected|covered)[ -]by:? (?:the )?`?([A-Za-z_][\w.]*\w|\w)`?/i.exec(text)?.[1];
  return [...(prose === undefined ? [] : [prose]), ...annotatedGuards(text)];
}

/** The locks that annotations of other tools name. */
export function annotatedGuards(text: string): string[] {
  return [...text.matchAll(/(?:\+checklocks:|\/\/lint:guarded |\blint:guarded |@?GuardedBy\("?|GUARDED_BY\()([\w.]+)/gi)].map((match) => match[1]!);
}

function protectedNames(text: string): { readonly words: ReadonlySet<string>; readonly below: boolean } | undefined {
  const claim = /\b(?:protects?|guards?|covers?)\b:?\s*(.*?)(?:[.;](?:\s|$)|$(?![\s\S]))/is.exec(text)?.[1];
  if (claim === undefined || /\bnot\b/.test(text)) return undefined;
  return { words: new Set([...claim.matchAll(/[A-Za-z_]\w*/g)].map((match) => match[0])), below: /\b(?:below|following|fields? (?:that follow|underneath))\b/i.test(claim) };
}

/** The class of the lock a name means: of a part of the record, of the record itself, of the package. */
export function resolveGuard(program: Program, record: RecordType, locks: readonly NamedLock[], name: string): string | undefined {
  const otherName = record.doc.includes('+checklocksalias:') ? new RegExp(`\\+checklocksalias:${name.replaceAll('.', '\\.')}=([\\w.]+)`).exec(record.doc)?.[1] : undefined;
  return resolveName(program, record, locks, otherName ?? name);
}

function resolveName(program: Program, record: RecordType, locks: readonly NamedLock[], name: string): string | undefined {
  const parts = name.split('.');
  const last = parts[parts.length - 1]!;
  const below = parts.length > 1 ? lockBelow(program, { kind: 'record', name: record.name }, parts) : undefined;
  if (below !== undefined) return below;
  const owner = parts.length > 1 ? globalOf(program, record, parts[0]!) : undefined;
  const foreign = owner === undefined ? undefined : lockBelow(program, owner.type, parts.slice(1));
  if (foreign !== undefined) return foreign;
  const own = locks.find((lock) => lock.name === last)?.lock;
  if (own !== undefined) return classNameOf(own);
  const global = globalOf(program, record, name);
  return global !== undefined && isLock(global.type) ? global.qualifiedName : undefined;
}

/** A variable of the record's package; a struct written in place has the name of what holds it in front. */
function globalOf(program: Program, record: RecordType, name: string): { readonly type: Type; readonly qualifiedName: string } | undefined {
  for (let home = record.name, dot = home.lastIndexOf('.'); dot > home.lastIndexOf('/'); dot = home.lastIndexOf('.')) {
    home = home.slice(0, dot);
    const found = globalsOf(program, home).get(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

function lockBelow(program: Program, type: Type, parts: readonly string[]): string | undefined {
  const [first, ...rest] = parts;
  const record = recordOf(program, type);
  const field = record?.fields.find((one) => one.name === first);
  if (record === undefined || field === undefined) return undefined;
  return rest.length === 0 ? (isLock(field.type) ? `${record.name}.${field.name}` : undefined) : lockBelow(program, field.type, rest);
}

function classNameOf(lock: AccessPath): string {
  const last = lock.selectors[lock.selectors.length - 1]!;
  return last.kind === 'field' ? `${last.owner}.${last.name}` : '';
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0]!;
}
