import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { differences, seen } from '../bench/metamorphic/compare.mjs';
import { goVariants } from '../bench/metamorphic/go.mjs';
import { typescriptVariants } from '../bench/metamorphic/typescript.mjs';
import { analyze, type Source } from '../src/index.js';

/** Ways to write a program differently that change nothing about it: nor may they change what is found. On real code: `bench/metamorphic.mjs`. */

type Seen = ReturnType<typeof seen>;

const fixtures = fileURLToPath(new URL('../fixtures', import.meta.url));

async function found(program: readonly Source[]): Promise<Seen> {
  const analysis = await analyze(program, { tests: true });
  expect(analysis.failures).toEqual([]);
  return seen(analysis);
}

describe.each([
  ['Go', goVariants, /\.go$/, 200],
  ['TypeScript', typescriptVariants, /\.ts$/, 100],
] as const)('what is found in %s does not change with', (_language, variants, ending, least) => {
  const programs = new Map<string, readonly Source[]>();
  const expected = new Map<string, Seen>();
  beforeAll(async () => {
    for (const { name, parentPath } of readdirSync(fixtures, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile() && ending.test(entry.name))) {
      const folder = parentPath.slice(fixtures.length + 1).replaceAll('\\', '/');
      // A folder of several packages is a program; elsewhere each file is one.
      const key = folder.startsWith('p2p-') ? folder.split('/')[0]! : `${folder}/${name}`;
      const text = readFileSync(join(parentPath, name), 'utf8');
      programs.set(key, [...(programs.get(key) ?? []), { path: `${folder}/${name}`, text }]);
    }
    for (const [key, program] of programs) expected.set(key, await found(program));
  }, 240_000);

  it.each(Object.entries(variants))('%s', { timeout: 240_000 }, async (name, { vary, looser }) => {
    const changed: string[] = [];
    let compared = 0;
    let different = 0;
    for (const [key, program] of programs) {
      const before = expected.get(key)!;
      compared += before.length;
      const varied = vary(program);
      if (JSON.stringify(varied) === JSON.stringify(program)) continue;
      different += 1;
      for (const one of differences(before, await found(varied), looser)) changed.push(`${key}: ${one}`);
    }
    expect(compared).toBeGreaterThan(least);
    // Single files have no other order.
    if (name !== 'files in another order') expect(different).toBeGreaterThan(20);
    expect(changed).toEqual([]);
  });
});
