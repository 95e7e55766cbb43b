import { printPath, type Function, type Location, type OperationOf, type Program } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { targetsOf } from './call-graph.js';
import { entries, type Entry } from './entries.js';
import { calleeText } from './gates.js';
import { operations } from './operations.js';
import { provenance } from './provenance.js';
import { suspensions } from './suspensions.js';

/**
 * Where is one task started for each element of a list whose length the caller chooses, all of them at once, each with
 * work that leaves the process? The list is a parameter, or a part of one; the tasks are waited for together.
 * Under-approximates: lists that are cut or divided first have another name; what a limiter or a lock lets through one
 * by one is bounded; callees that only compute are left out by their names.
 */
export interface UnboundedWork {
  readonly fn: Function;
  readonly spawn: OperationOf<'spawn'>;
  readonly list: string;
  readonly entry: Entry;
  /** The call of the task that leaves the process. */
  readonly work: { readonly fn: Function; readonly at: Location; readonly text: string };
}

/** Callees whose answer comes from another process. */
const leaves = /^[#_]*(?:fetch|request|ask|query|send|post|put|patch|connect|dial|open|exec|execute|invoke|call|download|upload|publish|lookup|resolve|get\w*|load\w*|read\w*|write\w*|save\w*|insert\w*|update\w*|delete\w*)$/i;

export const unboundedWork = defineAnalysis<readonly UnboundedWork[]>({
  name: 'unbounded-work',
  run(program, resultOf) {
    if (program.scheduling !== 'cooperative') return [];
    const ways = resultOf(entries);
    const stops = resultOf(suspensions);
    const origins = resultOf(provenance);
    const found: UnboundedWork[] = [];
    for (const fn of resultOf(operations).functionsWith('spawn')) {
      if (fn.test || fn.generated) continue;
      for (const block of fn.blocks) for (const operation of block.operations) {
        if (operation.op !== 'spawn' || operation.each === undefined || operation.limit !== undefined || !isGiven(fn, operation.each) || !isJoined(fn, operation)) continue;
        const entry = ways.of(fn.id).find(({ kind }) => kind !== 'start');
        const { targets, certain } = targetsOf(operation.callee);
        const task = certain ? program.functions.get(targets[0]!) : undefined;
        const work = task === undefined || isAdmitted(task) ? undefined : workOf(program, task);
        if (entry !== undefined && work !== undefined) found.push({ fn, spawn: operation, list: printPath(operation.each), entry, work });
      }
    }
    return found;

    function workOf(inProgram: Program, task: Function): UnboundedWork['work'] | undefined {
      for (const { operation, point } of stops.in(task)) {
        if (operation.awaited === undefined) continue;
        for (const call of origins.callsIn(task, operation.awaited, point)) {
          const awaited = task.blocks[call.block]!.operations[call.index]!;
          if (awaited.op !== 'call' || awaited.limit !== undefined || (awaited.callee.kind !== 'unknown' && awaited.callee.kind !== 'library')) continue;
          const text = calleeText(inProgram, awaited);
          if (leaves.test(text.slice(text.lastIndexOf('.') + 1))) return { fn: task, at: awaited.at, text };
        }
      }
      return undefined;
    }
  },
});

/** The caller of the function has made the list. */
function isGiven(fn: Function, { root }: OperationOf<'write'>['path']): boolean {
  return root.kind === 'variable' && root.variable.kind === 'parameter' && root.variable.owner === fn.id && !(fn.receiver !== undefined && fn.params[0] === root.variable);
}

/** All tasks are waited for in the function: nobody else keeps their number small. */
function isJoined(fn: Function, { result }: OperationOf<'spawn'>): boolean {
  return result !== undefined && fn.blocks.some((block) => block.operations.some((operation) => operation.op === 'wait' && operation.on.root.kind === 'variable' && operation.on.root.variable === result));
}

/** Waits at a lock or for a place before it works. */
function isAdmitted(task: Function): boolean {
  return task.blocks.some((block) => block.operations.some((operation) => operation.op === 'acquire' || (operation.op === 'suspend' && operation.reason === 'lock') || ((operation.op === 'spawn' || operation.op === 'call') && operation.limit !== undefined)));
}
