import type { Machine } from './machine.js';
import type { Synchroniser } from './primitives.js';
import { assign } from './trail.js';
import type { Cell, Datum } from './values.js';

/**
 * Marks what code that is not known can reach from its arguments: it may send, close, unlock or count there, so
 * nobody who waits for one of these can be said to wait for ever. Memory is not marked: what is not known is not
 * taken to write.
 */
export function escape(machine: Machine, values: readonly Datum[]): void {
  const seen = new Set<Cell>();
  for (const value of values) reach(machine, value, seen, deepest);
}

/** Records within records that are still looked into. */
const deepest = 3;

function reach(machine: Machine, value: Datum, seen: Set<Cell>, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  switch (value.kind) {
    case 'pointer': return reachCell(machine, value.to, seen, depth - 1);
    case 'record': return reachCell(machine, value.from, seen, depth - 1);
    case 'container': return reachCell(machine, value.inside, seen, depth - 1);
    case 'function': {
      for (const cell of value.captures) if (cell !== undefined) reachCell(machine, cell, seen, depth - 1);
      if (value.receiver !== undefined) reach(machine, value.receiver, seen, depth);
      return;
    }
    case 'library': {
      if (value.receiver !== undefined) reach(machine, value.receiver, seen, depth);
      return;
    }
    // Only who may call what settles a promise has a say in it.
    case 'unknown': case 'settlement': return;
    case 'settler': return markAll(machine, [value.of]);
    case 'cancel': return markAll(machine, [value.context.done]);
    case 'context': return markAll(machine, [value.done]);
    default: return markAll(machine, [value]);
  }
}

function reachCell(machine: Machine, cell: Cell, seen: Set<Cell>, depth: number): void {
  if (depth < 0 || seen.has(cell)) return;
  seen.add(cell);
  markAll(machine, [cell.primitive]);
  if (cell.value !== undefined) reach(machine, cell.value, seen, depth);
  for (const part of cell.parts?.values() ?? []) reachCell(machine, part, seen, depth);
}

function markAll(machine: Machine, found: readonly (Synchroniser | undefined)[]): void {
  for (const one of found) if (one !== undefined) assign(machine.trail, one, 'outside', true);
}
