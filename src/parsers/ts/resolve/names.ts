import { callbackParameters, canonicalNames, iterators, moduleAliases, settlerNames } from '../../../models/typescript.js';
import { bare, isCallExpression, isEnumDeclaration, isFunctionExpression, isIdentifier, isMethodDeclaration, isNewExpression, isObjectLiteralExpression, isParameter, isPropertyAccessExpression, isPropertyAssignment, isShorthandPropertyAssignment, nameText, type ts } from '../syntax.js';
import { typeOfNode } from './annotations.js';
import { meaningOfCall, typeOf } from './expressions.js';
import { memberType } from './members.js';
import type { Bound, Export, FieldShape, Name, Origin, Shape, TsType } from './types.js';
import { type Resolving, once, ownType, unknown } from './resolving.js';

function part(world: Resolving, type: TsType, step: string): TsType {
  if (step === '[]' || /^\d+$/.test(step)) return type.kind === 'list' ? type.of : type.kind === 'map' && type.flavour === 'set' && step === '[]' ? type.of : unknown;
  if (step === '...' || step === 'key' || step === '?') return unknown;
  if (step === 'await') return type.kind === 'promise' ? type.of : type;
  return memberType(world, type, step);
}

function typeOfOrigin(world: Resolving, origin: Origin): TsType {
  // `for (const [key, value] of map)`.
  const type = typeOf(world, origin.expr);
  if (type.kind === 'map' && type.flavour === 'map' && origin.part?.[0] === '[]' && origin.part[1] === '1') return (origin.part.slice(2)).reduce((on, step) => part(world, on, step), type.of);
  return (origin.part ?? []).reduce((on, step) => part(world, on, step), type);
}

/** What a name holds: as declared, else as assigned, else as its caller gives it. */
export function typeOfName(world: Resolving, name: Name): TsType {
  return once(world, ownType, name, typeOfNameAtFirst);
}

function typeOfNameAtFirst(world: Resolving, name: Name): TsType {
  if (name.kind === 'class' && name.record) return { kind: 'class', shape: name.record };
  if (name.callable && (name.kind === 'function' || name.assignments <= 1)) {
    return name.record?.kind === 'function' ? { kind: 'class', shape: name.record } : { kind: 'function', callable: name.callable };
  }
  if (name.import) return importedType(world, world.boundOf(name.node), name.import.from, name.import.name);
  if (name.kind === 'enum') return isEnumDeclaration(name.node.parent) ? { kind: 'enum', node: name.node.parent } : unknown;
  if (name.kind === 'type') return unknown;
  if (name.record?.kind === 'class') return { kind: 'class', shape: name.record };
  const declared = typeOfNode(world, name.typeNode, name.unit);
  if (name.kind === 'parameter' && settlerNames.has(name.text) && declared.kind === 'scalar' && declared.name === 'function') return { kind: 'settler' };
  if (declared.kind !== 'unknown') return declared;
  for (const origin of name.origins) {
    const type = typeOfOrigin(world, origin);
    if (type.kind !== 'unknown') return type;
  }
  if (name.kind !== 'parameter') return unknown;
  // Handed on from where the promise was made, under the name it had there.
  const given = contextualType(world, name);
  return given.kind === 'unknown' && settlerNames.has(name.text) ? { kind: 'settler' } : given;
}

/** What a callback is given by who calls it: elements by lists and maps, results by promises, objects by libraries. */
function contextualType(world: Resolving, name: Name): TsType {
  const parameter = name.node.parent;
  if (!isParameter(parameter)) return unknown;
  const fn = parameter.parent;
  const position = fn.parameters.indexOf(parameter);
  const method = isMethodDeclaration(fn) ? fn : isPropertyAssignment(fn.parent) ? fn.parent : undefined;
  if (method && isObjectLiteralExpression(method.parent) && isNewExpression(method.parent.parent)) {
    const made = typeOf(world, method.parent.parent.expression);
    return libraryParameter(made.kind === 'external' ? `${made.name}.${nameText(method.name)}` : '', position);
  }
  if (!isFunctionExpression(fn)) return unknown;
  const call = fn.parent;
  if (isNewExpression(call)) return isIdentifier(call.expression) && call.expression.text === 'Promise' ? { kind: 'settler' } : unknown;
  if (!isCallExpression(call)) return unknown;
  const callee = bare(call.expression);
  const called = typeOf(world, callee);
  if (called.kind === 'external' && callbackParameters.has(called.name)) return libraryParameter(called.name, position);
  if (!isPropertyAccessExpression(callee)) return unknown;
  const meaning = meaningOfCall(world, callee);
  if (meaning?.means === 'scoped' && meaning.done === fn.parameters.length) {
    const key = meaning.key === undefined ? undefined : call.arguments[meaning.key];
    return { kind: 'releaser', lock: callee.expression, ...(key ? { key } : {}) };
  }
  if (call.arguments[0] !== fn) return unknown;
  const on = typeOf(world, callee.expression);
  const text = callee.name.text;
  if ((on.kind === 'list' || on.kind === 'map') && iterators.has(text) && position === (text.startsWith('reduce') ? 1 : 0)) return on.of;
  return on.kind === 'promise' && text === 'then' && position === 0 ? on.of : unknown;
}

