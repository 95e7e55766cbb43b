import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('../', import.meta.url));
const action = parse(readFileSync(join(root, 'action.yml'), 'utf8')) as {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>;
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly { readonly id?: string; readonly shell: string; readonly run: string; readonly env: Readonly<Record<string, string>> }[] };
};
const ready = existsSync(join(root, 'dist/cli/process.js')) && ['git', 'bash'].every((tool) => spawnSync(tool, ['--version']).status === 0);
if (!ready) console.warn('SKIPPED: git, bash or a build (npm run build) is missing; the steps of the action are not run');

const twice = (name: string) => `package relay\n\nimport "sync"\n\nvar ${name} sync.Mutex\n\nfunc ${name}Twice() {\n\t${name}.Lock()\n\t${name}.Lock()\n\tprintln(1)\n\t${name}.Unlock()\n\t${name}.Unlock()\n}\n`;

describe('the action', () => {
  it('hands inputs to its script through the environment only', () => {
    for (const { run } of action.runs.steps) expect(run).not.toContain('${{');
    const passed = action.runs.steps.flatMap(({ env }) => Object.values(env));
    expect(passed.sort()).toEqual(Object.keys(action.inputs).map((name) => `\${{ inputs.${name} }}`).sort());
  });
});

describe.skipIf(!ready)('the steps of the action, as the runner runs them', { timeout: 180_000 }, () => {
  let workspace: string;
  beforeEach(() => {
    workspace = mkdtempSync(join(tmpdir(), 'deadheat action '));
    mkdirSync(join(workspace, 'runner'));
    git('init', '-q', '-b', 'main');
    commit({ 'go.mod': 'module example.com/relay\n\ngo 1.24\n', 'old.go': twice('old'), '.gitignore': 'runner\n' });
  });
  afterEach(() => rmSync(workspace, { recursive: true, force: true }));

  const git = (...args: readonly string[]) => execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'commit.gpgsign=false', ...args], { cwd: workspace, encoding: 'utf8' }).trim();
  const commit = (files: Readonly<Record<string, string>>) => {
    for (const [file, content] of Object.entries(files)) {
      mkdirSync(dirname(join(workspace, file)), { recursive: true });
      writeFileSync(join(workspace, file), content);
    }
    git('add', '-A');
    git('commit', '-qm', 'change');
    return git('rev-parse', 'HEAD');
  };

  /** What the runner does: expressions of inputs become values, `env` is set, `run` goes to the shell, files are read back. */
  function run(inputs: Readonly<Record<string, string>> = {}, event: { readonly name: string; readonly payload: object } = { name: 'push', payload: {} }) {
    const values = Object.fromEntries(Object.entries(action.inputs).map(([name, { default: usual }]) => [name, inputs[name] ?? usual]));
    for (const name of ['output', 'summary']) writeFileSync(join(workspace, 'runner', name), '');
    writeFileSync(join(workspace, 'runner/event.json'), JSON.stringify(event.payload));
    let code = 0;
    let log = '';
    for (const step of action.runs.steps) {
      const own = Object.fromEntries(Object.entries(step.env).map(([name, value]) => [name, value.replace(/\$\{\{ inputs\.([\w-]+) \}\}/g, (_, input: string) => values[input]!)]));
      const done = spawnSync(step.shell, ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run], {
        cwd: workspace, encoding: 'utf8',
        env: {
          PATH: process.env['PATH'], HOME: process.env['HOME'], CI: 'true', ...own,
          GITHUB_ACTION_PATH: root.replace(/\/$/, ''), GITHUB_WORKSPACE: workspace, GITHUB_EVENT_NAME: event.name, GITHUB_EVENT_PATH: join(workspace, 'runner/event.json'),
          GITHUB_OUTPUT: join(workspace, 'runner/output'), GITHUB_STEP_SUMMARY: join(workspace, 'runner/summary'), RUNNER_TEMP: join(workspace, 'runner'),
        },
      });
      code = done.status ?? -1;
      log += done.stdout + done.stderr;
      if (code !== 0) break;
    }
    const outputs = Object.fromEntries([...readFileSync(join(workspace, 'runner/output'), 'utf8').matchAll(/^([\w-]+)<<(\S+)\n([^]*?)\n\2$/gm)].map(([, name, , value]) => [name!, value!]));
    return { code, log, outputs, summary: readFileSync(join(workspace, 'runner/summary'), 'utf8') };
  }

  it('report, annotate, summarise, write SARIF and set every output it promises', () => {
    const { code, log, outputs, summary } = run();
    expect(code).toBe(1);
    expect(log).toContain('::error file=old.go,line=9');
    expect(summary).toContain('double-lock');
    expect(outputs).toMatchObject({ findings: '1', 'new-findings': '1', errors: '1', warnings: '0', 'exit-code': '1' });
    expect(Object.keys(outputs).sort()).toEqual(Object.keys(action.outputs).sort());
    expect(JSON.parse(readFileSync(outputs['sarif-file']!, 'utf8'))).toMatchObject({ version: '2.1.0' });
    expect(JSON.parse(readFileSync(outputs['report-file']!, 'utf8'))).toMatchObject({ schema: 'deadheat/report/v1' });
  });

  it('report on a pull request what it introduces', () => {
    const base = git('rev-parse', 'HEAD');
    git('checkout', '-qb', 'work');
    commit({ 'new.go': twice('fresh') });
    const request = { name: 'pull_request', payload: { pull_request: { base: { sha: base } } } };
    const { log, outputs } = run({}, request);
    expect(outputs).toMatchObject({ findings: '1', 'new-findings': '1' });
    expect(log).toContain('file=new.go');
    expect(log).not.toContain('file=old.go');
    expect(run({ 'only-new': 'false' }, request).outputs).toMatchObject({ findings: '2' });
  });

  it('say so where the history does not reach', () => {
    const { log, code } = run({ 'only-new': 'true' });
    expect(log).toContain('::warning title=deadheat::only-new: this event names no earlier commit');
    expect(code).toBe(1);
  });

  it('take folders, configuration, baseline and more arguments, none of them through a shell', () => {
    commit({ 'services/api/api.go': twice('api'), 'services/api/deadheat.yaml': 'levels: { double-lock: warning }\n' });
    const inside = run({ 'working-directory': 'services/api', 'fail-on': 'error', annotations: 'false', summary: 'false', sarif: 'false' });
    expect(inside).toMatchObject({ code: 0, outputs: { findings: '1', warnings: '1', 'sarif-file': '' }, summary: '' });
    expect(inside.log).toContain('services/api/api.go');
    const hostile = `old.go\n$(touch ${join(workspace, 'sprung')})\n\`touch ${join(workspace, 'sprung')}\`; touch "${join(workspace, 'sprung')}"`;
    expect(run({ paths: hostile })).toMatchObject({ code: 2 });
    expect(run({ args: `--select "missing-unlock" '--ignore' 'double lock; touch sprung'` })).toMatchObject({ code: 2 });
    expect(run({ args: '--select missing-unlock' })).toMatchObject({ code: 0, outputs: { findings: '0' } });
    expect(existsSync(join(workspace, 'sprung'))).toBe(false);
  });

  it('fail with a message when asked for what cannot be', () => {
    const { code, log, outputs } = run({ config: 'nowhere.yaml' });
    expect({ code, outputs }).toMatchObject({ code: 2, outputs: { 'exit-code': '2', findings: '0', 'report-file': '' } });
    expect(log).toContain('nowhere.yaml:1:1: cannot be read: no such file or folder');
  });
});
