import type { SmallProgram } from './explore-programs.js';

/**
 * Small TypeScript programs and what the explorer must say of each: the kinds of bug it shows, or how the walk ended.
 * Each body is an async function of its own; `above` holds declarations it needs. The list reads as a description of
 * how tasks take turns.
 */
const io = 'declare function io(): Promise<number>;';

export const turnPrograms: Readonly<Record<string, readonly SmallProgram[]>> = {
  'sections and suspensions': [
    { name: 'a section is not interrupted', verdict: 'clean', body: 'let n = 0; const bump = async () => { const seen = n; n = seen + 1; }; await Promise.all([bump(), bump()]); if (n !== 2) hang(n);', above: 'declare function hang(n: number): void;' },
    { name: 'what is read before an await is old after it', verdict: 'stale-write', body: 'let n = 0; const bump = async () => { const seen = n; await io(); n = seen + 1; }; await Promise.all([bump(), bump()]);', above: io },
    { name: 'what is read after it is not', verdict: 'undecided', body: 'let n = 0; const bump = async () => { await io(); n = n + 1; }; await Promise.all([bump(), bump()]);', above: io },
    { name: 'an update in place reads and writes in one section', verdict: 'undecided', body: 'let n = 0; const bump = async () => { await io(); n++; }; await Promise.all([bump(), bump()]);', above: io },
    { name: 'an operand is read before the await beside it', verdict: 'stale-write', body: 'let n = 0; const add = async () => { n = n + await io(); }; await Promise.all([add(), add()]);', above: io },
    { name: 'one call after the other', verdict: 'undecided', body: 'let n = 0; const bump = async () => { const seen = n; await io(); n = seen + 1; }; await bump(); await bump();', above: io },
    { name: 'an await of what is there already suspends too', verdict: 'stale-write', body: 'let n = 0; const bump = async () => { const seen = n; await null; n = seen + 1; }; await Promise.all([bump(), bump()]);' },
    { name: 'an awaited callee suspends its caller', verdict: 'stale-write', body: 'let n = 0; const pause = async () => { await null; }; const bump = async () => { const seen = n; await pause(); n = seen + 1; }; await Promise.all([bump(), bump()]);' },
    { name: 'a callee that does not suspend, called without await', verdict: 'clean', body: 'let n = 0; const same = (x: number) => x; const bump = async () => { const seen = same(n); n = seen + 1; }; await Promise.all([bump(), bump()]);' },
    { name: 'two variables', verdict: 'undecided', body: 'let a = 0; let b = 0; const one = async () => { const seen = a; await io(); a = seen + 1; }; const two = async () => { const seen = b; await io(); b = seen + 1; }; await Promise.all([one(), two()]);', above: io },
    { name: 'the value written back is the one that was there', verdict: 'undecided', body: 'let on = false; const off = async () => { if (on) return; await io(); on = false; }; await Promise.all([off(), off()]);', above: io },
  ],

  'calls that are not awaited': [
    { name: 'run at once up to their first suspension', verdict: 'clean', body: 'let ready = false; const start = async () => { ready = true; await null; }; void start(); if (!ready) { const seen = ready; await null; ready = seen; }' },
    { name: 'go on while their caller is suspended', verdict: 'stale-write', body: 'let n = 0; const later = async () => { await null; n = 5; }; void later(); const seen = n; await null; n = seen + 1;' },
    { name: 'are over when their promise has been awaited', verdict: 'clean', body: 'let n = 0; const later = async () => { await null; n = 5; }; const done = later(); await done; const seen = n; await null; n = seen + 1;' },
    { name: 'a function for each element', verdict: 'stale-write', body: 'let n = 0; await Promise.all([1, 2].map(async () => { const seen = n; await null; n = seen + 1; }));' },
  ],

  promises: [
    { name: 'a shared promise is waited for once', verdict: 'undecided', above: `${io}\nlet pending: Promise<void> | undefined; let n = 0;\nasync function work() { const seen = n; await io(); n = seen + 1; }\nfunction once() { pending ??= work(); return pending; }`, body: 'await Promise.all([once(), once()]);' },
    { name: 'a promise of its own for each', verdict: 'stale-write', above: `${io}\nlet n = 0;\nasync function work() { const seen = n; await io(); n = seen + 1; }`, body: 'await Promise.all([work(), work()]);' },
    { name: 'a promise that is settled lets its waiter go on', verdict: 'clean', body: 'let n = 0; let open: (() => void) | undefined; const gate = new Promise<void>((resolve) => { open = resolve; }); const waiter = async () => { await gate; n = n + 1; }; const done = waiter(); n = n + 1; open!(); await done;' },
    { name: 'the waiter does not go on before', verdict: 'clean', body: 'let n = 0; let open: () => void; const gate = new Promise<void>((resolve) => { open = resolve; }); const waiter = async () => { await gate; n = 5; }; const done = waiter(); const seen = n; await null; n = seen + 1; open!(); await done;' },
    { name: 'then runs its callback after the promise', verdict: 'clean', body: 'let n = 0; const work = async () => { const seen = n; await null; n = seen + 1; }; await work().then(() => { n = n + 1; });' },
    { name: 'a callback left behind runs in a section of its own', verdict: 'stale-write', body: 'let n = 0; const work = async () => { await null; }; work().then(() => { n = 5; }); const seen = n; await null; n = seen + 1;' },
    { name: 'a callback for failure does not run when all went well', verdict: 'clean', body: 'let n = 0; const work = async () => { await null; }; work().catch(() => { n = 5; }); const seen = n; await null; await null; n = seen + 1;' },
    { name: 'it runs when the work has thrown', verdict: 'stale-write', body: 'let n = 0; const work = async () => { await null; throw new Error("x"); }; work().catch(() => { n = 5; }); const seen = n; await null; await null; n = seen + 1;' },
  ],

  'exceptions': [
    { name: 'a throw is caught by the caller', verdict: 'clean', body: 'let n = 0; const fail = async () => { throw new Error("x"); }; try { await fail(); n = 1; } catch { n = 2; } if (n !== 2) { const seen = n; n = seen; }' },
    { name: 'finally runs on the way out', verdict: 'stale-write', body: 'let busy = false; const work = async () => { if (busy) return; await null; busy = true; try { throw new Error("x"); } finally { busy = true; } }; await Promise.all([work().catch(() => {}), work().catch(() => {})]);' },
    { name: 'a flag set before the await keeps the second call out', verdict: 'undecided', body: 'let busy = false; let n = 0; const work = async () => { if (busy) return; busy = true; try { const seen = n; await io(); n = seen + 1; } finally { busy = false; } }; await Promise.all([work(), work()]);', above: io },
    { name: 'a flag set after it does not', verdict: 'stale-write', body: 'let busy = false; const work = async () => { if (busy) return; await io(); busy = true; }; await Promise.all([work(), work()]);', above: io },
  ],

  timers: [
    { name: 'may fire while another is suspended', verdict: 'stale-write', body: 'let n = 0; setTimeout(() => { n = 5; }, 10); const seen = n; await io(); n = seen + 1;', above: io },
    { name: 'do not fire within a section', verdict: 'clean', body: 'let n = 0; setTimeout(() => { n = 5; }, 10); const seen = n; n = seen + 1;' },
    { name: 'do not fire once they are cleared', verdict: 'undecided', body: 'let n = 0; const timer = setTimeout(() => { n = 5; }, 10); clearTimeout(timer); const seen = n; await io(); n = seen + 1;', above: io },
    { name: 'do not fire before what only waits for its turn', verdict: 'clean', body: 'let n = 0; setTimeout(() => { n = 5; }, 0); const seen = n; await null; n = seen + 1;' },
    { name: 'an interval with an async body overlaps itself', verdict: 'stale-write', body: 'let n = 0; setInterval(async () => { const seen = n; await io(); n = seen + 1; }, 10);', above: io },
  ],

  maps: [
    { name: 'missing entries are found missing twice', verdict: 'stale-write', body: 'const m = new Map<string, number>(); const get = async (key: string) => { if (!m.has(key)) { const v = await io(); m.set(key, v); } }; await Promise.all([get("a"), get("a")]);', above: io },
    { name: 'entries of other keys do not matter', verdict: 'undecided', body: 'const m = new Map<string, number>(); const get = async (key: string) => { if (!m.has(key)) { const v = await io(); m.set(key, v); } }; await Promise.all([get("a"), get("b")]);', above: io },
    { name: 'an entry made before the await is found', verdict: 'undecided', body: 'const m = new Map<string, Promise<number>>(); const get = async (key: string) => { const known = m.get(key); if (known) return known; const made = io(); m.set(key, made); return made; }; await Promise.all([get("a"), get("a")]);', above: io },
  ],

  locks: [
    { name: 'a lock keeps a section across an await together', verdict: 'undecided', above: `import { Mutex } from 'async-mutex';\n${io}\nconst lock = new Mutex(); let n = 0;\nasync function bump() { await lock.runExclusive(async () => { const seen = n; await io(); n = seen + 1; }); }`, body: 'await Promise.all([bump(), bump()]);' },
    { name: 'two locks do not', verdict: 'stale-write', above: `import { Mutex } from 'async-mutex';\n${io}\nconst a = new Mutex(); const b = new Mutex(); let n = 0;\nasync function one() { await a.runExclusive(async () => { const seen = n; await io(); n = seen + 1; }); }\nasync function two() { await b.runExclusive(async () => { const seen = n; await io(); n = seen + 1; }); }`, body: 'await Promise.all([one(), two()]);' },
    { name: 'a lock taken twice', verdict: 'deadlock', above: `import { Mutex } from 'async-mutex';\nconst lock = new Mutex();\nasync function inner() { const release = await lock.acquire(); release(); }`, body: 'const release = await lock.acquire(); await inner(); release();' },
    { name: 'opposite orders', verdict: 'deadlock', above: `import { Mutex } from 'async-mutex';\nconst a = new Mutex(); const b = new Mutex();\nasync function one() { const ra = await a.acquire(); const rb = await b.acquire(); rb(); ra(); }\nasync function two() { const rb = await b.acquire(); const ra = await a.acquire(); ra(); rb(); }`, body: 'await Promise.all([one(), two()]);' },
    { name: 'the same order', verdict: 'clean', above: `import { Mutex } from 'async-mutex';\nconst a = new Mutex(); const b = new Mutex();\nasync function one() { const ra = await a.acquire(); const rb = await b.acquire(); rb(); ra(); }`, body: 'await Promise.all([one(), one()]);' },
    { name: 'a release that is left out', verdict: 'deadlock', above: `import AwaitLock from 'await-lock';\nconst lock = new AwaitLock();\nasync function work(early: boolean) { await lock.acquireAsync(); if (early) return; lock.release(); }`, body: 'await work(true); await work(false);' },
    { name: 'keys of one lock are locks of their own', verdict: 'clean', above: `import AsyncLock from 'async-lock';\nconst lock = new AsyncLock();\nasync function work(key: string) { await lock.acquire(key, async () => { await null; }); }`, body: 'await Promise.all([work("a"), work("b")]);' },
  ],

  objects: [
    { name: 'fields of one object', verdict: 'stale-write', above: `${io}\nclass Client { conn: number | undefined; async get() { if (!this.conn) this.conn = await io(); return this.conn; } }`, body: 'const c = new Client(); await Promise.all([c.get(), c.get()]);' },
    { name: 'fields of two objects', verdict: 'undecided', above: `${io}\nclass Client { conn: number | undefined; async get() { if (!this.conn) this.conn = await io(); return this.conn; } }`, body: 'const a = new Client(); const b = new Client(); await Promise.all([a.get(), b.get()]);' },
    { name: 'a second test after the await', verdict: 'undecided', above: `${io}\nclass Client { conn: number | undefined; async get() { if (this.conn) return this.conn; const made = await io(); if (this.conn) return this.conn; this.conn = made; return made; } }`, body: 'const c = new Client(); await Promise.all([c.get(), c.get()]);' },
    { name: 'variables of one factory', verdict: 'stale-write', above: `${io}\nfunction make() { let conn: number | null = null; return { get: async () => { if (conn === null) conn = await io(); return conn; } }; }`, body: 'const c = make(); await Promise.all([c.get(), c.get()]);' },
    { name: 'variables of two', verdict: 'undecided', above: `${io}\nfunction make() { let conn: number | null = null; return { get: async () => { if (conn === null) conn = await io(); return conn; } }; }`, body: 'const a = make(); const b = make(); await Promise.all([a.get(), b.get()]);' },
    { name: 'inherited fields', verdict: 'stale-write', above: `${io}\nclass Base { conn: number | undefined; }\nclass Client extends Base { async get() { if (!this.conn) this.conn = await io(); return this.conn; } }`, body: 'const c = new Client(); await Promise.all([c.get(), c.get()]);' },
    { name: 'a getter looks for whoever asks it', verdict: 'stale-write', above: `${io}\nclass Client { private conn: number | undefined; get open() { return this.conn !== undefined; } async get() { if (!this.open) this.conn = await io(); } }`, body: 'const c = new Client(); await Promise.all([c.get(), c.get()]);' },
  ],
};
