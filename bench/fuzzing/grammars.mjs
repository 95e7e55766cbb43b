/** Grammars of what the doors read, as fast-check makes them: deep where people write flat, circular where they do not. */
import fc from 'fast-check';

const oneOf = (...texts) => fc.constantFrom(...texts);
const joined = (arbitrary, separator, maxLength = 4) => fc.array(arbitrary, { maxLength }).map((parts) => parts.join(separator));
const made = (parts, write) => fc.tuple(...parts).map((values) => write(...values));

/** Go: few names, so that they meet; types that hold and embed themselves and each other; generics that grow. */
const { goFile } = fc.letrec((tie) => ({
  type: fc.oneof({ depthSize: 'small', withCrossShrink: true }, oneOf('int', 'A', 'B', 'C', 'any', 'error', 'sync.Mutex', 'sync.RWMutex', 'sync.WaitGroup', 'chan int', 'T', 'context.Context'),
    made([tie('type')], (type) => `*${type}`), made([tie('type')], (type) => `[]${type}`), made([tie('type'), tie('type')], (key, value) => `map[${key}]${value}`), made([tie('type')], (type) => `chan ${type}`),
    made([tie('type'), tie('type')], (one, other) => `G[${one}, ${other}]`), made([tie('type')], (type) => `func(${type}) ${type}`), made([joined(tie('field'), '; ')], (fields) => `struct { ${fields} }`), made([tie('type')], (type) => `interface { m(${type}); A }`)),
  field: fc.oneof(made([oneOf('a', 'b', 'mu', 'c', '_'), tie('type')], (name, type) => `${name} ${type}`), oneOf('A', '*B', 'sync.Mutex', '*sync.RWMutex', 'G[int, A]')),
  place: fc.oneof({ depthSize: 'small' }, oneOf('a', 'b', 'mu', 's', 'c', 'ch', 'wg', 'ctx', 'nil', '_'), made([tie('place'), oneOf('a', 'b', 'mu', 'c')], (of, name) => `${of}.${name}`), made([tie('place')], (of) => `${of}[i]`), made([tie('place')], (of) => `(*${of})`)),
  expression: fc.oneof({ depthSize: 'small', withCrossShrink: true }, tie('place'), oneOf('1', '"s"', 'true', 'iota', 'make(chan int)', 'make(chan int, 1)', 'new(A)', 'A{}', '&A{}'),
    made([tie('expression'), oneOf('+', '&&', '||', '==', '<-', '<<'), tie('expression')], (one, sign, other) => `${one} ${sign} ${other}`), made([oneOf('&', '*', '<-', '!'), tie('expression')], (sign, of) => `${sign}${of}`),
    made([oneOf('f', 'g', 's.m', 's.n', 'append', 'len', 'close', 'G[int, A]', 'sync.NewCond', 'context.WithCancel', 'time.AfterFunc', 'atomic.AddInt32'), joined(tie('expression'), ', ', 3)], (callee, args) => `${callee}(${args})`),
    made([tie('block')], (block) => `func() ${block}`), made([tie('expression'), tie('type')], (of, type) => `${of}.(${type})`)),
  statement: fc.oneof({ depthSize: 'small', withCrossShrink: true }, oneOf('s.mu.Lock()', 's.mu.Unlock()', 'mu.RLock()', 'defer mu.Unlock()', 'defer s.mu.Unlock()', 'wg.Add(1)', 'wg.Done()', 'wg.Wait()', 'ch <- 1', '<-ch', 'close(ch)', 'return', 'return 1', 'break', 'continue', 'goto L', 'L:', 'fallthrough', 's.a++', 'panic(1)', 'break L', 'continue L'),
    made([tie('place'), oneOf('=', ':=', '+='), tie('expression')], (place, sign, value) => `${place} ${sign} ${value}`), tie('expression'), made([oneOf('go', 'defer'), tie('expression')], (word, call) => `${word} ${call}`),
    made([oneOf('go', 'defer'), tie('block')], (word, block) => `${word} func() ${block}()`), made([tie('expression'), tie('block'), tie('block')], (test, then, otherwise) => `if ${test} ${then} else ${otherwise}`),
    made([oneOf('', 'i := 0; i < 3; i++ ', 'range ch ', 'i, v := range s.a ', 'range f ', 'L'), tie('block')], (head, block) => (head === 'L' ? `L: for ${block}` : `for ${head}${block}`)),
    made([joined(tie('case'), '\n')], (cases) => `select {\n${cases}\n}`), made([tie('expression'), joined(tie('branch'), '\n')], (of, cases) => `switch ${of} {\n${cases}\n}`), made([joined(tie('branch'), '\n')], (cases) => `switch v := s.(type) {\n${cases}\n}`), tie('block')),
  case: made([oneOf('case <-ch:', 'case v := <-ch:', 'case ch <- 1:', 'default:', 'case <-ctx.Done():'), tie('statement')], (head, body) => `${head}\n${body}`),
  branch: made([oneOf('case 1:', 'case A, *B:', 'default:', 'case s.a:'), tie('statement')], (head, body) => `${head}\n${body}`),
  block: fc.array(tie('statement'), { maxLength: 4, depthIdentifier: 'block' }).map((statements) => `{\n${statements.join('\n')}\n}`),
  parameters: joined(made([oneOf('a', 'b', 's', 'mu', 'ch', '_'), tie('type')], (name, type) => `${name} ${type}`), ', ', 2),
  declaration: fc.oneof(
    made([oneOf('A', 'B', 'C', 'G[T any, U any]', 'G[T A | B, U G[T, U]]'), tie('type')], (name, type) => `type ${name} ${type}`), made([oneOf('A', 'B'), tie('type')], (name, type) => `type ${name} = ${type}`),
    made([oneOf('f', 'g', 'main', 'init', '_', 'f[T any]'), tie('parameters'), tie('type'), tie('block')], (name, parameters, type, block) => `func ${name}(${parameters}) ${type} ${block}`),
    made([oneOf('s *A', 's A', 's *B', 's *G[T, U]', '*C'), oneOf('m', 'n', 'Lock', 'Run'), tie('parameters'), tie('block')], (receiver, name, parameters, block) => `func (${receiver}) ${name}(${parameters}) ${block}`),
    made([oneOf('var', 'const'), oneOf('a', 'mu', 'ch', 's'), tie('type'), tie('expression')], (word, name, type, value) => `${word} ${name} ${type} = ${value}`)),
  goFile: made([oneOf('package p', 'package main', ''), oneOf('import "sync"', 'import ("context"; . "sync"; _ "time")', 'import "./p"', ''), joined(tie('declaration'), '\n\n', 6)], (name, imports, declarations) => `${name}\n\n${imports}\n\n${declarations}\n`),
}));

