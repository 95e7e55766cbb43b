import { extendPath, unknownValue, variablePath, type AccessPath, type Value } from '../../../ir/index.js';
import type * as ast from '../ast.js';
import type { Body, Prepared } from './body.js';
import { leaveFunction } from './exits.js';
import { channelOf, combine, zeroValue } from './expressions.js';
import { anyElement, containerPlace, holder, indexed, kindOf, nameFor, readPlace, valuePlace } from './places.js';

/** What Go's own functions do. */
export function prepareBuiltin(b: Body, call: ast.CallExpr, name: string): Prepared {
  const at = b.at(call);
  const done = (value: Value): Prepared => ({ at, perform: () => [value] });
  const first = call.args[0];
  switch (name) {
    case 'make':
      return prepareMake(b, call);
    case 'new': {
      if (!first) return done(unknownValue);
      if (!b.info.isType(first)) return done({ kind: 'allocation', site: at, type: b.unit.typeOf(b.info.typeOf(first)), pointer: true, fields: [{ name: '*', value: b.value(first) }] });
      const type = b.info.typeOf(first);
      const zero = zeroValue(b, type, call);
      return done(zero.kind === 'allocation' ? { ...zero, pointer: true } : { kind: 'allocation', site: at, type: b.unit.typeOf(type), pointer: true, ...(zero.kind === 'unknown' ? {} : { fields: [{ name: '*', value: zero }] }) });
    }
    case 'close': {
      if (!first) return done(unknownValue);
      const channel = channelOf(b, first);
      return { at, perform: (into) => (into.emit({ at, op: 'close', channel }), []) };
    }
    case 'len':
    case 'cap':
      return done(first ? measured(b, first, name) : unknownValue);
    case 'append':
      return prepareAppend(b, call);
    case 'delete': {
      if (!first) return done(unknownValue);
      const map = valuePlace(b, b.value(first), first);
      const path = extendPath(map.path, indexed(b, call.args[1]));
      return { at, perform: (into) => (into.emit({ at, op: 'write', path, value: unknownValue, atomic: false, container: 'map', verb: 'delete' }), []) };
    }
    case 'clear':
    case 'copy': {
      if (!first) return done(unknownValue);
      const container = kindOf(b, first) === 'map' ? 'map' : 'list';
      const target = containerPlace(b, first);
      const source = call.args[1];
      const from = source && kindOf(b, source) !== 'basic' ? containerPlace(b, source) : undefined;
      return {
        at,
        perform: (into) => {
          if (from) into.emit({ at, op: 'read', path: extendPath(from.path, anyElement), atomic: false, container: 'list', ...(from.shifted ? {} : { whole: true as const }), verb: name });
          into.emit({ at, op: 'write', path: extendPath(target.path, anyElement), value: unknownValue, atomic: false, container, ...(target.shifted || container === 'map' ? {} : { whole: true as const }), verb: name });
          return [unknownValue];
        },
      };
    }
    case 'panic':
      if (first) b.value(first);
      return {
        at,
        perform: (into) => {
          leaveFunction(into, at, 'throw');
          return [];
        },
      };
    case 'recover':
      return {
        at,
        perform(into) {
          const result = into.temporary(name, { kind: 'unknown' }, at);
          into.emit({ at, op: 'recover', result });
          return [{ kind: 'path', path: { root: { kind: 'variable', variable: result }, selectors: [] } }];
        },
      };
    case 'min':
    case 'max':
    case 'complex':
    case 'real':
    case 'imag':
    case 'print':
    case 'println':
      for (const arg of call.args) b.value(arg);
      return done(unknownValue);
    default:
      for (const arg of call.args) if (!b.info.isType(arg)) b.value(arg);
      return done(unknownValue);
  }
}

function prepareMake(b: Body, call: ast.CallExpr): Prepared {
  const at = b.at(call);
  const [type, size, second] = call.args;
  const sizeValue = size && b.value(size);
  if (second) b.value(second);
  const goType = type ? b.info.typeOf(type) : b.info.typeOf(call);
  const irType = b.unit.typeOf(goType);
  if (b.unit.world.underlying(goType).kind !== 'chan') return { at, perform: () => [{ kind: 'allocation', site: at, type: irType, pointer: true, ...(sizeValue && irType.kind === 'list' && sizeValue.kind !== 'unknown' ? { fields: [{ name: 'len', value: sizeValue }] } : {}) }] };
  const capacity: Value = sizeValue ?? { kind: 'constant', value: 0 };
  const name = nameFor(b, call);
  return {
    at,
    perform: (into, _want, targets) => {
      const variable = targets?.[0] ?? into.temporary(name, irType, at);
      into.emit({ at, op: 'make', result: variablePath(variable), what: 'channel', capacity });
      return [{ kind: 'path', path: variablePath(variable) }];
    },
  };
}

/** len and cap: of a map an access of its inside, of a slice one of the variable, of a channel none. */
function measured(b: Body, x: ast.Expr, name: 'len' | 'cap'): Value {
  const kind = kindOf(b, x);
  const place = kind === 'pointer' ? holder(b, x, true) : b.place(x);
  if (kind !== 'pointer' && kind !== 'array') readPlace(b, place, x, name);
  if (kind === 'map') b.emit({ at: b.at(x), op: 'read', path: extendPath(place.path, anyElement), atomic: false, container: 'map', verb: name });
  return { kind: name === 'len' ? 'length' : 'capacity', of: place.path };
}

/**
 * The assignment around it writes the variable. Here the elements are read: those of the list, should it have to
 * grow, and those of a list appended whole.
 */
function prepareAppend(b: Body, call: ast.CallExpr): Prepared {
  const at = b.at(call);
  const [list, ...rest] = call.args;
  if (!list) return { at, perform: () => [unknownValue] };
  const value = b.value(list);
  const added = rest.map((arg) => b.value(arg));
  if (value.kind === 'path') readElements(b, value, list, 'append');
  if (call.spread && rest[0] && kindOf(b, rest[0]) === 'slice') readElements(b, added[0]!, rest[0], 'copy');
  const count: Value = call.spread ? unknownValue : { kind: 'constant', value: rest.length };
  return { at, perform: () => [appended(value, count, call.spread ? [] : added, call.spread && added[0]?.kind === 'path' ? added[0].path : undefined)] };
}

function appended(list: Value, count: Value, added: readonly Value[], spread: AccessPath | undefined): Value {
  const whole = list.kind === 'unknown' ? unknownValue : combine('+', list, count);
  if (whole.kind === 'binary' && spread !== undefined) return { ...whole, spread };
  return whole.kind === 'binary' && added.length > 0 ? { ...whole, appended: added } : whole;
}

/** Reads all that is in a list. */
export function readElements(b: Body, list: Value, expr: ast.Expr, verb: string): void {
  if (list.kind !== 'path') return;
  b.emit({ at: b.at(expr), op: 'read', path: extendPath(list.path, anyElement), atomic: false, container: 'list', ...(expr.kind === 'SliceExpr' ? {} : { whole: true as const }), verb });
}
