/**
 * What do the linters people have say about the same bugs? One run lays out every labelled TypeScript fix before and after,
 * and asks Deadheat and its peers: ESLint's require-atomic-updates, typescript-eslint's typed promise rules, Biome's
 * useAtomicUpdates. The peers are installed from the npm registry into a temporary folder, at the versions below; they are
 * no dependencies of the package. Typed rules run without the dependencies of the projects, as Deadheat does.
 *
 *   node bench/ts-peers.mjs --mirror <folder of bare repositories> [--labels file] [--only text] [--tools folder] [--list] [--json]
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { gitDirectory, hasCommit } from './mirror.mjs';
import { discriminate, layOutSide, perThousand, sum } from './pairing.mjs';
import { check, labels, measures, missing, need, needBuild, pointsAt, printSetting, scratchFolder, setting, share } from './run.mjs';

const usage = 'node bench/ts-peers.mjs --mirror <folder of bare repositories> [--labels file] [--only text] [--tools folder] [--list] [--json]';
const versions = { eslint: '10.15.0', 'typescript-eslint': '8.74.0', typescript: '5.9.3', '@biomejs/biome': '2.6.8' };
/** The rules asked of each peer, by the name they have in its report. */
const peers = {
  'ESLint require-atomic-updates': { tool: 'eslint', rule: 'require-atomic-updates' },
  'typescript-eslint no-floating-promises': { tool: 'eslint', rule: '@typescript-eslint/no-floating-promises' },
  'typescript-eslint no-misused-promises': { tool: 'eslint', rule: '@typescript-eslint/no-misused-promises' },
  'Biome useAtomicUpdates': { tool: 'biome', rule: 'lint/nursery/useAtomicUpdates' },
};

const eslintConfig = `import tseslint from 'typescript-eslint';
export default [{
  files: ['**/*.{js,mjs,cjs,jsx,ts,mts,cts,tsx}'],
  languageOptions: { parser: tseslint.parser, parserOptions: { project: process.env.PEERS_PROJECT, ecmaFeatures: { jsx: true } } },
  plugins: { '@typescript-eslint': tseslint.plugin },
  rules: { 'require-atomic-updates': 'error', '@typescript-eslint/no-floating-promises': 'error', '@typescript-eslint/no-misused-promises': 'error' },
}];
`;

const { values } = parseArgs({
  options: { mirror: { type: 'string' }, labels: { type: 'string' }, only: { type: 'string', default: '' }, tools: { type: 'string' }, list: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
});
const mirror = need(values.mirror, 'folder of bare repositories', usage);
const all = values.labels === undefined ? labels('ts-pairs.json') : JSON.parse(readFileSync(need(values.labels, 'label file', usage), 'utf8'));
const rows = all.filter((row) => row.id.includes(values.only));
needBuild();

const scratch = scratchFolder();
const tools = install(values.tools === undefined ? join(scratch, 'tools') : resolve(values.tools));
const judged = [];
const skipped = [];
const crashes = [];
for (const row of rows) {
  const gitDir = gitDirectory(mirror, row.repo);
  const absent = gitDir === undefined ? 'repository not mirrored' : [row.parent, row.fix].filter((commit) => !hasCommit(gitDir, commit)).map((commit) => `no commit ${commit.slice(0, 10)}`)[0];
  if (absent !== undefined) {
    skipped.push(`${row.id} (${row.repo}): ${absent}`);
    continue;
  }
  const [before, after] = ['parent', 'fix'].map((side) => runAt(gitDir, row, side));
  judged.push({ row, lines: after.lines, results: Object.fromEntries(['Deadheat', ...Object.keys(peers)].map((name) => {
    const [left, right] = [before.findings[name] ?? [], after.findings[name] ?? []];
    return [name, { ...discriminate(gitDir, row, left, right, pointsAt), after: right.length }];
  })) });
  if (process.stderr.isTTY) process.stderr.write(`\r${judged.length}/${rows.length}`);
}
if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');

const scores = ['Deadheat', ...Object.keys(peers)].map((name) => {
  const of = judged.map(({ results }) => results[name]);
  return { name, rows: of.length, hits: of.filter(({ gone }) => gone.length > 0).length, touched: of.filter(({ touching }) => touching.length > 0).length, findingsAfter: sum(of, ({ after }) => after), findingsPerThousandLinesAfter: perThousand(sum(of, ({ after }) => after), sum(judged, ({ lines }) => lines)) };
});
if (values.json) {
  console.log(JSON.stringify({ ...setting(), versions, mirror, skipped, crashes, scores, rows: judged.map(({ row, results }) => ({ id: row.id, kind: row.kind, hits: Object.keys(results).filter((name) => results[name].gone.length > 0), touched: Object.keys(results).filter((name) => results[name].touching.length > 0) })) }, null, 2));
} else {
  printSetting(setting());
  console.log(`peers:   ${Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(', ')}`);
  console.log(`input:   ${judged.length} of ${rows.length} labelled fixes; ${sum(judged, ({ lines }) => lines)} lines in the repaired trees`);
  for (const line of [...skipped.map((text) => `skipped: ${text}`), ...crashes.map((text) => `crash:   ${text}`)]) console.log(line);
  console.log('');
  for (const { name, rows: of, hits, touched, findingsAfter, findingsPerThousandLinesAfter } of scores) {
    console.log(`${name.padEnd(40)} discriminating hits ${share(hits, of)}, labelled lines touched before ${share(touched, of)}, ${findingsAfter} findings after, ${findingsPerThousandLinesAfter} per 1000 lines`);
  }
  if (values.list) for (const { row, results } of judged) {
    console.log(`\n${row.id} ${row.kind}`);
    for (const [name, { touching, gone }] of Object.entries(results)) for (const finding of touching) console.log(`    ${gone.includes(finding) ? 'gone  ' : 'stays '} ${name}: ${finding.location.file}:${finding.location.line}`);
  }
}

/** The peers in a folder of their own; a folder given by the user is used again when it has the right versions. */
function install(folder) {
  const manifest = JSON.stringify({ private: true, type: 'module', dependencies: versions });
  const installed = Object.entries(versions).every(([name, version]) => existsSync(join(folder, 'node_modules', name, 'package.json')) && JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8')).version === version);
  if (!installed) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), manifest);
    const run = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--no-package-lock'], { cwd: folder, encoding: 'utf8', shell: process.platform === 'win32' });
    if (run.status !== 0) missing(`the peers could not be installed (is the npm registry reachable?):\n${(run.stderr ?? String(run.error)).trim().split('\n').slice(-4).join('\n')}`);
  }
  writeFileSync(join(folder, 'eslint.config.js'), eslintConfig);
  writeFileSync(join(folder, 'biome.json'), JSON.stringify({ linter: { rules: { recommended: false, nursery: { useAtomicUpdates: 'error' } } }, formatter: { enabled: false }, assist: { enabled: false }, files: { maxSize: 8_000_000 } }));
  return folder;
}

