import type { Function, FunctionId, Program, Type } from '../ir/index.js';

/** Whether a function can be explored as it stands, and what stands in the way if not. */
export type Closed = { readonly closed: true } | { readonly closed: false; readonly reason: string };

/**
 * A function is closed when nobody outside can hold what it works on: it takes no parameters, or only ones that
 * carry no state of the program (the test runner's handle, plain values).
 */
export function canExplore(program: Program, entry: FunctionId): Closed {
  const fn = program.functions.get(entry);
  if (fn === undefined) return { closed: false, reason: 'there is no such function' };
  if (fn.closureOf !== undefined) return { closed: false, reason: 'a function literal works on what surrounds it' };
  const open = fn.params.find((param) => !isHarmless(program, fn, param.type));
  if (open !== undefined) return { closed: false, reason: `parameter ${open.name} comes from outside` };
  return { closed: true };
}

function isHarmless(program: Program, fn: Function, type: Type): boolean {
  switch (type.kind) {
    case 'scalar': return true;
    case 'pointer': return isHarmless(program, fn, type.to);
    // A handle of a foreign type: the test runner's. Records of the program are state.
    case 'record': return fn.role === 'test' && !program.records.has(type.name);
    case 'unknown': case 'interface': return fn.role === 'test';
    default: return false;
  }
}
