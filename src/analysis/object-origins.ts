import { classOf, type AccessPath, type Function, type FunctionId, type OperationOf, type Value, type Variable } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { callGraph, targetsOf, type CallSite } from './call-graph.js';
import { ownership } from './ownership.js';
import { location } from './substitution.js';
import { tasks, type Task } from './tasks.js';

/**
 * Where does a task have an object from? `shared`: from where others find it too, a variable of the package, the receiver
 * of whoever is called, a field, a container or a message. `own`: a function of the task, or the one that starts it, has
 * made it. Two tasks meet on one object when both have it from one maker, or when nobody keeps it to himself.
 * Under-approximates: what goes through calls that are not seen, or farther than a few calls, has no origin.
 */
export interface ObjectOrigin {
  readonly shared: boolean;
  /** The variables in whose functions it was made. `true`: it is stored or returned as well, so that others find it. */
  readonly own: ReadonlyMap<Variable, boolean>;
  /** Nothing else is possible. */
  readonly whole: boolean;
  /** Fields out of which it comes. */
  readonly fields: ReadonlySet<string>;
  /** It is only seen to come by calls that may mean objects of several types, as through an interface: it may be another one. */
  readonly vague: boolean;
}

export interface ObjectOrigins {
  /** The object in which the path begins, as the task has it that runs the path's function. */
  readonly of: (task: Task, path: AccessPath) => ObjectOrigin;
}

/** Calls, definitions and starts followed from one path. */
const maxSteps = 24;

/** Callers asked at each function. */
const maxCallers = 16;

const unknown: ObjectOrigin = { shared: false, own: new Map(), whole: false, fields: new Set(), vague: false };

export const objectOrigins = defineAnalysis<ObjectOrigins>({
  name: 'object-origins',
  run(program, resultOf) {
    const graph = resultOf(callGraph);
    const running = resultOf(tasks);
    const owned = resultOf(ownership);
    const known = new Map<Task, Map<Variable, ObjectOrigin>>();
    const sources = new Map<FunctionId, ReadonlyMap<Variable, readonly Source[]>>();

    return {
      of: (task, { root }) => {
        if (root.kind !== 'variable') return unknown;
        let origins = known.get(task);
        if (origins === undefined) known.set(task, origins = new Map());
        // A captured variable is one cell, whichever literal of the task mentions it.
        let origin = origins.get(root.variable);
        if (origin === undefined) {
          const trail: Trail = { steps: 0, seen: new Set(), shared: false, own: new Map(), whole: true, fields: new Set(), inside: false, vague: false, plain: false };
          follow(task, root.variable, trail);
          origins.set(root.variable, origin = { shared: trail.shared, own: trail.own, whole: trail.whole, fields: trail.fields, vague: !trail.plain });
        }
        return origin;
      },
    };

    function follow(from: Task | undefined, variable: Variable, trail: Trail): void {
      if (variable.kind === 'global') { trail.shared = true; trail.plain ||= !trail.vague; return; }
      const fn = variable.owner === undefined ? undefined : program.functions.get(variable.owner);
      if (trail.seen.has(variable)) return;
      trail.seen.add(variable);
      trail.plain ||= !trail.vague && fn !== undefined && fn.params.indexOf(variable) < 0;
      trail.steps += 1;
      if (fn === undefined || trail.steps > maxSteps) { trail.whole = false; return; }
      // A variable that the task's literals have captured is the starter's.
      const task = from !== undefined && running.runs(from, fn.id) ? from : undefined;
      const index = fn.params.indexOf(variable);
      if (index >= 0) return throughCallers(task, fn, index, trail);
      if (!isContainer(variable) && owned.isBornHere(variable)) { trail.own.set(variable, owned.isStored(variable) || isReturned(fn, variable)); return; }
      const list = sourcesOf(fn).get(variable);
      if (list === undefined) trail.whole = false;
      else for (const source of list) {
        if (source.kind === 'message') trail.shared = true;
        else if (source.kind === 'path') throughPath(task, source.path, trail);
        else throughCall(task, fn, variable, source.operation, trail);
      }
    }

    /** What lies in a part of an object is known to whoever knows the object. */
    function throughPath(task: Task | undefined, path: AccessPath | undefined, trail: Trail): void {
      if (path?.root.kind !== 'variable') { trail.whole = false; return; }
      const { inside } = trail;
      const field = inside || path.selectors.length === 0 ? undefined : classOf(path);
      if (field !== undefined) trail.fields.add(field);
      trail.inside ||= path.selectors.length > 0;
      follow(task, path.root.variable, trail);
      trail.inside = inside;
    }

    /** A getter gives what its receiver, an argument or a variable of the package holds. */
    function throughCall(task: Task | undefined, fn: Function, result: Variable, operation: OperationOf<'call'>, trail: Trail): void {
      const { targets } = targetsOf(operation.callee);
      if (targets.length === 0 || targets.length > maxCallers) trail.whole = false;
      else for (const target of targets) for (const { terminator } of program.functions.get(target)!.blocks) if (terminator.kind === 'return' && terminator.values[0] !== undefined) given(task, fn, result, program.functions.get(target)!, terminator.values[0], operation, trail);
    }

    function given(task: Task | undefined, fn: Function, result: Variable, callee: Function, value: Value, operation: OperationOf<'call'>, trail: Trail): void {
      if (value.kind === 'constant') return;
      const path = location(value);
      // What each call makes anew is the caller's.
      if (value.kind === 'allocation' || (path?.root.kind === 'variable' && path.selectors.length === 0 && path.root.variable.owner === callee.id && owned.isBornHere(path.root.variable))) { trail.own.set(result, owned.isStored(result) || isReturned(fn, result)); return; }
      const index = path?.root.kind === 'variable' ? callee.params.indexOf(path.root.variable) : -1;
      if (index < 0) return throughPath(task, path, trail);
      const argument = operation.args[index];
      throughPath(task, argument === undefined ? undefined : location(argument), trail);
    }

    function throughCallers(task: Task | undefined, fn: Function, index: number, trail: Trail): void {
      if (task !== undefined && running.startsWith(task, fn.id)) {
        trail.plain ||= !trail.vague;
        if (task.spawn !== undefined) throughArgument(undefined, task.spawn.operation, index, trail);
        else if (index === 0 && fn.receiver !== undefined) trail.shared = true;
        else trail.whole = false;
      }
      // Beyond the task's start: whoever calls the starter from outside hands it what others have.
      if (task === undefined) trail.plain ||= !trail.vague;
      if (task === undefined && fn.exported) { trail.shared = true; return; }
      const sites = graph.callers.get(fn.id) ?? [];
      if (task === undefined && sites.length === 0) {
        if (index === 0 && fn.receiver !== undefined) trail.shared = true;
        else trail.whole = false;
      }
      if (sites.length > maxCallers) trail.whole = false;
      for (const site of sites.slice(0, maxCallers)) if (!site.caller.test && (task === undefined ? site.kind !== 'runs' : site.kind === 'call' && running.runs(task, site.caller.id))) {
        const { vague } = trail;
        trail.vague ||= !trail.inside && !site.certain;
        throughArgument(task, site.operation, index, trail);
        trail.vague = vague;
      }
    }

    function throughArgument(task: Task | undefined, operation: CallSite['operation'], index: number, trail: Trail): void {
      const argument = operation.args[index];
      throughPath(task, argument === undefined ? undefined : location(argument), trail);
    }

    function sourcesOf(fn: Function): ReadonlyMap<Variable, readonly Source[]> {
      let table = sources.get(fn.id);
      if (table === undefined) sources.set(fn.id, table = sourcesIn(fn));
      return table;
    }
  },
});

