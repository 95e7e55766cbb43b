// Compiles src to dist, copies what the compiler leaves behind (grammars, data), removes what has no source any more, and
// joins what the command line loads to a few files. Runs to the end even when types do not check, because the compiler
// writes its output all the same; the exit code tells.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { plainLoops } from './plain-loops.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));
const from = join(root, 'src/');
const to = join(root, 'dist/');
/** What the compiler remembers of the last build makes the one that `npx` runs on its first use short. */
const remembered = new Set(['.tsbuildinfo', '.made-by']);
const asset = /\.(wasm|json)$/;

const status = compile();

for (const file of filesBelow(from)) {
  if (!asset.test(file)) continue;
  mkdirSync(dirname(join(to, file)), { recursive: true });
  cpSync(join(from, file), join(to, file));
}
rmSync(join(to, 'bundle'), { recursive: true, force: true });
for (const file of filesBelow(to)) {
  if (remembered.has(file)) continue;
  const source = asset.test(file) ? file : file.replace(/(\.d\.ts|\.js)$/, '.ts');
  if (!existsSync(join(from, source))) rmSync(join(to, file));
}
await bundle();
// What was computed by this build is no answer to another: the cache of results asks for it.
const build = createHash('sha256');
for (const file of filesBelow(to).sort()) if (!remembered.has(file)) build.update(`${file}\n`).update(readFileSync(join(to, file)));
writeFileSync(join(to, 'build.json'), `${JSON.stringify({ build: build.digest('hex') })}\n`);
process.exitCode = status;

/** What `tsc -p` does, and loops over arrays by index. What it remembers of a build made in another way counts for nothing. Answers the exit code. */
function compile() {
  const { options, fileNames, errors } = ts.getParsedCommandLineOfConfigFile(join(root, 'tsconfig.build.json'), {}, { ...ts.sys, onUnRecoverableConfigFileDiagnostic: (diagnostic) => { throw new Error(ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')); } });
  const how = createHash('sha256').update(readFileSync(join(root, 'scripts/plain-loops.mjs'))).digest('hex');
  const made = join(to, '.made-by');
  if (!existsSync(made) || readFileSync(made, 'utf8') !== how) rmSync(options.tsBuildInfoFile, { force: true });
  const host = ts.createIncrementalCompilerHost(options);
  const program = ts.createIncrementalProgram({ rootNames: fileNames, options, host, configFileParsingDiagnostics: errors });
  const found = [...program.getConfigFileParsingDiagnostics(), ...program.getOptionsDiagnostics(), ...program.getSyntacticDiagnostics(), ...program.getGlobalDiagnostics(), ...program.getSemanticDiagnostics()];
  const { diagnostics } = program.emit(undefined, undefined, undefined, undefined, { before: [plainLoops(program.getProgram())] });
  const all = ts.sortAndDeduplicateDiagnostics([...found, ...diagnostics]);
  if (all.length > 0) process.stderr.write(ts.formatDiagnosticsWithColorAndContext(all, { getCurrentDirectory: () => root, getCanonicalFileName: (name) => name, getNewLine: () => '\n' }));
  mkdirSync(to, { recursive: true });
  writeFileSync(made, how);
  return all.some(({ category }) => category === ts.DiagnosticCategory.Error) ? 1 : 0;
}

/**
 * To find, open and link four hundred modules takes a third of a second, as long as a small check. Libraries stay where they
 * are, and so do the modules of `dist`: a module that asks where it stands is told the place it came from. Where the bundler does
 * not run, the command line loads the modules.
 */
async function bundle() {
  const threads = { thread: 'parsers/go/parse/thread.js', 'part-thread': 'cli/part-thread.js' };
  const isThread = /new Worker\(new URL\('\.\/([\w-]+)\.js', import\.meta\.url\)/;
  try {
    const { rolldown } = await import('rolldown');
    const bundler = await rolldown({
      input: Object.fromEntries(Object.entries({ cli: 'cli/process.js', ...threads }).map(([name, file]) => [name, join(to, file)])),
      platform: 'node',
      external: (id) => !/^[./]|^\w:[\\/]/.test(id),
      plugins: [{
        name: 'where-it-stood',
        transform(code, id) {
          if (!code.includes('import.meta.url')) return undefined;
          const thread = isThread.exec(code)?.[1];
          const place = `new URL(${JSON.stringify(relative(join(to, 'bundle'), id).replaceAll('\\', '/'))}, import.meta.url).href`;
          // A thread is bundled under its own name, beside who starts it.
          return { code: code.replace(/import\.meta\.url/g, (url, at) => (thread in threads && isThread.test(code.slice(code.lastIndexOf('\n', at) + 1, at + url.length + 1)) ? url : place)), map: null };
        },
      }],
    });
    await bundler.write({ dir: join(to, 'bundle'), format: 'esm', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' });
    await bundler.close();
  } catch (error) {
    rmSync(join(to, 'bundle'), { recursive: true, force: true });
    console.error(`not bundled, which costs a third of a second at each start: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length));
}
