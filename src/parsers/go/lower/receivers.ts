import { extendPath, type AccessPath, type Value } from '../../../ir/index.js';
import type * as ast from '../ast.js';
import type { Selection } from '../resolve/types.js';
import type { Body } from './body.js';
import { holder, readPlace, stepInto } from './places.js';

/** The receiver of a method call: the value passed, and the location of the object itself. */
export interface Receiver {
  readonly value: Value;
  readonly path: AccessPath;
}

/** Evaluates `x` of `x.method`, embedded fields walked explicitly, address taken or pointer followed as Go does. */
export function receiverOf(b: Body, expr: ast.SelectorExpr, selection: Extract<Selection, { kind: 'method' }>): Receiver {
  const { steps, method } = selection;
  const last = steps.at(-1);
  const place = steps.length > 0 ? stepInto(b, holder(b, expr.x, steps[0]!.viaPointer), steps, expr) : b.place(expr.x);
  const type = last ? b.unit.world.underlying(last.field.type) : b.unit.world.underlying(b.info.typeOf(expr.x));
  if (selection.viaInterface || type.kind === 'interface') {
    if (place.target) return { value: { kind: 'address', path: place.target }, path: place.target };
    readPlace(b, place, expr.x);
    return { value: { kind: 'path', path: place.path }, path: place.path };
  }
  const wantsPointer = method.receiver?.pointer ?? true;
  if (type.kind === 'pointer') {
    if (place.target) return { value: { kind: 'address', path: place.target }, path: place.target };
    readPlace(b, place, expr.x);
    if (wantsPointer) return { value: { kind: 'path', path: place.path }, path: place.path };
    const whole = extendPath(place.path, { kind: 'deref' });
    if (b.unit.hasBody.has(method.id)) b.emit({ at: b.at(expr.x), op: 'read', path: whole, atomic: false });
    return { value: { kind: 'path', path: whole }, path: place.path };
  }
  if (wantsPointer && type.kind !== 'unknown') return { value: { kind: 'address', path: place.path }, path: place.path };
  // A library type without declarations at hand, or a receiver by value: what is stored is what is used.
  if (type.kind !== 'unknown' || b.unit.hasBody.has(method.id)) readPlace(b, place, expr.x);
  return { value: { kind: 'path', path: place.path }, path: place.path };
}
