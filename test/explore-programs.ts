/**
 * Small Go programs and what the explorer must say of each: the kinds of bug it shows, or `clean`. Each body is a
 * function of its own; `above` holds declarations it needs. The list reads as a description of the semantics.
 */
export interface SmallProgram {
  readonly name: string;
  readonly verdict: string;
  readonly body: string;
  readonly above?: string;
}

export const programs: Readonly<Record<string, readonly SmallProgram[]>> = {
  'starting tasks': [
    { name: 'a write before the start happens before the task', verdict: 'clean', body: 'x := 1; done := make(chan bool); go func() { x++; done <- true }(); <-done; _ = x' },
    { name: 'a write after the start does not', verdict: 'race', body: 'x := 1; _ = x; go func() { x = 2 }(); x = 3' },
    { name: 'two tasks write', verdict: 'race', body: 'x := 0; var wg sync.WaitGroup; wg.Add(2); for range 2 { go func() { defer wg.Done(); x++ }() }; wg.Wait(); _ = x' },
    { name: 'two tasks read', verdict: 'clean', body: 'x := 0; x = 1; var wg sync.WaitGroup; wg.Add(2); for range 2 { go func() { defer wg.Done(); _ = x }() }; wg.Wait(); x = 2' },
    { name: 'each turn has its own loop variable', verdict: 'clean', body: 'var wg sync.WaitGroup; for i := 0; i < 2; i++ { wg.Add(1); go func() { defer wg.Done(); i := i; i++; _ = i }() }; wg.Wait()' },
    { name: 'fields of different objects', verdict: 'clean', above: 'type Pair struct{ n int }', body: 'a, b := &Pair{}, &Pair{}; done := make(chan bool); go func() { a.n = 1; done <- true }(); b.n = 2; <-done' },
    { name: 'fields of one object through two names', verdict: 'race', above: 'type Pair struct{ n int }', body: 'a := &Pair{}; b := a; done := make(chan bool); go func() { a.n = 1; done <- true }(); b.n = 2; <-done' },
    { name: 'a copy of a record is another record', verdict: 'clean', above: 'type Pair struct{ n int }', body: 'a := Pair{}; b := a; p, q := &a, &b; done := make(chan bool); go func() { p.n = 1; done <- true }(); q.n = 2; <-done' },
    { name: 'different elements of a list', verdict: 'clean', body: 'xs := make([]int, 2); var wg sync.WaitGroup; for i := range xs { wg.Add(1); go func() { defer wg.Done(); xs[i] = i }() }; wg.Wait()' },
    { name: 'one element of a list', verdict: 'race', body: 'xs := make([]int, 2); var wg sync.WaitGroup; for range xs { wg.Add(1); go func() { defer wg.Done(); xs[0] = 1 }() }; wg.Wait()' },
    { name: 'a map is gone through once', verdict: 'clean', body: 'm := map[string]chan int{"a": make(chan int, 1), "b": make(chan int, 1)}; for _, c := range m { c <- 1 }; for k := range m { delete(m, k) }; for range m { panic("not empty") }' },
    { name: 'an empty map is not gone through', verdict: 'clean', body: 'm := map[int]bool{}; var mu sync.Mutex; mu.Lock(); for range m { mu.Lock() }; mu.Unlock()' },
    { name: 'different keys of one map', verdict: 'race', body: 'm := map[int]int{}; done := make(chan bool); go func() { m[1] = 1; done <- true }(); m[2] = 2; <-done' },
    { name: 'a method on a shared receiver', verdict: 'race', above: 'type Pair struct{ n int }\nfunc (p *Pair) bump() { p.n++ }', body: 'p := &Pair{}; done := make(chan bool); go func() { p.bump(); done <- true }(); p.bump(); <-done' },
    { name: 'a method value keeps its receiver', verdict: 'race', above: 'type Pair struct{ n int }\nfunc (p *Pair) bump() { p.n++ }', body: 'p := &Pair{}; bump := p.bump; done := make(chan bool); go func() { bump(); done <- true }(); p.n = 3; <-done' },
    { name: 'an interface call goes to what is in it', verdict: 'race', above: 'type Bumper interface{ bump() }\ntype Pair struct{ n int }\nfunc (p *Pair) bump() { p.n++ }\ntype Still struct{}\nfunc (Still) bump() {}', body: 'p := &Pair{}; var b Bumper = p; done := make(chan bool); go func() { b.bump(); done <- true }(); p.n = 3; <-done' },
    { name: 'an interface call goes through what is embedded', verdict: 'race', above: 'type Bumper interface{ bump() }\ntype Pair struct{ n int }\nfunc (p *Pair) bump() { p.n++ }\ntype Counted struct{ Bumper }\ntype Still struct{}\nfunc (Still) bump() {}', body: 'p := &Pair{}; var b Bumper = &Counted{p}; done := make(chan bool); go func() { b.bump(); done <- true }(); p.n = 3; <-done' },
  ],

  mutexes: [
    { name: 'the same mutex on both sides', verdict: 'clean', body: 'var mu sync.Mutex; x := 0; done := make(chan bool); go func() { mu.Lock(); x++; mu.Unlock(); done <- true }(); mu.Lock(); x++; mu.Unlock(); <-done' },
    { name: 'different mutexes', verdict: 'race', body: 'var a, b sync.Mutex; x := 0; done := make(chan bool); go func() { a.Lock(); x++; a.Unlock(); done <- true }(); b.Lock(); x++; b.Unlock(); <-done' },
    { name: 'a mutex on one side only', verdict: 'race', body: 'var mu sync.Mutex; x := 0; done := make(chan bool); go func() { mu.Lock(); x++; mu.Unlock(); done <- true }(); x++; <-done' },
    { name: 'locking twice', verdict: 'deadlock', body: 'var mu sync.Mutex; mu.Lock(); mu.Lock()' },
    { name: 'opposite orders', verdict: 'deadlock', body: 'var a, b sync.Mutex; done := make(chan bool); go func() { b.Lock(); a.Lock(); a.Unlock(); b.Unlock(); done <- true }(); a.Lock(); b.Lock(); b.Unlock(); a.Unlock(); <-done' },
    { name: 'opposite orders under a common lock', verdict: 'clean', body: 'var a, b, gate sync.Mutex; done := make(chan bool); go func() { gate.Lock(); b.Lock(); a.Lock(); a.Unlock(); b.Unlock(); gate.Unlock(); done <- true }(); gate.Lock(); a.Lock(); b.Lock(); b.Unlock(); a.Unlock(); gate.Unlock(); <-done' },
    { name: 'unlocking what is not locked', verdict: 'unlock-unlocked', body: 'var mu sync.Mutex; mu.Unlock()' },
    { name: 'a mutex may be unlocked by another task', verdict: 'clean', body: 'var mu sync.Mutex; mu.Lock(); go func() { mu.Unlock() }(); mu.Lock(); mu.Unlock()' },
    { name: 'a deferred unlock', verdict: 'clean', body: 'var mu sync.Mutex; x := 0; bump := func() { mu.Lock(); defer mu.Unlock(); x++ }; done := make(chan bool); go func() { bump(); done <- true }(); bump(); <-done' },
    { name: 'a lock kept on one path', verdict: 'deadlock', body: 'var mu sync.Mutex; bump := func(early bool) { mu.Lock(); if early { return }; mu.Unlock() }; bump(true); bump(false)' },
    { name: 'a try that fails touches nothing', verdict: 'clean', body: 'var mu sync.Mutex; x := 0; done := make(chan bool); go func() { if mu.TryLock() { x++; mu.Unlock() }; done <- true }(); mu.Lock(); x++; mu.Unlock(); <-done' },
    { name: 'writing although the try failed', verdict: 'race', body: 'var mu sync.Mutex; x := 0; done := make(chan bool); go func() { ok := mu.TryLock(); x++; if ok { mu.Unlock() }; done <- true }(); mu.Lock(); x++; mu.Unlock(); <-done' },
    { name: 'locks of two objects of one type', verdict: 'clean', above: 'type Guarded struct { mu sync.Mutex; n int }', body: 'a, b := &Guarded{}, &Guarded{}; a.mu.Lock(); b.mu.Lock(); a.n, b.n = 1, 2; b.mu.Unlock(); a.mu.Unlock()' },
    { name: 'a copied lock guards nothing', verdict: 'race', above: 'type Guarded struct { mu sync.Mutex; n *int }\nfunc (g Guarded) bump() { g.mu.Lock(); *g.n++; g.mu.Unlock() }', body: 'n := 0; g := Guarded{n: &n}; done := make(chan bool); go func() { g.bump(); done <- true }(); g.bump(); <-done' },
  ],

  'read-write locks': [
    { name: 'readers and a writer', verdict: 'clean', body: 'var mu sync.RWMutex; x := 0; done := make(chan bool); go func() { mu.RLock(); _ = x; mu.RUnlock(); done <- true }(); mu.Lock(); x++; mu.Unlock(); <-done' },
    { name: 'writing under a read lock', verdict: 'race', body: 'var mu sync.RWMutex; x := 0; done := make(chan bool); go func() { mu.RLock(); x++; mu.RUnlock(); done <- true }(); mu.RLock(); x++; mu.RUnlock(); <-done' },
    { name: 'reading twice alone', verdict: 'clean', body: 'var mu sync.RWMutex; mu.RLock(); mu.RLock(); mu.RUnlock(); mu.RUnlock()' },
    { name: 'reading twice with a writer between', verdict: 'deadlock', body: 'var mu sync.RWMutex; done := make(chan bool); go func() { mu.Lock(); mu.Unlock(); done <- true }(); mu.RLock(); mu.RLock(); mu.RUnlock(); mu.RUnlock(); <-done' },
    { name: 'the readers side is a read lock', verdict: 'clean', body: 'var mu sync.RWMutex; l := mu.RLocker(); l.Lock(); mu.RLock(); mu.RUnlock(); l.Unlock(); mu.Lock(); mu.Unlock()' },
    { name: 'the readers side twice with a writer between', verdict: 'deadlock', body: 'var mu sync.RWMutex; done := make(chan bool); l := mu.RLocker(); go func() { mu.Lock(); mu.Unlock(); done <- true }(); l.Lock(); mu.RLock(); mu.RUnlock(); l.Unlock(); <-done' },
    { name: 'upgrading', verdict: 'deadlock', body: 'var mu sync.RWMutex; mu.RLock(); mu.Lock()' },
    { name: 'RUnlock of a writer', verdict: 'unlock-unlocked', body: 'var mu sync.RWMutex; mu.Lock(); mu.RUnlock()' },
    { name: 'what readers did happens before the next writer', verdict: 'clean', body: 'var mu sync.RWMutex; x := 0; done := make(chan bool); mu.RLock(); go func() { mu.Lock(); x++; mu.Unlock(); done <- true }(); _ = x; mu.RUnlock(); <-done' },
  ],

  'unbuffered channels': [
    { name: 'a send happens before its receive', verdict: 'clean', body: 'x := 0; _ = x; ch := make(chan bool); go func() { x = 1; ch <- true }(); <-ch; x = 2' },
    { name: 'a receive happens before its send is done', verdict: 'clean', body: 'x := 0; _ = x; ch := make(chan bool); go func() { x = 1; <-ch }(); ch <- true; x = 2' },
    { name: 'after the send nothing is ordered', verdict: 'race', body: 'x := 0; _ = x; ch := make(chan bool); go func() { ch <- true; x = 1 }(); <-ch; x = 2' },
    { name: 'nobody receives', verdict: 'leak', body: 'ch := make(chan int); go func() { ch <- 1 }()' },
    { name: 'nobody sends', verdict: 'deadlock', body: 'ch := make(chan int); <-ch' },
    { name: 'one result, two senders', verdict: 'leak', body: 'ch := make(chan int); for range 2 { go func() { ch <- 1 }() }; <-ch' },
    { name: 'a nil channel blocks for ever', verdict: 'deadlock', body: 'var ch chan int; ch <- 1' },
    { name: 'a channel sent over a channel', verdict: 'clean', body: 'requests := make(chan chan int); go func() { reply := <-requests; reply <- 1 }(); reply := make(chan int); requests <- reply; <-reply' },
    { name: 'sending while holding the lock the receiver needs', verdict: 'deadlock', body: 'var mu sync.Mutex; ch := make(chan int); go func() { mu.Lock(); mu.Unlock(); <-ch }(); mu.Lock(); ch <- 1; mu.Unlock()' },
  ],

  'buffered channels': [
    { name: 'a send happens before its receive', verdict: 'clean', body: 'x := 0; _ = x; ch := make(chan bool, 1); go func() { x = 1; ch <- true }(); <-ch; x = 2' },
    { name: 'a receive does not happen before its send is done', verdict: 'race', body: 'x := 0; _ = x; ch := make(chan bool, 1); go func() { x = 1; <-ch }(); ch <- true; x = 2' },
    { name: 'a channel of one is a lock', verdict: 'clean', body: 'x := 0; sem := make(chan bool, 1); done := make(chan bool); go func() { sem <- true; x++; <-sem; done <- true }(); sem <- true; x++; <-sem; <-done' },
    { name: 'a channel of two is none', verdict: 'race', body: 'x := 0; sem := make(chan bool, 2); done := make(chan bool); go func() { sem <- true; x++; <-sem; done <- true }(); sem <- true; x++; <-sem; <-done' },
    { name: 'room for all senders', verdict: 'clean', body: 'ch := make(chan int, 2); for range 2 { go func() { ch <- 1 }() }; <-ch' },
    { name: 'one send too many', verdict: 'deadlock', body: 'ch := make(chan int, 1); ch <- 1; ch <- 2' },
    { name: 'its length is known', verdict: 'clean', body: 'ch := make(chan int, 1); ch <- 1; if len(ch) == 0 { panic("empty") }' },
  ],

  'closed channels': [
    { name: 'a close happens before the receive that sees it', verdict: 'clean', body: 'x := 0; _ = x; ch := make(chan bool); go func() { x = 1; close(ch) }(); <-ch; x = 2' },
    { name: 'closing twice', verdict: 'double-close', body: 'ch := make(chan bool); close(ch); close(ch)' },
    { name: 'two tasks close', verdict: 'double-close race', body: 'ch := make(chan bool); go func() { close(ch) }(); close(ch)' },
    { name: 'two tasks close once', verdict: 'clean', body: 'ch := make(chan bool); var once sync.Once; go func() { once.Do(func() { close(ch) }) }(); once.Do(func() { close(ch) })' },
    { name: 'checked and closed without a lock', verdict: 'double-close race', body: 'ch := make(chan bool); stopped := false; stop := func() { if !stopped { stopped = true; close(ch) } }; go stop(); stop()' },
    { name: 'checked by select and closed', verdict: 'double-close race', body: 'ch := make(chan bool); stop := func() { select { case <-ch: default: close(ch) } }; go stop(); stop()' },
    { name: 'sending on it', verdict: 'send-on-closed', body: 'ch := make(chan int, 1); close(ch); ch <- 1' },
    { name: 'closing while another may send', verdict: 'race send-on-closed', body: 'ch := make(chan int, 1); go func() { ch <- 1 }(); close(ch)' },
    { name: 'closing after all have sent', verdict: 'clean', body: 'ch := make(chan int, 2); var wg sync.WaitGroup; for range 2 { wg.Add(1); go func() { defer wg.Done(); ch <- 1 }() }; wg.Wait(); close(ch); for range ch {}' },
    { name: 'closing nil', verdict: 'close-nil', body: 'var ch chan int; close(ch)' },
    { name: 'what was sent before is still received', verdict: 'clean', body: 'ch := make(chan int, 1); ch <- 1; close(ch); if v, ok := <-ch; !ok || v != 1 { panic("lost") }; if v, ok := <-ch; ok || v != 0 { panic("not closed") }' },
    { name: 'ranging over what nobody closes', verdict: 'leak', body: 'ch := make(chan int); go func() { for range ch {} }(); ch <- 1' },
    { name: 'ranging over what is closed', verdict: 'clean', body: 'ch := make(chan int); done := make(chan bool); go func() { for range ch {}; close(done) }(); ch <- 1; close(ch); <-done' },
  ],

  select: [
    { name: 'any ready arm', verdict: 'panic', body: 'a, b := make(chan int, 1), make(chan int, 1); a <- 1; b <- 1; select { case <-a: case <-b: panic("second") }' },
    { name: 'the default only when no arm is ready', verdict: 'clean', body: 'a := make(chan int, 1); a <- 1; select { case <-a: default: panic("not ready") }' },
    { name: 'the default when the partner may not be there yet', verdict: 'leak', body: 'ch := make(chan int); go func() { ch <- 1 }(); select { case <-ch: default: }' },
    { name: 'no arm at all', verdict: 'deadlock', body: 'select {}' },
    { name: 'a nil arm is never ready', verdict: 'clean', body: 'var a chan int; b := make(chan int, 1); b <- 1; select { case <-a: panic("nil") ; case <-b: }' },
    { name: 'a result nobody waits for after the timeout', verdict: 'leak', body: 'ch := make(chan int); go func() { ch <- 1 }(); select { case <-ch: case <-time.After(time.Second): }' },
    { name: 'room for the late result', verdict: 'clean', body: 'ch := make(chan int, 1); go func() { ch <- 1 }(); select { case <-ch: case <-time.After(time.Second): }' },
    { name: 'a worker that is told to stop', verdict: 'clean', body: 'jobs, quit := make(chan int), make(chan bool); done := make(chan bool); go func() { defer close(done); for { select { case <-jobs: case <-quit: return } } }(); jobs <- 1; close(quit); <-done' },
    { name: 'a worker that is not', verdict: 'leak', body: 'jobs, quit := make(chan int), make(chan bool); go func() { for { select { case <-jobs: case <-quit: return } } }(); jobs <- 1' },
  ],

  'wait groups': [
    { name: 'waiting for all', verdict: 'clean', body: 'x := 0; _ = x; var wg sync.WaitGroup; wg.Add(1); go func() { defer wg.Done(); x = 1 }(); wg.Wait(); x = 2' },
    { name: 'Done before the last write', verdict: 'race', body: 'x := 0; _ = x; var wg sync.WaitGroup; wg.Add(1); go func() { wg.Done(); x = 1 }(); wg.Wait(); x = 2' },
    { name: 'Add in the task that is waited for', verdict: 'race', body: 'x := 0; _ = x; var wg sync.WaitGroup; go func() { wg.Add(1); defer wg.Done(); x = 1 }(); wg.Wait(); x = 2' },
    { name: 'one Done too few', verdict: 'deadlock', body: 'var wg sync.WaitGroup; wg.Add(2); go func() { wg.Done() }(); wg.Wait()' },
    { name: 'one Done too many', verdict: 'negative-counter', body: 'var wg sync.WaitGroup; wg.Add(1); wg.Done(); wg.Done()' },
    { name: 'Go of a wait group', verdict: 'clean', body: 'x := 0; _ = x; var wg sync.WaitGroup; wg.Go(func() { x = 1 }); wg.Wait(); x = 2' },
    { name: 'Done is skipped on one path', verdict: 'deadlock', above: 'func fails() error', body: 'var wg sync.WaitGroup; wg.Add(1); go func() { if fails() != nil { return }; wg.Done() }(); wg.Wait()' },
  ],

  'once and conditions': [
    { name: 'what Once ran happens before every caller goes on', verdict: 'clean', body: 'x := 0; var once sync.Once; set := func() { once.Do(func() { x = 1 }); _ = x }; done := make(chan bool); go func() { set(); done <- true }(); set(); <-done' },
    { name: 'Once within itself', verdict: 'deadlock', body: 'var once sync.Once; once.Do(func() { once.Do(func() {}) })' },
    { name: 'waiting for a condition that is signalled under the lock', verdict: 'clean', body: 'var mu sync.Mutex; c := sync.NewCond(&mu); ready := false; go func() { mu.Lock(); ready = true; c.Signal(); mu.Unlock() }(); mu.Lock(); for !ready { c.Wait() }; mu.Unlock()' },
    { name: 'a signal that nobody waits for is lost', verdict: 'deadlock', body: 'var mu sync.Mutex; c := sync.NewCond(&mu); go func() { mu.Lock(); c.Signal(); mu.Unlock() }(); mu.Lock(); c.Wait(); mu.Unlock()' },
    { name: 'one signal for two', verdict: 'leak', body: 'var mu sync.Mutex; c := sync.NewCond(&mu); ready := false; for range 2 { go func() { mu.Lock(); for !ready { c.Wait() }; mu.Unlock() }() }; mu.Lock(); ready = true; c.Signal(); mu.Unlock()' },
    { name: 'a broadcast for two', verdict: 'clean', body: 'var mu sync.Mutex; c := sync.NewCond(&mu); ready := false; for range 2 { go func() { mu.Lock(); for !ready { c.Wait() }; mu.Unlock() }() }; mu.Lock(); ready = true; c.Broadcast(); mu.Unlock()' },
    { name: 'the lock is released while waiting', verdict: 'clean', body: 'var mu sync.Mutex; c := sync.NewCond(&mu); n := 0; done := make(chan bool); go func() { mu.Lock(); n++; mu.Unlock(); c.Broadcast(); close(done) }(); mu.Lock(); for n == 0 { c.Wait() }; mu.Unlock(); <-done' },
  ],

  atomics: [
    { name: 'atomic on both sides', verdict: 'clean', body: 'var n int64; done := make(chan bool); go func() { atomic.AddInt64(&n, 1); done <- true }(); atomic.AddInt64(&n, 1); <-done' },
    { name: 'atomic on one side', verdict: 'race', body: 'var n int64; done := make(chan bool); go func() { atomic.AddInt64(&n, 1); done <- true }(); n++; <-done' },
    { name: 'a flag that publishes', verdict: 'clean', body: 'x := 0; _ = x; var ready atomic.Bool; go func() { x = 1; ready.Store(true) }(); if ready.Load() { x = 2 }' },
    { name: 'a flag read the wrong way round', verdict: 'race', body: 'x := 0; _ = x; var ready atomic.Bool; go func() { x = 1; ready.Store(true) }(); if !ready.Load() { x = 2 }' },
    { name: 'the winner of a compare and swap', verdict: 'clean', body: 'x := 0; _ = x; var taken int32; win := func() { if atomic.CompareAndSwapInt32(&taken, 0, 1) { x = 1 } }; done := make(chan bool); go func() { win(); done <- true }(); win(); <-done' },
    { name: 'polling', verdict: 'clean', body: 'x := 0; _ = x; var ready int32; go func() { x = 1; atomic.StoreInt32(&ready, 1) }(); for atomic.LoadInt32(&ready) == 0 {}; x = 2' },
    { name: 'polling a plain flag', verdict: 'race', body: 'ready := false; go func() { ready = true }(); for !ready {}' },
    { name: 'only the last counts down', verdict: 'clean', body: 'ch := make(chan bool); var left atomic.Int32; left.Store(2); for range 2 { go func() { if left.Add(-1) == 0 { close(ch) } }() }; <-ch' },
  ],

  'contexts and timers': [
    { name: 'cancelling ends the wait', verdict: 'clean', body: 'ctx, cancel := context.WithCancel(context.Background()); done := make(chan bool); go func() { <-ctx.Done(); close(done) }(); cancel(); <-done' },
    { name: 'cancelled by a task that does only that', verdict: 'clean', body: 'ctx, cancel := context.WithCancel(context.Background()); go cancel(); <-ctx.Done()' },
    { name: 'never cancelled', verdict: 'leak', body: 'ctx, cancel := context.WithCancel(context.Background()); _ = cancel; go func() { <-ctx.Done() }()' },
    { name: 'the parent ends its children', verdict: 'clean', body: 'parent, cancel := context.WithCancel(context.Background()); child, stop := context.WithCancel(parent); defer stop(); cancel(); <-child.Done()' },
    { name: 'a child does not end its parent', verdict: 'deadlock', body: 'parent, cancel := context.WithCancel(context.Background()); _, stop := context.WithCancel(parent); stop(); <-parent.Done(); cancel()' },
    { name: 'a deadline comes', verdict: 'clean', body: 'ctx, cancel := context.WithTimeout(context.Background(), time.Second); defer cancel(); <-ctx.Done()' },
    { name: 'the background never ends', verdict: 'deadlock', body: '<-context.Background().Done()' },
    { name: 'what was done before the cancel is seen after Done', verdict: 'clean', body: 'x := 0; _ = x; ctx, cancel := context.WithCancel(context.Background()); go func() { x = 1; cancel() }(); <-ctx.Done(); x = 2' },
    { name: 'a function called later', verdict: 'race', body: 'x := 0; _ = x; time.AfterFunc(time.Second, func() { x = 1 }); x = 2' },
    { name: 'a timer that is stopped does not fire', verdict: 'clean', body: 'x := 0; _ = x; t := time.AfterFunc(time.Hour, func() { x = 1 }); t.Stop(); x = 2' },
    { name: 'one that may have fired before', verdict: 'race', body: 'x := 0; _ = x; t := time.AfterFunc(time.Second, func() { x = 1 }); t.Stop(); x = 2' },
    { name: 'what is done before a reset happens before it fires', verdict: 'clean', body: 'x := 0; _ = x; done := make(chan bool); t := time.AfterFunc(time.Hour, func() { x = 1; close(done) }); t.Stop(); x = 2; t.Reset(1); <-done' },
    { name: 'a function that has run is run again after a reset', verdict: 'panic', body: 'n := 0; ran := make(chan bool); t := time.AfterFunc(1, func() { n++; if n == 2 { panic("twice") }; ran <- true }); <-ran; t.Reset(1); <-ran' },
    { name: 'whether it was stopped in time', verdict: 'clean', body: 'x := 0; _ = x; t := time.AfterFunc(time.Second, func() { x = 1 }); if t.Stop() { x = 2 }' },
    { name: 'a timer channel that is reset', verdict: 'clean', body: 'x := 0; _ = x; done := make(chan bool); t := time.NewTimer(time.Hour); go func() { <-t.C; x = 1; close(done) }(); t.Stop(); x = 2; t.Reset(1); <-done; x = 3' },
    { name: 'a timer that was stopped and is waited for', verdict: 'clean', body: 't := time.NewTimer(time.Second); t.Stop(); <-t.C' },
    { name: 'waiting for all others', verdict: 'clean', body: 'x := 0; _ = x; synctest.Test(nil, func(*testing.T) { f := func() { x++ }; go f(); synctest.Wait(); go f(); synctest.Wait(); x++ })' },
    { name: 'sleeping orders nothing', verdict: 'race', body: 'x := 0; _ = x; go func() { x = 1 }(); time.Sleep(time.Second); x = 2' },
  ],

  panics: [
    { name: 'a panic nobody recovers', verdict: 'panic', body: 'panic("stop")' },
    { name: 'a panic that is recovered', verdict: 'clean', body: 'func() { defer func() { recover() }(); panic("stop") }()' },
    { name: 'a double close that is recovered', verdict: 'clean', body: 'ch := make(chan int); close(ch); func() { defer func() { recover() }(); close(ch) }()' },
    { name: 'unlocking nothing cannot be recovered', verdict: 'unlock-unlocked', body: 'var mu sync.Mutex; func() { defer func() { recover() }(); mu.Unlock() }()' },
    { name: 'a deferred unlock runs on panic', verdict: 'clean', body: 'var mu sync.Mutex; var ch chan int; func() { defer func() { recover() }(); mu.Lock(); defer mu.Unlock(); close(ch) }(); mu.Lock(); mu.Unlock()' },
    { name: 'an undeferred unlock does not', verdict: 'deadlock', body: 'var mu sync.Mutex; var ch chan int; func() { defer func() { recover() }(); mu.Lock(); close(ch); mu.Unlock() }(); mu.Lock(); mu.Unlock()' },
    { name: 'a null dereference', verdict: 'panic', above: 'type Pair struct{ n int }', body: 'var p *Pair; p.n = 1' },
    { name: 'the program ends', verdict: 'clean', body: 'ch := make(chan int); go func() { os.Exit(0) }(); <-ch' },
    { name: 'the task ends, its deferred work runs', verdict: 'clean', body: 'done := make(chan bool); go func() { defer close(done); runtime.Goexit() }(); <-done' },
  ],

  'unknown data': [
    { name: 'the same condition twice', verdict: 'clean', above: 'func flag() bool', body: 'var mu sync.Mutex; slow := flag(); if slow { mu.Lock() }; if slow { mu.Unlock() }' },
    { name: 'two conditions', verdict: 'unlock-unlocked', above: 'func flag() bool', body: 'var mu sync.Mutex; if flag() { mu.Lock() }; if flag() { mu.Unlock() }' },
    { name: 'an error and its opposite', verdict: 'clean', above: 'func fails() error', body: 'ch := make(chan int, 1); err := fails(); if err != nil { ch <- 1 }; if err == nil { ch <- 1 }; <-ch' },
    { name: 'a number of turns nobody knows', verdict: 'clean', above: 'func flag() bool', body: 'var mu sync.Mutex; for flag() { mu.Lock(); mu.Unlock() }' },
    { name: 'a race in the second turn', verdict: 'race', above: 'func flag() bool', body: 'x := 0; for flag() { go func() { x++ }() }' },
  ],

  'groups of tasks': [
    { name: 'a pool of workers', verdict: 'clean', body: 'jobs, results := make(chan int), make(chan int); var wg sync.WaitGroup; for range 2 { wg.Add(1); go func() { defer wg.Done(); for j := range jobs { results <- j } }() }; go func() { for i := range 2 { jobs <- i }; close(jobs) }(); go func() { wg.Wait(); close(results) }(); for range results {}' },
    { name: 'results nobody drains', verdict: 'leak', body: 'jobs, results := make(chan int, 2), make(chan int); for range 2 { go func() { for j := range jobs { results <- j } }() }; jobs <- 1; jobs <- 2; close(jobs); <-results' },
    { name: 'a ring of two', verdict: 'deadlock', body: 'a, b := make(chan int), make(chan int); go func() { b <- <-a }(); a <- <-b' },
    { name: 'dining with two forks', verdict: 'deadlock', body: 'forks := []*sync.Mutex{{}, {}}; var wg sync.WaitGroup; for i := range 2 { wg.Add(1); go func() { defer wg.Done(); next := 1 - i; forks[i].Lock(); forks[next].Lock(); forks[next].Unlock(); forks[i].Unlock() }() }; wg.Wait()' },
  ],
};
