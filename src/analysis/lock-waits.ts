import { classOf, pathKey, variableAt, type AccessPath, type Function, type Location, type LockMode, type Value } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { blocking, type BlockedLock, type BlockingEvent } from './blocking.js';
import { callGraph } from './call-graph.js';
import { controlFlow, type Point } from './control-flow.js';
import { isLowering } from './counter-classes.js';
import { entryLocks } from './entry-locks.js';
import { flowEvents } from './flow-events.js';
import type { CallChain } from './lock-state.js';
import { operations } from './operations.js';
import { ownership } from './ownership.js';
import { spawnOrder } from './spawn-order.js';
import { summaries } from './summaries.js';
import { mayOverlap, tasks, type Task } from './tasks.js';
import { fieldOf } from './types.js';

/**
 * Who waits, with a lock held, for somebody who needs that lock before he can end the wait? Channels, counters and
 * locks are matched by class, and must hang on one object on each side. Of a channel every site that could end the
 * wait must need the lock, of a counter one is enough: all have to report. A site nobody resolved ends the question.
 * Idea: Infer's critical pairs, with the other half of the communication as the second lock.
 */
export interface LockWait {
  readonly kind: 'channel' | 'join';
  readonly waiter: BlockedLock;
  /** The site that would end the wait. */
  readonly peer: PeerSite;
  readonly need: Need;
  /** The channel has room for this many before a send waits; undefined when it is not known, or nothing is sent. */
  readonly capacity: number | 'unknown' | undefined;
}

export interface PeerSite { readonly fn: Function; readonly point: Point; readonly at: Location; readonly text: string; readonly on: AccessPath; readonly ends: 'send' | 'receive' | 'close' | 'signal' | 'task' }

/** The peer's acquire of the lock on its way. `held`: it has the lock at the site itself. */
export interface Need { readonly fn: Function; readonly at: Location; readonly lock: AccessPath; readonly mode: LockMode; readonly chain: CallChain; readonly held: boolean }

/** Callers of the peer's function that are searched for the acquire. */
const maxCallers = 3;

