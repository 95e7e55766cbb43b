import fc from 'fast-check';

/**
 * Small concurrent programs in the shape of what people write: some tasks, each a few steps on shared locks, channels,
 * counters and memory. Balanced or not, blocking or not: whatever a run shows, the explorer must show.
 */
export function generatedBodies(count: number, seed: number): readonly string[] {
  return fc.sample(body, { seed, numRuns: count });
}

const declarations = [
  'x, y := 0, 0', 'm := map[int]int{}', 'var n int32', 'var a, b sync.Mutex', 'var rw sync.RWMutex', 'c, d := make(chan int), make(chan int, 1)', 'stop := make(chan struct{})',
  'var wg sync.WaitGroup', 'var once sync.Once', 'cond := sync.NewCond(&a)', 'ctx, cancel := context.WithCancel(context.Background())',
  '_, _, _, _, _, _, _, _, _, _, _ = x, y, m, n, c, d, stop, cond, ctx, cancel, once.Do', 'a.Lock(); b.Lock(); rw.Lock(); rw.Unlock(); b.Unlock(); a.Unlock()',
];

const plain = ['x = 1', 'y = x', 'x++', 'm[1] = x', 'm[2]++', '_ = len(m)', 'delete(m, 1)'];
const atomic = ['atomic.AddInt32(&n, 1)', 'atomic.StoreInt32(&n, 2)', 'if atomic.LoadInt32(&n) == 1 { x = 2 }', 'if atomic.CompareAndSwapInt32(&n, 0, 1) { y = 3 }'];
const channels = [
  'c <- 1', '<-c', 'd <- 1', '<-d', 'close(d)', 'close(stop)', '<-stop', 'v, ok := <-d; if ok { x = v }', 'select { case <-c: case d <- 2: }', 'select { case <-stop: return; case d <- 1: }',
  'select { case <-d: y = 2; default: }', 'select { case c <- 1: default: x = 6 }', 'select { case <-stop: default: close(stop) }', 'for v := range d { y = v }', 'select { case <-c: case <-time.After(time.Millisecond): }',
];
const others = [
  'once.Do(func() { x = 8 })', 'once.Do(func() { close(stop) })', 'a.Lock(); cond.Wait(); a.Unlock()', 'a.Lock(); cond.Signal(); a.Unlock()', 'cond.Broadcast()', 'cancel()', '<-ctx.Done()',
  'select { case <-ctx.Done(): return; case v := <-d: y = v }', 'if ctx.Err() != nil { return }', 'wg.Done()', 'if a.TryLock() { x = 3; a.Unlock() }', 'runtime.Gosched()', 'defer a.Unlock()', 'func() { defer func() { recover() }(); close(d) }()',
  't := time.AfterFunc(time.Millisecond, func() { y = 1 }); t.Stop()', 'go func() { y = 4 }()',
];

const { statement } = fc.letrec<{ statement: string; guarded: string; inner: string }>((tie) => ({
  inner: fc.constantFrom(...plain, ...channels.slice(0, 5), 'if x > 0 { return }'),
  guarded: fc.tuple(fc.constantFrom(['a.Lock()', 'a.Unlock()'], ['b.Lock()', 'b.Unlock()'], ['rw.Lock()', 'rw.Unlock()'], ['rw.RLock()', 'rw.RUnlock()']), fc.array(fc.oneof({ weight: 4, arbitrary: tie('inner') }, { weight: 1, arbitrary: tie('guarded') }), { minLength: 1, maxLength: 2 }))
    .map(([[lock, unlock], steps]) => [lock, ...steps, unlock].join('; ')),
  statement: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...plain) }, { weight: 2, arbitrary: fc.constantFrom(...atomic) }, { weight: 4, arbitrary: fc.constantFrom(...channels) },
    { weight: 3, arbitrary: fc.constantFrom(...others) }, { weight: 4, arbitrary: tie('guarded') },
  ),
}));

const block = fc.array(statement, { minLength: 1, maxLength: 3 }).map((steps) => steps.map((step) => `pause(); { ${step} }`).join('; '));

const body = fc.record({ tasks: fc.array(block, { minLength: 1, maxLength: 3 }), own: block, ending: fc.constantFrom('wg.Wait()', 'wg.Wait(); x = 9', 'close(stop); wg.Wait()', '') })
  .map(({ tasks, own, ending }) => [...declarations, ...tasks.map((task) => `wg.Add(1); go func() { defer wg.Done(); ${task} }()`), own, ...(ending === '' ? [] : [ending])].join('; '));
