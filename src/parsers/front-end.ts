import type { Gap, Program } from '../ir/index.js';

/** A file handed to a front-end. `path` is what reports print; `generated` and `test` follow from language conventions. */
export interface Source {
  readonly path: string;
  readonly text: string;
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
}

export interface FrontEnd {
  readonly language: string;
  readonly extensions: readonly string[];
  /** Never throws for what a source holds. Deterministic in the set of sources, whatever their order. */
  readonly lower: (sources: readonly Source[], surroundings: Surroundings) => Promise<LoweredSources>;
}
