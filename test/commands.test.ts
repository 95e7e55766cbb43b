import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { main } from '../src/cli/main.js';
import type { Terminal } from '../src/cli/terminal.js';
import { readConfig } from '../src/config/read.js';

vi.mock('../src/parsers/index.js', () => ({ frontEnds: [{ language: 'go', extensions: ['.go'], load: async () => (await import('./toy.js')).toyFrontEnd }] }));
vi.mock('../src/rules/index.js', async () => ({ rules: (await import('./toy.js')).toyRules }));

let cwd: string;
beforeEach(() => {
  cwd = realpathSync(mkdtempSync(join(tmpdir(), 'deadheat-commands-')));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, file)), { recursive: true });
    writeFileSync(join(cwd, file), content);
  }
}

async function deadheat(argv: readonly string[], more: Partial<Terminal> = {}): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const code = await main(argv, { stdout: { write: (text) => (out += text) }, stderr: { write: (text) => (err += text) }, cwd, env: { PATH: process.env['PATH'] }, ...more });
  return { code, out, err };
}

describe('check --watch', () => {
  it('runs at the start and after each change, between fixed lines', { timeout: 30_000 }, async () => {
    write({ 'a.go': 'clean a\n', 'p2p/b.go': 'clean b\n' });
    const ending = new AbortController();
    let out = '';
    const until = async (text: string) => vi.waitFor(() => expect(out).toContain(text), { timeout: 8_000, interval: 25 });
    const running = main(['check', '--watch', '--format', 'unix'], { stdout: { write: (text) => (out += text) }, stderr: { write: () => {} }, cwd, env: {}, signal: ending.signal });
    await until('[watch] analysis started\n[watch] analysis finished: 0 findings\n');
    out = '';
    await new Promise((resolve) => setTimeout(resolve, 100));
    write({ 'p2p/b.go': 'defect b\n' });
    await until('[watch] analysis finished: 1 findings\n');
    expect(out).toMatch(/^\[watch\] analysis started\np2p\/b\.go:1:1[^]*\[watch\] analysis finished: 1 findings\n$/);
    out = '';
    write({ 'new/folder/c.go': 'hazard c\n' });
    await until('[watch] analysis finished: 2 findings\n');
    out = '';
    write({ 'deadheat.yaml': 'ignore: [race]\n', 'a.go': 'clean aa\n' });
    await until('[watch] analysis finished: 1 findings\n');
    ending.abort();
    expect(await running).toBe(0);
  });
});

describe('check --stdin-filename', () => {
  const stdin = (text: string) => ({ stdin: async () => text });

  it('takes the text on stdin for a file, saved or not, and reports on it alone', async () => {
    write({ 'a.go': 'defect saved\n', 'b.go': 'defect b\n' });
    const { out } = await deadheat(['check', '--stdin-filename', 'a.go', '--format', 'unix', '-'], stdin('defect typed\n'));
    expect(out).toContain('a.go:1:1-1:13: error toy-defect: typed has a defect');
    expect(out).not.toContain('saved');
    expect(out).not.toContain('b.go');
    expect((await deadheat(['check', '--stdin-filename', 'new.go', '--format', 'unix'], stdin('defect new\n'))).out).toContain('new.go:1:1');
  });

  it('is needed with -, and stands alone', async () => {
    expect(await deadheat(['check', '-'], stdin(''))).toMatchObject({ code: 2, err: expect.stringContaining('say with --stdin-filename which file it stands for') as string });
    write({ 'a.go': '' });
    expect(await deadheat(['check', '--stdin-filename', 'a.go', 'b.go'], stdin(''))).toMatchObject({ code: 2, err: expect.stringContaining('name no other paths beside it') as string });
  });
});

