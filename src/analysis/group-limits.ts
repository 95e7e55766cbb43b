import { classOf, type AccessPath, type Function, type FunctionId, type OperationOf, type Program, type Value } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { callGraph, type CallGraph, type CallSite } from './call-graph.js';
import { operations } from './operations.js';
import { toCallee } from './substitution.js';

/**
 * Which tasks of a limited group start further tasks of it and wait for room? From each task of a group with a limit,
 * through calls that are certain, to a start in the very same group. When all that may run wait for room, nobody is
 * left who would make some. Under-approximates: groups reached by another name, and starts that give up when it is full.
 */
export interface NestedStart {
  readonly limit: OperationOf<'limit'>;
  readonly outer: CallSite;
  /** Calls from the task to the function that starts, the task first. */
  readonly chain: readonly Function[];
  readonly inner: OperationOf<'spawn'>;
  /** Constant limit, when it is one. */
  readonly room: number | undefined;
}

/** Calls between the task and the inner start. */
const maxDepth = 4;

export const nestedStarts = defineAnalysis<readonly NestedStart[]>({
  name: 'group-limits',
  run(program, resultOf) {
    const limits = new Map<string, OperationOf<'limit'>>();
    for (const fn of resultOf(operations).functionsWith('limit')) for (const block of fn.blocks) for (const operation of block.operations) {
      const name = operation.op === 'limit' && !isNone(operation.to) ? classOf(operation.group) : undefined;
      if (name !== undefined && operation.op === 'limit') limits.set(name, operation);
    }
    if (limits.size === 0) return [];
    const graph = resultOf(callGraph);
    const found: NestedStart[] = [];
    for (const sites of graph.sites.values()) for (const outer of sites) {
      const group = groupOf(outer);
      const limit = group === undefined ? undefined : limits.get(classOf(group) ?? '');
      if (group === undefined || limit === undefined || !outer.certain) continue;
      const task = program.functions.get(outer.targets[0]!)!;
      const inner = startWithin(program, graph, task, inTermsOf(group, task, outer), [task], new Set([task.id]));
      if (inner !== undefined) found.push({ limit, outer, ...inner, room: limit.to.kind === 'constant' && typeof limit.to.value === 'number' ? limit.to.value : undefined });
    }
    return found;
  },
});

/** A negative limit is none. */
function isNone(to: Value): boolean {
  return to.kind === 'constant' && typeof to.value === 'number' && to.value < 0;
}

function groupOf(site: CallSite): AccessPath | undefined {
  return site.kind === 'spawn' && site.operation.op === 'spawn' ? site.operation.group : undefined;
}

/** The group by the callee's name for it: a captured or global one keeps its own. */
function inTermsOf(group: AccessPath, callee: Function, site: CallSite): AccessPath | undefined {
  return toCallee(group, callee, site.operation.args);
}

function startWithin(program: Program, graph: CallGraph, fn: Function, group: AccessPath | undefined, chain: readonly Function[], seen: Set<FunctionId>): Pick<NestedStart, 'chain' | 'inner'> | undefined {
  if (group === undefined) return undefined;
  const name = classOf(group);
  const sites = graph.sites.get(fn.id) ?? [];
  for (const { operations } of fn.blocks) for (const operation of operations) {
    if (operation.op === 'spawn' && operation.group !== undefined && operation.tries !== true && classOf(operation.group) === name && sameRoot(operation.group, group)) return { chain, inner: operation };
  }
  if (chain.length > maxDepth) return undefined;
  for (const site of sites) {
    const callee = site.kind !== 'spawn' && site.certain ? program.functions.get(site.targets[0]!) : undefined;
    if (callee === undefined || seen.has(callee.id)) continue;
    seen.add(callee.id);
    const inner = startWithin(program, graph, callee, toCallee(group, callee, site.kind === 'runs' ? [] : site.operation.args), [...chain, callee], seen);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

/** Two objects of one type have two groups. */
function sameRoot(a: AccessPath, b: AccessPath): boolean {
  return a.root.kind === 'variable' && b.root.kind === 'variable' && a.root.variable === b.root.variable;
}
