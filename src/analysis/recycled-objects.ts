import type { AccessPath, Function, FunctionId, Location, Program, Value, Variable } from '../ir/index.js';
import { lockClass, ownSiblings } from './access-guards.js';
import { accessTable, type Access, type AccessTable } from './accesses.js';
import { defineAnalysis } from './analysis.js';
import { callGraph, type CallSite } from './call-graph.js';
import { controlFlow, type Point } from './control-flow.js';
import { flowEvents, type FlowEvents } from './flow-events.js';
import type { FlowEventOf } from './lock-flow.js';
import { operations } from './operations.js';
import { isAppend } from './race-shapes.js';
import { tasks } from './tasks.js';
import { location } from './substitution.js';
import { recordOf } from './types.js';

/**
 * Which objects may be recycled between two steps that belong together? A pool keeps objects in a map, takes them out of it
 * and puts them into a list of free ones, all under its lock, and hands them to the next who asks. Whoever has found an object
 * there, or judged it under its own lock, holds nothing that keeps it from being another one a moment later.
 * Under-approximates: one function gives back, by parameter; the finder calls the function that looks up, and looks at
 * nothing of the object again. Idea: use after free, for memory that stays allocated (the ABA problem).
 */
export interface RecycledUse {
  readonly fn: Function;
  /** `found`: looked up, then locked; `judged`: unlocked, then given back. */
  readonly kind: 'found' | 'judged';
  readonly object: AccessPath;
  /** The lookup; or the last time the object's own lock was given back. */
  readonly before: Location;
  /** Where the object's own lock is taken; or where it is given back to the pool. */
  readonly at: Location;
  readonly lock: AccessPath;
  readonly recycler: Recycler;
}

export interface Recycler {
  readonly fn: Function;
  /** Parameter that is given back. */
  readonly position: number;
  /** The map it is taken out of, the list it goes to, the pool's lock. */
  readonly map: string;
  readonly list: string;
  readonly lock: string;
  readonly at: Location;
}

export const recycledObjects = defineAnalysis<readonly RecycledUse[]>({
  name: 'recycled-objects',
  run(program, resultOf) {
    if (resultOf(operations).functionsWith('acquire').length === 0) return [];
    const table = resultOf(accessTable);
    const recyclers = recyclersOf(program, table);
    if (recyclers.length === 0) return [];
    const graph = resultOf(callGraph);
    const events = resultOf(flowEvents);
    const running = resultOf(tasks);
    const found: RecycledUse[] = [];
    for (const recycler of recyclers) {
      const isMet = (fn: Function): boolean => running.running(fn.id).some((task) => task.multiple || running.running(recycler.fn.id).some((other) => other !== task));
      for (const look of lookupsOf(table, recycler)) for (const site of callersThrough(graph.callers, look)) {
        const use = isMet(site.caller) ? foundAndLocked(program, events, site, recycler) : undefined;
        if (use !== undefined && !found.some((one) => one.at === use.at)) found.push(use);
      }
      for (const site of graph.callers.get(recycler.fn.id) ?? []) {
        const use = site.kind === 'call' && site.certain && !site.caller.test && isMet(site.caller) ? judgedAndGivenBack(events, site, recycler) : undefined;
        if (use !== undefined) found.push(use);
      }
    }
    return found;
  },
});

/** Functions that take a parameter out of a map and put it on a list of the same object, which others cut from. */
function recyclersOf(program: Program, table: AccessTable): Recycler[] {
  const found: Recycler[] = [];
  for (const list of table.groups.values()) {
    if (list.record === undefined || !list.accesses.some(isAppend) || !isTakenFrom(list.accesses)) continue;
    for (const put of list.accesses) {
      if (put.level !== 'cell' || !isAppend(put) || put.fn.test) continue;
      const [lock] = ownSiblings(put);
      if (lock === undefined || put.operation.op !== 'write' || put.operation.value.kind !== 'binary') continue;
      const [value] = put.operation.value.appended ?? [];
      const path = value === undefined ? undefined : location(value);
      const position = path?.root.kind === 'variable' && path.selectors.length === 0 ? put.fn.params.indexOf(path.root.variable) : -1;
      if (position < 0 || recordOf(program, put.fn.params[position]!.type) === undefined) continue;
      const taken = [...table.groups.values()].flatMap((group) => (group.record === list.record && group !== list ? group.accesses.filter((one) => one.fn === put.fn && one.operation.container === 'map' && one.operation.verb === 'delete' && ownSiblings(one).includes(lock)) : []))[0];
      if (taken !== undefined) found.push({ fn: put.fn, position, map: taken.group, list: list.name, lock, at: put.operation.at });
    }
  }
  return found;
}

/** The list is cut somewhere, to what stands before or behind what is taken. */
function isTakenFrom(accesses: readonly Access[]): boolean {
  return accesses.some((one) => one.write && one.level === 'cell' && !isAppend(one) && one.fn.role !== 'initializer' && one.operation.op === 'write' && one.operation.value.kind !== 'allocation');
}

/** Functions that read an entry of the map under the pool's lock and return objects of the kind. */
function lookupsOf(table: AccessTable, { map, lock }: Recycler): readonly Function[] {
  return [...new Set((table.groups.get(map)?.accesses ?? []).flatMap((one) => (!one.write && one.level === 'content' && one.must.some((held) => lockClass(held) === lock) && !one.fn.test ? [one.fn] : [])))];
}

