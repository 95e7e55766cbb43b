/**
 * How the time of a run grows with one construct: a source with n of it, twice and four times as many. What costs its
 * length shows a factor near 2 in the last column; constant parts and the warming of the engine make it less.
 *
 *   node bench/shapes.mjs [--only text] [--size n] [--json]
 */
import { parseArgs } from 'node:util';
import { needBuild, printSetting, setting, wholeNumber } from './run.mjs';

const usage = 'node bench/shapes.mjs [--only text] [--size n] [--json]';
const { values } = parseArgs({ options: { only: { type: 'string', default: '' }, size: { type: 'string', default: '250' }, json: { type: 'boolean', default: false } } });
const size = wholeNumber(values, 'size', 1, usage);
needBuild();
const { analyze } = await import('../dist/index.js');

const repeat = (n, make) => Array.from({ length: n }, (_, index) => make(index)).join('');
const withImports = (imports, body) => `package p\n\nimport (\n${imports.map((path) => `\t"${path}"\n`).join('')})\n\n${body}`;
const shapes = {
  go: {
    array: (n) => `package p\n\nvar a = []string{\n${repeat(n, (i) => `\t"w${i}",\n`)}}\n`,
    mapLit: (n) => `package p\n\nvar m = map[string]int{\n${repeat(n, (i) => `\t"w${i}": ${i},\n`)}}\n`,
    structLits: (n) => `package p\n\ntype T struct{ a int; f func() }\n\nvar m = []T{\n${repeat(n, (i) => `\t{a: ${i}, f: func() {}},\n`)}}\n`,
    callArgs: (n) => `package p\n\nfunc f(a ...int) {}\nfunc g() { f(${repeat(n, (i) => `${i}, `)}1) }\n`,
    switchCases: (n) => `package p\n\nfunc f(a int) int {\n\tswitch a {\n${repeat(n, (i) => `\tcase ${i}:\n\t\ta = ${i}\n`)}\t}\n\treturn a\n}\n`,
    elseIf: (n) => `package p\n\nfunc f(a int) int {\n${repeat(n, (i) => `${i?' else ':'\t'}if a == ${i} {\n\t\ta++\n\t}`)}\n\treturn a\n}\n`,
    ifs: (n) => `package p\n\nfunc f(a int) int {\n${repeat(n, (i) => `\tif a == ${i} {\n\t\ta++\n\t}\n`)}\n\treturn a\n}\n`,
    ifReturns: (n) => `package p\n\nfunc g() error { return nil }\nfunc f() error {\n${repeat(n, (i) => `\tif err := g(); err != nil {\n\t\treturn err\n\t}\n`)}\n\treturn nil\n}\n`,
    vars: (n) => `package p\n\nfunc f() {\n${repeat(n, (i) => `\tv${i} := ${i}\n\t_ = v${i}\n`)}}\n`,
    assigns: (n) => `package p\n\nfunc g() int { return 1 }\nfunc f() {\n\tx := 0\n${repeat(n, (i) => `\tx = g()\n\t_ = x\n`)}}\n`,
    ptrAssigns: (n) => `package p\n\ntype T struct{ a int }\nfunc f() *T {\n\tvar x *T\n${repeat(n, (i) => `\tx = &T{}\n\tx.a = ${i}\n`)}\treturn x\n}\n`,
    locks: (n) => withImports(['sync'], `type T struct {\n\tmu sync.Mutex\n\ta int\n}\n\nfunc (t *T) f() {\n${repeat(n, (i) => `\tt.mu.Lock()\n\tt.a++\n\tt.mu.Unlock()\n`)}}\n`),
    lockMethods: (n) => withImports(['sync'], `type T struct {\n\tmu sync.Mutex\n\ta int\n}\n\n${repeat(n, (i) => `func (t *T) F${i}() {\n\tt.mu.Lock()\n\tdefer t.mu.Unlock()\n\tt.a++\n}\n`)}`),
    bareMethods: (n) => withImports(['sync'], `type T struct {\n\tmu sync.Mutex\n\ta int\n}\n\n${repeat(n, (i) => `func (t *T) F${i}() {\n\tt.mu.Lock()\n\tt.a++\n\tt.mu.Unlock()\n\t_ = t.a\n}\n`)}`),
    structs: (n) => withImports(['sync'], repeat(n, (i) => `type T${i} struct {\n\tmu sync.Mutex\n\ta int\n}\n\nfunc (t *T${i}) F() {\n\tt.mu.Lock()\n\tt.a++\n\tt.mu.Unlock()\n}\n`)),
    fields: (n) => withImports(['sync'], `type T struct {\n\tmu sync.Mutex\n${repeat(n, (i) => `\tf${i} int\n`)}}\n${repeat(n, (i) => `func (t *T) F${i}() {\n\tt.mu.Lock()\n\tt.f${i}++\n\tt.mu.Unlock()\n}\n`)}`),
    chain: (n) => `package p\n\n${repeat(n, (i) => `func f${i}() { f${i+1}() }\n`)}func f${n}() {}\n`,
    lockChain: (n) => withImports(['sync'], `var mu sync.Mutex\n${repeat(n, (i) => `func f${i}() { f${i+1}() }\n`)}func f${n}() { mu.Lock(); mu.Unlock() }\n`),
    star: (n) => withImports(['sync'], `type T struct {\n\tmu sync.Mutex\n\ta int\n}\nfunc (t *T) g() { t.mu.Lock(); t.a++; t.mu.Unlock() }\n${repeat(n, (i) => `func F${i}(t *T) { t.g() }\n`)}`),
    goes: (n) => `package p\n\nfunc g(x int) {}\nfunc f() {\n${repeat(n, (i) => `\tgo g(${i})\n`)}}\n`,
    goLits: (n) => `package p\n\nfunc f() {\n\tx := 0\n${repeat(n, (i) => `\tgo func() { x = ${i} }()\n`)}\t_ = x\n}\n`,
    goFns: (n) => withImports(['sync'], `type T struct {\n\tmu sync.Mutex\n\ta int\n}\n${repeat(n, (i) => `func (t *T) run${i}() { for { t.mu.Lock(); t.a++; t.mu.Unlock() } }\nfunc (t *T) Start${i}() { go t.run${i}() }\n`)}`),
    chans: (n) => `package p\n\nfunc f() {\n${repeat(n, (i) => `\tc${i} := make(chan int)\n\tgo func() { c${i} <- 1 }()\n\t<-c${i}\n`)}}\n`,
    selectArms: (n) => `package p\n\nfunc f(c []chan int) {\n${repeat(Math.min(n,100000), (i) => `\tc${i} := c[${i}]\n`)}\tselect {\n${repeat(n, (i) => `\tcase <-c${i}:\n`)}\t}\n}\n`,
    sends: (n) => `package p\n\ntype T struct{ c chan int }\n${repeat(n, (i) => `func (t *T) S${i}() { t.c <- ${i} }\n`)}func (t *T) Close() { close(t.c) }\n`,
    defers: (n) => `package p\n\nfunc g() {}\nfunc f() {\n${repeat(n, (i) => `\tdefer g()\n`)}}\n`,
    ifaces: (n) => `package p\n\ntype I interface{ M() }\n${repeat(n, (i) => `type T${i} struct{}\nfunc (T${i}) M() {}\n`)}func f(i I) { i.M() }\n`,
    ifaceCalls: (n) => `package p\n\ntype I interface{ M() }\n${repeat(n, (i) => `type T${i} struct{}\nfunc (T${i}) M() {}\nfunc f${i}(i I) { i.M() }\n`)}`,
    globals: (n) => `package p\n\n${repeat(n, (i) => `var g${i} int\nfunc F${i}() { g${i}++ }\n`)}`,
    consts: (n) => `package p\n\nconst (\n${repeat(n, (i) => `\tC${i} = iota\n`)})\n`,
    lits: (n) => `package p\n\nfunc g(f func()) {}\nfunc f() {\n${repeat(n, (i) => `\tg(func() {})\n`)}}\n`,
    comments: (n) => `package p\n\n${repeat(n, (i) => `// f${i} must be called with the lock held.\nfunc f${i}() {}\n`)}`,
    directives: (n) => `package p\n\n${repeat(n, (i) => `//deadheat:ignore double-lock because\nfunc f${i}() {}\n`)}`,
    nolint: (n) => `package p\n\n${repeat(n, (i) => `func f${i}() {} //nolint:errcheck // because\n`)}`,
    strcat: (n) => `package p\n\nvar s = ""${repeat(n, (i) => ` +\n\t"w${i}"`)}\n`,
    doubleLocks: (n) => withImports(['sync'], `type T struct {\n\tmu sync.Mutex\n\ta int\n}\n${repeat(n, (i) => `func (t *T) F${i}() {\n\tt.mu.Lock()\n\tt.mu.Lock()\n}\n`)}`),
    lockOrder: (n) => withImports(['sync'], `type T struct {\n${repeat(n, (i) => `\tm${i} sync.Mutex\n`)}}\n${repeat(n, (i) => `func (t *T) F${i}() {\n\tt.m${i}.Lock()\n\tt.m${(i+1)%n}.Lock()\n\tt.m${(i+1)%n}.Unlock()\n\tt.m${i}.Unlock()\n}\n`)}`),
    loops: (n) => `package p\n\nfunc f() int {\n\ts := 0\n${repeat(n, (i) => `\tfor i := 0; i < 10; i++ {\n\t\ts += i\n\t}\n`)}\treturn s\n}\n`,
    wg: (n) => withImports(['sync'], `func f() {\n\tvar wg sync.WaitGroup\n\tvar e error\n${repeat(n, (i) => `\twg.Add(1)\n\tgo func() {\n\t\tdefer wg.Done()\n\t\t_ = e\n\t}()\n`)}\twg.Wait()\n}\n`),
    wgNever: (n) => withImports(['sync'], `func f() {\n\tvar wg sync.WaitGroup\n${repeat(n, (i) => `\twg.Add(1)\n\tgo func() {\n\t\tprintln(${i})\n\t}()\n`)}\twg.Wait()\n}\n`),
    once: (n) => withImports(['sync'], `${repeat(n, (i) => `var o${i} sync.Once\nfunc F${i}() { o${i}.Do(func() {}) }\n`)}`),
    atomics: (n) => withImports(['sync/atomic'], `type T struct{ n int64 }\n${repeat(n, (i) => `func (t *T) F${i}() { if atomic.LoadInt64(&t.n) == ${i} { atomic.StoreInt64(&t.n, 1) } }\n`)}`),
    ctx: (n) => withImports(['context'], `${repeat(n, (i) => `func F${i}(ctx context.Context) {\n\tctx, cancel := context.WithCancel(ctx)\n\tdefer cancel()\n\t<-ctx.Done()\n}\n`)}`),
    handlers: (n) => withImports(['net/http'], `var x int\n${repeat(n, (i) => `func h${i}(w http.ResponseWriter, r *http.Request) { x++ }\n`)}func init() {\n${repeat(n, (i) => `\thttp.HandleFunc("/${i}", h${i})\n`)}}\n`),
    maps: (n) => withImports(['sync'], `type T struct {\n\tmu sync.Mutex\n\tm map[int]int\n}\n${repeat(n, (i) => `func (t *T) F${i}() { t.mu.Lock(); t.m[${i}] = 1; t.mu.Unlock() }\nfunc (t *T) G${i}() int { return t.m[${i}] }\n`)}`),
  },
  ts: {
    array: (n) => `export const a = [\n${repeat(n, (i) => `  'w${i}',\n`)}];\n`,
    object: (n) => `export const o = {\n${repeat(n, (i) => `  k${i}: 'w${i}',\n`)}};\n`,
    objectFns: (n) => `export const o = {\n${repeat(n, (i) => `  k${i}() { return 1; },\n`)}};\n`,
    callArgs: (n) => `function f(...a: number[]) {}\nf(${repeat(n, (i) => `${i}, `)}1);\n`,
    switchCases: (n) => `export function f(a: number) {\n  switch (a) {\n${repeat(n, (i) => `    case ${i}: a = ${i}; break;\n`)}  }\n  return a;\n}\n`,
    elseIf: (n) => `export function f(a: number) {\n${repeat(n, (i) => `${i?' else ':'  '}if (a === ${i}) { a++; }`)}\n  return a;\n}\n`,
    ifs: (n) => `export function f(a: number) {\n${repeat(n, (i) => `  if (a === ${i}) { a++; }\n`)}\n  return a;\n}\n`,
    awaits: (n) => `export class C {\n  x = 0;\n  async f() {\n${repeat(n, (i) => `    await g();\n    this.x = ${i};\n`)}  }\n}\nasync function g() {}\n`,
    methods: (n) => `export class C {\n  x?: string;\n${repeat(n, (i) => `  async f${i}() {\n    if (this.x === undefined) {\n      this.x = await g();\n    }\n    return this.x;\n  }\n`)}}\nasync function g() { return 'a'; }\n`,
    funcs: (n) => repeat(n, (i) => `export async function f${i}() { return await f${i+1>=n?0:i+1}(); }\n`),
    thens: (n) => `export function f() {\n  return g()${repeat(n, (i) => `\n    .then((x) => x + ${i})`)};\n}\nasync function g() { return 1; }\n`,
    vars: (n) => `export function f() {\n${repeat(n, (i) => `  let v${i} = ${i};\n`)}  return v0;\n}\n`,
    lets: (n) => `${repeat(n, (i) => `let v${i} = 0;\nexport async function f${i}() { if (v${i} === 0) { await g(); v${i} = 1; } }\n`)}async function g() {}\n`,
    assigns: (n) => `function g() { return 1; }\nexport function f() {\n  let x = 0;\n${repeat(n, (i) => `  x = g();\n`)}  return x;\n}\n`,
    tries: (n) => `export async function f() {\n${repeat(n, (i) => `  try { await g(); } catch { }\n`)}}\nasync function g() {}\n`,
    tryFinally: (n) => `export async function f() {\n${repeat(n, (i) => `  try { await g(); } finally { h(); }\n`)}}\nasync function g() {}\nfunction h() {}\n`,
    classes: (n) => repeat(n, (i) => `export class C${i} {\n  x = 0;\n  async f() { await g(); this.x++; }\n}\n`)+'async function g() {}\n',
    inherit: (n) => repeat(n, (i) => `export class C${i}${i?` extends C${i-1}`:''} {\n  f${i}() { return 1; }\n}\n`),
    timers: (n) => `export class C {\n  n = 0;\n  start() {\n${repeat(n, (i) => `    setInterval(() => { this.n++; }, ${i});\n`)}  }\n}\n`,
    listeners: (n) => `import { EventEmitter } from 'node:events';\nexport class C extends EventEmitter {\n  n = 0;\n  start() {\n${repeat(n, (i) => `    this.on('e${i}', async () => { await g(); this.n++; });\n`)}  }\n}\nasync function g() {}\n`,
    template: (n) => `export const s = \`${repeat(n, (i) => `\${w} `)}\`;\nconst w = 1;\n`,
    strcat: (n) => `export const s = ''${repeat(n, (i) => ` +\n  'w${i}'`)};\n`,
    comments: (n) => repeat(n, (i) => `/** must be called with the lock held */\nexport function f${i}() {}\n`),
    disables: (n) => repeat(n, (i) => `// deadheat-ignore-next-line double-lock -- because\nexport function f${i}() {}\n`),
    imports: (n) => repeat(n, (i) => `import { a${i} } from './b${i}.js';\n`)+`export const x = [${repeat(n, (i) => `a${i}, `)}];\n`,
    enums: (n) => `export enum E {\n${repeat(n, (i) => `  A${i},\n`)}}\n export const x = [${repeat(n, (i) => `E.A${i}, `)}];\n`,
    maps: (n) => `const m = new Map<string, Promise<number>>();\n${repeat(n, (i) => `export async function f${i}(k: string) { if (!m.has(k)) { await g(); m.set(k, g()); } return m.get(k); }\n`)}async function g() { return 1; }\n`,
    newPromise: (n) => repeat(n, (i) => `export function f${i}() { return new Promise((resolve) => { setTimeout(resolve, ${i}); }); }\n`),
  },
};

const rows = [];
if (!values.json) printSetting(setting());
for (const [extension, makers] of Object.entries(shapes)) for (const [name, make] of Object.entries(makers)) {
  const shape = `${extension} ${name}`;
  if (!shape.includes(values.only)) continue;
  const row = { shape, times: [], failures: 0 };
  for (const times of [1, 2, 4]) {
    const text = make(size * times);
    const started = performance.now();
    const { failures } = await analyze([{ path: `p/a.${extension}`, text }], { threads: 1 });
    row.times.push(performance.now() - started);
    row.failures += failures.length;
  }
  rows.push(row);
  if (!values.json) console.log(`${shape.padEnd(20)} ${row.times.map((time) => `${time.toFixed(0)} ms`.padStart(9)).join('')}   ${(row.times[2] / row.times[1]).toFixed(2)}${row.failures > 0 ? `   ${row.failures} internal failures` : ''}`);
}
if (values.json) console.log(JSON.stringify({ ...setting(), size, rows }, null, 2));
