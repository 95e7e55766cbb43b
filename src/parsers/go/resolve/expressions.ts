import type * as ast from '../ast.js';
import { callType, calledFunction } from './calls.js';
import { bindingsOf, coreType, operandType, substituteSignature } from './generics.js';
import { findMember } from './members.js';
import { isTypeExpr, objectOf, recordedType, recordObject, recordSelection, recordType, recordTypeExpr } from './record.js';
import type { Environment } from './scopes.js';
import { find } from './scopes.js';
import { basic, dereferenced, isUntyped, pointerTo, sliceOf } from './shapes.js';
import { instantiate, typeExpr } from './type-expressions.js';
import type { GoType, Selection } from './types.js';
import { unknownGoType } from './types.js';

/**
 * The type of an expression, recorded with the objects and selections in it. Invariant: an expression is read once;
 * its left spine is read in a loop, from the leaf up, so the depth of a chain costs no stack.
 */
export function typeOf(env: Environment, expr: ast.Expr, hint?: GoType): GoType {
  const { record } = env;
  if (expr.kind === 'Ident') return recordedType(record, expr) ?? identType(env, expr);
  const known = recordedType(record, expr);
  if (known !== undefined) return known;
  const inner = leftOf(expr);
  if (inner === undefined || inner.kind === 'Ident' || recordedType(record, inner) !== undefined) {
    if (inner?.kind === 'Ident') typeOf(env, inner);
    const type = read(env, expr, hint);
    recordType(record, expr, type);
    return type;
  }
  const spine: ast.Expr[] = [];
  let here: ast.Expr | undefined = expr;
  while (here !== undefined && here.kind !== 'Ident' && recordedType(record, here) === undefined) {
    spine.push(here);
    here = leftOf(here);
  }
  if (here?.kind === 'Ident') typeOf(env, here);
  let type = unknownGoType;
  for (let node = spine.pop(); node !== undefined; node = spine.pop()) {
    type = read(env, node, node === expr ? hint : undefined);
    recordType(record, node, type);
  }
  return type;
}

function leftOf(expr: ast.Expr): ast.Expr | undefined {
  switch (expr.kind) {
    case 'SelectorExpr': case 'IndexExpr': case 'SliceExpr': case 'TypeAssertExpr': case 'BinaryExpr': case 'StarExpr': case 'UnaryExpr': return expr.x;
    case 'CallExpr': return expr.fun;
    default: return undefined;
  }
}

const comparisons = new Set(['==', '!=', '<', '<=', '>', '>=']);

function read(env: Environment, expr: ast.Expr, hint: GoType | undefined): GoType {
  const { record } = env;
  const left = (of: ast.Expr): GoType => recordedType(record, of) ?? unknownGoType;
  switch (expr.kind) {
    case 'CompositeLit': return compositeType(env, expr, hint);
    case 'FuncLit': {
      const type = typeExpr(env, expr.type);
      env.walkLiteral?.(expr);
      return type;
    }
    case 'SelectorExpr': return selectorType(env, expr);
    case 'IndexExpr': return indexType(env, expr);
    case 'SliceExpr': {
      for (const bound of [expr.low, expr.high, expr.max]) if (bound !== undefined) typeOf(env, bound);
      const sliced = left(expr.x);
      const core = coreType(sliced);
      if (core.kind === 'array') return sliceOf(core.element);
      if (core.kind !== 'pointer') return isUntyped(sliced) ? basic('string') : sliced;
      const array = coreType(core.element);
      return array.kind === 'array' ? sliceOf(array.element) : unknownGoType;
    }
    case 'TypeAssertExpr': return expr.type === undefined ? left(expr.x) : typeExpr(env, expr.type);
    case 'CallExpr': return callType(env, expr, typeOf);
    case 'StarExpr': {
      if (isTypeExpr(record, expr.x)) {
        recordTypeExpr(record, expr);
        return pointerTo(left(expr.x));
      }
      const core = coreType(left(expr.x));
      return core.kind === 'pointer' ? core.element : unknownGoType;
    }
    case 'UnaryExpr': {
      const operand = left(expr.x);
      if (expr.operator === '&') return operand.kind === 'unknown' ? unknownGoType : pointerTo(operand);
      if (expr.operator !== '<-') return operand;
      const core = coreType(operand);
      return core.kind === 'chan' ? core.element : unknownGoType;
    }
    case 'BinaryExpr': {
      const right = typeOf(env, expr.y);
      if (comparisons.has(expr.operator)) return basic('untyped bool');
      return expr.operator === '<<' || expr.operator === '>>' ? left(expr.x) : operandType(left(expr.x), right);
    }
    case 'KeyValueExpr':
      typeOf(env, expr.key);
      return typeOf(env, expr.value);
    case 'BadExpr': return unknownGoType;
    default: return typeExpr(env, expr);
  }
}