/** TypeScript and JavaScript: classes that extend each other, promises in every place, jumps through `finally`. */
const { tsFile } = fc.letrec((tie) => ({
  type: fc.oneof({ depthSize: 'small' }, oneOf('number', 'A', 'B', 'Promise<void>', 'Map<string, A>', 'any', 'T'), made([tie('type')], (type) => `${type}[]`), made([tie('type'), tie('type')], (one, other) => `${one} | ${other}`), made([tie('type')], (type) => `() => ${type}`), made([tie('type'), tie('type')], (one, other) => `G<${one}, ${other}>`)),
  expression: fc.oneof({ depthSize: 'small', withCrossShrink: true }, oneOf('a', 'b', 'this', 'this.x', 'this.lock', 'null', '1', "'s'", '`s`', 'undefined', 'super', 'new A()', 'new Map()', 'arguments'),
    made([tie('expression'), oneOf('.x', '?.y', '[i]', '.then', '!', '.#p')], (of, part) => `${of}${part}`), made([oneOf('f', 'this.m', 'a.on', 'setTimeout', 'Promise.all', 'Promise.race', 'lock.acquire', 'emit', 'import'), joined(tie('expression'), ', ', 3)], (callee, args) => `${callee}(${args})`),
    made([oneOf('await', 'void', 'typeof', 'yield', '...', '!', 'delete'), tie('expression')], (sign, of) => `${sign} ${of}`), made([tie('expression'), oneOf('&&', '??', '||=', '=', '+', ',', 'in'), tie('expression')], (one, sign, other) => `(${one} ${sign} ${other})`),
    made([oneOf('async ', ''), tie('block')], (word, block) => `(${word}() => ${block})`), made([oneOf('async ', ''), tie('block')], (word, block) => `(${word}function* g() ${block})`), made([joined(tie('expression'), ', ', 3)], (parts) => `[${parts}]`), made([tie('expression'), tie('block')], (value, block) => `({ a: ${value}, b() ${block}, ...c })`), made([tie('class')], (body) => `(class ${body})`)),
  statement: fc.oneof({ depthSize: 'small', withCrossShrink: true }, oneOf('return;', 'break;', 'continue;', 'throw e;', 'break L;', 'continue L;', 'await 0;', 'this.x++;', 'return await this.m();', 'debugger;'), made([tie('expression')], (of) => `${of};`),
    made([oneOf('const a', 'let b', 'var { a, ...b }', 'await using c', 'const [d = e]'), tie('expression')], (name, value) => `${name} = ${value};`), made([tie('expression'), tie('block'), tie('block')], (test, then, otherwise) => `if (${test}) ${then} else ${otherwise}`),
    made([tie('block'), tie('block')], (body, after) => `try ${body} finally ${after}`), made([tie('block'), tie('block')], (body, after) => `try ${body} catch (e) ${after}`), made([oneOf('for (const a of b)', 'for await (const a of b)', 'while (this.x)', 'for (;;)', 'for (let i in a)', 'L: for (;;)', 'L:'), tie('block')], (head, block) => `${head} ${block}`),
    made([tie('expression'), tie('statement')], (of, body) => `switch (${of}) { case 1: ${body} default: ${body} }`), made([tie('block')], (block) => `async function f() ${block}`)),
  block: fc.array(tie('statement'), { maxLength: 3, depthIdentifier: 'block' }).map((statements) => `{\n${statements.join('\n')}\n}`),
  member: fc.oneof(made([oneOf('async m', 'm', 'get x', 'set x', 'static async n', '*g', 'constructor', '#p', 'async [Symbol.iterator]'), tie('block')], (name, block) => `${name}() ${block}`), made([oneOf('x', 'private lock', 'static y', '#p', 'readonly z'), tie('type'), tie('expression')], (name, type, value) => `${name}: ${type} = ${value};`)),
  class: made([oneOf('', ' extends A', ' extends B', ' extends C', ' extends (A)', ' implements A, B'), joined(tie('member'), '\n')], (heritage, members) => `${heritage} {\n${members}\n}`),
  declaration: fc.oneof(made([oneOf('A', 'B', 'C', 'default'), tie('class')], (name, body) => `export class ${name}${body}`), made([oneOf('A', 'B', 'G<T, U>'), tie('type')], (name, type) => `type ${name} = ${type};`), made([oneOf('A', 'B'), tie('type')], (name, type) => `interface ${name} extends B { m(): ${type}; x: ${type} }`),
    made([oneOf('f', 'g', 'main'), tie('block')], (name, block) => `export async function ${name}(a, b) ${block}`), tie('statement'), oneOf("import { Mutex } from 'async-mutex';", "import { A } from './a';", "export * from './a';", "export * from './b';", "const x = require('./a');", "declare module 'x' {}", 'namespace N { export const a = 1; }', 'enum E { A = 1 }')),
  tsFile: joined(tie('declaration'), '\n', 6),
}));

