import { pathKey, type AccessPath, type Args, type Function, type Program, type Selector, type Variable } from '../ir/index.js';
import type { Access } from './accesses.js';
import { defineAnalysis } from './analysis.js';
import { callGraph, type CallSite } from './call-graph.js';
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
  /** Whether each instance of such a task uses an element of its own: under the number that its turn of the loop has given it. */
  readonly hasOwnElement: (task: Task, access: Pick<Access, 'fn' | 'path'>) => boolean;
}

/** Calls between the start of a task and the access; farther away the object's name says little. */
const maxDepth = 6;

const noSelectors: AccessPath['selectors'] = [];
const noSites: readonly CallSite[] = [];

/** Callers followed up from one function. */
const maxCallers = 16;

export const sharedObjects = defineAnalysis<SharedObjects>({
  name: 'shared-objects',
  run(program, resultOf) {
    const graph = resultOf(callGraph);
    const running = resultOf(tasks);
    const anchors = new Map<Task, Map<AccessPath, Anchor | 'none'>>();
    const bases = new Map<Task, Map<Variable | string, Base | 'none'>>();
    const anchorOf = (task: Task, access: Pick<Access, 'fn' | 'path'>): Anchor | undefined => {
      let own = anchors.get(task);
      if (own === undefined) anchors.set(task, own = new Map());
      let known = own.get(access.path);
      if (known === undefined) own.set(access.path, known = trace(task, access.fn, access.path) ?? 'none');
      return known === 'none' ? undefined : known;
    };
    const anchorIn = (task: Task, access: Pick<Access, 'fn' | 'path'>, frame: Function): Anchor | undefined => (running.runs(task, frame.id) ? trace(task, access.fn, access.path, frame) : undefined);
    const sharedByInstances = (task: Task, access: Pick<Access, 'fn' | 'path'>): boolean => {
      if (access.path.root.kind === 'variable' && access.path.root.variable.kind === 'global') return true;
      const anchor = anchorOf(task, access);
      if (anchor === undefined) return false;
      if (task.spawn === undefined || task.spawn.operation.repeated === true) return true;
      return anchor.variable.owner !== task.spawn.by.id || !variesByTurn(task, anchor.variable);
    };
    return { anchorOf, anchorIn, sharedByInstances, hasOwnElement };

    function hasOwnElement(task: Task, { fn, path }: Pick<Access, 'fn' | 'path'>): boolean {
      const last = path.selectors.at(-1);
      if (task.spawn === undefined || last?.kind !== 'element' || last.index === undefined) return false;
      const position = running.startsWith(task, fn.id) ? fn.params.indexOf(last.index) : -1;
      const given = position < 0 ? undefined : argumentPath(task.spawn.operation.args, position);
      return variesByTurn(task, given?.selectors.length === 0 ? given.root.variable : last.index);
    }

    function trace(task: Task, fn: Function, path: AccessPath, frame?: Function): Anchor | undefined {
      if (path.root.kind !== 'variable') return undefined;
      for (let index = 0; index < path.selectors.length - 1; index++) if (path.selectors[index]!.kind === 'element') return undefined;
      let own = bases.get(task);
      if (own === undefined) bases.set(task, own = new Map());
      const { variable } = path.root;
      const key = variable.owner === fn.id && frame === undefined ? variable : `${variable.id} ${variable.owner === fn.id ? '' : fn.id} ${frame?.id ?? ''}`;
      let base = own.get(key);
      if (base === undefined) own.set(key, base = baseOf(task, fn, variable, frame) ?? 'none');
      return base === 'none' ? undefined : anchor(program, base.variable, base.selectors.length === 0 ? { root: { kind: 'variable', variable: base.variable }, selectors: path.selectors } : { root: { kind: 'variable', variable: base.variable }, selectors: [...base.selectors, ...path.selectors] }, base.depth);
    }

    /**
     * The starter's name for what a variable of a function refers to, by as few calls as lead there: the depth says how much the name is
     * worth, so it must not hang on which of several callers stands first in the text.
     */
    function baseOf(task: Task, fn: Function, variable: Variable, frame?: Function): Base | undefined {
      const seen = new Set<Variable>();
      let level: readonly Named[] = [{ fn, variable, selectors: noSelectors }];
      for (let depth = 0; level.length > 0; depth++) {
        const callers: Named[] = [];
        for (const { fn: inside, variable: of, selectors } of level) {
          const found = ownBase(task, inside, of, depth, seen, frame);
          if (found === undefined) continue;
          if ('selectors' in found) return { variable: found.variable, selectors: selectors.length === 0 ? found.selectors : [...found.selectors, ...selectors], depth };
          followUp(task, found.fn, found.position, selectors, callers);
        }
        level = callers;
      }
      return undefined;
    }

    /** The base, when this is one; the parameter that callers know under other names; nothing where the way ends. */
    function ownBase(task: Task, fn: Function, variable: Variable, depth: number, seen: Set<Variable>, frame: Function | undefined): Pick<Base, 'variable' | 'selectors'> | { readonly fn: Function; readonly position: number } | undefined {
      if (variable.kind === 'global' || (frame !== undefined && variable.owner === frame.id)) return { variable, selectors: noSelectors };
      const by = task.spawn?.by;
      if (variable.owner !== fn.id) {
        if (by !== undefined && (variable.owner === by.id || isAround(program, by, variable))) return { variable, selectors: noSelectors };
        // A literal inside a function of the task itself.
        const outer = isAround(program, fn, variable) ? program.functions.get(variable.owner!) : undefined;
        return outer === undefined ? undefined : ownBase(task, outer, variable, depth, seen, frame);
      }
      const position = fn.params.indexOf(variable);
      if (position < 0) return by?.id === fn.id ? { variable, selectors: noSelectors } : undefined;
      if (depth > maxDepth || seen.has(variable)) return undefined;
      seen.add(variable);
      if (frame === undefined && running.startsWith(task, fn.id)) {
        if (task.spawn === undefined) return position === 0 && fn.receiver !== undefined ? { variable, selectors: noSelectors } : undefined;
        const argument = argumentPath(task.spawn.operation.args, position);
        if (argument !== undefined) return { variable: argument.root.variable, selectors: argument.selectors };
      }
      return { fn, position };
    }

    function followUp(task: Task, fn: Function, position: number, selectors: AccessPath['selectors'], into: Named[]): void {
      const sites = graph.callers.get(fn.id) ?? noSites;
      for (let at = 0; at < sites.length && at < maxCallers; at++) {
        const site = sites[at]!;
        if (site.kind !== 'call') continue;
        const argument = argumentPath(site.operation.args, position);
        if (argument === undefined || !running.runs(task, site.caller.id)) continue;
        into.push({ fn: site.caller, variable: argument.root.variable, selectors: selectors.length === 0 ? argument.selectors : [...argument.selectors, ...selectors] });
      }
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

interface Base { readonly variable: Variable; readonly selectors: AccessPath['selectors']; readonly depth: number }

/** An object on the way up to whoever started the task: a variable of a function, and which part of what it holds. */
interface Named { readonly fn: Function; readonly variable: Variable; readonly selectors: AccessPath['selectors'] }

type NamedPath = AccessPath & { readonly root: { readonly kind: 'variable' } };

function argumentPath(args: Args, index: number): NamedPath | undefined {
  const path = args[index] === undefined ? undefined : location(args[index]);
  return path?.root.kind === 'variable' && path.selectors.every(isField) ? path as NamedPath : undefined;
}

function isField({ kind }: Selector): boolean {
  return kind === 'field';
}

function anchor(program: Program, variable: Variable, path: AccessPath, depth: number): Anchor {
  const record = recordOf(program, variable.type);
  const way = pathKey({ root: { kind: 'unknown', text: '' }, selectors: path.selectors.map((selector) => (selector.kind === 'element' ? { kind: 'element' } : selector)) });
  return { variable, path, depth, kinship: `${variable.kind === 'global' ? variable.qualifiedName : record?.name ?? `#${variable.id}`}${way}` };
}
