import type { AccessPath, Selector } from '../../../ir/index.js';
import { goConditionLocks } from '../../../models/go.js';
import type { Meanings } from '../../../models/model.js';
import type * as ast from '../ast.js';
import type { BodyInfo, GoWorld, SelectionStep, VariableObject } from '../resolve/types.js';
import { functionOf } from './function-values.js';
import type { Visitor } from './walk.js';

/**
 * Fields that belong together because one call made both: a condition and its lock, a cancel function and its context.
 * Known only when every assignment in the program agrees.
 */
export interface Companions {
  /** `s.ready` to `s.mu`, `s.cancel` to `s.ctx`: the companion of the field a path ends with. */
  readonly of: (path: AccessPath) => AccessPath | undefined;
}

export interface CompanionCollector extends Companions {
  /** Reads one body on a walk. */
  readonly visitor: (info: BodyInfo) => Visitor;
}

type FieldStep = Extract<Selector, { readonly kind: 'field' }>;

export function companions(world: GoWorld, meanings: Meanings): CompanionCollector {
  const partners = new Map<string, readonly FieldStep[] | 'several'>();
  /** Locals made by one call: the cancel function's context. */
  const contexts = new Map<VariableObject, VariableObject>();
  /** Fields a local was stored in. */
  const holders = new Map<VariableObject, FieldStep[]>();
  let settled = false;

  const pair = (field: FieldStep, partner: readonly FieldStep[]): void => {
    const key = `${field.owner}.${field.name}`;
    const known = partners.get(key);
    if (known === undefined) partners.set(key, partner);
    else if (known !== 'several' && !sameSteps(known, partner)) partners.set(key, 'several');
  };

  const hold = (object: VariableObject, field: FieldStep): void => {
    const known = holders.get(object);
    if (known) known.push(field);
    else holders.set(object, [field]);
  };

  const assigned = (target: ast.Expr, value: ast.Expr, info: BodyInfo): void => {
    const field = lastField(target, info);
    if (!field) return;
    // `x.ready.L = &x.mu`: the condition is a field without a pointer.
    if (goConditionLocks.has(`${field.owner}.${field.name}`)) {
      const condition = (target as ast.SelectorExpr).x;
      const [holder, partner] = [lastField(condition, info), condition.kind === 'SelectorExpr' ? lockSteps(value, condition.x, info, meanings) : undefined];
      if (holder && partner) pair(holder, partner);
      return;
    }
    if (value.kind === 'Ident') {
      const object = info.objectOf(value);
      if (object?.kind === 'variable') hold(object, field);
      return;
    }
    const lock = conditionLock(value, info, meanings);
    if (!lock || target.kind !== 'SelectorExpr') return;
    const partner = lockSteps(lock, target.x, info, meanings);
    if (partner) pair(field, partner);
  };

  const settle = (): void => {
    if (settled) return;
    settled = true;
    for (const [cancel, context] of contexts) {
      for (const field of holders.get(cancel) ?? []) {
        const partner = (holders.get(context) ?? []).find((other) => other.owner === field.owner);
        if (partner) pair(field, [partner]);
      }
    }
  };

  return {
    visitor: (info) => ({
      enter(node) {
        if (node.kind === 'AssignStmt') {
          if (node.left.length === node.right.length) node.left.forEach((target, index) => assigned(target, node.right[index]!, info));
          else if (node.left.length === 2 && node.right.length === 1) {
            const [context, cancel] = node.left as [ast.Expr, ast.Expr];
            if (!makesContext(node.right[0]!, info, meanings)) return;
            const [held, stored] = [variableOf(context, info), variableOf(cancel, info)];
            if (held && stored) contexts.set(stored, held);
            const [field, partner] = [lastField(cancel, info), lastField(context, info)];
            if (field && partner && field.owner === partner.owner) pair(field, [partner]);
          }
        } else if (node.kind === 'CompositeLit') {
          const type = world.underlying(info.typeOf(node));
          if (type.kind !== 'struct') return;
          for (const element of node.elements) {
            if (element.kind !== 'KeyValueExpr' || element.key.kind !== 'Ident' || element.value.kind !== 'Ident') continue;
            const object = info.objectOf(element.value);
            if (object?.kind === 'variable') hold(object, { kind: 'field', name: element.key.name, owner: type.owner });
          }
        }
      },
    }),
    of(path) {
      settle();
      const last = path.selectors.at(-1);
      if (last?.kind !== 'field') return undefined;
      const partner = partners.get(`${last.owner}.${last.name}`);
      return partner === undefined || partner === 'several' ? undefined : { root: path.root, selectors: [...path.selectors.slice(0, -1), ...partner] };
    },
  };
}

