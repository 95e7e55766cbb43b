import { classOf, sameInTask, variableAt, type AccessPath, type Function, type FunctionId, type Variable } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { emptied } from './channel-aliases.js';
import { controlFlow, type Point } from './control-flow.js';
import { entryLocks } from './entry-locks.js';
import { flowEvents } from './flow-events.js';
import type { FlowEventOf } from './lock-flow.js';

/**
 * Who takes a channel out of a field under a lock to close it later, and who copies it out of the field under that lock to
 * send on it later? The lock orders the taking and the copying, not the close and the send: what was copied before it was
 * taken is closed under the sender's hands. Under-approximates: the local is assigned once, in the function that uses it.
 */
export interface TakenChannels {
  readonly closes: readonly TakenClose[];
  /** The field a local channel was copied from, and the locks held then. */
  readonly copyOf: (fn: Function, variable: Variable) => ChannelCopy | undefined;
}

export interface ChannelCopy { readonly path: AccessPath; readonly at: Point; /** Classes of the locks held all the time, for writing or reading. */ readonly locks: ReadonlySet<string> }

export interface TakenClose { readonly fn: Function; readonly event: FlowEventOf<'close'>; readonly path: AccessPath; readonly locks: ReadonlySet<string> }

export const takenChannels = defineAnalysis<TakenChannels>({
  name: 'taken-channels',
  run(_program, resultOf) {
    const { of: eventsOf, all } = resultOf(flowEvents);
    const entry = resultOf(entryLocks);
    const copies = new Map<FunctionId, Map<Variable, ChannelCopy>>();

    const closes = [...all('close')].flatMap(({ fn, event }): readonly TakenClose[] => {
      const variable = variableAt(event.operation.channel);
      const copy = variable === undefined || fn.test ? undefined : copyOf(fn, variable);
      if (copy === undefined || copy.locks.size === 0) return [];
      // Something else stands in the field from then on, and the lock has not been let go in between.
      const flow = controlFlow(fn);
      const taken = eventsOf(fn.id).some((write) => write.kind === 'access' && write.operation.op === 'write' && sameInTask(write.operation.path, copy.path) && flow.dominates(copy.at, write.point) && flow.dominates(write.point, event.point)
        && write.locks.must.some((held) => held.mode === 'exclusive' && copy.locks.has(classOf(held.lock) ?? ''))
        && !eventsOf(fn.id).some((release) => release.kind === 'release' && flow.reaches(copy.at, release.point) && flow.reaches(release.point, write.point)));
      return taken ? [{ fn, event, path: copy.path, locks: copy.locks }] : [];
    });
    return { closes, copyOf };

    function copyOf(fn: Function, variable: Variable): ChannelCopy | undefined {
      if (variable.kind !== 'local' || variable.owner !== fn.id || variable.captured || variable.addressed || variable.type.kind !== 'channel') return undefined;
      let known = copies.get(fn.id);
      if (known === undefined) copies.set(fn.id, (known = copiesIn(fn)));
      return known.get(variable);
    }

    function copiesIn(fn: Function): Map<Variable, ChannelCopy> {
      const found = new Map<Variable, ChannelCopy>();
      const nothing = emptied(fn);
      const inherited = entry.at(fn).flatMap(({ lock }) => classOf(lock) ?? []);
      for (const { id, operations } of fn.blocks) operations.forEach((operation, index) => {
        const variable = operation.op === 'write' ? variableAt(operation.path) : undefined;
        if (operation.op !== 'write' || variable === undefined || variable.assignments - (nothing.get(variable) ?? 0) !== 1 || operation.value.kind !== 'path' || operation.value.path.selectors.at(-1)?.kind !== 'field') return;
        const { path } = operation.value;
        const read = eventsOf(fn.id).findLast((event) => event.kind === 'access' && event.operation.op === 'read' && event.point.block === id && event.point.index < index && sameInTask(event.operation.path, path));
        if (read?.kind === 'access') found.set(variable, { path, at: read.point, locks: new Set([...inherited, ...read.locks.must.flatMap(({ lock }) => classOf(lock) ?? [])]) });
      });
      return found;
    }
  },
});
