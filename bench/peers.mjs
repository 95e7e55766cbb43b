/**
 * Deadheat beside the tools people have for Go, as whole processes in one run over one module: go vet, staticcheck,
 * goconcurrencylint, and semgrep with a set of rules. Each is asked for concurrency only and about tests too. What a tool keeps
 * between runs is emptied before each first run; the export data of dependencies, which the peers take from the build cache,
 * is made before and not counted. A tool that is not on the PATH is said to be absent. Memory is the most that the processes
 * of a tool held together, looked up ten times a second; only Linux tells it.
 *
 *   node bench/peers.mjs <module> [--runs n] [--semgrep-rules folder] [--json]
 */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { measures, median, missing, need, needBuild, printSetting, scratchFolder, setting, wholeNumber } from './run.mjs';

const usage = 'node bench/peers.mjs <module> [--runs n] [--semgrep-rules folder] [--json]';
const { values, positionals } = parseArgs({ allowPositionals: true, options: { runs: { type: 'string', default: '3' }, 'semgrep-rules': { type: 'string' }, json: { type: 'boolean', default: false } } });
const folder = resolve(need(positionals[0], 'module', usage));
const rules = values['semgrep-rules'] === undefined ? undefined : resolve(need(values['semgrep-rules'], 'folder of rules', usage));
const runs = wholeNumber(values, 'runs', 1, usage);
needBuild();
if (process.platform === 'win32') missing('a POSIX shell is needed: it tells the processor time of a command and all it starts');

const bin = fileURLToPath(new URL('../bin/deadheat.js', import.meta.url));
/** What vet and staticcheck know of concurrency, and the names our rules have for it. */
const vet = { copylocks: 'copied-lock', lostcancel: 'lost-cancel', loopclosure: 'loop-variable-capture', waitgroup: 'waitgroup-add-in-goroutine', testinggoroutine: 'fatal-in-test-goroutine', sigchanyzer: 'unbuffered-notify', atomic: 'split-atomic-update' };
const static_ = { SA1015: 'timer-in-loop', SA1017: 'unbuffered-notify', SA2000: 'waitgroup-add-in-goroutine', SA2001: 'empty-critical-section', SA2002: 'fatal-in-test-goroutine', SA2003: 'deferred-lock', SA5002: 'busy-select', SA5003: 'deferred-unlock-in-loop', SA9001: 'deferred-unlock-in-loop' };
const gcl = { 1001: 'missing-unlock', 1002: 'unlock-without-lock', 1003: 'unlock-without-lock', 1004: 'unchecked-trylock', 1005: 'deferred-lock', 1007: 'deferred-unlock-in-loop', 1008: 'mismatched-unlock', 1009: 'wait-under-lock', 1010: 'panic-while-locked', 1011: 'double-lock', 1012: 'lock-order-cycle', 1013: 'rlock-reentry', 2001: 'waitgroup-missing-done', 2002: 'waitgroup-count-mismatch', 2003: 'waitgroup-add-after-wait', 2004: 'waitgroup-add-after-wait', 2005: 'waitgroup-add-in-goroutine', 2006: 'waitgroup-undeferred-done', 2007: 'waitgroup-count-mismatch', 2009: 'waitgroup-count-mismatch', 2012: 'waitgroup-count-mismatch', 3001: 'reentrant-once', 3002: 'misused-once', 3003: 'misused-once', 4001: 'nil-cond-locker', 6001: 'nil-channel-operation', 6002: 'double-close', 6003: 'send-on-closed-channel', 6004: 'nil-channel-operation', 9001: 'copied-lock' };
/** Rules of github.com/trailofbits/semgrep-rules, the set people name for concurrency in Go. */
const trailOfBits = { 'missing-unlock-before-return': 'missing-unlock', 'missing-runlock-on-rwmutex': 'missing-unlock', 'racy-append-to-slice': 'racy-append', 'racy-write-to-map': 'concurrent-map-access', 'sync-mutex-value-copied': 'copied-lock', 'waitgroup-add-called-inside-goroutine': 'waitgroup-add-in-goroutine' };