const word = oneOf('select', 'ignore', 'levels', 'minLevel', 'failOn', 'tests', 'exclude', 'baseline', 'overrides', 'paths', 'lockOrder', 'models', 'locks', 'type', 'lock', 'spawners', 'function', 'callee', '__proto__', 'constructor', 'toString', 'x', '$schema');
const scalar = fc.oneof(oneOf(true, false, null, 'error', 'note', 'off', 'high', 'double-lock', 'a/**', '*', '', 'receiver', '../..', '__proto__'), fc.integer(), fc.double(), fc.string({ maxLength: 12, unit: 'binary' }));
const { setting } = fc.letrec((tie) => ({ setting: fc.oneof({ depthSize: 'medium' }, scalar, fc.array(tie('setting'), { maxLength: 4 }), fc.dictionary(word, tie('setting'), { maxKeys: 5, noNullPrototype: false })) }));
/** JSON that means a `__proto__` where one was made. */
const json = setting.map((value) => JSON.stringify(value, undefined, 1) ?? '');
const { yaml } = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, oneOf('x', '"x"', "'", '|', '>-', '*a', '&a x', '!!js x', '!!binary x', '? y', '[', '{', '~', '- -', '2001-01-01', '0x1f', '.inf', 'true'), made([joined(tie('value'), ', ')], (parts) => `[${parts}]`), made([word, tie('value')], (key, value) => `{ ${key}: ${value} }`)),
  line: fc.oneof(made([oneOf('', '  ', '    ', '\t', '- '), word, tie('value')], (indent, key, value) => `${indent}${key}: ${value}`), made([tie('value')], (value) => `  - ${value}`), oneOf('---', '...', '%YAML 1.2', '# x', '<<: *a', '? a', ': b')),
  yaml: joined(tie('line'), '\n', 8),
}));
const config = fc.oneof(json, yaml);

