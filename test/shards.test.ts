import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { main as mainType } from '../src/cli/main.js';
import { analyze, independentParts, type Source } from '../src/index.js';

// Shards name the build they come from: only what was built has a name.
const { main } = (await import(new URL('../dist/cli/main.js', import.meta.url).href)) as { readonly main: typeof mainType };
const shelf = fileURLToPath(new URL('../fixtures/', import.meta.url));

let house: string;
let cwd: string;
beforeEach(() => {
  house = realpathSync(mkdtempSync(join(tmpdir(), 'deadheat-shards-')));
  cwd = join(house, 'code');
});
afterEach(() => rmSync(house, { recursive: true, force: true }));

async function deadheat(...argv: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const code = await main(argv, { stdout: { write: (text) => (out += text) }, stderr: { write: (text) => (err += text) }, cwd, env: { PATH: process.env['PATH'], DEADHEAT_CACHE_DIR: join(house, 'cache') } });
  return { code, out, err };
}

const formats = ['json', 'sarif', 'text', 'markdown', 'html', 'junit', 'summary'];
const written = (prefix: string): Record<string, string> => Object.fromEntries(formats.map((format) => [format, readFileSync(join(house, `${prefix}.${format}`), 'utf8').replace(/"durationMs": \d+/, '"durationMs": 0')]));
const outputs = (prefix: string): string[] => formats.flatMap((format) => ['--output', `${format}=${join(house, `${prefix}.${format}`)}`]);
const shardFile = (index: number): string => join(house, `${index}.json`);

async function shards(count: number, ...more: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (let index = 1; index <= count; index++) {
    const { code, err } = await deadheat('check', '--no-cache', '--format', 'unix', '--shard', `${index}/${count}`, '--shard-file', shardFile(index), ...more);
    expect([code, err]).toEqual([expect.toBeOneOf([0, 1]), expect.stringContaining(`shard ${index} of ${count}: `)]);
    files.push(shardFile(index));
  }
  return files;
}

function write(file: string, text: string): void {
  mkdirSync(dirname(join(cwd, file)), { recursive: true });
  writeFileSync(join(cwd, file), text);
}

