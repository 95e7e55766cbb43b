import type { Primitive } from '../ir/index.js';
import type { Meaning, Meanings, PrimitiveTypes } from './model.js';

/** Go types whose values synchronise. */
export const goPrimitives: PrimitiveTypes = new Map<string, Primitive>([
  ['sync.Mutex', 'lock'],
  ['sync.RWMutex', 'rwlock'],
  ['sync.WaitGroup', 'counter'],
  ['sync.Cond', 'condition'],
  ['sync.Once', 'once'],
  ['sync.Map', 'concurrent-map'],
  ['sync.Pool', 'pool'],
  ...['Bool', 'Int32', 'Int64', 'Uint32', 'Uint64', 'Uintptr', 'Pointer', 'Value'].map((name): [string, Primitive] => [`sync/atomic.${name}`, 'atomic']),
  ...['Bool', 'Int32', 'Int64', 'Uint32', 'Uint64', 'Uintptr', 'Float32', 'Float64', 'String', 'Duration', 'Error', 'Time', 'Value', 'Pointer', 'UnsafePointer'].map((name): [string, Primitive] => [`go.uber.org/atomic.${name}`, 'atomic']),
  ['golang.org/x/sync/errgroup.Group', 'group'],
  ['github.com/sourcegraph/conc.WaitGroup', 'group'],
  ['github.com/sourcegraph/conc/pool.Pool', 'group'],
  ['github.com/sourcegraph/conc/pool.ContextPool', 'group'],
  ['github.com/sourcegraph/conc/pool.ErrorPool', 'group'],
  ['context.Context', 'context'],
  ['time.Timer', 'timer'],
  ['time.Ticker', 'timer'],
  ['github.com/sasha-s/go-deadlock.Mutex', 'lock'],
  ['github.com/sasha-s/go-deadlock.RWMutex', 'rwlock'],
  ['github.com/sasha-s/go-deadlock.WaitGroup', 'counter'],
  ['github.com/sasha-s/go-deadlock.Cond', 'condition'],
  ['github.com/sasha-s/go-deadlock.Once', 'once'],
  ['sync.Locker', 'lock'],
  ['sync (unseen).Mutex', 'lock'],
  ['sync (unseen).RWMutex', 'rwlock'],
]);

/** Locks that may be handles: whether a copy is another lock is not known. */
export const goHandles: ReadonlySet<string> = new Set(['sync.Locker', 'sync (unseen).Mutex', 'sync (unseen).RWMutex']);

/**
 * Networking projects wrap sync's locks in a package of their own, to find deadlocks in tests. Where that package is not
 * at hand its name and the type's say what it is; locks across machines (`redsync`, `concurrency`) are called otherwise.
 * In a package of odds and ends the type must have one of sync's own names, and so it must in one that is named after what it does to locks.
 */
export function unseenLock(path: string, name: string): { readonly path: string; readonly name: string } | undefined {
  if (!name.endsWith('Mutex')) return undefined;
  const home = path.replace(/\/v\d+$/, '').split('/').pop()!;
  const hasOwnName = /^(?:RW)?Mutex$/.test(name);
  if (/^(?:utils?|common|lib|base|internal|core)$/i.test(home) || (/lock|mutex/i.test(home) && !acrossMachines.test(home))) return hasOwnName ? { path: 'sync (unseen)', name } : undefined;
  if (!/^(?:x|tm|cmt|go-?)?(?:sync(?:s|x|util|utils|utilities)?|(?:go-)?deadlock|(?:rw)?mutex(?:es)?|locks?|locking)$/i.test(home)) return undefined;
  return /^\w*Mutex$/.test(name) ? { path: 'sync (unseen)', name: /RW\w*Mutex$/.test(name) ? 'RWMutex' : 'Mutex' } : undefined;
}

const acrossMachines = /redis|redlock|etcd|consul|zk|zoo|dist|dlock|remote|cluster|global|file|flock|pg|sql|mongo|dynamo|s3|gcs|kube/i;