/** Calls of the lookup from functions that do not hold on to the pool's lock: through callers that hand its result on. */
function* callersThrough(callers: ReadonlyMap<FunctionId, readonly CallSite[]>, look: Function, depth = 0): Iterable<CallSite> {
  for (const site of callers.get(look.id) ?? []) {
    if (site.kind !== 'call' || !site.certain || site.caller.test || site.operation.op !== 'call') continue;
    if (depth === 0 && site.caller.receiver?.record === look.receiver?.record) yield* callersThrough(callers, site.caller, 1);
    else yield site;
  }
}

/** The first thing done with what was found is to take its own lock, and nothing of it is looked at under it. */
function foundAndLocked(program: Program, events: FlowEvents, { caller, at, operation }: CallSite, recycler: Recycler): RecycledUse | undefined {
  if (operation.op !== 'call') return undefined;
  const kind = recordOf(program, recycler.fn.params[recycler.position]!.type);
  const own = events.of(caller.id);
  const call = own.find((event): event is FlowEventOf<'call'> => event.kind === 'call' && event.operation === operation);
  if (call === undefined || call.locks.unsure.size > 0 || call.locks.may.some((held) => lockClass(held) === recycler.lock)) return undefined;
  const result = operation.results.find((variable) => variable.type.kind === 'pointer' && recordOf(program, variable.type) === kind);
  if (result === undefined) return undefined;
  const names = namesOf(caller, result);
  const acquired = own.find((event): event is FlowEventOf<'acquire'> => event.kind === 'acquire' && event.operation.lock.selectors.length > 0 && isOn(event.operation.lock, names) && controlFlow(caller).dominates(at, event.point));
  if (acquired === undefined || isLookedAt(caller, acquired.point, names)) return undefined;
  return { fn: caller, kind: 'found', object: { root: { kind: 'variable', variable: acquired.operation.lock.root.kind === 'variable' ? acquired.operation.lock.root.variable : result }, selectors: [] }, before: operation.at, at: acquired.operation.at, lock: acquired.operation.lock, recycler };
}

/** Its own lock was taken and given back on the way here, and is not held when it goes back to the pool. */
function judgedAndGivenBack(events: FlowEvents, { caller, at, operation }: CallSite, recycler: Recycler): RecycledUse | undefined {
  const object = operation.args[recycler.position];
  const path = object === undefined ? undefined : location(object);
  if (path?.root.kind !== 'variable' || path.selectors.length > 0) return undefined;
  const names = new Set([path.root.variable]);
  const own = events.of(caller.id);
  const flow = controlFlow(caller);
  const call = own.find((event): event is FlowEventOf<'call'> => event.kind === 'call' && event.operation === operation);
  if (call === undefined || call.locks.unsure.size > 0 || call.locks.may.some((held) => isOn(held.lock, names))) return undefined;
  const released = own.findLast((event): event is FlowEventOf<'release'> => event.kind === 'release' && event.operation.deferred !== true && isOn(event.operation.lock, names) && flow.dominates(event.point, at));
  if (released === undefined) return undefined;
  return { fn: caller, kind: 'judged', object: path, before: released.operation.at, at: operation.at, lock: released.operation.lock, recycler };
}

/** The result and the variables it is copied into. */
function namesOf(fn: Function, result: Variable): ReadonlySet<Variable> {
  const names = new Set([result]);
  for (const block of fn.blocks) for (const operation of block.operations) {
    if (operation.op !== 'write' || operation.path.selectors.length > 0 || operation.path.root.kind !== 'variable') continue;
    const from = location(operation.value);
    if (from?.root.kind === 'variable' && from.selectors.length === 0 && names.has(from.root.variable)) names.add(operation.path.root.variable);
  }
  return names;
}

function isOn({ root }: AccessPath, names: ReadonlySet<Variable>): boolean {
  return root.kind === 'variable' && names.has(root.variable);
}

/** A branch behind the point asks the object whether it is still the one. */
function isLookedAt(fn: Function, point: Point, names: ReadonlySet<Variable>): boolean {
  const flow = controlFlow(fn);
  return fn.blocks.some(({ id, operations, terminator }) => terminator.kind === 'branch' && flow.reaches(point, { block: id, index: operations.length }) && mentions(terminator.condition, names));
}

function mentions(value: Value, names: ReadonlySet<Variable>): boolean {
  switch (value.kind) {
    case 'path': case 'address': return isOn(value.path, names);
    case 'length': return isOn(value.of, names);
    case 'not': return mentions(value.operand, names);
    case 'binary': return mentions(value.left, names) || mentions(value.right, names);
    default: return false;
  }
}

/** What people call the pool's map and its lock. */
export function poolOf(program: Program, { map, lock }: Recycler): { readonly map: string; readonly lock: string } {
  const label = (name: string): string => {
    const dot = name.lastIndexOf('.');
    return `${program.records.get(name.slice(0, dot))?.label ?? name.slice(0, dot)}${name.slice(dot)}`;
  };
  return { map: label(map), lock: label(lock) };
}
