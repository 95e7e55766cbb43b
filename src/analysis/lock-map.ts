import { classOf, compareLocations, printLocation, type AccessPath, type Function, type Location, type Program } from '../ir/index.js';
import { accessTable } from './accesses.js';
import { defineAnalysis, type ResultOf } from './analysis.js';
import { contractsOf, locksOf } from './contracts.js';
import { declaredGuards } from './declared-guards.js';
import { entryLocks } from './entry-locks.js';
import { fieldRaces } from './field-races.js';
import { lockGraph, lockLabel } from './lock-graph.js';
import { summaries } from './summaries.js';

/**
 * What is every lock of the program for? Where it stands, which fields it guards and how surely, who needs it, who
 * takes it where, and which locks it nests with.
 * No lattice: a join of what other analyses found, by lock class. Leans as they lean; locks of locals are left out.
 */
export interface LockEntry {
  /** The class: `Owner.field`, or the global's qualified name. */
  readonly lock: string;
  readonly label: string;
  readonly kind: 'lock' | 'rwlock';
  readonly at: Location;
  readonly guards: readonly GuardedField[];
  /** Functions that run under it: by contract, or because every caller holds it. */
  readonly requiredBy: readonly { readonly fn: Function; readonly because: 'assertion' | 'annotation' | 'comment' | 'suffix' | 'callers' }[];
  readonly takenBy: readonly { readonly fn: Function; readonly at: Location; readonly mode: 'exclusive' | 'shared'; readonly tries: boolean }[];
  /** Locks held when this one is taken, and taken while it is held, with one place each. */
  readonly after: readonly Neighbour[];
  readonly before: readonly Neighbour[];
}

export interface GuardedField {
  readonly field: string;
  readonly label: string;
  /** Uses with the lock, and uses without any sign of it. */
  readonly guarded: number;
  readonly unguarded: number;
  readonly writes: number;
  /** The comment that names the lock; absent when the lock was inferred. */
  readonly declaredBy?: string;
  readonly exceptions: readonly { readonly fn: Function; readonly at: Location }[];
}

export interface Neighbour { readonly lock: string; readonly label: string; readonly fn: Function; readonly at: Location; readonly places: number }

/** Share of uses under a lock from which the map calls it the field's guard; below, it says nothing. */
export const guardShare = 0.5;

export const lockMap = defineAnalysis<readonly LockEntry[]>({
  name: 'lock-map',
  run(program, resultOf) {
    const guards = guardedFields(program, resultOf);
    const required = requirements(program, resultOf);
    const taken = acquisitions(program, resultOf);
    const { edges } = resultOf(lockGraph);
    const label = (lock: string): string => lockLabel(program, lock);
    const neighbours = (own: string, mine: 'from' | 'to', theirs: 'from' | 'to'): Neighbour[] => {
      const found = new Map<string, Neighbour & { places: number }>();
      for (const edge of edges) {
        if (edge[mine] !== own || edge.fn.test) continue;
        const known = found.get(edge[theirs]);
        if (known === undefined) found.set(edge[theirs], { lock: edge[theirs], label: label(edge[theirs]), fn: edge.fn, at: edge.at, places: 1 });
        else known.places++;
      }
      return [...found.values()];
    };
    return declaredLocks(program).map(({ lock, kind, at }) => ({
      lock, kind, at, label: label(lock),
      guards: guards.get(lock) ?? [], requiredBy: required.get(lock) ?? [], takenBy: taken.get(lock) ?? [],
      after: neighbours(lock, 'to', 'from'), before: neighbours(lock, 'from', 'to'),
    }));
  },
});

/** Locks of types and of packages; an embedded type's lock stands once, at that type. */
function declaredLocks(program: Program): Pick<LockEntry, 'lock' | 'kind' | 'at'>[] {
  const found = new Map<string, Pick<LockEntry, 'lock' | 'kind' | 'at'>>();
  for (const record of program.records.values()) {
    for (const { lock } of locksOf(program, record, { root: { kind: 'unknown', text: record.label }, selectors: [] })) {
      const name = classOf(lock);
      const last = lock.selectors[lock.selectors.length - 1];
      const field = last?.kind === 'field' && last.owner === record.name ? record.fields.find((one) => one.name === last.name) : undefined;
      if (name === undefined || field === undefined) continue;
      const type = field.type.kind === 'pointer' ? field.type.to : field.type;
      found.set(name, { lock: name, kind: type.kind === 'primitive' && type.primitive === 'rwlock' ? 'rwlock' : 'lock', at: field.at });
    }
  }
  for (const { qualifiedName, type, at } of program.globals) {
    const target = type.kind === 'pointer' ? type.to : type;
    if (target.kind === 'primitive' && (target.primitive === 'lock' || target.primitive === 'rwlock')) found.set(qualifiedName, { lock: qualifiedName, kind: target.primitive, at });
  }
  return [...found.values()].sort((a, b) => compareLocations(a.at, b.at));
}

