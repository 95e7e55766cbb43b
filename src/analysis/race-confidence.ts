import { classOf, pathKey, variableAt, type AccessPath, type Function, type FunctionId, type Program, type Type, type Variable } from '../ir/index.js';
import { guardClasses, kinOf, leavesObject, lockClass, objectLocks } from './access-guards.js';
import { accessTable, type Access, type AccessGroup } from './accesses.js';
import { defineAnalysis } from './analysis.js';
import { apartByState } from './apart-by-state.js';
import { bareWays } from './bare-ways.js';
import { beforeStart } from './before-start.js';
import { callGraph, leadingTo, targetsOf } from './call-graph.js';
import { controlFlow, samePoint, type Point } from './control-flow.js';
import { entryLocks } from './entry-locks.js';
import { flowEvents } from './flow-events.js';
import { pointAfter, type FlowEvent, type FlowEventOf } from './lock-flow.js';
import type { FieldRace } from './field-races.js';
import { handedObjects, receivedOn } from './handed-objects.js';
import { lockTakers } from './lock-takers.js';
import { onceOnly } from './once.js';
import { operations } from './operations.js';
import { madeRecords } from './made-records.js';
import { isWithin, outermost } from './nesting.js';
import { ownStretch } from './own-stretch.js';
import { ownership } from './ownership.js';
import { servingPoints } from './serving-points.js';
import { sharedObjects, type Anchor } from './shared-objects.js';
import { isUnserved, spawnOrder } from './spawn-order.js';
import { toCaller } from './substitution.js';
import { tasks, type Task } from './tasks.js';
import { isFoundUnset, isNothing, truthsAt } from './truths.js';
import { typeOfPath } from './types.js';

/**
 * Is a race over a field shown by kinds of evidence that proved right when findings on real code were read by hand
 * (bench/precision/races.md), or only by kinds that mostly did not? Decides by kind, never by name: who runs the two sides, how
 * often the lock is held, how exactly the object is known. Weak ones are kept back (low confidence), so it under-approximates.
 */
export interface RaceConfidence {
  /** What keeps the race back; undefined: it is as good as others that proved right. */
  readonly doubtOf: (race: FieldRace) => Doubt | undefined;
}

/** Why a race is kept back, in the order asked; `silences.ts` says each in words. */
export type Doubt =
  | 'start-up' | 'made-once' | 'hidden-lock' | 'way-not-bare' | 'prepared-before' | 'opened-before' | 'awaited' | 'kept-apart' | 'handed-over' | 'starter-holds-lock' | 'own-flag'
  | 'told-to-others' | 'another-object' | 'same-function' | 'callers-unknown' | 'no-habit' | 'foreign-lock' | 'own-objects' | 'set-up-call' | 'object-in-hand' | 'no-lock-anywhere' | 'far-apart' | 'own-stretch' | 'never-made';

/** A lock that is held at less than this share of the uses is one way among several to keep the field in order. */
const habit = { sites: 3, share: 0.5, shareForParts: 0.75 };

/** Uses and functions that keep to a lock before it needs no caller to show that tasks meet there. */
const rule = { sites: 10, functions: 4 };

/** Calls between an entry of the module and the access: farther down, the entry's callers decide what meets what. */
const nearEntry = 2;

/** Calls between the start of a task and the access, where nothing but the other side's lock speaks for the race. */
const nearStart = 3;

/** Functions looked at from which calls lead to a start. */
const maxSeen = 400;
/** Callers asked one above the other whether they have found the object opened. */
const maxOpeners = 2;
const noNames: readonly string[] = [];
const nothingClosed: ReadonlySet<string> = new Set();