const scratch = scratchFolder();
const dependencies = join(scratch, 'dependencies');
/** Each tool: how it is asked, what says which it is, where its caches lie, and the kinds of its findings. */
const tools = [
  {
    name: 'Deadheat', command: process.execPath, args: [bin, 'check', '--no-config', '--tests', '--format', 'json', '--min-level', 'note', '--min-confidence', 'low', '--fail-on', 'never', '--quiet', '.'], version: [bin, '--version'], ends: [0],
    caches: (at) => ({ DEADHEAT_CACHE_DIR: at }),
    kinds: (out) => JSON.parse(out).findings.filter(measures.claims.counts).map(({ rule }) => rule),
    notes: (out) => `${JSON.parse(out).summary.gaps} places not analysed; notes and low confidence are not in the counts`,
  },
  {
    name: 'go vet', command: 'go', args: ['vet', '-json', ...Object.keys(vet).map((name) => `-${name}`), './...'], version: ['version'], ends: [0], stderr: true,
    caches: (at) => ({ GOCACHE: at }), needsDependencies: true,
    kinds: (out) => diagnostics(out).map(({ analysis }) => vet[analysis] ?? analysis),
  },
  {
    name: 'staticcheck', command: 'staticcheck', args: ['-f', 'json', '-checks', Object.keys(static_).join(','), './...'], version: ['-version'], ends: [0, 1],
    caches: (at) => ({ GOCACHE: at, STATICCHECK_CACHE: join(at, 'staticcheck') }), needsDependencies: true,
    kinds: (out) => out.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line).code).map((code) => static_[code] ?? code),
  },
  {
    name: 'goconcurrencylint', command: 'goconcurrencylint', args: ['-json', './...'], version: ['-V=full'], ends: [0, 3],
    caches: (at) => ({ GOCACHE: at }), needsDependencies: true,
    kinds: (out) => diagnostics(out).map(({ category = 'other' }) => gcl[category.replace('GCL', '')] ?? category),
  },
  {
    name: 'semgrep', command: 'semgrep', args: ['scan', '--metrics', 'off', '--disable-version-check', '--no-git-ignore', '--quiet', '--json', '--include', '*.go', '--config', rules ?? '', '.'], version: ['--version'], ends: [0], caches: () => ({}),
    unless: rules === undefined ? 'no --semgrep-rules: it brings none of its own' : undefined,
    kinds: (out) => JSON.parse(out).results.map(({ check_id: id }) => id.slice(id.lastIndexOf('.') + 1)).map((name) => trailOfBits[name] ?? name),
    notes: (out) => { const { errors } = JSON.parse(out); return errors.length === 0 ? undefined : `${errors.length} errors of its own`; },
  },
];

const needGo = tools.some((tool) => tool.needsDependencies === true && absence(tool) === undefined);
const builds = needGo ? spawnSync('go', ['list', '-export', '-deps', '-test', './...'], { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 28, env: { ...process.env, GOCACHE: dependencies } }) : undefined;
const rows = [];
for (const tool of tools) {
  const absent = absence(tool) ?? (tool.needsDependencies === true && builds?.status !== 0 ? `the module does not build here: ${(builds?.stderr ?? '').trim().split('\n')[0]}` : undefined);
  if (absent !== undefined) {
    rows.push({ name: tool.name, absent });
    continue;
  }
  const rounds = [];
  for (let round = 0; round < runs; round++) {
    const cache = join(scratch, 'cache');
    rmSync(cache, { recursive: true, force: true });
    if (tool.needsDependencies === true) cpSync(dependencies, cache, { recursive: true }); else mkdirSync(cache);
    const first = await measured(tool, cache);
    const again = first.failed === undefined ? await measured(tool, cache) : first;
    rounds.push({ first, again });
    if (first.failed !== undefined) break;
  }
  const failed = rounds.find(({ first, again }) => first.failed ?? again.failed);
  if (failed !== undefined) rows.push({ name: tool.name, version: versionOf(tool), failed: failed.first.failed ?? failed.again.failed });
  else {
    const middle = (which) => ({ wall: median(rounds.map((one) => one[which].wall)), processor: median(rounds.map((one) => one[which].processor)), peakMiB: median(rounds.map((one) => one[which].peakMiB)) });
    const { output } = rounds[0].first;
    rows.push({ name: tool.name, version: versionOf(tool), first: middle('first'), again: middle('again'), kinds: Object.fromEntries(counted(tool.kinds(output))), notes: tool.notes?.(output) });
  }
}

