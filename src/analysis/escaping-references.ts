import { classOf, pathKey, type AccessPath, type Function, type Location, type Type, type Value, type Variable } from '../ir/index.js';
import { accessTable, type Access, type AccessGroup } from './accesses.js';
import { defineAnalysis } from './analysis.js';
import { controlFlow } from './control-flow.js';
import { entryLocks } from './entry-locks.js';
import { fieldRaces, type Guard } from './field-races.js';
import { flowEvents } from './flow-events.js';
import { isGrowth, isTruncated } from './race-shapes.js';
import type { FlowEvent, FlowEventOf } from './lock-flow.js';
import { recordOf, typeOfPath } from './types.js';

/**
 * Which functions hand out a live reference to state that a lock guards? The result is the guarded map, list or
 * object itself, its content is changed in place elsewhere under the lock, and the lock is given back before the
 * caller can look. Copies are fine; so are lists that only ever grow by append.
 */
export interface EscapingReference {
  readonly fn: Function;
  readonly at: Location;
  readonly path: AccessPath;
  readonly label: string;
  readonly group: string;
  readonly guard: Guard;
  /** A map or list is handed out itself; otherwise a pointer to an object of which some fields change. */
  readonly container: boolean;
  /** Where the guard is taken, and the change elsewhere that the caller's use collides with. */
  readonly taken: FlowEventOf<'acquire'>;
  readonly change: Access;
}

export const escapingReferences = defineAnalysis<readonly EscapingReference[]>({
  name: 'escaping-references',
  run(program, resultOf) {
    const { guards } = resultOf(fieldRaces);
    const { groups } = resultOf(accessTable);
    const entry = resultOf(entryLocks);
    const found: EscapingReference[] = [];
    const replacers = new Map<AccessGroup, ReadonlySet<Function>>();
    const events = resultOf(flowEvents);
    // Who takes no lock himself hands out nothing that he has looked up under it.
    for (const fn of events.functionsWith('acquire')) {
      if (fn.closureOf !== undefined || fn.test || /copy|must not (?:be )?modif|read[- ]only|caller must/i.test(fn.doc)) continue;
      const seen = new Set<string>();
      for (const event of events.of(fn.id)) {
        for (const { at, value } of leavingValues(fn, event)) {
          const path = sourceOf(fn, value);
          if (path === undefined || seen.has(classOf(path) ?? '')) continue;
          const escape = judge(fn, path, value.kind === 'address');
          if (escape === undefined) continue;
          seen.add(classOf(path)!);
          found.push({ fn, at, path, ...escape });
        }
      }
    }
    return found;

    /** Functions that put another object into the field: what they return is handed over. */
    function replacersOf(group: AccessGroup): ReadonlySet<Function> {
      let set = replacers.get(group);
      if (set === undefined) replacers.set(group, set = new Set(group.accesses.filter((access) => access.write && access.level === 'cell' && access.operation.verb === undefined).map((access) => access.fn)));
      return set;
    }

    /** The content changes under the hands of who got it before: not when the function has just put a new container there. */
    function isChange(group: AccessGroup, access: Access): boolean {
      if (access.level !== 'content' || !access.write || access.fn.test) return false;
      return !group.accesses.some((other) => other.fn === access.fn && other.level === 'cell' && other.operation.op === 'write' && other.operation.value.kind === 'allocation' && pathKey(other.path) === pathKey({ root: access.path.root, selectors: access.path.selectors.slice(0, other.path.selectors.length) }) && controlFlow(access.fn).dominates(other.point, access.point));
    }

    /** The function waits until all who change the content have told that they are done. */
    function isAwaited(fn: Function, changer: Function): boolean {
      const told = events.of(changer.id).flatMap((event) => (event.kind === 'signal' ? [classOf(event.operation.on)] : []));
      return told.length > 0 && events.of(fn.id).some((event) => event.kind === 'wait' && told.includes(classOf(event.operation.on)));
    }

    function judge(fn: Function, path: AccessPath, byAddress: boolean): Omit<EscapingReference, 'fn' | 'at' | 'path'> | undefined {
      const last = path.selectors.findLastIndex((selector) => selector.kind === 'field');
      const name = classOf({ root: path.root, selectors: path.selectors.slice(0, last + 1) });
      const group = name === undefined || last < 0 ? undefined : groups.get(name);
      const isContent = path.selectors.length > last + 1;
      const type: Type = byAddress ? { kind: 'pointer', to: typeOfPath(program, path) } : typeOfPath(program, path);
      const guard = group !== undefined && !isContent && (type.kind === 'map' || type.kind === 'list') ? guards.get(group.name) : undefined;
      const pointee = type.kind === 'pointer' ? recordOf(program, type) : undefined;
      const taken = events.of(fn.id).filter((event): event is FlowEventOf<'acquire'> => event.kind === 'acquire');
      if (taken.length === 0 || (!isContent && group !== undefined && replacersOf(group).has(fn))) return undefined;
      const takes = (candidate: Guard): FlowEventOf<'acquire'> | undefined => taken.find((event) => classOf(event.operation.lock) === candidate.lock);
      const isOurs = (candidate: Guard | undefined): candidate is Guard => candidate !== undefined && takes(candidate) !== undefined && !entry.at(fn).some((lock) => classOf(lock.lock) === candidate.lock);
      if (group !== undefined && isOurs(guard) && !(type.kind === 'list' && type.fixed)) {
        const change = group.accesses.find((access) => (!isGrowth(access) || isTruncated(group)) && isChange(group, access) && !isAwaited(fn, access.fn));
        return change === undefined ? undefined : { label: group.label, group: group.name, guard, container: true, taken: takes(guard)!, change };
      }
      for (const field of pointee?.fields ?? []) {
        const inner = guards.get(`${pointee!.name}.${field.name}`);
        if (!isOurs(inner) || inner.lock.startsWith(`${pointee!.name}.`)) continue;
        const change = groups.get(`${pointee!.name}.${field.name}`)?.accesses.find((access) => access.write && access.fn !== fn && !access.fn.test);
        if (change !== undefined) return { label: name ?? '', group: name ?? '', guard: inner, container: false, taken: takes(inner)!, change };
      }
      return undefined;
    }
  },
});

