import { pathKey, spans, variableAt, type Function, type FunctionId, type Location, type OperationOf, type Value, type Variable } from '../ir/index.js';
import { pathsOf, valuesOf } from '../ir/verify.js';
import { defineAnalysis } from './analysis.js';
import { callGraph, type CallSite } from './call-graph.js';
import { controlFlow, type Point } from './control-flow.js';
import { isIdentifiable, type HeldLock } from './lock-state.js';
import { operations } from './operations.js';
import { ownership } from './ownership.js';
import { location } from './substitution.js';
import { summaries } from './summaries.js';
import { tasks } from './tasks.js';

/**
 * Which critical sections are not what they look like: empty, never closed inside the loop that opens them, left by a
 * panic that somebody stops, entered without looking whether one is in, or around a lock that nobody else can have?
 * Syntactic but for the ways through a function and the callers that recover. Leans to silence.
 */
export interface CriticalSections {
  readonly empty: readonly { readonly fn: Function; readonly acquire: OperationOf<'acquire'>; readonly release: OperationOf<'release'> }[];
  /** `instances`: the loop locks another object on each turn. */
  readonly pilingUp: readonly { readonly fn: Function; readonly acquire: OperationOf<'acquire'>; readonly deferredAt: Location; readonly instances: boolean }[];
  readonly panics: readonly { readonly fn: Function; readonly held: HeldLock; readonly at: Location; readonly recoveredBy: Function; readonly server: boolean }[];
  readonly uncheckedTries: readonly { readonly fn: Function; readonly acquire: OperationOf<'acquire'>; readonly release?: OperationOf<'release'> }[];
  readonly privateLocks: readonly { readonly fn: Function; readonly lock: Variable; readonly acquire: OperationOf<'acquire'> }[];
}

/** Calls between a panic and the function that stops it. */
const maxUnwinding = 8;

export const criticalSections = defineAnalysis<CriticalSections>({
  name: 'critical-sections',
  run(program, resultOf) {
    const summary = resultOf(summaries);
    const graph = resultOf(callGraph);
    const owned = resultOf(ownership);
    const running = resultOf(tasks);
    const empty: CriticalSections['empty'][number][] = [];
    const pilingUp: CriticalSections['pilingUp'][number][] = [];
    const panics: CriticalSections['panics'][number][] = [];
    const uncheckedTries: CriticalSections['uncheckedTries'][number][] = [];
    const privateLocks: CriticalSections['privateLocks'][number][] = [];
    for (const fn of resultOf(operations).functionsWith('acquire')) {
      const sites = lockSites(fn);
      for (const { operation, point } of sites.acquires) {
        const following = fn.blocks[point.block]!.operations.slice(point.index + 1, point.index + 3);
        // To look up the lock once more is no work under it.
        const next = following[0]?.op === 'read' && pathKey(following[0].path) === pathKey(operation.lock) ? following[1] : following[0];
        // A line between the two holds what is no code: a comment that says why they stand side by side.
        if (!operation.tries && next?.op === 'release' && next.deferred !== true && pathKey(next.lock) === pathKey(operation.lock) && next.at.line <= operation.at.endLine + 1) empty.push({ fn, acquire: operation, release: next });
        if (operation.tries && (operation.result === undefined || !isUsed(fn, operation.result))) {
          const release = sites.releases.find((one) => pathKey(one.operation.lock) === pathKey(operation.lock) && controlFlow(fn).reaches(point, one.point));
          uncheckedTries.push({ fn, acquire: operation, ...(release === undefined ? {} : { release: release.operation }) });
        }
      }
      pilingUp.push(...pilesOf(fn, sites).filter((pile) => pile.instances || meetsItself(fn, pile.acquire)));
      privateLocks.push(...privateIn(fn, sites));
      for (const event of summary.of(fn.id)?.events ?? []) {
        if (event.kind !== 'exit' || event.terminator.kind !== 'throw') continue;
        const held = event.locks.must.find((one) => !event.locks.unsure.has(one.key) && !owned.owns(fn, event.point, one.lock));
        const stopped = held === undefined ? undefined : stopperOf(fn, held);
        if (held !== undefined && stopped !== undefined) panics.push({ fn, held, at: event.terminator.at, ...stopped });
      }
    }
    return { empty, pilingUp, panics, uncheckedTries, privateLocks };

    /** The lock may be held where it is taken: no flag keeps the next turn from it. */
    function meetsItself(fn: Function, acquire: OperationOf<'acquire'>): boolean {
      const key = pathKey(acquire.lock);
      return (summary.of(fn.id)?.events ?? []).some((event) => event.kind === 'acquire' && event.operation === acquire && (event.again !== undefined || event.locks.unsure.has(key) || event.locks.may.some((held) => held.key === key)));
    }

    /** Who keeps the program alive after the panic, so that somebody is left to wait for the lock. */
    function stopperOf(fn: Function, held: HeldLock): { recoveredBy: Function; server: boolean } | undefined {
      const seen = new Set<FunctionId>([fn.id]);
      let level: Function[] = [fn];
      for (let depth = 0; depth < maxUnwinding && level.length > 0; depth++) {
        for (const one of level) if (one !== fn && recovers(one)) return { recoveredBy: one, server: false };
        const next = level.flatMap((one) => (graph.callers.get(one.id) ?? []).filter((site) => site.kind !== 'spawn' && site.certain && !site.caller.test && !(one === fn && makesHolder(site, fn, held))).map((site) => site.caller)).filter((caller) => !seen.has(caller.id));
        for (const caller of next) seen.add(caller.id);
        level = [...new Set(next)];
      }
      // Of the server's tasks those count that come here by calls which can go nowhere else.
      for (const task of running.running(fn.id)) {
        if (task.kind !== 'handler' && !(task.spawn?.operation.repeated === true && task.spawn.operation.timed !== true)) continue;
        const start = task.start.find((id) => seen.has(id));
        if (start !== undefined) return { recoveredBy: program.functions.get(start)!, server: true };
      }
      return undefined;
    }

    /** The caller has made the object with the lock: a maker that panics gives up what it was about to make. */
    function makesHolder({ operation }: CallSite, fn: Function, { lock }: HeldLock): boolean {
      const argument = lock.root.kind === 'variable' ? operation.args[fn.params.indexOf(lock.root.variable)] : undefined;
      const path = argument === undefined ? undefined : location(argument);
      return path?.root.kind === 'variable' && path.selectors.length === 0 && owned.isBornHere(path.root.variable);
    }

    function recovers(fn: Function): boolean {
      const deferred = (graph.sites.get(fn.id) ?? []).filter((site) => site.kind === 'call' && site.operation.deferred === true).flatMap((site) => site.targets.map((id) => program.functions.get(id)!));
      return deferred.some((one) => one.blocks.some((block) => block.operations.some((operation) => operation.op === 'recover')));
    }
  },
});

