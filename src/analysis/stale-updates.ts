import { classOf, pathKey, sameInTask, variableAt, type AccessPath, type Function, type Location, type OperationOf, type Program, type Value, type Variable } from '../ir/index.js';
import { valuesOf, variablesOf } from '../ir/verify.js';
import { accessTable, type AccessTable } from './accesses.js';
import { defineAnalysis, type ResultOf } from './analysis.js';
import { controlFlow, type Point } from './control-flow.js';
import { entryLocks } from './entry-locks.js';
import { flowEvents } from './flow-events.js';
import type { FlowEvent, FlowEventOf } from './lock-flow.js';
import { operations } from './operations.js';
import { ownership } from './ownership.js';
import { sharedObjects } from './shared-objects.js';
import { mayOverlap, tasks, type Tasks } from './tasks.js';
import { isNothing } from './truths.js';
import { ownsLock, recordOf, typeOfPath } from './types.js';

/**
 * Which writes rest on a value that may be out of date, although every single step is synchronised? What was read in
 * one critical section, or by one atomic load, decides what a later one stores; others may have stored in between.
 * Under-approximates: one function, one path by name, every way between read and write lets others in, and no second
 * look after it. Idea: stale-value errors (Burrows and Leino, 2002).
 */
export interface StaleUpdate {
  readonly fn: Function;
  /** How the steps are synchronised: two sections of one lock, two atomic operations, two calls of a concurrent map. */
  readonly by: 'lock' | 'atomic' | 'map';
  /** `value`: what is written was added up from what was read, or made of it in another way; `test`: what was read decided whether to write. */
  readonly basis: 'value' | 'test';
  readonly path: AccessPath;
  readonly read: OperationOf<'read'> | OperationOf<'write'>;
  readonly write: OperationOf<'write'>;
  readonly group: string;
  /** That two of them in one place do harm is seen, not only likely. */
  readonly sure: boolean;
  /** Who stores in between: another call of the function itself, or only other functions, which something else may keep away. */
  readonly between: 'same' | 'others';
  /** The lock, where it is taken and given back, and taken again. */
  readonly lock?: { readonly path: AccessPath; readonly first: Location; readonly released: Location; readonly again: Location };
}

/** Why a write that comes after a look in an earlier section, or after a load, does not count; `silences.ts` says each in words. */
export type Timely = 'looks-again' | 'another-way' | 'in-place' | 'unnamed' | 'no-basis' | 'harmless' | 'guarded' | 'swapped' | 'owned' | 'alone';

/** Hears of each write that was looked at and let go, with the look it comes after. */
export type OnTimely = (write: StaleUpdate['write'], read: StaleUpdate['read'], why: Timely) => void;

export const staleUpdates = defineAnalysis<readonly StaleUpdate[]>({
  name: 'stale-updates',
  run(program, resultOf) {
    const stepping = new Set([...resultOf(flowEvents).functionsWith('acquire'), ...resultOf(operations).functionsWith('atomic')]);
    if (stepping.size === 0) return [];
    return [...program.functions.values()].flatMap((fn) => (stepping.has(fn) ? staleUpdatesIn(program, resultOf, fn) : []));
  },
});

export function staleUpdatesIn(program: Program, resultOf: ResultOf, fn: Function, onTimely?: OnTimely): readonly StaleUpdate[] {
  if (fn.test || fn.generated || fn.role === 'initializer') return [];
  const owned = resultOf(ownership);
  const table = resultOf(accessTable);
  const events = resultOf(flowEvents).of(fn.id);
  const steps = events.filter((event): event is AccessEvent => event.kind === 'access');
  const candidates = [...acrossSections(program, table, fn, events, steps, onTimely), ...(resultOf(entryLocks).at(fn).length > 0 ? [] : acrossAtomics(fn, steps, onTimely))];
  return candidates.flatMap((candidate) => {
    const { path, group, read, write } = candidate;
    const { point } = steps.find((event) => event.operation === write)!;
    const isOwned = owned.owns(fn, point, path);
    const between = isOwned ? undefined : sharedWith(path, group);
    if (between !== undefined) return [{ ...candidate, between }];
    onTimely?.(write, read, isOwned ? 'owned' : 'alone');
    return [];
  });

  /** Whether somebody else can write in between: another call of this function on the object, or another function. */
  function sharedWith(path: AccessPath, group: string): StaleUpdate['between'] | undefined {
    const running = resultOf(tasks);
    const own = running.running(fn.id);
    if (!isForOne(fn, path, steps) && own.some((task) => task.multiple && (task.spawn === undefined ? isReached(program, fn, path) : resultOf(sharedObjects).sharedByInstances(task, { fn, path })))) return 'same';
    return writers(table, group).some((other) => other !== fn && meets(running, fn, other)) ? 'others' : undefined;
  }
}

