import { classOf, type AccessPath, type Function, type Location, type OperationOf, type Program, type Value } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { blocking } from './blocking.js';
import { callGraph } from './call-graph.js';
import { controlFlow, type Point } from './control-flow.js';
import { flowEvents } from './flow-events.js';
import { spawnOrder } from './spawn-order.js';
import { tasks, type Task } from './tasks.js';

/**
 * Which methods end a task of their object and take away what it still works with? The method closes the channel or
 * cancels the context the task waits for, does not wait for its end, and sets a field to nil that the task calls methods of,
 * sends on, closes or stores into, or ends a part of the object that the task calls. Under-approximates: a task that looks whether the field is nil knows.
 */
export interface TakenAway { readonly closer: Function; readonly ends: { readonly at: Location; readonly text: string }; readonly clears: Taking['operation']; /** It is set to nil, or torn down. */ readonly field: AccessPath; readonly task: Task; readonly user: Function; readonly use: { readonly at: Location; readonly text: string } }

/** What the method does to a field that the task works with. */
interface Taking { readonly operation: OperationOf<'write'> | OperationOf<'call'>; readonly point: Point; readonly field: AccessPath }

/** What people call the end of an object's life. */
const closing = /(?:^|\.)(?:Close|Stop|Shutdown|Terminate|Dispose|Destroy|Teardown)$/;

interface Use { readonly fn: Function; readonly at: Location; readonly text: string }

export const fieldsTakenAway = defineAnalysis<readonly TakenAway[]>({
  name: 'fields-taken-away',
  run(program, resultOf) {
    const { of: eventsOf, functionsWith } = resultOf(flowEvents);
    const found: TakenAway[] = [];
    for (const closer of functionsWith('close', 'cancel')) {
      if (closer.receiver === undefined || closer.test || closer.closureOf !== undefined) continue;
      const clears: Taking[] = [...clearing(closer), ...tearingDown(closer)];
      if (clears.length === 0) continue;
      const ends = eventsOf(closer.id).flatMap((event) => {
        const path = event.kind === 'close' ? event.operation.channel : event.kind === 'cancel' ? event.operation.context : undefined;
        const name = path === undefined ? undefined : event.kind === 'cancel' ? `${classOf(path)}.done` : classOf(path);
        return path === undefined || name === undefined ? [] : [{ name, at: event.kind === 'close' || event.kind === 'cancel' ? event.operation.at : closer.at, point: event.point, text: event.kind === 'close' ? 'closes what the task waits for' : 'cancels the context of the task' }];
      });
      if (ends.length === 0) continue;
      for (const task of tasksOf(closer.receiver.record)) for (const end of ends) {
        const user = task.start.map((id) => program.functions.get(id)!).find((fn) => eventsOf(fn.id).some((event) => event.kind === 'receive' && classOf(event.channel) === end.name));
        if (user === undefined) continue;
        const taken = clears.find((one) => controlFlow(closer).reaches(end.point, one.point) && uses(user, classOf(one.field), one.operation.op, 0) !== undefined && !resultOf(spawnOrder).after(closer, one.point, task));
        const use = taken === undefined ? undefined : uses(user, classOf(taken.field), taken.operation.op, 0);
        if (taken !== undefined && use !== undefined) { found.push({ closer, ends: end, clears: taken.operation, field: taken.field, task, user: use.fn, use }); break; }
      }
    }
    return found;

    /** Parts of the object that a method called so ends, before it has waited for anything. */
    function tearingDown(fn: Function): readonly Taking[] {
      if (!closing.test(fn.name)) return [];
      const waits = eventsOf(fn.id).flatMap((event) => (event.kind === 'wait' || event.kind === 'receive' ? [event.point] : event.kind === 'call' && event.operation.op === 'call' && (resultOf(blocking).of(fn.id).some((one) => one.point.block === event.point.block && one.point.index === event.point.index && one.what !== 'call')) ? [event.point] : []));
      return tearingDownIn(program, fn, waits);
    }

    function tasksOf(record: string): readonly Task[] {
      return resultOf(tasks).tasks.filter(({ spawn, start, ofObject }) => spawn !== undefined && !spawn.by.test && ((ofObject && start.some((id) => program.functions.get(id)?.receiver?.record === record)) || spawn.by.receiver?.record === record));
    }

    /** What breaks in a function, or a method of the object it calls, when the field is nil. */
    function uses(fn: Function, name: string | undefined, how: Taking['operation']['op'], depth: number): Use | undefined {
      if (name === undefined || (how === 'write' && fn.blocks.some(({ terminator }) => terminator.kind === 'branch' && asks(terminator.condition, name)))) return undefined;
      for (const { operations } of fn.blocks) for (const operation of operations) {
        if (how === 'call') { if (operation.op === 'call' && !operation.deferred && isPath(operation.args[0], name) && !(operation.callee.kind === 'static' && closing.test(program.functions.get(operation.callee.target)!.name))) return { fn, at: operation.at, text: 'calls a method of it, which is closed by then' }; continue; }
        if (operation.op === 'send' && classOf(operation.channel) === name) return { fn, at: operation.at, text: 'sends on it: waits for ever on nil' };
        if (operation.op === 'close' && classOf(operation.channel) === name) return { fn, at: operation.at, text: 'closes it: panics on nil' };
        if (operation.op === 'call' && operation.callee.kind !== 'static' && isPath(operation.args[0], name)) return { fn, at: operation.at, text: 'calls a method of it: panics on nil' };
        if (operation.op === 'write' && operation.container === 'map' && operation.verb !== 'delete' && classOf(outer(operation.path)) === name) return { fn, at: operation.at, text: 'stores into it: panics on nil' };
      }
      if (depth > 0) return undefined;
      for (const site of resultOf(callGraph).sites.get(fn.id) ?? []) {
        const callee = site.kind === 'call' && site.certain ? program.functions.get(site.targets[0]!) : undefined;
        const inside = callee === undefined ? undefined : uses(callee, name, how, depth + 1);
        if (inside !== undefined) return inside;
      }
      return undefined;
    }
  },
});

