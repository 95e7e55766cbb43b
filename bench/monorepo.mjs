/**
 * Does a task engine with a remote cache run again what an edit reaches, and nothing else? Copies fixtures/monorepo twice, as two
 * machines, installs the engine beside it (npm, a network), serves a remote cache on this machine, and runs the task `deadheat`:
 * on the first machine all anew, again, after an edit in a leaf, after an edit in what another depends on; on the second
 * machine, whose own cache is empty, from the remote one. Exit 1 when anything else was run than should be; 2 and a message
 * where the engine cannot be installed.
 *
 *   node bench/monorepo.mjs [--engine turbo|nx] [--keep]
 */
import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { needBuild, printSetting, setting } from './run.mjs';

const { values } = parseArgs({ options: { engine: { type: 'string', default: 'turbo' }, keep: { type: 'boolean', default: false } } });
needBuild();

const versions = { turbo: 'turbo@2.11.11', nx: 'nx@24.0.6' };
const version = versions[values.engine];
if (version === undefined) {
  console.error('node bench/monorepo.mjs [--engine turbo|nx]');
  process.exit(2);
}
const root = fileURLToPath(new URL('../', import.meta.url));
const house = mkdtempSync(join(tmpdir(), 'deadheat-monorepo-'));
process.on('exit', () => { if (!values.keep) rmSync(house, { recursive: true, force: true }); });

mkdirSync(join(house, 'bin'));
writeFileSync(join(house, 'bin', 'deadheat'), `#!/bin/sh\nexec "${process.execPath}" "${join(root, 'bin/deadheat.js')}" "$@"\n`);
chmodSync(join(house, 'bin', 'deadheat'), 0o755);

const artifacts = new Map();
/** Both engines put and get a body under a hash and read nothing else of the answer. */
const server = createServer((request, response) => {
  const key = /\/artifacts\/([0-9a-f]+)|\/cache\/([0-9a-f]+)/.exec(request.url)?.slice(1).find(Boolean);
  const answer = (code, body = '', headers = {}) => { response.writeHead(code, headers); response.end(body); };
  if (key === undefined) return answer(200, JSON.stringify({ status: 'enabled' }), { 'content-type': 'application/json' });
  if (request.method === 'PUT') {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      artifacts.set(key, { body: Buffer.concat(chunks), duration: request.headers['x-artifact-duration'] ?? '0' });
      answer(200, JSON.stringify({ urls: [] }), { 'content-type': 'application/json' });
    });
    return;
  }
  const known = artifacts.get(key);
  if (known === undefined) return answer(404);
  answer(200, request.method === 'HEAD' ? '' : known.body, { 'content-type': 'application/octet-stream', 'content-length': String(known.body.length), 'x-artifact-duration': known.duration });
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const address = `http://127.0.0.1:${server.address().port}`;

const machines = ['first', 'second'].map((name) => {
  const cwd = join(house, name);
  cpSync(join(root, 'fixtures/monorepo'), cwd, { recursive: true });
  // Both engines ask git which files count.
  for (const argv of [['init', '--quiet'], ['add', '--all'], ['-c', 'user.name=bench', '-c', 'user.email=bench@deadheat.invalid', 'commit', '--quiet', '--message', 'monorepo']]) spawnSync('git', argv, { cwd });
  return { name, cwd };
});
const [first, second] = machines;
for (const { cwd } of machines) {
  const { status, stderr } = spawnSync('npm', ['install', '--save-dev', '--ignore-scripts', '--no-audit', '--no-fund', version], { cwd, encoding: 'utf8', timeout: 300_000 });
  if (status !== 0) {
    console.error(`SKIPPED: ${version} cannot be installed here (it takes npm and a network):\n${stderr.trim().split('\n').slice(0, 5).join('\n')}`);
    process.exit(2);
  }
}

const tasks = ['gateway', 'jobs', 'mailer', 'pool', 'session', 'web'];
const engines = {
  turbo: {
    argv: ['run', 'deadheat', '--output-logs=hash-only', '--no-color', '--ui=stream', '--cache=local:rw,remote:rw'],
    env: { TURBO_API: address, TURBO_TOKEN: 'token', TURBO_TEAM: 'team', TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' },
    ran: (out) => tasks.filter((task) => new RegExp(`@monorepo/${task}:deadheat: cache (?:miss|bypass)`).test(out)),
    known: (out) => tasks.filter((task) => new RegExp(`@monorepo/${task}:deadheat: cache hit`).test(out)),
  },
  nx: {
    argv: ['run-many', '-t', 'deadheat', '--outputStyle=stream'],
    env: { NX_DAEMON: 'false', NX_SELF_HOSTED_REMOTE_CACHE_SERVER: address, NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN: 'token', NX_NO_CLOUD: 'true', NX_TUI: 'false', NO_COLOR: '1', CI: 'true' },
    ran: (out) => tasks.filter((task) => !new RegExp(`@monorepo/${task}:deadheat +\\[(?:local cache|remote cache|existing outputs match the cache[^\\]]*)\\]`).test(out)),
    known: (out) => tasks.filter((task) => new RegExp(`@monorepo/${task}:deadheat +\\[(?:local cache|remote cache|existing outputs match the cache[^\\]]*)\\]`).test(out)),
  },
};
const engine = engines[values.engine];

/** Not `spawnSync`: the cache it asks is served by this very process. */
function run({ cwd }) {
  return new Promise((resolve) => {
    const child = spawn(join(cwd, 'node_modules/.bin', values.engine), engine.argv, { cwd, env: { ...process.env, ...engine.env, PATH: `${join(house, 'bin')}${delimiter}${process.env.PATH}`, DEADHEAT_CACHE_DIR: join(house, 'unused') } });
    let out = '';
    child.stdout.on('data', (text) => (out += text));
    child.stderr.on('data', (text) => (out += text));
    child.on('close', (code) => resolve({ code, out, ran: engine.ran(out), known: engine.known(out) }));
  });
}

printSetting(setting());
console.log(`engine:  ${version}, a remote cache served by this script`);
let wrong = 0;
async function expect(what, machine, shouldRun) {
  const { code, out, ran, known } = await run(machine);
  const right = code === 0 && ran.join() === shouldRun.join() && known.length === tasks.length - shouldRun.length && tasks.every((task) => existsSync(join(machine.cwd, { pool: 'libs', gateway: 'services', mailer: 'services' }[task] ?? 'packages', task, 'findings.json')));
  console.log(`${right ? 'ok   ' : 'WRONG'} ${what}: ran ${ran.length === 0 ? 'nothing' : ran.join(', ')}; from the cache ${known.length} of ${tasks.length}`);
  if (!right) {
    wrong++;
    console.error(out);
  }
}
const edit = (machine, file) => appendFileSync(join(machine.cwd, file), '\n// edited\n');

await expect('first run', first, tasks);
await expect('second run, nothing changed', first, []);
await expect('another machine, the same code', second, []);
edit(first, 'services/mailer/mailer.go');
await expect('an edit in a module alone', first, ['mailer']);
edit(first, 'libs/pool/pool.go');
await expect('an edit in a module that another uses', first, ['gateway', 'pool']);
edit(first, 'packages/session/session.ts');
await expect('an edit in a package that another uses', first, ['session', 'web']);
for (const file of ['services/mailer/mailer.go', 'libs/pool/pool.go', 'packages/session/session.ts']) edit(second, file);
await expect('another machine, the same edits', second, []);
server.close();
server.closeAllConnections();
console.log(`${artifacts.size} results in the remote cache`);
process.exitCode = wrong > 0 ? 1 : 0;
