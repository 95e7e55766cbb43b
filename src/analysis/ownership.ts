import type { AccessPath, Function, FunctionId, OperationOf, Program, Value, Variable } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { callGraph, isOpen, targetsOf, type CallGraph } from './call-graph.js';
import { controlFlow, type Point } from './control-flow.js';
import { recordOf } from './types.js';

/**
 * Does only the running task know this object yet? A fresh allocation is owned until it escapes: stored
 * somewhere, sent, captured by a spawned or stored closure, handed to code we do not see. A parameter is owned
 * when every caller owns what it passes (RacerD's ownership, made flow-sensitive by reachability).
 * A constructor (a function that returns what it made) owns its parameters too: nobody runs before it returns.
 */
export interface Ownership {
  /** Whether the access at this point of the function touches memory that no other task can reach. */
  readonly owns: (fn: Function, point: Point, path: AccessPath) => boolean;
  /** Whether the variable only ever holds objects made in its own function: another call of it has another object. */
  readonly isBornHere: (variable: Variable) => boolean;
  /** Whether such an object is only shared with tasks that its own function starts. */
  readonly isConfined: (variable: Variable) => boolean;
  /** Whether such an object is put where tasks of other functions find it: stored, sent, kept by a callee. Returned is not stored. */
  readonly isStored: (variable: Variable) => boolean;
  /** The functions that are making the object which the variable holds, and will return it: only tasks started below them can know the object yet. None when it may be in use. */
  readonly constructorsOf: (fn: Function, variable: Variable) => readonly Function[];
  /** The starts of tasks by which alone others have come to know an object made in this function, up to the point; undefined when it is known in other ways too. */
  readonly startsSharing: (fn: Function, point: Point, variable: Variable) => readonly OperationOf<'spawn'>[] | undefined;
  /** Where an object that was made in this function, the last one that the variable holds, has been let go before the point; undefined when it may be another's. */
  readonly releasesBefore: (fn: Function, point: Point, variable: Variable) => readonly Point[] | undefined;
  /** Whether an object that this value refers to is owned there. */
  readonly ownsValue: (fn: Function, point: Point, value: Value) => boolean;
}

/**
 * When an object is out of its maker's hands. `stored`: somebody else refers to it. `started`: a task, a channel or a
 * variable of the package does; until a constructor returns, nobody can follow references that lie in its own objects.
 */
type Release = 'stored' | 'started';

const nobody: readonly Function[] = [];

interface Local extends Births { readonly escapes: ReadonlyMap<Variable, readonly Point[]> }

/** Where a variable gets an object made here, and where it gets another one. */
interface Births { readonly fresh: Map<Variable, readonly Point[]>; readonly others: Map<Variable, readonly Point[]> }