export const raceConfidence = defineAnalysis<RaceConfidence>({
  name: 'race-confidence',
  run(program, resultOf) {
    const graph = resultOf(callGraph);
    const once = resultOf(onceOnly);
    const events = resultOf(flowEvents);
    const owned = resultOf(ownership);
    const entry = resultOf(entryLocks);
    const running = resultOf(tasks);
    const order = resultOf(spawnOrder);
    const objects = resultOf(sharedObjects);
    const takers = resultOf(lockTakers);
    const { comesBare, comesUnlocked, comesWithoutOwn, isSetUp: isSetUpByMaker, isSetByMaker } = resultOf(bareWays);
    const first = resultOf(beforeStart);
    const state = resultOf(apartByState);
    const handed = resultOf(handedObjects);
    const stretch = resultOf(ownStretch);
    const serving = resultOf(servingPoints);
    const programs = new Set([...program.functions.values()].filter((fn) => fn.role === 'main').map((fn) => fn.module));
    const entries = new Map<FunctionId, boolean>();

    /** Called by nobody but tests and programs beside the library: made for callers of whom nothing is known but that they may be many. */
    const isEntry = (fn: Function): boolean => {
      let known = entries.get(fn.id);
      if (known === undefined) entries.set(fn.id, known = fn.exported && (graph.callers.get(fn.id) ?? []).every(({ caller }) => caller.test || programs.has(caller.module)));
      return known;
    };
    const isNear = (fn: Function, depth: number, isIt: (one: Function) => boolean): boolean => {
      const seen = new Set<Function>([fn]);
      let level = [fn];
      for (let at = 0; at <= depth; at++) {
        if (level.some(isIt)) return true;
        level = level.flatMap((one) => (graph.callers.get(one.id) ?? []).flatMap(({ caller, kind }) => (kind === 'spawn' || seen.has(caller) ? [] : [caller])));
        for (const one of level) seen.add(one);
      }
      return false;
    };
    /** Whether code is seen that brings the task to the access at its own time. */
    const isShown = (task: Task, access: Access, near: boolean): boolean => {
      if (task.kind === 'spawn' || task.kind === 'handler') return true;
      if (task.kind === 'main' && isWithinMain(program, access.fn)) return true;
      return (task.kind === 'main' || task.kind === 'outside') && (near ? isNear(access.fn, nearEntry, isEntry) : isEntry(outermost(program, access.fn)));
    };
    const isNearStart = (task: Task, { fn }: Access): boolean => task.kind !== 'spawn' || isNear(fn, nearStart, (one) => running.startsWith(task, one.id));
    /** Objects that a function has got from elsewhere are often in one hand at a time; the receiver of a method, its parts and what belongs to the package are for everybody. */
    const isInHand = ({ fn, path }: Access): boolean => path.root.kind === 'variable' && path.root.variable.kind !== 'global' && path.root.variable.owner === fn.id && !(fn.receiver !== undefined && fn.params[0] === path.root.variable && !leavesObject(program, path));
    /** A method that the program calls on values of its own and on parts of them only: on copies, as those outside do. */
    const isForCopies = (fn: Function, up = maxOpeners): boolean => {
      const sites = fn.receiver === undefined ? [] : (graph.callers.get(fn.id) ?? []).filter((site) => !site.caller.test);
      return sites.length > 0 && sites.every(({ kind, operation, caller }) => {
        const object = kind === 'call' ? operation.args[0] : undefined;
        const path = object?.kind === 'path' || object?.kind === 'address' ? object.path : undefined;
        if (path?.root.kind !== 'variable' || !path.selectors.every((selector) => selector.kind === 'field') || leavesObject(program, path)) return false;
        const { variable } = path.root;
        return variable.kind === 'global' ? false : variable.type.kind === 'record' || (up > 0 && variable === caller.params[0] && isForCopies(caller, up - 1));
      });
    };
    /** One call of the starter starts several, all on the object it was called with. */
    const startedTogether = (task: Task, odd: Access, partner: Access): boolean => {
      if (task.spawn === undefined || !controlFlow(task.spawn.by).inLoop(task.spawn.point.block)) return false;
      const [left, right] = [objects.anchorOf(task, odd), objects.anchorOf(task, partner)];
      return left !== undefined && left.variable === right?.variable && left.kinship === right.kinship && left.variable.kind === 'parameter' && left.variable.owner === task.spawn.by.id;
    };
    const leading = new Map<FunctionId, ReadonlySet<FunctionId>>();
    /** Functions from which calls lead to this one, itself included. */
    const leadTo = (to: FunctionId): ReadonlySet<FunctionId> => {
      let known = leading.get(to);
      if (known === undefined) leading.set(to, known = leadingTo(graph, to, maxSeen, ({ kind }) => kind !== 'spawn').functions);
      return known;
    };
    /** In this function the points come before all from which the task is started: it sets up what that task finds. */
    const isBeforeStart = (fn: Function, points: readonly Point[], { by, point }: NonNullable<Task['spawn']>): boolean => {
      const above = leadTo(by.id);
      if (points.length === 0 || !above.has(fn.id)) return false;
      const flow = controlFlow(fn);
      const starts = fn.id === by.id ? [point] : (graph.sites.get(fn.id) ?? []).flatMap((site) => (site.kind !== 'spawn' && site.targets.some((target) => above.has(target)) ? [site.at] : []));
      return points.every((one) => starts.some((start) => flow.reaches(one, start)) && !starts.some((start) => flow.reaches(start, one)));
    };
    /** The function of the access, or the one its task begins with, goes on to start the very task it would collide with. */
    const preparesFor = (access: Access, own: Task, task: Task): boolean => {
      const { spawn } = task;
      if (spawn === undefined) return false;
      const { fn, point } = access;
      if (isBeforeStart(fn, [point], spawn) || first.setsUp(access, task)) return true;
      // A handler that the program's start registers, and what it goes on to set up.
      if (spawn.operation.registers === true && own.start.includes(spawn.by.id)) {
        const ways = (graph.sites.get(spawn.by.id) ?? []).filter((site) => site.kind !== 'spawn' && site.targets.some((target) => leadTo(fn.id).has(target)));
        if (ways.length > 0 && ways.every(({ at }) => isUnserved(serving, spawn.by, at, task))) return true;
      }
      return own.spawn !== undefined && own.start.some((id) => {
        const start = program.functions.get(id);
        if (start === undefined || start === fn || !leadTo(spawn.by.id).has(id)) return false;
        const ways = (graph.sites.get(id) ?? []).flatMap((site) => (site.kind !== 'spawn' && site.targets.some((target) => leadTo(fn.id).has(target)) ? [site.at] : []));
        return isBeforeStart(start, ways, spawn);
      });
    };
    /** Writes only what it finds unset, and what leads to the start of its task has set it. */
    const isSetBefore = ({ fn, point, path, write }: Access, { spawn }: Task): boolean => write && spawn !== undefined && isFoundUnset(fn, point, path)
      && [...leadTo(spawn.by.id)].some((id) => id !== fn.id && events.of(id).some((event) => event.kind === 'access' && event.operation.op === 'write' && !isNothing(event.operation.value) && classOf(event.operation.path) === classOf(path) && isBeforeStart(program.functions.get(id)!, [event.point], spawn)));
    const isMade = madeRecords(program, resultOf);
    const openings = new Map<Access, readonly string[]>();
    /** Functions that receive something, or look at a flag. */
    const receivers = new Set(events.functionsWith('receive'));
    const openers = new Set([...receivers, ...resultOf(operations).functionsWith('atomic')]);
    const closers = new Set(events.functionsWith('close'));
    let ended: { readonly closed: ReadonlySet<string>; readonly sent: ReadonlySet<string> } | undefined;
    /**
     * Names of what this point comes after: channels of the object that are closed and nobody sends on, flags of it found
     * raised. What the object was given before whoever gave it closed the one or raised the other stands.
     */
    const openingsAt = (fn: Function, point: Point, path: AccessPath, depth = 0): readonly string[] => {
      if (path.root.kind !== 'variable') return noNames;
      const { variable } = path.root;
      const opened = openers.has(fn) ? openedIn(fn, point, variable) : noNames;
      if (opened.length > 0 || depth === maxOpeners) return opened;
      const position = fn.params.indexOf(variable);
      if (position < 0 || fn.exported) return noNames;
      const found: string[] = [];
      for (const site of graph.callers.get(fn.id) ?? []) {
        if (site.caller.test) continue;
        const argument = site.kind === 'call' ? site.operation.args[position] : undefined;
        const names = argument?.kind === 'path' ? openingsAt(site.caller, site.at, argument.path, depth + 1) : noNames;
        if (names.length === 0) return noNames;
        found.push(...names);
      }
      return found;
    };
    const openedIn = (fn: Function, point: Point, variable: Variable): readonly string[] => {
      const isOwn = (other: AccessPath): boolean => other.root.kind === 'variable' && other.root.variable === variable;
      const flow = controlFlow(fn);
      return events.of(fn.id).flatMap((event) => {
        if (event.kind === 'access') return event.operation.op === 'read' && event.operation.atomic && isOwn(event.operation.path) && event.operation.result !== undefined && isFound(fn, event.operation.result, point) ? [classOf(event.operation.path) ?? ''] : [];
        if (event.kind !== 'receive' || !isOwn(event.channel)) return [];
        const name = classOf(event.channel);
        if (name === undefined || !flow.dominates(pointAfter(event), point)) return [];
        ended ??= endedChannels();
        return ended.closed.has(name) && !ended.sent.has(name) ? [name] : [];
      });
    };
    /** From this point on the function, what it calls, or who called it closes one of the channels or raises one of the flags. */
    const opensLater = (fn: Function, point: Point, names: readonly string[], up = maxOpeners): boolean => {
      const flow = controlFlow(fn);
      const isReached = (at: Point): boolean => samePoint(at, point) || flow.reaches(point, at);
      return events.of(fn.id).some((event) => isOpening(event, names) && isReached(event.point))
        || (graph.sites.get(fn.id) ?? []).some((site) => site.kind !== 'spawn' && isReached(site.at) && site.targets.some((target) => opensBelow(target, names, maxOpeners)))
        || (up > 0 && (graph.callers.get(fn.id) ?? []).some((site) => site.kind !== 'spawn' && opensLater(site.caller, site.at, names, up - 1)));
    };
    const opensBelow = (id: FunctionId, names: readonly string[], depth: number): boolean => events.of(id).some((event) => isOpening(event, names))
      || (depth > 0 && (graph.sites.get(id) ?? []).some((site) => site.kind !== 'spawn' && site.targets.some((target) => opensBelow(target, names, depth - 1))));
    /** The other side opens the object once it has written; a channel that is closed at the end of its life opens nothing. */
    const waitsForOpening = (one: Access, other: Access): boolean => {
      let names = openings.get(one);
      if (names === undefined) openings.set(one, names = openingsAt(one.fn, one.point, one.path));
      return names.length > 0 && opensLater(other.fn, other.point, names);
    };
    /** The one side closes a channel at its end, and on some way at least the other has received from it before it comes: where it does not, there may be nobody to wait for. */
    const isAwaited = (one: Access, task: Task, other: Access, otherTask: Task): boolean => {
      const closed = closedAfter(one, task);
      if (closed.size === 0) return false;
      const { fn, point } = other;
      if (receivers.has(fn) && events.of(fn.id).some((event) => event.kind === 'receive' && closed.has(classOf(event.channel) ?? '') && (event.choice === 'none' ? controlFlow(fn).reaches(event.point, point) : isBehind(fn, event, point)))) return true;
      const sites = (graph.callers.get(fn.id) ?? []).filter((site) => running.runs(otherTask, site.caller.id));
      return sites.length > 0 && sites.every(({ caller, at, kind }) => kind !== 'spawn' && receivers.has(caller) && events.of(caller.id).some((event) => event.kind === 'receive' && closed.has(classOf(event.channel) ?? '') && isBehind(caller, event, at)));
    };
    const isBehind = (fn: Function, event: FlowEventOf<'receive'>, to: Point): boolean => controlFlow(fn).dominates(pointAfter(event), to);
    /** The one side answers a request when it is over, on the channel that came with it, and comes to the access no more; the other has made that request and got the answer. */
    const isAnswered = ({ fn, point }: Access, other: Access): boolean => {
      if (!receivers.has(fn) || !receivers.has(other.fn)) return false;
      const flow = controlFlow(fn);
      const answered = events.of(fn.id).flatMap((event) => {
        const channel = event.kind === 'close' ? event.operation.channel : event.kind === 'send' ? event.channel : undefined;
        const variable = channel === undefined || !flow.reaches(point, event.point) || flow.reaches(event.point, point) ? undefined : variableAt(channel);
        return variable === undefined ? [] : [...receivedOn(fn, variable)];
      });
      return answered.length > 0 && events.of(other.fn.id).some((event) => event.kind === 'receive' && isBehind(other.fn, event, other.point) && sentOn(other.fn, variableAt(event.channel), event.point).some((name) => answered.includes(name)));
    };
    /** Channels on which the variable was sent before the point. */
    const sentOn = (fn: Function, variable: Variable | undefined, point: Point): readonly string[] => (variable === undefined ? [] : events.of(fn.id).flatMap((event) => {
      const value = event.kind === 'send' && 'value' in event.operation ? event.operation.value : undefined;
      return event.kind === 'send' && value?.kind === 'path' && variableAt(value.path) === variable && controlFlow(fn).dominates(event.point, point) ? [classOf(event.channel) ?? pathKey(event.channel)] : [];
    }));
    /** Channels closed once the access is over, by its function or by the one its task begins with. */
    const closedAfter = ({ fn, point }: Access, { start, spawn }: Task): ReadonlySet<string> => {
      let closed: Set<string> | undefined;
      const add = (name: string | undefined): void => { if (name !== undefined) (closed ??= new Set()).add(name); };
      if (closers.has(fn)) for (const event of events.of(fn.id)) if (event.kind === 'close' && controlFlow(fn).reaches(point, event.point)) add(classOf(event.operation.channel));
      for (const id of spawn === undefined ? [] : start) {
        const own = program.functions.get(id);
        if (own === undefined || own === fn || !closers.has(own)) continue;
        const flow = controlFlow(own);
        const ways = (graph.sites.get(id) ?? []).filter((site) => site.kind !== 'spawn' && site.targets.some((target) => leadTo(fn.id).has(target)));
        for (const event of events.of(id)) if (event.kind === 'close' && ways.length > 0 && ways.every(({ at }) => flow.reaches(at, event.point) && !flow.reaches(event.point, at))) add(classOf(event.operation.channel));
      }
      return closed ?? nothingClosed;
    };
    const endedChannels = (): NonNullable<typeof ended> => {
      const closed = new Set<string>();
      const sent = new Set<string>();
      for (const { event } of events.all('close')) closed.add(classOf(event.operation.channel) ?? '');
      for (const { event } of events.all('send')) sent.add(classOf(event.channel) ?? '');
      return { closed, sent };
    };
    /** Who starts the task holds the lock of the other side and does not return before the task has ended. */
    const isStandIn = (task: Task, other: Access): boolean => {
      if (task.spawn === undefined || other.must.length === 0) return false;
      let held = standIns.get(task);
      if (held === undefined) standIns.set(task, held = heldThroughout(task, task.spawn));
      return held.size > 0 && other.must.some((one) => held.has(lockClass(one) ?? ''));
    };
    const standIns = new Map<Task, ReadonlySet<string>>();
    const heldThroughout = (task: Task, { by, operation }: NonNullable<Task['spawn']>): ReadonlySet<string> => {
      const own = events.of(by.id);
      const held = new Set([...entry.at(by), ...own.flatMap((event) => (event.kind === 'call' && event.operation === operation ? event.locks.must : []))].flatMap((one) => lockClass(one) ?? []));
      return held.size === 0 || own.some((event) => event.kind === 'exit' && order.joined(by, event.point, task)) ? held : new Set();
    };
    /** A literal that the function hands out runs at a time of its own, when the function may be in another call. */
    const isLater = (fn: Function, around: Function): boolean => fn !== around && graph.escaping.has(fn.id) && (graph.callers.get(fn.id) ?? []).length === 0;
    /** Both sides come back to the map turn after turn, and they do not take turns: no message goes each way between them. */
    const isMapInTwoLoops = (odd: Access, partner: Access): boolean => [odd, partner].every(({ fn, point, operation, level }) => operation.container === 'map' && level === 'content' && controlFlow(fn).inLoop(point.block))
      && !(answers(odd.fn, partner.fn) && answers(partner.fn, odd.fn));
    const answers = (from: Function, to: Function): boolean => {
      const heard = new Set(events.of(to.id).flatMap((event) => (event.kind === 'receive' ? classOf(event.channel) ?? [] : [])));
      return events.of(from.id).some((event) => event.kind === 'send' && heard.has(classOf(event.channel) ?? ''));
    };
    /** Made inside a once-object, for all who come after; what is only given up there is still in use elsewhere. */
    const isMadeOnce = ({ fn, write, operation }: Access): boolean => write && once.runsOnce(fn) && !(operation.op === 'write' && operation.value.kind === 'constant');
    /** A once-object written out: found not done under the lock, and said to be done in the same section, which nobody takes back. */
    const isSealed = ({ fn, point, path, write, must }: Access): boolean => write && must.some(({ mode }) => mode === 'exclusive') && truthsAt(fn, point).some((truth) => {
      const { path: flag } = truth;
      if (truth.holds || flag.root.kind !== 'variable' || path.root.kind !== 'variable' || flag.root.variable !== path.root.variable || flag.selectors.length === 0 || classOf(flag) === classOf(path)) return false;
      const isDone = (event: FlowEvent): boolean => event.kind === 'access' && event.operation.op === 'write' && pathKey(event.operation.path) === pathKey(flag) && !isNothing(event.operation.value) && controlFlow(fn).reaches(point, event.point)
        && event.locks.must.some((held) => must.some((own) => own.key === held.key));
      return events.of(fn.id).some(isDone) && (resultOf(accessTable).groups.get(classOf(flag) ?? '')?.accesses ?? []).every(({ operation, fn: by }) => by.test || operation.op !== 'write' || !isNothing(operation.value));
    });
    const made = new Map<Access, boolean>();
    const isAlreadyMade = (access: Access): boolean => {
      let known = made.get(access);
      if (known === undefined) made.set(access, known = isMadeOnce(access) || isSetByMaker(access) || isSealed(access));
      return known;
    };
    /** All who set the location do it where they find it unset under a lock, and the function comes here from a call that has done that: it is set for good. */
    const isSetByCall = ({ fn, point, path, write }: Access, group: AccessGroup): boolean => !write && group.accesses.every((other) => !other.write || other.fn.test || other.fn.role === 'initializer' || isLazilySet(other))
      && (graph.sites.get(fn.id) ?? []).some(({ kind, operation, targets: [target, ...others], at }) => {
        const callee = kind === 'call' && others.length === 0 && target !== undefined && target !== fn.id && controlFlow(fn).dominates(at, point) ? program.functions.get(target) : undefined;
        return callee !== undefined && group.accesses.some((other) => other.fn === callee && other.write && isAlwaysAsked(other) && samePath(toCaller(other.path, callee, operation.args), path));
      });
    const isLazilySet = ({ fn, point, path, must, level, operation }: Access): boolean => level === 'cell' && must.some(({ mode }) => mode === 'exclusive') && operation.op === 'write' && !isNothing(operation.value) && isFoundUnset(fn, point, path);
    /** On every way through the function the location is asked for, and set where it is found unset. */
    const isAlwaysAsked = ({ fn, point, path }: Access): boolean => truthsAt(fn, point).some((truth) => !truth.holds && pathKey(truth.path) === pathKey(path)
      && fn.blocks.every(({ id, operations: all, terminator }) => terminator.kind !== 'return' || controlFlow(fn).dominates(truth.at, { block: id, index: all.length })));
    /** So far the object was given to tasks that are started here, and the other one is none of them. */
    const isToldToOthers = ({ fn, point, path }: Access, other: Task): boolean => {
      const starts = path.root.kind !== 'variable' || path.root.variable.owner !== fn.id ? undefined : owned.startsSharing(fn, point, path.root.variable);
      return starts !== undefined && !starts.some((start) => start === other.spawn?.operation) && !(other.spawn !== undefined && starts.some((start) => targetsOf(start.callee).targets.some((target) => leadTo(other.spawn!.by.id).has(target))));
    };
    /** The maker is not done with the object, and has not started the other task itself: what it has called that may have is not looked into. */
    const isBeingMade = ({ fn, path }: Access, other: Task): boolean => path.root.kind === 'variable' && owned.constructorsOf(fn, path.root.variable).some((maker) => other.spawn === undefined || outermost(program, other.spawn.by) !== maker);
    /** The object is what a call gave that may go to several functions (or any call): the other side's is not related to it. */
    const isGiven = ({ fn, path }: Access, targets: number): boolean => path.root.kind === 'variable' && path.root.variable.owner === fn.id && path.root.variable.kind !== 'parameter'
      && (graph.sites.get(fn.id) ?? []).some((site) => site.targets.length >= targets && site.operation.op === 'call' && site.operation.results.some((result) => path.root.kind === 'variable' && (result === path.root.variable || isCopiedTo(fn, result, path.root.variable))));
    /** The starter waits for a message that the task sends or closes after its access, and comes to the other side by calls only after that. */
    const isStartAwaited = ({ fn, point }: Access, { spawn, start }: Task, other: Access): boolean => {
      if (spawn === undefined || !start.includes(fn.id) || fn.id === other.fn.id || !leadTo(other.fn.id).has(spawn.by.id)) return false;
      const told = events.of(fn.id).flatMap((event) => {
        const channel = event.kind === 'close' ? event.operation.channel : event.kind === 'send' ? event.channel : undefined;
        const position = channel?.root.kind === 'variable' && channel.selectors.length === 0 && controlFlow(fn).reaches(point, event.point) && !controlFlow(fn).reaches(event.point, point) ? fn.params.indexOf(channel.root.variable) : -1;
        const argument = position < 0 ? undefined : spawn.operation.args[position];
        return argument?.kind === 'path' ? [pathKey(argument.path)] : [];
      });
      if (told.length === 0) return false;
      const flow = controlFlow(spawn.by);
      const waits = events.of(spawn.by.id).flatMap((event) => (event.kind === 'receive' && event.choice === 'none' && told.includes(pathKey(event.channel)) ? [event.point] : []));
      const calls = (graph.sites.get(spawn.by.id) ?? []).filter((site) => site.kind !== 'spawn' && flow.reaches(spawn.point, site.at) && site.targets.some((target) => leadTo(other.fn.id).has(target)));
      return calls.length > 0 && calls.every((site) => waits.some((wait) => flow.dominates(wait, site.at)));
    };
    return { doubtOf };

    function doubtOf(race: FieldRace): Doubt | undefined {
      if (race.early) return 'start-up';
      // What speaks for the race costs little to ask, and most fall there; what speaks against it is asked of the rest.
      return weakness(race) ?? refutation(race);
    }

    /** Nothing of the kinds that proved right speaks for it. */
    function weakness(race: FieldRace): Doubt | undefined {
      const { odd, partner, oddTask, partnerTask, guard, basis } = race;
      if (basis === 'claimed') return outermost(program, odd.fn) === outermost(program, partner.fn) ? 'same-function' : undefined;
      // One function on both sides, in calls or tasks that nobody is seen to make of one object at one time.
      const sameCode = outermost(program, odd.fn) === outermost(program, partner.fn) && (oddTask.kind === 'outside' || (!odd.fn.exported && partnerTask.kind === 'outside') || (oddTask !== partnerTask && !oddTask.multiple && !partnerTask.multiple))
        && !(race.reason === 'atomic' && isLater(partner.fn, odd.fn));
      // Who writes under the read lock of an open object lets other calls of the same method in: that lock is there for them.
      if (sameCode && !(race.shape === 'read-locked' && guard !== undefined && guard.guarded >= habit.sites && odd.fn.exported && oddTask.kind === 'outside')) return 'same-function';
      if (basis === 'two-locks') return undefined;
      // Who takes the lock expects company; the other has to be shown.
      const isLocked = (one: Access): boolean => guard !== undefined && (guardClasses(one).includes(guard.lock) || takers.takes(one, guard.lock));
      const areShown = (near: boolean): boolean => (isLocked(odd) || isShown(oddTask, odd, near)) && (isLocked(partner) || isShown(partnerTask, partner, near));
      const isOwn = guard !== undefined && race.group.record !== undefined && (guard.lock.startsWith(`${race.group.record.name}.`) || isHeldByValue(program, race));
      const isHabit = guard !== undefined && guard.guarded >= habit.sites && guard.guarded / guard.total > habit.share;
      // A part held by value is often one task's alone, and meets the lock of the object around it by chance.
      const isPart = odd.whole !== true && partner.whole !== true && guard !== undefined && race.group.record !== undefined && !guard.lock.startsWith(`${race.group.record.name}.`) && guard.guarded / guard.total < habit.shareForParts;
      // One step outside the section: the function takes that very lock, and another one writes the field under it.
      if (isOwn && basis !== 'one-object' && odd.must.length === 0 && partner.write && guardClasses(partner).includes(guard.lock) && takers.takes(odd, guard.lock) && outermost(program, odd.fn) !== outermost(program, partner.fn)) return undefined;
      // Both hold it, one for reading only, and writes: whoever reads under it may come at the same time.
      if (race.shape === 'read-locked' && guard !== undefined && guardClasses(partner).includes(guard.lock) && kinOf(odd) === kinOf(partner)) return isLockOfPart(program, odd, guard.lock) ? 'foreign-lock' : undefined;
      switch (basis) {
        case 'guard':
          if (race.reason !== 'atomic' && !isOwn) return 'foreign-lock';
          if (race.reason === 'atomic' || race.reason === 'inferred') return areShown(true) || isRule(race) ? undefined : 'callers-unknown';
          if (!isHabit) return 'no-habit';
          if (odd.must.length > 0 || odd.path.selectors.filter(({ kind }) => kind === 'field').length !== 1) return 'foreign-lock';
          return areShown(false) ? undefined : 'callers-unknown';
        case 'open-methods':
          if (isPart || ((guard === undefined || guard.guarded < 2) && partner.write)) return 'no-habit';
          return areShown(true) ? undefined : 'callers-unknown';
        case 'one-locked':
          // What the loop does itself as well, the call may do in its stead.
          if (isLoopAgainstCall(program, race, objects.anchorOf(oddTask, odd)) && !running.runs(oddTask, partner.fn.id)) return undefined;
          if (!isOwn) return 'foreign-lock';
          if (!isHabit || isPart) return 'no-habit';
          if (![odd, partner].every((one) => isLocked(one) || isNearStart(one === odd ? oddTask : partnerTask, one))) return 'far-apart';
          if (![odd, partner].some((one) => objectLocks(program, one).length > 0 && isLocked(one))) return 'foreign-lock';
          return areShown(false) ? undefined : 'callers-unknown';
        // Instances of one task: each has an object of its own, unless each of them locks something of its own around the one object.
        case 'one-object':
          if (!areShown(true)) return 'callers-unknown';
          if (odd.must.length + partner.must.length === 0 && (isSetUp(oddTask, odd) || isSetUp(partnerTask, partner))) return 'set-up-call';
          if (oddTask !== partnerTask) return isGlobal(odd) && (fromAfar(oddTask, odd) || fromAfar(partnerTask, partner)) ? 'set-up-call' : undefined;
          return isGlobal(odd) || odd.must.length * partner.must.length > 0 || startedTogether(oddTask, odd, partner) ? undefined : 'own-objects';
        // Who starts the task and goes on with what it gave away, while one of the two locks it.
        case 'starter': return odd.must.length + partner.must.length > 0 || isMapInTwoLoops(odd, partner) ? undefined : 'no-lock-anywhere';
        default: return 'no-lock-anywhere';
      }
    }

    /** Something keeps the two sides apart that neither locks nor the starts of tasks tell. */
    function refutation(race: FieldRace): Doubt | undefined {
      const { odd, partner, oddTask, partnerTask, group } = race;
      if (isAlreadyMade(odd) || isAlreadyMade(partner) || isSetBefore(odd, oddTask) || isSetBefore(partner, partnerTask)) return 'made-once';
      // An interface hides which lock it stands for: it may be the very one the other side holds.
      if (odd.must.length * partner.must.length > 0 && [...odd.must, ...partner.must].some(({ lock }) => isHidden(typeOfPath(program, lock)))) return 'hidden-lock';

      if (!comesWithoutOwn(odd, oddTask, partner) || !comesWithoutOwn(partner, partnerTask, odd)) return 'way-not-bare';
      if ((odd.must.length === 0 && !comesBare(oddTask, odd, partner)) || (partner.must.length === 0 && !comesBare(partnerTask, partner, odd))) return 'way-not-bare';
      if (preparesFor(odd, oddTask, partnerTask) || preparesFor(partner, partnerTask, oddTask)) return 'prepared-before';
      if (waitsForOpening(odd, partner) || waitsForOpening(partner, odd)) return 'opened-before';
      if (isAnswered(odd, partner) || isAnswered(partner, odd)) return 'awaited';
      if (isAwaited(odd, oddTask, partner, partnerTask) || isAwaited(partner, partnerTask, odd, oddTask) || isStartAwaited(odd, oddTask, partner) || isStartAwaited(partner, partnerTask, odd)) return 'awaited';
      if (state.apart(odd, oddTask, partner, partnerTask)) return 'kept-apart';
      if (handed.isTaken(odd) || handed.isTaken(partner) || handed.isSentBetween(odd, partner) || handed.isSentBetween(partner, odd)) return 'handed-over';
      if (stretch.isOwn(odd, race.group) || stretch.isOwn(partner, race.group)) return 'own-stretch';
      if (isStandIn(oddTask, partner) || isStandIn(partnerTask, odd)) return 'starter-holds-lock';
      if (isOwnFlag(race)) return 'own-flag';
      if (group.record !== undefined && oddTask.spawn !== undefined && partnerTask.spawn !== undefined && !isMade(group.record.name)) return 'never-made';
      if (isToldToOthers(odd, partnerTask) || isToldToOthers(partner, oddTask) || isBeingMade(odd, partnerTask) || isBeingMade(partner, oddTask)) return 'told-to-others';
      if (kinOf(odd) !== kinOf(partner) && [odd, partner].some((one) => isGiven(one, race.reason === 'atomic' && oddTask.spawn === undefined && partnerTask.spawn === undefined ? 1 : 2))) return 'another-object';
      if (race.reason === 'atomic' && (isInHand(odd) || isForCopies(odd.fn))) return 'object-in-hand';
      if (isSetByCall(odd, group) || isSetByCall(partner, group)) return 'made-once';
      if ((oddTask.spawn === undefined && isSetUpByMaker(odd)) || (partnerTask.spawn === undefined && isSetUpByMaker(partner))) return 'set-up-call';
      // No lock on either side, and none comes without: each holder of such an object has a lock of its own around it.
      if (odd.must.length + partner.must.length === 0 && !comesUnlocked(oddTask, odd) && !comesUnlocked(partnerTask, partner)) return 'way-not-bare';
      return undefined;
    }
  },
});

