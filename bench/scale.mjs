/**
 * Does the cost of a run grow linearly with the lines, how much memory do a million lines take, and what does a second
 * thread give? The packages of modules, or of a folder of many repositories, are laid out in at least six sizes, each holding the ones below it, and each is run as a
 * whole process without cache; the order of the packages is decided by a digest of their paths, so that a size is a sample.
 * Medians; the line is fitted by least squares over the processor time of one thread, with what each size is off it.
 *
 *   node bench/scale.mjs <folder>... [--sizes 6] [--runs 5] [--json]
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { goFolders } from './go-files.mjs';
import { median, missing, need, needBuild, printSetting, scratchFolder, setting, wholeNumber } from './run.mjs';

const usage = 'node bench/scale.mjs <folder>... [--sizes 6] [--runs 5] [--json]';
const { values, positionals } = parseArgs({ allowPositionals: true, options: { sizes: { type: 'string', default: '6' }, runs: { type: 'string', default: '5' }, json: { type: 'boolean', default: false } } });
need(positionals[0], 'folder', usage);
const number = (name, least) => wholeNumber(values, name, least, usage);
const sizes = number('sizes', 3);
const runs = number('runs', 1);
needBuild();

const bin = fileURLToPath(new URL('../bin/deadheat.js', import.meta.url));
const scratch = scratchFolder();
const packages = positionals.flatMap((given) => packagesBelow(resolve(given))).sort((a, b) => (a.order < b.order ? -1 : 1));
const total = packages.reduce((sum, { lines }) => sum + lines, 0);
if (packages.length < sizes) missing(`${packages.length} packages are too few for ${sizes} sizes`);

const rows = [];
let laid = 0;
let lines = 0;
for (let size = 1; size <= sizes; size++) {
  while (laid < packages.length && (lines < (total * size) / sizes || size === sizes)) {
    const { files } = packages[laid++];
    for (const { from, to } of files) {
      mkdirSync(dirname(join(scratch, to)), { recursive: true });
      copyFileSync(from, join(scratch, to));
    }
    lines += packages[laid - 1].lines;
  }
  const one = Array.from({ length: runs }, () => measured('1'));
  const two = Array.from({ length: runs }, () => measured('2'));
  const of = (list, part) => median(list.map((run) => run[part]));
  rows.push({ lines, packages: laid, processor: of(one, 'processor'), wall: of(one, 'wall'), wallOfTwo: of(two, 'wall'), peakMiB: of(one, 'peakMiB'), findings: one[0].findings });
  // Folders of repositories take a while: who waits sees how far it is.
  if (!values.json) console.error(`size ${size} of ${sizes}: ${lines} lines, ${(rows.at(-1).processor / 1_000).toFixed(1)} s of processor time, ${rows.at(-1).peakMiB.toFixed(0)} MiB`);
}

const fit = lineThrough(rows.map((row) => [row.lines, row.processor]));
const off = rows.map((row) => row.processor / (fit.constant + fit.slope * row.lines) - 1);
const memory = lineThrough(rows.map((row) => [row.lines, row.peakMiB]));
/** The exponent of a power of the lines: 1 is linear. */
const exponent = lineThrough(rows.map((row) => [Math.log(row.lines), Math.log(row.processor)])).slope;

if (values.json) console.log(JSON.stringify({ ...setting(), folders: positionals, runs, rows, fit, residuals: off, exponent, memory }, null, 2));
else {
  printSetting(setting());
  console.log(`input:   ${positionals.map((folder) => basename(resolve(folder))).join(', ')}: ${packages.length} packages, ${total} lines; median of ${runs}, whole processes, no cache`);
  console.log('   lines  packages  processor     off the line  wall, 1 thread  wall, 2 threads  times   peak memory');
  for (const [index, row] of rows.entries()) console.log(`${String(row.lines).padStart(8)}  ${String(row.packages).padStart(8)}  ${ms(row.processor)}  ${`${(100 * off[index]).toFixed(1)} %`.padStart(15)}  ${ms(row.wall).padStart(14)}  ${ms(row.wallOfTwo).padStart(15)}  ${(row.wall / row.wallOfTwo).toFixed(2).padStart(5)}  ${row.peakMiB.toFixed(0).padStart(8)} MiB`);
  console.log(`fit:     ${fit.constant.toFixed(0)} ms + ${(fit.slope * 1_000).toFixed(2)} ms per 1000 lines; largest distance ${(100 * Math.max(...off.map(Math.abs))).toFixed(1)} %; as a power of the lines: ${exponent.toFixed(2)}`);
  console.log(`memory:  ${memory.constant.toFixed(0)} MiB + ${(memory.slope * 1e6).toFixed(0)} MiB per million lines`);
}

function ms(value) {
  return `${value.toFixed(0).padStart(7)} ms`;
}

/** Packages as a run without options reads them. Every manifest at or above a package goes with it, so that modules of many repositories stay what they are. */
function packagesBelow(root) {
  const around = basename(root);
  return goFolders(root).map(({ folder, names }) => {
    const file = (from) => ({ from, to: join(around, relative(root, from)) });
    const manifests = [];
    for (let at = folder; ; at = dirname(at)) {
      manifests.push(...['go.mod', 'go.work'].map((name) => join(at, name)).filter((path) => existsSync(path)));
      if (at === root) break;
    }
    return {
      order: createHash('sha256').update(join(around, relative(root, folder))).digest('hex'),
      files: [...names.map((name) => join(folder, name)), ...manifests].map(file),
      lines: names.reduce((sum, name) => sum + readFileSync(join(folder, name), 'utf8').split('\n').length - 1, 0),
    };
  });
}

/** One process over all that is laid out. What it used it tells itself at its end. */
function measured(threads) {
  const used = join(scratch, '.used.json');
  const told = `data:text/javascript,${encodeURIComponent(`import { writeFileSync } from 'node:fs'; process.on('exit', () => { const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage(); writeFileSync(${JSON.stringify(used)}, JSON.stringify({ processor: (userCPUTime + systemCPUTime) / 1000, peakMiB: maxRSS / 1024 })); });`)}`;
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', told, bin, 'check', '--no-cache', '--no-config', '--format', 'unix', '--fail-on', 'never', '--quiet', '--threads', threads, '.'], { cwd: scratch, encoding: 'utf8', maxBuffer: 1 << 28 });
  const wall = performance.now() - started;
  if (status !== 0) missing(`exit code ${status}: ${stderr.slice(0, 500)}`);
  const found = JSON.parse(readFileSync(used, 'utf8'));
  rmSync(used);
  return { ...found, wall, findings: stdout.split('\n').length - 1 };
}

/** Least squares. */
function lineThrough(points) {
  const mean = (index) => points.reduce((sum, point) => sum + point[index], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const slope = points.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0) / points.reduce((sum, [a]) => sum + (a - x) ** 2, 0);
  return { slope, constant: y - slope * x };
}
