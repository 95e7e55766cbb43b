import type { AccessPath, BlockId, Function, FunctionId, OperationOf, Program, Value, Variable } from '../ir/index.js';
import { targetsOf, type CallGraph, type CallSite } from './call-graph.js';
import type { Point } from './control-flow.js';

/**
 * Where does a function let go of what its variables hold, and which of its parameters? An object is let go when it is stored,
 * sent, captured by a spawned or stored closure, or given to a callee that lets it go; what lies in it goes with it.
 */
export interface Releases {
  readonly lets: (id: FunctionId, position: number) => boolean;
  readonly in: (fn: Function) => Escapes;
}

/** What a function's variables hold is let go at these points. */
type Escapes = ReadonlyMap<Variable, readonly Point[]>;

/**
 * When an object is out of its maker's hands. `stored`: somebody else refers to it. `started`: a task, a channel or a
 * variable of the package does; until a constructor returns, nobody can follow references that lie in its own objects.
 */
export type Release = 'stored' | 'started';

/** Variables of enclosing functions that a literal mentions. */
export type Captures = (literal: FunctionId) => ReadonlySet<Variable>;

export function capturesOf(program: Program): Captures {
  const known = new Map<FunctionId, ReadonlySet<Variable>>();
  return (literal) => {
    let set = known.get(literal);
    if (set === undefined) known.set(literal, set = variablesOfOuter(program, literal));
    return set;
  };
}

/** Whether the value leads to an object that a variable of the function may lead to as well. */
function refers(value: Value): boolean {
  return value.kind === 'path' ? value.path.selectors.length === 0 : value.kind === 'address' || value.kind === 'closure' || value.kind === 'bound' || value.kind === 'library' || value.kind === 'allocation';
}

/** Functions that calls lead to from these, themselves included. */
export function calledFrom(graph: CallGraph, starts: readonly FunctionId[]): ReadonlySet<FunctionId> {
  const called = new Set<FunctionId>(starts);
  for (const id of called) for (const site of graph.sites.get(id) ?? noSites) if (site.kind === 'call') for (const target of site.targets) called.add(target);
  return called;
}

/** Bottom-up, for these functions or for all; in a recursion what is let go somewhere in it. */
export function releasesOf(program: Program, graph: CallGraph, captured: Captures, release: Release, asked?: ReadonlySet<FunctionId>): Releases {
  const escaping = new Map<FunctionId, ReadonlySet<number>>();
  const lets = (id: FunctionId, position: number): boolean => escaping.get(id)?.has(position) === true;
  const escapesIn = escapeFinder(graph, captured, lets, release);
  const known = new Map<FunctionId, Escapes>();
  /** True when more is let go than was known. */
  const raise = (id: FunctionId): boolean => {
    const fn = program.functions.get(id)!;
    if (fn.params.length === 0 || asked?.has(id) === false) return false;
    const escapes = escapesIn(fn);
    known.set(id, escapes);
    if (escapes.size === 0) return false;
    const positions = new Set<number>();
    fn.params.forEach((variable, index) => { if (escapes.has(variable)) positions.add(index); });
    if (positions.size === (escaping.get(id)?.size ?? 0)) return false;
    escaping.set(id, positions);
    return true;
  };
  for (const component of graph.components) {
    if (component.length === 1) { while (raise(component[0]!) && (graph.callers.get(component[0]!) ?? []).some(({ caller }) => caller.id === component[0])); continue; }
    const members = new Set(component);
    const open = new Set(component);
    for (const id of open) {
      open.delete(id);
      if (raise(id)) for (const { caller } of graph.callers.get(id) ?? []) if (members.has(caller.id)) open.add(caller.id);
    }
  }
  return {
    lets,
    in: (fn) => {
      let escapes = known.get(fn.id);
      if (escapes === undefined) known.set(fn.id, escapes = escapesIn(fn));
      return escapes;
    },
  };
}

const nothingLeaves: Escapes = new Map();
const noSites: readonly CallSite[] = [];

