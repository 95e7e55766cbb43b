import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { main } from '../src/cli/main.js';
import { analyze, joinedClaims, type Inventory } from '../src/index.js';
import { proseClaims } from '../src/inventory/claims.js';
import { graphFormats, graphOf, guide } from '../src/report/index.js';

const example = fileURLToPath(new URL('../fixtures/p2p-node/', import.meta.url));

let home: string;
beforeEach(() => { home = mkdtempSync(join(tmpdir(), 'deadheat-guide-')); });
afterEach(() => rmSync(home, { recursive: true, force: true }));

async function run(...argv: string[]): Promise<{ readonly exitCode: number; readonly out: string; readonly err: string }> {
  let [out, err] = ['', ''];
  const exitCode = await main(argv, { stdout: { write: (text: string) => (out += text) }, stderr: { write: (text: string) => (err += text) }, cwd: home, env: {} });
  return { exitCode, out, err };
}

const store = `package store

import (
	"context"
	"sync"
)

// Store is safe for concurrent use. Close waits for all goroutines.
type Store struct {
	mu    sync.Mutex
	items map[string]int
	done  chan struct{}
	queue chan string
}

func New(ctx context.Context) *Store {
	s := &Store{items: map[string]int{}, done: make(chan struct{}), queue: make(chan string, 8)}
	go s.loop(ctx)
	return s
}

func (s *Store) loop(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case item := <-s.queue:
			s.mu.Lock()
			s.items[item]++
			s.mu.Unlock()
		}
	}
}

func (s *Store) Put(item string) {
	select {
	case s.queue <- item:
	default:
	}
}

func (s *Store) Get(item string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.items[item]
}

func (s *Store) Drop(item string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.items, item)
}
`;

async function inventoryOf(text: string): Promise<Inventory> {
  const { inventories, failures } = await analyze([{ path: 'store.go', text }], { inventory: true });
  expect(failures).toEqual([]);
  return inventories[0]!;
}

