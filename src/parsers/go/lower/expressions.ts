import { lineOfText, ownText } from '../../own-text.js';
import { unknownValue, variablePath, type BinaryOperator, type Type, type Value } from '../../../ir/index.js';
import type * as ast from '../ast.js';
import type { FunctionObject, GoObject, GoType } from '../resolve/types.js';
import type { Body } from './body.js';
import { constantKey, kindOf, nameFor, readPlace } from './places.js';
import { receiverOf } from './receivers.js';

const operators: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=', '+', '-', '*', '/', '%', '&&', '||', '&', '|', '^', '<<', '>>', '&^']);
const longestChain = 40;

/** The value of an expression, after emitting what its evaluation does. */
export function valueOf(b: Body, expr: ast.Expr): Value {
  switch (expr.kind) {
    case 'BasicLit':
      return literalValue(expr);
    case 'Ident': {
      const object = b.info.objectOf(expr);
      if (object?.kind === 'variable') return variableValue(b, expr);
      return object ? objectValue(b, object) : namedConstant(expr.name);
    }
    case 'FuncLit':
      return { kind: 'closure', target: b.literal(expr) };
    case 'CompositeLit':
      return compositeValue(b, expr, false);
    case 'SelectorExpr':
      return selectorValue(b, expr);
    case 'IndexExpr': {
      const kind = kindOf(b, expr.x);
      if (kind === 'signature' || b.info.isType(expr)) return kind === 'signature' ? b.value(expr.x) : unknownValue;
      const place = b.place(expr);
      readPlace(b, place, expr);
      return { kind: 'path', path: place.path };
    }
    case 'SliceExpr':
      return sliceValue(b, expr);
    case 'StarExpr': {
      const place = b.place(expr);
      readPlace(b, place, expr);
      return { kind: 'path', path: place.path };
    }
    case 'TypeAssertExpr':
      return b.value(expr.x);
    case 'CallExpr':
      return b.values(expr, 1)[0] ?? unknownValue;
    case 'UnaryExpr':
      return unaryValue(b, expr);
    case 'BinaryExpr':
      return binaryValue(b, expr);
    default:
      return unknownValue;
  }
}

function variableValue(b: Body, expr: ast.Ident): Value {
  const place = b.place(expr);
  if (place.target) return { kind: 'address', path: place.target };
  readPlace(b, place, expr);
  return { kind: 'path', path: place.path };
}

function literalValue(expr: ast.BasicLit): Value {
  switch (expr.literal) {
    case 'int': {
      const number = Number(expr.value.replaceAll('_', '').replace(/^0(?=[0-7]+$)/, '0o'));
      return Number.isSafeInteger(number) ? { kind: 'constant', value: number } : unknownValue;
    }
    case 'float': {
      const number = Number(expr.value.replaceAll('_', ''));
      return Number.isFinite(number) ? { kind: 'constant', value: number } : unknownValue;
    }
    case 'string':
      return { kind: 'constant', value: ownText(expr.value.slice(1, -1)) };
    case 'rune':
      return { kind: 'constant', value: ownText(expr.value) };
    default:
      return unknownValue;
  }
}

function namedConstant(name: string): Value {
  if (name === 'true' || name === 'false') return { kind: 'constant', value: name === 'true' };
  return name === 'nil' ? { kind: 'constant', value: null } : unknownValue;
}

function objectValue(b: Body, object: GoObject): Value {
  switch (object.kind) {
    case 'nil':
      return { kind: 'constant', value: null };
    case 'constant':
      return object.value === undefined ? namedConstant(object.name) : { kind: 'constant', value: object.value };
    case 'function':
      return functionValue(b, object);
    default:
      return unknownValue;
  }
}

/** A declared function as a value. */
export function functionValue(b: Body, fn: FunctionObject): Value {
  return b.unit.hasBody.has(fn.id) ? { kind: 'closure', target: fn.id as never } : { kind: 'library', callee: fn.fullName };
}

