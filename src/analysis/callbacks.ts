import { classOf, pathKey, type AccessPath, type Function, type Location, type OperationOf, type Program, type Value, type Variable } from '../ir/index.js';
import type { AcquireEvent } from './acquisitions.js';
import { defineAnalysis } from './analysis.js';
import { entryLocks } from './entry-locks.js';
import { flowEvents } from './flow-events.js';
import type { HeldLock } from './lock-state.js';
import { operations } from './operations.js';
import { summaries, type Summaries } from './summaries.js';
import { baseClass, isInterface, userValues } from './user-values.js';

/**
 * Which functions and objects that come from outside are called with a lock held that outside code may ask for? The value
 * lives in a field that is filled from outside (`user-values.ts`), and an exported function takes the lock, or any
 * method of the object that the callback is handed.
 * Under-approximates: only fields whose filling was seen; callees that are all known are no outside code.
 */
export interface LockedCallback {
  readonly fn: Function;
  readonly held: HeldLock;
  readonly at: Location;
  /** Where the function or the object is kept. */
  readonly kept: AccessPath;
  /** The method that is called, when it is an object. */
  readonly method?: string;
  readonly registered: { readonly fn: Function; readonly at: Location };
  /** An exported function that takes the lock: what the callback must not call. */
  readonly locker: { readonly fn: Function; readonly at: Location };
}

/** Called for what they compute, not to tell anybody: they know nothing of the object. */
const computes = /less|compare|cmp|equal|match|hash|key|filter|sort|rand|now|clock|time|log|print|trace|debug|metric|stat|count|gauge|format|encode|decode|marshal|parse/i;

/** Methods by which a tool is used or asked for what it knows, as a store, a connection or a setting is; a listener is told. */
const uses = /^(?:get|set|has|is|len|size|string|name|id|addr|type|kind|state|version|value|error|config|option|put|load|store|save|delete|remove|insert|update|find|lookup|query|exec|begin|commit|apply|read|write|send|recv|receive|publish|open|close|stop|sync|flush|seek|next|peek|pop|push|append|iter|range|scan|list|lock|unlock|add|inc|dec|observe|info|warn|fatal|with|new.*(?:iter|reader|writer|batch|snapshot|timer|ticker))/i;

interface Candidate { readonly fn: Function; readonly kept: AccessPath; readonly name: string; readonly method: string | undefined; readonly operation: OperationOf<'call'>; readonly locks: readonly HeldLock[] }

export const lockedCallbacks = defineAnalysis<readonly LockedCallback[]>({
  name: 'locked-callbacks',
  run(program, resultOf) {
    if (resultOf(operations).functionsWith('acquire').length === 0) return [];
    const entry = resultOf(entryLocks);
    const events = resultOf(flowEvents);
    const holding = new Set(events.functionsWith('held'));
    const candidates: Candidate[] = [];
    for (const fn of program.functions.values()) {
      const around = entry.at(fn);
      if (fn.test || fn.generated || (around.length === 0 && !holding.has(fn))) continue;
      for (const event of events.of(fn.id)) {
        if (event.kind !== 'call' || event.operation.op !== 'call' || event.locks.must.length + around.length === 0) continue;
        const called = outsideCall(program, fn, event.operation);
        if (called === undefined) continue;
        const inherited = around.filter((held) => !event.given.some((path) => pathKey(path) === held.key));
        candidates.push({ fn, ...called, operation: event.operation, locks: [...event.locks.must, ...inherited].filter((held) => !event.locks.unsure.has(held.key)) });
      }
    }
    if (candidates.length === 0) return [];
    const registered = userValues(program, resultOf, new Set(candidates.map(({ name }) => name)));
    const { lockers, methods } = takersOf(program, resultOf(summaries));
    return candidates.flatMap(({ fn, kept, name, method, operation, locks }): LockedCallback[] => {
      const setter = registered.get(name);
      if (setter === undefined) return [];
      for (const held of locks) {
        // Who is handed the object can call what its type does not show to all.
        const locker = (operation.args.some((value) => isOwner(value, held.lock)) ? methods : lockers).get(classOf(held.lock) ?? '');
        if (locker !== undefined) return [{ fn, held, at: operation.at, kept, registered: setter, locker, ...(method === undefined ? {} : { method }) }];
      }
      return [];
    });
  },
});

