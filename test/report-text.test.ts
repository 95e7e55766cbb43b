import { describe, expect, test } from 'vitest';
import type { Finding } from '../src/findings/finding.js';
import { formats } from '../src/report/index.js';
import { textWidth, wrap } from '../src/report/printable.js';
import { clean, reportOf, sample } from './report-sample.js';

/** The text report of one finding at `code` in `source`, without the summary. */
function frameOf(source: string, code: string, width = 80, more: Partial<Finding> = {}): string[] {
  const index = source.indexOf(code);
  const before = source.slice(0, index).split('\n');
  const at = { file: 'a.go', line: before.length, column: before.at(-1)!.length + 1, endLine: before.length, endColumn: before.at(-1)!.length + 1 + code.length };
  const report = reportOf({ at, evidence: [{ title: 'task', steps: [{ at, function: 'f', text: 'here', locks: [] }] }], ...more }, { 'a.go': source });
  return formats.text(report, { width, color: false }).split('\n');
}

/** What stands above the carets of the first underlined line. */
function underlined(lines: readonly string[]): string {
  const row = lines.findIndex((line) => /\|\s*\^/.test(line));
  const carets = lines[row]!;
  const from = carets.indexOf('^');
  const length = /\^+/.exec(carets)![0].length;
  let column = 0;
  let text = '';
  for (const character of lines[row - 1]!) {
    if (column >= from && column < from + length) text += character;
    column += textWidth(character);
  }
  return text;
}

describe('carets', () => {
  test.each([
    ['after a tab', 'a\n\tx := y\n', 'y'],
    ['after text and a tab', 'ab\tcd\tlock()\n', 'lock()'],
    ['after wide characters', 'm["日本語"] = lock()\n', 'lock()'],
    ['under wide characters', 'm["日本語"] = 1\n', '"日本語"'],
    ['after emoji of two UTF-16 units', 's = "🔒🔑" + lock()\n', 'lock()'],
    ['after combining marks', 's = "e\u0301a\u0308" + lock()\n', 'lock()'],
    ['in a file with CRLF', 'a\r\n\tb.lock()\r\nc\r\n', 'b.lock()'],
    ['at the end of a file without a newline', 'a\nb.lock()', 'b.lock()'],
    ['after a byte order mark', '\ufefflock()\n', 'lock()'],
  ])('stand right %s', (_name, source, code) => {
    expect(underlined(frameOf(source, code))).toBe(code);
  });

  test('stand right after an escape sequence, which is shown and not sent', () => {
    const lines = frameOf('s = "\x1b[31m"; lock()\n', 'lock()');
    expect(lines.join('\n')).toContain('s = "\\x1b[31m"; lock()');
    expect(underlined(lines)).toBe('lock()');
  });

  test('show a bidirectional override instead of obeying it', () => {
    expect(frameOf('x := "\u202e" + lock()\n', 'lock()').join('\n')).toContain('x := "\\u202e" + lock()');
  });

  test.each([
    ['at the start', `lock()${' + y'.repeat(100)}\n`],
    ['in the middle', `${'y + '.repeat(100)}lock()${' + y'.repeat(100)}\n`],
    ['at the end', `${'y + '.repeat(100)}lock()\n`],
    ['in a megabyte', `${'y + '.repeat(300_000)}lock()${' + y'.repeat(300_000)}\n`],
  ])('a long line is clipped around the range %s', (_name, source) => {
    const lines = frameOf(source, 'lock()', 60);
    expect(underlined(lines)).toBe('lock()');
    for (const line of lines.filter((text) => text.includes(' | '))) expect(textWidth(line)).toBeLessThanOrEqual(60);
    expect(lines.join('\n')).toContain('…');
  });

  test('a range longer than the terminal ends at the edge', () => {
    for (const line of frameOf(`a = lock(${'x'.repeat(500)})\n`, `lock(${'x'.repeat(500)})`, 60).filter((text) => text.includes(' | '))) expect(textWidth(line)).toBeLessThanOrEqual(60);
  });

  test('a range over several lines is underlined to the end of its first', () => {
    const at = { file: 'a.go', line: 1, column: 5, endLine: 3, endColumn: 2 };
    expect(underlined(frameOf('go func() {\n\tx++\n}()\n', 'go', 80, { at, evidence: [{ title: 'task', steps: [{ at, function: 'f', text: 'starts', locks: [] }] }] }))).toBe('unc() {');
  });
});

