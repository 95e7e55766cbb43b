import type { Function, Operation } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';

/**
 * Which functions do something of a kind at all? Most do nothing with channels, once-objects or contexts, so who asks
 * about those visits a few functions and not the program.
 * Exact: one pass over all operations sets one bit each; an answer costs one look at each function.
 */
export interface Operations {
  /** Functions with at least one operation of one of these kinds, in the program's order. */
  readonly functionsWith: (...kinds: readonly OperationKind[]) => readonly Function[];
}

/** `once`: a call that a once-object lets through; `takes`: a call that takes objects over; `halt`: the task or the program ends. */
export type OperationKind = Operation['op'] | 'once' | 'takes' | 'halt';

const bits = bitsOf<OperationKind>({
  acquire: 0, release: 1, make: 2, send: 3, receive: 4, close: 5, spawn: 6, wait: 7, signal: 8, suspend: 9, arm: 10, cancel: 11,
  declare: 12, read: 13, write: 14, call: 15, recover: 16, once: 17, takes: 18, halt: 19,
});

export const operations = defineAnalysis<Operations>({
  name: 'operations',
  run(program) {
    const functions = [...program.functions.values()];
    const masks = new Int32Array(functions.length);
    functions.forEach((fn, position) => { masks[position] = maskOf(fn); });
    return {
      functionsWith: (...kinds) => {
        const wanted = kinds.reduce((mask, kind) => mask | bits[kind], 0);
        return functions.filter((_, position) => (masks[position]! & wanted) !== 0);
      },
    };
  },
});

function maskOf(fn: Function): number {
  let mask = 0;
  for (const block of fn.blocks) {
    for (const operation of block.operations) {
      mask |= bits[operation.op];
      if (operation.op !== 'call') continue;
      if (operation.once !== undefined) mask |= bits.once;
      if (operation.takes !== undefined) mask |= bits.takes;
    }
    if (block.terminator.kind === 'halt') mask |= bits.halt;
  }
  return mask;
}

/** From places to bits. */
export function bitsOf<K extends string>(places: Readonly<Record<K, number>>): Readonly<Record<K, number>> {
  return Object.fromEntries(Object.entries<number>(places).map(([kind, place]) => [kind, 1 << place])) as Record<K, number>;
}
