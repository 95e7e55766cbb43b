import type { ResultOf } from '../analysis/analysis.js';
import { controlFlow } from '../analysis/control-flow.js';
import { callGraph } from '../analysis/call-graph.js';
import { summaries } from '../analysis/summaries.js';
import { tasks, type Task } from '../analysis/tasks.js';
import { classOf, compareLocations, contextOwner, printLocation, printPath, type AccessPath, type Function, type FunctionId, type Program, type Value } from '../ir/index.js';
import { leavesLoop } from './channels.js';
import { labelOf } from './labels.js';
import type { Place, SuspendingRow, TaskRow } from './model.js';

/** Tasks that the program starts: where, what they run, on which ways they end, who waits for them. */
export function taskRows(program: Program, resultOf: ResultOf): TaskRow[] {
  const waits = waitersBySignal(program);
  return resultOf(tasks).tasks
    .flatMap((task): TaskRow[] => {
      if (task.spawn === undefined || task.spawn.by.test) return [];
      const started = task.start.flatMap((id) => program.functions.get(id) ?? []);
      const signals = signalsOf(task, started, program, resultOf);
      const joins = [...signals].flatMap((signal) => waits.get(signal) ?? []).filter(({ function: waiter }) => !started.some((fn) => fn.name === waiter));
      return [{
        at: task.spawn.operation.at,
        function: task.spawn.by.name,
        via: task.spawn.operation.via,
        runs: started.map((fn) => ({ at: fn.at, function: fn.name })),
        many: task.multiple,
        ends: [...new Set(started.flatMap((fn) => endsOf(fn, program, resultOf)))],
        joins: unique(joins),
        ...usesOf(program, resultOf, task),
      }];
    })
    .sort((a, b) => compareLocations(a.at, b.at));
}

/** Only where tasks cooperate does it matter where: elsewhere others run at any time. */
export function suspendingRows(program: Program): SuspendingRow[] {
  if (program.scheduling !== 'cooperative') return [];
  return [...program.functions.values()].flatMap((fn): SuspendingRow[] => {
    const places = new Map(fn.blocks.flatMap(({ operations }) => operations.flatMap((operation) => (operation.op === 'suspend' ? [[printLocation(operation.at), { at: operation.at, reason: operation.reason }] as const] : []))));
    return fn.test || places.size === 0 ? [] : [{ at: fn.at, function: fn.name, exported: fn.exported, places: [...places.values()] }];
  });
}

/** Ways out of a function: those of its loops' choices and ranges, and that it has no loop at all. */
function endsOf(fn: Function, program: Program, resultOf: ResultOf, depth = 0): string[] {
  const flow = controlFlow(fn);
  const ends: string[] = [];
  let loops = false;
  const returns = fn.blocks.some(({ id, terminator }) => terminator.kind === 'return' && flow.order.includes(id));
  for (const { id, operations, terminator } of fn.blocks) {
    if (!flow.inLoop(id)) continue;
    loops = true;
    if (terminator.kind === 'select') {
      for (const arm of terminator.arms) if (leavesLoop(fn, id, arm.to)) ends.push(arm.direction === 'send' ? `when ${printPath(arm.channel)} took a value` : endOf(arm.channel));
    } else if (terminator.kind === 'branch' && !isConstant(terminator.condition) && [terminator.onTrue, terminator.onFalse].some((to) => leavesLoop(fn, id, to))) {
      const received = operations.findLast((operation) => operation.op === 'receive' && operation.ok !== undefined);
      if (received?.op === 'receive') ends.push(`when ${printPath(received.channel)} is closed`);
      else if (terminator.loop === true) ends.push('when its loop is done');
      else ends.push(conditionOf(fn));
    }
  }
  if (!loops && returns) {
    // A task that only calls ends as its callee does.
    const [only, ...others] = (resultOf(callGraph).sites.get(fn.id) ?? []).filter((site) => site.kind !== 'spawn');
    const target = only?.targets.length === 1 && others.length === 0 ? program.functions.get(only.targets[0]!) : undefined;
    const below = target === undefined || depth > 3 ? [] : endsOf(target, program, resultOf, depth + 1);
    const waits = fn.blocks.flatMap(({ operations, terminator }) => [
      ...operations.flatMap((operation) => (operation.op === 'receive' ? [waitFor(operation.channel)] : [])),
      ...(terminator.kind === 'select' ? terminator.arms.filter(({ direction }) => direction === 'receive').map((arm) => waitFor(arm.channel)) : []),
    ]);
    return waits.length > 0 ? [...new Set(waits)] : below.length > 0 ? below : ['when its work is done'];
  }
  return [...new Set(ends)];
}