describe('shards', { timeout: 300_000 }, () => {
  it.each(['monorepo', 'p2p-node', 'p2p-client-ts'])('joined are the report of one run: %s', async (fixture) => {
    cpSync(join(shelf, fixture), cwd, { recursive: true });
    const whole = await deadheat('check', '--no-cache', '--format', 'json', ...outputs('whole'), '.');
    expect(JSON.parse(whole.out).findings).not.toEqual([]);
    const expected = written('whole');
    for (const count of [1, 2, 3, 5]) {
      const files = await shards(count, '.');
      const merged = await deadheat('merge', ...outputs(`merged${count}`), '--format', 'unix', ...files.reverse());
      expect([merged.code, merged.err]).toEqual([whole.code, whole.err]);
      expect(written(`merged${count}`)).toEqual(expected);
    }
  });

  it('lie where they were written, or in a folder of their own', async () => {
    cpSync(join(shelf, 'monorepo'), cwd, { recursive: true });
    for (const shard of ['1/2', '2/2']) await deadheat('check', '--shard', shard, '--no-cache');
    const { code, out } = await deadheat('merge', '--format', 'unix', 'deadheat-shard-1-of-2.json', 'deadheat-shard-2-of-2.json');
    expect([code, out]).toEqual([1, expect.stringContaining('services/gateway/main.go:19')]);
    mkdirSync(join(cwd, 'shards'));
    for (const name of ['deadheat-shard-1-of-2.json', 'deadheat-shard-2-of-2.json']) renameSync(join(cwd, name), join(cwd, 'shards', name));
    expect((await deadheat('merge', '--format', 'unix', 'shards/deadheat-shard-1-of-2.json', 'shards/deadheat-shard-2-of-2.json')).out).toBe(out);
    write('services/gateway/go.mod', 'module example.com/monorepo/other\n');
    expect(await deadheat('merge', 'shards/deadheat-shard-1-of-2.json', 'shards/deadheat-shard-2-of-2.json')).toMatchObject({ code: 2, err: expect.stringMatching(/^error: no shard has an answer about/) });
  });

  it('are what doctor understands as well, not all of it as one program', async () => {
    // What the interface of one module hides, a type of the other would show.
    write('one/go.mod', 'module example.com/one\n');
    write('one/a.go', 'package one\n\ntype Closer interface{ Close() }\n\nfunc End(c Closer) { c.Close() }\n');
    write('two/go.mod', 'module example.com/two\n');
    write('two/b.go', 'package two\n\ntype T struct{}\n\nfunc (t *T) Close() {}\n\nfunc Begin() { (&T{}).Close() }\n');
    const sources = ['one/a.go', 'two/b.go'].map((path): Source => ({ path, text: readFileSync(join(cwd, path), 'utf8') }));
    const { out } = await deadheat('doctor');
    const { calls } = (JSON.parse((await deadheat('check', '--no-cache', '--format', 'json')).out) as { summary: { coverage: { calls: { resolved: number; total: number } } } }).summary.coverage;
    expect((await analyze(sources)).coverage.calls).not.toEqual(calls);
    expect(out).toContain('parts: 2 that cannot know of each other, each analysed by itself\n');
    expect(out).toContain(`calls ${Math.floor((100 * calls.resolved) / calls.total)} % (${calls.resolved} of ${calls.total})`);
  });

  it('know what only two modules together show', async () => {
    cpSync(join(shelf, 'monorepo'), cwd, { recursive: true });
    const files = await shards(5);
    const { out } = await deadheat('merge', '--format', 'unix', ...files);
    for (const rule of ['services/gateway/main.go:19:3-19:21: error double-lock', 'libs/pool/pool.go:26:2-26:13: error missing-unlock', 'services/mailer/mailer.go:14:2-14:13: error missing-unlock', 'packages/session/session.ts:10:7-10:25: warning check-then-act', 'packages/jobs/jobs.ts:10:5-10:27: warning lost-update']) expect(out).toContain(rule);
  });

  it('are told when they are missing, twice there, damaged, of another run, other code or other settings', async () => {
    cpSync(join(shelf, 'monorepo'), cwd, { recursive: true });
    const [one, two] = await shards(2) as [string, string];
    const failing = async (message: RegExp, ...files: readonly string[]): Promise<void> => {
      const { code, out, err } = await deadheat('merge', ...files);
      expect([code, out, err]).toEqual([2, '', expect.stringMatching(message)]);
    };
    await failing(/^error: shard 2 of 2 is missing/, one);
    await failing(/^error: .*1\.json and .*copy\.json are both shard 1 of 2/, one, (cpSync(one, join(house, 'copy.json')), join(house, 'copy.json')));
    await failing(/^error: cannot read nowhere\.json: no such file or folder/, 'nowhere.json');
    writeFileSync(join(house, 'damaged.json'), readFileSync(two, 'utf8').replace('lost-update', 'lost_update'));
    await failing(/^error: .*damaged\.json is no shard of Deadheat, or damaged/, one, join(house, 'damaged.json'));
    await deadheat('check', '--format', 'json', '--output', `json=${join(house, 'report.json')}`);
    await failing(/report\.json is no shard of Deadheat.*reports cannot be merged/, join(house, 'report.json'));
    await deadheat('check', '--shard', '2/3', '--shard-file', join(house, 'third.json'));
    await failing(/they are of two runs/, one, join(house, 'third.json'));
    await deadheat('check', '--shard', '2/2', '--shard-file', join(house, 'selected.json'), '--select', 'race');
    await failing(/were asked different things/, one, join(house, 'selected.json'));
    write('deadheat.yaml', 'ignore: [race]\n');
    await failing(/^error: no shard has an answer about .*the configuration, a manifest/, one, two);
    rmSync(join(cwd, 'deadheat.yaml'));
    expect((await deadheat('merge', one, two)).code).toBe(1);
    write('libs/pool/more.go', 'package pool\n');
    await failing(/is about other sources than lie here/, one, two);
  });

  it('leave what is remembered of the others when one is edited', async () => {
    cpSync(join(shelf, 'monorepo'), cwd, { recursive: true });
    const lowered = async (): Promise<string[]> => {
      const { err } = await deadheat('check', '--timing', '--format', 'unix', '--quiet');
      return [...err.matchAll(/ {2,}(\S+\.(?:go|ts))$/gm)].map(([, file]) => file!).sort();
    };
    expect(await lowered()).toHaveLength(6);
    expect(await lowered()).toEqual([]);
    write('services/mailer/mailer.go', readFileSync(join(cwd, 'services/mailer/mailer.go'), 'utf8').replace('o.sent += len(mails)', 'o.sent++'));
    expect(await lowered()).toEqual(['services/mailer/mailer.go']);
    write('libs/pool/pool.go', readFileSync(join(cwd, 'libs/pool/pool.go'), 'utf8').replace('p.idle++', 'p.idle += 1'));
    expect(await lowered()).toEqual(['libs/pool/pool.go', 'services/gateway/main.go']);
  });

  it('write their file whole or say why not, and take no share that is none', async () => {
    write('a.go', 'package a\n');
    expect(await deadheat('check', '--shard', '1/1', '--shard-file', 'no/such/folder.json')).toMatchObject({ code: 2, err: expect.stringContaining('error: cannot write no/such/folder.json') });
    for (const shard of ['0/2', '3/2', 'one', '1/0']) expect((await deadheat('check', '--shard', shard)).code).toBe(2);
    const idle = await deadheat('check', '--shard', '2/2');
    expect([idle.code, idle.err]).toEqual([0, expect.stringContaining('shard 2 of 2: 0 of 1 independent part, 0 of 1 file')]);
  });
});

