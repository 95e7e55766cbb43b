import type { AccessPath } from './access-path.js';
import type { FunctionId } from './function.js';
import type { Location } from './location.js';
import type { Type } from './type.js';

/**
 * What an expression yields, as far as concurrency cares. Values are pure: reads, calls and receives inside
 * an expression became operations before it. `unknown` is honest.
 */
export type Value =
  /**
   * For whoever knows what a map holds: `entry` is whether it has this entry; `ranges` with `as: 'more'` whether the
   * loop around has entries of this map left to visit, with `as: 'key'` the key it visits now.
   */
  | { readonly kind: 'unknown'; /** Unknowns of one name are one value. */ readonly name?: string; readonly entry?: AccessPath; readonly ranges?: { readonly map: AccessPath; readonly as: 'more' | 'key' } }
  | { readonly kind: 'constant'; readonly value: null | boolean | number | string }
  /** The content of a location. */
  | { readonly kind: 'path'; readonly path: AccessPath }
  /** The address of a location. */
  | { readonly kind: 'address'; readonly path: AccessPath }
  /** A function, or a function literal with what it captures. */
  | { readonly kind: 'closure'; readonly target: FunctionId }
  /** A method with its receiver bound. */
  | { readonly kind: 'bound'; readonly target: FunctionId; readonly receiver: Value }
  /** A method of the library with its receiver bound, such as `mu.Unlock` as a value. */
  | { readonly kind: 'library'; readonly callee: string; readonly receiver?: Value }
  /**
   * A fresh object. `pointer` is false for a plain value (struct copied in place). `fields` name what is known of its
   * content: fields of a record; elements of a list or map by their constant keys as JSON (`0`, `"a"`), `len` for the
   * length of a list made empty; `*` for what a fresh cell holds. `more`: it holds elements that are not listed.
   */
  | { readonly kind: 'allocation'; readonly site: Location; readonly type: Type; readonly pointer: boolean; readonly fields?: readonly { readonly name: string; readonly value: Value }[]; readonly more?: true }
  /** `list + n` is the list with n more elements appended, `list - n` what it holds after its first n: the same memory, other indices. */
  | { readonly kind: 'binary'; readonly operator: BinaryOperator; readonly left: Value; readonly right: Value; /** The elements appended. */ readonly appended?: readonly Value[]; /** The list appended whole. */ readonly spread?: AccessPath }
  | { readonly kind: 'not'; readonly operand: Value }
  | { readonly kind: 'length' | 'capacity'; readonly of: AccessPath };

export type BinaryOperator = '==' | '!=' | '<' | '<=' | '>' | '>=' | '+' | '-' | '*' | '/' | '%' | '&&' | '||' | '&' | '|' | '^' | '<<' | '>>' | '&^';

export const unknownValue: Value = { kind: 'unknown' };
