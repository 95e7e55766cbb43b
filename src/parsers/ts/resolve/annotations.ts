import { canonicalNames, globalClasses, tableNames } from '../../../models/typescript.js';
import type { Unit } from '../parse.js';
import { isIndexSignatureDeclaration, isLiteralTypeNode, isQualifiedName, SyntaxKind, type ts } from '../syntax.js';
import { memberType, selfAt } from './members.js';
import { exportedType, typeOfName } from './names.js';
import type { Name, TsType } from './types.js';
import { type Resolving, scalars, unknown } from './resolving.js';

/** What a type annotation says. */
export function typeOfNode(world: Resolving, node: ts.TypeNode | undefined, unit: Unit, depth = 0): TsType {
  if (node === undefined || depth > 8) return unknown;
  switch (node.kind) {
    case SyntaxKind.StringKeyword: return scalars.string;
    case SyntaxKind.NumberKeyword: return scalars.number;
    case SyntaxKind.BigIntKeyword: return scalars.bigint;
    case SyntaxKind.BooleanKeyword: return scalars.boolean;
    case SyntaxKind.FunctionType: return scalars.function;
    case SyntaxKind.ArrayType: return { kind: 'list', of: typeOfNode(world, (node as ts.ArrayTypeNode).elementType, unit, depth + 1) };
    case SyntaxKind.TupleType: return { kind: 'list', of: unknown };
    case SyntaxKind.ParenthesizedType: return typeOfNode(world, (node as ts.ParenthesizedTypeNode).type, unit, depth + 1);
    case SyntaxKind.TypeOperator: return typeOfNode(world, (node as ts.TypeOperatorNode).type, unit, depth + 1);
    case SyntaxKind.TypeLiteral: return (node as ts.TypeLiteralNode).members.some(isIndexSignatureDeclaration) ? { kind: 'map', of: unknown, flavour: 'dictionary' } : unknown;
    case SyntaxKind.ThisType: {
      const self = selfAt(world, node);
      return self ? { kind: 'instance', shape: self.shape } : unknown;
    }
    case SyntaxKind.UnionType: {
      const parts = (node as ts.UnionTypeNode).types.filter((one) => one.kind !== SyntaxKind.UndefinedKeyword && one.kind !== SyntaxKind.VoidKeyword && !(isLiteralTypeNode(one) && (one.literal.kind === SyntaxKind.NullKeyword || one.literal.kind === SyntaxKind.FalseKeyword)));
      if (parts.length === 1) return typeOfNode(world, parts[0], unit, depth + 1);
      return parts.every(isLiteralTypeNode) && parts.length > 0 ? scalars.string : unknown;
    }
    case SyntaxKind.TypeReference: return typeOfReference(world, node as ts.TypeReferenceNode, unit, depth);
    default: return unknown;
  }
}

function typeOfReference(world: Resolving, node: ts.TypeReferenceNode, unit: Unit, depth: number): TsType {
  const argument = (index: number): TsType => typeOfNode(world, node.typeArguments?.[index], unit, depth + 1);
  if (isQualifiedName(node.typeName)) {
    const text = node.typeName.getText(unit.tree);
    const [first, ...rest] = text.split('.');
    const name = lookup(world, unit, first!, node);
    const on = name ? typeOfName(world, name) : unknown;
    const found = rest.reduce((type, step) => memberType(world, type, step), on);
    if (found.kind === 'class') return { kind: 'instance', shape: found.shape };
    return found.kind === 'external' ? { kind: 'library', name: found.name } : text.startsWith('NodeJS.') ? { kind: 'library', name: text } : unknown;
  }
  const { text } = node.typeName;
  const name = lookup(world, unit, text, node);
  if (name) {
    const type = instanceOfName(world, name, depth);
    const flavour = type.kind === 'library' ? tableOf(type.name) : undefined;
    return flavour === undefined ? type : { kind: 'map', of: argument((node.typeArguments?.length ?? 0) - 1), flavour };
  }
  switch (text) {
    case 'Array': case 'ReadonlyArray': return { kind: 'list', of: argument(0) };
    case 'Map': case 'ReadonlyMap': case 'WeakMap': return { kind: 'map', of: argument(1), flavour: 'map' };
    case 'Set': case 'ReadonlySet': case 'WeakSet': return { kind: 'map', of: argument(0), flavour: 'set' };
    case 'Record': return { kind: 'map', of: argument(1), flavour: 'dictionary' };
    case 'Promise': case 'PromiseLike': return { kind: 'promise', of: argument(0) };
    case 'Partial': case 'Required': case 'Readonly': case 'NonNullable': return argument(0);
    case 'Date': case 'RegExp': case 'Symbol': return { kind: 'scalar', name: text };
    default: return globalClasses.has(text) ? { kind: 'library', name: text } : unknown;
  }
}

/** Whether a class of a library is a table, by what it calls itself. What it holds is its last argument. */
export function tableOf(name: string): 'map' | 'set' | undefined {
  const word = name.includes('.') ? tableNames.exec(name.slice(name.lastIndexOf('.') + 1))?.[1] : undefined;
  return word === 'Map' ? 'map' : word === 'Set' ? 'set' : undefined;
}

/** An object of the class a name means; through imports and aliases. */
export function instanceOfName(world: Resolving, name: Name, depth: number): TsType {
  if (name.kind === 'type' || name.kind === 'class') {
    if (name.record) return { kind: 'instance', shape: name.record };
    return typeOfNode(world, name.alias, name.unit, depth + 1);
  }
  if (name.record && name.record.kind !== 'literal') return { kind: 'instance', shape: name.record };
  if (name.import) {
    const to = world.modules.destination(name.unit.path, name.import.from);
    if (to.kind === 'file') {
      const found = world.modules.exported(to.bound, name.import.name);
      if (found?.what.kind === 'name' && depth < 8) return instanceOfName(world, found.what.name, depth + 1);
      if (found?.what.kind === 'expression') {
        const type = exportedType(world, found.bound, found.what);
        return type.kind === 'class' ? { kind: 'instance', shape: type.shape } : unknown;
      }
      if (name.import.name === '=') {
        const type = typeOfName(world, name);
        return type.kind === 'class' ? { kind: 'instance', shape: type.shape } : unknown;
      }
      return unknown;
    }
    const type = typeOfName(world, name);
    return type.kind === 'external' ? { kind: 'library', name: canonicalNames.get(type.name) ?? type.name } : unknown;
  }
  return unknown;
}

/** A type's name, from where it stands: type parameters hide what is outside. */
function lookup(world: Resolving, unit: Unit, text: string, at: ts.Node): Name | undefined {
  for (let node: ts.Node | undefined = at.parent; node; node = node.parent) {
    const parameters = (node as { readonly typeParameters?: readonly ts.TypeParameterDeclaration[] }).typeParameters;
    if (Array.isArray(parameters) && parameters.some((one: ts.TypeParameterDeclaration) => one.name?.text === text)) return undefined;
  }
  const bound = world.byPath.get(unit.path);
  const own = bound?.scope.names.get(text);
  if (own || bound === undefined) return own;
  return bound.nested.get(text);
}
