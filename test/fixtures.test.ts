import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { rules } from '../src/index.js';
import { check, loadFixtures } from './want.js';

const shelf = fileURLToPath(new URL('../fixtures/', import.meta.url));
const fixtures = loadFixtures(shelf);
const modules = readdirSync(shelf).filter((name) => existsSync(join(shelf, name, 'go.mod')));
const offline = { ...process.env, GOFLAGS: '-mod=mod', GOPROXY: 'off', GOWORK: 'off' };
const extensionOf: Readonly<Record<string, string>> = { typescript: 'ts' };
const hasGo = spawnSync('go', ['version']).status === 0;
if (!hasGo) console.warn('SKIPPED: the Go toolchain is not here; that the fixtures are gofmt-clean and compile is not tested');

describe('fixtures', () => {
  for (const fixture of fixtures) {
    it(fixture.name, async () => {
      expect((await check(fixture)).join('\n')).toBe('');
    });
  }
});

describe('every rule shows what it finds and what it leaves alone', () => {
  for (const rule of rules) {
    for (const language of rule.languages) {
      const extension = extensionOf[language] ?? language;
      it.each(['bad', 'ok'])(`${rule.id}: %s.${extension}`, (name) => {
        expect(existsSync(join(shelf, rule.id, `${name}.${extension}`))).toBe(true);
      });
    }
  }
});

describe('fixtures are rules', () => {
  const known = new Set(rules.map((rule) => rule.id));
  it.each([...new Set(fixtures.map((fixture) => fixture.rule))])('%s is the id of a rule', (rule) => {
    expect(known.has(rule)).toBe(true);
  });
});

describe.skipIf(!hasGo)('Go fixtures are real code', () => {
  const sources = fixtures.flatMap((fixture) => fixture.sources.filter(({ path }) => path.endsWith('.go')).map((source) => ({ fixture, ...source })));

  it('is formatted as gofmt formats', () => {
    expect(execFileSync('gofmt', ['-l', shelf], { encoding: 'utf8' })).toBe('');
  });

  it.each(modules)('%s compiles', { timeout: 300_000 }, (name) => {
    expect(spawnSync('go', ['build', '-o', devNull, './...'], { cwd: join(shelf, name), encoding: 'utf8', env: offline })).toMatchObject({ status: 0, stderr: '' });
  });

  // One compiler run for all: each file becomes a package of one module.
  it('compiles', { timeout: 300_000 }, () => {
    const module = mkdtempSync(join(tmpdir(), 'deadheat-fixtures-'));
    try {
      writeFileSync(join(module, 'go.mod'), 'module fixtures\n\ngo 1.24\n');
      for (const { fixture, path, text } of sources) {
        if (fixture.folder !== undefined || needsNetwork(text)) continue;
        const folder = join(module, fixture.name.replace(/\W+/g, '_'));
        mkdirSync(folder);
        writeFileSync(join(folder, path), text);
      }
      const { stderr } = spawnSync('go', ['build', '-o', devNull, './...'], { cwd: module, encoding: 'utf8', env: offline });
      expect(stderr).toBe('');
    } finally {
      rmSync(module, { recursive: true, force: true });
    }
  });
});

/** Imports of anything but the standard library: their first path element is a host name. */
function needsNetwork(text: string): boolean {
  return /^\s*(?:import\s+)?(?:[\w.]+\s+)?"[\w-]+\.[\w.-]+\//m.test(text);
}
