import { classOf, pathKey, type AccessPath, type Function, type FunctionId, type OperationOf } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { callGraph, type CallSite } from './call-graph.js';
import { contractsOf } from './contracts.js';
import type { HeldLock } from './lock-state.js';
import type { FlowEventOf } from './lock-flow.js';
import { ownership } from './ownership.js';
import { toCallee, toCaller } from './substitution.js';
import { summaries } from './summaries.js';

/**
 * Which locks does every caller hold when a function starts? Greatest fixpoint from the callers down: all
 * locks, then only those held at each call site (a caller that owns the object does not count: nobody else has
 * it yet). A written contract ("caller must hold mu") adds its lock unless the body takes it.
 * A lock the callee has no name for keeps its caller's path: its class still counts, its instance does not.
 */
export interface EntryLocks {
  readonly at: (fn: Function) => readonly HeldLock[];
  /** Locks that some callers hold and others do not, in the function's terms, with the callers that do. */
  readonly partly: (fn: Function) => readonly { readonly held: HeldLock; readonly callers: readonly Function[] }[];
  /** A call site that does not hold the lock, when others do: the way on which the function runs unprotected. */
  readonly exception: (fn: Function, lockKey: string) => { readonly caller: Function; readonly operation: OperationOf<'call'> | OperationOf<'spawn'> } | undefined;
}

