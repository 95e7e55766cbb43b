import type { Function, FunctionId, Location, OperationOf, Program } from '../ir/index.js';
import { defineAnalysis, type ResultOf } from './analysis.js';
import { callGraph, type CallGraph } from './call-graph.js';
import { controlFlow, type Point } from './control-flow.js';
import { isSpent } from './spent-arms.js';

/**
 * Which tasks can run a function? A task is where execution starts: a spawn, a handler, the program, a test,
 * or a caller from outside. Over-approximates: what is reachable from a start is run by it.
 */
export interface Task {
  readonly id: number;
  readonly kind: 'spawn' | 'outside' | 'main' | 'initializer' | 'test' | 'handler';
  /** Present for spawns: where, in which function, how. */
  readonly spawn?: { readonly operation: OperationOf<'spawn'>; readonly by: Function; readonly point: Point };
  /** Several instances may run at the same time. */
  readonly multiple: boolean;
  readonly start: readonly FunctionId[];
  /** It runs a method: one loop of its object. */
  readonly ofObject: boolean;
}

export interface Tasks {
  readonly tasks: readonly Task[];
  /** Tasks that may run the function; ascending ids. */
  readonly running: (id: FunctionId) => readonly Task[];
  readonly runs: (task: Task, id: FunctionId) => boolean;
  /** Whether the task starts with this function: the one for callers from outside has thousands of them. */
  readonly startsWith: (task: Task, id: FunctionId) => boolean;
  /** Functions on a shortest way from where the task starts to the function, both included. */
  readonly wayTo: (task: Task, id: FunctionId) => readonly FunctionId[];
  /** Tasks a function starts, in order. */
  readonly startedBy: (id: FunctionId) => readonly Task[];
}

/** A dynamic call with more candidates says nothing about who really runs them, unless they stand in the table that is called and nowhere else. */
const maxCandidates = 3;

/** More tasks than this in one function say nothing new: any two of them may overlap. */
export const maxTasksPerFunction = 48;

const nobody: readonly Task[] = [];

export const tasks = defineAnalysis<Tasks>({
  name: 'tasks',
  run(program, resultOf) {
    const graph = resultOf(callGraph);
    const all = collect(program, graph);
    const running = new Map<FunctionId, Task[]>();
    for (const task of all) spread(task, graph, running);
    const started = new Map<FunctionId, Task[]>();
    for (const task of all) if (task.spawn !== undefined) started.set(task.spawn.by.id, [...(started.get(task.spawn.by.id) ?? []), task]);
    const startSets = new Map<Task, ReadonlySet<FunctionId>>();
    const startsOf = (task: Task): ReadonlySet<FunctionId> => {
      let starts = startSets.get(task);
      if (starts === undefined) startSets.set(task, starts = new Set(task.start));
      return starts;
    };
    const wayTo = (task: Task, id: FunctionId): readonly FunctionId[] => {
      const starts = startsOf(task);
      const next = new Map<FunctionId, FunctionId | undefined>([[id, undefined]]);
      const queue = [id];
      for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
        if (starts.has(at)) {
          const way = [at];
          for (let step = next.get(at); step !== undefined; step = next.get(step)) way.push(step);
          return way;
        }
        for (const site of graph.callers.get(at) ?? []) if (site.kind !== 'spawn' && !next.has(site.caller.id)) { next.set(site.caller.id, at); queue.push(site.caller.id); }
      }
      return [id];
    };
    const sets = new Map<FunctionId, ReadonlySet<Task>>();
    const runs = (task: Task, id: FunctionId): boolean => {
      const list = running.get(id);
      if (list === undefined || list.length < 4) return list?.includes(task) ?? false;
      let set = sets.get(id);
      if (set === undefined) sets.set(id, set = new Set(list));
      return set.has(task);
    };
    return { tasks: all, wayTo, startsWith: (task, id) => startsOf(task).has(id), runs, running: (id) => running.get(id) ?? nobody, startedBy: (id) => started.get(id) ?? [] };
  },
});