/** A call of a kept function value, or of a method of a kept object, of whose code nothing is seen. */
function outsideCall(program: Program, fn: Function, { callee, args, results }: OperationOf<'call'>): Pick<Candidate, 'kept' | 'name' | 'method'> | undefined {
  const value = callee.kind === 'unknown' || (callee.kind === 'dynamic' && !callee.complete) ? callee.value : undefined;
  const kept = value?.kind === 'path' ? keptAt(fn, value.path) : undefined;
  const name = kept === undefined ? undefined : baseClass(kept);
  if (kept === undefined || name === undefined || computes.test(lastName(kept))) return undefined;
  const object = args[0];
  if (value?.kind !== 'path' || object?.kind !== 'path' || pathKey(object.path) !== pathKey(value.path) || !isInterface(program, value.path)) return { kept, name, method: undefined };
  // Who wrote an implementation beside the interface knows what it does.
  const method = callee.kind === 'unknown' ? callee.text.slice(callee.text.lastIndexOf('.') + 1) : undefined;
  // Who gives nothing and takes an answer asks.
  return method === undefined || (args.length === 1 && results.length > 0) || computes.test(method) || uses.test(method) ? undefined : { kept, name, method };
}

type Taker = { readonly fn: Function; readonly at: Location };

/**
 * Of each lock class a method that takes it, of its own accord or else by its calls: one that everybody may call, and any.
 * The lock of an object that a method has looked up counts where it takes it itself: it may be this one.
 */
function takersOf(program: Program, summary: Summaries): { readonly lockers: ReadonlyMap<string, Taker>; readonly methods: ReadonlyMap<string, Taker> } {
  const lockers = new Map<string, Taker & { readonly calls: number }>();
  const methods = new Map<string, Taker & { readonly calls: number }>();
  const note = (fn: Function, { lock, at, chain }: AcquireEvent): void => {
    const name = classOf(lock);
    if (name === undefined) return;
    for (const table of fn.exported ? [lockers, methods] : [methods]) if (chain.length < (table.get(name)?.calls ?? Infinity)) table.set(name, { fn, at: chain[0]?.call ?? at, calls: chain.length });
  };
  for (const fn of program.functions.values()) {
    const known = fn.receiver === undefined || fn.test ? undefined : summary.of(fn.id);
    if (known === undefined) continue;
    for (const event of known.acquires) note(fn, event);
    for (const event of known.foreign) if (event.chain.length === 0) note(fn, event);
  }
  return { lockers, methods };
}

/** The value is the object that the lock belongs to. */
function isOwner(value: Value, lock: AccessPath): boolean {
  return value.kind === 'path' && lock.selectors.length > value.path.selectors.length && pathKey(value.path) === pathKey({ root: lock.root, selectors: lock.selectors.slice(0, value.path.selectors.length) });
}

/** The field a called value was read from, directly or into a variable that only ever holds it. */
function keptAt(fn: Function, path: AccessPath): AccessPath | undefined {
  if (path.selectors.length > 0) return path;
  const variable: Variable | undefined = path.root.kind === 'variable' ? path.root.variable : undefined;
  if (variable === undefined || variable.kind === 'parameter' || variable.kind === 'global') return undefined;
  let source: Value | undefined;
  for (const { operations } of fn.blocks) for (const operation of operations) {
    if (operation.op !== 'write' || operation.path.selectors.length > 0 || operation.path.root.kind !== 'variable' || operation.path.root.variable !== variable) continue;
    if (source !== undefined) return undefined;
    source = operation.value;
  }
  return source?.kind === 'path' && source.path.selectors.length > 0 ? source.path : undefined;
}

function lastName(path: AccessPath): string {
  const field = path.selectors.findLast((selector) => selector.kind === 'field');
  return field?.kind === 'field' ? field.name : '';
}
