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
    const groups = new Map<string, Gathering>();
    const captured = new Map<string, Gathering>();
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
        if (known === undefined) table.set(named.name, { named, accesses: [access] }); else known.accesses.push(access);
      }
    }
    return { groups: gathered(groups), captured: gathered(captured) };
  },
});

interface Gathering { readonly named: Named; readonly accesses: Access[] }

function gathered(table: ReadonlyMap<string, Gathering>): Map<string, AccessGroup> {
  const groups = new Map<string, AccessGroup>();
  for (const [name, { named: { label, record, type }, accesses }] of table) groups.set(name, { name, label, type, ...(record === undefined ? {} : { record }), accesses });
  return groups;
}

interface Named { readonly name: string; readonly label: string; readonly level: Access['level']; readonly record?: RecordType; readonly type: Type; readonly local: boolean }

function nameGroup(program: Program, { path, container, atomic }: Access['operation']): Named | undefined {
  const { selectors } = path;
  let last = selectors.length - 1;
  while (last >= 0 && selectors[last]!.kind !== 'field') last--;
  const selector = selectors[last];
  const cell: AccessPath = last === selectors.length - 1 ? path : { root: path.root, selectors: selectors.slice(0, last + 1) };
  const isInside = (type: Type): Access['level'] => (selectors.length > last + 1 || ((container === 'object' || atomic) && isReference(type)) ? 'content' : 'cell');
  if (selector?.kind === 'field') {
    const record = program.records.get(selector.owner);
    if (record === undefined) return undefined;
    const type = record.fields.find((field) => field.name === selector.name)?.type;
    if (type === undefined) return undefined;
    const name = classOf(cell);
    return name === undefined ? undefined : { name, label: `${record.label}.${selector.name}`, level: isInside(type), record, type, local: false };
  }
  if (path.root.kind !== 'variable') return undefined;
  const { variable } = path.root;
  const name = classOf(cell);
  return name === undefined ? undefined : { name, label: printPath(cell), level: isInside(variable.type), type: variable.type, local: variable.kind !== 'global' };
}

/** Memory that is safe by itself: locks, atomics and the like, held by value. A pointer to one is memory as any other. */
function synchronises(type: Type): boolean {
  return type.kind === 'primitive' && type.primitive !== 'context' && type.primitive !== 'timer';
}