function collect(program: Program, graph: CallGraph): Task[] {
  const all: Task[] = [];
  const outside: FunctionId[] = [];
  for (const fn of program.functions.values()) {
    // A handler whose registration is seen runs from there on, not at any time.
    if (fn.role === 'handler' && (graph.callers.get(fn.id) ?? []).some((site) => site.kind === 'spawn')) continue;
    if (fn.role !== undefined) all.push({ id: all.length, kind: fn.role, multiple: fn.role === 'handler', start: [fn.id], ofObject: false });
    else if (isOutside(fn, graph)) outside.push(fn.id);
  }
  if (outside.length > 0) all.push({ id: all.length, kind: 'outside', multiple: true, start: outside, ofObject: false });
  for (const list of graph.sites.values()) for (const site of list) {
    if (site.kind !== 'spawn' || site.operation.op !== 'spawn') continue;
    const multiple = site.operation.repeated === true || (controlFlow(site.caller).inLoop(site.at.block) && !isSpent(site.caller, site.at));
    all.push({ id: all.length, kind: 'spawn', spawn: { operation: site.operation, by: site.caller, point: site.at }, multiple, start: site.targets, ofObject: site.targets.every((target) => program.functions.get(target)?.receiver !== undefined) });
  }
  return all;
}

/** Exported functions may be called by code we do not see, at any time; so may functions nobody here calls whose value went away. */
function isOutside(fn: Function, graph: CallGraph): boolean {
  if (fn.closureOf !== undefined) return graph.escaping.has(fn.id) && (graph.callers.get(fn.id) ?? []).length === 0;
  return fn.exported || graph.escaping.has(fn.id) || (graph.callers.get(fn.id) ?? []).length === 0;
}

function spread(task: Task, graph: CallGraph, running: Map<FunctionId, Task[]>): void {
  const seen = new Set<FunctionId>();
  const work = [...task.start];
  for (let id = work.pop(); id !== undefined; id = work.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    const known = running.get(id);
    if (known === undefined) running.set(id, [task]);
    else if (known.length < maxTasksPerFunction) known.push(task);
    else continue;
    for (const site of graph.sites.get(id) ?? []) if (site.kind !== 'spawn' && (site.targets.length <= maxCandidates || graph.tabled.has(site.targets[0]!))) work.push(...site.targets);
  }
}

/** Where a task comes from, for evidence about a function it runs. */
export function describeTask(program: Program, resultOf: ResultOf, task: Task, running: FunctionId): { readonly text: string; readonly at: Location; readonly function: string } {
  const way = resultOf(tasks).wayTo(task, running);
  const first = program.functions.get(way[0] ?? task.start[0]!)!;
  if (task.spawn !== undefined) return { text: `${task.multiple ? 'tasks are' : 'a task is'} started here (${task.spawn.operation.via})`, at: task.spawn.operation.at, function: task.spawn.by.name };
  const text = { outside: first.exported ? 'may be called from outside, at any time' : 'may be called by code that is not seen here', main: 'the program starts here', initializer: 'runs while the program starts', test: 'the test runs here', handler: 'runs once for each request, many at a time', spawn: '' }[task.kind];
  return { text: way.length > 1 ? `${text}; comes by ${way.slice(1).map((id) => program.functions.get(id)!.name).join(' -> ')}` : text, at: first.at, function: first.name };
}

/**
 * Whether two tasks can overlap at all, going by what they are: different starts, or one start with several
 * instances. The order between spawns and joins is asked elsewhere.
 */
export function mayOverlap(a: Task, b: Task): boolean {
  if (a.kind === 'initializer' || b.kind === 'initializer') return false;
  if (a === b) return a.multiple;
  // Two places that start the same method start the loops of two objects.
  if (a.ofObject && b.ofObject && a.start[0] === b.start[0] && a.spawn?.by !== b.spawn?.by) return false;
  const single = (task: Task): boolean => task.kind === 'main' || task.kind === 'test';
  return !(single(a) && single(b)) && !(single(a) && b.kind === 'outside') && !(single(b) && a.kind === 'outside');
}
