import { pathKey, type Function, type FunctionId, type Value } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { callGraph, type CallSite } from './call-graph.js';
import { controlFlow } from './control-flow.js';
import { lifeCycle } from './crossings.js';

/**
 * Which steps of an object's life does its owner alone take, once? Two kinds: what a contract that the object's class
 * says it keeps prescribes (whoever holds the contract calls it in turn), and what the program calls only on an object
 * that the caller has made right there. Everybody else may call a public step as often as he likes.
 * Over-approximates ownership of classes whose contract is foreign: all their steps may be prescribed. It only lowers confidence.
 */
export interface OwnedSteps {
  /** Why the step is the owner's: undefined when anybody may take it. */
  readonly of: (fn: Function) => 'prescribed' | 'made' | undefined;
}

export const ownedSteps = defineAnalysis<OwnedSteps>({
  name: 'owned-steps',
  run(program, resultOf) {
    const graph = resultOf(callGraph);
    const known = new Map<FunctionId, 'prescribed' | 'made' | undefined>();
    return {
      of: (fn) => {
        if (!known.has(fn.id)) known.set(fn.id, isPrescribed(fn) ? 'prescribed' : isMadeFor(fn) ? 'made' : undefined);
        return known.get(fn.id);
      },
    };

    function isPrescribed(fn: Function): boolean {
      // Only steps: whoever holds a contract may send or ask as often as he likes.
      const name = fn.name.slice(fn.name.lastIndexOf('.') + 1);
      const prescribed = fn.receiver === undefined || fn.closureOf !== undefined || !lifeCycle.test(name) ? undefined : program.records.get(fn.receiver.record)?.prescribed;
      return prescribed === 'any' || prescribed?.includes(name) === true;
    }

    function isMadeFor(fn: Function): boolean {
      if (fn.receiver === undefined || (graph.passes.get(fn.id) ?? []).length > 0) return false;
      const sites = (graph.callers.get(fn.id) ?? []).filter(({ caller }) => !caller.test);
      return sites.length > 0 && sites.every(isOnFresh);
    }

    /** The object was made in the caller, on every way to the call. */
    function isOnFresh({ caller, at, operation }: CallSite): boolean {
      const [receiver] = operation.args;
      if (receiver?.kind !== 'path' || receiver.path.root.kind !== 'variable') return false;
      const key = pathKey(receiver.path);
      const flow = controlFlow(caller);
      return caller.blocks.some((block) => block.operations.some((made, index) => made.op === 'write' && pathKey(made.path) === key && flow.dominates({ block: block.id, index }, at) && isNew(caller, made.value)));
    }

    /** An allocation, or the temporary that held it while its constructor ran. */
    function isNew(caller: Function, value: Value): boolean {
      if (value.kind === 'allocation') return true;
      const held = value.kind === 'path' && value.path.selectors.length === 0 && value.path.root.kind === 'variable' && value.path.root.variable.kind === 'temporary' ? value.path.root.variable : undefined;
      return held !== undefined && caller.blocks.some((block) => block.operations.some((made) => made.op === 'write' && made.value.kind === 'allocation' && made.path.selectors.length === 0 && made.path.root.kind === 'variable' && made.path.root.variable === held));
    }
  },
});
