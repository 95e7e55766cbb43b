import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, lstatSync, mkdirSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { main } from '../src/cli/main.js';
import { nearest } from '../src/cli/suggest.js';
import { usesColor } from '../src/cli/terminal.js';

vi.mock('../src/parsers/index.js', () => ({ frontEnds: [{ language: 'go', extensions: ['.go'], load: async () => (await import('./toy.js')).toyFrontEnd }] }));
vi.mock('../src/rules/index.js', async () => ({ rules: (await import('./toy.js')).toyRules }));

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'deadheat-cli-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

/** Lays out files: a path and its content each. */
function write(files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, file)), { recursive: true });
    writeFileSync(join(cwd, file), content);
  }
}

async function deadheat(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const code = await main(argv, { stdout: { write: (text) => (out += text) }, stderr: { write: (text) => (err += text) }, cwd, env: {} });
  return { code, out, err };
}

interface Json { schema: string; summary: { files: number; findings: Record<string, number>; gaps: number }; findings: { rule: string; location: { file: string } }[]; gaps: { location: { file: string; line: number }; reason: string }[] }

/** The files with findings, as JSON reports them. */
async function reported(...argv: string[]): Promise<{ code: number; files: string[]; gaps: string[]; err: string }> {
  const { code, out, err } = await deadheat('check', '--format', 'json', ...argv);
  const report = out === '' ? undefined : (JSON.parse(out) as Json);
  return { code, err, files: report?.findings.map(({ location }) => location.file) ?? [], gaps: report?.gaps.map(({ location, reason }) => `${location.file}:${location.line}: ${reason}`) ?? [] };
}

describe('exit codes', () => {
  it('is 0 for clean code', async () => {
    write({ 'a.go': 'clean a\n' });
    expect((await deadheat('check')).code).toBe(0);
  });

  it('is 1 for findings at or over --fail-on', async () => {
    write({ 'a.go': 'defect a\n' });
    expect((await deadheat('check', 'a.go')).code).toBe(1);
    expect((await deadheat('check', '--fail-on', 'never')).code).toBe(0);
  });

  it('is 0 for notes unless asked for', async () => {
    write({ 'a.go': 'hazard a\n' });
    expect((await deadheat('check')).code).toBe(0);
    expect((await deadheat('check', '--fail-on', 'note')).code).toBe(1);
    expect((await deadheat('check', '--fail-on', 'note', '--min-level', 'warning')).code).toBe(0);
  });

  it.each([
    ['a missing path', ['check', 'serber'], "no such file or folder: serber (did you mean 'server'?)"],
    ['a missing pattern', ['check', './serber/...'], "no such file or folder: ./serber/... (did you mean './server'?)"],
    ['an unknown format', ['check', '--format', 'jsno'], "Unknown format 'jsno' (did you mean 'json'?)"],
    ['an unknown output format', ['check', '--output', 'sariff=x'], "Unknown format 'sariff' (did you mean 'sarif'?)"],
    ['an output without file', ['check', '--output', 'sarif'], '<format>=<file>'],
    ['an unknown level', ['check', '--min-level', 'eror'], "Unknown level 'eror' (did you mean 'error'?)"],
    ['an unknown confidence', ['check', '--min-confidence', 'hihg'], "Unknown confidence 'hihg' (did you mean 'high'?)"],
    ['an unknown rule', ['check', '--select', 'toy-defekt'], "unknown rule 'toy-defekt' (did you mean 'toy-defect'?)"],
    ['an unknown rule to ignore', ['check', '--ignore', 'nothing-like-it'], "unknown rule 'nothing-like-it'"],
    ['an unknown rule to explain', ['explain', 'toy-defct'], "unknown rule 'toy-defct' (did you mean 'toy-defect'?)"],
    ['an unknown command', ['chekc'], '(Did you mean check?)'],
    ['an unknown option', ['check', '--formt', 'json'], '(Did you mean --format?)'],
    ['an unknown thing to print', ['check', '--print', 'irr'], "Unknown name 'irr' (did you mean 'ir'?)"],
    ['no command', [], 'Usage'],
  ])('is 2 for %s, with a suggestion', async (_, argv, message) => {
    write({ 'server/a.go': 'clean a\n' });
    const { code, out, err } = await deadheat(...argv);
    expect(err).toContain(message);
    expect(out).toBe('');
    expect(code).toBe(2);
  });

  it('is 2 when a rule or front-end crashes, and the other results still show', async () => {
    write({ 'a.go': 'defect trap\nhazard a\n' });
    const { code, out, err } = await deadheat('check', '--format', 'unix');
    expect(code).toBe(2);
    expect(out).toContain('toy-hazard: a has a hazard');
    expect(err).toContain('internal error in rule toy-defect');
    write({ 'a.go': 'crash\n' });
    const crashed = await reported();
    expect(crashed.code).toBe(2);
    expect(crashed.gaps).toEqual(['a.go:1: not analysed: internal error in the go front-end: toy front-end crashed']);
  });

  it.each([['--version', /^\d+\.\d+\.\d+\n$/], ['--help', /Usage: deadheat/]])('is 0 for %s', async (flag, pattern) => {
    const { code, out } = await deadheat(flag);
    expect(out).toMatch(pattern);
    expect(code).toBe(0);
  });
});