/** Bytes and alignment of library types on machines with words of 32 bits; their fields are not at hand. */
export const goNarrowSizes: ReadonlyMap<string, readonly [size: number, align: number]> = new Map([
  ['sync.Mutex', [8, 4]], ['sync.RWMutex', [24, 4]], ['sync.Once', [12, 4]], ['sync.WaitGroup', [16, 8]], ['sync.Cond', [32, 4]], ['time.Time', [20, 4]],
  ...['Bool', 'Int32', 'Uint32', 'Uintptr', 'Pointer'].map((name): [string, [number, number]] => [`sync/atomic.${name}`, [4, 4]]),
  ['sync/atomic.Int64', [8, 8]], ['sync/atomic.Uint64', [8, 8]], ['sync/atomic.Value', [8, 4]],
]);

/** Functions the compiler answers without running anything: their arguments are types in disguise. */
export const goCompileTime: ReadonlySet<string> = new Set(['unsafe.Sizeof', 'unsafe.Alignof', 'unsafe.Offsetof']);

/** Functions whose value ends a context when called. */
export const goCancelTypes: ReadonlySet<string> = new Set(['context.CancelFunc', 'context.CancelCauseFunc']);

/** Parameters that only functions called by a server have, for each of many requests at once; a star for pointers. */
export const goHandlerParameters: readonly (readonly string[])[] = [
  ['net/http.ResponseWriter', '*net/http.Request'],
  ['*github.com/gin-gonic/gin.Context'],
  ['github.com/labstack/echo/v4.Context'],
];

/** What tests are known by through an interface, and the methods that an interface of this kind has. */
export const goTestHandle = { type: 'testing.TB', methods: ['FailNow', 'Helper', 'Fatal', 'Errorf'] } as const;

/** The side of a reader-writer lock that `RLocker` hands out, as a field of the lock. */
export const readerSide = { name: 'reader', owner: 'sync.RWMutex' } as const;

/** Fields that hold the lock a condition was made with. */
export const goConditionLocks: ReadonlySet<string> = new Set(['sync.Cond.L', 'github.com/sasha-s/go-deadlock.Cond.L']);

/** Where a context keeps the channel that closes when it ends. */
export const doneChannel = { name: 'done', owner: 'context' } as const;

/** What the calls of Go's standard library and its well-known companions mean, by full name. Built last: the rows read the tables above. */
export const goMeanings: Meanings = new Map(rows());

function rows(): [string, Meaning][] {
  return [...locks(), ...counters(), ...atomics(), ...contexts(), ...timers(), ...groups(), ...handlers(), ...testing(), ...callbacks(), ...endings(), ...objects(), ...formatting(), ...blocking()];
}

function locks(): [string, Meaning][] {
  const table: [string, Meaning][] = [];
  const lockTypes = ['sync.Mutex', 'sync.RWMutex', 'github.com/sasha-s/go-deadlock.Mutex', 'github.com/sasha-s/go-deadlock.RWMutex', ...goHandles];
  for (const type of lockTypes) {
    table.push([`${type}.Lock`, { means: 'acquire', lock: 'receiver', mode: 'exclusive' }]);
    table.push([`${type}.Unlock`, { means: 'release', lock: 'receiver', mode: 'exclusive' }]);
    table.push([`${type}.TryLock`, { means: 'acquire', lock: 'receiver', mode: 'exclusive', tries: true }]);
    table.push([`${type}.RLock`, { means: 'acquire', lock: 'receiver', mode: 'shared' }]);
    table.push([`${type}.RUnlock`, { means: 'release', lock: 'receiver', mode: 'shared' }]);
    table.push([`${type}.TryRLock`, { means: 'acquire', lock: 'receiver', mode: 'shared', tries: true }]);
  }
  for (const type of ['sync.RWMutex', 'github.com/sasha-s/go-deadlock.RWMutex']) table.push([`${type}.RLocker`, { means: 'field', of: 'receiver', ...readerSide, address: true }]);
  return table;
}

