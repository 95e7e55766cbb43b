import type { Function, Location, Operation, Value, Variable } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { callGraph } from './call-graph.js';

/**
 * Where does a task that a test has started end itself by means of the test's own handle? The handle is what the call
 * before the end is given first; one that the task got as its own parameter belongs to a test of its own, unless the
 * starter hands his over.
 * Under-approximates: only the task's function and what it calls directly are asked.
 */
export interface TestEnding { readonly fn: Function; readonly at: Location; /** The helper that does it. */ readonly through: string | undefined; readonly spawn: Location; readonly by: Function }

export const testEndings = defineAnalysis<readonly TestEnding[]>({
  name: 'test-endings',
  run(program, resultOf) {
    const graph = resultOf(callGraph);
    const found = new Map<string, TestEnding>();
    for (const fn of program.functions.values()) {
      for (const site of graph.sites.get(fn.id) ?? []) {
        if (site.kind !== 'spawn' || !site.certain) continue;
        const task = program.functions.get(site.targets[0]!)!;
        const add = (at: Location, through: string | undefined): void => { found.set(`${at.file}:${at.line}:${at.column}`, { fn: task, at, through, spawn: site.operation.at, by: fn }); };
        for (const ending of endingsOf(task)) {
          if (ending.handle.owner !== task.id) add(ending.at, undefined);
          else if (handleOf(site.operation.args[task.params.indexOf(ending.handle)]) !== undefined) add(site.operation.at, task.name);
        }
        for (const call of graph.sites.get(task.id) ?? []) {
          const helper = call.kind === 'call' && call.certain ? program.functions.get(call.targets[0]!) : undefined;
          if (helper === undefined) continue;
          for (const ending of endingsOf(helper)) {
            const handle = handleOf(call.operation.args[helper.params.indexOf(ending.handle)]);
            if (handle !== undefined && handle.owner !== task.id) add(call.operation.at, helper.name);
          }
        }
      }
    }
    return [...found.values()];
  },
});

function endingsOf(fn: Function): { readonly handle: Variable; readonly at: Location }[] {
  return fn.blocks.flatMap(({ operations, terminator }) => {
    if (terminator.kind !== 'halt' || terminator.program) return [];
    const call = operations.findLast((operation): operation is Extract<Operation, { op: 'call' }> => operation.op === 'call' && operation.callee.kind === 'library' && operation.deferred !== true);
    const handle = handleOf(call?.args[0]);
    return call === undefined || handle === undefined ? [] : [{ handle, at: call.at }];
  });
}

function handleOf(value: Value | undefined): Variable | undefined {
  return value?.kind === 'path' && value.path.selectors.length === 0 && value.path.root.kind === 'variable' && value.path.root.variable.kind === 'parameter' ? value.path.root.variable : undefined;
}