/** A variable that is set to what the call gave. */
function isCopiedTo(fn: Function, result: Variable, variable: Variable): boolean {
  return fn.blocks.some(({ operations }) => operations.some((operation) => operation.op === 'write' && variableAt(operation.path) === variable && operation.value.kind === 'path' && variableAt(operation.value.path) === result));
}

/** All uses but this one, and many of them, keep to the lock of the object: nobody would who has the object to himself. */
function isRule({ guard, odd, reason }: FieldRace): boolean {
  return reason === 'inferred' && guard !== undefined && guard.guarded >= rule.sites && guard.total - guard.guarded <= 1 && guard.functions >= rule.functions && odd.must.length === 0;
}

function samePath(path: AccessPath | undefined, other: AccessPath): boolean {
  return path !== undefined && pathKey(other) === pathKey(path);
}

function isHidden(type: Type): boolean {
  return type.kind === 'interface' || (type.kind === 'primitive' && type.handle === true);
}

/** Every way to the point has found something in the variable. */
function isFound(fn: Function, variable: Variable, point: Point): boolean {
  return truthsAt(fn, point).some(({ path, holds }) => holds && variableAt(path) === variable);
}

/** A flag that its only writer reads without the lock, and sets to what it says by itself: nobody else changes it in between. */
function isOwnFlag({ shape, group }: FieldRace): boolean {
  if (shape !== 'double-check') return false;
  const uses = group.accesses.filter((access) => !access.fn.test && access.fn.role !== 'initializer');
  return uses.every((access) => !access.write || (access.operation.op === 'write' && access.operation.value.kind === 'constant' && access.operation.value.value !== null && uses.some((other) => other.fn === access.fn && !other.write && other.must.length === 0)));
}