describe('what a run tells of itself', () => {
  it('is how often each rule speaks', async () => {
    write({ 'a.go': 'defect a\ndefect b\nhazard c\n' });
    expect((await deadheat(['check', '--statistics', '--quiet'])).err).toBe('3 findings of 2 rules\n     2  toy-defect\n     1  toy-hazard\n');
  });

  it('is where the time went', async () => {
    write({ 'a.go': 'defect a\n' });
    expect((await deadheat(['check', '--timing', '--quiet'])).err).toMatch(/^\d+ ms in all; a rule's own time is without the analyses that it asks for\n/);
  });

  it('is, on a terminal, what it does and how far it is', async () => {
    write({ 'a.go': 'defect a\n' });
    let shown = '';
    await deadheat(['check'], { stderr: { write: (text) => (shown += text), isTTY: true, columns: 80 } });
    expect(shown).toMatch(/deadheat: 1 files: reading go.*deadheat: 1 files: toy-defect \(1 of 3\), 0 s/s);
    shown = '';
    await deadheat(['check'], { stderr: { write: (text) => (shown += text), isTTY: true }, env: { CI: 'true' } });
    expect(shown).not.toContain('reading');
  });
});

describe('doctor', () => {
  it('tells what is found, what is missing and what is skipped', async () => {
    write({ 'go.mod': 'module x\n', 'a.go': 'clean a\n?\n', 'p2p/b.go': 'clean b\n', 'deadheat.yaml': 'baseline: known.json\n' });
    const { code, out } = await deadheat(['doctor']);
    expect(code).toBe(0);
    for (const line of ['configuration: deadheat.yaml', 'baseline: known.json, which is not there: `deadheat baseline create` writes it', 'Go: 2 files', 'manifests: go.mod', 'understood: lock operations 50 % (1 of 2), calls 100 % (3 of 3)', 'not analysed: 1 place\n  a.go:2: cannot read this line', 'git: this folder is in no repository']) expect(out).toContain(line);
  });

  it('says so when the configuration is the trouble', async () => {
    write({ 'a.go': '', 'deadheat.yaml': 'nothing: true\n' });
    expect(await deadheat(['doctor'])).toMatchObject({ code: 2, err: expect.stringContaining("deadheat.yaml:1:1: unknown setting 'nothing'") as string });
  });

  it('says so when git is missing', async () => {
    write({ 'a.go': '' });
    expect((await deadheat(['doctor'], { env: { PATH: cwd } })).out).toContain('git: not on the PATH');
    expect(await deadheat(['check', '--new-from-rev', 'main'], { env: { PATH: cwd } })).toMatchObject({ code: 2, err: 'error: --new-from-rev needs git, which is not on the PATH\n' });
  });
});

describe('init', () => {
  it('writes a configuration that can be read, a workflow and tasks, and touches nothing that is there', async () => {
    write({ 'a.go': 'clean a\n', '.git/HEAD': '' });
    expect((await deadheat(['init'])).out).toBe('found: Go\nwrote deadheat.yaml\nwrote .github/workflows/deadheat.yml\nwrote .vscode/tasks.json\nnext: deadheat check, then deadheat baseline create to begin with what is new\n');
    const read = (file: string) => readFileSync(join(cwd, file), 'utf8');
    expect(readConfig('deadheat.yaml', read('deadheat.yaml'))).toMatchObject({ problems: [], config: { failOn: 'warning' } });
    // The lines behind the marks are examples that hold as well.
    expect(readConfig('deadheat.yaml', read('deadheat.yaml').replace(/^# (?=baseline|models| )/gm, '')).problems).toEqual([]);
    const workflow = parse(read('.github/workflows/deadheat.yml')) as { permissions: object; jobs: { deadheat: { steps: { uses?: string; run?: string }[] } } };
    expect(workflow.permissions).toEqual({ contents: 'read' });
    for (const { uses, run } of workflow.jobs.deadheat.steps) {
      if (uses !== undefined) expect(uses).toMatch(/@[0-9a-f]{40}$/);
      expect(run ?? '').not.toContain('${{');
    }
    expect(JSON.parse(read('.vscode/tasks.json'))).toMatchObject({ tasks: [{ args: ['deadheat', 'check', '--format', 'unix'] }, { isBackground: true, problemMatcher: { background: { activeOnStart: true } } }] });
    write({ 'deadheat.yaml': 'tests: true\n' });
    expect((await deadheat(['init'])).out).toContain('kept deadheat.yaml, which is there already\nkept .github/workflows/deadheat.yml, which is there already\nkept .vscode/tasks.json');
    expect(read('deadheat.yaml')).toBe('tests: true\n');
    expect((await deadheat(['check'])).code).toBe(0);
  });

  it('finds the repository above a module, and another configuration beside it', async () => {
    write({ '.git/HEAD': '', 'services/api/a.go': 'clean a\n', 'services/api/deadheat.json': '{}' });
    const { out } = await deadheat(['init'], { cwd: join(cwd, 'services/api') });
    expect(out).toContain('kept deadheat.json');
    expect(out).toContain('wrote ../../.github/workflows/deadheat.yml');
    expect(existsSync(join(cwd, 'services/api/deadheat.yaml'))).toBe(false);
    expect(readFileSync(join(cwd, '.github/workflows/deadheat.yml'), 'utf8')).toContain('working-directory: "services/api"');
  });
});

describe('completion', () => {
  const complete = (script: string, ...words: readonly string[]) =>
    execFileSync('bash', ['--noprofile', '--norc', '-c', `${script}\nCOMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _deadheat; printf '%s\\n' "\${COMPREPLY[@]}"`], { encoding: 'utf8', cwd }).trim().split('\n');

  it.skipIf(spawnSync('bash', ['--version']).status !== 0)('completes commands and options in bash', async () => {
    const { out } = await deadheat(['completion', 'bash']);
    expect(complete(out, 'deadheat', 'che')).toEqual(['check']);
    expect(complete(out, 'deadheat', 'check', '--new')).toEqual(['--new-from-rev']);
    expect(complete(out, 'deadheat', 'baseline', 'pr')).toEqual(['prune']);
    expect(complete(out, 'deadheat', 'baseline', 'prune', '--base')).toEqual(['--baseline']);
  });

  it('has every command for the other shells, and says which shells there are', async () => {
    for (const shell of ['zsh', 'fish']) for (const command of ['check', 'baseline', 'rules', 'explain', 'init', 'doctor']) expect((await deadheat(['completion', shell])).out).toContain(command);
    expect(await deadheat(['completion', 'bsh'])).toMatchObject({ code: 2, err: expect.stringContaining("Unknown shell 'bsh' (did you mean 'bash'?)") as string });
  });
});