describe('what is analysed', () => {
  it('is all below a folder but what is ignored, foreign or test code', async () => {
    write({
      'a.go': 'defect a\n', 'p2p/b.go': 'defect b\n', 'p2p/b_test.go': 'defect t\n', 'vendor/x/v.go': 'defect v\n', 'node_modules/x/n.go': 'defect n\n',
      'testdata/d.go': 'defect d\n', '_old/o.go': 'defect o\n', '.cache/c.go': 'defect c\n', '.hidden.go': 'defect h\n', '_off.go': 'defect f\n',
      'build/g.go': 'defect g\n', 'p2p/gen.go': 'defect i\n', 'p2p/keep.gen.go': 'defect k\n', 'keep.gen.go': 'defect l\n',
      '.gitignore': 'build/\n*.gen.go\n', 'p2p/.gitignore': '/gen.go\n!keep.gen.go\n', 'readme.md': 'defect r\n',
    });
    expect((await reported()).files).toEqual(['a.go', 'p2p/b.go', 'p2p/keep.gen.go']);
    expect((await reported('./...')).files).toEqual(['a.go', 'p2p/b.go', 'p2p/keep.gen.go']);
    expect((await reported('p2p/...')).files).toEqual(['p2p/b.go', 'p2p/keep.gen.go']);
    expect((await reported('--tests', './p2p')).files).toEqual(['p2p/b.go', 'p2p/b_test.go', 'p2p/keep.gen.go']);
  });

  it('is every file and folder that is named', async () => {
    write({ 'vendor/x/v.go': 'defect v\n', 'a_test.go': 'defect t\n', 'build/g.go': 'defect g\n', '.gitignore': 'build\n', 'testdata/d.go': 'defect d\n', '.git/HEAD': '' });
    expect((await reported('vendor/x/v.go', 'a_test.go', 'build/g.go')).files).toEqual(['a_test.go', 'build/g.go', 'vendor/x/v.go']);
    expect((await reported('build', './testdata/...', 'vendor')).files).toEqual(['build/g.go', 'testdata/d.go', 'vendor/x/v.go']);
  });

  it('respects ignore files between the repository and the folder', async () => {
    write({ '.git/HEAD': '', '.gitignore': 'generated.go\n', 'a/b/generated.go': 'defect g\n', 'a/b/c.go': 'defect c\n' });
    expect((await reported('a/b')).files).toEqual(['a/b/c.go']);
  });

  it('is each file once, however often it is named', async () => {
    write({ 'a.go': 'defect a\n' });
    symlinkSync(join(cwd, 'a.go'), join(cwd, 'b.go'));
    expect(await reported('a.go', '.', './...', 'b.go')).toMatchObject({ files: ['a.go'], gaps: [] });
  });

  it('is reported relative to the working directory', async () => {
    write({ 'a/x.go': 'defect x\n', 'b/y.go': '' });
    const inside = cwd;
    cwd = join(inside, 'b');
    const { files } = await reported('../a');
    cwd = inside;
    expect(files).toEqual(['../a/x.go']);
  });

  it('is not generated code', async () => {
    write({ 'a.go': 'generated\ndefect a\n', 'b.go': 'defect b\n' });
    expect((await reported()).files).toEqual(['b.go']);
  });

  it('TypeScript and JavaScript without what is declared, made, or a test', async () => {
    write({
      'src/a.ts': '', 'src/b.tsx': '', 'src/c.mts': '', 'lib/d.js': '', 'lib/e.cjs': '', 'src/a.d.ts': '', 'lib/d.min.js': '', 'dist/a.js': '', 'src/a.test.ts': '', 'src/f-spec.js': '',
      'test/g.ts': '', 'src/__tests__/h.ts': '', 'node_modules/x/i.js': '', 'coverage/j.js': '', 'build/k.go': 'defect k\n', 'test/l.go': 'defect l\n',
    });
    // These tests know one front-end, for Go: of every other file that is met they hear that nobody reads it.
    const { files, gaps } = await reported();
    expect(files).toEqual(['build/k.go', 'test/l.go']);
    const met = (all: readonly string[]) => all.map((gap) => gap.slice(0, gap.indexOf(':')));
    expect(met(gaps)).toEqual(['lib/d.js', 'lib/e.cjs', 'src/a.ts', 'src/b.tsx', 'src/c.mts']);
    expect(met((await reported('--tests', 'src', 'test/g.ts')).gaps)).toEqual(['src/__tests__/h.ts', 'src/a.test.ts', 'src/a.ts', 'src/b.tsx', 'src/c.mts', 'src/f-spec.js', 'test/g.ts']);
  });
});

