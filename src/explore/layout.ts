import type { Function, FunctionId, Program, Variable } from '../ir/index.js';

/** Where a function's variables live in its frames: one slot each, captured ones included. */
export interface Layout {
  readonly slots: ReadonlyMap<Variable, number>;
  /** Variables of enclosing functions that this one, or a function nested in it, uses. */
  readonly captured: readonly Variable[];
}

/** The layout of a function, computed once. */
export function layoutOf(program: Program, fn: Laid): Layout {
  return fn[layoutMemo] ?? layOut(program, fn);
}

/** Kept on the function, which never changes: every call asks for it. */
interface Laid extends Function { [layoutMemo]?: Layout }
const layoutMemo = Symbol('layout');

function layOut(program: Program, fn: Laid): Layout {
  // Stored before the nested functions are asked, so that functions that name each other come to an end.
  const slots = new Map<Variable, number>();
  const captured: Variable[] = [];
  const layout: Layout = { slots, captured };
  fn[layoutMemo] = layout;
  const add = (variable: Variable): void => {
    if (variable.kind === 'global' || slots.has(variable)) return;
    slots.set(variable, slots.size);
    if (variable.owner !== undefined && variable.owner !== fn.id) captured.push(variable);
  };
  const mentioned: Mentioned = { variables: new Set(), functions: new Set() };
  collect(fn.params, mentioned);
  collect(fn.namedResults, mentioned);
  for (const block of fn.blocks) {
    collect(block.operations, mentioned);
    collect(block.terminator, mentioned);
  }
  for (const variable of mentioned.variables) add(variable);
  for (const id of mentioned.functions) {
    const nested = program.functions.get(id);
    if (nested?.closureOf === undefined || id === fn.id) continue;
    for (const variable of layoutOf(program, nested).captured) add(variable);
  }
  return layout;
}

interface Mentioned {
  readonly variables: Set<Variable>;
  readonly functions: Set<FunctionId>;
}

/**
 * Every variable and function literal an operation mentions, whatever its shape: a generic walk, so that an
 * operation added to the IR cannot be forgotten here. Types and places hold neither and are passed over.
 */
function collect(part: unknown, into: Mentioned): void {
  if (typeof part !== 'object' || part === null) return;
  if (Array.isArray(part)) {
    for (const item of part) collect(item, into);
    return;
  }
  if ('qualifiedName' in part) {
    into.variables.add(part as Variable);
    return;
  }
  for (const key in part) {
    const value = (part as Readonly<Record<string, unknown>>)[key];
    if (key === 'at' || key === 'type' || key === 'site') continue;
    if (key === 'target' && typeof value === 'string') into.functions.add(value as FunctionId);
    else if (typeof value === 'object') collect(value, into);
  }
}
