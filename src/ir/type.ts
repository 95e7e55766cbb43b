import type { Location } from './location.js';

/**
 * What analyses need to know of a type, in no language: whether it is shared by reference, whether it
 * synchronises, which record it names. `unknown` silences rules; it never guesses.
 */
export type Type =
  | { readonly kind: 'unknown' }
  /** Numbers, strings, booleans: copied whole. */
  | { readonly kind: 'scalar'; readonly name: string; /** What a type of the program's own is made of: its zero is that one's. */ readonly of?: string }
  | { readonly kind: 'pointer'; readonly to: Type }
  | { readonly kind: 'map'; readonly key: Type; readonly value: Type }
  | { readonly kind: 'list'; readonly element: Type; readonly fixed: boolean }
  | { readonly kind: 'channel'; readonly element: Type; readonly direction: 'both' | 'send' | 'receive' }
  | { readonly kind: 'function' }
  | { readonly kind: 'interface'; readonly name?: string }
  /** A record of the program, by its key in `Program.records`; or a named foreign type that is not there. */
  | { readonly kind: 'record'; readonly name: string }
  /** A type whose values synchronise: accesses to it are operations, not reads and writes. */
  | { readonly kind: 'primitive'; readonly primitive: Primitive; readonly name: string; /** May be a handle: whether a copy is another object is not known. */ readonly handle?: true };

/** Kinds of synchronisation object. `pool` and `atomic` only make their own accesses safe. */
export type Primitive = 'lock' | 'rwlock' | 'counter' | 'condition' | 'once' | 'atomic' | 'concurrent-map' | 'pool' | 'group' | 'context' | 'timer';

/** A field of a record, with the prose around it (contracts live there). */
export interface Field {
  readonly name: string;
  readonly type: Type;
  readonly embedded: boolean;
  readonly at: Location;
  /** Comment above the field. */
  readonly doc: string;
  /** Comment at the end of the field's line. */
  readonly comment: string;
  /** Fields declared without a blank line between them share a block: "protects the fields below" ends with it. */
  readonly block: number;
  /** Code outside the program may name it. */
  readonly exported?: true;
  /** How many bytes of the record come before it on machines with words of 32 bits; only when the program is built for such too, and all is known. */
  readonly narrowOffset?: number;
}

/** A struct or class of the program. `name` is unique (`import/path.Type`), `label` is what people read (`Type`). */
export interface RecordType {
  readonly name: string;
  readonly label: string;
  readonly fields: readonly Field[];
  readonly at: Location;
  readonly doc: string;
  readonly exported: boolean;
  /** The record it inherits fields and methods from, by name; foreign ones are named too. */
  readonly extends?: string;
  /** Methods that a contract prescribes which the record says it keeps; any of them when the contract is not here. */
  readonly prescribed?: 'any' | readonly string[];
  /** Passed by value when assigned (Go structs) or by reference (classes). */
  readonly copied: boolean;
  /** Its bytes on machines with words of 32 bits, as the offsets of its fields. */
  readonly narrowSize?: number;
}

export const unknownType: Type = { kind: 'unknown' };

/** Whether two variables of this type may lead to one memory after an assignment. */
export function isReference(type: Type): boolean {
  return type.kind === 'pointer' || type.kind === 'map' || type.kind === 'channel' || type.kind === 'function' || (type.kind === 'list' && !type.fixed);
}
