import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { main } from '../src/cli/main.js';

const example = fileURLToPath(new URL('../fixtures/p2p-node/', import.meta.url));
let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'deadheat history '));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, file)), { recursive: true });
    writeFileSync(join(cwd, file), content);
  }
}

async function deadheat(argv: readonly string[], inside = cwd): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const code = await main(argv, { stdout: { write: (text) => (out += text) }, stderr: { write: (text) => (err += text) }, cwd: inside, env: { PATH: process.env['PATH'] } });
  return { code, out, err };
}

interface Report {
  readonly summary: { readonly baseline?: { readonly known: number; readonly stale: number }; readonly comparison?: { readonly introduced: number; readonly fixed: number; readonly existing: number } };
  readonly findings: readonly { readonly rule: string; readonly location: { readonly file: string } }[];
}

async function report(argv: readonly string[], inside = cwd): Promise<Report & { readonly err: string; readonly found: readonly string[] }> {
  const { out, err } = await deadheat(['check', '--format', 'json', ...argv], inside);
  if (out === '') throw new Error(err);
  const parsed = JSON.parse(out) as Report;
  return { ...parsed, err, found: parsed.findings.map(({ rule, location }) => `${rule} ${location.file}`) };
}

describe('a baseline of a real module', () => {
  const edit = (change: (text: string) => string) => {
    for (const name of readdirSync(cwd).filter((file) => file.endsWith('.go'))) writeFileSync(join(cwd, name), change(readFileSync(join(cwd, name), 'utf8')));
  };

  it('survives moved lines, other formatting, moved functions and renamed files', { timeout: 180_000 }, async () => {
    cpSync(example, cwd, { recursive: true });
    const { out } = await deadheat(['baseline', 'create']);
    const known = Number(/: (\d+) known/.exec(out)?.[1]);
    expect(known).toBeGreaterThan(10);
    const unchanged = async (what: string) => {
      const { findings, summary } = await report(['--baseline', 'deadheat-baseline.json']);
      expect({ what, findings, summary }).toMatchObject({ what, findings: [], summary: { baseline: { known, stale: 0 } } });
    };
    await unchanged('nothing');
    edit((text) => text.replace(/^package /m, '// A line.\n\n// Another.\n\npackage ').replace(/\n\n(?=func )/g, '\n\n\n\n'));
    await unchanged('moved lines');
    edit((text) => text.replace(/\t/g, '    ').replaceAll('\n', '\r\n'));
    await unchanged('spaces for tabs, CRLF for LF');
    edit((text) => text.replace(/if (.*) \{\r\n/g, 'if $1 {\r\n\r\n'));
    await unchanged('empty lines inside functions');
    for (const name of readdirSync(cwd).filter((file) => file.endsWith('.go'))) renameSync(join(cwd, name), join(cwd, `moved_${name}`));
    await unchanged('renamed files');
  });
});

const store = (body: string) => `package store

import "sync"

type Store struct {
	mu    sync.Mutex
	peers map[string]int
}

${body}`;
const guarded = (name: string, body: string) => `func (s *Store) ${name}(peer string) {\n\ts.mu.Lock()\n\tdefer s.mu.Unlock()\n\t${body}\n}\n\n`;
const use = `package store

func (s *Store) Run() {
	go s.Add("a")
	go s.Drop("a")
}
`;
const hasGit = spawnSync('git', ['--version']).status === 0;
if (!hasGit) console.warn('SKIPPED: git is not here; comparing with earlier states of the code is not tested');

describe.skipIf(!hasGit)('what a change introduces', { timeout: 120_000 }, () => {
  const git = (...args: readonly string[]) => execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'commit.gpgsign=false', ...args], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  const commit = (files: Readonly<Record<string, string>>) => {
    write(files);
    git('add', '-A');
    git('commit', '-qm', 'change');
  };
  beforeEach(() => {
    git('init', '-q', '-b', 'main');
    commit({
      'go.mod': 'module example.com/store\n\ngo 1.24\n',
      'store.go': store(guarded('Add', 's.peers[peer]++') + guarded('Drop', 'delete(s.peers, peer)')),
      'use.go': use,
      'old.go': 'package store\n\nfunc (s *Store) Twice() {\n\ts.mu.Lock()\n\ts.mu.Lock()\n\tprintln(len(s.peers))\n\ts.mu.Unlock()\n\ts.mu.Unlock()\n}\n',
    });
    git('checkout', '-qb', 'work');
  });

  it('is nothing when nothing changed, or only lines moved', async () => {
    expect(await report(['--new-from-rev', 'HEAD'])).toMatchObject({ findings: [], summary: { comparison: { introduced: 0, fixed: 0, existing: 1 } } });
    commit({ 'use.go': `// More words.\n\n${use}`, 'old.go': readFileSync(join(cwd, 'old.go'), 'utf8').replace('package store', 'package store\n\n// Older.\n') });
    expect(await report(['--merge-base', 'main'])).toMatchObject({ findings: [], summary: { comparison: { introduced: 0, fixed: 0, existing: 1 } } });
  });

  it('is a race left behind by a lock taken out elsewhere, in a file the change did not touch', async () => {
    commit({ 'store.go': store(guarded('Add', 's.peers[peer]++') + 'func (s *Store) Drop(peer string) { s.drop(peer) }\n'), 'drop.go': 'package store\n\nfunc (s *Store) drop(peer string) {\n\tdelete(s.peers, peer)\n}\n' });
    const { found, summary, err } = await report(['--new-from-rev', 'main']);
    expect(found).toHaveLength(1);
    expect(summary.comparison).toEqual({ base: 'main', introduced: 1, fixed: 0, existing: 1 });
    expect(err).toBe('');
    expect((await deadheat(['check', '--new-from-rev', 'main'])).out).toContain('Since main: 1 introduced, 0 fixed, 1 left out that were there before.');
    expect((await deadheat(['check', '--new-from-rev', 'main', 'use.go', 'old.go'])).code).toBe(0);
  });

  it('is told for uncommitted work, renamed and deleted files, and from inside a folder', async () => {
    git('mv', 'old.go', 'older.go');
    expect(await report(['--new-from-rev', 'HEAD'])).toMatchObject({ findings: [], summary: { comparison: { introduced: 0, fixed: 0, existing: 1 } } });
    rmSync(join(cwd, 'older.go'));
    expect(await report(['--new-from-rev', 'HEAD'])).toMatchObject({ findings: [], summary: { comparison: { introduced: 0, fixed: 1, existing: 0 } } });
    expect((await deadheat(['check', '--new-from-rev', 'HEAD', '--verbose'])).err).toContain('fixed: double-lock in old.go');
    write({ 'inner/twice.go': 'package inner\n\nimport "sync"\n\nvar mu sync.Mutex\n\nfunc Twice() {\n\tmu.Lock()\n\tmu.Lock()\n}\n' });
    expect((await report(['--new-from-rev', 'HEAD'], join(cwd, 'inner'))).summary.comparison).toMatchObject({ introduced: expect.any(Number) as number, existing: 0 });
  });

  it('runs no hook, no monitor, no pager and no filter of the repository', async () => {
    const trap = join(cwd, '.git/trap');
    writeFileSync(trap, `#!/bin/sh\ntouch '${join(cwd, '.git/sprung')}'\n`);
    chmodSync(trap, 0o755);
    for (const key of ['core.fsmonitor', 'core.pager', 'core.sshCommand', 'filter.x.smudge', 'filter.x.clean', 'diff.external', 'core.askPass']) git('config', key, trap);
    mkdirSync(join(cwd, '.git/hooks'), { recursive: true });
    for (const hook of ['post-checkout', 'post-index-change', 'reference-transaction']) cpSync(trap, join(cwd, '.git/hooks', hook));
    write({ '.gitattributes': '*.go filter=x diff=x\n', 'new.go': 'package store\n' });
    expect((await report(['--new-from-rev', 'main'])).summary.comparison).toBeDefined();
    expect(existsSync(join(cwd, '.git/sprung'))).toBe(false);
  });

  it('works on a detached head', async () => {
    git('checkout', '-q', '--detach');
    expect((await report(['--merge-base', 'main'])).summary.comparison).toMatchObject({ introduced: 0 });
  });

  it('is everything, and loudly so, in a clone too shallow to tell', async () => {
    commit({ 'more.go': 'package store\n' });
    git('checkout', '-q', 'main');
    commit({ 'other.go': 'package store\n' });
    const shallow = join(cwd, 'shallow');
    git('clone', '-q', '--depth', '1', '--branch', 'work', '--no-single-branch', `file://${cwd}`, shallow);
    const merged = await report(['--merge-base', 'origin/main', '--quiet'], shallow);
    expect(merged.found).toEqual(['double-lock old.go']);
    expect(merged.err).toContain('warning: everything is reported, not only what is new: this clone is shallow');
    expect((await report(['--new-from-rev', 'HEAD~1'], shallow)).err).toContain('fetch-depth: 0');
  });

  it.each([
    ['a revision that is none', ['--new-from-rev', 'nowhere'], "there is no commit 'nowhere' here"],
    ['an option in place of a revision', ['--new-from-rev=--output=x'], "there is no commit '--output=x' here"],
    ['both ways at once', ['--new-from-rev', 'main', '--merge-base', 'main'], 'cannot be used with option'],
  ])('is a mistake for %s', async (_, argv, message) => {
    expect(await deadheat(['check', ...argv])).toMatchObject({ code: 2, out: '', err: expect.stringContaining(message) as string });
  });

  it('is a mistake outside a repository', async () => {
    rmSync(join(cwd, '.git'), { recursive: true });
    expect(await deadheat(['check', '--new-from-rev', 'main'])).toMatchObject({ code: 2, err: expect.stringContaining('needs a git repository') as string });
  });
});
