import { pathKey, type AccessPath, type Args, type Function, type FunctionId, type Location, type Program, type RecordType, type Variable } from '../ir/index.js';
import { accessTable, type Access, type AccessGroup } from './accesses.js';
import { defineAnalysis, type ResultOf } from './analysis.js';
import { callGraph } from './call-graph.js';
import { declaredGuards } from './contracts.js';
import { entryLocks } from './entry-locks.js';
import type { HeldLock } from './lock-state.js';
import { ownership } from './ownership.js';
import { spawnOrder, type SpawnOrder } from './spawn-order.js';
import { location } from './substitution.js';
import { mayOverlap, tasks, type Task, type Tasks } from './tasks.js';
import { ownsLock } from './types.js';

/**
 * Which fields and globals are used by two tasks with nothing in common that keeps them apart?
 * For each field the evidence of all its accesses decides which lock guards it (RacerD's reports, with the
 * statistics of Engler's "Bugs as deviant behavior"); an access without that lock is paired with one of another
 * task. Under-approximates: unknown instances, ordered tasks and owned objects are left out.
 */
export interface FieldRace {
  readonly group: AccessGroup;
  /** What is raced over: a map nobody locks for, a number nobody locks for, or a field. */
  readonly shape: 'map' | 'counter' | 'field';
  /** `declared` by a comment, `inferred` from most accesses, `pair`: two sides in two tasks, no majority. */
  readonly reason: 'declared' | 'inferred' | 'pair';
  /** The access that goes without. */
  readonly odd: Access;
  /** What it collides with. */
  readonly partner: Access;
  readonly oddTask: Task;
  readonly partnerTask: Task;
  readonly guard?: Guard;
  /** The way on which `odd` runs without the lock although other callers hold it. */
  readonly through?: { readonly caller: Function; readonly at: Location };
  /** Neither side holds any lock. */
  readonly bare: boolean;
}

/** A lock class and how often it is held where the field is used. */
export interface Guard {
  readonly lock: string;
  readonly label: string;
  readonly guarded: number;
  readonly total: number;
  readonly functions: number;
  /** The comment that names it. */
  readonly declaredBy?: string;
}

export interface FieldRaces {
  readonly races: readonly FieldRace[];
  /** The guard of each field that has one. */
  readonly guards: ReadonlyMap<string, Guard>;
}

/** Sites, functions and shares of accesses under a lock before it counts as the field's guard. */
export const guardEvidence = { sites: 3, functions: 2, share: 0.75, shareForReads: 0.9 };

