import { lineOfText, ownText } from '../../own-text.js';
import { extendPath, variablePath, type AccessPath, type Location, type Selector, type Value, type Variable } from '../../../ir/index.js';
import { goConditionLocks } from '../../../models/go.js';
import type * as ast from '../ast.js';
import type { GoType, SelectionStep } from '../resolve/types.js';
import type { Body, Place } from './body.js';

/**
 * The location an expression names. Pointers, maps and slices loaded on the way become reads of their own
 * prefix; the location itself is not read.
 */
export function placeOf(b: Body, expr: ast.Expr): Place {
  switch (expr.kind) {
    case 'Ident':
      return identPlace(b, expr);
    case 'SelectorExpr':
      return selectorPlace(b, expr);
    case 'IndexExpr':
      return elementPlace(b, expr);
    case 'StarExpr': {
      const pointer = b.place(expr.x);
      if (pointer.target) return { path: pointer.target, shared: true, exposed: true };
      readPlace(b, pointer, expr.x);
      return { path: extendPath(pointer.path, deref), shared: true, exposed: true };
    }
    case 'SliceExpr':
      return slicePlace(b, expr);
    case 'CallExpr':
      // A conversion of a struct or array names the same memory under another type.
      if (expr.args.length === 1 && b.info.isType(expr.fun)) {
        const kind = kindOf(b, expr.fun);
        if ((kind === 'struct' || kind === 'array') && kindOf(b, expr.args[0]!) === kind) return b.place(expr.args[0]!);
      }
      return valuePlace(b, b.value(expr), expr);
    default:
      return valuePlace(b, b.value(expr), expr);
  }
}

const deref: Selector = { kind: 'deref' };

/** A value that has no name gets one. */
export function valuePlace(b: Body, value: Value, expr: ast.Expr): Place {
  if (value.kind === 'path') return { path: value.path, shared: false, exposed: false };
  const at = b.at(expr);
  const variable = b.temporary(nameFor(b, expr), b.unit.typeOf(b.info.typeOf(expr)), at);
  b.emit({ at, op: 'write', path: variablePath(variable), value, atomic: false });
  const path = variablePath(variable);
  return value.kind === 'address' ? { path, shared: false, exposed: false, target: value.path } : { path, shared: false, exposed: false };
}

/** Short source text for names of temporaries: `s.peer()`, `<-results`. */
export function nameFor(b: Body, expr: ast.Expr): string {
  const text = lineOfText(expr.kind === 'CallExpr' ? `${b.file.text.slice(expr.fun.pos, expr.fun.end)}()` : b.file.text.slice(expr.pos, expr.end));
  return /^[\w.<\-()*&[\]]{1,32}$/.test(text) ? text : expr.kind === 'CallExpr' ? 'call()' : 'value';
}

export function variablePlace(b: Body, variable: Variable): Place {
  const alias = b.aliases.get(variable);
  if (alias?.kind === 'value') return { path: alias.path, shared: false, exposed: false };
  const open = variable.kind === 'global' || variable.captured || variable.addressed;
  const path = variablePath(variable);
  // A struct or array changes by its parts, whoever assigns the whole.
  const shared = open && (variable.assignments > 1 || variable.addressed || variable.type.kind === 'record' || (variable.type.kind === 'list' && variable.type.fixed));
  return alias ? { path, shared, exposed: open, target: alias.path } : { path, shared, exposed: open };
}

function identPlace(b: Body, ident: ast.Ident): Place {
  const object = b.info.objectOf(ident);
  if (object?.kind === 'variable') return variablePlace(b, b.unit.variableOf(object));
  return nowhere(ident.name);
}

function nowhere(text: string): Place {
  return { path: { root: { kind: 'unknown', text: ownText(text) }, selectors: [] }, shared: false, exposed: false };
}

