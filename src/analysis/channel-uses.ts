import { classOf, type AccessPath, type Function, type FunctionId, type Location } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { callGraph } from './call-graph.js';
import { controlFlow, type Point } from './control-flow.js';
import { entryLocks } from './entry-locks.js';
import type { ChannelUse } from './lock-flow.js';
import type { HeldLock } from './lock-state.js';
import { onceOnly } from './once.js';
import { ownership } from './ownership.js';
import { sharedObjects } from './shared-objects.js';
import { spawnOrder } from './spawn-order.js';
import { summaries } from './summaries.js';
import { mayOverlap, tasks, type Task } from './tasks.js';

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
}

export interface ChannelCollision { readonly channel: string; readonly first: ChannelSite; readonly second: ChannelSite; readonly firstTask: Task; readonly secondTask: Task; /** Two tasks of the program reach both sites; otherwise only callers from outside could. */ readonly proven: boolean }

export interface ChannelUses {
  readonly doubleCloses: readonly ChannelCollision[];
  readonly sendsAfterClose: readonly ChannelCollision[];
}

export const channelUses = defineAnalysis<ChannelUses>({
  name: 'channel-uses',
  run(program, resultOf) {
    const summary = resultOf(summaries);
    const entry = resultOf(entryLocks);
    const owned = resultOf(ownership);
    const running = resultOf(tasks);
    const order = resultOf(spawnOrder);
    const objects = resultOf(sharedObjects);
    const graph = resultOf(callGraph);
    const closes = new Map<string, ChannelSite[]>();
    const sends = new Map<string, ChannelSite[]>();
    const { runsOnce } = resultOf(onceOnly);
    for (const fn of program.functions.values()) {
      if (fn.test) continue;
      const inherited = entry.at(fn);
      for (const event of summary.of(fn.id)?.events ?? []) {
        if (event.kind !== 'close' && event.kind !== 'send') continue;
        const channel = event.kind === 'close' ? event.operation.channel : event.channel;
        const name = classOf(channel);
        if (name === undefined || owned.owns(fn, event.point, channel)) continue;
        const guarded = runsOnce(fn) || (event.kind === 'close' ? decidedAtomically(fn, event.point) || clearedAfter(fn, event.point, channel) : recovers(fn));
        const site: ChannelSite = { fn, point: event.point, at: event.operation.at, channel, held: [...inherited, ...event.locks.may], guarded, choice: event.kind === 'send' ? event.choice : 'none' };
        const table = event.kind === 'close' ? closes : sends;
        table.set(name, [...(table.get(name) ?? []), site]);
      }
    }
    const doubleCloses: ChannelCollision[] = [];
    const sendsAfterClose: ChannelCollision[] = [];
    for (const [channel, sites] of closes) {
      const open = sites.filter((site) => !site.guarded);
      open.forEach((first, index) => {
        for (const second of open.slice(index)) {
          if (shareLock(first, second) || (first === second && first.held.length > 0)) continue;
          const pair = overlap(first, second);
          if (pair !== undefined) { doubleCloses.push({ channel, first, second, ...pair }); break; }
        }
      });
      for (const send of sends.get(channel) ?? []) {
        if (send.guarded) continue;
        for (const close of sites) {
          if (shareLock(send, close)) continue;
          const pair = overlap(close, send);
          if (pair !== undefined) { sendsAfterClose.push({ channel, first: close, second: send, ...pair }); break; }
        }
      }
    }
    return { doubleCloses, sendsAfterClose };

    function overlap(a: ChannelSite, b: ChannelSite): { firstTask: Task; secondTask: Task; proven: boolean } | undefined {
      const home = homeOf(a) ?? homeOf(b);
      let outside: { firstTask: Task; secondTask: Task; proven: boolean } | undefined;
      for (const firstTask of running.running(a.fn.id)) for (const secondTask of running.running(b.fn.id)) {
        // Each call of the home function has a channel of its own: of its tasks only those it starts itself share it.
        if (home !== undefined && !startedWithin(firstTask, home) && !startedWithin(secondTask, home)) continue;
        if (!mayOverlap(firstTask, secondTask) || orderedSites(a, b, firstTask, secondTask)) continue;
        if (firstTask === secondTask && firstTask.kind === 'spawn' && !sharedByInstances(firstTask, a)) continue;
        if (firstTask.kind === 'outside' && secondTask.kind === 'outside') outside ??= { firstTask, secondTask, proven: false };
        // One close site in two tasks: that both close one channel, not each its own, shows when a task of the very object comes to it.
        else if (a === b && firstTask !== secondTask && ![firstTask, secondTask].some((task) => belongsTo(task, a))) outside ??= { firstTask, secondTask, proven: false };
        else return { firstTask, secondTask, proven: true };
      }
      return outside;
    }

    /** The function whose call makes the channel: it holds a local channel, or an object made in it. */
    function homeOf(site: ChannelSite): FunctionId | undefined {
      if (site.channel.root.kind !== 'variable') return undefined;
      const { variable } = site.channel.root;
      return variable.kind !== 'global' && (site.channel.selectors.length === 0 || owned.isBornHere(variable)) ? variable.owner : undefined;
    }

    /** The task is started by a method of the object whose channel it closes. */
    function belongsTo(task: Task, site: ChannelSite): boolean {
      const anchor = task.spawn === undefined ? undefined : objects.anchorOf(task, { fn: site.fn, path: site.channel });
      return anchor !== undefined && anchor.depth > 0 && task.spawn?.by.receiver !== undefined && task.spawn.by.params[0] === anchor.variable;
    }

    function startedWithin(task: Task, home: FunctionId): boolean {
      for (let fn: Function | undefined = task.spawn?.by; fn !== undefined; fn = fn.closureOf === undefined ? undefined : program.functions.get(fn.closureOf)) if (fn.id === home) return true;
      return false;
    }

    function orderedSites(a: ChannelSite, b: ChannelSite, aTask: Task, bTask: Task): boolean {
      return order.before(a.fn, a.point, bTask) || order.before(b.fn, b.point, aTask) || order.after(a.fn, a.point, bTask) || order.after(b.fn, b.point, aTask);
    }

    /** A channel made inside the loop, or passed by the loop's own variable, belongs to one instance. */
    function sharedByInstances(task: Task, site: ChannelSite): boolean {
      if (site.channel.root.kind !== 'variable' || task.spawn === undefined) return false;
      const { variable } = site.channel.root;
      if (variable.kind === 'global') return true;
      if (variable.owner === site.fn.id) return false;
      const by = task.spawn.by;
      return variable.owner !== by.id || !by.blocks.some((block) => controlFlow(by).inLoop(block.id) && block.operations.some((operation) => (operation.op === 'declare' && operation.variable === variable) || (operation.op === 'make' && operation.result.root.kind === 'variable' && operation.result.root.variable === variable)));
    }

    function shareLock(a: ChannelSite, b: ChannelSite): boolean {
      return a.held.some((held) => b.held.some((other) => classOf(held.lock) !== undefined && classOf(held.lock) === classOf(other.lock)));
    }

    function decidedAtomically(fn: Function, point: Point): boolean {
      return fn.blocks.some((block) => block.operations.some((operation, index) => operation.op === 'write' && operation.atomic && (operation.updates === true || operation.expects !== undefined || operation.result !== undefined) && controlFlow(fn).dominates({ block: block.id, index }, point)));
    }

    /** `c.ch = nil` or a new channel after the close: closing again finds another. */
    function clearedAfter(fn: Function, point: Point, channel: AccessPath): boolean {
      const name = classOf(channel);
      return fn.blocks.some((block) => block.operations.some((operation, index) => (operation.op === 'write' || operation.op === 'make') && classOf(operation.op === 'write' ? operation.path : operation.result) === name && controlFlow(fn).reaches(point, { block: block.id, index })));
    }

    function recovers(fn: Function): boolean {
      return [fn, ...(graph.sites.get(fn.id) ?? []).flatMap((site) => site.targets.flatMap((id) => { const target = program.functions.get(id); return target?.closureOf === fn.id ? [target] : []; }))].some((one) => one.blocks.some((block) => block.operations.some((operation) => operation.op === 'recover')));
    }
  },
});
