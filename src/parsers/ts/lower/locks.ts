import { extendPath, unknownType, unknownValue, variablePath, type AccessPath, type Location, type Value } from '../../../ir/index.js';
import type { TsMeaning } from '../../../models/typescript.js';
import { oneKey } from '../resolve/expressions.js';
import { bare, isAsExpression, isAwaitExpression, isBinaryExpression, isCallExpression, isConditionalExpression, isExpressionStatement, isFunctionExpression, isIdentifier, isIfStatement, isNonNullExpression, isOmittedExpression, isParenthesizedExpression, isPrefixUnaryExpression, isPropertyAccessExpression, isVariableDeclaration, SyntaxKind, type ts } from '../syntax.js';
import type { TsType } from '../resolve/types.js';
import type { Body, Outcome, Use } from './body.js';
import { guarded, mayThrow } from './exits.js';
import { valueOf } from './expressions.js';
import { functionValue, mayBeFunction, runNow } from './function-values.js';
import { isLock, keyOf, placeOf } from './places.js';

/** The path of a lock: the object, and the entry in it that a key names. */
export function lockPath(b: Body, lock: ts.Expression, key: ts.Expression | undefined): AccessPath {
  const type = b.world.typeOf(lock);
  const base = type.kind === 'external' ? variablePath(b.lowering.staticOf(type.name, type, { kind: 'unknown' }, b.at(lock), '')) : placeOf(b, lock).path;
  if (key === undefined) return base;
  const known = keyOf(b, key);
  return extendPath(base, { kind: 'element', ...known });
}

/** What was not taken as a lock, since it counts for several holders or nobody can follow its release, is not given back as one. */
export function releaseLock(b: Body, { lock, key, taken }: Extract<TsType, { kind: 'releaser' | 'lease' }>, at: Location): void {
  const type = b.world.typeOf(lock);
  const counted = isCounted(b, taken);
  if (!counted && type.kind === 'library' && !isLock(type, b.world.models)) return;
  if (taken !== undefined && !(isAwaited(taken) && isKept(b, taken))) return;
  count(b);
  b.emit(counted ? { at, op: 'release', lock: leasePath(b, lock, taken!), mode: 'shared' } : { at, op: 'release', lock: lockPath(b, lock, key), mode: 'exclusive' });
}

/** One of several of a pool: known by the name it is borrowed under. */
function leasePath(b: Body, pool: ts.Expression, taken: ts.CallExpression): AccessPath {
  let node: ts.Node = taken;
  while (isAwaitExpression(node.parent) || isParenthesizedExpression(node.parent) || isAsExpression(node.parent)) node = node.parent;
  const name = isVariableDeclaration(node.parent) && isIdentifier(node.parent.name) ? node.parent.name.text : 'of it';
  return extendPath(lockPath(b, pool, undefined), { kind: 'element', key: `lease ${name}` });
}

function isCounted(b: Body, taken: ts.CallExpression | undefined): boolean {
  const meaning = taken && b.world.meaningOf(taken.expression);
  return meaning?.means === 'acquire' && meaning.counted === true;
}

function count(b: Body): void {
  const { lockOperations } = b.lowering.coverage;
  lockOperations.total += 1;
  lockOperations.resolved += 1;
}

/** `await m.acquire()`. Nothing is claimed about locks whose release goes where nobody can follow. */
export function acquire(b: Body, call: ts.CallExpression, lock: ts.Expression, meaning: Extract<TsMeaning, { means: 'acquire' }>, use: Use): Outcome | undefined {
  const at = b.at(call);
  if (meaning.tries) {
    count(b);
    const result = b.temporary('acquired', { kind: 'scalar', name: 'boolean' }, at);
    b.emit({ at, op: 'acquire', lock: lockPath(b, lock, undefined), mode: meaning.mode ?? 'exclusive', tries: true, result });
    return { value: { kind: 'path', path: variablePath(result) }, weight: 'weak' };
  }
  const key = meaning.key === undefined ? undefined : oneKey(call.arguments[meaning.key]);
  if (use !== 'await' || (meaning.releases !== undefined && !isKept(b, call)) || (meaning.key !== undefined && key === undefined)) return undefined;
  for (const argument of call.arguments) if (argument !== lock) valueOf(b, argument);
  count(b);
  const path = meaning.counted ? leasePath(b, lock, call) : lockPath(b, lock, key);
  b.emit({ at, op: 'suspend', reason: 'lock', weight: 'full', awaited: { kind: 'path', path } });
  b.emit({ at, op: 'acquire', lock: path, mode: meaning.counted ? 'shared' : meaning.mode ?? 'exclusive', tries: false });
  return { value: unknownValue, weight: 'full', suspended: true };
}

/** Is what releases the lock only ever called, in this file, by the name it is given here? */
function isKept(b: Body, call: ts.CallExpression): boolean {
  let kept = b.lowering.kept.get(call);
  if (kept === undefined) b.lowering.kept.set(call, kept = staysKept(b, call));
  return kept;
}