function selectorValue(b: Body, expr: ast.SelectorExpr): Value {
  const selection = b.info.selectionOf(expr);
  switch (selection?.kind) {
    case 'method': {
      const receiver = receiverOf(b, expr, selection);
      if (!selection.viaInterface && b.unit.hasBody.has(selection.method.id)) return { kind: 'bound', target: selection.method.id as never, receiver: receiver.value };
      return { kind: 'library', callee: selection.method.fullName, receiver: receiver.value };
    }
    case 'methodExpression':
      return functionValue(b, selection.method);
    case 'qualified':
      if (selection.object.kind !== 'variable') return objectValue(b, selection.object);
  }
  const place = b.place(expr);
  if (place.target) return { kind: 'address', path: place.target };
  readPlace(b, place, expr);
  return { kind: 'path', path: place.path };
}

/** A slice of a list shares its elements: from the start it is the same list, else the list after so many elements. Strings are copied. */
function sliceValue(b: Body, expr: ast.SliceExpr): Value {
  const kind = kindOf(b, expr.x);
  const whole: Value = kind === 'array' ? { kind: 'path', path: b.place(expr.x).path } : b.value(expr.x);
  const low = expr.low ? b.value(expr.low) : undefined;
  for (const bound of [expr.high, expr.max]) if (bound) b.value(bound);
  if (kind === 'basic') return unknownValue;
  return startsAtZero(low) ? whole : combine('-', whole, low!);
}

function startsAtZero(low: Value | undefined): boolean {
  return low === undefined || (low.kind === 'constant' && low.value === 0);
}

function unaryValue(b: Body, expr: ast.UnaryExpr): Value {
  switch (expr.operator) {
    case '&':
      return expr.x.kind === 'CompositeLit' ? compositeValue(b, expr.x, true) : { kind: 'address', path: b.place(expr.x).path };
    case '<-':
      return receive(b, expr, 1)[0]!;
    case '!':
      return { kind: 'not', operand: b.value(expr.x) };
    case '-': {
      const operand = b.value(expr.x);
      if (operand.kind === 'constant') return typeof operand.value === 'number' ? { kind: 'constant', value: -operand.value } : unknownValue;
      return operand.kind === 'unknown' ? unknownValue : { kind: 'binary', operator: '-', left: { kind: 'constant', value: 0 }, right: operand };
    }
    case '+':
      return b.value(expr.x);
    default:
      b.value(expr.x);
      return unknownValue;
  }
}

/** `<-ch`: a receive into temporaries. */
export function receive(b: Body, expr: ast.UnaryExpr, want: number): readonly Value[] {
  const channel = channelOf(b, expr.x);
  const at = b.at(expr);
  const result = want > 0 ? b.temporary(nameFor(b, expr), elementType(b, expr.x), at) : undefined;
  const ok = want > 1 ? b.temporary('ok', { kind: 'scalar', name: 'bool' }, at) : undefined;
  b.emit({ at, op: 'receive', channel, ...(result ? { result } : {}), ...(ok ? { ok } : {}) });
  return [result, ok].map((variable) => (variable ? { kind: 'path', path: variablePath(variable) } : unknownValue));
}

/** The channel an expression denotes; the variable or field that holds it is read. */
export function channelOf(b: Body, expr: ast.Expr) {
  const value = b.value(expr);
  if (value.kind === 'path') return value.path;
  return { root: { kind: 'unknown' as const, text: value.kind === 'constant' ? 'nil' : lineOfText(b.file.text.slice(expr.pos, Math.min(expr.end, expr.pos + 40))) }, selectors: [] };
}

export function elementType(b: Body, channel: ast.Expr): Type {
  const type = b.unit.world.underlying(b.info.typeOf(channel));
  return type.kind === 'chan' ? b.unit.typeOf(type.element) : { kind: 'unknown' };
}

function binaryValue(b: Body, expr: ast.BinaryExpr): Value {
  if (expr.operator === '&&' || expr.operator === '||') return shortCircuit(b, expr);
  // Left spines may be long (`a + b + c ...`): they are walked, not recursed into.
  const spine: ast.BinaryExpr[] = [];
  let left: ast.Expr = expr;
  while (left.kind === 'BinaryExpr' && left.operator !== '&&' && left.operator !== '||') {
    spine.push(left);
    left = left.x;
  }
  let value = b.value(left);
  for (let index = spine.length - 1; index >= 0; index--) {
    const node = spine[index]!;
    const right = b.value(node.y);
    value = spine.length > longestChain ? unknownValue : combine(node.operator, value, right);
  }
  return value;
}

