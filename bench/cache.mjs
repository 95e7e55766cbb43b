/**
 * How long does a second run over unchanged code take beside the first, as whole processes? Each round starts with an empty
 * cache of its own.
 *
 *   node bench/cache.mjs <folder>... [--runs n] [--json]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median, missing, need, needBuild, printSetting, setting, wholeNumber } from './run.mjs';

const usage = 'node bench/cache.mjs <folder>... [--runs n] [--json]';
const { values, positionals } = parseArgs({ allowPositionals: true, options: { runs: { type: 'string', default: '5' }, json: { type: 'boolean', default: false } } });
need(positionals[0], 'folder', usage);
const runs = wholeNumber(values, 'runs', 1, usage);
needBuild();

const bin = fileURLToPath(new URL('../bin/deadheat.js', import.meta.url));
const rows = positionals.map((given) => {
  const folder = resolve(given);
  const rounds = Array.from({ length: runs }, () => {
    const cache = mkdtempSync(join(tmpdir(), 'deadheat-bench-'));
    try {
      const [first, second] = [timed(folder, cache), timed(folder, cache)];
      if (first.output !== second.output) missing(`${folder}: the second run printed something else`);
      return { first: first.milliseconds, second: second.milliseconds };
    } finally {
      rmSync(cache, { recursive: true, force: true });
    }
  });
  const first = median(rounds.map((round) => round.first));
  const second = median(rounds.map((round) => round.second));
  return { folder, first, second, share: median(rounds.map((round) => round.second / round.first)) };
});

if (values.json) console.log(JSON.stringify({ ...setting(), runs, rows }, null, 2));
else {
  printSetting(setting());
  console.log(`median of ${runs}, whole processes, the same report both times:`);
  for (const { folder, first, second, share } of rows) console.log(`  ${folder}: first ${first.toFixed(0)} ms, second ${second.toFixed(0)} ms, ${(100 * share).toFixed(1)} %`);
}

function timed(folder, cache) {
  const started = performance.now();
  const { stdout, status } = spawnSync(process.execPath, [bin, 'check', '--format', 'unix', '--fail-on', 'never', '--quiet', '.'], { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 28, env: { ...process.env, DEADHEAT_CACHE_DIR: cache } });
  if (status !== 0) missing(`${folder}: exit code ${status}`);
  return { output: stdout, milliseconds: performance.now() - started };
}
