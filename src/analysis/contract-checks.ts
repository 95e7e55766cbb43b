import { classOf, pathKey, type Function, type Location, type Program } from '../ir/index.js';
import { accessTable } from './accesses.js';
import { aliases } from './aliases.js';
import { defineAnalysis, type ResultOf } from './analysis.js';
import { callGraph, type CallSite } from './call-graph.js';
import { proseOf, type Contract } from './contracts.js';
import { controlFlow } from './control-flow.js';
import { entryLocks } from './entry-locks.js';
import type { FlowEventOf } from './lock-flow.js';
import { isIdentifiable, type CallChain, type HeldLock } from './lock-state.js';
import { outermost } from './nesting.js';
import { ownership } from './ownership.js';
import { toCaller } from './substitution.js';
import { summaries } from './summaries.js';

/**
 * Does the code keep the written lock contracts: the body, and every caller we can see?
 * Body before annotation before comment before suffix: what the body does to the lock first decides what it expects.
 * Under-approximates: a caller counts as breaking only when no lock of that class is in sight on any way, as keeping
 * a ban only when the very lock is not held; owned objects, start-up code, unseen callers and doubt are left out.
 * Idea: checklocks (gVisor) for the two directions; counting callers after Engler's "Bugs as deviant behavior".
 */
export interface ContractCheck {
  readonly fn: Function;
  readonly contract: Contract;
  /** `locks`: on every way the body takes the lock itself; `through`: something it calls does; `releases`: it gives back what it did not take; `mixed`: on some ways. */
  readonly body: { readonly does: 'nothing' | 'locks' | 'through' | 'releases' | 'mixed'; readonly at: Location; readonly chain: CallChain; readonly function: string };
  /** For contracts about the end of the function: do its ways out keep them? */
  readonly delivers?: 'always' | 'never' | 'sometimes';
  /** A way out. */
  readonly leavesAt?: Location;
  readonly calls: readonly ContractCall[];
  /** Distinct calling functions, and those that hold the lock at each of their calls. */
  readonly callers: number;
  readonly holders: number;
  /** The body touches nothing that anybody writes once it is shared, and calls nothing: breaking the contract breaks no data. */
  readonly harmless: () => boolean;
}

export interface ContractCall {
  readonly caller: Function;
  readonly site: CallSite;
  readonly stance: 'held' | 'missing' | 'unknown';
  /** Present when held: the lock, in the caller's terms. */
  readonly held?: HeldLock;
  /** The caller's name for the wanted lock. */
  readonly name: HeldLock['lock'] | undefined;
  /** Held, but only its reader side. */
  readonly shared: boolean;
  /** Missing, while a lock of the object by way of which the callee's is reached is held for writing: it may be the holder's alone. */
  readonly around?: true;
  /** The caller's callers: some of them hold the lock, this one does not. */
  readonly exception?: { readonly caller: Function; readonly at: Location };
}

export const contractChecks = defineAnalysis<readonly ContractCheck[]>({
  name: 'contract-checks',
  run(program, resultOf) {
    const graph = resultOf(callGraph);
    const stanceOf = stances(program, resultOf);
    const checks: ContractCheck[] = [];
    for (const fn of program.functions.values()) {
      if (fn.test) continue;
      for (const contract of proseOf(program, fn).contracts) {
        const calls = (graph.callers.get(fn.id) ?? []).filter((site) => !site.caller.test && site.caller.id !== fn.id).map((site) => stanceOf(fn, contract, site));
        const callers = new Map<string, boolean>();
        for (const call of calls) if (call.stance !== 'unknown') callers.set(call.caller.id, (callers.get(call.caller.id) ?? true) && call.stance === 'held');
        checks.push({ fn, contract, body: bodyOf(fn, contract, resultOf), ...deliveryOf(fn, contract, resultOf), calls, callers: callers.size, holders: [...callers.values()].filter(Boolean).length, harmless: () => isHarmless(fn, resultOf) });
      }
    }
    return checks;
  },
});

