import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { apiOf, shelf } from '../bench/fuzzing/api.mjs';
import { doors } from '../bench/fuzzing/doors.mjs';
import { tryInput } from '../bench/fuzzing/inputs.mjs';

/** A short run of `bench/fuzz.mjs`: the same inputs on every machine, each door by itself. */

const modules = {
  index: () => import('../src/index.js'), 'config/read': () => import('../src/config/read.js'), 'config/paths': () => import('../src/config/paths.js'), 'findings/baseline': () => import('../src/findings/baseline.js'),
  'cli/cache/remembered': () => import('../src/cli/cache/remembered.js'), 'cli/cache/store': () => import('../src/cli/cache/store.js'), 'models/directives': () => import('../src/models/directives.js'),
  'cli/ignore-patterns': () => import('../src/cli/ignore-patterns.js'), 'analysis/order-prose': () => import('../src/analysis/order-prose.js'), 'report/index': () => import('../src/report/index.js'),
};
const seed = 10;
let folder: string;
let all: ReturnType<typeof doors>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'deadheat-fuzz-'));
  all = doors(await apiOf((name: keyof typeof modules) => modules[name](), folder), shelf);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const inputs: Readonly<Record<string, number>> = { go: 60, ts: 60, js: 20, md: 20, manifests: 30, 'order files': 300, comments: 30, suppressions: 1_000, 'suppressed code': 20, configuration: 600, baseline: 600, 'cache entries': 200, 'ignore files': 600, 'path patterns': 300 };

test.each(Object.entries(inputs))('%s', { timeout: 120_000 }, async (name, count) => {
  const door = all.find((one) => one.name === name)!;
  const failures: string[] = [];
  for (let index = 0; index < count; index++) {
    const { problems, text, how } = await tryInput(door, seed, index, 4_000);
    for (const problem of problems) failures.push(`${index} (${how}): ${problem}: ${JSON.stringify(text.slice(0, 400))}`);
  }
  expect(failures).toEqual([]);
});

test('every door is tried', () => {
  expect(all.map(({ name }) => name).sort()).toEqual(Object.keys(inputs).sort());
});

const once = fileURLToPath(new URL('data/fuzz/', import.meta.url));
test.each(readdirSync(once).sort())('failed once: %s', { timeout: 60_000 }, async (file) => {
  const door = all.find(({ name }) => name === file.slice(0, file.indexOf('--')))!;
  const text = readFileSync(join(once, file), 'utf8');
  // What a door does with a text depends on the number of its input: as which file, whole or damaged, printed or read twice.
  for (const index of [0, 1, 2, 3, 8, 9]) {
    const { problems, result } = await door.check(text, index) as { problems: readonly string[]; result?: unknown };
    expect(problems).toEqual([]);
    if (result !== undefined) expect(((await door.check(text, index)) as { result?: unknown }).result).toEqual(result);
  }
});
