import { describe, expect, test } from 'vitest';
import { formats, problemMatcher, type FormatName } from '../src/report/index.js';
import { clean, reportOf, sample } from './report-sample.js';

const layout = { width: 100, color: false };
const goldens: readonly (readonly [FormatName, string])[] = [
  ['text', 'report.txt'],
  ['unix', 'report.unix.txt'],
  ['json', 'report.json'],
  ['markdown', 'report.md'],
];

describe('every format', () => {
  test.each(goldens)('%s prints the sample as its golden file says', async (name, file) => {
    await expect(formats[name](sample, layout)).toMatchFileSnapshot(`goldens/${file}`);
  });

  test.each(Object.keys(formats) as FormatName[])('%s ends with one newline and prints the same twice', (name) => {
    const printed = formats[name](sample, layout);
    expect(printed).toMatch(/[^\n]\n$/);
    expect(formats[name](sample, layout)).toBe(printed);
  });

  test.each(Object.keys(formats) as FormatName[])('%s names every gap and every finding', (name) => {
    const printed = formats[name](sample, layout);
    expect(printed).toContain('p2p/broken.go');
    for (const finding of sample.findings) expect(printed).toContain(finding.rule);
  });

  test.each(Object.keys(formats) as FormatName[])('%s lets no control character of a source or name through', (name) => {
    const evil = '\x1b]0;owned\x07\x9b31m\u202egnp\ud800\x7f\r\u2028';
    const at = { file: `dir/${evil}.go`, line: 1, column: 1, endLine: 1, endColumn: 4 };
    const step = { at, function: `F${evil}`, text: `reads ${evil}`, locks: [`mu${evil}`], essential: true as const };
    const report = reportOf({ at, message: `bad ${evil}`, function: `F${evil}`, impact: evil, advice: evil, evidence: [{ title: evil, steps: [step] }, { title: evil, steps: [step] }] }, { [at.file]: `x ${evil}\ny ${evil}\n` });
    const printed = formats[name]({ ...report, gaps: [{ at, reason: evil }] }, layout);
    expect(printed).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202e]/);
    expect(printed).not.toMatch(/\p{Cs}/u);
  });

  test.each(Object.keys(formats) as FormatName[])('%s works without sources', (name) => {
    expect(formats[name]({ ...sample, sources: () => undefined }, layout)).toContain('unguarded-field');
  });

  test.each(Object.keys(formats) as FormatName[])('%s survives places outside of the file', (name) => {
    const at = { file: 'p2p/conn.go', line: 5000, column: 900, endLine: 1, endColumn: 0 };
    const zero = { file: 'p2p/conn.go', line: 0, column: 0, endLine: 0, endColumn: 0 };
    const report = reportOf({ at, evidence: [{ title: 'task', steps: [{ at: zero, function: 'f', text: 'reads x', locks: [] }, { at: { ...zero, line: 5, column: 400, endLine: 5, endColumn: 3 }, function: 'f', text: 'writes x', locks: [], essential: true }] }] });
    expect(formats[name](report, layout)).toContain('nested-lock');
  });
});

describe('json', () => {
  test('has exactly the keys of deadheat/report/v1, in their order', () => {
    const printed = JSON.parse(formats.json(sample, layout));
    expect(Object.keys(printed)).toEqual(['schema', 'tool', 'summary', 'findings', 'gaps']);
    expect(printed.schema).toBe('deadheat/report/v1');
    expect(Object.keys(printed.summary)).toEqual(['files', 'lines', 'functions', 'findings', 'suppressed', 'gaps', 'coverage', 'durationMs']);
    expect(Object.keys(printed.findings[0])).toEqual(['rule', 'family', 'level', 'confidence', 'message', 'function', 'location', 'evidence', 'fingerprint']);
    expect(Object.keys(printed.findings[0].location)).toEqual(['file', 'line', 'column', 'endLine', 'endColumn']);
    expect(Object.keys(printed.findings[0].evidence[0])).toEqual(['title', 'steps']);
    expect(Object.keys(printed.findings[0].evidence[0].steps[0])).toEqual(['location', 'function', 'text', 'locks']);
    expect(Object.keys(printed.gaps[0])).toEqual(['location', 'reason']);
  });

  test('keeps every character of a message, however it is escaped', () => {
    const message = 'a\u009b\u202eb "quoted" \\ 日本';
    expect(JSON.parse(formats.json(reportOf({ message }), layout)).findings[0].message).toBe(message);
  });

  test('differs between two runs in durationMs alone', () => {
    const slower = { ...sample, summary: { ...sample.summary, durationMs: 99 } };
    expect(formats.json(slower, layout).replace('"durationMs": 99', '"durationMs": 12')).toBe(formats.json(sample, layout));
    for (const name of ['text', 'unix', 'sarif', 'markdown'] as const) expect(formats[name](slower, layout)).toBe(formats[name](sample, layout));
  });
});

describe('unix', () => {
  test('every line is read back by the problem matcher', () => {
    for (const line of formats.unix(sample, layout).trimEnd().split('\n')) expect(line).toMatch(problemMatcher);
  });

  test('a note prints as info, and the other side as its own info line', () => {
    const lines = formats.unix(sample, layout).split('\n');
    expect(lines[1]).toBe('p2p/conn.go:12:2-12:18: info unguarded-field: guarded write: writes c.streams[_] in Conn.Open (locks held: c.mu)');
    expect(lines.filter((line) => line.includes('nested-lock'))).toEqual(['p2p/peer set.go:6:21-6:36: info nested-lock: `s.count` is touched two locks deep']);
  });

  test.each(['C:\\Users\\a b\\conn.go', 'C:/src/conn.go', '/srv/a b/conn.go', 'odd:name.go', 'a (1).go', '日本/conn.go'])('the matcher finds file, place, severity, rule and message for %s', (file) => {
    const at = { file, line: 3, column: 7, endLine: 4, endColumn: 2 };
    const [line] = formats.unix(reportOf({ at, level: 'error', message: 'first: second' }), layout).split('\n');
    expect(problemMatcher.exec(line!)!.slice(1)).toEqual([file, '3', '7', '4', '2', 'error', 'nested-lock', 'first: second']);
  });

  test('an empty range prints no end, and a message of several lines stays on one', () => {
    const at = { file: 'a.go', line: 3, column: 7, endLine: 3, endColumn: 7 };
    const [line] = formats.unix(reportOf({ at, message: 'one\n  two\r\nthree' }), layout).split('\n');
    expect(line).toBe('a.go:3:7: info nested-lock: one two three');
  });

  test('a clean report is empty', () => {
    expect(formats.unix(clean, layout)).toBe('');
  });
});
