import { canonicalNames, globalObjects } from '../../../models/typescript.js';
import { isClassLike, isParameter, isPropertyDeclaration, type ts } from '../syntax.js';
import { instanceOfName } from './annotations.js';
import { returnType, typeOf } from './expressions.js';
import { exportedType, typeOfField } from './names.js';
import type { Callable, Shape, TsType } from './types.js';
import { type Member, type Resolving, unknown } from './resolving.js';

/** What a property of an object of this type is. */
export function memberType(world: Resolving, on: TsType, text: string): TsType {
  switch (on.kind) {
    case 'instance': {
      const found = member(world, on.shape, text);
      if (found === undefined) return unknown;
      if (found.kind === 'method') return { kind: 'function', callable: found.callable };
      if (found.kind === 'accessor') return found.get ? returnType(world, found.get) : unknown;
      return typeOfField(world, found.field, found.owner);
    }
    case 'class': {
      for (let shape: Shape | undefined = on.shape, hops = 0; shape && hops < 16; shape = baseOf(world, shape), hops++) {
        const method = shape.staticMethods.get(text);
        if (method) return { kind: 'function', callable: method };
        const field = shape.statics.get(text);
        if (field) return typeOfField(world, field, shape);
      }
      return unknown;
    }
    case 'module': {
      const bound = world.byPath.get(on.path);
      const found = bound && world.modules.exported(bound, text);
      return found ? exportedType(world, found.bound, found.what) : unknown;
    }
    case 'lease':
      return on.names.includes(text) ? { kind: 'releaser', lock: on.lock, ...(on.key ? { key: on.key } : {}), taken: on.taken } : unknown;
    case 'external':
      return { kind: 'external', name: canonicalNames.get(`${on.name}.${text}`) ?? `${globalObjects.has(on.name) ? '' : `${on.name}.`}${text}` };
    default:
      return unknown;
  }
}

/** The class a class extends, when it is one of the sources. */
export function baseOf(world: Resolving, shape: Shape): Shape | undefined {
  if (shape.extended !== undefined) return shape.extended ?? undefined;
  shape.extended = null;
  const base = shape.base ? typeOf(world, shape.base) : unknown;
  const found = base.kind === 'class' && base.shape !== shape ? base.shape : undefined;
  shape.extended = found ?? null;
  return found;
}

export function foreignBase(world: Resolving, shape: Shape): string | undefined {
  const base = shape.base ? typeOf(world, shape.base) : unknown;
  return base.kind === 'external' ? base.name : undefined;
}

/** A field that is only assigned below a method or setter of its name is that one. */
function declares(found: Member | undefined): Member | undefined {
  return (found?.kind === 'field' && (isPropertyDeclaration(found.field.node) || isParameter(found.field.node)) ? found : undefined);
}

export function member(world: Resolving, shape: Shape, text: string): Member | undefined {
  let found: Member | undefined;
  for (let at: Shape | undefined = shape, hops = 0; at && hops < 16; at = baseOf(world, at), hops++) {
    const method = at.methods.get(text);
    if (method) return declares(found) ?? { kind: 'method', callable: method, owner: at };
    const get = at.getters.get(text);
    const set = at.setters.get(text);
    if (get || set) return declares(found) ?? { kind: 'accessor', owner: at, ...(get ? { get } : {}), ...(set ? { set } : {}) };
    const field = at.fields.get(text);
    // A field is one cell however far up it is declared: the topmost class names it.
    if (field) found = { kind: 'field', field, owner: at };
  }
  return found;
}

export function contractsOf(world: Resolving, shape: Shape): readonly (Shape | undefined)[] {
  const bound = world.byPath.get(shape.unit.path);
  return shape.implements.map(({ expression }) => {
    const name = world.nameOf(expression) ?? bound?.scope.names.get(expression.getText(shape.unit.tree));
    const type = name ? instanceOfName(world, name, 0) : unknown;
    return type.kind === 'instance' ? type.shape : undefined;
  });
}

/** Classes that say they implement an interface. */
function implementers(world: Resolving, shape: Shape): readonly Shape[] {
  if (world.implementers === undefined) {
    const table = new Map<Shape, Shape[]>();
    for (const bound of world.bounds) for (const one of bound.shapes) for (const contract of contractsOf(world, one)) {
      if (contract !== undefined) table.set(contract, [...(table.get(contract) ?? []), one]);
    }
    world.implementers = table;
  }
  return world.implementers.get(shape) ?? [];
}

export function overrides(world: Resolving, shape: Shape, text: string): readonly Callable[] {
  const found: Callable[] = [];
  const own = member(world, shape, text);
  if (own?.kind === 'method') found.push(own.callable);
  const contracted = implementers(world, shape);
  if (shape.subShapes.length + contracted.length === 0) return found;
  const seen = new Set<Shape>([shape]);
  const work = [...shape.subShapes, ...contracted];
  for (let at = work.pop(); at; at = work.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    const method = at.methods.get(text) ?? (shape.kind === 'interface' ? (() => { const inherited = member(world, at, text); return inherited?.kind === 'method' ? inherited.callable : undefined; })() : undefined);
    if (method && !found.includes(method)) found.push(method);
    work.push(...at.subShapes);
  }
  return found;
}

export function selfAt(world: Resolving, node: ts.Node): { readonly shape: Shape; readonly callable: Callable } | undefined {
  const bound = world.boundOf(node);
  for (let at: ts.Node | undefined = node.parent; at; at = at.parent) {
    const callable = bound.callables.get(at);
    if (callable === undefined) {
      // A field's initialiser stands in the class, whose constructor runs it.
      if (isClassLike(at)) {
        const shape = bound.shapeOf.get(at);
        return shape?.constructs ? { shape, callable: shape.constructs } : undefined;
      }
      continue;
    }
    if (isClassLike(at)) return callable.record ? { shape: callable.record, callable } : undefined;
    if (callable.arrow && callable.record === undefined) continue;
    return callable.record ? { shape: callable.record, callable } : undefined;
  }
  return undefined;
}