function fieldStep({ name, owner }: SelectionStep): FieldStep {
  return { kind: 'field', name, owner };
}

function sameSteps(a: readonly FieldStep[], b: readonly FieldStep[]): boolean {
  return a.length === b.length && a.every((step, index) => step.name === b[index]!.name && step.owner === b[index]!.owner);
}

function variableOf(expr: ast.Expr, info: BodyInfo): VariableObject | undefined {
  const object = expr.kind === 'Ident' ? info.objectOf(expr) : undefined;
  return object?.kind === 'variable' ? object : undefined;
}

function lastField(expr: ast.Expr, info: BodyInfo): FieldStep | undefined {
  if (expr.kind !== 'SelectorExpr') return undefined;
  const selection = info.selectionOf(expr);
  const step = selection?.kind === 'field' && selection.steps.length === 1 ? selection.steps[0] : undefined;
  return step && fieldStep(step);
}

/** `sync.NewCond(lock)`: the lock as written. */
function conditionLock(value: ast.Expr, info: BodyInfo, meanings: Meanings): ast.Expr | undefined {
  if (value.kind !== 'CallExpr') return undefined;
  const fn = functionOf(value.fun, info);
  const meaning = fn && meanings.get(fn.fullName);
  return meaning?.means === 'make' && meaning.what === 'condition' && meaning.of !== undefined ? value.args[meaning.of] : undefined;
}

/** `&x.mu`, or the side of it that `x.mu.RLocker()` hands out, as fields from `base`. */
function lockSteps(lock: ast.Expr, base: ast.Expr, info: BodyInfo, meanings: Meanings): readonly FieldStep[] | undefined {
  if (lock.kind === 'UnaryExpr') return lock.operator === '&' ? stepsFrom(lock.x, base, info) : undefined;
  if (lock.kind !== 'CallExpr' || lock.fun.kind !== 'SelectorExpr') return undefined;
  const selection = info.selectionOf(lock.fun);
  const meaning = selection?.kind === 'method' ? meanings.get(selection.method.fullName) : undefined;
  if (selection?.kind !== 'method' || meaning?.means !== 'field' || meaning.of !== 'receiver' || !meaning.address) return undefined;
  const whole = stepsFrom(lock.fun.x, base, info, selection.steps);
  return whole && [...whole, { kind: 'field', name: meaning.name, owner: meaning.owner }];
}

function makesContext(value: ast.Expr, info: BodyInfo, meanings: Meanings): boolean {
  if (value.kind !== 'CallExpr') return false;
  const fn = functionOf(value.fun, info);
  const meaning = fn && meanings.get(fn.fullName);
  return meaning?.means === 'make' && meaning.what === 'context' && meaning.cancel !== undefined;
}

/** The fields from `base` to the expression, when it is a path of fields from the same variable; `promoted` are walked below it. */
function stepsFrom(expr: ast.Expr, base: ast.Expr, info: BodyInfo, promoted: readonly SelectionStep[] = []): readonly FieldStep[] | undefined {
  const root = variableOf(base, info);
  const steps: FieldStep[] = promoted.map(fieldStep);
  let at = expr;
  while (at.kind === 'SelectorExpr') {
    const selection = info.selectionOf(at);
    if (selection?.kind !== 'field') return undefined;
    steps.unshift(...selection.steps.map(fieldStep));
    at = at.x;
  }
  return root !== undefined && variableOf(at, info) === root && steps.length > 0 ? steps : undefined;
}
