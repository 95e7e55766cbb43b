import { extendPath, isReference, pathKey, unknownValue, variablePath, type AccessPath, type Location, type Type, type Value, type Variable } from '../../../ir/index.js';
import type * as ast from '../ast.js';
import type { GoType, VariableObject } from '../resolve/types.js';
import type { Alias, Body, Place } from './body.js';
import { combine, zeroValue } from './expressions.js';
import { writePlace } from './places.js';

/** `=`, `:=` and `+=`: right sides are evaluated before anything is written. */
export function assignStatement(b: Body, stmt: ast.AssignStmt): void {
  const at = b.at(stmt);
  const [left] = stmt.left;
  const [right] = stmt.right;
  if (!left || !right) return;
  if (stmt.operator !== '=' && stmt.operator !== ':=') {
    const place = targetPlace(b, left);
    const value = b.value(right);
    const operator = stmt.operator.slice(0, -1);
    if (place) writePlace(b, place, combine(operator, { kind: 'path', path: place.path }, value), at, { updates: true, ...(operator === '+' || operator === '-' ? { verb: operator === '+' ? 'increment' : 'decrement' } : {}) });
    return;
  }
  const define = stmt.operator === ':=';
  if (stmt.left.length === 1 && stmt.right.length === 1) return single(b, left, right, define, at);
  const places = stmt.left.map((target) => (define || isBlank(target) || target.kind === 'Ident' ? undefined : targetPlace(b, target)));
  if (stmt.right.length === 1) {
    const targets = stmt.left.map((target) => (define ? freshVariable(b, target) : undefined));
    const values = b.values(right, stmt.left.length, targets);
    stmt.left.forEach((target, index) => store(b, target, places[index], values[index] ?? unknownValue, define, at, undefined));
    return;
  }
  // `a, b = b, a`: what is written first must not change what is written second.
  const values = stmt.right.map((expr, index) => (define || index === 0 ? b.value(expr) : snapshot(b, b.value(expr), expr)));
  stmt.left.forEach((target, index) => store(b, target, places[index], values[index] ?? unknownValue, define, at, stmt.right[index]));
}

function single(b: Body, left: ast.Expr, right: ast.Expr, define: boolean, at: Location): void {
  const fresh = define ? freshVariable(b, left) : undefined;
  if (fresh) {
    const [value = unknownValue] = b.values(right, 1, [fresh]);
    store(b, left, undefined, value, define, at, right);
    return;
  }
  const place = isBlank(left) || left.kind === 'Ident' ? undefined : targetPlace(b, left);
  store(b, left, place, b.value(right), define, at, right);
}

export function incrementStatement(b: Body, stmt: ast.IncDecStmt): void {
  const place = targetPlace(b, stmt.x);
  if (!place) return;
  const operator = stmt.operator === '++' ? '+' : '-';
  writePlace(b, place, { kind: 'binary', operator, left: { kind: 'path', path: place.path }, right: { kind: 'constant', value: 1 } }, b.at(stmt), { updates: true, verb: operator === '+' ? 'increment' : 'decrement' });
}

/** `var x T = v` inside a function. */
export function declareLocals(b: Body, decl: ast.VarDecl): void {
  const at = b.at(decl);
  if (decl.values.length === 1 && decl.names.length > 1) {
    const values = b.values(decl.values[0]!, decl.names.length, decl.names.map((name) => freshVariable(b, name)));
    decl.names.forEach((name, index) => assignTo(b, name, values[index] ?? unknownValue, true, at));
    return;
  }
  decl.names.forEach((name, index) => {
    const initialiser = decl.values[index];
    if (initialiser) return single(b, name, initialiser, true, at);
    const object = b.info.objectOf(name);
    if (object?.kind === 'variable') defineVariable(b, object, zeroValue(b, object.type, name), at);
  });
}

/** Writes a value to what the expression names; a definition makes the variable. */
export function assignTo(b: Body, target: ast.Expr, value: Value, define: boolean, at: Location = b.at(target)): void {
  store(b, target, define || target.kind === 'Ident' ? undefined : targetPlace(b, target), value, define, at, undefined);
}

function store(b: Body, target: ast.Expr, place: Place | undefined, value: Value, define: boolean, at: Location, source: ast.Expr | undefined): void {
  if (isBlank(target)) return;
  if (place) {
    writePlace(b, place, value, at, appends(b, source) ? { verb: 'append' } : undefined);
    return storeAppended(b, place.path, value, at);
  }
  if (target.kind !== 'Ident') return;
  const object = b.info.objectOf(target);
  if (object?.kind !== 'variable') return;
  const declares = define && object.ident === target;
  if (declares) return defineVariable(b, object, value, at, source);
  const variable = b.unit.variableOf(object);
  writeVariable(b, variable, value, at, appends(b, source) ? 'append' : undefined);
  storeAppended(b, variablePath(variable), value, at);
}

const mostStored = 8;

