import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { documents } from '../scripts/documents.mjs';
import { pages } from '../scripts/pages.mjs';
import { registrySource, ruleFiles } from '../scripts/registry.mjs';
import { main } from '../src/cli/main.js';
import { configJsonSchema } from '../src/config/json-schema.js';
import { analyze, joinedClaims, rules } from '../src/index.js';
import { formats, guide } from '../src/report/index.js';

const root = fileURLToPath(new URL('../', import.meta.url));
const read = (file: string) => (existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : '');

describe('what is generated is current (npm run generate)', async () => {
  it('the registry', () => {
    expect(read('src/rules/index.ts')).toBe(registrySource(join(root, 'src/rules')));
  });

  const current = await pages({ analyze, rules, formats, guide, joinedClaims, configJsonSchema, root });
  it.each([...current])('%s', (file, text) => {
    expect(read(file)).toBe(text);
  });

  it('no page is left of a rule that is gone', () => {
    expect(readdirSync(join(root, 'docs/rules')).map((name) => `docs/rules/${name}`).filter((file) => !current.has(file))).toEqual([]);
  });
});

describe('rules document themselves', () => {
  it('the id is the file, the family is the folder', () => {
    expect(rules.map(({ id, family }) => ({ family, id }))).toEqual(ruleFiles(join(root, 'src/rules')));
  });

  it.each(rules.map((rule) => [rule.id, rule] as const))('%s says what, why, what it leads to, what to do and what it misses', (id, rule) => {
    expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
    for (const text of [rule.title, rule.explain, rule.impact, rule.advice, rule.misses]) expect(text.trim()).not.toBe('');
    expect(rule.title).not.toMatch(/\.$/);
    expect(rule.languages).not.toEqual([]);
  });
});

describe('the table of documents', () => {
  it('names rules the way rules are named', () => {
    for (const { issues } of documents) for (const issue of issues) for (const id of issue.rules) expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
  });
});

describe('README', () => {
  it('names every option of check', async () => {
    let help = '';
    const stream = { write: (text: string) => (help += text) };
    await main(['check', '--help'], { stdout: stream, stderr: stream, cwd: root, env: {} });
    const readme = read('README.md');
    for (const [option] of help.matchAll(/--[a-z-]+/g)) expect(readme).toContain(option);
  });

  it('gives the command that CI runs', () => {
    const command = read('.ci/run').trim().split('\n').at(-1)!;
    expect(read('README.md')).toContain(`\n${command}\n`);
  });
});
