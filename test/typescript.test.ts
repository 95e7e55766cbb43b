import { describe, expect, test } from 'vitest';
import { printFunction, printProgram } from '../src/ir/print.js';
import { verify } from '../src/ir/verify.js';
import type { Surroundings } from '../src/parsers/front-end.js';
import { tsFrontEnd } from '../src/parsers/ts/index.js';
import { analyze } from '../src/index.js';

const nowhere: Surroundings = { read: () => undefined, list: () => [] };

/** Surroundings of files that are there by name. */
function around(files: Readonly<Record<string, string>>): Surroundings {
  return {
    read: (path) => files[path],
    list: (folder) => Object.keys(files).filter((path) => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.') === folder).map((path) => path.slice(path.lastIndexOf('/') + 1)),
  };
}

async function lower(sources: Readonly<Record<string, string>>, surroundings = nowhere) {
  const result = await tsFrontEnd.lower(Object.entries(sources).map(([path, text]) => ({ path, text })), surroundings);
  expect(verify(result.program)).toEqual([]);
  const named = (name: string) => [...result.program.functions.values()].find((fn) => fn.name === name)!;
  return { ...result, text: (name: string) => printFunction(named(name)), named };
}

test('a table of data is known by its first thousand elements, a list of anything else by all', async () => {
  const list = (last: string) => `export function f() { return [${'7, '.repeat(1500)}${last}]; }\nexport function g() { return 1; }\n`;
  const data = await lower({ 'a.ts': list('7') });
  expect(data.text('f')).toContain('999: 7, ...}');
  const mixed = await lower({ 'a.ts': list('g()') });
  expect(mixed.text('f')).toContain('1499: 7, 1500: ');
});

describe('names across files', () => {
  const caller = (from: string, call = 'open()') => `import { open } from '${from}';\nexport async function start() { await ${call}; }\n`;
  test.each([
    ['a relative path', { 'src/a.ts': caller('./b'), 'src/b.ts': 'export async function open() {}' }, {}],
    ['a path as it will be compiled', { 'src/a.ts': caller('./b.js'), 'src/b.ts': 'export async function open() {}' }, {}],
    ['the index of a folder', { 'src/a.ts': caller('./net'), 'src/net/index.ts': 'export async function open() {}' }, {}],
    ['a name handed on', { 'src/a.ts': caller('./c'), 'src/c.ts': "export { dial as open } from './b';", 'src/b.ts': 'export async function dial() {}' }, {}],
    ['all names handed on', { 'src/a.ts': caller('./c'), 'src/c.ts': "export * from './b';", 'src/b.ts': 'export async function open() {}' }, {}],
    ['a package of the workspace', { 'packages/a/src/a.ts': caller('@net/b'), 'packages/b/src/index.ts': 'export async function open() {}' }, { 'packages/b/package.json': '{ "name": "@net/b" }' }],
    ['the paths of a project', { 'src/a.ts': caller('~/net/b'), 'src/net/b.ts': 'export async function open() {}' }, { 'tsconfig.json': '{ // with comments\n "extends": "./base.json", }', 'base.json': '{ "compilerOptions": { "paths": { "~/*": ["./src/*"] } } }' }],
    ['a module in plain JavaScript', { 'src/a.js': "const { open } = require('./b');\nexports.start = async function () { await open(); };", 'src/b.js': 'async function open() {}\nmodule.exports = { open };' }, {}],
  ])('%s', async (_, sources, files) => {
    const { text, gaps } = await lower(sources, around(files));
    expect(gaps).toEqual([]);
    expect(text('start')).toMatch(/= call (?:b|index)\.[jt]s\.(?:open|dial)\(\)/);
  });

  test('a project that extends what is not there is a gap, and the sources are read', async () => {
    const { gaps, named } = await lower({ 'a.ts': 'export function f() {}' , 'b.ts': "import x from 'y'; x();" }, around({ 'tsconfig.json': '{ "extends": "./none.json" }' }));
    expect(gaps.map(({ at, reason }) => `${at.file}: ${reason}`)).toEqual(['tsconfig.json: extends none.json, which cannot be read']);
    expect(named('f')).toBeDefined();
  });

  test('a project that is broken, and one that extends itself, are gaps', async () => {
    const broken = await lower({ 'a.ts': "import 'x'; export const f = () => open('~/x');\nimport { y } from '~/y'; y();" }, around({ 'tsconfig.json': '{ "compilerOptions": ' }));
    expect(broken.gaps.map(({ reason }) => reason)).toEqual([expect.stringContaining('this project file is broken')]);
    const circular = await lower({ 'a.ts': "import { y } from '~/y'; y();" }, around({ 'tsconfig.json': '{ "extends": "./other.json" }', 'other.json': '{ "extends": "./tsconfig.json" }' }));
    expect(circular.gaps.map(({ at, reason }) => `${at.file} ${reason}`)).toEqual(['tsconfig.json extends itself']);
  });

  test('imports in a circle end', async () => {
    const { gaps } = await lower({ 'a.ts': "export * from './b'; export { x } from './b';", 'b.ts': "export * from './a'; import { x } from './a'; export class B extends x {} ; x.y();" });
    expect(gaps).toEqual([]);
  });
});

describe('names that everybody gives to one thing', () => {
  test('what settles a promise, handed on as a parameter or kept in an entry', async () => {
    const { text } = await lower({ 'a.js': 'export class Q { constructor() { this.waiters = new Map(); }\n wrap(resolve) { return (v) => { resolve(v); }; }\n done(id) { this.waiters.get(id).resolve(1); }\n async look(dns) { return await dns.resolve("x"); } }' });
    expect(text('Q.wrap.func1')).toContain('signal promise resolve');
    expect(text('Q.done')).toContain('signal promise this.waiters[id].resolve');
    expect(text('Q.look')).toContain('call unknown dns.resolve("x")');
  });

  test('a listener whose event is in the name of the method', async () => {
    const { text } = await lower({ 'a.ts': 'export function up(res: any) { res.onAborted(() => { res.done = true; }); res.only(() => {}); }' });
    expect(text('up')).toContain('spawn a.ts.up.func1() via on, repeated, fired by res "aborted"');
    expect(text('up')).toContain('call unknown res.only');
  });

  test('a lock of the project, by the name of its class', async () => {
    const { text } = await lower({ 'a.ts': "import { Mutex } from './elsewhere';\nexport class A { m = new Mutex(); block = new Block();\n async f() { const free = await this.m.lock(); try { await this.block.lock(); } finally { free(); } } }\nclass Block { async lock() {} }" });
    expect(text('A.f')).toMatch(/acquire this\.m\n[^]*call a\.ts\.Block\.lock\(this\.block\)[^]*deferred release this\.m/);
  });
});

describe('bad input', () => {
  const sources = {
    'an empty file': '',
    'nothing but a comment': '// nothing\n',
    'a shebang and a byte order mark': '\ufeff#!/usr/bin/env node\nexport const a = 1;\n',
    'a cut function': 'export async function f() { await g(; if (x) {',
    'a cut class': 'export class C { async m() { this.x = await',
    'decorators': '@sealed\nexport class C { @inject() dep: any; @get("/x") async m(@body() b: any) { this.dep = await b; } }\n',
    'newer syntax': 'export async function f() { await using x = open(); using y = shut(); return import.defer("x"); }\nimport data from "./d.json" with { type: "json" };\nclass A { accessor x = 1; static { A.y = 2; } static y = 1; }\n',
    'with and labels': 'outer: for (const x of y) { inner: { break inner; } continue outer; }\nbreak; continue away;\n',
    'jumps through finally': 'function f() { for (;;) { try { try { continue; } finally { break; } } finally { return 1; } } }\n',
    'an object that names itself': 'const a = { b() { return this.c(); }, c() { return a.b(); }, d: a };\n',
    'types that name themselves': 'type A = B; type B = A; let x: A; class C extends C {} class D extends E {} class E extends D { m() { this.n(); super.m(); } }\nlet y = y + 1; const z = z();\n',
    'a generator that yields itself': 'function* g() { yield* g(); const x = yield; x.y = yield x; }\n',
    'patterns': 'const { a: { b = 1, ...c }, [d()]: e } = f(); [g, , ...h] = i; ({ j: k.l, m = 2 } = n); for (const [o, { p }] of q) {}\n',
    'optional chains': 'a?.b?.[c]?.(d)?.e(); delete a?.b; new (x?.y)(); a?.b!.c();\n',
    'twins': 'function f() {}\nfunction f() {}\nclass C { m() {} m() {} }\nclass C {}\nvar f = () => {}; var f = () => {};\n',
    'long chains': `export const s = 0${' + a'.repeat(20000)};\nif (a${' && b'.repeat(5000)}) c();\n`,
    'nesting nobody writes': `export const s = ${'('.repeat(20000)}1${')'.repeat(20000)};\n`,
    'calls nested too deeply': `${'f('.repeat(8000)}${')'.repeat(8000)};\n`,
    'a chain of calls': `p${'.then(f)'.repeat(3000)};\n`,
    'deep finally': `async function f() { ${'try { await g(); return 1; } finally { '.repeat(30)}h();${' }'.repeat(30)} }\n`,
    'prototypes': 'function P() { this.a = 1 }\nP.prototype = { m: function () { this.a++ }, n() {} };\nP.prototype.o = () => {};\nObject.assign(P.prototype, {});\nthis.x = 1; (function () { this.y = 2 })();\n',
  };
  for (const [name, text] of Object.entries(sources)) {
    for (const path of ['p.ts', 'p.js', 'p.tsx']) {
      test(`${name} (${path})`, async () => {
        const { program } = await lower({ [path]: text });
        expect(program.functions.size).toBeGreaterThan(0);
      });
    }
  }

  test('what is cut short is a gap where it is cut', async () => {
    const { gaps, named } = await lower({ 'a.ts': 'export function whole() {}\nexport function cut() {' });
    expect(gaps.map(({ at, reason }) => `${at.file}:${at.line} ${reason}`)).toEqual(["a.ts:2 syntax error: '}' expected."]);
    expect(named('whole')).toBeDefined();
  });

  test('JSX needs no React', async () => {
    const { text, gaps } = await lower({ 'a.tsx': 'export function View(props: { load(): Promise<void> }) { return <a href={find()} onClick={async () => { await props.load(); }}>{count()}<b.c /></a>; }\n' });
    expect(gaps).toEqual([]);
    expect(text('View')).toContain('unknown find()');
    expect(text('View.func1')).toContain('suspend await');
  });

  test('a handler in JSX runs each time its event comes, also while it waits', async () => {
    const path = 'a.tsx';
    const { findings } = await analyze([{ path, text: 'export function Button(props: { login(): Promise<void> }) {\n  let sent = false;\n  return <a onClick={async () => {\n    if (sent) return;\n    await props.login();\n    sent = true;\n  }} title={name()} />;\n}\n' }]);
    expect(findings.map(({ rule, at }) => `${rule} ${at.line}`)).toEqual(['late-claim 6']);
    expect(findings[0]!.evidence[0].steps[0]!.text).toBe('each "click" runs it (onClick)');
  });

  test.each([['PeerMap', ['check-then-act 5']], ['AsyncMap', []], ['Roadmap', []]])('a class of a library is a table when it calls itself one (%s)', async (name, told) => {
    const { findings } = await analyze([{ path: 'a.ts', text: `import { ${name} } from 'peer-collections';\nexport class Sessions {\n  private readonly open = new ${name}<string>();\n  async get(peer: string, dial: (peer: string) => Promise<string>) {\n    if (!this.open.has(peer)) this.open.set(peer, await dial(peer));\n    return this.open.get(peer);\n  }\n}\n` }]);
    expect(findings.map(({ rule, at }) => `${rule} ${at.line}`)).toEqual(told);
  });

  test('lines that end as on Windows, and columns in UTF-16', async () => {
    const { named } = await lower({ 'a.ts': 'export const 𝒳 = 1;\r\n/* 𝒳𝒳 */ export function later() {}\r\n' });
    expect(named('later').at).toMatchObject({ line: 2, column: 28 });
  });
});

describe('project files', () => {
  test.each([
    ['a file that is no JSON', { 'tsconfig.json': '{ "compilerOptions": {' }, ['tsconfig.json:1 this project file is broken']],
    ['a base that is not there', { 'tsconfig.json': '{ "extends": "./base.json" }' }, ['tsconfig.json:1 extends base.json, which cannot be read']],
    ['a base that extends itself', { 'tsconfig.json': '{ "extends": "./b" }', 'b.json': '{ "extends": "./tsconfig" }' }, ['tsconfig.json:1 extends itself']],
    ['a reference that leads nowhere', { 'tsconfig.json': '{ "references": [{ "path": "./net" }] }' }, ['tsconfig.json:1 refers to net/tsconfig.json, which cannot be read']],
    ['references in a circle', { 'tsconfig.json': '{ "references": [{ "path": "./net" }] }', 'net/tsconfig.json': '{ "references": [{ "path": ".." }] }' }, ['net/tsconfig.json:1 refers to tsconfig.json, which refers back to it']],
    ['what is not what it should be', { 'tsconfig.json': '{ "extends": 7, "references": [null, 1, { "path": 2 }], "compilerOptions": [] }' }, []],
    ['nothing wrong', { 'tsconfig.json': '// comments are allowed\n{ "extends": "@tsconfig/node20", "references": [{ "path": "./net" }] }', 'net/tsconfig.json': '{}' }, []],
  ])('%s is told, whether an import asks or not', async (_name, files: Readonly<Record<string, string>>, expected: readonly string[]) => {
    const { gaps } = await lower({ 'src/a.ts': 'export const a = 1;\n' }, around(files));
    expect(gaps.map(({ at, reason }) => `${at.file}:${at.line} ${reason}`.slice(0, (expected[0] ?? '').length || undefined))).toEqual(expected);
  });
});

test('a cursor that many cases move on is followed in bounded time', async () => {
  const cases = Array.from({ length: 40 }, (_, index) => `case ${index}: length = buffer[offset++]; offset += length + ${index}; break;`).join('\n');
  const { findings } = await analyze([{ path: 'a.js', text: `module.exports = function parse(buffer) { let offset = 0; let length; while (offset < buffer.length) { switch (buffer[offset++]) { ${cases} } } return offset; };\n` }]);
  expect(findings).toEqual([]);
});

test('members of an enumeration are constants, also from another file', async () => {
  const { text } = await lower({ 'state.ts': "export enum State { Idle = 'idle', Ready }\nexport enum Level { Low, High = 5, Top }\n", 'a.ts': "import { Level, State } from './state';\nexport function set(x: { state?: State; level?: Level }) { x.state = State.Idle; x.level = Level.Low; x.level = Level.Top; x.state = State.Ready; }\n" });
  expect([...text('set').matchAll(/write x\.\w+ = (\S+)/g)].map(([, value]) => value)).toEqual(['"idle"', '0', '6', '?']);
});

test('the order of the sources does not matter', async () => {
  const sources = { 'a.ts': "import { B } from './b'; export class A extends B { m() { this.x++; } }", 'b.ts': 'export class B { x = 0; y = new Map<string, number>(); }', 'c.js': "const { A } = require('./a'); module.exports = new A();" };
  const one = await lower(sources);
  const other = await lower(Object.fromEntries(Object.entries(sources).reverse()));
  expect(printProgram(other.program)).toBe(printProgram(one.program));
});

test('Go and TypeScript are read in one run', async () => {
  const { programs, gaps } = await analyze([
    { path: 'server/main.go', text: 'package main\nfunc main() { go serve() }\nfunc serve() {}\n' },
    { path: 'client/main.ts', text: 'export async function dial() { await open(); }\nasync function open() {}\n' },
  ]);
  expect(gaps).toEqual([]);
  expect(programs.map(({ language, scheduling, functions }) => [language, scheduling, functions.size])).toEqual([['go', 'preemptive', 2], ['typescript', 'cooperative', 3]]);
});
