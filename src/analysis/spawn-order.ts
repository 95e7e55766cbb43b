import { classOf, contextOwner, extendPath, pathKey, type AccessPath, type BlockId, type Function, type FunctionId, type Program, type Value, type Variable } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { callGraph } from './call-graph.js';
import { controlFlow, type Point } from './control-flow.js';
import type { FlowEvent } from './lock-flow.js';
import { servingPoints, type ServingPoints } from './serving-points.js';
import { location } from './substitution.js';
import { summaries } from './summaries.js';
import { tasks, type Task } from './tasks.js';

/**
 * Is a point of the program over before a task starts, or reached only after the task has said it is done?
 * Goes by the function that spawns and, through its only callers, the functions called before; joins are
 * waits and receives on what the task signals, closes or sends. Leans to "ordered": it silences.
 */
interface WaitPoint { readonly point: Point; readonly names: readonly string[]; readonly how: 'call' | 'receive' | 'wait' }

export interface SpawnOrder {
  readonly before: (fn: Function, point: Point, task: Task) => boolean;
  /** `unless`: to receive from this channel does not show that its senders have ended. */
  readonly after: (fn: Function, point: Point, task: Task, unless?: string) => boolean;
  /** `after`, asked of one call of the function: the task may run other calls of it. */
  readonly joined: (fn: Function, point: Point, task: Task) => boolean;
}

/** Functions looked at on the way up from a start; above it the program is too entangled to say who comes first. */
const maxAbove = 400;

