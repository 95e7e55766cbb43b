import { pathKey, type Location, type Value } from '../ir/index.js';
import { guardClasses, lockClass, otherSiblings } from './access-guards.js';
import type { Access, AccessGroup } from './accesses.js';
import { controlFlow } from './control-flow.js';
import type { FieldRace, Guard } from './field-races.js';
import type { Task } from './tasks.js';

/**
 * What kind of mistake is a race over a field? The same two accesses read differently when one side is atomic, holds the
 * read lock, another lock of the object, or held the right one a moment ago. No order between shapes: the first that fits,
 * the most telling first; `field` when none does. Idea: the patterns of Uber's study of races in Go (PLDI 2022).
 */
export type RaceShape =
  /** One side is an atomic operation, the other is not. */
  | 'atomic'
  /** Written while the guard is held for reading only. */
  | 'read-locked'
  /** Both sides hold a lock of the object, but not the same. */
  | 'mismatched'
  /** Tested without the lock, then tested or set under it, and used. */
  | 'double-check'
  /** The container was picked up under the lock and is used after it. */
  | 'after-unlock'
  /** No lock anywhere: a map, a list that grows, a number changed in place. */
  | 'map' | 'append' | 'counter'
  /** Set by the function that started the other task, after the start: `isLateWrite`. */
  | 'late-write'
  | 'field';

/** How often each of two locks must be seen on a field before the two are a habit and no slip. */
const mismatchSites = 2;

export function shapeOf(reason: FieldRace['reason'], odd: Access, partner: Access, guard: Guard | undefined, accesses: readonly Access[]): RaceShape {
  if (odd.atomic !== partner.atomic) return 'atomic';
  if (guard !== undefined && odd.write && odd.must.some((held) => held.mode === 'shared' && lockClass(held) === guard.lock)) return 'read-locked';
  if (isMismatched(odd, partner, accesses)) return 'mismatched';
  if (guard !== undefined && isDoubleCheck(odd, guard, accesses)) return 'double-check';
  if (guard !== undefined && pickedUpAt(odd, guard, accesses) !== undefined) return 'after-unlock';
  const bare = odd.must.length === 0 && partner.must.length === 0;
  if (reason !== 'pair' || !bare) return 'field';
  if (odd.operation.container === 'map' && odd.level === 'content') return 'map';
  if (isAppend(odd)) return 'append';
  return odd.level === 'cell' && isCount(odd) ? 'counter' : 'field';
}

/** The function that starts the reading task sets what it reads only afterwards, with no lock on either side. */
export function isLateWrite(write: Access, read: Access, reader: Task): boolean {
  if (!write.write || read.write || write.level !== 'cell' || write.may.length + read.may.length > 0 || reader.spawn === undefined || reader.spawn.by !== write.fn) return false;
  const flow = controlFlow(write.fn);
  return flow.reaches(reader.spawn.point, write.point) && !flow.reaches(write.point, reader.spawn.point);
}

/** Each side keeps to a lock of the object, and others do as it does: two camps. */
export function isMismatched(odd: Access, partner: Access, accesses: readonly Access[]): boolean {
  return membersOf(odd, partner, accesses) >= mismatchSites && membersOf(partner, odd, accesses) >= mismatchSites;
}

/** How many uses of the field keep to a lock that this one holds and the other does not. */
function membersOf(one: Access, other: Access, accesses: readonly Access[]): number {
  let most = 0;
  for (const lock of otherSiblings(one, other)) most = Math.max(most, usersOf(accesses).get(lock) ?? 0);
  return most;
}

/** Uses of a field under each lock class, counted once a field. */
const users = new WeakMap<readonly Access[], ReadonlyMap<string, number>>();

function usersOf(accesses: readonly Access[]): ReadonlyMap<string, number> {
  let counts = users.get(accesses);
  if (counts === undefined) {
    const counting = new Map<string, number>();
    for (const access of accesses) for (const lock of guardClasses(access)) counting.set(lock, (counting.get(lock) ?? 0) + 1);
    users.set(accesses, counts = counting);
  }
  return counts;
}

/** A bare test that decides whether the same function takes the lock and sets the field. */
function isDoubleCheck(odd: Access, guard: Guard, accesses: readonly Access[]): boolean {
  if (odd.write || odd.level !== 'cell' || guardClasses(odd).includes(guard.lock)) return false;
  const { terminator } = odd.fn.blocks[odd.point.block]!;
  if (terminator.kind !== 'branch' || terminator.loop === true || !mentionsPath(terminator.condition, pathKey(odd.path))) return false;
  return accesses.some((access) => access.fn === odd.fn && access.write && access.level === 'cell' && guardClasses(access).includes(guard.lock) && controlFlow(odd.fn).reaches(odd.point, access.point));
}

/** Where the function took the container out of the field under the guard, when this use of its content is all that follows without. */
export function pickedUpAt(odd: Access, guard: Guard, accesses: readonly Access[]): Location | undefined {
  if (odd.level !== 'content' || guardClasses(odd).includes(guard.lock)) return undefined;
  const cells = accesses.filter((access) => access.fn === odd.fn && access.level === 'cell' && !access.write);
  if (cells.some((access) => access.operation.at.line === odd.operation.at.line && !guardClasses(access).includes(guard.lock))) return undefined;
  return cells.find((access) => guardClasses(access).includes(guard.lock) && controlFlow(odd.fn).dominates(access.point, odd.point))?.operation.at;
}

/** `xs = append(xs, ...)`. */
export function isAppend(access: Access): boolean {
  const { operation } = access;
  return operation.op === 'write' && operation.value.kind === 'binary' && operation.value.operator === '+' && operation.value.appended !== undefined;
}

/** An element put behind the end: who holds an older header does not look there, and a race over the header is one over the field. */
export function isGrowth(access: Access): boolean {
  return access.level === 'content' && access.write && access.operation.container === 'list' && access.operation.verb === 'append';
}

/** Whether the list is cut back in place somewhere, so that what is appended overwrites what older headers still see. */
export function isTruncated(group: AccessGroup): boolean {
  return group.accesses.some(({ operation, level, path }) => level === 'cell' && operation.op === 'write' && operation.value.kind === 'path' && pathKey(operation.value.path) === pathKey(path));
}

/** `x++`, `x += n`, and `x = x + n` written out. */
export function isCount(access: Access): boolean {
  const { operation } = access;
  if (operation.op !== 'write') return false;
  if (operation.updates === true) return true;
  const { value } = operation;
  return value.kind === 'binary' && (value.operator === '+' || value.operator === '-') && value.left.kind === 'path' && pathKey(value.left.path) === pathKey(access.path);
}

function mentionsPath(value: Value, key: string): boolean {
  switch (value.kind) {
    case 'path': return pathKey(value.path) === key;
    case 'length': return pathKey(value.of) === key;
    case 'not': return mentionsPath(value.operand, key);
    case 'binary': return mentionsPath(value.left, key) || mentionsPath(value.right, key);
    default: return false;
  }
}
