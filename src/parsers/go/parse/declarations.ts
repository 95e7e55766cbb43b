import type * as ast from '../ast.js';
import { fitted, none } from '../../../ir/fitted.js';
import { width } from './concrete.js';
import { expression, expressions, functionType } from './expressions.js';
import { fieldsOf, typeParameters } from './fields.js';
import { behind, childOf, codeAt, endAt, hasError, ident, nameIn, operandsOf, posAt, textAt, unquote } from './reading.js';
import type { Reading } from './reading.js';
import { block } from './statements.js';
import { code, isOperator } from './syntax.js';

/** The declarations a concrete declaration stands for: one for each spec of a group. */
export function declarations(r: Reading, i: number, depth: number): readonly ast.Decl[] {
  const nodeCode = codeAt(r, i);
  if (depth === 0) r.slots = 0;
  if (nodeCode === code.function_declaration || nodeCode === code.method_declaration) return [functionDeclaration(r, i, depth)];
  const read = readers[nodeCode];
  return read === undefined ? [badDeclaration(r, i)] : group(r, i, depth, read);
}

export function isDeclaration(nodeCode: number): boolean {
  return nodeCode === code.function_declaration || nodeCode === code.method_declaration || readers[nodeCode] !== undefined;
}

export function badDeclaration(r: Reading, i: number): ast.BadDecl {
  return { kind: 'BadDecl', pos: posAt(r, i), end: endAt(r, i) };
}

export function importSpecs(r: Reading, i: number): readonly ast.ImportSpec[] {
  return specsOf(r, i).filter((spec) => codeAt(r, spec) === code.import_spec && !hasError(r, spec)).flatMap((spec) => {
    const operands = operandsOf(r, spec);
    const path = operands[operands.length - 1];
    if (path === undefined) return [];
    const name = operands.length > 1 ? operands[0] : undefined;
    return [{ kind: 'ImportSpec', pos: posAt(r, spec), end: endAt(r, spec), ...(name === undefined ? {} : { name: ident(r, name) }), path: nameIn(r.names, unquote(textAt(r, path))) }];
  });
}

function functionDeclaration(r: Reading, i: number, depth: number): ast.FuncDecl | ast.BadDecl {
  const pos = posAt(r, i);
  const end = endAt(r, i);
  const parts = operandsOf(r, i);
  const receiver = codeAt(r, i) === code.method_declaration ? parts.shift() : undefined;
  const name = parts.shift();
  const typeParams = parts[0] !== undefined && codeAt(r, parts[0]) === code.type_parameter_list ? parts.shift() : undefined;
  const parameters = parts.shift();
  if (name === undefined || parameters === undefined) return badDeclaration(r, i);
  const last = parts[parts.length - 1];
  const body = last !== undefined && codeAt(r, last) === code.block ? parts.pop() : undefined;
  return {
    kind: 'FuncDecl', pos, end,
    name: ident(r, name),
    receiver: receiver === undefined ? undefined : fieldsOf(r, receiver, depth)[0],
    typeParams: typeParameters(r, typeParams, depth),
    type: functionType(r, pos, parameters, parts[0], depth),
    body: body === undefined ? undefined : block(r, body, end, depth),
    doc: r.comments.above(pos),
    directives: r.comments.rawAbove(pos),
    slots: r.slots,
  };
}

/** What specs of one group hand to the next: constants repeat what was written last. */
interface Group {
  iota: number;
  type?: ast.Expr;
  values: readonly ast.Expr[];
}

type SpecReader = (r: Reading, spec: number, depth: number, group: Group, doc: string) => ast.Decl;

const readers: readonly (SpecReader | undefined)[] = (() => {
  const byCode: (SpecReader | undefined)[] = Array.from({ length: 256 }, () => undefined);
  byCode[code.const_declaration] = constSpec;
  byCode[code.var_declaration] = varSpec;
  byCode[code.type_declaration] = typeSpec;
  return byCode;
})();

