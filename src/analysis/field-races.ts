import { classOf, pathKey, type AccessPath, type Function, type FunctionId, type Location, type Program, type RecordType, type Value, type Variable } from '../ir/index.js';
import { guardClasses, kinOf, lockClass, leavesObject, mentions, ownSiblings, sameHome, sameInstance } from './access-guards.js';
import { accessTable, type Access, type AccessGroup } from './accesses.js';
import { defineAnalysis, type ResultOf } from './analysis.js';
import { callGraph } from './call-graph.js';
import { controlFlow, type Point } from './control-flow.js';
import { declaredGuards } from './declared-guards.js';
import { entryLocks } from './entry-locks.js';
import type { HeldLock } from './lock-state.js';
import { lockTakers } from './lock-takers.js';
import { onceOnly } from './once.js';
import { ownership } from './ownership.js';
import { spawnOrder, type SpawnOrder } from './spawn-order.js';
import { isGrowth, isLateWrite, isMismatched, isTruncated, shapeOf, type RaceShape } from './race-shapes.js';
import { raceConfidence, type Doubt } from './race-confidence.js';
import { sharedObjects, type Anchor } from './shared-objects.js';
import { summaries } from './summaries.js';
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
  readonly shape: RaceShape;
  /** `declared` by a comment, `inferred` from most accesses, `atomic`: others use it atomically, `pair`: two sides in two tasks, no majority. */
  readonly reason: 'declared' | 'inferred' | 'atomic' | 'pair';
  /** The access that goes without. */
  readonly odd: Access;
  /** What it collides with. */
  readonly partner: Access;
  readonly oddTask: Task;
  readonly partnerTask: Task;
  readonly guard?: Guard;
  /** The way on which `odd` runs without the lock although other callers hold it. */
  readonly through?: { readonly caller: Function; readonly at: Location };
  /** One side is start-up code, going by its name: it may run before anybody else does. */
  readonly early: boolean;
  /** Which kind of evidence brings the two sides to one object at one time. */
  readonly basis: RaceBasis;
  /** By the kinds of its evidence it is as good as others that proved right. */
  readonly sure: boolean;
  /** What keeps it back when it is not. */
  readonly doubt?: Doubt;
}

/**
 * `guard`: a lock or atomic operations of others say that tasks meet here; `two-locks`: each side keeps to a lock of its own;
 * `one-locked`: one side locks the very object; `one-object`: both tasks are followed to one object; `starter`: the task and who
 * starts it; `global-lock`, `open-methods`: two calls from outside, the write locked; `claimed`: the type says so.
 */
export type RaceBasis = 'guard' | 'two-locks' | 'one-locked' | 'one-object' | 'starter' | 'global-lock' | 'open-methods' | 'claimed';

/** A lock class and how often it is held where the field is used. */
export interface Guard {
  readonly lock: string;
  readonly label: string;
  readonly guarded: number;
  readonly total: number;
  readonly functions: number;
  /** The comment that names it. */
  readonly declaredBy?: string;
  /** Further locks that the comment asks for. */
  readonly also?: readonly string[];
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
    const entry = resultOf(entryLocks);
    const guards = new Map<string, Guard>();
    const races: FieldRace[] = [];
    const judge = overlapJudge(program, resultOf);
    const once = resultOf(onceOnly);
    const confidence = resultOf(raceConfidence);
    for (const group of table.groups.values()) {
      const accesses = group.accesses.filter((access) => !access.fn.test && access.fn.role !== 'initializer');
      const writes = accesses.filter((access) => access.write);
      // What a once-object wrote is there for everybody who comes after.
      if (writes.length === 0 || writes.every((access) => once.runsOnce(access.fn))) { noteDeclared(group); continue; }
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
      // A helper that some callers run under the lock and some do not: each caller is a use.
      let throughCallers = 0;
      for (const access of accesses) for (const partly of entry.partly(access.fn)) {
        const lock = lockClass(partly.held);
        if (lock === undefined || guardClasses(access).includes(lock) || !sameInstance(partly.held.lock, access.path)) continue;
        const count = counts.get(lock) ?? { sites: 0, functions: new Set(), writes: 0 };
        count.sites += partly.callers.length;
        for (const caller of partly.callers) count.functions.add(outermost(caller));
        if (access.write) count.writes += partly.callers.length;
        counts.set(lock, count);
        throughCallers += partly.callers.length;
      }
      const total = accesses.length + throughCallers;
      const named = declared.get(group.name);
      if (named !== undefined) {
        const count = counts.get(named.lock);
        return { lock: named.lock, label: labelOf(program, named.lock), guarded: count?.sites ?? 0, total, functions: count?.functions.size ?? 0, declaredBy: named.text, ...(named.also === undefined ? {} : { also: named.also }) };
      }
      const best = [...counts].filter(([, count]) => count.writes > 0).sort((a, b) => b[1].sites - a[1].sites)[0];
      if (best === undefined) return undefined;
      const [lock, count] = best;
      return { lock, label: labelOf(program, lock), guarded: count.sites, total, functions: count.functions.size };
    }

