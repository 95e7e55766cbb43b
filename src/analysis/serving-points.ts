import type { Function, FunctionId } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { callGraph } from './call-graph.js';
import type { Point } from './control-flow.js';

/**
 * From where on may handlers run that a function has registered? Registering starts nothing: somebody has to serve. That is a
 * call which does, a start of handlers by themselves, or a call or start of a function in which one of the two is found, or of
 * which nothing is known. Calls of libraries that are not known to serve are taken for calls that do not, so it
 * under-approximates.
 */
export interface ServingPoints { readonly of: (fn: Function) => readonly Point[] }

/** Calls followed down in search of whoever serves. */
const maxBelow = 4;

export const servingPoints = defineAnalysis<ServingPoints>({
  name: 'serving-points',
  run(program, resultOf) {
    const graph = resultOf(callGraph);
    const known = new Map<Function, readonly Point[]>();
    const pointsIn = (fn: Function, below: number): readonly Point[] => fn.blocks.flatMap(({ id, operations }) => operations.flatMap((operation, index) => {
      const isServing = operation.op === 'call' ? operation.serves === true
        : operation.op === 'spawn' && operation.registers !== true && ((operation.repeated === true && operation.timed !== true) || operation.callee.kind === 'unknown' || operation.callee.kind === 'library');
      return isServing ? [{ block: id, index }] : [];
    })).concat(below === 0 ? [] : (graph.sites.get(fn.id) ?? []).flatMap((site) => (!(site.operation.op === 'spawn' && site.operation.registers === true) && site.targets.some((target) => serves(target, below - 1)) ? [site.at] : [])));
    const serves = (id: FunctionId, below: number): boolean => {
      const fn = program.functions.get(id);
      return fn !== undefined && pointsIn(fn, below).length > 0;
    };
    return {
      of: (fn) => {
        let points = known.get(fn);
        if (points === undefined) known.set(fn, points = pointsIn(fn, maxBelow));
        return points;
      },
    };
  },
});
