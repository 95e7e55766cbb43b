/**
 * The doors through which somebody else's bytes come in, and what must hold behind each of them whatever comes. A door
 * answers how many steps it took and what is wrong; wrong is also what throws. `api` is Deadheat itself: what was built,
 * or its sources.
 */
import { isDeepStrictEqual } from 'node:util';
import { grammars } from './grammars.mjs';

/**
 * The bound on the work: what the front-ends make of a text (functions, blocks, operations) is linear in its length, the
 * explorer keeps to its budget, and what is told is linear in what was made. A text that takes more is a failure.
 */
const mostMade = (length) => 3_000 + 60 * length;
const mostExplored = (operations) => 1_000_000 + 2 * operations + 80_000 + 0.1 * operations + 2 * 200_000;
const mostTold = (made) => 2_000 + 60 * made;

const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
/** What nobody's own text may hold raw: the formats that people read in a terminal, a browser, a review or a log. */
const shown = ['text', 'unix', 'markdown', 'summary', 'github'];

/**
 * `shelf`: real texts by their ending; `api`: what `apiOf` loads. Each door has the weight of its share of the inputs: a whole
 * analysis takes as long as some hundred small texts, so code gets fewer.
 */
export function doors(api, shelf) {
  const code = (path, words, grammar, weight, prepare) => ({
    name: path.slice(path.lastIndexOf('.') + 1), weight, seeds: shelf(path), words, grammar,
    check: (text, index) => analysed(api, prepare === undefined ? { sources: [{ path, text }] } : prepare(text), text, index, path),
  });
  return [
    code('a.go', goWords, grammars.go, 10),
    code('a.ts', tsWords, grammars.ts, 7),
    { ...code('a.js', tsWords, grammars.ts, 3), seeds: shelf('a.ts') },
    code('a.md', [...goWords, ...tsWords, '```go\n', '```ts\n', '```\n', '> ', '- ', '    '], grammars.markdown, 2),
    { name: 'manifests', weight: 3, seeds: manifestSeeds, words: manifestWords, grammar: grammars.manifest, check: (text, index) => analysed(api, withManifests(text, index), text, index, '') },
    { name: 'order files', weight: 60, seeds: orderSeeds, words: [...lockWords, 'before', 'after', '->'], grammar: grammars.order, check: (text, index) => orderFile(api, text, index) },
    { name: 'comments', weight: 3, seeds: [...orderSeeds, ...contractSeeds], words: lockWords, grammar: grammars.order, check: (text, index) => analysed(api, { sources: [{ path: 'a.go', text: commented(text) }] }, text, index, '') },
    { name: 'suppressions', weight: 200, seeds: suppressionSeeds, words: suppressionWords, grammar: grammars.directive, check: (text) => directive(api, text) },
    { name: 'suppressed code', weight: 3, seeds: suppressionSeeds, words: suppressionWords, grammar: grammars.directive, check: (text, index) => analysed(api, { sources: [{ path: 'a.go', text: `package p\n\nimport "sync"\n\nvar mu sync.Mutex\n\nfunc f() {\n\tmu.Lock()\n\t${text}\n\tmu.Lock() ${text}\n}\n` }] }, text, index, '') },
    { name: 'configuration', weight: 110, seeds: configSeeds, words: configWords, grammar: grammars.config, check: (text, index) => configuration(api, text, index) },
    { name: 'baseline', weight: 150, seeds: baselineSeeds, words: configWords, grammar: grammars.baseline, check: (text) => baseline(api, text) },
    { name: 'cache entries', weight: 60, seeds: cacheSeeds, words: configWords, grammar: undefined, check: (text, index) => cacheEntry(api, text, index) },
    { name: 'ignore files', weight: 150, seeds: ignoreSeeds, words: ['*', '**', '/', '[a-z]', '!', '\\', 'a', 'vendor'], grammar: grammars.ignores, check: (text) => ignoreFile(api, text) },
    { name: 'path patterns', weight: 80, seeds: ['**/*.go', 'a/**/b', '*', 'internal/?'], words: ['*', '**', '/', '?', 'a'], grammar: grammars.ignores, check: (text) => pathPattern(api, text) },
  ];
}

