import { extendPath, unknownValue, variablePath, type BlockId, type Selector, type Value, type Variable } from '../../../ir/index.js';
import type * as ast from '../ast.js';
import { assignTo } from './assignments.js';
import type { Body } from './body.js';
import { calleeOf } from './callees.js';
import { channelOf, elementType } from './expressions.js';
import { anyElement, containerPlace, nameFor, readPlace, valuePlace } from './places.js';

const alwaysTrue: Value = { kind: 'constant', value: true };
/** Each turn has its own loop variables since this version. */
export const perTurnVersion = 1.22;

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
      if (variable.captured || variable.addressed) b.emit(at, { op: 'declare', variable, copies: true });
    }
  }
  if (stmt.post) b.statement(stmt.post);
  b.builder.end({ kind: 'goto', to: head });
  b.builder.enter(after);
}

export function rangeStatement(b: Body, stmt: ast.RangeStmt, label: string | undefined): void {
  const type = b.unit.world.underlying(b.info.typeOf(stmt.x));
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

function rangeChannel(b: Body, stmt: ast.RangeStmt, label: string | undefined): void {
  const channel = channelOf(b, stmt.x);
  const at = b.at(stmt.x);
  const head = b.builder.newBlock();
  const body = b.builder.newBlock();
  const after = b.builder.newBlock();
  b.builder.enter(head);
  const ok = b.temporary('ok', { kind: 'scalar', name: 'bool' }, at);
  const result = stmt.key ? b.temporary(`<-${nameFor(b, stmt.x)}`, elementType(b, stmt.x), at) : undefined;
  b.emit(at, { op: 'receive', channel, ...(result ? { result } : {}), ok });
  b.builder.end({ kind: 'branch', at, condition: { kind: 'path', path: variablePath(ok) }, onTrue: body, onFalse: after, loop: true });
  b.builder.enter(body);
  turn(b, label, after, head, () => {
    if (stmt.key && result) assignTo(b, stmt.key, { kind: 'path', path: variablePath(result) }, stmt.define);
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
  b.emit(at, { op: 'read', path, atomic: false, container: 'map', verb: 'range' });
  b.builder.end({ kind: 'branch', at, condition: unknownValue, onTrue: body, onFalse: after, loop: true });
  b.builder.enter(body);
  turn(b, label, after, head, () => {
    if (stmt.key) assignTo(b, stmt.key, unknownValue, stmt.define);
    if (stmt.value) assignTo(b, stmt.value, { kind: 'path', path }, stmt.define);
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
    if (stmt.key) assignTo(b, stmt.key, { kind: 'path', path: variablePath(position) }, stmt.define);
    if (stmt.value && !(stmt.value.kind === 'Ident' && stmt.value.name === '_')) {
      if (kind !== 'array' || place.exposed) b.emit(at, { op: 'read', path, atomic: false, container: 'list', verb: 'range' });
      assignTo(b, stmt.value, { kind: 'path', path }, stmt.define);
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
    if (stmt.key) assignTo(b, stmt.key, { kind: 'path', path: variablePath(position) }, stmt.define);
  });
}

function counted(b: Body, stmt: ast.RangeStmt, label: string | undefined, limit: Value, begin: (position: Variable) => void): void {
  const at = b.at(stmt.x);
  b.counter += 1;
  const position = b.unit.newVariable(`range#${b.counter}`, 'local', { kind: 'scalar', name: 'int' }, at, b.id);
  position.assignments = 2;
  const path = variablePath(position);
  b.emit(at, { op: 'write', path, value: { kind: 'constant', value: 0 }, atomic: false });
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
  b.emit(at, { op: 'write', path, value: { kind: 'binary', operator: '+', left: { kind: 'path', path }, right: { kind: 'constant', value: 1 } }, atomic: false, updates: true });
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
    b.emit(at, { op: 'call', callee, args: [...bound, unknownValue], results: [] });
  }
  const head = b.builder.newBlock();
  const body = b.builder.newBlock();
  const after = b.builder.newBlock();
  b.builder.enter(head);
  b.builder.end({ kind: 'branch', at, condition: unknownValue, onTrue: body, onFalse: after, loop: true });
  b.builder.enter(body);
  turn(b, label, after, head, () => {
    for (const target of [stmt.key, stmt.value]) if (target) assignTo(b, target, unknownValue, stmt.define);
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
