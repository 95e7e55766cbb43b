/**
 * The score that matters most: real bugs before and after their fix. A discriminating hit is a finding that points at the
 * labelled lines before the fix and is gone after it. How much is reported on the repaired trees is counted beside it,
 * since a tool that reports everything discriminates nothing.
 *
 *   node bench/pairs.mjs --mirror <folder of bare repositories> [--language go|ts] [--labels file] [--only text] [--list] [--json]
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { filesIn, gitDirectory, hasCommit, hunks, layOut, movedTo } from './mirror.mjs';
import { check, labels, measures, need, needBuild, oneLine, pointsAt, printSetting, scratchFolder, setting, share, tally } from './run.mjs';

const usage = 'node bench/pairs.mjs --mirror <folder of bare repositories> [--language go|ts] [--labels file] [--only text] [--list] [--json]';
const { values } = parseArgs({
  options: { mirror: { type: 'string' }, language: { type: 'string', default: 'go' }, labels: { type: 'string' }, only: { type: 'string', default: '' }, list: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
});
const mirror = need(values.mirror, 'folder of bare repositories', usage);
const all = values.labels === undefined ? labels(`${values.language}-pairs.json`) : JSON.parse(readFileSync(need(values.labels, 'label file', usage), 'utf8'));
const rows = all.filter((row) => row.id.includes(values.only));
needBuild();

const scratch = scratchFolder();
const skipped = [];
const judged = [];
for (const row of rows) {
  const gitDir = gitDirectory(mirror, row.repo);
  const absent = gitDir === undefined ? 'repository not mirrored' : [row.parent, row.fix].filter((commit) => !hasCommit(gitDir, commit)).map((commit) => `no commit ${commit.slice(0, 10)}`)[0];
  if (absent !== undefined) {
    skipped.push(`${row.id} (${row.repo}): ${absent}`);
    continue;
  }
  const before = runAt(gitDir, row, 'parent');
  const after = runAt(gitDir, row, 'fix');
  judged.push(judge(gitDir, row, before, after));
  if (process.stderr.isTTY) process.stderr.write(`\r${judged.length}/${rows.length}`);
}
if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');

const scores = Object.fromEntries(Object.entries(measures).map(([name, { counts }]) => [name, {
  hits: judged.filter((row) => row.gone.some(counts)).length,
  touched: judged.filter((row) => row.touching.some(counts)).length,
  rows: judged.length,
  findingsPerThousandLinesAfter: perThousand(sum(judged, (row) => row.after.filter(counts).length), sum(judged, (row) => row.lines)),
}]));
const crashes = judged.flatMap((row) => row.crashes);

if (values.json) {
  const plain = ({ rule, level, confidence, location, message }) => ({ rule, level, confidence, line: location.line, file: location.file, message });
  console.log(JSON.stringify({ ...setting(), mirror, skipped, crashes, scores, rows: judged.map(({ id, kind, shape, difficulty, gone, touching, lines, after, seconds }) => ({ id, kind, shape, difficulty, lines, seconds, findingsAfter: after.length, hits: gone.map(plain), touching: touching.map(plain) })) }, null, 2));
} else {
  printSetting(setting());
  console.log(`input:   ${judged.length} of ${rows.length} labelled fixes, repositories from ${mirror}; ${sum(judged, (row) => row.lines)} lines in the repaired trees; ${sum(judged, (row) => row.seconds).toFixed(0)} s`);
  for (const line of skipped) console.log(`skipped: ${line}`);
  for (const line of crashes) console.log(`crash:   ${line}`);
  console.log('');
  for (const [name, score] of Object.entries(scores)) {
    console.log(`${measures[name].text}: discriminating hits ${share(score.hits, score.rows)}, labelled lines touched before ${share(score.touched, score.rows)}, ${score.findingsPerThousandLinesAfter} findings per 1000 lines after`);
  }
  for (const facet of ['kind', 'shape', 'difficulty']) {
    console.log(`\nhits by ${facet} (errors and warnings):`);
    for (const [key, of] of tally(judged.map((row) => row[facet]))) console.log(`  ${String(judged.filter((row) => row[facet] === key && row.gone.some(measures.claims.counts)).length).padStart(3)}/${String(of).padEnd(4)} ${key}`);
  }
  if (values.list) {
    for (const row of judged) {
      const claims = row.gone.some(measures.claims.counts);
      console.log(`\n${claims ? 'hit   ' : row.gone.length > 0 ? 'weak  ' : row.touching.length > 0 ? 'stays ' : 'missed'} ${row.id} ${row.kind}, ${row.shape}: ${row.note}`);
      for (const finding of row.touching) console.log(`    ${row.gone.includes(finding) ? 'gone  ' : 'stays '} ${oneLine(finding)}`);
    }
  }
}

/** Lays out what a user has before them, package folders and the module's manifest, and checks it. */
function runAt(gitDir, row, side) {
  const commit = row[side];
  const target = join(scratch, row.id, side);
  const folders = [...new Set([row.dir, ...(row.extraDirs ?? [])])];
  for (const folder of folders) {
    for (const path of filesIn(gitDir, commit, folder)) {
      if (isSource(path, row.language)) layOut(gitDir, commit, path, target);
    }
    for (const name of row.language === 'typescript' ? ['tsconfig.json', 'package.json'] : ['go.mod']) nearestManifest(gitDir, commit, folder, name, target);
  }
  const present = folders.filter((folder) => existsSync(join(target, folder)));
  const { report, crash, ms } = present.length === 0 ? { crash: 'folder not in the tree', ms: 0 } : check(present, { cwd: target });
  return { findings: report?.findings ?? [], lines: report?.summary.lines ?? 0, ms, crashes: crash === undefined ? [] : [`${row.id} ${side}: ${crash}`] };
}

