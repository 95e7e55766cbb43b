import type * as ast from '../ast.js';
import { fitted, none } from '../../../ir/fitted.js';
import { width } from './concrete.js';
import { fieldsOf, interfaceElements, structFields } from './fields.js';
import { behind, childOf, codeAt, endAt, hasError, ident, nestingLimit, onlyOperand, operandAt, operandsOf, posAt, taken, textAt, tooDeep } from './reading.js';
import type { Reading } from './reading.js';
import { block } from './statements.js';
import { code, isOperator, operatorCode, operatorText } from './syntax.js';
import type { NodeType } from './syntax.js';

/** Any expression or type: the grammar tells them apart by guess, so both are read by one table. */
export function expression(r: Reading, i: number | undefined, depth: number): ast.Expr {
  if (i === undefined) return { kind: 'BadExpr', slot: r.slots++, pos: 0, end: 0 };
  let inner = i;
  let nodeCode = codeAt(r, inner);
  if (nodeCode === code.identifier || nodeCode === code.type_identifier) return ident(r, inner);
  // Wrappers add no node, so ten thousand parentheses nest nothing.
  while (wrappers.has(nodeCode) && !hasError(r, inner)) {
    const wrapped = onlyOperand(r, inner);
    if (wrapped === undefined) break;
    inner = wrapped;
    nodeCode = codeAt(r, inner);
  }
  const read = readers[nodeCode];
  if (read === undefined || (r.faulty && !tolerant.has(nodeCode) && hasError(r, inner))) return badExpression(r, inner);
  if (depth > nestingLimit) {
    tooDeep(r, inner);
    return badExpression(r, inner);
  }
  return read(r, inner, depth + 1);
}

/** The expressions of an expression list. */
export function expressions(r: Reading, list: number | undefined, depth: number): readonly ast.Expr[] {
  if (list === undefined) return none;
  if (codeAt(r, list) !== code.expression_list) return [expression(r, list, depth)];
  const read: ast.Expr[] = [];
  const stop = behind(r, list);
  for (let child = list + width; child < stop; child = behind(r, child)) {
    if (!isOperator(codeAt(r, child))) read.push(expression(r, child, depth));
  }
  return fitted(read);
}

/** Parameters and results as they stand among the children of a function, method or function type. */
export function functionType(r: Reading, pos: number, parameters: number | undefined, result: number | undefined, depth: number): ast.FuncType {
  return {
    kind: 'FuncType',
    slot: r.slots++,
    pos,
    end: result !== undefined ? endAt(r, result) : parameters !== undefined ? endAt(r, parameters) : pos,
    params: parameters === undefined ? none : fieldsOf(r, parameters, depth),
    results: result === undefined ? none : resultFields(r, result, depth),
  };
}

function resultFields(r: Reading, result: number, depth: number): readonly ast.Field[] {
  if (codeAt(r, result) === code.parameter_list) return fieldsOf(r, result, depth);
  const type = expression(r, result, depth);
  return [{ pos: type.pos, end: type.end, names: none, type, doc: '', comment: '' }];
}

function badExpression(r: Reading, i: number): ast.BadExpr {
  return { kind: 'BadExpr', slot: r.slots++, pos: posAt(r, i), end: endAt(r, i) };
}

type Reader = (r: Reading, i: number, depth: number) => ast.Expr;

const wrappers: ReadonlySet<number> = new Set([code.parenthesized_expression, code.parenthesized_type, code.literal_element]);

/** Lists, which lose one element to an error and keep the others. */
const tolerant: ReadonlySet<number> = new Set([code.literal_value, code.func_literal, code.struct_type, code.interface_type]);

function literal(kind: ast.BasicLit['literal']): Reader {
  return (r, i) => ({ kind: 'BasicLit', pos: posAt(r, i), end: endAt(r, i), literal: kind, value: textAt(r, i) });
}