describe('bad input is a gap and a line on stderr, never a crash', () => {
  const gapOf = async (...argv: string[]) => {
    const { code, gaps, err } = await reported(...argv);
    for (const gap of gaps) expect(err).toContain(gap);
    return { code, gaps };
  };

  it('binary', async () => {
    write({ 'a.go': 'clean a\n', 'b.go': new Uint8Array([0x70, 0, 1, 2]) });
    expect(await gapOf()).toEqual({ code: 0, gaps: ['b.go:1: not analysed: binary file'] });
  });

  it('not UTF-8: read all the same', async () => {
    write({ 'a.go': new Uint8Array([...Buffer.from('defect a\n'), 0xff, 0xfe, 0x0a]) });
    expect(await gapOf()).toEqual({ code: 1, gaps: ['a.go:1: not valid UTF-8: read with replacement characters'] });
  });

  it('too large', async () => {
    write({ 'a.go': 'clean a\n', 'big.go': new Uint8Array(9 * 1024 * 1024).fill(32) });
    expect(await gapOf()).toEqual({ code: 0, gaps: ['big.go:1: not analysed: larger than 8 MiB'] });
    truncateSync(join(cwd, 'big.go'), 200 * 1024 * 1024);
    expect(await gapOf()).toEqual({ code: 0, gaps: ['big.go:1: not analysed: larger than 8 MiB'] });
  });

  it('bundled and minified JavaScript', async () => {
    write({ 'a.go': 'clean a\n', 'app.js': `${'a();'.repeat(20_000)}\n`, 'bundle.js': 'a();\n'.repeat(500_000) });
    expect(await gapOf()).toEqual({ code: 0, gaps: ['app.js:1: not analysed: minified', 'bundle.js:1: not analysed: a bundle, larger than 2 MB'] });
  });

  it('a folder without source', async () => {
    write({ 'docs/readme.md': '' });
    expect(await gapOf('docs')).toEqual({ code: 2, gaps: ['docs:1: no Go or TypeScript files found'] });
    write({ 'a.go': 'clean a\n' });
    expect(await gapOf('docs', 'a.go')).toEqual({ code: 0, gaps: ['docs:1: no Go or TypeScript files found'] });
  });

  it('a file no front-end reads', async () => {
    write({ 'notes.txt': 'defect a\n' });
    expect((await gapOf('notes.txt')).gaps).toEqual(['notes.txt:1: not analysed: no front-end reads this kind of file']);
  });

  it('empty', async () => {
    write({ 'a.go': '' });
    expect(await gapOf('a.go')).toEqual({ code: 0, gaps: [] });
  });

  it('lines a front-end does not understand', async () => {
    write({ 'a.go': 'clean a\n?\n' });
    expect(await gapOf()).toEqual({ code: 0, gaps: ['a.go:2: cannot read this line'] });
  });

  it.skipIf(process.platform === 'win32')('links in a loop, out of the tree, and to nowhere', async () => {
    write({ 'tree/a.go': 'defect a\n', 'tree/sub/b.go': 'defect b\n', 'other/c.go': 'defect c\n' });
    symlinkSync(join(cwd, 'tree'), join(cwd, 'tree/sub/up'));
    symlinkSync('loop.go', join(cwd, 'tree/loop.go'));
    symlinkSync(join(cwd, 'other'), join(cwd, 'tree/out'));
    symlinkSync(join(cwd, 'other/c.go'), join(cwd, 'tree/c.go'));
    symlinkSync('gone.go', join(cwd, 'tree/nowhere.go'));
    symlinkSync('gone.txt', join(cwd, 'tree/nowhere.txt'));
    const { files, gaps } = await reported('tree');
    expect(files).toEqual(['tree/a.go', 'tree/sub/b.go']);
    expect([...gaps].sort()).toEqual([
      'tree/c.go:1: not analysed: symbolic link to a file elsewhere; name it to follow it',
      'tree/loop.go:1: not analysed: symbolic link, in a loop',
      'tree/nowhere.go:1: not analysed: symbolic link, no such file or folder',
      'tree/out:1: not analysed: symbolic link to a folder elsewhere; name it to follow it',
    ]);
    expect((await reported('tree/out')).files).toEqual(['tree/out/c.go']);
    expect(await reported('tree/loop.go')).toMatchObject({ code: 2, gaps: ['tree/loop.go:1: not analysed: symbolic links in a loop'] });
  });

  it.skipIf(process.platform === 'win32')('pipes and devices, which are never opened', async () => {
    write({ 'a.go': 'defect a\n' });
    execFileSync('mkfifo', [join(cwd, 'pipe.go')]);
    symlinkSync('/dev/zero', join(cwd, 'zero.go'));
    const { files, gaps } = await reported('.');
    expect(files).toEqual(['a.go']);
    expect(gaps).toContain('pipe.go:1: not analysed: not a regular file');
    expect((await reported('pipe.go', 'zero.go')).gaps).toEqual(['pipe.go:1: not analysed: not a regular file', 'zero.go:1: not analysed: not a regular file']);
  });

  it('names that would steer a terminal', async () => {
    write({ 'a\u001b[31m.go': new Uint8Array([0]) });
    const { err } = await reported();
    expect(err).not.toContain('\u001b');
    expect(err).toContain('a\\u001b[31m.go:1:');
  });
});

