import { describe, expect, test } from 'vitest';
import { codeBlock, codeSpan, escapeText, lineLink, prose, tableProse } from '../src/report/markdown-text.js';
import { formats } from '../src/report/index.js';
import { clean, reportOf, sample } from './report-sample.js';

const layout = { width: 100, color: false };

describe('the analysis document', () => {
  const at = (line: number) => ({ file: 'a.go', line, column: 1, endLine: line, endColumn: 2 });
  const unknown = Array.from({ length: 12 }, (_, index) => ({ name: index === 0 ? 'example.com/x/p2p.Conn.log' : `f${index}`, places: [at(index + 1), at(90)] }));

  test('says which calls nobody could follow, those that hide most first', () => {
    const printed = formats.markdown({ ...clean, unknown }, layout);
    expect(printed).toContain('What 24 calls do is not known');
    expect(printed).toContain('- `p2p.Conn.log`, [a.go:1](a.go#L1) and 1 more\n- `f1`,');
    expect(printed).toContain('- and 2 more callees;');
    expect(formats.markdown(clean, layout)).not.toContain('Not analysed');
  });

  test('tells warnings of one rule in one function as one issue with all its places, and errors one by one', () => {
    const [finding] = reportOf({ level: 'warning' }).findings;
    const findings = [finding!, { ...finding!, at: { ...finding!.at, line: 9, endLine: 9 }, message: 'the second place' }];
    const warned = formats.markdown({ ...reportOf({}), findings }, layout);
    expect(warned).toContain('found 1 issue at 2 places');
    expect(warned).toMatch(/\*\*The same at\.\*\*\n\n- \[[^\]]*:9\][^\n]*: the second place\./);
    expect(formats.markdown({ ...reportOf({}), findings: findings.map((one) => ({ ...one, level: 'error' as const })) }, layout)).toMatch(/### 1\. [^]*### 2\. /);
  });

  test('shows the code that two instances of a task share once', () => {
    const { findings, sources } = sample;
    const [finding] = findings;
    const [first] = finding!.evidence;
    const code = (evidence: typeof finding extends undefined ? never : NonNullable<typeof finding>['evidence']) => formats.markdown({ ...sample, findings: [{ ...finding!, evidence }], sources }, layout).match(/^```go$/gm)?.length;
    expect(code([first])).toBe(1);
    expect(code([first, { ...first, title: 'another instance of it' }])).toBe(1);
  });
});

describe('inline text', () => {
  test.each([
    ['plain words stay', 'plain words stay'],
    ['`c.mu` guards `c.m`', '`c.mu` guards `c.m`'],
    ['reads s.conns[_], then <-done.', 'reads `s.conns[_]`, then `<-done`.'],
    ['snake_case stays, __init__ does not', 'snake_case stays, `__init__` does not'],
    ['<script>alert(1)</script>', '`<script>alert(1)</script>`'],
    ['[click](http://x)', '`[click](http://x)`'],
    ['# no heading', '\\# no heading'],
    ['- no item', '\\- no item'],
    ['1. no item', '1\\. no item'],
    ['a lone ` backtick', 'a lone \\` backtick'],
    ['calls f(x[0]), then (*p).g', 'calls `f(x[0])`, then (`*p).g`'],
    ['two `` empty', 'two \\`\\` empty'],
    ['over\ntwo lines', 'over two lines'],
    ['', ''],
  ])('%j reads %j', (text, shown) => {
    expect(prose(text)).toBe(shown);
  });

  test.each([
    ['x', '`x`'],
    ['a`b', '``a`b``'],
    ['`a``', '``` `a`` ```'],
  ])('code %j is fenced as %j', (text, shown) => {
    expect(codeSpan(text)).toBe(shown);
  });

  test('a pipe splits no table cell, not even in code', () => {
    expect(tableProse('`a|b` and c|d')).toBe('`a\\|b` and `c\\|d`');
  });

  test('a link survives odd file names', () => {
    expect(lineLink('a](b) c.go', 3)).toBe('[a\\](b) c.go:3](a%5D%28b%29%20c.go#L3)');
    expect(lineLink('C:\\a.go', 3)).toBe('[C:\\\\a.go:3](file:///C:/a.go#L3)');
  });

  test('entities and markup are escaped in link texts', () => {
    expect(escapeText('<a> &amp; *b* _c_ d_e')).toBe('\\<a\\> \\&amp; \\*b\\* \\_c\\_ d_e');
  });
});

test('no line of code closes its block', () => {
  expect(codeBlock(['x := ```', '````'], 'go')).toEqual(['`````go', 'x := ```', '````', '`````']);
});

describe('document', () => {
  test('a hostile name stays inside its issue', () => {
    const name = '`](javascript:x) <img src=x> | ** # ```';
    const at = { file: 'a.go', line: 1, column: 1, endLine: 1, endColumn: 2 };
    const printed = formats.markdown(
      reportOf({ at, message: name, function: name, impact: name, advice: name, evidence: [{ title: name, steps: [{ at, function: name, text: name, locks: [name] }] }, { title: name, steps: [{ at, function: name, text: name, locks: [] }] }] }, { 'a.go': 'x ```\n```\n# y\n' }),
      layout,
    );
    const outside = printed.replace(/^(`{3,})\w*\n[\s\S]*?^\1$/gm, '').split('\n').map(withoutCode).join('\n');
    expect(outside).toContain('issue in 1 file');
    expect(outside).not.toMatch(/<img|(?<!\\)\]\(javascript/);
    for (const row of printed.split('\n').filter((line) => /^\| \d/.test(line))) expect(row.match(/(?<!\\)\|/g)).toHaveLength(4);
  });

  test('issues are numbered through all levels, worst first', () => {
    const printed = formats.markdown({ ...sample, findings: [...sample.findings].reverse() }, layout);
    expect(printed.match(/^##.*$/gm)).toEqual([
      '## Errors',
      '### 1. A field is accessed without the lock that guards it in `Conn.Send` (p2p/conn.go:5)',
      '## Warnings',
      '### 2. Locks are acquired in a cyclic order in `Server.Join` (p2p/peer set.go:4-5)',
      '## Notes',
      '### 3. A lock is taken while another is held in `Server.Join` (p2p/peer set.go:6)',
      '## Acceptance checklist',
      '## About the rules',
      '## Not analysed',
    ]);
  });

  test('a clean report says so and asks for nothing', () => {
    const printed = formats.markdown(clean, layout);
    expect(printed).toContain('found no races or deadlocks');
    expect(printed).not.toContain('- [ ]');
  });
});

/** A line without its code spans: a run of backticks opens one when a run of the same length follows. */
function withoutCode(line: string): string {
  let rest = line;
  let outside = '';
  for (let open = /(?<!\\)`+/.exec(rest); open !== null; open = /(?<!\\)`+/.exec(rest)) {
    const after = rest.slice(open.index + open[0].length);
    const close = [...after.matchAll(/`+/g)].find((run) => run[0].length === open![0].length);
    outside += rest.slice(0, open.index) + (close === undefined ? open[0] : '');
    rest = close === undefined ? after : after.slice(close.index + close[0].length);
  }
  return outside + rest;
}