type AccessEvent = FlowEventOf<'access'>;

/** The function sets other fields of the object with no lock, beside the atomic one: it counts on being called by one task at a time. */
function isForOne(fn: Function, path: AccessPath, steps: readonly AccessEvent[]): boolean {
  const { root } = path;
  return root.kind === 'variable' && root.variable.owner === fn.id && steps.some(({ operation, locks }) => operation.op === 'write' && !operation.atomic && operation.container === undefined && locks.may.length === 0
    && operation.path.root.kind === 'variable' && operation.path.root.variable === root.variable && operation.path.selectors.length > 0 && groupOf(operation.path) !== groupOf(path));
}

/** A method of an object of its caller, or a function over a variable of the package. */
function isReached(program: Program, fn: Function, path: AccessPath): boolean {
  if (path.root.kind !== 'variable') return false;
  const { variable } = path.root;
  return variable.kind === 'global' || (fn.receiver !== undefined && variable === fn.params[0] && (fn.exported || program.records.get(fn.receiver.record)?.exported === true));
}

function writers(table: AccessTable, group: string): readonly Function[] {
  return [...new Set((table.groups.get(group)?.accesses ?? []).flatMap((access) => (access.write && !access.fn.test ? [access.fn] : [])))];
}

function meets(running: Tasks, fn: Function, other: Function): boolean {
  return running.running(fn.id).some((task) => running.running(other.id).some((partner) => (task.kind === 'spawn' || task.kind === 'handler' || partner.kind === 'spawn' || partner.kind === 'handler') && mayOverlap(task, partner)));
}

/** Read in one section of a lock, written in a later one of the same. */
function* acrossSections(program: Program, table: AccessTable, fn: Function, events: readonly FlowEvent[], steps: readonly AccessEvent[], onTimely?: OnTimely): Iterable<Omit<StaleUpdate, 'between'>> {
  const acquires = events.filter((event): event is FlowEventOf<'acquire'> => event.kind === 'acquire' && sameInTask(event.operation.lock, event.operation.lock));
  if (acquires.length < 2) return;
  const keys = new Set(acquires.map((event) => pathKey(event.operation.lock)));
  const flow = controlFlow(fn);
  for (const key of keys) {
    const own = acquires.filter((event) => pathKey(event.operation.lock) === key);
    if (own.length < 2) continue;
    const releases = events.filter((event): event is FlowEventOf<'release'> => event.kind === 'release' && pathKey(event.operation.lock) === key && event.operation.deferred !== true);
    const gates = releases.map((event) => event.point);
    const inside = steps.filter((event) => event.locks.must.some((held) => held.key === key));
    const told = new Set<string>();
    for (const write of inside) {
      const { operation } = write;
      if (operation.op !== 'write' || operation.path.selectors.length === 0 && isLocal(operation.path, fn)) continue;
      const location = pathKey(operation.path);
      if (told.has(location)) continue;
      const isOther = operation.updates === true || operation.verb !== undefined;
      // Only who listens wants to hear of writes that cannot be meant.
      if ((isOther || !isIdentified(operation.path)) && onTimely === undefined) continue;
      const looks = inside.filter((event) => event.operation.op === 'read' && pathKey(event.operation.path) === location);
      const earlier = onTimely === undefined ? undefined : looks.find((look) => flow.reaches(look.point, write.point) && !flow.reachesAvoiding(look.point, write.point, gates));
      const letGo = (why: Timely, read = earlier): void => { if (onTimely !== undefined && read?.operation.op === 'read') onTimely(operation, read.operation, why); };
      if (isOther) { letGo('in-place'); continue; }
      if (!isIdentified(operation.path)) { letGo('unnamed'); continue; }
      if (looks.some((look) => flow.reachesAvoiding(look.point, write.point, gates))) { letGo('looks-again'); continue; }
      // A write in between says that the function itself has brought the location up to date.
      const read = looks.find((look) => flow.dominates(look.point, write.point) && !inside.some((other) => other !== write && other.operation.op === 'write' && pathKey(other.operation.path) === location && flow.reaches(look.point, other.point) && flow.reaches(other.point, write.point)));
      if (read === undefined) { letGo('another-way'); continue; }
      if (isCovered(table, fn, events, key, read, write)) { letGo('guarded', read); continue; }
      const { basis: either, grows, decides } = basisOf(fn, read.point, operation.path, write, undefined);
      const basis = decides && !grows ? 'test' : either;
      const harm = basis === 'test' ? harmOf(program, table, fn, read.point, write) : grows ? 'seen' : 'likely';
      if (basis === undefined || harm === undefined) { letGo(basis === undefined ? 'no-basis' : 'harmless', read); continue; }
      const first = own.findLast((event) => flow.dominates(event.point, read.point));
      const again = own.findLast((event) => flow.dominates(event.point, write.point));
      const released = releases.find((event) => flow.reaches(read.point, event.point) && flow.reaches(event.point, write.point));
      const group = groupOf(operation.path);
      if (first === undefined || again === undefined || released === undefined || first === again || group === undefined) continue;
      told.add(location);
      yield { fn, by: 'lock', basis, path: operation.path, read: read.operation, write: operation, group, sure: harm === 'seen', lock: { path: first.operation.lock, first: first.operation.at, released: released.operation.at, again: again.operation.at } };
    }
  }
}

