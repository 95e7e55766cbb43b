// Every kind of issue the five documents describe, the rules that find it, and the section of the guide that tells of
// it. A rule that does not exist is left out of the page, so an entry needs no second edit when it arrives.

/** @type {readonly { title: string, about: string, issues: readonly { issue: string, rules: readonly string[], guide?: string, remark?: string }[] }[]} */
export const documents = [
  {
    title: 'P2P multithreading issues',
    about: 'A review of the peer-to-peer layer of a blockchain node in Go (canopy-network/canopy).',
    issues: [
      { issue: 'A counter in a local variable changed by goroutines and read by the loop that starts them', rules: ['captured-variable'] },
      { issue: 'A counter in a field or global changed with no lock anywhere', rules: ['unsynchronized-counter'] },
      { issue: 'A map read and written by several goroutines', rules: ['concurrent-map-access', 'unguarded-field'], remark: 'Silent in the document\'s own case: the map is filled before the goroutines start and only read afterwards' },
      { issue: 'A field guarded in one method and changed without the lock in another', rules: ['unguarded-field'] },
      { issue: 'A stop method that closes a channel each time it is called', rules: ['double-close'], remark: 'Silent where the close runs in a once, or under a lock with a flag' },
      { issue: 'A channel closed while others still send on it', rules: ['send-on-closed-channel'], remark: 'Silent where the sender checks a closed flag under the lock of the closer' },
      { issue: 'A full inbox emptied by its producer, so that messages of others are lost', rules: [], guide: 'Channels', remark: 'No memory race: message loss. The guide shows that the sender of the channel receives from it too; racy-drain knows queues that are emptied by a look at their length' },
      { issue: 'A guarded count read without the lock of its set', rules: ['unguarded-field'], remark: 'Silent where all callers hold the lock, also when it is an embedded one' },
      { issue: 'A lock held while sending or waiting', rules: ['blocking-under-lock'], remark: 'Found in the same code, not named by the document' },
      { issue: 'A pointer into guarded state handed out', rules: ['guarded-reference-escape'], remark: 'Found in the same code, not named by the document' },
    ],
  },
  {
    title: 'Concurrency and race condition issues of TCP reassembly',
    about: 'An issue about a network capture library in Go (dreadl0ck/netcap).',
    issues: [
      { issue: 'A slice of a shared object reset, appended to and used without one common lock', rules: ['unguarded-field', 'guarded-reference-escape'] },
      { issue: 'One object used by all goroutines of a loop, each holding only a lock of its own', rules: ['unguarded-field'] },
      { issue: 'Reading and changing in two critical sections, with others in between', rules: ['check-then-act'] },
      { issue: 'Two locks taken in opposite orders', rules: ['lock-order-cycle'], remark: 'Silent on the function the document names: it lets go of the first lock' },
      { issue: 'A second lock taken while one is held', rules: ['nested-lock', 'double-lock'] },
      { issue: 'A pool of connections with inconsistent protection', rules: ['unguarded-field'], remark: 'Silent where every caller holds the lock of the pool' },
      { issue: 'A connection used after it went back to the pool', rules: ['use-after-put'], guide: 'Shared state' },
      { issue: 'Connection state changed during clean-up', rules: ['unguarded-field', 'check-then-act'] },
      { issue: 'Code of the application called under a lock', rules: ['callback-under-lock'] },
    ],
  },
  {
    title: 'Concurrency safety guide',
    about: 'The guide of a peer-to-peer library in Go (blockberries/glueberry): patterns marked correct and incorrect. The correct ones are fixtures in which Deadheat must stay silent.',
    issues: [
      { issue: 'Several goroutines receive from a channel meant for one', rules: ['multi-consumer'], guide: 'Channels' },
      { issue: 'Locks taken in the opposite of the documented order', rules: ['lock-order-cycle', 'lock-order-violation'], guide: 'Order of locks' },
      { issue: 'A foreign method called while a lock is held', rules: ['callback-under-lock', 'nested-lock'] },
      { issue: 'Long work in a critical section', rules: ['blocking-under-lock'] },
      { issue: 'A map written without the mutex beside it', rules: ['unguarded-field', 'concurrent-map-access'] },
      { issue: 'One channel closed by two goroutines', rules: ['double-close'] },
      { issue: 'A map iterated while a goroutine deletes from it', rules: ['concurrent-map-access', 'unguarded-field'] },
      { issue: 'A send on a channel that its subscriber has closed', rules: ['send-on-closed-channel'] },
      { issue: 'A stop that does not wait for its goroutines', rules: ['close-without-join', 'unstopped-goroutine'], guide: 'Tasks', remark: 'The guide says of each task who waits for it, and contradicts the claim that somebody does' },
      { issue: 'A lock passed by value', rules: ['copied-lock'] },
    ],
  },
  {
    title: 'P2P thread safety',
    about: 'A description of the peer-to-peer layer of a node in Rust (soma-org/soma). Rust is not read yet; these are the kinds of its Go twins.',
    issues: [
      { issue: 'Which lock guards which state, and who breaks it', rules: ['unguarded-field'], guide: 'Locks' },
      { issue: 'One lock taken while another is held, though the document says never', rules: ['nested-lock'], guide: 'Order of locks' },
      { issue: 'A lock held over long work', rules: ['blocking-under-lock'] },
      { issue: 'A lock held while sending on a channel', rules: ['blocking-under-lock', 'channel-lock-deadlock'] },
      { issue: 'Work started anew while the same work still runs', rules: ['check-then-act'] },
      { issue: 'A task that nothing stops and nobody waits for', rules: ['unstopped-goroutine', 'goroutine-leak'], guide: 'Tasks' },
      { issue: 'A shutdown signal that no task receives', rules: ['stop-signal-without-receiver'], guide: 'Channels', remark: 'The guide shows a channel that nobody receives from' },
    ],
  },
  {
    title: 'P2P cache deadlock and thread safety fixes',
    about: 'The record of a repair in Python (endomorphosis/ipfs_accelerate_py). Python is not read yet; these are the kinds of its Go twins.',
    issues: [
      { issue: 'A method that holds a lock calls one that takes it again', rules: ['double-lock', 'rlock-reentry'] },
      { issue: 'Several instances of what should be one', rules: [], remark: 'A matter of design: nothing in the source says that there should be one' },
      { issue: 'Initialisation that several threads may run', rules: ['racy-double-check', 'unguarded-field'] },
      { issue: 'A return with the lock held', rules: ['missing-unlock'], remark: 'A deferred unlock releases on return and is no finding' },
      { issue: 'A return between a manual lock and its unlock', rules: ['return-under-lock'] },
      { issue: 'Live guarded state returned to the caller', rules: ['guarded-reference-escape'] },
      { issue: 'Reading or writing files under a lock', rules: ['blocking-under-lock'] },
      { issue: 'Shared state read without the lock that guards it elsewhere', rules: ['unguarded-field', 'concurrent-map-access'] },
    ],
  },
];
