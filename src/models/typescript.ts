import type { LockMode } from '../ir/index.js';

/**
 * What calls of JavaScript's and Node's libraries mean, as tables. Names are `package.Class.method` and
 * `package.function`; methods that mean the same wherever they stand are listed by their bare name.
 */
export type TsMeaning =
  /** `await m.acquire()`. `releases`: what the result is: a function that releases, the second of a pair, an object with methods that release. `key`: the argument that names the lock within its object. */
  | { readonly means: 'acquire'; readonly mode?: LockMode; readonly tries?: true; readonly key?: number; readonly releases?: 'result' | 'second' | 'object'; readonly releaseNames?: readonly string[]; /** Takes one of several: who holds one excludes nobody, but owes it. */ readonly counted?: true }
  /** `lease`: the argument that an acquire gave, when the lock itself does not say which of its entries is meant. */
  | { readonly means: 'release'; readonly mode?: LockMode; readonly lease?: number }
  /** Holds the lock while an argument runs. `key`: the argument that names the lock within its object. `done`: a callee with this many parameters calls its first to release. */
  | { readonly means: 'scoped'; readonly callee: number | 'last'; readonly key?: number; readonly done?: number }
  /** Waits until no task of the subject is left. */
  | { readonly means: 'idles' }
  /** The subject takes nothing more; a second time is an error. */
  | { readonly means: 'close' }
  /** Hands something to the subject, which must not be closed. */
  | { readonly means: 'send' }
  /** Runs an argument later, once the present section has ended. */
  | { readonly means: 'later'; readonly callee: number | 'last'; readonly timed?: true; readonly repeated?: true; readonly handle?: true }
  /** Runs an argument each time an event comes. */
  | { readonly means: 'listens'; readonly event: number; readonly callee: number; readonly once?: true }
  | { readonly means: 'unlistens'; readonly event: number; readonly callee: number }
  /** A timer's end. */
  | { readonly means: 'cancels' }
  /** Runs code of others before it returns. */
  | { readonly means: 'reenters' }
  /** Sends a message to another thread. */
  | { readonly means: 'posts' }
  /** Works on an entry of a view of memory in one step, also beside other threads. `swap`: writes only when it finds what it expects. */
  | { readonly means: 'atomic'; readonly does: 'read' | 'write' | 'update' | 'swap' }
  /** Ends the program. */
  | { readonly means: 'halt' };

/** Classes whose objects are locks, by full name. `limited`: only when made for one holder at a time. `unlimited`: made without a number, they let all run. */
export const lockClasses: ReadonlyMap<string, { readonly limited?: true; readonly unlimited?: true }> = new Map([
  ['async-mutex.Mutex', {}],
  ['async-mutex.Semaphore', { limited: true }],
  ['await-lock', {}],
  ['async-lock', {}],
  ['p-mutex', {}],
  ['@livekit/mutex.Mutex', {}],
  ['async-sema.Sema', { limited: true }],
  ['semaphore-async-await', { limited: true }],
  ['semaphore-async-await.Semaphore', { limited: true }],
  ['semaphore-async-await.Lock', {}],
  ['redlock', {}],
  ['p-queue', { limited: true, unlimited: true }],
  ['p-limit()', { limited: true }],
]);

/** Classes that a project makes for itself and calls a lock: the last part of their name says so. */
export const lockNames = /(?:^|[a-z])(?:Mutex|Lock)$/;

/** What the methods of such a class mean, by the names that all libraries use. */
export const lockMethods: ReadonlyMap<string, TsMeaning> = new Map<string, TsMeaning>([
  ['lock', { means: 'acquire', releases: 'result' }],
  ['acquire', { means: 'acquire', releases: 'result' }],
  ['unlock', { means: 'release' }],
  ['release', { means: 'release' }],
  ['runExclusive', { means: 'scoped', callee: 0 }],
  ['withLock', { means: 'scoped', callee: 0 }],
  ['runLocked', { means: 'scoped', callee: 0 }],
]);

/** Names that examples in documents use without importing them, and where they come from. `whole`: the module itself. */
export const exampleImports: ReadonlyMap<string, { readonly from: string; readonly whole?: true }> = new Map([
  ['Mutex', { from: 'async-mutex' }],
  ['Semaphore', { from: 'async-mutex' }],
  ['AsyncLock', { from: 'async-lock', whole: true as const }],
  ['PQueue', { from: 'p-queue', whole: true as const }],
  ['EventEmitter', { from: 'node:events' }],
]);

