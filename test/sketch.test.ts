import { describe, expect, it } from 'vitest';
import { analyze, type Finding } from '../src/index.js';

const head = 'package relay\n\nimport "sync"\n\ntype Hub struct {\n\tmu     sync.RWMutex\n\tcount  int\n\tquit   chan struct{}\n}\n\n';
/** Uses that show what guards `count`. */
const guarded = 'func (h *Hub) Inc() {\n\th.mu.Lock()\n\th.count++\n\th.mu.Unlock()\n}\n\nfunc (h *Hub) Dec() {\n\th.mu.Lock()\n\th.count--\n\th.mu.Unlock()\n}\n\nfunc (h *Hub) Zero() {\n\th.mu.Lock()\n\th.count = 0\n\th.mu.Unlock()\n}\n\n';

async function findingsIn(text: string, rule: string): Promise<readonly Finding[]> {
  const { findings, failures } = await analyze([{ path: 'hub.go', text }], { inventory: true });
  expect(failures).toEqual([]);
  return findings.filter((finding) => finding.rule === rule);
}

/** The file with the sketch put in. */
function mended(text: string, { sketch }: Finding): string {
  const lines = text.split('\n');
  for (const { line, before, after } of [...sketch!].sort((a, b) => b.line - a.line)) {
    expect(lines.slice(line - 1, line - 1 + before.length)).toEqual(before);
    lines.splice(line - 1, before.length, ...after);
  }
  return lines.join('\n');
}

describe('a sketch mends the very code', () => {
  it.each([
    ['missing-unlock', 'func (h *Hub) Take(n int) int {\n\th.mu.Lock()\n\tif n > h.count {\n\t\treturn 0\n\t}\n\th.count -= n\n\th.mu.Unlock()\n\treturn n\n}\n', '\th.mu.Lock()\n\tdefer h.mu.Unlock()\n\tif n > h.count {\n\t\treturn 0\n\t}\n\th.count -= n\n\treturn n\n'],
    ['unguarded-field', `${guarded}func (h *Hub) Count() int {\n\treturn h.count\n}\n`, '\th.mu.RLock()\n\tdefer h.mu.RUnlock()\n\treturn h.count\n'],
    ['unguarded-field', `${guarded}func (h *Hub) Set(n int) {\n\th.count = n\n}\n`, '\th.mu.Lock()\n\th.count = n\n\th.mu.Unlock()\n'],
    ['double-close', 'func New() *Hub {\n\th := &Hub{quit: make(chan struct{})}\n\tgo h.loop()\n\treturn h\n}\n\nfunc (h *Hub) loop() {\n\t<-h.quit\n}\n\nfunc (h *Hub) Stop() {\n\tclose(h.quit)\n}\n', '\th.quitOnce.Do(func() { close(h.quit) })\n'],
  ])('%s', { timeout: 60_000 }, async (rule, body, expected) => {
    const text = head + body;
    const { findings } = await analyze([{ path: 'hub.go', text }], { inventory: true });
    const finding = findings.find((one) => one.rule === rule)!;
    const after = mended(text, finding);
    expect(after).toContain(expected);
    expect((await findingsIn(after, rule)).filter(({ function: name }) => name === finding.function)).toEqual([]);
  });
});

describe('no sketch where the rewrite is not known to be right', () => {
  it.each([
    ['work after the release would come under the lock', 'missing-unlock', 'func (h *Hub) Take(n int) int {\n\th.mu.Lock()\n\tif n > h.count {\n\t\treturn 0\n\t}\n\th.mu.Unlock()\n\th.report(n)\n\treturn n\n}\n\nfunc (h *Hub) report(n int) {}\n'],
    ['the release is followed by more of the loop', 'missing-unlock', 'func (h *Hub) Drain(all []int) {\n\tfor _, n := range all {\n\t\th.mu.Lock()\n\t\tif n == 0 {\n\t\t\treturn\n\t\t}\n\t\th.mu.Unlock()\n\t}\n}\n'],
    ['the statement calls something', 'unguarded-field', `${guarded}func (h *Hub) Report() {\n\tprint2(h.count)\n}\n\nfunc print2(n int) {}\n`],
    ['the access is a condition', 'unguarded-field', `${guarded}func (h *Hub) Empty() bool {\n\tif h.count == 0 {\n\t\treturn true\n\t}\n\treturn false\n}\n`],
  ])('%s', { timeout: 60_000 }, async (_why, rule, body) => {
    const findings = await findingsIn(head + body, rule);
    expect(findings.length).toBeGreaterThan(0);
    for (const { sketch } of findings) expect(sketch).toBeUndefined();
  });
});
