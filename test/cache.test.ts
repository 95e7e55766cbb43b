import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cacheFolder, cleanStore, damaged, maxBytes, measureStore, openStore } from '../src/cli/cache/store.js';

const bin = fileURLToPath(new URL('../bin/deadheat.js', import.meta.url));
let house: string;
let cwd: string;
let cache: string;
beforeEach(() => {
  house = realpathSync(mkdtempSync(join(tmpdir(), 'deadheat-cache-')));
  cwd = join(house, 'code');
  cache = join(house, 'cache');
  write('go.mod', 'module example.com/dial\n\ngo 1.21\n');
  write('dial.go', locked('\t\treturn\n'));
});
afterEach(() => rmSync(house, { recursive: true, force: true }));

function write(file: string, text: string): void {
  mkdirSync(dirname(join(cwd, file)), { recursive: true });
  writeFileSync(join(cwd, file), text);
}

/** A method that leaves by these lines while it holds its lock. */
function locked(early: string): string {
  return `package dial\n\nimport "sync"\n\ntype Dialer struct {\n\tmu sync.Mutex\n\tn  int\n}\n\nfunc (d *Dialer) Dial(fail bool) {\n\td.mu.Lock()\n\tif fail {\n${early}\t}\n\td.n++\n\td.mu.Unlock()\n}\n`;
}

interface Run { readonly code: number | null; readonly out: string; readonly err: string }

function deadheat(...argv: readonly string[]): Run {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...argv], { cwd, encoding: 'utf8', env: { ...process.env, DEADHEAT_CACHE_DIR: cache, NO_COLOR: '1' } });
  return { code: status, out: stdout, err: stderr };
}