function counters(): [string, Meaning][] {
  const table: [string, Meaning][] = [];
  for (const type of ['sync.WaitGroup', 'github.com/sasha-s/go-deadlock.WaitGroup']) {
    table.push([`${type}.Add`, { means: 'signal', on: 'receiver', what: 'counter', delta: { argument: 0 } }]);
    table.push([`${type}.Done`, { means: 'signal', on: 'receiver', what: 'counter', delta: -1 }]);
    table.push([`${type}.Wait`, { means: 'wait', on: 'receiver', what: 'counter' }]);
    table.push([`${type}.Go`, { means: 'spawn', callee: 0, group: 'receiver' }]);
  }
  for (const type of ['sync.Cond', 'github.com/sasha-s/go-deadlock.Cond']) {
    table.push([`${type}.Wait`, { means: 'wait', on: 'receiver', what: 'condition' }]);
    table.push([`${type}.Signal`, { means: 'signal', on: 'receiver', what: 'condition' }]);
    table.push([`${type}.Broadcast`, { means: 'signal', on: 'receiver', what: 'condition', broadcast: true }]);
  }
  table.push(['sync.NewCond', { means: 'make', what: 'condition', of: 0 }]);
  table.push(['github.com/sasha-s/go-deadlock.NewCond', { means: 'make', what: 'condition', of: 0 }]);
  for (const name of ['OnceFunc', 'OnceValue', 'OnceValues']) table.push([`sync.${name}`, { means: 'once function', callee: 0 }]);
  table.push(['sync.Once.Do', { means: 'runs', callees: [0], once: 'receiver' }]);
  table.push(['github.com/sasha-s/go-deadlock.Once.Do', { means: 'runs', callees: [0], once: 'receiver' }]);
  return table;
}

function atomics(): [string, Meaning][] {
  const table: [string, Meaning][] = [];
  const read = (of: 'receiver' | number, verb: string): Meaning => ({ means: 'read', of, atomic: true, verb });
  for (const kind of ['Int32', 'Int64', 'Uint32', 'Uint64', 'Uintptr', 'Pointer']) {
    table.push([`sync/atomic.Load${kind}`, read(0, 'atomic load')]);
    table.push([`sync/atomic.Store${kind}`, { means: 'write', of: 0, value: 1, atomic: true, verb: 'atomic store' }]);
    table.push([`sync/atomic.Swap${kind}`, { means: 'write', of: 0, value: 1, updates: true, atomic: true, verb: 'atomic swap' }]);
    table.push([`sync/atomic.Add${kind}`, { means: 'write', of: 0, adds: 1, updates: true, atomic: true, verb: 'atomic add' }]);
    table.push([`sync/atomic.And${kind}`, { means: 'write', of: 0, updates: true, atomic: true, verb: 'atomic and' }]);
    table.push([`sync/atomic.Or${kind}`, { means: 'write', of: 0, updates: true, atomic: true, verb: 'atomic or' }]);
    table.push([`sync/atomic.CompareAndSwap${kind}`, { means: 'write', of: 0, value: 2, expects: 1, updates: true, atomic: true, verb: 'compare and swap' }]);
  }
  for (const [type, primitive] of goPrimitives) {
    if (primitive !== 'atomic') continue;
    table.push([`${type}.Load`, read('receiver', 'atomic load')]);
    table.push([`${type}.Store`, { means: 'write', of: 'receiver', value: 0, atomic: true, verb: 'atomic store' }]);
    table.push([`${type}.Swap`, { means: 'write', of: 'receiver', value: 0, updates: true, atomic: true, verb: 'atomic swap' }]);
    table.push([`${type}.Add`, { means: 'write', of: 'receiver', adds: 0, updates: true, atomic: true, verb: 'atomic add' }]);
    table.push([`${type}.Sub`, { means: 'write', of: 'receiver', updates: true, atomic: true, verb: 'atomic subtract' }]);
    table.push([`${type}.And`, { means: 'write', of: 'receiver', updates: true, atomic: true, verb: 'atomic and' }]);
    table.push([`${type}.Or`, { means: 'write', of: 'receiver', updates: true, atomic: true, verb: 'atomic or' }]);
    table.push([`${type}.Inc`, { means: 'write', of: 'receiver', updates: true, atomic: true, verb: 'atomic increment' }]);
    table.push([`${type}.Dec`, { means: 'write', of: 'receiver', updates: true, atomic: true, verb: 'atomic decrement' }]);
    table.push([`${type}.Toggle`, { means: 'write', of: 'receiver', updates: true, atomic: true, verb: 'atomic toggle' }]);
    table.push([`${type}.CompareAndSwap`, { means: 'write', of: 'receiver', value: 1, expects: 0, updates: true, atomic: true, verb: 'compare and swap' }]);
    table.push([`${type}.CAS`, { means: 'write', of: 'receiver', value: 1, expects: 0, updates: true, atomic: true, verb: 'compare and swap' }]);
  }
  const concurrentMap = (of: 'read' | 'write', verb: string): Meaning => ({ means: of, of: 'receiver', atomic: true, container: 'map', verb });
  for (const name of ['Load']) table.push([`sync.Map.${name}`, concurrentMap('read', name)]);
  for (const name of ['Store', 'Delete', 'Clear']) table.push([`sync.Map.${name}`, concurrentMap('write', name)]);
  for (const name of ['LoadOrStore', 'LoadAndDelete', 'Swap', 'CompareAndSwap', 'CompareAndDelete']) table.push([`sync.Map.${name}`, { means: 'write', of: 'receiver', atomic: true, updates: true, container: 'map', verb: name }]);
  table.push(['sync.Pool.Put', { means: 'takes', of: 0, pools: true }], ['sync.Pool.Get', { means: 'takes out' }]);
  for (const name of ['slices.Clone', 'slices.Collect', 'slices.Values', 'slices.Sorted', 'maps.Clone', 'maps.Values', 'golang.org/x/exp/slices.Clone', 'golang.org/x/exp/maps.Clone', 'golang.org/x/exp/maps.Values']) table.push([name, { means: 'copies', of: 0 }]);
  table.push(['sync.Map.Range', { means: 'runs', callees: [0] }]);
  return table;
}

