/**
 * Runs the built analyzer the way a user does and hands back its `deadheat/report/v1` object. Every
 * benchmark sees only what a report says; none reaches into the analyzer.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, release, tmpdir, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../bin/deadheat.js', import.meta.url));

/**
 * The report over `paths`, relative to `cwd`, with every level and confidence in it: the benchmark
 * chooses afterwards, so one run answers for all thresholds.
 */
export function check(paths, { cwd, tests = false }) {
  const started = performance.now();
  const args = [bin, 'check', '--no-config', '--format', 'json', '--min-level', 'note', '--min-confidence', 'low', '--fail-on', 'never', '--quiet'];
  // A path is never taken for an option, whatever it starts with.
  const run = spawnSync(process.execPath, [...args, ...(tests ? ['--tests'] : []), '--', ...paths], { cwd, encoding: 'utf8', maxBuffer: 1 << 30 });
  const ms = performance.now() - started;
  if (run.error !== undefined) throw run.error;
  const report = parsed(run.stdout);
  if (run.status === 0 && report !== undefined) return { report, ms };
  // A defect of one rule costs its findings and exit 2, not the report: score what is there, and say so.
  const cause = run.signal === null ? `exit ${run.status}` : `signal ${run.signal}`;
  return { ...(report === undefined ? {} : { report }), crash: `${cause}: ${run.stderr.trim().split('\n').slice(0, 12).join('\n')}`, ms };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * What counts as reported. A claim is what the default run fails on; a note is a hazard, not the claim of a bug, so it
 * must not earn a hit in a headline number.
 */
export const measures = {
  claims: { text: 'errors and warnings, medium confidence and up', counts: (finding) => finding.level !== 'note' && finding.confidence !== 'low' },
  everything: { text: 'notes and low confidence too', counts: () => true },
};

/** Every place a finding points at: its primary location first, then its evidence in order. */
export function placesOf(finding) {
  return [finding.location, ...finding.evidence.flatMap((trace) => trace.steps.map((step) => step.location))];
}

/**
 * Whether a finding starts a place of its own within `ranges` (pairs of lines of `file`), give or take `slack` lines.
 * Only first lines count: a step that spans a whole function body would otherwise touch every label in it.
 */
export function pointsAt(finding, file, ranges, slack = 0) {
  return placesOf(finding).some((at) => at.file === file && ranges.some(([from, to]) => at.line >= from - slack && at.line <= to + slack));
}

/** `rule file:line` with the message, for lists that a person reads. */
export function oneLine(finding) {
  const { file, line } = finding.location;
  return `${finding.rule} (${finding.level}, ${finding.confidence}) ${file}:${line}: ${finding.message}`;
}

/** The lines every benchmark starts with: what ran, on what. */
export function setting() {
  const version = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;
  const git = spawnSync('git', ['-C', fileURLToPath(new URL('..', import.meta.url)), 'describe', '--always', '--dirty'], { encoding: 'utf8' });
  const commit = git.status === 0 ? git.stdout.trim() : 'no commit';
  const processors = cpus();
  return {
    tool: `deadheat ${version} (${commit}), node ${process.versions.node}`,
    machine: `${type()} ${release()}, ${processors.length} x ${processors[0]?.model.trim() ?? 'unknown processor'}, ${(totalmem() / 2 ** 30).toFixed(1)} GiB`,
  };
}

export function printSetting({ tool, machine }) {
  console.log(`tool:    ${tool}`);
  console.log(`machine: ${machine}`);
}

/** Ends the script with 2: what it needs is not there, so there is nothing to measure. */
export function missing(message) {
  console.error(message);
  process.exit(2);
}

/** An option that takes a whole number; ends the script with 2 when it is none, or below `least`. */
export function wholeNumber(values, name, least, usage) {
  const value = Number(values[name]);
  if (!Number.isInteger(value) || value < least) missing(`--${name} takes a whole number from ${least}, not ${values[name]}\nusage: ${usage}`);
  return value;
}

/** Ends the script with 2 unless `path` exists; returns it. */
export function need(path, what, usage) {
  if (path === undefined || !existsSync(path)) missing(`${path === undefined ? `no ${what} given` : `${what} not found: ${path}`}\nusage: ${usage}`);
  return path;
}

/** Ends the script with 2 unless the package is built. */
export function needBuild() {
  if (!existsSync(bin) || !existsSync(new URL('../dist/index.js', import.meta.url))) missing('deadheat is not built; run: npm run build');
}

/** A scratch folder that is gone when the script ends. */
export function scratchFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'deadheat-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function labels(name) {
  return JSON.parse(readFileSync(new URL(`labels/${name}`, import.meta.url), 'utf8'));
}

export function share(part, whole) {
  return `${part}/${whole}${whole === 0 ? '' : ` (${((100 * part) / whole).toFixed(1)} %)`}`;
}

/** How often each key occurs, most frequent first, then by name. */
export function tally(keys) {
  const counts = new Map();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
}

/** The middle one, or the mean of the two in the middle. */
export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