function identType(env: Environment, ident: ast.Ident): GoType {
  const object = ident.name === '_' ? undefined : find(env.scope, ident.name);
  if (object === undefined) return unknownGoType;
  recordObject(env.record, ident, object);
  return recordedType(env.record, ident) ?? unknownGoType;
}

function selectorType(env: Environment, expr: ast.SelectorExpr): GoType {
  const { record } = env;
  const base = expr.x.kind === 'Ident' ? objectOf(record, expr.x) : undefined;
  if (base?.kind === 'package') {
    const member = env.exporterOf(base)?.member(expr.sel.name);
    if (member === undefined) return unknownGoType;
    recordObject(record, expr.sel, member);
    recordSelection(record, expr, { kind: 'qualified', object: member });
    if (member.kind === 'type') recordTypeExpr(record, expr);
    return recordedType(record, expr.sel) ?? unknownGoType;
  }
  const type = recordedType(record, expr.x) ?? unknownGoType;
  let found = findMember(type, expr.sel.name);
  if (found === undefined) return unknownGoType;
  const twin = found.kind === 'method' ? env.twinOf(found.method) : undefined;
  if (twin !== undefined && found.kind === 'method') found = { ...found, method: twin };
  const selection = isTypeExpr(record, expr.x) ? methodExpression(type, found) : found;
  if (selection === undefined) return unknownGoType;
  recordSelection(record, expr, selection);
  if (selection.kind === 'method' || selection.kind === 'methodExpression') recordObject(record, expr.sel, selection.method);
  return selection.kind === 'qualified' ? unknownGoType : selection.type;
}

/** `T.Method`: the receiver becomes the first parameter. */
function methodExpression(receiver: GoType, found: Selection): Selection | undefined {
  if (found.kind !== 'method') return undefined;
  const base = dereferenced(receiver);
  const type = base.kind === 'named' && found.steps.length === 0 ? substituteSignature(found.type, bindingsOf(base.decl, base.args)) : found.type;
  return { kind: 'methodExpression', method: found.method, type: { ...type, params: [receiver, ...type.params] } };
}

function indexType(env: Environment, expr: ast.IndexExpr): GoType {
  const { record } = env;
  const indexed = recordedType(record, expr.x) ?? unknownGoType;
  if (isTypeExpr(record, expr.x)) {
    recordTypeExpr(record, expr);
    return instantiate(env, indexed, expr.indices.map((index) => typeExpr(env, index)), expr.x);
  }
  const generic = calledFunction(env, expr.x);
  if (generic !== undefined && generic.typeParams.length > 0) {
    const given = expr.indices.map((index) => typeExpr(env, index));
    return substituteSignature(generic.type, new Map(given.map((type, index) => [generic.typeParams[index] ?? '', type])));
  }
  for (const index of expr.indices) typeOf(env, index);
  const core = coreType(indexed);
  switch (core.kind) {
    case 'map': return core.value;
    case 'slice': case 'array': return core.element;
    case 'pointer': {
      const array = coreType(core.element);
      return array.kind === 'array' ? array.element : unknownGoType;
    }
    case 'basic': return core.name.endsWith('string') ? basic('uint8') : unknownGoType;
    default: return unknownGoType;
  }
}

function compositeType(env: Environment, lit: ast.CompositeLit, hint: GoType | undefined): GoType {
  const type = lit.type === undefined ? (hint ?? unknownGoType) : sized(lit, typeExpr(env, lit.type));
  const written = coreType(type);
  // An elided literal in a place for `*T` makes a T and its address.
  const base = lit.type === undefined && written.kind === 'pointer' ? coreType(written.element) : written;
  lit.elements.forEach((element, index) => {
    const [key, value] = element.kind === 'KeyValueExpr' ? [element.key, element.value] : [undefined, element];
    let valueHint: GoType | undefined;
    if (base.kind === 'struct') {
      const field = key === undefined ? base.fields[index] : key.kind === 'Ident' ? base.fields.find((candidate) => candidate.name === key.name) : undefined;
      valueHint = field?.type;
    } else if (base.kind === 'map') {
      if (key !== undefined) typeOf(env, key, base.key);
      valueHint = base.value;
    } else {
      // In a literal of unknown type an identifier before the colon may be a field or a variable: it stays unread.
      if (key !== undefined && (base.kind !== 'unknown' || key.kind !== 'Ident')) typeOf(env, key);
      if (base.kind === 'slice' || base.kind === 'array') valueHint = base.element;
    }
    typeOf(env, value, valueHint);
  });
  return type;
}

/** `[...]T{...}` has as many elements as it lists, when no key says otherwise. */
function sized(lit: ast.CompositeLit, type: GoType): GoType {
  if (lit.type?.kind !== 'ArrayType' || lit.type.length !== '...' || type.kind !== 'array') return type;
  return lit.elements.some((element) => element.kind === 'KeyValueExpr') ? type : { ...type, length: lit.elements.length };
}
