import { unknownType, unknownValue, variablePath, type Value } from '../../../ir/index.js';
import { bare, isCallExpression, isConditionalExpression, type ts } from '../syntax.js';
import type { Body } from './body.js';
import { callOf } from './calls.js';
import { mayThrow } from './exits.js';
import { valueOf } from './expressions.js';

/** `await x`: what x does, then the suspension, then both ways out of it. */
export function awaitOf(b: Body, expr: ts.AwaitExpression): Value {
  return awaited(b, expr.expression, expr);
}

/** Waits for what an expression yields, here. */
export function awaited(b: Body, expr: ts.Expression, node: ts.Node): Value {
  const inner = bare(expr);
  const at = b.at(node);
  if (isCallExpression(inner)) {
    const outcome = callOf(b, inner, 'await');
    if (outcome.suspended) return outcome.value;
    for (const handle of outcome.handles ?? []) b.emit({ at, op: 'wait', on: handle, what: 'task' });
    b.emit({ at, op: 'suspend', reason: 'await', weight: outcome.weight, ...(outcome.value.kind === 'path' ? { awaited: outcome.value } : {}) });
    mayThrow(b, at);
    return outcome.value;
  }
  if (isConditionalExpression(inner)) {
    const result = b.temporary(`either${b.wrapped += 1}`, unknownType, at);
    const [yes, no, after] = [b.builder.newBlock(), b.builder.newBlock(), b.builder.newBlock()];
    b.branch(b.at(inner.condition), valueOf(b, inner.condition), yes, no);
    for (const [block, branch] of [[yes, inner.whenTrue], [no, inner.whenFalse]] as const) {
      b.builder.enter(block);
      b.emit({ at, op: 'write', path: variablePath(result), value: awaited(b, branch, branch), atomic: false });
      b.builder.end({ kind: 'goto', to: after });
    }
    b.builder.enter(after);
    result.assignments = 2;
    return { kind: 'path', path: variablePath(result) };
  }
  const value = valueOf(b, inner);
  const settled = value.kind === 'constant' || b.world.typeOf(inner).kind === 'scalar';
  if (value.kind === 'path' && value.path.root.kind === 'variable' && value.path.selectors.length === 0) {
    const handles = b.handles.get(value.path.root.variable);
    for (const handle of handles ?? []) b.emit({ at, op: 'wait', on: handle, what: 'task' });
  }
  b.emit({ at, op: 'suspend', reason: 'await', weight: settled ? 'weak' : 'full', ...(value.kind === 'path' ? { awaited: value } : {}) });
  if (!settled) mayThrow(b, at);
  if (value.kind !== 'path') return unknownValue;
  const result = b.temporary('awaited', unknownType, at);
  b.emit({ at, op: 'write', path: variablePath(result), value: unknownValue, atomic: false });
  return { kind: 'path', path: variablePath(result) };
}

/** `yield x`: the consumer decides when it goes on, and whether. */
export function yieldOf(b: Body, expr: ts.YieldExpression): Value {
  if (expr.expression) valueOf(b, expr.expression);
  const at = b.at(expr);
  b.emit({ at, op: 'suspend', reason: 'yield', weight: 'full' });
  mayThrow(b, at);
  return unknownValue;
}