function contexts(): [string, Meaning][] {
  const derived = (timed: boolean): Meaning => ({ means: 'make', what: 'context', of: 0, cancel: 1, ...(timed ? { timed: true as const } : {}) });
  return [
    ['context.WithCancel', derived(false)],
    ['context.WithCancelCause', derived(false)],
    ['context.WithTimeout', derived(true)],
    ['context.WithTimeoutCause', derived(true)],
    ['context.WithDeadline', derived(true)],
    ['context.WithDeadlineCause', derived(true)],
    ['os/signal.NotifyContext', derived(true)],
    ['context.WithValue', { means: 'make', what: 'context', of: 0 }],
    ['context.WithoutCancel', { means: 'make', what: 'context' }],
    ['context.Background', { means: 'make', what: 'context' }],
    ['context.TODO', { means: 'make', what: 'context' }],
    // Ends when the client goes away, and when the handler has returned.
    ['net/http.Request.Context', { means: 'make', what: 'context', timed: true, served: true }],
    ['context.AfterFunc', { means: 'spawn', callee: 1, timed: true }],
    ['context.Context.Done', { means: 'field', of: 'receiver', ...doneChannel }],
    ['context.Context.Err', { means: 'read', of: 'receiver', atomic: true, verb: 'Err' }],
  ];
}

/** Constants of libraries whose values matter here: how long a timer runs. */
export const goConstants: ReadonlyMap<string, number> = new Map([
  ['time.Nanosecond', 1], ['time.Microsecond', 1e3], ['time.Millisecond', 1e6], ['time.Second', 1e9], ['time.Minute', 60e9], ['time.Hour', 3600e9],
]);

function timers(): [string, Meaning][] {
  return [
    ['time.After', { means: 'timed channel', after: 0, capacity: 1 }],
    ['time.Tick', { means: 'timed channel', after: 0, capacity: 1, repeats: true }],
    ['time.NewTimer', { means: 'timed channel', after: 0, capacity: 1, field: { name: 'C', owner: 'time.Timer' } }],
    ['time.NewTicker', { means: 'timed channel', after: 0, capacity: 1, repeats: true, field: { name: 'C', owner: 'time.Ticker' } }],
    ['time.AfterFunc', { means: 'spawn', callee: 1, timed: true, after: 0 }],
    ['time.Timer.Stop', { means: 'arm', starts: false }],
    ['time.Timer.Reset', { means: 'arm', starts: true, after: 0 }],
    ['time.Ticker.Stop', { means: 'arm', starts: false }],
    ['time.Ticker.Reset', { means: 'arm', starts: true, after: 0 }],
    ['time.Sleep', { means: 'blocks', reason: 'sleeps' }],
    ['os/signal.Notify', { means: 'feeds', channel: 0 }],
    ['os/signal.Stop', { means: 'starves', channel: 0 }],
  ];
}

