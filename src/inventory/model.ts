import type { Location } from '../ir/location.js';

/** What is concurrent in a program, as plain data for documents and drawings: no analysis and no syntax in it. */
export interface Inventory {
  readonly language: string;
  /** cooperative: tasks interleave only where they suspend. */
  readonly scheduling: 'preemptive' | 'cooperative';
  readonly locks: readonly LockRow[];
  readonly order: readonly OrderRow[];
  /** Circles in the order, by labels. */
  readonly circles: readonly (readonly string[])[];
  readonly channels: readonly ChannelRow[];
  readonly tasks: readonly TaskRow[];
  readonly state: readonly StateRow[];
  readonly loops: readonly LoopRow[];
  /** Functions in the midst of which others run: where tasks cooperate. */
  readonly suspending: readonly SuspendingRow[];
  readonly contracts: readonly ContractRow[];
  readonly types: readonly TypeRow[];
}

export interface Place {
  readonly at: Location;
  readonly function: string;
}

export interface LockRow {
  readonly label: string;
  readonly kind: 'lock' | 'reader-writer lock';
  readonly at: Location;
  readonly guards: readonly GuardRow[];
  readonly requiredBy: readonly { readonly function: string; readonly because: 'assertion' | 'annotation' | 'comment' | 'suffix' | 'callers' }[];
  readonly taken: readonly (Place & { readonly how: 'exclusive' | 'shared' | 'tried' })[];
}

export interface GuardRow {
  readonly field: string;
  readonly at?: Location;
  readonly guarded: number;
  readonly unguarded: number;
  readonly writes: number;
  readonly declared: boolean;
  readonly exceptions: readonly Place[];
}

/** `from` is held when `to` is taken. */
export interface OrderRow extends Place {
  readonly from: string;
  readonly to: string;
  readonly places: number;
}

export interface ChannelRow {
  readonly label: string;
  readonly at: Location;
  readonly element: string;
  /** `unbuffered`, a number, or what the code says; undefined when nothing makes it here. */
  readonly capacity?: string;
  readonly senders: readonly (Place & { readonly when: 'waits' | 'drops' | 'gives up' })[];
  readonly receivers: readonly Place[];
  readonly closers: readonly (Place & { readonly once: boolean })[];
  /** Other rows that may be this channel under another name: it was handed on. */
  readonly also?: readonly string[];
  /** What code that is not seen may do with it. */
  readonly outside?: readonly ('sends' | 'receives')[];
}

export interface TaskRow extends Place {
  /** How it is started: `go`, `errgroup.Group.Go`. */
  readonly via: string;
  /** What it runs. */
  readonly runs: readonly Place[];
  readonly many: boolean;
  /** Ways on which it ends; empty when none was found. */
  readonly ends: readonly string[];
  /** Who waits for its end. */
  readonly joins: readonly Place[];
  /** Locks it takes and channels it uses, by label: for drawings. */
  readonly locks: readonly string[];
  readonly channels: readonly { readonly label: string; readonly use: 'sends' | 'receives' | 'closes' }[];
}

export interface StateRow {
  readonly label: string;
  readonly at: Location;
  readonly pattern: 'immutable after start' | 'guarded' | 'partly guarded' | 'atomic' | 'confined to one task' | 'within one turn' | 'across suspensions' | 'no common protection';
  readonly by?: string;
  readonly reads: number;
  readonly writes: number;
}

/** A choice in a loop: one task that answers several sources. */
export interface LoopRow extends Place {
  readonly arms: readonly { readonly at: Location; readonly what: string; readonly ends: boolean }[];
  readonly fallback: boolean;
}

/** A function with the places at which it lets others run. */
export interface SuspendingRow extends Place {
  readonly exported: boolean;
  readonly places: readonly { readonly at: Location; readonly reason: string }[];
}

/** What people wrote, and what the code says to it. */
export interface ContractRow extends Place {
  readonly claim: string;
  readonly says: string;
  readonly status: 'checked' | 'partly' | 'contradicted' | 'not checked';
  readonly confidence: 'high' | 'medium' | 'low';
  readonly because: string;
  readonly against?: Place;
}

export interface TypeRow {
  readonly label: string;
  readonly at: Location;
  readonly exported: boolean;
  /** `locks itself`, `claims it`, `holds no shared state`... */
  readonly basis: 'has locks' | 'claims it' | 'atomics only' | 'immutable after start' | 'within one turn' | 'across suspensions' | 'nothing';
  readonly locks: readonly string[];
  /** The sentence that claims it. */
  readonly claim?: string;
}
