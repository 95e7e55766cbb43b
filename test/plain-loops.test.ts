import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { plainLoops } from '../scripts/plain-loops.mjs';

/** Each program pushes what it saw; it must see the same whether its loops run by iterator or by index. */
const programs: Readonly<Record<string, { readonly source: string; readonly rewritten: boolean }>> = {
  'a name declared again in the body': { rewritten: true, source: 'for (const x of [1, 2]) { const y = x; { const x = y * 2; log(x); } } for (const x of [3]) { const x = 4; log(x); }' },
  'labels, continue and break': { rewritten: true, source: 'outer: for (const x of [1, 2, 3]) { for (const y of [1, 2]) { if (y === 2) continue outer; if (x === 3) break outer; log([x, y]); } }' },
  'closures that outlive their turn': { rewritten: true, source: 'const later: (() => number)[] = []; for (const x of [1, 2, 3]) later.push(() => x); for (let x of [4, 5]) { x += 1; later.push(() => x++); } for (const run of later) log(run());' },
  'a list that grows and shrinks while it is walked': { rewritten: true, source: 'const list = [1, 2, 3]; for (const x of list) { log(x); if (x === 1) list.push(9); if (x === 3) list.pop(); }' },
  'holes': { rewritten: true, source: 'const list: (number | undefined)[] = [1, , 3]; for (const x of list) log(x); const [a, b] = list; log([a, b]);' },
  'the list is asked for once': { rewritten: true, source: 'let asked = 0; const list = (): number[] => { asked += 1; return [1, 2]; }; for (const x of list()) log(x); const [a, b] = list(); log([a, b, asked]);' },
  'pairs of a map and of a list': { rewritten: true, source: 'for (const [k, v] of new Map([[1, 2], [3, 4]])) log(k + v); for (const [k, , v] of [[1, 2, 3], [4, 5, 6]] as [number, number, number][]) log([k, v]); for (const [i, v] of ["a", "b"].entries()) log([i, v]);' },
  'places and values of a list': { rewritten: true, source: 'const list = ["a", "b", "c"]; for (const [i, v] of list.entries()) { log([i, v]); if (i === 0) list.pop(); } for (const [i] of list.entries()) { const i = 9; log(i); } for (const [, v] of list.entries()) log(v); for (let [i, v] of list.entries()) { i += 1; log([i, v]); } for (const [] of list.entries()) log(0); const later = []; for (const [i] of list.entries()) later.push(() => i); for (const run of later) log(run());' },
  'entries of what is no list': { rewritten: true, source: 'for (const [k, v] of new Set([1]).entries()) log([k, v]); const maybe = Math.random() > 2 ? undefined : new Map([[1, 2]]); for (const [k, v] of maybe?.entries() ?? []) log([k, v]);' },
  'what an interface makes of a list': { rewritten: true, source: 'interface Nodes<T> extends ReadonlyArray<T> { readonly end: number } const nodes = Object.assign([1, 2], { end: 3 }) as Nodes<number>; for (const x of nodes) log(x); const [a] = nodes; log(a);' },
  'parameters that are taken apart, the rest among them': { rewritten: true, source: 'const pair = ([a, b]: readonly [number, number]) => a - b; const rest = (...[a, b]: [number, number]): number => { const c = a * b; return c; }; const named = ([a]: [number]) => { { const a = 1; log(a); } return a; }; log([pair([5, 3]), rest(4, 5), named([7])]);' },
  'a pattern with a default, a rest or a pattern inside': { rewritten: false, source: 'const list: [number, [number], ...number[]] = [1, [2], 3, 4]; const [a, [b], ...c] = list; const [d = 5] = [] as number[]; log([a, b, c, d]);' },
  'a generator that waits in its loop': { rewritten: true, source: 'function* twice(list: readonly number[]) { for (const x of list) { yield x; yield x; } } for (const x of twice([1, 2])) log(x);' },
  'sets, texts and whatever else has an iterator': { rewritten: false, source: 'for (const x of new Set([1, 2, 2])) log(x); for (const c of "a\\u{1F600}b") log(c); const any: any = { *[Symbol.iterator]() { yield 1; } }; for (const x of any) log(x); const [first] = new Set([7]); log(first);' },
  'a list or a set': { rewritten: false, source: 'const either = Math.random() > 2 ? [1] : new Set([2]); for (const x of either) log(x);' },
  'a loop without a block, and an empty pattern': { rewritten: true, source: 'for (const x of [1, 2]) if (x > 1) log(x); for (const [] of [[1], [2]]) log(0);' },
  'an arrow function that gives an object back': { rewritten: true, source: 'const f = ([a, b]: [number, string]) => ({ a, b }); log(f([1, "x"]));' },
};

describe('loops over arrays by index', () => {
  for (const [name, { source, rewritten }] of Object.entries(programs)) {
    it(name, () => {
      const [plain, indexed] = [compile(source, false), compile(source, true)];
      expect(run(indexed)).toEqual(run(plain));
      expect(indexed !== plain).toBe(rewritten);
    });
  }
});

function run(code: string): readonly unknown[] {
  const seen: unknown[] = [];
  new Function('log', code)((value: unknown) => seen.push(value));
  expect(seen).not.toEqual([]);
  return seen;
}

function compile(source: string, byIndex: boolean): string {
  const folder = mkdtempSync(join(tmpdir(), 'plain-loops-'));
  try {
    const file = join(folder, 'program.ts');
    writeFileSync(file, `declare function log(value: unknown): void;\n{ ${source} }\n`);
    const program = ts.createProgram([file], { target: ts.ScriptTarget.ES2023, lib: ['lib.es2023.d.ts'], types: [], strict: true });
    let code = '';
    program.emit(undefined, (_, text) => { code = text; }, undefined, false, byIndex ? { before: [plainLoops(program)] } : {});
    return code;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
