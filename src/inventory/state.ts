import { accessTable, type Access } from '../analysis/accesses.js';
import type { ResultOf } from '../analysis/analysis.js';
import { lockLabel } from '../analysis/lock-graph.js';
import { lockMap } from '../analysis/lock-map.js';
import { locksOf } from '../analysis/contracts.js';
import { tasks } from '../analysis/tasks.js';
import { classOf, compareLocations, printLocation, type Program, type RecordType } from '../ir/index.js';
import type { StateRow, TypeRow } from './model.js';

/** Fields and globals that more than their maker uses, by how they are kept apart. */
export function stateRows(program: Program, resultOf: ResultOf): StateRow[] {
  const { groups } = resultOf(accessTable);
  const running = resultOf(tasks);
  const guards = new Map(resultOf(lockMap).flatMap((entry) => entry.guards.map((guard) => [guard.field, { lock: entry.label, clean: guard.unguarded === 0 }] as const)));
  const rows: StateRow[] = [];
  for (const group of groups.values()) {
    const accesses = group.accesses.filter((access) => !access.fn.test && access.fn.role !== 'initializer');
    const at = group.record?.fields.find(({ name }) => group.name.endsWith(`.${name}`))?.at ?? program.globals.find(({ qualifiedName }) => qualifiedName === group.name)?.at;
    if (accesses.length === 0 || at === undefined) continue;
    const writes = accesses.filter((access) => access.write).length;
    const guard = guards.get(group.name);
    const row = { label: group.label, at, reads: accesses.length - writes, writes };
    if (accesses.every((access) => access.atomic)) rows.push({ ...row, pattern: 'atomic' });
    else if (guard !== undefined) rows.push({ ...row, pattern: guard.clean ? 'guarded' : 'partly guarded', by: guard.lock });
    else if (writes === 0) rows.push({ ...row, pattern: 'immutable after start' });
    else if (commonLock(accesses) !== undefined) rows.push({ ...row, pattern: 'guarded', by: lockLabel(program, commonLock(accesses)!) });
    else rows.push({ ...row, pattern: program.scheduling === 'cooperative' ? turnsOf(accesses) : confinement(accesses, running) });
  }
  return rows.sort((a, b) => compareLocations(a.at, b.at));
}

/** Too few uses to infer a guard from; that all of them hold one lock is a fact all the same. */
function commonLock(accesses: readonly Access[]): string | undefined {
  const [first, ...others] = accesses.map(({ must }) => new Set(must.flatMap(({ lock }) => classOf(lock) ?? [])));
  return [...first!].find((lock) => others.every((held) => held.has(lock)));
}

function confinement(accesses: readonly Access[], running: { readonly running: (id: Access['fn']['id']) => readonly { readonly id: number; readonly multiple: boolean; readonly kind: string }[] }): StateRow['pattern'] {
  const users = new Map(accesses.flatMap((access) => running.running(access.fn.id)).map((task) => [task.id, task]));
  const [only] = users.values();
  return users.size === 1 && only!.multiple === false ? 'confined to one task' : 'no common protection';
}

/** Where tasks take turns, only a function that stops between two uses can meet somebody else's. */
function turnsOf(accesses: readonly Access[]): StateRow['pattern'] {
  const uses = new Map<Access['fn'], Set<string>>();
  for (const { fn, operation } of accesses) uses.set(fn, (uses.get(fn) ?? new Set()).add(printLocation(operation.at)));
  const stops = (fn: Access['fn']): boolean => fn.blocks.some(({ operations }) => operations.some(({ op }) => op === 'suspend'));
  return [...uses].some(([fn, places]) => places.size > 1 && stops(fn)) ? 'across suspensions' : 'within one turn';
}

/** Types that own a lock or say that they may be shared, and exported ones beside them. */
export function typeRows(program: Program, resultOf: ResultOf): TypeRow[] {
  const states = new Map<string, StateRow['pattern'][]>();
  for (const row of stateRows(program, resultOf)) { const owner = row.label.slice(0, row.label.lastIndexOf('.')); states.set(owner, [...(states.get(owner) ?? []), row.pattern]); }
  const rows: TypeRow[] = [];
  for (const record of program.records.values()) {
    if (!record.exported) continue;
    const locks = locksOf(program, record, { root: { kind: 'unknown', text: record.label }, selectors: [] }).map(({ name, lock }) => { const own = classOf(lock); return own === undefined ? `${record.label}.${name}` : lockLabel(program, own); });
    const claim = claimOf(record);
    const patterns = states.get(record.label) ?? [];
    const basis = locks.length > 0 ? 'has locks' : claim !== undefined ? 'claims it' : basisOf(patterns);
    if (basis === 'nothing' && !patterns.some((pattern) => pattern === 'no common protection')) continue;
    rows.push({ label: record.label, at: record.at, exported: record.exported, basis, locks, ...(claim === undefined ? {} : { claim }) });
  }
  return rows.sort((a, b) => compareLocations(a.at, b.at));
}

/** The weakest of the ways in which its fields are kept apart. */
function basisOf(patterns: readonly StateRow['pattern'][]): TypeRow['basis'] {
  if (patterns.length === 0) return 'nothing';
  const only = (...allowed: readonly StateRow['pattern'][]): boolean => patterns.every((pattern) => allowed.includes(pattern));
  if (only('immutable after start')) return 'immutable after start';
  if (only('atomic', 'immutable after start')) return 'atomics only';
  if (only('within one turn', 'immutable after start')) return 'within one turn';
  return patterns.includes('across suspensions') ? 'across suspensions' : 'nothing';
}

function claimOf(record: RecordType): string | undefined {
  return record.doc.split(/(?<=[.!?])\s/).find((sentence) => /(?:safe for concurrent|thread[- ]?safe|goroutine[- ]?safe|safe to (?:call|use) (?:concurrently|from multiple))/i.test(sentence) && !/\bnot\b|n't\b/i.test(sentence))?.replace(/\s+/g, ' ').trim();
}
