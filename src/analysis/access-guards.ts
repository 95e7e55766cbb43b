import { classOf, pathKey, type AccessPath, type Program, type Selector } from '../ir/index.js';
import type { Access } from './accesses.js';
import type { HeldLock } from './lock-state.js';

/**
 * Which of the locks held at an access can be what protects it, and may two accesses mean one object?
 * Lock classes: a lock field by its owner's type, any other lock by its name. Over-approximates instances that
 * have no name in common; under one name the instance decides.
 */

const none: readonly string[] = [];
/** What is asked of an access again and again, kept on it in one place: an access never changes, and all are of one shape. */
interface Judged extends Access { [judgement]?: Judgement }
interface Judgement { guards: readonly string[] | undefined; kin: string | undefined; home: string | undefined; siblings: readonly string[] | undefined; objectLocks: readonly string[] | undefined }
const judgement = Symbol('judgement');

function judged(access: Access): Judgement {
  return (access as Judged)[judgement] ??= { guards: undefined, kin: undefined, home: undefined, siblings: undefined, objectLocks: undefined };
}

/** Lock classes that protect the access: a lock of the same object, a global, or a lock of another object held by whoever uses this one. */
export function guardClasses(access: Access): readonly string[] {
  if (access.must.length === 0) return none;
  return judged(access).guards ??= findGuards(access);
}

function findGuards(access: Access): readonly string[] {
  const classes: string[] = [];
  for (const held of access.must) {
    const name = sameInstance(held.lock, access.path) ? lockClass(held) : undefined;
    if (name !== undefined && !classes.includes(name)) classes.push(name);
  }
  return classes.length === 0 ? none : classes.slice();
}

export function lockClass(held: Pick<HeldLock, 'lock'>): string | undefined {
  const { selectors } = held.lock;
  // The class of a path that ends in a field is that field; what hangs below one does not matter here.
  if (selectors[selectors.length - 1]?.kind === 'field') return classOf(held.lock);
  const last = selectors.findLast((selector) => selector.kind === 'field');
  if (last?.kind === 'field') return `${last.owner}.${last.name}`;
  return held.lock.root.kind === 'variable' ? held.lock.root.variable.qualifiedName : undefined;
}

/** A read lock keeps writers out, not other readers: it is no leave to write. */
export function protects(held: HeldLock, access: Access): boolean {
  return held.mode === 'exclusive' || !access.write;
}

/** Whether the access holds the lock class on some way, or it is in doubt. */
export function mentions(access: Access, lock: string): boolean {
  const isIt = (held: HeldLock): boolean => lockClass(held) === lock && protects(held, access);
  return access.unsure.size > 0 || access.must.some(isIt) || access.may.some(isIt);
}

/** A sibling lock must hang on the same object; locks of other types are taken by class. */
export function sameInstance(lock: AccessPath, path: AccessPath): boolean {
  if (lock.root.kind !== 'variable' || path.root.kind !== 'variable' || lock.root.variable.kind === 'global') return true;
  const own = path.selectors.findLast((selector) => selector.kind === 'field');
  const theirs = lock.selectors.findLast((selector) => selector.kind === 'field');
  if (own?.kind !== 'field' || theirs?.kind !== 'field' || own.owner !== theirs.owner) return true;
  if (lock.root.variable !== path.root.variable) return lock.root.variable.owner !== path.root.variable.owner;
  const base = pathKey({ root: lock.root, selectors: lock.selectors.slice(0, lock.selectors.lastIndexOf(theirs)) });
  return pathKey({ root: path.root, selectors: path.selectors.slice(0, path.selectors.lastIndexOf(own)) }).startsWith(base);
}

/** A lock that hangs on the object whose field is accessed, or on one that it is embedded in. */
export function isSibling(held: HeldLock, access: Access): boolean {
  return held.lock.root.kind === 'variable' && access.path.root.kind === 'variable' && held.lock.root.variable === access.path.root.variable && sameInstance(held.lock, access.path);
}

/** How the location is reached: the type of the root and the fields from it. Equal ones may be one object. */
export function kinOf(access: Access): string {
  return judged(access).kin ??= findKin(access);
}