/** Looks at one function after the other: what is being found out about one stands beside the questions, so that these are made once. */
function escapeFinder(graph: CallGraph, captured: Captures, letsGo: Releases['lets'], release: Release): (fn: Function) => Escapes {
  let owner: FunctionId;
  let at: Point | undefined;
  let block: BlockId;
  let index: number;
  let points: Map<Variable, Point[]> | undefined;
  /** By twos: a variable, and one whose object lies in its own and is released with it. */
  const holders: Variable[] = [];
  let ownParts: Map<Variable, AccessPath[]> | undefined;

  return (fn) => {
    owner = fn.id;
    points = undefined;
    holders.length = 0;
    ownParts = undefined;
    const sites = graph.sites.get(fn.id) ?? noSites;
    let next = 0;
    for (const { id, operations } of fn.blocks) for (let position = 0; position < operations.length; position++) {
      const operation = operations[position]!;
      if (operation.op !== 'write' && operation.op !== 'send' && operation.op !== 'spawn' && operation.op !== 'call') continue;
      block = id;
      index = position;
      at = undefined;
      switch (operation.op) {
        case 'write': if (refers(operation.value)) write(operation); break;
        case 'send': escape(operation.value); break;
        case 'spawn':
          for (const argument of operation.args) escape(argument);
          for (const target of targetsOf(operation.callee).targets) for (const variable of captured(target)) addPoint(variable);
          break;
        default:
          // Sites stand in the order of their operations.
          while (next < sites.length && (sites[next]!.kind !== 'call' || sites[next]!.at.block < id || (sites[next]!.at.block === id && sites[next]!.at.index < position))) next++;
          call(operation, sites[next]?.operation === operation ? sites[next]!.targets : undefined);
      }
    }
    if (ownParts !== undefined) addWholes(fn, ownParts);
    if (points === undefined) return nothingLeaves;
    releaseHeld(points, holders);
    return points;
  };

  function addPoint(variable: Variable): void {
    at ??= { block, index };
    points ??= new Map();
    const known = points.get(variable);
    if (known === undefined) points.set(variable, [at]); else known.push(at);
  }

  function write(operation: OperationOf<'write'>): void {
    const { path, value } = operation;
    const holder = path.root.kind === 'variable' && path.root.variable.owner === owner ? path.root.variable : undefined;
    if (holder !== undefined && release === 'started') { putInto(value, holder); return; }
    const plain = holder !== undefined && path.selectors.length === 0;
    const intoTemporary = plain && holder.kind === 'temporary';
    // A second name of the function's own: what it lets go, it lets go for the first.
    if (plain && (value.kind === 'path' || value.kind === 'address') && !intoTemporary) { putInto(value, holder); return; }
    if (!plain || (value.kind !== 'closure' && value.kind !== 'allocation' && !intoTemporary)) escape(value, keepsItself(operation));
    if (plain && value.kind === 'allocation') for (const field of value.fields ?? []) escape(field.value);
  }

  function call({ args, runs, results }: OperationOf<'call'>, targets: readonly FunctionId[] | undefined): void {
    for (let position = 0; position < args.length; position++) {
      const argument = args[position]!;
      if (!refers(argument) || runs?.includes(argument) === true) continue;
      // Code we do not see is not accused of sharing what it is given; literals it may keep are.
      const lets = targets === undefined ? argument.kind === 'closure' || argument.kind === 'bound' : targets.some((target) => letsGo(target, position));
      if (lets) escape(argument);
      // What a callee makes may keep what it was given.
      else if (release === 'started') for (const result of results) putInto(argument, result);
    }
  }

  function escape(value: Value, into?: Variable): void {
    switch (value.kind) {
      case 'path': case 'address':
        if (value.path.root.kind === 'variable' && value.path.root.variable !== into && (value.kind === 'address' || value.path.selectors.length === 0)) addPoint(value.path.root.variable);
        break;
      case 'closure': for (const variable of captured(value.target)) if (variable !== into) addPoint(variable); break;
      case 'bound': escape(value.receiver, into); break;
      case 'library': if (value.receiver !== undefined) escape(value.receiver, into); break;
      case 'allocation': if (value.fields !== undefined) for (const field of value.fields) escape(field.value, into); break;
      default: break;
    }
  }

  /** The value now lies in an object of the function's own, and is released with it. */
  function putInto(value: Value, holder: Variable): void {
    switch (value.kind) {
      case 'path': case 'address':
        if (value.path.root.kind === 'variable' && value.path.root.variable !== holder && (value.kind === 'address' || value.path.selectors.length === 0)) holders.push(holder, value.path.root.variable);
        break;
      case 'closure': for (const variable of captured(value.target)) if (variable !== holder) holders.push(holder, variable); break;
      case 'bound': putInto(value.receiver, holder); break;
      case 'allocation': if (value.fields !== undefined) for (const field of value.fields) putInto(field.value, holder); break;
      default: break;
    }
  }

  function keepsItself({ path, value }: OperationOf<'write'>): Variable | undefined {
    const holder = value.kind === 'closure' || value.kind === 'bound' || value.kind === 'allocation' ? ownField(path) : undefined;
    if (holder === undefined || !leadsTo(value, holder)) return undefined;
    ownParts ??= new Map();
    ownParts.set(holder, [...(ownParts.get(holder) ?? []), path]);
    return holder;
  }

  /** The variable in whose object, and no farther, the path lies: what the object refers to itself by lets nobody else know it. */
  function ownField({ root, selectors }: AccessPath): Variable | undefined {
    return root.kind === 'variable' && root.variable.owner === owner && selectors.length === 1 && selectors[0]!.kind === 'field' ? root.variable : undefined;
  }

  function leadsTo(value: Value, variable: Variable): boolean {
    switch (value.kind) {
      case 'closure': return captured(value.target).has(variable);
      case 'bound': return leadsTo(value.receiver, variable);
      case 'allocation': return value.fields?.some((field) => leadsTo(field.value, variable)) === true;
      default: return (value.kind === 'path' || value.kind === 'address') && value.path.root.kind === 'variable' && value.path.root.variable === variable;
    }
  }

  /** Who is given such a part has the whole. */
  function addWholes(fn: Function, parts: ReadonlyMap<Variable, readonly AccessPath[]>): void {
    for (const { id, operations: all } of fn.blocks) for (let position = 0; position < all.length; position++) {
      const operation = all[position]!;
      if (operation.op !== 'write' && operation.op !== 'send' && operation.op !== 'spawn' && operation.op !== 'call') continue;
      block = id;
      index = position;
      at = undefined;
      for (const value of operation.op === 'write' || operation.op === 'send' ? [operation.value] : operation.args) {
        if ((value.kind !== 'path' && value.kind !== 'address') || value.path.root.kind !== 'variable' || value.path.selectors.length === 0) continue;
        const { root: { variable }, selectors: [first] } = value.path as AccessPath & { readonly root: { readonly kind: 'variable'; readonly variable: Variable } };
        if (parts.get(variable)?.some(({ selectors: [part] }) => first?.kind === 'field' && part?.kind === 'field' && part.name === first.name) === true) addPoint(variable);
      }
    }
  }
}