/** The object's own loop writes with no lock what a call that comes at another time uses under the object's lock. */
function isLoopAgainstCall(program: Program, { odd, partner, oddTask, partnerTask }: FieldRace, anchor: Anchor | undefined): boolean {
  return odd.write && (oddTask.ofObject || (oddTask.spawn !== undefined && anchor?.variable.owner === oddTask.spawn.by.id && partnerTask.kind === 'outside' && partner.fn.exported)) && partnerTask.kind !== 'spawn' && odd.must.length === 0 && objectLocks(program, partner).length > 0;
}

/** Channels closed, and flags raised, under one of these names. */
function isOpening(event: FlowEvent, names: readonly string[]): boolean {
  if (event.kind === 'close') return names.includes(classOf(event.operation.channel) ?? '');
  return event.kind === 'access' && event.operation.op === 'write' && event.operation.atomic && names.includes(classOf(event.operation.path) ?? '');
}

/** A variable of the package that is set from outside, or by a program whose handlers have no known start, is set before it counts. */
function fromAfar(task: Task, access: Access): boolean {
  return access.write && (task.kind === 'outside' || task.kind === 'main');
}

/** A call from outside that, going by its name, tells the object what to work with; no lock anywhere says that it is meant to come while tasks run. */
function isSetUp(task: Task, { fn, write }: Access): boolean {
  return write && task.spawn === undefined && /^(?:add|use|enable|disable|configure|attach|mount|handle|on[A-Z])/i.test(fn.name.split('.').pop()!);
}

