import { describe, expect, it } from 'vitest';
import { canExplore, explore, type Bounds, type Verdict } from '../src/explore/index.js';
import { exploreFunctions } from '../src/index.js';
import { goFrontEnd } from '../src/parsers/go/index.js';
import { lowerSmall } from './explore-lower.js';

async function verdictOn(body: string, options: { readonly above?: string; readonly bounds?: Partial<Bounds> } = {}): Promise<Verdict> {
  const { program, entry } = await lowerSmall({ name: '', verdict: '', body, ...(options.above === undefined ? {} : { above: options.above }) });
  return explore(program, entry, options.bounds);
}

const opposite = [
  'var a, b sync.Mutex', 'done := make(chan bool)', 'go func() {', '\tb.Lock()', '\ta.Lock()', '\ta.Unlock()', '\tb.Unlock()', '\tdone <- true', '}()', 'a.Lock()', 'b.Lock()', 'b.Unlock()', 'a.Unlock()', '<-done',
].join('\n');

describe('a witness', () => {
  it('shows both sides of a deadlock, what they hold and what they wait for', async () => {
    const { events } = await verdictOn(opposite);
    expect(events).toHaveLength(1);
    const last = events[0]!.schedule.filter((step) => step.essential === true);
    expect(last.map(({ taskName, text, locks, waitsFor }) => ({ taskName, text, locks, waitsFor }))).toEqual([
      { taskName: 'Subject', text: 'acquires b', locks: ['a'], waitsFor: 'b' },
      { taskName: 'Subject.func1', text: 'acquires a', locks: ['b'], waitsFor: 'a' },
    ]);
    expect(events[0]!.schedule.map(({ taskName, text }) => `${taskName} ${text}`)).toContain('Subject starts Subject.func1');
  });

  it('names both accesses of a race and the locks held there', async () => {
    const { events } = await verdictOn('var mu sync.Mutex\nx := 0\ngo func() {\n\tmu.Lock()\n\tx = 1\n\tmu.Unlock()\n}()\nx = 2');
    expect(events).toHaveLength(1);
    const [race] = events;
    expect(race).toMatchObject({ kind: 'race', subject: 'x', guesses: 0, function: 'Subject.func1', otherFunction: 'Subject' });
    const accesses = race!.schedule.filter((step) => step.essential === true);
    expect(accesses.map(({ text, locks }) => ({ text, locks }))).toContainEqual({ text: 'writes x', locks: ['mu'] });
  });

  it('tells who closed first, also of a task that has nothing else in common with the one that panics', async () => {
    const { events } = await verdictOn('c := make(chan int)\nfor i := 0; i < 2; i++ {\n\tgo func() { close(c) }()\n}');
    const second = events.find(({ kind }) => kind === 'double-close')!;
    const deciding = second.schedule.filter((step) => step.essential === true);
    expect(deciding.map(({ text }) => text)).toEqual(['closes c', 'panics: close of c, which is closed already']);
    expect(new Set(deciding.map(({ taskName }) => taskName)).size).toBe(2);
  });

  it('counts the conditions it had to guess', async () => {
    const { events } = await verdictOn('var mu sync.Mutex; if flag() { mu.Lock() }; mu.Lock()', { above: 'func flag() bool' });
    expect(events.map(({ kind, guesses }) => ({ kind, guesses }))).toEqual([{ kind: 'deadlock', guesses: 1 }]);
  });

  it('is given for every distinct pair of places', async () => {
    const { events } = await verdictOn('x, y := 0, 0\ngo func() {\n\tx = 1\n\ty = 1\n}()\nx = 2\ny = 2\nx = 3');
    expect(events.map(({ at, other }) => [at.line, other!.line])).toEqual([[8, 11], [8, 13], [9, 12]]);
  });

  it('does not blame a task that polls, nor one that somebody unknown may help', async () => {
    expect((await verdictOn('var n int32; go func() { for atomic.LoadInt32(&n) == 0 {} }()')).events).toEqual([]);
    expect((await verdictOn('ch := make(chan int); help(ch); <-ch', { above: 'func help(ch chan int)' })).events).toEqual([]);
  });

  it('does not take a task for one that waits because the bound of a shorter schedule has stopped it', async () => {
    const asks = Array.from({ length: 30 }, (_, at) => `if flag(${at}) { n++ }`).join('; ');
    const { events } = await verdictOn(`ch, up := make(chan int), make(chan int, 1); go func() { up <- 1; <-ch }(); <-up; n := 0; ${asks}`, { above: 'func flag(int) bool', bounds: { steps: 400 } });
    expect(events.map(({ kind, function: of }) => [kind, of])).toEqual([['leak', 'Subject.func1']]);
  });

  it('does not blame the package for what its initialisation does', async () => {
    expect((await verdictOn('', { above: 'var x int\nfunc init() { go func() { x = 1 }(); x = 2 }' })).events).toEqual([]);
    expect((await verdictOn('x = 3', { above: 'var x int\nfunc init() { go func() { x = 1 }() }' })).events.map(({ kind }) => kind)).toEqual(['race']);
  });
});