function isAwaited(call: ts.Node): boolean {
  let node = call;
  while (isParenthesizedExpression(node.parent) || isAsExpression(node.parent) || isNonNullExpression(node.parent) || isConditionalExpression(node.parent)) node = node.parent;
  return isAwaitExpression(node.parent);
}

function staysKept(b: Body, call: ts.CallExpression): boolean {
  let node: ts.Node = call;
  while (isAwaitExpression(node.parent) || isParenthesizedExpression(node.parent) || isAsExpression(node.parent) || isNonNullExpression(node.parent)) node = node.parent;
  const { parent } = node;
  if (isExpressionStatement(parent)) return true;
  const targets: ts.Node[] = [];
  if (isVariableDeclaration(parent)) collectNames(parent.name, targets);
  else if (isBinaryExpression(parent) && parent.operatorToken.kind === SyntaxKind.EqualsToken) {
    const left = bare(parent.left);
    if (isPropertyAccessExpression(left)) return true;
    if (isIdentifier(left)) targets.push(left);
  }
  if (targets.length === 0) return false;
  const names = new Set(targets.map((target) => b.world.nameOf(target)));
  const { uses } = b.world.boundOf(call);
  for (const [index, use] of uses.nodes.entries()) {
    const name = uses.names[index]!;
    if (!names.has(name) || targets.includes(use) || name.node === use) continue;
    if (!isCalled(b, use)) return false;
  }
  return true;
}

function collectNames(pattern: ts.BindingName, into: ts.Node[]): void {
  if (isIdentifier(pattern)) into.push(pattern);
  else for (const element of pattern.elements) if (!isOmittedExpression(element)) collectNames(element.name, into);
}

function isCalled(b: Body, use: ts.Node): boolean {
  let node = use;
  while (isNonNullExpression(node.parent) || isParenthesizedExpression(node.parent)) node = node.parent;
  const { parent } = node;
  if (isCallExpression(parent)) {
    if (parent.expression === node) return true;
    const meaning = b.world.meaningOf(parent.expression);
    if (meaning?.means === 'release' && meaning.lease !== undefined && parent.arguments[meaning.lease] === node) return true;
    return isPropertyAccessExpression(parent.expression) && (parent.expression.name.text === 'finally' || parent.expression.name.text === 'then');
  }
  if (isPropertyAccessExpression(parent) && parent.expression === node) return true;
  // `if (release) release()`.
  return isIfStatement(parent) || isPrefixUnaryExpression(parent) || (isBinaryExpression(parent) && parent.operatorToken.kind !== SyntaxKind.EqualsToken) || (isBinaryExpression(parent) && parent.left === node);
}

/** `m.runExclusive(f)`: the lock is held while f runs, and given back whatever becomes of it. */
export function scoped(b: Body, call: ts.CallExpression, lock: ts.Expression, meaning: Extract<TsMeaning, { means: 'scoped' }>, use: Use): Outcome | undefined {
  const index = meaning.callee === 'last' ? call.arguments.length - 1 : meaning.callee;
  const callee = call.arguments[index];
  if (!mayBeFunction(b, callee)) return undefined;
  const at = b.at(call);
  const key = meaning.key === undefined ? undefined : oneKey(call.arguments[meaning.key]);
  // Several keys are several locks: nothing is claimed about which.
  if (meaning.key !== undefined && key === undefined && call.arguments[meaning.key] !== undefined) return undefined;
  for (const argument of call.arguments) if (argument !== callee) valueOf(b, argument);
  const inner = bare(callee);
  const byDone = meaning.done !== undefined && isFunctionExpression(inner) && inner.parameters.length === meaning.done;
  let value: Value = unknownValue;
  const hold = (own: Body): void => {
    const path = lockPath(own, lock, key);
    count(own);
    own.emit({ at, op: 'suspend', reason: 'lock', weight: 'full', awaited: { kind: 'path', path } });
    own.emit({ at, op: 'acquire', lock: path, mode: 'exclusive', tries: false });
    const run = (): void => {
      const fn = functionValue(own, callee);
      const ran = runNow(own, fn, own.at(callee));
      value = ran.value;
      if (!ran.waits && !byDone) return;
      own.emit({ at, op: 'suspend', reason: 'await', weight: byDone ? 'full' : ran.weight });
      mayThrow(own, at);
    };
    if (byDone) return run();
    guarded(own, at, run, () => {
      count(own);
      own.emit({ at, op: 'release', lock: path, mode: 'exclusive' });
    });
  };
  if (use === 'await' || use === 'return') {
    hold(b);
    return { value, weight: 'full', suspended: true };
  }
  const target = b.wrap('exclusive', at, hold);
  const handle = b.temporary('exclusive', unknownType, at);
  b.emit({ at, op: 'spawn', callee: { kind: 'static', target }, args: [], via: 'call', eager: true, result: handle });
  b.handles.set(handle, [variablePath(handle)]);
  return { value: { kind: 'path', path: variablePath(handle) }, weight: 'full', handles: [variablePath(handle)] };
}