/** What a function gives away: results, what results hold, and what it stores in objects of its caller. */
function leavingValues(fn: Function, event: FlowEvent): readonly { readonly at: Location; readonly value: Value }[] {
  const flat = (at: Location, value: Value): { at: Location; value: Value }[] => (value.kind === 'allocation' ? (value.fields ?? []).flatMap((field) => flat(at, field.value)) : [{ at, value }]);
  if (event.kind === 'exit' && event.terminator.kind === 'return') { const { at } = event.terminator; return event.terminator.values.flatMap((value) => flat(at, value)); }
  if (event.kind !== 'access' || event.operation.op !== 'write' || event.operation.path.root.kind !== 'variable') return [];
  const { root, selectors } = event.operation.path;
  const toCaller = root.variable.kind === 'parameter' && root.variable !== (fn.receiver === undefined ? undefined : fn.params[0]) && selectors.length > 0;
  return toCaller ? flat(event.operation.at, event.operation.value) : [];
}

/** The location a returned value comes from, through a local that is set once. */
function sourceOf(fn: Function, value: Value, seen: readonly Variable[] = []): AccessPath | undefined {
  // The address of a variable of its own, held by value: the caller gets what was copied there.
  if (value.kind === 'address') return value.path.root.kind === 'variable' && value.path.root.variable.owner === fn.id && value.path.root.variable.kind !== 'parameter' && value.path.root.variable.type.kind === 'record' && value.path.selectors.length === 0 ? undefined : value.path;
  if (value.kind !== 'path') return undefined;
  if (value.path.selectors.length > 0 || value.path.root.kind !== 'variable') return value.path;
  const { variable } = value.path.root;
  if (variable.owner !== fn.id || seen.includes(variable)) return undefined;
  const copied = copiesIn(fn).get(variable);
  return copied === undefined || copied === 'several' ? undefined : sourceOf(fn, copied, [...seen, variable]);
}

const copies = new WeakMap<Function, ReadonlyMap<Variable, Value | 'several'>>();

/** What each variable of a function is set to, where that is a location. */
function copiesIn(fn: Function): ReadonlyMap<Variable, Value | 'several'> {
  let own = copies.get(fn);
  if (own !== undefined) return own;
  const found = new Map<Variable, Value | 'several'>();
  for (const block of fn.blocks) for (const operation of block.operations) {
    if (operation.op !== 'write' || operation.value.kind !== 'path' || operation.path.selectors.length > 0 || operation.path.root.kind !== 'variable') continue;
    const { variable } = operation.path.root;
    found.set(variable, found.has(variable) ? 'several' : operation.value);
  }
  copies.set(fn, own = found);
  return own;
}
