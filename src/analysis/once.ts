import { classOf, type Function, type FunctionId } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { callGraph } from './call-graph.js';

/**
 * Which functions run only inside once-objects? All ways to them pass a call that a once-object lets through a
 * single time; what they write is published to everybody who comes after.
 */
export interface OnceOnly { readonly runsOnce: (fn: Function) => boolean; /** The one once-object that lets all known calls of a function through, or all those of its callers. */ readonly onceOf: (fn: Function) => string | undefined }

/** Callers above a function that are asked for their once-object. */
const highest = 3;

export const onceOnly = defineAnalysis<OnceOnly>({
  name: 'once-only',
  run(program, resultOf) {
    const graph = resultOf(callGraph);
    const known = new Map<FunctionId, boolean>();
    const runsOnce = (fn: Function): boolean => {
      const before = known.get(fn.id);
      if (before !== undefined) return before;
      known.set(fn.id, false);
      const sites = graph.callers.get(fn.id) ?? [];
      const isOnce = (site: (typeof sites)[number]): boolean => site.operation.op === 'call' && site.operation.once !== undefined;
      const result = sites.length > 0 && (!fn.exported || sites.every(isOnce)) && sites.every((site) => isOnce(site) || (site.kind !== 'spawn' && !site.caller.exported && runsOnce(program.functions.get(site.caller.id)!)));
      known.set(fn.id, result);
      return result;
    };
    const once = new Map<FunctionId, string | undefined>();
    const onceOf = (fn: Function): string | undefined => {
      if (!once.has(fn.id)) once.set(fn.id, commonOnce(fn, 0));
      return once.get(fn.id);
    };
    const commonOnce = (fn: Function, depth: number): string | undefined => {
      let common: string | undefined;
      for (const { caller, operation } of graph.callers.get(fn.id) ?? []) {
        if (caller.test) continue;
        const name = operation.op !== 'call' ? undefined : operation.once !== undefined ? classOf(operation.once) : depth < highest ? commonOnce(caller, depth + 1) : undefined;
        // One way past it is enough: what many call is seldom asked to the end.
        if (name === undefined || (common !== undefined && name !== common)) return undefined;
        common = name;
      }
      return common;
    };
    return { runsOnce, onceOf };
  },
});