    function racesOf(group: AccessGroup, accesses: readonly Access[], guard: Guard | undefined): FieldRace[] {
      const found: FieldRace[] = [];
      const reported = new Set<string>();
      const ownLock = guard !== undefined && group.record !== undefined && guard.lock.startsWith(`${group.record.name}.`);
      const guardedKin = new Set(guard === undefined ? [] : accesses.filter((access) => guardClasses(access).includes(guard.lock)).map(kinOf));
      const isInferred = guard !== undefined && guard.declaredBy === undefined && guard.guarded >= guardEvidence.sites && guard.functions >= guardEvidence.functions;
      const distinct = oneOfAKind(accesses);
      const isAtomic = distinct.some((access) => access.atomic && access.write);
      const pairs: FieldRace[] = [];
      // Guarded writes convince most, then what comes first in the text.
      const rank = (access: Access): number => (guard !== undefined && guardClasses(access).includes(guard.lock) ? 0 : 2) + (access.write ? 0 : 1);
      const ranked = [...distinct].sort((a, b) => rank(a) - rank(b));
      const atomics = ranked.filter((access) => access.atomic);
      for (const odd of [...distinct].sort((a, b) => Number(b.write) - Number(a.write))) {
        if (odd.atomic || reported.has(outermost(odd.fn))) continue;
        const missing = guard?.also === undefined || !mentions(odd, guard.lock) ? undefined : guard.also.find((lock) => !mentions(odd, lock));
        const reason = missing === undefined ? reasonFor(odd) : 'declared';
        if (reason === undefined) continue;
        const race = strongest(odd, reason, missing);
        if (race === undefined) continue;
        if (reason === 'pair') { pairs.push(race); continue; }
        reported.add(outermost(odd.fn));
        found.push(race);
      }
      // Where half of the uses hold the lock, each function that meets a guarded write without it is a slip of its own; else one pair shows the defect.
      const isHabit = guard !== undefined && guard.guarded / guard.total >= 0.5;
      const isSlip = ({ odd, partner }: FieldRace): boolean => odd.must.length === 0 && partner.write && guard !== undefined && guardClasses(partner).includes(guard.lock);
      let shown = false;
      for (const race of pairs.sort((a, b) => Number(b.sure) - Number(a.sure) || Number(a.early) - Number(b.early) || Number(isSlip(b)) - Number(isSlip(a)))) {
        const own = outermost(race.odd.fn);
        if (reported.has(own) || (shown && (!race.sure || !isHabit || !isSlip(race)))) continue;
        reported.add(own);
        shown = true;
        found.push(race);
      }
      return found;

      /** When the tasks are known too: what is set after the start of who reads it. */
      function shapeWith(reason: FieldRace['reason'], odd: Access, { access, oddTask, partnerTask }: Collision): RaceShape {
        const shape = shapeOf(reason, odd, access, guard, accesses);
        return shape === 'field' && reason === 'pair' && (isLateWrite(odd, access, partnerTask) || isLateWrite(access, odd, oddTask)) ? 'late-write' : shape;
      }

      /** The first collision that convinces, or the first of all. */
      function strongest(odd: Access, reason: FieldRace['reason'], missing: string | undefined): FieldRace | undefined {
        const through = guard === undefined ? undefined : judge.through(odd, guard);
        let first: FieldRace | undefined;
        let looked = 0;
        for (const { access, oddTask, partnerTask, basis } of judge.collisions(group, odd, reason === 'atomic' ? atomics : ranked, reason !== 'pair')) {
          const early = isEarly(odd.fn) || (isEarly(access.fn) && !isLockedSetter(access, guard));
          const weak: FieldRace = { group, shape: shapeWith(reason, odd, { access, oddTask, partnerTask, basis }), reason, odd, partner: access, oddTask, partnerTask, early, basis, sure: false, ...(guard === undefined ? {} : { guard: missing === undefined ? guard : { ...guard, lock: missing, label: labelOf(program, missing) } }), ...(through === undefined ? {} : { through }) };
          const doubt = confidence.doubtOf(weak);
          if (doubt === undefined) return { ...weak, sure: true };
          first ??= { ...weak, doubt };
          if (++looked === maxCollisions) break;
        }
        return first;
      }

      function reasonFor(odd: Access): FieldRace['reason'] | undefined {
        // A lock of another type may be another one in each instance of a task: whether it keeps them apart is asked pair by pair.
        if (guard !== undefined && mentions(odd, guard.lock)) return isAtomic ? 'atomic' : ownLock || guard.declaredBy !== undefined ? undefined : 'pair';
        if (guard?.declaredBy !== undefined) return 'declared';
        if (isAtomic) return 'atomic';
        // A lock of another type says something about objects reached in the same way only.
        if (isInferred && (ownLock || guardedKin.has(kinOf(odd))) && guard.guarded / guard.total >= (odd.write ? guardEvidence.share : guardEvidence.shareForReads)) return 'inferred';
        return 'pair';
      }
    }
  },
});

