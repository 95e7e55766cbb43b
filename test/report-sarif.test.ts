import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { formats } from '../src/report/index.js';
import { lineHashes } from '../src/report/line-hash.js';
import { toSarifUri } from '../src/report/sarif-uri.js';
import { clean, reportOf, sample } from './report-sample.js';

const layout = { width: 100, color: false };
const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
const validate = ajv.compile(JSON.parse(readFileSync(new URL('data/sarif-schema-2.1.0.json', import.meta.url), 'utf8')));

function runOf(report: typeof sample, root?: string) {
  const log = JSON.parse(formats.sarif(report, root === undefined ? layout : { ...layout, root }));
  validate(log);
  expect(validate.errors ?? []).toEqual([]);
  return log.runs[0];
}

describe('schema', () => {
  test('the schema can say no', () => {
    const log = JSON.parse(formats.sarif(sample, layout));
    log.runs[0].results[0].level = 'fatal';
    expect(validate(log)).toBe(false);
  });

  test.each([
    ['the sample', sample],
    ['a clean report', clean],
    ['a report without sources', { ...sample, sources: () => undefined }],
    ['a report without rules', { ...sample, rules: [] }],
    ['places outside of the file', reportOf({ at: { file: 'a:b?.go', line: 0, column: 0, endLine: 0, endColumn: 0 } })],
  ])('%s is valid', (_name, report) => {
    runOf(report);
  });

  test('one race prints as its golden file says', async () => {
    const race = { ...sample, findings: sample.findings.slice(0, 1), rules: sample.rules.slice(1, 2) };
    await expect(formats.sarif(race, layout)).toMatchFileSnapshot('goldens/report.sarif');
  });
});

describe('results', () => {
  test('stand worst first, then by place', () => {
    const [race, cycle, note] = sample.findings;
    expect(runOf({ ...sample, findings: [note!, cycle!, race!] }).results.map((result: { ruleId: string }) => result.ruleId)).toEqual(['unguarded-field', 'lock-order-cycle', 'nested-lock']);
  });

  test('the message links every related side by its id and escapes other brackets', () => {
    const [result] = runOf(reportOf({ message: 'reads a[0](1) \\ b' })).results;
    expect(result.message.text).toMatch(/^reads a\\\[0\\\]\(1\) \\\\ b\. Evidence: \[increments s\.count\\\[_\\\] at p2p\/peer set\.go:6\]\(1\) with locks held: s\.room, s\.peers\.$/);
    const links = [...result.message.text.matchAll(/(?<!\\)\]\((\d+)\)/g)].map((link) => Number(link[1]));
    const ids = result.relatedLocations.map((related: { id: number }) => related.id);
    expect(ids).toEqual([1, 2]);
    expect(ids).toEqual(expect.arrayContaining(links));
  });

  test('a race has both forms of its flow: interleaved, and per task with simultaneous accesses', () => {
    const [together, apart] = runOf(sample).results[0].codeFlows;
    expect(together.threadFlows).toHaveLength(1);
    expect(together.threadFlows[0].locations.map((step: any) => [step.executionOrder, step.nestingLevel, step.importance, step.location.message.text, step.state.locks.text])).toEqual([
      [1, 1, 'important', '[T2] locks c.mu.', 'none'],
      [2, 0, 'essential', '[T1] reads c.streams[_].', 'none'],
      [3, 1, 'essential', '[T2] writes c.streams[_].', 'c.mu'],
    ]);
    expect(apart.threadFlows.map((flow: any) => [flow.id, flow.locations.map((step: any) => step.executionOrder)])).toEqual([
      ['T1', [2]],
      ['T2', [1, 2]],
    ]);
  });

  test('one task has one flow', () => {
    expect(runOf(sample).results[2].codeFlows).toHaveLength(1);
  });

  test('both fingerprints are there; without the source only ours', () => {
    expect(runOf(sample).results[0].partialFingerprints).toEqual({ primaryLocationLineHash: expect.stringMatching(/^[0-9a-f]+:1$/), 'deadheat/v1': '9c4e0f2a51d77b63' });
    expect(runOf({ ...sample, sources: () => undefined }).results[0].partialFingerprints).toEqual({ 'deadheat/v1': '9c4e0f2a51d77b63' });
  });

  test('the snippet is the code of the region', () => {
    expect(runOf(sample).results[2].locations[0].physicalLocation.region.snippet.text).toBe('s.count[p.id]++');
  });
});