const table: { readonly [type in NodeType]?: Reader } = {
  identifier: ident,
  type_identifier: ident,
  field_identifier: ident,
  package_identifier: ident,
  blank_identifier: ident,
  nil: ident,
  true: ident,
  false: ident,
  iota: ident,
  int_literal: literal('int'),
  float_literal: literal('float'),
  imaginary_literal: literal('imaginary'),
  rune_literal: literal('rune'),
  raw_string_literal: literal('string'),
  interpreted_string_literal: literal('string'),

  call_expression(r, i, depth) {
    const callee = i + width;
    let list = behind(r, callee);
    let fun = expression(r, callee, depth);
    if (codeAt(r, list) === code.type_arguments) {
      fun = { kind: 'IndexExpr', slot: r.slots++, pos: fun.pos, end: endAt(r, list), x: fun, indices: typeArguments(r, list, depth) };
      list = behind(r, list);
    }
    const args: ast.Expr[] = [];
    let spread = false;
    const stop = behind(r, list);
    for (let child = list + width; child < stop; child = behind(r, child)) {
      const variadic = codeAt(r, child) === code.variadic_argument;
      if (variadic) spread = true;
      args.push(expression(r, variadic ? onlyOperand(r, child) : child, depth));
    }
    return { kind: 'CallExpr', slot: r.slots++, pos: posAt(r, i), end: endAt(r, i), fun, args: fitted(args), spread };
  },

  type_conversion_expression(r, i, depth) {
    const [type, operand] = operandsOf(r, i);
    const end = endAt(r, i);
    // `*T(x)` dereferences what the conversion gives; the grammar takes `*T` for its type.
    const stars: number[] = [];
    let target = type;
    while (target !== undefined && codeAt(r, target) === code.pointer_type && stars.length < nestingLimit) {
      stars.push(posAt(r, target));
      target = onlyOperand(r, target);
    }
    let x: ast.Expr = { kind: 'CallExpr', slot: r.slots++, pos: target === undefined ? posAt(r, i) : posAt(r, target), end, fun: expression(r, target, depth + stars.length), args: [expression(r, operand, depth + stars.length)], spread: false };
    while (stars.length > 0) x = { kind: 'StarExpr', slot: r.slots++, pos: stars.pop() as number, end, x };
    return x;
  },

  selector_expression: selector,
  qualified_type: selector,

  index_expression: indexing,
  type_instantiation_expression: indexing,

  generic_type(r, i, depth) {
    const [x, list] = operandsOf(r, i);
    return { kind: 'IndexExpr', slot: r.slots++, pos: posAt(r, i), end: endAt(r, i), x: expression(r, x, depth), indices: list === undefined ? none : typeArguments(r, list, depth) };
  },

  slice_expression(r, i, depth) {
    let x: number | undefined;
    let low: number | undefined;
    let high: number | undefined;
    let max: number | undefined;
    let colons = 0;
    const stop = behind(r, i);
    for (let child = i + width; child < stop; child = behind(r, child)) {
      if (codeAt(r, child) === operatorCode[':']) colons++;
      else if (x === undefined) x = child;
      else if (colons === 0) low = child;
      else if (colons === 1) high = child;
      else max = child;
    }
    return {
      kind: 'SliceExpr', slot: r.slots++, pos: posAt(r, i), end: endAt(r, i), x: expression(r, x, depth),
      low: low === undefined ? undefined : expression(r, low, depth),
      high: high === undefined ? undefined : expression(r, high, depth),
      max: max === undefined ? undefined : expression(r, max, depth),
    };
  },

  type_assertion_expression(r, i, depth) {
    const [x, type] = operandsOf(r, i);
    return { kind: 'TypeAssertExpr', slot: r.slots++, pos: posAt(r, i), end: endAt(r, i), x: expression(r, x, depth), type: expression(r, type, depth) };
  },

  composite_literal(r, i, depth) {
    const type = operandAt(r, i, 0);
    const body = operandAt(r, i, 1);
    return { kind: 'CompositeLit', slot: r.slots++, pos: posAt(r, i), end: endAt(r, i), type: expression(r, type, depth), elements: body === undefined ? none : elements(r, body, depth) };
  },

  literal_value(r, i, depth) {
    return { kind: 'CompositeLit', slot: r.slots++, pos: posAt(r, i), end: endAt(r, i), type: undefined, elements: elements(r, i, depth) };
  },

  keyed_element(r, i, depth) {
    const key = operandAt(r, i, 0);
    const value = operandAt(r, i, 1);
    return { kind: 'KeyValueExpr', slot: r.slots++, pos: posAt(r, i), end: endAt(r, i), key: expression(r, key, depth), value: expression(r, value, depth) };
  },

  func_literal(r, i, depth) {
    const body = childOf(r, i, code.block);
    const [parameters, result] = operandsOf(r, i);
    return {
      kind: 'FuncLit', slot: r.slots++, pos: posAt(r, i), end: endAt(r, i),
      type: functionType(r, posAt(r, i), parameters, result === body ? undefined : result, depth),
      body: block(r, body, endAt(r, i), depth),
    };
  },

  unary_expression(r, i, depth) {
    const operator = codeAt(r, i + width);
    const x = expression(r, onlyOperand(r, i), depth);
    if (operator === operatorCode['*']) return { kind: 'StarExpr', slot: r.slots++, pos: posAt(r, i), end: endAt(r, i), x };
    return { kind: 'UnaryExpr', slot: r.slots++, pos: posAt(r, i), end: endAt(r, i), operator: operatorText(operator), x };
  },

  binary_expression(r, i, depth) {
    const operator = operatorAt(r, i);
    if (codeAt(r, i + width) !== code.binary_expression) {
      const first = i + width;
      const second = behind(r, behind(r, first));
      if (depth + 2 <= nestingLimit) return { kind: 'BinaryExpr', slot: r.slots++, pos: posAt(r, i), end: endAt(r, second), operator: operatorText(operator), x: expression(r, first, depth + 1), y: expression(r, second, depth) };
    }
    const operands: number[] = [];
    let left = i;
    while (codeAt(r, left) === code.binary_expression && operatorAt(r, left) === operator && !hasError(r, left)) {
      operands.push(behind(r, behind(r, left + width)));
      left += width;
    }
    operands.push(left);
    operands.reverse();
    return joined(r, operands, operatorText(operator), posAt(r, i), depth);
  },

  negated_type(r, i, depth) {
    return { kind: 'UnaryExpr', slot: r.slots++, pos: posAt(r, i), end: endAt(r, i), operator: '~', x: expression(r, onlyOperand(r, i), depth) };
  },

  type_elem: union,
  type_constraint: union,

  pointer_type(r, i, depth) {
    return { kind: 'StarExpr', slot: r.slots++, pos: posAt(r, i), end: endAt(r, i), x: expression(r, onlyOperand(r, i), depth) };
  },

  array_type(r, i, depth) {
    const [length, element] = operandsOf(r, i);
    return { kind: 'ArrayType', slot: r.slots++, pos: posAt(r, i), end: endAt(r, i), length: expression(r, length, depth), element: expression(r, element, depth) };
  },

  implicit_length_array_type(r, i, depth) {
    return { kind: 'ArrayType', slot: r.slots++, pos: posAt(r, i), end: endAt(r, i), length: '...', element: expression(r, onlyOperand(r, i), depth) };
  },

  slice_type(r, i, depth) {
    return { kind: 'ArrayType', slot: r.slots++, pos: posAt(r, i), end: endAt(r, i), element: expression(r, onlyOperand(r, i), depth) };
  },

  map_type(r, i, depth) {
    const [key, value] = operandsOf(r, i);
    return { kind: 'MapType', slot: r.slots++, pos: posAt(r, i), end: endAt(r, i), key: expression(r, key, depth), value: expression(r, value, depth) };
  },

  channel_type(r, i, depth) {
    const arrow = childOf(r, i, operatorCode['<-']);
    const direction = arrow === undefined ? 'both' : posAt(r, arrow) === posAt(r, i) ? 'receive' : 'send';
    return { kind: 'ChanType', slot: r.slots++, pos: posAt(r, i), end: endAt(r, i), direction, element: expression(r, onlyOperand(r, i), depth) };
  },

  function_type(r, i, depth) {
    const [parameters, result] = operandsOf(r, i);
    return functionType(r, posAt(r, i), parameters, result, depth);
  },

  struct_type(r, i, depth) {
    return { kind: 'StructType', slot: r.slots++, pos: posAt(r, i), end: endAt(r, i), fields: structFields(r, i, depth) };
  },

  interface_type(r, i, depth) {
    return { kind: 'InterfaceType', slot: r.slots++, pos: posAt(r, i), end: endAt(r, i), elements: interfaceElements(r, i, depth) };
  },
};