describe('the inventory', () => {
  it('knows locks with their fields, channels with both ends, and how tasks end', async () => {
    const { locks, channels, tasks, loops, state } = await inventoryOf(store);
    expect(locks.map(({ label, guards }) => [label, guards.map(({ field, unguarded }) => [field, unguarded])])).toEqual([['Store.mu', [['Store.items', 0]]]]);
    expect(channels.map(({ label, element, capacity, senders, receivers }) => [label, element, capacity, senders.map(({ function: name, when }) => [name, when]), receivers.map(({ function: name }) => name)])).toEqual([['Store.queue', 'string', '8', [['Store.Put', 'drops']], ['Store.loop']]]);
    expect(tasks.map(({ function: by, runs, ends, joins }) => [by, runs[0]!.function, ends, joins])).toEqual([['New', 'Store.loop', ['when ctx is cancelled'], []]]);
    expect(loops.map(({ function: name, arms }) => [name, arms.map(({ ends }) => ends)])).toEqual([['Store.loop', [true, false]]]);
    expect(state.find(({ label }) => label === 'Store.items')).toMatchObject({ pattern: 'guarded', by: 'Store.mu' });
  });

  it('knows a channel by its other name, and which ends are out of sight', async () => {
    const text = 'package hub\n\ntype source struct{ events chan int }\n\nfunc (s *source) Events() <-chan int { return s.events }\n\nfunc (s *source) emit(n int) { s.events <- n }\n\ntype Hub struct {\n\tin  <-chan int\n\tout chan int\n\tsrc *source\n}\n\nfunc New() *Hub {\n\ts := &source{events: make(chan int, 2)}\n\th := &Hub{in: s.Events(), out: make(chan int), src: s}\n\tgo h.forward()\n\treturn h\n}\n\nfunc (h *Hub) Push(n int) { h.src.emit(n) }\n\nfunc (h *Hub) Out() <-chan int { return h.out }\n\nfunc (h *Hub) forward() {\n\tfor n := range h.in {\n\t\th.out <- n\n\t}\n}\n';
    const { inventories, findings } = await analyze([{ path: 'hub.go', text }], { inventory: true });
    expect(inventories[0]!.channels.map(({ label, also }) => [label, also])).toEqual([['source.events', ['Hub.in']], ['Hub.in', ['source.events']], ['Hub.out', undefined]]);
    const rows = guide({ inventories, findings, contracts: [] }).split('\n').filter((line) => /^\| `\w+\.\w+` \[hub.go:\d+\].* `int` /.test(line)).map((line) => line.split(' | ').slice(3, 5).map((cell) => cell.replace(/ \[.*/, '')));
    expect(rows).toEqual([['`source.emit`', 'see `Hub.in`'], ['see `source.events`', '`Hub.forward`'], ['`Hub.forward`', 'code outside']]);
    expect(graphOf(inventories, 'channel').edges.map(({ label }) => label)).toContain('perhaps the same');
  });

  it('tells fields that a function uses before and after a suspension from those used within one turn', async () => {
    const text = "export class Cache {\n  private rows = new Map<string, number>();\n  private hits = 0;\n  hit(): number {\n    this.hits += 1;\n    return this.hits;\n  }\n  async load(key: string): Promise<void> {\n    if (this.rows.has(key)) return;\n    const row = await Promise.resolve(1);\n    this.rows.set(key, row);\n  }\n}\n\nexport class Count {\n  private n = 0;\n  up(): void {\n    this.n += 1;\n  }\n}\n";
    const { inventories, findings } = await analyze([{ path: 'cache.ts', text }], { inventory: true });
    expect(inventories[0]!.state.filter(({ writes }) => writes > 0).map(({ label, pattern }) => [label, pattern])).toEqual([['Cache.rows', 'across suspensions'], ['Cache.hits', 'within one turn'], ['Count.n', 'within one turn']]);
    const types = guide({ inventories, findings: findings.filter(() => false), contracts: [] }).split('\n').filter((line) => /^\| `(?:Cache|Count)` /.test(line)).map((line) => line.split(' | ')[1]);
    expect(types).toEqual(['only between its suspensions', 'yes, as far as was seen']);
  });

  it('names every lock, channel and started function of the bundled example in the guide', async () => {
    const sources = readdirSync(example).filter((name) => name.endsWith('.go')).map((name) => ({ path: name, text: readFileSync(example + name, 'utf8') }));
    const { inventories, findings } = await analyze(sources, { inventory: true });
    const text = guide({ inventories, findings, contracts: joinedClaims(inventories, findings, []) });
    const code = sources.map((source) => source.text).join('\n');
    for (const [, field] of code.matchAll(/^\t(\w+)\s+(?:sync\.(?:RW)?Mutex|chan )/gm)) expect(text).toContain(`.${field!}\``);
    expect(text.match(/^\| `[\w.]+` \[[^\]]*\]\([^)]*\) \| `go` \|/gm)).toHaveLength(code.match(/^\s*go \w/gm)!.length);
  });
});

describe('claims', () => {
  it('are read from prose and from comments in code, with the method they speak of', () => {
    const text = '# All APIs are thread-safe\n\nNot thread-safe: `Bare`.\n\n```go\nfunc (n *Node) Stop() {\n    // Wait for goroutines to finish\n}\n```\n\nChannels are closed only once.\n';
    expect(proseClaims(text).map(({ kind, line, subject }) => [kind, line, subject])).toEqual([['safe for concurrent use', 1, undefined], ['waits for its tasks', 7, 'Node.Stop'], ['closed only once', 11, undefined]]);
  });

  it('know that a channel is meant for one receiver', async () => {
    const two = store.replace('func (s *Store) Put', 'func (s *Store) Drain() string { return <-s.queue }\n\nfunc (s *Store) Put');
    const answer = async (text: string) => { const { inventories } = await analyze([{ path: 'store.go', text }], { inventory: true }); return joinedClaims(inventories, [], [{ path: 'GUIDE.md', text: 'Channels are single-consumer.\n' }])[0]!.because; };
    expect(await answer(store)).toMatch(/one function that does it/);
    expect(await answer(two)).toBe('Store.queue is received from in several functions');
  });

  it('are contradicted where the code does otherwise, and say where', async () => {
    const { inventories, findings } = await analyze([{ path: 'store.go', text: store }], { inventory: true });
    const rows = joinedClaims(inventories, findings, [{ path: 'GUIDE.md', text: 'Sends are non-blocking sends.\n\nNo nested locks.\n\nStop waits for all goroutines.\n' }]);
    expect(rows.map(({ claim, status, against }) => [claim, status, against?.at.line])).toEqual([
      ['sends do not block', 'checked', undefined],
      ['no nested locks', 'checked', undefined],
      ['waits for its tasks', 'contradicted', 18],
      ['safe for concurrent use', 'partly', undefined],
      ['waits for its tasks', 'contradicted', 18],
    ]);
  });
});

