import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { main } from '../src/cli/main.js';
import { matchesPath } from '../src/config/paths.js';
import { readConfig } from '../src/config/read.js';

vi.mock('../src/parsers/index.js', () => ({ frontEnds: [{ language: 'go', extensions: ['.go'], load: async () => (await import('./toy.js')).toyFrontEnd }] }));
vi.mock('../src/rules/index.js', async () => ({ rules: (await import('./toy.js')).toyRules }));

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'deadheat-config-'));
  mkdirSync(join(cwd, '.git'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, file)), { recursive: true });
    writeFileSync(join(cwd, file), content);
  }
}

async function deadheat(argv: readonly string[], inside = ''): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const code = await main(argv, { stdout: { write: (text) => (out += text) }, stderr: { write: (text) => (err += text) }, cwd: join(cwd, inside), env: {} });
  return { code, out, err };
}

/** `file: level rule` of each finding. */
async function found(argv: readonly string[] = [], inside = ''): Promise<string[]> {
  const { out, err } = await deadheat(['check', '--format', 'json', ...argv], inside);
  if (out === '') throw new Error(err);
  return (JSON.parse(out) as { findings: { location: { file: string }; level: string; rule: string }[] }).findings.map(({ location, level, rule }) => `${location.file}: ${level} ${rule}`);
}

const sources = { 'a.go': 'defect a\nhazard b\n', 'internal/old/c.go': 'defect c\nhazard d\n' };

