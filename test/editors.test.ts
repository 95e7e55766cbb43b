import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../src/findings/finding.js';
import { problemMatcher, formats } from '../src/report/index.js';
import { sample } from './report-sample.js';

const read = (file: string) => JSON.parse(readFileSync(fileURLToPath(new URL(`../editors/${file}`, import.meta.url)), 'utf8')) as unknown;
interface Pattern { readonly regexp: string; readonly file: number; readonly line: number; readonly column: number; readonly endLine?: number; readonly endColumn?: number; readonly severity: number; readonly code: number; readonly message: number }
const { contributes } = read('vscode/package.json') as { contributes: { problemMatchers: { name: string; pattern: Pattern; background?: { beginsPattern: string; endsPattern: string } }[] } };
const github = (read('github-matcher.json') as { problemMatcher: { pattern: Pattern[] }[] }).problemMatcher[0]!.pattern[0]!;

/** A finding elsewhere: the sample's first one with another path. */
function outputAt(file: string): string {
  const [first] = sample.findings as readonly [Finding, ...Finding[]];
  const moved = (at: Finding['at']) => ({ ...at, file });
  const [trace, ...rest] = first.evidence;
  const elsewhere: Finding = { ...first, at: moved(first.at), evidence: [trace, ...rest].map((one) => ({ ...one, steps: one.steps.map((step) => ({ ...step, at: moved(step.at) })) })) as unknown as Finding['evidence'] };
  return formats.unix({ ...sample, findings: [elsewhere], gaps: [] }, { width: 100, color: false });
}

describe('problem matchers read what the unix format prints', () => {
  const matchers = [...contributes.problemMatchers.map(({ name, pattern }) => [`VS Code's $${name}`, pattern] as const), ["GitHub's", github] as const];

  it('are two for VS Code, by the names that tasks use', () => {
    expect(contributes.problemMatchers.map(({ name }) => name)).toEqual(['deadheat', 'deadheat-watch']);
    for (const { pattern } of contributes.problemMatchers) expect(pattern.regexp).toBe(problemMatcher.source);
  });

  describe.each(matchers)('%s', (_, pattern) => {
    it.each(['p2p/node.go', '/home/someone/p2p/node.go', 'C:\\Users\\Some One\\p2p\\node.go', 'C:/work/p2p/node.go', 'my service/peer list.go', 'a:1/b.go', '日本/ノード.go'])('%s', (file) => {
      const [first] = outputAt(file).split('\n');
      const match = new RegExp(pattern.regexp).exec(first!);
      const { at, rule, message } = sample.findings[0]!;
      expect(match?.[pattern.file]).toBe(file);
      expect([match![pattern.line], match![pattern.column]]).toEqual([String(at.line), String(at.column)]);
      if (pattern.endLine !== undefined) expect([match![pattern.endLine], match![pattern.endColumn!]]).toEqual([String(at.endLine), String(at.endColumn)]);
      expect(match![pattern.severity]).toMatch(/^(error|warning)$/);
      expect(match![pattern.code]).toBe(rule);
      expect(match![pattern.message]).toContain(message.slice(0, 20));
    });
  });

  it('take no other line for a finding', () => {
    for (const line of ['[watch] analysis started', 'reading go: 12 ms', '2 errors in 3 files', 'a.go: warning something: else']) expect(problemMatcher.test(line)).toBe(false);
  });
});