const goWords = 'func type struct interface map chan go defer select case default switch for range if else return break continue goto fallthrough package import const var := = <- { } ( ) [ ] . , ; * & ! + == sync.Mutex mu.Lock() mu.Unlock() wg.Add(1) close(ch) make(chan nil iota any ~ ... T A B "s" `r` \'c\' 0x1p-2 1_000 // /* */ \n'.split(' ');
const tsWords = 'class extends async await function yield return try catch finally throw for while do switch case default break continue const let var new this super import export from static get set of in instanceof typeof void delete => { } ( ) [ ] . ?. ?? , ; : = == ! # @ ... ` ${ < > </ /* // \' " null Promise Mutex acquire() then( using enum namespace declare abstract satisfies as infer \n'.split(' ');
const manifestWords = 'module go require replace => use ( ) exclude retract v1.2.3 ../.. . / // "a" { } [ ] : , extends paths exports import default main name workspaces __proto__ \n'.split(' ');
const lockWords = 'lock mutex mu s.mu held hold caller callers must be not never while before after acquired taken on entry returns with the must not +checklocks:mu +checklocksread:mu guarded by protected by without holding assumes if unless . ; , \n'.split(' ');
const suppressionWords = '// /* */ deadheat:ignore deadheat:ignore-file nolint nolint: lint:ignore #nosec eslint-disable eslint-enable -- until= 2026-01-01 , double-lock all \n'.split(' ');
const configWords = '{ } [ ] : , " \' - true false null 1 __proto__ constructor select ignore levels overrides paths models locks *a &a !!js << ? | > # --- ... findings schema fingerprint rule file deadheat/baseline/v1 \n \t'.split(' ');

const manifestSeeds = ['module example.com/m\n\ngo 1.22\n\nrequire (\n\texample.com/a v1.0.0\n\texample.com/b v0.0.0-2020 // indirect\n)\n\nreplace example.com/a => ../a\n', 'go 1.22\n\nuse (\n\t.\n\t./sub\n)\n', '{ "name": "m", "type": "module", "exports": { ".": { "import": "./a.ts", "default": "./b.ts" }, "./x/*": "./x/*.ts" }, "dependencies": { "a": "*" }, "workspaces": ["packages/*"] }', '{ "extends": "./base.json", "compilerOptions": { "baseUrl": ".", "paths": { "@/*": ["./*"], "x": ["../x"] } } // why\n}', '# example.com/a v1.0.0\n## explicit; go 1.22\nexample.com/a\n'];
const orderSeeds = ['# Lock order\n\nPool.mu -> Conn.mu -> Stream.mu\n', 'Lock ordering: registry, then session, then the peer lock.\nNever take s.mu while holding s.peers.\n', 'A.mu must be acquired before B.mu.\nB.mu must never be held while acquiring A.mu; C.mu should always be taken after B.mu\n'];
const contractSeeds = ['The caller must hold s.mu.', 'f must be called with the lock held for reading, unless the server is closed.', 'Lock must not be held on entry.\n+checklocks:s.mu\n+checklocksacquire:s.mu', 'returns with s.mu held; the caller must be unlocked', 'n is guarded by mu. Protected by the pool lock.', 'assumes that s.mu is already locked, and does not acquire the connection lock'];
const suppressionSeeds = ['// deadheat:ignore double-lock -- taken on purpose until=2099-01-01', '//nolint:govet,copylocks // because', '//lint:ignore SA2001 empty on purpose', '/* eslint-disable no-await-in-loop, require-atomic-updates -- old */', '// #nosec G104 G301 -- fine', '// goconcurrencylint:ignore GCL1001, GCL1002 why', '//revive:disable:datarace', '// nosemgrep: go.lang.x.y, z', '// biome-ignore lint/suspicious/noAsyncPromiseExecutor: x'];
const configSeeds = ['failOn: error\ntests: true\nselect: [deadlock, "double-*"]\nlevels: { double-lock: note }\noverrides:\n  - paths: ["internal/**"]\n    ignore: [data-race]\n    minConfidence: high\nlockOrder:\n  - [Pool.mu, Conn.mu]\n', 'models:\n  locks: [{ type: example.com/spin.Lock, lock: [Enter], unlock: [Leave] }]\n  spawners: [{ function: example.com/pool.Submit, callee: 0, repeated: true }]\n  acquires: [{ function: example.com/spin.Take, lock: receiver }]\nexclude: ["*.pb.go"]\nbaseline: deadheat-baseline.json\n', '{\n  "failOn": "never", // why\n  "exclude": ["a/**"],\n  "models": { "blocking": [{ "function": "a.B", "reason": "waits" }] },\n}\n', 'a: &a [x, x]\nb: &b [*a, *a]\nignore: [*b]\n'];
const baselineSeeds = ['{\n  "schema": "deadheat/baseline/v1",\n  "findings": [\n    {"fingerprint":"a","rule":"double-lock","file":"a.go","function":"f","message":"m"},\n    {"fingerprint":"b","rule":"data-race","file":"b/c.go","function":"","message":""}\n  ]\n}\n', '{ "schema": "deadheat/baseline/v1", "findings": [] }'];
const ignoreSeeds = ['# made\nbuild/\n/dist\n*.gen.go\n!keep.gen.go\n**/testdata/**\na/**/b\n[a-z]?.go\n\\#x\ny\\ \n'];
/** An answer as the cache keeps it, without its digest. */
const cacheSeeds = ['{"around":{"texts":{"go.mod":null,"a/go.mod":"x"},"names":{".":"y"}},"answer":{"findings":[],"suppressed":[],"gaps":[],"coverage":{"lockOperations":{"resolved":0,"total":0},"calls":{"resolved":0,"total":0}},"files":1,"lines":2,"functions":0,"inventories":[],"exploration":{"confirmed":0,"refuted":0,"undecided":0,"explored":0,"steps":0},"failures":[],"unknown":[]}}'];