describe('a configuration', () => {
  it('is found upwards, in any of its forms, and its paths start from it', async () => {
    write({ ...sources, 'deadheat.yaml': 'ignore: [toy-hazard]\noverrides:\n  - paths: [internal/old]\n    levels: { toy-defect: note }\n' });
    expect(await found()).toEqual(['a.go: error toy-defect', 'internal/old/c.go: note toy-defect']);
    expect(await found([], 'internal/old')).toEqual(['c.go: note toy-defect']);
    rmSync(join(cwd, 'deadheat.yaml'));
    write({ 'deadheat.jsonc': '{\n  // old code\n  "exclude": ["internal/old/"],\n}\n' });
    expect(await found()).toEqual(['a.go: error toy-defect', 'a.go: note toy-hazard']);
    rmSync(join(cwd, 'deadheat.jsonc'));
    write({ 'deadheat.json': '{ "select": ["race"] }' });
    expect(await found()).toEqual(['a.go: error toy-defect', 'internal/old/c.go: error toy-defect']);
  });

  it('yields to the command line, and is not read under --no-config', async () => {
    write({ ...sources, 'deadheat.yaml': 'select: [toy-hazard]\nfailOn: note\n', 'other.yaml': 'ignore: [all]\n' });
    expect(await found()).toEqual(['a.go: note toy-hazard', 'internal/old/c.go: note toy-hazard']);
    expect((await deadheat(['check'])).code).toBe(1);
    expect((await deadheat(['check', '--fail-on', 'error'])).code).toBe(0);
    expect(await found(['--select', 'toy-defect'])).toEqual(['a.go: error toy-defect', 'internal/old/c.go: error toy-defect']);
    expect(await found(['--no-config'])).toHaveLength(4);
    expect(await found(['--config', 'other.yaml'])).toEqual([]);
  });

  it('turns rules off and on again where it says so', async () => {
    write({ ...sources, 'deadheat.yaml': 'levels: { all: off }\noverrides:\n  - paths: ["internal/**"]\n    levels: { toy-defect: warning }\n  - paths: ["c.go"]\n    minLevel: error\n' });
    expect(await found()).toEqual([]);
    expect((await deadheat(['check'])).err).toContain('1 more finding below --min-level');
  });

  it('is shown by --print-config, and what it leaves of the files by --show-files', async () => {
    write({ ...sources, 'deadheat.yaml': 'exclude: [internal]\nfailOn: error\n' });
    expect(JSON.parse((await deadheat(['check', '--print-config'])).out)).toMatchObject({ file: 'deadheat.yaml', settings: { exclude: ['internal'], failOn: 'error', minConfidence: 'medium' } });
    expect((await deadheat(['check', '--show-files'])).out).toBe('a.go\n');
  });

  it.each([
    ['an unknown setting', 'deadheat.yaml', 'tests: true\nignor: []\n', "deadheat.yaml:2:1: unknown setting 'ignor' (did you mean 'ignore'?)"],
    ['an unknown setting inside', 'deadheat.yaml', 'overrides:\n  - path: [a]\n', "deadheat.yaml:2:5: unknown setting 'overrides[0].path' (did you mean 'paths'?)"],
    ['a missing setting', 'deadheat.yaml', 'overrides:\n  - ignore: [all]\n', "'overrides[0]' needs 'paths'"],
    ['a wrong word', 'deadheat.json', '{\n  "failOn": "eror"\n}', "deadheat.json:2:13: 'failOn' must be one of error, warning, note, never, not 'eror'"],
    ['a wrong kind', 'deadheat.yaml', 'ignore: toy-defect\n', "deadheat.yaml:1:9: 'ignore' must be a list, not 'toy-defect'"],
    ['an unknown rule', 'deadheat.yaml', 'ignore:\n  - toy-defekt\n', "deadheat.yaml:2:5: unknown rule 'toy-defekt' (did you mean 'toy-defect'?)"],
    ['an unknown rule with a level', 'deadheat.yaml', 'levels:\n  toy-defekt: note\n', "deadheat.yaml:2:3: unknown rule 'toy-defekt'"],
    ['no YAML', 'deadheat.yaml', 'ignore: [a\n', 'deadheat.yaml:2:1: this is not YAML'],
    ['no JSON', 'deadheat.json', '{ "tests": true', 'deadheat.json:1:16: this is not JSON'],
    ['a comment in JSON', 'deadheat.json', '{ } // why', 'name the file deadheat.jsonc'],
    ['no settings', 'deadheat.yaml', '- a\n', 'a configuration is a list of settings by name'],
    ['a name of the machinery', 'deadheat.yaml', '__proto__: { tests: true }\n', "deadheat.yaml:1:1: '__proto__' is no name for a setting"],
    ['a name of the machinery in JSON', 'deadheat.json', '{ "__proto__": { "tests": true } }', "'__proto__' is no name for a setting"],
    ['a setting said twice', 'deadheat.json', '{ "tests": true, "tests": false }', "'tests' is said twice"],
    ['aliases', 'deadheat.yaml', 'a: &a [x, x]\nb: &b [*a, *a]\nignore: [*b, *b]\n', 'deadheat.yaml:2:8: aliases such as *a are not read here'],
    ['tags that would make something', 'deadheat.yaml', 'ignore: !!js/function "x"\n', 'deadheat.yaml:1:9: this is not YAML: Unresolved tag'],
    ['endless nesting', 'deadheat.json', `{ "ignore": ${'['.repeat(60_000)}`, 'deadheat.json:1:'],
  ])('with %s is a mistake at its line, with exit 2', async (_, file, text, message) => {
    write({ ...sources, [file]: text });
    const { code, out, err } = await deadheat(['check']);
    expect(err).toContain(message);
    expect({ code, out }).toEqual({ code: 2, out: '' });
  });

  it('tells every mistake at once, and is told from the working folder', async () => {
    write({ ...sources, 'deadheat.yaml': 'ignor: []\ntests: 3\n' });
    const { err } = await deadheat(['check'], 'internal/old');
    expect(err).toContain("error: ../../deadheat.yaml:1:1: unknown setting 'ignor'");
    expect(err).toContain("error: ../../deadheat.yaml:2:8: 'tests' must be true or false, not 3");
  });

  it('stands alone in its folder', async () => {
    write({ ...sources, 'deadheat.yaml': '', 'deadheat.json': '{}' });
    expect(await deadheat(['check'])).toMatchObject({ code: 2, err: expect.stringContaining('deadheat.yaml and deadheat.json stand side by side: keep one') as string });
    expect(await deadheat(['check', '--config', 'nowhere.yaml'])).toMatchObject({ code: 2, err: 'error: nowhere.yaml:1:1: cannot be read: no such file or folder\n' });
  });

  it('is no report, whatever its name is', async () => {
    write(sources);
    const plain = await deadheat(['check', '--format', 'json']);
    write({ 'deadheat.json': plain.out });
    const again = await deadheat(['check', '--format', 'json']);
    const lasting = (out: string) => out.replace(/"durationMs": \d+/, '');
    expect([again.code, lasting(again.out)]).toEqual([plain.code, lasting(plain.out)]);
    expect(await deadheat(['check', '--config', 'deadheat.json'])).toMatchObject({ code: 2, err: 'error: deadheat.json:1:1: is a report that deadheat wrote, no configuration\n' });
    write({ 'deadheat.yaml': 'tests: 3\n' });
    expect((await deadheat(['check'])).err).toContain("error: deadheat.yaml:1:8: 'tests' must be true or false, not 3");
  });

  it('may be empty, or begin with a byte order mark', () => {
    expect(readConfig('deadheat.yaml', '').problems).toEqual([]);
    expect(readConfig('deadheat.yaml', '# nothing\n').problems).toEqual([]);
    expect(readConfig('deadheat.json', '\ufeff{ "tests": true }').config).toEqual({ tests: true });
    expect(readConfig('deadheat.yaml', 'tests: true\r\nminLevel: error\r\n').config).toEqual({ tests: true, minLevel: 'error' });
  });

  it('keeps models of its users as they are written', () => {
    const { config, problems } = readConfig('deadheat.yaml', 'models:\n  locks: [{ type: example.com/spin.Lock, lock: [Enter], unlock: [Leave] }]\n  spawners: [{ function: example.com/pool.Submit, callee: 0 }]\n  acquires: [{ function: example.com/spin.Take, lock: receiver }]\n  noReturn: [example.com/log.Die]\nlockOrder: [[Pool.mu, Peer.mu]]\n');
    expect(problems).toEqual([]);
    expect(config.models).toEqual({ locks: [{ type: 'example.com/spin.Lock', lock: ['Enter'], unlock: ['Leave'] }], spawners: [{ function: 'example.com/pool.Submit', callee: 0 }], acquires: [{ function: 'example.com/spin.Take', lock: 'receiver' }], noReturn: ['example.com/log.Die'] });
    expect(config.lockOrder).toEqual([['Pool.mu', 'Peer.mu']]);
  });
});

