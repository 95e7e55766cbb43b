import { classOf, pathKey, type Function, type Location, type OperationOf } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { controlFlow, type Point } from './control-flow.js';
import { flowEvents } from './flow-events.js';
import { ownership } from './ownership.js';
import { tasks } from './tasks.js';
import { factsBefore } from './ways.js';

/**
 * Is an order of two locks shut until the opposite one has passed for good? The first batch of updates takes `client.mu`, then
 * `batch.mu`, and raises `batch.done` under it; whoever comes under `batch.mu` goes on to `client.mu` only when the flag is up.
 * Both at once would need a second first batch. Leans to "open": the flag is raised in that one function, and its task is
 * started once for the object that the starting function has made.
 */
export interface ShutOrders {
  /** `once`: the function of the order that happens once, and where the second lock is taken on its way. `other`: a point of the opposite order. */
  readonly isShut: (once: Function, acquired: Location, other: Function, point: Point) => boolean;
}

export const shutOrders = defineAnalysis<ShutOrders>({
  name: 'shut-orders',
  run(program, resultOf) {
    const events = resultOf(flowEvents);
    const running = resultOf(tasks);
    const owned = resultOf(ownership);
    let raises: ReadonlyMap<string, ReadonlySet<Function>> | undefined;

    return {
      isShut(once, acquired, other, point) {
        if (!startsOnce(once)) return false;
        const [taker] = events.functionsWith('acquire').filter((fn) => events.of(fn.id).some((event) => event.kind === 'acquire' && event.operation.at === acquired));
        const taken = taker === undefined ? undefined : events.of(taker.id).find((event) => event.kind === 'acquire' && event.operation.at === acquired);
        if (taker === undefined || taken === undefined) return false;
        const raised = flagsIn(taker, taken.point);
        if (raised.size === 0) return false;
        const facts = factsBefore(other, point);
        return other.blocks.some(({ terminator }) => {
          if (terminator.kind !== 'branch' || terminator.condition.kind !== 'path') return false;
          const flag = classOf(terminator.condition.path);
          return flag !== undefined && raised.has(flag) && facts.get(pathKey(terminator.condition.path))?.value === true;
        });
      },
    };

    /** Flags that the function alone raises, after the lock was taken. */
    function flagsIn(fn: Function, taken: Point): ReadonlySet<string> {
      const found = new Set<string>();
      for (const block of fn.blocks) for (const [index, operation] of block.operations.entries()) {
        const flag = raisedBy(operation);
        if (flag === undefined || !controlFlow(fn).dominates(taken, { block: block.id, index })) continue;
        const by = (raises ??= raisedIn()).get(flag);
        if (by !== undefined && by.size === 1 && by.has(fn)) found.add(flag);
      }
      return found;
    }

    function raisedIn(): ReadonlyMap<string, ReadonlySet<Function>> {
      const found = new Map<string, Set<Function>>();
      for (const fn of program.functions.values()) for (const { operations } of fn.blocks) for (const operation of operations) {
        const flag = fn.test ? undefined : raisedBy(operation);
        if (flag !== undefined) found.set(flag, (found.get(flag) ?? new Set()).add(fn));
      }
      return found;
    }

    /** Run by one task alone, which the maker of its object starts outside of any loop. */
    function startsOnce(fn: Function): boolean {
      const [task, ...others] = running.running(fn.id).filter(({ kind }) => kind !== 'test');
      const spawn = others.length > 0 ? undefined : task?.spawn;
      const object = spawn?.operation.args[0];
      return task !== undefined && spawn !== undefined && running.startsWith(task, fn.id) && fn.receiver !== undefined && !controlFlow(spawn.by).inLoop(spawn.point.block)
        && (object?.kind === 'path' || object?.kind === 'address') && object.path.selectors.length === 0 && object.path.root.kind === 'variable' && owned.isBornHere(object.path.root.variable);
    }
  },
});

/** A field set to anything but false: what cannot be told may raise it. */
function raisedBy(operation: { readonly op: string }): string | undefined {
  if (operation.op !== 'write') return undefined;
  const { path, value } = operation as OperationOf<'write'>;
  return path.selectors.length === 0 || (value.kind === 'constant' && value.value === false) ? undefined : classOf(path);
}
