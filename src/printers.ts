import type { ResultOf } from './analysis/analysis.js';
import { printEntries } from './analysis/entries.js';
import { printLockMap } from './analysis/lock-map.js';
import { printCallGraph, printLockGraph, printSummaries, printTasks } from './analysis/print.js';
import type { Program } from './ir/index.js';
import { printProgram } from './ir/print.js';

/** What `--print` can show: a name for each level of what Deadheat understood, and how it reads as text. */
export const printers: ReadonlyMap<string, (program: Program, resultOf: ResultOf) => string> = new Map([
  ['ir', (program: Program) => printProgram(program)],
  ['call-graph', printCallGraph],
  ['summaries', printSummaries],
  ['lock-graph', printLockGraph],
  ['lock-map', printLockMap],
  ['tasks', printTasks],
  ['entries', printEntries],
]);

/** The one that needs more than the program: what the names of a file, or of one of its lines, mean. */
export const namePrinter = 'resolution';
