import { extendPath, unknownValue, variablePath, type BlockId, type Selector, type Value, type Variable } from '../../../ir/index.js';
import type * as ast from '../ast.js';
import { assignTo, writeVariable } from './assignments.js';
import type { Body } from './body.js';
import { calleeOf } from './callees.js';
import { channelOf, elementType } from './expressions.js';
import { anyElement, containerPlace, nameFor, readPlace, valuePlace } from './places.js';

const alwaysTrue: Value = { kind: 'constant', value: true };
/** Each turn has its own loop variables since this version. */
export const perTurnVersion = 122;

export function forStatement(b: Body, stmt: ast.ForStmt, label: string | undefined): void {
  if (stmt.init) b.statement(stmt.init);
  const head = b.builder.newBlock();
  const body = b.builder.newBlock();
  const next = b.builder.newBlock();
  const after = b.builder.newBlock();
  b.builder.enter(head);
  if (stmt.condition) b.branch(stmt.condition, body, after, true);
  else b.builder.end({ kind: 'branch', at: b.at({ pos: stmt.pos, end: Math.min(stmt.pos + 3, stmt.end) }), condition: alwaysTrue, onTrue: body, onFalse: after, loop: true });
  b.builder.enter(body);
  turn(b, label, after, next, () => b.statement(stmt.body));
  b.builder.enter(next);
  const at = b.at(stmt);
  if (b.goVersion >= perTurnVersion && stmt.init?.kind === 'AssignStmt' && stmt.init.operator === ':=') {
    for (const name of stmt.init.left) {
      const object = name.kind === 'Ident' ? b.info.objectOf(name) : undefined;
      if (object?.kind !== 'variable') continue;
      const variable = b.unit.variableOf(object);
      if (variable.captured || variable.addressed || (variable.type.kind === 'primitive' && variable.name !== '_')) b.emit({ at, op: 'declare', variable, copies: true });
    }
  }
  if (stmt.post) b.statement(stmt.post);
  b.builder.end({ kind: 'goto', to: head });
  b.builder.enter(after);
}

export function rangeStatement(b: Body, stmt: ast.RangeStmt, label: string | undefined): void {
  const type = b.unit.world.underlying(b.info.typeOf(stmt.x));
  declareOnce(b, stmt);
  const inner = type.kind === 'pointer' ? b.unit.world.underlying(type.element) : type;
  switch (inner.kind) {
    case 'chan':
      return rangeChannel(b, stmt, label);
    case 'map':
      return rangeMap(b, stmt, label);
    case 'slice':
    case 'array':
      return rangeList(b, stmt, label);
    case 'basic':
      return inner.name.includes('string') ? rangeUnknown(b, stmt, label) : rangeInteger(b, stmt, label);
    default:
      return rangeUnknown(b, stmt, label);
  }
}

/** Gives a loop variable its value for this turn: a new cell each time, or before Go 1.22 the same. */
function bind(b: Body, stmt: ast.RangeStmt, target: ast.Expr, value: Value): void {
  const object = stmt.define && b.goVersion < perTurnVersion && target.kind === 'Ident' && target.name !== '_' ? b.info.objectOf(target) : undefined;
  if (object?.kind === 'variable') writeVariable(b, b.unit.variableOf(object), value, b.at(target));
  else assignTo(b, target, value, stmt.define);
}

/** Before Go 1.22: one cell for all turns, a new one for each time the loop is entered. */
function declareOnce(b: Body, stmt: ast.RangeStmt): void {
  if (!stmt.define || b.goVersion >= perTurnVersion || b.loopDepth === 0) return;
  for (const target of [stmt.key, stmt.value]) {
    const object = target?.kind === 'Ident' ? b.info.objectOf(target) : undefined;
    const variable = object?.kind === 'variable' ? b.unit.variableOf(object) : undefined;
    if (variable && (variable.captured || variable.addressed)) b.emit({ at: b.at(target!), op: 'declare', variable });
  }
}

function rangeChannel(b: Body, stmt: ast.RangeStmt, label: string | undefined): void {
  const channel = channelOf(b, stmt.x);
  const at = b.at(stmt.x);
  const head = b.builder.newBlock();
  const body = b.builder.newBlock();
  const after = b.builder.newBlock();
  b.builder.enter(head);
  const ok = b.temporary('ok', { kind: 'scalar', name: 'bool' }, at);
  const result = stmt.key ? b.temporary(`<-${nameFor(b, stmt.x)}`, elementType(b, stmt.x), at) : undefined;
  b.emit({ at, op: 'receive', channel, ...(result ? { result } : {}), ok });
  b.builder.end({ kind: 'branch', at, condition: { kind: 'path', path: variablePath(ok) }, onTrue: body, onFalse: after, loop: true });
  b.builder.enter(body);
  turn(b, label, after, head, () => {
    if (stmt.key && result) bind(b, stmt, stmt.key, { kind: 'path', path: variablePath(result) });
    b.statement(stmt.body);
  });
  b.builder.end({ kind: 'goto', to: head });
  b.builder.enter(after);
}

