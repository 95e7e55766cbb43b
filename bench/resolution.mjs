// How much of what go/types knows of a module does Deadheat know, with its dependencies at hand and without them?
//
//   node bench/resolution.mjs FOLDER...          modules laid out with their dependencies downloaded
//   node bench/resolution.mjs --mirror DIR       the modules of labels/resolution.json, laid out from bare clones
//   ... --tests  test files too   --list N  places of each kind   --write  docs/resolution.md   --json
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { gitDirectory, hasCommit } from './mirror.mjs';
import { compare, rows } from './resolution/compare.mjs';
import { factsOf } from './resolution/facts.mjs';
import { documentOf, percent, tableOf } from './resolution/document.mjs';
import { labels, missing, need, needBuild, printSetting, scratchFolder, setting, tally } from './run.mjs';

const usage = 'node bench/resolution.mjs [FOLDER...] [--mirror DIR] [--tests] [--list N] [--write] [--json] [--dist DIR]';
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { mirror: { type: 'string' }, tests: { type: 'boolean', default: false }, list: { type: 'string', default: '0' }, write: { type: 'boolean', default: false }, json: { type: 'boolean', default: false }, dist: { type: 'string' } },
});
if (options.dist === undefined) needBuild();
if (positionals.length === 0 && options.mirror === undefined) missing(`no module given\nusage: ${usage}`);
const dist = options.dist === undefined ? new URL('../dist/', import.meta.url) : pathToFileURL(`${resolve(options.dist)}/`);

const scratch = scratchFolder();
const program = buildOracle();
const modules = [...positionals.map((folder) => ({ name: basename(resolve(folder)), folder: resolve(need(folder, 'module', usage)) })), ...(options.mirror === undefined ? [] : fromMirror(need(options.mirror, 'mirror', usage)))];

const results = [];
for (const module of modules) {
  const oracle = oracleOf(module.folder);
  for (const dependencies of ['present', 'absent']) {
    const started = performance.now();
    const ours = await factsOf(dist, module.folder, { tests: options.tests, dependencies: dependencies === 'present' });
    const result = { module: module.name, commit: module.commit, facts: oracle.length, dependencies, ms: Math.round(performance.now() - started), ...compare(oracle, ours) };
    results.push(result);
    if (!options.json) report(result);
  }
}

if (options.json) console.log(JSON.stringify({ ...setting(), results: results.map((result) => ({ ...result, counts: Object.fromEntries(result.counts) })) }, null, 2));
else {
  printSetting(setting());
  console.log(`\n${tableOf(results)}`);
}
if (options.write) writeFileSync(new URL('../docs/resolution.md', import.meta.url), documentOf(results));

function report({ module, dependencies, facts, counts, causes, wrong, ms }) {
  console.log(`${module}, dependencies ${dependencies}: ${facts} facts, ${ms} ms`);
  for (const { name, bar } of rows) {
    const count = counts.get(name);
    const total = count.agree + count.unresolved + count.wrong;
    if (total > 0) console.log(`  ${name.padEnd(32)} ${String(total).padStart(6)}  agree ${percent(count.agree, total)}  unresolved ${count.unresolved}  wrong ${count.wrong}${bar ? `  (bar ${bar[dependencies]} %)` : ''}`);
  }
  for (const [cause, count] of tally(causes.map(({ what }) => what)).slice(0, 10)) console.log(`  cause ${String(count).padStart(6)}  ${cause}`);
  const shown = Number(options.list);
  for (const { name } of rows) {
    for (const { at, text, want, got } of wrong.filter(({ row }) => row === name).slice(0, shown)) console.log(`  wrong ${name}: ${at} ${text}: ${got}, not ${want}`);
    for (const { at, text, want, what, detail } of causes.filter(({ row }) => row === name).slice(0, shown)) console.log(`  unresolved ${name}: ${at} ${text} (${want}): ${what}${detail === undefined ? '' : `: ${detail}`}`);
  }
}

function buildOracle() {
  const file = join(scratch, 'oracle');
  const built = spawnSync('go', ['build', '-o', file, '.'], { cwd: fileURLToPath(new URL('resolution/', import.meta.url)), encoding: 'utf8' });
  if (built.error !== undefined || built.status !== 0) missing(`the Go program does not build; a Go toolchain is needed\n${built.stderr ?? built.error?.message}`);
  return file;
}

function oracleOf(folder) {
  const run = spawnSync(program, [...(options.tests ? ['-tests'] : []), folder], { encoding: 'utf8', maxBuffer: 1 << 30 });
  if (run.status !== 0) missing(`go/types cannot read ${folder}\n${run.stderr}`);
  // A complaint of the type checker means that it does not know everything either.
  if (run.stderr !== '') console.error(`${folder}:\n${run.stderr.trim()}`);
  return run.stdout.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line));
}

function fromMirror(mirror) {
  return labels('resolution.json').modules.flatMap(({ repository, commit }) => {
    const gitDir = gitDirectory(mirror, repository);
    if (gitDir === undefined || !hasCommit(gitDir, commit)) return console.error(`left out, not in the mirror: ${repository} ${commit}`), [];
    const folder = join(scratch, basename(repository));
    mkdirSync(folder);
    const archive = spawnSync('git', ['--git-dir', gitDir, 'archive', commit], { maxBuffer: 1 << 30 });
    const unpacked = spawnSync('tar', ['x', '-C', folder], { input: archive.stdout });
    if (archive.status !== 0 || unpacked.status !== 0) return console.error(`left out, its snapshot lacks files: ${repository} ${commit}`), [];
    const downloaded = spawnSync('go', ['mod', 'download'], { cwd: folder, encoding: 'utf8' });
    if (downloaded.status !== 0) return console.error(`left out, its dependencies cannot be downloaded: ${repository}\n${downloaded.stderr}`), [];
    return [{ name: basename(repository), commit, folder }];
  });
}
