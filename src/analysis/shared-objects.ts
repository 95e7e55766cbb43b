import { pathKey, type AccessPath, type Args, type Function, type Program, type Variable } from '../ir/index.js';
import type { Access } from './accesses.js';
import { defineAnalysis } from './analysis.js';
import { callGraph } from './call-graph.js';
import { controlFlow } from './control-flow.js';
import { location } from './substitution.js';
import { tasks, type Task } from './tasks.js';
import { recordOf } from './types.js';

/**
 * Which object does a task's access work on, in the words of whoever started the task? Follows the root of the
 * access up the calls: to an argument or captured variable of the spawn, or to the receiver of the method that is
 * called from outside. Elements of containers have no such name.
 */
export interface Anchor {
  /** The spawning function's variable, or the outside method's receiver. */
  readonly variable: Variable;
  /** From the variable to the accessed location. */
  readonly path: AccessPath;
  /** The record the variable leads to, and the way from it: equal ones may be one object. */
  readonly kinship: string;
  /** Calls between the start of the task and the access. */
  readonly depth: number;
}

export interface SharedObjects {
  readonly anchorOf: (task: Task, access: Pick<Access, 'fn' | 'path'>) => Anchor | undefined;
  /** The same, but no farther than to the variables of this function, when the task runs it. */
  readonly anchorIn: (task: Task, access: Pick<Access, 'fn' | 'path'>, frame: Function) => Anchor | undefined;
  /** Whether all instances of a task that is started many times get this very object. */
  readonly sharedByInstances: (task: Task, access: Pick<Access, 'fn' | 'path'>) => boolean;
}

/** Calls between the start of a task and the access; farther away the object's name says little. */
const maxDepth = 6;

/** Callers followed up from one function. */
const maxCallers = 16;

export const sharedObjects = defineAnalysis<SharedObjects>({
  name: 'shared-objects',
  run(program, resultOf) {
    const graph = resultOf(callGraph);
    const running = resultOf(tasks);
    const anchors = new Map<Task, Map<AccessPath, Anchor | undefined>>();
    const anchorOf = (task: Task, access: Pick<Access, 'fn' | 'path'>): Anchor | undefined => {
      let own = anchors.get(task);
      if (own === undefined) anchors.set(task, own = new Map());
      if (!own.has(access.path)) own.set(access.path, trace(task, access.fn, access.path, 0, new Set()));
      return own.get(access.path);
    };
    const anchorIn = (task: Task, access: Pick<Access, 'fn' | 'path'>, frame: Function): Anchor | undefined => (running.running(frame.id).includes(task) ? trace(task, access.fn, access.path, 0, new Set(), frame) : undefined);
    const sharedByInstances = (task: Task, access: Pick<Access, 'fn' | 'path'>): boolean => {
      if (access.path.root.kind === 'variable' && access.path.root.variable.kind === 'global') return true;
      const anchor = anchorOf(task, access);
      if (anchor === undefined) return false;
      if (task.spawn === undefined || task.spawn.operation.repeated === true) return true;
      return anchor.variable.owner !== task.spawn.by.id || !variesByTurn(task, anchor.variable);
    };
    return { anchorOf, anchorIn, sharedByInstances };

    function trace(task: Task, fn: Function, path: AccessPath, depth: number, seen: Set<string>, frame?: Function): Anchor | undefined {
      if (path.root.kind !== 'variable' || path.selectors.slice(0, -1).some((selector) => selector.kind === 'element')) return undefined;
      const { variable } = path.root;
      if (variable.kind === 'global' || (frame !== undefined && variable.owner === frame.id)) return anchor(program, variable, path, depth);
      const by = task.spawn?.by;
      if (variable.owner !== fn.id) return by !== undefined && (variable.owner === by.id || isAround(program, by, variable)) ? anchor(program, variable, path, depth) : task.spawn === undefined ? anchor(program, variable, path, depth) : undefined;
      const index = fn.params.indexOf(variable);
      if (index < 0) return by?.id === fn.id ? anchor(program, variable, path, depth) : undefined;
      const key = `${fn.id} ${index}`;
      if (depth > maxDepth || seen.has(key)) return undefined;
      seen.add(key);
      if (frame === undefined && task.start.includes(fn.id)) {
        if (task.spawn === undefined) return index === 0 && fn.receiver !== undefined ? anchor(program, variable, path, depth) : undefined;
        const base = argumentPath(task.spawn.operation.args, index);
        if (base !== undefined) return anchor(program, base.root.variable, { root: base.root, selectors: [...base.selectors, ...path.selectors] }, depth);
      }
      for (const site of (graph.callers.get(fn.id) ?? []).slice(0, maxCallers)) {
        if (site.kind !== 'call' || !running.running(site.caller.id).includes(task)) continue;
        const base = argumentPath(site.operation.args, index);
        const found = base === undefined ? undefined : trace(task, site.caller, { root: base.root, selectors: [...base.selectors, ...path.selectors] }, depth + 1, seen, frame);
        if (found !== undefined) return found;
      }
      return undefined;
    }

    function variesByTurn(task: Task, variable: Variable): boolean {
      const by = task.spawn!.by;
      return variable.owner === by.id && by.blocks.some((block) => controlFlow(by).inLoop(block.id) && block.operations.some((operation) => (operation.op === 'declare' && operation.variable === variable)
        || (operation.op === 'write' && operation.path.selectors.length === 0 && operation.path.root.kind === 'variable' && operation.path.root.variable === variable)
        || (operation.op === 'call' && operation.results.includes(variable)) || (operation.op === 'receive' && operation.result === variable)));
    }
  },
});

function isAround(program: Program, by: Function, variable: Variable): boolean {
  for (let outer = by.closureOf; outer !== undefined; outer = program.functions.get(outer)?.closureOf) if (outer === variable.owner) return true;
  return false;
}

function argumentPath(args: Args, index: number): { root: { kind: 'variable'; variable: Variable }; selectors: AccessPath['selectors'] } | undefined {
  const path = args[index] === undefined ? undefined : location(args[index]);
  if (path?.root.kind !== 'variable' || !path.selectors.every((selector) => selector.kind === 'field')) return undefined;
  return { root: path.root, selectors: path.selectors };
}

function anchor(program: Program, variable: Variable, path: AccessPath, depth: number): Anchor {
  const record = recordOf(program, variable.type);
  const way = pathKey({ root: { kind: 'unknown', text: '' }, selectors: path.selectors.map((selector) => (selector.kind === 'element' ? { kind: 'element' } : selector)) });
  return { variable, path, depth, kinship: `${variable.kind === 'global' ? variable.qualifiedName : record?.name ?? `#${variable.id}`}${way}` };
}
