import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { main } from '../src/cli/main.js';
import { analyze, placesOf, type Analysis, type Source } from '../src/index.js';

/**
 * Repositories of strangers, as whole runs: what stands in `cli.test.ts` (links, pipes, sizes) is not repeated. Sizes are scaled
 * so that work which grows with the square of the input would not end; nothing is timed.
 */

let house: string;
let cwd: string;
beforeEach(() => {
  house = realpathSync(mkdtempSync(join(tmpdir(), 'deadheat-hostile-')));
  cwd = join(house, 'tree');
  mkdirSync(cwd);
});
afterEach(() => rmSync(house, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, file)), { recursive: true });
    writeFileSync(join(cwd, file), content);
  }
}

async function deadheat(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const code = await main(argv, { stdout: { write: (text) => (out += text) }, stderr: { write: (text) => (err += text) }, cwd, env: { DEADHEAT_CACHE_DIR: join(house, 'cache') } });
  return { code, out, err };
}

async function seen(...sources: Source[]): Promise<Analysis> {
  const analysis = await analyze(sources, { tests: true });
  expect(analysis.failures).toEqual([]);
  expect(analysis.gaps.filter(({ reason }) => reason.startsWith('this part was not understood'))).toEqual([]);
  return analysis;
}

const go = (text: string, path = 'a.go'): Source => ({ path, text });
/** Takes its lock twice: found as long as the file was understood. */
const twice = (name: string): string => `func (s *S) ${name}() {\n\ts.mu.Lock()\n\ts.mu.Lock()\n\ts.mu.Unlock()\n\ts.mu.Unlock()\n}\n`;
const head = 'package p\n\nimport "sync"\n\ntype S struct {\n\tmu sync.Mutex\n}\n\n';
const posix = process.platform !== 'win32';
/** Nothing is forbidden to the superuser. */
const mayEverything = process.getuid?.() === 0;
if (mayEverything) console.warn('NOT TESTED: folders that may not be read or written, which the superuser may');

describe('trees', () => {
  it('of many small files are read one by one (5,000 for the million of the issue)', { timeout: 240_000 }, async () => {
    for (let index = 0; index < 5_000; index++) write({ [`p${index % 50}/f${index}.go`]: `package p${index % 50}\n\nfunc f${index}() {}\n` });
    write({ 'q/a.go': `${head.replace('package p', 'package q')}${twice('Both')}` });
    const { code, out } = await deadheat('check', '--format', 'json', '--no-cache');
    const { summary } = JSON.parse(out) as { summary: { files: number; functions: number; findings: { error: number } } };
    expect([code, summary.files, summary.functions, summary.findings.error]).toEqual([1, 5_001, 5_001, 1]);
  });

  it.skipIf(!posix)('whose manifests, ignore files and settings are pipes, devices or links in a loop are read around them', async () => {
    write({ 'a.go': `${head}${twice('Both')}`, 'b.ts': 'export const a = 1;\n' });
    for (const name of ['.gitignore', 'go.mod', 'tsconfig.json', 'locksordering.txt', 'deadheat.yaml']) execFileSync('mkfifo', [join(cwd, name)]);
    symlinkSync('/dev/zero', join(cwd, 'package.json'));
    symlinkSync('go.work', join(cwd, 'go.work'));
    expect((await deadheat('check', '--format', 'unix', '--no-cache')).out).toContain('double-lock');
  });

  it.skipIf(!posix || spawnSync('git', ['--version']).status !== 0)('in which a change put pipes and devices in the place of files are compared all the same', async () => {
    const git = (...args: string[]) => execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.invalid', '-c', 'commit.gpgsign=false', ...args], { cwd, stdio: 'pipe' });
    git('init', '-q');
    write({ 'a.go': `${head}${twice('Both')}`, 'c.go': 'package p\n', 'package.json': '{}', 'sub/go.mod': 'module example.com/q\n' });
    git('add', '-A');
    git('commit', '-qm', 'one');
    for (const name of ['c.go', 'package.json', 'sub/go.mod']) rmSync(join(cwd, name));
    execFileSync('mkfifo', [join(cwd, 'c.go')]);
    symlinkSync('/dev/zero', join(cwd, 'package.json'));
    symlinkSync('/dev/stdin', join(cwd, 'sub/go.mod'));
    write({ 'b.go': `package p\n\n${twice('Again')}` });
    const { out } = await deadheat('check', '--format', 'json', '--new-from-rev', 'HEAD');
    expect((JSON.parse(out) as { findings: { location: { file: string } }[] }).findings.map(({ location }) => location.file)).toEqual(['b.go', 'b.go']);
  });

  it.skipIf(!posix || mayEverything)('with folders and files nobody may read say so', async () => {
    write({ 'a.go': `${head}${twice('Both')}`, 'b.go': 'package p\n', 'shut/c.go': 'package shut\n' });
    chmodSync(join(cwd, 'b.go'), 0);
    chmodSync(join(cwd, 'shut'), 0);
    const { err, out } = await deadheat('check', '--format', 'unix');
    chmodSync(join(cwd, 'shut'), 0o700);
    expect(out).toContain('double-lock');
    expect(err).toContain('b.go:1: not analysed: permission denied');
    expect(err).toContain('shut:1: not analysed: permission denied');
  });
});

