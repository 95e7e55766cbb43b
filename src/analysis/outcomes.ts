import type { BlockId, Function } from '../ir/index.js';
import { controlFlow, type Point } from './control-flow.js';
import type { Touch } from './shared-state.js';

/** Terms of one condition joined by "or" or "and" that are followed. */
const maxTerms = 4;

/**
 * The one outcome of the test that leads to the point; undefined when both do. A test that is one term of a longer
 * condition (`a || b`) leads there when the rest of the condition decides.
 */
export function wayTo(fn: Function, test: Pick<Touch, 'branch' | 'point'>, to: Point): boolean | undefined {
  const flow = controlFlow(fn);
  const { onTrue, onFalse } = test.branch!;
  const leads = (block: BlockId): boolean => flow.reachesAvoiding({ block, index: -2 }, to, [test.point]);
  const yes = leads(onTrue);
  if (yes !== leads(onFalse)) return yes;
  if (!yes) return undefined;
  if (otherwise(fn, onFalse, onTrue, leads, maxTerms)) return true;
  return otherwise(fn, onTrue, onFalse, leads, maxTerms) ? false : undefined;
}

/** Whether the way through `start` only asks further, and either joins `shared` or leads elsewhere. */
function otherwise(fn: Function, start: BlockId, shared: BlockId, leads: (block: BlockId) => boolean, terms: number): boolean {
  let block = fn.blocks[start]!;
  for (let hops = 0; hops < 3 && terms > 0; hops++) {
    if (block.operations.some((operation) => operation.op === 'suspend' || (operation.op === 'write' && operation.path.root.kind === 'variable' && operation.path.root.variable.kind !== 'temporary' && operation.path.root.variable.kind !== 'local'))) return false;
    const { terminator } = block;
    if (terminator.kind === 'goto') block = fn.blocks[terminator.to]!;
    else if (terminator.kind !== 'branch') return false;
    else if (terminator.throws === true) block = fn.blocks[terminator.onFalse]!;
    else {
      const out = terminator.onTrue === shared ? terminator.onFalse : terminator.onFalse === shared ? terminator.onTrue : undefined;
      return out !== undefined && (!leads(out) || otherwise(fn, out, shared, leads, terms - 1));
    }
  }
  return false;
}
