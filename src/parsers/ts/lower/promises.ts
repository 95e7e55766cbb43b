import { unknownType, unknownValue, variablePath, type AccessPath, type Value } from '../../../ir/index.js';
import { bare, isArrayLiteralExpression, isCallExpression, isFunctionExpression, isSpreadElement, type ts } from '../syntax.js';
import { awaited } from './awaits.js';
import type { Body, Outcome, Use } from './body.js';
import { callOf } from './calls.js';
import { guarded, handled, mayThrow } from './exits.js';
import { valueOf } from './expressions.js';
import { functionValue, mayBeFunction, runNow } from './function-values.js';

/**
 * `p.then(f, g)`, `p.catch(g)`, `p.finally(f)`. Awaited here, the chain is what it means: statements with a handler
 * around them. Otherwise each callback is a task that starts in a section of its own.
 */
export function chain(b: Body, call: ts.CallExpression, callee: ts.PropertyAccessExpression, use: Use): Outcome {
  const text = callee.name.text as 'then' | 'catch' | 'finally';
  const at = b.at(call);
  if (use === 'await') return { value: inline(b, call, callee, text), weight: 'weak', suspended: true };
  const receiver = bare(callee.expression);
  const first: Outcome = isCallExpression(receiver) ? callOf(b, receiver, 'value') : { value: valueOf(b, receiver), weight: 'full' };
  const source = first.handles?.[0] ?? (first.value.kind === 'path' ? first.value.path : undefined);
  const handle = b.temporary(text, unknownType, at);
  const path = variablePath(handle);
  call.arguments.forEach((argument, index) => {
    if (!mayBeFunction(b, argument)) return void valueOf(b, argument);
    const fn = functionValue(b, argument);
    b.emit({ at, op: 'spawn', callee: fn.callee, args: fn.args, via: text === 'then' && index === 1 ? 'catch' : text, ...(text === 'finally' ? {} : { outcome: text === 'then' && index === 0 ? 'fulfilled' as const : 'rejected' as const }), result: handle, ...(source ? { source } : {}) });
  });
  b.handles.set(handle, [...(first.handles ?? []), path]);
  return { value: { kind: 'path', path }, weight: 'full', handles: [...(first.handles ?? []), path] };
}

function inline(b: Body, call: ts.CallExpression, callee: ts.PropertyAccessExpression, text: 'then' | 'catch' | 'finally'): Value {
  const at = b.at(call);
  const [first, second] = call.arguments;
  let value: Value = unknownValue;
  const run = (argument: ts.Expression | undefined): void => {
    if (argument === undefined) return;
    if (!mayBeFunction(b, argument)) return void valueOf(b, argument);
    const ran = runNow(b, functionValue(b, argument), b.at(argument));
    value = unknownValue;
    if (!ran.waits) return;
    b.emit({ at, op: 'suspend', reason: 'await', weight: 'weak' });
    mayThrow(b, at);
  };
  const before = (): void => {
    value = awaited(b, callee.expression, callee.expression);
  };
  if (text === 'finally') guarded(b, at, before, () => run(first));
  else if (text === 'catch') handled(b, before, () => run(first));
  else if (second) handled(b, () => { before(); run(first); }, () => run(second));
  else {
    before();
    run(first);
  }
  return value;
}

/** `Promise.all([...])` and its kin: what is joined, and whether all of it. */
export function join(b: Body, call: ts.CallExpression, text: string): Outcome {
  const at = b.at(call);
  const handles: AccessPath[] = [];
  const [list] = call.arguments;
  const inner = list && bare(list);
  const add = (outcome: Outcome): void => {
    if (outcome.handles) handles.push(...outcome.handles);
    else if (outcome.value.kind === 'path' && outcome.value.path.root.kind === 'variable' && outcome.value.path.selectors.length === 0) handles.push(...(b.handles.get(outcome.value.path.root.variable) ?? []));
  };
  if (inner && isArrayLiteralExpression(inner)) {
    for (const element of inner.elements) {
      const one = bare(isSpreadElement(element) ? element.expression : element);
      add(isCallExpression(one) ? callOf(b, one, 'value') : { value: valueOf(b, one), weight: 'full' });
    }
  } else if (inner && isCallExpression(inner)) add(callOf(b, inner, 'value'));
  else if (inner) add({ value: valueOf(b, inner), weight: 'full' });
  const result = b.temporary(text, unknownType, at);
  b.emit({ at, op: 'call', callee: { kind: 'library', name: `Promise.${text}` }, args: handles.map((path) => ({ kind: 'path', path })), results: [result] });
  const joined = text === 'all' || text === 'allSettled' ? handles : [];
  b.handles.set(result, joined);
  return { value: { kind: 'path', path: variablePath(result) }, weight: 'full', handles: joined };
}

/** `new Promise((resolve, reject) => ...)`: the executor runs at once. */
export function newPromise(b: Body, expr: ts.NewExpression): Value {
  const at = b.at(expr);
  const [executor] = expr.arguments ?? [];
  const result = b.temporary('promise', unknownType, at);
  const inner = executor && bare(executor);
  const callable = inner && isFunctionExpression(inner) ? b.world.callableOf(inner) : undefined;
  const settlers = callable && inner && isFunctionExpression(inner) ? inner.parameters.slice(0, 2).map((_, index) => b.temporary(index === 0 ? 'resolve' : 'reject', { kind: 'function' }, at)) : [];
  b.emit({ at, op: 'make', result: variablePath(result), what: 'promise', ...(settlers.length === 0 ? {} : { settlers }) });
  if (callable && inner && isFunctionExpression(inner)) {
    b.emit({ at, op: 'call', callee: { kind: 'static', target: callable.id }, args: inner.parameters.map((_, index) => (settlers[index] ? { kind: 'path', path: variablePath(settlers[index]) } : unknownValue)), results: [] });
  } else if (executor) valueOf(b, executor);
  return { kind: 'path', path: variablePath(result) };
}