const check = (...more: readonly string[]): Run => deadheat('check', '--format', 'unix', '--timing', ...more);
const isRemembered = ({ err }: Run): boolean => err.includes('remembered from an earlier run');
const entries = (): string[] => (existsSync(cache) ? readdirSync(cache, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json')).map((name) => join(cache, name)) : []);

describe('answers of earlier runs', { timeout: 120_000 }, () => {
  it('are the same as new ones, and come without an analysis', () => {
    const first = check();
    expect(first.out).toContain('missing-unlock');
    expect([first.code, isRemembered(first)]).toEqual([1, false]);
    const second = check();
    expect(isRemembered(second)).toBe(true);
    expect([second.code, second.out]).toEqual([first.code, first.out]);
    const sarif = [deadheat('check', '--format', 'sarif'), deadheat('check', '--format', 'sarif', '--no-cache')];
    expect(new Set(sarif.map(({ out }) => out)).size).toBe(1);
    // A document tells more than findings: that is another question.
    const documents = [deadheat('check', '--format', 'markdown'), deadheat('check', '--format', 'markdown'), deadheat('check', '--format', 'markdown', '--no-cache')];
    expect(new Set(documents.map(({ out }) => out)).size).toBe(1);
  });

  it('are no answers to other code, other questions or other surroundings', () => {
    check();
    write('dial.go', locked('\t\td.mu.Unlock()\n\t\treturn\n'));
    const mended = check();
    expect([mended.code, isRemembered(mended)]).toEqual([0, false]);
    expect(isRemembered(check('--select', 'deadlock'))).toBe(false);
    // What the front-end looked up beside the sources counts as well.
    expect(isRemembered(check())).toBe(true);
    write('go.mod', 'module example.com/dial\n\ngo 1.22\n');
    expect(isRemembered(check())).toBe(false);
    expect(isRemembered(check())).toBe(true);
    write('locksordering.txt', 'Dialer.mu -> Other.mu\n');
    expect(isRemembered(check())).toBe(false);
  });

  it('are neither looked for nor kept with --no-cache', () => {
    check('--no-cache');
    expect(entries()).toEqual([]);
    check();
    expect(entries().length).toBe(1);
    expect(isRemembered(check('--no-cache'))).toBe(false);
  });

  it('are recomputed, and said to be, when an entry is damaged', () => {
    const first = check();
    for (const damage of [(file: string) => truncateSync(file, 40), (file: string) => writeFileSync(file, readFileSync(file, 'utf8').replace('missing-unlock', 'missing-UNLOCK'))]) {
      for (const file of entries()) damage(file);
      const again = check();
      expect(again.err).toContain('is damaged: analysed again');
      expect([again.code, again.out, isRemembered(again)]).toEqual([first.code, first.out, false]);
      expect(isRemembered(check())).toBe(true);
    }
  });

  it('cost nothing but time where they cannot be kept', () => {
    writeFileSync(cache, 'a file where the folder should be');
    const run = check('--verbose');
    expect(run.code).toBe(1);
    expect(run.err).toContain('the result was not kept in');
  });

  it('survive runs at the same time and runs that are killed', async () => {
    const running = Array.from({ length: 4 }, () => spawn(process.execPath, [bin, 'check', '--format', 'unix'], { cwd, env: { ...process.env, DEADHEAT_CACHE_DIR: cache }, stdio: ['ignore', 'pipe', 'ignore'] }));
    const killed = running.pop()!;
    setTimeout(() => killed.kill('SIGKILL'), 300);
    const outputs = await Promise.all(running.map((child) => new Promise<string>((resolve) => { let text = ''; child.stdout.on('data', (part) => (text += String(part))).on('close', () => resolve(text)); })));
    expect(new Set(outputs).size).toBe(1);
    const after = check();
    expect(after.out).toBe(outputs[0]);
    expect(isRemembered(after)).toBe(true);
  });

  it('are told of and thrown away by `deadheat cache`', () => {
    check();
    expect(deadheat('cache', 'info').out).toContain(`${cache}: 1 result, `);
    writeFileSync(join(cache, 'somebody else.txt'), 'stays');
    expect(deadheat('cache', 'clean').code).toBe(0);
    expect(readdirSync(cache)).toEqual(['somebody else.txt']);
    expect(deadheat('cache', 'info').out).toContain('0 results, 0 of at most');
  });
});

describe('the store', () => {
  it('gives back what was put, and tells a damaged entry from none', () => {
    const store = openStore(cache);
    expect(store.get('ab12')).toBeUndefined();
    expect(store.put('ab12', { text: 'Grüße \u2028 \ud83d\udd12' })).toBeUndefined();
    expect(store.get('ab12')).toEqual({ text: 'Grüße \u2028 \ud83d\udd12' });
    writeFileSync(join(cache, 'results-1', 'ab', 'ab12.json'), 'no digest\n{}');
    expect(store.get('ab12')).toBe(damaged);
  });

  it('lets go of what was not asked for longest when it grows too large', { timeout: 60_000 }, () => {
    const store = openStore(cache);
    const large = { text: 'x'.repeat(maxBytes / 8) };
    for (let index = 0; index < 7; index++) {
      store.put(`0${index}`, large);
      const then = new Date(Date.now() - (100 - index) * 60_000);
      utimesSync(join(cache, 'results-1', `0${index}`, `0${index}.json`), then, then);
    }
    expect(store.get('00')).toEqual(large);
    store.put('07', large);
    expect(measureStore(cache).bytes).toBeLessThanOrEqual(maxBytes);
    expect(store.get('01')).toBeUndefined();
    expect(store.get('00')).toEqual(large);
    expect(store.get('07')).toEqual(large);
  });

  it('is for its owner alone', () => {
    if (process.platform === 'win32') return;
    openStore(cache).put('ab12', {});
    expect(statSync(join(cache, 'results-1', 'ab', 'ab12.json')).mode & 0o077).toBe(0);
  });

  it('lies where the system keeps caches, or where the environment says', () => {
    expect(cacheFolder({ DEADHEAT_CACHE_DIR: 'here' }, '/code', 'linux')).toBe('/code/here');
    expect(cacheFolder({ HOME: '/home/u' }, '/code', 'linux')).toBe('/home/u/.cache/deadheat');
    expect(cacheFolder({ HOME: '/home/u', XDG_CACHE_HOME: '/caches' }, '/code', 'linux')).toBe('/caches/deadheat');
    expect(cacheFolder({ HOME: '/Users/u' }, '/code', 'darwin')).toBe('/Users/u/Library/Caches/deadheat');
    expect(cacheFolder({ LOCALAPPDATA: '/local' }, '/code', 'win32')).toBe('/local/deadheat');
    expect(cacheFolder({}, '/code', 'linux')).toBeUndefined();
  });

  it('cleans nothing that is not there', () => {
    expect(() => cleanStore(join(cache, 'nowhere'))).not.toThrow();
  });
});
