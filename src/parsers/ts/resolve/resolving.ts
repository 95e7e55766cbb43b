import type { TsMeaning } from '../../../models/typescript.js';
import type { TsModels } from '../../../models/user-typescript.js';
import type { NodeTable } from '../numbering.js';
import type { Unit } from '../parse.js';
import type { ts } from '../syntax.js';
import type { Modules } from './modules.js';
import type { Bound, Callable, FieldShape, Name, Shape, TsType } from './types.js';

/** What a property of an object is, and in which class it is declared. */
export type Member =
  | { readonly kind: 'method'; readonly callable: Callable; readonly owner: Shape }
  | { readonly kind: 'accessor'; readonly get?: Callable; readonly set?: Callable; readonly owner: Shape }
  | { readonly kind: 'field'; readonly field: FieldShape; readonly owner: Shape };

/** All files with their names led to declarations, and answers about what expressions are. */
export interface World {
  readonly models: TsModels;
  readonly bounds: readonly Bound[];
  readonly byPath: ReadonlyMap<string, Bound>;
  readonly modules: Modules;
  readonly boundOf: (node: ts.Node) => Bound;
  /** The declaration an identifier means; through imports with `entity`. */
  readonly nameOf: (node: ts.Node) => Name | undefined;
  /** The declaration behind an imported name, where it is a name of another file. */
  readonly declared: (name: Name) => Name;
  readonly callableOf: (node: ts.Node) => Callable | undefined;
  readonly typeOf: (expr: ts.Expression) => TsType;
  readonly typeOfName: (name: Name) => TsType;
  readonly typeOfField: (field: FieldShape, shape: Shape) => TsType;
  readonly typeOfNode: (node: ts.TypeNode | undefined, unit: Unit) => TsType;
  readonly member: (shape: Shape, text: string) => Member | undefined;
  readonly baseOf: (shape: Shape) => Shape | undefined;
  /** The interfaces a class says it implements; undefined for those that are not here. */
  readonly contractsOf: (shape: Shape) => readonly (Shape | undefined)[];
  /** The name of a base that is not here. */
  readonly foreignBase: (shape: Shape) => string | undefined;
  /** Every method a call of this member may run: the one found, and what subclasses and implementations put in its place. */
  readonly overrides: (shape: Shape, text: string) => readonly Callable[];
  /** What `this` is at a node, and the function whose `this` it is. */
  readonly selfAt: (node: ts.Node) => { readonly shape: Shape; readonly callable: Callable } | undefined;
  readonly returnType: (callable: Callable) => TsType;
  /** The row of the tables that explains a call of this callee. */
  readonly meaningOf: (callee: ts.Expression) => TsMeaning | undefined;
}

/** The world while it answers: what it has been asked before is remembered. */
export interface Resolving extends World {
  readonly exprTypes: NodeTable<ts.Expression, TsType>;
  /** Classes by the interface they say they implement; made when first asked for. */
  implementers: ReadonlyMap<Shape, readonly Shape[]> | undefined;
  /** Questions that wait for the answer to another one. */
  depth: number;
}

export const unknown: TsType = { kind: 'unknown' };

/** What holds neither fields nor elements, one object for each name: every second expression is one. */
export const scalars = {
  string: { kind: 'scalar', name: 'string' },
  number: { kind: 'scalar', name: 'number' },
  boolean: { kind: 'scalar', name: 'boolean' },
  bigint: { kind: 'scalar', name: 'bigint' },
  function: { kind: 'scalar', name: 'function' },
  symbol: { kind: 'scalar', name: 'symbol' },
} as const satisfies Readonly<Record<string, TsType>>;

/** Thousands of calls that return what the next one returns, or of `.then` on one promise, are followed this far: the engine's stack ends too. */
const maxDepth = 250;

/** Where an answer is kept: with the declaration it is about, or in a table of nodes. */
interface Answers<K> { readonly get: (key: K) => TsType | undefined; readonly set: (key: K, type: TsType) => void }

/** The answers about what is declared here stand with the declarations. */
export const ownType: Answers<{ type: TsType | undefined }> = { get: ({ type }) => type, set: (declared, type) => { declared.type = type; } };

/** Asks once; what asks for itself meanwhile, or too far away from the first question, gets the honest answer. */
export function once<K>(world: Resolving, table: Answers<K>, key: K, compute: (world: Resolving, key: K) => TsType): TsType {
  const known = table.get(key);
  if (known !== undefined) return known;
  if (world.depth >= maxDepth) return unknown;
  table.set(key, unknown);
  world.depth += 1;
  let answer: TsType;
  try {
    answer = compute(world, key);
  } finally {
    world.depth -= 1;
  }
  if (answer !== unknown) table.set(key, answer);
  return answer;
}
