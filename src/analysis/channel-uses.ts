import { classOf, contextOwner, sameInTask, variableAt, type AccessPath, type Function, type FunctionId, type Location, type OperationOf, type SelectArm, type Value, type Variable } from '../ir/index.js';
import { pathsOf, valuesOf } from '../ir/verify.js';
import { defineAnalysis } from './analysis.js';
import { callGraph } from './call-graph.js';
import { channelAliases } from './channel-aliases.js';
import { decide, isNil } from './conditions.js';
import { controlFlow, successors, type Point } from './control-flow.js';
import { entryLocks } from './entry-locks.js';
import { pointAfter, type ChannelUse, type FlowEvent, type FlowEventOf } from './lock-flow.js';
import type { HeldLock } from './lock-state.js';
import { mainOrder } from './main-order.js';
import { isWithin } from './nesting.js';
import { objectOrigins } from './object-origins.js';
import { onceOnly } from './once.js';
import { ownParts } from './own-parts.js';
import { ownership } from './ownership.js';
import { passages } from './passages.js';
import { laysOrderOnCallers } from './prose.js';
import { sharedObjects } from './shared-objects.js';
import { spawnOrder } from './spawn-order.js';
import { summaries } from './summaries.js';
import { takenChannels } from './taken-channels.js';
import { mayOverlap, tasks, type Task } from './tasks.js';
import { recordNameIn, recordOf, typeOfPath, uncopyableInside } from './types.js';
import { factsBefore, locationAt, mentions, wayOut } from './ways.js';

/**
 * Who closes a channel and who sends on it, in which tasks, behind which guards? Channels are known by class
 * (`Type.field`, global, captured variable). Leans to "guarded": once-objects, locks, compare-and-swap before the
 * close, a channel set to nil after it, a recover around the send.
 */
export interface ChannelSite {
  readonly fn: Function;
  readonly point: Point;
  readonly at: Location;
  readonly channel: AccessPath;
  readonly held: readonly HeldLock[];
  /** Something makes sure that it happens once, or not after the end. */
  readonly guarded: boolean;
  readonly choice: ChannelUse['choice'];
  /** A once-object lets it happen one time; it knows nothing of other sites. */
  readonly once: boolean;
  /** An atomic flag is asked and set in two steps: the second close is expected, and let through when both ask first. */
  readonly twoSteps: boolean;
}

export interface ChannelCollision { readonly channel: string; readonly first: ChannelSite; readonly second: ChannelSite; readonly firstTask: Task; readonly secondTask: Task; /** Two tasks of the program reach both sites; otherwise only callers from outside could. */ readonly proven: boolean; /** The closing function is the one that receives, and never sends. */ readonly closedByReceiver: boolean; /** It leaves only when a channel says so that code not seen has given, so that who tells it, and when, is not known; or whoever tells it holds the sender's lock, and may shut the sender out by what it guards. */ readonly toldToLeave: boolean; /** One side has taken the object out of a container, under a lock, before, or forgets the channel for who asks under a lock: the other may not find it any more. */ readonly removed: boolean; /** The closing task has waited for others first, perhaps for the end of this one. */ readonly waited: boolean; /** The object is made for several users at a time, as what it holds to keep them in order shows. */ readonly forMany: boolean; /** Where the sender has copied it under the lock under which the closer takes it out of the field. */ readonly copied?: Location }

export interface ChannelUses {
  readonly doubleCloses: readonly ChannelCollision[];
  readonly sendsAfterClose: readonly ChannelCollision[];
}

/** Two tasks of the program reach both sites; or one does, and the object is made for several users at a time, of whom nobody is seen. */
export function isSeenTogether({ proven, forMany, firstTask, secondTask }: ChannelCollision): boolean {
  return proven && (forMany || (firstTask.kind !== 'outside' && secondTask.kind !== 'outside'));
}

