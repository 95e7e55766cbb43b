import { classOf, pathKey, type AccessPath, type Function, type FunctionId, type OperationOf } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { callGraph, type CallSite } from './call-graph.js';
import { contractsOf } from './contracts.js';
import { linked, type HeldLock } from './lock-state.js';
import type { FlowEventOf } from './lock-flow.js';
import { ownership, type Ownership } from './ownership.js';
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
  readonly partly: (fn: Function) => PartlyHeld;
  /** A call site that does not hold the lock, when others do: the way on which the function runs unprotected. */
  readonly exception: (fn: Function, lockKey: string) => { readonly caller: Function; readonly operation: OperationOf<'call'> | OperationOf<'spawn'> } | undefined;
}

type PartlyHeld = readonly { readonly held: HeldLock; readonly callers: readonly Function[] }[];

const nothing: readonly HeldLock[] = [];

export const entryLocks = defineAnalysis<EntryLocks>({
  name: 'entry-locks',
  run(program, resultOf) {
    const graph = resultOf(callGraph);
    const summary = resultOf(summaries);
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
    /** A caller that owns the object, or a test, says nothing about others. Asked only of sites whose locks would count. */
    const disregarded = new Map<CallSite, boolean>();
    const counts = (fn: Function, site: CallSite): boolean => {
      if (site.caller.test && !fn.test) return false;
      if (site.kind !== 'call' || fn.receiver === undefined || site.operation.args[0] === undefined) return true;
      let owns = disregarded.get(site);
      if (owns === undefined) disregarded.set(site, owns = ownsValue(site.caller, site.at, site.operation.args[0]));
      return !owns;
    };
    const ownsValue: Ownership['ownsValue'] = (fn, point, value) => resultOf(ownership).ownsValue(fn, point, value);
    const callersOf = (fn: Function): readonly CallSite[] => graph.callers.get(fn.id) ?? [];
    const sitesOf = (fn: Function): readonly CallSite[] => callersOf(fn).filter((site) => counts(fn, site));
    /** The caller's own locks at a site in the callee's terms: they stay the same while the callers' are still being found. */
    const ownAt = new Map<CallSite, readonly HeldLock[]>();
    const intoCallee = (fn: Function, site: CallSite, locks: readonly HeldLock[]): readonly HeldLock[] => {
      if (locks.length === 0) return locks;
      const args = site.kind === 'runs' ? [] : site.operation.args;
      const link = { call: site.operation.at, caller: site.caller.name, callee: fn.name };
      return locks.map((held) => {
        const lock = toCallee(held.lock, fn, args) ?? held.lock;
        return { lock, key: pathKey(lock), mode: held.mode, at: held.at, chain: linked(link, held.chain) };
      });
    };
    /** Whether `atSite` has any lock to tell, asked before they are put in the callee's terms. */
    const holds = (site: CallSite): boolean => {
      const inherited = known.get(site.caller.id)!;
      const local = heldAt.get(site.operation);
      return local !== undefined && local.length + (inherited === 'all' ? contracts.get(site.caller.id)! : inherited).length > 0;
    };
    const atSite = (fn: Function, site: CallSite): readonly HeldLock[] | 'all' => {
      if (site.kind === 'spawn') return nothing;
      const believed = known.get(site.caller.id)!;
      if (believed === 'all' && !stuck) return 'all';
      const inherited = believed === 'all' ? contracts.get(site.caller.id)! : believed;
      const local = heldAt.get(site.operation);
      if (local === undefined) return 'all';
      let own = ownAt.get(site);
      if (own === undefined) ownAt.set(site, own = intoCallee(fn, site, local));
      return inherited.length === 0 ? own : [...intoCallee(fn, site, inherited), ...own];
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
      return [...inherited, ...heldAt.get(pass.operation) ?? [], ...inside ?? []].map((held) => ({ ...held, chain: linked({ call: pass.operation.at, caller: pass.caller.name, callee: fn.name }, held.chain) }));
    };
    /** Nobody from outside ends the recursion that is left: from here on an undecided caller vouches for its own locks alone. */
    let stuck = false;
    const order = [...graph.components].reverse().flat();
    const places = new Map(order.map((id, place) => [id, place]));
    const passedBy = new Map<FunctionId, FunctionId[]>();
    for (const [literal, passes] of graph.passes) for (const { caller } of passes) passedBy.set(caller.id, [...(passedBy.get(caller.id) ?? []), literal]);
    /**
     * What all callers hold, or have no need of: the lock of an object that they pass and nobody else knows. Undefined while
     * no caller says anything. Who owns what is the dear question, so it is asked last.
     */
    const meetOf = (fn: Function, sites: readonly CallSite[], passed: boolean): readonly HeldLock[] | undefined => {
      const callers: { readonly site: CallSite; readonly locks: readonly HeldLock[] }[] = [];
      let anyHolds = false;
      for (const site of sites) {
        const locks = passed ? atPass(fn, site) : atSite(fn, site);
        if (locks === 'all') continue;
        callers.push({ site, locks });
        if (locks.length > 0) anyHolds = true;
      }
      // Whether such a caller counts is not asked: where none does, nobody vouches for any lock either.
      if (!anyHolds) return callers.length > 0 ? nothing : undefined;
      // One caller that counts, holds nothing and passes nothing of its own is enough.
      const holders = new Set(callers.flatMap(({ locks }) => locks.map((held) => parameterOf(held, fn))));
      if (callers.some(({ site, locks }) => locks.length === 0 && (passed || counts(fn, site)) && ![...holders].some((position) => passesItsOwn(site, position)))) return nothing;
      const counting = passed ? callers : callers.filter(({ site }) => counts(fn, site));
      const [first, ...others] = counting;
      if (first === undefined) return undefined;
      const wanted = [...first.locks];
      for (const { locks } of others) for (const held of locks) if (parameterOf(held, fn) >= 0 && !wanted.some((one) => one.key === held.key)) wanted.push(held);
      return wanted.flatMap((wish) => {
        let held = wish;
        for (const { site, locks } of counting) {
          const other = locks.find((one) => one.key === held.key) ?? sameClass(held, locks, fn);
          if (other === undefined && !passesItsOwn(site, parameterOf(held, fn))) return [];
          // Where one caller has no name for the lock, its class is all that is known.
          if (other !== undefined && isForeign(other.lock, fn)) held = { ...other, mode: held.mode };
          if (other?.mode === 'shared') held = { ...held, mode: 'shared' };
        }
        return [held];
      });
    };
    const passesItsOwn = (site: CallSite, position: number): boolean => {
      const argument = site.kind === 'call' ? site.operation.args[position] : undefined;
      return argument !== undefined && ownsValue(site.caller, site.at, argument);
    };
    /** Meets what the callers hold; true when that is less than was believed. */
    const lower = (id: FunctionId): boolean => {
      const before = known.get(id)!;
      const fn = program.functions.get(id)!;
      if (before !== 'all' && before.length === contracts.get(id)!.length) return false;
      const passed = fn.closureOf === undefined || graph.escaping.has(fn.id) ? undefined : graph.passes.get(fn.id);
      const meet = meetOf(fn, passed ?? callersOf(fn), passed !== undefined);
      if (meet === undefined) return false;
      const next = [...contracts.get(id)!, ...meet.filter((held) => !contracts.get(id)!.some((own) => own.key === held.key))];
      if (before !== 'all' && next.length >= before.length) return false;
      known.set(id, next);
      return true;
    };
    const settle = (): void => {
      const open = new Uint8Array(order.length).fill(1);
      for (let rounds = 0, again = true; again && rounds < 50; rounds++) {
        again = false;
        for (let place = 0; place < order.length; place++) {
          if (open[place] === 0) continue;
          open[place] = 0;
          const id = order[place]!;
          if (!lower(id)) continue;
          // What a caller no longer holds concerns those it calls: below it in the order they come in this round, above it in the next.
          const reopen = (target: FunctionId): void => { const where = places.get(target)!; open[where] = 1; again ||= where <= place; };
          for (const site of graph.sites.get(id) ?? []) site.targets.forEach(reopen);
          passedBy.get(id)?.forEach(reopen);
        }
      }
    };
    // Where nobody holds anything, nobody hands anything on.
    const some = [...heldAt.values(), ...contracts.values()].some((locks) => locks.length > 0);
    if (!some) for (const id of order) known.set(id, nothing);
    settle();
    // Functions that only call each other, or whose callers all own the object: no caller vouches for any lock.
    stuck = true;
    for (const id of order) if (known.get(id) === 'all' && !lower(id)) known.set(id, contracts.get(id)!);
    settle();
    const heldBySome = new Map<Function, PartlyHeld>();
    return {
      at: (fn) => { const locks = known.get(fn.id); return locks === undefined || locks === 'all' ? contracts.get(fn.id) ?? [] : locks; },
      partly: (fn) => {
        let found = heldBySome.get(fn);
        if (found === undefined) heldBySome.set(fn, found = partly(fn));
        return found;
      },
      exception: (fn, lockKey) => {
        if (callersOf(fn).length < 2) return undefined;
        const sites = sitesOf(fn);
        const without = sites.find((site) => { const locks = atSite(fn, site); return locks !== 'all' && !locks.some((held) => held.key === lockKey); });
        return without === undefined || sites.length < 2 ? undefined : { caller: without.caller, operation: without.operation };
      },
    };

    function partly(fn: Function): PartlyHeld {
      const always = known.get(fn.id);
      if (always === 'all') return [];
      const calls = callersOf(fn).filter((site) => site.kind === 'call');
      if (calls.length < 2 || !calls.some(holds)) return [];
      const sites = calls.filter((site) => counts(fn, site));
      if (sites.length < 2) return [];
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
    }

    function contractLocks(fn: Function): readonly HeldLock[] {
      const wanted = contractsOf(program, fn).filter((contract) => contract.kind === 'requires' || contract.kind === 'releases');
      const events = summary.of(fn.id)?.events ?? [];
      // Who releases a lock it did not take had it from the start: a batch that lives under its store's lock, a task that inherits one.
      const inherited: HeldLock[] = [];
      for (const event of events) if (event.kind === 'release' && (event.finds === 'nothing' || event.finds === 'sometimes')) inherited.push({ lock: event.operation.lock, key: pathKey(event.operation.lock), mode: event.operation.mode, at: event.operation.at, chain: [] });
      if (inherited.length + wanted.length === 0) return nothing;
      return [...inherited.filter((held, index) => inherited.findIndex((other) => other.key === held.key) === index), ...wanted.flatMap((contract) => {
        const key = pathKey(contract.lock);
        const first = events.find((event): event is FlowEventOf<'acquire'> | FlowEventOf<'release'> => (event.kind === 'acquire' || event.kind === 'release') && pathKey(event.operation.lock) === key);
        return first?.kind === 'acquire' ? [] : [{ lock: contract.lock, key, mode: contract.mode ?? 'exclusive' as const, at: fn.at, chain: [] }];
      })];
    }
  },
});

/** A lock of the class, when at least one of the two has no name in the function. */
function sameClass(held: HeldLock, locks: readonly HeldLock[], fn: Function): HeldLock | undefined {
  const name = classOf(held.lock);
  return name === undefined ? undefined : locks.find((one) => (isForeign(held.lock, fn) || isForeign(one.lock, fn)) && classOf(one.lock) === name);
}

/** The parameter whose object the lock belongs to, by its place; -1 for other locks. */
function parameterOf({ lock }: HeldLock, fn: Function): number {
  return lock.root.kind === 'variable' && lock.root.variable.kind === 'parameter' && lock.selectors.length > 0 ? fn.params.indexOf(lock.root.variable) : -1;
}

/** A lock the function has no name for: it belongs to an object of the callers, and only its class says which. */
function isForeign(lock: AccessPath, fn: Function): boolean {
  if (lock.root.kind !== 'variable') return true;
  const { variable } = lock.root;
  return variable.kind !== 'global' && variable.owner !== fn.id && fn.closureOf === undefined;
}
