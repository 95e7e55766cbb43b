import type { Directive, Gap, Location, Program } from '../ir/index.js';
import type { Repair, Sketch } from '../ir/repair.js';
import type { UserModels } from '../models/user.js';

/** A file handed to a front-end. `path` is what reports print; `generated` and `test` follow from language conventions. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

/** A piece of code out of a document: every line and column of its text is the document's. */
export interface Fragment extends Source {
  readonly document: string;
  /** The line that opens the block and the last line of its code, 1-based. What stands on the first and after the last is not code. */
  readonly fence: number;
  readonly last: number;
}

/** Everything a front-end may ask about files it was not given. The CLI implements it; libraries may pass an empty one. */
export interface Surroundings {
  /** Text of a manifest or dependency source, or undefined. Paths as in `Source.path`. */
  readonly read: (path: string) => string | undefined;
  /** Names in a folder, or an empty list. */
  readonly list: (path: string) => readonly string[];
  /** Folder of downloaded dependencies (Go's module cache), where the machine has one and may use it. */
  readonly moduleCache?: string;
}

export interface LoweredSources {
  readonly program: Program;
  readonly gaps: readonly Gap[];
  readonly lines: number;
  /** What comments ask to leave unreported; absent when the front-end reads no comments. */
  readonly directives?: readonly Directive[];
}

/** What one name of a source means, and how the front-end knows: for people who ask why something is unknown. */
export interface Meaning {
  readonly at: Location;
  readonly text: string;
  readonly means: string;
  readonly how: string;
}

export interface Lowering {
  readonly models?: UserModels | undefined;
  /** How many threads may read, this one included; 1 when absent. The result is the same. */
  readonly threads?: number | undefined;
  /** Whoever analyses again and again hands in the same object each time: what was read of unchanged files may be kept as long as it lives. The result is the same. */
  readonly session?: object | undefined;
  /** Told what begins: a stretch of the work, for timings. */
  readonly onPhase?: ((phase: 'parsing' | 'resolving' | 'lowering') => void) | undefined;
  /** Told what a file took, in as many pieces as it takes. Without it nothing is measured. */
  readonly onFile?: FileClock | undefined;
}

export type FileClock = (path: string, milliseconds: number) => void;

/**
 * Sources in parts that cannot know of each other: nothing in one is declared, called or shared in another. One part where
 * there is only one. Cheap beside reading: it parses nothing, and joins what it is not sure of.
 */
export type PartsOf = (sources: readonly Source[], surroundings: Surroundings) => readonly (readonly Source[])[];

export interface FrontEnd {
  readonly language: string;
  readonly extensions: readonly string[];
  /** Never throws for what a source holds. Deterministic in the set of sources, whatever their order. */
  readonly lower: (sources: readonly Source[], surroundings: Surroundings, how?: Lowering) => Promise<LoweredSources>;
  /** Whole sources out of pieces: what a document leaves out (a package clause, imports, the type of a receiver) is added where no code stands. Without it, pieces are sources as they are. */
  readonly complete?: (fragments: readonly Fragment[]) => Promise<readonly Source[]>;
  /** Repairs as sketches of the very code, each undefined where the rewrite is not known to be right. */
  readonly sketch?: (sources: readonly Source[], repairs: readonly Repair[]) => Promise<readonly (Sketch | undefined)[]>;
  /** The names of one file, or of one line of it, in the order of the text. */
  readonly meanings?: (sources: readonly Source[], surroundings: Surroundings, file: string, line?: number) => Promise<readonly Meaning[]>;
}