describe('deadheat guide', () => {
  it('--check passes while code only moves, and fails with the lines that differ when it changes', async () => {
    writeFileSync(join(home, 'store.go'), store);
    expect((await run('guide', '.', '--output', 'GUIDE.md')).exitCode).toBe(0);
    expect((await run('guide', '.', '--check', 'GUIDE.md')).exitCode).toBe(0);
    writeFileSync(join(home, 'store.go'), store.replace('package store\n', 'package store\n\n// A line more.\n'));
    expect((await run('guide', '.', '--check', 'GUIDE.md')).exitCode).toBe(0);
    writeFileSync(join(home, 'store.go'), store.replace('\tdone  chan struct{}\n', '\tdone  chan struct{}\n\tlate  sync.Mutex\n'));
    const changed = await run('guide', '.', '--check', 'GUIDE.md');
    expect(changed.exitCode).toBe(1);
    expect(changed.out).toContain('+ #### `Store.late`');
    expect((await run('guide', '.', '--check', 'nowhere.md')).exitCode).toBe(2);
    expect((await run('guide', '.', '--output', 'no/such/folder.md')).exitCode).toBe(2);
  });

  it('--write-annotations proposes only what every use keeps, and writes it once', async () => {
    writeFileSync(join(home, 'store.go'), store);
    const { out } = await run('guide', '.', '--write-annotations', '--diff');
    expect(out).toContain('+\titems map[string]int // guarded by mu\n');
    expect(out.match(/^\+[^+]/gm)).toHaveLength(1);
    expect(readFileSync(join(home, 'store.go'), 'utf8')).toBe(store);
    await run('guide', '.', '--write-annotations');
    expect(readFileSync(join(home, 'store.go'), 'utf8')).toContain('\titems map[string]int // guarded by mu\n');
    expect((await run('guide', '.', '--write-annotations', '--diff')).out).toBe('');
  });
});

describe('graphs', () => {
  const at = { file: 'a.go', line: 1, column: 1, endLine: 1, endColumn: 2 };
  const hostile = 'a"]; end --> x\n%% <b> \\';
  const empty: Inventory = { language: 'go', scheduling: 'preemptive', locks: [], order: [], circles: [], channels: [], tasks: [], state: [], loops: [], suspending: [], contracts: [], types: [] };

  it('keep hostile names inside their labels', () => {
    const graphs = [graphOf([{ ...empty, order: [{ from: hostile, to: 'b', at, function: hostile, places: 1 }] }], 'lock')];
    for (const line of graphFormats.mermaid(graphs).split('\n').slice(2)) expect(line).toMatch(/^(?:  n\d+\["[^"[\]<>`%]*"\]|  n1 -->\|"[^"[\]<>`%]*"\| n2|)$/);
    expect(graphFormats.dot(graphs)).toContain('label="a\\"]; end --> x %% <b> \\\\"');
    expect(JSON.parse(graphFormats.json(graphs)).graphs[0].edges[0].label).toBe(hostile);
  });

  it('are drawn a part at a time, and never more than renderers take', () => {
    const order = Array.from({ length: 600 }, (_, index) => ({ from: `a${index}`, to: `a${index + 1}`, at, function: 'f', places: 1 }));
    const printed = graphFormats.mermaid([graphOf([{ ...empty, order: [...order, { from: 'x', to: 'y', at, function: 'f', places: 1 }] }], 'lock')]);
    expect(printed).toContain('more than renderers draw');
    expect(printed.match(/flowchart/g)).toHaveLength(1);
  });
});
