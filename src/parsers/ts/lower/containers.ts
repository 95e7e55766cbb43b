import { unknownType, unknownValue, variablePath, type AccessPath, type Value } from '../../../ir/index.js';
import { iterators, listReads, listWrites } from '../../../models/typescript.js';
import { bare, isIdentifier, type ts } from '../syntax.js';
import type { Body, Outcome } from './body.js';
import { inTurn, stable, valueOf } from './expressions.js';
import { functionValue, mayBeFunction } from './function-values.js';
import { elementOf, placeOf, readAt, readPlace, writePlace, type Place } from './places.js';

/** Methods of maps, sets and lists; undefined for those that are something else. */
export function containerCall(b: Body, call: ts.CallExpression, callee: ts.PropertyAccessExpression): Outcome | undefined {
  const on = b.world.typeOf(callee.expression);
  const text = callee.name.text;
  if (on.kind === 'map' && on.flavour !== 'dictionary') return mapCall(b, call, callee, text, on.of);
  if (on.kind === 'list') return listCall(b, call, callee, text, on.of);
  if (iterators.has(text) && on.kind === 'unknown' && mayBeFunction(b, call.arguments[0]) && !isIdentifier(bare(call.arguments[0]))) {
    const receiver = valueOf(b, callee.expression);
    return iterate(b, call, text, receiver, receiver.kind === 'path' ? receiver.path : undefined);
  }
  return undefined;
}

function mapCall(b: Body, call: ts.CallExpression, callee: ts.PropertyAccessExpression, text: string, of: Parameters<typeof elementOf>[3]): Outcome | undefined {
  const at = b.at(call);
  const [first, second] = call.arguments;
  const map = (): Place => {
    const place = placeOf(b, callee.expression);
    readAt(b, place, callee.expression);
    return place;
  };
  const whole = (place: Place): Place => elementOf(b, place, undefined, of);
  switch (text) {
    case 'get':
    case 'has': {
      const place = map();
      if (first) valueOf(b, first);
      const entry = elementOf(b, place, first, of);
      readPlace(b, entry, at, { verb: text });
      if (entry.path.root.kind === 'unknown') return weak(unknownValue);
      return weak(text === 'get' ? { kind: 'path', path: entry.path } : { kind: 'unknown', entry: entry.path });
    }
    case 'set': {
      const place = map();
      if (first) valueOf(b, first);
      const value = second ? stable(b, second, false) : unknownValue;
      writePlace(b, elementOf(b, place, first, of), value, at, { verb: 'set' });
      return weak(place.path.root.kind === 'unknown' ? unknownValue : { kind: 'path', path: place.path });
    }
    case 'add': {
      const place = map();
      const value = first ? valueOf(b, first) : unknownValue;
      writePlace(b, elementOf(b, place, first, of), value, at, { verb: 'add' });
      return weak(place.path.root.kind === 'unknown' ? unknownValue : { kind: 'path', path: place.path });
    }
    case 'delete': {
      const place = map();
      if (first) valueOf(b, first);
      const entry = elementOf(b, place, first, of);
      writePlace(b, entry, unknownValue, at, { verb: 'delete' });
      return weak(unknownValue);
    }
    case 'clear': {
      writePlace(b, whole(map()), unknownValue, at, { verb: 'clear', whole: true });
      return weak(unknownValue);
    }
    case 'keys':
    case 'values':
    case 'entries': {
      const place = map();
      readPlace(b, whole(place), at, { verb: text, whole: true });
      return weak(place.path.root.kind === 'unknown' ? unknownValue : { kind: 'path', path: place.path });
    }
    case 'forEach': {
      const place = map();
      readPlace(b, whole(place), at, { verb: 'range', whole: true });
      return first ? iterate(b, call, text, unknownValue) : weak(unknownValue);
    }
    default:
      return undefined;
  }
}

function listCall(b: Body, call: ts.CallExpression, callee: ts.PropertyAccessExpression, text: string, of: Parameters<typeof elementOf>[3]): Outcome | undefined {
  const at = b.at(call);
  const writes = listWrites.has(text);
  const runs = iterators.has(text) && mayBeFunction(b, call.arguments[0]);
  if (!writes && !runs && !listReads.has(text)) return undefined;
  const place = placeOf(b, callee.expression);
  readAt(b, place, callee.expression);
  const elements = elementOf(b, place, undefined, of);
  const values = runs ? [] : inTurn(b, call.arguments);
  if (writes) writePlace(b, elements, text === 'push' || text === 'unshift' ? (values[0] ?? unknownValue) : unknownValue, at, { verb: text, ...(['sort', 'reverse', 'fill', 'splice'].includes(text) ? { whole: true as const } : {}) });
  else readPlace(b, elements, at, { verb: runs ? 'range' : text, whole: true });
  if (runs) return iterate(b, call, text, unknownValue, place.path);
  return weak(unknownValue);
}

/** Runs a callback for each element before it returns; an async one is a task for each, of which the first part runs at once. */
function iterate(b: Body, call: ts.CallExpression, text: string, receiver: Value, of?: AccessPath): Outcome {
  const at = b.at(call);
  const [first, ...rest] = call.arguments;
  const fn = functionValue(b, first!);
  const others = rest.map((argument) => valueOf(b, argument));
  if (fn.callable && !fn.callable.generator && (fn.callable.async || b.world.returnType(fn.callable).kind === 'promise')) {
    const handle = b.temporary(text, unknownType, at);
    b.emit({ at, op: 'spawn', callee: fn.callee, args: fn.args, via: text, eager: true, repeated: true, result: handle, ...(of === undefined || of.root.kind === 'unknown' ? {} : { each: of }) });
    b.handles.set(handle, [variablePath(handle)]);
    return { value: { kind: 'path', path: variablePath(handle) }, weight: 'full', handles: [variablePath(handle)] };
  }
  const result = b.temporary(text, unknownType, at);
  b.emit({ at, op: 'call', callee: { kind: 'library', name: `Array.${text}` }, args: [receiver, fn.value, ...others], results: [result], runs: [fn.value] });
  return { value: { kind: 'path', path: variablePath(result) }, weight: 'weak' };
}

function weak(value: Value): Outcome {
  return { value, weight: 'weak' };
}
