import { describe, expect, test } from 'vitest';
import { dedupe } from '../src/findings/dedupe.js';
import type { Finding } from '../src/findings/finding.js';
import { fingerprint, fnv1a64 } from '../src/findings/fingerprint.js';
import { atLeast, atLeastConfidence, levelRank, orderByLevel, orderFindings } from '../src/findings/order.js';
import { sample } from './report-sample.js';

const [race, cycle, note] = sample.findings as [Finding, Finding, Finding];
const place = (line: number, file = 'a.go') => ({ file, line, column: 1, endLine: line, endColumn: 5 });

/** A finding whose two sides are at the given lines; the first is primary. */
function finding(rule: string, lines: readonly [number, number], more: Partial<Finding> = {}): Finding {
  const side = (line: number) => ({ title: 'task', steps: [{ at: place(line), function: 'f', text: 'reads x', locks: [], essential: true as const }] as const });
  return { ...race, rule, at: place(lines[0]), evidence: [side(lines[0]), side(lines[1])], fingerprint: `${rule}-${lines[0]}`, ...more };
}

describe('order', () => {
  test('is by file, position and rule, whatever order came in', () => {
    const findings = [finding('b', [2, 9]), finding('a', [2, 9]), finding('c', [1, 9]), { ...finding('z', [1, 9]), at: place(1, 'A.go') }];
    const expected = ['z', 'c', 'a', 'b'];
    expect(orderFindings(findings).map((one) => one.rule)).toEqual(expected);
    expect(orderFindings([...findings].reverse()).map((one) => one.rule)).toEqual(expected);
    expect(findings[0]!.rule).toBe('b');
  });

  test('by level puts the worst first', () => {
    expect(orderByLevel([note, cycle, race])).toEqual([race, cycle, note]);
  });

  test('levels and confidences compare', () => {
    expect(['error', 'warning', 'note'].map((level) => levelRank(level as Finding['level']))).toEqual([2, 1, 0]);
    expect([atLeast('error', 'warning'), atLeast('warning', 'warning'), atLeast('note', 'warning')]).toEqual([true, true, false]);
    expect([atLeastConfidence('high', 'medium'), atLeastConfidence('low', 'medium')]).toEqual([true, false]);
  });
});

describe('fingerprint', () => {
  test.each([
    ['', 'cbf29ce484222325'],
    ['a', 'af63dc4c8601ec8c'],
    ['foobar', '85944171f73967e8'],
  ])('FNV-1a of %j is the published value', (text, hash) => {
    expect(fnv1a64(text)).toBe(hash);
  });

  test('does not ask which side is primary, and keeps its parts apart', () => {
    const key = { rule: 'r', subject: 'p.T.f', functions: ['T.a', 'T.b'] };
    expect(fingerprint(key)).toMatch(/^[0-9a-f]{16}$/);
    expect(fingerprint({ ...key, functions: ['T.b', 'T.a', 'T.b'] })).toBe(fingerprint(key));
    expect(fingerprint({ ...key, functions: ['T.a'] })).not.toBe(fingerprint(key));
    expect(fingerprint({ rule: 'ab', subject: 'c', functions: [] })).not.toBe(fingerprint({ rule: 'a', subject: 'bc', functions: [] }));
  });
});

describe('dedupe', () => {
  const rules = (findings: readonly Finding[]) => findings.map((one) => `${one.rule}@${one.at.line}`);

  test('of one rule at one place the strongest stays', () => {
    const weak = finding('a', [1, 2], { level: 'warning', message: 'weak' });
    const strong = finding('a', [1, 3], { message: 'strong' });
    const longer = finding('a', [1, 4], { message: 'with more evidence', evidence: [...strong.evidence, strong.evidence[0]!] });
    expect(dedupe([weak, strong]).map((one) => one.message)).toEqual(['strong']);
    expect(dedupe([longer, weak, strong]).map((one) => one.message)).toEqual(['with more evidence']);
    expect(rules(dedupe([finding('a', [1, 9]), finding('a', [2, 9])]))).toEqual(['a@1', 'a@2']);
  });

  test('of two related rules the specific stays, at one place or for one pair of sides', () => {
    const precedence = [['map', 'field'], ['field', 'any']] as const;
    expect(rules(dedupe([finding('field', [1, 2]), finding('map', [1, 3])], precedence))).toEqual(['map@1']);
    expect(rules(dedupe([finding('field', [2, 1]), finding('map', [1, 2])], precedence))).toEqual(['map@1']);
    expect(rules(dedupe([finding('any', [1, 2]), finding('map', [1, 2])], precedence))).toEqual(['map@1']);
    expect(rules(dedupe([finding('field', [3, 2]), finding('map', [1, 2])], precedence))).toEqual(['map@1', 'field@3']);
    expect(rules(dedupe([finding('other', [1, 2]), finding('map', [1, 2])], precedence))).toEqual(['map@1', 'other@1']);
  });

  test('the specific takes over the strength of an equal claim, so no threshold hides the defect', () => {
    const [kept] = dedupe([finding('field', [1, 2], { confidence: 'high' }), finding('map', [1, 2], { level: 'warning', confidence: 'low' })], [['map', 'field']]);
    expect([kept!.rule, kept!.level, kept!.confidence]).toEqual(['map', 'error', 'high']);
  });

  test('a sure note neither yields to a doubtful error nor makes it sure', () => {
    const nested = finding('nested', [1, 2], { level: 'note', confidence: 'high' });
    const kept = dedupe([nested, finding('cycle', [1, 2], { confidence: 'low' })], [['cycle', 'nested']]);
    expect(kept.map((one) => [one.rule, one.confidence])).toEqual([['cycle', 'low'], ['nested', 'high']]);
    expect(rules(dedupe([nested, finding('cycle', [1, 2], { confidence: 'high' })], [['cycle', 'nested']]))).toEqual(['cycle@1']);
  });

  test('a circle in the table is refused', () => {
    expect(() => dedupe([], [['a', 'b'], ['b', 'a']])).toThrow(/circle/);
  });

  test('fingerprints that collide are numbered by place, the first unchanged', () => {
    const twins = [3, 1, 2].map((line) => finding('a', [line, 9], { fingerprint: 'f' }));
    expect(dedupe(twins).map((one) => [one.at.line, one.fingerprint])).toEqual([[1, 'f'], [2, 'f:2'], [3, 'f:3']]);
  });

  test('does not depend on the order of what comes in', () => {
    const findings = [finding('map', [1, 2]), finding('field', [2, 1]), finding('a', [3, 4]), finding('a', [3, 5])];
    expect(dedupe([...findings].reverse(), [['map', 'field']])).toEqual(dedupe(findings, [['map', 'field']]));
  });
});