function guardedFields(program: Program, resultOf: ResultOf): ReadonlyMap<string, GuardedField[]> {
  const { guards } = resultOf(fieldRaces);
  const { groups } = resultOf(accessTable);
  const declared = declaredGuards(program);
  const byLock = new Map<string, GuardedField[]>();
  for (const name of [...new Set([...declared.keys(), ...guards.keys()])].sort()) {
    const written = declared.get(name);
    const guard = guards.get(name);
    const lock = written?.lock ?? guard!.lock;
    const accesses = (groups.get(name)?.accesses ?? []).filter((access) => !access.fn.test && access.fn.role !== 'initializer');
    const holds = accesses.filter((access) => [...access.must, ...access.may].some((held) => classOf(held.lock) === lock));
    if (written === undefined && (holds.length < 2 || holds.length / accesses.length < guardShare)) continue;
    const without = accesses.filter((access) => !holds.includes(access) && !access.atomic && access.unsure.size === 0);
    const entry: GuardedField = {
      field: name, label: lockLabel(program, name), guarded: holds.length, unguarded: without.length, writes: accesses.filter((access) => access.write).length,
      ...(written === undefined ? {} : { declaredBy: written.text }), exceptions: without.map((access) => ({ fn: access.fn, at: access.operation.at })),
    };
    byLock.set(lock, [...(byLock.get(lock) ?? []), entry]);
  }
  return byLock;
}

function requirements(program: Program, resultOf: ResultOf): ReadonlyMap<string, LockEntry['requiredBy'][number][]> {
  const entry = resultOf(entryLocks);
  const byLock = new Map<string, LockEntry['requiredBy'][number][]>();
  for (const fn of program.functions.values()) {
    if (fn.test || fn.closureOf !== undefined) continue;
    const seen = new Set<string>();
    const add = (lock: AccessPath, because: LockEntry['requiredBy'][number]['because']): void => {
      const name = classOf(lock);
      if (name === undefined || seen.has(name)) return;
      seen.add(name);
      byLock.set(name, [...(byLock.get(name) ?? []), { fn, because }]);
    };
    for (const contract of contractsOf(program, fn)) if ((contract.kind === 'requires' || contract.kind === 'releases') && !contract.vague && entry.at(fn).some((held) => classOf(held.lock) === classOf(contract.lock))) add(contract.lock, contract.source);
    for (const held of entry.at(fn)) add(held.lock, 'callers');
  }
  return byLock;
}

function acquisitions(program: Program, resultOf: ResultOf): ReadonlyMap<string, LockEntry['takenBy'][number][]> {
  const summary = resultOf(summaries);
  const byLock = new Map<string, LockEntry['takenBy'][number][]>();
  for (const fn of program.functions.values()) {
    if (fn.test) continue;
    for (const event of summary.of(fn.id)?.events ?? []) {
      const name = event.kind === 'acquire' ? classOf(event.operation.lock) : undefined;
      if (event.kind !== 'acquire' || name === undefined) continue;
      byLock.set(name, [...(byLock.get(name) ?? []), { fn, at: event.operation.at, mode: event.operation.mode, tries: event.operation.tries }]);
    }
  }
  for (const list of byLock.values()) list.sort((a, b) => compareLocations(a.at, b.at));
  return byLock;
}

/** A lock a paragraph: what it guards with uses on both sides, who needs it, who takes it, what it nests with. */
export function printLockMap(_program: Program, resultOf: ResultOf): string {
  const lines: string[] = [];
  for (const entry of resultOf(lockMap)) {
    lines.push(`${entry.label}  ${entry.kind === 'rwlock' ? 'reader-writer lock' : 'lock'}  ${printLocation(entry.at)}`);
    for (const field of entry.guards) {
      lines.push(`  guards ${field.label}: ${field.guarded} with, ${field.unguarded} without, ${field.writes} writes (${field.declaredBy === undefined ? 'inferred' : 'declared'})`);
      for (const { fn, at } of field.exceptions) lines.push(`    not in ${fn.name} ${printLocation(at)}`);
    }
    for (const { fn, because } of entry.requiredBy) lines.push(`  required by ${fn.name} (${because === 'callers' ? 'all callers hold it' : because})`);
    for (const { fn, at, mode, tries } of entry.takenBy) lines.push(`  ${tries ? 'tried' : mode === 'shared' ? 'read-locked' : 'locked'} in ${fn.name} ${printLocation(at)}`);
    for (const { label, fn, at, places } of entry.after) lines.push(`  after ${label}  ${fn.name} ${printLocation(at)}${places > 1 ? ` and ${places - 1} more` : ''}`);
    for (const { label, fn, at, places } of entry.before) lines.push(`  before ${label}  ${fn.name} ${printLocation(at)}${places > 1 ? ` and ${places - 1} more` : ''}`);
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}
