import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { analyze, type Finding } from '../src/index.js';
import { problemsOf, scenarioOf } from './typescript-run.js';

const head = 'package relay\n\nimport "sync"\n\ntype Hub struct {\n\tmu     sync.RWMutex\n\tcount  int\n\tquit   chan struct{}\n}\n\n';
/** Uses that show what guards `count`. */
const guarded = 'func (h *Hub) Inc() {\n\th.mu.Lock()\n\th.count++\n\th.mu.Unlock()\n}\n\nfunc (h *Hub) Dec() {\n\th.mu.Lock()\n\th.count--\n\th.mu.Unlock()\n}\n\nfunc (h *Hub) Zero() {\n\th.mu.Lock()\n\th.count = 0\n\th.mu.Unlock()\n}\n\n';

async function findingsIn(text: string, rule: string): Promise<readonly Finding[]> {
  const { findings, failures } = await analyze([{ path: 'hub.go', text }], { inventory: true });
  expect(failures).toEqual([]);
  return findings.filter((finding) => finding.rule === rule);
}

/** The file with the sketches put in. */
function mended(text: string, findings: readonly Finding[]): string {
  const lines = text.split('\n');
  for (const { line, before, after } of findings.flatMap(({ sketch }) => sketch ?? []).sort((a, b) => b.line - a.line)) {
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
    ['abandoned-send', 'func Ask(ask func() int, done chan struct{}) int {\n\tanswer := make(chan int)\n\tgo func() { answer <- ask() }()\n\tselect {\n\tcase got := <-answer:\n\t\treturn got\n\tcase <-done:\n\t\treturn 0\n\t}\n}\n', '\tanswer := make(chan int, 1)\n'],
    ['abandoned-send', 'func Any(asks []func() int) int {\n\tanswers := make(chan int)\n\tfor _, ask := range asks {\n\t\tgo func() { answers <- ask() }()\n\t}\n\treturn <-answers\n}\n', '\tanswers := make(chan int, len(asks))\n'],
  ])('%s', { timeout: 60_000 }, async (rule, body, expected) => {
    const text = head + body;
    const { findings } = await analyze([{ path: 'hub.go', text }], { inventory: true });
    const finding = findings.find((one) => one.rule === rule)!;
    const after = mended(text, [finding]);
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

const shelf = fileURLToPath(new URL('../fixtures/', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'deadheat-sketches-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
/** A fixture without the comments that say what is wanted in it. */
const fixture = (name: string): string => readFileSync(shelf + name, 'utf8').replace(/ \/\/ (?:want|step) .*$/gm, '');

/** Rules that know their repair, and the functions of their `bad.ts` that can be mended by it. */
const mendable: readonly (readonly [string, readonly string[]])[] = [
  ['missing-unlock', ['Channel.close']],
  ['return-under-lock', ['Registry.rename']],
  ['stuck-flag', ['Poller.poll', 'Uploader.upload']],
  ['missing-single-flight', ['Gateway.close', 'Client.reconnect']],
  ['duplicate-fetch', ['Session.authorization']],
  ['poisoned-promise-cache', ['Resolver.lookup']],
  ['overwritten-timer', ['Heartbeat.start']],
  ['lost-update', ['Meter.flush']],
  ['filtered-once', ['Broker.subscribed.func1', 'ping']],
  ['callback-before-state', ['Call.end', 'Backoff.start.func1']],
];

describe('a sketch mends TypeScript: no finding, no broken state, no type error', () => {
  const after = new Map<string, string>();

  it.each(mendable)('%s', { timeout: 60_000 }, async (rule, functions) => {
    const path = `${rule}/bad.ts`;
    const text = fixture(path);
    const { findings } = await analyze([{ path, text }], { inventory: true });
    const own = findings.filter((one) => one.rule === rule && one.sketch !== undefined);
    expect(own.map((one) => one.function)).toEqual(functions);
    const whole = mended(text, own);
    after.set(path, whole);
    const again = await analyze([{ path, text: whole }], { inventory: true });
    expect(again.gaps).toEqual([]);
    expect(again.findings.filter((one) => one.level !== 'note' && !findings.some((old) => old.fingerprint === one.fingerprint)).map((one) => `${one.rule} ${one.message}`)).toEqual([]);
    expect(again.findings.filter((one) => one.rule === rule && functions.includes(one.function))).toEqual([]);
    if (/\bscenario\b/.test(text)) expect(await (await scenarioOf(whole, join(scratch, path)))()).toBeUndefined();
  });

  it('the mended files type-check under the strict options', { timeout: 120_000 }, () => {
    expect(after.size).toBe(mendable.length);
    const files = [...after].map(([path, text]) => { const file = join(scratch, path.replace('/', '-')); writeFileSync(file, text); return file; });
    expect(problemsOf(files)).toEqual([]);
  });
});

const typescript = async (path: string, text: string, rule: string) => (await analyze([{ path, text }], { inventory: true })).findings.filter((one) => one.rule === rule);
const gate = (body: string, field = 'closed') => `class Gate {\n${body}\n  isClosed() { return this.${field}; }\n}\nexports.Gate = Gate;\n`;

describe('sketches of TypeScript in other clothes', () => {
  it('plain JavaScript gets no types, a private name stays private', async () => {
    const plain = gate('  constructor(server) { this.server = server; this.closed = false; }\n  async close() {\n    await this.server.stop();\n    this.closed = true;\n  }');
    const [finding] = await typescript('gate.js', plain, 'missing-single-flight');
    expect(mended(plain, [finding!])).toContain('  pendingClose;\n\n  constructor');
    expect(mended(plain, [finding!])).toContain('  close() {\n    return (this.pendingClose ??= this.doClose().finally(() => {\n      this.pendingClose = undefined;\n    }));\n  }\n\n  async doClose() {\n    await this.server.stop();');
  });

  it('a function of a module shares its call through a variable beside it', async () => {
    const text = 'let link: { end(): Promise<void> } | undefined;\nlet open = true;\n\nexport async function disconnect(): Promise<void> {\n  await link?.end();\n  open = false;\n}\n\nexport function isOpen(): boolean { return open; }\nexport function use(given: { end(): Promise<void> }): void { link = given; }\n';
    const [finding] = await typescript('link.ts', text, 'missing-single-flight');
    expect(mended(text, [finding!])).toContain('let pendingDisconnect: Promise<void> | undefined;\n\nexport function disconnect(): Promise<void> {\n  return (pendingDisconnect ??= doDisconnect().finally(() => {\n    pendingDisconnect = undefined;\n  }));\n}\n\nasync function doDisconnect(): Promise<void> {\n  await link?.end();');
  });

  it('a handle that may be null is asked first', async () => {
    const text = 'export class Beat {\n  private timer: NodeJS.Timeout | null = null;\n  start(): void {\n    this.timer = setInterval(() => this.beat(), 10);\n  }\n  stop(): void { if (this.timer) clearInterval(this.timer); this.timer = null; }\n  private beat(): void {}\n}\n';
    const [finding] = await typescript('beat.ts', text, 'overwritten-timer');
    expect(mended(text, [finding!])).toContain('    if (this.timer !== null) clearInterval(this.timer);\n    this.timer = setInterval');
  });

  it.each([
    ['callers hand in what the call is about', 'missing-single-flight', gate('  async close(reason) {\n    await this.server.stop(reason);\n    this.closed = true;\n  }')],
    ['the call comes back to itself', 'missing-single-flight', gate('  async close() {\n    await this.server.stop();\n    this.closed = true;\n    await this.retry();\n  }\n  async retry() { if (this.again) await this.close(); }')],
    ['a name is used after the part that would move', 'stuck-flag', 'class Poll {\n  async poll() {\n    if (this.busy) return 0;\n    this.busy = true;\n    const page = await this.next();\n    if (page === undefined) throw new Error("none");\n    this.busy = false;\n    return page.length;\n  }\n}\nexports.Poll = Poll;\n'],
    ['text over several lines would be indented', 'stuck-flag', 'class Poll {\n  async poll() {\n    if (this.busy) return;\n    this.busy = true;\n    if (this.none) return;\n    await this.send(`GET\n\n`);\n    this.busy = false;\n  }\n}\nexports.Poll = Poll;\n'],
    ['the timer is no interval', 'overwritten-timer', 'class Late {\n  later() {\n    this.timer = setTimeout(() => this.run(), 10);\n  }\n  stop() { clearTimeout(this.timer); }\n  run() {}\n}\nexports.Late = Late;\n'],
    ['the fetch is about what this caller asks for', 'duplicate-fetch', 'class Names {\n  async of(id) {\n    if (this.name === undefined) {\n      this.name = await this.fetchName(id);\n    }\n    return this.name;\n  }\n  async fetchName(id) { return (await this.ask(id)).name; }\n}\nexports.Names = Names;\n'],
    ['work after the release would come under the lock', 'return-under-lock', 'const { Mutex } = require("async-mutex");\nclass Book {\n  constructor() { this.lock = new Mutex(); this.rows = new Map(); }\n  async put(id, row) {\n    await this.lock.acquire();\n    if (this.rows.has(id)) {\n      this.lock.release();\n      return false;\n    }\n    this.rows.set(id, row);\n    this.lock.release();\n    await this.tell(id);\n    return true;\n  }\n}\nexports.Book = Book;\n'],
  ])('no sketch where %s', async (_why, rule, text) => {
    const findings = await typescript('a.js', text, rule);
    expect(findings.length).toBeGreaterThan(0);
    for (const { sketch } of findings) expect(sketch).toBeUndefined();
  });
});