/** Whether the function leaves with the lock it says it takes, or without the one it says it gives back. */
function deliveryOf(fn: Function, contract: Contract, resultOf: ResultOf): Pick<ContractCheck, 'delivers' | 'leavesAt'> {
  if (contract.kind !== 'acquires' && contract.kind !== 'releases') return {};
  const key = pathKey(contract.lock);
  const exits = (resultOf(summaries).of(fn.id)?.events ?? []).filter((event): event is FlowEventOf<'exit'> => event.kind === 'exit' && event.terminator.kind === 'return');
  const states = exits.flatMap((event) => event.states);
  const keeping = states.filter((state) => (contract.kind === 'acquires' ? state.held : state.owed).some((entry) => entry.key === key));
  if (states.length > 0 && keeping.length === states.length) return { delivers: 'always' };
  const [first] = exits;
  return { delivers: keeping.length === 0 && first !== undefined && states.every((state) => !state.unsure.has(key)) ? 'never' : 'sometimes', ...(first === undefined ? {} : { leavesAt: first.terminator.at }) };
}

function isHarmless(fn: Function, resultOf: ResultOf): boolean {
  const { groups } = resultOf(accessTable);
  const graph = resultOf(callGraph);
  if ((graph.sites.get(fn.id) ?? []).length > 0) return false;
  return (resultOf(summaries).of(fn.id)?.events ?? []).every((event) => {
    if (event.kind === 'exit') return true;
    if (event.kind === 'call') return event.operation.callee.kind === 'library';
    if (event.kind !== 'access' || event.operation.op === 'write') return event.kind === 'access' && event.operation.atomic;
    if (event.operation.atomic) return true;
    const name = classOf({ root: event.operation.path.root, selectors: event.operation.path.selectors.slice(0, event.operation.path.selectors.findLastIndex((selector) => selector.kind === 'field') + 1) });
    return name !== undefined && !(groups.get(name)?.accesses.some((access) => access.write && !access.fn.test) ?? false);
  });
}

function bodyOf(fn: Function, contract: Contract, resultOf: ResultOf): ContractCheck['body'] {
  const summary = resultOf(summaries).of(fn.id);
  const key = pathKey(contract.lock);
  const events = summary?.events ?? [];
  const first = events.find((event): event is FlowEventOf<'acquire'> | FlowEventOf<'release'> => (event.kind === 'acquire' || event.kind === 'release') && pathKey(event.operation.lock) === key);
  const plain = { at: fn.at, chain: [], function: fn.name };
  if (first?.kind === 'release') return { does: 'releases', at: first.operation.at, chain: first.chain, function: fn.name };
  if (first !== undefined) {
    const flow = controlFlow(fn);
    const always = first.operation.tries !== true && events.every((event) => event.kind !== 'exit' || flow.dominates(first.point, event.point));
    return { does: always ? 'locks' : 'mixed', at: first.operation.at, chain: [], function: fn.name };
  }
  const below = summary?.acquires.find((event) => pathKey(event.lock) === key && event.chain.length > 0);
  if (below === undefined) return { does: 'nothing', ...plain };
  return { does: below.afterRelease.length > 0 || below.requires.length > 0 ? 'mixed' : 'through', at: below.at, chain: below.chain, function: below.function };
}

