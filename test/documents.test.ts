import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { readConfig } from '../src/config/read.js';
import { configJsonSchema } from '../src/config/json-schema.js';

const root = fileURLToPath(new URL('../', import.meta.url));
const built = existsSync(join(root, 'dist/cli/process.js'));
const ready = built && process.platform !== 'win32' && ['git', 'bash'].every((tool) => spawnSync(tool, ['--version']).status === 0);
if (!ready) console.warn('SKIPPED: git, bash or a build (npm run build) is missing; the commands in the documentation are not run');

const read = (file: string) => readFileSync(join(root, file), 'utf8');
const blocks = (file: string, language: string) => [...read(file).matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, 'gm'))].map(([, text]) => text!);
const written = ['docs/getting-started.md', 'docs/ci.md', 'docs/faq.md'];

/** Commands that install; everything else is run. */
const installs = /^npm (install|ci)\b/;

describe.skipIf(!ready)('every command in the documentation runs', { timeout: 300_000 }, () => {
  it.each(written)('%s', (file) => {
    const scratch = mkdtempSync(join(tmpdir(), 'deadheat-docs-'));
    try {
      const project = join(scratch, 'project');
      const bin = join(scratch, 'bin');
      // One file of the example: each command is a process, and there are many.
      for (const folder of [project, bin]) mkdirSync(folder);
      for (const name of ['go.mod', 'relay.go']) cpSync(join(root, 'fixtures/p2p-node', name), join(project, name));
      const tool = `exec '${process.execPath}' '${join(root, 'bin/deadheat.js')}' "$@"\n`;
      writeFileSync(join(bin, 'deadheat'), `#!/bin/sh\n${tool}`);
      writeFileSync(join(bin, 'npx'), `#!/bin/sh\n[ "$1" = --yes ] && shift\n[ "$1" = deadheat ] || exit 127\nshift\n${tool}`);
      for (const name of ['deadheat', 'npx']) chmodSync(join(bin, name), 0o755);
      const git = (...args: readonly string[]) => execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'commit.gpgsign=false', ...args], { cwd: project });
      git('init', '-q', '-b', 'main');
      for (const message of ['one', 'two']) {
        writeFileSync(join(project, 'notes.txt'), message);
        git('add', '-A');
        git('commit', '-qm', message);
      }
      git('update-ref', 'refs/remotes/origin/main', 'HEAD');
      const recipes = blocks(file, 'yaml').map((text) => parse(text) as Record<string, { script?: string[] }>).flatMap((recipe) => Object.values(recipe).flatMap((job) => (Array.isArray(job?.script) ? job.script : [])));
      const commands = [...blocks(file, 'sh').flatMap((text) => text.split('\n')), ...recipes].map((line) => line.replace(/\s+# .*$/, '').trim()).filter((line) => line !== '' && !installs.test(line));
      expect(commands.length).toBeGreaterThan(2);
      for (const command of commands) {
        const { status, stderr } = spawnSync('bash', ['-c', command], { cwd: project, encoding: 'utf8', env: { PATH: `${bin}:${process.env['PATH']!}`, HOME: scratch } });
        expect({ command, status: [0, 1].includes(status ?? 2), stderr: status === 2 || status === 127 ? stderr : '' }).toEqual({ command, status: true, stderr: '' });
      }
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  });
});

describe('every example in the documentation holds', () => {
  const ajv = new Ajv2020({ strict: true });
  const validate = ajv.compile(configJsonSchema());

  it.each(['docs/configuration.md', 'docs/faq.md'])('settings in %s', (file) => {
    const settings = blocks(file, 'yaml');
    expect(settings.length).toBeGreaterThan(0);
    for (const text of settings) {
      expect(readConfig('deadheat.yaml', text).problems).toEqual([]);
      expect({ text, valid: validate(parse(text)), errors: validate.errors }).toEqual({ text, valid: true, errors: null });
    }
  });

  it('the published schema refuses what the tool refuses', () => {
    for (const text of ['ignor: []', 'failOn: eror', 'overrides: [{ ignore: [all] }]', 'models: { spawners: [{ function: a.B, callee: -1 }] }', 'lockOrder: [[a]]', 'models: { acquires: [{ function: a.B, lock: sender }] }', 'levels: { all: bad }']) {
      expect({ text, schema: validate(parse(text)), tool: readConfig('deadheat.yaml', text).problems.length > 0 }).toEqual({ text, schema: false, tool: true });
    }
  });

  it('workflows name actions by commit', () => {
    const uses = blocks('docs/ci.md', 'yaml').flatMap((text) => [...text.matchAll(/uses: (\S+)/g)].map(([, action]) => action!));
    expect(uses.length).toBeGreaterThan(2);
    for (const action of uses) expect(action).toMatch(/@([0-9a-f]{40}|COMMIT)$/);
  });

  it('links lead somewhere', () => {
    for (const file of [...written, 'docs/configuration.md', 'README.md', 'editors/vscode/README.md']) {
      for (const [, target] of read(file).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)) expect({ file, target, exists: existsSync(join(root, file, '..', target!)) }).toEqual({ file, target, exists: true });
    }
  });
});

describe.skipIf(!built)('the package', { timeout: 120_000 }, () => {
  it('does as the README says when it is imported', () => {
    const [example] = blocks('README.md', 'js');
    const folder = mkdtempSync(join(tmpdir(), 'deadheat-library-'));
    try {
      writeFileSync(join(folder, 'example.mjs'), example!.replace("'deadheat'", JSON.stringify(pathToFileURL(join(root, 'dist/index.js')).href)));
      expect(execFileSync(process.execPath, [join(folder, 'example.mjs')], { encoding: 'utf8' })).toBe('server.go:9 double-lock\n');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('holds what is needed, nothing else, and runs no script when it is installed', () => {
    const { scripts, dependencies } = JSON.parse(read('package.json')) as { scripts: Record<string, string>; dependencies: Record<string, string> };
    for (const name of ['preinstall', 'install', 'postinstall']) expect(scripts).not.toHaveProperty(name);
    const packed = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })) as { files: { path: string }[]; size: number }[];
    const files = packed[0]!.files.map(({ path }) => path);
    for (const needed of ['bin/deadheat.js', 'dist/index.js', 'dist/index.d.ts', 'dist/cli/process.js', 'dist/parsers/go/grammar/tree-sitter-go.wasm', 'fixtures/double-lock/bad.go', 'schema/deadheat.schema.json', 'docs/rules/double-lock.md', 'editors/vscode/package.json', 'README.md', 'LICENSE', 'package.json', 'CHANGELOG.md', 'SECURITY.md']) expect(files).toContain(needed);
    expect(files.filter((file) => !/^(bin|dist|fixtures|docs|schema|editors)\/|^(README|CHANGELOG|SECURITY)\.md$|^(LICENSE|package\.json)$/.test(file))).toEqual([]);
    expect(files.filter((file) => /\.tsbuildinfo$|^src\/|^test\/|node_modules/.test(file))).toEqual([]);
    expect(packed[0]!.size).toBeLessThan(4 * 1024 * 1024);
    for (const version of Object.values(dependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  });
});
