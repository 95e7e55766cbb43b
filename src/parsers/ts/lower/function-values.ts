import { unknownType, variablePath, type Args, type Callee, type Location, type Value } from '../../../ir/index.js';
import { lineOfText } from '../../own-text.js';
import type { Callable } from '../resolve/types.js';
import { bare, isCallExpression, isFunctionExpression, isIdentifier, isPropertyAccessExpression, type ts } from '../syntax.js';
import type { Body } from './body.js';
import { valueOf } from './expressions.js';
import { releaseLock } from './locks.js';
import { placeOf } from './places.js';

/** A function value, ready to be called or started. */
export interface FunctionValue {
  readonly callee: Callee;
  readonly args: Args;
  readonly value: Value;
  /** The one function it is, when that is known. */
  readonly callable: Callable | undefined;
}

/** Does an argument look like a function? Unknown names may be one. */
export function mayBeFunction(b: Body, expr: ts.Expression | undefined): expr is ts.Expression {
  if (expr === undefined) return false;
  const inner = bare(expr);
  if (isFunctionExpression(inner)) return true;
  const type = b.world.typeOf(inner);
  if (type.kind === 'function' || type.kind === 'releaser' || type.kind === 'settler') return true;
  if (type.kind === 'scalar') return type.name === 'function';
  return type.kind === 'unknown' && (isIdentifier(inner) || isPropertyAccessExpression(inner) || isBinding(inner));
}

function isBinding(expr: ts.Expression): boolean {
  return isCallExpression(expr) && isPropertyAccessExpression(expr.expression) && expr.expression.name.text === 'bind';
}

/** What calling the expression's value would run. Functions that release a lock or settle a promise get one of their own. */
export function functionValue(b: Body, expr: ts.Expression): FunctionValue {
  const inner = bare(expr);
  const type = b.world.typeOf(inner);
  const at = b.at(inner);
  if (type.kind === 'releaser') {
    const target = b.wrap('release', at, (own) => releaseLock(own, type, at));
    return { callee: { kind: 'static', target }, args: [], value: { kind: 'closure', target }, callable: undefined };
  }
  if (type.kind === 'settler') {
    const { path } = placeOf(b, inner);
    const target = b.wrap('settle', at, (own) => own.emit({ at, op: 'signal', on: path, what: 'promise' }));
    return { callee: { kind: 'static', target }, args: [], value: { kind: 'closure', target }, callable: undefined };
  }
  const value = valueOf(b, inner);
  const callable = type.kind === 'function' ? type.callable : undefined;
  if (value.kind === 'closure') return { callee: { kind: 'static', target: value.target }, args: [], value, callable };
  if (value.kind === 'bound') return { callee: { kind: 'static', target: value.target }, args: [value.receiver], value, callable };
  return { callee: { kind: 'unknown', text: lineOfText(b.unit.text.slice(inner.getStart(b.unit.tree), Math.min(inner.end, inner.getStart(b.unit.tree) + 40))), value }, args: [], value, callable };
}

/** Calls a function value now. `weak`: all it waits for are its own suspensions. */
export function runNow(b: Body, fn: FunctionValue, at: Location, more: Args = []): { readonly value: Value; readonly waits: boolean; readonly weight: 'full' | 'weak' } {
  const result = b.temporary(fn.callable?.name.split('.').pop() ?? 'result', unknownType, at);
  b.emit({ at, op: 'call', callee: fn.callee, args: [...fn.args, ...more], results: [result] });
  const isAsync = fn.callable?.async === true;
  const plain = fn.callable !== undefined && !isAsync && fn.callable.returned.length === 0;
  return { value: { kind: 'path', path: variablePath(result) }, waits: !plain, weight: isAsync ? 'weak' : 'full' };
}