describe('run', () => {
  test('a rule has a name that is not its id, and what GitHub requires', () => {
    const [rule] = runOf(sample).tool.driver.rules;
    expect(rule).toMatchObject({ id: 'lock-order-cycle', name: 'LockOrderCycle', defaultConfiguration: { level: 'error' }, properties: { precision: 'medium', 'problem.severity': 'error' } });
    expect(rule.help.markdown).toContain('opposite orders can each hold');
  });

  test('gaps are notifications, and only exit code 2 is a failed run', () => {
    const [invocation] = runOf(sample).invocations;
    expect(invocation).toMatchObject({ executionSuccessful: true, exitCode: 1 });
    expect(invocation.toolExecutionNotifications).toHaveLength(1);
    expect(runOf({ ...sample, exitCode: 2 }).invocations[0].executionSuccessful).toBe(false);
  });

  test('the source root is named when it is known', () => {
    expect(runOf(sample, '/home/a b/node').originalUriBaseIds['%SRCROOT%'].uri).toBe('file:///home/a%20b/node/');
    expect(runOf(sample, 'C:\\src\\').originalUriBaseIds['%SRCROOT%'].uri).toBe('file:///C:/src/');
    expect(runOf(sample).originalUriBaseIds['%SRCROOT%'].uri).toBeUndefined();
  });

  test('an absolute file names no base', () => {
    const at = { file: 'C:\\a\\b.go', line: 1, column: 1, endLine: 1, endColumn: 2 };
    expect(runOf(reportOf({ at })).results[0].locations[0].physicalLocation.artifactLocation).toEqual({ uri: 'file:///C:/a/b.go' });
  });
});

describe('toSarifUri', () => {
  test.each([
    ['p2p/conn.go', 'p2p/conn.go'],
    ['./p2p/conn.go', 'p2p/conn.go'],
    ['././conn.go', 'conn.go'],
    ['../conn.go', '../conn.go'],
    ['peer set.go', 'peer%20set.go'],
    ['a:b.go', './a:b.go'],
    ['./a:b.go', './a:b.go'],
    ['dir/a:b.go', 'dir/a:b.go'],
    ['100%.go', '100%25.go'],
    ['a%20b.go', 'a%2520b.go'],
    ['what?#[1].go', 'what%3F%23%5B1%5D.go'],
    ['日本/é.go', '%E6%97%A5%E6%9C%AC/%C3%A9.go'],
    ['back\\slash.go', 'back%5Cslash.go'],
    ['lone\ud800.go', 'lone%EF%BF%BD.go'],
    ['/srv/a b.go', 'file:///srv/a%20b.go'],
    ['//srv/a.go', 'file:///srv/a.go'],
    ['C:\\Users\\a b\\x.go', 'file:///C:/Users/a%20b/x.go'],
    ['c:/x.go', 'file:///c:/x.go'],
    ['\\\\server\\share\\x y.go', 'file://server/share/x%20y.go'],
  ])('%s is %s', (path, uri) => {
    expect(toSarifUri(path)).toBe(uri);
  });
});

