import type { Precedence } from '../findings/dedupe.js';

/** When two rules speak of one pair of sites, the first says more: what the code means, not only what it does. */
export const precedence: Precedence = [
  ['concurrent-map-access', 'captured-variable'],
  ['unguarded-field', 'concurrent-map-access'],
  ['unguarded-field', 'unsynchronized-counter'],
  ['captured-variable', 'unsynchronized-counter'],
  ['split-atomic-update', 'mixed-atomic-access'],
  ['deferred-lock', 'double-lock'],
  ['deferred-lock', 'missing-unlock'],
  ['mismatched-unlock', 'unlock-without-lock'],
  ['mismatched-unlock', 'missing-unlock'],
  ['double-lock', 'nested-lock'],
  ['rlock-reentry', 'nested-lock'],
  ['lock-order-cycle', 'nested-lock'],
  ['double-lock', 'call-with-excluded-lock'],
  ['rlock-reentry', 'call-with-excluded-lock'],
  ['wait-under-lock', 'call-with-excluded-lock'],
  ['lock-order-violation', 'lock-order-cycle'],
  ['lock-order-violation', 'nested-lock'],
  ['missing-unlock', 'return-under-lock'],
  ['guarded-reference-escape', 'return-under-lock'],
  ['deferred-unlock-in-loop', 'double-lock'],
  ['stringer-reentry', 'double-lock'],
  ['wait-under-lock', 'blocking-under-lock'],
  ['channel-lock-deadlock', 'blocking-under-lock'],
  ['abandoned-send', 'goroutine-leak'],
];
