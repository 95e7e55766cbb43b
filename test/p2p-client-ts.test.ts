import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { analyze, type Source } from '../src/index.js';

const folder = fileURLToPath(new URL('../fixtures/p2p-client-ts/', import.meta.url));

interface Expected { readonly rule: string; readonly file: string; readonly line: number }

describe('the bundled TypeScript example', () => {
  it('shows each defect where its README says, and nothing else at or over warning', async () => {
    const sources: Source[] = readdirSync(folder).filter((name) => name.endsWith('.ts')).map((name) => ({ path: name, text: readFileSync(folder + name, 'utf8') }));
    const expected = JSON.parse(readFileSync(`${folder}expected.json`, 'utf8')) as Expected[];
    const { findings, gaps } = await analyze(sources);
    const found = findings.filter((finding) => finding.level !== 'note' && finding.confidence !== 'low').map((finding) => `${finding.at.file}:${finding.at.line} ${finding.rule}`);
    expect(gaps).toEqual([]);
    expect(found.sort()).toEqual(expected.map((one) => `${one.file}:${one.line} ${one.rule}`).sort());
  });
});
