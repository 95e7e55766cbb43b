import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { defineAnalysis, passManager, type Analysis } from '../src/analysis/analysis.js';
import { analyze, type Program } from '../src/index.js';
import { printProgram } from '../src/ir/print.js';
import { toyFrontEnd, toyRules } from './toy.js';

const toy = { frontEnds: [{ language: 'go', extensions: ['.go'], load: async () => toyFrontEnd }], rules: toyRules };
const source = (path: string, text: string) => ({ path, text });

describe('analyses', () => {
  const runs: string[] = [];
  const sound = defineAnalysis({ name: 'sound', run: () => { runs.push('sound'); return 1; } });
  const broken = defineAnalysis<number>({ name: 'broken', run: (_, resultOf) => { runs.push('broken'); throw new Error(`broken over ${resultOf(sound)}`); } });
  const above = defineAnalysis<number>({ name: 'above', run: (_, resultOf) => { runs.push('above'); return resultOf(broken); } });
  const circle: Analysis<number> = defineAnalysis({ name: 'circle', run: (_, resultOf) => resultOf(circle) });

  it('run once, also when they fail, and take nothing but their users down', () => {
    const resultOf = passManager({} as Program);
    for (let time = 0; time < 2; time++) {
      expect(() => resultOf(above)).toThrow('broken over 1');
      expect(() => resultOf(broken)).toThrow('broken over 1');
      expect(() => resultOf(circle)).toThrow('circle -> circle');
      expect(resultOf(sound)).toBe(1);
    }
    expect(runs).toEqual(['above', 'broken', 'sound']);
  });
});

describe('what bounds leave out', () => {
  const gapsOf = async (text: string) => (await analyze([source('a.go', text)])).gaps.map(({ at, reason }) => `${at.line}: ${reason}`);

  it('is a gap where too many functions call each other', async () => {
    const ring = (size: number): string => `package p\n${Array.from({ length: size }, (_, i) => `func f${i}() { f${(i + 1) % size}() }`).join('\n')}\n`;
    expect(await gapsOf(ring(200))).toEqual([]);
    expect(await gapsOf(ring(201))).toEqual([expect.stringMatching(/^\d+: f\d+ and 200 others all call each other/)]);
  });

  it('is a gap where more locks are taken than a summary holds, told once', async () => {
    const many = (locks: number): string => `package p\nimport "sync"\nvar (\n${Array.from({ length: locks }, (_, i) => `m${i} sync.Mutex`).join('\n')}\n)\nfunc all() {\n${Array.from({ length: locks }, (_, i) => `m${i}.Lock()\nm${i}.Unlock()`).join('\n')}\n}\nfunc above() { all() }\nfunc top() { above() }\n`;
    expect(await gapsOf(many(63))).toEqual([]);
    expect(await gapsOf(many(70))).toEqual([expect.stringMatching(/^\d+: all and what it calls take 64 locks/)]);
  });
});

describe('analyze', () => {
  it('gives the same answer whatever the order of the sources', async () => {
    const sources = [source('b.go', 'defect b\n?\n'), source('a.go', '?\nhazard a\n'), source('c.go', 'doubt c\n')];
    const { programs: _, ...one } = await analyze(sources, toy);
    const { programs: __, ...other } = await analyze([...sources].reverse(), toy);
    expect(other).toEqual(one);
    expect(one.findings.map(({ at }) => at.file)).toEqual(['a.go', 'b.go', 'c.go']);
    expect(one.gaps.map(({ at }) => `${at.file}:${at.line}`)).toEqual(['a.go:1', 'b.go:2']);
    expect(one).toMatchObject({ files: 3, functions: 3, lines: 5, failures: [], coverage: { lockOperations: { resolved: 1, total: 2 } } });
  });

  it('reports test code on request only, and generated code never', async () => {
    const sources = [source('a_test.go', 'defect a\n'), source('g.go', 'generated\ndefect g\n')];
    expect((await analyze(sources, toy)).findings).toEqual([]);
    expect((await analyze(sources, { ...toy, tests: true })).findings.map(({ at }) => at.file)).toEqual(['a_test.go']);
  });

  it('fills in what a verdict leaves to its rule', async () => {
    const { findings } = await analyze([source('a.go', 'defect a\n')], toy);
    expect(findings).toMatchObject([{ rule: 'toy-defect', family: 'race', level: 'error', confidence: 'high', advice: 'Take it out.', impact: 'It hurts.', fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/) as string }]);
  });

  it('names a finding without its lines', async () => {
    const fingerprintOf = async (text: string) => (await analyze([source('a.go', text)], toy)).findings[0]!.fingerprint;
    expect(await fingerprintOf('\n\n\ndefect a\n')).toBe(await fingerprintOf('defect a\n'));
    expect(await fingerprintOf('defect b\n')).not.toBe(await fingerprintOf('defect a\n'));
  });

  it('loads no front-end without a file for it', async () => {
    const frontEnds = [{ language: 'none', extensions: ['.none'], load: () => Promise.reject(new Error('loaded')) }];
    expect(await analyze([], { ...toy, frontEnds })).toMatchObject({ findings: [], gaps: [], failures: [], files: 0 });
    expect((await analyze([source('a.go', 'defect a\n')], { ...toy, frontEnds })).gaps).toMatchObject([{ reason: 'not analysed: no front-end reads this kind of file' }]);
  });
});

describe('a session', () => {
  it('of many analyses answers each as if it were the only one', { timeout: 120_000 }, async () => {
    const node = fileURLToPath(new URL('../fixtures/p2p-node/', import.meta.url));
    const files = new Map(readdirSync(node, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.go')).sort().map((name) => [name, readFileSync(join(node, name), 'utf8')]));
    const [first, second] = [...files.keys()];
    const session = {};
    const told: string[] = [];
    const round = async (): Promise<void> => {
      const sources = [...files].map(([path, text]) => source(path, text));
      const options = { tests: true, today: '2026-01-01', inventory: true };
      const plain = ({ programs, ...answer }: Awaited<ReturnType<typeof analyze>>) => JSON.stringify([answer, programs.map(printProgram)]);
      const fresh = plain(await analyze(sources, options));
      expect(plain(await analyze([...sources].reverse(), { ...options, session }))).toBe(fresh);
      told.push(fresh);
    };
    await round();
    await round();
    const edits: ((text: string) => string)[] = [
      (text) => `// One line more.\n${text}`,
      (text) => `${text}\ntype added struct{ mu sync.Mutex }\n\nfunc (a *added) twice() {\n\ta.mu.Lock()\n\ta.mu.Lock()\n}\n`,
      (text) => `\ufeff${text}`,
      (text) => text.replaceAll('\n', '\r\n'),
      (text) => text.slice(0, text.length / 2),
    ];
    for (const edit of edits) {
      files.set(first!, edit(files.get(first!)!));
      await round();
    }
    const gone = files.get(second!)!;
    files.delete(second!);
    await round();
    files.set(second!, gone);
    await round();
    // A mark at the beginning and other ends of lines change nothing; all else shows.
    expect(new Set(told).size).toBe(5);
  });
});
