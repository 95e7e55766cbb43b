import { classOf, pathKey, type AccessPath, type Function, type Location, type Program, type Value, type Variable } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';

/**
 * Which lock does a condition give back while it waits? Known by class, from where conditions are made and
 * stored; two makers that disagree leave it unknown. Under-approximates: a condition whose lock was not seen has none.
 */
export interface ConditionLocks {
  /** The class of the lock a wait on this condition gives back and takes again. */
  readonly of: (condition: AccessPath) => string | undefined;
  /** Conditions made without a lock. */
  readonly lockless: readonly { readonly fn: Function; readonly at: Location }[];
}

export const conditionLocks = defineAnalysis<ConditionLocks>({
  name: 'condition-locks',
  run(program) {
    const isCondition = conditionFields(program);
    const locks = new Map<string, string | 'several'>();
    const lockless: { fn: Function; at: Location }[] = [];
    const pair = (condition: AccessPath, lock: Value): void => {
      const name = classOf(condition);
      const lockName = lock.kind === 'address' || lock.kind === 'path' ? classOf(lock.path) : undefined;
      if (name === undefined || lockName === undefined) return;
      const known = locks.get(name);
      locks.set(name, known === undefined || known === lockName ? lockName : 'several');
    };
    for (const fn of program.functions.values()) collect(fn, isCondition, pair, (at) => lockless.push({ fn, at }));
    return { of: (condition) => { const name = classOf(condition); const lock = name === undefined ? undefined : locks.get(name); return lock === 'several' ? undefined : lock; }, lockless };
  },
});

function collect(fn: Function, isCondition: (path: AccessPath) => boolean, pair: (condition: AccessPath, lock: Value) => void, lockless: (at: Location) => void): void {
  const made = new Map<string, Value>();
  const inside = (path: AccessPath, value: Value): void => {
    if (value.kind === 'path') { const lock = made.get(pathKey(value.path)); if (lock !== undefined) pair(path, lock); }
    if (value.kind !== 'allocation') return;
    for (const field of value.fields ?? []) {
      if (value.type.kind === 'primitive' && value.type.primitive === 'condition') { pair(path, field.value); continue; }
      const owner = value.type.kind === 'record' ? value.type.name : undefined;
      if (owner !== undefined) inside({ root: path.root, selectors: [...path.selectors, { kind: 'field', name: field.name, owner }] }, field.value);
    }
  };
  for (const block of fn.blocks) for (const operation of block.operations) {
    if (operation.op === 'make' && operation.what === 'condition' && operation.of !== undefined) {
      made.set(pathKey(operation.result), operation.of);
      pair(operation.result, operation.of);
      if (operation.of.kind === 'constant' && operation.of.value === null) lockless(operation.at);
    } else if (operation.op === 'write') {
      const holder: AccessPath = { root: operation.path.root, selectors: operation.path.selectors.slice(0, -1) };
      if (operation.path.selectors.at(-1)?.kind === 'field' && isCondition(holder)) pair(holder, operation.value);
      inside(operation.path, operation.value);
    }
  }
}

/** Whether the location is a condition, so that a field below it is its lock. */
function conditionFields(program: Program): (path: AccessPath) => boolean {
  const isOne = (type: Variable['type']): boolean => (type.kind === 'pointer' ? isOne(type.to) : type.kind === 'primitive' && type.primitive === 'condition');
  return (path) => {
    const last = path.selectors.at(-1);
    if (last === undefined) return path.root.kind === 'variable' && isOne(path.root.variable.type);
    const field = last.kind === 'field' ? program.records.get(last.owner)?.fields.find((one) => one.name === last.name) : undefined;
    return field !== undefined && isOne(field.type);
  };
}
