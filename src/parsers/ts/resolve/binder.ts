import type { FunctionId, Gap } from '../../../ir/index.js';
import type { NodeTable } from '../numbering.js';
import type { Unit } from '../parse.js';
import { hasModifier, isArrowFunction, isClassLike, isFunctionNode, isInterfaceDeclaration, isSourceFile, SyntaxKind, type ts } from '../syntax.js';
import type { Callable, Export, FieldShape, Name, NamedUses, Origin, Scope, Shape } from './types.js';

/** Hands out ids that are unique among those of their kind in the program. */
export type NewId = (id: string, kind: 'function' | 'shape') => string;

/** One file while it is walked: what has been declared so far, and what can be led to its declaration only at the end. */
export interface Binder {
  readonly unit: Unit;
  readonly newId: NewId;
  readonly gaps: Gap[];
  /** Of all files: to climb to a node's file for every name is quadratic in long expressions. */
  readonly uses: NodeTable<ts.Node, Name>;
  readonly callables: Map<ts.Node, Callable>;
  /** The same, of this file only. */
  readonly named: NamedUses;
  readonly all: Callable[];
  readonly shapes: Shape[];
  readonly shapeOf: Map<ts.Node, Shape>;
  readonly suspending: Set<ts.Node>;
  readonly exports: Map<string, Export>;
  readonly stars: string[];
  /** Names that are used: which, from where, and the few that are more than read, with their place. Half of a tree are names, so none has an object of its own. */
  readonly pending: { readonly nodes: ts.Identifier[]; readonly scopes: Scope[]; readonly marked: number[]; readonly more: { readonly write?: Origin; readonly exportAs?: string }[] };
  readonly selfAssignments: { readonly member: ts.PropertyAccessExpression | ts.ElementAccessExpression; readonly scope: Scope; readonly origin: Origin | undefined }[];
  /** The module's own code. */
  init: Callable;
  root: Scope;
  /** The scope of the node whose children are visited, and what visits them. */
  around: Scope;
  visitChild: (child: ts.Node) => void;
}

/** Names that are assigned in more places than this hold anything. */
export const maxOrigins = 8;

/** A function of the file; the same object whoever comes to it first. */
export function callable(binder: Binder, node: Callable['node'], name: string, outer: Callable | undefined, facts: Partial<Pick<Callable, 'record' | 'isStatic' | 'hidden'>> = {}): Callable {
  const { unit, newId, callables, all } = binder;
  const known = callables.get(node);
  if (known) return known;
  const made: Callable = {
    id: newId(`${unit.path}.${name}`, 'function') as FunctionId,
    name,
    node,
    unit,
    outer,
    record: facts.record,
    isStatic: facts.isStatic ?? false,
    arrow: isArrowFunction(node),
    async: hasModifier(node, SyntaxKind.AsyncKeyword),
    generator: 'asteriskToken' in node && node.asteriskToken !== undefined,
    returned: [],
    literals: 0,
    hidden: facts.hidden ?? false,
    thisVariable: undefined,
    exported: undefined,
    lowered: false,
    type: undefined,
  };
  callables.set(node, made);
  all.push(made);
  return made;
}

/** Declares a name in a scope. Declared again, it is the same name. */
export function declare(binder: Binder, scope: Scope, text: string, kind: Name['kind'], node: ts.Node, facts: Partial<Name> = {}): Name {
  const { unit, init } = binder;
  const home = scope;
  const known = home.names.get(text);
  // Overloads, merged declarations and repeated `var`s are one name; a value wins over a type of the same name.
  if (known && known.kind !== 'type' && !(known.kind === 'parameter' && kind === 'function')) {
    if (facts.callable) known.callable = facts.callable;
    if (kind !== 'type') means(binder, node, known);
    return known;
  }
  const name: Name = {
    text,
    kind,
    node,
    unit,
    owner: home.callable === init ? undefined : home.callable,
    constant: facts.constant ?? (kind !== 'variable' && kind !== 'parameter'),
    typeNode: facts.typeNode,
    origins: [],
    callable: facts.callable,
    record: facts.record,
    import: facts.import,
    alias: facts.alias,
    exported: false,
    assignments: kind === 'parameter' ? 1 : 0,
    captured: false,
    variable: undefined,
    type: undefined,
  };
  if (home.names === noNames) home.names = new Map();
  (home.names as Map<string, Name>).set(text, name);
  means(binder, node, name);
  return name;
}

