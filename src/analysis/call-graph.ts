import { DirectedGraph } from 'graphology';
import { stronglyConnectedComponents } from 'graphology-components';
import type { AccessPath, BlockId, Callee, Function, FunctionId, OperationOf, Program, Value, Variable } from '../ir/index.js';
import { eachValue } from '../ir/verify.js';
import { defineAnalysis } from './analysis.js';
import { makers } from './makers.js';
import type { Point } from './control-flow.js';
import { recordNameIn } from './types.js';

/**
 * Who calls whom, and in which order summaries can be computed.
 * Over-approximates dynamic calls (all candidates); unknown callees have no edge.
 * `certain` says that the call has one possible target, so a rule may rely on it.
 */
export interface CallSite {
  readonly caller: Function;
  readonly at: Point;
  readonly operation: OperationOf<'call'> | OperationOf<'spawn'>;
  readonly targets: readonly FunctionId[];
  readonly certain: boolean;
  /** `runs`: a function value handed to a library call that runs it before returning; it has no arguments we know. */
  readonly kind: 'call' | 'spawn' | 'runs';
}

export interface CallGraph {
  /** Sites in a function, in block order. */
  readonly sites: ReadonlyMap<FunctionId, readonly CallSite[]>;
  /** Sites that may reach a function. */
  readonly callers: ReadonlyMap<FunctionId, readonly CallSite[]>;
  /** Strongly connected components, callees before callers. */
  readonly components: readonly (readonly FunctionId[])[];
  /** Calls that pass a function to a callee which does nothing with it but call it. */
  readonly passes: ReadonlyMap<FunctionId, readonly CallSite[]>;
  /** Functions whose value goes somewhere other than a call we resolved: anyone may call them. */
  readonly escaping: ReadonlySet<FunctionId>;
  /** Functions that stand in a dispatch table and nowhere else: whoever calls an element of it may run them, and nobody else does. */
  readonly tabled: ReadonlySet<FunctionId>;
}

/** The functions a callee may be, and whether there is just one. */
export function targetsOf(callee: Callee): { readonly targets: readonly FunctionId[]; readonly certain: boolean } {
  if (callee.kind === 'static') return { targets: [callee.target], certain: true };
  if (callee.kind === 'dynamic') return { targets: callee.candidates, certain: callee.candidates.length === 1 && callee.complete };
  return { targets: [], certain: false };
}

export const callGraph = defineAnalysis<CallGraph>({
  name: 'call-graph',
  run(program, resultOf) {
    const made = resultOf(makers);
    const sites = new Map<FunctionId, CallSite[]>();
    const callers = new Map<FunctionId, CallSite[]>();
    const escaping = new Set<FunctionId>();
    const passes = new Map<FunctionId, CallSite[]>();
    const names = new Map<Variable, FunctionId>();
    const tables = dispatchTables(program);
    const isKnown = (target: FunctionId): boolean => program.functions.has(target);
    for (const fn of program.functions.values()) {
      const own: CallSite[] = [];
      const add = (at: Point, targets: readonly FunctionId[], certain: boolean, kind: CallSite['kind'], operation: CallSite['operation']): void => {
        const known = targets.every(isKnown) ? targets : targets.filter(isKnown);
        if (known.length > 0) own.push({ caller: fn, at, operation, targets: known, certain, kind });
      };
      const call = (operation: CallSite['operation'], block: BlockId, index: number): void => {
        const at = { block, index };
        const one = methodOfMade(fn, operation.callee);
        const { targets, certain } = one === undefined ? targetsOf(operation.callee) : { targets: [one], certain: true };
        add(at, targets, certain, operation.op, operation);
        const runs = operation.op === 'call' ? operation.runs ?? noValues : noValues;
        for (const value of runs) if (value.kind === 'closure' || value.kind === 'bound') add(at, [value.target], true, 'runs', operation);
        const callee = certain ? program.functions.get(targets[0]!) : undefined;
        for (let position = 0; position < operation.args.length; position++) {
          const value = operation.args[position]!;
          if ((value.kind !== 'closure' && value.kind !== 'bound' && value.kind !== 'allocation') || runs.includes(value)) continue;
          if (operation.op !== 'call' || callee === undefined || value.kind === 'allocation' || !onlyCalls(callee, callee.params[position])) { functionsIn(value, escaping); continue; }
          const site: CallSite = { caller: fn, at, operation, targets: [callee.id], certain: true, kind: 'call' };
          passes.set(value.target, [...(passes.get(value.target) ?? []), site]);
        }
      };
      for (const { id, operations, terminator } of fn.blocks) {
        for (let index = 0; index < operations.length; index++) {
          const operation = operations[index]!;
          if (operation.op === 'call' || operation.op === 'spawn') call(operation, id, index);
          else if (operation.op === 'write') { functionsIn(operation.value, escaping); nameLiteral(operation, names); }
          else if (operation.op === 'send') functionsIn(operation.value, escaping);
        }
        if (terminator.kind === 'return') for (const value of terminator.values) functionsIn(value, escaping);
      }
      tables.look(fn);
      sites.set(fn.id, own);
      for (const site of own) for (const target of site.targets) {
        const list = callers.get(target);
        if (list === undefined) callers.set(target, [site]); else list.push(site);
      }
    }
    for (const id of namedOnly(program, names)) escaping.delete(id);
    const tabled = tables.tabledOnly();
    for (const id of tabled) escaping.delete(id);

    /** The method behind an interface, when the local it is called on holds an object whose maker is known. */
    function methodOfMade(fn: Function, callee: Callee): FunctionId | undefined {
      if (callee.kind !== 'dynamic' || (callee.complete && callee.candidates.length === 1) || callee.value?.kind !== 'path') return undefined;
      const { root, selectors } = callee.value.path;
      const record = selectors.length === 0 && root.kind === 'variable' && root.variable.owner === fn.id ? made.heldBy(fn, root.variable)?.record : undefined;
      if (record === undefined) return undefined;
      const methods = callee.candidates.filter((id) => { const type = program.functions.get(id)?.params[0]?.type; return type !== undefined && recordNameIn(type) === record; });
      return methods.length === 1 ? methods[0] : undefined;
    }
    return { sites, callers, passes, components: componentsBottomUp(program, sites), escaping, tabled };
  },
});

