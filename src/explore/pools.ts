import { printPath, type OperationOf } from '../ir/index.js';
import { join, tick } from './clocks.js';
import { cellOf, next, record, type Frame, type Machine, type Task } from './machine.js';
import { poolAt } from './objects.js';
import { assign } from './trail.js';
import { freshUnknown, load, part, settle, store, type Callable, type Datum } from './values.js';

/** Among what the search looks at closely: a pool had a spare object when one was asked for. */
export const reuse = {};

/**
 * Puts an object into a pool, or takes one out. A first search gives a new object to everyone who asks, because one that is
 * used again orders what its users do; where somebody could have had a spare one, the search is repeated with the one that has
 * been there longest. What is returned is the function that makes a new one.
 */
export function usePool(machine: Machine, task: Task, frame: Frame, operation: OperationOf<'call'>, pooling: NonNullable<OperationOf<'call'>['pool']>, args: readonly Datum[]): Callable | undefined {
  const name = printPath(pooling.of);
  const pool = poolAt(machine, frame, pooling.of);
  next(machine, frame);
  if (pooling.does === 'puts') {
    assign(machine.trail, pool, 'spare', [...pool.spare, { value: args.at(-1) ?? null, clock: task.clock }]);
    assign(machine.trail, task, 'clock', tick(task.clock, task.id));
    record(machine, task, operation.at, 'sync', `puts into ${name}`, pool.id);
    return undefined;
  }
  const [oldest, ...rest] = pool.spare;
  if (oldest !== undefined) machine.racing.add(reuse);
  const [result] = operation.results;
  if (oldest !== undefined && machine.promoted.has(reuse)) {
    assign(machine.trail, pool, 'spare', rest);
    assign(machine.trail, task, 'clock', join(task.clock, oldest.clock));
    record(machine, task, operation.at, 'sync', `takes out of ${name}`, pool.id);
    if (result !== undefined) store(machine, cellOf(machine, frame, result), oldest.value);
    return undefined;
  }
  const make = load(part(machine, settle(machine, pool.inside, name), 'New', undefined));
  if (typeof make === 'object' && make?.kind === 'function') return make;
  if (result !== undefined) store(machine, cellOf(machine, frame, result), freshUnknown(machine));
  return undefined;
}
