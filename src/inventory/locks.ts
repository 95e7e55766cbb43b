import type { ResultOf } from '../analysis/analysis.js';
import { lockGraph, lockLabel } from '../analysis/lock-graph.js';
import { lockMap } from '../analysis/lock-map.js';
import type { Location, Program } from '../ir/index.js';
import type { LockRow, OrderRow } from './model.js';

export function lockRows(program: Program, resultOf: ResultOf): LockRow[] {
  const fieldAt = (name: string) => program.records.get(name.slice(0, name.lastIndexOf('.')))?.fields.find((field) => name.endsWith(`.${field.name}`))?.at;
  return resultOf(lockMap).map((entry) => ({
    label: entry.label,
    kind: entry.kind === 'rwlock' ? 'reader-writer lock' : 'lock',
    at: entry.at,
    guards: entry.guards.map((field) => ({
      field: field.label, ...withPlace(fieldAt(field.field)), guarded: field.guarded, unguarded: field.unguarded, writes: field.writes, declared: field.declaredBy !== undefined,
      exceptions: field.exceptions.map(({ fn, at }) => ({ at, function: fn.name })),
    })),
    requiredBy: entry.requiredBy.map(({ fn, because }) => ({ function: fn.name, because })),
    taken: entry.takenBy.map(({ fn, at, mode, tries }) => ({ at, function: fn.name, how: tries ? 'tried' : mode })),
  }));
}

/** One row a pair of locks, at the first place; locks of test code say nothing about the order. */
export function orderRows(program: Program, resultOf: ResultOf): OrderRow[] {
  const rows = new Map<string, OrderRow & { places: number }>();
  for (const edge of resultOf(lockGraph).edges) {
    if (edge.fn.test) continue;
    const key = `${edge.from} ${edge.to}`;
    const known = rows.get(key);
    if (known === undefined) rows.set(key, { from: lockLabel(program, edge.from), to: lockLabel(program, edge.to), at: edge.at, function: edge.fn.name, places: 1 });
    else known.places += 1;
  }
  return [...rows.values()];
}

function withPlace(at: Location | undefined): { readonly at?: Location } {
  return at === undefined ? {} : { at };
}
