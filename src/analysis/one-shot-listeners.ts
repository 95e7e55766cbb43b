import { printPath, type Function, type Location, type OperationOf, type Value } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { targetsOf } from './call-graph.js';
import { controlFlow } from './control-flow.js';
import { operations } from './operations.js';
import { provenance } from './provenance.js';

/**
 * Which listeners for one event only act when the event is the right one? The body is one comparison of what the event
 * brings with what the listener waits for; the other way does nothing, and the listener is gone.
 * Under-approximates: bodies with any effect on the other way, and comparisons with constants, are left out.
 */
export interface FilteredListener { readonly fn: Function; readonly spawn: OperationOf<'spawn'>; readonly listener: Function; readonly conditionAt: Location; readonly effectAt: Location; readonly effect: string }

export const filteredListeners = defineAnalysis<readonly FilteredListener[]>({
  name: 'filtered-listeners',
  run(program, resultOf) {
    const origins = resultOf(provenance);
    const found: FilteredListener[] = [];
    for (const fn of resultOf(operations).functionsWith('spawn')) for (const block of fn.blocks) for (const operation of block.operations) {
      if (operation.op !== 'spawn' || operation.repeated === true || operation.eager === true || (operation.event === undefined && operation.source === undefined) || operation.via === 'then') continue;
      const [target] = targetsOf(operation.callee).targets;
      const listener = target === undefined ? undefined : program.functions.get(target);
      const filter = listener === undefined ? undefined : filterOf(listener);
      if (listener !== undefined && filter !== undefined) found.push({ fn, spawn: operation, listener, ...filter });
    }
    return found;

    function filterOf(fn: Function): Pick<FilteredListener, 'conditionAt' | 'effectAt' | 'effect'> | undefined {
      const [entry] = fn.blocks;
      if (entry?.terminator.kind !== 'branch' || entry.terminator.throws === true || entry.operations.some((operation) => operation.op !== 'read' && operation.op !== 'declare' && !(operation.op === 'write' && operation.path.selectors.length === 0))) return undefined;
      const { condition, at, onTrue, onFalse } = entry.terminator;
      if (!comparesEvent(fn, condition)) return undefined;
      const quiet = [onTrue, onFalse].filter((block) => isQuiet(fn, block));
      if (quiet.length !== 1) return undefined;
      const acting = quiet[0] === onTrue ? onFalse : onTrue;
      const flow = controlFlow(fn);
      for (const block of fn.blocks) {
        if (block.id !== acting && !flow.reaches({ block: acting, index: -1 }, { block: block.id, index: -1 })) continue;
        for (const operation of block.operations) {
          if (operation.op === 'signal' && operation.what === 'promise') return { conditionAt: at, effectAt: operation.at, effect: `calls ${printPath(operation.on)}` };
          if (operation.op === 'call' && operation.callee.kind === 'unknown' && operation.callee.value?.kind === 'path' && operation.callee.value.path.selectors.length === 0) return { conditionAt: at, effectAt: operation.at, effect: `calls ${operation.callee.text}` };
        }
      }
      return undefined;
    }

    /** `event.id === id`: one side comes with the event, the other was there before it. */
    function comparesEvent(fn: Function, condition: Value): boolean {
      if (condition.kind === 'not') return comparesEvent(fn, condition.operand);
      if (condition.kind !== 'binary' || (condition.operator !== '==' && condition.operator !== '!=')) return false;
      const at = { block: 0, index: fn.blocks[0]!.operations.length } as const;
      const sides = [condition.left, condition.right].map((side) => origins.of(fn, side, at as never));
      const fromEvent = sides.map((side) => side.some(({ path }) => path.root.kind === 'variable' && fn.params.includes(path.root.variable) && path.root.variable !== (fn.receiver === undefined ? undefined : fn.params[0])));
      const before = sides.map((side) => side.length > 0 && side.every(({ path }) => path.root.kind === 'variable' && !fn.params.slice(fn.receiver === undefined ? 0 : 1).includes(path.root.variable)));
      return (fromEvent[0]! && before[1]!) || (fromEvent[1]! && before[0]!);
    }
  },
});

/** Leads to the end without doing anything. */
function isQuiet(fn: Function, start: number): boolean {
  let id = start;
  for (let hops = 0; hops < 3; hops++) {
    const block = fn.blocks[id]!;
    if (block.operations.some((operation) => operation.op !== 'read' && operation.op !== 'declare' && !(operation.op === 'call' && operation.callee.kind === 'library'))) return false;
    if (block.terminator.kind === 'return') return true;
    if (block.terminator.kind !== 'goto') return false;
    id = block.terminator.to;
  }
  return false;
}