export const ownership = defineAnalysis<Ownership>({
  name: 'ownership',
  run(program, resultOf) {
    const graph = resultOf(callGraph);
    const handOvers = handOversOf(program, graph);
    const stored = escapingParameters(program, graph, handOvers, 'stored');
    const freshResults = functionsReturningFresh(program, graph);
    const locals = new Map<FunctionId, Local>();
    const localOf = (fn: Function): Local => {
      let local = locals.get(fn.id);
      if (local === undefined) locals.set(fn.id, local = { ...birthsIn(fn, freshResults), escapes: stored.points.get(fn.id) ?? escapePoints(handOvers(fn), stored.positions, 'stored') });
      return local;
    };
    let starting: Escapes | undefined;
    const construction = new Map<FunctionId, ReadonlyMap<Variable, readonly Point[]>>();
    /** Also one kept in a variable of the package, so that tests can put another in its place. */
    const isConstructor = (fn: Function): boolean => freshResults.has(fn.id) && fn.receiver === undefined && (fn.closureOf === undefined || program.functions.get(fn.closureOf)?.role === 'initializer');
    /** Where a variable's object is released: in a constructor not before a task can come upon it. */
    const releasesOf = (fn: Function, variable: Variable): readonly Point[] => {
      if (!isConstructor(fn)) return localOf(fn).escapes.get(variable) ?? [];
      let points = construction.get(fn.id);
      if (points === undefined) {
        starting ??= escapingParameters(program, graph, handOvers, 'started');
        construction.set(fn.id, points = starting.points.get(fn.id) ?? escapePoints(handOvers(fn), starting.positions, 'started'));
      }
      return points.get(variable) ?? [];
    };
    const confined = new Map<Variable, boolean>();
    const isBornHere = (variable: Variable): boolean => {
      const fn = variable.owner === undefined ? undefined : program.functions.get(variable.owner);
      return fn !== undefined && variable.kind !== 'parameter' && (isAlwaysFresh(localOf(fn), variable) || isPlainRecord(program, variable));
    };
    const isConfined = (variable: Variable): boolean => {
      let known = confined.get(variable);
      if (known === undefined) confined.set(variable, known = staysConfined(variable));
      return known;
    };
    const staysConfined = (variable: Variable): boolean => {
      const fn = variable.owner === undefined ? undefined : program.functions.get(variable.owner);
      if (fn === undefined || !isBornHere(variable)) return false;
      return !isStored(variable) && !fn.blocks.some((block) => block.terminator.kind === 'return' && block.terminator.values.some((value) => refersTo(value, variable)));
    };
    const isStored = (variable: Variable): boolean => {
      const fn = variable.owner === undefined ? undefined : program.functions.get(variable.owner);
      return fn === undefined || !(localOf(fn).escapes.get(variable) ?? []).every((point) => {
        const operation = fn.blocks[point.block]?.operations[point.index];
        return operation?.op === 'spawn' || (operation?.op === 'call' && targetsOf(operation.callee).targets.some((target) => program.functions.get(target)?.closureOf === fn.id));
      });
    };
    const ownedParameters = new Map<Variable, boolean>();
    const asking = new Set<FunctionId>();
    const ownsVariable = (fn: Function, point: Point, variable: Variable): boolean => {
      if (variable.owner === undefined) return false;
      if (variable.owner !== fn.id) {
        const sites = graph.callers.get(fn.id) ?? [];
        // Literals that call each other: who has come here once already brings no other caller.
        if (fn.closureOf === undefined || graph.escaping.has(fn.id) || sites.length === 0 || asking.has(fn.id)) return false;
        asking.add(fn.id);
        const owned = sites.every((site) => site.kind !== 'spawn' && site.caller.id !== fn.id && ownsVariable(site.caller, site.at, variable));
        asking.delete(fn.id);
        return owned;
      }
      const births = localOf(fn).fresh.get(variable) ?? [];
      const isParameter = variable.kind === 'parameter';
      if (births.length === 0 && !(isParameter && ownsParameter(fn, variable))) return false;
      const reaches = (where: Point): boolean => controlFlow(fn).reachesAvoiding(where, point, births);
      return !(localOf(fn).others.get(variable) ?? []).some(reaches) && !releasesOf(fn, variable).some(reaches);
    };
    const ownsParameter = (fn: Function, variable: Variable): boolean => {
      const known = ownedParameters.get(variable);
      if (known !== undefined) return known;
      ownedParameters.set(variable, false);
      const sites = (graph.callers.get(fn.id) ?? []).filter((site) => !site.caller.test || fn.test);
      const index = fn.params.indexOf(variable);
      const handedOut = fn.closureOf !== undefined && graph.escaping.has(fn.id);
      // A literal that takes the object as its parameter and is called by code we do not see (an option, a visitor): nothing shows a second task.
      if ((handedOut && sites.length === 0) || (freshResults.has(fn.id) && fn.receiver === undefined)) { ownedParameters.set(variable, true); return true; }
      const owned = !isOpen(graph, fn) && fn.role === undefined && (fn.closureOf !== undefined || !graph.escaping.has(fn.id)) && sites.length > 0
        && sites.every((site) => site.kind === 'call' && site.operation.args[index] !== undefined && ownsValue(site.caller, site.at, site.operation.args[index]!));
      ownedParameters.set(variable, owned);
      return owned;
    };
    const ownsValue = (fn: Function, point: Point, value: Value): boolean => {
      if (value.kind === 'allocation') return true;
      if (value.kind === 'path') return value.path.selectors.length === 0 && value.path.root.kind === 'variable' && ownsVariable(fn, point, value.path.root.variable);
      if (value.kind === 'address') return value.path.root.kind === 'variable' && (ownsVariable(fn, point, value.path.root.variable) || isLocalMemory(program, fn, point, value.path, localOf));
      return false;
    };
    const startsSharing = (fn: Function, point: Point, variable: Variable): readonly OperationOf<'spawn'>[] | undefined => {
      const births = localOf(fn).fresh.get(variable) ?? [];
      if (births.length === 0 || localOf(fn).others.has(variable)) return undefined;
      const starts: OperationOf<'spawn'>[] = [];
      for (const where of localOf(fn).escapes.get(variable) ?? []) {
        if (!controlFlow(fn).reachesAvoiding(where, point, births)) continue;
        const operation = fn.blocks[where.block]?.operations[where.index];
        // What the task itself lets go is known to whoever finds it there.
        if (operation?.op !== 'spawn' || operation.callee.kind !== 'static' || operation.args.some((argument, position) => refersTo(argument, variable) && stored.positions.get((operation.callee as { readonly target: FunctionId }).target)?.has(position) === true)) return undefined;
        starts.push(operation);
      }
      return starts;
    };
    const releasesBefore = (fn: Function, point: Point, variable: Variable): readonly Point[] | undefined => {
      if (variable.owner !== fn.id) return undefined;
      const { fresh, others, escapes } = localOf(fn);
      const births = fresh.get(variable) ?? [];
      const reaches = (where: Point): boolean => controlFlow(fn).reachesAvoiding(where, point, births);
      return births.length === 0 || (others.get(variable) ?? []).some(reaches) ? undefined : (escapes.get(variable) ?? []).filter(reaches);
    };
    const constructing = new Map<Variable, readonly Function[]>();
    /** The maker itself, or the makers that hand the object to a helper of theirs. */
    const constructorsOf = (fn: Function, variable: Variable): readonly Function[] => {
      if (variable.owner !== fn.id) return nobody;
      if (variable.kind !== 'parameter') return isConstructor(fn) && isAlwaysFresh(localOf(fn), variable) ? [fn] : nobody;
      const known = constructing.get(variable);
      if (known !== undefined) return known;
      constructing.set(variable, nobody);
      const sites = (graph.callers.get(fn.id) ?? []).filter((site) => !site.caller.test || fn.test);
      if (isOpen(graph, fn) || fn.role !== undefined || graph.escaping.has(fn.id) || sites.length === 0) return nobody;
      const position = fn.params.indexOf(variable);
      const makers = new Set<Function>();
      for (const site of sites) {
        const argument = site.kind === 'call' ? site.operation.args[position] : undefined;
        const from = argument?.kind === 'path' && argument.path.selectors.length === 0 && argument.path.root.kind === 'variable' ? constructorsOf(site.caller, argument.path.root.variable) : nobody;
        if (from.length === 0) return nobody;
        for (const maker of from) makers.add(maker);
      }
      const result = [...makers];
      constructing.set(variable, result);
      return result;
    };
    return {
      isBornHere,
      isConfined,
      isStored,
      constructorsOf,
      startsSharing,
      releasesBefore,
      ownsValue,
      owns: (fn, point, path) => path.root.kind === 'variable' && path.selectors.length > 0 && (ownsVariable(fn, point, path.root.variable) || isLocalMemory(program, fn, point, path, localOf)),
    };
  },
});