describe('what is shown', () => {
  const all = { 'a.go': 'defect a\nhazard b\ndoubt c\n' };
  const rulesIn = async (...argv: string[]) => (JSON.parse((await deadheat('check', '--format', 'json', ...argv)).out) as Json).findings.map(({ rule }) => rule);

  it('is filtered by level and confidence, and says what is hidden', async () => {
    write(all);
    expect(await rulesIn()).toEqual(['toy-defect', 'toy-hazard']);
    expect(await rulesIn('--min-confidence', 'low')).toEqual(['toy-defect', 'toy-hazard', 'toy-doubt']);
    expect(await rulesIn('--min-confidence', 'low', '--min-level', 'warning')).toEqual(['toy-defect', 'toy-doubt']);
    const { err } = await deadheat('check', '--min-level', 'error');
    expect(err).toContain('1 more finding below --min-confidence medium');
    expect(err).toContain('1 more finding below --min-level error');
    expect((await deadheat('check', '--quiet')).err).toBe('');
  });

  it('is what the selected rules find: by id, family, prefix', async () => {
    write(all);
    expect(await rulesIn('--select', 'toy-defect')).toEqual(['toy-defect']);
    expect(await rulesIn('--select', 'deadlock,toy-defect')).toEqual(['toy-defect', 'toy-hazard']);
    expect(await rulesIn('--select', 'toy-h*')).toEqual(['toy-hazard']);
    expect(await rulesIn('--select', 'toy', '--ignore', 'race')).toEqual(['toy-hazard']);
    expect(await rulesIn('--ignore', 'toy-hazard', '--ignore', 'toy-defect')).toEqual([]);
  });

  it('goes to several places at once, whole files only', async () => {
    write(all);
    const { code, out } = await deadheat('check', '--format', 'unix', '--output', 'json=report.json', '--output', 'sarif=sub.sarif', '--no-config');
    expect(code).toBe(1);
    expect(out).toContain('a.go:1:1');
    expect((JSON.parse(readFileSync(join(cwd, 'report.json'), 'utf8')) as Json).schema).toBe('deadheat/report/v1');
    expect(JSON.parse(readFileSync(join(cwd, 'sub.sarif'), 'utf8'))).toHaveProperty('version', '2.1.0');
    expect(readdirSync(cwd).sort()).toEqual(['a.go', 'report.json', 'sub.sarif']);
  });

  it('is printed even when a file cannot be written, with exit 2', async () => {
    write(all);
    const { code, out, err } = await deadheat('check', '--format', 'unix', '--output', 'json=no/such/folder.json');
    expect({ code, err }).toMatchObject({ code: 2, err: expect.stringContaining('cannot write no/such/folder.json: no such file or folder') as string });
    expect(out).toContain('toy-defect');
  });

  it('is written into devices and pipes, and into the file that a link leads to', async () => {
    write(all);
    writeFileSync(join(cwd, 'real.json'), 'old');
    symlinkSync('real.json', join(cwd, 'link.json'));
    const { code, err } = await deadheat('check', '--format', 'unix', '--output', 'sarif=/dev/null', '--output', 'json=link.json', '--no-config');
    expect({ code, err }).toMatchObject({ code: 1, err: expect.not.stringContaining('cannot write') as string });
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
    expect(lstatSync(join(cwd, 'link.json')).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(cwd, 'real.json'), 'utf8')).toContain('deadheat/report/v1');
  });

  it.skipIf(!existsSync('/dev/full'))('ends with exit 2 and a sentence where standard output takes no more', () => {
    write(all);
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(process.execPath, [fileURLToPath(new URL('../bin/deadheat.js', import.meta.url)), 'rules'], { cwd, stdio: ['ignore', full, 'pipe'], encoding: 'utf8' });
    closeSync(full);
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringMatching(/^error: cannot write to standard output: ENOSPC[^\n]*\n$/) as string });
  });

  it('is the same whatever the order of the paths', async () => {
    write({ 'a.go': 'defect a\n', 'b.go': 'defect b\n', 'c.go': '?\ndefect c\n' });
    const one = await deadheat('check', '--format', 'unix', 'a.go', 'b.go', 'c.go');
    const other = await deadheat('check', '--format', 'unix', 'c.go', 'b.go', 'a.go');
    expect(other).toEqual(one);
  });

  it('is the program itself under --print', async () => {
    write(all);
    const { code, out } = await deadheat('check', '--print', 'ir', 'a.go');
    expect(code).toBe(0);
    expect(out).toContain('a');
  });

  it('is every gap under --verbose, the first ones otherwise', async () => {
    write({ 'a.go': '?\n'.repeat(30) });
    expect((await deadheat('check')).err).toContain('10 more gaps; --verbose shows them');
    expect((await deadheat('check', '--verbose')).err.match(/cannot read/g)).toHaveLength(30);
  });
});