/** Functions that wrap a lock and are the same lock. */
export const lockWrappers: ReadonlySet<string> = new Set(['async-mutex.withTimeout', 'async-mutex.tryAcquire']);

/** Functions whose result is an object as `new` would make it. */
export const factories: ReadonlyMap<string, string> = new Map([
  ['p-limit', 'p-limit()'],
  ['net.createServer', 'net.Server'],
  ['net.connect', 'net.Socket'],
  ['net.createConnection', 'net.Socket'],
  ['tls.connect', 'net.Socket'],
  ['http.createServer', 'http.Server'],
  ['https.createServer', 'https.Server'],
  ['generic-pool.createPool', 'generic-pool.Pool'],
  ['mysql2/promise.createPool', 'mysql2/promise.Pool'],
  ['http.request', 'http.ClientRequest'],
  ['https.request', 'http.ClientRequest'],
  ['dgram.createSocket', 'dgram.Socket'],
]);

const lastLater: TsMeaning = { means: 'later', callee: 'last' };

export const meanings: ReadonlyMap<string, TsMeaning> = new Map<string, TsMeaning>([
  ['async-mutex.Mutex.acquire', { means: 'acquire', releases: 'result' }],
  ['async-mutex.Mutex.release', { means: 'release' }],
  ['async-mutex.Mutex.runExclusive', { means: 'scoped', callee: 0 }],
  ['async-mutex.Semaphore.acquire', { means: 'acquire', releases: 'second' }],
  ['async-mutex.Semaphore.release', { means: 'release' }],
  ['async-mutex.Semaphore.runExclusive', { means: 'scoped', callee: 0 }],
  ['await-lock.acquireAsync', { means: 'acquire' }],
  ['await-lock.tryAcquire', { means: 'acquire', tries: true }],
  ['await-lock.release', { means: 'release' }],
  ['async-lock.acquire', { means: 'scoped', callee: 1, key: 0, done: 1 }],
  ['p-mutex.lock', { means: 'acquire' }],
  ['p-mutex.unlock', { means: 'release' }],
  ['p-mutex.withLock', { means: 'scoped', callee: 0 }],
  ['@livekit/mutex.Mutex.lock', { means: 'acquire', releases: 'result' }],
  ['async-sema.Sema.acquire', { means: 'acquire' }],
  ['async-sema.Sema.tryAcquire', { means: 'acquire', tries: true }],
  ['async-sema.Sema.release', { means: 'release' }],
  ['async-sema.Sema.drain', { means: 'acquire' }],
  ['semaphore-async-await.acquire', { means: 'acquire' }],
  ['semaphore-async-await.wait', { means: 'acquire' }],
  ['semaphore-async-await.release', { means: 'release' }],
  ['semaphore-async-await.signal', { means: 'release' }],
  ['semaphore-async-await.execute', { means: 'scoped', callee: 0 }],
  ...['semaphore-async-await.Lock', 'semaphore-async-await.Semaphore'].flatMap((name): [string, TsMeaning][] => [
    [`${name}.acquire`, { means: 'acquire' }],
    [`${name}.wait`, { means: 'acquire' }],
    [`${name}.tryAcquire`, { means: 'acquire', tries: true }],
    [`${name}.release`, { means: 'release' }],
    [`${name}.signal`, { means: 'release' }],
    [`${name}.execute`, { means: 'scoped', callee: 0 }],
  ]),
  ['p-limit().()', { means: 'scoped', callee: 0 }],
  ['p-queue.add', { means: 'scoped', callee: 0 }],
  ['p-queue.onIdle', { means: 'idles' }],
  ['navigator.locks.request', { means: 'scoped', callee: 'last', key: 0 }],
  ['proper-lockfile.lock', { means: 'acquire', releases: 'result' }],
  ['proper-lockfile.unlock', { means: 'release' }],
  ['redlock.acquire', { means: 'acquire', key: 0, releases: 'object', releaseNames: ['unlock', 'release'] }],
  ['redlock.lock', { means: 'acquire', key: 0, releases: 'object', releaseNames: ['unlock', 'release'] }],
  ['redlock.unlock', { means: 'release', lease: 0 }],
  ['redlock.release', { means: 'release', lease: 0 }],
  ['redlock.using', { means: 'scoped', callee: 'last', key: 0 }],

  // Pools: what is borrowed must go back.
  ['pg.Pool.connect', { means: 'acquire', releases: 'object', releaseNames: ['release'], counted: true }],
  ['mysql2/promise.Pool.getConnection', { means: 'acquire', releases: 'object', releaseNames: ['release', 'destroy'], counted: true }],
  ['generic-pool.Pool.acquire', { means: 'acquire', releases: 'object', releaseNames: [], counted: true }],
  ['generic-pool.Pool.release', { means: 'release', lease: 0 }],
  ['generic-pool.Pool.destroy', { means: 'release', lease: 0 }],

  ['AbortController.abort', { means: 'reenters' }],
  ['setTimeout', { means: 'later', callee: 0, timed: true, handle: true }],
  ['setInterval', { means: 'later', callee: 0, timed: true, repeated: true, handle: true }],
  ['setImmediate', { means: 'later', callee: 0, handle: true }],
  ['queueMicrotask', { means: 'later', callee: 0 }],
  ['process.nextTick', { means: 'later', callee: 0 }],
  ['requestAnimationFrame', { means: 'later', callee: 0, handle: true }],
  ['timers.setTimeout', { means: 'later', callee: 0, timed: true, handle: true }],
  ['timers.setInterval', { means: 'later', callee: 0, timed: true, repeated: true, handle: true }],
  ['timers.setImmediate', { means: 'later', callee: 0, handle: true }],
  ['clearTimeout', { means: 'cancels' }],
  ['clearInterval', { means: 'cancels' }],
  ['clearImmediate', { means: 'cancels' }],
  ['timers.clearTimeout', { means: 'cancels' }],
  ['timers.clearInterval', { means: 'cancels' }],
  ['process.exit', { means: 'halt' }],
  ['process.abort', { means: 'halt' }],

  ['Atomics.load', { means: 'atomic', does: 'read' }],
  ['Atomics.store', { means: 'atomic', does: 'write' }],
  ['Atomics.compareExchange', { means: 'atomic', does: 'swap' }],
  ...['add', 'sub', 'and', 'or', 'xor', 'exchange'].map((name): [string, TsMeaning] => [`Atomics.${name}`, { means: 'atomic', does: 'update' }]),

  ['dgram.Socket.close', { means: 'close' }],
  ['dgram.Socket.send', { means: 'send' }],
  ['ReadableStreamDefaultController.close', { means: 'close' }],
  ['ReadableStreamDefaultController.enqueue', { means: 'send' }],
  ['WritableStreamDefaultWriter.close', { means: 'close' }],
  ['WritableStreamDefaultWriter.write', { means: 'send' }],
  ['net.Server.close', { means: 'close' }],
  ['http.Server.close', { means: 'close' }],
  ['https.Server.close', { means: 'close' }],

  ['net.createServer', { means: 'later', callee: 'last', repeated: true }],
  ['tls.createServer', { means: 'later', callee: 'last', repeated: true }],
  ['http.createServer', { means: 'later', callee: 'last', repeated: true }],
  ['https.createServer', { means: 'later', callee: 'last', repeated: true }],
  ['net.connect', lastLater],
  ['net.createConnection', lastLater],
  ['tls.connect', lastLater],
  ['http.request', lastLater],
  ['http.get', lastLater],
  ['https.request', lastLater],
  ['https.get', lastLater],
  ...['readFile', 'writeFile', 'appendFile', 'stat', 'lstat', 'access', 'mkdir', 'rm', 'rmdir', 'unlink', 'rename', 'open', 'close', 'read', 'write', 'readdir', 'copyFile'].map((name): [string, TsMeaning] => [`fs.${name}`, lastLater]),
  ...['lookup', 'resolve', 'resolve4', 'resolve6', 'resolveSrv', 'resolveTxt', 'reverse'].map((name): [string, TsMeaning] => [`dns.${name}`, lastLater]),
  ...['deflate', 'inflate', 'gzip', 'gunzip', 'brotliCompress', 'brotliDecompress'].map((name): [string, TsMeaning] => [`zlib.${name}`, lastLater]),
  ...['randomBytes', 'pbkdf2', 'scrypt', 'generateKeyPair'].map((name): [string, TsMeaning] => [`crypto.${name}`, lastLater]),
  ['child_process.exec', lastLater],
  ['child_process.execFile', lastLater],
  ['stream.pipeline', lastLater],
  ['stream.finished', lastLater],
]);