function selectorPlace(b: Body, expr: ast.SelectorExpr): Place {
  const selection = b.info.selectionOf(expr);
  if (selection?.kind === 'field') {
    const base = holder(b, expr.x, selection.steps[0]?.viaPointer ?? false);
    return lockOfCondition(b, base, stepInto(b, base, selection.steps, expr));
  }
  if (selection?.kind === 'qualified') {
    return selection.object.kind === 'variable' ? variablePlace(b, b.unit.variableOf(selection.object)) : nowhere(`${selection.object.kind === 'package' ? '' : `${lineOfText(b.file.text.slice(expr.x.pos, expr.x.end))}.`}${expr.sel.name}`);
  }
  if (selection) return valuePlace(b, b.value(expr), expr);
  // The type of x is not known: the field is kept for equality within this function, and belongs to no record.
  const base = b.place(expr.x);
  return { path: extendPath(base.path, { kind: 'field', name: expr.sel.name, owner: '' }), shared: false, exposed: true };
}

/** To look at first: whole names are strings of their own. */
const namesOfConditionLocks = new Set([...goConditionLocks].map((name) => name.slice(name.lastIndexOf('.') + 1)));

/** `cond.L` leads to the lock that the condition was made with. */
function lockOfCondition(b: Body, condition: Place, place: Place): Place {
  const last = place.path.selectors.at(-1);
  if (last?.kind !== 'field' || !namesOfConditionLocks.has(last.name) || !goConditionLocks.has(`${last.owner}.${last.name}`)) return place;
  const { root, selectors } = condition.path;
  const target = selectors.length > 0 ? b.unit.companions.of(condition.path) : root.kind === 'variable' ? b.dependsOn.get(root.variable) : undefined;
  return target ? { path: place.path, shared: false, exposed: false, target } : place;
}

/** Walks (embedded) fields from a struct's place; each embedded pointer on the way is read. */
export function stepInto(b: Body, whole: Place, steps: readonly SelectionStep[], expr: ast.Expr): Place {
  let { path, exposed } = partsOf(b, whole, expr);
  for (let index = 0; index < steps.length; index++) {
    const step = steps[index]!;
    if (index > 0 && step.viaPointer) {
      if (exposed) b.emit({ at: b.at(expr), op: 'read', path, atomic: false });
      exposed = true;
    }
    // What only wraps a lock is that lock.
    if (!b.unit.wrappers.has(step.owner)) path = extendPath(path, { kind: 'field', name: step.name, owner: step.owner });
  }
  return { path, shared: exposed, exposed };
}

/** Before parts of a struct or array in a map are used it is copied out of the map as a whole: a read of the map. */
function partsOf(b: Body, whole: Place, span: ast.Span): Place {
  if (whole.container !== 'map') return whole;
  readPlace(b, whole, span);
  return { path: whole.path, shared: false, exposed: false };
}

/** The struct (or array) that `x` is or points to; a pointer is read. */
export function holder(b: Body, x: ast.Expr, viaPointer: boolean): Place {
  if (x.kind === 'StarExpr') return holder(b, x.x, true);
  const pointer = viaPointer || kindOf(b, x) === 'pointer';
  const place = b.place(x);
  if (!pointer) return place;
  if (place.target) return { path: place.target, shared: true, exposed: true };
  readPlace(b, place, x);
  // What a pointer found in a map leads to is no part of the map.
  return { path: place.path, shared: true, exposed: true };
}

export function kindOf(b: Body, expr: ast.Expr): GoType['kind'] {
  return b.unit.world.underlying(b.info.typeOf(expr)).kind;
}

function elementPlace(b: Body, expr: ast.IndexExpr): Place {
  const type = b.unit.world.underlying(b.info.typeOf(expr.x));
  const index = expr.indices[0];
  if (type.kind === 'array') {
    const base = partsOf(b, b.place(expr.x), expr.x);
    return { path: extendPath(base.path, indexed(b, index)), shared: base.exposed, exposed: base.exposed, container: 'list' };
  }
  let base: Place;
  if (type.kind === 'pointer') base = holder(b, expr.x, true);
  else {
    base = b.place(expr.x);
    readPlace(b, base, expr.x);
  }
  const selector = indexed(b, index);
  const path = extendPath(base.path, base.shifted ? anyElement : selector);
  if (type.kind === 'basic') return { path, shared: false, exposed: false };
  return type.kind === 'map' ? { path, shared: true, exposed: true, container: 'map' } : { path, shared: true, exposed: true, container: 'list' };
}