const path = fc.oneof(oneOf('a.go', '../a.go', '/etc/passwd', 'a/../../b', ''), fc.string({ maxLength: 20, unit: 'binary' }));
const baseline = made([oneOf('deadheat/baseline/v1', 'deadheat/baseline/v2', ''), fc.array(fc.record({ fingerprint: fc.oneof(fc.string(), fc.constant('a')), rule: fc.oneof(fc.string(), word), file: path, function: fc.string(), message: fc.string({ unit: 'binary' }) }, { requiredKeys: [] }), { maxLength: 4 })], (schema, findings) => JSON.stringify({ schema, findings }));

const name = oneOf('double-lock', 'all', 'data-race', 'no-such', 'G104', 'SA2001', '*', 'GCL1001', 'no-await-in-loop', '__proto__');
const directive = made([oneOf('//', '// ', '/* '), oneOf('deadheat:ignore', 'deadheat:ignore-file', 'deadheat:allow', 'nolint', 'nolint:', 'lint:ignore', 'lint:file-ignore', '#nosec', 'gosec:disable', '+checklocksignore', 'goconcurrencylint:ignore', 'revive:disable', 'revive:disable-next-line:', 'nosemgrep:', 'NOSONAR', 'eslint-disable', 'eslint-disable-next-line', 'biome-ignore lint/a/b:'), joined(name, ',', 5), oneOf('', ' -- because', ' --', ' -- until=2020-01-01', ' -- x until=2099-13-77', ' -- x [until=]', ' // want "x"', '*/')], (open, verb, names, why) => `${open}${verb} ${names}${why}`);

const lockName = oneOf('s.mu', 'mu', 'the pool lock', 'Pool.mu', 'connMtx', 'A', 'this', 'it', '`x.mu`', 'every.where');
const order = joined(made([lockName, oneOf(' -> ', ' must be acquired before ', ' should always be taken after ', ' must never be held while acquiring ', ', ', ' → ', ' then ', ' must be held on entry. ', ' must not be held when calling '), lockName, oneOf('.', '\n', '; ', ' ', '')], (one, how, other, end) => `${one}${how}${other}${end}`), '', 8).map((text) => `Lock order: ${text}`);

const ignorePattern = fc.array(oneOf('*', '**', '/', '?', 'a', 'b', '.go', '[a-c]', '[!a]', '[^a', '[z-a]', '[[:alpha:]]', '\\', '\\*', '!', '#', ' ', '\t', 'vendor', '\r'), { maxLength: 12 }).map((parts) => parts.join(''));
const ignores = joined(ignorePattern, '\n', 6);

const markdown = joined(fc.oneof(made([oneOf('```', '~~~', '````', '> ```', '1. ```', '    ```'), oneOf('go', 'ts', 'Go title="x"', 'javascript', 'tsx', '', 'go\t{1}'), fc.oneof(goFile, tsFile, oneOf('s.mu.Lock()', '...', 'x :=', 'await f()'))], (fence, language, code) => `${fence}${language}\n${code.slice(0, 400)}\n${fence.trim()}`), oneOf('# Title', '- item', '> quote', '<!-- -->', '| a | b |', 'text `code`', '\\`', '[x]: y', '')), '\n\n', 4);

const manifest = joined(oneOf('module example.com/m', 'go 1.22', 'require (', ')', 'require a.b/c v1.2.3 // indirect', 'replace a.b/c => ../..', 'replace a.b/c v1 => /etc', 'replace example.com/m => .', 'use ./a', 'use (', 'exclude x v0', '{ "extends": "./tsconfig.json" }', '{ "name": "a", "exports": { ".": { "import": "../../x" } }, "main": "." }', '{ "compilerOptions": { "paths": { "*": ["../*"], "@/*": ["*"] }, "baseUrl": "/" } }', '# a.b/c v1.2.3', '## explicit', 'module "x', 'toolchain go1', '"'), '\n', 6);

export const grammars = { go: goFile, ts: tsFile, config, baseline, directive, order, ignores, markdown, manifest };