describe('evidence', () => {
  test('a primary place that no step shows has a frame of its own', () => {
    const at = { file: 'a.go', line: 1, column: 1, endLine: 1, endColumn: 5 };
    expect(frameOf('lock()\n\n\n\n\nback\n', 'back', 80, { at }).slice(3, 7)).toEqual(['  --> a.go:1:1 in Server.Join', '     1 | lock()', '       | ^^^^', '']);
  });

  test('labels that do not fit beside the carets go below', () => {
    const at = { file: 'a.go', line: 1, column: 1, endLine: 1, endColumn: 5 };
    const lines = frameOf('lock()\n', 'lock', 60, { at, evidence: [{ title: 'task', steps: [{ at, function: 'f', text: 'waits for a lock with a long name that fills the line', locks: ['one.mu', 'another.mu', 'yet.another.mu (shared)'] }] }] });
    expect(lines.slice(6, 10)).toEqual(['     1 | lock()', '       | ^^^^', '       | waits for a lock with a long name that fills the', '       | line']);
    expect(lines[10]).toBe('       | locks held: one.mu, another.mu, yet.another.mu');
  });

  test('steps far apart share a frame with a gap; steps in another function do not', () => {
    const source = 'a()\n1\n2\n3\n4\nb()\nc()\n';
    const at = (line: number) => ({ file: 'a.go', line, column: 1, endLine: line, endColumn: 4 });
    const steps = [
      { at: at(1), function: 'f', text: 'A', locks: [], essential: true as const },
      { at: at(6), function: 'f', text: 'B', locks: [], essential: true as const },
      { at: at(7), function: 'g', text: 'C', locks: [], essential: true as const },
    ] as const;
    const lines = frameOf(source, 'a()', 80, { evidence: [{ title: 'task', steps }] });
    expect(lines.slice(6, 14)).toEqual(['     1 | a()', '       | ^^^ A; locks held: none', '     ...', '     6 | b()', '       | ^^^ B; locks held: none', '    at a.go:7:1 in g', '     7 | c()', '       | ^^^ C; locks held: none']);
  });
});