if (values.json) console.log(JSON.stringify({ ...setting(), folder, runs, rules, rows }, null, 2));
else {
  printSetting(setting());
  console.log(`input:   ${folder}, tests too; medians of ${runs}; first: nothing kept but the dependencies' export data, again: nothing changed`);
  console.log(`${''.padEnd(18)} ${['first: wall', 'processor', 'peak', 'again: wall', 'processor', 'findings'].map((head) => head.padStart(12)).join('')}`);
  for (const { name, absent, failed, first, again, kinds } of rows) {
    if (absent !== undefined) console.log(`${name.padEnd(18)} absent: ${absent}`);
    else if (failed !== undefined) console.log(`${name.padEnd(18)} failed: ${failed}`);
    else console.log(`${name.padEnd(18)} ${[`${(first.wall / 1000).toFixed(1)} s`, `${(first.processor / 1000).toFixed(1)} s`, Number.isNaN(first.peakMiB) ? 'not told' : `${first.peakMiB.toFixed(0)} MiB`, `${(again.wall / 1000).toFixed(1)} s`, `${(again.processor / 1000).toFixed(1)} s`, String(Object.values(kinds).reduce((sum, count) => sum + count, 0))].map((cell) => cell.padStart(12)).join('')}`);
  }
  const present = rows.filter(({ kinds }) => kinds !== undefined);
  const [ours] = present;
  for (const { name, first } of present.slice(1)) console.log(`Deadheat takes ${(ours.first.wall / first.wall).toFixed(2)} times the wall time and ${(ours.first.processor / first.processor).toFixed(2)} times the processor time of ${name}`);
  console.log('\nfindings by kind, under our name where the peer has one of the same meaning:');
  for (const kind of [...new Set(present.flatMap(({ kinds }) => Object.keys(kinds)))].sort()) console.log(`  ${kind.padEnd(36)} ${present.filter(({ kinds }) => kinds[kind] !== undefined).map(({ name, kinds }) => `${name} ${kinds[kind]}`).join(', ')}`);
  for (const { name, version, notes } of present) console.log(`${name}: ${version}${notes === undefined ? '' : `; ${notes}`}`);
}

function absence({ command, unless }) {
  if (unless !== undefined) return unless;
  if (command === process.execPath) return undefined;
  return (process.env.PATH ?? '').split(delimiter).some((at) => at !== '' && existsSync(join(at, command))) ? undefined : `no ${command} on the PATH`;
}

function versionOf({ command, version }) {
  const { stdout, stderr } = spawnSync(command, version, { encoding: 'utf8' });
  return (stdout || stderr || '').trim().split('\n')[0];
}

/** One whole process, with all it starts. The shell tells what they used when the command has ended. */
function measured({ command, args, caches, ends, stderr = false }, cache) {
  return new Promise((settle) => {
    const started = performance.now();
    const child = spawn('/bin/sh', ['-c', '"$@"; ended=$?; times >&3; exit $ended', 'sh', command, ...args], { cwd: folder, env: { ...process.env, ...caches(cache) }, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
    const texts = ['', '', '', ''];
    for (const stream of [1, 2, 3]) child.stdio[stream].setEncoding('utf8').on('data', (text) => { texts[stream] += text; });
    let peakMiB = process.platform === 'linux' ? 0 : NaN;
    const look = setInterval(() => { peakMiB = Math.max(peakMiB, residentBelow(child.pid) / 2 ** 20); }, 100);
    child.on('error', (error) => { clearInterval(look); settle({ failed: error.message }); });
    child.on('close', (code) => {
      clearInterval(look);
      const wall = performance.now() - started;
      if (!ends.includes(code)) return settle({ failed: `exit ${code}: ${(texts[2] || texts[1]).trim().split('\n').slice(0, 3).join(' ').slice(0, 300)}` });
      // The second line is of what the shell has waited for: user, system.
      const processor = texts[3].trim().split('\n')[1].split(' ').reduce((sum, time) => sum + seconds(time), 0) * 1_000;
      settle({ wall, processor, peakMiB, output: texts[stderr ? 2 : 1] });
    });
  });
}

/** `1m2.345s` */
function seconds(time) {
  const [minutes, rest] = time.split('m');
  return Number(minutes) * 60 + parseFloat(rest);
}

/** What a process and all below it hold in memory now, in bytes; shared pages count once for each. */
function residentBelow(pid) {
  const children = new Map();
  const pages = new Map();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const fields = readFileSync(`/proc/${name}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ');
      const parent = Number(fields[1]);
      if (!children.has(parent)) children.set(parent, []);
      children.get(parent).push(Number(name));
      pages.set(Number(name), Number(fields[21]));
    } catch {
      // It has ended meanwhile.
    }
  }
  let sum = 0;
  const pending = [pid];
  for (let one = pending.pop(); one !== undefined; one = pending.pop()) {
    sum += pages.get(one) ?? 0;
    pending.push(...(children.get(one) ?? []));
  }
  return sum * 4_096;
}

/** What analyses of Go tell as JSON: objects one after the other, between lines that begin with `#`. A package and its tests' copy of it tell the same. */
function diagnostics(text) {
  const plain = text.split('\n').filter((line) => !line.startsWith('#')).join('\n').trim();
  const found = new Map();
  for (const packages of plain === '' ? [] : plain.split(/\n(?=\{)/).map((one) => JSON.parse(one))) {
    for (const analyses of Object.values(packages)) {
      // Instead of a list stands what went wrong.
      for (const [analysis, told] of Object.entries(analyses)) for (const one of Array.isArray(told) ? told : []) found.set(`${one.posn} ${one.message}`, { ...one, analysis });
    }
  }
  return [...found.values()];
}

function counted(kinds) {
  const counts = new Map();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
}