/** On the way that is followed now, `inside`: what the object lies in; `vague`: a call of several types has been passed. `plain`: some way has passed none. */
interface Trail { steps: number; inside: boolean; vague: boolean; plain: boolean; readonly fields: Set<string>; readonly seen: Set<Variable>; shared: boolean; readonly own: Map<Variable, boolean>; whole: boolean }

type Source = { readonly kind: 'message' } | { readonly kind: 'path'; readonly path: AccessPath } | { readonly kind: 'call'; readonly operation: OperationOf<'call'> };

function isContainer({ type }: Variable): boolean {
  return type.kind === 'list' || type.kind === 'map';
}

/** What is put into the variables of a function. */
function sourcesIn(fn: Function): ReadonlyMap<Variable, readonly Source[]> {
  const table = new Map<Variable, Source[]>();
  const put = (variable: Variable | undefined, source: Source): void => {
    if (variable === undefined) return;
    const list = table.get(variable);
    if (list === undefined) table.set(variable, [source]);
    else list.push(source);
  };
  for (const { operations, terminator } of fn.blocks) {
    for (const operation of operations) {
      if (operation.op === 'read' && operation.result !== undefined) put(operation.result, { kind: 'path', path: operation.path });
      else if (operation.op === 'call') for (const result of operation.results) put(result, { kind: 'call', operation });
      else if (operation.op === 'receive') put(operation.result, { kind: 'message' });
      // What is put into a list or a map comes out of it again.
      else if (operation.op === 'write' && operation.path.root.kind === 'variable' && operation.path.selectors.every(({ kind }) => kind === 'element')) {
        const path = location(operation.value) ?? (operation.value.kind === 'unknown' ? operation.value.entry : undefined);
        if (path !== undefined) put(operation.path.root.variable, { kind: 'path', path });
        else if (operation.value.kind !== 'constant' && operation.value.kind !== 'binary' && !isContainer(operation.path.root.variable)) put(operation.path.root.variable, { kind: 'path', path: { root: { kind: 'unknown', text: '' }, selectors: [] } });
      }
    }
    if (terminator.kind === 'select') for (const arm of terminator.arms) if (arm.direction === 'receive') put(arm.result, { kind: 'message' });
  }
  return table;
}

function isReturned(fn: Function, variable: Variable): boolean {
  return fn.blocks.some(({ terminator }) => terminator.kind === 'return' && terminator.values.some((value) => { const path = location(value); return path?.root.kind === 'variable' && path.root.variable === variable; }));
}