function runAt(gitDir, row, side) {
  const target = join(scratch, row.id, side);
  const present = layOutSide(gitDir, row, side, target);
  if (present.length === 0) return { lines: 0, findings: {} };
  const { report, crash } = check(present, { cwd: target });
  if (crash !== undefined) crashes.push(`${row.id} ${side}: Deadheat: ${crash}`);
  const findings = { Deadheat: (report?.findings ?? []).filter(measures.claims.counts) };
  for (const found of [...eslint(row, side, target, present), ...biome(row, side, target, present)]) {
    const name = Object.keys(peers).find((one) => peers[one].rule === found.rule);
    if (name !== undefined) (findings[name] ??= []).push(found);
  }
  return { lines: report?.summary.lines ?? 0, findings };
}

/** Own settings of the trees are passed over: they name plugins and dependencies that are not there. */
function eslint(row, side, target, folders) {
  writeFileSync(join(target, 'tsconfig.peers.json'), JSON.stringify({ compilerOptions: { target: 'es2022', module: 'esnext', moduleResolution: 'bundler', strict: true, allowJs: true, noEmit: true, skipLibCheck: true, types: [] }, include: folders.map((folder) => `${folder}/*`) }));
  const run = spawnSync(process.execPath, [join(tools, 'node_modules/eslint/bin/eslint.js'), '--config', join(tools, 'eslint.config.js'), '--no-inline-config', '--no-error-on-unmatched-pattern', '--format', 'json', ...folders], { cwd: target, encoding: 'utf8', maxBuffer: 1 << 30, env: { ...process.env, PEERS_PROJECT: join(target, 'tsconfig.peers.json') } });
  const files = parsed(run.stdout);
  if (files === undefined) crashes.push(`${row.id} ${side}: ESLint: ${run.stderr.trim().split('\n').slice(0, 3).join(' ')}`);
  return (files ?? []).flatMap(({ filePath, messages }) => messages.map(({ ruleId, line, message }) => finding(ruleId ?? 'fatal', relative(target, filePath), line, message)));
}

function biome(row, side, target, folders) {
  const run = spawnSync(process.execPath, [join(tools, 'node_modules/@biomejs/biome/bin/biome'), 'lint', '--config-path', join(tools, 'biome.json'), '--reporter', 'json', '--max-diagnostics', 'none', ...folders], { cwd: target, encoding: 'utf8', maxBuffer: 1 << 30 });
  const report = parsed(run.stdout);
  if (report === undefined) crashes.push(`${row.id} ${side}: Biome: ${run.stderr.trim().split('\n').slice(0, 3).join(' ')}`);
  return (report?.diagnostics ?? []).map(({ category, message, location }) => {
    const file = typeof location.path === 'string' ? location.path : location.path.file;
    return finding(category, isAbsolute(file) ? relative(target, file) : file, location.start?.line ?? location.span?.line ?? 0, typeof message === 'string' ? message : JSON.stringify(message));
  });
}

/** A peer's report in the form in which Deadheat's findings are judged; the same words in one file are one name. */
function finding(rule, file, line, message) {
  return { rule, location: { file, line }, evidence: [], fingerprint: createHash('sha256').update(`${rule}\n${file}\n${message}`).digest('hex') };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
