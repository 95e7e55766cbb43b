import type * as ast from '../ast.js';
import { basic } from './shapes.js';
import type { GoObject, GoType, Selection, VariableObject } from './types.js';

/**
 * What one body or one group of declarations means, as far as walked. Invariant: what follows from an identifier's
 * object or a literal's form is not stored again; that is most of a program's expressions. All that is read into one
 * record stands in one top-level declaration, so that slots are its indices.
 */
export interface Record {
  /** By slot: the object of an identifier, the type of any other expression; behind a selector's type its selection. */
  readonly known: (GoObject | GoType | Selection | undefined)[];
  /** Identifiers whose type is not their object's: instances of generic functions. */
  instances: Map<ast.Ident, GoType> | undefined;
  typeExprs: Set<ast.Expr> | undefined;
  clauses: Map<ast.CaseClause, VariableObject> | undefined;
}

/** `slots`: how many to make room for at once, where much is read and in no order. */
export const emptyRecord = (slots = 0): Record => ({ known: slots === 0 ? [] : new Array<undefined>(slots), instances: undefined, typeExprs: undefined, clauses: undefined });

export function objectOf(record: Record, ident: ast.Ident): GoObject | undefined {
  return record.known[ident.slot] as GoObject | undefined;
}

export function recordObject(record: Record, ident: ast.Ident, object: GoObject): void {
  record.known[ident.slot] = object;
}

export function selectionOf(record: Record, expr: ast.SelectorExpr): Selection | undefined {
  return record.known[expr.slot + 1] as Selection | undefined;
}

export function recordSelection(record: Record, expr: ast.SelectorExpr, selection: Selection): void {
  record.known[expr.slot + 1] = selection;
}

export function recordType(record: Record, expr: ast.Expr, type: GoType): void {
  if (expr.kind === 'BasicLit') return;
  if (expr.kind === 'Ident') (record.instances ??= new Map()).set(expr, type);
  else record.known[expr.slot] = type;
}

export function recordTypeExpr(record: Record, expr: ast.Expr): void {
  (record.typeExprs ??= new Set()).add(expr);
}

const literals: Readonly<{ [literal in ast.BasicLit['literal']]: GoType }> = {
  int: basic('untyped int'), float: basic('untyped float'), imaginary: basic('untyped complex'), rune: basic('untyped rune'), string: basic('untyped string'),
};

/** The type of an expression that was read; undefined when it was not, or names nothing. */
export function recordedType(record: Record, expr: ast.Expr): GoType | undefined {
  if (expr.kind === 'Ident') {
    const instance = record.instances?.get(expr);
    if (instance !== undefined) return instance;
    const object = objectOf(record, expr);
    return object && objectType(object);
  }
  if (expr.kind === 'BasicLit') return literals[expr.literal];
  return record.known[expr.slot] as GoType | undefined;
}

export function isTypeExpr(record: Record, expr: ast.Expr): boolean {
  return expr.kind === 'Ident' ? objectOf(record, expr)?.kind === 'type' : record.typeExprs !== undefined && record.typeExprs.has(expr);
}

function objectType(object: GoObject): GoType | undefined {
  switch (object.kind) {
    case 'variable': case 'constant': case 'function': case 'type': return object.type;
    case 'nil': return untypedNil;
    default: return undefined;
  }
}
const untypedNil = basic('untyped nil');
