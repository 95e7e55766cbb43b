import { classOf, isReference, pathKey, printPath, type AccessPath, type Function, type OperationOf, type Program, type RecordType, type Type } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import type { Point } from './control-flow.js';
import { entryLocks } from './entry-locks.js';
import type { HeldLock } from './lock-state.js';
import { ownership } from './ownership.js';
import { summaries } from './summaries.js';

/** One use of shared memory, with the locks its task holds: its own and those of every caller. */
export interface Access {
  readonly fn: Function;
  readonly point: Point;
  readonly operation: OperationOf<'read'> | OperationOf<'write'>;
  readonly path: AccessPath;
  /** The field, global or captured variable it is about; content of a container counts to its field. */
  readonly group: string;
  /** `content`: an entry of the map or list; `cell`: the field itself. */
  readonly level: 'cell' | 'content';
  readonly write: boolean;
  readonly atomic: boolean;
  readonly must: readonly HeldLock[];
  readonly may: readonly HeldLock[];
  /** Locks left in doubt here, by key: nothing may be concluded from their absence. */
  readonly unsure: ReadonlySet<string>;
}

/** Fields and globals of the program with every access that other tasks may see; owned objects are left out. */
export interface AccessTable {
  readonly groups: ReadonlyMap<string, AccessGroup>;
  /** Accesses of variables that closures share, by variable group. */
  readonly captured: ReadonlyMap<string, AccessGroup>;
}

export interface AccessGroup {
  readonly name: string;
  /** What people call it: `Type.field`, `global`, `local`. */
  readonly label: string;
  readonly record?: RecordType;
  readonly type: Type;
  readonly accesses: readonly Access[];
}

export const accessTable = defineAnalysis<AccessTable>({
  name: 'accesses',
  run(program, resultOf) {
    const summary = resultOf(summaries);
    const entry = resultOf(entryLocks);
    const owned = resultOf(ownership);
    const groups = new Map<string, { label: string; record?: RecordType; type: Type; accesses: Access[] }>();
    const captured = new Map<string, { label: string; type: Type; accesses: Access[] }>();
    for (const fn of program.functions.values()) {
      const atEntry = entry.at(fn);
      for (const event of summary.of(fn.id)?.events ?? []) {
        if (event.kind !== 'access') continue;
        const { operation } = event;
        const named = nameGroup(program, operation);
        if (named === undefined || synchronises(named.type)) continue;
        if (owned.owns(fn, event.point, operation.path)) continue;
        const inherited = event.locks.given.length === 0 ? atEntry : atEntry.filter((held) => !event.locks.given.some((path) => pathKey(path) === held.key));
        const access: Access = {
          fn, point: event.point, operation, path: operation.path, group: named.name, level: named.level, write: operation.op === 'write', atomic: operation.atomic,
          must: inherited.length === 0 ? event.locks.must : [...inherited, ...event.locks.must], may: inherited.length === 0 ? event.locks.may : [...inherited, ...event.locks.may], unsure: event.locks.unsure,
        };
        const table = named.local ? captured : groups;
        const known = table.get(named.name);
        if (known === undefined) table.set(named.name, { label: named.label, type: named.type, ...(named.record === undefined ? {} : { record: named.record }), accesses: [access] });
        else known.accesses.push(access);
      }
    }
    const named = (table: Map<string, { label: string; record?: RecordType; type: Type; accesses: Access[] }>): Map<string, AccessGroup> => new Map([...table].map(([name, group]) => [name, { name, ...group }]));
    return { groups: named(groups), captured: named(captured) };
  },
});

function nameGroup(program: Program, { path, container, atomic }: Access['operation']): { name: string; label: string; level: Access['level']; record?: RecordType; type: Type; local: boolean } | undefined {
  let last = -1;
  path.selectors.forEach((selector, index) => { if (selector.kind === 'field') last = index; });
  const selector = path.selectors[last];
  const cell: AccessPath = { root: path.root, selectors: path.selectors.slice(0, last + 1) };
  const name = classOf(cell);
  if (name === undefined) return undefined;
  const isInside = (type: Type): Access['level'] => (path.selectors.length > last + 1 || ((container === 'object' || atomic) && isReference(type)) ? 'content' : 'cell');
  if (selector?.kind === 'field') {
    const record = program.records.get(selector.owner);
    const type = record?.fields.find((field) => field.name === selector.name)?.type;
    return record === undefined || type === undefined ? undefined : { name, label: `${record.label}.${selector.name}`, level: isInside(type), record, type, local: false };
  }
  if (path.root.kind !== 'variable') return undefined;
  const { variable } = path.root;
  return { name, label: printPath(cell), level: isInside(variable.type), type: variable.type, local: variable.kind !== 'global' };
}

/** Memory that is safe by itself: locks, atomics and the like, held by value. A pointer to one is memory as any other. */
function synchronises(type: Type): boolean {
  return type.kind === 'primitive' && type.primitive !== 'context' && type.primitive !== 'timer';
}
