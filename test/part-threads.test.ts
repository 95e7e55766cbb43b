import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type * as Remembered from '../src/cli/cache/remembered.js';
import type * as PartThreads from '../src/cli/part-threads.js';
import { surroundingsOf } from '../src/cli/surroundings.js';

// Threads run what is built.
const built = (name: string): string => new URL(`../dist/cli/${name}.js`, import.meta.url).href;
const { partThreads } = (await import(built('part-threads'))) as typeof PartThreads;
const { askHere } = (await import(built('cache/remembered'))) as typeof Remembered;

// A folder of its own: what else lies around the sources belongs to the answer.
const place = { cwd: mkdtempSync(join(tmpdir(), 'deadheat-parts-')), env: {} };
afterAll(() => rmSync(place.cwd, { recursive: true, force: true }));
const options = { tests: true, surroundings: surroundingsOf(place.cwd), unknown: true };
const twice = (name: string): { readonly path: string; readonly text: string }[] => [{ path: `${name}/${name}.go`, text: `package ${name}\n\nimport "sync"\n\ntype T struct{ mu sync.Mutex }\n\nfunc (t *T) Run() {\n\tt.mu.Lock()\n\tt.mu.Lock()\n\tt.mu.Unlock()\n\tother()\n}\n` }];

describe('threads that answer about parts', { timeout: 120_000 }, () => {
  it('answer what this thread would, several at the same time, and tell of their phases', async () => {
    const threads = partThreads(2, place);
    const phases = new Set<string>();
    try {
      const parts = ['a', 'b', 'c', 'd'].map(twice);
      const asked = await Promise.all(parts.map((part) => threads.ask(part, { ...options, onPhase: (phase) => void phases.add(phase) }, true)));
      const here = await Promise.all(parts.map((part) => askHere(part, options, true)));
      expect(asked).toEqual(JSON.parse(JSON.stringify(here)));
      expect(asked.map(({ answer }) => answer.findings.map(({ rule }) => rule))).toEqual(Array.from({ length: 4 }, () => ['double-lock', 'empty-critical-section']));
      expect(phases).toContain('double-lock');
    } finally {
      await threads.end();
    }
  });

  it('one that runs out of memory costs its own answer and is told', async () => {
    const threads = partThreads(1, place, 60);
    const huge = [{ path: 'huge/huge.go', text: `package huge\n\n${Array.from({ length: 60_000 }, (_, one) => `func f${one}(c chan int) { c <- ${one}; <-c }\n`).join('')}` }];
    try {
      const [lost, kept] = await Promise.all([threads.ask(huge, options, true), threads.ask(twice('a'), options, true)]);
      expect(lost.answer.failures.map(({ reason }) => reason)).toEqual(['huge/huge.go:1: this file needs more than 60 MiB of memory: not analysed; analyse fewer at a time, or a folder of them']);
      expect(lost.answer.gaps.map(({ at, reason }) => `${at.file}:${at.line}: ${reason}`)).toEqual(lost.answer.failures.map(({ reason }) => reason));
      expect(kept.answer.findings.map(({ rule }) => rule)).toEqual(['double-lock', 'empty-critical-section']);
    } finally {
      await threads.end();
    }
  });
});
