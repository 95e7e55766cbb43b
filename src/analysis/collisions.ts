import { classOf, pathKey, type AccessPath, type Function, type FunctionId, type Location, type Program, type RecordType, type Value, type Variable } from '../ir/index.js';
import { kinOf, leavesObject, lockClass, objectLocks, sameHome } from './access-guards.js';
import type { Access, AccessGroup } from './accesses.js';
import type { ResultOf } from './analysis.js';
import { callGraph } from './call-graph.js';
import { controlFlow, type Point } from './control-flow.js';
import { entryLocks } from './entry-locks.js';
import type { Guard } from './field-races.js';
import { pointAfter } from './lock-flow.js';
import type { HeldLock } from './lock-state.js';
import { lockTakers } from './lock-takers.js';
import { isWithin } from './nesting.js';
import { ownership } from './ownership.js';
import { isGrowth, isMismatched, isTruncated } from './race-shapes.js';
import { sharedObjects, type Anchor } from './shared-objects.js';
import { spawnOrder, type SpawnOrder } from './spawn-order.js';
import { summaries } from './summaries.js';
import { mayOverlap, tasks, type Task, type Tasks } from './tasks.js';
import { ownsLock } from './types.js';

/**
 * Two accesses of one field, and two tasks in which they may happen at one time to one object. Most pairs of accesses fall at
 * what the tasks do not matter to, and most pairs of tasks at what brings them to one object; the order between tasks is the
 * dearest question and asked last.
 */
export interface Collision { readonly access: Access; readonly oddTask: Task; readonly partnerTask: Task; readonly basis: RaceBasis }

/**
 * `guard`: a lock or atomic operations of others say that tasks meet here; `two-locks`: each side keeps to a lock of its own;
 * `one-locked`: one side locks the very object; `one-object`: both tasks are followed to one object; `starter`: the task and who
 * starts it; `global-lock`, `open-methods`: two calls from outside, the write locked; `claimed`: the type says so.
 */
export type RaceBasis = 'guard' | 'two-locks' | 'one-locked' | 'one-object' | 'starter' | 'global-lock' | 'open-methods' | 'claimed';

/** Pairs looked at for one access: beyond this the field is used everywhere, and one more pair would not convince. */
const maxPartners = 16;
const maxTasks = 6;
/** Functions looked at below a constructor. */
const maxBelow = 400;

const noLocks: readonly HeldLock[] = [];

