import type { Gap } from '../../../ir/index.js';
import type { UserModels } from '../../../models/user.js';
import { withUserTsModels } from '../../../models/user-typescript.js';
import type { Surroundings } from '../../front-end.js';
import { lastAtMost } from '../../sorted.js';
import { nodeTable, numberOf, type Numbering } from '../numbering.js';
import type { Unit } from '../parse.js';
import { bare, isIdentifier, isObjectLiteralExpression, isPropertyAssignment, isShorthandPropertyAssignment, type ts } from '../syntax.js';
import { typeOfNode } from './annotations.js';
import { bind } from './bind.js';
import { meaningOfCall, returnType, typeOf } from './expressions.js';
import { baseOf, contractsOf, foreignBase, member, overrides, selfAt } from './members.js';
import { moduleGraph } from './modules.js';
import { declared, typeOfField, typeOfName } from './names.js';
import type { Resolving, World } from './resolving.js';
import type { Bound, Callable, Name, Shape, TsType } from './types.js';

export type { Member, World } from './resolving.js';

/** Binds all files, joins them by their imports, and marks what the world outside can reach. */
export function buildWorld(units: readonly Unit[], numbering: Numbering, surroundings: Surroundings, gaps: Gap[], user?: UserModels): World {
  const taken = { function: new Set<string>(), shape: new Set<string>() };
  const newId = (id: string, kind: 'function' | 'shape'): string => {
    const others = taken[kind];
    let unique = id;
    for (let twin = 2; others.has(unique); twin++) unique = `${id}#${twin}`;
    others.add(unique);
    return unique;
  };
  const uses = nodeTable<ts.Node, Name>(numbering);
  const callables = new Map<ts.Node, Callable>();
  const bounds: Bound[] = [];
  for (const unit of units) {
    try {
      bounds.push(bind(unit, newId, gaps, { uses, callables }));
    } catch (error) {
      gaps.push({ at: unit.span(0, 0), reason: `the names of this file were not understood: ${error instanceof Error ? error.message : String(error)}` });
    }
  }
  const byPath = new Map(bounds.map((bound) => [bound.unit.path, bound]));
  // Most questions are about the file that the one before was about.
  let asked = 0;
  const boundOf = (node: ts.Node): Bound => {
    const number = numberOf(node);
    if (number < bounds[asked]!.unit.first || number >= (bounds[asked + 1]?.unit.first ?? Infinity)) asked = Math.max(0, lastAtMost(bounds.length, (index) => bounds[index]!.unit.first, number));
    return bounds[asked]!;
  };
  const world: Resolving = {
    models: withUserTsModels(user),
    bounds,
    byPath,
    modules: moduleGraph(byPath, surroundings, gaps),
    exprTypes: nodeTable(numbering),
    implementers: undefined,
    depth: 0,
    boundOf,
    nameOf: (node) => uses.get(node),
    callableOf: (node) => callables.get(node),
    declared: (name) => declared(world, name),
    typeOf: (expr) => typeOf(world, expr),
    typeOfName: (name) => typeOfName(world, name),
    typeOfField: (field, shape) => typeOfField(world, field, shape),
    typeOfNode: (node, unit) => typeOfNode(world, node, unit),
    member: (shape, text) => member(world, shape, text),
    baseOf: (shape) => baseOf(world, shape),
    contractsOf: (shape) => contractsOf(world, shape),
    foreignBase: (shape) => foreignBase(world, shape),
    overrides: (shape, text) => overrides(world, shape, text),
    selfAt: (node) => selfAt(world, node),
    returnType: (callable) => returnType(world, callable),
    meaningOf: (callee) => meaningOfCall(world, callee),
  };
  for (const bound of bounds) for (const shape of bound.shapes) baseOf(world, shape)?.subShapes.push(shape);
  for (const bound of bounds) markExports(world, bound);
  return world;
}

/** What code outside may call: what a file exports, what that makes or returns, and the classes those extend. */
function markExports(world: World, bound: Bound): void {
  const seen = new Set<unknown>();
  const markShape = (shape: Shape): void => {
    for (let at: Shape | undefined = shape, hops = 0; at && hops < 16; at = world.baseOf(at), hops++) at.exported = true;
  };
  const markCallable = (callable: Callable): void => {
    if (seen.has(callable)) return;
    seen.add(callable);
    callable.exported = true;
    if (callable.record?.kind === 'function' && callable.record.constructs === callable) markShape(callable.record);
    for (const expr of callable.returned) markExpression(expr);
  };
  const markType = (type: TsType): void => {
    if (type.kind === 'function') markCallable(type.callable);
    else if ((type.kind === 'class' || type.kind === 'instance') && type.shape.kind !== 'interface') markShape(type.shape);
    else if (type.kind === 'promise') markType(type.of);
  };
  const markExpression = (expr: ts.Expression): void => {
    const inner = bare(expr);
    if (seen.has(inner)) return;
    seen.add(inner);
    if (isObjectLiteralExpression(inner)) {
      for (const property of inner.properties) {
        if (isShorthandPropertyAssignment(property)) markExpression(property.name);
        else if (isPropertyAssignment(property)) markExpression(property.initializer);
        else {
          const callable = bound.callables.get(property);
          if (callable) markCallable(callable);
        }
      }
    } else if (isIdentifier(inner)) {
      const name = world.nameOf(inner);
      const [origin] = name?.origins ?? [];
      if (name && origin && !origin.part && isObjectLiteralExpression(bare(origin.expr))) markExpression(origin.expr);
    }
    const own = bound.callables.get(inner);
    if (own) markCallable(own);
    const shape = bound.shapeOf.get(inner);
    if (shape) markShape(shape);
    markType(world.typeOf(inner));
  };
  for (const what of bound.exports.values()) {
    if (what.kind === 'expression') markExpression(what.expr);
    else if (what.kind === 'name') {
      markType(world.typeOfName(what.name));
      const [origin] = what.name.origins;
      if (origin && !origin.part) markExpression(origin.expr);
    }
  }
}