describe('rules and explain', () => {
  it('lists the rules', async () => {
    expect((await deadheat('rules')).out).toMatch(/^rule +family +level +confidence +what it finds\ntoy-defect +race +error +high +a defect is there\n/);
    expect(JSON.parse((await deadheat('rules', '--json')).out)).toMatchObject([{ id: 'toy-defect', misses: 'Everything else.' }, {}, {}]);
  });

  it('explains a rule', async () => {
    const { code, out } = await deadheat('explain', 'toy-defect');
    expect(code).toBe(0);
    for (const text of ['toy-defect: a defect is there', 'A defect is a defect.', 'It hurts.', 'Take it out.', 'Everything else.']) expect(out).toContain(text);
  });
});

describe('colour', () => {
  it.each([
    [undefined, true, {}, true],
    [undefined, false, {}, false],
    [undefined, true, { NO_COLOR: '1' }, false],
    [undefined, true, { NO_COLOR: '' }, true],
    [undefined, false, { FORCE_COLOR: '1' }, true],
    [undefined, true, { FORCE_COLOR: '0' }, false],
    [undefined, true, { TERM: 'dumb' }, false],
    [true, false, { NO_COLOR: '1' }, true],
    [false, true, { FORCE_COLOR: '1' }, false],
  ] as const)('flag %s, terminal %s, %o: %s', (flag, isTTY, env, expected) => {
    expect(usesColor(flag, { write: () => {}, isTTY }, env)).toBe(expected);
  });
});

