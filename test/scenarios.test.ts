import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { problemsOf, scenarioOf } from './typescript-run.js';

const shelf = fileURLToPath(new URL('../fixtures/', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'deadheat-scenarios-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Rules about comments: what they find does nothing when it runs. */
const aboutComments = ['invalid-suppression', 'unused-suppression'];

const shelves = readdirSync(shelf, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name).sort();
const files = shelves.flatMap((rule) => readdirSync(join(shelf, rule)).filter((name) => /^(?:bad|ok).*\.ts$/.test(name)).map((name) => `${rule}/${name}`));

describe('TypeScript fixtures show what they claim', () => {
  it.each(files.filter((file) => !aboutComments.includes(file.split('/')[0]!)))('%s', async (file) => {
    const broken = await (await scenarioOf(readFileSync(join(shelf, file), 'utf8'), join(scratch, file)))();
    if (file.includes('/bad')) expect(broken).toBeTypeOf('string');
    else expect(broken).toBeUndefined();
  });
});

describe('TypeScript fixtures are real code', () => {
  it('type-check under the strict options', { timeout: 120_000 }, () => {
    expect(problemsOf(files.map((file) => join(shelf, file)))).toEqual([]);
  });
});