const commented = (text) => `package p\n\nimport "sync"\n\ntype S struct {\n\t${comment(text, '\t')}\n\tmu sync.Mutex\n\tn  int ${`// ${text.replace(/[\r\n\u2028\u2029]/g, ' ')}`}\n}\n\n${comment(text, '')}\nfunc (s *S) f() {\n\ts.mu.Lock()\n\ts.n++\n\ts.mu.Unlock()\n}\n\nfunc (s *S) g() { s.f() }\n`;
const comment = (text, indent) => text.split(/\r\n?|\n/).map((line) => `// ${line}`).join(`\n${indent}`);

function withManifests(text, index) {
  const named = { 'go.mod': index % 3 === 0 ? text : 'module example.com/m\n\ngo 1.22\n\nrequire example.com/a v1.0.0\n', 'go.work': index % 3 === 1 ? text : undefined, 'vendor/modules.txt': index % 3 === 2 ? text : undefined, 'package.json': text, 'tsconfig.json': text, 'node_modules/a/package.json': text, '../tsconfig.json': text };
  const read = (path) => named[path.replace(/^(?:\.\/)+/, '')];
  return { surroundings: { read, list: () => Object.keys(named) }, sources: [{ path: 'b.go', text: 'package p\n\nimport "example.com/a"\n\nfunc f() { a.F() }\n' }, { path: 'c.ts', text: "import { F } from 'a';\nimport { G } from '@/a';\nexport async function f() { await F(); G(); }\n" }] };
}

/** The door of all sources: the library as the command line calls it. */
async function analysed(api, { sources, surroundings }, text, index, path) {
  const problems = [];
  const given = { tests: true, today: '2026-01-01', ...(surroundings && { surroundings }), inventory: index % 16 === 0 };
  const analysis = await api.analyze(sources, given);
  const operations = [...analysis.programs.values()].reduce((sum, program) => sum + [...program.functions.values()].reduce((own, { blocks }) => own + blocks.reduce((all, block) => all + 1 + block.operations.length, 1), 0), 0);
  const told = analysis.findings.reduce((sum, { evidence }) => sum + evidence.reduce((all, { steps }) => all + steps.length, 1), 0) + analysis.gaps.length;
  const length = sources.reduce((sum, source) => sum + source.text.length, 0) + text.length;
  for (const { reason, stack } of analysis.failures) problems.push(`failure: ${reason}\n${stack.split('\n').slice(0, 6).join('\n')}`);
  for (const { reason } of analysis.gaps) if (/^this part was not understood: (?!nested|too )/.test(reason) || /could not be parsed: (?!Maximum call stack)/.test(reason)) problems.push(`caught: ${reason}`);
  if (operations > mostMade(length)) problems.push(`work: ${operations} parts of ${length} characters`);
  if (analysis.exploration.steps > mostExplored(operations)) problems.push(`work: ${analysis.exploration.steps} steps explored for ${operations} parts`);
  if (told > mostTold(operations) + length) problems.push(`work: ${told} things told of ${operations} parts`);
  const lost = path === '' ? undefined : api.lost(path, text, analysis);
  if (lost !== undefined) problems.push(`lost: ${lost}`);
  if (index % 8 === 0) {
    const again = await api.analyze([...sources].reverse(), given);
    const { programs: _, ...one } = analysis;
    const { programs: __, ...other } = again;
    if (JSON.stringify(one) !== JSON.stringify(other)) problems.push('not deterministic: the same text gave two answers');
  }
  if (index % 8 === 1) problems.push(...reported(api, analysis, sources));
  return { steps: operations + analysis.exploration.steps + told, problems };
}

