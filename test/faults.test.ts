import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { analyze } from '../src/index.js';

/** What the machine refuses: room on the disk, memory, folders, the network. Each fault is made, none is played. */

const bin = fileURLToPath(new URL('../bin/deadheat.js', import.meta.url));
const superuser = process.getuid?.() === 0;
const linux = process.platform === 'linux';
let house: string;
let cwd: string;
beforeEach(() => {
  house = realpathSync(mkdtempSync(join(tmpdir(), 'deadheat-faults-')));
  cwd = join(house, 'tree');
  mkdirSync(cwd);
});
afterEach(() => {
  if (existsSync(join(house, 'small'))) spawnSync('umount', [join(house, 'small')]);
  rmSync(house, { recursive: true, force: true });
});

function write(files: Readonly<Record<string, string>>): void {
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, file)), { recursive: true });
    writeFileSync(join(cwd, file), content);
  }
}

interface Run { readonly status: number | null; readonly stdout: string; readonly stderr: string }

function run(argv: readonly string[], { before = [], node = [], env = {} }: { readonly before?: readonly string[]; readonly node?: readonly string[]; readonly env?: NodeJS.ProcessEnv } = {}): Run {
  const [command, ...rest] = [...before, process.execPath, ...node, bin, ...argv] as [string, ...string[]];
  return spawnSync(command, rest, { cwd, encoding: 'utf8', maxBuffer: 1 << 28, env: { ...process.env, DEADHEAT_CACHE_DIR: join(house, 'cache'), NO_COLOR: '1', ...env } });
}

const head = 'package p\n\nimport "sync"\n\ntype S struct {\n\tmu sync.Mutex\n}\n\n';
const twice = (name: string): string => `func (s *S) ${name}() {\n\ts.mu.Lock()\n\ts.mu.Lock()\n\ts.mu.Unlock()\n\ts.mu.Unlock()\n}\n`;

/** A disk of a few pages, where the system lets us have one. */
function smallDisk(): string | undefined {
  const disk = join(house, 'small');
  mkdirSync(disk);
  if (linux && superuser && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=777', 'tmpfs', disk]).status === 0) return disk;
  console.warn('SKIPPED: no disk of its own for this test: it takes the superuser on Linux');
  return undefined;
}

describe('a disk that fills up in the midst of a write', { timeout: 120_000 }, () => {
  it('leaves the old report, nothing else, and a sentence', ({ skip }) => {
    const disk = smallDisk();
    if (disk === undefined) return skip();
    write({ 'a.go': head + Array.from({ length: 60 }, (_, index) => twice(`Twice${index}`)).join('\n') });
    writeFileSync(join(disk, 'report.json'), '"old"');
    const { status, stdout, stderr } = run(['check', '--format', 'unix', '--no-cache', '--output', `json=${join(disk, 'report.json')}`]);
    expect(stdout.match(/error double-lock/g)).toHaveLength(60);
    expect([status, stderr]).toEqual([2, expect.stringMatching(/error: cannot write .*report\.json: no space left on the device/)]);
    expect(readFileSync(join(disk, 'report.json'), 'utf8')).toBe('"old"');
    expect(readdirSync(disk)).toEqual(['report.json']);
    const shard = run(['check', '--format', 'unix', '--no-cache', '--shard', '1/1', '--shard-file', join(disk, 'shard.json')]);
    expect([shard.status, shard.stderr]).toEqual([2, expect.stringContaining('no space left on the device')]);
    expect(readdirSync(disk)).toEqual(['report.json']);
  });

  it('costs what would be kept of the run, and no answer', ({ skip }) => {
    const disk = smallDisk();
    if (disk === undefined) return skip();
    write({ 'a.go': head + Array.from({ length: 60 }, (_, index) => twice(`Twice${index}`)).join('\n') });
    const full = { env: { DEADHEAT_CACHE_DIR: join(disk, 'cache') } };
    const [first, second] = [run(['check', '--format', 'unix', '--verbose'], full), run(['check', '--format', 'unix'], full)];
    expect(first.stderr).toMatch(/the result was not kept in .*: no space left on the device/);
    expect([second.status, second.stdout, second.stderr]).toEqual([1, first.stdout, '']);
    expect(readdirSync(disk, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(json|tmp)$/.test(name))).toEqual([]);
  });
});

describe.skipIf(process.platform === 'win32')('folders that may only be read', { timeout: 120_000 }, () => {
  /** Nothing is forbidden to the superuser: who is one runs as nobody. */
  const asNobody = superuser ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];
  const able = !superuser || spawnSync(asNobody[0]!, [...asNobody.slice(1), process.execPath, '--version']).status === 0;
  if (!able) console.warn('SKIPPED: the superuser may write everywhere, and setpriv is not here to be somebody else');

  it.skipIf(!able)('take no report, and lose nothing else', () => {
    write({ 'a.go': head + twice('Both'), 'out/.keep': '' });
    for (const folder of [house, cwd, join(cwd, 'out')]) chmodSync(folder, superuser ? 0o755 : 0o555);
    try {
      const { status, stdout, stderr } = run(['check', '--format', 'unix', '--verbose', '--output', 'json=out/report.json'], { before: asNobody });
      expect(stdout).toContain('double-lock');
      expect([status, stderr]).toEqual([2, expect.stringContaining('error: cannot write out/report.json: permission denied')]);
      expect(stderr).toMatch(/the result was not kept in .*: permission denied/);
      expect(readdirSync(join(cwd, 'out'))).toEqual(['.keep']);
      expect(run(['init'], { before: asNobody })).toMatchObject({ status: 2, stderr: expect.stringContaining('error: cannot write deadheat.yaml: permission denied') });
    } finally {
      for (const folder of [house, cwd, join(cwd, 'out')]) chmodSync(folder, 0o755);
    }
  });

  it.skipIf(!able)('that may not even be read are a gap', () => {
    write({ 'a.go': head + twice('Both'), 'closed/b.go': head, 'c.go': head });
    for (const folder of [house, cwd]) chmodSync(folder, 0o755);
    chmodSync(join(cwd, 'closed'), 0);
    chmodSync(join(cwd, 'c.go'), 0);
    try {
      const { status, stdout, stderr } = run(['check', '--format', 'unix', '--no-cache'], { before: asNobody });
      expect(status).toBe(1);
      expect(stdout).toContain('double-lock');
      for (const path of ['closed:1', 'c.go:1']) expect(stderr).toContain(`${path}: not analysed: permission denied`);
    } finally {
      chmodSync(join(cwd, 'closed'), 0o755);
    }
  });
});