function refersTo(value: Value, variable: Variable): boolean {
  return (value.kind === 'path' || value.kind === 'address') && value.path.selectors.length === 0 && value.path.root.kind === 'variable' && value.path.root.variable === variable;
}

/** A struct or array held by value: the variable is the object. */
function isPlainRecord(program: Program, variable: Variable): boolean {
  if (variable.type.kind === 'list') return variable.type.fixed;
  return variable.type.kind === 'record' && program.records.get(variable.type.name)?.copied === true;
}

/** A struct held by value in a local variable: its own fields are the task's, unless the address went away. */
function isLocalMemory(program: Program, fn: Function, point: Point, path: AccessPath, localOf: (fn: Function) => Local): boolean {
  if (path.root.kind !== 'variable') return false;
  const { variable } = path.root;
  if (variable.owner !== fn.id || !isPlainRecord(program, variable)) return false;
  let record = recordOf(program, variable.type);
  for (const selector of path.selectors.slice(0, -1)) {
    const field = selector.kind === 'field' ? record?.fields.find((f) => f.name === selector.name) : undefined;
    if (field === undefined || field.type.kind !== 'record') return false;
    record = recordOf(program, field.type);
  }
  if (path.selectors[path.selectors.length - 1]?.kind === 'element') return false;
  const escapes = localOf(fn).escapes.get(variable);
  if (escapes === undefined) return true;
  const births = birthsOf(fn, variable);
  return !escapes.some((escape) => controlFlow(fn).reachesAvoiding(escape, point, births));
}