/** Another lock is held from the look to the write, and whoever else puts something there holds it as well: what is only given up is looked for again. */
function isCovered(table: AccessTable, fn: Function, events: readonly FlowEvent[], key: string, read: AccessEvent, { operation, locks, point }: AccessEvent): boolean {
  const flow = controlFlow(fn);
  return locks.must.some((held) => held.key !== key && held.mode === 'exclusive' && read.locks.must.some((own) => own.key === held.key)
    && !events.some((event) => event.kind === 'release' && event.operation.deferred !== true && pathKey(event.operation.lock) === held.key && flow.reaches(read.point, event.point) && flow.reachesAvoiding(event.point, point, [read.point]))
    && (table.groups.get(groupOf(operation.path) ?? '')?.accesses ?? []).every((other) => !other.write || other.fn.test || other.fn === fn || (other.operation.op === 'write' && isNothing(other.operation.value)) || other.must.some((one) => classOf(one.lock) === classOf(held.lock))));
}

/** Loaded by one atomic operation, stored by another; also a concurrent map asked and then told. */
function* acrossAtomics(fn: Function, steps: readonly AccessEvent[], onTimely?: OnTimely): Iterable<Omit<StaleUpdate, 'between'>> {
  // A look that gives a value, atomic or of a concurrent map: without one nothing goes out of date.
  const looks = steps.filter((event) => event.operation.atomic && event.operation.result !== undefined && (onTimely !== undefined || event.locks.must.length === 0));
  if (looks.length === 0) return;
  const flow = controlFlow(fn);
  const told = new Set<string>();
  for (const write of steps) {
    const { operation } = write;
    if (operation.op !== 'write' || operation.updates === true || operation.expects !== undefined) continue;
    const location = pathKey(operation.path);
    const group = groupOf(operation.path);
    if (group === undefined || told.has(location) || !isIdentified(operation.path)) continue;
    const isGuarded = write.locks.must.length > 0 || write.locks.may.length > 0;
    if (isGuarded && onTimely === undefined) continue;
    const loads = looks.filter((event) => pathKey(event.operation.path) === location);
    if (!operation.atomic && !loads.some((load) => load.operation.op === 'write')) continue;
    // The first look is what the write rests on, unless somebody won a compare-and-swap on the way.
    const read = loads.find((load) => flow.dominates(load.point, write.point) && (load.operation.op === 'read' ? operation.atomic : !operation.atomic));
    if (read === undefined || (read.operation.op !== 'read' && read.operation.op !== 'write')) continue;
    const letGo = (why: Timely): void => onTimely?.(operation, read.operation, why);
    if (isGuarded) { letGo('guarded'); continue; }
    if (steps.some((event) => event.operation.op === 'write' && event.operation.expects !== undefined && flow.dominates(event.point, write.point))) { letGo('swapped'); continue; }
    const isMap = operation.container === 'map';
    const { basis } = basisOf(fn, read.point, operation.path, write, read.operation.result, isMap ? read.operation.at : undefined);
    if (basis === undefined || (basis === 'test' && !isMap && !(raises(operation.value) && hasEffect(fn, read.point, write.point)))) { letGo(basis === undefined ? 'no-basis' : 'harmless'); continue; }
    told.add(location);
    yield { fn, by: isMap ? 'map' : 'atomic', basis, path: operation.path, read: read.operation, write: operation, group, sure: true };
  }
}

