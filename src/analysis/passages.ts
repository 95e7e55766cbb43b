import { classOf, contextOwner, type AccessPath, type Function, type Value } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { callGraph, targetsOf } from './call-graph.js';
import { controlFlow, type Point } from './control-flow.js';
import { counterClasses, isLowering } from './counter-classes.js';
import { flowEvents } from './flow-events.js';
import { pointAfter, type FlowEvent, type FlowEventOf } from './lock-flow.js';
import type { HeldLock } from './lock-state.js';
import { toCaller } from './substitution.js';
import { tasks, type Task } from './tasks.js';
import { wayOut } from './ways.js';

/**
 * What keeps a point from being passed twice, or after the end? An atomic change whose old value decides, a flag that is
 * asked and set under one lock, either of them in a callee whose answer decides; and what the way to the point has waited
 * for. Leans to "kept": that the flag is never taken back is not asked.
 */
export interface Passages {
  /** Only one caller comes through to the point. */
  readonly decided: (fn: Function, point: Point) => boolean;
  /** Classes of what is changed in one step, with the old value asked for, on every way to the point. */
  readonly deciders: (fn: Function, point: Point) => readonly (string | undefined)[];
  /** The same, and of the flags that are asked and set under one lock. */
  readonly flags: (fn: Function, point: Point) => ReadonlySet<string>;
  /** `if flag.Load() { return }; flag.Store(true)`: asked, then set, with room for another task between. */
  readonly inTwoSteps: (fn: Function, point: Point) => boolean;
  /** The place is written again afterwards: who comes next finds something else there. */
  readonly clearedAfter: (fn: Function, point: Point, path: AccessPath) => boolean;
  /** A flag is set under a lock before the one point, and asked under that lock, still held, before the other. */
  readonly announced: (end: Function, at: Point, use: Function, point: Point) => boolean;
  /**
   * On its way to the point the task has waited for others: their end may be what it waited for. Calls that are `over` in time
   * need not wait. A counter that is lowered in sight, and never by `other`, says nothing of that one's end.
   */
  readonly waitsBefore: (task: Task, fn: Function, point: Point, channel: string, over: (fn: Function, point: Point) => boolean, other: Task) => boolean;
}

/** Calls followed up and down for what the task has waited for. */
const maxDepth = 3;