describe('code', () => {
  it('nested 100,000 levels deep is a gap, and the function after it is understood', async () => {
    for (const body of [`x = ${'('.repeat(100_000)}1${')'.repeat(100_000)}`, `${'{'.repeat(100_000)}${'}'.repeat(100_000)}`, `x = ${'[]int{'.repeat(100_000)}${'}'.repeat(100_000)}`]) {
      const { gaps, findings, functions } = await seen(go(`${head}func f() {\n${body}\n}\n\n${twice('Both')}`));
      expect(functions).toBeGreaterThan(0);
      expect(gaps.length + findings.length).toBeGreaterThan(0);
    }
    for (const body of [`${'('.repeat(100_000)}1${')'.repeat(100_000)}`, `${'['.repeat(100_000)}${']'.repeat(100_000)}`, `${'() => '.repeat(100_000)}1`]) {
      const { gaps } = await seen({ path: 'a.ts', text: `export const a = ${body};\n` });
      expect(gaps.length).toBeGreaterThan(0);
    }
  });

  it('of one line of 4 MB (for the 50 MB of the issue, which no run opens: files end at 8 MiB) is read', { timeout: 240_000 }, async () => {
    const { findings } = await seen(go(`${head}${twice('Both')}var x = "${'a'.repeat(4_000_000)}"\n`));
    expect(findings.map(({ rule }) => rule)).toContain('double-lock');
    write({ 'long.go': `package p // ${'a'.repeat(9_000_000)}` });
    expect((await deadheat('check')).err).toContain('long.go:1: not analysed: larger than 8 MiB');
  });

  it('that opens comments and closes none gives up after a counted effort', async () => {
    for (const piece of ['/*', ')(/*', '"s"\n/*', '`a\n/*']) {
      const { gaps } = await seen(go(`${head}${twice('Both')}${piece.repeat(60_000)}`));
      expect(gaps.length).toBeGreaterThan(0);
    }
  });

  it('whose operators have nothing to work on is given up by what stands there, however long it is', async () => {
    for (const piece of ['*/\n', '& case\n', '/* }\n', '- ~ {\n& default\n', '*/ */\n', '<- /*\n', '{ ~\n', '{ chan\n', "' */\n", '== * ++ ']) {
      for (const length of [6_000, 60_000]) {
        const { gaps } = await seen(go(`${head}${twice('Both')}${piece.repeat(length / piece.length)}`));
        expect(gaps.map(({ reason }) => reason)).toEqual(['cannot read this file as Go']);
      }
    }
    // What damaged code holds of that costs nobody his file: marks of a merge, ends of comments, half of a line.
    const damage = `func f() {\n<<<<<<< HEAD\n\tx = \n=======\n}\n>>>>>>> other\n*/\n\ty := a +\n}\n\n`;
    const { findings } = await seen(go(`${head}${damage.repeat(40)}${twice('Both')}`));
    expect(findings.map(({ rule }) => rule)).toContain('double-lock');
    // And of what comments, strings and sound code hold nothing counts.
    const sound = '\t// */ */ & case %/ ;\n\t/* & case ** ( */ s = "*/ & case" + `& case\n* )` // = %\n\tr = \'*\' ; x = [...]int{-1, +2, ^3, *p, 1 - -1, 1 &^ 2, 3 * .5}[<-c]\n\tx++ ; y--\n\tif !*b && !<-d { v = 1 + // %\n\t\t2 }\n';
    const clean = await seen(go(`${head}func g() {\n${sound.repeat(100)}}\n\n${twice('Both')}`));
    expect(clean.gaps).toEqual([]);
  });

  it('in which one function starts hundreds of tasks over one variable, counter or channel is told', { timeout: 120_000 }, async () => {
    const many = (body: (index: number) => string): string => Array.from({ length: 600 }, (_, index) => body(index)).join('');
    const shared = await seen(go(`package p\n\nfunc f() {\n\tx := 0\n${many((index) => `\tgo func() { x = ${index} }()\n`)}\t_ = x\n}\n`));
    expect(shared.findings.map(({ rule }) => rule)).toContain('captured-variable');
    const counted = await seen(go(`package p\n\nimport "sync"\n\nfunc f(stop bool) {\n\tvar wg sync.WaitGroup\n${many((index) => `\twg.Add(1)\n\tgo func() {\n\t\tif stop {\n\t\t\treturn\n\t\t}\n\t\twg.Done()\n\t}() // ${index}\n`)}\twg.Wait()\n}\n`));
    expect(counted.findings.filter(({ rule }) => rule === 'waitgroup-missing-done').length).toBeGreaterThan(0);
    const unlowered = await seen(go(`package p\n\nimport "sync"\n\nfunc f() {\n\tvar wg sync.WaitGroup\n${many((index) => `\twg.Add(1)\n\tgo func() { println(${index}) }()\n`)}\twg.Wait()\n}\n`));
    expect(unlowered.findings.map(({ rule }) => rule)).toEqual(Array.from({ length: 600 }, () => 'waitgroup-missing-done'));
    const channels = await seen(go(`package p\n\nfunc f() {\n${many((index) => `\tc${index} := make(chan int)\n\tgo func() { c${index} <- 1 }()\n`)}}\n`));
    expect(channels.findings.map(({ rule }) => rule)).toEqual(Array.from({ length: 600 }, () => 'goroutine-leak'));
  });

  it('broken in thousands of places tells the first of them, and how many there are', async () => {
    const broken = 'func f() {\n\tx := $ 1\n}\n\n';
    const one = await seen(go(`${head}${broken.repeat(90)}${twice('Both')}`));
    const many = await seen(go(`${head}${broken.repeat(2_000)}${twice('Both')}`), go('package p\n\nfunc h() {\n\tx := $ 1\n}\n', 'b.go'));
    expect(one.gaps.every(({ places }) => places === undefined)).toBe(true);
    expect(many.findings.map(({ rule }) => rule)).toContain('double-lock');
    const [rest] = many.gaps.filter(({ places }) => places !== undefined);
    expect(rest).toMatchObject({ at: { file: 'a.go' }, reason: expect.stringMatching(/^\d+ more places in this file were not understood$/) as string });
    expect(many.gaps.filter(({ at }) => at.file === 'a.go')).toHaveLength(101);
    expect(many.gaps.at(-1)!.at.file).toBe('b.go');
    // As many as there would be without a bound: each function is broken like the other.
    const perFunction = one.gaps.length / 90;
    expect(placesOf(many.gaps)).toBe(2_000 * perFunction + perFunction);
    write({ 'a.go': `${head}${broken.repeat(2_000)}` });
    const { out } = await deadheat('check', '--format', 'json', '--no-cache');
    const report = JSON.parse(out) as { summary: { gaps: number }; gaps: { places?: number }[] };
    expect([report.summary.gaps, report.gaps.length, report.gaps.at(-1)!.places]).toEqual([2_000 * perFunction, 101, 2_000 * perFunction - 100]);
    expect((await deadheat('check', '--no-cache')).out).toContain(`\n  and ${2_000 * perFunction - 5} more; --format json lists them`);
  });

  it('whose types hold, embed, alias and name themselves and each other ends', async () => {
    await seen(go(`${head}type A struct { B; *A; C }\ntype B struct { *C; A }\ntype C = D\ntype D = C\ntype E interface { F; m() }\ntype F interface { E; n() }\ntype G[T any] struct { x *G[G[T]]; T }\ntype H [len(h)]H\nvar h H\ntype I map[I]I\ntype J func(J) J\ntype K[T K[T]] struct{}\n\nfunc (a *A) f() { a.mu.Lock(); a.B.A.C.f(); h[0][0] = h }\nfunc (g *G[T]) g() { g.x.x.x.g() }\nvar a = b\nvar b = a + f()\nfunc f() int { return a }\n`));
    await seen({ path: 'a.ts', text: "export class A extends B { m() { super.m(); return this.n(); } }\nexport class B extends C {}\nexport class C extends A {}\ntype T<U> = T<T<U>>;\ninterface I extends J { x: I } interface J extends I { y: J }\nlet x: T<I>; export const y = y + z; const z = () => y();\n" });
  });

  it('whose packages and modules import each other in a circle ends', async () => {
    write({ 'go.mod': 'module m\n', 'a/a.go': 'package a\n\nimport "m/b"\n\nfunc F() { b.F() }\n', 'b/b.go': 'package b\n\nimport ("m/a"; "m/b")\n\nfunc F() { a.F(); b.F() }\n', 'c.ts': "export * from './d';\nexport * from './c';\n", 'd.ts': "export * from './c';\nimport { x } from './c';\nx();\n" });
    expect((await deadheat('check', '--no-cache')).code).toBe(0);
  });

  it('whose generics grow with each step is followed a counted number of steps', { timeout: 240_000 }, async () => {
    const steps = Array.from({ length: 40 }, (_, index) => `func f${index}[T any](x T) { f${index + 1}[P[T, T]](P[T, T]{x, x}); f${index + 1}(P[T, T]{}) }\n`).join('');
    const { findings } = await seen(go(`${head}type P[A, B any] struct { a A; b B }\n\n${steps}func f40[T any](x T) {}\n\nfunc grow[T any](x T) { grow[P[T, T]](P[T, T]{x, x}) }\n\nfunc begin() { f0(1); grow(1) }\n\n${twice('Both')}`));
    expect(findings.map(({ rule }) => rule)).toContain('double-lock');
    await seen({ path: 'a.ts', text: `${Array.from({ length: 40 }, (_, index) => `type T${index}<A> = T${index + 1}<[A, A]> | T${index + 1}<A[]>;\n`).join('')}type T40<A> = A;\nexport let x: T0<number>; export async function f() { await x; }\n` });
  });

  it('with thousands of comments that speak to tools takes each once', { timeout: 240_000 }, async () => {
    const lines = Array.from({ length: 6_000 }, (_, index) => `\tx++ //nolint:${index % 2 === 0 ? 'all' : 'x'} // y`).join('\n');
    const { findings } = await seen(go(`${head}func f() {\n\tx := 0\n${lines}\n}\n\n${twice('Both')}`));
    expect(findings.map(({ rule }) => rule)).toContain('double-lock');
  });

  it('whose lists have a quarter of a million members costs no more than each of them once', { timeout: 240_000 }, async () => {
    const members = Array.from({ length: 250_000 }, (_, index) => `${index}`);
    await seen(go(`${head}var list = []int{${members.join(', ')}}\n\nfunc all(...int) {}\n\nfunc f() { all(${members.join(', ')}) }\n`));
    await seen({ path: 'a.ts', text: `export const list = [${members.join(', ')}];\nexport const record = { ${members.map((member) => `k${member}: ${member}`).join(', ')} };\nlist.push(${members.join(', ')});\nall(${members.join(', ')});\nfunction all(...numbers: number[]) {}\n` });
  });

  it('whose calls lead through thousands of functions is followed a counted number of steps', { timeout: 240_000 }, async () => {
    const calls = Array.from({ length: 4_000 }, (_, index) => `export function f${index}() { return f${index + 1}(); }\n`).join('');
    const { failures, gaps } = await seen({ path: 'a.ts', text: `${calls}export function f4000() { return 1; }\nexport function chain(p: Promise<number>) { return p${'.then((x) => x + 1)'.repeat(4_000)}; }\n` });
    expect(failures).toEqual([]);
    expect(gaps.every(({ at }) => at.line > 4_000)).toBe(true);
    await seen(go(`${head}${calls.replaceAll('export function', 'func').replaceAll('return', '').replaceAll(';', '')}func f4000() {}\n\n${twice('Both')}`));
  });

  it('whose comments are endless words and spaces is read', async () => {
    for (const piece of ['a', 'a.', 'lock', 'must ', 'mu.', ' ', 'lock x -> ', 'the lock must be held ']) {
      const text = piece.repeat(400_000 / piece.length);
      const { findings } = await seen(go(`${head}// The lock must be held: ${text}\n// Lock order: a, ${text} then b.\n${twice('Both')}`));
      expect(findings.map(({ rule }) => rule)).toContain('double-lock');
    }
  });
});

describe('names', () => {
  const strange = 'a\u001b]0;x\u0007\u202e\u2066b\u0085\u200f';
  const raw = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

  it.skipIf(!posix)('of files, folders and settings reach no terminal, page, review or log as they are', async () => {
    const folder = `${strange}\n::error::x`;
    write({ [`${folder}/${strange}.go`]: `${head}// ${strange}\n${twice('Both')}`, [`${folder}/broken.go`]: `package p\n\nfunc f( {\n\tx = "${strange}"\n` });
    for (const format of ['text', 'unix', 'markdown', 'summary', 'github', 'checkstyle', 'junit', 'html', 'sarif', 'json', 'gitlab', 'rdjson']) {
      const { out, err } = await deadheat('check', '--format', format, '--no-cache', '--color');
      expect(out.length, format).toBeGreaterThan(100);
      const plain = (text: string): string => text.replace(/\u001b\[[0-9;]*m/g, '');
      expect(raw.exec(plain(err)), `${format}, stderr`).toBeNull();
      expect(raw.exec(format === 'html' ? plain(out).replace(/<script[^]*?<\/script>/g, '') : plain(out)), format).toBeNull();
      if (format === 'github') expect(out.split('\n').filter((line) => line.startsWith('::error::x'))).toEqual([]);
    }
    write({ 'deadheat.yaml': `"${strange}": 1\nignore: ["${strange}"]\n` });
    const { code, err } = await deadheat('check');
    expect(code).toBe(2);
    expect(raw.exec(err)).toBeNull();
  });

  it('that reach the machinery of objects are names like others', async () => {
    const { findings } = await seen(go(`${head.replaceAll('S', 'constructor')}type __proto__ struct { toString, __proto__, hasOwnProperty sync.Mutex }\n\nfunc (s *__proto__) constructor() {\n\ts.__proto__.Lock()\n\ts.__proto__.Lock()\n}\n\nfunc __defineGetter__() { valueOf := 1; _ = valueOf; go __defineGetter__() }\n`));
    expect(findings.map(({ rule }) => rule)).toContain('double-lock');
    await seen({ path: 'a.ts', text: "export class constructor { __proto__ = 1; async toString() { this.__proto__ = await this.hasOwnProperty(); } hasOwnProperty() { return this['__proto__']; } }\nexport const __proto__ = { __proto__: null, constructor() {} };\nimport { __proto__ as x } from './constructor';\n" });
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

describe('paths that come from a file', () => {
  it('lead no written file out of the tree', async () => {
    write({ 'a.go': `${head}${twice('Both')}`, 'deadheat.yaml': 'baseline: ../outside.json\n' });
    writeFileSync(join(house, 'outside.json'), 'not ours');
    for (const command of [['baseline', 'update'], ['baseline', 'create'], ['baseline', 'prune'], ['check']]) {
      const { code, err } = await deadheat(...command);
      expect([command.join(' '), code]).toEqual([command.join(' '), 2]);
      expect(err).toContain('deadheat.yaml:1:11: ');
    }
    expect(readFileSync(join(house, 'outside.json'), 'utf8')).toBe('not ours');
  });

  it.skipIf(!posix)('nor does a link that stands for one', async () => {
    write({ 'a.go': `${head}${twice('Both')}`, 'deadheat.yaml': 'baseline: known.json\n' });
    writeFileSync(join(house, 'outside.json'), 'not ours');
    symlinkSync(join(house, 'outside.json'), join(cwd, 'known.json'));
    expect((await deadheat('baseline', 'update')).code).toBe(2);
    expect(readFileSync(join(house, 'outside.json'), 'utf8')).toBe('not ours');
  });

  it('lead nowhere in manifests: what they name is a dependency, never printed as code', async () => {
    writeFileSync(join(house, 'secret.go'), 'package secret\n\n// TOKEN-abc\nfunc F() {}\n');
    write({ 'go.mod': 'module m\n\nrequire s v1.0.0\n\nreplace s => ../\n', 'a.go': 'package p\n\nimport "s"\n\nfunc f() { secret.F() }\n', 'tsconfig.json': '{ "extends": "../../../../etc/passwd", "compilerOptions": { "paths": { "*": ["../../../*"] } } }', 'b.ts': "import x from '../../../../etc/passwd';\nx();\n" });
    const { out, err } = await deadheat('check', '--format', 'markdown', '--no-cache', '--verbose');
    expect(out + err).not.toMatch(/TOKEN-abc|root:/);
  });
});

describe('faults', { timeout: 120_000 }, () => {
  const bin = fileURLToPath(new URL('../bin/deadheat.js', import.meta.url));
  const run = (...argv: readonly string[]) => spawnSync(process.execPath, [bin, ...argv], { cwd, encoding: 'utf8', env: { ...process.env, DEADHEAT_CACHE_DIR: join(house, 'cache'), NO_COLOR: '1' } });

  it('killed at any point, a run leaves the old report or the new one, and nothing that a later run trips over', async () => {
    write({ 'a.go': `${head}${twice('Both')}` });
    const report = join(cwd, 'report.json');
    writeFileSync(report, '"old"');
    for (const wait of [50, 200, 350, 500, 700, 1_000]) {
      const child = spawn(process.execPath, [bin, 'check', '--output', 'json=report.json', '--fail-on', 'never'], { cwd, env: { ...process.env, DEADHEAT_CACHE_DIR: join(house, 'cache') }, stdio: 'ignore' });
      const ended = new Promise((resolve) => child.on('exit', resolve));
      setTimeout(() => child.kill('SIGKILL'), wait);
      await ended;
      const left = JSON.parse(readFileSync(report, 'utf8')) as unknown;
      expect(left === 'old' || (left as { schema: string }).schema === 'deadheat/report/v1').toBe(true);
    }
    const { status } = run('check', '--output', 'json=report.json', '--fail-on', 'never');
    expect(status).toBe(0);
    expect((JSON.parse(readFileSync(report, 'utf8')) as { schema: string }).schema).toBe('deadheat/report/v1');
  });

  it.skipIf(!existsSync('/dev/full'))('a full disk is a sentence and exit 2', () => {
    write({ 'a.go': `${head}${twice('Both')}` });
    const { status, stderr, stdout } = run('check', '--format', 'unix', '--output', 'json=/dev/full');
    expect(status).toBe(2);
    expect(stderr).toMatch(/error: cannot write \/dev\/full: no space left/);
    expect(stdout).toContain('double-lock');
  });

  it.skipIf(!posix || mayEverything)('a folder that may only be read is a sentence and exit 2, and loses nothing else', () => {
    write({ 'a.go': `${head}${twice('Both')}`, 'out/.keep': '' });
    chmodSync(join(cwd, 'out'), 0o500);
    const { status, stderr, stdout } = run('check', '--format', 'unix', '--output', 'json=out/report.json');
    expect(status).toBe(2);
    expect(stderr).toContain('error: cannot write out/report.json: permission denied');
    expect(stdout).toContain('double-lock');
    expect(readdirSync(join(cwd, 'out'))).toEqual(['.keep']);
  });

  it('files that change and go while a run reads them are whole or a gap', async () => {
    for (let index = 0; index < 200; index++) write({ [`f${index}.go`]: `package p\n\nfunc f${index}() {}\n` });
    write({ 'a.go': `${head}${twice('Both')}` });
    const child = spawn(process.execPath, [bin, 'check', '--format', 'json', '--no-cache'], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    child.stdout.on('data', (part) => (out += String(part)));
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    let turn = 0;
    const meddle = setInterval(() => {
      const file = join(cwd, `f${turn++ % 200}.go`);
      if (turn % 2 === 0) rmSync(file, { force: true });
      else writeFileSync(file, `package p\n\nfunc g${turn}() { ${'x()\n'.repeat(turn % 50)} }\n`);
    }, 2);
    const code = await ended;
    clearInterval(meddle);
    expect(code).toBe(1);
    const { findings } = JSON.parse(out) as { findings: { rule: string }[] };
    expect(findings.map(({ rule }) => rule)).toContain('double-lock');
  });

  it('a reading thread that runs out of memory costs time, not files', { timeout: 240_000 }, () => {
    for (let index = 0; index < 12; index++) write({ [`f${index}.go`]: `package p\n\n${Array.from({ length: 2_500 }, (_, one) => `func f${index}x${one}(a int) int { return a + ${one} }\n`).join('')}` });
    write({ 'a.go': `${head}${twice('Both')}` });
    const limited = join(house, 'limited.mjs');
    // Every worker that starts gets room for nothing.
    writeFileSync(limited, "import workers from 'node:worker_threads';\nimport { syncBuiltinESMExports } from 'node:module';\nconst { Worker } = workers;\nworkers.Worker = class extends Worker { constructor(file, options) { super(file, { ...options, resourceLimits: { maxOldGenerationSizeMb: 2, maxYoungGenerationSizeMb: 1 } }); console.error('a thread'); } };\nsyncBuiltinESMExports();\n");
    const check = (threads: string, ...flags: readonly string[]) => spawnSync(process.execPath, [...flags, bin, 'check', '--format', 'unix', '--no-cache', '--threads', threads], { cwd, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } });
    const alone = check('1');
    const helped = check('2', '--import', `file://${limited}`);
    expect(helped.stderr).toContain('a thread');
    expect([helped.status, helped.stdout]).toEqual([alone.status, alone.stdout]);
    expect(alone.stdout).toContain('double-lock');
  });
});