/** Part of a list names the list: what is done to its elements is done to elements of the list. */
function slicePlace(b: Body, expr: ast.SliceExpr): Place {
  const kind = kindOf(b, expr.x);
  if (kind === 'basic') return valuePlace(b, b.value(expr), expr);
  const base = kind === 'pointer' ? holder(b, expr.x, true) : b.place(expr.x);
  if (kind !== 'array' && kind !== 'pointer') readPlace(b, base, expr.x);
  for (const bound of [expr.low, expr.high, expr.max]) if (bound) b.value(bound);
  const whole = !expr.low && !expr.high && !base.shifted;
  return { path: base.path, shared: false, exposed: base.exposed, ...(whole ? {} : { shifted: true as const }) };
}

/** The list or map an operand of `range`, `copy`, `clear` or `delete` is; what holds it is read. */
export function containerPlace(b: Body, expr: ast.Expr): Place {
  return expr.kind === 'SliceExpr' ? b.place(expr) : valuePlace(b, b.value(expr), expr);
}

export const anyElement: Selector = { kind: 'element' };

/**
 * The element an index names. Its key is a constant, or a variable that never changes; `index` is the variable that
 * holds it when it is evaluated, which is here.
 */
export function indexed(b: Body, index: ast.Expr | undefined): Selector {
  if (!index) return anyElement;
  const value = b.value(index);
  if (value.kind === 'constant') return { kind: 'element', key: constantKey(value.value) };
  if (value.kind === 'unknown') return anyElement;
  if (value.kind === 'path' && value.path.selectors.length === 0 && value.path.root.kind === 'variable') {
    const { variable } = value.path.root;
    const object = index.kind === 'Ident' ? b.info.objectOf(index) : undefined;
    const stable = object?.kind === 'variable' && object.role !== 'global' && variable.assignments <= 1;
    return stable ? { kind: 'element', key: b.usage.keyOf(object), index: variable } : { kind: 'element', index: variable };
  }
  const at = b.at(index);
  const variable = b.temporary('index', b.unit.typeOf(b.info.typeOf(index)), at);
  b.emit({ at, op: 'write', path: variablePath(variable), value, atomic: false });
  return { kind: 'element', index: variable };
}

/** How constants name elements, in selectors and in the fields of allocations. */
export function constantKey(value: null | boolean | number | string): string {
  return JSON.stringify(value);
}

/** Emits the read of a location, when another task could see it change. */
export function readPlace(b: Body, place: Place, span: ast.Span, verb?: string): void {
  if (!place.shared) return;
  const at = b.at(span);
  // By far the most are plain reads.
  if (place.container === undefined && verb === undefined) b.emit({ at, op: 'read', path: place.path, atomic: false });
  else b.emit({ at, op: 'read', path: place.path, atomic: false, ...(place.container ? { container: place.container } : {}), ...(verb ? { verb } : {}) });
}

export function writePlace(b: Body, place: Place, value: Value, at: Location, more?: { readonly updates?: true; readonly verb?: string }): void {
  if (place.container === undefined && more === undefined) b.emit({ at, op: 'write', path: place.path, value, atomic: false });
  else b.emit({ at, op: 'write', path: place.path, value, atomic: false, ...(place.container ? { container: place.container } : {}), ...more });
}

/** What a pointer value leads to: `*p`. */
export function pointee(value: Value): AccessPath | undefined {
  if (value.kind === 'address') return value.path;
  if (value.kind === 'path') return extendPath(value.path, deref);
  return undefined;
}