describe('memory that runs out', { timeout: 240_000 }, () => {
  it('in the main thread ends the run with a message, and leaves the old report', () => {
    write({ 'a.go': `package p\n\n${Array.from({ length: 20_000 }, (_, one) => `func f${one}(c chan int) { c <- ${one}; <-c }\n`).join('')}`, 'report.json': '"old"' });
    const { status, stderr } = run(['check', '--no-cache', '--output', 'json=report.json'], { node: ['--max-old-space-size=40'] });
    expect(status).not.toBe(0);
    expect(status).not.toBe(1);
    expect(stderr).toContain('heap out of memory');
    expect(readFileSync(join(cwd, 'report.json'), 'utf8')).toBe('"old"');
    expect(readdirSync(cwd).sort()).toEqual(['a.go', 'report.json']);
  });
});

describe('the network', { timeout: 240_000 }, () => {
  /** Whatever would open a connection or a port says so and throws, in every thread. */
  const guard = `
const { writeSync } = require('node:fs');
const refuse = (name) => function () { writeSync(2, 'NETWORK: ' + name + '\\n'); throw new Error('no network: ' + name); };
const net = require('node:net');
net.Socket.prototype.connect = refuse('connect');
net.Server.prototype.listen = refuse('listen');
const names = { net: ['connect', 'createConnection'], tls: ['connect'], http: ['request', 'get'], https: ['request', 'get'], http2: ['connect'], dgram: ['createSocket'], dns: ['lookup', 'resolve', 'resolve4', 'resolve6'] };
for (const [module, own] of Object.entries(names)) for (const name of own) require('node:' + module)[name] = refuse(name);
globalThis.fetch = refuse('fetch');
globalThis.WebSocket = refuse('WebSocket');
require('node:module').syncBuiltinESMExports();
`;

  it('is not asked for anything, by any command', () => {
    const preload = join(house, 'guard.cjs');
    writeFileSync(preload, guard);
    const guarded = { env: { NODE_OPTIONS: `--require=${preload}` } };
    // The guard sees what it should see.
    const seen = spawnSync(process.execPath, ['-e', "fetch('http://127.0.0.1:1')"], { encoding: 'utf8', env: { ...process.env, ...guarded.env } });
    expect(seen.stderr).toContain('NETWORK: fetch');
    const inThread = spawnSync(process.execPath, ['-e', "new (require('node:worker_threads').Worker)(\"require('node:net').connect(1)\", { eval: true })"], { encoding: 'utf8', env: { ...process.env, ...guarded.env } });
    expect(inThread.stderr).toContain('NETWORK: connect');

    write({
      'go.mod': 'module example.com/p\n\ngo 1.24\n\nrequire example.com/q v1.2.3\n', 'a.go': `${head.replace('"sync"', '(\n\t"sync"\n\n\t"example.com/q"\n)')}${twice('Both')}\nfunc ask() { q.Ask() }\n`,
      ...Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`large${index}.go`, `package p\n\n${Array.from({ length: 1_600 }, (_, one) => `func f${index}x${one}(a int) int { return a + ${one} + 1_000_000 }\n`).join('')}`])),
      'package.json': '{ "name": "p", "dependencies": { "left-pad": "1.0.0" } }', 'b.ts': "import pad from 'left-pad';\nexport const padded = async () => pad(await fetch('http://127.0.0.1:1'));\n",
      'deadheat.yaml': 'failOn: never\n', 'README.md': '```go\nvar mu sync.Mutex\n```\n',
    });
    execFileSync('git', ['init', '-q'], { cwd });
    for (const argv of [
      ['check', '--threads', '2'], ['check', '--format', 'html', '--no-cache'], ['check', 'README.md'], ['check', '--shard', '1/1'], ['merge', 'deadheat-shard-1-of-1.json'], ['report'], ['guide'], ['graph'], ['rules'], ['explain', 'double-lock'],
      ['why-not', 'a.go:11'], ['explore', 'a.go:Both'], ['doctor'], ['baseline', 'create'], ['cache', 'info'], ['completion', 'bash'], ['init'],
    ]) {
      const { status, stdout, stderr } = run(argv, guarded);
      expect([argv.join(' '), status === 0 || status === 1, `${stdout}${stderr}`.includes('NETWORK:') || stderr.includes('no network')]).toEqual([argv.join(' '), true, false]);
    }
  });
});