const noValues: readonly Value[] = [];

/** Functions from which calls lead to one, itself included, and whether these are all. */
export interface Leading { readonly functions: ReadonlySet<FunctionId>; readonly whole: boolean }

/** Up from the callers, by the sites that are to be followed, and to no more than so many functions. */
export function leadingTo({ callers }: CallGraph, to: FunctionId, most: number, follows: (site: CallSite) => boolean): Leading {
  const functions = new Set<FunctionId>();
  const work = [to];
  for (let id = work.pop(); id !== undefined; id = work.pop()) {
    if (functions.has(id)) continue;
    if (functions.size >= most) return { functions, whole: false };
    functions.add(id);
    for (const site of callers.get(id) ?? []) if (follows(site)) work.push(site.caller.id);
  }
  return { functions, whole: true };
}

/** Whether running the one function may run the other, by any number of calls that we see. */
export function runs({ sites }: CallGraph, start: FunctionId, other: FunctionId): boolean {
  const seen = new Set<FunctionId>();
  const work = [start];
  for (let id = work.pop(); id !== undefined; id = work.pop()) {
    for (const { targets } of sites.get(id) ?? []) for (const target of targets) {
      if (target === other) return true;
      if (!seen.has(target)) { seen.add(target); work.push(target); }
    }
  }
  return false;
}

/** A literal that is the value of a variable of its function. */
function nameLiteral({ path, value }: OperationOf<'write'>, names: Map<Variable, FunctionId>): void {
  if (value.kind !== 'closure' || path.selectors.length > 0 || path.root.kind !== 'variable') return;
  const { variable } = path.root;
  if (variable.kind === 'local' && variable.assignments <= 1 && !variable.addressed) names.set(variable, value.target);
}

/** Literals that are only the value of one variable of their function, set once and never handed on: whoever runs them calls them by that name. */
function namedOnly(program: Program, names: Map<Variable, FunctionId>): Set<FunctionId> {
  if (names.size === 0) return new Set();
  const written = new Map<FunctionId, number>();
  const see = (value: Value): void => {
    if (value.kind === 'path' || value.kind === 'address') { if (value.path.root.kind === 'variable') names.delete(value.path.root.variable); }
    else if (value.kind === 'bound') see(value.receiver);
    else if (value.kind === 'allocation') for (const field of value.fields ?? []) see(field.value);
    else if (value.kind === 'binary') for (const one of value.appended ?? []) see(one);
    else if (value.kind === 'closure') written.set(value.target, (written.get(value.target) ?? 0) + 1);
  };
  // A local is named in its function and in the literals of that function, nowhere else.
  const owners = new Set([...names.keys()].map(({ owner }) => owner));
  const concerns = (fn: Function | undefined): boolean => fn !== undefined && (owners.has(fn.id) || (fn.closureOf !== undefined && concerns(program.functions.get(fn.closureOf))));
  for (const fn of program.functions.values()) {
    if (!concerns(fn)) continue;
    for (const { operations, terminator } of fn.blocks) {
      for (const operation of operations) eachValue(operation, see);
      if (terminator.kind === 'return') for (const value of terminator.values) { see(value); if (value.kind === 'closure') written.set(value.target, 2); }
      if (terminator.kind === 'select') for (const arm of terminator.arms) if (arm.value !== undefined) see(arm.value);
    }
  }
  return new Set([...names.values()].filter((id) => written.get(id) === 1));
}