function groups(): [string, Meaning][] {
  const table: [string, Meaning][] = [['golang.org/x/sync/errgroup.WithContext', { means: 'make', what: 'group', of: 0, result: 0, context: 1 }]];
  for (const type of ['golang.org/x/sync/errgroup.Group', 'github.com/sourcegraph/conc.WaitGroup', 'github.com/sourcegraph/conc/pool.Pool', 'github.com/sourcegraph/conc/pool.ErrorPool', 'github.com/sourcegraph/conc/pool.ContextPool']) {
    table.push([`${type}.Go`, { means: 'spawn', callee: 0, group: 'receiver' }]);
    table.push([`${type}.TryGo`, { means: 'spawn', callee: 0, group: 'receiver', tries: true }]);
    table.push([`${type}.Wait`, { means: 'wait', on: 'receiver', what: 'group', ...(type.endsWith('.WaitGroup') || type.endsWith('.Pool') ? {} : { fails: true as const }) }]);
  }
  table.push(['golang.org/x/sync/errgroup.Group.SetLimit', { means: 'limit', group: 'receiver', to: 0 }]);
  for (const name of ['ForEach', 'ForEachIdx']) table.push([`github.com/sourcegraph/conc/iter.${name}`, { means: 'spawn', callee: 1, repeated: true, joins: true }]);
  table.push(['golang.org/x/sync/singleflight.Group.Do', { means: 'runs', callees: [1] }]);
  table.push(['golang.org/x/sync/singleflight.Group.DoChan', { means: 'spawn', callee: 1 }]);
  table.push(['golang.org/x/sync/semaphore.Weighted.Acquire', { means: 'blocks', reason: 'waits for a semaphore' }]);
  return table;
}

function handlers(): [string, Meaning][] {
  return [
    ['net/http.HandleFunc', { means: 'spawn', callee: 1, repeated: true, registers: true }],
    ['net/http.ServeMux.HandleFunc', { means: 'spawn', callee: 1, repeated: true, registers: true }],
    ['net/http.HandlerFunc', { means: 'spawn', callee: 0, repeated: true, registers: true }],
    ['net/http.Handle', { means: 'spawn', callee: 1, repeated: true, registers: true, method: 'ServeHTTP' }],
    ['net/http.ServeMux.Handle', { means: 'spawn', callee: 1, repeated: true, registers: true, method: 'ServeHTTP' }],
    ['net/http.ListenAndServe', { means: 'spawn', callee: 1, repeated: true, method: 'ServeHTTP', joins: true }],
    ['net/http.ListenAndServeTLS', { means: 'spawn', callee: 3, repeated: true, method: 'ServeHTTP', joins: true }],
    ['net/http.Serve', { means: 'spawn', callee: 1, repeated: true, method: 'ServeHTTP', joins: true }],
    ['net/http/httptest.NewServer', { means: 'spawn', callee: 0, repeated: true, method: 'ServeHTTP' }],
    ['net/http/httptest.NewTLSServer', { means: 'spawn', callee: 0, repeated: true, method: 'ServeHTTP' }],
    ['net/http.Server.RegisterOnShutdown', { means: 'spawn', callee: 0 }],
  ];
}

function testing(): [string, Meaning][] {
  const table: [string, Meaning][] = [
    ['testing.T.Run', { means: 'runs', callees: [1], parallel: 'testing.T.Parallel' }],
    ['testing/synctest.Test', { means: 'runs', callees: [1] }],
    ['testing/synctest.Wait', { means: 'wait', on: 'receiver', what: 'others' }],
    ['internal/synctest.Run', { means: 'runs', callees: [0] }],
    ['internal/synctest.Wait', { means: 'wait', on: 'receiver', what: 'others' }],
    ['testing.B.Run', { means: 'runs', callees: [1] }],
    ['testing.B.RunParallel', { means: 'spawn', callee: 0, repeated: true, joins: true }],
    ['testing.F.Fuzz', { means: 'runs', callees: [0] }],
    ['testing.AllocsPerRun', { means: 'runs', callees: [1] }],
    ['testing.Benchmark', { means: 'runs', callees: [0] }],
  ];
  for (const type of ['T', 'B', 'F', 'TB', 'common']) {
    for (const name of ['Fatal', 'Fatalf', 'FailNow', 'Skip', 'Skipf', 'SkipNow']) table.push([`testing.${type}.${name}`, { means: 'halt', program: false }]);
  }
  return table;
}

