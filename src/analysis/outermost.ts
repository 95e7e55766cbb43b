import type { Function, Program } from '../ir/index.js';

/** The function around a literal, whatever literals lie between; a function that is no literal is its own. */
export function outermost(program: Program, fn: Function): Function {
  const around = fn.closureOf === undefined ? undefined : program.functions.get(fn.closureOf);
  return around === undefined ? fn : outermost(program, around);
}

/** Its name, for counting a method and its literals once. */
export function outermostName({ name }: Function): string {
  return name.replace(/(\.func\d+)+$/, '');
}
