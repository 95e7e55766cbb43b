import type { Function, Location, OperationOf, Terminator, Value, Variable } from '../ir/index.js';
import { pathKey } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { targetsOf } from './call-graph.js';
import { controlFlow, type Point } from './control-flow.js';
import type { HeldLock } from './lock-state.js';
import { summaries } from './summaries.js';
import { suspensions } from './suspensions.js';

/**
 * Which locks are given back while the work they protect still runs? The work is a call under the lock whose promise
 * the function returns without waiting for it, and the release stands between the call and the return.
 * Under-approximates: callees that are not seen may be over when they return, and are left out.
 */
export interface EarlyRelease { readonly fn: Function; readonly held: HeldLock; readonly call: OperationOf<'call'> | OperationOf<'spawn'>; readonly callee: Function; readonly release: OperationOf<'release'>; readonly returnAt: Location }

export const earlyReleases = defineAnalysis<readonly EarlyRelease[]>({
  name: 'early-releases',
  run(program, resultOf) {
    const summary = resultOf(summaries);
    const stops = resultOf(suspensions);
    const found: EarlyRelease[] = [];
    for (const fn of program.functions.values()) {
      if (fn.test || fn.generated) continue;
      const events = summary.of(fn.id)?.events ?? [];
      const flow = controlFlow(fn);
      for (const event of events) {
        if (event.kind !== 'call' || event.locks.must.length === 0) continue;
        const { operation } = event;
        if (!(operation.op === 'call' && operation.pending === true) && !(operation.op === 'spawn' && operation.eager === true && operation.repeated !== true)) continue;
        const { targets, certain } = targetsOf(operation.callee);
        const callee = certain ? program.functions.get(targets[0]!) : undefined;
        if (callee === undefined || !stops.maySuspend(callee.id)) continue;
        const handle = operation.op === 'call' ? operation.results[0] : operation.result;
        if (handle === undefined) continue;
        for (const release of events) {
          if (release.kind !== 'release' || release.operation.op !== 'release' || !flow.reaches(event.point, release.point)) continue;
          const held = event.locks.must.find((one) => one.key === pathKey(release.operation.lock));
          const returned = held === undefined ? undefined : returnsHandle(fn, handle, release.point);
          if (held === undefined || returned === undefined || waitsFor(fn, handle, event.point, release.point)) continue;
          found.push({ fn, held, call: operation, callee, release: release.operation, returnAt: returned.at });
          break;
        }
      }
    }
    return found.filter((one, index) => found.findIndex((other) => other.call.at === one.call.at && other.fn === one.fn) === index);

    function returnsHandle(fn: Function, handle: Variable, after: Point): Extract<Terminator, { kind: 'return' }> | undefined {
      const flow = controlFlow(fn);
      for (const block of fn.blocks) {
        const { terminator } = block;
        if (terminator.kind === 'return' && terminator.values.some((value) => names(fn, value, handle)) && flow.reaches(after, { block: block.id, index: block.operations.length })) return terminator;
      }
      return undefined;
    }

    function waitsFor(fn: Function, handle: Variable, from: Point, to: Point): boolean {
      const flow = controlFlow(fn);
      return fn.blocks.some((block) => block.operations.some((operation, index) => {
        const here = { block: block.id, index };
        if (!flow.reaches(from, here) || !flow.reaches(here, to)) return false;
        return (operation.op === 'wait' && operation.on.root.kind === 'variable' && operation.on.root.variable === handle) || (operation.op === 'suspend' && operation.reason === 'await');
      }));
    }
  },
});

function names(fn: Function, value: Value, handle: Variable): boolean {
  if (value.kind !== 'path' || value.path.selectors.length > 0 || value.path.root.kind !== 'variable') return false;
  const { variable } = value.path.root;
  return variable === handle || fn.blocks.some((block) => block.operations.some((operation) => operation.op === 'write' && operation.path.selectors.length === 0 && operation.path.root.kind === 'variable' && operation.path.root.variable === variable && operation.value.kind === 'path' && operation.value.path.selectors.length === 0 && operation.value.path.root.kind === 'variable' && operation.value.path.root.variable === handle));
}
