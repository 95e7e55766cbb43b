import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Inventory } from '../src/index.js';
import { mermaidGraph } from '../src/report/graphs.js';
import { formats, graphFormats, graphKinds, graphOf } from '../src/report/index.js';
import { reportOf } from './report-sample.js';

const executablePath = [process.env['CHROMIUM_PATH'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => path !== undefined && existsSync(path));
const drawer = [process.env['MERMAID_PATH'], installed()].find((path) => path !== undefined && existsSync(path));
const ready = executablePath !== undefined && drawer !== undefined;
if (!ready) console.warn('SKIPPED: no Chromium or no Mermaid is here; that the real one draws our diagrams is not tested (npm install --no-save mermaid@11.12.2, or set MERMAID_PATH to its dist/mermaid.min.js)');

function installed(): string | undefined {
  try {
    return createRequire(import.meta.url).resolve('mermaid/dist/mermaid.min.js');
  } catch {
    return undefined;
  }
}

/** Names that mean something to Mermaid, Markdown, HTML or JavaScript. */
const hostile = [
  'end', 'subgraph x', 'loop forever', 'graph TD', 'a\nend\nb', 'A --> B', 'style n1 fill:#f00', '::: red', 'a|b', '{x}', '(y)', 'o--o', '---', 'Note over T1: hi', 'participant', 'activate T1', 'linkStyle', 'click', '%%{init: {"theme":"dark"}}%%',
  'a["x"]; #35; <b>bold</b> `c` -->> %% d', '"quoted"', "it's", '#', ';', '\\', '#quot;', '&lt;b&gt;', '<br/>', '<script>alert(1)</script>', '[click](javascript:alert(1))', 'http://evil.example/x', '::icon(fa fa-book)', '$$x^2$$', '**bold** _it_', '__proto__', '*.*', '- item', '1. list', '-', ' ', '', 'ünïcödé 日本語 🎉', '\u202eabc', 'x'.repeat(300),
];
const at = { file: 'a.go', line: 1, column: 1, endLine: 1, endColumn: 2 };

/** What the report and the graphs draw of one name wherever a name can stand. */
function diagramsOf(name: string): string {
  const step = (text: string, locks: readonly string[]) => ({ at, function: name, text, locks, kind: 'memory' as const, essential: true as const });
  const report = reportOf({ message: name, evidence: [{ title: name, steps: [step(name, [name])] }, { title: `other ${name}`, steps: [step(`x ${name}`, [])] }] });
  const inventory: Inventory = {
    language: 'go', scheduling: 'preemptive', locks: [], order: [{ from: name, to: `${name}2`, at, function: name, places: 1 }], circles: [[name, `${name}2`]],
    channels: [{ label: name, at, element: name, senders: [{ at, function: name, when: 'waits' }], receivers: [{ at, function: name }], closers: [] }],
    tasks: [{ at, function: name, via: name, runs: [{ at, function: `${name}1` }], many: true, ends: [], joins: [{ at, function: name }], locks: [], channels: [] }], state: [], loops: [], suspending: [], contracts: [], types: [],
  };
  const graphs = graphFormats.mermaid(graphKinds.map((kind) => graphOf([inventory], kind))).split('\n\n');
  return [formats.markdown(report, { width: 100, color: false }), ...graphs.map((graph) => `\`\`\`mermaid\n${graph.trimEnd()}\n\`\`\`\n`)].join('\n');
}

/** The lines we write of Mermaid's language; a label holds letters, digits, harmless signs and numbered characters only. */
const label = String.raw`(?:[\p{L}\p{N}\p{M} .,_/+=!?…-]|#\d+;)+`;
const box = String.raw`(?:\["${label}"\]|\[\("${label}"\)\]|\(\["${label}"\]\)|\("${label}"\))`;
const grammars = {
  sequenceDiagram: new RegExp(`^(?:  participant T\\d+ as ${label}|  Note over T\\d+: ${label})$`, 'u'),
  'flowchart LR': new RegExp(`^(?:  n\\d+${box}|  n\\d+ (?:-->|==>)\\|"${label}"\\| n\\d+|  linkStyle \\d+ stroke:#c00,stroke-width:3px)$`, 'u'),
};

describe('what we write of Mermaid', () => {
  it.each(hostile)('stays in its grammar for the name %j', (name) => {
    const diagrams = [...diagramsOf(name).matchAll(/^```mermaid\n([^]*?)^```/gm)].map(([, text]) => text!.trimEnd().split('\n').filter((line) => !line.startsWith('%%')));
    expect(diagrams).toHaveLength(1 + graphKinds.length);
    for (const [head, ...lines] of diagrams) {
      const grammar = grammars[head as keyof typeof grammars];
      for (const line of lines) expect(line).toMatch(grammar);
    }
  });

  it('draws no more than GitHub does', () => {
    const order = (count: number, name: string) => Array.from({ length: count }, (_, index) => ({ from: 'a', to: `${name}${index}`, at, function: 'f', places: 1 }));
    const drawn = (count: number, name: string) => mermaidGraph(graphOf([{ language: 'go', scheduling: 'preemptive', locks: [], order: order(count, name), circles: [], channels: [], tasks: [], state: [], loops: [], suspending: [], contracts: [], types: [] }], 'lock'));
    expect(drawn(500, 'b')).toBeDefined();
    expect(drawn(501, 'b')).toBeUndefined();
    expect(drawn(400, 'b'.repeat(140))).toBeUndefined();
    expect(drawn(10, 'b'.repeat(400))!.join('\n')).not.toMatch(/b{161}/);
  });
});

describe.skipIf(!ready)('the real Mermaid', { timeout: 300_000 }, () => {
  const home = mkdtempSync(join(tmpdir(), 'deadheat-mermaid-'));
  beforeAll(() => writeFileSync(join(home, 'hostile.md'), hostile.map(diagramsOf).join('\n')));
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  it('draws every diagram of the examples and of hostile names, each with its own words', () => {
    const root = fileURLToPath(new URL('../', import.meta.url));
    const documents = [join(root, 'docs/examples/report.md'), join(root, 'docs/examples/guide.md'), join(home, 'hostile.md')];
    const { stdout, stderr, status } = spawnSync(process.execPath, [join(root, 'bench/mermaid.mjs'), '--mermaid', drawer!, ...documents], { encoding: 'utf8' });
    expect({ stdout, stderr, status }).toEqual({ stdout: expect.stringContaining(`hostile.md: ${hostile.length * (1 + graphKinds.length)} diagrams, 0 problems`), stderr: '', status: 0 });
  });
});