describe('parts', () => {
  const around = (files: Readonly<Record<string, string>>) => ({ read: (path: string) => files[path], list: (folder: string) => [...new Set(Object.keys(files).filter((path) => folder === '.' || path.startsWith(`${folder}/`)).map((path) => path.slice(folder === '.' ? 0 : folder.length + 1).split('/')[0]!))] });
  const partsOf = async (files: Readonly<Record<string, string>>): Promise<string[]> => {
    const sources = Object.entries(files).filter(([path]) => /\.(go|ts|md)$/.test(path)).map(([path, text]): Source => ({ path, text }));
    return (await independentParts(sources, { surroundings: around(files) })).map((part) => part.map(({ path }) => path).join(' '));
  };
  const modules = { 'a/go.mod': 'module x.org/a\n', 'b/go.mod': 'module x.org/b\n', 'c/go.mod': 'module x.org/c\n', 'b/b.go': 'package b\n', 'c/c.go': 'package c\n' };
  const packages = { 'a/package.json': '{ "name": "@x/a" }', 'b/package.json': '{ "name": "b" }', 'c/package.json': '{}', 'b/b.ts': '', 'c/c.ts': '' };

  it.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
    ['modules without an import', { ...modules, 'a/a.go': 'package a\n' }, ['a/a.go', 'b/b.go', 'c/c.go']],
    ['an import', { ...modules, 'a/a.go': 'package a\n\nimport "x.org/b/deep"\n' }, ['a/a.go b/b.go', 'c/c.go']],
    ['an import behind a quote of its own', { ...modules, 'a/a.go': 'package a\n\n/* " */ import `x.org/b`\n' }, ['a/a.go b/b.go', 'c/c.go']],
    ['a way through a third', { ...modules, 'a/a.go': 'package a\n\nimport "x.org/b"\n', 'b/b.go': 'package b\n\nimport "x.org/c"\n' }, ['a/a.go b/b.go c/c.go']],
    ['a path that only begins alike', { ...modules, 'a/a.go': 'package a\n\nimport "x.org/bc"\n' }, ['a/a.go', 'b/b.go', 'c/c.go']],
    ['a replacement', { ...modules, 'a/a.go': 'package a\n', 'a/go.mod': 'module x.org/a\nreplace y.org/z => ../c\n' }, ['a/a.go c/c.go', 'b/b.go']],
    ['one path twice', { ...modules, 'a/a.go': 'package a\n', 'a/go.mod': 'module x.org/c\n' }, ['a/a.go c/c.go', 'b/b.go']],
    ['an order file above', { 'a/go.mod': modules['a/go.mod'], 'a/a.go': 'package a\n', 'a/b/go.mod': modules['b/go.mod'], 'a/b/b.go': 'package b\n', 'a/LOCK_ORDER.txt': 'a -> b\n', 'c/go.mod': modules['c/go.mod'], 'c/c.go': 'package c\n' }, ['a/a.go a/b/b.go', 'c/c.go']],
    ['no manifest', { 'a/a.go': 'package a\n', 'b/b.go': 'package b\n' }, ['a/a.go b/b.go']],
    ['packages without an import', { ...packages, 'a/a.ts': "import 'node:fs';" }, ['a/a.ts', 'b/b.ts', 'c/c.ts']],
    ['a package by name', { ...packages, 'a/a.ts': "export { x } from 'b/x.js';" }, ['a/a.ts b/b.ts', 'c/c.ts']],
    ['a package with a scope', { ...packages, 'a/a.ts': '', 'c/c.ts': 'require("@x/a")' }, ['a/a.ts c/c.ts', 'b/b.ts']],
    ['a way into another package', { ...packages, 'a/a.ts': "/* don't */ import '../c/c.js';" }, ['a/a.ts c/c.ts', 'b/b.ts']],
    ['the folder above', { 'package.json': '{}', 'x.ts': '', 'a/package.json': '{}', 'a/a.ts': "import '..';", 'c/package.json': '{}', 'c/c.ts': '' }, ['a/a.ts x.ts', 'c/c.ts']],
    ['names mapped by a project file above', { ...packages, 'a/a.ts': '', 'tsconfig.json': '{ "compilerOptions": { "paths": { "~/*": ["./*"] } } }' }, ['a/a.ts b/b.ts c/c.ts']],
    ['names mapped by a project file that is extended', { ...packages, 'a/a.ts': '', 'a/tsconfig.json': '{ "extends": "../b/tsconfig.base" }', 'b/tsconfig.base.json': '{ "compilerOptions": { "baseUrl": "." } }' }, ['a/a.ts b/b.ts', 'c/c.ts']],
    ['two languages', { 'go.mod': 'module x\n', 'a.go': 'package a\n', 'web/a.ts': '' }, ['a.go', 'web/a.ts']],
    ['a document beside code', { ...modules, 'a/a.go': 'package a\n', 'README.md': '' }, ['a/a.go b/b.go c/c.go README.md']],
  ])('%s', async (_name, files, expected) => {
    expect((await partsOf(files)).map((part) => part.split(' ').sort().join(' ')).sort()).toEqual(expected.map((part) => part.split(' ').sort().join(' ')).sort());
  });

  it('find together what one analysis of all finds', async () => {
    const files: Record<string, string> = {};
    for (const file of ['libs/pool/go.mod', 'libs/pool/pool.go', 'services/gateway/go.mod', 'services/gateway/main.go', 'services/mailer/go.mod', 'services/mailer/mailer.go', 'packages/session/package.json', 'packages/session/session.ts', 'packages/web/package.json', 'packages/web/web.ts', 'packages/jobs/package.json', 'packages/jobs/jobs.ts']) files[file] = readFileSync(join(shelf, 'monorepo', file), 'utf8');
    const sources = Object.entries(files).filter(([path]) => /\.(go|ts)$/.test(path)).map(([path, text]): Source => ({ path, text }));
    const surroundings = around(files);
    const said = (findings: readonly { readonly fingerprint: string; readonly message: string }[]) => findings.map(({ fingerprint, message }) => `${fingerprint} ${message}`).sort();
    const whole = await analyze(sources, { surroundings });
    const parts = await independentParts(sources, { surroundings });
    expect(parts).toHaveLength(4);
    const each = await Promise.all(parts.map((part) => analyze(part, { surroundings })));
    expect(said(each.flatMap(({ findings }) => findings))).toEqual(said(whole.findings));
    expect(each.reduce((sum, { functions }) => sum + functions, 0)).toBe(whole.functions);
  });
});
