import type { AccessPath, Function, FunctionId, Location, OperationOf, Value, Variable } from '../ir/index.js';
import { valuesOf } from '../ir/verify.js';
import { defineAnalysis } from './analysis.js';
import { callGraph, targetsOf } from './call-graph.js';
import { controlFlow, type Point } from './control-flow.js';
import { operations } from './operations.js';
import { isReceiver, provenance } from './provenance.js';
import { sharedState } from './shared-state.js';

/**
 * Which promises are kept in shared locations, who brings them to their end, and who waits for them, directly or
 * through calls that are waited for?
 * A promise ends with a task whose handle it is, or by functions its executor keeps in other locations. Anything else
 * written to the location, and any settler that goes where nobody can follow, makes the location unknown and silent.
 * Under-approximates: races with a timeout, containers of promises, and promises kept under two names.
 */
export interface KeptPromise {
  readonly location: string;
  readonly path: AccessPath;
  /** The one task that all its values are handles of. */
  readonly task?: { readonly fn: Function; readonly spawn: OperationOf<'spawn'>; readonly by: Function };
  /** Every place that settles it. */
  readonly settlers?: readonly Settling[];
}

export interface Settling { readonly fn: Function; readonly point: Point; readonly at: Location }

/** A wait for a kept promise: in `fn` itself, or in what the calls of `chain` come to. */
export interface PromiseWait {
  readonly fn: Function;
  readonly point: Point;
  readonly at: Location;
  readonly promise: KeptPromise;
  readonly path: AccessPath;
  readonly chain: readonly { readonly at: Location; readonly fn: Function; readonly callee: Function }[];
}

/** A wait for what is kept in a location, whatever that is. */
interface Await extends Omit<PromiseWait, 'promise' | 'chain'> { readonly location: string }

export interface KeptPromises {
  readonly waits: (fn: Function) => readonly PromiseWait[];
  /** Functions with a wait of their own, for starting from. */
  readonly waiting: readonly Function[];
}

const maxDepth = 3;
const maxWaits = 16;

