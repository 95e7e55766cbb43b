/**
 * How much of what this build claims on real code is true? Runs the rules of a subject on whole repositories at fixed commits and judges each
 * error and warning by the verdict that a reader gave it (precision/*.md): a finding that nobody has read is counted apart, never guessed.
 *
 *   node bench/precision.mjs --mirror <folder of bare repositories> [--family races|channels] [--only text] [--list false|unread|true|arguable|lost] [--json]
 *
 * `races` is the family of that name, `channels` those of channels, of tasks' lives and of locks. `--list lost` names the rows that this build no longer claims. A share is of true and false, as the bars are: 95 % for errors, 80 % for warnings.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { gitDirectory, hasCommit } from './mirror.mjs';
import { labels, measures, missing, need, needBuild, printSetting, scratchFolder, setting } from './run.mjs';

const usage = 'node bench/precision.mjs --mirror <folder of bare repositories> [--family races|channels] [--only text] [--list false|unread|true|arguable|lost] [--json]';
const bin = fileURLToPath(new URL('../bin/deadheat.js', import.meta.url));
const bars = { error: 95, warning: 80 };
const verdicts = ['true', 'arguable', 'false'];
const families = {
  races: { select: 'race', labels: 'precision-races.json', documents: ['races.md'] },
  // What a task does before others see it done belongs to its life, whatever family its rule is of.
  channels: { select: 'channel,lifecycle,deadlock,write-after-spawn', labels: 'precision-channels.json', documents: ['channels.md', 'locks.md'] },
};

const { values } = parseArgs({ options: { mirror: { type: 'string' }, family: { type: 'string', default: 'races' }, only: { type: 'string', default: '' }, list: { type: 'string' }, json: { type: 'boolean', default: false } } });
const mirror = need(values.mirror, 'folder of bare repositories', usage);
const family = families[values.family] ?? missing(`no family ${values.family}\nusage: ${usage}`);
needBuild();
const scratch = scratchFolder();
const rows = family.documents.flatMap((document) => readRows(readFileSync(new URL(`precision/${document}`, import.meta.url), 'utf8')));
const skipped = [];
const repositories = [];
const findings = [];
const lost = [];
for (const { repository, commit } of labels(family.labels).filter((label) => label.repository.includes(values.only))) {
  const gitDir = gitDirectory(mirror, repository);
  if (gitDir === undefined || !hasCommit(gitDir, commit)) {
    skipped.push(`${repository} ${commit.slice(0, 10)}: ${gitDir === undefined ? 'not mirrored' : 'no such commit'}`);
    continue;
  }
  const folder = join(scratch, repository.replace('/', '+'));
  mkdirSync(folder);
  layOutGo(gitDir, commit, folder);
  const args = [bin, 'check', '.', '--select', family.select, '--no-config', '--no-cache', '--format', 'json', '--min-confidence', 'low', '--fail-on', 'never', '--quiet'];
  const run = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 30 });
  if (run.status !== 0) {
    skipped.push(`${repository}: ${run.stderr.trim().split('\n').slice(-3).join(' / ')}`);
    continue;
  }
  const report = JSON.parse(run.stdout);
  const claims = report.findings.filter(measures.claims.counts);
  const open = rows.filter((row) => row.repository === repository);
  findings.push(...claims.map((finding) => ({ repository, commit, ...judged(finding, open) })));
  lost.push(...open);
  repositories.push({ repository, commit, lines: report.summary.lines, errors: claims.filter(({ level }) => level === 'error').length, warnings: claims.filter(({ level }) => level === 'warning').length,
    notes: report.findings.filter(({ level, confidence }) => level === 'note' && confidence !== 'low').length, low: report.findings.filter(({ confidence }) => confidence === 'low').length });
  if (process.stderr.isTTY) process.stderr.write(`\r${repositories.length}`);
}
if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');

const levels = Object.keys(bars).map((level) => ({ level, ...counted(findings.filter((finding) => finding.level === level)) }));
const rules = [...new Set(findings.map(({ rule }) => rule))].sort().flatMap((rule) => Object.keys(bars).map((level) => ({ rule, level, ...counted(findings.filter((finding) => finding.rule === rule && finding.level === level)) }))).filter((row) => row.all > 0);

if (values.json) console.log(JSON.stringify({ ...setting(), skipped, repositories, levels, rules, findings, lost }, null, 2));
else {
  printSetting(setting());
  for (const line of skipped) console.log(`skipped: ${line}`);
  const lines = repositories.reduce((sum, one) => sum + one.lines, 0);
  console.log(`input:   ${repositories.length} repositories, ${lines} lines without tests; verdicts of ${family.documents.map((document) => `bench/precision/${document}`).join(' and ')}\n`);
  console.log('| repository | commit | lines | errors | warnings | notes | claims per 1000 lines | low confidence |\n|---|---|---|---|---|---|---|---|');
  for (const one of repositories) console.log(`| ${one.repository} | ${one.commit.slice(0, 10)} | ${one.lines} | ${one.errors} | ${one.warnings} | ${one.notes} | ${per(one.errors + one.warnings, one.lines)} | ${one.low} |`);
  console.log('\n| level | true | arguable | false | not read | true of true and false | bar | per 1000 lines |\n|---|---|---|---|---|---|---|---|');
  for (const row of levels) console.log(`| ${row.level} | ${row.true} | ${row.arguable} | ${row.false} | ${row.unread} | ${percent(row)} | ${bars[row.level]} % | ${per(row.all, lines)} |`);
  for (const [what, key] of [['note', 'notes'], ['low confidence', 'low']]) console.log(`| ${what} | | | | | | | ${per(repositories.reduce((sum, one) => sum + one[key], 0), lines)} |`);
  console.log('\n| rule | level | true | arguable | false | not read | true of true and false | bar |\n|---|---|---|---|---|---|---|---|');
  for (const row of rules) console.log(`| ${row.rule} | ${row.level} | ${row.true} | ${row.arguable} | ${row.false} | ${row.unread} | ${percent(row)} | ${isMet(row) ? 'met' : 'missed'} |`);
  if (values.list === 'lost') for (const row of lost) console.log(`${row.repository} ${row.file}:${row.line} ${row.rule} (${row.verdict})`);
  else if (values.list !== undefined) for (const finding of findings.filter(({ verdict }) => verdict === values.list)) console.log(`${finding.repository} ${finding.file}:${finding.line} ${finding.rule} (${finding.level}, ${finding.confidence}): ${finding.message}`);
}

/** The rows of the tables: a link to the place, the rule, the verdict, whatever else the table tells. */
function readRows(text) {
  return [...text.matchAll(/^\| \[(\S+\/\S+) (\S+):(\d+)\]\(\S+\) \|(.*)\|$/gm)].map(([, repository, file, line, rest]) => {
    const cells = rest.split(' | ').map((cell) => cell.trim());
    return { repository, file, line: Number(line), rule: cells[0].split(' ')[0], verdict: cells.find((cell) => verdicts.includes(cell)), said: cells.at(-1) };
  });
}