export const spawnOrder = defineAnalysis<SpawnOrder>({
  name: 'spawn-order',
  run(program, resultOf) {
    const graph = resultOf(callGraph);
    const summary = resultOf(summaries);
    const running = resultOf(tasks);
    const serving = resultOf(servingPoints);
    const overBefore = new Map<Task, Map<FunctionId, boolean>>();
    const before = (fn: Function, point: Point, task: Task, depth = 0): boolean => {
      if (task.spawn === undefined || depth > 6) return false;
      if (fn.id === task.spawn.by.id) return !controlFlow(fn).reaches(task.spawn.point, point) || stoppedBefore(fn, point, task) || isUnserved(serving, fn, point, task);
      if (fn.role === 'main') return beforeCalls(fn, point, task);
      if (fn.closureOf === task.spawn.by.id && onlyOtherwise(fn, point, task)) return true;
      let own = overBefore.get(task);
      if (own === undefined) overBefore.set(task, own = new Map());
      const known = own.get(fn.id);
      if (known !== undefined) return known;
      const result = calledBefore(fn, task, depth);
      // Deeper in the recursion the answer may be the bound's, not the function's.
      if (depth === 0) own.set(fn.id, result);
      return result;
    };
    /**
     * A literal of the starting function, run on its way out, comes to the point only where a variable of that function has not
     * the value which every way from the start gives it: a cleanup after a failure, and the start is followed by success.
     */
    const onlyOtherwise = (fn: Function, point: Point, task: Task): boolean => {
      const { by, point: start } = task.spawn!;
      const sites = graph.callers.get(fn.id) ?? [];
      if (sites.length === 0 || !sites.every((site) => site.caller === by && site.operation.deferred === true)) return false;
      const around = controlFlow(by);
      return keptOut(fn, point, by.id).some(({ variable, constant }) => {
        const same: Point[] = [];
        const other: Point[] = [];
        for (const block of by.blocks) block.operations.forEach((operation, index) => {
          if (operation.op !== 'write' || operation.path.selectors.length > 0 || operation.path.root.kind !== 'variable' || operation.path.root.variable !== variable) return;
          (operation.value.kind === 'constant' && operation.value.value === constant ? same : other).push({ block: block.id, index });
        });
        return same.length > 0 && sites.every((site) => !around.reachesAvoiding(start, site.at, same) && !other.some((write) => around.reaches(start, write) && around.reachesAvoiding(write, site.at, same)));
      });
    };
    /** The program's main function is alone until it calls what leads to the start of the task. */
    const beforeCalls = (main: Function, point: Point, task: Task): boolean => {
      const above = new Set<FunctionId>();
      const work = [task.spawn!.by.id];
      while (work.length > 0 && above.size < maxAbove) {
        const id = work.pop()!;
        if (above.has(id)) continue;
        above.add(id);
        for (const site of graph.callers.get(id) ?? []) work.push(site.caller.id);
      }
      const sites = (graph.sites.get(main.id) ?? []).filter((site) => site.targets.some((target) => above.has(target)));
      // A task that this program is not seen to start is no witness against it.
      return (work.length === 0 || above.has(main.id)) && !sites.some((site) => controlFlow(main).reaches(site.at, point));
    };
    const calledBefore = (fn: Function, task: Task, depth: number): boolean => {
      if (task.start.includes(fn.id)) return false;
      const sites = graph.callers.get(fn.id) ?? [];
      if (fn.exported || graph.escaping.has(fn.id) || sites.length === 0) return false;
      // What the task itself calls is no other's; another instance of it is.
      const others = task.multiple ? sites : sites.filter((site) => site.kind === 'spawn' || !running.running(site.caller.id).every((one) => one === task));
      return others.length > 0 && others.every((site) => site.kind !== 'spawn' && before(site.caller, site.at, task, depth + 1));
    };
    const signals = new Map<number, ReadonlySet<string>>();
    const signalsOf = (task: Task): ReadonlySet<string> => {
      let set = signals.get(task.id);
      if (set === undefined) signals.set(task.id, set = endSignals(program, task, (id) => summary.of(id)?.events ?? [], (id) => (graph.sites.get(id) ?? []).filter((site) => site.kind !== 'spawn').flatMap((site) => site.targets)));
      return set;
    };
    const waiting = new Map<FunctionId, readonly string[]>();
    /** Classes that a callee surely waits for before it returns. */
    const waits = (id: FunctionId): readonly string[] => {
      let names = waiting.get(id);
      if (names === undefined) {
        const events = summary.of(id)?.events ?? [];
        const callee = events.some((event) => event.kind === 'wait') ? program.functions.get(id) : undefined;
        const exits = callee === undefined ? [] : events.filter((event) => event.kind === 'exit');
        waiting.set(id, names = callee === undefined ? [] : events.flatMap((event) => (event.kind === 'wait' && exits.every((exit) => controlFlow(callee).dominates(event.point, exit.point)) ? classOf(event.operation.on) ?? [] : [])));
      }
      return names;
    };
    /** Where a function waits for something the task signals; `loop`: there only a wait in a loop can answer all instances. */
    const joins = new Map<Task, Map<FunctionId, readonly { readonly point: Point; readonly direct: boolean }[]>>();
    const joinsIn = (fn: Function, task: Task): readonly { readonly point: Point; readonly direct: boolean }[] => {
      let own = joins.get(task);
      if (own === undefined) joins.set(task, own = new Map());
      let points = own.get(fn.id);
      if (points === undefined) own.set(fn.id, points = findJoins(fn, task));
      return points;
    };
    /** Every wait and receive of a function, and the calls that surely wait, with what they wait for: the same for all tasks. */
    const waitPoints = new Map<FunctionId, readonly WaitPoint[]>();
    const waitPointsIn = (fn: Function): readonly WaitPoint[] => {
      let points = waitPoints.get(fn.id);
      if (points !== undefined) return points;
      const found: WaitPoint[] = [];
      for (const event of summary.of(fn.id)?.events ?? []) {
        if (event.kind === 'call' && event.operation.op === 'call') {
          const names = summary.sitesAt(event.operation).flatMap((site) => (site.certain ? site.targets.flatMap(waits) : []));
          if (names.length > 0) found.push({ point: event.point, names, how: 'call' });
        } else if (event.kind === 'receive' || event.kind === 'wait') {
          const name = classOf(event.kind === 'receive' ? event.channel : event.operation.on);
          if (name !== undefined) found.push({ point: event.point, names: [name], how: event.kind });
        }
      }
      waitPoints.set(fn.id, points = found);
      return points;
    };
    const findJoins = (fn: Function, task: Task, unless?: string): readonly { readonly point: Point; readonly direct: boolean }[] => {
      const points = waitPointsIn(fn);
      if (points.length === 0) return [];
      const wanted = signalsOf(task);
      if (wanted.size === 0) return [];
      const flow = controlFlow(fn);
      // One receive answers one of several instances.
      return points.filter(({ names, how, point }) => names.some((name) => wanted.has(name) && !(how === 'receive' && name === unless)) && !(how === 'receive' && task.multiple && !flow.inLoop(point.block))).map(({ point, how }) => ({ point, direct: how !== 'call' }));
    };
    const after = (fn: Function, point: Point, task: Task, unless?: string): boolean => task.spawn !== undefined && !running.runs(task, fn.id) && joined(fn, point, task, unless);
    const joined = (fn: Function, point: Point, task: Task, unless?: string): boolean => {
      const points = unless === undefined ? joinsIn(fn, task) : findJoins(fn, task, unless);
      if (points.length === 0) return false;
      const flow = controlFlow(fn);
      return points.some((join) => flow.dominates(join.point, point) || (join.direct && flow.inLoop(join.point.block) && flow.reaches(join.point, point)));
    };
    return { before: (fn, point, task) => before(fn, point, task), after, joined };
  },
});