describe('suggestions', () => {
  it.each([['duble-lock', 'double-lock'], ['doulbe-lock', 'double-lock'], ['DOUBLE-LOCK', 'double-lock'], ['elephant', undefined]])('%s: %s', (typed, meant) => {
    expect(nearest(typed, ['double-lock', 'double-close', 'missing-unlock'])).toBe(meant);
  });
});

const root = fileURLToPath(new URL('../', import.meta.url));
const built = existsSync(join(root, 'dist/cli/process.js'));
if (!built) console.warn('SKIPPED: dist is not built (npm run build); the installed command is not tested');

describe.skipIf(!built)('the installed command', () => {
  const bin = join(root, 'bin/deadheat.js');

  it('runs', () => {
    expect(spawnSync(process.execPath, [bin, '--version'], { encoding: 'utf8' })).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\d/) as string });
    expect(spawnSync(process.execPath, [bin, 'check', 'nowhere'], { encoding: 'utf8', cwd })).toMatchObject({ status: 2, stdout: '' });
  });

  it('is bundled, and says what its modules say where it is not', () => {
    expect(existsSync(join(root, 'dist/bundle/cli.js'))).toBe(true);
    // The front-ends, a document, the reports' own files and the threads are found from where the bundle stands too.
    const module = `process.argv.splice(1, 0, 'deadheat'); const { run } = await import(${JSON.stringify(pathToFileURL(join(root, 'dist/cli/process.js')).href)}); await run(process);`;
    for (const args of [['check', 'fixtures/p2p-node', '--format', 'sarif'], ['check', 'fixtures/p2p-client-ts', '--format', 'markdown'], ['check', 'README.md', 'docs/getting-started.md', '--format', 'unix'], ['explain', 'double-lock']]) {
      const [bundled, plain] = [[bin], ['--input-type=module', '-e', module, '--']].map((how) => spawnSync(process.execPath, [...how, ...args, ...(args[0] === 'check' ? ['--no-cache'] : [])], { encoding: 'utf8', cwd: root }));
      expect({ ...bundled, pid: 0 }).toEqual({ ...plain, pid: 0 });
      expect(bundled!.stderr).not.toContain('internal');
    }
  });

  it('says the same whatever the number of threads', () => {
    const folder = mkdtempSync(join(tmpdir(), 'deadheat-threads-'));
    try {
      // Enough text that several threads have their share, with faults in it.
      const body = readFileSync(join(root, 'fixtures/double-lock/bad.go'), 'utf8');
      for (let copy = 0; copy < 24; copy++) {
        mkdirSync(join(folder, `p${copy}`));
        writeFileSync(join(folder, `p${copy}/bad.go`), `${body}${copy % 7 === 0 ? '\nfunc broken( {\n' : ''}\n${`// filler ${copy}\n`.repeat(3500)}`);
      }
      const run = (threads: number) => spawnSync(process.execPath, [bin, 'check', '.', '--format', 'unix', '--threads', String(threads)], { encoding: 'utf8', cwd: folder });
      const [one, three] = [run(1), run(3)];
      expect(one.status).toBe(1);
      expect({ ...three, pid: 0 }).toEqual({ ...one, pid: 0 });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('ends quietly when its reader goes away', async () => {
    const child = spawn(process.execPath, [bin, 'check', '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    let err = '';
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });
});