/** Methods by bare name, on whatever object: conventions that emitters, targets and streams of all libraries keep. */
export const methodMeanings: ReadonlyMap<string, TsMeaning> = new Map<string, TsMeaning>([
  ['on', { means: 'listens', event: 0, callee: 1 }],
  ['addListener', { means: 'listens', event: 0, callee: 1 }],
  ['prependListener', { means: 'listens', event: 0, callee: 1 }],
  ['addEventListener', { means: 'listens', event: 0, callee: 1 }],
  ['once', { means: 'listens', event: 0, callee: 1, once: true }],
  ['prependOnceListener', { means: 'listens', event: 0, callee: 1, once: true }],
  ['off', { means: 'unlistens', event: 0, callee: 1 }],
  ['removeListener', { means: 'unlistens', event: 0, callee: 1 }],
  ['removeEventListener', { means: 'unlistens', event: 0, callee: 1 }],
  ['removeAllListeners', { means: 'unlistens', event: 0, callee: 1 }],
  ['emit', { means: 'reenters' }],
  ['dispatchEvent', { means: 'reenters' }],
  ['postMessage', { means: 'posts' }],
]);

/** Events that come once in the life of what they are listened for on: of all streams, connections, servers and processes, and of a class. */
export const finalEvents: ReadonlySet<string> = new Set(['close', 'end', 'exit', 'finish']);
export const singleEvents: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['WebSocket', new Set(['open', 'error'])],
  ['ws', new Set(['open', 'upgrade'])],
  ['ws.WebSocket', new Set(['open', 'upgrade'])],
  ['net.Socket', new Set(['connect', 'secureConnect', 'ready', 'error'])],
  ['net.Server', new Set(['listening'])],
  ['http.Server', new Set(['listening'])],
  ['https.Server', new Set(['listening'])],
  ['http.ClientRequest', new Set(['response', 'socket', 'abort'])],
  ['AbortSignal', new Set(['abort'])],
]);