function callbacks(): [string, Meaning][] {
  const byArgument: Readonly<Record<number, readonly string[]>> = {
    0: ['strings.Map', 'bytes.Map', 'flag.VisitAll', 'flag.Visit', 'expvar.Do'],
    1: [
      'sort.Slice', 'sort.SliceStable', 'sort.SliceIsSorted', 'sort.Search', 'sort.Find', 'slices.SortFunc', 'slices.SortStableFunc', 'slices.IsSortedFunc', 'slices.MinFunc', 'slices.MaxFunc', 'slices.IndexFunc', 'slices.ContainsFunc',
      'slices.DeleteFunc', 'slices.CompactFunc', 'maps.DeleteFunc', 'strings.FieldsFunc', 'strings.IndexFunc', 'strings.LastIndexFunc', 'strings.ContainsFunc', 'strings.TrimFunc', 'strings.TrimLeftFunc', 'strings.TrimRightFunc', 'bytes.FieldsFunc',
      'bytes.IndexFunc', 'bytes.TrimFunc', 'path/filepath.Walk', 'path/filepath.WalkDir', 'go/ast.Inspect', 'os.Expand',
    ],
    2: ['slices.EqualFunc', 'slices.CompareFunc', 'slices.BinarySearchFunc', 'maps.EqualFunc', 'io/fs.WalkDir', 'runtime/pprof.Do'],
  };
  const table: [string, Meaning][] = [];
  for (const [argument, names] of Object.entries(byArgument)) for (const name of names) table.push([name, { means: 'runs', callees: [Number(argument)] }]);
  for (const method of ['container/ring.Ring.Do', 'regexp.Regexp.ReplaceAllStringFunc', 'regexp.Regexp.ReplaceAllFunc', 'flag.FlagSet.VisitAll', 'flag.FlagSet.Visit', 'go/token.FileSet.Iterate']) {
    table.push([method, { means: 'runs', callees: [method.includes('Replace') ? 1 : 0] }]);
  }
  return table;
}

function endings(): [string, Meaning][] {
  const table: [string, Meaning][] = [
    ['os.Exit', { means: 'halt', program: true }],
    ['syscall.Exit', { means: 'halt', program: true }],
    ['runtime.Goexit', { means: 'halt', program: false }],
  ];
  for (const name of ['Fatal', 'Fatalf', 'Fatalln']) {
    table.push([`log.${name}`, { means: 'halt', program: true }]);
    table.push([`log.Logger.${name}`, { means: 'halt', program: true }]);
    for (const logger of ['github.com/sirupsen/logrus', 'github.com/sirupsen/logrus.Logger', 'github.com/sirupsen/logrus.Entry', 'go.uber.org/zap.SugaredLogger', 'go.uber.org/zap.Logger', 'k8s.io/klog', 'k8s.io/klog/v2', 'github.com/golang/glog']) {
      table.push([`${logger}.${name}`, { means: 'halt', program: true }]);
    }
  }
  return table;
}