/** Code that by its name sets up what others use later, or fills what its caller has just made. */
function isEarly(fn: Function): boolean {
  return /^(?:on)?(?:init|start|new|setup|open|run|serve|set|with|register|reset|unmarshal|decode)/i.test(fn.name.split('.').pop()!);
}

/** What sets or resets one thing under the lock that guards it is made for any time: it would not need the lock before. */
function isLockedSetter(access: Access, guard: Guard | undefined): boolean {
  return guard !== undefined && /^(?:re)?set(?!up)/i.test(access.fn.name.split('.').pop()!) && guardClasses(access).includes(guard.lock);
}

/** Accesses of one function that differ in their line only collide with the same others: the first stands for all. */
function oneOfAKind(accesses: readonly Access[]): Access[] {
  const kinds = new Map<Function, Access[]>();
  const distinct: Access[] = [];
  for (const access of accesses) {
    const known = kinds.get(access.fn);
    if (known?.some((other) => isSameKind(access, other)) === true) continue;
    if (known === undefined) kinds.set(access.fn, [access]); else known.push(access);
    distinct.push(access);
  }
  return distinct;
}

function isSameKind(a: Access, b: Access): boolean {
  return a.level === b.level && a.write === b.write && a.atomic === b.atomic && a.may.length === b.may.length && a.must.length === b.must.length && pathKey(a.path) === pathKey(b.path)
    && a.must.every((held, index) => held.key === b.must[index]!.key && held.mode === b.must[index]!.mode);
}

function isGlobal(path: AccessPath): boolean {
  return path.root.kind === 'variable' && path.root.variable.kind === 'global';
}

/** The outermost function around a closure, so that a method and its literals count once. */
function outermost(fn: Function): string {
  return fn.name.replace(/(\.func\d+)+$/, '');
}

function labelOf(program: Program, lock: string): string {
  const dot = lock.lastIndexOf('.');
  const record = program.records.get(lock.slice(0, dot));
  return record === undefined ? lock.slice(lock.lastIndexOf('/') + 1) : `${record.label}${lock.slice(dot)}`;
}

/** Tasks that the program starts itself, or somebody for each request. */
function isStarted(task: Task): boolean {
  return task.kind === 'spawn' || task.kind === 'handler';
}

/** Pairs looked at for one access: beyond this the field is used everywhere, and one more pair would not convince. */
const maxPartners = 16;
const maxTasks = 6;
/** Collisions of one access compared in search of one that convinces. */
const maxCollisions = 12;
/** Functions looked at below a constructor. */
const maxBelow = 400;

const noLocks: readonly HeldLock[] = [];

interface ChannelPoint { readonly on: string | undefined; readonly point: Point; readonly root?: Variable }
interface Collision { readonly access: Access; readonly oddTask: Task; readonly partnerTask: Task; readonly basis: RaceBasis }

