import type { AccessPath, BlockId, Callee, Function, FunctionId, OperationOf, Program, Value, Variable } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { callGraph, isOpen, targetsOf, type CallGraph } from './call-graph.js';
import { controlFlow, type Point } from './control-flow.js';
import { capturesOf, calledFrom, releasesOf, type Releases } from './releases.js';
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

const nobody: readonly Function[] = [];

/** Where a variable gets an object made here, and where it gets another one. */
interface Births { readonly fresh: readonly Point[]; readonly others: readonly Point[] }

export const ownership = defineAnalysis<Ownership>({
  name: 'ownership',
  run(program, resultOf) {
    const graph = resultOf(callGraph);
    const captured = capturesOf(program);
    const stored = releasesOf(program, graph, captured, 'stored');
    const freshResults = functionsReturningFresh(program, graph);
    const births = new Map<FunctionId, ReadonlyMap<Variable, Births>>();
    const birthsOf = (fn: Function, variable: Variable): Births => {
      // A parameter that nothing is assigned to has what the caller gave it; most questions are about those.
      if (variable.kind === 'parameter' && variable.assignments <= 1) return unborn;
      let known = births.get(fn.id);
      if (known === undefined) births.set(fn.id, known = birthsIn(fn, freshResults));
      return known.get(variable) ?? unborn;
    };
    /** Also one kept in a variable of the package, so that tests can put another in its place. */
    const isConstructor = (fn: Function): boolean => freshResults.has(fn.id) && fn.receiver === undefined && (fn.closureOf === undefined || program.functions.get(fn.closureOf)?.role === 'initializer');
    let starting: Releases | undefined;
    /** Where a variable's object is released: in a constructor not before a task can come upon it. */
    const releasedAt = (fn: Function, variable: Variable): readonly Point[] => {
      if (!isConstructor(fn)) return stored.in(fn).get(variable) ?? nowhere;
      starting ??= releasesOf(program, graph, captured, 'started', calledFrom(graph, [...freshResults].filter((id) => isConstructor(program.functions.get(id)!))));
      return starting.in(fn).get(variable) ?? nowhere;
    };
    const confined = new Map<Variable, boolean>();
    const isBornHere = (variable: Variable): boolean => {
      const fn = variable.owner === undefined ? undefined : program.functions.get(variable.owner);
      return fn !== undefined && variable.kind !== 'parameter' && (isAlwaysFresh(birthsOf(fn, variable)) || isPlainRecord(program, variable));
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
      return fn === undefined || !(stored.in(fn).get(variable) ?? nowhere).every((point) => {
        const operation = fn.blocks[point.block]?.operations[point.index];
        return operation?.op === 'spawn' || (operation?.op === 'call' && targetsOf(operation.callee).targets.some((target) => program.functions.get(target)?.closureOf === fn.id));
      });
    };
    const ownedParameters = new Map<Variable, boolean>();
    const asking = new Set<FunctionId>();
    const ownsVariable = (fn: Function, point: Point, variable: Variable): boolean => {
      if (variable.owner === undefined) return false;
      if (variable.owner !== fn.id) return isOwnedAround(fn, variable);
      const births = birthsOf(fn, variable);
      return (births.fresh.length > 0 || (variable.kind === 'parameter' && ownsParameter(fn, variable))) && isKept(fn, point, variable, births);
    };
    /** A literal is called only where the function around it owns the object. */
    const isOwnedAround = (fn: Function, variable: Variable): boolean => {
      const sites = graph.callers.get(fn.id) ?? [];
      // Literals that call each other: who has come here once already brings no other caller.
      if (fn.closureOf === undefined || graph.escaping.has(fn.id) || sites.length === 0 || asking.has(fn.id)) return false;
      asking.add(fn.id);
      const owned = sites.every((site) => site.kind !== 'spawn' && site.caller.id !== fn.id && ownsVariable(site.caller, site.at, variable));
      asking.delete(fn.id);
      return owned;
    };
    /** On no way from where the variable got another object, or let go of this one. */
    const isKept = (fn: Function, point: Point, variable: Variable, { fresh, others }: Births): boolean => {
      const reaches = (where: Point): boolean => controlFlow(fn).reachesAvoiding(where, point, fresh);
      return !others.some(reaches) && !releasedAt(fn, variable).some(reaches);
    };
    const ownsParameter = (fn: Function, variable: Variable): boolean => {
      const known = ownedParameters.get(variable);
      if (known !== undefined) return known;
      ownedParameters.set(variable, false);
      const owned = isGivenOwn(fn, fn.params.indexOf(variable));
      ownedParameters.set(variable, owned);
      return owned;
    };
    const isGivenOwn = (fn: Function, position: number): boolean => {
      if (freshResults.has(fn.id) && fn.receiver === undefined) return true;
      const handedOut = graph.escaping.has(fn.id);
      if (fn.closureOf === undefined && (handedOut || isOpen(graph, fn))) return false;
      const all = graph.callers.get(fn.id) ?? [];
      const sites = fn.test ? all : all.filter((site) => !site.caller.test);
      // A literal that takes the object as its parameter and is called by code we do not see (an option, a visitor): nothing shows a second task.
      if (sites.length === 0) return handedOut;
      return !isOpen(graph, fn) && fn.role === undefined && sites.every((site) => site.kind === 'call' && site.operation.args[position] !== undefined && ownsValue(site.caller, site.at, site.operation.args[position]!));
    };
    const ownsValue = (fn: Function, point: Point, value: Value): boolean => {
      if (value.kind === 'allocation') return true;
      if (value.kind === 'path') return value.path.selectors.length === 0 && value.path.root.kind === 'variable' && ownsVariable(fn, point, value.path.root.variable);
      if (value.kind === 'address') return value.path.root.kind === 'variable' && (ownsVariable(fn, point, value.path.root.variable) || isLocalMemory(program, fn, point, value.path, stored));
      return false;
    };
    const startsSharing = (fn: Function, point: Point, variable: Variable): readonly OperationOf<'spawn'>[] | undefined => {
      const { fresh, others } = birthsOf(fn, variable);
      if (fresh.length === 0 || others.length > 0) return undefined;
      const starts: OperationOf<'spawn'>[] = [];
      for (const where of stored.in(fn).get(variable) ?? nowhere) {
        if (!controlFlow(fn).reachesAvoiding(where, point, fresh)) continue;
        const operation = fn.blocks[where.block]?.operations[where.index];
        // What the task itself lets go is known to whoever finds it there.
        if (operation?.op !== 'spawn' || operation.callee.kind !== 'static' || operation.args.some((argument, position) => refersTo(argument, variable) && stored.lets((operation.callee as { readonly target: FunctionId }).target, position))) return undefined;
        starts.push(operation);
      }
      return starts;
    };
    const releasesBefore = (fn: Function, point: Point, variable: Variable): readonly Point[] | undefined => {
      if (variable.owner !== fn.id) return undefined;
      const { fresh, others } = birthsOf(fn, variable);
      const reaches = (where: Point): boolean => controlFlow(fn).reachesAvoiding(where, point, fresh);
      return fresh.length === 0 || others.some(reaches) ? undefined : (stored.in(fn).get(variable) ?? nowhere).filter(reaches);
    };
    const constructing = new Map<Variable, readonly Function[]>();
    /** The maker itself, or the makers that hand the object to a helper of theirs. */
    const constructorsOf = (fn: Function, variable: Variable): readonly Function[] => {
      if (variable.owner !== fn.id) return nobody;
      if (variable.kind !== 'parameter') return isConstructor(fn) && isAlwaysFresh(birthsOf(fn, variable)) ? [fn] : nobody;
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
      owns: (fn, point, path) => path.root.kind === 'variable' && path.selectors.length > 0 && (ownsVariable(fn, point, path.root.variable) || isLocalMemory(program, fn, point, path, stored)),
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
function isLocalMemory(program: Program, fn: Function, point: Point, path: AccessPath, stored: Releases): boolean {
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
  const escapes = stored.in(fn).get(variable);
  if (escapes === undefined) return true;
  const births = lifeStarts(fn, variable);
  return !escapes.some((escape) => controlFlow(fn).reachesAvoiding(escape, point, births));
}

const starts = new WeakMap<Variable, readonly Point[]>();

/** Where a by-value variable of the function starts a new life: its declarations and whole assignments. */
function lifeStarts(fn: Function, variable: Variable): readonly Point[] {
  let points = starts.get(variable);
  if (points === undefined) starts.set(variable, points = findStarts(fn, variable));
  return points;
}

function findStarts(fn: Function, variable: Variable): Point[] {
  return fn.blocks.flatMap((block) => block.operations.flatMap((operation, index) => ((operation.op === 'declare' && operation.variable === variable) || (operation.op === 'write' && operation.path.selectors.length === 0 && operation.path.root.kind === 'variable' && operation.path.root.variable === variable) ? [{ block: block.id, index }] : [])));
}

const nowhere: readonly Point[] = [];
const unborn: Births = { fresh: nowhere, others: nowhere };

/** Of every variable; or of those wanted, and no farther than to where one of them gets another's object. */
function birthsIn(fn: Function, freshResults: ReadonlySet<FunctionId>, wanted?: readonly Variable[]): ReadonlyMap<Variable, Births> {
  const found = new Map<Variable, { fresh: readonly Point[]; others: readonly Point[] }>();
  let spoilt = false;
  const note = (variable: Variable, block: BlockId, index: number, isFresh: boolean): void => {
    if (wanted !== undefined && variable.kind !== 'temporary' && !wanted.includes(variable)) return;
    if (!isFresh && wanted?.includes(variable) === true) spoilt = true;
    let known = found.get(variable);
    if (known === undefined) found.set(variable, known = { fresh: nowhere, others: nowhere });
    const points = isFresh ? known.fresh : known.others;
    if (points !== nowhere) (points as Point[]).push({ block, index });
    else if (isFresh) known.fresh = [{ block, index }];
    else known.others = [{ block, index }];
  };
  for (const block of fn.blocks) for (let index = 0; index < block.operations.length && !spoilt; index++) {
    const operation = block.operations[index]!;
    if (operation.op === 'write') {
      if (operation.path.selectors.length > 0 || operation.path.root.kind !== 'variable') continue;
      const { value } = operation;
      const copiesFresh = value.kind === 'path' && value.path.selectors.length === 0 && value.path.root.kind === 'variable' && value.path.root.variable.kind === 'temporary' && isAlwaysFresh(found.get(value.path.root.variable));
      note(operation.path.root.variable, block.id, index, value.kind === 'allocation' || copiesFresh || (value.kind === 'constant' && value.value === null));
    } else if (operation.op === 'call') {
      const { results } = operation;
      for (let position = 0; position < results.length; position++) note(results[position]!, block.id, index, position === 0 && givesFresh(operation.callee, freshResults));
    } else if (operation.op === 'receive') {
      if (operation.result !== undefined) note(operation.result, block.id, index, false);
      if (operation.ok !== undefined) note(operation.ok, block.id, index, false);
    }
  }
  return found;
}

/** Every method the call may mean makes its own: it does not matter which one runs. */
function givesFresh(callee: Callee, freshResults: ReadonlySet<FunctionId>): boolean {
  return callee.kind === 'static' ? freshResults.has(callee.target) : callee.kind === 'dynamic' && callee.candidates.length > 0 && callee.candidates.every((target) => freshResults.has(target));
}

function isAlwaysFresh(births: Births | undefined): boolean {
  return births !== undefined && births.fresh.length > 0 && births.others.length === 0;
}

/** Functions whose first result is always an object made in them that nobody else got. */
function functionsReturningFresh(program: Program, graph: CallGraph): Set<FunctionId> {
  const result = new Set<FunctionId>();
  for (const component of graph.components) for (const id of component) {
    const fn = program.functions.get(id)!;
    const returned = ownReturned(fn);
    if (returned === undefined) continue;
    const births = returned.length === 0 ? undefined : birthsIn(fn, result, returned);
    if (births === undefined || returned.every((variable) => isAlwaysFresh(births.get(variable)))) result.add(id);
  }
  return result;
}

/** Variables of its own that the function may return first, where going by the look of it that is never another's object, and not always a constant. */
function ownReturned(fn: Function): readonly Variable[] | undefined {
  const named: Variable[] = [];
  let constantsOnly = true;
  for (const { terminator } of fn.blocks) {
    if (terminator.kind !== 'return' || terminator.values.length === 0) continue;
    const value = terminator.values[0]!;
    if (!mayBeFresh(value, fn.id)) return undefined;
    if (value.kind !== 'constant') constantsOnly = false;
    if ((value.kind !== 'path' && value.kind !== 'address') || value.path.root.kind !== 'variable') continue;
    const { variable } = value.path.root;
    if (variable.kind === 'parameter' && variable.assignments <= 1) return undefined;
    if (!named.includes(variable)) named.push(variable);
  }
  return constantsOnly ? undefined : named;
}

/** A new object, nothing at all, or a variable of the function's own, going by the look of it. */
function mayBeFresh(value: Value, owner: FunctionId): boolean {
  return value.kind === 'allocation' || (value.kind === 'constant' && value.value === null)
    || ((value.kind === 'path' || value.kind === 'address') && value.path.selectors.length === 0 && value.path.root.kind === 'variable' && value.path.root.variable.owner === owner);
}
