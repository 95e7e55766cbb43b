import type { Function, FunctionId, Program } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { callGraph, type CallGraph } from './call-graph.js';
import { recordNameIn } from './types.js';

/**
 * By which calls from outside does a function come to run, and who makes the objects it works on?
 * The nearest entrances come first: a call the outside can make, with the tasks started on the way.
 * Under-approximates: no way leads up through a function value that goes astray, and only so many are looked for.
 * These are the calls of a most general client, as in the checking of library types (Chaki et al., and the like).
 */
export interface Entrance {
  /** What the outside calls. */
  readonly entry: Function;
  /** The function runs in a task that the entry starts. */
  readonly starts: boolean;
}

export interface Ways {
  readonly entrances: readonly Entrance[];
  /** There are no others: nothing was cut off, and no value of a function on the way goes astray. */
  readonly all: boolean;
}

export interface Entrances {
  readonly to: (id: FunctionId) => Ways;
  /** A function that makes an object of the record, the plainest one. */
  readonly makerOf: (record: string) => Function | undefined;
}

/** Calls between an entrance and the function; who comes from farther away says little about it. */
const maxWay = 6;

/** Entrances kept for one function. */
const maxEntrances = 4;

export const entrances = defineAnalysis<Entrances>({
  name: 'entrances',
  run(program, resultOf) {
    const graph = resultOf(callGraph);
    const found = new Map<FunctionId, Ways>();
    let makers: ReadonlyMap<string, Function> | undefined;
    return {
      to(id) {
        let known = found.get(id);
        if (known === undefined) found.set(id, known = waysUp(program, graph, id));
        return known;
      },
      makerOf: (record) => (makers ??= makersIn(program)).get(record),
    };
  },
});

function waysUp(program: Program, graph: CallGraph, from: FunctionId): Ways {
  const entries: Entrance[] = [];
  let all = true;
  let level: { readonly id: FunctionId; readonly starts: boolean }[] = [{ id: from, starts: false }];
  const seen = new Set<string>([`${from} false`]);
  for (let way = 0; level.length > 0 && way <= maxWay && entries.length < maxEntrances; way += 1) {
    const above: typeof level = [];
    for (const { id, starts } of level) {
      const fn = program.functions.get(id);
      if (fn === undefined || fn.test) continue;
      if (fn.role !== undefined && fn.role !== 'handler') {
        all = false;
        continue;
      }
      if (graph.escaping.has(id)) all = false;
      const callers = graph.callers.get(id) ?? [];
      if (fn.closureOf === undefined && (fn.exported || fn.role === 'handler' || callers.length === 0)) {
        entries.push({ entry: fn, starts });
        continue;
      }
      for (const site of callers) {
        const step = { id: site.caller.id, starts: starts || site.kind === 'spawn' };
        const key = `${step.id} ${step.starts}`;
        if (seen.has(key)) continue;
        seen.add(key);
        above.push(step);
      }
    }
    level = above;
  }
  return { entrances: entries.slice(0, maxEntrances), all: all && level.length === 0 && entries.length <= maxEntrances };
}

function makersIn(program: Program): ReadonlyMap<string, Function> {
  const makers = new Map<string, Function>();
  for (const fn of program.functions.values()) {
    if (fn.receiver !== undefined || fn.closureOf !== undefined || fn.test || fn.role !== undefined) continue;
    const record = recordNameIn(fn.results[0]);
    if (record === undefined || !program.records.has(record)) continue;
    const rival = makers.get(record);
    if (rival === undefined || plainness(fn) < plainness(rival)) makers.set(record, fn);
  }
  return makers;
}


/** Few parameters, and a result that is nothing but the object and perhaps an error. */
function plainness(fn: Function): number {
  return fn.params.length + (fn.results.length > 2 ? 10 : 0) + (fn.exported ? 0 : 1);
}