/**
 * Lists and maps of the program's own that hold functions, filled where they are declared and used for nothing but to call what is in them.
 * `look` is shown each function of the program; `tabledOnly` then says which functions are elements of such a table and nothing else.
 */
function dispatchTables(program: Program): { readonly look: (fn: Function) => void; readonly tabledOnly: () => ReadonlySet<FunctionId> } {
  const tables = new Map<Variable, readonly FunctionId[]>();
  for (const fn of program.functions.values()) if (fn.role === 'initializer') for (const { operations } of fn.blocks) for (const operation of operations) {
    if (operation.op !== 'write' || operation.value.kind !== 'allocation' || operation.path.selectors.length > 0 || operation.path.root.kind !== 'variable') continue;
    const { variable } = operation.path.root;
    const elements = operation.value.fields ?? [];
    if (variable.kind === 'global' && variable.exported !== true && variable.assignments <= 1 && !variable.addressed && elements.length > 0 && elements.every(({ value }) => value.kind === 'closure')) {
      tables.set(variable, elements.flatMap(({ value }) => (value.kind === 'closure' ? [value.target] : [])));
    }
  }
  const elsewhere = new Set<FunctionId>();
  const leave = ({ root }: AccessPath): void => { if (root.kind === 'variable' && root.variable.kind === 'global') tables.delete(root.variable); };
  const see = (value: Value): void => {
    if (value.kind === 'path' || value.kind === 'address') leave(value.path);
    else if (value.kind === 'allocation') for (const field of value.fields ?? []) see(field.value);
    else if (value.kind === 'binary') for (const one of value.appended ?? []) see(one);
    else if (value.kind === 'closure') elsewhere.add(value.target);
    else if (value.kind === 'bound') { elsewhere.add(value.target); see(value.receiver); }
  };
  const look = (fn: Function): void => {
    if (tables.size > 0) for (const { operations, terminator } of fn.blocks) {
      for (let index = 0; index < operations.length; index++) {
        const operation = operations[index]!;
        if (operation.op === 'write') {
          const { root, selectors } = operation.path;
          // What is put in later is a table's element as well, but when it is in is not known.
          if (root.kind === 'variable' && root.variable.kind === 'global' && tables.has(root.variable)) { if (selectors.length === 0 && fn.role === 'initializer') continue; leave(operation.path); }
        } else if ((operation.op === 'call' || operation.op === 'spawn') && 'value' in operation.callee && operation.callee.value !== undefined && !(operation.callee.kind === 'dynamic' && operation.callee.complete)) see(operation.callee.value);
        eachValue(operation, see);
      }
      if (terminator.kind === 'return') terminator.values.forEach(see);
      if (terminator.kind === 'select') for (const arm of terminator.arms) if (arm.value !== undefined) see(arm.value);
    }
  };
  return { look, tabledOnly: () => new Set([...tables.values()].flat().filter((id) => !elsewhere.has(id))) };
}

/** Whether the function does nothing with the parameter but call it before it returns. */
function onlyCalls(fn: Function, parameter: Variable | undefined): boolean {
  if (parameter === undefined || parameter.captured || parameter.addressed) return false;
  const isIt = (value: Value): boolean => value.kind === 'path' && value.path.root.kind === 'variable' && value.path.root.variable === parameter;
  const within = (value: Value): boolean => isIt(value) || (value.kind === 'allocation' && (value.fields ?? []).some((field) => within(field.value)));
  return fn.blocks.every((block) => block.operations.every((operation) => {
    if (operation.op === 'write' || operation.op === 'send') return !within(operation.value);
    if (operation.op === 'spawn') return !operation.args.some(within) && !('value' in operation.callee && operation.callee.value !== undefined && isIt(operation.callee.value));
    return operation.op !== 'call' || !operation.args.some(within);
  }) && (block.terminator.kind !== 'return' || !block.terminator.values.some(within)));
}

function functionsIn(value: Value, into: Set<FunctionId>): void {
  if (value.kind === 'closure') into.add(value.target);
  else if (value.kind === 'bound') { into.add(value.target); functionsIn(value.receiver, into); }
  else if (value.kind === 'allocation') for (const field of value.fields ?? []) functionsIn(field.value, into);
}