/** Every format prints what was found, and nothing of the text reaches whoever looks as a command. */
function reported(api, analysis, sources) {
  const problems = [];
  const texts = new Map(sources.map(({ path, text }) => [path, text]));
  const report = {
    tool: { name: 'deadheat', version: '0' }, findings: analysis.findings, gaps: analysis.gaps, rules: [], inventories: analysis.inventories, unknown: [], sources: (file) => texts.get(file), exitCode: 0,
    summary: { files: analysis.files, lines: analysis.lines, functions: analysis.functions, findings: { error: 0, warning: 0, note: 0 }, suppressed: 0, gaps: analysis.gaps.length, coverage: analysis.coverage, durationMs: 0 },
  };
  for (const [name, format] of Object.entries(api.formats)) {
    if (name === 'html') continue;
    const printed = format(report, { width: 80, color: false, root: '/r', minimal: false });
    if (typeof printed !== 'string') problems.push(`format ${name}: no text`);
    else if (shown.includes(name) && controls.test(printed)) problems.push(`format ${name}: a raw control character ${JSON.stringify(controls.exec(printed)[0])}`);
    else if (name === 'json' || name === 'sarif') JSON.parse(printed);
  }
  return problems;
}

function orderFile(api, text, index) {
  const sentences = api.sentencesOfOrder(text, index % 2 === 0 ? 's.mu' : undefined);
  const problems = sentences.filter(({ names }) => names.length < 2).map(() => 'an order of less than two locks');
  if (sentences.length > 10 + text.length) problems.push('more sentences than letters');
  return { steps: text.length + sentences.length, problems, result: sentences };
}

function directive(api, text) {
  const written = api.readDirective(text);
  const problems = [];
  if (written?.ours === true && written.problem === undefined && (written.names.length === 0 || !written.reason)) problems.push('a suppression without rule or reason is no problem');
  return { steps: text.length, problems, result: written };
}

function configuration(api, text, index) {
  const file = ['deadheat.yaml', 'deadheat.json', 'deadheat.jsonc'][index % 3];
  const { config, problems: told, at } = api.readConfig(file, text);
  const problems = [];
  const lines = text.split('\n').length;
  for (const { at: place, message } of told) if (!(place.line >= 1 && place.line <= lines && place.column >= 1) || message === '') problems.push(`a mistake without a place: ${place.line} of ${lines}: ${message}`);
  if (told.length === 0) {
    at('overrides', 0, 'paths', 1);
    if (Object.getPrototypeOf(config) !== Object.prototype || 'polluted' in {}) problems.push('a prototype was reached');
    const plain = index % 3 === 1 ? JSON.parse(text.replace(/^\ufeff/, '') || '{}') ?? {} : undefined;
    if (plain !== undefined && !isDeepStrictEqual(JSON.parse(JSON.stringify(config)), plain)) problems.push('read as something else than it is');
  }
  return { steps: text.length + told.length, problems, result: { config, told } };
}

function baseline(api, text) {
  const entries = api.parseBaseline(text);
  const problems = [];
  if ('problem' in entries) {
    if (!(entries.line >= 1 && entries.line <= text.split('\n').length)) problems.push(`a mistake at line ${entries.line} of ${text.split('\n').length}`);
  } else {
    const printed = api.printBaseline(entries);
    if (api.printBaseline(api.parseBaseline(printed)) !== printed) problems.push('printed and read again it is another one');
    api.applyBaseline([{ fingerprint: 'a' }], entries);
  }
  return { steps: text.length, problems, result: entries };
}

/** Half of the entries are damaged as they lie, half are whole and hold something else than we wrote. */
async function cacheEntry(api, text, index) {
  const problems = [];
  const key = 'abcd';
  const store = api.store(key, text, index % 2 === 0);
  const found = store.get(key);
  const problem = index % 2 === 1 && found !== api.damaged && found !== undefined ? 'a damaged entry was believed' : undefined;
  if (problem !== undefined) problems.push(problem);
  const sources = [{ path: 'a.txt', text: '' }];
  const { answer } = await api.remembered(sources, { rules: [], frontEnds: [] }, { folder: 'cache', get: () => found, put: () => undefined });
  if (!Array.isArray(answer.findings) || !Array.isArray(answer.gaps) || !Array.isArray(answer.failures)) problems.push('an answer without findings or gaps');
  return { steps: text.length, problems };
}

function ignoreFile(api, text) {
  const says = api.ignorePatterns(text);
  const answers = ['a', 'a.go', 'vendor/a.go', 'a/b/c/d.go', '*', 'a b', 'x'.repeat(255)].map((path) => [says(path, false), says(path, true)]);
  return { steps: text.length, problems: [], result: answers };
}

function pathPattern(api, text) {
  return { steps: text.length, problems: [], result: ['a', 'a/b.go', '../a', 'x'.repeat(255), 'a/'.repeat(200)].map((path) => api.matchesPath(text, path)) };
}
