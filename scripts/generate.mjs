// Writes what follows from the rules: the registry first, then, with the registry compiled, the pages.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pages } from './pages.mjs';
import { registrySource } from './registry.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));

write('src/rules/index.ts', registrySource(join(root, 'src/rules')));
const { status } = spawnSync(process.execPath, [join(root, 'scripts/build.mjs')], { stdio: 'inherit', cwd: root });
process.exitCode = status ?? 1;

const { analyze, joinedClaims, rules } = await import('../dist/index.js');
const { formats, guide } = await import('../dist/report/index.js');
const { configJsonSchema } = await import('../dist/config/json-schema.js');
const current = await pages({ analyze, rules, formats, guide, joinedClaims, configJsonSchema, root });
for (const [file, text] of current) write(file, text);
for (const name of readdirSync(join(root, 'docs/rules'))) {
  if (!current.has(`docs/rules/${name}`)) rmSync(join(root, 'docs/rules', name));
}

function write(file, text) {
  const path = join(root, file);
  mkdirSync(dirname(path), { recursive: true });
  if (read(path) !== text) writeFileSync(path, text);
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
