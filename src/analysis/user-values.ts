import { classOf, type AccessPath, type Function, type Location, type Operation, type Program, type Value, type Variable } from '../ir/index.js';
import { callGraph } from './call-graph.js';
import type { ResultOf } from './analysis.js';
import { typeOfPath } from './types.js';

/**
 * Which fields hold what users of the program gave it: functions, and objects behind an interface that nobody in the
 * program implements? A value comes from outside where an exported function has it as a parameter, or where something
 * that came from outside gave it as the result of a call; it is followed through variables that hold nothing else and through
 * the parameters of functions that are not exported.
 * Under-approximates: ways that are longer, and values kept in several variables one after the other.
 */
export interface UserValue {
  /** The function through which it comes in. */
  readonly fn: Function;
  readonly at: Location;
}

/** Parameters followed up from where the value is stored. */
const maxUp = 4;

/** Of these fields, by class, those that hold such a value, with the first place it comes from in the program's order. */
export function userValues(program: Program, resultOf: ResultOf, wanted: ReadonlySet<string>): ReadonlyMap<string, UserValue> {
  const found = new Map<string, UserValue>();
  const graph = resultOf(callGraph);
  for (const fn of program.functions.values()) if (!fn.test) look(fn);
  return found;

  function look(fn: Function): void {
    for (const { operations, terminator } of fn.blocks) {
      for (let index = 0; index < operations.length; index++) {
        const operation = operations[index]!;
        if (operation.op !== 'write') continue;
        if (operation.path.selectors.length > 0 && mayBeUsers(operation.value)) note(fn, baseClass(operation.path), operation.value, operation.at);
        literal(fn, operation.value, operation.at);
      }
      if (terminator.kind === 'return') for (const value of terminator.values) literal(fn, value, terminator.at);
    }
  }

  function literal(fn: Function, value: Value, at: Location): void {
    if (value.kind === 'allocation' && value.type.kind === 'record') for (const field of value.fields ?? []) note(fn, `${value.type.name}.${field.name}`, field.value, at);
  }

  function note(fn: Function, name: string | undefined, value: Value, at: Location): void {
    if (name === undefined || !wanted.has(name) || found.has(name)) return;
    const origin = originOf(fn, value, at, maxUp);
    if (origin !== undefined) found.set(name, origin);
  }

  function originOf(fn: Function, value: Value, at: Location, up: number): UserValue | undefined {
    if (value.kind === 'binary') return firstOf(value.appended ?? [], (one) => originOf(fn, one, at, up));
    if (value.kind !== 'path' || value.path.selectors.length > 0 || value.path.root.kind !== 'variable') return undefined;
    const { variable } = value.path.root;
    if (variable.type.kind !== 'function' && variable.type.kind !== 'interface') return undefined;
    if (variable.kind !== 'parameter') return up === 0 || variable.owner !== fn.id ? undefined : resultOrigin(fn, variable, up);
    // A function with methods of its own is made for users to pass: its method puts it where it is kept. A literal that sets what the function around it got is an option.
    if (fn.exported || (fn.receiver !== undefined && fn.params[0] === variable) || (fn.closureOf !== undefined && variable.owner !== fn.id)) return { fn, at };
    const position = fn.params.indexOf(variable);
    if (up === 0 || position < 0) return undefined;
    return firstOf(graph.callers.get(fn.id) ?? [], ({ caller, kind, operation }) => {
      const argument = kind === 'call' && !caller.test ? operation.args[position] : undefined;
      return argument === undefined ? undefined : originOf(caller, argument, operation.at, up - 1);
    });
  }

  /** What the variable holds is what an unknown function or an object from outside gave, or another such variable. */
  function resultOrigin(fn: Function, variable: Variable, up: number): UserValue | undefined {
    const [setting, ...others] = fn.blocks.flatMap(({ operations }) => operations.filter((operation) => sets(operation, variable)));
    if (setting === undefined || others.length > 0) return undefined;
    if (setting.op === 'write') return originOf(fn, setting.value, setting.at, up - 1);
    return setting.op === 'call' && setting.callee.kind === 'unknown' && setting.callee.value?.kind === 'path' && isInterface(program, setting.callee.value.path) ? { fn, at: setting.at } : undefined;
  }
}

/** By its look: a variable, or variables put into a list. */
function mayBeUsers(value: Value): boolean {
  return value.kind === 'binary' || (value.kind === 'path' && value.path.selectors.length === 0);
}

function sets(operation: Operation, variable: Variable): boolean {
  return (operation.op === 'write' && operation.path.selectors.length === 0 && operation.path.root.kind === 'variable' && operation.path.root.variable === variable) || (operation.op === 'call' && operation.results.includes(variable));
}

export function isInterface(program: Program, path: AccessPath): boolean {
  return typeOfPath(program, path).kind === 'interface';
}

/** The class of the field, whether one value or a collection of them lives there. */
export function baseClass(path: AccessPath): string | undefined {
  return classOf(path)?.replace(/(?:\[\]|\*)+$/, '');
}

function firstOf<A, B>(all: readonly A[], ask: (one: A) => B | undefined): B | undefined {
  for (const one of all) {
    const answer = ask(one);
    if (answer !== undefined) return answer;
  }
  return undefined;
}