/** The timer that starts the task is stopped on every way to the point, and set off again only later. */
export function stoppedBefore(fn: Function, point: Point, task: Task): boolean {
  const { operation, point: start } = task.spawn!;
  const timer = operation.timer?.root;
  if (operation.timed !== true || timer?.kind !== 'variable') return false;
  const names = new Set([classKey(operation.timer!)]);
  const stops: Point[] = [];
  let again = false;
  for (const block of fn.blocks) block.operations.forEach((one, index) => {
    if (one.op === 'write' && one.value.kind === 'path' && one.value.path.root.kind === 'variable' && one.value.path.root.variable === timer.variable && one.value.path.selectors.length === 0) names.add(classKey(one.path));
    if (one.op !== 'arm' || !names.has(classKey(one.timer))) return;
    if (one.starts) again = true; else stops.push({ block: block.id, index });
  });
  return !again && stops.length > 0 && !controlFlow(fn).reachesAvoiding(start, point, stops);
}

/** What the function has only registered runs once somebody serves: on no way to the point has anybody begun to. */
export function isUnserved(serving: ServingPoints, fn: Function, point: Point, { spawn }: Task): boolean {
  if (spawn?.operation.registers !== true || spawn.by !== fn) return false;
  const flow = controlFlow(fn);
  return !serving.of(fn).some((start) => flow.reaches(spawn.point, start) && flow.reaches(start, point));
}

function classKey(path: AccessPath): string {
  return classOf(path) ?? pathKey(path);
}

/** Variables of another function, each with a value with which nobody comes to the point. */
function keptOut(fn: Function, point: Point, owner: FunctionId): readonly { readonly variable: Variable; readonly constant: null | boolean }[] {
  const flow = controlFlow(fn);
  return fn.blocks.flatMap(({ id, operations, terminator }) => {
    if (terminator.kind !== 'branch' || !flow.dominates({ block: id, index: operations.length }, point)) return [];
    const test = constantTest(terminator.condition);
    if (test === undefined || test.variable.owner !== owner) return [];
    const [met, unmet] = test.holds ? [terminator.onTrue, terminator.onFalse] : [terminator.onFalse, terminator.onTrue];
    const leads = (block: BlockId): boolean => block === point.block || flow.reaches({ block, index: -1 }, point);
    if (!leads(met)) return [{ variable: test.variable, constant: test.constant }];
    return typeof test.constant === 'boolean' && !leads(unmet) ? [{ variable: test.variable, constant: !test.constant }] : [];
  });
}

/** Whether a variable equals a constant, as a condition says it. */
function constantTest(condition: Value): { readonly variable: Variable; readonly constant: null | boolean; readonly holds: boolean } | undefined {
  if (condition.kind === 'not') {
    const inner = constantTest(condition.operand);
    return inner && { ...inner, holds: !inner.holds };
  }
  if (condition.kind === 'path') return condition.path.root.kind === 'variable' && condition.path.selectors.length === 0 ? { variable: condition.path.root.variable, constant: true, holds: true } : undefined;
  if (condition.kind !== 'binary' || (condition.operator !== '==' && condition.operator !== '!=')) return undefined;
  const [tested, constant] = condition.left.kind === 'constant' ? [condition.right, condition.left] : [condition.left, condition.right];
  if (constant.kind !== 'constant' || (constant.value !== null && typeof constant.value !== 'boolean') || tested.kind !== 'path' || tested.path.root.kind !== 'variable' || tested.path.selectors.length > 0) return undefined;
  return { variable: tested.path.root.variable, constant: constant.value, holds: condition.operator === '==' };
}

/** Classes of what a task signals, closes or sends on in the functions it runs, and the group it was started in. */
function endSignals(program: Program, task: Task, eventsOf: (id: FunctionId) => readonly FlowEvent[], callees: (id: FunctionId) => readonly FunctionId[]): ReadonlySet<string> {
  const names = new Set<string>();
  const add = (path: AccessPath): void => { const name = classOf(path); if (name !== undefined) names.add(name); };
  if (task.spawn?.operation.group !== undefined) add(task.spawn.operation.group);
  // A counter or channel that the starter hands over is told of by the starter's name for it.
  const given = (fn: Function, path: AccessPath): AccessPath => {
    const position = path.root.kind !== 'variable' || !task.start.includes(fn.id) ? -1 : fn.params.indexOf(path.root.variable);
    const argument = position < 0 ? undefined : task.spawn?.operation.args[position];
    const from = argument === undefined ? undefined : location(argument);
    return from === undefined ? path : { root: from.root, selectors: [...from.selectors, ...path.selectors] };
  };
  const seen = new Set<FunctionId>();
  const work = [...task.start];
  for (let id = work.pop(); id !== undefined && seen.size < 40; id = work.pop()) {
    const fn = program.functions.get(id);
    if (seen.has(id) || fn === undefined) continue;
    seen.add(id);
    for (const event of eventsOf(id)) {
      if (event.kind === 'send') add(given(fn, event.channel));
      else if (event.kind === 'close') add(given(fn, event.operation.channel));
      else if (event.kind === 'cancel') add(extendPath(given(fn, event.operation.context), { kind: 'field', name: 'done', owner: contextOwner }));
      else if (event.kind === 'signal') add(given(fn, event.operation.on));
    }
    work.push(...callees(id));
  }
  return names;
}