export function combine(operator: string, left: Value, right: Value): Value {
  if (!operators.has(operator)) return unknownValue;
  if (left.kind === 'unknown' && right.kind === 'unknown') return unknownValue;
  return { kind: 'binary', operator: operator as BinaryOperator, left, right };
}

/** `a && b` as a value: pure operands stay a value; else the second is evaluated behind a branch. */
function shortCircuit(b: Body, expr: ast.BinaryExpr): Value {
  const at = b.at(expr);
  const result = b.temporary(expr.operator === '&&' ? 'both' : 'either', { kind: 'scalar', name: 'bool' }, at);
  const whenTrue = b.builder.newBlock();
  const whenFalse = b.builder.newBlock();
  const after = b.builder.newBlock();
  b.branch(expr, whenTrue, whenFalse);
  for (const [block, value] of [[whenTrue, true], [whenFalse, false]] as const) {
    b.builder.enter(block);
    b.emit({ at, op: 'write', path: variablePath(result), value: { kind: 'constant', value }, atomic: false });
    b.builder.end({ kind: 'goto', to: after });
  }
  b.builder.enter(after);
  return { kind: 'path', path: variablePath(result) };
}

/** A composite literal: an allocation with the values of its fields or elements. */
export function compositeValue(b: Body, expr: ast.CompositeLit, pointer: boolean): Value {
  let goType = b.info.typeOf(expr);
  let under = b.unit.world.underlying(goType);
  // In `[]*T{{...}}` the inner literal stands for &T{...}.
  if (under.kind === 'pointer') {
    goType = under.element;
    under = b.unit.world.underlying(goType);
    return { ...(allocation(b, expr, goType, under) as Extract<Value, { kind: 'allocation' }>), pointer: true };
  }
  return { ...(allocation(b, expr, goType, under) as Extract<Value, { kind: 'allocation' }>), pointer: pointer || under.kind === 'map' || under.kind === 'slice' };
}

const mostElements = 64;

function allocation(b: Body, expr: ast.CompositeLit, goType: GoType, under: GoType): Value {
  const fields: { name: string; value: Value }[] = [];
  let position = 0;
  for (const element of expr.elements) {
    if (element.kind === 'KeyValueExpr') {
      let name: string | undefined;
      if (under.kind === 'struct') name = element.key.kind === 'Ident' ? element.key.name : undefined;
      else {
        const key = element.key.kind === 'CompositeLit' ? compositeValue(b, element.key, false) : b.value(element.key);
        if (key.kind === 'constant') name = constantKey(key.value);
        if (under.kind !== 'map' && key.kind === 'constant' && typeof key.value === 'number') position = key.value + 1;
      }
      const value = b.value(element.value);
      if (name !== undefined && fields.length < mostElements) fields.push({ name, value });
    } else {
      const value = b.value(element);
      const name = under.kind === 'struct' ? under.fields[position]?.name : String(position);
      position += 1;
      if (name !== undefined && fields.length < mostElements) fields.push({ name, value });
    }
  }
  return { kind: 'allocation', site: b.at(expr), type: b.unit.typeOf(goType), pointer: false, ...(fields.length > 0 ? { fields } : {}) };
}

/** The value of a variable declared without one. */
export function zeroValue(b: Body, type: GoType, span: ast.Span): Value {
  const under = b.unit.world.underlying(type);
  switch (under.kind) {
    case 'basic':
      if (under.name === 'bool') return { kind: 'constant', value: false };
      if (under.name === 'string') return { kind: 'constant', value: '' };
      return under.name === 'unsafe.Pointer' ? { kind: 'constant', value: null } : { kind: 'constant', value: 0 };
    case 'struct':
    case 'array':
      return { kind: 'allocation', site: b.at(span), type: b.unit.typeOf(type), pointer: false };
    case 'unknown':
      if (type.kind === 'named' && type.decl.id === 'unsafe.Pointer') return { kind: 'constant', value: null };
      return type.kind === 'named' ? { kind: 'allocation', site: b.at(span), type: b.unit.typeOf(type), pointer: false } : unknownValue;
    case 'typeParameter':
    case 'tuple':
      return unknownValue;
    case 'named':
      return unknownValue;
    default:
      return { kind: 'constant', value: null };
  }
}
