import { classOf, type AccessPath, type Function, type Location, type OperationOf } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { callGraph, targetsOf } from './call-graph.js';
import { operations } from './operations.js';

/**
 * Which tasks of a limiter wait, before they end, for another task of the same limiter, or for the limiter to be idle?
 * From each limited task down through calls and started work that is waited for; limiters are one by their class,
 * which a key makes unknown. Bounded by depth and by the functions seen.
 * Under-approximates: work that is handed on before it is waited for, and callees that are not known.
 */
export interface LimitedTask { readonly by: Function; readonly at: Location; readonly limit: AccessPath; readonly size: number | undefined }
export interface NestedLimit { readonly within: LimitedTask; readonly inner: { readonly fn: Function; readonly at: Location }; readonly chain: Chain }
export interface IdleWait { readonly within: LimitedTask; readonly wait: Location; readonly path: AccessPath; readonly chain: Chain }
type Chain = readonly { readonly at: Location; readonly fn: Function; readonly callee: Function }[];

export interface LimitedWorks { readonly nested: readonly NestedLimit[]; readonly idleWaits: readonly IdleWait[] }

const maxDepth = 4;

export const limitedWork = defineAnalysis<LimitedWorks>({
  name: 'limited-work',
  run(program, resultOf) {
    const nested: NestedLimit[] = [];
    const idleWaits: IdleWait[] = [];
    const graph = resultOf(callGraph);
    for (const by of resultOf(operations).functionsWith('limited')) {
      if (by.test || by.generated) continue;
      for (const block of by.blocks) for (const operation of block.operations) {
        if ((operation.op !== 'call' && operation.op !== 'spawn') || operation.limit === undefined) continue;
        const name = nameOf(operation.limit.of);
        const { targets, certain } = targetsOf(operation.callee);
        const callee = certain ? program.functions.get(targets[0]!) : undefined;
        if (name === undefined || callee === undefined) continue;
        const within: LimitedTask = { by, at: operation.at, limit: operation.limit.of, size: operation.limit.size };
        down(callee, within, name, [], new Set());
      }
    }
    return { nested, idleWaits };

    function down(fn: Function, within: LimitedTask, name: string, chain: Chain, seen: Set<Function>): void {
      if (seen.has(fn) || chain.length > maxDepth) return;
      seen.add(fn);
      for (const block of fn.blocks) for (const operation of block.operations) {
        if (operation.op === 'wait' && operation.what === 'group' && nameOf(operation.on) === name) idleWaits.push({ within, wait: operation.at, path: operation.on, chain });
        if (operation.op !== 'call' && operation.op !== 'spawn') continue;
        const waited = operation.op === 'call' ? true : isWaited(fn, operation);
        if (!waited) continue;
        if (operation.limit !== undefined && nameOf(operation.limit.of) === name) { if (within.size !== Infinity) nested.push({ within, inner: { fn, at: operation.at }, chain }); continue; }
        const { targets, certain } = targetsOf(operation.callee);
        const callee = certain ? program.functions.get(targets[0]!) : undefined;
        if (callee !== undefined && graph.sites.has(callee.id)) down(callee, within, name, [...chain, { at: operation.at, fn, callee }], seen);
      }
    }
  },
});

function nameOf(path: AccessPath): string | undefined {
  return path.selectors.some((selector) => selector.kind === 'element') ? undefined : classOf(path);
}

/** The function waits for the started work itself, or for all of it together, or hands the promise to who waits for the function. */
function isWaited(fn: Function, spawn: OperationOf<'spawn'>): boolean {
  const handle = spawn.result;
  return handle !== undefined && fn.blocks.some(({ operations, terminator }) => operations.some((operation) => operation.op === 'wait' && operation.on.root.kind === 'variable' && operation.on.root.variable === handle)
    || (terminator.kind === 'return' && terminator.values.some((value) => value.kind === 'path' && value.path.root.kind === 'variable' && value.path.root.variable === handle)));
}
