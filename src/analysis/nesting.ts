import type { Function, FunctionId, Program } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';

/** The function itself, and those around it when it is a literal, from the inside out. */
export function* enclosing(program: Program, fn: Function | undefined): Iterable<Function> {
  for (let outer = fn; outer !== undefined; outer = outer.closureOf === undefined ? undefined : program.functions.get(outer.closureOf)) yield outer;
}

/** Whether the function, or one that it is a literal in, is such a one. */
export function isWithin(program: Program, fn: Function | undefined, isIt: (outer: Function) => boolean): boolean {
  for (const outer of enclosing(program, fn)) if (isIt(outer)) return true;
  return false;
}

/** The function around a literal, whatever literals lie between; a function that is no literal is its own. */
export function outermost(program: Program, fn: Function): Function {
  const around = fn.closureOf === undefined ? undefined : program.functions.get(fn.closureOf);
  return around === undefined ? fn : outermost(program, around);
}

/** Its name, for counting a method and its literals once. */
export function outermostName({ name }: Function): string {
  return name.includes('.func') ? name.replace(/(\.func\d+)+$/, '') : name;
}

/** Which literals stand in a function? The other way than `closureOf`. */
export interface Literals {
  /** Those that stand in the function itself, in the program's order. */
  readonly of: (id: FunctionId) => readonly Function[];
  /** The function and all literals in it, at any depth, each before those inside it. */
  readonly bodiesOf: (fn: Function) => readonly Function[];
}

const none: readonly Function[] = [];

export const literals = defineAnalysis<Literals>({
  name: 'literals',
  run(program) {
    const found = new Map<FunctionId, Function[]>();
    for (const fn of program.functions.values()) {
      if (fn.closureOf === undefined) continue;
      const known = found.get(fn.closureOf);
      if (known === undefined) found.set(fn.closureOf, [fn]); else known.push(fn);
    }
    const bodiesOf = (fn: Function): readonly Function[] => [fn, ...(found.get(fn.id) ?? none).flatMap(bodiesOf)];
    return { of: (id) => found.get(id) ?? none, bodiesOf };
  },
});