describe('primaryLocationLineHash', () => {
  test.each([
    ['', ['c129715d7a2bc9a3:1']],
    [' a\nb\n  \t\tc\n d', ['271789c17abda88f:1', '54703d4cd895b18:1', '180aee12dab6264:1', 'a23a3dc5e078b07b:1']],
    [
      'Lorem ipsum dolor sit amet.\n'.repeat(10),
      [...[1, 2, 3, 4, 5, 6].map((count) => `a7f2ff13bc495cf2:${count}`), 'a7f2ff1481e87703:1', 'a9cf91f7bbf1862b:1', '55ec222b86bcae53:1', 'cc97dc7b1d7d8f7b:1', 'c129715d7a2bc9a3:1'],
    ],
  ])('of %j', (text, hashes) => {
    expect(lineHashes(text)).toEqual(hashes);
  });

  test.each(['\r\n', '\r'])('does not see how lines end: %j', (lineBreak) => {
    const text = 'one\n\ntwo three\n\tfour\n';
    expect(lineHashes(text.replaceAll('\n', lineBreak))).toEqual(lineHashes(text));
  });

  test('agrees with the rolling form of the description, in 64-bit integers', () => {
    const text = Array.from({ length: 60 }, (_, line) => `${'x'.repeat((line * 7) % 23)} line ${line} 日本🔒\uffff\t;`).join('\n');
    expect(lineHashes(text)).toEqual(rolling(text));
  });
});

/** The published description, word for word. */
function rolling(text: string): string[] {
  const units = [...text.replace(/\r\n?/g, '\n').replace(/[ \t]/g, '')].flatMap((c) => [...Array(c.length).keys()].map((i) => BigInt(c.charCodeAt(i))));
  units.push(0xffffn);
  const starts = [0, ...units.flatMap((unit, index) => (unit === 10n ? [index + 1] : []))];
  const drop = 37n ** 100n;
  const hashes: string[] = [];
  const seen = new Map<string, number>();
  let h = 0n;
  for (let end = 0; hashes.length < starts.length; end += 1) {
    h = BigInt.asUintN(64, 37n * h + (units[end] ?? 0n) - drop * (units[end - 100] ?? 0n));
    if (end - 99 !== starts[hashes.length]) continue;
    const hash = h.toString(16);
    seen.set(hash, (seen.get(hash) ?? 0) + 1);
    hashes.push(`${hash}:${seen.get(hash)}`);
  }
  return hashes;
}

describe('what viewers ignore and tools read', () => {
  test('a circle of locks is a graph: who waits for whom', () => {
    const printed = JSON.parse(formats.sarif(sample, layout)) as { runs: { results: { ruleId: string; graphs?: { nodes: { label: { text: string } }[]; edges: object[] }[] }[] }[] };
    const graphs = printed.runs[0]!.results.map(({ ruleId, graphs: own }) => [ruleId, own?.[0]?.nodes.map(({ label }) => label.text), own?.[0]?.edges.length]);
    expect(graphs).toEqual([['unguarded-field', undefined, undefined], ['lock-order-cycle', ['s.room', 's.peers'], 2], ['nested-lock', undefined, undefined]]);
  });

  test('a schedule is told once as it happens and once for each task', () => {
    const at = (line: number) => ({ file: 'room.go', line, column: 2, endLine: line, endColumn: 9 });
    const steps = [['Join', 4], ['Leave', 12], ['Join', 5]].map(([task, line]) => ({ at: at(line as number), function: task as string, text: `step ${line}`, task: task as string, locks: [] }));
    const run = runOf(reportOf({ evidence: [{ title: 'one schedule in which it happens', steps: [steps[0]!, ...steps.slice(1)] }] }));
    const flows: { threadFlows: { id?: string; locations: { executionOrder: number }[] }[] }[] = run.results[0].codeFlows;
    expect(flows.map(({ threadFlows }) => threadFlows.map(({ id, locations }) => [id, locations.map(({ executionOrder }) => executionOrder)]))).toEqual([
      [[undefined, [1, 2, 3]]],
      [['T1', [1, 3]], ['T2', [2]]],
    ]);
  });

  test('provenance stands where git is there, and code is left out on request', () => {
    const provenance = { repositoryUri: 'https://example.com/o/n', revisionId: 'abcdef0', branch: 'main' };
    expect(JSON.parse(formats.sarif(sample, { ...layout, provenance })).runs[0].versionControlProvenance).toEqual([provenance]);
    expect(JSON.parse(formats.sarif(sample, layout)).runs[0].versionControlProvenance).toBeUndefined();
    expect(formats.sarif(sample, { ...layout, minimal: true })).not.toContain('snippet');
  });
});
