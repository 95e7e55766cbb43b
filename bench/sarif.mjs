/**
 * What does Microsoft's SARIF multitool say about our SARIF? It is no dependency: install @microsoft/sarif-multitool
 * somewhere and name its binary. Its exit code is 0 even with errors, so its output is read.
 *
 *   node bench/sarif.mjs --multitool BINARY [folder...]   (default: fixtures/p2p-node)
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({ options: { multitool: { type: 'string' } }, allowPositionals: true });
if (values.multitool === undefined) {
  console.error('usage: node bench/sarif.mjs --multitool BINARY [folder...]');
  process.exit(2);
}
const root = fileURLToPath(new URL('../', import.meta.url));
const folders = positionals.length > 0 ? positionals : [join(root, 'fixtures/p2p-node')];
const home = mkdtempSync(join(tmpdir(), 'deadheat-sarif-'));
try {
  for (const folder of folders) {
    const { stdout } = spawnSync(process.execPath, [join(root, 'bin/deadheat.js'), 'check', '.', '--format', 'sarif', '--fail-on', 'never'], { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 30 });
    const file = join(home, 'ours.sarif');
    const output = join(home, 'said.sarif');
    writeFileSync(file, stdout);
    const { status, stderr, error } = spawnSync(values.multitool, ['validate', file, '--rule-kind', 'Sarif;Ghas', '--level', 'Error;Warning;Note', '--output', output, '--log', 'ForceOverwrite'], { encoding: 'utf8' });
    if (error !== undefined) throw error;
    const counts = new Map();
    const first = new Map();
    for (const { results = [], tool } of JSON.parse(readFileSync(output, 'utf8').replace(/^\ufeff/, '')).runs) {
      for (const result of results) {
        const key = `${result.level ?? 'warning'} ${result.ruleId ?? tool.driver.rules?.[result.ruleIndex]?.id}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
        if (!first.has(key)) first.set(key, `${result.message.text ?? `${result.message.id} ${(result.message.arguments ?? []).join(' | ')}`}`.slice(0, 300));
      }
    }
    console.log(`${folder}: exit ${status}, ${JSON.parse(stdout).runs[0].results.length} results`);
    for (const [key, count] of [...counts].sort()) console.log(`  ${count} x ${key}: ${first.get(key)}`);
    if (counts.size === 0) console.log('  nothing to say');
    if (stderr.trim() !== '') console.log(stderr.trim());
  }
} finally {
  rmSync(home, { recursive: true, force: true });
}
