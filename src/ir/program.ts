import type { Function, FunctionId } from './function.js';
import type { Location } from './location.js';
import type { RecordType } from './type.js';
import type { Variable } from './variable.js';

/** How much of what was seen is understood: resolved of total. */
export interface Coverage {
  readonly lockOperations: { readonly resolved: number; readonly total: number };
  readonly calls: { readonly resolved: number; readonly total: number };
}

/**
 * preemptive: any two operations of two tasks may interleave. cooperative: only at `suspend`.
 * Functions and records stand in a fixed order: by file, then position.
 */
export interface Program {
  readonly language: string;
  readonly scheduling: 'preemptive' | 'cooperative';
  /** What a location of an object of the program holds before anybody has written it, whatever its type; without it, the zero of its type. */
  readonly unset?: 'null';
  readonly functions: ReadonlyMap<FunctionId, Function>;
  readonly records: ReadonlyMap<string, RecordType>;
  readonly globals: readonly Variable[];
  /** Comments that declare contracts for the whole package, such as lock orders. */
  readonly remarks: readonly { readonly at: Location; readonly text: string }[];
  /** Records whose methods, fields or embedded records make them usable as this interface: interface name to records. */
  readonly coverage: Coverage;
  /** Files whose code only illustrates: pieces out of documents, written for people, with parts left out. */
  readonly illustrations?: ReadonlySet<string>;
}
