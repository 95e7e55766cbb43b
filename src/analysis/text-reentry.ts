import { pathKey, sameInTask, type AccessPath, type Function, type Location, type LockMode } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { flowEvents } from './flow-events.js';
import { isIdentifiable, type CallChain, type HeldLock } from './lock-state.js';
import { toCaller } from './substitution.js';
import { summaries } from './summaries.js';

/**
 * Where is a value turned into text, by a method of its own that asks for a lock the task already holds?
 * The method is one the front-end saw a library call run: it stands in no argument. Same root and path, as for any
 * second acquire; a lock that the method gives back first, or that is in doubt, is left out.
 */
export interface TextReentry {
  readonly fn: Function;
  readonly held: HeldLock;
  readonly at: Location;
  readonly value: AccessPath;
  readonly mode: LockMode;
  readonly chain: CallChain;
  readonly acquiredAt: Location;
  readonly acquiredIn: string;
}

export const textReentries = defineAnalysis<readonly TextReentry[]>({
  name: 'text-reentry',
  run(program, resultOf) {
    const summary = resultOf(summaries);
    const found: TextReentry[] = [];
    const events = resultOf(flowEvents);
    for (const fn of events.functionsWith('held')) for (const event of events.of(fn.id)) {
      if (event.kind !== 'call' || event.operation.op !== 'call' || event.locks.must.length === 0) continue;
      const { operation } = event;
      for (const value of operation.runs ?? []) {
        if (value.kind !== 'bound' || operation.args.includes(value) || (value.receiver.kind !== 'path' && value.receiver.kind !== 'address')) continue;
        const method = program.functions.get(value.target);
        for (const acquired of method === undefined ? [] : summary.of(method.id)?.acquires ?? []) {
          const lock = toCaller(acquired.lock, method!, [value.receiver]);
          const held = lock === undefined ? undefined : event.locks.must.find((one) => one.key === pathKey(lock) && sameInTask(one.lock, lock) && isIdentifiable(one.lock));
          if (held === undefined || event.locks.unsure.has(held.key) || acquired.requires.length > 0 || acquired.afterRelease.length > 0) continue;
          found.push({ fn, held, at: operation.at, value: value.receiver.path, mode: acquired.mode, chain: [{ call: operation.at, caller: fn.name, callee: method!.name }, ...acquired.chain], acquiredAt: acquired.at, acquiredIn: acquired.function });
        }
      }
    }
    return found;
  },
});
