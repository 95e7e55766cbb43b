import { classOf, extendPath, isReference, pathKey, variablePath, type AccessPath, type Function, type OperationOf, type Program, type RecordType, type Type, type Variable } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import type { Point } from './control-flow.js';
import { entryLocks } from './entry-locks.js';
import type { FlowEvent, PointLocks } from './lock-flow.js';
import type { HeldLock } from './lock-state.js';
import { ownership } from './ownership.js';
import { summaries } from './summaries.js';
import { fieldOf, ownsLock } from './types.js';

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
  /** The operation is about a record held by value, and this is a part of it: what it reads, or puts there, with all others. */
  readonly whole: boolean;
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
    const { nameOf, fieldOf: nameOfField } = groupNames(program);
    const wholes: { readonly access: Access; readonly record: RecordType }[] = [];
    for (const fn of program.functions.values()) {
      const withLocks = inheriting(entry.at(fn));
      for (const event of summary.of(fn.id)?.events ?? nothing) {
        if (event.kind !== 'access') continue;
        const { operation } = event;
        const named = nameOf(operation.path);
        if (named === undefined || synchronises(named.type)) continue;
        const copied = copiedRecord(program, named, operation.path);
        if (copied === undefined && owned.owns(fn, event.point, operation.path)) continue;
        const { must, may } = withLocks(event.locks);
        const access: Access = {
          fn, point: event.point, operation, path: operation.path, group: named.name, level: levelOf(named, operation), write: operation.op === 'write', atomic: operation.atomic,
          must, may, unsure: event.locks.unsure, whole: operation.part === true,
        };
        if (copied !== undefined) {
          wholes.push({ access, record: copied });
          if (owned.owns(fn, event.point, operation.path)) continue;
        }
        const { gathering } = named;
        if (gathering.accesses.length === 0) { gathering.named = named; (named.local ? captured : groups).set(named.name, gathering); }
        add(gathering, access);
      }
    }
    for (const { access, record } of wholes) addParts(access, record, access.path.selectors.at(-1)?.kind === 'deref' ? { root: access.path.root, selectors: access.path.selectors.slice(0, -1) } : access.path, 0);
    return { groups: gathered(groups), captured: gathered(captured) };

    /** A record that is copied, compared or replaced is used in all its parts; told of those that somebody uses one by one. */
    function addParts(access: Access, record: RecordType, at: AccessPath, depth: number): void {
      for (const { name, type } of record.fields) {
        const inner = type.kind === 'record' && depth < maxNested ? program.records.get(type.name) : undefined;
        const group = nameOfField(record.name, name)?.gathering;
        const counts = group?.named !== undefined && (access.write || group.written);
        if (!counts && inner?.copied !== true) continue;
        const path = extendPath(at, { kind: 'field', name, owner: record.name });
        if (inner?.copied === true) addParts(access, inner, path, depth + 1);
        // A part of that record may have been its first write.
        if (group?.named === undefined || path.root.kind !== 'variable' || !(access.write || group.written) || owned.owns(access.fn, access.point, path)) continue;
        add(group, { ...access, path, group: group.named.name, level: 'cell', whole: true });
      }
    }
  },
});

/** Records inside records that are looked into. */
const maxNested = 2;

/** The record held by value that the path leads to as a whole; one in a list or map is an element among others. */
function copiedRecord(program: Program, { type, fields }: Named, { selectors }: AccessPath): RecordType | undefined {
  const last = selectors.at(-1);
  const held = last?.kind === 'deref' ? (type.kind === 'pointer' ? type.to : undefined) : last?.kind === 'field' || (last === undefined && fields === 0) ? type : undefined;
  if (held?.kind !== 'record' || selectors.some(({ kind }) => kind === 'element')) return undefined;
  const record = program.records.get(held.name);
  // Who replaces or copies the lock too has the object to himself.
  return record?.copied === true && !ownsLock(program, record) ? record : undefined;
}

/** The accesses under one name, as they are found; `named` by the first of them. */
interface Gathering { named: Named | undefined; written: boolean; readonly accesses: Access[] }

function add(gathering: Gathering, access: Access): void {
  gathering.accesses.push(access);
  if (access.write) gathering.written = true;
}

