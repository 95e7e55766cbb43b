import type * as ast from '../ast.js';
import { fitted, none } from '../../../ir/fitted.js';
import { width } from './concrete.js';
import { expression, functionType } from './expressions.js';
import { behind, childOf, codeAt, endAt, hasError, ident, operandsOf, posAt, textAt, unquote } from './reading.js';
import type { Reading } from './reading.js';
import { code, operatorCode } from './syntax.js';

/** Parameters or results, in order. */
export function fieldsOf(r: Reading, list: number, depth: number): readonly ast.Field[] {
  const fields: ast.Field[] = [];
  const stop = behind(r, list);
  for (let child = list + width; child < stop; child = behind(r, child)) {
    const childCode = codeAt(r, child);
    if (childCode === code.parameter_declaration) fields.push(field(r, child, depth));
    else if (childCode === code.variadic_parameter_declaration) fields.push({ ...field(r, child, depth), variadic: true });
    else if (childCode === code.ERROR) fields.push(badField(r, child));
  }
  return fitted(fields);
}

export function typeParameters(r: Reading, list: number | undefined, depth: number): readonly ast.Field[] {
  if (list === undefined) return none;
  return operandsOf(r, list).map((child) => field(r, child, depth));
}

export function structFields(r: Reading, struct: number, depth: number): readonly ast.Field[] {
  const list = childOf(r, struct, code.field_declaration_list);
  if (list === undefined) return none;
  const fields: ast.Field[] = [];
  const stop = behind(r, list);
  for (let child = list + width; child < stop; child = behind(r, child)) {
    const childCode = codeAt(r, child);
    if (childCode === code.field_declaration) fields.push(structField(r, child, depth));
    else if (childCode === code.ERROR) fields.push(badField(r, child));
  }
  return fitted(fields);
}

export function interfaceElements(r: Reading, type: number, depth: number): readonly ast.Field[] {
  const fields: ast.Field[] = [];
  const stop = behind(r, type);
  for (let child = type + width; child < stop; child = behind(r, child)) {
    const childCode = codeAt(r, child);
    const pos = posAt(r, child);
    const end = endAt(r, child);
    if (childCode === code.ERROR || hasError(r, child)) {
      fields.push(badField(r, child));
    } else if (childCode === code.method_elem) {
      const [name, parameters, result] = operandsOf(r, child);
      const type = functionType(r, parameters === undefined ? pos : posAt(r, parameters), parameters, result, depth);
      fields.push({ pos, end, names: name === undefined ? none : [ident(r, name)], type, ...r.comments.around(pos, end) });
    } else if (childCode === code.type_elem) {
      fields.push({ pos, end, names: none, type: expression(r, child, depth), ...r.comments.around(pos, end) });
    }
  }
  return fitted(fields);
}

/** Names, if any, and the type behind them. */
function field(r: Reading, i: number, depth: number): ast.Field {
  const names: ast.Ident[] = [];
  let type: number | undefined;
  const stop = behind(r, i);
  for (let child = i + width; child < stop; child = behind(r, child)) {
    if (codeAt(r, child) === code.identifier) names.push(ident(r, child));
    else type = child;
  }
  return { pos: posAt(r, i), end: endAt(r, i), names: fitted(names), type: typeOrBad(r, i, type, depth), doc: '', comment: '' };
}

function structField(r: Reading, i: number, depth: number): ast.Field {
  const pos = posAt(r, i);
  const end = endAt(r, i);
  const names: ast.Ident[] = [];
  let star: number | undefined;
  let typeNode: number | undefined;
  let tag: string | undefined;
  const stop = behind(r, i);
  for (let child = i + width; child < stop; child = behind(r, child)) {
    const childCode = codeAt(r, child);
    if (childCode === code.field_identifier) names.push(ident(r, child));
    else if (childCode === operatorCode['*']) star = child;
    else if (typeNode !== undefined && (childCode === code.raw_string_literal || childCode === code.interpreted_string_literal)) tag = unquote(textAt(r, child));
    else typeNode = child;
  }
  const inner = typeOrBad(r, i, typeNode, depth);
  const type: ast.Expr = star === undefined ? inner : { kind: 'StarExpr', slot: r.slots++, pos: posAt(r, star), end: inner.end, x: inner };
  return { pos, end, names: fitted(names), type, ...r.comments.around(pos, end), ...(tag === undefined ? {} : { tag }) };
}

function typeOrBad(r: Reading, parent: number, type: number | undefined, depth: number): ast.Expr {
  if (type === undefined || hasError(r, parent)) return { kind: 'BadExpr', slot: r.slots++, pos: posAt(r, parent), end: endAt(r, parent) };
  return expression(r, type, depth);
}

function badField(r: Reading, i: number): ast.Field {
  const pos = posAt(r, i);
  const end = endAt(r, i);
  return { pos, end, names: none, type: { kind: 'BadExpr', slot: r.slots++, pos, end }, doc: '', comment: '' };
}
