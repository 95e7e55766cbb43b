import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { analyze } from '../src/index.js';
import { check } from './want.js';

const folder = fileURLToPath(new URL('../fixtures/markdown/', import.meta.url));
const read = (name: string) => ({ path: `docs/${name}`, text: readFileSync(folder + name, 'utf8') });

describe('code in documents', () => {
  it.each(['bad.md', 'ok.md', 'client-bad.md', 'client-ok.md'])('%s shows what its comments say, note by note', async (name) => {
    const source = read(name);
    const rules = new Set((await analyze([source])).findings.map((finding) => finding.rule));
    for (const rule of rules.size === 0 ? ['none'] : rules) expect(await check({ name, rule, sources: [source] })).toEqual([]);
  });

  it.each(['ok.md', 'client-ok.md'])('what is right in %s stays without any finding, notes included', async (name) => {
    expect((await analyze([read(name)])).findings).toEqual([]);
  });

  it.each(['bad.md', 'client-bad.md'])('places are those of %s itself, also in lists, quotations, and with carriage returns', async (name) => {
    const { findings } = await analyze([read(name)]);
    const crlf = await analyze([{ ...read(name), text: read(name).text.replace(/\n/g, '\r\n') }]);
    expect(crlf.findings.map(({ at, rule }) => ({ ...at, rule }))).toEqual(findings.map(({ at, rule }) => ({ ...at, rule })));
    const lines = read(name).text.split('\n');
    for (const { at, evidence } of findings) {
      expect(at.file).toBe(`docs/${name}`);
      expect(lines[at.line - 1]!.slice(at.column - 1, at.column)).toMatch(/\w/);
      for (const { steps } of evidence) for (const step of steps) expect(step.at.file).toBe(`docs/${name}`);
    }
    if (name === 'bad.md') expect(findings.find(({ rule }) => rule === 'double-close')!.at).toMatchObject({ column: 3 });
  });

  it('pieces do not know each other, nor the sources beside them', async () => {
    const piece = '```go\nfunc (s *Store) Put() {\n    s.mu.Lock()\n    s.mu.Lock()\n}\n```\n';
    const { findings, gaps } = await analyze([{ path: 'a.md', text: piece + piece }, { path: 'store.go', text: 'package store\n\ntype Store struct{}\n' }]);
    expect(gaps).toEqual([]);
    expect(findings.map(({ rule, at }) => `${rule} ${at.file}:${at.line}`)).toEqual(['double-lock a.md:4', 'double-lock a.md:10']);
  });

  it('types of one name in several pieces go by their name', async () => {
    const piece = 'type Node struct {\n    aMu sync.Mutex\n    bMu sync.Mutex\n}\n';
    const wrong = 'func (n *Node) One() {\n    n.aMu.Lock()\n    defer n.aMu.Unlock()\n    n.bMu.Lock()\n    defer n.bMu.Unlock()\n}\n\nfunc (n *Node) Two() {\n    n.bMu.Lock()\n    defer n.bMu.Unlock()\n    n.aMu.Lock()\n    defer n.aMu.Unlock()\n}\n';
    const { findings } = await analyze([{ path: 'a.md', text: `\`\`\`go\n${piece}\`\`\`\n\n\`\`\`go\n${wrong}\`\`\`\n` }]);
    expect(findings.map(({ rule, message }) => `${rule}: ${message}`)).toEqual([expect.stringContaining('Node.aMu -> Node.bMu -> Node.aMu')]);
  });

  it('what cannot be read is a gap at its line, and a document without code says so', async () => {
    const { gaps } = await analyze([{ path: 'a.md', text: 'x\n\n```go\nfunc broken( {\n```\n' }, { path: 'b.md', text: '# nothing\n' }]);
    expect(gaps.some(({ at }) => at.file === 'a.md' && at.line >= 3 && at.line <= 5)).toBe(true);
    expect(gaps.find(({ at }) => at.file === 'b.md')!.reason).toContain('no code in it');
  });

  it.each(['```go\n', '```go\n```', '```go\n}}}}\n', '~~~go\nx :=\n~~~', '> ```go\n> go f(\n', '```go\r\n...\r\n```', '```go\npackage\n```', '```go\na(); func b() {}; c()\n```', '```ts\n', '```ts\n}}}}\n```', '```ts\nthis.\n```', '```js\nthis.x = `\n```', '```tsx\n<a>\n', '> ```ts\n> async f(', '```ts\r\n...\r\n```', '```ts\nclass {\n```', '\ufeff```go\nclose(x)\n```'])('%j crashes nothing and stays in its document', async (text) => {
    const { findings, gaps, failures } = await analyze([{ path: 'a.md', text }]);
    expect(failures).toEqual([]);
    for (const { at } of [...findings, ...gaps]) expect(at.file).toBe('a.md');
  });
});
