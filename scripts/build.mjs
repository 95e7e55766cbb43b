// Compiles src to dist, copies what the compiler leaves behind (grammars, data) and removes what has no source any
// more. Runs to the end even when types do not check, because the compiler writes its output all the same; the exit
// code tells.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const from = join(root, 'src/');
const to = join(root, 'dist/');
const asset = /\.(wasm|json)$/;

const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const { status, error } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { stdio: 'inherit', cwd: root });
if (error) throw error;

for (const file of filesBelow(from)) {
  if (!asset.test(file)) continue;
  mkdirSync(dirname(join(to, file)), { recursive: true });
  cpSync(join(from, file), join(to, file));
}
for (const file of filesBelow(to)) {
  // The compiler's memory of the last build: it makes the build that `npx` runs on its first use a short one.
  if (file === '.tsbuildinfo') continue;
  const source = asset.test(file) ? file : file.replace(/(\.d\.ts|\.js)$/, '.ts');
  if (!existsSync(join(from, source))) rmSync(join(to, file));
}
// What was computed by this build is no answer to another: the cache of results asks for it.
const build = createHash('sha256');
for (const file of filesBelow(to).sort()) if (file !== '.tsbuildinfo') build.update(`${file}\n`).update(readFileSync(join(to, file)));
writeFileSync(join(to, 'build.json'), `${JSON.stringify({ build: build.digest('hex') })}\n`);
process.exitCode = status ?? 1;

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length));
}
