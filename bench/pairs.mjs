/**
 * The score that matters most: real bugs before and after their fix. A discriminating hit is a finding that points at the
 * labelled lines before the fix and is gone after it. How much is reported on the repaired trees is counted beside it,
 * since a tool that reports everything discriminates nothing.
 *
 *   node bench/pairs.mjs --mirror <folder of bare repositories> [--language go|ts] [--labels file] [--only text] [--list] [--json]
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gitDirectory, hasCommit } from './mirror.mjs';
import { discriminate, layOutSide, perThousand, sum } from './pairing.mjs';
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

function runAt(gitDir, row, side) {
  const target = join(scratch, row.id, side);
  const present = layOutSide(gitDir, row, side, target);
  const { report, crash, ms } = present.length === 0 ? { crash: 'folder not in the tree', ms: 0 } : check(present, { cwd: target });
  return { findings: report?.findings ?? [], lines: report?.summary.lines ?? 0, ms, crashes: crash === undefined ? [] : [`${row.id} ${side}: ${crash}`] };
}

function judge(gitDir, row, before, after) {
  const { touching, gone } = discriminate(gitDir, row, before.findings, after.findings, pointsAt);
  return { ...row, touching, gone, after: after.findings, lines: after.lines, seconds: (before.ms + after.ms) / 1000, crashes: [...before.crashes, ...after.crashes] };
}