describe('patterns of paths', () => {
  it.each([
    ['internal', 'internal/a.go', true], ['internal', 'cmd/internal/a.go', true], ['/internal', 'cmd/internal/a.go', false], ['internal/', 'internals/a.go', false],
    ['*.pb.go', 'api/v1/x.pb.go', true], ['api/*.go', 'api/v1/x.go', false], ['api/**/x.go', 'api/x.go', true], ['api/**/x.go', 'api/v1/v2/x.go', true],
    ['./cmd/?.go', 'cmd/a.go', true], ['cmd/?.go', 'cmd/ab.go', false], ['**', 'a.go', true], ['a.go', '../a.go', true], ['src/old', 'src/old/deep/er.ts', true], ['src/old', 'src/older.ts', false],
  ])('%s and %s: %s', (pattern, file, expected) => {
    expect(matchesPath(pattern, file)).toBe(expected);
  });

  it('cannot be made slow', () => {
    const started = performance.now();
    expect(matchesPath(`${'*a'.repeat(400)}b`, `${'a'.repeat(900)}`)).toBe(false);
    expect(matchesPath(`${'**/a/'.repeat(200)}b`, 'a/'.repeat(900))).toBe(false);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe('a baseline', () => {
  const known = () => JSON.parse(readFileSync(join(cwd, 'deadheat-baseline.json'), 'utf8')) as { schema: string; findings: { fingerprint: string; rule: string; file: string }[] };

  it('leaves out what is known, and says how much that is', async () => {
    write(sources);
    expect(await deadheat(['baseline', 'create'])).toMatchObject({ code: 0, out: 'deadheat-baseline.json: 4 known findings\n', err: expect.stringContaining('deadheat check --baseline deadheat-baseline.json') });
    write({ 'deadheat.yaml': 'baseline: deadheat-baseline.json\n', 'b.go': 'defect new\n' });
    expect(await found()).toEqual(['b.go: error toy-defect']);
    const { out } = await deadheat(['check', '--format', 'json']);
    expect(JSON.parse(out)).toMatchObject({ summary: { baseline: { known: 4, stale: 0 } } });
    expect((await deadheat(['check'])).out).toContain('4 known findings left out.');
    expect(await found(['--no-baseline'])).toHaveLength(5);
    expect(await found([], 'internal/old')).toEqual([]);
  });

  it('tells what is no longer found, updates and prunes', async () => {
    write(sources);
    await deadheat(['baseline', 'create']);
    write({ 'a.go': 'defect other\n' });
    const checked = await deadheat(['check', '--baseline', 'deadheat-baseline.json', '--format', 'json']);
    expect(JSON.parse(checked.out)).toMatchObject({ summary: { baseline: { known: 2, stale: 2 } }, findings: [{ message: 'other has a defect' }] });
    expect(checked.err).toContain('no longer found, still in the baseline: toy-defect in a.go: a has a defect');
    expect((await deadheat(['baseline', 'prune'])).out).toBe('deadheat-baseline.json: 2 known findings (2 removed)\n');
    expect(known().findings.map(({ file }) => file)).toEqual(['internal/old/c.go', 'internal/old/c.go']);
    expect((await deadheat(['baseline', 'update'])).out).toBe('deadheat-baseline.json: 3 known findings (1 added, 0 removed)\n');
  });

  it('says nothing of files that were not asked about', async () => {
    write(sources);
    await deadheat(['baseline', 'create']);
    expect((await deadheat(['check', 'a.go', '--baseline', 'deadheat-baseline.json'])).err).not.toContain('no longer found');
    expect((await deadheat(['baseline', 'update', 'a.go'])).out).toBe('deadheat-baseline.json: 4 known findings (0 added, 0 removed)\n');
  });

  it('is not overwritten, and not written after half an analysis', async () => {
    write(sources);
    await deadheat(['baseline', 'create']);
    const before = known();
    expect(await deadheat(['baseline', 'create'])).toMatchObject({ code: 2, err: expect.stringContaining('is there already') as string });
    write({ 'a.go': 'defect trap\n' });
    expect(await deadheat(['baseline', 'update'])).toMatchObject({ code: 2, err: expect.stringContaining('was not written: the analysis is incomplete') as string });
    expect(known()).toEqual(before);
  });

  it.each([
    ['is not there', undefined, 'deadheat-baseline.json:1:1: the baseline cannot be read: no such file or folder; `deadheat baseline create` writes one'],
    ['is broken', '{\n  "schema": "deadheat/baseline/v1",\n  "findings": [\n', 'deadheat-baseline.json:'],
    ['is of another version', '{\n  "schema": "deadheat/baseline/v9", "findings": [] }', 'deadheat-baseline.json:2:1: this is a baseline of another version, deadheat/baseline/v9'],
    ['is something else', '[1]', 'deadheat-baseline.json:1:1: this is no baseline'],
  ])('that %s is a mistake with its remedy', async (_, text, message) => {
    write({ ...sources, ...(text === undefined ? {} : { 'deadheat-baseline.json': text }) });
    const { code, out, err } = await deadheat(['check', '--baseline', 'deadheat-baseline.json']);
    expect(err).toContain(message);
    expect({ code, out }).toEqual({ code: 2, out: '' });
  });
});