export const keptPromises = defineAnalysis<KeptPromises>({
  name: 'kept-promises',
  run(program, resultOf) {
    const state = resultOf(sharedState);
    const origins = resultOf(provenance);
    const graph = resultOf(callGraph);
    // Few locations are waited for: only what is kept in those is looked at.
    const awaits = resultOf(operations).functionsWith('suspend', 'wait').flatMap((fn) => (fn.test || fn.generated ? [] : awaitsIn(fn)));
    const promises = awaits.length === 0 ? new Map<string, KeptPromise>() : promisesByLocation(new Set(awaits.map(({ location }) => location)));
    if (promises.size === 0) return { waits: () => [], waiting: [] };
    const own = new Map<FunctionId, PromiseWait[]>();
    const known = new Map<FunctionId, readonly PromiseWait[]>();
    const waiting: Function[] = [];
    for (const { fn, point, at, path, location } of awaits) {
      const promise = promises.get(location);
      if (promise === undefined) continue;
      const wait: PromiseWait = { fn, point, at, promise, path, chain: [] };
      const others = own.get(fn.id);
      if (others !== undefined) { others.push(wait); continue; }
      own.set(fn.id, [wait]);
      waiting.push(fn);
    }
    return { waits: (fn) => waitsOf(fn, maxDepth), waiting };

    function awaitsIn(fn: Function): Await[] {
      const found: Await[] = [];
      for (const block of fn.blocks) for (let index = 0; index < block.operations.length; index++) {
        const operation = block.operations[index]!;
        const awaited: Value | undefined = operation.op === 'suspend' ? operation.awaited : operation.op === 'wait' && operation.what === 'task' ? { kind: 'path', path: operation.on } : undefined;
        if (awaited?.kind !== 'path') continue;
        const point = { block: block.id, index };
        const from = origins.of(fn, awaited, point);
        const where = from.length === 1 ? state.locate(fn, from[0]!.path) : undefined;
        if (where !== undefined) found.push({ fn, point, at: operation.at, path: from[0]!.path, location: where.location });
      }
      return found;
    }

    function waitsOf(fn: Function, depth: number): readonly PromiseWait[] {
      const done = known.get(fn.id);
      if (done !== undefined) return done;
      known.set(fn.id, []);
      const found = [...own.get(fn.id) ?? []];
      if (depth > 0) for (const site of graph.sites.get(fn.id) ?? []) {
        if (site.kind !== 'call' || !site.certain || found.length >= maxWaits || !isWaitedFor(fn, site.at)) continue;
        const callee = program.functions.get(site.targets[0]!)!;
        const own = onOwnObject(site.operation, callee);
        for (const wait of waitsOf(callee, depth - 1)) if (own || wait.path.root.kind !== 'variable' || !isReceiver(program, wait.path.root.variable)) found.push({ ...wait, fn, point: site.at, chain: [{ at: site.operation.at, fn, callee }, ...wait.chain] });
      }
      if (depth === maxDepth) known.set(fn.id, found); else known.delete(fn.id);
      return found;
    }

    /** What another object of the class waits for is another promise. */
    function onOwnObject(call: OperationOf<'call'> | OperationOf<'spawn'>, callee: Function): boolean {
      if (callee.receiver === undefined || callee.closureOf !== undefined) return true;
      const [receiver] = call.args;
      return receiver?.kind === 'path' && receiver.path.selectors.length === 0 && receiver.path.root.kind === 'variable' && isReceiver(program, receiver.path.root.variable);
    }

    function promisesByLocation(awaited: ReadonlySet<string>): Map<string, KeptPromise> {
      const table = new Map<string, { kept: KeptPromise; open: boolean; stores: string[] }>();
      for (const fn of program.functions.values()) for (const touch of state.in(fn)) {
        if (touch.kind !== 'write' || touch.operation?.op !== 'write' || !awaited.has(touch.location)) continue;
        const { value } = touch.operation;
        if (value.kind === 'constant' && value.value === null) continue;
        const source = touch.content ? undefined : madeBy(fn, value, 4);
        const entry = table.get(touch.location);
        if (source === undefined) { if (entry !== undefined) entry.open = true; else table.set(touch.location, { kept: { location: touch.location, path: touch.path }, open: true, stores: [] }); continue; }
        if (entry === undefined) table.set(touch.location, { kept: { location: touch.location, path: touch.path, ...(source.task === undefined ? {} : { task: source.task }) }, open: false, stores: source.stores });
        else if (source.task?.fn !== entry.kept.task?.fn || source.stores.join() !== entry.stores.join()) entry.open = true;
      }
      const wanted = new Set([...table.values()].flatMap(({ open, stores }) => (open ? [] : stores)));
      const sites = wanted.size === 0 ? new Map<string, Settling[] | undefined>() : settlings(wanted);
      const closed = new Map<string, KeptPromise>();
      for (const [location, { kept, open, stores }] of table) {
        if (open) continue;
        const settlers = stores.map((store) => sites.get(store));
        if (settlers.some((list) => list === undefined)) continue;
        closed.set(location, stores.length === 0 ? kept : { ...kept, settlers: settlers.flatMap((list) => list!) });
      }
      return closed;
    }

    /** A task's handle, or a promise whose executor does nothing but keep its settlers. */
    function madeBy(fn: Function, value: Value, hops: number): { task?: NonNullable<KeptPromise['task']>; stores: string[] } | undefined {
      if (value.kind !== 'path' || value.path.selectors.length > 0 || value.path.root.kind !== 'variable' || hops === 0) return undefined;
      const { variable } = value.path.root;
      for (const block of fn.blocks) for (const [index, operation] of block.operations.entries()) {
        if (operation.op === 'spawn' && operation.result === variable) {
          if (operation.eager === true && operation.repeated !== true) {
            const { targets, certain } = targetsOf(operation.callee);
            const task = certain ? program.functions.get(targets[0]!) : undefined;
            return task === undefined ? undefined : { task: { fn: task, spawn: operation, by: fn }, stores: [] };
          }
          // `this.run().catch(report)` ends when the task has ended.
          return operation.source === undefined ? undefined : madeBy(fn, { kind: 'path', path: operation.source }, hops - 1);
        }
        if (operation.op === 'make' && operation.what === 'promise' && operation.result.root.kind === 'variable' && operation.result.root.variable === variable) {
          const stores = storesOf(block.operations[index + 1]);
          return stores === undefined ? undefined : { stores };
        }
        if (operation.op === 'write' && operation.path.selectors.length === 0 && operation.path.root.kind === 'variable' && operation.path.root.variable === variable && variable.assignments <= 1) return madeBy(fn, operation.value, hops - 1);
      }
      return undefined;
    }

    /** Where an executor keeps what settles its promise; undefined when it does anything else with it. */
    function storesOf(call: Function['blocks'][number]['operations'][number] | undefined): string[] | undefined {
      if (call?.op !== 'call' || call.callee.kind !== 'static') return undefined;
      const executor = program.functions.get(call.callee.target)!;
      const stores: string[] = [];
      for (const operation of executor.blocks.flatMap((block) => block.operations)) {
        if (operation.op === 'read') continue;
        const settler = operation.op === 'write' && operation.value.kind === 'path' && operation.value.path.selectors.length === 0 && operation.value.path.root.kind === 'variable' && executor.params.includes(operation.value.path.root.variable);
        const where = settler && operation.op === 'write' ? state.locate(executor, operation.path) : undefined;
        if (where === undefined || where.content) return undefined;
        stores.push(where.location);
      }
      return stores.length === 0 ? undefined : stores;
    }

    /** All places that call what is kept in these locations; undefined for one whose content goes elsewhere. */
    function settlings(wanted: ReadonlySet<string>): Map<string, Settling[] | undefined> {
      const table = new Map<string, Settling[] | undefined>([...wanted].map((location) => [location, []]));
      const locate = (fn: Function, path: AccessPath): string | undefined => { const location = state.locate(fn, path)?.location; return location !== undefined && wanted.has(location) ? location : undefined; };
      for (const fn of program.functions.values()) for (const block of fn.blocks) for (const [index, operation] of block.operations.entries()) {
        const called = operation.op === 'signal' && operation.what === 'promise' ? operation.on : operation.op === 'call' && operation.callee.kind === 'unknown' && operation.callee.value?.kind === 'path' ? operation.callee.value.path : undefined;
        const settles = called === undefined ? undefined : locate(fn, called);
        if (settles !== undefined) table.get(settles)?.push({ fn, point: { block: block.id, index }, at: operation.at });
        // Read into a name, stored or passed on: others may call it.
        for (const value of valuesOf(operation)) if (value.kind === 'path') { const location = locate(fn, value.path); if (location !== undefined) table.set(location, undefined); }
      }
      return table;
    }
  },
});