const births = new WeakMap<Variable, readonly Point[]>();

/** Where a by-value variable of the function starts a new life: its declarations and whole assignments. */
function birthsOf(fn: Function, variable: Variable): readonly Point[] {
  let points = births.get(variable);
  if (points === undefined) births.set(variable, points = findBirths(fn, variable));
  return points;
}

function findBirths(fn: Function, variable: Variable): Point[] {
  return fn.blocks.flatMap((block) => block.operations.flatMap((operation, index) => ((operation.op === 'declare' && operation.variable === variable) || (operation.op === 'write' && operation.path.selectors.length === 0 && operation.path.root.kind === 'variable' && operation.path.root.variable === variable) ? [{ block: block.id, index }] : [])));
}

function birthsIn(fn: Function, freshResults: ReadonlySet<FunctionId>): Births {
  const fresh = new Map<Variable, Point[]>();
  const others = new Map<Variable, Point[]>();
  const note = (variable: Variable, point: Point, isFresh: boolean): void => {
    const points = isFresh ? fresh : others;
    const known = points.get(variable);
    if (known === undefined) points.set(variable, [point]); else known.push(point);
  };
  for (const block of fn.blocks) for (let index = 0; index < block.operations.length; index++) {
    const operation = block.operations[index]!;
    if (operation.op !== 'write' && operation.op !== 'call' && operation.op !== 'receive') continue;
    const point = { block: block.id, index };
    if (operation.op === 'write') {
      if (operation.path.selectors.length > 0 || operation.path.root.kind !== 'variable') continue;
      const { value } = operation;
      const copiesFresh = value.kind === 'path' && value.path.selectors.length === 0 && value.path.root.kind === 'variable' && value.path.root.variable.kind === 'temporary' && isAlwaysFresh({ fresh, others }, value.path.root.variable);
      note(operation.path.root.variable, point, value.kind === 'allocation' || copiesFresh || (value.kind === 'constant' && value.value === null));
    } else if (operation.op === 'call') {
      if (operation.results.length === 0) continue;
      const { targets } = targetsOf(operation.callee);
      // Every method the call may mean makes its own: it does not matter which one runs.
      const isFresh = targets.length > 0 && targets.every((target) => freshResults.has(target));
      operation.results.forEach((variable, position) => note(variable, point, position === 0 && isFresh));
    } else for (const variable of [operation.result, operation.ok]) if (variable !== undefined) note(variable, point, false);
  }
  return { fresh, others };
}

function isAlwaysFresh({ fresh, others }: Births, variable: Variable): boolean {
  return fresh.has(variable) && !others.has(variable);
}