/** Library objects that are not safe for use by several tasks: which methods change them, which only look. */
function objects(): [string, Meaning][] {
  const changing: Readonly<Record<string, readonly string[]>> = {
    'bytes.Buffer': ['Write', 'WriteString', 'WriteByte', 'WriteRune', 'Read', 'ReadByte', 'ReadBytes', 'ReadString', 'ReadRune', 'ReadFrom', 'WriteTo', 'Next', 'Reset', 'Truncate', 'Grow', 'UnreadByte', 'UnreadRune'],
    'strings.Builder': ['Write', 'WriteString', 'WriteByte', 'WriteRune', 'Reset', 'Grow'],
    'bufio.Writer': ['Write', 'WriteString', 'WriteByte', 'WriteRune', 'ReadFrom', 'Flush', 'Reset'],
    'bufio.Reader': ['Read', 'ReadByte', 'ReadBytes', 'ReadString', 'ReadLine', 'ReadSlice', 'ReadRune', 'Peek', 'Discard', 'UnreadByte', 'UnreadRune', 'WriteTo', 'Reset'],
    'bufio.Scanner': ['Scan', 'Buffer', 'Split'],
    'container/list.List': ['Init', 'InsertAfter', 'InsertBefore', 'MoveAfter', 'MoveBefore', 'MoveToBack', 'MoveToFront', 'PushBack', 'PushBackList', 'PushFront', 'PushFrontList', 'Remove'],
    'math/rand.Rand': ['ExpFloat64', 'Float32', 'Float64', 'Int', 'Int31', 'Int31n', 'Int63', 'Int63n', 'Intn', 'NormFloat64', 'Perm', 'Read', 'Seed', 'Shuffle', 'Uint32', 'Uint64'],
    'math/rand/v2.Rand': ['ExpFloat64', 'Float32', 'Float64', 'Int', 'Int32', 'Int32N', 'Int64', 'Int64N', 'IntN', 'NormFloat64', 'Perm', 'Shuffle', 'Uint32', 'Uint64', 'Uint32N', 'Uint64N', 'UintN'],
    'encoding/json.Encoder': ['Encode', 'SetIndent', 'SetEscapeHTML'],
    'encoding/json.Decoder': ['Decode', 'Token', 'UseNumber', 'DisallowUnknownFields'],
    'encoding/gob.Encoder': ['Encode'],
    'math/big.Int': ['Add', 'Sub', 'Mul', 'Div', 'Mod', 'Exp', 'Set', 'SetInt64', 'SetUint64', 'SetBytes', 'SetString', 'Neg', 'Abs', 'Lsh', 'Rsh', 'Quo', 'Rem'],
  };
  const reading: Readonly<Record<string, readonly string[]>> = {
    'bytes.Buffer': ['Len', 'Cap', 'String', 'Bytes', 'Available'],
    'strings.Builder': ['Len', 'Cap', 'String'],
    'bufio.Writer': ['Buffered', 'Available', 'Size'],
    'bufio.Reader': ['Buffered', 'Size'],
    'bufio.Scanner': ['Text', 'Bytes', 'Err'],
    'container/list.List': ['Len', 'Front', 'Back'],
    'container/list.Element': ['Next', 'Prev'],
    'math/big.Int': ['Cmp', 'String', 'Bytes', 'Int64', 'Uint64', 'Sign', 'BitLen', 'IsInt64', 'IsUint64'],
  };
  const table: [string, Meaning][] = [];
  for (const [type, names] of Object.entries(changing)) for (const name of names) table.push([`${type}.${name}`, { means: 'write', of: 'receiver', atomic: false, container: 'object', verb: `call of ${name}` }]);
  for (const [type, names] of Object.entries(reading)) for (const name of names) table.push([`${type}.${name}`, { means: 'read', of: 'receiver', atomic: false, container: 'object', verb: `call of ${name}` }]);
  return table;
}

function formatting(): [string, Meaning][] {
  const text = ['Error', 'String'];
  const table: [string, Meaning][] = [];
  const loggers = ['log', 'log.Logger'];
  for (const [first, names] of [[0, ['fmt.Sprintf', 'fmt.Printf', 'fmt.Errorf', ...loggers.map((log) => `${log}.Printf`)]], [1, ['fmt.Fprintf', 'fmt.Appendf']]] as const) {
    for (const name of names) table.push([name, { means: 'formats', from: first + 1, methods: text, layout: first, reads: 'all', ...(name === 'fmt.Errorf' ? { there: true as const } : {}) }]);
  }
  for (const [from, names] of [[0, ['fmt.Sprint', 'fmt.Sprintln', 'fmt.Print', 'fmt.Println', ...loggers.flatMap((log) => [`${log}.Print`, `${log}.Println`])]], [1, ['fmt.Fprint', 'fmt.Fprintln', 'fmt.Append', 'fmt.Appendln']]] as const) {
    for (const name of names) table.push([name, { means: 'formats', from, methods: text, reads: 'all' }]);
  }
  for (const name of ['runtime.NumCPU', 'runtime.GOMAXPROCS']) table.push([name, { means: 'there' }]);
  for (const name of ['errors.New', 'github.com/pkg/errors.New', 'github.com/pkg/errors.Errorf', 'golang.org/x/xerrors.New', 'golang.org/x/xerrors.Errorf']) table.push([name, { means: 'there' }]);
  for (const name of ['encoding/json.Marshal', 'encoding/json.MarshalIndent']) table.push([name, { means: 'formats', from: 0, methods: ['MarshalJSON', 'MarshalText'], reads: 'exported' }]);
  return table;
}

