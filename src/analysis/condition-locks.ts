import { classOf, pathKey, type AccessPath, type Function, type Location, type LockMode, type Program, type RecordType, type Type, type Value, type Variable } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { operations } from './operations.js';
import { fieldOf, recordOf, typeOfPath } from './types.js';

/**
 * Which lock does a condition give back while it waits, and which side of it? Known by class, from where conditions are
 * made and stored; two makers that disagree leave it unknown. Under-approximates: a condition whose lock was not seen has none.
 */
export interface ConditionLock { readonly name: string; readonly mode: LockMode }
export interface ConditionLocks {
  /** The lock, by class, that a wait on this condition gives back and takes again. */
  readonly of: (condition: AccessPath) => ConditionLock | undefined;
  /** The class of a lock; the field of a condition that holds its lock has that lock's. */
  readonly classOf: (lock: AccessPath) => string | undefined;
  /** Conditions made without a lock. */
  readonly lockless: readonly { readonly fn: Function; readonly at: Location }[];
}

export const conditionLocks = defineAnalysis<ConditionLocks>({
  name: 'condition-locks',
  run(program, resultOf) {
    const conditionOf = conditionAround(program);
    const locks = new Map<string, ConditionLock | 'several'>();
    const lockless: { fn: Function; at: Location }[] = [];
    const pair = (condition: AccessPath, value: Value): void => {
      const name = classOf(condition);
      const lock = lockOf(program, value);
      if (name === undefined || lock === undefined) return;
      const known = locks.get(name);
      locks.set(name, known === undefined || (known !== 'several' && known.name === lock.name && known.mode === lock.mode) ? lock : 'several');
    };
    for (const fn of resultOf(operations).functionsWith('make', 'primitive-value')) collect(fn, conditionOf, pair, (at) => lockless.push({ fn, at }));
    const of = (condition: AccessPath): ConditionLock | undefined => {
      const name = classOf(condition);
      const lock = name === undefined ? undefined : locks.get(name);
      return lock === 'several' ? undefined : lock;
    };
    return {
      of,
      classOf: (lock) => {
        const holder = conditionOf(lock);
        return (holder === undefined ? undefined : of(holder)?.name) ?? classOf(lock);
      },
      lockless,
    };
  },
});

/**
 * The class of a lock as it is handed to a condition. A part of a reader-writer lock is its readers' side; a record stands
 * for the lock embedded in it. What a local pointer leads to goes by another name where it is locked: unknown.
 */
function lockOf(program: Program, value: Value): ConditionLock | undefined {
  if (value.kind !== 'address' && value.kind !== 'path') return undefined;
  const { path } = value;
  const whole = { root: path.root, selectors: path.selectors.slice(0, -1) };
  if (path.selectors.at(-1)?.kind === 'field' && pointed(typeOfPath(program, whole)).kind === 'primitive') return named(classOf(whole), 'shared');
  const record = recordOf(program, typeOfPath(program, path));
  if (record !== undefined) return named(embeddedLock(program, record), 'exclusive');
  return value.kind === 'path' && path.selectors.length === 0 && path.root.kind === 'variable' && path.root.variable.kind !== 'global' ? undefined : named(classOf(path), 'exclusive');
}

function named(name: string | undefined, mode: LockMode): ConditionLock | undefined {
  return name === undefined ? undefined : { name, mode };
}

function pointed(type: Type): Type {
  return type.kind === 'pointer' ? type.to : type;
}

/** The class of the lock whose methods a record has for its own. */
function embeddedLock(program: Program, record: RecordType, depth = 0): string | undefined {
  const embedded = depth > 3 ? [] : record.fields.filter((field) => field.embedded);
  const own = embedded.find((field) => { const type = pointed(field.type); return type.kind === 'primitive' && (type.primitive === 'lock' || type.primitive === 'rwlock'); });
  if (own !== undefined) return `${record.name}.${own.name}`;
  for (const field of embedded) {
    const inner = recordOf(program, field.type);
    const found = inner === undefined ? undefined : embeddedLock(program, inner, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

function collect(fn: Function, conditionOf: (path: AccessPath) => AccessPath | undefined, pair: (condition: AccessPath, lock: Value) => void, lockless: (at: Location) => void): void {
  const made = new Map<string, Value>();
  /** Literals are large and seldom hold a condition: asked before a path is built for each part. */
  const mayHold = (value: Value): boolean => {
    if (value.kind === 'path') return made.size > 0;
    return value.kind === 'allocation' && value.fields !== undefined && (value.type.kind === 'primitive' ? value.type.primitive === 'condition' : value.type.kind === 'record' && value.fields.some((field) => mayHold(field.value)));
  };
  const inside = (path: AccessPath, value: Value): void => {
    if (!mayHold(value)) return;
    if (value.kind === 'path') { const lock = made.get(pathKey(value.path)); if (lock !== undefined) pair(path, lock); }
    if (value.kind !== 'allocation') return;
    for (const field of value.fields ?? []) {
      if (value.type.kind === 'primitive') pair(path, field.value);
      else if (value.type.kind === 'record') inside({ root: path.root, selectors: [...path.selectors, { kind: 'field', name: field.name, owner: value.type.name }] }, field.value);
    }
  };
  for (const block of fn.blocks) for (const operation of block.operations) {
    if (operation.op === 'make' && operation.what === 'condition' && operation.of !== undefined) {
      made.set(pathKey(operation.result), operation.of);
      pair(operation.result, operation.of);
      if (operation.of.kind === 'constant' && operation.of.value === null) lockless(operation.at);
    } else if (operation.op === 'write') {
      const holder = conditionOf(operation.path);
      if (holder !== undefined) pair(holder, operation.value);
      inside(operation.path, operation.value);
    }
  }
}

/** The condition that the path's last field belongs to: the field is its lock. */
function conditionAround(program: Program): (path: AccessPath) => AccessPath | undefined {
  const isOne = (type: Variable['type']): boolean => (type.kind === 'pointer' ? isOne(type.to) : type.kind === 'primitive' && type.primitive === 'condition');
  return ({ root, selectors }) => {
    if (selectors[selectors.length - 1]?.kind !== 'field') return undefined;
    const outer = selectors[selectors.length - 2];
    const type = outer === undefined ? (root.kind === 'variable' ? root.variable.type : undefined) : outer.kind === 'field' ? fieldOf(program.records.get(outer.owner), outer.name)?.type : undefined;
    return type !== undefined && isOne(type) ? { root, selectors: selectors.slice(0, -1) } : undefined;
  };
}
