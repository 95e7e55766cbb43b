import type * as ast from '../ast.js';
import type { Visitor } from './walk.js';
import type { BodyInfo } from '../resolve/types.js';
import type { VariableObject } from '../resolve/types.js';

/** What one top-level body, its literals included, does with variables and fields. */
export interface Usage {
  /** `owner.field` of every field assigned anywhere in the body. */
  readonly assignedFields: ReadonlySet<string>;
  /** Names of variables that occur as an index more than once under different identities. */
  readonly keyOf: (object: VariableObject) => string;
}

/** Where the counts go: a variable's facts, gathered over the whole program before anything is lowered. */
export interface VariableFacts {
  readonly assigned: (object: VariableObject, times?: number) => void;
  readonly captured: (object: VariableObject) => void;
  readonly addressed: (object: VariableObject) => void;
}

export interface UsageVisitor extends Visitor {
  /** After the walk. */
  readonly usage: () => Usage;
}

const noFields: ReadonlySet<string> = new Set();

/** Seen on a walk over a body: which variables are assigned, captured, addressed; which fields are assigned. */
export function usageVisitor(root: ast.FuncDecl | ast.VarDecl, info: BodyInfo, facts: VariableFacts, perTurn: boolean, takesAddress: (selector: ast.SelectorExpr) => boolean): UsageVisitor {
  // Most bodies have none of these, and there are as many bodies as functions.
  let assignedFields: Set<string> | undefined;
  let keys: Map<VariableObject, string> | undefined;
  let taken: Map<string, VariableObject> | undefined;
  let aliased: (readonly [VariableObject, VariableObject])[] | undefined;
  let captured: Set<VariableObject> | undefined;
  const scopes: (ast.FuncDecl | ast.FuncLit)[] = root.kind === 'FuncDecl' ? [root] : [];

  const variable = (expr: ast.Expr | undefined): VariableObject | undefined => {
    if (expr?.kind !== 'Ident') return undefined;
    const object = info.objectOf(expr);
    return object?.kind === 'variable' ? object : undefined;
  };
  const capture = (object: VariableObject): void => {
    (captured ??= new Set()).add(object);
    facts.captured(object);
  };
  const assign = (target: ast.Expr, times = 1): void => {
    if (target.kind === 'Ident') {
      const object = variable(target);
      if (object) facts.assigned(object, times);
    } else if (target.kind === 'SelectorExpr') {
      const selection = info.selectionOf(target);
      const last = selection?.kind === 'field' ? selection.steps.at(-1) : undefined;
      if (last) (assignedFields ??= new Set()).add(`${last.owner}.${last.name}`);
      if (selection?.kind === 'qualified' && selection.object.kind === 'variable') facts.assigned(selection.object, times);
    }
  };
  /** The variable whose own memory `x` denotes: through value fields and array elements, not through pointers. */
  const storage = (x: ast.Expr): VariableObject | undefined => {
    let expr = x;
    for (;;) {
      if (expr.kind === 'SelectorExpr') {
        const selection = info.selectionOf(expr);
        if (selection?.kind !== 'field' || selection.steps.some((step) => step.viaPointer)) return undefined;
        expr = expr.x;
      } else if (expr.kind === 'IndexExpr') {
        if (info.typeOf(expr.x).kind !== 'array') return undefined;
        expr = expr.x;
      } else return variable(expr);
    }
  };
  const base = (x: ast.Expr): VariableObject | undefined => {
    let expr = x.kind === 'UnaryExpr' && x.operator === '&' ? x.x : x;
    while (expr.kind === 'SelectorExpr' || expr.kind === 'TypeAssertExpr') expr = expr.x;
    return variable(expr);
  };

  const define = (names: readonly ast.Expr[], values: readonly ast.Expr[]): void => {
    if (names.length !== values.length) return;
    names.forEach((name, index) => {
      const object = variable(name);
      const from = object && base(values[index]!);
      if (object && from && from !== object) (aliased ??= []).push([object, from]);
    });
  };

  return {
    enter(node) {
      switch (node.kind) {
        case 'Ident': {
          const object = info.objectOf(node);
          if (object?.kind === 'variable' && object.role !== 'global' && object.scope !== scopes.at(-1)) capture(object);
          return;
        }
        case 'BasicLit':
          return;
        case 'FuncLit':
          scopes.push(node);
          return;
        case 'AssignStmt':
          for (const target of node.left) assign(target);
          if (node.operator === ':=') define(node.left, node.right);
          return;
        case 'IncDecStmt':
          assign(node.x);
          return;
        case 'VarDecl':
          for (const name of node.names) assign(name);
          define(node.names, node.values);
          return;
        case 'RangeStmt':
          for (const target of [node.key, node.value]) if (target) assign(target, node.define && perTurn ? 1 : 2);
          return;
        case 'ReturnStmt': {
          const results = scopes.at(-1)?.type.results ?? [];
          if (node.results.length > 0) for (const field of results) for (const name of field.names) assign(name);
          return;
        }
        case 'FuncType':
          return;
        case 'UnaryExpr':
          if (node.operator === '&') {
            const object = storage(node.x);
            if (object) facts.addressed(object);
          }
          return;
        case 'SliceExpr':
          if (info.typeOf(node.x).kind === 'array') {
            const object = storage(node.x);
            if (object) facts.addressed(object);
          }
          return;
        case 'IndexExpr': {
          const object = variable(node.indices[0]);
          if (object && keys?.has(object) !== true) {
            keys ??= new Map();
            taken ??= new Map();
            const first = taken.get(object.name);
            if (!first) taken.set(object.name, object);
            keys.set(object, first ? `${object.name}#${keys.size}` : object.name);
          }
          return;
        }
        case 'SelectorExpr': {
          const selection = info.selectionOf(node);
          if (selection?.kind === 'method' && takesAddress(node) && selection.method.receiver?.pointer && !selection.steps.some((step) => step.viaPointer) && info.typeOf(node.x).kind !== 'pointer') {
            const object = storage(node.x);
            if (object) facts.addressed(object);
          }
          return;
        }
        default:
      }
    },
    leave() {
      scopes.pop();
    },
    usage() {
      for (let index = (captured && aliased ? aliased.length : 0) - 1; index >= 0; index--) {
        const [object, from] = aliased![index]!;
        if (captured!.has(object) && from.role !== 'global') capture(from);
      }
      return { assignedFields: assignedFields ?? noFields, keyOf: (object) => keys?.get(object) ?? object.name };
    },
  };
}
