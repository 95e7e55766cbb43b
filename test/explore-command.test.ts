import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../src/cli/main.js';
import { textWidth } from '../src/report/printable.js';

let cwd: string;
beforeAll(() => { cwd = realpathSync(mkdtempSync(join(tmpdir(), 'deadheat-explore-'))); });
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

async function explore(file: string, text: string, ...names: string[]): Promise<{ code: number; lines: readonly string[]; err: string }> {
  writeFileSync(join(cwd, file), text);
  let out = '';
  let err = '';
  const code = await main(['explore', `${file}:${names[0]}`, ...names.slice(1)], { stdout: { write: (said) => (out += said) }, stderr: { write: (said) => (err += said) }, cwd, env: {} });
  return { code, lines: out.trimEnd().split('\n'), err };
}

describe('deadheat explore', () => {
  const crossing = (outer: string, inner: string): string => `package p\n\nimport "sync"\n\ntype ${outer} struct {\n\ta, b sync.Mutex\n}\n\nfunc (s *${outer}) ${inner}() {\n\ts.a.Lock()\n\ts.b.Lock()\n\ts.b.Unlock()\n\ts.a.Unlock()\n}\n\nfunc (s *${outer}) Back() {\n\ts.b.Lock()\n\ts.a.Lock()\n\ts.a.Unlock()\n\ts.b.Unlock()\n}\n`;

  it('prints verdict, how far it went and the schedule, with what each task holds', async () => {
    const { code, lines } = await explore('store.go', crossing('Store', 'There'), 'Store.There', 'Back');
    expect(code).toBe(1);
    expect(lines.slice(0, 2)).toEqual(['a client of Store: Store.There beside Store.Back (store.go:9)', 'witness: one bug']);
    expect(lines[2]).toMatch(/^walked \d+ schedules, \d+ states, \d+ operations$/);
    expect(lines.slice(4)).toEqual([
      'leak: Store.There waits for ever: acquires s.b (store.go:11)',
      '     store.go:9   a client of Store  starts Store.There',
      '     store.go:16  a client of Store  starts Store.Back',
      '     store.go:10  Store.There        acquires s.a  [holds s.a]',
      '     store.go:17  Store.Back         acquires s.b  [holds s.b]',
      '  >  store.go:11  Store.There        acquires s.b, waits for ever  [holds s.a]',
      '  >  store.go:18  Store.Back         acquires s.a, waits for ever  [holds s.b]',
    ]);
  });

  it('numbers tasks whose names would leave no room, and keeps columns under wide characters', async () => {
    const long = 'WalksThereWithANameThatIsLongerThanAnyColumnShouldBe';
    const { lines } = await explore('long.go', crossing('Store', long), `Store.${long}`, 'Back');
    expect(lines).toContain(`  task 2: Store.${long}`);
    expect(lines).toContain('  >  long.go:11  task 2  acquires s.b, waits for ever  [holds s.a]');
    const wide = await explore('wide.go', crossing('Store', '更新'), 'Store.更新', 'Back');
    const acquiring = wide.lines.filter((line) => line.includes('acquires s.') && !line.startsWith('leak'));
    expect(new Set(acquiring.map((line) => textWidth(line.slice(0, line.indexOf('acquires')))))).toHaveProperty('size', 1);
  });

  it('says what it cannot run, and what was meant', async () => {
    expect(await explore('store.go', crossing('Store', 'There'), 'Store.Ther')).toMatchObject({ code: 2, lines: [''], err: expect.stringContaining("there is no function 'Store.Ther' in store.go") });
  });
});

describe('what has no end', () => {
  const program = (body: string, above = ''): string => `package p\n\nimport "sync"\n\nvar _ sync.Mutex\n\nfunc next(int) bool\n\n${above}\n\nfunc Subject() {\n${body}\n}\n`;
  const machine = (states: number): string => Array.from({ length: states }, (_, state) => `\t\tcase ${state}:\n\t\t\tif next(${state}) {\n\t\t\t\tstate = ${(state * 7 + 1) % states}\n\t\t\t} else {\n\t\t\t\tstate = ${(state * 13 + 5) % states}\n\t\t\t}`).join('\n');

  it.each([
    ['thousands of tasks', program('\tvar mu sync.Mutex\n\tfor i := 0; i < 5000; i++ {\n\t\tgo func() { mu.Lock(); mu.Unlock() }()\n\t}'), /more than 64 tasks/],
    ['a task that starts itself twice', program('\tgo Subject()\n\tgo Subject()'), /more than 64 tasks/],
    ['functions that call each other without end', program('\tdeeper(0)', 'func deeper(n int) { deepest(n + 1) }\n\nfunc deepest(n int) {\n\tif next(n) {\n\t\tdeeper(n)\n\t}\n\tdeeper(n)\n}'), /calls deeper than 48/],
    ['a loop that does something visible for ever', program('\ta, b := make(chan int), make(chan int)\n\tgo func() { for n := range a { b <- n + 1 } }()\n\tfor n := 0; ; {\n\t\ta <- n\n\t\tn = <-b\n\t}'), /a loop of more than 8 turns/],
    ['a list that doubles for ever', program('\tlist := []int{1}\n\tfor {\n\t\tlist = append(list, list...)\n\t}'), /a schedule longer than 20000 operations/],
    ['a generated machine of a thousand states', program(`\tvar mu sync.Mutex\n\tstate := 0\n\tgo func() { mu.Lock(); state++; mu.Unlock() }()\n\tfor {\n\t\tmu.Lock()\n\t\tswitch state {\n${machine(1000)}\n\t\t}\n\t\tmu.Unlock()\n\t}`), /a loop of more than 8 turns/],
    ['thousands of unknown conditions', program(`\tch := make(chan int, 1)\n\tgo func() { for range ch {} }()\n\tn := 0\n${Array.from({ length: 2000 }, (_, at) => `\tif next(${at}) {\n\t\tn++\n\t}`).join('\n')}\n\tch <- n\n\tclose(ch)`), /too many (schedules|states|steps)/],
  ])('is bounded, and the bound is told: %s', { timeout: 60_000 }, async (_, text, bound) => {
    const { code, lines } = await explore('endless.go', text, 'Subject');
    expect(code).toBe(0);
    expect(lines[1]).toMatch(/^undecided: /);
    expect(lines[1]).toMatch(bound);
    // The bounds of all schedules together, and one schedule begun within them.
    expect(Number(/(\d+) operations/.exec(lines[2]!)?.[1])).toBeLessThan(400_000);
  });
});
