import type * as ast from '../ast.js';
import { basic } from './shapes.js';
import type { GoObject, GoType, Selection, VariableObject } from './types.js';

/**
 * What one body or one group of declarations means, as far as walked. Invariant: what follows from an identifier's
 * object or a literal's form is not stored again; that is most of a program's expressions.
 */
export interface Record {
  readonly types: Map<ast.Expr, GoType>;
  readonly typeExprs: Set<ast.Expr>;
  readonly objects: Map<ast.Ident, GoObject>;
  readonly selections: Map<ast.SelectorExpr, Selection>;
  readonly clauses: Map<ast.CaseClause, VariableObject>;
}

export const emptyRecord = (): Record => ({ types: new Map(), typeExprs: new Set(), objects: new Map(), selections: new Map(), clauses: new Map() });

const literals: Readonly<{ [literal in ast.BasicLit['literal']]: GoType }> = {
  int: basic('untyped int'), float: basic('untyped float'), imaginary: basic('untyped complex'), rune: basic('untyped rune'), string: basic('untyped string'),
};

/** The type of an expression that was read; undefined when it was not, or names nothing. */
export function recordedType(record: Record, expr: ast.Expr): GoType | undefined {
  if (expr.kind === 'BasicLit') return literals[expr.literal];
  const type = record.types.get(expr);
  if (type !== undefined || expr.kind !== 'Ident') return type;
  const object = record.objects.get(expr);
  return object && objectType(object);
}

export function isTypeExpr(record: Record, expr: ast.Expr): boolean {
  return expr.kind === 'Ident' ? record.objects.get(expr)?.kind === 'type' : record.typeExprs.has(expr);
}

function objectType(object: GoObject): GoType | undefined {
  switch (object.kind) {
    case 'variable': case 'constant': case 'function': case 'type': return object.type;
    case 'nil': return untypedNil;
    default: return undefined;
  }
}
const untypedNil = basic('untyped nil');