function libraryParameter(caller: string, position: number): TsType {
  const found = callbackParameters.get(caller)?.[position];
  return found === undefined ? unknown : { kind: 'library', name: found };
}

/** What a field holds: as declared, else as assigned anywhere in its class. */
export function typeOfField(world: Resolving, field: FieldShape, shape: Shape): TsType {
  if (field.type !== undefined) return field.type;
  field.type = unknown;
  return (field.type = typeOfFieldAtFirst(world, field, shape));
}

function typeOfFieldAtFirst(world: Resolving, field: FieldShape, shape: Shape): TsType {
  const declared = typeOfNode(world, field.typeNode, shape.unit);
  // What it was made with says more than its declared class: the limit of a semaphore.
  const settles = declared.kind === 'scalar' && declared.name === 'function';
  if (declared.kind !== 'unknown' && declared.kind !== 'library' && !settles) return declared;
  for (const origin of field.origins) {
    const type = typeOfOrigin(world, origin);
    if (type.kind !== 'unknown' && (declared.kind === 'unknown' || type.kind === declared.kind || (settles && (type.kind === 'settler' || type.kind === 'releaser')))) return type;
  }
  return declared;
}

export function typeOfMember(world: Resolving, expr: ts.PropertyAccessExpression): TsType {
  return memberType(world, typeOf(world, expr.expression), expr.name.text);
}

/** What a module hands out under a name. */
export function exportedType(world: Resolving, bound: Bound, what: Export): TsType {
  if (what.kind === 'name') return typeOfName(world, what.name);
  if (what.kind === 'expression') {
    const callable = bound.callables.get(what.expr);
    if (callable) return { kind: 'function', callable };
    const shape = bound.shapeOf.get(what.expr);
    if (shape) return { kind: isObjectLiteralExpression(what.expr) ? 'instance' : 'class', shape };
    return typeOf(world, what.expr);
  }
  return importedType(world, bound, what.from, what.name);
}

/** What an import brings in: from a file of the sources, or a library by its name. */
export function importedType(world: Resolving, bound: Bound, from: string, name: string): TsType {
  const to = world.modules.destination(bound.unit.path, from);
  if (to.kind === 'library') {
    const library = moduleAliases.get(to.name) ?? to.name;
    const full = name === '*' || name === '=' || name === 'default' ? library : `${library}.${name}`;
    return { kind: 'external', name: name === 'default' || name === '=' ? full : (canonicalNames.get(full) ?? full) };
  }
  if (name === '*') return { kind: 'module', path: to.bound.unit.path };
  const found = world.modules.exported(to.bound, name);
  if (found) return exportedType(world, found.bound, found.what);
  const whole = world.modules.exported(to.bound, '=');
  if (name === '=' || name === 'default') return { kind: 'module', path: to.bound.unit.path };
  // `module.exports = { connect }`, taken apart by name.
  return whole ? memberOfExport(world, whole.bound, whole.what, name) : unknown;
}

function memberOfExport(world: Resolving, bound: Bound, what: Export, text: string): TsType {
  if (what.kind === 'expression' && isObjectLiteralExpression(what.expr)) {
    for (const property of what.expr.properties) {
      if (nameText(property.name) !== text) continue;
      if (isShorthandPropertyAssignment(property)) return typeOf(world, property.name);
      if (isPropertyAssignment(property)) return typeOf(world, property.initializer);
      const callable = bound.callables.get(property);
      if (callable) return { kind: 'function', callable };
    }
  }
  return memberType(world, exportedType(world, bound, what), text);
}

/** The declaration behind an imported name, where it is a name of another file. */
export function declared(world: Resolving, name: Name): Name {
  let at = name;
  for (let hops = 0; at.import && hops < 8; hops++) {
    const to = world.modules.destination(at.unit.path, at.import.from);
    const found = to.kind === 'file' ? world.modules.exported(to.bound, at.import.name) : undefined;
    if (found?.what.kind !== 'name') return at;
    at = found.what.name;
  }
  return at;
}