const readers: readonly (Reader | undefined)[] = (() => {
  const byCode: (Reader | undefined)[] = Array.from({ length: 256 }, () => undefined);
  for (const [type, reader] of Object.entries(table)) byCode[code[type as NodeType]] = reader;
  return byCode;
})();

function selector(r: Reading, i: number, depth: number): ast.Expr {
  const x = i + width;
  const name = behind(r, x);
  return { kind: 'SelectorExpr', slot: taken(r, 2), pos: posAt(r, i), end: endAt(r, i), x: expression(r, x, depth), sel: ident(r, name) };
}

/** What is indexed or instantiated, and by what. */
function indexing(r: Reading, i: number, depth: number): ast.IndexExpr {
  const slot = r.slots++;
  let x: ast.Expr | undefined;
  const indices: ast.Expr[] = [];
  const stop = behind(r, i);
  for (let child = i + width; child < stop; child = behind(r, child)) {
    const childCode = codeAt(r, child);
    if (isOperator(childCode) || childCode === code.ERROR) continue;
    if (x === undefined) x = expression(r, child, depth);
    else indices.push(expression(r, child, depth));
  }
  return { kind: 'IndexExpr', slot, pos: posAt(r, i), end: endAt(r, i), x: x ?? expression(r, undefined, depth), indices: fitted(indices) };
}