/** Functions whose first result is always an object made in them that nobody else got. */
function functionsReturningFresh(program: Program, graph: CallGraph): Set<FunctionId> {
  const result = new Set<FunctionId>();
  for (const component of graph.components) for (const id of component) {
    const fn = program.functions.get(id)!;
    const returns: Value[] = [];
    for (const { terminator } of fn.blocks) if (terminator.kind === 'return' && terminator.values.length > 0) returns.push(terminator.values[0]!);
    if (returns.every((value) => value.kind === 'constant') || !returns.every((value) => mayBeFresh(value, id))) continue;
    const named = returns.flatMap((value) => ((value.kind === 'path' || value.kind === 'address') && value.path.root.kind === 'variable' ? [value.path.root.variable] : []));
    const births = named.length === 0 ? undefined : birthsIn(fn, result);
    if (births === undefined || named.every((variable) => isAlwaysFresh(births, variable))) result.add(id);
  }
  return result;
}

/** A new object, nothing at all, or a variable of the function's own, going by the look of it. */
function mayBeFresh(value: Value, owner: FunctionId): boolean {
  return value.kind === 'allocation' || (value.kind === 'constant' && value.value === null)
    || ((value.kind === 'path' || value.kind === 'address') && value.path.selectors.length === 0 && value.path.root.kind === 'variable' && value.path.root.variable.owner === owner);
}

/** What a function hands from one place to another: its writes, sends, spawns and calls that pass something a variable refers to. */
interface HandOvers {
  readonly fn: Function;
  readonly operations: readonly { readonly operation: OperationOf<'write'> | OperationOf<'send'> | OperationOf<'spawn'> | OperationOf<'call'>; readonly point: Point; /** Where a call may lead. */ readonly targets: readonly FunctionId[] | undefined }[];
  /** Variables of enclosing functions that a literal mentions. */
  readonly captured: (literal: FunctionId) => ReadonlySet<Variable>;
}

/** Found once a function: three questions about who lets go of what start from them. */
function handOversOf(program: Program, graph: CallGraph): (fn: Function) => HandOvers {
  const known = new Map<FunctionId, HandOvers>();
  const captures = new Map<FunctionId, ReadonlySet<Variable>>();
  const captured = (literal: FunctionId): ReadonlySet<Variable> => {
    let set = captures.get(literal);
    if (set === undefined) captures.set(literal, set = variablesOfOuter(program, literal));
    return set;
  };
  return (fn) => {
    let found = known.get(fn.id);
    if (found !== undefined) return found;
    const operations: HandOvers['operations'][number][] = [];
    const sites = (graph.sites.get(fn.id) ?? []).filter((site) => site.kind === 'call');
    let next = 0;
    for (const { id, operations: all } of fn.blocks) for (let index = 0; index < all.length; index++) {
      const operation = all[index]!;
      switch (operation.op) {
        case 'write': case 'send': if (!refers(operation.value)) continue; break;
        case 'call': if (!operation.args.some(refers)) continue; break;
        case 'spawn': break;
        default: continue;
      }
      // Sites stand in the order of their operations.
      while (next < sites.length && (sites[next]!.at.block < id || (sites[next]!.at.block === id && sites[next]!.at.index < index))) next++;
      operations.push({ operation, point: { block: id, index }, targets: sites[next]?.operation === operation ? sites[next]!.targets : undefined });
    }
    known.set(fn.id, found = { fn, operations, captured });
    return found;
  };
}

/** Whether the value leads to an object that a variable of the function may lead to as well. */
function refers(value: Value): boolean {
  return value.kind === 'path' ? value.path.selectors.length === 0 : value.kind === 'address' || value.kind === 'closure' || value.kind === 'bound' || value.kind === 'library' || value.kind === 'allocation';
}

const noPoints: ReadonlyMap<Variable, readonly Point[]> = new Map();

/** Positions of the parameters that a function lets go. */
type Escaping = ReadonlyMap<FunctionId, ReadonlySet<number>>;