/** Whether the caller waits for the call before it goes on: a call that waits for nothing has no suspension behind it. */
function isWaitedFor(fn: Function, { block, index }: Point): boolean {
  const { operations } = fn.blocks[block]!;
  const operation = operations[index];
  if (operation?.op !== 'call' || operation.pending === true) return false;
  const result: Variable | undefined = operation.results[0];
  const next = operations[index + 1];
  return next?.op === 'suspend' && next.awaited?.kind === 'path' && next.awaited.path.root.kind === 'variable' && next.awaited.path.root.variable === result;
}

/** Whether the wait is reached whatever the caller passes and however the object is: nothing but the promise's own presence is asked before. */
export function dependsOnParameter(fn: Function, point: Point): boolean {
  const flow = controlFlow(fn);
  return fn.blocks.some(({ id, operations, terminator }) => terminator.kind === 'branch' && terminator.throws !== true && terminator.loop !== true && flow.dominates({ block: id, index: operations.length }, point) && mentionsParameter(fn, terminator.condition));
}

function mentionsParameter(fn: Function, value: Value): boolean {
  switch (value.kind) {
    case 'path': return value.path.root.kind === 'variable' && fn.params.includes(value.path.root.variable) && !(fn.receiver !== undefined && fn.params[0] === value.path.root.variable);
    case 'not': return mentionsParameter(fn, value.operand);
    case 'binary': return mentionsParameter(fn, value.left) || mentionsParameter(fn, value.right);
    case 'length': return value.of.root.kind === 'variable' && fn.params.slice(fn.receiver === undefined ? 0 : 1).includes(value.of.root.variable);
    default: return false;
  }
}
