import type { Args, Function, FunctionId, Program, Value, Variable } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';

/**
 * What does a call make? A maker returns a fresh object of one record on every way it returns one, whatever its declared
 * result says: `NewStore(c)` with the result `Store` (an interface) makes a `fileStore` whose `client` is `c`.
 * Under-approximates: fields are known when the maker sets them once, to a parameter that it never assigns.
 */
export interface Made {
  readonly record: string;
  /** What the fields hold that are one of the call's arguments. */
  readonly fields: ReadonlyMap<string, Value>;
}

export interface Makers {
  /** The object that is the call's first result. */
  readonly madeBy: (callee: FunctionId, args: Args) => Made | undefined;
  /** What a local of the function holds all along: a fresh object made here or by one maker. */
  readonly heldBy: (fn: Function, variable: Variable) => Made | undefined;
}

interface Maker { readonly record: string; readonly fields: ReadonlyMap<string, number> }

/** Makers that return what another maker made. */
const maxDepth = 3;

export const makers = defineAnalysis<Makers>({
  name: 'makers',
  run(program) {
    const known = new Map<FunctionId, Maker | undefined>();
    const held = new WeakMap<Function, ReadonlyMap<Variable, Origin | 'several'>>();
    const madeBy = (callee: FunctionId, args: Args, depth = 0): Made | undefined => {
      if (!known.has(callee)) {
        if (depth > maxDepth) return undefined;
        known.set(callee, undefined);
        known.set(callee, makerOf(program, callee, (id, inner) => madeBy(id, inner, depth + 1)));
      }
      const maker = known.get(callee);
      return maker && { record: maker.record, fields: new Map([...maker.fields].flatMap(([name, index]) => (args[index] === undefined ? [] : [[name, args[index]]]))) };
    };
    const originsIn = (fn: Function): ReadonlyMap<Variable, Origin | 'several'> => {
      let origins = held.get(fn);
      if (origins === undefined) held.set(fn, origins = originsOf(fn));
      return origins;
    };
    return {
      madeBy,
      heldBy: (fn, variable) => resolve(originsIn(fn), variable, madeBy),
    };
  },
});

/** Where a variable's only content comes from. */
type Origin = { readonly value: Value } | { readonly call: FunctionId; readonly args: Args };

function originsOf(fn: Function): ReadonlyMap<Variable, Origin | 'several'> {
  const origins = new Map<Variable, Origin | 'several'>();
  const set = (variable: Variable, origin: Origin): void => {
    if (variable.owner !== fn.id || variable.kind === 'parameter' || variable.addressed) return;
    origins.set(variable, origins.has(variable) || (variable.captured && variable.assignments > 1) ? 'several' : origin);
  };
  for (const { operations } of fn.blocks) for (const operation of operations) {
    if (operation.op === 'write' && operation.path.selectors.length === 0 && operation.path.root.kind === 'variable') set(operation.path.root.variable, { value: operation.value });
    else if (operation.op === 'call') {
      const { callee, results } = operation;
      results.forEach((variable, index) => set(variable, index === 0 && callee.kind === 'static' ? { call: callee.target, args: operation.args } : { value: { kind: 'unknown' } }));
    }
  }
  return origins;
}

function resolve(origins: ReadonlyMap<Variable, Origin | 'several'>, variable: Variable, madeBy: Makers['madeBy']): Made | undefined {
  let at: Variable | undefined = variable;
  for (let step = 0; step < 4 && at !== undefined; step++) {
    const origin: Origin | 'several' | undefined = origins.get(at);
    if (origin === undefined || origin === 'several') return undefined;
    if ('call' in origin) return madeBy(origin.call, origin.args);
    const { value }: { value: Value } = origin;
    if (value.kind === 'allocation') return freshOf(value);
    at = value.kind === 'path' && value.path.selectors.length === 0 && value.path.root.kind === 'variable' ? value.path.root.variable : undefined;
  }
  return undefined;
}

function freshOf(value: Value): Made | undefined {
  if (value.kind !== 'allocation' || value.type.kind !== 'record') return undefined;
  return { record: value.type.name, fields: new Map((value.fields ?? []).map((field) => [field.name, field.value])) };
}

function makerOf(program: Program, id: FunctionId, madeBy: Makers['madeBy']): Maker | undefined {
  const fn = program.functions.get(id);
  if (fn === undefined) return undefined;
  let made: Made | undefined;
  let holder: Variable | undefined;
  for (const { terminator } of fn.blocks) {
    if (terminator.kind !== 'return') continue;
    const [value] = terminator.values;
    // An error is returned without an object.
    if (value?.kind === 'constant' && value.value === null) continue;
    const root = value?.kind === 'path' && value.path.selectors.length === 0 && value.path.root.kind === 'variable' ? value.path.root.variable : undefined;
    const one = value === undefined ? undefined : root === undefined ? freshOf(value) : resolve(originsOf(fn), root, madeBy);
    if (one === undefined || (made !== undefined && (made.record !== one.record || root !== holder))) return undefined;
    made = one;
    holder = root;
  }
  return made && { record: made.record, fields: parametersIn(fn, made, holder) };
}

/** The fields that hold a parameter, by its position; what the maker sets again later is left out. */
function parametersIn(fn: Function, made: Made, holder: Variable | undefined): ReadonlyMap<string, number> {
  const values = new Map(made.fields);
  const twice = new Set<string>();
  for (const { operations } of holder === undefined ? [] : fn.blocks) for (const operation of operations) {
    if (operation.op !== 'write' || operation.path.root.kind !== 'variable' || operation.path.root.variable !== holder) continue;
    const [first, second] = operation.path.selectors;
    if (first?.kind !== 'field') continue;
    if (second !== undefined || values.has(first.name)) twice.add(first.name); else values.set(first.name, operation.value);
  }
  const fields = new Map<string, number>();
  for (const [name, value] of values) {
    if (twice.has(name) || value.kind !== 'path' || value.path.selectors.length > 0 || value.path.root.kind !== 'variable') continue;
    const { variable } = value.path.root;
    const index = variable.assignments > 1 || variable.addressed ? -1 : fn.params.indexOf(variable);
    if (index >= 0) fields.set(name, index);
  }
  return fields;
}