/** A loop without a condition of its own. */
function isConstant(condition: Value): boolean {
  return condition.kind === 'constant';
}

function conditionOf(fn: Function): string {
  return fn.blocks.some(({ operations }) => operations.some((operation) => operation.op === 'call' && operation.blocks !== undefined)) ? 'when a call it waits for fails' : 'on a condition of its loop';
}

function endOf(channel: AccessPath): string {
  const last = channel.selectors.at(-1);
  return last?.kind === 'field' && last.owner === contextOwner ? `when ${printPath({ root: channel.root, selectors: channel.selectors.slice(0, -1) })} is cancelled` : `when ${printPath(channel)} is received from or closed`;
}

function waitFor(channel: AccessPath): string {
  return `after ${endOf(channel).replace(/^when /, '')}`;
}

/** What the task tells others at its end: counters it counts down, groups it belongs to, channels it sends on or closes. */
function signalsOf(task: Task, started: readonly Function[], program: Program, resultOf: ResultOf): Set<string> {
  const signals = new Set<string>();
  const add = (path: AccessPath | undefined) => {
    const name = path === undefined ? undefined : classOf(path);
    if (name !== undefined) signals.add(name);
  };
  add(task.spawn?.operation.group);
  const seen = new Set<FunctionId>();
  const open = started.map((fn) => ({ fn, depth: 0 }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next.fn.id)) continue;
    seen.add(next.fn.id);
    for (const { operations } of next.fn.blocks) for (const operation of operations) {
      if (operation.op === 'signal' && operation.what === 'counter') add(operation.on);
      else if ((operation.op === 'close' || operation.op === 'send') && next.depth === 0) add(operation.channel);
    }
    if (next.depth < 2) for (const site of resultOf(callGraph).sites.get(next.fn.id) ?? []) if (site.kind !== 'spawn') for (const id of site.targets) { const fn = program.functions.get(id); if (fn !== undefined) open.push({ fn, depth: next.depth + (fn.closureOf === next.fn.id ? 0 : 1) }); }
  }
  return signals;
}

/** Who waits on which counter, group or channel outside of any choice. */
function waitersBySignal(program: Program): Map<string, Place[]> {
  const waiters = new Map<string, Place[]>();
  const add = (path: AccessPath, place: Place) => {
    const name = classOf(path);
    if (name !== undefined) { const known = waiters.get(name); if (known === undefined) waiters.set(name, [place]); else known.push(place); }
  };
  for (const fn of program.functions.values()) {
    if (fn.test) continue;
    for (const { operations } of fn.blocks) for (const operation of operations) {
      if (operation.op === 'wait' && (operation.what === 'counter' || operation.what === 'group')) add(operation.on, { at: operation.at, function: fn.name });
      else if (operation.op === 'receive' && operation.result === undefined && operation.ok === undefined) add(operation.channel, { at: operation.at, function: fn.name });
    }
  }
  return waiters;
}

function usesOf(program: Program, resultOf: ResultOf, task: Task): Pick<TaskRow, 'locks' | 'channels'> {
  const locks = new Set<string>();
  const channels = new Map<string, TaskRow['channels'][number]>();
  const running = resultOf(tasks);
  const summary = resultOf(summaries);
  for (const fn of program.functions.values()) {
    if (!running.running(fn.id).includes(task)) continue;
    for (const event of summary.of(fn.id)?.events ?? []) {
      if (event.kind === 'acquire') { const name = classOf(event.operation.lock); if (name !== undefined && !name.includes('#')) locks.add(labelOf(program, name, event.operation.lock)); }
      if (event.kind !== 'send' && event.kind !== 'receive' && event.kind !== 'close') continue;
      const channel = event.kind === 'close' ? event.operation.channel : event.channel;
      const name = classOf(channel);
      const last = channel.selectors.at(-1);
      if (name === undefined || (last?.kind === 'field' && last.owner === contextOwner)) continue;
      const use = event.kind === 'send' ? 'sends' : event.kind === 'receive' ? 'receives' : 'closes';
      channels.set(`${use} ${name}`, { label: labelOf(program, name, channel), use });
    }
  }
  return { locks: [...locks].sort(), channels: [...channels.values()].sort((a, b) => (a.label + a.use < b.label + b.use ? -1 : 1)) };
}

function unique(places: readonly Place[]): Place[] {
  const seen = new Set<string>();
  return places.filter(({ at }) => { const key = `${at.file}:${at.line}:${at.column}`; const fresh = !seen.has(key); seen.add(key); return fresh; });
}