function isSource(path, language) {
  return language === 'typescript' ? /\.[cm]?[jt]sx?$/.test(path) && !/\.d\.[cm]?ts$|[._-](?:test|spec)\.[cm]?[jt]sx?$/.test(path) : path.endsWith('.go') && !path.endsWith('_test.go');
}

function nearestManifest(gitDir, commit, folder, name, target) {
  for (let at = folder; ; at = dirname(at)) {
    if (layOut(gitDir, commit, at === '.' ? name : `${at}/${name}`, target)) return;
    if (at === '.') return;
  }
}

function judge(gitDir, row, before, after) {
  const labelled = [[row.file, row.beforeRanges], ...Object.entries(row.otherRanges ?? {})];
  const touching = before.findings.filter((finding) => labelled.some(([file, ranges]) => pointsAt(finding, file, ranges)));
  const changes = new Map();
  const changesOf = (file) => {
    if (!changes.has(file)) changes.set(file, hunks(gitDir, row.parent, row.fix, file));
    return changes.get(file);
  };
  // The same defect may stay under another line, and another one may take over its fingerprint: a finding counts as gone
  // only when there are fewer of its fingerprint and none of its rule where its line went.
  const gone = touching.filter((finding) => {
    const { file, line } = finding.location;
    const moved = movedTo(line, changesOf(file));
    const stands = moved !== undefined && after.findings.some((other) => other.rule === finding.rule && other.location.file === file && other.location.line === moved);
    return !stands && count(after, finding) < count(before, finding);
  });
  return { ...row, touching, gone, after: after.findings, lines: after.lines, seconds: (before.ms + after.ms) / 1000, crashes: [...before.crashes, ...after.crashes] };
}

function count({ findings }, { fingerprint }) {
  return findings.filter((other) => other.fingerprint === fingerprint).length;
}

function sum(list, value) {
  return list.reduce((total, one) => total + value(one), 0);
}

function perThousand(part, lines) {
  return lines === 0 ? 0 : Number(((1000 * part) / lines).toFixed(2));
}