function findKin(access: Access): string {
  const { root, selectors } = access.path;
  if (root.kind !== 'variable') return root.text;
  const type = root.variable.type.kind === 'pointer' ? root.variable.type.to : root.variable.type;
  const start = root.variable.kind === 'global' ? root.variable.qualifiedName : type.kind === 'record' ? type.name : root.variable.qualifiedName;
  return start + selectors.map((selector) => (selector.kind === 'field' ? `.${selector.name}` : '[]')).join('');
}

/**
 * Where a field lives: the chain of records held by value around it, from the object a pointer, map or variable leads to.
 * One plain struct inside two objects is two places, whatever its type says.
 */
export function homeOf(program: Program, access: Access): string {
  return judged(access).home ??= findHome(program, access);
}

function findHome(program: Program, access: Access): string {
  const { selectors } = access.path;
  const { first, last } = chainByValue(program, access.path);
  return selectors.slice(Math.max(first, 0), last + 1).map((selector) => (selector.kind === 'field' ? `/${selector.owner}.${selector.name}` : '')).join('');
}

/** Places of the selectors from the object that a reference leads to, through records held by value, to the last field; -1 without a field. */
function chainByValue(program: Program, { selectors }: AccessPath): { readonly first: number; readonly last: number } {
  const last = selectors.findLastIndex((selector) => selector.kind === 'field');
  let first = last;
  while (first > 0 && isHeldByValue(program, selectors[first - 1]!)) first--;
  return { first, last };
}

/** Whether the way to the location passes a reference on: what it leads to may be an older object than the one it starts at. */
export function leavesObject(program: Program, path: AccessPath): boolean {
  return path.selectors.some((selector, index) => selector.kind === 'deref' || (selector.kind === 'field' && index < path.selectors.length - 1 && path.selectors[index + 1]!.kind === 'field' && !isHeldByValue(program, selector)));
}

/** Whether two accesses may be in one place: a method of the inner struct does not know what it is part of. */
export function sameHome(program: Program, a: Access, b: Access): boolean {
  const left = homeOf(program, a);
  const right = homeOf(program, b);
  return left === right || left.endsWith(right) || right.endsWith(left);
}

function isHeldByValue(program: Program, selector: Selector): boolean {
  if (selector.kind !== 'field') return false;
  const type = program.records.get(selector.owner)?.fields.find((field) => field.name === selector.name)?.type;
  return type?.kind === 'record' && program.records.get(type.name)?.copied === true;
}

/** Two different locks of the object: the names of what this access holds and the other does not, when neither side is bare. */
export function otherSiblings(access: Access, partner: Access): readonly string[] {
  const own = ownSiblings(access);
  const theirs = ownSiblings(partner);
  return own.length === 0 || theirs.length === 0 || own.some((lock) => theirs.includes(lock)) ? [] : own;
}

/** Locks that stand in the very record whose field is accessed. */
export function ownSiblings(access: Access): readonly string[] {
  if (access.must.length === 0) return none;
  return judged(access).siblings ??= findSiblings(access);
}

function findSiblings(access: Access): readonly string[] {
  const owner = access.path.selectors.findLast((selector) => selector.kind === 'field');
  return access.must.flatMap((held) => {
    const own = held.lock.selectors.at(-1);
    return owner?.kind === 'field' && own?.kind === 'field' && own.owner === owner.owner && isSibling(held, access) ? lockClass(held) ?? [] : [];
  });
}

/** The same, and locks of the records around it that hold it by value: it has no life without them. */
export function objectLocks(program: Program, access: Access): readonly string[] {
  if (access.must.length === 0) return none;
  return judged(access).objectLocks ??= findObjectLocks(program, access);
}

function findObjectLocks(program: Program, access: Access): readonly string[] {
  const { selectors } = access.path;
  const { first, last } = chainByValue(program, access.path);
  const siblings = ownSiblings(access);
  if (first === last) return siblings;
  return [...siblings, ...access.must.flatMap((held) => {
    const base = held.lock.selectors.length - 1;
    const own = held.lock.selectors[base];
    const around = selectors[base];
    const isAround = own?.kind === 'field' && base >= first && base < last && around?.kind === 'field' && around.owner === own.owner && held.lock.root.kind === 'variable' && access.path.root.kind === 'variable' && held.lock.root.variable === access.path.root.variable
      && pathKey({ root: held.lock.root, selectors: held.lock.selectors.slice(0, base) }) === pathKey({ root: access.path.root, selectors: selectors.slice(0, base) });
    return isAround ? lockClass(held) ?? [] : [];
  })];
}