function overlapJudge(program: Program, resultOf: ResultOf) {
  const table: Tasks = resultOf(tasks);
  const order: SpawnOrder = resultOf(spawnOrder);
  const entry = resultOf(entryLocks);
  const owned = resultOf(ownership);
  const objects = resultOf(sharedObjects);
  const takers = resultOf(lockTakers);
  const summary = resultOf(summaries);
  const graph = resultOf(callGraph);
  const below = new Map<Function, ReadonlySet<FunctionId>>();
  const closePoints = new Map<Function, readonly ChannelPoint[]>();
  const receivePoints = new Map<Function, readonly ChannelPoint[]>();
  return { collisions, through };

  /** The accesses of other tasks that `odd` collides with, in the order given. */
  function* collisions(group: AccessGroup, odd: Access, accesses: readonly Access[], isGuarded: boolean): Iterable<Collision> {
    let looked = 0;
    for (const access of accesses) {
      if (!conflicts(group, odd, access)) continue;
      if (looked++ === maxPartners) break;
      const common = commonLocks(odd, access);
      if (common.length > 0 && !table.running(odd.fn.id).some((task) => task.multiple && task.kind === 'spawn')) continue;
      const claimed = !isGuarded && claimsConcurrency(group.record) && viaReceiver(odd) && viaReceiver(access);
      const unstarted = isGuarded || claimed || convincesUnstarted(group, odd, access);
      const left = table.running(odd.fn.id);
      const right = table.running(access.fn.id);
      // What the tasks do not matter to is asked once, and only when some pair of tasks gets that far.
      let apart: boolean | undefined;
      for (let i = 0; i < left.length && i < maxTasks && apart !== true; i++) for (let j = 0; j < right.length && j < maxTasks; j++) {
        const oddTask = left[i]!;
        const partnerTask = right[j]!;
        if (!mayOverlap(oddTask, partnerTask) || !(unstarted || isStarted(oddTask) || isStarted(partnerTask))) continue;
        if (apart ??= published(odd, access) || published(access, odd)) break;
        if (common.length > 0 && keptApart(common, odd, oddTask, partnerTask)) continue;
        if (!overlap(group.record, isGuarded, odd, access, oddTask, partnerTask)) continue;
        const basis = isGuarded ? 'guard' : convincing(group, odd, access, oddTask, partnerTask) || (claimed && 'claimed');
        if (basis !== false) yield { access, oddTask, partnerTask, basis };
      }
    }
  }

  function conflicts(group: AccessGroup, odd: Access, access: Access): boolean {
    if (!(odd.write || access.write) || (odd.atomic && access.atomic)) return false;
    if (odd.level !== access.level || ((isGrowth(odd) || isGrowth(access)) && !isTruncated(group)) || !sameHome(program, odd, access)) return false;
    if (odd.path.root.kind === 'variable' && access.path.root.kind === 'variable' && odd.path.root.variable === access.path.root.variable && odd.path.root.variable.kind !== 'global' && odd.fn !== access.fn) return false;
    return true;
  }

  function commonLocks(odd: Access, access: Access): readonly HeldLock[] {
    if (odd.must.length === 0 || access.must.length === 0) return noLocks;
    let common: HeldLock[] | undefined;
    for (const held of odd.must) {
      const name = lockClass(held);
      if (name === undefined || !access.must.some((other) => (held.mode === 'exclusive' || other.mode === 'exclusive') && lockClass(other) === name)) continue;
      if (common === undefined) common = [held]; else common.push(held);
    }
    return common ?? noLocks;
  }

  /** A lock that both hold keeps them apart, unless each instance of the task holds one of its own. */
  function keptApart(common: readonly HeldLock[], odd: Access, oddTask: Task, partnerTask: Task): boolean {
    const ownPerInstance = (held: HeldLock): boolean => {
      if (oddTask !== partnerTask || oddTask.kind !== 'spawn' || held.lock.root.kind !== 'variable' || held.lock.root.variable.owner === undefined) return false;
      const fn = program.functions.get(held.lock.root.variable.owner);
      return fn === undefined || (objects.sharedByInstances(oddTask, odd) && !objects.sharedByInstances(oddTask, { fn, path: held.lock }));
    };
    return common.some((held) => !ownPerInstance(held));
  }

  /** Whether the accesses may happen at the same time in these two tasks. */
  function overlap(record: RecordType | undefined, isGuarded: boolean, odd: Access, access: Access, oddTask: Task, partnerTask: Task): boolean {
    return canMeet(odd, partnerTask, access) && canMeet(access, oddTask, odd)
      && (oddTask !== partnerTask || selfConcurrent(record, isGuarded, oddTask, odd, access))
      && !order.before(odd.fn, odd.point, partnerTask) && !order.before(access.fn, access.point, oddTask)
      && !precedes(odd, partnerTask) && !precedes(access, oddTask)
      && !handsOverByClosing(odd, oddTask, partnerTask) && !handsOverByClosing(access, partnerTask, oddTask)
      && !order.after(odd.fn, odd.point, partnerTask) && !order.after(access.fn, access.point, oddTask);
  }

  /** An object made in this call and shared only with tasks started here is out of reach for all other tasks. */
  function canMeet(access: Access, other: Task, partner: Access): boolean {
    if (access.path.root.kind !== 'variable') return false;
    const { variable } = access.path.root;
    if (variable.owner === undefined || !owned.isBornHere(variable) || leavesObject(program, access.path)) return true;
    const theirs = partner.path.root.kind === 'variable' ? partner.path.root.variable : undefined;
    if (theirs !== undefined && theirs !== variable && owned.isBornHere(theirs)) return false;
    if (other.spawn === undefined) return !owned.isConfined(variable) && partner.fn.id !== access.fn.id;
    return owned.isStored(variable) || startedWithin(other, variable.owner);
  }

  function startedWithin(task: Task, owner: FunctionId): boolean {
    for (let fn: Function | undefined = task.spawn?.by; fn !== undefined; fn = fn.closureOf === undefined ? undefined : program.functions.get(fn.closureOf)) if (fn.id === owner) return true;
    return false;
  }

  /** Two instances of one task collide only when they work on one object. */
  function selfConcurrent(record: RecordType | undefined, isGuarded: boolean, task: Task, odd: Access, access: Access): boolean {
    if (task.kind === 'outside') {
      if (isGuarded) return true;
      return record === undefined ? odd.fn.exported && access.fn.exported : ownsLock(program, record) || claimsConcurrency(record);
    }
    return objects.sharedByInstances(task, odd) && objects.sharedByInstances(task, access);
  }

  /** What `convincing` asks at least of two accesses whose tasks the program does not start itself: known before any pair of tasks is looked at. */
  function convincesUnstarted(group: AccessGroup, odd: Access, access: Access): boolean {
    return (access.write && (ownSiblings(access).length > 0 || (isGlobal(odd.path) && isGlobal(access.path)))) || isMismatched(odd, access, group.accesses) || isForReaders(odd, access);
  }

  /**
   * Without a majority for a lock: either one side holds a lock of the very object, or both tasks can be followed
   * to one object by name.
   */
  function convincing(group: AccessGroup, odd: Access, access: Access, oddTask: Task, partnerTask: Task): RaceBasis | false {
    if (isMismatched(odd, access, group.accesses) && kinOf(odd) === kinOf(access)) return 'two-locks';
    const started = isStarted(oddTask) || isStarted(partnerTask);
    const left = objects.anchorOf(oddTask, odd);
    const right = objects.anchorOf(partnerTask, access);
    if (started && left !== undefined && right !== undefined && (haveOwnObjects(left, right) || haveOwnObjects(right, left))) return false;
    if (started) {
      if (sharedWithStarter(odd, oddTask, left, access, partnerTask) || sharedWithStarter(access, partnerTask, right, odd, oddTask)) return 'starter';
      if ((ownSiblings(odd).length > 0 || ownSiblings(access).length > 0) && odd.must.length * access.must.length === 0 && kinOf(odd) === kinOf(access)) return 'one-locked';
      if (left === undefined || right === undefined || left.kinship !== right.kinship) return false;
      // Far below the start of two different tasks, other things than locks tend to keep them apart.
      const near = oddTask === partnerTask || odd.must.length + access.must.length > 0 || (left.depth <= 1 && right.depth <= 1);
      return near && belongs(oddTask, left) && belongs(partnerTask, right) && (oddTask.kind !== 'main' && partnerTask.kind !== 'main' || left.variable.kind === 'global') && 'one-object';
    }
    if (isGlobal(odd.path) && isGlobal(access.path)) return access.write && access.must.some((held) => isGlobal(held.lock)) && odd.fn.exported && access.fn.exported && 'global-lock';
    if (!(access.write ? ownSiblings(access).length > 0 : isForReaders(odd, access))) return false;
    return (isOpen(odd, left) || ownSiblings(access).some((lock) => takers.takes(odd, lock))) && (isOpen(access, right) || ownSiblings(access).some((lock) => takers.takes(access, lock))) && 'open-methods';
  }

  /** Who reads one field under the object's lock and nothing else waits for whoever writes it at any time. */
  function isForReaders(odd: Access, access: Access): boolean {
    return odd.write && !access.write && odd.must.length === 0 && ownSiblings(access).length > 0 && takers.isSoleSubject(access);
  }

  /** Nobody but the tasks started with it knows this object, or each side has one of its own making. */
  function haveOwnObjects(one: Anchor, other: Anchor): boolean {
    return one.variable !== other.variable && owned.isBornHere(one.variable) && (owned.isConfined(one.variable) || owned.isBornHere(other.variable));
  }

  /** The task is one of the object: a method of it starts the task, or everybody has the object. */
  function belongs(task: Task, anchor: Anchor): boolean {
    return task.spawn === undefined || anchor.variable.kind === 'global' || isReceiver(task.spawn.by, anchor.variable);
  }

  /** A method that is called by the object's own exported methods is as open as they are; so is one that takes the object's lock itself, whoever calls it. */
  function isOpen(one: Access, anchor: Anchor | undefined): boolean {
    return viaReceiver(one) || (one.fn.receiver !== undefined && anchor !== undefined && anchor.depth <= 1 && one.path.root.kind === 'variable' && one.path.root.variable === one.fn.params[0]);
  }

  /** The function that starts the task goes on to use, itself or through what it calls, the very variable it gave to the task. */
  function sharedWithStarter(inside: Access, task: Task, anchor: Anchor | undefined, other: Access, partner: Task): boolean {
    if (task.spawn === undefined || anchor === undefined || task === partner || anchor.variable.owner !== task.spawn.by.id) return false;
    const there = objects.anchorIn(partner, other, task.spawn.by);
    return there !== undefined && there.variable === anchor.variable && there.kinship === anchor.kinship && inside.fn !== other.fn && Math.max(anchor.depth, there.depth) <= 2;
  }

  /** An outside method touches its own receiver. */
  function viaReceiver(one: Access): boolean {
    return one.fn.exported && one.fn.receiver !== undefined && one.path.root.kind === 'variable' && one.path.root.variable === one.fn.params[0];
  }

  /** The task belongs to the object: a method of it starts the task. */
  function isReceiver(by: Function, variable: Variable): boolean {
    for (let fn: Function | undefined = by; fn !== undefined; fn = fn.closureOf === undefined ? undefined : program.functions.get(fn.closureOf)) if (fn.receiver !== undefined && fn.params[0] === variable) return true;
    return owned.isBornHere(variable);
  }

  /** What one side wrote before it closed a channel is seen by who received from it. */
  function published(from: Access, to: Access): boolean {
    const closes = closesIn(from.fn);
    if (closes.length === 0) return false;
    const receives = receivesIn(to.fn);
    return receives.length > 0 && closes.some((close) => controlFlow(from.fn).reaches(from.point, close.point) && receives.some((receive) => receive.on === close.on && isWaitedFor(to.fn, receive, to.point)));
  }

  /** On every way, or on every way on which there is a channel to wait for. */
  function isWaitedFor(fn: Function, { on, point }: ChannelPoint, to: Point): boolean {
    const flow = controlFlow(fn);
    if (flow.dominates(point, to)) return true;
    return flow.reaches(point, to) && fn.blocks.some(({ id, operations, terminator }) => {
      const branch = { block: id, index: operations.length };
      return terminator.kind === 'branch' && terminator.loop !== true && asksFor(terminator.condition, on) && flow.dominates(branch, point) && flow.dominates(branch, to);
    });
  }

  /** The object is still being made: whoever is not started below its constructor has not got it. */
  function precedes(access: Access, other: Task): boolean {
    if (access.path.root.kind !== 'variable') return false;
    const makers = owned.constructorsOf(access.fn, access.path.root.variable);
    if (makers.length === 0) return false;
    if (other.spawn === undefined) return true;
    return makers.every((maker) => {
      let set = below.get(maker);
      if (set === undefined) below.set(maker, set = calledBelow(maker));
      for (let by: Function | undefined = other.spawn!.by; by !== undefined; by = by.closureOf === undefined ? undefined : program.functions.get(by.closureOf)) if (set.has(by.id)) return false;
      return true;
    });
  }

  function calledBelow(fn: Function): ReadonlySet<FunctionId> {
    const seen = new Set<FunctionId>();
    const work = [fn.id];
    for (let id = work.pop(); id !== undefined && seen.size < maxBelow; id = work.pop()) {
      if (seen.has(id)) continue;
      seen.add(id);
      for (const site of graph.sites.get(id) ?? []) if (site.kind !== 'spawn') work.push(...site.targets);
    }
    return seen;
  }

  /**
   * An object made for one answer, filled by the task that was started with it, which closes the object's channel at the end:
   * whoever called drains the channel first, and asks the object then.
   */
  function handsOverByClosing(access: Access, task: Task, other: Task): boolean {
    if (task.kind !== 'spawn' || other.kind !== 'outside' || access.path.root.kind !== 'variable') return false;
    const { variable } = access.path.root;
    return variable.kind !== 'parameter' && owned.isBornHere(variable) && closesIn(access.fn).some((close) => close.root === variable && controlFlow(access.fn).reaches(access.point, close.point));
  }

  function closesIn(fn: Function): readonly ChannelPoint[] {
    let points = closePoints.get(fn);
    if (points === undefined) closePoints.set(fn, points = (summary.of(fn.id)?.events ?? []).flatMap((event) => (event.kind === 'close' ? [{ on: classOf(event.operation.channel), point: event.point, ...(event.operation.channel.root.kind === 'variable' ? { root: event.operation.channel.root.variable } : {}) }] : [])));
    return points;
  }

  function receivesIn(fn: Function): readonly ChannelPoint[] {
    let points = receivePoints.get(fn);
    if (points === undefined) receivePoints.set(fn, points = (summary.of(fn.id)?.events ?? []).flatMap((event) => (event.kind === 'receive' ? [{ on: classOf(event.channel), point: 'to' in event.operation ? { block: event.operation.to, index: -1 } : event.point }] : [])));
    return points;
  }

  function through(odd: Access, guard: Guard): FieldRace['through'] {
    const held = odd.path.root.kind === 'variable' ? odd.fn.params[0] : undefined;
    if (held === undefined) return undefined;
    const selector = { kind: 'field' as const, owner: guard.lock.slice(0, guard.lock.lastIndexOf('.')), name: guard.lock.slice(guard.lock.lastIndexOf('.') + 1) };
    const exception = entry.exception(odd.fn, pathKey({ root: { kind: 'variable', variable: held }, selectors: [selector] }));
    return exception === undefined ? undefined : { caller: exception.caller, at: exception.operation.at };
  }
}

