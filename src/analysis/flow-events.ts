import type { Function, FunctionId } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import type { FlowEvent, FlowEventOf } from './lock-flow.js';
import { bitsOf } from './operations.js';
import { summaries } from './summaries.js';

/**
 * Where do events of a kind happen, and which functions ever hold a lock? The same events as the summaries', so that
 * who asks about waits, signals or channels need not look through all accesses and calls.
 * Exact: one pass over all events; the rarer kinds are listed, of the others the functions that have them are known.
 */
export interface FlowEvents {
  readonly of: (id: FunctionId) => readonly FlowEvent[];
  /** All events of a kind, in the program's order. */
  readonly all: <K extends RareKind>(kind: K) => readonly PlacedEvent<K>[];
  /** Functions with at least one event of one of these kinds, in the program's order. `held`: an event under a lock, on some way at least. */
  readonly functionsWith: (...kinds: readonly (FlowEvent['kind'] | 'held')[]) => readonly Function[];
}

export type RareKind = Exclude<FlowEvent['kind'], 'access' | 'call' | 'exit'>;
export interface PlacedEvent<K extends RareKind> { readonly fn: Function; readonly event: FlowEventOf<K> }

const bits = bitsOf<FlowEvent['kind'] | 'held'>({ access: 0, acquire: 1, release: 2, call: 3, send: 4, receive: 5, close: 6, wait: 7, signal: 8, cancel: 9, suspend: 10, lost: 11, exit: 12, held: 13 });
const frequent = bits.access | bits.call | bits.exit;
const nothing: readonly never[] = [];

export const flowEvents = defineAnalysis<FlowEvents>({
  name: 'flow-events',
  run(program, resultOf) {
    const summary = resultOf(summaries);
    const of = (id: FunctionId): readonly FlowEvent[] => summary.of(id)?.events ?? nothing;
    const functions = [...program.functions.values()];
    const masks = new Int32Array(functions.length);
    const lists = new Map<FlowEvent['kind'], { fn: Function; event: FlowEvent }[]>();
    functions.forEach((fn, position) => {
      let mask = 0;
      for (const event of of(fn.id)) {
        const bit = bits[event.kind];
        mask |= bit;
        if (event.locks.may.length > 0) mask |= bits.held;
        if ((bit & frequent) !== 0) continue;
        const list = lists.get(event.kind);
        if (list === undefined) lists.set(event.kind, [{ fn, event }]); else list.push({ fn, event });
      }
      masks[position] = mask;
    });
    return {
      of,
      all: <K extends RareKind>(kind: K) => (lists.get(kind) ?? nothing) as readonly PlacedEvent<K>[],
      functionsWith: (...kinds) => {
        const wanted = kinds.reduce((mask, kind) => mask | bits[kind], 0);
        return functions.filter((_, position) => (masks[position]! & wanted) !== 0);
      },
    };
  },
});