/** `res.onAborted(f)`, `term.onData(f)`: the event is in the name. */
export const listenerName = /^on([A-Z]\w*)$/;

/** Names of what a handler answers with, whatever framework made it. */
export const answerNames = /^(?:res|resp|response|reply)$/;

/** Methods by bare name that give the answer, and that need it not to be given yet. */
export const answering: ReadonlySet<string> = new Set(['json', 'jsonp', 'send', 'sendFile', 'sendStatus', 'redirect', 'render', 'download', 'end']);
export const beforeAnswer: ReadonlySet<string> = new Set(['write', 'writeHead', 'setHeader']);

/** Methods by bare name after which a stream or connection takes nothing more, and those that hand it something. */
export const streamEnds: ReadonlySet<string> = new Set(['end', 'destroy', 'close', 'terminate']);
export const streamWrites: ReadonlySet<string> = new Set(['write', 'send']);

/** What everybody calls the functions that settle a promise. */
export const settlerNames: ReadonlySet<string> = new Set(['resolve', 'reject']);

/** Array and iterator methods that run their first argument at once. */
export const iterators: ReadonlySet<string> = new Set(['forEach', 'map', 'filter', 'find', 'findIndex', 'findLast', 'findLastIndex', 'some', 'every', 'reduce', 'reduceRight', 'flatMap', 'sort', 'toSorted']);

/** Functions that run an argument at once, by full name. */
export const atOnce: ReadonlyMap<string, number> = new Map([
  ['Array.from', 1],
  ['JSON.parse', 1],
  ['JSON.stringify', 1],
  ['Object.groupBy', 1],
  ['Map.groupBy', 1],
  ['async_hooks.AsyncLocalStorage.run', 1],
]);

/** Methods that change a list in place, and the word for it. */
export const listWrites: ReadonlySet<string> = new Set(['push', 'pop', 'shift', 'unshift', 'splice', 'sort', 'reverse', 'fill', 'copyWithin']);
export const listReads: ReadonlySet<string> = new Set(['slice', 'concat', 'includes', 'indexOf', 'lastIndexOf', 'join', 'at', 'keys', 'values', 'entries', 'flat', 'toSorted', 'toReversed']);

/** Classes whose objects tell that the work is wanted no more. */
export const endings: ReadonlySet<string> = new Set(['AbortSignal']);