export const channelUses = defineAnalysis<ChannelUses>({
  name: 'channel-uses',
  run(program, resultOf) {
    const summary = resultOf(summaries);
    const entry = resultOf(entryLocks);
    const owned = resultOf(ownership);
    const running = resultOf(tasks);
    const order = resultOf(spawnOrder);
    const inMain = resultOf(mainOrder);
    const objects = resultOf(sharedObjects);
    const origins = resultOf(objectOrigins);
    const graph = resultOf(callGraph);
    const aliases = resultOf(channelAliases);
    const closes = new Map<string, ChannelSite[]>();
    const sends = new Map<string, ChannelSite[]>();
    const { runsOnce, onceOf } = resultOf(onceOnly);
    const passage = resultOf(passages);
    const taken = resultOf(takenChannels);
    const parts = resultOf(ownParts);
    for (const fn of program.functions.values()) {
      if (fn.test) continue;
      const inherited = entry.at(fn);
      for (const event of summary.of(fn.id)?.events ?? []) {
        if (event.kind !== 'close' && event.kind !== 'send') continue;
        const channel = event.kind === 'close' ? event.operation.channel : event.channel;
        const name = aliases.classOf(channel);
        if (name === undefined || owned.owns(fn, event.point, channel)) continue;
        const once = runsOnce(fn);
        const guarded = once || (event.kind === 'close' ? passage.decided(fn, event.point) || passage.clearedAfter(fn, event.point, channel) || stopsPanics(fn) || behindOneFlag(fn) : recovers(fn));
        const site: ChannelSite = { fn, point: event.point, at: event.operation.at, channel, held: [...inherited, ...event.locks.may], guarded, once, choice: event.kind === 'send' ? choiceOf(fn, event) : 'none', twoSteps: event.kind === 'close' && !guarded && passage.inTwoSteps(fn, event.point) };
        const table = event.kind === 'close' ? closes : sends;
        table.set(name, [...(table.get(name) ?? []), site]);
      }
    }
    const methodsOf = new Map<string, Function[]>();
    const doubleCloses: ChannelCollision[] = [];
    const sendsAfterClose: ChannelCollision[] = [];
    for (const [channel, sites] of closes) {
      const open = sites.filter((site) => !site.guarded || site.once);
      open.forEach((first, index) => {
        for (const second of open.slice(index)) {
          if (first.once && second.once) continue;
          // One deferred close is laid out on every exit.
          const self = sameLocation(first.at, second.at);
          if (self ? first.held.length > 0 && !first.twoSteps : shareLock(first, second)) continue;
          // Each call of the function that makes the channel closes its own.
          if (self && (calledOncePerObject(first) || homeOf(first) === first.fn.id)) continue;
          if (!self && parts.apart(first.channel, second.channel)) continue;
          const pair = overlap(first, self ? first : second);
          if (pair !== undefined && !isOtherwise(first, second) && !isOtherwise(second, first)) { doubleCloses.push({ channel, first, second: self ? first : second, ...pair, closedByReceiver: false, toldToLeave: false, removed: false, waited: false, forMany: isForMany(first) || isForMany(second) }); break; }
        }
      });
      for (const send of sends.get(channel) ?? []) closeBefore(channel, sites, send);
    }
    // The lock under which the one takes and the other copies is let go before the close and the send.
    for (const { fn, event, path, locks } of taken.closes) {
      const channel = classOf(path);
      if (channel === undefined) continue;
      const close: ChannelSite = { fn, point: event.point, at: event.operation.at, channel: path, held: [...entry.at(fn), ...event.locks.may], guarded: true, once: runsOnce(fn), choice: 'none', twoSteps: false };
      for (const send of sends.get(channel) ?? []) {
        const variable = variableAt(send.channel);
        const copy = variable === undefined ? undefined : taken.copyOf(send.fn, variable);
        if (copy === undefined || send.fn === fn || ![...copy.locks].some((lock) => locks.has(lock)) || send.held.some(({ lock }) => locks.has(classOf(lock) ?? ''))) continue;
        closeBefore(channel, [close], { ...send, channel: copy.path }, copy.at);
      }
    }
    return { doubleCloses, sendsAfterClose };

    /** The first of the closes that nothing keeps behind the send. */
    function closeBefore(channel: string, sites: readonly ChannelSite[], send: ChannelSite, copied?: Point): void {
      if (send.guarded) return;
      for (const close of sites) {
        if (shareLock(send, close) || parts.apart(close.channel, send.channel) || excluded(close, send) || countedOut(close, send) || runsWithin(send.fn, close.fn) || closedOnTheWayOut(close, send) || starved(close, send) || passage.announced(close.fn, close.point, send.fn, send.point)) continue;
        const pair = overlap(close, send);
        if (pair === undefined) continue;
        sendsAfterClose.push({ channel, first: close, second: send, ...pair, closedByReceiver: receivesOnly(close, channel), toldToLeave: isToldToLeave(close) || isToldUnderLock(close, send), removed: removedBefore(close.fn, close.point) || removedBefore(send.fn, copied ?? send.point, copied === undefined ? undefined : send.channel) || isClearedFor(send, close), waited: passage.waitsBefore(pair.firstTask, close.fn, close.point, channel, (fn, point) => order.before(fn, point, pair.secondTask), pair.secondTask) || awaitsEnd(close, send), forMany: isForMany(send) || isForMany(close), ...(copied === undefined ? {} : { copied: locationAt(send.fn, copied) }) });
        return;
      }
    }

    function methods(record: string): readonly Function[] {
      if (methodsOf.size === 0) for (const fn of program.functions.values()) if (fn.receiver !== undefined) methodsOf.set(fn.receiver.record, [...(methodsOf.get(fn.receiver.record) ?? []), fn]);
      return methodsOf.get(record) ?? [];
    }

    function overlap(a: ChannelSite, b: ChannelSite): { firstTask: Task; secondTask: Task; proven: boolean } | undefined {
      // Two locals that are stored in fields of one name are still two channels, two objects made in two places two objects.
      const [left, right] = [birthOf(a), birthOf(b)];
      if (left !== undefined && right !== undefined && left !== right) return undefined;
      const home = homeOf(a) ?? homeOf(b);
      let outside: { firstTask: Task; secondTask: Task; proven: boolean } | undefined;
      for (const firstTask of running.running(a.fn.id)) for (const secondTask of running.running(b.fn.id)) {
        // Each call of the home function has a channel of its own: of its tasks only those it starts itself share it.
        if (home !== undefined && !startedWithin(firstTask, home) && !startedWithin(secondTask, home)) continue;
        if (sameOnce(a, firstTask, b, secondTask) || !mayOverlap(firstTask, secondTask) || orderedSites(a, b, firstTask, secondTask)) continue;
        if (firstTask === secondTask && firstTask.kind === 'spawn' && !sharedByInstances(firstTask, a)) continue;
        if (forOneUser(a, firstTask) || forOneUser(b, secondTask)) continue;
        if (madeInCall(a.fn, a.channel, firstTask) || madeInCall(b.fn, b.channel, secondTask) || alternatives(firstTask, secondTask) || handsOver(a, firstTask, secondTask) || handsOver(b, secondTask, firstTask)) continue;
        if (firstTask.kind === 'outside' && secondTask.kind === 'outside') { outside ??= { firstTask, secondTask, proven: false }; continue; }
        const object = meet(a, firstTask, b, secondTask);
        if (object === 'apart') continue;
        // One close site in two tasks: that both close one channel, not each its own, shows when a task of the very object comes to it.
        // Two requests share the handler's object, and not what is made for each of them.
        if (a === b && (firstTask === secondTask ? firstTask.kind === 'handler' && !isAnchored(firstTask, a) : ![firstTask, secondTask].some((task) => belongsTo(task, a)) && !isOneCell(a, firstTask, secondTask))) outside ??= { firstTask, secondTask, proven: false };
        else if (!related(a, firstTask, b, secondTask) || object === 'unknown' || renewed(firstTask, a, secondTask) || renewed(secondTask, b, firstTask) || (a !== b && twoObjects(a, firstTask, b, secondTask))) outside ??= { firstTask, secondTask, proven: false };
        else if (a === b && letThrough(a, firstTask, secondTask)) outside ??= { firstTask, secondTask, proven: false };
        else return { firstTask, secondTask, proven: true };
      }
      return outside;
    }

    /** Both come by a function that lets one of them through to the site: `if s.over { return }; s.over = true; s.meter.stop()`, under its lock. */
    function letThrough({ fn }: ChannelSite, one: Task, other: Task): boolean {
      const deciding = (task: Task): readonly FunctionId[] => {
        const way = running.wayTo(task, fn.id);
        return way.slice(0, -1).filter((id, index) => {
          const sites = (graph.sites.get(id) ?? []).filter((site) => site.kind === 'call' && site.targets.includes(way[index + 1]!));
          return sites.length > 0 && sites.every((site) => passage.decided(site.caller, site.at));
        });
      };
      const left = deciding(one);
      return left.length > 0 && deciding(other).some((id) => left.includes(id));
    }

    /** Whoever calls the function has asked and set one flag before, and all of them the same: `if c.closed { return }; c.closed = true`, then the call. */
    function behindOneFlag(fn: Function): boolean {
      const sites = (graph.callers.get(fn.id) ?? []).filter((site) => !site.caller.test);
      if ((fn.exported && fn.inner !== true) || graph.escaping.has(fn.id) || sites.length === 0 || sites.some((site) => site.kind !== 'call' || !site.certain)) return false;
      const [first, ...others] = sites.map((site) => passage.flags(site.caller, site.at));
      return [...first!].some((flag) => others.every((flags) => flags.has(flag)));
    }

    /** One call of the starting function starts one of them or the other. */
    function alternatives(a: Task, b: Task): boolean {
      if (a === b || a.spawn === undefined || b.spawn === undefined || a.spawn.by !== b.spawn.by) return false;
      const flow = controlFlow(a.spawn.by);
      return !flow.reaches(a.spawn.point, b.spawn.point) && !flow.reaches(b.spawn.point, a.spawn.point);
    }

    /** Its record holds a lock, an atomic, a once-object: whoever has none of these wants one user at a time. */
    function isForMany({ fn, held }: ChannelSite): boolean {
      const record = fn.receiver === undefined ? undefined : program.records.get(fn.receiver.record);
      return held.length > 0 || (record !== undefined && record.fields.some(({ type }) => uncopyableInside(program, type.kind === 'pointer' ? type.to : type) !== undefined));
    }

    /** A type, or a function on the way there, whose documentation asks for one user at a time, or for one call: nobody from outside comes beside others. */
    function forOneUser({ fn }: ChannelSite, task: Task): boolean {
      return task.kind === 'outside' && [fn, ...running.wayTo(task, fn.id).flatMap((id) => program.functions.get(id) ?? [])].some(({ doc, receiver }) => laysOrderOnCallers.test(doc) || laysOrderOnCallers.test(program.records.get(receiver?.record ?? '')?.doc ?? ''));
    }

    /** All calls by which the task comes there are of functions that have made the object themselves: each call has its own. */
    function madeInCall(fn: Function, channel: AccessPath, task: Task, depth = 0): boolean {
      if (channel.root.kind !== 'variable' || channel.selectors.length === 0 || depth > maxMakers) return false;
      const index = fn.params.indexOf(channel.root.variable);
      const sites = index < 0 || running.startsWith(task, fn.id) ? [] : (graph.callers.get(fn.id) ?? []).filter((site) => site.kind === 'call' && !site.caller.test && running.runs(task, site.caller.id));
      return sites.length > 0 && sites.length <= maxCallers && sites.every(({ caller, operation }) => {
        const value = operation.args[index];
        if ((value?.kind !== 'path' && value?.kind !== 'address') || value.path.root.kind !== 'variable' || value.path.selectors.length > 0) return false;
        return (value.path.root.variable.owner === caller.id && staysHere(caller, value.path.root.variable)) || madeInCall(caller, { root: value.path.root, selectors: channel.selectors }, task, depth + 1);
      });
    }

    /** Made in the function, and neither kept anywhere nor given to tasks. */
    function staysHere(fn: Function, variable: Variable): boolean {
      return owned.isBornHere(variable) && !variable.captured && !owned.isStored(variable)
        && fn.blocks.every(({ operations }) => operations.every((operation) => operation.op !== 'spawn' || !operation.args.some((value) => (value.kind === 'path' || value.kind === 'address') && value.path.root.kind === 'variable' && value.path.root.variable === variable)));
    }

    /** A caller from outside and a task of the program: the outside comes by that object, and not only by some object of the type. */
    function related(a: ChannelSite, aTask: Task, b: ChannelSite, bTask: Task): boolean {
      if ((aTask.kind === 'outside') === (bTask.kind === 'outside')) return true;
      const [caller, outside, site, task] = aTask.kind === 'outside' ? [a, aTask, b, bTask] : [b, bTask, a, aTask];
      const [left, right] = [objects.anchorOf(outside, { fn: caller.fn, path: caller.channel }), objects.anchorOf(task, { fn: site.fn, path: site.channel })];
      if (left === undefined || right === undefined || left.kinship === right.kinship) return true;
      const record = recordOf(program, right.variable.type)?.name;
      return record === undefined || right.variable.kind === 'global' || (methods(record)).some((method) => running.startsWith(outside, method.id) && objects.anchorIn(outside, { fn: caller.fn, path: caller.channel }, method)?.kinship === right.kinship);
    }

    /** Both tasks have the object from the one function that has made it, or neither keeps it to itself. A channel in a variable is one cell. */
    function meet(a: ChannelSite, aTask: Task, b: ChannelSite, bTask: Task): 'one' | 'apart' | 'unknown' {
      if (a.channel.selectors.length === 0 || b.channel.selectors.length === 0) return 'one';
      const left = origins.of(aTask, a.channel);
      const right = origins.of(bTask, b.channel);
      for (const variable of left.own.keys()) if (right.own.has(variable) && inOneTurn(variable, aTask, bTask)) return 'one';
      const [leftOut, rightOut] = [left, right].map(({ own }) => [...own.values()].includes(true));
      // Called by an interface that others keep too: nothing says that it is this object, unless both have it out of one field.
      if ((left.vague || right.vague) && ![...left.fields].some((field) => right.fields.has(field))) return 'unknown';
      if ((left.shared && (right.shared || rightOut)) || (right.shared && leftOut)) return 'one';
      return left.whole && right.whole ? 'apart' : 'unknown';
    }

    /** What one turn of a loop makes and hands to a task, the turn itself or another task of it must use after that: the next turn has another object. */
    function inOneTurn(variable: Variable, one: Task, other: Task): boolean {
      const home = program.functions.get(variable.owner!)!;
      const [first, second] = one.spawn?.by === home ? [one, other] : [other, one];
      if (first.spawn?.by !== home || !controlFlow(home).inLoop(first.spawn.point.block)) return true;
      if (second.spawn?.by === home) return usedAfter(home, first.spawn.point, variable, second) || usedAfter(home, second.spawn.point, variable, first);
      return usedAfter(home, first.spawn.point, variable);
    }

    /** Two starts, in two functions, each with a variable of its own that is no receiver: nothing shows that they hold one object. */
    function twoObjects(a: ChannelSite, aTask: Task, b: ChannelSite, bTask: Task): boolean {
      if (aTask.spawn === undefined || bTask.spawn === undefined || homeOf(a) !== undefined || homeOf(b) !== undefined) return false;
      const [left, right] = [objects.anchorOf(aTask, { fn: a.fn, path: a.channel })?.variable ?? runner(aTask), objects.anchorOf(bTask, { fn: b.fn, path: b.channel })?.variable ?? runner(bTask)];
      if (left === undefined || right === undefined || left === right || left.kind === 'global' || right.kind === 'global') return false;
      return !(aTask.spawn.by.receiver !== undefined && aTask.spawn.by.params[0] === left) && !(bTask.spawn.by.receiver !== undefined && bTask.spawn.by.params[0] === right);
    }

    /** The variable whose object's method the task is. */
    function runner(task: Task): Variable | undefined {
      const value = task.spawn !== undefined && task.start.some((id) => program.functions.get(id)!.receiver !== undefined) ? task.spawn.operation.args[0] : undefined;
      return (value?.kind === 'path' || value?.kind === 'address') && value.path.root.kind === 'variable' && value.path.selectors.length === 0 ? value.path.root.variable : undefined;
    }

    /** Whoever starts the task puts another object into the field, before, when the others run on for the former, or after, when the task takes the former along. */
    function renewed(task: Task, site: ChannelSite, other: Task): boolean {
      if (isReassigned(site, other, task)) return true;
      const anchor = task.spawn === undefined || task === other || other.kind !== 'spawn' ? undefined : objects.anchorOf(task, { fn: site.fn, path: site.channel });
      if (anchor === undefined || anchor.path.selectors.length < 2) return false;
      const { by, point } = task.spawn!;
      const writes = by.blocks.flatMap(({ id, operations }) => operations.flatMap((operation, index) => (operation.op === 'write' && operation.path.selectors.length > 0 && operation.path.selectors.length < anchor.path.selectors.length
        && sameInTask(operation.path, { root: anchor.path.root, selectors: anchor.path.selectors.slice(0, operation.path.selectors.length) }) ? [{ block: id, index }] : [])));
      return writes.some((write) => controlFlow(by).dominates(write, point)) || (writes.length > 0 && wayOut(by, { from: point, avoid: writes }) === undefined);
    }

    /** A variable of the function that starts both has got another channel in between: `done = make(chan struct{})`. */
    function isReassigned({ channel: { root, selectors } }: ChannelSite, first: Task, second: Task): boolean {
      if (selectors.length > 0 || root.kind !== 'variable' || first.spawn === undefined || second.spawn === undefined || first.spawn.by !== second.spawn.by || root.variable.owner !== first.spawn.by.id) return false;
      const { by, point: earlier } = first.spawn;
      const { point: later } = second.spawn;
      const flow = controlFlow(by);
      return by.blocks.some(({ id, operations }) => operations.some((operation, index) => {
        const set = operation.op === 'write' ? operation.path : operation.op === 'make' ? operation.result : undefined;
        return set?.root.kind === 'variable' && set.selectors.length === 0 && set.root.variable === root.variable && flow.reaches(earlier, { block: id, index }) && flow.dominates({ block: id, index }, later);
      }));
    }

    /** The function that starts the other task comes to the site on leaving only, and has decided then not to do what it does there. */
    function handsOver(site: ChannelSite, task: Task, other: Task): boolean {
      if (other.spawn === undefined) return false;
      const { by, point } = other.spawn;
      if (site.fn.closureOf !== by.id || !running.runs(task, by.id)) return false;
      const calls = graph.callers.get(site.fn.id) ?? [];
      const after = calls.filter((call) => call.caller === by && call.operation.deferred === true && controlFlow(by).reaches(point, call.at));
      return after.length > 0 && calls.every((call) => call.caller === by && call.operation.deferred === true)
        && after.every((call) => wayOut(site.fn, { from: start, avoid: [], given: factsBefore(by, call.at), to: site.point, isEnd: () => false }) === undefined);
    }

    /** The function that sends closes when it returns, and is called once for each object. */
    function closedOnTheWayOut(close: ChannelSite, send: ChannelSite): boolean {
      const { fn } = send;
      const leaving = close.fn === fn ? fn.blocks[close.point.block]?.operations[close.point.index]?.deferred === true
        : close.fn.closureOf === fn.id && (graph.callers.get(close.fn.id) ?? []).every((site) => site.caller === fn && site.operation.deferred === true);
      return leaving && calledOncePerObject(send, true);
    }

    /** What feeds the channel from outside has been told to send no more before. */
    function starved(close: ChannelSite, send: ChannelSite): boolean {
      const fed = (graph.callers.get(send.fn.id) ?? []).some(({ operation }) => operation.op === 'spawn' && operation.feeds !== undefined);
      return fed && (summary.of(close.fn.id)?.events ?? []).some((event) => event.kind === 'cancel' && event.operation.what === 'feed' && classOf(event.operation.context) === classOf(close.channel) && controlFlow(close.fn).dominates(event.point, close.point));
    }

    /** Either runs in the once-object itself, or in a task that the once-object has started: only one of the two happens. */
    function sameOnce(a: ChannelSite, aTask: Task, b: ChannelSite, bTask: Task): boolean {
      const through = ({ fn }: ChannelSite, task: Task): string | undefined => onceOf(fn) ?? (task.spawn === undefined ? undefined : onceOf(task.spawn.by));
      const left = through(a, aTask);
      return left !== undefined && left === through(b, bTask);
    }

    /** On some way to the close the end of the sending function is waited for, such as `if running { <-s.exited }`. */
    function awaitsEnd(close: ChannelSite, send: ChannelSite): boolean {
      const flow = controlFlow(close.fn);
      return (summary.of(close.fn.id)?.events ?? []).some((event) => event.kind === 'receive' && event.choice === 'none' && flow.reaches(event.point, close.point)
        && (closes.get(aliases.classOf(event.channel) ?? '') ?? []).some((end) => end.fn !== close.fn && (end.fn === send.fn || end.fn.closureOf === send.fn.id)));
    }

    function receivesOnly({ fn, point: close }: ChannelSite, channel: string): boolean {
      const own = (summary.of(fn.id)?.events ?? []).filter((event) => (event.kind === 'send' || event.kind === 'receive') && aliases.classOf(event.channel) === channel);
      // What is received after the close is only what was left over.
      return own.every((event) => event.kind === 'receive') && own.some((event) => controlFlow(fn).reaches(event.point, close));
    }

    /** Every way to the close passes a receive from what an unseen call, such as `closer.HasBeenClosed()`, gives. */
    function isToldToLeave({ fn, point }: ChannelSite): boolean {
      const given = new Set(fn.blocks.flatMap(({ operations }) => operations.flatMap((operation) => (operation.op === 'call' && (operation.callee.kind === 'library' || operation.callee.kind === 'unknown') ? operation.results : []))));
      const told = (summary.of(fn.id)?.events ?? []).flatMap((event) => (event.kind === 'receive' && event.channel.selectors.length === 0 && event.channel.root.kind === 'variable' && given.has(event.channel.root.variable) ? [pointAfter(event)] : []));
      return told.some((receive) => controlFlow(fn).dominates(receive, point));
    }

    /** Every way to the close passes a receive from a channel that others send on, or close, only under a lock that the sender holds too. */
    function isToldUnderLock({ fn, point }: ChannelSite, send: ChannelSite): boolean {
      return send.held.length > 0 && (summary.of(fn.id)?.events ?? []).some((event) => {
        if (event.kind !== 'receive' || !controlFlow(fn).dominates(pointAfter(event), point)) return false;
        const name = aliases.classOf(event.channel) ?? '';
        const tells = [...(sends.get(name) ?? []), ...(closes.get(name) ?? [])];
        return tells.length > 0 && tells.every((site) => shareLock(site, send));
      });
    }

    /** Asked `of` a path, only containers count that may hold an object on it. */
    function removedBefore(fn: Function, point: Point, of?: AccessPath, depth = 0): boolean {
      const flow = controlFlow(fn);
      const removes = (event: FlowEvent): boolean => event.kind === 'access' && event.operation.op === 'write' && event.locks.must.length > 0 && (event.operation.verb === 'delete' || isCut(event.operation)) && (of === undefined || mayHold(event.operation.path, of));
      const here = (summary.of(fn.id)?.events ?? []).some((event) => flow.reaches(event.point, point) && !flow.reaches(point, event.point)
        && (removes(event) || (event.kind === 'call' && event.operation.op === 'call' && summary.sitesAt(event.operation).some((site) => site.targets.some((target) => (summary.of(target)?.events ?? []).some(removes))))));
      return here || (depth < 2 && (graph.callers.get(fn.id) ?? []).some((site) => site.kind !== 'spawn' && !site.caller.test && removedBefore(site.caller, site.at, of, depth + 1)));
    }

    function mayHold(container: AccessPath, object: AccessPath): boolean {
      const type = typeOfPath(program, container);
      const held = type.kind === 'map' ? type.value : type.kind === 'list' ? type.element : type;
      const name = recordNameIn(held);
      return name === undefined ? held.kind !== 'scalar' : object.selectors.some((selector) => selector.kind === 'field' && selector.owner === name);
    }

    /** Who closes forgets the channel at once, and the sender has asked for it under a lock: the other side may well hold that. */
    function isClearedFor(send: ChannelSite, close: ChannelSite): boolean {
      if (send.held.length === 0 || send.channel.selectors.length === 0 || !passage.clearedAfter(close.fn, close.point, close.channel)) return false;
      return decide(factsBefore(send.fn, send.point), isNil(send.channel)) === false;
    }

    /** A list without its last or its first elements, in the place of the list. */
    function isCut({ path, value }: OperationOf<'write'>): boolean {
      const rest = value.kind === 'binary' && value.operator === '-' ? value.left : value;
      return rest.kind === 'path' && path.selectors.length > 0 && sameInTask(rest.path, path);
    }

    /** Both were let through by one atomic flag, which lets only one through. */
    function excluded(a: ChannelSite, b: ChannelSite): boolean {
      const flags = (site: ChannelSite): Set<string> => new Set(passage.deciders(site.fn, site.point).flatMap((name) => name ?? []));
      const left = flags(a);
      return left.size > 0 && [...flags(b)].some((name) => left.has(name));
    }

    /** The task counts itself down behind the send, and who counts to the end closes: a wait group by hand. */
    function countedOut(close: ChannelSite, send: ChannelSite): boolean {
      const counters = new Set(passage.deciders(close.fn, close.point).flatMap((name) => name ?? []));
      if (counters.size === 0) return false;
      const counts = send.fn.blocks.flatMap((block) => block.operations.flatMap((operation, index): Point[] => (operation.op === 'write' && operation.atomic && operation.updates === true && counters.has(classOf(operation.path) ?? '') ? [{ block: block.id, index }] : [])));
      return counts.length > 0 && wayOut(send.fn, { from: send.point, avoid: counts }) === undefined;
    }

    /** The function closes, or it makes the literal that will, and not both in one call. */
    function isOtherwise(here: ChannelSite, { fn: literal, channel }: ChannelSite): boolean {
      if (literal.closureOf !== here.fn.id || channel.root.kind !== 'variable' || channel.root.variable.owner !== here.fn.id || here.channel.root.kind !== 'variable' || here.channel.root.variable !== channel.root.variable) return false;
      const flow = controlFlow(here.fn);
      const makes = here.fn.blocks.flatMap((block) => block.operations.flatMap((operation, index): Point[] => (valuesOf(operation).some((value) => holdsLiteral(value, literal.id)) ? [{ block: block.id, index }] : [])));
      return makes.length > 0 && makes.every((make) => !flow.reaches(make, here.point) && !flow.reaches(here.point, make));
    }

    /** A literal that is only handed to calls of the function around it runs before they return, as far as can be seen. */
    function runsWithin(fn: Function, around: Function): boolean {
      if (fn.closureOf !== around.id || (graph.callers.get(fn.id) ?? []).some((site) => site.kind === 'spawn')) return false;
      return around.blocks.every((block) => block.operations.every((operation) => (operation.op !== 'write' && operation.op !== 'send') || !(operation.value.kind === 'closure' && operation.value.target === fn.id)) && (block.terminator.kind !== 'return' || !block.terminator.values.some((value) => value.kind === 'closure' && value.target === fn.id)));
    }

    /** The variable that holds the channel, or the object around it, from its making on. */
    function birthOf({ channel }: ChannelSite): Variable | undefined {
      if (channel.root.kind !== 'variable') return undefined;
      const { variable } = channel.root;
      return variable.kind === 'local' && (channel.selectors.length === 0 || owned.isBornHere(variable)) ? variable : undefined;
    }

    /** The function whose call makes the channel: it holds a local channel, or an object made in it. */
    function homeOf(site: ChannelSite): FunctionId | undefined {
      if (site.channel.root.kind !== 'variable') return undefined;
      const { variable } = site.channel.root;
      return variable.kind !== 'global' && (site.channel.selectors.length === 0 || owned.isBornHere(variable)) ? variable.owner : undefined;
    }

    function isAnchored(task: Task, { fn, channel }: ChannelSite): boolean {
      const { root } = channel;
      const owner = root.kind === 'variable' && root.variable.owner !== undefined ? program.functions.get(root.variable.owner) : undefined;
      return owner === undefined || objects.anchorOf(task, { fn: owner, path: channel }) !== undefined || objects.anchorOf(task, { fn, path: channel }) !== undefined;
    }

    /** The channel lies in a variable of the one function that starts both tasks. */
    function isOneCell({ channel: { root, selectors } }: ChannelSite, one: Task, other: Task): boolean {
      const home = root.kind === 'variable' && root.variable.kind === 'local' && selectors.length === 0 ? root.variable.owner : undefined;
      return home !== undefined && one.spawn?.by.id === home && other.spawn?.by.id === home;
    }

    /** The task is started by a method of the object whose channel it closes. */
    function belongsTo(task: Task, site: ChannelSite): boolean {
      const anchor = task.spawn === undefined ? undefined : objects.anchorOf(task, { fn: site.fn, path: site.channel });
      return anchor !== undefined && anchor.depth > 0 && task.spawn?.by.receiver !== undefined && task.spawn.by.params[0] === anchor.variable;
    }

    function startedWithin(task: Task, home: FunctionId): boolean {
      return isWithin(program, task.spawn?.by, (outer) => outer.id === home);
    }

    function orderedSites(a: ChannelSite, b: ChannelSite, aTask: Task, bTask: Task): boolean {
      const leaving = bTask.multiple && leavesEarly(a) ? classOf(a.channel) : undefined;
      // A local channel belongs to one call: its function waits for the tasks of that call, whoever else may run it.
      const home = homeOf(a);
      if (home !== undefined && home === a.fn.id && startedWithin(bTask, home) && order.joined(a.fn, a.point, bTask)) return true;
      return over(aTask, a, bTask) || over(bTask, b, aTask) || order.before(a.fn, a.point, bTask) || order.before(b.fn, b.point, aTask) || order.after(a.fn, a.point, bTask, leaving) || order.after(b.fn, b.point, aTask);
    }

    /** The task is done with the site before it starts the other, and there is one such task, or it has made the object itself. */
    function over(task: Task, { fn, point, channel }: ChannelSite, other: Task): boolean {
      if (!inMain.before(task, fn, point, other)) return false;
      const { shared, own } = origins.of(task, channel);
      return (task.kind === 'main' && !task.multiple) || (!shared && own.size > 0);
    }

    /** A channel made inside the loop, or passed by the loop's own variable, belongs to one instance. */
    function sharedByInstances(task: Task, site: ChannelSite): boolean {
      if (site.channel.root.kind !== 'variable' || task.spawn === undefined) return false;
      const { variable } = site.channel.root;
      if (variable.kind === 'global') return true;
      if (variable.owner === site.fn.id) return false;
      const by = task.spawn.by;
      // A variable of the task's own functions: each instance has its own, what it was started with decides.
      const owner = variable.owner === undefined ? undefined : program.functions.get(variable.owner);
      if (owner !== undefined && variable.owner !== by.id && running.runs(task, owner.id)) return objects.sharedByInstances(task, { fn: owner, path: site.channel });
      return variable.owner !== by.id || !by.blocks.some((block) => controlFlow(by).inLoop(block.id) && block.operations.some((operation) => (operation.op === 'declare' && operation.variable === variable) || (operation.op === 'make' && operation.result.root.kind === 'variable' && operation.result.root.variable === variable)));
    }

    /** A deferred close runs whichever way the receiver leaves, and it may leave before it has received everything. */
    function leavesEarly({ fn, point, channel }: ChannelSite): boolean {
      if (fn.blocks[point.block]?.operations[point.index]?.deferred !== true) return false;
      const name = classOf(channel);
      const receives = (summary.of(fn.id)?.events ?? []).flatMap((event) => (event.kind === 'receive' && classOf(event.channel) === name ? [event] : []));
      const avoid = receives.filter((event) => event.choice === 'none').map((event) => event.point);
      return receives.some((event) => wayOut(fn, { from: pointAfter(event), avoid, avoidArm: (arm) => receives.some((other) => other.operation === arm) }) !== undefined);
    }

    /** Its only caller makes the object and calls it once. `seen`: as far as calls are seen. */
    function calledOncePerObject({ fn, channel }: ChannelSite, seen = false): boolean {
      const [site, ...others] = graph.callers.get(fn.id) ?? [];
      if (site === undefined || others.length > 0 || (fn.exported && !seen) || graph.escaping.has(fn.id) || site.kind === 'runs' || channel.root.kind !== 'variable') return false;
      const value = site.operation.args[fn.params.indexOf(channel.root.variable)];
      return (value?.kind === 'path' || value?.kind === 'address') && value.path.root.kind === 'variable' && value.path.selectors.length === 0 && owned.isBornHere(value.path.root.variable) && !controlFlow(site.caller).inLoop(site.at.block);
    }

    function shareLock(a: ChannelSite, b: ChannelSite): boolean {
      return a.held.some((held) => b.held.some((other) => classOf(held.lock) !== undefined && classOf(held.lock) === classOf(other.lock)));
    }

    /** An arm that only limits the time says nothing about the channel's end. */
    function choiceOf(fn: Function, event: FlowEventOf<'send'>): ChannelUse['choice'] {
      const { terminator, operations } = fn.blocks[event.point.block]!;
      if (event.choice !== 'arms' || terminator.kind !== 'select' || event.point.index !== operations.length) return event.choice;
      const timed = (arm: SelectArm): boolean => {
        const { root, selectors } = arm.channel;
        const last = selectors.at(-1);
        if (last?.kind === 'field') return last.owner !== contextOwner && !program.records.has(last.owner);
        return root.kind === 'variable' && selectors.length === 0 && fn.blocks.some((block) => block.operations.some((operation) => operation.op === 'make' && operation.timed === true && operation.result.root.kind === 'variable' && operation.result.root.variable === root.variable));
      };
      return terminator.arms.every((arm) => arm === event.operation || timed(arm)) ? 'none' : 'arms';
    }

    function recovers(fn: Function): boolean {
      if (fn.closureOf !== undefined) {
        // A literal handed to a function that stops its panics.
        const sites = graph.callers.get(fn.id) ?? [];
        if (sites.length === 0 && stopsPanicsOf(program.functions.get(fn.closureOf), fn)) return true;
        if (sites.length > 0 && sites.every((site) => site.kind !== 'spawn' && site.caller.id !== fn.closureOf && stopsPanics(site.caller))) return true;
      }
      return stopsPanics(fn);
    }

    /** The literal goes to a function that is not seen and is named after what it does with panics. */
    function stopsPanicsOf(around: Function | undefined, fn: Function): boolean {
      const given = (value: Value): boolean => (value.kind === 'closure' && value.target === fn.id) || (value.kind === 'allocation' && (value.fields ?? []).some((field) => given(field.value)));
      return around?.blocks.some(({ operations }) => operations.some((operation) => operation.op === 'call' && (operation.callee.kind === 'library' || operation.callee.kind === 'unknown')
        && /panic|recover/i.test(operation.callee.kind === 'library' ? operation.callee.name : operation.callee.text) && operation.args.some(given))) === true;
    }

    function stopsPanics(fn: Function): boolean {
      return [fn, ...(graph.sites.get(fn.id) ?? []).flatMap((site) => site.targets.flatMap((id) => { const target = program.functions.get(id); return target?.closureOf === fn.id ? [target] : []; }))].some((one) => one.blocks.some((block) => block.operations.some((operation) => operation.op === 'recover')));
    }
  },
});