export const lockWaits = defineAnalysis<readonly LockWait[]>({
  name: 'lock-waits',
  run(program, resultOf) {
    const summary = resultOf(summaries);
    const graph = resultOf(callGraph);
    const entry = resultOf(entryLocks);
    const owned = resultOf(ownership);
    const running = resultOf(tasks);
    const order = resultOf(spawnOrder);
    const waiters = resultOf(blocking).underLock.filter(({ event }) => event.on !== undefined && classOf(event.on) !== undefined && ['send', 'receive', 'counter', 'group'].includes(event.what));
    if (waiters.length === 0) return [];
    const { of: eventsOf, functionsWith } = resultOf(flowEvents);
    const { functionsWith: functionsDoing } = resultOf(operations);
    // What somebody waits for under a lock is little of what is ever sent, received or counted.
    const names = new Set(waiters.map(({ event }) => classOf(event.on!)!));
    const peers = peerSites();
    const capacities = channelCapacities();
    const found: LockWait[] = [];
    for (const waiter of waiters) {
      const { fn, held, event } = waiter;
      const name = classOf(event.on!)!;
      if (fn.generated || owned.owns(fn, event.point, held.lock) || !related(held.lock, event.on!)) continue;
      const ends = (peers.get(name) ?? []).filter((site) => endsWait(event, site) && (!site.fn.test || fn.test));
      const ready = event.what === 'send' ? capacities.get(name) : undefined;
      const needs = ends.map((peer) => ({ peer, need: needOf(waiter, peer) }));
      const joins = event.what === 'counter' || event.what === 'group';
      const certain = joins ? needs.find(({ need }) => need !== undefined) : needs.every(({ need }) => need !== undefined) ? needs[0] : undefined;
      if (certain?.need === undefined) continue;
      // A channel that somebody unseen may serve proves nothing.
      if (!joins && (capacities.get(name) === 'foreign' || leaks(event.on!))) continue;
      if (typeof ready === 'number' && ready > 0 && sendsOnce(fn, event)) continue;
      const closes = ends.length > 0 && ends.every((site) => site.ends === 'close');
      found.push({ kind: joins || closes ? 'join' : 'channel', waiter, peer: certain.peer, need: certain.need, capacity: ready === 'foreign' ? 'unknown' : event.what === 'send' ? ready ?? 'unknown' : undefined });
    }
    return found;

    /** Everything that can end a wait, by the class of what is waited for. */
    function peerSites(): Map<string, PeerSite[]> {
      const sites = new Map<string, PeerSite[]>();
      const add = (site: PeerSite): void => {
        const name = classOf(site.on);
        if (name === undefined || !names.has(name)) return;
        const known = sites.get(name);
        if (known === undefined) sites.set(name, [site]); else known.push(site);
      };
      const able = new Set([...functionsWith('send', 'receive', 'close', 'signal'), ...functionsDoing('spawn')]);
      for (const fn of program.functions.values()) for (const event of able.has(fn) ? eventsOf(fn.id) : []) {
        const { point } = event;
        if (event.kind === 'send' || event.kind === 'receive') add({ fn, point, at: event.operation.at, on: event.channel, ends: event.kind, text: event.kind === 'send' ? 'sends' : 'receives' });
        else if (event.kind === 'close') add({ fn, point, at: event.operation.at, on: event.operation.channel, ends: 'close', text: 'closes it' });
        else if (event.kind === 'signal' && event.operation.what === 'counter' && isLowering(event.operation)) add({ fn, point, at: event.operation.at, on: event.operation.on, ends: 'signal', text: 'reports that it is done' });
        else if (event.kind === 'call' && event.operation.op === 'spawn' && event.operation.group !== undefined) {
          for (const site of summary.sitesAt(event.operation)) for (const target of site.certain ? site.targets : []) {
            const task = program.functions.get(target)!;
            for (const exit of eventsOf(target)) if (exit.kind === 'exit') add({ fn: task, point: exit.point, at: exit.terminator.at, on: event.operation.group, ends: 'task', text: 'ends' });
          }
        }
      }
      return sites;
    }

    function endsWait(event: BlockingEvent, site: PeerSite): boolean {
      if (event.what === 'send') return site.ends === 'receive';
      if (event.what === 'receive') return site.ends === 'send' || site.ends === 'close';
      return site.ends === 'signal' || site.ends === 'task';
    }

    /** The acquire that stands between the peer and its site, when both run in tasks that can overlap. */
    function needOf(waiter: BlockedLock, peer: PeerSite): Need | undefined {
      // Who receives where he sends makes room before he fills it.
      if (peer.fn.name === waiter.event.function || isOfOneCall(waiter, peer)) return undefined;
      const lockName = classOf(waiter.held.lock);
      if (lockName === undefined || !together(waiter, peer)) return undefined;
      const wanted = (lock: AccessPath, mode: LockMode): boolean => classOf(lock) === lockName && (mode === 'exclusive' || waiter.held.mode === 'exclusive') && related(lock, peer.on) && sameObject(waiter.held.lock, lock);
      const atSite = [...entry.at(peer.fn), ...(eventsOf(peer.fn.id).find((event) => event.point.block === peer.point.block && event.point.index === peer.point.index)?.locks.must ?? [])].find((held) => classOf(held.lock) === lockName && wanted(held.lock, held.mode));
      if (atSite !== undefined) return { fn: peer.fn, at: atSite.at, lock: atSite.lock, mode: atSite.mode, chain: [], held: true };
      return acquireBefore(peer, peer.fn, peer.point, wanted, 0);
    }

    /** The waiter comes by a call of the very function that makes the channel: another call of it ends the wait for a channel of its own. */
    function isOfOneCall({ fn, event }: BlockedLock, { fn: home, on }: PeerSite): boolean {
      const made = variableAt(on);
      return made?.kind === 'local' && made.owner === home.id && (fn === home || event.chain.some(({ callee }) => callee === home.name));
    }

    /** Points of a function, calls included, where the counter is raised: what comes before belongs to no wait that is under way. */
    function raises(fn: Function, name: string, depth = 0): readonly Point[] {
      return eventsOf(fn.id).flatMap((event) => {
        if (event.kind === 'signal') return event.operation.what === 'counter' && classOf(event.operation.on) === name && !isLowering(event.operation) ? [event.point] : [];
        if (event.kind !== 'call' || event.operation.op === 'spawn' || depth > 2) return [];
        return summary.sitesAt(event.operation).some((site) => site.certain && site.targets.some((id) => raises(program.functions.get(id)!, name, depth + 1).length > 0)) ? [event.point] : [];
      });
    }

    /** Who closes a channel after he has sent on it sends once: room for one is enough. */
    function sendsOnce(fn: Function, event: BlockingEvent): boolean {
      return event.chain.length === 0 && eventsOf(fn.id).some((one) => one.kind === 'close' && classOf(one.operation.channel) === classOf(event.on!) && controlFlow(fn).reaches(event.point, one.point));
    }

    function acquireBefore(peer: PeerSite, fn: Function, point: Point, wanted: (lock: AccessPath, mode: LockMode) => boolean, depth: number): Need | undefined {
      const flow = controlFlow(fn);
      const counted = peer.ends === 'signal' ? raises(fn, classOf(peer.on)!) : [];
      for (const event of eventsOf(fn.id)) {
        if (counted.length > 0 ? counted.some((one) => one.block === event.point.block && one.index === event.point.index) || !flow.reachesAvoiding(event.point, point, counted) : !flow.reaches(event.point, point)) continue;
        if (event.kind === 'acquire' && !event.operation.tries && wanted(event.operation.lock, event.operation.mode)) return { fn, at: event.operation.at, lock: event.operation.lock, mode: event.operation.mode, chain: [], held: false };
        if (event.kind !== 'call' || event.operation.op === 'spawn') continue;
        for (const site of summary.sitesAt(event.operation)) for (const acquired of summary.acquiresAt(site)) {
          if (wanted(acquired.lock, acquired.mode)) return { fn, at: acquired.at, lock: acquired.lock, mode: acquired.mode, chain: acquired.chain, held: false };
        }
      }
      if (depth >= maxCallers) return undefined;
      const sites = (graph.callers.get(fn.id) ?? []).filter((site) => site.kind === 'call' && (!site.caller.test || fn.test));
      if (sites.length !== 1 || fn.exported) return undefined;
      const before = acquireBefore(peer, sites[0]!.caller, sites[0]!.at, wanted, depth + 1);
      return before;
    }

    /** Asked for the moment before the wait: the wait itself is what would put the peer in order. What the waiter's task told the peer earlier does not end the wait. */
    function together(waiter: BlockedLock, peer: PeerSite): boolean {
      const { fn, event } = waiter;
      return running.running(fn.id).some((left) => running.running(peer.fn.id).some((right) => left !== right && mayOverlap(left, right) && !ordered(fn, { block: event.point.block, index: event.point.index - 1 }, right) && !order.before(peer.fn, peer.point, left)));
    }

    function ordered(fn: Function, point: Point, task: Task): boolean {
      return order.before(fn, point, task) || order.after(fn, point, task);
    }

    /** The channel is an argument of code that is not seen, or kept under a second name. */
    function leaks(channel: AccessPath): boolean {
      return channel.root.kind === 'variable' && channel.selectors.length === 0 && channel.root.variable.kind === 'parameter';
    }

    /** Room of each class of channel: the largest ever made, `unknown` when it is computed, `foreign` when code that is not seen may use the channel. */
    function channelCapacities(): Map<string, number | 'unknown' | 'foreign'> {
      const room = new Map<string, number | 'unknown' | 'foreign'>();
      const note = (name: string | undefined, capacity: number | 'unknown' | 'foreign'): void => {
        if (name === undefined || !names.has(name)) return;
        const known = room.get(name);
        if (known === undefined || capacity === 'foreign' || (known !== 'foreign' && (capacity === 'unknown' || (known !== 'unknown' && capacity > known)))) room.set(name, capacity);
      };
      for (const fn of functionsDoing('make', 'channel-value')) {
        const made = new Map<string, number | 'unknown' | 'foreign'>();
        const literal = (value: Value): void => {
          if (made.size > 0 && value.kind === 'allocation' && value.type.kind === 'record') for (const field of value.fields ?? []) if (field.value.kind === 'path') {
            const capacity = made.get(pathKey(field.value.path));
            if (capacity !== undefined) note(`${value.type.name}.${field.name}`, capacity);
          }
        };
        for (const block of fn.blocks) {
          for (const operation of block.operations) if (operation.op === 'make' && operation.what === 'channel') {
            const capacity = operation.timed === true ? 'foreign' : operation.capacity === undefined ? 0 : operation.capacity.kind === 'constant' && typeof operation.capacity.value === 'number' ? operation.capacity.value : 'unknown';
            made.set(pathKey(operation.result), capacity);
            note(classOf(operation.result), capacity);
          } else if (operation.op === 'write') {
            const target = operation.path;
            if (made.size > 0 && operation.value.kind === 'path') { const capacity = made.get(pathKey(operation.value.path)); if (capacity !== undefined) { made.set(pathKey(target), capacity); note(classOf(target), capacity); } }
            literal(operation.value);
          } else if (operation.op === 'call' && operation.callee.kind !== 'static') {
            for (const value of operation.args) if (value.kind === 'path' && isChannel(value.path)) note(classOf(value.path), 'foreign');
          }
          if (block.terminator.kind === 'return') for (const value of block.terminator.values) literal(value);
        }
      }
      return room;
    }

    function isChannel(path: AccessPath): boolean {
      const last = path.selectors.at(-1);
      if (last === undefined) return path.root.kind === 'variable' && path.root.variable.type.kind === 'channel';
      return last.kind === 'field' && fieldOf(program.records.get(last.owner), last.name)?.type.kind === 'channel';
    }
  },
});

/** Lock and channel hang on one object, or one of them on nothing that could have several. */
function related(lock: AccessPath, other: AccessPath): boolean {
  if (lock.root.kind !== 'variable' || other.root.kind !== 'variable') return false;
  return lock.root.variable === other.root.variable || isSingle(lock) || isSingle(other);
}

/** A variable that both sides name as such is one location; fields agree by class. */
function sameObject(a: AccessPath, b: AccessPath): boolean {
  return !(isPlace(a) && isPlace(b)) || pathKey(a) === pathKey(b);
}

/** The lock is a variable itself, or hangs on one of the package: what hangs on a local may hang on others too. */
function isPlace(path: AccessPath): boolean {
  return path.root.kind === 'variable' && (path.selectors.length === 0 || path.root.variable.kind === 'global');
}

function isSingle(path: AccessPath): boolean {
  return path.root.kind === 'variable' && (path.selectors.length === 0 || path.root.variable.kind === 'global' || path.root.variable.captured);
}