/** What an object holds is released with it. `holders`: by twos, who holds and what is held. */
function releaseHeld(points: Map<Variable, Point[]>, holders: readonly Variable[]): void {
  if (!holders.some((holder, place) => place % 2 === 0 && points.has(holder))) return;
  const heldBy = new Map<Variable, Variable[]>();
  for (let place = 0; place < holders.length; place += 2) {
    const known = heldBy.get(holders[place]!);
    if (known === undefined) heldBy.set(holders[place]!, [holders[place + 1]!]); else known.push(holders[place + 1]!);
  }
  for (const [holder, where] of [...points]) {
    if (!heldBy.has(holder)) continue;
    const seen = new Set<Variable>([holder]);
    const work = [...heldBy.get(holder)!];
    for (let held = work.pop(); held !== undefined; held = work.pop()) {
      if (seen.has(held)) continue;
      seen.add(held);
      points.set(held, [...(points.get(held) ?? []), ...where]);
      for (const one of heldBy.get(held) ?? []) work.push(one);
    }
  }
}

/** Variables of enclosing functions that a closure, or a closure in it, mentions. */
function variablesOfOuter(program: Program, id: FunctionId, seen: Set<FunctionId> = new Set()): ReadonlySet<Variable> {
  const variables = new Set<Variable>();
  const fn = program.functions.get(id);
  if (fn === undefined || fn.closureOf === undefined || seen.has(id)) return variables;
  seen.add(id);
  const see = (path: AccessPath | undefined): void => {
    if (path?.root.kind === 'variable' && path.root.variable.owner !== id && path.root.variable.owner !== undefined) variables.add(path.root.variable);
  };
  const seeValue = (value: Value): void => {
    if (value.kind === 'path' || value.kind === 'address') see(value.path);
    else if (value.kind === 'closure') for (const variable of variablesOfOuter(program, value.target, seen)) { if (variable.owner !== id) variables.add(variable); }
    else if (value.kind === 'bound') seeValue(value.receiver);
    else if (value.kind === 'allocation') for (const field of value.fields ?? []) seeValue(field.value);
  };
  for (const block of fn.blocks) for (const operation of block.operations) {
    if ('path' in operation) see(operation.path);
    if ('lock' in operation) see(operation.lock);
    if ('channel' in operation) see(operation.channel);
    if ('on' in operation) see(operation.on);
    if ('value' in operation) seeValue(operation.value);
    if (operation.op === 'call' || operation.op === 'spawn') {
      for (const argument of operation.args) seeValue(argument);
      for (const target of targetsOf(operation.callee).targets) if (program.functions.get(target)?.closureOf !== undefined) seeValue({ kind: 'closure', target });
    }
  }
  return variables;
}