function groupOf(path: AccessPath): string | undefined {
  const last = path.selectors.findLastIndex((selector) => selector.kind === 'field');
  return classOf({ root: path.root, selectors: path.selectors.slice(0, last + 1) });
}

function isLocal(path: AccessPath, fn: Function): boolean {
  return path.root.kind === 'variable' && path.root.variable.owner === fn.id;
}

/** Two mentions of the path mean one location: no element without a key. */
function isIdentified(path: AccessPath): boolean {
  return path.root.kind === 'variable' && path.root.variable.kind !== 'temporary' && path.selectors.every((selector) => selector.kind !== 'element' || selector.key !== undefined);
}

/** A flag that two callers raise, or an object of which only one stays: storing the same number twice, or the same answer, harms nobody. */
function harmOf(program: Program, table: AccessTable, fn: Function, from: Point, { operation, point }: AccessEvent): 'seen' | 'likely' | undefined {
  if (operation.op !== 'write') return undefined;
  if (operation.value.kind === 'constant') return raises(operation.value) && hasEffect(fn, from, point) ? 'seen' : undefined;
  const type = typeOfPath(program, operation.path);
  if (type.kind === 'channel' || type.kind === 'function') return 'seen';
  if (type.kind === 'interface') return 'likely';
  const record = type.kind === 'pointer' ? recordOf(program, type) : undefined;
  if (record === undefined) return undefined;
  // What nobody changes is as good as its copy.
  return ownsLock(program, record) || record.fields.some((field) => table.groups.get(`${record.name}.${field.name}`)?.accesses.some((access) => access.write && !access.fn.test) === true) ? 'seen' : undefined;
}

/** A flag or state set, not taken back. */
function raises(value: Value): boolean {
  return value.kind === 'constant' && (value.value === true || (typeof value.value === 'number' && value.value !== 0));
}

/** Whether more than the flag is at stake: something is started, closed, sent or called once the test is passed. */
function hasEffect(fn: Function, from: Point, to: Point): boolean {
  const flow = controlFlow(fn);
  return fn.blocks.some((block) => block.operations.some((operation, index) => {
    if (operation.op !== 'close' && operation.op !== 'spawn' && operation.op !== 'send' && operation.op !== 'call') return false;
    const point = { block: block.id, index };
    return operation.deferred !== true && (flow.dominates(to, point) || (flow.dominates(from, point) && flow.dominates(point, to)));
  }));
}

interface Basis {
  readonly basis: StaleUpdate['basis'] | undefined;
  /** A branch on the old value leads to the write or past it. */
  readonly decides: boolean;
  /** The old value is counted on or added to here: what another task has added in between is lost. What a call made of it may be the same for all who ask. */
  readonly grows: boolean;
}