export const fieldRaces = defineAnalysis<FieldRaces>({
  name: 'field-races',
  run(program, resultOf) {
    const table = resultOf(accessTable);
    const declared = declaredGuards(program);
    const guards = new Map<string, Guard>();
    const races: FieldRace[] = [];
    const judge = overlapJudge(program, resultOf);
    for (const group of table.groups.values()) {
      const accesses = group.accesses.filter((access) => !access.fn.test && access.fn.role !== 'initializer');
      if (!accesses.some((access) => access.write)) { noteDeclared(group); continue; }
      const guard = guardOf(group, accesses);
      if (guard !== undefined) guards.set(group.name, guard);
      races.push(...racesOf(group, accesses, guard));
    }
    return { races, guards };

    function noteDeclared(group: AccessGroup): void {
      const named = declared.get(group.name);
      if (named !== undefined) guards.set(group.name, { lock: named.lock, label: labelOf(program, named.lock), guarded: 0, total: group.accesses.length, functions: 0, declaredBy: named.text });
    }

    function guardOf(group: AccessGroup, accesses: readonly Access[]): Guard | undefined {
      const counts = new Map<string, { sites: number; functions: Set<string>; writes: number }>();
      for (const access of accesses) for (const lock of guardClasses(access)) {
        const count = counts.get(lock) ?? { sites: 0, functions: new Set(), writes: 0 };
        count.sites++;
        count.functions.add(outermost(access.fn));
        if (access.write) count.writes++;
        counts.set(lock, count);
      }
      const total = accesses.length;
      const named = declared.get(group.name);
      if (named !== undefined) {
        const count = counts.get(named.lock);
        return { lock: named.lock, label: labelOf(program, named.lock), guarded: count?.sites ?? 0, total, functions: count?.functions.size ?? 0, declaredBy: named.text };
      }
      const best = [...counts].filter(([, count]) => count.writes > 0).sort((a, b) => b[1].sites - a[1].sites || (a[0] < b[0] ? -1 : 1))[0];
      if (best === undefined) return undefined;
      const [lock, count] = best;
      return { lock, label: labelOf(program, lock), guarded: count.sites, total, functions: count.functions.size };
    }

    function racesOf(group: AccessGroup, accesses: readonly Access[], guard: Guard | undefined): FieldRace[] {
      const found: FieldRace[] = [];
      const reported = new Set<string>();
      const pairs = new Set<string>();
      const isInferred = guard !== undefined && guard.declaredBy === undefined && guard.guarded >= guardEvidence.sites && guard.functions >= guardEvidence.functions;
      for (const odd of [...accesses].sort((a, b) => Number(b.write) - Number(a.write))) {
        if (odd.atomic || reported.has(outermost(odd.fn))) continue;
        const reason = reasonFor(odd);
        if (reason === undefined) continue;
        const partner = judge.partner(group, odd, accesses, guard);
        if (partner === undefined) continue;
        if (reason === 'pair' && !judge.convincing(odd, partner)) continue;
        const both = [outermost(odd.fn), outermost(partner.access.fn)].sort().join();
        if (reason === 'pair' && partner.access.must.length === 0 && pairs.has(both)) continue;
        pairs.add(both);
        reported.add(outermost(odd.fn));
        const through = guard === undefined ? undefined : judge.through(odd, guard);
        const bare = odd.must.length === 0 && partner.access.must.length === 0;
        found.push({ group, shape: shapeOf(odd, reason, bare), reason, odd, partner: partner.access, oddTask: partner.oddTask, partnerTask: partner.partnerTask, bare, ...(guard === undefined ? {} : { guard }), ...(through === undefined ? {} : { through }) });
      }
      return found;

      function reasonFor(odd: Access): FieldRace['reason'] | undefined {
        if (guard !== undefined && mentions(odd, guard.lock)) return undefined;
        if (guard?.declaredBy !== undefined) return 'declared';
        if (isInferred && guard.guarded / guard.total >= (odd.write ? guardEvidence.share : guardEvidence.shareForReads)) return 'inferred';
        return 'pair';
      }
    }
  },
});

function shapeOf(odd: Access, reason: FieldRace['reason'], bare: boolean): FieldRace['shape'] {
  if (reason !== 'pair') return 'field';
  if (bare && odd.operation.container === 'map' && odd.level === 'content') return 'map';
  return bare && odd.operation.op === 'write' && odd.operation.updates === true && odd.level === 'cell' ? 'counter' : 'field';
}

/** The outermost function around a closure, so that a method and its literals count once. */
function outermost(fn: Function): string {
  return fn.name.replace(/(\.func\d+)+$/, '');
}

/** Whether the access holds the lock class on some way, or it is in doubt. */
function mentions(access: Access, lock: string): boolean {
  return [...access.must, ...access.may].some((held) => lockClass(held) === lock && protects(held, access)) || access.unsure.size > 0;
}

/** A read lock keeps writers out, not other readers: it is no leave to write. */
function protects(held: HeldLock, access: Access): boolean {
  return held.mode === 'exclusive' || !access.write;
}

/** Lock classes that protect the access: a lock of the same object, a global, or a lock of another object held by whoever uses this one. */
function guardClasses(access: Access): readonly string[] {
  return [...new Set(access.must.flatMap((held) => (protects(held, access) && sameInstance(held.lock, access.path) ? lockClass(held) ?? [] : [])))];
}

/** A sibling lock must hang on the same object; locks of other types are taken by class. */
function sameInstance(lock: AccessPath, path: AccessPath): boolean {
  if (lock.root.kind !== 'variable' || path.root.kind !== 'variable' || lock.root.variable.kind === 'global') return true;
  const own = path.selectors.findLast((selector) => selector.kind === 'field');
  const theirs = lock.selectors.findLast((selector) => selector.kind === 'field');
  if (own?.kind !== 'field' || theirs?.kind !== 'field' || own.owner !== theirs.owner) return true;
  if (lock.root.variable !== path.root.variable) return lock.root.variable.owner !== path.root.variable.owner;
  const base = pathKey({ root: lock.root, selectors: lock.selectors.slice(0, lock.selectors.lastIndexOf(theirs)) });
  return pathKey({ root: path.root, selectors: path.selectors.slice(0, path.selectors.lastIndexOf(own)) }).startsWith(base);
}

