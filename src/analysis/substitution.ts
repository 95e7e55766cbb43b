import { extendPathBy, type AccessPath, type Args, type Function, type Value, type Variable } from '../ir/index.js';

/**
 * Puts a callee's location into its caller's terms: a path from a parameter becomes a path from the argument,
 * globals and captured variables stay. Undefined when the caller has no name for it (callee's own locals,
 * arguments that are no locations).
 */
export function toCaller(path: AccessPath, callee: Function, args: Args): AccessPath | undefined {
  if (path.root.kind !== 'variable') return undefined;
  const { variable } = path.root;
  if (variable.owner !== callee.id) return path;
  const index = callee.params.indexOf(variable);
  const argument = index < 0 ? undefined : args[index];
  const base = argument === undefined ? undefined : location(argument);
  if (base === undefined) return undefined;
  const [first, ...rest] = path.selectors;
  if (argument!.kind === 'address' && first?.kind === 'deref') return extendPathBy(base, rest);
  return extendPathBy(base, path.selectors);
}

/** The other way: a caller's location in the callee's terms, through the argument it starts with. */
export function toCallee(path: AccessPath, callee: Function, args: Args): AccessPath | undefined {
  if (path.root.kind !== 'variable') return undefined;
  for (const [index, argument] of args.entries()) {
    const base = location(argument);
    const parameter = callee.params[index];
    if (base === undefined || parameter === undefined || base.root.kind !== 'variable' || base.root.variable !== path.root.variable) continue;
    if (base.selectors.length > path.selectors.length || !base.selectors.every((s, i) => selectorsEqual(s, path.selectors[i]!))) continue;
    return { root: { kind: 'variable', variable: parameter }, selectors: path.selectors.slice(base.selectors.length) };
  }
  return isVisible(path.root.variable, callee) ? path : undefined;
}

function isVisible(variable: Variable, callee: Function): boolean {
  return variable.kind === 'global' || (variable.captured && callee.closureOf !== undefined);
}

function selectorsEqual(a: AccessPath['selectors'][number], b: AccessPath['selectors'][number]): boolean {
  if (a.kind === 'field') return b.kind === 'field' && a.name === b.name && a.owner === b.owner;
  if (a.kind === 'element') return b.kind === 'element' && a.key !== undefined && a.key === b.key;
  return b.kind === 'deref';
}

/** The location an argument leads to, if it is one. */
export function location(value: Value): AccessPath | undefined {
  return value.kind === 'path' || value.kind === 'address' ? value.path : undefined;
}