describe('links in the place of folders', { timeout: 60_000 }, () => {
  it.skipIf(process.platform === 'win32')('lead `init` out of no repository', () => {
    mkdirSync(join(house, 'elsewhere'));
    execFileSync('git', ['init', '-q'], { cwd });
    for (const link of ['.github', '.vscode']) symlinkSync(join(house, 'elsewhere'), join(cwd, link));
    expect(run(['init'])).toMatchObject({ status: 2, stderr: expect.stringContaining('error: cannot write .github/workflows/deadheat.yml: a link leads out of the repository') });
    expect(readdirSync(join(house, 'elsewhere'))).toEqual([]);
    rmSync(join(cwd, '.github'));
    symlinkSync(join(house, 'nowhere'), join(cwd, '.github'));
    expect(run(['init']).status).toBe(2);
    expect(existsSync(join(house, 'nowhere'))).toBe(false);
    rmSync(join(cwd, '.github'));
    rmSync(join(cwd, '.vscode'));
    mkdirSync(join(cwd, 'shared'));
    symlinkSync(join(cwd, 'shared'), join(cwd, '.vscode'));
    expect(run(['init']).status).toBe(0);
    expect(readdirSync(join(cwd, 'shared'))).toEqual(['tasks.json']);
  });
});

describe('comments that speak to tools', { timeout: 240_000 }, () => {
  it.each([
    ['one below the other', (count: number) => `package p\n\n${'//deadheat:ignore double-lock -- one of many\n'.repeat(count)}func f() {}\n`],
    ['side by side', (count: number) => `package p\n\n${'/*deadheat:ignore double-lock -- one of many*/ '.repeat(count)}\nfunc f() {}\n`],
    ['behind statements', (count: number) => `package p\n\nfunc f(a int) {\n${'\ta++ //deadheat:ignore double-lock -- one of many\n'.repeat(count)}}\n`],
    ['as ranges', (count: number) => `package p\n\n${'//nolint:all\n//lint:ignore U1000 one\n'.repeat(count)}func f() {}\n`],
  ])('are read once each: 30,000 %s', async (_name, text) => {
    const { gaps, failures } = await analyze([{ path: 'a.go', text: text(30_000) }], { tests: true });
    expect([gaps, failures]).toEqual([[], []]);
  });
});

describe('functions where Go has none', () => {
  it('are gaps: in a constant, in the head of a loop that cannot be read', async () => {
    const reasons = async (text: string): Promise<string[]> => (await analyze([{ path: 'a.go', text: `${head}${text}\n\n${twice('Both')}` }], { tests: true })).gaps.map(({ at, reason }) => `${at.line}: ${reason}`);
    expect(await reasons('const f = func(s *S) { s.mu.Lock() }')).toEqual(['9: a function in a constant']);
    expect(await reasons('func g() { const f = func(s *S) { s.mu.Lock() } }')).toEqual(['9: a function in a constant']);
    expect(await reasons('const (\n\tone = iota\n\ttwo\n)')).toEqual([]);
    expect(await reasons('func g(s *S) {\n\tfor i := range func() { s.mu.Lock() }; i < 3; {\n\t}\n}')).not.toEqual([]);
  });
});