describe('a verdict', () => {
  it('is the same every time', async () => {
    expect(await verdictOn(opposite)).toEqual(await verdictOn(opposite));
  });

  it('says which bound was hit', async () => {
    const many = 'var mu sync.Mutex; for range 6 { go func() { mu.Lock(); mu.Unlock(); mu.Lock(); mu.Unlock() }() }';
    expect(await verdictOn(many, { bounds: { schedules: 20 } })).toMatchObject({ outcome: 'undecided', reason: 'too many schedules' });
    expect(await verdictOn('for i := 0; i < 10000; i++ { _ = i }')).toMatchObject({ outcome: 'undecided', reason: 'a loop of more than 4096 turns' });
    expect(await verdictOn('var mu sync.Mutex; for i := 0; i < 1000; i++ { mu.Lock(); mu.Unlock() }')).toMatchObject({ outcome: 'undecided', reason: 'a loop of more than 64 turns' });
    expect(await verdictOn('n := 0; for i := 0; i < 1000; i++ { n += i }; if n != 499500 { panic("sum") }')).toMatchObject({ outcome: 'clean' });
    expect(await verdictOn('for { go func() {}() }')).toMatchObject({ outcome: 'undecided' });
    expect(await verdictOn('down()', { above: 'func down() { down() }' })).toMatchObject({ outcome: 'undecided', reason: 'calls deeper than 48' });
  });

  it('is undecided where turns of a loop defer work on objects of their own, of which the last has a name', async () => {
    const two = (deferred: string): string => `for i := 0; i < 2; i++ { c := make(chan int); defer ${deferred}; _ = c }`;
    for (const deferred of ['close(c)', 'func() { close(c) }()']) expect(await verdictOn(two(deferred))).toMatchObject({ outcome: 'undecided', reason: 'work deferred by several turns of a loop', events: [] });
    expect(await verdictOn('for i := 0; i < 1; i++ { c := make(chan int); defer close(c) }')).toMatchObject({ outcome: 'clean' });
    expect((await verdictOn('c := make(chan int); for i := 0; i < 2; i++ { defer close(c) }')).events.map(({ kind }) => kind)).toEqual(['double-close']);
  });

  it('is undecided when unknown code was handed a function', async () => {
    const verdict = await verdictOn('x := 0; each(func() { x++ })', { above: 'func each(f func())' });
    expect(verdict).toMatchObject({ outcome: 'undecided', reason: expect.stringContaining('each') });
  });

  it('finds a bug broadly when it cannot look deeply', async () => {
    const body = 'var a, b sync.Mutex; var n [8]int32; for i := range 5 { go func() { for range 4 { atomic.AddInt32(&n[0], int32(i)) } }() }; go func() { a.Lock(); b.Lock(); b.Unlock(); a.Unlock() }(); b.Lock(); a.Lock(); a.Unlock(); b.Unlock()';
    expect((await verdictOn(body, { bounds: { schedules: 200 } })).events.map(({ kind }) => kind)).toEqual(['deadlock']);
  });

  it('stays small where orders do not matter', async () => {
    const body = 'var wg sync.WaitGroup; for range 6 { var mu sync.Mutex; wg.Add(1); go func() { defer wg.Done(); mu.Lock(); mu.Unlock() }() }; wg.Wait()';
    const verdict = await verdictOn(body);
    expect(verdict.outcome).toBe('clean');
    expect(verdict.schedules).toBeLessThan(10);
  });
});

describe('a client', () => {
  const store = [
    'package store', 'import "sync"', 'type Store struct {', '\tmu, log sync.Mutex', '\tsize int', '\tdone chan bool', '}',
    'func New() *Store { s := &Store{done: make(chan bool)}; go s.loop(); return s }',
    'func (s *Store) loop() { <-s.done }',
    'func (s *Store) Put() { s.mu.Lock(); s.log.Lock(); s.size++; s.log.Unlock(); s.mu.Unlock() }',
    'func (s *Store) Dump() { s.log.Lock(); s.mu.Lock(); s.mu.Unlock(); s.log.Unlock() }',
    'func (s *Store) Close() { close(s.done) }',
    'func (s *Store) Size() int { s.mu.Lock(); defer s.mu.Unlock(); return s.size }',
  ].join('\n');
  const kinds = async (...names: string[]): Promise<readonly string[] | string> => {
    const found = await exploreFunctions([{ path: 'store.go', text: store }], 'store.go', names);
    return 'reason' in found ? found.reason : found.exploration.events.map(({ kind, cause }) => cause ?? kind);
  };

  it('calls a method beside itself, or beside those named with it', async () => {
    expect(await kinds('Store.Close')).toEqual(['double-close', 'race']);
    expect(await kinds('Store.Put', 'Store.Dump')).toContain('lock-cycle');
    expect(await kinds('Put', 'Size')).not.toContain('race');
  });

  it('says what it cannot run', async () => {
    expect(await kinds('Store.Open')).toBe("there is no function 'Store.Open' in store.go");
    expect(await kinds('New', 'Put')).toBe('New and Store.Put are not methods of one type');
  });
});

describe('what can be explored as it stands', () => {
  it('is what takes nothing from outside', async () => {
    const text = 'package p\nimport "testing"\ntype S struct{ n int }\nfunc TestAll(t *testing.T) {}\nfunc Alone() {}\nfunc Sized(n int) {}\nfunc Shared(s *S) {}\nfunc (s *S) Method() {}\nfunc Fed(c chan int) {}\n';
    const { program } = await goFrontEnd.lower([{ path: 'p_test.go', text }], { read: () => undefined, list: () => [] });
    const closed = [...program.functions.values()].filter((fn) => canExplore(program, fn.id).closed).map((fn) => fn.name);
    expect(closed).toEqual(['TestAll', 'Alone', 'Sized']);
    const method = [...program.functions.values()].find((fn) => fn.name === 'S.Method')!;
    expect(canExplore(program, method.id)).toEqual({ closed: false, reason: 'parameter s comes from outside' });
  });
});