/** A part of the object, in a field of its own, that a method ends: after it, no wait. */
function tearingDownIn(program: Program, fn: Function, waits: readonly Point[]): readonly Taking[] {
  return fn.blocks.flatMap(({ id, operations }) => operations.flatMap((operation, index): Taking[] => {
    const point: Point = { block: id, index };
    const callee = operation.op === 'call' && operation.callee.kind === 'static' ? program.functions.get(operation.callee.target) : undefined;
    const [value] = operation.op === 'call' ? operation.args : [];
    if (operation.op !== 'call' || callee?.receiver === undefined || !closing.test(callee.name) || value?.kind !== 'path' || value.path.selectors.length !== 1 || value.path.selectors[0]!.kind !== 'field' || value.path.root.kind !== 'variable' || value.path.root.variable !== fn.params[0]) return [];
    return waits.some((wait) => controlFlow(fn).reaches(wait, point)) ? [] : [{ operation, point, field: value.path }];
  }));
}

/** Fields of the receiver that are set to nil. */
function clearing(fn: Function): readonly Taking[] {
  return fn.blocks.flatMap(({ id, operations }) => operations.flatMap((operation, index) => (operation.op === 'write' && !operation.atomic && operation.value.kind === 'constant' && operation.value.value === null && operation.path.selectors.length === 1 && operation.path.selectors[0]!.kind === 'field'
    && operation.path.root.kind === 'variable' && operation.path.root.variable === fn.params[0] ? [{ operation, point: { block: id, index }, field: operation.path }] : [])));
}

function isPath(value: Value | undefined, name: string): boolean {
  return value?.kind === 'path' && classOf(value.path) === name;
}

function outer(path: AccessPath): AccessPath {
  return path.selectors.at(-1)?.kind === 'element' ? { root: path.root, selectors: path.selectors.slice(0, -1) } : path;
}

function asks(value: Value, name: string): boolean {
  switch (value.kind) {
    case 'path': return classOf(value.path) === name;
    case 'not': return asks(value.operand, name);
    case 'binary': return asks(value.left, name) || asks(value.right, name);
    default: return false;
  }
}
