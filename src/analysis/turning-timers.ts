import { pathKey, variablePath, type Function, type Location, type OperationOf, type SelectArm, type Value } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { controlFlow } from './control-flow.js';
import { operations } from './operations.js';

/**
 * Which loops start a timer on every turn that outlives the turn? A timer nobody refers to stays with the clock until
 * it has fired, where the front-end says that it lasts; it is left behind when another arm of the select goes on with the
 * loop, and one that fires for ever is left behind by every turn. Under-approximates: what is stored, passed on or
 * simply waited for is fine, and so is what is known to fire within a second. Idea: staticcheck's SA1015.
 */
export interface TurningTimer {
  readonly fn: Function;
  readonly at: Location;
  readonly forEver: boolean;
  /** The arm that goes on with the loop while the timer still runs. */
  readonly other: SelectArm | undefined;
}

/** What fires this soon does not pile up. */
const shortest = 1e9;

export const turningTimers = defineAnalysis<readonly TurningTimer[]>({
  name: 'turning-timers',
  run(_program, resultOf) {
    const found: TurningTimer[] = [];
    for (const fn of resultOf(operations).functionsWith('make')) for (const block of fn.blocks) block.operations.forEach((operation, index) => {
      if (operation.op !== 'make' || operation.lasts === undefined || operation.result.selectors.length > 0 || isShort(operation)) return;
      const flow = controlFlow(fn);
      if (!flow.inLoop(block.id)) return;
      const key = pathKey(operation.result);
      for (const { terminator } of fn.blocks) {
        if (terminator.kind !== 'select' || !terminator.arms.some((arm) => pathKey(arm.channel) === key)) continue;
        const other = terminator.arms.find((arm) => pathKey(arm.channel) !== key && flow.reaches({ block: arm.to, index: -1 }, { block: block.id, index }));
        if (other !== undefined) found.push({ fn, at: operation.at, forEver: operation.lasts === 'for ever', other });
      }
      const waited = fn.blocks.some(({ operations }) => operations.some((one) => one.op === 'receive' && pathKey(one.channel) === key));
      if (waited && operation.lasts === 'for ever' && operation.result.root.kind === 'variable' && pathKey(variablePath(operation.result.root.variable)) === key) found.push({ fn, at: operation.at, forEver: true, other: undefined });
    });
    return found;
  },
});

function isShort({ after, lasts }: OperationOf<'make'>): boolean {
  const span = after === undefined ? undefined : constantOf(after);
  return lasts !== 'for ever' && span !== undefined && span < shortest;
}

/** `20 * time.Millisecond`. */
function constantOf(value: Value): number | undefined {
  if (value.kind === 'constant') return typeof value.value === 'number' ? value.value : undefined;
  if (value.kind !== 'binary' || value.operator !== '*') return undefined;
  const [left, right] = [constantOf(value.left), constantOf(value.right)];
  return left === undefined || right === undefined ? undefined : left * right;
}
