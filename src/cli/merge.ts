import { orderGaps } from '../index.js';
import type { Report } from '../report/index.js';
import { conclude, type CheckOptions } from './check.js';
import { teller } from './notices.js';
import { isMistake } from './run.js';
import { mergeShards } from './shards.js';
import type { Terminal } from './terminal.js';

/** Reports what the shards of a run know together, as one run would have. Answers the exit code. */
export async function merge(files: readonly string[], options: CheckOptions, tool: Report['tool'], terminal: Terminal): Promise<number> {
  const tell = teller(terminal);
  try {
    const { answer, prepared, asked } = await mergeShards(files, options, terminal);
    // `--no-baseline` here wins; what is not said here the shards have said.
    return conclude({ ...answer, allGaps: orderGaps([...prepared.found.gaps, ...answer.gaps]) }, undefined, prepared, { ...asked, ...options }, tool, terminal, tell).exitCode;
  } catch (error) {
    if (!isMistake(error)) throw error;
    for (const line of error.message.split('\n')) tell(`error: ${line}`);
    return 2;
  }
}