interface ChannelPoint { readonly on: string | undefined; readonly point: Point; readonly root?: Variable }
export function collisionJudge(program: Program, resultOf: ResultOf) {
  const table: Tasks = resultOf(tasks);
  const order: SpawnOrder = resultOf(spawnOrder);
  const entry = resultOf(entryLocks);
  const owned = resultOf(ownership);
  const objects = resultOf(sharedObjects);
  const takers = resultOf(lockTakers);
  const summary = resultOf(summaries);
  const graph = resultOf(callGraph);
  const below = new Map<Function, ReadonlySet<FunctionId>>();
  const anchors = new Map<Access, readonly (Anchor | undefined)[]>();
  const closePoints = new Map<Function, readonly ChannelPoint[]>();
  const receivePoints = new Map<Function, readonly ChannelPoint[]>();
  return { collisions, through };

  /** The accesses of other tasks that `odd` collides with, in the order given. */
  function* collisions(group: AccessGroup, odd: Access, accesses: readonly Access[], isGuarded: boolean): Iterable<Collision> {
    const left = table.running(odd.fn.id);
    const isRepeated = left.some((task) => task.multiple && task.kind === 'spawn');
    let looked = 0;
    for (let index = 0; index < accesses.length; index++) {
      const access = accesses[index]!;
      if (!conflicts(group, odd, access)) continue;
      if (looked++ === maxPartners) break;
      const common = commonLocks(odd, access);
      if (common.length > 0 && !isRepeated) continue;
      const claimed = !isGuarded && claimsConcurrency(group.record) && viaReceiver(odd) && viaReceiver(access);
      const isLocked = odd.must.length + access.must.length > 0;
      const mismatched = isLocked && isMismatched(odd, access, group.accesses);
      const camps = mismatched && kinOf(odd) === kinOf(access);
      const halfLocked = isLocked && odd.must.length * access.must.length === 0 && objectLocks(program, odd).length + objectLocks(program, access).length > 0 && kinOf(odd) === kinOf(access);
      const unstarted = isGuarded || claimed || mismatched || convincesUnstarted(odd, access);
      if (!(unstarted || camps || halfLocked || isNamed(odd) || isNamed(access))) continue;
      const right = table.running(access.fn.id);
      const byTask = isGuarded || camps ? undefined : { left: anchorsOf(odd), right: anchorsOf(access) };
      // What the tasks do not matter to is asked once, and only when some pair of tasks gets that far.
      let apart: boolean | undefined;
      for (let i = 0; i < left.length && i < maxTasks && apart !== true; i++) for (let j = 0; j < right.length && j < maxTasks; j++) {
        const oddTask = left[i]!;
        const partnerTask = right[j]!;
        if (!mayOverlap(oddTask, partnerTask) || !(unstarted || isStarted(oddTask) || isStarted(partnerTask))) continue;
        const basis = byTask === undefined ? (isGuarded ? 'guard' : 'two-locks') : convincing(odd, access, oddTask, partnerTask, byTask.left[i], byTask.right[j], halfLocked) || (claimed && 'claimed');
        if (basis === false) continue;
        if (apart ??= published(odd, access) || published(access, odd)) break;
        if (common.length > 0 && keptApart(common, odd, oddTask, partnerTask)) continue;
        if (overlap(group.record, isGuarded, odd, access, oddTask, partnerTask)) yield { access, oddTask, partnerTask, basis };
      }
    }
  }

  /** Some task that runs the access can be followed to the object it works on. */
  function isNamed(access: Access): boolean {
    return anchorsOf(access).some((anchor) => anchor !== undefined);
  }

  /** By the tasks that run the access, as many as are looked at: asked of every partner, so all at once. */
  function anchorsOf(access: Access): readonly (Anchor | undefined)[] {
    let known = anchors.get(access);
    if (known === undefined) anchors.set(access, known = table.running(access.fn.id).slice(0, maxTasks).map((task) => objects.anchorOf(task, access)));
    return known;
  }

  function conflicts(group: AccessGroup, odd: Access, access: Access): boolean {
    if (!(odd.write || access.write) || (odd.atomic && access.atomic)) return false;
    // A record that is copied as a whole has copies elsewhere: only what is reached in the same way can be this one.
    if ((odd.whole === true || access.whole === true) && kinOf(odd) !== kinOf(access)) return false;
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
      // A receiver or argument that is not followed up to the task's start may be one object for all of them.
      if (fn !== undefined && held.lock.root.variable.kind === 'parameter' && objects.anchorOf(oddTask, { fn, path: held.lock }) === undefined) return false;
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
    return isWithin(program, task.spawn?.by, (outer) => outer.id === owner);
  }

  /** Two instances of one task collide only when they work on one object. */
  function selfConcurrent(record: RecordType | undefined, isGuarded: boolean, task: Task, odd: Access, access: Access): boolean {
    if (task.kind === 'outside') {
      if (isGuarded) return true;
      return record === undefined ? odd.fn.exported && access.fn.exported : ownsLock(program, record) || claimsConcurrency(record) || objectLocks(program, odd).length + objectLocks(program, access).length > 0;
    }
    return objects.sharedByInstances(task, odd) && objects.sharedByInstances(task, access) && !(objects.hasOwnElement(task, odd) && objects.hasOwnElement(task, access));
  }

  /** What `convincing` asks at least of two accesses whose tasks the program does not start itself: known before any pair of tasks is looked at. */
  function convincesUnstarted(odd: Access, access: Access): boolean {
    return (access.write && (objectLocks(program, access).length > 0 || (isGlobal(odd.path) && isGlobal(access.path)))) || isForReaders(odd, access);
  }

  /**
   * Without a majority for a lock: either one side holds a lock of the very object, or both tasks can be followed
   * to one object by name.
   */
  function convincing(odd: Access, access: Access, oddTask: Task, partnerTask: Task, left: Anchor | undefined, right: Anchor | undefined, halfLocked: boolean): RaceBasis | false {
    const started = isStarted(oddTask) || isStarted(partnerTask);
    if (started && left !== undefined && right !== undefined && (haveOwnObjects(left, right) || haveOwnObjects(right, left))) return false;
    if (started) {
      if (sharedWithStarter(odd, oddTask, left, access, partnerTask) || sharedWithStarter(access, partnerTask, right, odd, oddTask)) return 'starter';
      if (halfLocked) return 'one-locked';
      if (left === undefined || right === undefined || left.kinship !== right.kinship) return false;
      // Far below the start of two different tasks, other things than locks tend to keep them apart.
      const near = oddTask === partnerTask || odd.must.length + access.must.length > 0 || (left.depth <= 1 && right.depth <= 1);
      return near && belongs(oddTask, left) && belongs(partnerTask, right) && (oddTask.kind !== 'main' && partnerTask.kind !== 'main' || left.variable.kind === 'global') && 'one-object';
    }
    if (isGlobal(odd.path) && isGlobal(access.path)) return access.write && access.must.some(isOfPackage) && odd.fn.exported && access.fn.exported && 'global-lock';
    if (!(access.write ? objectLocks(program, access).length > 0 : isForReaders(odd, access))) return false;
    const locks = objectLocks(program, access);
    return (isOpen(odd, left) || takesOneOf(locks, odd)) && (isOpen(access, right) || takesOneOf(locks, access)) && 'open-methods';
  }

  function takesOneOf(locks: readonly string[], access: Access): boolean {
    return locks.some((lock) => takers.takes(access, lock));
  }

  /** Who reads one field under the object's lock and nothing else waits for whoever writes it at any time. */
  function isForReaders(odd: Access, access: Access): boolean {
    return odd.write && !access.write && odd.must.length === 0 && objectLocks(program, access).length > 0 && takers.isSoleSubject(access);
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
    if (task.spawn === undefined || anchor === undefined || task === partner || anchor.variable.owner !== task.spawn.by.id || inside.fn === other.fn || anchor.depth > 2) return false;
    const there = objects.anchorIn(partner, other, task.spawn.by);
    return there !== undefined && there.variable === anchor.variable && there.kinship === anchor.kinship && there.depth <= 2;
  }

  /** An outside method touches its own receiver. */
  function viaReceiver(one: Access): boolean {
    return one.fn.exported && one.fn.receiver !== undefined && one.path.root.kind === 'variable' && one.path.root.variable === one.fn.params[0];
  }

  /** The task belongs to the object: a method of it starts the task. */
  function isReceiver(by: Function, variable: Variable): boolean {
    return isWithin(program, by, (outer) => outer.receiver !== undefined && outer.params[0] === variable) || owned.isBornHere(variable);
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
      return !isWithin(program, other.spawn!.by, (outer) => set!.has(outer.id));
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
    if (points === undefined) receivePoints.set(fn, points = (summary.of(fn.id)?.events ?? []).flatMap((event) => (event.kind === 'receive' ? [{ on: classOf(event.channel), point: pointAfter(event) }] : [])));
    return points;
  }

  /** The way on which `odd` runs without the guard although other callers hold it. */
  function through(odd: Access, guard: Guard): { readonly caller: Function; readonly at: Location } | undefined {
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

/** Tasks that the program starts itself, or somebody for each request. */
function isStarted(task: Task): boolean {
  return task.kind === 'spawn' || task.kind === 'handler';
}

function isOfPackage({ lock }: HeldLock): boolean {
  return isGlobal(lock);
}

function isGlobal(path: AccessPath): boolean {
  return path.root.kind === 'variable' && path.root.variable.kind === 'global';
}
