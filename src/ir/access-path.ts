import { none } from './fitted.js';
import { ownPath, type Variable } from './variable.js';

/**
 * Where an access path starts. A variable is one identity in its function and in every closure that
 * captures it, so a capture needs no translation. `unknown` roots are never equal to anything.
 */
export type Root =
  | { readonly kind: 'variable'; readonly variable: Variable }
  | { readonly kind: 'unknown'; readonly text: string };

/**
 * `field` of the record `owner` (a key of `Program.records`, or the foreign type's name);
 * `element` of a map, list or array: all elements are one; `deref`: what a pointer to a non-record points to.
 * `key` carries a constant or single-assignment index when known (`[0]`, `[i]`): equal keys mean equal elements.
 * `index` is the variable that holds the index, for whoever knows its value at run time; no part of equality.
 */
export type Selector =
  | { readonly kind: 'field'; readonly name: string; readonly owner: string }
  | { readonly kind: 'element'; readonly key?: string; readonly index?: Variable }
  | { readonly kind: 'deref' };

/** `s.conns[_].mu`: the abstraction of a memory location. Pointers are followed silently by `field`. */
export interface AccessPath {
  readonly root: Root;
  readonly selectors: readonly Selector[];
}

/** Owner of the pseudo-field `done`: the end of a context belongs to that context, not to a class of all contexts. */
export const contextOwner = 'context';

/** Paths longer than this are cut; what lies below is one unknown location. */
export const maxSelectors = 8;

export function variablePath(variable: Variable): AccessPath {
  return (variable as Placed)[ownPath] ??= pathOf({ kind: 'variable', variable }, none);
}

/** The variable, when the path is nothing but its name. */
export function variableAt({ root, selectors }: AccessPath): Variable | undefined {
  return selectors.length === 0 && root.kind === 'variable' ? root.variable : undefined;
}

interface Placed extends Variable { [ownPath]?: AccessPath | undefined }

/** A path with room for its names. One written as an object is the same path, and slower for the engine: what makes many makes them here. */
export function pathOf(root: Root, selectors: readonly Selector[]): AccessPath {
  return new NamedPath(root, selectors);
}

export function extendPath(path: AccessPath, selector: Selector): AccessPath {
  return extendPathBy(path, selector);
}

/** The same by several steps. */
export function extendPathBy(path: AccessPath, selectors: Selector | readonly Selector[]): AccessPath {
  // `concat` makes a list of the length it needs; two spreads in one literal leave room for sixteen more, in every path of the program.
  const all = path.selectors.concat(selectors);
  return all.length <= maxSelectors ? pathOf(path.root, all) : pathOf({ kind: 'unknown', text: printPath(path) }, none);
}

/**
 * The same location, asked within one task at one moment: same root, same selectors. Elements are the same
 * only when both keys are known and equal. Never true for unknown roots.
 */
export function sameInTask(a: AccessPath, b: AccessPath): boolean {
  if (a.root.kind !== 'variable' || b.root.kind !== 'variable' || a.root.variable !== b.root.variable) return false;
  if (a.selectors.length !== b.selectors.length) return false;
  return a.selectors.every((selector, index) => {
    const other = b.selectors[index]!;
    if (selector.kind === 'field') return other.kind === 'field' && other.name === selector.name && other.owner === selector.owner;
    if (selector.kind === 'element') return other.kind === 'element' && selector.key !== undefined && selector.key === other.key;
    return other.kind === 'deref';
  });
}

/**
 * What two tasks can agree to call one location: the class. `Owner.field` from the last field on
 * (with what follows it), a global by itself, a local by its variable; undefined when unknown.
 */
export function classOf(path: AccessPath): string | undefined {
  const known = path as Named;
  const name = known[classMemo];
  if (name !== undefined) return name === '' ? undefined : name;
  const computed = computeClass(path);
  known[classMemo] = computed ?? '';
  return computed;
}

/**
 * Names of a path, kept on it once asked for. Paths never change and are asked for their names by every analysis;
 * building and hashing these strings anew was a tenth of a run.
 */
interface Named extends AccessPath { [keyMemo]?: string | undefined; [classMemo]?: string | undefined }
const keyMemo: unique symbol = Symbol('key');
const classMemo: unique symbol = Symbol('class');

/** A class, against the habit of the house: what is added to an object that a literal has made stands in a list of its own, and paths with and without it are different shapes. */
class NamedPath implements Named {
  [keyMemo]: string | undefined = undefined;
  [classMemo]: string | undefined = undefined;

  constructor(readonly root: Root, readonly selectors: readonly Selector[]) {}
}

function computeClass(path: AccessPath): string | undefined {
  let last = -1;
  path.selectors.forEach((selector, index) => { if (selector.kind === 'field') last = index; });
  const tail = path.selectors.slice(last + 1).map((s) => (s.kind === 'element' ? '[]' : '*')).join('');
  if (last >= 0) {
    const field = path.selectors[last] as Extract<Selector, { kind: 'field' }>;
    if (field.owner === contextOwner) {
      const base = classOf({ root: path.root, selectors: path.selectors.slice(0, last) });
      return base === undefined ? undefined : `${base}.${field.name}`;
    }
    return field.owner === '' ? undefined : `${field.owner}.${field.name}${tail}`;
  }
  if (path.root.kind === 'unknown') return undefined;
  const { variable } = path.root;
  return `${variable.kind === 'global' ? variable.qualifiedName : `${variable.qualifiedName}#${variable.id}`}${tail}`;
}

/** Locations that two tasks may share by the same name: equal classes. The other, weaker equality. */
export function sameAcrossTasks(a: AccessPath, b: AccessPath): boolean {
  const left = classOf(a);
  return left !== undefined && left === classOf(b);
}

/** What people read: `s.conns[_].mu`. */
export function printPath(path: AccessPath): string {
  let text = path.root.kind === 'variable' ? path.root.variable.name : path.root.text;
  for (const selector of path.selectors) {
    if (selector.kind === 'field') text += selector.name.startsWith('[') ? selector.name : `.${selector.name}`;
    else if (selector.kind === 'element') text += `[${selector.key ?? '_'}]`;
    else text = `*${text}`;
  }
  return text;
}

/** A string that is equal exactly when the paths are written the same; for maps and sets of paths. */
export function pathKey(path: AccessPath): string {
  return (path as Named)[keyMemo] ??= computeKey(path);
}

function computeKey(path: AccessPath): string {
  let text = path.root.kind === 'variable' ? `${path.root.variable.id}` : `?${path.root.text}`;
  for (const selector of path.selectors) {
    if (selector.kind === 'field') text += `.${selector.owner}:${selector.name}`;
    else if (selector.kind === 'element') text += `[${selector.key ?? '_'}]`;
    else text += '*';
  }
  return text;
}