/** The condition is whether there is such a channel. */
function asksFor(condition: Value, channel: string | undefined): boolean {
  return channel !== undefined && condition.kind === 'binary' && [[condition.left, condition.right], [condition.right, condition.left]].some(([one, other]) => one!.kind === 'path' && classOf(one!.path) === channel && other!.kind === 'constant' && other!.value === null);
}

const claims = new WeakMap<RecordType, boolean>();

/** Its comment says that several tasks use one object at the same time, and lays the order between them on nobody else. */
function claimsConcurrency(record: RecordType | undefined): boolean {
  if (record === undefined || record.doc === '') return false;
  let claim = claims.get(record);
  if (claim === undefined) claims.set(record, claim = readsConcurrent(record));
  return claim;
}

function readsConcurrent(record: RecordType): boolean {
  return record.doc.split(/(?<=[.!?])\s/).some((sentence) => /safe for concurrent use|concurrent(?:ly)? (?:access|use|read|writ)|(?:accessed|used|called|shared|written) (?:concurrently|(?:by|from|between|among) (?:multiple|several|many|different) (?:goroutines|threads|tasks))/i.test(sentence)
    && !/\b(?:uses? an?|readers?|fields?|not|never|no|must|should|caller|callers|external|externally|unsafe|protects?|guards?|without)\b|n't\b/i.test(sentence));
}