/** `xs = append(xs, v)`: the list now holds v. Numbers and strings are left out: nothing hangs on them. */
function storeAppended(b: Body, list: AccessPath, value: Value, at: Location): void {
  const added = value.kind === 'binary' ? value.appended : undefined;
  if (!added || added.length > mostStored || value.kind !== 'binary' || value.left.kind !== 'path' || pathKey(value.left.path) !== pathKey(list)) return;
  added.forEach((item, position) => {
    if (item.kind === 'constant' || item.kind === 'unknown' || item.kind === 'binary' || item.kind === 'length') return;
    if (item.kind === 'path' && item.path.root.kind === 'variable' && item.path.selectors.length === 0 && item.path.root.variable.type.kind === 'scalar') return;
    const index = b.temporary('last', { kind: 'scalar', name: 'int' }, at);
    b.emit({ at, op: 'write', path: variablePath(index), value: { kind: 'binary', operator: '-', left: { kind: 'length', of: list }, right: { kind: 'constant', value: added.length - position } }, atomic: false });
    b.emit({ at, op: 'write', path: extendPath(list, { kind: 'element', index }), value: item, atomic: false, container: 'list', verb: 'append' });
  });
}

/** `x = append(x, ...)`, which readers know as appending rather than writing. */
function appends(b: Body, source: ast.Expr | undefined): boolean {
  if (source?.kind !== 'CallExpr' || source.fun.kind !== 'Ident' || source.fun.name !== 'append') return false;
  return b.info.objectOf(source.fun)?.kind === 'builtin';
}

/** The first value of a variable, with a cell of its own for each turn of a loop, and what it is another name for. */
export function defineVariable(b: Body, object: VariableObject, value: Value, at: Location, source?: ast.Expr): void {
  const variable = b.unit.variableOf(object);
  if (b.loopDepth > 0 && (variable.captured || variable.addressed)) b.emit({ at, op: 'declare', variable });
  if (value.kind === 'path' && value.path.selectors.length === 0 && value.path.root.kind === 'variable' && value.path.root.variable === variable) return;
  writeVariable(b, variable, value, at);
  if (variable.assignments > 1) return;
  remember(b, variable, object, value, source);
}

function remember(b: Body, variable: Variable, object: VariableObject, value: Value, source: ast.Expr | undefined): void {
  if (value.kind === 'closure' || value.kind === 'bound' || value.kind === 'library') {
    b.functions.set(variable, value);
    return;
  }
  if (value.kind === 'path' && value.path.root.kind === 'variable') {
    const other = value.path.selectors.length === 0 ? b.dependsOn.get(value.path.root.variable) : undefined;
    if (other) b.dependsOn.set(variable, other);
  }
  const alias = source && aliasOf(b, object.type, value);
  if (alias) b.aliases.set(variable, alias);
}

/**
 * A local stands for a path only while the path cannot come to mean something else: fields only, from a root that
 * is never reassigned, none of the fields assigned in this body.
 */
function aliasOf(b: Body, type: GoType, value: Value): Alias | undefined {
  if (value.kind !== 'path' && value.kind !== 'address') return undefined;
  const { root, selectors } = value.path;
  if (root.kind !== 'variable' || root.variable.assignments > 1 || root.variable.kind === 'temporary') return undefined;
  // Each turn of a loop has its own cell of such a root; the path still means the same within a turn.
  if (value.kind === 'path' && !refers(b.unit.typeOf(type))) return undefined;
  const inner = value.kind === 'address' ? selectors.slice(0, -1) : selectors;
  for (const selector of selectors) if (selector.kind !== 'field' || selector.owner === '') return undefined;
  for (const selector of inner) if (selector.kind === 'field' && b.usage.assignedFields.has(`${selector.owner}.${selector.name}`)) return undefined;
  return { kind: value.kind === 'address' ? 'address' : 'value', path: value.path };
}

/** Two variables of this type lead to one object; contexts and lockers are interfaces. */
function refers(type: Type): boolean {
  return isReference(type) || type.kind === 'interface' || (type.kind === 'primitive' && type.primitive === 'context');
}

export function writeVariable(b: Body, variable: Variable, value: Value, at: Location, verb?: string): void {
  if (verb === undefined) b.emit({ at, op: 'write', path: variablePath(variable), value, atomic: false });
  else b.emit({ at, op: 'write', path: variablePath(variable), value, atomic: false, verb });
}

/** A variable this definition makes and nothing else assigns: results may go to it directly. */
function freshVariable(b: Body, target: ast.Expr): Variable | undefined {
  if (target.kind !== 'Ident' || target.name === '_') return undefined;
  const object = b.info.objectOf(target);
  if (object?.kind !== 'variable' || object.ident !== target || object.role === 'global') return undefined;
  const variable = b.unit.variableOf(object);
  // A variable that needs a fresh cell per turn is declared before it is written; a direct result would come too early.
  return variable.assignments <= 1 && !(b.loopDepth > 0 && (variable.captured || variable.addressed)) ? variable : undefined;
}

function targetPlace(b: Body, target: ast.Expr): Place | undefined {
  if (isBlank(target)) return undefined;
  const place = b.place(target);
  return place.path.root.kind === 'unknown' ? undefined : place;
}

function isBlank(expr: ast.Expr): boolean {
  return expr.kind === 'Ident' && expr.name === '_';
}

function snapshot(b: Body, value: Value, expr: ast.Expr): Value {
  if (value.kind !== 'path' || (value.path.root.kind === 'variable' && value.path.root.variable.kind === 'temporary' && value.path.selectors.length === 0)) return value;
  const at = b.at(expr);
  const variable = b.temporary('before', b.unit.typeOf(b.info.typeOf(expr)), at);
  b.emit({ at, op: 'write', path: variablePath(variable), value, atomic: false });
  return { kind: 'path', path: variablePath(variable) };
}
