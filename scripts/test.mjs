// `npm test` type-checks and runs every test; `npm test double-lock` runs the tests whose names hold that word.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
const words = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
const flags = process.argv.slice(2).filter((argument) => argument.startsWith('-'));
const filter = words.length === 0 ? [] : ['-t', words.join('|')];

run(require.resolve('typescript/bin/tsc'), ['--noEmit']);
run(join(dirname(require.resolve('vitest/package.json')), 'vitest.mjs'), ['run', ...filter, ...flags]);

function run(script, args) {
  const { status, error } = spawnSync(process.execPath, [script, ...args], { stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}