/** Whether the write depends on what the read saw: by the value written, or by a branch in between. */
function basisOf(fn: Function, from: Point, path: AccessPath, write: AccessEvent, result: Variable | undefined, resultsAt?: Location): Basis {
  const flow = controlFlow(fn);
  const key = pathKey(path);
  const carriers = new Set<Variable>(result === undefined ? [] : [result]);
  const definitions = new Map<Variable, { readonly point: Point; readonly carries: boolean }[]>();
  const carries = (value: Value): boolean => mentions(value, (one) => {
    if (pathKey(one) === key && result === undefined) return true;
    if (one.selectors.length > 0 || one.root.kind !== 'variable') return false;
    // Further results of the same call have no operation of their own.
    return carriers.has(one.root.variable) || (resultsAt !== undefined && one.root.variable.kind === 'temporary' && one.root.variable.at === resultsAt);
  });
  for (let round = 0; round < 3; round++) for (const block of fn.blocks) block.operations.forEach((operation, index) => {
    const point = { block: block.id, index };
    const isNext = block.id === from.block && index > from.index;
    if (!isNext && !flow.dominates(from, point)) return;
    // The location's own content counts where it was just read; later it is read again.
    if (operation.op === 'write' && operation.path.selectors.length === 0 && operation.path.root.kind === 'variable' && operation.path.root.variable.owner === fn.id && carries(operation.value)) carriers.add(operation.path.root.variable);
    else if (operation.op === 'call' && valuesOf(operation).some(carries)) for (const variable of variablesOf(operation)) carriers.add(variable);
  });
  /** The variable still holds what came from the read: no other value was put into it on every way. */
  const arrives = (variable: Variable): boolean => {
    if (!carriers.has(variable)) return false;
    const all = definitions.get(variable) ?? [];
    const others = all.filter((one) => !one.carries).map((one) => one.point);
    return variable === result || others.length === 0 || all.some((one) => one.carries && flow.reachesAvoiding(one.point, write.point, others));
  };
  for (const block of fn.blocks) block.operations.forEach((operation, index) => {
    if (operation.op !== 'write' || operation.path.selectors.length > 0 || operation.path.root.kind !== 'variable' || !carriers.has(operation.path.root.variable)) return;
    const { variable } = operation.path.root;
    definitions.set(variable, [...(definitions.get(variable) ?? []), { point: { block: block.id, index }, carries: carries(operation.value) }]);
  });
  const written = write.operation.op === 'write' ? write.operation.value : undefined;
  const isValue = written !== undefined && mentions(written, (one) => one.selectors.length === 0 && one.root.kind === 'variable' && arrives(one.root.variable));
  const grows = isValue && (isSum(written) || sumsOf(fn, carriers).has(plainVariable(written)));
  const decides = fn.blocks.some(({ id, terminator, operations }) => {
    if (terminator.kind !== 'branch' || terminator.loop === true || !carries(terminator.condition)) return false;
    const at = { block: id, index: operations.length };
    if (!flow.dominates(from, at) && id !== from.block) return false;
    const leads = (block: typeof terminator.onTrue): boolean => block === write.point.block || flow.reaches({ block, index: -1 }, write.point);
    return flow.dominates(at, write.point) && leads(terminator.onTrue) !== leads(terminator.onFalse);
  });
  return { basis: isValue ? 'value' : decides ? 'test' : undefined, decides, grows };
}

/** Carriers that are set to a sum of one of them, and what is set to those. */
function sumsOf(fn: Function, carriers: ReadonlySet<Variable>): ReadonlySet<Variable | undefined> {
  const sums = new Set<Variable | undefined>();
  for (let round = 0; round < 2; round++) for (const { operations } of fn.blocks) for (const operation of operations) {
    if (operation.op !== 'write') continue;
    const variable = variableAt(operation.path);
    if (variable === undefined || !carriers.has(variable)) continue;
    const copied = plainVariable(operation.value);
    if ((isSum(operation.value) && mentions(operation.value, (one) => carriers.has(variableAt(one)!))) || (copied !== undefined && sums.has(copied))) sums.add(variable);
  }
  return sums;
}

function isSum(value: Value): boolean {
  return value.kind === 'binary' && /^[-+*/%&|^]$|^<<$|^>>$|^&\^$/.test(value.operator);
}

function plainVariable(value: Value): Variable | undefined {
  return value.kind === 'path' ? variableAt(value.path) : undefined;
}

function mentions(value: Value, wanted: (path: AccessPath) => boolean): boolean {
  switch (value.kind) {
    case 'path': case 'address': return wanted(value.path);
    case 'unknown': return value.entry !== undefined && wanted(value.entry);
    case 'length': case 'capacity': return wanted(value.of);
    case 'not': return mentions(value.operand, wanted);
    case 'binary': return mentions(value.left, wanted) || mentions(value.right, wanted);
    case 'allocation': return (value.fields ?? []).some((field) => mentions(field.value, wanted));
    default: return false;
  }
}