function componentsBottomUp(program: Program, sites: ReadonlyMap<FunctionId, readonly CallSite[]>): FunctionId[][] {
  const ids = [...program.functions.keys()];
  const position = new Map(ids.map((id, index) => [id, index]));
  const seenBy = new Int32Array(ids.length).fill(-1);
  const callees = ids.map((id, caller) => {
    const targets: number[] = [];
    for (const site of sites.get(id) ?? []) for (const target of site.targets) {
      const callee = position.get(target)!;
      if (seenBy[callee] === caller) continue;
      seenBy[callee] = caller;
      targets.push(callee);
    }
    return targets;
  });
  const components = ids.map((_, index): readonly number[] => [index]);
  for (const members of recursions(callees)) for (const member of members) components[member] = members;
  const done = new Uint8Array(ids.length);
  const result: FunctionId[][] = [];
  // The last one pushed is visited first: a callee called twice counts where it is called last.
  const calleesOf = (members: readonly number[]): number[] => (members.length === 1 ? [...callees[members[0]!]!] : members.flatMap((member) => callees[member]!));
  const visit = (start: number): void => {
    const stack: { readonly members: readonly number[]; readonly pending: number[] }[] = [];
    const enter = (index: number): void => {
      const members = components[index]!;
      for (const member of members) done[member] = 1;
      stack.push({ members, pending: calleesOf(members) });
    };
    enter(start);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const next = top.pending.pop();
      if (next !== undefined) { if (done[next] === 0) enter(next); continue; }
      result.push(top.members.length === 1 ? [ids[top.members[0]!]!] : insideOut(top.members.map((member) => ids[member]!), sites));
      stack.pop();
    }
  };
  for (let index = 0; index < ids.length; index++) if (done[index] === 0) visit(index);
  return result;
}

/**
 * The members of a circle, callees first as far as a circle has such an order: along the calls that are certain, by which most of what is
 * known of callees comes up, and then along the others. Where it begins and how it goes on is decided by name: what is computed in one or
 * two rounds over a circle must not depend on which file a function stands in, or on what stands above it.
 */
function insideOut(members: readonly FunctionId[], sites: ReadonlyMap<FunctionId, readonly CallSite[]>): FunctionId[] {
  const inside = new Set(members);
  const callees = (counts: (site: CallSite) => boolean) => (id: FunctionId): FunctionId[] => (sites.get(id) ?? []).flatMap((site) => (counts(site) ? site.targets.filter((target) => inside.has(target)) : []));
  const byAll = calleesFirst([...members].sort(), callees(() => true));
  return calleesFirst(byAll, callees(({ certain, kind }) => certain && kind !== 'spawn'));
}

function calleesFirst(members: readonly FunctionId[], calleesOf: (id: FunctionId) => FunctionId[]): FunctionId[] {
  const entered = new Set<FunctionId>();
  const order: FunctionId[] = [];
  for (const start of members) {
    if (entered.has(start)) continue;
    entered.add(start);
    const stack = [{ id: start, pending: calleesOf(start).sort().reverse() }];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const next = top.pending.pop();
      if (next === undefined) {
        order.push(top.id);
        stack.pop();
      } else if (!entered.has(next)) {
        entered.add(next);
        stack.push({ id: next, pending: calleesOf(next).sort().reverse() });
      }
    }
  }
  return order;
}

/**
 * The strongly connected components of several members, those in ascending order. Few functions are part of a recursion:
 * what calls nobody that is left, or is called by nobody that is left, is taken away first, and only the rest is searched.
 */
function recursions(callees: readonly (readonly number[])[]): number[][] {
  const callers = callees.map((): number[] => []);
  callees.forEach((targets, caller) => { for (const callee of targets) callers[callee]!.push(caller); });
  const left = new Uint8Array(callees.length).fill(1);
  const trim = (forth: readonly (readonly number[])[], back: readonly (readonly number[])[]): void => {
    const open = Int32Array.from(forth, (next, index) => (left[index] === 1 ? next.reduce((count, one) => count + left[one]!, 0) : -1));
    const ends: number[] = [];
    open.forEach((count, index) => { if (count === 0) ends.push(index); });
    for (let end = ends.pop(); end !== undefined; end = ends.pop()) {
      left[end] = 0;
      for (const one of back[end]!) if (left[one] === 1 && --open[one]! === 0) ends.push(one);
    }
  };
  trim(callees, callers);
  trim(callers, callees);
  const graph = new DirectedGraph({ allowSelfLoops: true });
  left.forEach((isLeft, index) => { if (isLeft === 1) graph.addNode(index); });
  left.forEach((isLeft, caller) => { if (isLeft === 1) for (const callee of callees[caller]!) if (left[callee] === 1) graph.addDirectedEdge(caller, callee); });
  return stronglyConnectedComponents(graph).map((members) => members.map(Number).sort((a, b) => a - b)).filter((members) => members.length > 1);
}

/** Code that is not seen may call it by name. What a module keeps to itself only where nobody is seen to: what nobody calls is there for a library to find. */
export function isOpen(graph: Pick<CallGraph, 'callers'>, fn: Function): boolean {
  return fn.exported && !(fn.inner === true && (graph.callers.get(fn.id) ?? []).some(({ caller }) => !caller.test));
}
