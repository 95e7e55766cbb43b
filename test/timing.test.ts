import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const bin = fileURLToPath(new URL('../bin/deadheat.js', import.meta.url));
let cwd: string;
beforeEach(() => (cwd = mkdtempSync(join(tmpdir(), 'deadheat-timing-'))));
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const timed = (...more: readonly string[]): string => spawnSync(process.execPath, [bin, 'check', '--timing', '--quiet', '--no-cache', '--fail-on', 'never', ...more], { cwd, encoding: 'utf8' }).stderr;

describe('--timing', { timeout: 60_000 }, () => {
  it.each([
    ['go', 'go', (index: number) => `package a\n\nfunc f${index}(c chan int) {\n${'\tc <- 1\n'.repeat(index + 1)}}\n`],
    ['typescript', 'ts', (index: number) => `export async function f${index}(): Promise<void> {\n${'  await g();\n'.repeat(index + 1)}}\nasync function g() {}\n`],
  ])('tells each stretch of the work and the ten slowest files of %s', (language, extension, text) => {
    for (let index = 0; index < 12; index++) writeFileSync(join(cwd, `f${index}.${extension}`), text(index));
    const err = timed();
    for (const phase of ['finding and opening files', `parsing ${language}`]) expect(err.toLowerCase()).toMatch(new RegExp(`^ +\\d+ ms +\\d+ %  ${phase}$`, 'm'));
    const [heading, ...files] = err.slice(err.search(/^\d+ ms for single files/m)).trimEnd().split('\n');
    expect(heading).toMatch(/the slowest of 12$/);
    expect(files).toHaveLength(10);
    for (const line of files) expect(line).toMatch(new RegExp(`^ +\\d+ ms +\\d+ %  f\\d+\\.${extension}$`));
    expect(new Set(files.map((line) => line.split(' ').at(-1))).size).toBe(10);
  });

  it('puts the file first that takes the longest', () => {
    for (let index = 0; index < 3; index++) writeFileSync(join(cwd, `small${index}.go`), 'package a\n');
    writeFileSync(join(cwd, 'large.go'), `package a\n${Array.from({ length: 2_000 }, (_, index) => `\nfunc f${index}(c chan int) {\n\tif <-c > 1 {\n\t\tc <- 2\n\t}\n}\n`).join('')}`);
    const err = timed();
    expect(err.slice(err.search(/for single files/)).split('\n')[1]).toMatch(/ large\.go$/);
  });
});
