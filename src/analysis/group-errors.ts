import { classOf, variableAt, variablePath, pathKey, type Function, type Location, type OperationOf, type Variable } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { targetsOf } from './call-graph.js';
import { controlFlow, type Point } from './control-flow.js';
import { operations } from './operations.js';
import { isMentioned } from './variable-uses.js';
import { mentions } from './ways.js';

/**
 * Whose errors does a task group collect for nobody? A wait whose result is thrown away although a task of the group may
 * return an error, and a context that ends with the group's first error and that nobody was given.
 * Under-approximates: tasks that are not seen fail at nothing, any mention of the context is a use, and where one wait
 * of a function looks at the result, the others need not.
 */
export interface DroppedError { readonly fn: Function; readonly wait: OperationOf<'wait'>; readonly spawn: OperationOf<'spawn'>; readonly task: Function; readonly fails: Location }
export interface UnusedContext { readonly fn: Function; readonly make: OperationOf<'make'>; readonly task: OperationOf<'spawn'> }
export interface GroupErrors { readonly dropped: readonly DroppedError[]; readonly unused: readonly UnusedContext[] }

export const groupErrors = defineAnalysis<GroupErrors>({
  name: 'group-errors',
  run(program, resultOf) {
    const spawns = new Map<string, OperationOf<'spawn'>[]>();
    const waits: { readonly fn: Function; readonly wait: OperationOf<'wait'> }[] = [];
    const makes: { readonly fn: Function; readonly make: OperationOf<'make'>; readonly context: Variable }[] = [];
    for (const fn of resultOf(operations).functionsWith('spawn', 'wait', 'make')) for (const block of fn.blocks) for (const operation of block.operations) {
      if (operation.op === 'spawn' && operation.group !== undefined) { const name = classOf(operation.group); if (name !== undefined) { const list = spawns.get(name); if (list === undefined) spawns.set(name, [operation]); else list.push(operation); } }
      else if (operation.op === 'wait' && operation.what === 'group') waits.push({ fn, wait: operation });
      else if (operation.op === 'make' && operation.what === 'group' && operation.context !== undefined) makes.push({ fn, make: operation, context: operation.context });
    }
    const tasksOf = (name: string | undefined): readonly OperationOf<'spawn'>[] => (name === undefined ? [] : spawns.get(name) ?? []);
    const dropped = waits.flatMap(({ fn, wait }): DroppedError[] => {
      const name = classOf(wait.on);
      if (wait.drops !== true || wait.deferred === true || waits.some((other) => other.wait.drops !== true && classOf(other.wait.on) === name)) return [];
      for (const spawn of tasksOf(name)) for (const id of targetsOf(spawn.callee).targets) {
        const task = program.functions.get(id);
        const fails = task === undefined ? undefined : failure(task);
        if (fails !== undefined) return [{ fn, wait, spawn, task: task!, fails }];
      }
      return [];
    });
    const unused = makes.flatMap(({ fn, make, context }): UnusedContext[] => {
      const [task] = tasksOf(classOf(make.result));
      return task === undefined || context.kind === 'result' || context.kind === 'global' || isMentioned(program, fn, context) ? [] : [{ fn, make, task }];
    });
    return { dropped, unused };
  },
});

/** A return that may hand out an error of its own; that the context has ended is no news, and what the task has kept elsewhere before is heard of there. */
function failure(task: Function): Location | undefined {
  const ends = new Set<string>();
  for (const { operations } of task.blocks) for (const operation of operations) if (operation.op === 'read' && operation.verb === 'Err' && operation.result !== undefined) ends.add(pathKey(variablePath(operation.result)));
  for (const { id, operations, terminator } of task.blocks) {
    if (terminator.kind !== 'return') continue;
    const error = terminator.values.at(-1);
    if (error === undefined || (error.kind === 'constant' && error.value === null) || (error.kind === 'path' && ends.has(pathKey(error.path)))) continue;
    const named = error.kind === 'path' ? variableAt(error.path) : undefined;
    if (named === undefined || !isKept(task, named, { block: id, index: operations.length })) return terminator.at;
  }
  return undefined;
}

/** `g.err = errors.Join(g.err, err)`: the error, or what a call has made of it, is put where others find it, on every way to the point. */
function isKept(task: Function, error: Variable, point: Point): boolean {
  const flow = controlFlow(task);
  const made = new Set([error]);
  return task.blocks.some(({ id, operations }) => operations.some((operation, index) => {
    if (operation.op === 'call' && operation.args.some((value) => [...made].some((one) => mentions(value, one)))) for (const result of operation.results) made.add(result);
    if (operation.op !== 'write' && operation.op !== 'send') return false;
    const target = operation.op === 'write' ? variableAt(operation.path) : undefined;
    return (target === undefined || target.owner !== task.id) && [...made].some((one) => mentions(operation.value, one)) && flow.dominates({ block: id, index }, point);
  }));
}
