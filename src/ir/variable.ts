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
  readonly owner?: FunctionId;
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