export const passages = defineAnalysis<Passages>({
  name: 'passages',
  run(program, resultOf) {
    const graph = resultOf(callGraph);
    const running = resultOf(tasks);
    const { of: eventsOf, all } = resultOf(flowEvents);
    const lowering = new Map<string, Function[]>();

    return { decided, deciders, flags, inTwoSteps, clearedAfter, announced, waitsBefore };

    function decided(fn: Function, point: Point): boolean {
      const asked = (write: FlowEventOf<'access'>): boolean => askedInSection(fn, write, point);
      // Whether no way misses the write costs more than all else, and few writes are asked for.
      return deciders(fn, point).length > 0 || flagsSet(fn, point).some(asked) || flagsSetBehind(fn, point).some((write) => asked(write) && wayOut(fn, { from: point, avoid: [write.point] }) === undefined) || answered(fn, point);
    }

    function deciders(fn: Function, point: Point): readonly (string | undefined)[] {
      return fn.blocks.flatMap((block) => block.operations.flatMap((operation, index) => (operation.op === 'write' && operation.atomic && (operation.updates === true || operation.expects !== undefined || operation.result !== undefined) && controlFlow(fn).dominates({ block: block.id, index }, point) ? [classOf(operation.path)] : [])));
    }

    function flags(fn: Function, point: Point): ReadonlySet<string> {
      const set = flagsSet(fn, point).filter((write) => askedInSection(fn, write, point)).map(({ operation: { path } }) => classOf(path));
      return new Set([...deciders(fn, point), ...set].flatMap((name) => name ?? []));
    }

    /** `if err := s.stop(); err != nil { return err }`: the callee lets one through and sends the others back. */
    function answered(fn: Function, point: Point): boolean {
      const flow = controlFlow(fn);
      return (graph.sites.get(fn.id) ?? []).some((site) => {
        if (site.kind !== 'call' || !site.certain || site.operation.op !== 'call' || !flow.dominates(site.at, point)) return false;
        const results = new Set(site.operation.results);
        for (const operation of fn.blocks[site.at.block]!.operations.slice(site.at.index)) if (operation.op === 'write' && operation.path.selectors.length === 0 && operation.path.root.kind === 'variable' && operation.value.kind === 'path' && operation.value.path.root.kind === 'variable' && results.has(operation.value.path.root.variable)) results.add(operation.path.root.variable);
        if (results.size === 0 || !turnsBack(fn, point, (value) => value.kind === 'path' && value.path.root.kind === 'variable' && results.has(value.path.root.variable))) return false;
        const callee = program.functions.get(site.targets[0]!)!;
        return callee !== fn && callee.blocks.some(({ operations, terminator }) => operations.some((operation) => operation.op === 'write' && operation.atomic && operation.expects !== undefined) && terminator.kind === 'branch');
      });
    }

    /** Plain fields that are written under a lock on every way to the point. */
    function flagsSet(fn: Function, point: Point): readonly FlowEventOf<'access'>[] {
      const flow = controlFlow(fn);
      return eventsOf(fn.id).filter((event): event is FlowEventOf<'access'> => event.kind === 'access' && event.operation.op === 'write' && !event.operation.atomic && event.locks.must.length > 0 && flow.dominates(event.point, point));
    }

    /** The same, set behind the point, on some way at least: `if s.over { return }; close(s.stop); s.over = true`, all under one lock. */
    function flagsSetBehind(fn: Function, point: Point): readonly FlowEventOf<'access'>[] {
      const flow = controlFlow(fn);
      return eventsOf(fn.id).filter((event): event is FlowEventOf<'access'> => event.kind === 'access' && event.operation.op === 'write' && !event.operation.atomic && event.locks.must.length > 0 && flow.reaches(point, event.point) && !flow.reaches(event.point, point));
    }

    /** The field is asked under the same lock, with no release before it is set; one answer does not come to the point. */
    function askedInSection(fn: Function, write: FlowEventOf<'access'>, point: Point): boolean {
      const flow = controlFlow(fn);
      const name = classOf(write.operation.path);
      if (name === undefined) return false;
      const isField = (value: Value): boolean => value.kind === 'path' && classOf(value.path) === name;
      // `over := s.over; s.over = true; unlock; if over { return }`
      const copies = new Set(fn.blocks.flatMap(({ operations }) => operations.flatMap((operation) => (operation.op === 'write' && operation.path.selectors.length === 0 && operation.path.root.kind === 'variable' && operation.path.root.variable.assignments === 1 && mentions(operation.value, isField) ? [operation.path.root.variable] : []))));
      const isCopy = (value: Value): boolean => value.kind === 'path' && value.path.root.kind === 'variable' && value.path.selectors.length === 0 && copies.has(value.path.root.variable);
      if (!turnsBack(fn, point, isField, write.point) && !turnsBack(fn, point, isCopy)) return false;
      return eventsOf(fn.id).some((read) => read.kind === 'access' && read.operation.op === 'read' && classOf(read.operation.path) === name && flow.dominates(read.point, write.point) && sharesLock(read.locks.must, write.locks.must)
        && !eventsOf(fn.id).some((event) => event.kind === 'release' && event.operation.deferred !== true && flow.reaches(read.point, event.point) && flow.reaches(event.point, write.point)));
    }

    /** A branch on the way to the point asks such a value, and one of its ways does not come to the point. */
    function turnsBack(fn: Function, point: Point, asked: (value: Value) => boolean, before: Point = point): boolean {
      const flow = controlFlow(fn);
      return fn.blocks.some(({ id, operations, terminator }) => terminator.kind === 'branch' && mentions(terminator.condition, asked) && flow.dominates({ block: id, index: operations.length }, before)
        && [terminator.onTrue, terminator.onFalse].some((to) => to !== point.block && !flow.reaches({ block: to, index: -1 }, point)));
    }

    function inTwoSteps(fn: Function, point: Point): boolean {
      const flow = controlFlow(fn);
      const stores = fn.blocks.flatMap((block) => block.operations.flatMap((operation, index) => (operation.op === 'write' && operation.atomic && operation.updates !== true && operation.expects === undefined && flow.dominates({ block: block.id, index }, point) ? [{ name: classOf(operation.path), at: { block: block.id, index } }] : [])));
      if (stores.length === 0) return false;
      const asked = (name: string | undefined, of: Function): readonly Point[] => of.blocks.flatMap((block) => block.operations.flatMap((operation, index) => (operation.op === 'read' && operation.atomic && name !== undefined && classOf(operation.path) === name ? [{ block: block.id, index }] : [])));
      const through = (name: string | undefined): readonly Point[] => (graph.sites.get(fn.id) ?? []).flatMap((site) => (site.kind === 'call' && site.certain && asked(name, program.functions.get(site.targets[0]!)!).length > 0 ? [site.at] : []));
      // Asked and set under one lock, the two steps are one.
      const locked = eventsOf(fn.id).filter((event) => event.kind === 'acquire').map((event) => event.point);
      return stores.some(({ name, at }) => [...asked(name, fn), ...through(name)].some((ask) => flow.dominates(ask, at) && !locked.some((lock) => flow.dominates(lock, ask))));
    }

    function clearedAfter(fn: Function, point: Point, path: AccessPath): boolean {
      const name = classOf(path);
      return fn.blocks.some((block) => block.operations.some((operation, index) => (operation.op === 'write' || operation.op === 'make') && classOf(operation.op === 'write' ? operation.path : operation.result) === name && controlFlow(fn).reaches(point, { block: block.id, index })));
    }

    function announced(end: Function, at: Point, use: Function, point: Point): boolean {
      return flagsSet(end, at).some((write) => {
        const name = classOf(write.operation.path);
        const locks = write.locks.must.filter(({ mode }) => mode === 'exclusive');
        return name !== undefined && locks.length > 0 && eventsOf(use.id).some((read) => read.kind === 'access' && read.operation.op === 'read' && classOf(read.operation.path) === name && controlFlow(use).dominates(read.point, point) && sharesLock(read.locks.must, locks))
          && eventsOf(use.id).some((event) => event.kind === 'send' && event.point.block === point.block && event.point.index === point.index && sharesLock(event.locks.must, locks))
          && turnsBack(use, point, (value) => value.kind === 'path' && classOf(value.path) === name);
      });
    }

    function waitsBefore(task: Task | undefined, fn: Function, point: Point, channel: string, over: (fn: Function, point: Point) => boolean, other: Task, depth = 0): boolean {
      const flow = controlFlow(fn);
      if (eventsOf(fn.id).some((event) => flow.dominates(placeOf(event), point) && waits(fn, event, channel, other, 0))) return true;
      if (depth >= maxDepth) return false;
      if (task?.spawn !== undefined && task.start.includes(fn.id)) return waitsBefore(undefined, task.spawn.by, task.spawn.point, channel, over, other, depth + 1);
      const sites = (graph.callers.get(fn.id) ?? []).filter((site) => site.kind !== 'spawn' && !site.caller.test && (task === undefined || running.runs(task, site.caller.id)));
      return sites.length > 0 && sites.every((site) => waitsBefore(task, site.caller, site.at, channel, over, other, depth + 1) || over(site.caller, site.at));
    }

    /** The task, or one that may wait for it, lowers the counter: not, where all that lower it are seen and none of those that have started it runs them. */
    function mayLower(task: Task, names: readonly string[], depth = 0): boolean {
      if (lowering.size === 0) for (const { fn, event } of all('signal')) {
        if (event.operation.what !== 'counter' || !isLowering(event.operation)) continue;
        // A counter that is handed over is known to whoever waits by the name that the caller has for it.
        const given = (graph.callers.get(fn.id) ?? []).flatMap((site) => toCaller(event.operation.on, fn, site.operation.args) ?? []);
        for (const name of new Set([event.operation.on, ...given].map(classOf))) if (name !== undefined) lowering.set(name, [...(lowering.get(name) ?? []), fn]);
      }
      const found = names.flatMap((name) => lowering.get(name) ?? []);
      if (found.length === 0 || found.some((fn) => running.runs(task, fn.id))) return true;
      return task.spawn !== undefined && (depth >= maxDepth || running.running(task.spawn.by.id).some((starter) => starter !== task && mayLower(starter, names, depth + 1)));
    }

    function waits(fn: Function, event: FlowEvent, channel: string, other: Task, depth: number): boolean {
      switch (event.kind) {
        case 'wait': return (event.operation.what === 'counter' && mayLower(other, counterClasses(fn, event.operation.on))) || event.operation.what === 'task';
        case 'receive': return depth === 0 && event.choice !== 'default' && classOf(event.channel) !== channel && !isContext(event.channel);
        case 'call': {
          const { callee } = event.operation;
          const { targets, certain } = targetsOf(callee);
          // `closer.SignalAndWait()`, `throttle.Finish()`: it is not seen what the library waits for, and its name says that it does.
          if (callee.kind === 'library' || callee.kind === 'unknown') return event.operation.op === 'call' && saysThatItWaits.test(callee.kind === 'library' ? callee.name : callee.text);
          return event.operation.op === 'call' && certain && depth < maxDepth && eventsOf(targets[0]!).some((inner) => waits(program.functions.get(targets[0]!)!, inner, channel, other, depth + 1));
        }
        default: return false;
      }
    }
  },
});

/** The last word of the name. */
const saysThatItWaits = /(?:wait|finish|drain)[^.]*$/i;

/** An arm of a select is passed where its block begins. */
function placeOf(event: FlowEvent): Point {
  return event.kind === 'receive' ? pointAfter(event) : event.point;
}

function isContext(path: AccessPath): boolean {
  const last = path.selectors.at(-1);
  return last?.kind === 'field' && last.owner === contextOwner;
}

function sharesLock(a: readonly HeldLock[], b: readonly HeldLock[]): boolean {
  return a.some((held) => b.some((other) => classOf(held.lock) !== undefined && classOf(held.lock) === classOf(other.lock)));
}

function mentions(value: Value, asked: (value: Value) => boolean): boolean {
  if (asked(value)) return true;
  if (value.kind === 'not') return mentions(value.operand, asked);
  return value.kind === 'binary' && (mentions(value.left, asked) || mentions(value.right, asked));
}