describe('summary', () => {
  test('a clean run says so, with what was covered', () => {
    expect(formats.text(clean, { width: 100, color: false })).toBe('No races or deadlocks found in 3 files, 5 functions, 1,204 lines.\nUnderstood: 98 % of the lock operations (98 of 99), 80 % of the calls (40 of 50).\n');
  });

  test('no files is not clean', () => {
    const none = { resolved: 0, total: 0 };
    const nothing = { ...clean, summary: { ...clean.summary, files: 0, functions: 0, lines: 0, coverage: { lockOperations: none, calls: none } } };
    expect(formats.text(nothing, { width: 80, color: false })).toBe('Nothing was analysed.\n');
  });

  test('silence about what was not understood is no promise', () => {
    const broken = { ...clean, gaps: sample.gaps, exitCode: 2, summary: { ...clean.summary, gaps: 1 } };
    expect(formats.text(broken, { width: 100, color: false })).toContain('No races or deadlocks found in what was understood of 3 files, 5 functions, 1,204 lines.\nThe analysis is incomplete: something failed.\n');
  });

  test('gaps that are not listed are counted', () => {
    const gap = sample.gaps[0]!;
    const text = formats.text({ ...clean, gaps: Array.from({ length: 12 }, () => gap) }, { width: 80, color: false });
    expect(text).toContain('12 places not analysed:');
    expect(text).toContain('and 7 more; --format json lists them');
  });

  test('colour is the only thing that colour changes', () => {
    const colored = formats.text(sample, { width: 100, color: true });
    expect(colored).toContain('\x1b[');
    expect(colored.replace(/\x1b\[[0-9;]*m/g, '')).toBe(formats.text(sample, { width: 100, color: false }));
  });
});

describe('wrap', () => {
  test.each([
    ['', 10, ['']],
    ['one two three', 7, ['one two', 'three']],
    ['enormously long', 4, ['enormously', 'long']],
    ['日本 語', 5, ['日本', '語']],
  ])('%j in %i columns', (text, width, lines) => {
    expect(wrap(text, width)).toEqual(lines);
  });
});

describe('schedule in columns', () => {
  test('has a column a task and keeps to the width, wide characters included', () => {
    const at = { file: 'a.go', line: 1, column: 1, endLine: 1, endColumn: 2 };
    const task = (name: string, texts: readonly string[]) => ({ title: name, steps: texts.map((text) => ({ at, function: 'f', text, locks: [] })) as [never] });
    const printed = formats.text(reportOf({ evidence: [task('日本語の仕事', ['locks 部屋 and then something that is long enough to wrap in its column', 'waits']), task('other', ['b', 'c'])] }), { width: 60, color: false });
    const rows = printed.split('\n').filter((line) => line.includes(' | ') && !line.includes(' > '));
    expect(rows.length).toBeGreaterThan(4);
    for (const row of rows) expect(textWidth(row)).toBeLessThanOrEqual(60);
  });

  test('breaks names that are wider than their column, behind a point or before a capital where it can', () => {
    const at = { file: 'a.go', line: 1, column: 1, endLine: 1, endColumn: 2 };
    const step = (task: string, text: string) => ({ at, function: 'f', text, task, locks: [] });
    const [long, dotted, wide] = ['RunsThreeTasksWithNamesThatAreMuchLonger', 'transport.connection.handle.func1', '服务器状态的非常长的函数名称以及更多的字'];
    const printed = formats.text(reportOf({ evidence: [{ title: 'one schedule in which it happens', steps: [step(long, `starts ${dotted}`), step(dotted, 'writes x'), step(wide, 'reads x')] }] }), { width: 80, color: false });
    const lines = printed.split('\n');
    const table = lines.slice(lines.findIndex((line) => line.includes('one order in which it happens')) + 1).filter((line) => line.includes(' | '));
    for (const row of table) expect(textWidth(row)).toBeLessThanOrEqual(80);
    const columns = [0, 1, 2].map((column) => table.slice(0, table.findIndex((row) => row.includes('---'))).map((row) => row.trim().split(/ \| ?/)[column]?.trim() ?? ''));
    expect(columns[0]!.filter((cell) => cell !== '')).toEqual(['RunsThreeTasksWith', 'NamesThatAreMuch', 'Longer']);
    expect(columns[1]!.join('')).toBe(dotted);
    expect(columns[2]!.join('')).toBe(wide);
  });

  test('a terminal too narrow for columns gets the tasks one after the other', () => {
    expect(formats.text(sample, { width: 40, color: false })).not.toContain('one order in which it happens');
  });

  test('a schedule that was run is shown once, as columns', () => {
    const at = { file: 'a.go', line: 1, column: 1, endLine: 1, endColumn: 2 };
    const step = (task: string, text: string) => ({ at, function: 'f', text, task, locks: [] });
    const printed = formats.text(reportOf({ evidence: [{ title: 'one schedule in which it happens', steps: [step('main', 'starts'), step('worker 1', 'writes x'), step('main', 'reads x')] }] }), { width: 100, color: false });
    expect(printed.match(/writes x/g)).toHaveLength(1);
    expect(printed).toMatch(/main +\| worker 1/);
  });
});

describe('steps that decide nothing', () => {
  test('have their place on a line of its own where both do not fit into one', () => {
    const at = { file: 'transport/server.go', line: 12, column: 3, endLine: 12, endColumn: 9 };
    const steps = [{ at, function: 'Server.handleConnection', text: 'locks s.connections and everything that belongs to them', locks: ['s.mu'] }, { at, function: 'f', text: 'waits', locks: [], essential: true as const }] as const;
    const lines = (width: number) => formats.text(reportOf({ evidence: [{ title: 'a task', steps }] }), { width, color: false }).split('\n');
    expect(lines(140)).toContain('    - locks s.connections and everything that belongs to them; locks held: s.mu at transport/server.go:12:3 in Server.handleConnection');
    const narrow = lines(60);
    const first = narrow.indexOf('    - locks s.connections and everything that belongs to');
    expect(narrow.slice(first, first + 3)).toEqual(['    - locks s.connections and everything that belongs to', '      them; locks held: s.mu', '      at transport/server.go:12:3 in Server.handleConnection']);
  });
});

describe('links of a terminal', () => {
  test.each([
    ['/home/a b', 'p2p/conn.go', 'file:///home/a%20b/p2p/conn.go#L5'],
    ['C:/src', 'p2p/conn.go', 'file:///C:/src/p2p/conn.go#L5'],
  ])('lead from %s to the line', (root, _file, target) => {
    const printed = formats.text(sample, { width: 100, color: true, hyperlinks: true, root });
    expect(printed).toContain(`\u001b]8;;${target}\u001b\\p2p/conn.go:5:12\u001b]8;;\u001b\\`);
  });

  test('are left out where the terminal has none, and hold no character it would obey', () => {
    expect(formats.text(sample, { width: 100, color: true, root: '/x' })).not.toContain('\u001b]8');
    const at = { file: 'a\u001b\\\u0007.go', line: 1, column: 1, endLine: 1, endColumn: 2 };
    const printed = formats.text(reportOf({ at }), { width: 100, color: false, hyperlinks: true, root: '/x' });
    expect(printed).toContain('file:///x/a%1B%5C%07.go#L1');
  });
});