/** Classes whose objects run a file on a thread of its own, and the option by which it is handed something. */
export const threadClasses: ReadonlyMap<string, { readonly handsOver?: string }> = new Map([['worker_threads.Worker', { handsOver: 'workerData' }], ['Worker', {}]]);

/** What a thread finds of what it was handed. */
export const handedOver: ReadonlySet<string> = new Set(['worker_threads.workerData']);

/** Memory that threads have in common, and the classes of which an object is a view of memory. */
export const sharedMemory: ReadonlySet<string> = new Set(['SharedArrayBuffer']);
export const memoryViews: ReadonlySet<string> = new Set(['Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array', 'BigInt64Array', 'BigUint64Array', 'Float32Array', 'Float64Array']);

/** Classes of libraries that are tables with the methods of the language's own, as their last word says. */
export const tableNames = /^(?!Async)(?:[A-Z]\w*)?(Map|Set)$/;

/** Names of the language that no file has to import. */
export const globalClasses: ReadonlySet<string> = new Set(['Map', 'Set', 'WeakMap', 'WeakSet', 'Array', 'Promise', 'AbortController', 'AbortSignal', 'WebSocket', 'EventTarget', 'URL', 'Date', 'Error', 'TypeError', 'RangeError', 'Worker', 'ReadableStream', 'WritableStream', 'TransformStream', 'ReadableStreamDefaultController', 'WritableStreamDefaultWriter', 'Buffer', ...sharedMemory, ...memoryViews]);

/** Global functions and namespaces. */
export const globalValues: ReadonlySet<string> = new Set(['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate', 'queueMicrotask', 'requestAnimationFrame', 'process', 'navigator', 'Promise', 'Object', 'Array', 'JSON', 'Math', 'Number', 'String', 'Boolean', 'Symbol', 'Reflect', 'Atomics', 'console', 'fetch', 'structuredClone', 'globalThis', 'window', 'self', 'global', 'parseInt', 'parseFloat', 'isNaN', 'Buffer', 'Date', 'BigInt', 'encodeURIComponent', 'decodeURIComponent', 'performance', 'crypto', 'Error', 'Map', 'Set']);

/** What a call of the language's own library never throws, inside a try that waits for something else. */
export const harmless: ReadonlySet<string> = new Set(['console', 'Math', 'Date', 'Number', 'String', 'Boolean', 'performance', 'clearTimeout', 'clearInterval', 'clearImmediate', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'parseInt', 'parseFloat', 'isNaN']);

/** Modules that hand on the names of another. */
export const moduleAliases: ReadonlyMap<string, string> = new Map([['fs/promises', 'fs.promises'], ['timers/promises', 'timers.promises'], ['events', 'events']]);

/** Other names of the same: default exports by name, old spellings. */
export const canonicalNames: ReadonlyMap<string, string> = new Map([
  ['await-lock.AwaitLock', 'await-lock'],
  ['async-lock.AsyncLock', 'async-lock'],
  ['p-queue.PQueue', 'p-queue'],
  ['p-mutex.Mutex', 'p-mutex'],
  ['@livekit/mutex', '@livekit/mutex.Mutex'],
  ['async-mutex', 'async-mutex'],
  ['redlock.Redlock', 'redlock'],
  ['semaphore-async-await', 'semaphore-async-await'],
  ['events', 'events.EventEmitter'],
  ['async-sema.Semaphore', 'async-sema.Sema'],
]);

/** The names of the global object. */
export const globalObjects: ReadonlySet<string> = new Set(['globalThis', 'window', 'self', 'global']);

/** What a library hands to a callback: classes of its parameters by who calls it. Methods of an object given to a constructor are `Class.method`. */
export const callbackParameters: ReadonlyMap<string, readonly string[]> = new Map([
  ['http.createServer', ['http.IncomingMessage', 'http.ServerResponse']],
  ['https.createServer', ['http.IncomingMessage', 'http.ServerResponse']],
  ['net.createServer', ['net.Socket']],
  ['tls.createServer', ['net.Socket']],
  ['ReadableStream.start', ['ReadableStreamDefaultController']],
  ['ReadableStream.pull', ['ReadableStreamDefaultController']],
]);

/** Methods whose result is an object of a library's class, whatever they are called on. */
export const methodResults: ReadonlyMap<string, string> = new Map([['getWriter', 'WritableStreamDefaultWriter']]);
