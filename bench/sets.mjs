/**
 * Regression sets of other tools: does Deadheat report what their own test data marks, where our catalogue says it does?
 * Expectations are the tools' own comments (gVisor's `+checklocksfail`, vet's `want`, staticcheck's `diag`, semgrep's `ruleid`).
 * What we leave alone on purpose stands in labels/sets.json, by file and line, declaration or the whole file, with the reason; everything else is a miss.
 *
 *   node bench/sets.mjs --mirror <folder of bare repositories> [--only text] [--list] [--json]
 */
import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { filesIn, gitDirectory, hasCommit, layOut } from './mirror.mjs';
import { check, labels, need, needBuild, oneLine, pointsAt, printSetting, scratchFolder, setting, share } from './run.mjs';

const usage = 'node bench/sets.mjs --mirror <folder of bare repositories> [--only text] [--list] [--json]';
const { values } = parseArgs({ options: { mirror: { type: 'string' }, only: { type: 'string', default: '' }, list: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } } });
const mirror = need(values.mirror, 'folder of bare repositories', usage);
needBuild();

/** How each tool writes that a line is to be reported; `next`: the mark stands above what it speaks of. */
const marks = {
  checklocks: { expects: /\+checklocksfail/ },
  vet: { expects: /\/\/.*\bwant(?: ["`]| \w+:["`])/ },
  staticcheck: { expects: /\/\/@ diag\(/ },
  semgrep: { expects: /^\s*\/\/ ruleid:/, next: true },
};

const scratch = scratchFolder();
const skipped = [];
const results = [];
for (const set of labels('sets.json')) {
  if (!set.name.includes(values.only)) continue;
  const gitDir = gitDirectory(mirror, set.repository);
  if (gitDir === undefined || !hasCommit(gitDir, set.commit)) skipped.push(`${set.name}: ${gitDir === undefined ? 'repository not mirrored' : `no commit ${set.commit.slice(0, 10)}`}`);
  else results.push(judge(set, layOutSet(set, gitDir)));
}

if (values.json) console.log(JSON.stringify({ ...setting(), mirror, skipped, sets: results.map(({ set, ...rest }) => ({ name: set.name, repository: set.repository, commit: set.commit, ...rest })) }, null, 2));
else {
  printSetting(setting());
  for (const line of skipped) console.log(`skipped: ${line}`);
  console.log('');
  for (const { set, expected, found, missed, left, extra, crash } of results) {
    console.log(`${set.name}: found ${share(found, expected - left.length)}, missed ${missed.length}, left alone on purpose ${left.length}, extra ${extra.length} (${set.rules.join(', ')})${crash === undefined ? '' : ` CRASH ${crash}`}`);
    const reasons = new Map();
    for (const one of left) reasons.set(one.reason, (reasons.get(one.reason) ?? 0) + 1);
    for (const [reason, count] of reasons) console.log(`    ${count} left: ${reason}`);
    if (!values.list) continue;
    for (const one of missed) console.log(`    missed ${one.place} (${one.declaration}): ${one.text}`);
    for (const one of extra) console.log(`    extra  ${one}`);
  }
  const total = (pick) => results.reduce((sum, one) => sum + pick(one), 0);
  console.log(`\nin all: found ${share(total((one) => one.found), total((one) => one.expected - one.left.length))}, left alone on purpose ${total((one) => one.left.length)}, extra ${total((one) => one.extra.length)}`);
}

/** Writes the set's files as modules of their own; a file that is a whole program gets a folder for itself. */
function layOutSet(set, gitDir) {
  const at = join(scratch, set.name.replace(/\W+/g, '-'));
  const raw = join(scratch, 'raw');
  for (const folder of set.folders) {
    for (const path of filesIn(gitDir, set.commit, folder)) {
      const name = basename(path);
      if (set.files !== undefined && !set.files.includes(name)) continue;
      if (name.endsWith('.txtar')) {
        layOut(gitDir, set.commit, path, raw);
        unpack(readFileSync(join(raw, path), 'utf8'), join(at, name.replace(/\.txtar$/, '')));
      } else if (name.endsWith('.go')) {
        layOut(gitDir, set.commit, path, raw);
        // Laid out by where it lies in its module, or by its package: a folder called testdata is passed over.
        const target = set.module !== undefined ? join(at, path) : join(at, set.programs ? name.replace(/\.go$/, '') : basename(folder), name);
        mkdirSync(dirname(target), { recursive: true });
        copyFileSync(join(raw, path), target);
      }
    }
  }
  writeFileSync(join(at, 'go.mod'), `module ${set.module ?? 'example.com/set'}\n\ngo ${set.go ?? '1.25'}\n`);
  return at;
}

function unpack(archive, target) {
  for (const [, name, text] of archive.matchAll(/^-- (\S+) --\n([^]*?)(?=^-- \S+ --\n|$(?![^]))/gm)) {
    mkdirSync(dirname(join(target, name)), { recursive: true });
    writeFileSync(join(target, name), text);
  }
}

function judge(set, at) {
  const { report, crash } = check(['.'], { cwd: at, tests: true });
  const findings = (report?.findings ?? []).filter((finding) => set.rules.includes(finding.rule));
  const explained = new Set();
  const missed = [];
  const left = [];
  let found = 0;
  let expected = 0;
  for (const file of sourcesIn(at)) {
    const lines = readFileSync(join(at, file), 'utf8').split('\n');
    for (const [index, line] of lines.entries()) {
      const { expects, next } = marks[set.marks];
      if (!expects.test(line)) continue;
      expected += 1;
      const from = next ? lines.findIndex((other, position) => position > index && !/^\s*\/\//.test(other)) + 1 : index + 1;
      // Semgrep marks where a match begins, and its match may go on to the end of the function.
      const to = set.spans ? lines.findIndex((other, position) => position >= from && /^}/.test(other)) + 1 : from;
      const hits = findings.filter((finding) => pointsAt(finding, file, [[from, to]]));
      for (const hit of hits) explained.add(hit);
      const declaration = declarationAt(lines, from - 1);
      const reason = set.reasons?.[`${basename(file)}:${from}`] ?? set.reasons?.[`${basename(file)}:${declaration}`] ?? set.reasons?.[basename(file)];
      const one = { place: `${file}:${from}`, declaration, text: lines[from - 1].trim() };
      if (hits.length > 0) found += 1;
      else if (reason !== undefined) left.push({ ...one, reason });
      else missed.push(one);
    }
  }
  // One cause may explain a finding that a mark for another line of it was found by.
  const extra = findings.filter((finding) => !explained.has(finding)).map(oneLine);
  return { set, expected, found, missed, left, extra, ...(crash === undefined ? {} : { crash }) };
}

function sourcesIn(folder) {
  return readdirSync(folder, { recursive: true }).map(String).filter((path) => path.endsWith('.go')).sort();
}

/** The name of the function, type or variable around a line. */
function declarationAt(lines, index) {
  for (let at = index; at >= 0; at--) {
    const name = /^(?:func (?:\([^)]*\) ?)?|type |var |const )(\w+)/.exec(lines[at])?.[1];
    if (name !== undefined) return name;
  }
  return '';
}