function blocking(): [string, Meaning][] {
  const reasons: Readonly<Record<string, readonly string[]>> = {
    'waits for the network': [
      'net.Dial', 'net.DialTimeout', 'net.DialTCP', 'net.DialUDP', 'net.DialUnix', 'net.Dialer.Dial', 'net.Dialer.DialContext', 'net.Conn.Read', 'net.Conn.Write', 'net.TCPConn.Read', 'net.TCPConn.Write', 'net.UDPConn.Read', 'net.UDPConn.Write',
      'net.UDPConn.ReadFrom', 'net.UDPConn.WriteTo', 'net.UDPConn.ReadFromUDP', 'net.UDPConn.WriteToUDP', 'net.PacketConn.ReadFrom', 'net.PacketConn.WriteTo', 'net.Listener.Accept', 'net.TCPListener.Accept', 'net.TCPListener.AcceptTCP', 'net.UnixListener.Accept',
      'net.LookupHost', 'net.LookupIP', 'net.LookupAddr', 'net.Resolver.LookupHost', 'net.Resolver.LookupIPAddr', 'net.ResolveTCPAddr', 'net.ResolveUDPAddr', 'crypto/tls.Dial', 'crypto/tls.Conn.Read', 'crypto/tls.Conn.Write', 'crypto/tls.Conn.Handshake', 'crypto/tls.Conn.HandshakeContext',
      'net/http.Get', 'net/http.Post', 'net/http.PostForm', 'net/http.Head', 'net/http.Client.Do', 'net/http.Client.Get', 'net/http.Client.Post', 'net/http.Client.PostForm', 'net/http.Client.Head', 'net/http.Transport.RoundTrip', 'net/http.RoundTripper.RoundTrip',
      'net/http.Server.Shutdown', 'net/rpc.Client.Call', 'net/rpc.Dial', 'net/rpc.DialHTTP', 'net/smtp.SendMail',
    ],
    'waits for a database': ['database/sql.DB.Query', 'database/sql.DB.QueryContext', 'database/sql.DB.QueryRow', 'database/sql.DB.QueryRowContext', 'database/sql.Rows.Next', 'database/sql.Tx.ExecContext', 'database/sql.Tx.QueryContext', 'database/sql.Stmt.ExecContext', 'database/sql.Stmt.QueryContext', 'database/sql.DB.Exec', 'database/sql.DB.ExecContext', 'database/sql.DB.Begin', 'database/sql.DB.BeginTx', 'database/sql.DB.Ping', 'database/sql.DB.PingContext', 'database/sql.Tx.Commit', 'database/sql.Tx.Exec', 'database/sql.Tx.Query', 'database/sql.Stmt.Exec', 'database/sql.Stmt.Query'],
    'waits for another process': ['os/exec.Cmd.Run', 'os/exec.Cmd.Wait', 'os/exec.Cmd.Output', 'os/exec.Cmd.CombinedOutput', 'os.Process.Wait'],
    'reads or writes a file': ['os.ReadFile', 'os.WriteFile', 'os.File.Read', 'os.File.Write', 'os.File.WriteString', 'os.File.ReadAt', 'os.File.WriteAt', 'os.File.Sync', 'os.Open', 'os.OpenFile', 'os.Create', 'os.ReadDir', 'os.Rename', 'os.RemoveAll'],
    'reads or writes a stream': ['io.ReadAll', 'io.ReadFull', 'io.ReadAtLeast', 'io.Copy', 'io.CopyN', 'io.CopyBuffer', 'io.WriteString', 'io.Reader.Read', 'io.Writer.Write', 'io.ReadWriteCloser.Read', 'io.ReadWriteCloser.Write', 'io.ReadCloser.Read', 'io.WriteCloser.Write', 'io.ReadWriter.Read', 'io.ReadWriter.Write', 'io.PipeReader.Read', 'io.PipeWriter.Write'],
  };
  const table: [string, Meaning][] = [];
  for (const [reason, names] of Object.entries(reasons)) for (const name of names) table.push([name, { means: 'blocks', reason }]);
  for (const name of ['ListenAndServe', 'ListenAndServeTLS', 'Serve', 'ServeTLS']) table.push([`net/http.Server.${name}`, { means: 'blocks', reason: 'waits for the network', serves: true }]);
  return table;
}