export const entryLocks = defineAnalysis<EntryLocks>({
  name: 'entry-locks',
  run(program, resultOf) {
    const graph = resultOf(callGraph);
    const summary = resultOf(summaries);
    const owned = resultOf(ownership);
    const heldAt = new Map<object, readonly HeldLock[]>();
    for (const fn of program.functions.values()) {
      for (const event of summary.of(fn.id)?.events ?? []) if (event.kind === 'call') heldAt.set(event.operation, event.locks.must);
    }
    const contracts = new Map<FunctionId, readonly HeldLock[]>();
    const known = new Map<FunctionId, readonly HeldLock[] | 'all'>();
    for (const fn of program.functions.values()) {
      contracts.set(fn.id, contractLocks(fn));
      const open = fn.role !== undefined || graph.escaping.has(fn.id) || (graph.callers.get(fn.id) ?? []).every((site) => site.caller.test && !fn.test);
      known.set(fn.id, open ? contracts.get(fn.id)! : 'all');
    }
    const relevantSites = new Map<FunctionId, readonly CallSite[]>();
    const sitesOf = (fn: Function): readonly CallSite[] => {
      let sites = relevantSites.get(fn.id);
      if (sites === undefined) relevantSites.set(fn.id, sites = (graph.callers.get(fn.id) ?? []).filter((site) => (!site.caller.test || fn.test) && !(site.kind === 'call' && site.operation.args[0] !== undefined && fn.receiver !== undefined && owned.ownsValue(site.caller, site.at, site.operation.args[0]))));
      return sites;
    };
    const atSite = (fn: Function, site: CallSite): readonly HeldLock[] | 'all' => {
      if (site.kind === 'spawn') return [];
      const inherited = known.get(site.caller.id)!;
      if (inherited === 'all') return 'all';
      const args = site.kind === 'runs' ? [] : site.operation.args;
      const local = heldAt.get(site.operation);
      if (local === undefined) return 'all';
      if (local.length + inherited.length === 0) return [];
      return [...inherited, ...local].map((held) => {
        const lock = toCallee(held.lock, fn, args) ?? held.lock;
        return { ...held, lock, key: pathKey(lock), chain: [{ call: site.operation.at, caller: site.caller.name, callee: fn.name }, ...held.chain] };
      });
    };
    /** What a literal that is only passed down holds when it runs: its passer's locks and those its callee takes around it. */
    const atPass = (fn: Function, pass: CallSite): readonly HeldLock[] | 'all' => {
      const inherited = known.get(pass.caller.id)!;
      const callee = program.functions.get(pass.targets[0]!)!;
      if (inherited === 'all' || pass.operation.op !== 'call') return 'all';
      let inside: readonly HeldLock[] | undefined;
      for (const site of graph.sites.get(callee.id) ?? []) {
        if (!site.targets.includes(fn.id)) continue;
        const locks = (heldAt.get(site.operation) ?? []).flatMap((held) => { const lock = toCaller(held.lock, callee, pass.operation.args); return lock === undefined ? [] : [{ ...held, lock, key: pathKey(lock) }]; });
        inside = inside === undefined ? locks : inside.filter((held) => locks.some((other) => other.key === held.key));
      }
      return [...inherited, ...heldAt.get(pass.operation) ?? [], ...inside ?? []].map((held) => ({ ...held, chain: [{ call: pass.operation.at, caller: pass.caller.name, callee: fn.name }, ...held.chain] }));
    };
    const order = [...graph.components].reverse().flat();
    /** Meets what the callers hold; true when that is less than was believed. */
    const lower = (id: FunctionId): boolean => {
      const before = known.get(id)!;
      const fn = program.functions.get(id)!;
      if (before !== 'all' && before.length === contracts.get(id)!.length) return false;
      let meet: readonly HeldLock[] | 'all' = 'all';
      const passed = fn.closureOf === undefined || graph.escaping.has(fn.id) ? undefined : graph.passes.get(fn.id);
      for (const site of passed ?? sitesOf(fn)) {
        const locks = passed === undefined ? atSite(fn, site) : atPass(fn, site);
        if (locks === 'all') continue;
        meet = meet === 'all' ? locks : meet.flatMap((held) => {
          const other = locks.find((one) => one.key === held.key) ?? (isForeign(held.lock, fn) ? locks.find((one) => isForeign(one.lock, fn) && classOf(one.lock) !== undefined && classOf(one.lock) === classOf(held.lock)) : undefined);
          return other === undefined ? [] : [other.mode === 'shared' ? { ...held, mode: 'shared' as const } : held];
        });
      }
      if (meet === 'all') return false;
      const next = [...contracts.get(id)!, ...meet.filter((held) => !contracts.get(id)!.some((own) => own.key === held.key))];
      if (before !== 'all' && next.length === before.length) return false;
      known.set(id, next);
      return true;
    };
    const settle = (): void => {
      for (let changed = true, rounds = 0; changed && rounds < 50; rounds++) {
        changed = false;
        for (const id of order) changed = lower(id) || changed;
      }
    };
    settle();
    // Functions that only call each other, or whose callers all own the object: no caller vouches for any lock.
    for (const id of order) if (known.get(id) === 'all' && !lower(id)) known.set(id, contracts.get(id)!);
    settle();
    return {
      at: (fn) => { const locks = known.get(fn.id); return locks === undefined || locks === 'all' ? contracts.get(fn.id) ?? [] : locks; },
      partly: (fn) => {
        const always = known.get(fn.id);
        const sites = sitesOf(fn).filter((site) => site.kind === 'call');
        if (sites.length < 2 || always === 'all') return [];
        const partial = new Map<string, { held: HeldLock; callers: Function[] }>();
        for (const site of sites) {
          const locks = atSite(fn, site);
          if (locks === 'all') continue;
          for (const held of locks) {
            if (isForeign(held.lock, fn) || always?.some((other) => other.key === held.key)) continue;
            const entry = partial.get(held.key) ?? { held, callers: [] };
            entry.callers.push(site.caller);
            partial.set(held.key, entry);
          }
        }
        return [...partial.values()];
      },
      exception: (fn, lockKey) => {
        const sites = sitesOf(fn);
        const without = sites.find((site) => { const locks = atSite(fn, site); return locks !== 'all' && !locks.some((held) => held.key === lockKey); });
        return without === undefined || sites.length < 2 ? undefined : { caller: without.caller, operation: without.operation };
      },
    };

    function contractLocks(fn: Function): readonly HeldLock[] {
      const wanted = contractsOf(program, fn).filter((contract) => contract.kind === 'requires');
      const events = summary.of(fn.id)?.events ?? [];
      // Who releases a lock it did not take had it from the start: a batch that lives under its store's lock, a task that inherits one.
      const inherited = events.flatMap((event) => (event.kind === 'release' && (event.finds === 'nothing' || event.finds === 'sometimes') ? [{ lock: event.operation.lock, key: pathKey(event.operation.lock), mode: event.operation.mode, at: event.operation.at, chain: [] }] : []));
      return [...inherited.filter((held, index) => inherited.findIndex((other) => other.key === held.key) === index), ...wanted.flatMap((contract) => {
        const key = pathKey(contract.lock);
        const first = events.find((event): event is FlowEventOf<'acquire'> | FlowEventOf<'release'> => (event.kind === 'acquire' || event.kind === 'release') && pathKey(event.operation.lock) === key);
        return first?.kind === 'acquire' ? [] : [{ lock: contract.lock, key, mode: contract.mode ?? 'exclusive' as const, at: fn.at, chain: [] }];
      })];
    }
  },
});

/** A lock the function has no name for: it belongs to an object of the callers, and only its class says which. */
function isForeign(lock: AccessPath, fn: Function): boolean {
  if (lock.root.kind !== 'variable') return true;
  const { variable } = lock.root;
  return variable.kind !== 'global' && variable.owner !== fn.id && fn.closureOf === undefined;
}
