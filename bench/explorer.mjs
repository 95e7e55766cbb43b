/**
 * What the explorer makes of real code: how many candidates it confirmed by a schedule, refuted and left undecided, what it
 * ran for that, and which share of a whole run it took. Whole repositories at fixed commits, without their tests.
 *
 *   node bench/explorer.mjs --mirror <folder of bare repositories> [--only text] [--findings] [--json]
 *
 * `--findings` lists the errors and warnings of the rules of channels, tasks and what waits for them, for reading by hand.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { gitDirectory, hasCommit } from './mirror.mjs';
import { labels, measures, need, needBuild, oneLine, printSetting, scratchFolder, setting, share } from './run.mjs';

const usage = 'node bench/explorer.mjs --mirror <folder of bare repositories> [--only text] [--findings] [--json]';
const bin = fileURLToPath(new URL('../bin/deadheat.js', import.meta.url));
/** What the explorer's issue is about, beside the two families. */
const more = new Set(['channel-lock-deadlock', 'wait-under-lock', 'lost-signal', 'write-after-spawn']);

const { values } = parseArgs({ options: { mirror: { type: 'string' }, only: { type: 'string', default: '' }, findings: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } } });
const mirror = need(values.mirror, 'folder of bare repositories', usage);
needBuild();
const scratch = scratchFolder();
const skipped = [];
const rows = labels('explorer.json').filter(({ repository }) => repository.includes(values.only)).flatMap(({ repository, commit }) => {
  const gitDir = gitDirectory(mirror, repository);
  if (gitDir === undefined || !hasCommit(gitDir, commit)) {
    skipped.push(`${repository} ${commit}: ${gitDir === undefined ? 'not mirrored' : 'no such commit'}`);
    return [];
  }
  const folder = join(scratch, repository.replace('/', '+'));
  mkdirSync(folder);
  const tree = spawnSync('git', ['--git-dir', gitDir, 'archive', commit], { maxBuffer: 1 << 30 });
  spawnSync('tar', ['-x', '-C', folder], { input: tree.stdout });
  const run = spawnSync(process.execPath, [bin, 'check', '.', '--no-config', '--format', 'json', '--verbose', '--fail-on', 'never'], { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 30 });
  const told = /explorer: (\d+) candidates confirmed, (\d+) refuted, (\d+) undecided; (\d+) functions and clients run in (\d+) operations/.exec(run.stderr);
  if (told === null) {
    skipped.push(`${repository}: ${run.stderr.trim().split('\n').slice(-3).join(' / ')}`);
    return [];
  }
  const phases = [...run.stderr.matchAll(/^(?:deadheat: )?(\S[^:\n]*): (\d+) ms$/gm)].map(([, name, ms]) => [name, Number(ms)]);
  const total = phases.reduce((sum, [, ms]) => sum + ms, 0);
  const exploring = phases.filter(([name]) => name === 'exploring').reduce((sum, [, ms]) => sum + ms, 0);
  const [confirmed, refuted, undecided, explored, steps] = told.slice(1).map(Number);
  const report = JSON.parse(run.stdout);
  const findings = report.findings.filter((finding) => measures.claims.counts(finding) && (['channel', 'lifecycle'].includes(finding.family) || more.has(finding.rule)));
  return [{ repository, commit: commit.slice(0, 10), lines: report.summary.lines, confirmed, refuted, undecided, explored, steps, exploring, total, findings }];
});

if (values.json) console.log(JSON.stringify({ ...setting(), skipped, rows }, null, 2));
else {
  printSetting(setting());
  for (const line of skipped) console.log(`skipped: ${line}`);
  console.log('\n| repository | lines | confirmed | refuted | undecided | functions and clients run | operations | share of the run |\n|---|---|---|---|---|---|---|---|');
  const line = ({ repository, commit, lines, confirmed, refuted, undecided, explored, steps, exploring, total }) => console.log(`| ${repository} ${commit} | ${lines} | ${confirmed} | ${refuted} | ${undecided} | ${explored} | ${steps} | ${((100 * exploring) / total).toFixed(0)} % |`);
  rows.forEach(line);
  const sum = Object.fromEntries(['lines', 'confirmed', 'refuted', 'undecided', 'explored', 'steps', 'exploring', 'total'].map((key) => [key, rows.reduce((before, row) => before + row[key], 0)]));
  line({ repository: 'all', commit: '', ...sum });
  console.log(`\ndecided: ${share(sum.confirmed + sum.refuted, sum.confirmed + sum.refuted + sum.undecided)}`);
  if (values.findings) for (const { repository, findings } of rows) for (const finding of findings) console.log(`${repository} ${oneLine(finding)}`);
}
