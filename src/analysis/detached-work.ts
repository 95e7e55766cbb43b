import type { AccessPath, Function, Location, OperationOf, Program, Value, Variable } from '../ir/index.js';
import { pathsOf } from '../ir/verify.js';
import { defineAnalysis } from './analysis.js';
import { blocking } from './blocking.js';
import { callGraph, type CallGraph, type CallSite } from './call-graph.js';
import { controlFlow } from './control-flow.js';
import { operations } from './operations.js';
import { isContext } from './types.js';

/**
 * Which handlers start work, hand it the context of the request, and return without waiting for it? The context ends with
 * the handler, and breaks off whatever still waits with it. Under-approximates: a handler that waits for anything after the
 * start counts as one that waits for the work, a task that looks at the end of the context itself means to end with it,
 * and only calls that are known to wait are work.
 */
export interface DetachedWork {
  readonly handler: Function;
  readonly spawn: OperationOf<'spawn'>;
  readonly task: Function;
  /** Where the context is handed to what waits. */
  readonly fn: Function;
  readonly at: Location;
  readonly context: string;
  /** What is waited for there: `waits for a database`. */
  readonly waits: string;
}

/** Calls from the task to the one that waits. */
const maxDepth = 3;

export const detachedWork = defineAnalysis<readonly DetachedWork[]>({
  name: 'detached-work',
  run(program, resultOf) {
    const found: DetachedWork[] = [];
    const graph = resultOf(callGraph);
    for (const handler of resultOf(operations).functionsWith('spawn')) {
      if (handler.role !== 'handler' || handler.generated) continue;
      const contexts = contextsIn(handler, handler.params.filter(({ type }) => isContext(type)));
      for (const site of graph.sites.get(handler.id) ?? []) {
        if (site.kind !== 'spawn' || !site.certain || site.operation.op !== 'spawn' || site.operation.repeated === true || site.operation.timed === true || site.operation.group !== undefined) continue;
        const { operation: spawn } = site;
        const task = program.functions.get(site.targets[0]!)!;
        if (waitsAfter(handler, site)) continue;
        const use = useIn(program, graph, task, contextsIn(task, boundIn(task, spawn.args, contexts)), maxDepth);
        if (use !== undefined) found.push({ handler, spawn, task, ...use });
      }
    }
    return found;

    function waitsAfter(fn: Function, { at }: CallSite): boolean {
      const flow = controlFlow(fn);
      return fn.blocks.some(({ id, terminator }) => terminator.kind === 'select' && flow.reaches(at, { block: id, index: Infinity }))
        || resultOf(blocking).of(fn.id).some(({ point }) => flow.reaches(at, point));
    }
  },
});

/** The variables of a function that hold the context of the request: as given, as asked for here, or derived from such a one. */
function contextsIn(fn: Function, given: readonly Variable[]): ReadonlySet<Variable> {
  const found = new Set(given);
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const { operations: own } of fn.blocks) for (const operation of own) {
      if (operation.op === 'make' && operation.what === 'context' && operation.result.root.kind === 'variable' && (operation.served === true || (operation.of !== undefined && holds(operation.of, found)))) found.add(operation.result.root.variable);
      if (operation.op === 'write' && holds(operation.value, found) && operation.path.root.kind === 'variable' && operation.path.selectors.length === 0 && operation.path.root.variable.assignments === 1) found.add(operation.path.root.variable);
    }
  }
  return found;
}

/** What the callee knows them by: its parameters, and what a literal captures. */
function boundIn(callee: Function, args: readonly Value[], contexts: ReadonlySet<Variable>): readonly Variable[] {
  const params = callee.params.filter((_, index) => { const arg = args[index]; return arg !== undefined && holds(arg, contexts); });
  return callee.closureOf === undefined ? params : [...params, ...contexts];
}

function useIn(program: Program, graph: CallGraph, fn: Function, contexts: ReadonlySet<Variable>, depth: number): Pick<DetachedWork, 'fn' | 'at' | 'context' | 'waits'> | undefined {
  if (contexts.size === 0 || looksAtTheEnd(fn, contexts)) return undefined;
  for (const { operations: own } of fn.blocks) for (const operation of own) {
    const context = operation.op === 'call' && operation.blocks !== undefined ? operation.args.find((arg) => holds(arg, contexts)) : undefined;
    if (context !== undefined && operation.op === 'call') return { fn, at: operation.at, context: nameOf(context), waits: operation.blocks! };
  }
  for (const site of depth === 0 ? [] : graph.sites.get(fn.id) ?? []) {
    const callee = site.kind === 'call' && site.certain ? program.functions.get(site.targets[0]!) : undefined;
    const inner = callee === undefined ? undefined : useIn(program, graph, callee, contextsIn(callee, boundIn(callee, site.operation.args, contexts).filter((variable) => callee.params.includes(variable))), depth - 1);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

/** Waits for the context or asks whether it has ended. */
function looksAtTheEnd(fn: Function, contexts: ReadonlySet<Variable>): boolean {
  const isEnd = (path: AccessPath): boolean => path.root.kind === 'variable' && contexts.has(path.root.variable) && path.selectors.length > 0;
  return fn.blocks.some(({ operations: own, terminator }) => (terminator.kind === 'select' && terminator.arms.some(({ channel }) => isEnd(channel)))
    || own.some((operation) => (operation.op === 'receive' && isEnd(operation.channel)) || (operation.op === 'read' && operation.verb === 'Err' && pathsOf(operation).some(({ root }) => root.kind === 'variable' && contexts.has(root.variable)))));
}

function holds(value: Value, contexts: ReadonlySet<Variable>): boolean {
  return value.kind === 'path' && value.path.selectors.length === 0 && value.path.root.kind === 'variable' && contexts.has(value.path.root.variable);
}

function nameOf(value: Value): string {
  return value.kind === 'path' && value.path.root.kind === 'variable' ? value.path.root.variable.name : 'the context';
}