const start: Point = { block: 0 as Point['block'], index: -1 };

/** Calls followed up to who has made the object, and callers asked at each. */
const maxMakers = 3;
const maxCallers = 16;

function holdsLiteral(value: Value, literal: FunctionId): boolean {
  switch (value.kind) {
    case 'closure': return value.target === literal;
    case 'binary': return holdsLiteral(value.left, literal) || holdsLiteral(value.right, literal) || (value.appended ?? []).some((one) => holdsLiteral(one, literal));
    case 'allocation': return (value.fields ?? []).some((field) => holdsLiteral(field.value, literal));
    default: return false;
  }
}

function sameLocation(a: Location, b: Location): boolean {
  return a.file === b.file && a.line === b.line && a.column === b.column;
}

/** Whether the function, or that task of it, comes to the object again before the variable holds another one. */
function usedAfter(fn: Function, from: Point, variable: Variable, by?: Task): boolean {
  const seen = new Set<number>();
  const work: Point[] = [from];
  for (let at = work.pop(); at !== undefined; at = work.pop()) {
    const { operations, terminator } = fn.blocks[at.block]!;
    let replaced = false;
    for (let index = at.index + 1; index < operations.length && !replaced; index++) {
      const operation = operations[index]!;
      replaced = (operation.op === 'declare' && operation.variable === variable) || (operation.op === 'call' && operation.results.includes(variable))
        || (operation.op === 'write' && operation.path.selectors.length === 0 && operation.path.root.kind === 'variable' && operation.path.root.variable === variable);
      if (!replaced && (by === undefined ? pathsOf(operation).some((path) => path.root.kind === 'variable' && path.root.variable === variable) || valuesOf(operation).some((value) => mentions(value, variable)) : operation === by.spawn!.operation)) return true;
    }
    if (!replaced) for (const next of successors(terminator)) if (!seen.has(next)) { seen.add(next); work.push({ block: next, index: -1 }); }
  }
  return false;
}