function isGlobal({ path }: Access): boolean {
  return path.root.kind === 'variable' && path.root.variable.kind === 'global';
}

/** The lock lies in another object that the accessed one only refers to, as a cursor does to its list: it keeps that one in order, whoever has the cursor. */
function isLockOfPart(program: Program, { path, must }: Access, lock: string): boolean {
  const last = path.selectors.findLastIndex(({ kind }) => kind === 'field');
  return must.some((held) => lockClass(held) === lock && held.lock.root.kind === 'variable' && path.root.kind === 'variable' && held.lock.root.variable === path.root.variable && held.lock.selectors.length > last + 1 && leavesObject(program, held.lock)
    && pathKey({ root: held.lock.root, selectors: held.lock.selectors.slice(0, last) }) === pathKey({ root: path.root, selectors: path.selectors.slice(0, last) }));
}

/** The object lies inside the one whose lock guards it, so it has no life of its own. */
function isHeldByValue(program: Program, { guard, group }: FieldRace): boolean {
  const holder = program.records.get(guard!.lock.slice(0, guard!.lock.lastIndexOf('.')));
  return holder?.fields.some(({ type }) => type.kind === 'record' && type.name === group.record?.name) === true;
}

function isWithinMain(program: Program, fn: Function): boolean {
  return isWithin(program, fn, (outer) => outer.role === 'main');
}