/** With the points at which the functions that have parameters let go of what they hold: who was asked last has seen the rest. */
interface Escapes { readonly positions: Escaping; readonly points: ReadonlyMap<FunctionId, ReadonlyMap<Variable, readonly Point[]>> }

/** Bottom-up; in a recursion what is let go somewhere in it. */
function escapingParameters(program: Program, graph: CallGraph, handOvers: (fn: Function) => HandOvers, release: Release): Escapes {
  const escaping = new Map<FunctionId, ReadonlySet<number>>();
  const all = new Map<FunctionId, ReadonlyMap<Variable, readonly Point[]>>();
  /** True when more is let go than was known. */
  const raise = (id: FunctionId): boolean => {
    const fn = program.functions.get(id)!;
    if (fn.params.length === 0) return false;
    const points = escapePoints(handOvers(fn), escaping, release);
    all.set(id, points);
    if (points.size === 0) return false;
    const positions = new Set<number>();
    fn.params.forEach((variable, index) => { if (points.has(variable)) positions.add(index); });
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
  return { positions: escaping, points: all };
}

function escapePoints({ fn, operations, captured }: HandOvers, escaping: Escaping, release: Release): ReadonlyMap<Variable, readonly Point[]> {
  if (operations.length === 0) return noPoints;
  const points = new Map<Variable, Point[]>();
  const addPoint = (variable: Variable, point: Point): void => {
    const known = points.get(variable);
    if (known === undefined) points.set(variable, [point]); else known.push(point);
  };
  let holders: Map<Variable, Set<Variable>> | undefined;
  const addHeld = (holder: Variable, held: Variable): void => {
    holders ??= new Map();
    const known = holders.get(holder);
    if (known === undefined) holders.set(holder, new Set([held])); else known.add(held);
  };
  /** The value now lies in an object of the function's own, and is released with it. */
  const putInto = (value: Value, holder: Variable): void => {
    switch (value.kind) {
      case 'path': case 'address':
        if (value.path.root.kind !== 'variable' || value.path.root.variable === holder || (value.kind === 'path' && value.path.selectors.length > 0)) break;
        addHeld(holder, value.path.root.variable);
        break;
      case 'closure': for (const variable of captured(value.target)) if (variable !== holder) addHeld(holder, variable); break;
      case 'bound': putInto(value.receiver, holder); break;
      case 'allocation': for (const field of value.fields ?? []) putInto(field.value, holder); break;
      default: break;
    }
  };
  const isOwnObject = (path: AccessPath): path is AccessPath & { readonly root: { readonly kind: 'variable' } } => release === 'started' && path.root.kind === 'variable' && path.root.variable.owner === fn.id;
  /** The variable in whose object, and no farther, the path lies: what the object refers to itself by lets nobody else know it. */
  const ownField = ({ root, selectors }: AccessPath): Variable | undefined => (root.kind === 'variable' && root.variable.owner === fn.id && selectors.length === 1 && selectors[0]!.kind === 'field' ? root.variable : undefined);
  const keepsItself = ({ path, value }: OperationOf<'write'>): Variable | undefined => {
    const holder = value.kind === 'closure' || value.kind === 'bound' || value.kind === 'allocation' ? ownField(path) : undefined;
    if (holder === undefined || !leadsTo(value, holder)) return undefined;
    ownParts ??= new Map();
    ownParts.set(holder, [...(ownParts.get(holder) ?? []), path]);
    return holder;
  };
  const leadsTo = (value: Value, variable: Variable): boolean => {
    switch (value.kind) {
      case 'closure': return captured(value.target).has(variable);
      case 'bound': return leadsTo(value.receiver, variable);
      case 'allocation': return value.fields?.some((field) => leadsTo(field.value, variable)) === true;
      default: return (value.kind === 'path' || value.kind === 'address') && value.path.root.kind === 'variable' && value.path.root.variable === variable;
    }
  };
  let ownParts: Map<Variable, AccessPath[]> | undefined;
  const escape = (value: Value, point: Point, into?: Variable): void => {
    switch (value.kind) {
      case 'path': case 'address':
        if (value.path.root.kind === 'variable' && value.path.root.variable !== into && (value.kind === 'address' || value.path.selectors.length === 0)) addPoint(value.path.root.variable, point);
        break;
      case 'closure': for (const variable of captured(value.target)) if (variable !== into) addPoint(variable, point); break;
      case 'bound': escape(value.receiver, point, into); break;
      case 'library': if (value.receiver !== undefined) escape(value.receiver, point, into); break;
      case 'allocation': for (const field of value.fields ?? []) escape(field.value, point, into); break;
      default: break;
    }
  };
  for (const { operation, point, targets } of operations) {
    switch (operation.op) {
      case 'write': {
        if (isOwnObject(operation.path)) { putInto(operation.value, operation.path.root.variable); break; }
        const plain = operation.path.selectors.length === 0 && operation.path.root.kind === 'variable' && operation.path.root.variable.owner === fn.id;
        const intoTemporary = plain && operation.path.root.kind === 'variable' && operation.path.root.variable.kind === 'temporary';
        // A second name of the function's own: what it lets go, it lets go for the first.
        if (plain && (operation.value.kind === 'path' || operation.value.kind === 'address') && !intoTemporary && operation.path.root.kind === 'variable') { putInto(operation.value, operation.path.root.variable); break; }
        if (!plain || (operation.value.kind !== 'closure' && operation.value.kind !== 'allocation' && !intoTemporary)) escape(operation.value, point, keepsItself(operation));
        if (plain && operation.value.kind === 'allocation') for (const field of operation.value.fields ?? []) escape(field.value, point);
        break;
      }
      case 'send': escape(operation.value, point); break;
      case 'spawn':
        for (const argument of operation.args) escape(argument, point);
        for (const target of targetsOf(operation.callee).targets) for (const variable of captured(target)) addPoint(variable, point);
        break;
      default:
        operation.args.forEach((argument, position) => {
          if (!refers(argument) || operation.runs?.includes(argument) === true) return;
          // Code we do not see is not accused of sharing what it is given; literals it may keep are.
          const lets = targets === undefined ? argument.kind === 'closure' || argument.kind === 'bound' : targets.some((target) => escaping.get(target)?.has(position) === true);
          if (lets) escape(argument, point);
          // What a callee makes may keep what it was given.
          else if (release === 'started') for (const result of operation.results) putInto(argument, result);
        });
        break;
    }
  }
  // Who is given such a part has the whole.
  if (ownParts !== undefined) for (const { id, operations: all } of fn.blocks) for (let index = 0; index < all.length; index++) {
    const operation = all[index]!;
    if (operation.op !== 'write' && operation.op !== 'send' && operation.op !== 'spawn' && operation.op !== 'call') continue;
    for (const value of operation.op === 'write' || operation.op === 'send' ? [operation.value] : operation.args) {
      if ((value.kind !== 'path' && value.kind !== 'address') || value.path.root.kind !== 'variable' || value.path.selectors.length === 0) continue;
      const { root: { variable }, selectors: [first] } = value.path as AccessPath & { readonly root: { readonly kind: 'variable'; readonly variable: Variable } };
      if (ownParts.get(variable)?.some(({ selectors: [part] }) => first?.kind === 'field' && part?.kind === 'field' && part.name === first.name) === true) addPoint(variable, { block: id, index });
    }
  }
  if (holders === undefined || points.size === 0) return points;
  // What an object holds is released with it.
  for (const [holder, where] of [...points]) {
    const seen = new Set<Variable>([holder]);
    const work = [...(holders.get(holder) ?? [])];
    for (let held = work.pop(); held !== undefined; held = work.pop()) {
      if (seen.has(held)) continue;
      seen.add(held);
      points.set(held, [...(points.get(held) ?? []), ...where]);
      work.push(...(holders.get(held) ?? []));
    }
  }
  return points;
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