interface Site<T> { readonly operation: T; readonly point: Point }
interface LockSites { readonly acquires: readonly Site<OperationOf<'acquire'>>[]; readonly releases: readonly Site<OperationOf<'release'>>[]; readonly writes: readonly Site<OperationOf<'write'>>[] }

function lockSites(fn: Function): LockSites {
  const acquires: Site<OperationOf<'acquire'>>[] = [];
  const releases: Site<OperationOf<'release'>>[] = [];
  const writes: Site<OperationOf<'write'>>[] = [];
  for (const block of fn.blocks) block.operations.forEach((operation, index) => {
    const point = { block: block.id, index };
    if (operation.op === 'acquire') acquires.push({ operation, point });
    else if (operation.op === 'release') releases.push({ operation, point });
    else if (operation.op === 'write') writes.push({ operation, point });
  });
  return { acquires, releases, writes };
}

/** Locks taken in a loop whose release is put off to the end of the function there: the next turn finds them held. */
function pilesOf(fn: Function, { acquires, releases, writes }: LockSites): CriticalSections['pilingUp'][number][] {
  const flow = controlFlow(fn);
  const deferred = releases.filter(({ operation }) => operation.deferred === true);
  return acquires.flatMap(({ operation, point }) => {
    if (operation.tries || operation.deferred === true || !flow.inLoop(point.block)) return [];
    const key = pathKey(operation.lock);
    // The deferral is a mark written where the defer statement stands.
    const marks = writes.filter((write) => deferred.some((release) => pathKey(release.operation.lock) === key && isDeferralOf(write.operation, release.operation)) && flow.reaches(point, write.point));
    const open = releases.filter((release) => release.operation.deferred !== true && pathKey(release.operation.lock) === key).map((release) => release.point);
    const mark = marks.find((one) => flow.reachesAvoiding(one.point, point, open) && flow.reachesAvoiding(point, one.point, open));
    if (mark === undefined) return [];
    const instances = changesInLoop(fn, operation, point);
    if (instances && onlyLocks(fn, operation, point)) return [];
    return [{ fn, acquire: operation, deferredAt: mark.operation.at, instances }];
  });
}

