import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { analyze } from '../src/index.js';

// A fixture says that something is found; these also have to be kept back, which is what they are about.
const fixtures = fileURLToPath(new URL('../fixtures/', import.meta.url));
const files = readdirSync(fixtures, { recursive: true, encoding: 'utf8' }).filter((file) => /(?:^|[\\/])bad-kept-back[^\\/]*\.go$/.test(file));

describe('what is kept back has low confidence', () => {
  it.each(files)('%s', async (file) => {
    const { findings } = await analyze([{ path: file, text: readFileSync(join(fixtures, file), 'utf8') }]);
    const own = findings.filter(({ rule }) => rule === file.split(/[\\/]/)[0]);
    expect(own.length).toBeGreaterThan(0);
    expect(own.filter(({ confidence, level }) => confidence !== 'low' && level !== 'note').map(({ at, message }) => `${at.line}: ${message}`)).toEqual([]);
  });
});
