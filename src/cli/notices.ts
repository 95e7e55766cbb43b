import { placesOf, type Failure, type Gap } from '../index.js';
import { visible, type Terminal } from './terminal.js';

export interface NoticeOptions {
  readonly quiet: boolean;
  readonly verbose: boolean;
}

export type Tell = (line: string) => void;

/** Lines for people, on stderr; names in them may hold anything. */
export function teller({ stderr }: Terminal): Tell {
  return (line) => void stderr.write(`${visible(line)}\n`);
}

/** The first gaps say what kind they are; all of them stand in every report and under `--verbose`. */
export function tellGaps(gaps: readonly Gap[], { quiet, verbose }: NoticeOptions, tell: Tell): void {
  if (quiet) return;
  const shown = verbose ? gaps : gaps.slice(0, 20);
  for (const { at, reason } of shown) tell(`${at.file}:${at.line}: ${reason}`);
  if (gaps.length > shown.length) tell(`${placesOf(gaps.slice(shown.length))} more gaps; --verbose shows them`);
}

export function tellFailures(failures: readonly Failure[], { verbose }: Pick<NoticeOptions, 'verbose'>, tell: Tell): void {
  for (const { reason, stack } of failures) {
    tell(`error: ${reason}`);
    if (verbose) tell(stack);
  }
}

/** `1 finding`, `2 findings`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}
