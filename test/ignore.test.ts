import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ignorePatterns } from '../src/cli/ignore-patterns.js';

describe('patterns of ignore files', () => {
  it.each([
    ['build/', 'build', true, true], ['build/', 'build', false, undefined], ['*.go', 'a/b.go', false, true], ['/a.go', 'b/a.go', false, undefined], ['a/b', 'c/a/b', false, undefined],
    ['**/b', 'a/c/b', false, true], ['a/**', 'a', true, undefined], ['a/**', 'a/b/c', false, true], ['a/**/b', 'a/b', false, true], ['*.go\n!keep.go', 'keep.go', false, false],
    ['a\n!a/b', 'a/b', false, true], ['\\#a', '#a', false, true], ['a\\ ', 'a ', false, true], ['a  ', 'a', false, true], ['[!a]b', 'cb', false, true], ['[[:digit:]-]', '-', false, true],
  ] as const)('%j on %s (folder: %s): %s', (text, path, folder, answer) => {
    expect(ignorePatterns(text)(path, folder)).toBe(answer);
  });

  it('cannot be made slow, nor too large', () => {
    expect(ignorePatterns(`${'*a'.repeat(20_000)}*z`)(`z${'a'.repeat(255)}`, false)).toBeUndefined();
    expect(ignorePatterns(`${'**/*a/'.repeat(10_000)}z`)('a/'.repeat(2_000), false)).toBeUndefined();
    expect(ignorePatterns('a?'.repeat(2_000_000))('a', false)).toBeUndefined();
    expect(ignorePatterns('['.repeat(50_000))('a', false)).toBeUndefined();
  });
});

const hasGit = spawnSync('git', ['--version']).status === 0;
if (!hasGit) console.warn('NOT COMPARED WITH GIT: there is none here');

describe.skipIf(!hasGit)('what git says', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'deadheat-ignore-'));
    spawnSync('git', ['init', '-q', folder]);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const paths = ['a', 'b', 'ab', 'a/b', 'a/b/c.go', 'vendor/a', 'a/vendor/b.go', '*', 'a b', ']', 'a-', '!a', '#a', 'c.go', 'A', 'b/a', '[a', '\\a', 'a/b/a/b'];
  const unit = fc.constantFrom('*', '**', '/', '?', 'a', 'b', '.go', '[a-c]', '[!a]', '[^a-]', '[z-a]', '[]a]', '[[:alpha:]]', '[[:nope:]]', '[a', '\\', '\\*', '!', '#', ' ', 'vendor', '-', '[\\]-a]', '**/', '/**');
  // In `a**/b` git splits off the plain beginning and then takes the stars for those of a name of their own; a set over a slash is for nobody.
  const line = fc.array(unit, { minLength: 1, maxLength: 6 }).map((units) => units.join('')).filter((pattern) => !/[^/!]\*\*/.test(pattern.replace(/(^|\/)\*+(?=\/|$)/g, '$1')) && !/\[[^\]\n]*\]?[^\]\n]*\//.test(pattern));
  const text = fc.array(line, { minLength: 1, maxLength: 4 }).map((lines) => lines.join('\n'));

  it('is what we say, whatever the file holds', { timeout: 120_000 }, () => {
    fc.assert(fc.property(text, (ignored) => {
      writeFileSync(join(folder, '.gitignore'), ignored);
      const { stdout } = spawnSync('git', ['-c', 'core.ignoreCase=false', '-c', 'core.excludesFile=', 'check-ignore', '--no-index', '--stdin', '-z'], { cwd: folder, input: paths.map((path) => `./${path}\0`).join(''), encoding: 'utf8' });
      const theirs = stdout.split('\0').filter((path) => path !== '').map((path) => path.slice(2)).sort();
      const says = ignorePatterns(ignored);
      expect(paths.filter((path) => says(path, false) === true).sort()).toEqual(theirs);
    }), { numRuns: 150, seed: 11 });
  });
});