export function means({ uses, named }: Binder, node: ts.Node, name: Name): void {
  uses.set(node, name);
  named.nodes.push(node);
  named.names.push(name);
}

/** A name is used here: it is led to its declaration when all of the file's are known. */
export function use({ pending: { nodes, scopes, marked, more } }: Binder, node: ts.Identifier, scope: Scope, how?: { readonly write?: Origin; readonly exportAs?: string }): void {
  if (how !== undefined) {
    marked.push(nodes.length);
    more.push(how);
  }
  nodes.push(node);
  scopes.push(scope);
}

/** What a scope declares that declares nothing, as most do. */
export const noNames: ReadonlyMap<string, Name> = new Map();

/** A scope within another. */
export function inner(scope: Scope, callableOf = scope.callable, isFunction = false): Scope {
  return { names: noNames, outer: scope, callable: callableOf, isFunction };
}

export function functionScope(scope: Scope): Scope {
  let at = scope;
  while (!at.isFunction && at.outer) at = at.outer;
  return at;
}

/** `outer.inner`: how people call a function within a function. */
export function pathName(binder: Binder, scope: Scope, text: string): string {
  const { init } = binder;
  return scope.callable === init ? text : `${scope.callable.name}.${text}`;
}

export function outerOf(binder: Binder, scope: Scope): Callable | undefined {
  const { init } = binder;
  return scope.callable === init ? undefined : scope.callable;
}

/** The innermost declaration of a name. */
export function lookup(scope: Scope | undefined, text: string): Name | undefined {
  for (let at = scope; at; at = at.outer) {
    if (at.names === noNames) continue;
    const found = at.names.get(text);
    if (found) return found;
  }
  return undefined;
}

export function marksSuspension(binder: Binder, node: ts.Node): void {
  const { suspending } = binder;
  for (let at: ts.Node | undefined = node; at && !suspending.has(at) && !isFunctionNode(at) && !isSourceFile(at); at = at.parent) suspending.add(at);
}

/** A class, or what serves as one. */
export function newShape(binder: Binder, kind: Shape['kind'], node: ts.Node, text: string, scope: Scope): Shape {
  const { unit, newId, shapes, shapeOf } = binder;
  const label = pathName(binder, scope, text);
  const base = isClassLike(node) ? node.heritageClauses?.find((clause) => clause.token === SyntaxKind.ExtendsKeyword)?.types[0]?.expression : undefined;
  const shape: Shape = {
    id: newId(`${unit.path}.${label}`, 'shape'),
    label,
    kind,
    node,
    unit,
    owner: outerOf(binder, scope),
    base,
    extended: undefined,
    implements: isClassLike(node) ? (node.heritageClauses?.find((clause) => clause.token === SyntaxKind.ImplementsKeyword)?.types ?? []) : [],
    fields: new Map(),
    statics: new Map(),
    methods: new Map(),
    staticMethods: new Map(),
    getters: new Map(),
    setters: new Map(),
    signatures: new Map(),
    typeParameters: isClassLike(node) || isInterfaceDeclaration(node) ? (node.typeParameters?.map((one) => one.name.text) ?? []) : [],
    constructs: undefined,
    subShapes: [],
    exported: false,
    lock: undefined,
  };
  shapes.push(shape);
  shapeOf.set(node, shape);
  return shape;
}

/** A field, declared or first assigned here. */
export function field(shape: Shape, text: string, node: ts.Node, isStatic = false): FieldShape {
  const table = isStatic ? shape.statics : shape.fields;
  let known = table.get(text);
  if (known === undefined) {
    known = { name: text, node, typeNode: undefined, origins: [], assignments: 0, hidden: text.startsWith('#') || text.startsWith('_'), variable: undefined, type: undefined };
    table.set(text, known);
  }
  return known;
}
