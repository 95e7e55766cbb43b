import { classOf, pathKey, type AccessPath, type Function, type Location, type Value, type Variable } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { entryLocks } from './entry-locks.js';
import { flowEvents } from './flow-events.js';
import type { HeldLock } from './lock-state.js';
import { operations } from './operations.js';
import { summaries } from './summaries.js';

/**
 * Which function values that come from outside are called with a lock held that outside code may ask for? The value
 * lives in a field that an exported function fills from its parameter, and an exported function takes the lock, or any
 * method of the object that the callback is handed.
 * Under-approximates: only fields whose filling was seen; callees that are all known are no outside code.
 */
export interface LockedCallback {
  readonly fn: Function;
  readonly held: HeldLock;
  readonly at: Location;
  /** Where the function value is kept. */
  readonly kept: AccessPath;
  readonly registered: { readonly fn: Function; readonly at: Location };
  /** An exported function that takes the lock: what the callback must not call. */
  readonly locker: { readonly fn: Function; readonly at: Location };
}

/** Called for what they compute, not to tell anybody: they know nothing of the object. */
const computes = /less|compare|cmp|equal|match|hash|key|filter|sort|rand|now|clock|time|log|print|trace|debug|metric|format|encode|decode|marshal|parse/i;

export const lockedCallbacks = defineAnalysis<readonly LockedCallback[]>({
  name: 'locked-callbacks',
  run(program, resultOf) {
    if (resultOf(operations).functionsWith('acquire').length === 0) return [];
    const registered = registrations(resultOf(operations).functionsWith('callback-value'));
    if (registered.size === 0) return [];
    const summary = resultOf(summaries);
    const entry = resultOf(entryLocks);
    const lockers = new Map<string, { fn: Function; at: Location }>();
    const methods = new Map<string, { fn: Function; at: Location }>();
    for (const fn of program.functions.values()) if (fn.receiver !== undefined && !fn.test) {
      for (const acquired of summary.of(fn.id)?.acquires ?? []) {
        const name = classOf(acquired.lock);
        if (name === undefined || acquired.chain.length > 0) continue;
        for (const table of fn.exported ? [lockers, methods] : [methods]) if (!table.has(name)) table.set(name, { fn, at: acquired.at });
      }
    }
    const found: LockedCallback[] = [];
    const events = resultOf(flowEvents);
    const holding = new Set(events.functionsWith('held'));
    for (const fn of program.functions.values()) {
      const around = entry.at(fn);
      if (fn.test || fn.generated || (around.length === 0 && !holding.has(fn))) continue;
      for (const event of events.of(fn.id)) {
        if (event.kind !== 'call' || event.operation.op !== 'call' || event.locks.must.length + around.length === 0) continue;
        const { callee } = event.operation;
        const value = callee.kind === 'unknown' || (callee.kind === 'dynamic' && !callee.complete) ? callee.value : undefined;
        const kept = value?.kind === 'path' ? keptAt(fn, value.path) : undefined;
        const name = kept === undefined ? undefined : baseClass(kept);
        const setter = name === undefined ? undefined : registered.get(name);
        if (kept === undefined || setter === undefined || computes.test(lastName(kept))) continue;
        const inherited = around.filter((held) => !event.given.some((path) => pathKey(path) === held.key));
        for (const held of [...event.locks.must, ...inherited]) {
          // Who is handed the object can call what its type does not show to all.
          const locker = (event.operation.args.some((value) => isOwner(value, held.lock)) ? methods : lockers).get(classOf(held.lock) ?? '');
          if (locker !== undefined && !event.locks.unsure.has(held.key)) { found.push({ fn, held, at: event.operation.at, kept, registered: setter, locker }); break; }
        }
      }
    }
    return found;
  },
});

/** Fields of function values that an exported function fills from a parameter, or a literal of it does (an option). */
function registrations(functions: readonly Function[]): Map<string, { fn: Function; at: Location }> {
  const found = new Map<string, { fn: Function; at: Location }>();
  for (const fn of functions) {
    if (fn.test) continue;
    const given = (value: Value): boolean => {
      if (value.kind === 'path') return value.path.selectors.length === 0 && isFunction(value.path.root) && value.path.root.kind === 'variable' && value.path.root.variable.kind === 'parameter' && (fn.exported || isReceiver(fn, value.path.root.variable) || (fn.closureOf !== undefined && value.path.root.variable.owner !== fn.id));
      if (value.kind === 'binary') return (value.appended ?? []).some(given);
      return false;
    };
    const add = (name: string | undefined, at: Location): void => { if (name !== undefined && !found.has(name)) found.set(name, { fn, at }); };
    const literal = (value: Value, at: Location): void => {
      if (value.kind === 'allocation' && value.type.kind === 'record') for (const field of value.fields ?? []) if (given(field.value)) add(`${value.type.name}.${field.name}`, at);
    };
    for (const block of fn.blocks) {
      for (const operation of block.operations) if (operation.op === 'write') {
        if (operation.path.selectors.length > 0 && given(operation.value)) add(baseClass(operation.path), operation.at);
        literal(operation.value, operation.at);
      }
      if (block.terminator.kind === 'return') for (const value of block.terminator.values) literal(value, block.terminator.at);
    }
  }
  return found;
}

/** The value is the object that the lock belongs to. */
function isOwner(value: Value, lock: AccessPath): boolean {
  return value.kind === 'path' && lock.selectors.length > value.path.selectors.length && pathKey(value.path) === pathKey({ root: lock.root, selectors: lock.selectors.slice(0, value.path.selectors.length) });
}

/** A function with methods of its own is made for users to pass: its method puts it where it is kept. */
function isReceiver(fn: Function, variable: Variable): boolean {
  return fn.receiver !== undefined && fn.params[0] === variable;
}

function isFunction(root: AccessPath['root']): boolean {
  return root.kind === 'variable' && root.variable.type.kind === 'function';
}

/** The field a called value was read from, directly or into a variable that only ever holds it. */
function keptAt(fn: Function, path: AccessPath): AccessPath | undefined {
  if (path.selectors.length > 0) return path;
  const variable: Variable | undefined = path.root.kind === 'variable' ? path.root.variable : undefined;
  if (variable === undefined || variable.kind === 'parameter' || variable.kind === 'global') return undefined;
  const sources = fn.blocks.flatMap((block) => block.operations.flatMap((operation) => (operation.op === 'write' && operation.path.selectors.length === 0 && operation.path.root.kind === 'variable' && operation.path.root.variable === variable ? [operation.value] : [])));
  const [source] = sources;
  return sources.length === 1 && source?.kind === 'path' && source.path.selectors.length > 0 ? source.path : undefined;
}

/** The class of the field, whether one value or a collection of them lives there. */
function baseClass(path: AccessPath): string | undefined {
  return classOf(path)?.replace(/(?:\[\]|\*)+$/, '');
}

function lastName(path: AccessPath): string {
  const field = path.selectors.findLast((selector) => selector.kind === 'field');
  return field?.kind === 'field' ? field.name : '';
}
