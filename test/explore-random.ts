/** A generator of small concurrent programs, the same for the same seed: what no list of examples thinks of. */
export function randomProgram(seed: number): string {
  const draw = sequence(seed);
  const pick = <T>(from: readonly T[]): T => from[draw(from.length)]!;
  const block = (): string => {
    const lines: string[] = [];
    const length = 1 + draw(3);
    for (let index = 0; index < length; index += 1) lines.push(pick(statements));
    return lines.join('; ');
  };
  const tasks = 1 + draw(2);
  const started = Array.from({ length: tasks }, () => `wg.Add(1); go func() { defer wg.Done(); ${block()} }()`);
  const ending = pick(['wg.Wait()', 'wg.Wait(); x = 9', 'x = 9', '']);
  return `${declarations}; ${started.join('; ')}; ${block()}; ${ending}`;
}

const declarations = [
  'x, y := 0, 0', 'var n int32', 'var a, b sync.Mutex', 'var rw sync.RWMutex', 'c, d := make(chan int), make(chan int, 1)', 'var wg sync.WaitGroup', 'var once sync.Once',
  'cond := sync.NewCond(&a)', 'ctx, cancel := context.WithCancel(context.Background())', 'x++; y++; n++', 'use(&a, &b, &rw, &once, c, d, cond, ctx, cancel)',
].join('; ');

/** Balanced or not, blocking or not: whatever happens must be found. */
const statements: readonly string[] = [
  'x = 1', 'y = x', 'y++', 'a.Lock(); x = 2; a.Unlock()', 'a.Lock(); b.Lock(); b.Unlock(); a.Unlock()', 'b.Lock(); a.Lock(); y = 1; a.Unlock(); b.Unlock()', 'a.Lock()', 'a.Unlock()',
  'if a.TryLock() { x = 3; a.Unlock() }', 'rw.RLock(); y = x; rw.RUnlock()', 'rw.Lock(); x = 4; rw.Unlock()', 'rw.RLock(); rw.RLock(); rw.RUnlock(); rw.RUnlock()',
  'c <- 1', '<-c', 'd <- 1', '<-d', 'close(d)', 'close(c)', 'select { case <-c: x = 5; case d <- 2: }', 'select { case <-d: y = 2; default: }', 'select { case c <- 1: default: x = 6 }',
  'atomic.AddInt32(&n, 1)', 'if atomic.LoadInt32(&n) == 2 { x = 7 }', 'atomic.StoreInt32(&n, 5)', 'if atomic.CompareAndSwapInt32(&n, 1, 2) { y = 3 }', 'once.Do(func() { x = 8 })',
  'a.Lock(); cond.Wait(); a.Unlock()', 'a.Lock(); cond.Signal(); a.Unlock()', 'cond.Broadcast()', 'cancel()', '<-ctx.Done()', 'select { case <-ctx.Done(): x = 1; case v := <-d: y = v }', 'wg.Add(1)', 'wg.Done()',
  'go func() { y = 4 }()',
];

/** Numbers below a limit, one after the other: Park and Miller's generator. */
function sequence(seed: number): (limit: number) => number {
  let state = (seed * 2654435761) % 2147483647 || 1;
  return (limit) => {
    state = (state * 48271) % 2147483647;
    return state % limit;
  };
}