/** The mark is set by the statement that names the call: around it, by a name of the lowering's own. */
function isDeferralOf(mark: OperationOf<'write'>, release: OperationOf<'release'>): boolean {
  return mark.path.root.kind === 'variable' && mark.path.root.variable.name.startsWith('deferred#') && spans(mark.at, release.at);
}

/** Whether the variable the lock is named by is another one on each turn. */
function changesInLoop(fn: Function, operation: OperationOf<'acquire'>, point: Point): boolean {
  if (operation.lock.root.kind !== 'variable' || !isIdentifiable(operation.lock)) return true;
  const flow = controlFlow(fn);
  const { variable } = operation.lock.root;
  const names = new Set<Variable>([variable, ...operation.lock.selectors.flatMap((selector) => (selector.kind === 'element' && selector.index !== undefined ? [selector.index] : []))]);
  return fn.blocks.some((block) => block.operations.some((one, index) => {
    const target = one.op === 'write' && one.path.selectors.length === 0 && one.path.root.kind === 'variable' ? one.path.root.variable : one.op === 'declare' ? one.variable : undefined;
    const results = one.op === 'call' ? one.results : one.op === 'receive' ? [one.result, one.ok] : [];
    const here = { block: block.id, index };
    return ((target !== undefined && names.has(target)) || results.some((result) => result !== undefined && names.has(result))) && flow.reaches(point, here) && flow.reaches(here, point);
  }));
}

/** A loop that does nothing with the objects but lock them wants them all at once. */
function onlyLocks(fn: Function, acquire: OperationOf<'acquire'>, point: Point): boolean {
  const flow = controlFlow(fn);
  const owner = acquire.lock.root.kind === 'variable' ? acquire.lock.root.variable : undefined;
  return !fn.blocks.some((block) => block.operations.some((operation, index) => {
    const here = { block: block.id, index };
    if (operation === acquire || operation.deferred === true || !flow.reaches(point, here) || !flow.reaches(here, point)) return false;
    if (operation.op !== 'read' && operation.op !== 'write') return operation.op !== 'declare';
    return operation.path.selectors.length > 0 && (operation.op === 'write' || (operation.path.root.kind === 'variable' && operation.path.root.variable === owner));
  }));
}

/** Locks in a variable of the function, made there, that neither a literal nor an address hands to anybody. */
function privateIn(fn: Function, { acquires, writes }: LockSites): CriticalSections['privateLocks'][number][] {
  const found = new Map<Variable, CriticalSections['privateLocks'][number]>();
  for (const { operation } of acquires) {
    if (operation.lock.root.kind !== 'variable' || operation.lock.selectors.length > 0) continue;
    const { variable } = operation.lock.root;
    if (variable.kind !== 'local' || variable.owner !== fn.id || variable.captured || variable.addressed || variable.type.kind !== 'primitive' || found.has(variable)) continue;
    // What came out of somewhere, as `l, ok := v.(sync.Locker)`, others may have from there too.
    if (writes.some((write) => variableAt(write.operation.path) === variable && write.operation.value.kind !== 'allocation')) continue;
    if (!isUsed(fn, variable)) found.set(variable, { fn, lock: variable, acquire: operation });
  }
  return [...found.values()];
}

/** Whether any value of the function mentions the variable; its own initialiser and lock operations do not count. */
export function isUsed(fn: Function, variable: Variable): boolean {
  const mentions = (value: Value): boolean => {
    switch (value.kind) {
      case 'path': case 'address': return value.path.root.kind === 'variable' && value.path.root.variable === variable;
      case 'length': case 'capacity': return value.of.root.kind === 'variable' && value.of.root.variable === variable;
      case 'not': return mentions(value.operand);
      case 'binary': return mentions(value.left) || mentions(value.right);
      case 'bound': return mentions(value.receiver);
      case 'library': return value.receiver !== undefined && mentions(value.receiver);
      case 'allocation': return (value.fields ?? []).some((field) => mentions(field.value));
      default: return false;
    }
  };
  return fn.blocks.some((block) => {
    const { terminator } = block;
    if (terminator.kind === 'branch' && mentions(terminator.condition)) return true;
    if (terminator.kind === 'return' && terminator.values.some(mentions)) return true;
    if (terminator.kind === 'select' && terminator.arms.some((arm) => arm.value !== undefined && mentions(arm.value))) return true;
    return block.operations.some((operation) => valuesOf(operation).some(mentions) || ((operation.op === 'read' || operation.op === 'send') && pathsOf(operation).some((path) => path.root.kind === 'variable' && path.root.variable === variable)));
  });
}