function lockClass(held: HeldLock): string | undefined {
  const last = held.lock.selectors.findLast((selector) => selector.kind === 'field');
  if (last?.kind === 'field') return `${last.owner}.${last.name}`;
  return held.lock.root.kind === 'variable' ? held.lock.root.variable.qualifiedName : undefined;
}

function labelOf(program: Program, lock: string): string {
  const dot = lock.lastIndexOf('.');
  const record = program.records.get(lock.slice(0, dot));
  return record === undefined ? lock.slice(lock.lastIndexOf('/') + 1) : `${record.label}${lock.slice(dot)}`;
}

interface Collision { readonly access: Access; readonly oddTask: Task; readonly partnerTask: Task }

function overlapJudge(program: Program, resultOf: ResultOf) {
  const table: Tasks = resultOf(tasks);
  const order: SpawnOrder = resultOf(spawnOrder);
  const entry = resultOf(entryLocks);
  const owned = resultOf(ownership);
  const graph = resultOf(callGraph);
  return { partner, convincing, through };

  /** The access of another task that `odd` collides with: guarded writes first, then what comes first in the text. */
  function partner(group: AccessGroup, odd: Access, accesses: readonly Access[], guard: Guard | undefined): Collision | undefined {
    const rank = (access: Access): number => (guard !== undefined && guardClasses(access).includes(guard.lock) ? 0 : 2) + (access.write ? 0 : 1);
    const candidates = accesses.filter((access) => conflicts(odd, access)).sort((a, b) => rank(a) - rank(b));
    for (const access of candidates) {
      const tasksOfBoth = overlapping(group.record, odd, access);
      if (tasksOfBoth !== undefined) return { access, ...tasksOfBoth };
    }
    return undefined;
  }

  function conflicts(odd: Access, access: Access): boolean {
    if (!(odd.write || access.write) || (odd.atomic && access.atomic)) return false;
    if (odd.level !== access.level) return false;
    if (odd.path.root.kind === 'variable' && access.path.root.kind === 'variable' && odd.path.root.variable === access.path.root.variable && odd.path.root.variable.kind !== 'global' && odd.fn !== access.fn) return false;
    const shared = odd.must.some((held) => access.must.some((other) => lockClass(held) !== undefined && lockClass(held) === lockClass(other) && (held.mode === 'exclusive' || other.mode === 'exclusive')));
    return !shared;
  }

  function overlapping(record: RecordType | undefined, odd: Access, access: Access): { oddTask: Task; partnerTask: Task } | undefined {
    for (const oddTask of table.running(odd.fn.id)) for (const partnerTask of table.running(access.fn.id)) {
      if (!mayOverlap(oddTask, partnerTask) || !canMeet(odd, partnerTask, access) || !canMeet(access, oddTask, odd)) continue;
      if (oddTask === partnerTask && !selfConcurrent(record, oddTask, odd, access)) continue;
      if (order.before(odd.fn, odd.point, partnerTask) || order.before(access.fn, access.point, oddTask)) continue;
      if (order.after(odd.fn, odd.point, partnerTask) || order.after(access.fn, access.point, oddTask)) continue;
      return { oddTask, partnerTask };
    }
    return undefined;
  }

  /** An object made in this call and shared only with tasks started here is out of reach for all other tasks. */
  function canMeet(access: Access, other: Task, partner: Access): boolean {
    if (access.path.root.kind !== 'variable') return false;
    const { variable } = access.path.root;
    if (variable.owner === undefined || !owned.isBornHere(variable)) return true;
    if (other.spawn === undefined) return !owned.isConfined(variable) && partner.fn.id !== access.fn.id;
    return !owned.isConfined(variable) || startedWithin(other, variable.owner);
  }

  function startedWithin(task: Task, owner: FunctionId): boolean {
    for (let fn: Function | undefined = task.spawn?.by; fn !== undefined; fn = fn.closureOf === undefined ? undefined : program.functions.get(fn.closureOf)) if (fn.id === owner) return true;
    return false;
  }

  /** Two instances of one task collide only when they work on one object. */
  function selfConcurrent(record: RecordType | undefined, task: Task, odd: Access, access: Access): boolean {
    if (task.kind === 'outside') return record === undefined ? odd.fn.exported && access.fn.exported : ownsLock(program, record) || /safe for concurrent use/i.test(record.doc);
    if (task.spawn === undefined) return false;
    if (task.spawn.operation.repeated === true) return odd.path.root.kind === 'variable' && (odd.path.root.variable.kind === 'global' || odd.path.root.variable.owner !== odd.fn.id || odd.fn.receiver !== undefined);
    return sharedByInstances(task, odd) && sharedByInstances(task, access);
  }

  /** Whether the object of an access is the same in every instance of a task that is started in a loop. */
  function sharedByInstances(task: Task, access: Access): boolean {
    if (access.path.root.kind !== 'variable' || task.spawn === undefined) return false;
    const { variable } = access.path.root;
    if (variable.kind === 'global') return true;
    const declaredInLoop = (name: typeof variable): boolean => task.spawn!.by.blocks.some((block) => block.operations.some((operation) => (operation.op === 'declare' && operation.variable === name) || (operation.op === 'write' && operation.path.selectors.length === 0 && operation.path.root.kind === 'variable' && operation.path.root.variable === name && blockRepeats(task, block.id))));
    if (access.path.selectors.slice(0, -1).some((selector) => selector.kind === 'element')) return false;
    const by = task.spawn.by.id;
    const shared = (fn: Function, root: Variable, depth: number): boolean => {
      if (root.kind === 'global') return true;
      if (root.owner !== fn.id) return root.owner === by ? !declaredInLoop(root) : root.owner !== undefined && fn.closureOf !== undefined;
      const index = fn.params.indexOf(root);
      if (index < 0 || depth > 5) return false;
      const through = (args: Args, caller: Function): boolean => {
        const path = args[index] === undefined ? undefined : location(args[index]);
        if (path?.root.kind !== 'variable' || !path.selectors.every((selector) => selector.kind === 'field')) return false;
        if (caller.id === by && path.root.variable.owner === by) return !declaredInLoop(path.root.variable);
        return caller.id !== by && shared(caller, path.root.variable, depth + 1);
      };
      if (task.start.includes(fn.id) && through(task.spawn!.operation.args, task.spawn!.by)) return true;
      return (graph.callers.get(fn.id) ?? []).some((site) => site.kind === 'call' && table.running(site.caller.id).includes(task) && through(site.operation.args, site.caller));
    };
    return shared(access.fn, variable, 0);
  }

  function blockRepeats(task: Task, block: number): boolean {
    return task.multiple && task.spawn !== undefined && task.spawn.by.blocks[block] !== undefined && block !== 0;
  }

  /** Without a majority for a lock: both tasks must be shown, and one side must show that the object is meant to be shared. */
  function convincing(odd: Access, collision: Collision): boolean {
    const spawned = collision.oddTask.kind === 'spawn' || collision.partnerTask.kind === 'spawn';
    const oneGuarded = odd.must.length === 0 !== (collision.access.must.length === 0) || (odd.must.length > 0 && collision.access.must.length > 0);
    if (spawned && odd.must.length + collision.access.must.length === 0 && [odd, collision.access].some((access) => access.path.selectors.slice(0, -1).some((selector) => selector.kind === 'element'))) return false;
    if (spawned) return true;
    const viaReceiver = (access: Access): boolean => access.fn.exported && access.fn.receiver !== undefined && access.path.root.kind === 'variable' && access.path.root.variable === access.fn.params[0];
    return oneGuarded && collision.access.must.length > 0 && collision.access.write && viaReceiver(odd) && viaReceiver(collision.access);
  }

  function through(odd: Access, guard: Guard): FieldRace['through'] {
    const held = odd.path.root.kind === 'variable' ? odd.fn.params[0] : undefined;
    if (held === undefined) return undefined;
    const selector = { kind: 'field' as const, owner: guard.lock.slice(0, guard.lock.lastIndexOf('.')), name: guard.lock.slice(guard.lock.lastIndexOf('.') + 1) };
    const exception = entry.exception(odd.fn, pathKey({ root: { kind: 'variable', variable: held }, selectors: [selector] }));
    return exception === undefined ? undefined : { caller: exception.caller, at: exception.operation.at };
  }
}
