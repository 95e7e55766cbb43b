import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { main } from '../src/cli/main.js';

/** A first look at the changed folder, then everything: the same lines that a run over everything prints, sooner. */

let cwd: string;
let out = '';
/** Called with each piece that is printed. */
let heard: (text: string) => void;
let ending: AbortController;
beforeEach(() => {
  heard = () => {};
  cwd = realpathSync(mkdtempSync(join(tmpdir(), 'deadheat-watch-')));
  ending = new AbortController();
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

function write(file: string, text: string): void {
  mkdirSync(dirname(join(cwd, file)), { recursive: true });
  writeFileSync(join(cwd, file), text);
}

const until = (text: string) => vi.waitFor(() => expect(out).toContain(text), { timeout: 20_000, interval: 25 });

/** What is printed while this change is worked on, up to this line. */
async function after(change: () => void, last: string): Promise<string> {
  // Whoever watches sets up after the last line of a round.
  await new Promise((resolve) => setTimeout(resolve, 150));
  out = '';
  change();
  await until(last);
  return out;
}

function watching(...options: readonly string[]): Promise<number> {
  out = '';
  return main(['check', '--watch', '--no-cache', '--format', 'unix', '--min-level', 'warning', ...options], { stdout: { write: (text) => { out += text; heard(text); } }, stderr: { write: () => {} }, cwd, env: {}, signal: ending.signal });
}

/** Folders that the change is not in, so that the changed one is little of it all. */
function filling(): void {
  write('go.mod', 'module example.com/m\n\ngo 1.22\n');
  for (let index = 0; index < 8; index++) write(`other${index}/other.go`, `package other${index}\n\n${Array.from({ length: 20 }, (_, at) => `func f${at}(a, b int) int {\n\treturn a*${at} + b\n}\n`).join('\n')}`);
}

const account = (extra = '', above = '') => `package account\n\nimport "sync"\n${above}\ntype Account struct {\n\tmu sync.Mutex\n\tn  int\n}\n\nfunc (a *Account) Add() {\n\ta.mu.Lock()\n\ta.n++\n\ta.mu.Unlock()\n}\n${extra}`;
const lockedTwice = '\nfunc (a *Account) Twice() {\n\ta.mu.Lock()\n\ta.Add()\n\ta.mu.Unlock()\n}\n';

describe('after a small change', () => {
  it('the first look tells what has come and gone, and everything agrees', { timeout: 60_000 }, async () => {
    filling();
    write('account/account.go', account());
    write('known/known.go', 'package known\n\nimport "sync"\n\nvar mu sync.Mutex\n\nfunc f() {\n\tmu.Lock()\n\tmu.Lock()\n\tprintln()\n\tmu.Unlock()\n\tmu.Unlock()\n}\n');
    const running = watching();
    await until('[watch] analysis finished: 1 findings\n');

    const come = await after(() => write('account/account.go', account(lockedTwice)), '[watch] all files analysed: the same findings\n');
    expect(come).toMatch(/^\[watch\] analysis started\n\[watch\] first look at 1 of 10 files\naccount\/account\.go:18:2[^\n]* error double-lock: [^]*\nknown\/known\.go:9:2[^\n]* error double-lock[^]*\n\[watch\] analysis finished: 2 findings\n\[watch\] all files analysed: the same findings\n$/);

    const moved = await after(() => write('account/account.go', account(lockedTwice, '\n// Two lines\n// above it all.\n')), '[watch] all files analysed: the same findings\n');
    expect(moved).toMatch(/account\/account\.go:21:2[^\n]* error double-lock: [^\n]* line 20[^]*\[watch\] analysis finished: 2 findings\n/);

    const gone = await after(() => write('account/account.go', account()), '[watch] all files analysed: the same findings\n');
    expect(gone).not.toContain('account/account.go');
    expect(gone).toContain('[watch] analysis finished: 1 findings\n');
    ending.abort();
    expect(await running).toBe(1);
  });

  it('what only everything shows is told when everything has been analysed', { timeout: 60_000 }, async () => {
    filling();
    const one = (calls: string) => `package one\n\nimport (\n\t"sync"\n\n\t"example.com/m/two"\n)\n\nvar Mu sync.Mutex\n\nfunc First() {\n\tMu.Lock()\n\t${calls}\n\tMu.Unlock()\n}\n`;
    write('one/one.go', one('println()'));
    write('two/two.go', 'package two\n\nimport "sync"\n\nvar Mu sync.Mutex\n\nfunc Second() {\n\tMu.Lock()\n\tprintln()\n\tMu.Unlock()\n}\n');
    write('three/three.go', 'package three\n\nimport (\n\t"example.com/m/one"\n\t"example.com/m/two"\n)\n\nfunc Third() {\n\ttwo.Mu.Lock()\n\tone.Mu.Lock()\n\tprintln()\n\tone.Mu.Unlock()\n\ttwo.Mu.Unlock()\n}\n');
    const running = watching();
    await until('[watch] analysis finished: 0 findings\n');
    const told = await after(() => write('one/one.go', one('two.Second()')), '[watch] analysis finished: 1 findings\n');
    expect(told).toMatch(/^\[watch\] analysis started\n\[watch\] first look at 1 of 11 files\n\[watch\] analysis finished: 0 findings\n\[watch\] analysis started\n[^\n]* lock-order-cycle: [^]*\n\[watch\] analysis finished: 1 findings\n$/);
    ending.abort();
    expect(await running).toBe(1);
  });

  it('written reports are of everything', { timeout: 60_000 }, async () => {
    filling();
    write('account/account.go', account());
    const running = watching('--output', 'unix=out.txt');
    await until('[watch] analysis finished: 0 findings\n');
    const told = await after(() => write('account/account.go', account(lockedTwice)), 'findings\n[watch] analysis started\n');
    await until('[watch] analysis finished: 1 findings\n[watch] analysis started\n');
    expect(told).toContain('[watch] first look at 1 of 9 files');
    ending.abort();
    expect(await running).toBe(1);
  });

  it('who saves again gets the next first look, and everything once', { timeout: 60_000 }, async () => {
    filling();
    write('account/account.go', account());
    const running = watching();
    await until('[watch] analysis finished: 0 findings\n');
    let saved = false;
    heard = (text) => {
      if (saved || !text.startsWith('[watch] analysis finished: 1 findings')) return;
      saved = true;
      write('account/account.go', account(`${lockedTwice}${lockedTwice.replace('Twice', 'Thrice')}`));
    };
    const told = await after(() => write('account/account.go', account(lockedTwice)), '[watch] all files analysed: the same findings\n');
    expect(told.match(/first look at 1 of 9 files/g)).toHaveLength(2);
    expect(told).toMatch(/finished: 1 findings\n\[watch\] analysis started\n\[watch\] first look[^]*finished: 2 findings\n\[watch\] all files analysed: the same findings\n$/);
    ending.abort();
    expect(await running).toBe(1);
  });
});

it('a change while a run is under way is not missed', { timeout: 60_000 }, async () => {
  filling();
  write('account/account.go', account());
  let saved = false;
  heard = (text) => {
    // The sources of this run have been read.
    if (saved || !text.startsWith('[watch] analysis started')) return;
    saved = true;
    write('account/account.go', account(lockedTwice));
  };
  const running = watching();
  await until('[watch] analysis finished: 0 findings\n');
  await until('[watch] analysis finished: 1 findings\n');
  ending.abort();
  expect(await running).toBe(1);
});