/** The finding with its row's verdict; the row is spent. Where two fields share a line, what was said decides, as far as it was kept. */
function judged({ rule, level, confidence, location: { file, line }, message }, open) {
  const candidates = open.filter((row) => row.file === file && row.line === line && row.rule === rule);
  const row = candidates.find(({ said }) => said.startsWith(message)) ?? candidates[0];
  if (row !== undefined) open.splice(open.indexOf(row), 1);
  return { file, line, rule, level, confidence, message, verdict: row?.verdict ?? 'unread' };
}

function counted(some) {
  return Object.fromEntries([...verdicts, 'unread'].map((verdict) => [verdict, some.filter((finding) => finding.verdict === verdict).length]).concat([['all', some.length]]));
}

function percent(row) {
  return row.true + row.false === 0 ? '' : `${Math.floor((100 * row.true) / (row.true + row.false))} %`;
}

function isMet(row) {
  return row.true * 100 >= bars[row.level] * (row.true + row.false);
}

function per(count, lines) {
  return lines === 0 ? '' : ((1000 * count) / lines).toFixed(2);
}

/** Go sources and manifests only: snapshots may lack their largest files, none of which is code. */
function layOutGo(gitDir, commit, folder) {
  const wanted = git(gitDir, ['ls-tree', '-r', '-z', commit]).toString('utf8').split('\0').flatMap((entry) => {
    const [meta, path] = entry.split('\t');
    return /^100(?:644|755) blob /.test(meta) && /(?:\.go|(?:^|\/)(?:go\.mod|go\.work|modules\.txt|\.gitignore))$/.test(path) ? [{ path, object: meta.split(' ')[2] }] : [];
  });
  const texts = git(gitDir, ['cat-file', '--batch'], wanted.map(({ object }) => `${object}\n`).join(''));
  let at = 0;
  for (const { path } of wanted) {
    const end = texts.indexOf(10, at);
    const [, type, size] = texts.toString('latin1', at, end).split(' ');
    at = end + 1;
    if (type !== 'blob') continue;
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, texts.subarray(at, at + Number(size)));
    at += Number(size) + 1;
  }
}

function git(gitDir, args, input) {
  return spawnSync('git', ['--git-dir', gitDir, ...args], { input, maxBuffer: 1 << 30 }).stdout;
}
