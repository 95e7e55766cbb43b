import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { printProgram } from '../src/ir/print.js';
import { verify } from '../src/ir/verify.js';
import { frontEnds } from '../src/parsers/index.js';
import type { Surroundings } from '../src/parsers/front-end.js';

/** What a file is lowered to stands beside it as text. `UPDATE_GOLDENS=1` writes it anew: read the difference before you keep it. */
const folder = join(import.meta.dirname, '..', 'fixtures', 'ir');
const nowhere: Surroundings = { read: () => undefined, list: () => [] };

async function lower(paths: readonly { readonly path: string; readonly text: string }[], surroundings: Surroundings) {
  const row = frontEnds.find(({ extensions }) => extensions.some((extension) => paths[0]!.path.endsWith(extension)))!;
  const frontEnd = await row.load();
  return frontEnd.lower(paths, surroundings);
}

describe('lowering', () => {
  for (const name of readdirSync(folder).filter((file) => !file.endsWith('.ir')).sort()) {
    test(name, async () => {
      const { program, gaps } = await lower([{ path: name, text: readFileSync(join(folder, name), 'utf8') }], nowhere);
      expect(gaps).toEqual([]);
      expect(verify(program)).toEqual([]);
      const golden = join(folder, name.replace(/\.\w+$/, '.ir'));
      const text = printProgram(program);
      if (process.env['UPDATE_GOLDENS']) writeFileSync(golden, text);
      expect(text).toBe(readFileSync(golden, 'utf8'));
    });
  }
});

test('the order of the sources does not matter', async () => {
  const sources = readdirSync(folder).filter((file) => file.endsWith('.go')).map((name) => ({ path: `${name}/${name}`, text: readFileSync(join(folder, name), 'utf8') }));
  const [one, other] = [await lower(sources, nowhere), await lower([...sources].reverse(), nowhere)];
  expect(printProgram(other.program)).toBe(printProgram(one.program));
  expect(other.program.coverage).toEqual(one.program.coverage);
});

describe('sources that do not compile', () => {
  const sources = {
    'an empty file': '',
    'no body': 'package p\nfunc f()\n',
    'a cut function': 'package p\nimport "sync"\nfunc f(mu *sync.Mutex) {\n\tmu.Lock()\n\tif x {',
    'unknown names': 'package p\nfunc f() { a.b[c].d(e)(); go g.h(); defer i(); j <- k; for range l {}; switch m := n.(type) { case o: m.p() } }\n',
    'jumps to nowhere': 'package p\nfunc f() { break; continue; goto away; for { break elsewhere }; fallthrough }\n',
    'results that do not fit': 'package p\nfunc f() (a, b int) { return 1 }\nfunc g() int { return 1, 2 }\nfunc h() { x, y := f(), 2, 3; _, _ = x, y }\n',
    'a defer that panics': 'package p\nfunc f() { defer panic(1); defer panic(2); panic(3) }\n',
    'long chains': `package p\nfunc f(a int) int { if a == 0 ${'&& a == 1 '.repeat(5000)} { return a${' + a'.repeat(20000)} }; return 0 }\n`,
    'more defers than anyone lays out': `package p\nfunc f(c chan int) {${' defer close(c); if c == nil { return };'.repeat(600)} }\n`,
    'twins': 'package p\nfunc f() { go func() {}() }\nfunc f() { go func() {}() }\ntype T struct{}\ntype T struct{ f func() }\n',
  };
  for (const [name, text] of Object.entries(sources)) {
    test(name, async () => {
      const { program } = await lower([{ path: 'p.go', text }], nowhere);
      expect(verify(program)).toEqual([]);
    });
  }
});

describe('the standard library of Go', () => {
  const root = goRoot();
  for (const name of ['net/http', 'net/rpc', 'database/sql', 'sync']) {
    test.skipIf(root === undefined)(root === undefined ? `${name} (skipped: no Go on this machine)` : name, { timeout: 60_000 }, async () => {
      const path = join(root!, 'src', name);
      const files = readdirSync(path).filter((file) => file.endsWith('.go'));
      const { program } = await lower(files.map((file) => ({ path: join(path, file), text: readFileSync(join(path, file), 'utf8') })), nowhere);
      expect(verify(program)).toEqual([]);
      expect(program.functions.size).toBeGreaterThan(50);
    });
  }
});

function goRoot(): string | undefined {
  try {
    return execFileSync('go', ['env', 'GOROOT'], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}