function gathered(table: ReadonlyMap<string, Gathering>): Map<string, AccessGroup> {
  const groups = new Map<string, AccessGroup>();
  for (const [name, { named, accesses }] of table) {
    const { label, record, type } = named!;
    groups.set(name, { name, label, type, ...(record === undefined ? {} : { record }), accesses });
  }
  return groups;
}

/** `fields`: 1 for a field of a record, 0 for a variable. */
interface Named { readonly name: string; readonly label: string; readonly record?: RecordType; readonly type: Type; readonly local: boolean; readonly fields: number; /** Shared by all of this name. */ readonly gathering: Gathering }

const nothing: readonly FlowEvent[] = [];

/** The callers' locks beside the function's own. Neighbouring accesses share what they hold: it is joined once. */
function inheriting(atEntry: readonly HeldLock[]): (locks: PointLocks) => { readonly must: readonly HeldLock[]; readonly may: readonly HeldLock[] } {
  if (atEntry.length === 0) return (locks) => locks;
  let last: PointLocks | undefined;
  let joined: { readonly must: readonly HeldLock[]; readonly may: readonly HeldLock[] } = { must: atEntry, may: atEntry };
  return (locks) => {
    if (locks === last) return joined;
    last = locks;
    const inherited = locks.given.length === 0 ? atEntry : atEntry.filter((held) => !locks.given.some((path) => pathKey(path) === held.key));
    joined = inherited.length === 0 ? locks : { must: [...inherited, ...locks.must], may: [...inherited, ...locks.may] };
    return joined;
  };
}

/** What the accesses of a path count to: one answer for each field, and for each other path by the variable. */
function groupNames(program: Program): { readonly nameOf: (path: AccessPath) => Named | undefined; readonly fieldOf: (owner: string, name: string) => Named | undefined } {
  const gatherings = new Map<string, Gathering>();
  const gatheringOf = (name: string): Gathering => {
    let gathering = gatherings.get(name);
    if (gathering === undefined) gatherings.set(name, gathering = { named: undefined, written: false, accesses: [] });
    return gathering;
  };
  const ofFields = new Map<string, Map<string, Named | undefined>>();
  const field = (owner: string, name: string): Named | undefined => {
    let own = ofFields.get(owner);
    if (own === undefined) ofFields.set(owner, own = new Map());
    if (own.has(name)) return own.get(name);
    const record = program.records.get(owner);
    const type = fieldOf(record, name)?.type;
    const full = `${owner}.${name}`;
    const named = record === undefined || type === undefined ? undefined : { name: full, label: `${record.label}.${name}`, record, type, local: false, fields: 1, gathering: gatheringOf(full) };
    own.set(name, named);
    return named;
  };
  const ofVariables = new Map<Variable, Named | undefined>();
  const nameOf = ({ root, selectors }: AccessPath): Named | undefined => {
    for (let last = selectors.length - 1; last >= 0; last--) {
      const selector = selectors[last]!;
      if (selector.kind === 'field') return field(selector.owner, selector.name);
    }
    if (root.kind !== 'variable') return undefined;
    const { variable } = root;
    let named = ofVariables.get(variable);
    if (named === undefined) {
      const name = classOf(variablePath(variable))!;
      ofVariables.set(variable, named = { name, label: variable.name, type: variable.type, local: variable.kind !== 'global', fields: 0, gathering: gatheringOf(name) });
    }
    return named;
  };
  return { nameOf, fieldOf: field };
}

/** Whether what is used lies in what the field or variable refers to, or is its own cell. */
function levelOf({ type, fields }: Named, { path: { selectors }, container, atomic }: Access['operation']): Access['level'] {
  const isBelow = selectors.length > 0 && (fields === 0 || selectors[selectors.length - 1]!.kind !== 'field');
  return isBelow || ((container === 'object' || atomic) && isReference(type)) ? 'content' : 'cell';
}

/** Memory that is safe by itself: locks, atomics and the like, held by value. A pointer to one is memory as any other. */
function synchronises(type: Type): boolean {
  return type.kind === 'primitive' && type.primitive !== 'context' && type.primitive !== 'timer';
}
