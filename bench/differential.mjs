/**
 * The explorer against reality, at length: generated programs and all examples that can run, many runs each under the
 * race detector. Whatever a run shows and the explorer does not is printed.
 *
 *   node bench/differential.mjs [--programs 300] [--runs 12] [--seed 1]
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { programs: { type: 'string', default: '300' }, runs: { type: 'string', default: '12' }, seed: { type: 'string', default: '1' } } });
const { status } = spawnSync('npx', ['vitest', 'run', 'test/differential.test.ts', '--reporter=dot'], {
  stdio: 'inherit',
  env: { ...process.env, DIFFERENTIAL_PROGRAMS: values.programs, DIFFERENTIAL_RUNS: values.runs, DIFFERENTIAL_SEED: values.seed },
});
process.exitCode = status ?? 1;
