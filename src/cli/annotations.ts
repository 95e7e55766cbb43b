import type { Inventory, Source } from '../index.js';

/** A file with comments added behind fields whose lock is known only from use. */
export interface Annotated {
  readonly path: string;
  readonly before: string;
  readonly after: string;
  readonly added: number;
}

/** Uses under the lock before its inference is worth a comment; with any use without it, there is none. */
const enough = 3;

/** `// guarded by mu` for each field that every use holds a lock of its own record for. Lines that hold a comment stay as they are. */
export function annotated(inventories: readonly Inventory[], sources: readonly Source[]): Annotated[] {
  const byFile = new Map<string, Map<number, string>>();
  for (const inventory of inventories) for (const lock of inventory.locks) for (const field of lock.guards) {
    if (field.declared || field.at === undefined || field.guarded < enough || field.unguarded > 0 || field.writes === 0) continue;
    const owner = lock.label.slice(0, lock.label.lastIndexOf('.') + 1);
    if (!field.field.startsWith(owner)) continue;
    const lines = byFile.get(field.at.file) ?? new Map<number, string>();
    byFile.set(field.at.file, lines.set(field.at.line, ` // guarded by ${lock.label.slice(owner.length)}`));
  }
  return sources.flatMap(({ path, text }) => {
    const notes = byFile.get(path);
    if (notes === undefined) return [];
    let added = 0;
    const after = text.split('\n').map((line, index) => {
      const note = notes.get(index + 1);
      if (note === undefined || line.includes('//') || line.includes('/*')) return line;
      added += 1;
      return line.endsWith('\r') ? `${line.slice(0, -1).trimEnd()}${note}\r` : `${line.trimEnd()}${note}`;
    }).join('\n');
    return added === 0 ? [] : [{ path, before: text, after, added }];
  }).sort((a, b) => (a.path < b.path ? -1 : 1));
}

const around = 3;

/** Two texts with the same number of lines, as `diff -u` shows them. */
export function unifiedDiff(path: string, before: string, after: string): string {
  const old = before.split('\n');
  const now = after.split('\n');
  const changed = old.flatMap((line, index) => (line === now[index] ? [] : [index]));
  const hunks: [number, number][] = [];
  for (const index of changed) {
    const last = hunks.at(-1);
    const end = Math.min(index + around, old.length - (old.at(-1) === '' ? 2 : 1));
    if (last !== undefined && index - around <= last[1] + 1) last[1] = end;
    else hunks.push([Math.max(index - around, 0), end]);
  }
  const out = [`--- a/${path}`, `+++ b/${path}`];
  for (const [from, to] of hunks) {
    out.push(`@@ -${from + 1},${to - from + 1} +${from + 1},${to - from + 1} @@`);
    for (let index = from; index <= to; index += 1) out.push(...(old[index] === now[index] ? [` ${old[index]!}`] : [`-${old[index]!}`, `+${now[index]!}`]));
  }
  return `${out.join('\n')}\n`;
}