function rangeMap(b: Body, stmt: ast.RangeStmt, label: string | undefined): void {
  const map = valuePlace(b, b.value(stmt.x), stmt.x);
  const at = b.at(stmt.x);
  const path = extendPath(map.path, anyElement);
  const head = b.builder.newBlock();
  const body = b.builder.newBlock();
  const after = b.builder.newBlock();
  b.builder.enter(head);
  b.emit({ at, op: 'read', path, atomic: false, container: 'map', verb: 'range' });
  b.builder.end({ kind: 'branch', at, condition: { kind: 'unknown', ranges: { map: map.path, as: 'more' } }, onTrue: body, onFalse: after, loop: true });
  b.builder.enter(body);
  turn(b, label, after, head, () => {
    if (stmt.key) bind(b, stmt, stmt.key, { kind: 'unknown', ranges: { map: map.path, as: 'key' } });
    if (stmt.value) bind(b, stmt, stmt.value, { kind: 'path', path });
    b.statement(stmt.body);
  });
  b.builder.end({ kind: 'goto', to: head });
  b.builder.enter(after);
}

/** Counts with a variable of its own, so that the loop runs as often as the list is long. */
function rangeList(b: Body, stmt: ast.RangeStmt, label: string | undefined): void {
  const kind = b.unit.world.underlying(b.info.typeOf(stmt.x)).kind;
  const place = kind === 'array' ? b.place(stmt.x) : containerPlace(b, stmt.x);
  const at = b.at(stmt.x);
  counted(b, stmt, label, place.shifted ? unknownValue : { kind: 'length', of: place.path }, (position) => {
    const key = stmt.define ? keyNamed(b, stmt.key) : undefined;
    const selector: Selector = place.shifted ? anyElement : key === undefined ? { kind: 'element', index: position } : { kind: 'element', key, index: position };
    const path = extendPath(place.path, selector);
    if (stmt.key) bind(b, stmt, stmt.key, { kind: 'path', path: variablePath(position) });
    if (stmt.value && !(stmt.value.kind === 'Ident' && stmt.value.name === '_')) {
      if (kind !== 'array' || place.exposed) b.emit({ at, op: 'read', path, atomic: false, container: 'list', verb: 'range' });
      bind(b, stmt, stmt.value, { kind: 'path', path });
    }
  });
}

function keyNamed(b: Body, key: ast.Expr | undefined): string | undefined {
  const object = key?.kind === 'Ident' ? b.info.objectOf(key) : undefined;
  if (object?.kind !== 'variable') return undefined;
  return b.unit.variableOf(object).assignments <= 1 ? b.usage.keyOf(object) : undefined;
}

function rangeInteger(b: Body, stmt: ast.RangeStmt, label: string | undefined): void {
  let limit = b.value(stmt.x);
  if (limit.kind === 'path') {
    const place = valuePlace(b, limit, stmt.x);
    readPlace(b, place, stmt.x);
    limit = { kind: 'path', path: place.path };
  }
  counted(b, stmt, label, limit, (position) => {
    if (stmt.key) bind(b, stmt, stmt.key, { kind: 'path', path: variablePath(position) });
  });
}

function counted(b: Body, stmt: ast.RangeStmt, label: string | undefined, limit: Value, begin: (position: Variable) => void): void {
  const at = b.at(stmt.x);
  b.counter += 1;
  const position = b.unit.newVariable(`range#${b.counter}`, 'local', { kind: 'scalar', name: 'int' }, at, b.id);
  position.assignments = 2;
  const path = variablePath(position);
  b.emit({ at, op: 'write', path, value: { kind: 'constant', value: 0 }, atomic: false });
  const head = b.builder.newBlock();
  const body = b.builder.newBlock();
  const next = b.builder.newBlock();
  const after = b.builder.newBlock();
  b.builder.enter(head);
  const condition: Value = limit.kind === 'unknown' ? unknownValue : { kind: 'binary', operator: '<', left: { kind: 'path', path }, right: limit };
  b.builder.end({ kind: 'branch', at, condition, onTrue: body, onFalse: after, loop: true });
  b.builder.enter(body);
  turn(b, label, after, next, () => {
    begin(position);
    b.statement(stmt.body);
  });
  b.builder.enter(next);
  b.emit({ at, op: 'write', path, value: { kind: 'binary', operator: '+', left: { kind: 'path', path }, right: { kind: 'constant', value: 1 } }, atomic: false, updates: true });
  b.builder.end({ kind: 'goto', to: head });
  b.builder.enter(after);
}

/** Strings, iterator functions and what is not known: any number of turns. */
function rangeUnknown(b: Body, stmt: ast.RangeStmt, label: string | undefined): void {
  const value = b.value(stmt.x);
  const at = b.at(stmt.x);
  // An iterator function is called once; its yields are the turns. What it does around them is not seen as interleaved.
  if (b.unit.world.underlying(b.info.typeOf(stmt.x)).kind === 'signature') {
    const { callee, bound } = calleeOf(value, nameFor(b, stmt.x));
    b.emit({ at, op: 'call', callee, args: [...bound, unknownValue], results: [] });
  }
  const head = b.builder.newBlock();
  const body = b.builder.newBlock();
  const after = b.builder.newBlock();
  b.builder.enter(head);
  b.builder.end({ kind: 'branch', at, condition: unknownValue, onTrue: body, onFalse: after, loop: true });
  b.builder.enter(body);
  turn(b, label, after, head, () => {
    for (const target of [stmt.key, stmt.value]) if (target) bind(b, stmt, target, unknownValue);
    b.statement(stmt.body);
  });
  b.builder.end({ kind: 'goto', to: head });
  b.builder.enter(after);
}

/** The body of a loop; control may leave it to `after` or go on with `next`. */
function turn(b: Body, label: string | undefined, after: BlockId, next: BlockId, body: () => void): void {
  b.loops.push({ label, breakTo: after, continueTo: next });
  b.loopDepth += 1;
  body();
  b.loopDepth -= 1;
  b.loops.pop();
}
