import type { AccessPath } from './access-path.js';
import type { Draft } from './draft.js';
import type { Location } from './location.js';
import type { Type } from './type.js';
import type { FunctionId } from './function.js';

/**
 * A named storage cell. One object per declaration: identity is the object, `id` only orders and prints.
 * `temporary` variables hold results of calls inside expressions and are assigned once.
 */
export interface Variable {
  readonly id: number;
  readonly name: string;
  /** `import/path.name` for globals, `function.name` for the rest. */
  readonly qualifiedName: string;
  readonly kind: 'parameter' | 'result' | 'local' | 'temporary' | 'global';
  readonly type: Type;
  readonly at: Location;
  /** The function that declares it; undefined for globals. */
  readonly owner?: FunctionId | undefined;
  /** Used by a function nested in the owner. */
  readonly captured: boolean;
  /** Its address is taken, so that others may reach it by pointer. */
  readonly addressed: boolean;
  /** How many places assign it, the declaration's own initialiser included. 0 or 1 means it never changes once set. */
  readonly assignments: number;
  /** A global that code outside the program may name. */
  readonly exported?: true;
  /** Comments above and behind a global, when they speak of guarding. */
  readonly prose?: string;
}

/** The path that is nothing but a variable's name, kept with the variable: one for each. */
export const ownPath: unique symbol = Symbol('path');

/**
 * A variable that nothing is known of yet but its declaration; front-ends fill in the rest while they lower. `scope` is what
 * its name is qualified with.
 */
export function newVariable(id: number, name: string, scope: string, kind: Variable['kind'], type: Type, at: Location, owner?: FunctionId): Draft<Variable> {
  return new Cell(id, name, scope, kind, type, at, owner);
}

/**
 * A class, against the habit of the house: there are tens of thousands, all of one shape for the engine with room for what is
 * remembered on them, and a getter makes no string for a name that nobody asks for.
 */
class Cell implements Draft<Variable> {
  captured = false;
  addressed = false;
  assignments = 0;
  [ownPath]: AccessPath | undefined = undefined;

  constructor(readonly id: number, readonly name: string, private readonly scope: string, readonly kind: Variable['kind'], readonly type: Type, readonly at: Location, public owner: FunctionId | undefined) {}

  get qualifiedName(): string {
    return `${this.scope}.${this.name}`;
  }
}