function stances(program: Program, resultOf: ResultOf): (fn: Function, contract: Contract, site: CallSite) => ContractCall {
  const graph = resultOf(callGraph);
  const summary = resultOf(summaries);
  const entry = resultOf(entryLocks);
  const owned = resultOf(ownership);
  const names = resultOf(aliases);
  const events = new Map<object, FlowEventOf<'call'>>();
  const read = new Set<string>();
  const eventAt = (caller: Function, operation: CallSite['operation']): FlowEventOf<'call'> | undefined => {
    if (!read.has(caller.id)) {
      read.add(caller.id);
      for (const event of summary.of(caller.id)?.events ?? []) if (event.kind === 'call') events.set(event.operation, event);
    }
    return events.get(operation);
  };
  return (fn, contract, site) => {
    const { caller } = site;
    const name = site.kind === 'runs' ? toCaller(contract.lock, fn, []) : toCaller(contract.lock, fn, site.operation.args);
    const base = { caller, site, name, shared: false };
    const event = eventAt(caller, site.operation);
    if (event === undefined || !site.certain) return { ...base, stance: 'unknown' };
    // A caller that gives back by this very call what it never took is no proof that it had it.
    const borrowed = contract.kind === 'releases' && (graph.callers.get(caller.id) ?? []).length === 0 && (summary.of(caller.id)?.events ?? []).some((other) => other.kind === 'release' && other.finds === 'nothing' && other.chain[0]?.call === site.operation.at);
    const atEntry = borrowed ? [] : entry.at(caller);
    // A task that gives back what it did not take inherits the lock of whoever starts it.
    const apart = site.kind === 'spawn' && !givesBack(fn, contract);
    const inherited = apart ? [] : atEntry.filter((held) => !event.given.some((path) => pathKey(path) === held.key));
    const must = apart ? [] : [...event.locks.must, ...inherited];
    const sure = name === undefined ? undefined : must.find((held) => held.key === pathKey(name) && isIdentifiable(held.lock));
    const lockClass = classOf(name ?? contract.lock);
    const alike = [...must, ...(apart ? [] : [...event.locks.may, ...atEntry])].find((held) => lockClass !== undefined && classOf(held.lock) === lockClass);
    const banned = contract.kind === 'excludes' && contract.mode === 'exclusive' && sure?.mode === 'shared' ? undefined : sure;
    const held = banned ?? (contract.kind === 'excludes' ? undefined : alike);
    if (held !== undefined) return { ...base, stance: 'held', held, shared: held.mode === 'shared' && must.includes(held) && must.every((other) => classOf(other.lock) !== lockClass || other.mode === 'shared') };
    if (contract.kind === 'excludes') return { ...base, stance: (alike === undefined || sure !== banned) && event.locks.unsure.size === 0 ? 'missing' : 'unknown' };
    if (name === undefined || lockClass === undefined || event.locks.unsure.size > 0 || isExcused(caller, site, name, contract)) return { ...base, stance: 'unknown' };
    const exception = entry.exception(caller, pathKey(name));
    const partly = entry.partly(caller).some((one) => one.held.key === pathKey(name));
    // A literal handed to code we do not see may well run at once, under the lock of who handed it over.
    const unseen = exception !== undefined && exception.caller.closureOf !== undefined && graph.escaping.has(exception.caller.id);
    if (partly && (exception === undefined || unseen)) return { ...base, stance: 'unknown' };
    const around = must.some(({ lock, mode }) => mode === 'exclusive' && lock.root.kind === 'variable' && name.root.kind === 'variable' && lock.root.variable === name.root.variable && lock.selectors.length < name.selectors.length);
    return { ...base, stance: 'missing', ...(around ? { around: true as const } : {}), ...(exception !== undefined && partly ? { exception: { caller: exception.caller, at: exception.operation.at } } : {}) };
  };

  function givesBack(fn: Function, contract: Contract): boolean {
    return contract.kind === 'releases' || (summary.of(fn.id)?.effect.releases.some((held) => held.key === pathKey(contract.lock)) ?? false);
  }

  /** Reasons why the lock may be missing and yet nothing be wrong. */
  function isExcused(caller: Function, site: CallSite, name: HeldLock['lock'], { source }: Contract): boolean {
    if (owned.owns(caller, site.at, name) || (name.root.kind === 'variable' && owned.ownsValue(caller, site.at, { kind: 'path', path: { root: name.root, selectors: [] } }))) return true;
    if (isNowhere(caller, site, name)) return true;
    const prose = proseOf(program, outermost(program, caller));
    const lockClass = classOf(name);
    if (prose.speaksOfOthers || prose.contracts.some((own) => own.kind === 'requires' && (own.vague || classOf(own.lock) === lockClass))) return true;
    if (caller.role === 'initializer' || caller.role === 'test' || caller.generated) return true;
    if (/\b(?:not (?:safe for concurrent|thread[- ]safe|goroutine[- ]safe)|single[- ](?:threaded|goroutine)|only (?:accessed|called|used) (?:from|by) (?:the|a|one))\b/i.test(caller.doc)) return true;
    if (isStartUp(caller, site, name)) return true;
    const seen = (graph.callers.get(caller.id) ?? []).some((one) => !one.caller.test);
    if (caller.closureOf !== undefined) return graph.escaping.has(caller.id) || !seen;
    // An assertion and an annotation are checked wherever they stand; prose speaks of code that runs.
    return source !== 'assertion' && source !== 'annotation' && !seen && !caller.exported && caller.role === undefined;
  }

  /** The way to the call has found that nothing is there whose lock could be held. */
  function isNowhere(caller: Function, site: CallSite, name: HeldLock['lock']): boolean {
    const last = name.selectors.at(-1);
    if (last === undefined) return false;
    const flow = controlFlow(caller);
    return caller.blocks.some(({ terminator }) => {
      if (terminator.kind !== 'branch' || terminator.condition.kind !== 'binary') return false;
      const { operator, left, right } = terminator.condition;
      if ((operator !== '==' && operator !== '!=') || left.kind !== 'path' || right.kind !== 'constant' || right.value !== null) return false;
      const [absent, present] = operator === '==' ? [terminator.onTrue, terminator.onFalse] : [terminator.onFalse, terminator.onTrue];
      if (absent === present || !flow.dominates({ block: absent, index: -1 }, site.at) || flow.reaches({ block: present, index: -1 }, { block: absent, index: 0 })) return false;
      const lock = { root: left.path.root, selectors: [...left.path.selectors, last] };
      return pathKey(names.of(caller, lock)?.path ?? lock) === pathKey(name);
    });
  }

  /** Constructors and recovery on the object they make, what only those call on it, and the program before its first spawn. */
  function isStartUp(caller: Function, site: CallSite, name: HeldLock['lock'], depth = 0): boolean {
    const shortName = caller.name.split('.').pop()!;
    const { root } = name;
    const own = root.kind === 'variable' && root.variable.owner === caller.id && root.variable.kind !== 'parameter';
    if (/^(?:[nN]ew|[mM]ake|[cC]reate|[oO]pen|[lL]oad|[rR]estore|[rR]ecover|[bB]uild)(?![a-z])/.test(shortName) && caller.results.length > 0 && (own || caller.receiver === undefined)) return true;
    if (/^[iI]nit(?:ialize)?(?![a-z])/.test(shortName)) return true;
    if (caller.role === 'main') {
      const flow = controlFlow(caller);
      return !(summary.of(caller.id)?.events ?? []).some((event) => event.kind === 'call' && event.operation.op === 'spawn' && flow.reaches(event.point, site.at));
    }
    const sites = (graph.callers.get(caller.id) ?? []).filter((one) => !one.caller.test);
    return !own && depth < 6 && !caller.exported && sites.length > 0 && sites.every((one) => {
      const outer = one.kind === 'call' ? toCaller(name, caller, one.operation.args) : undefined;
      return outer !== undefined && (owned.owns(one.caller, one.at, outer) || isHeldAt(one, outer) || isStartUp(one.caller, one, outer, depth + 1));
    });
  }

  function isHeldAt(site: CallSite, lock: HeldLock['lock']): boolean {
    const lockClass = classOf(lock);
    return [...eventAt(site.caller, site.operation)?.locks.may ?? [], ...entry.at(site.caller)].some((held) => lockClass !== undefined && classOf(held.lock) === lockClass);
  }
}