function typeArguments(r: Reading, list: number, depth: number): readonly ast.Expr[] {
  return operandsOf(r, list).map((argument) => expression(r, argument, depth));
}

function union(r: Reading, i: number, depth: number): ast.Expr {
  return joined(r, operandsOf(r, i), '|', posAt(r, i), depth);
}

function elements(r: Reading, body: number, depth: number): readonly ast.Expr[] {
  const read: ast.Expr[] = [];
  const stop = behind(r, body);
  for (let child = body + width; child < stop; child = behind(r, child)) {
    if (!isOperator(codeAt(r, child))) read.push(expression(r, child, depth));
  }
  return fitted(read);
}

/** Of a binary expression: the child after the first. */
function operatorAt(r: Reading, i: number): number {
  return codeAt(r, behind(r, i + width));
}

const associative: ReadonlySet<string> = new Set(['+', '*', '&', '|', '^', '&&', '||']);

/** Operands of one operator before regrouping pays; below it the tree is as written. */
const longChain = 100;

/**
 * `a op b op c`. Generated tables join thousands of strings; read as written they nest thousands deep. Where
 * grouping does not matter a long chain is halved instead: the order of evaluation stays that of the text.
 */
function joined(r: Reading, operands: readonly number[], operator: string, pos: number, depth: number): ast.Expr {
  if (operands.length > longChain && associative.has(operator)) return balanced(r, operands, 0, operands.length, operator, depth);
  if (operands.length + depth > nestingLimit) {
    const last = operands[operands.length - 1] as number;
    const span = { pos, end: endAt(r, last) };
    r.bad.push({ ...span, reason: `nested more than ${nestingLimit} levels deep` });
    return { kind: 'BadExpr', slot: r.slots++, ...span };
  }
  let x = expression(r, operands[0], depth + operands.length - 1);
  for (let n = 1; n < operands.length; n++) {
    const operand = operands[n] as number;
    const y = expression(r, operand, depth + operands.length - 1 - n);
    x = { kind: 'BinaryExpr', slot: r.slots++, pos, end: endAt(r, operand), operator, x, y };
  }
  return x;
}

function balanced(r: Reading, operands: readonly number[], from: number, to: number, operator: string, depth: number): ast.Expr {
  const first = operands[from] as number;
  if (to - from === 1) return expression(r, first, depth);
  const middle = (from + to) >> 1;
  return {
    kind: 'BinaryExpr', slot: r.slots++, pos: posAt(r, first), end: endAt(r, operands[to - 1] as number), operator,
    x: balanced(r, operands, from, middle, operator, depth + 1),
    y: balanced(r, operands, middle, to, operator, depth + 1),
  };
}