function group(r: Reading, i: number, depth: number, read: SpecReader): readonly ast.Decl[] {
  const specs = specsOf(r, i);
  const shared: Group = { iota: 0, values: none };
  // The comment above a group of one is about that one; above several it is a heading.
  const heading = specs.length === 1 ? r.comments.above(posAt(r, i)) : '';
  return specs.map((spec) => {
    if (codeAt(r, spec) === code.ERROR || hasError(r, spec)) {
      shared.iota++;
      return badDeclaration(r, spec);
    }
    // A constant may share what an earlier one of its group says, and its slots with it.
    if (depth === 0 && read !== constSpec) r.slots = 0;
    const own = posAt(r, spec) === posAt(r, i) ? '' : r.comments.above(posAt(r, spec));
    const decl = read(r, spec, depth, shared, own === '' ? heading : own);
    shared.iota++;
    return decl;
  });
}

function constSpec(r: Reading, spec: number, depth: number, shared: Group): ast.Decl {
  const { names, type, values } = namesTypeValues(r, spec, depth);
  if (values !== none) {
    shared.values = values;
    delete shared.type;
    if (type !== undefined) shared.type = type;
    // No constant is a function: what such code would do is in no function of ours.
    for (let at = spec + width; at < behind(r, spec); at += width) if (codeAt(r, at) === code.func_literal) r.bad.push({ pos: posAt(r, at), end: endAt(r, at), reason: 'a function in a constant' });
  }
  return {
    kind: 'ConstDecl', pos: posAt(r, spec), end: endAt(r, spec), names,
    ...(shared.type === undefined ? {} : { type: shared.type }),
    values: shared.values, iota: shared.iota,
  };
}

function varSpec(r: Reading, spec: number, depth: number, _: Group, doc: string): ast.Decl {
  const { names, type, values } = namesTypeValues(r, spec, depth);
  const pos = posAt(r, spec);
  const end = endAt(r, spec);
  return { kind: 'VarDecl', pos, end, names, ...(type === undefined ? {} : { type }), values, doc, comment: r.comments.behind(end), slots: r.slots };
}

function typeSpec(r: Reading, spec: number, depth: number, _: Group, doc: string): ast.Decl {
  const [name, second, third] = operandsOf(r, spec);
  const type = third ?? second;
  if (name === undefined || type === undefined) return badDeclaration(r, spec);
  const pos = posAt(r, spec);
  const end = endAt(r, spec);
  return {
    kind: 'TypeDecl', pos, end, name: ident(r, name),
    typeParams: third === undefined ? none : typeParameters(r, second, depth),
    type: expression(r, type, depth),
    alias: codeAt(r, spec) === code.type_alias,
    doc, comment: r.comments.behind(end),
  };
}

function namesTypeValues(r: Reading, spec: number, depth: number): { names: readonly ast.Ident[]; type: ast.Expr | undefined; values: readonly ast.Expr[] } {
  const names: ast.Ident[] = [];
  let type: ast.Expr | undefined;
  let values: readonly ast.Expr[] = none;
  for (const part of operandsOf(r, spec)) {
    const partCode = codeAt(r, part);
    if (partCode === code.identifier) names.push(ident(r, part));
    else if (partCode === code.expression_list) values = expressions(r, part, depth);
    else type = expression(r, part, depth);
  }
  return { names: fitted(names), type, values };
}

/** Specs and errors under a declaration, through the list node some groups have and others lack. */
function specsOf(r: Reading, i: number): number[] {
  const list = childOf(r, i, code.import_spec_list) ?? childOf(r, i, code.var_spec_list) ?? i;
  const specs: number[] = [];
  const stop = behind(r, list);
  for (let child = list + width; child < stop; child = behind(r, child)) {
    if (!isOperator(codeAt(r, child))) specs.push(child);
  }
  return specs;
}