/** The function claims to take no lock, and takes this one. */
export interface LockFreeBreach {
  readonly fn: Function;
  readonly claim: string;
  readonly lock: HeldLock['lock'];
  readonly mode: HeldLock['mode'];
  readonly at: Location;
  readonly chain: CallChain;
  readonly acquiredIn: string;
}

export const lockFreeBreaches = defineAnalysis<readonly LockFreeBreach[]>({
  name: 'lock-free-breaches',
  run(program, resultOf) {
    const summary = resultOf(summaries);
    return [...program.functions.values()].flatMap((fn): LockFreeBreach[] => {
      const prose = proseOf(program, fn);
      // "Takes no lock, the caller must hold it" is a requirement; contradicted-contract speaks of it.
      if (fn.test || prose.contracts.some((contract) => contract.kind === 'requires')) return [];
      const named = prose.contracts.filter((contract) => contract.kind === 'lock-free' && !contract.vague);
      const claim = prose.lockFree ?? named[0]?.text;
      if (claim === undefined) return [];
      const counts = (lock: HeldLock['lock']): boolean => prose.lockFree !== undefined || named.some((contract) => pathKey(contract.lock) === pathKey(lock));
      const own = (summary.of(fn.id)?.events ?? []).flatMap((event) => (event.kind === 'acquire' && !event.operation.tries && counts(event.operation.lock) ? [{ lock: event.operation.lock, mode: event.operation.mode, at: event.operation.at, chain: [], acquiredIn: fn.name }] : []));
      const below = (summary.of(fn.id)?.acquires ?? []).filter((event) => event.chain.length > 0 && event.chain.length <= 3 && event.requires.length === 0 && counts(event.lock)).map((event) => ({ lock: event.lock, mode: event.mode, at: event.at, chain: event.chain, acquiredIn: event.function }));
      const [first] = [...own, ...below];
      return first === undefined ? [] : [{ fn, claim, ...first }];
    });
  },
});

