import { pathKey, type BlockId, type Function, type Location, type SelectArm, type Terminator, type Value } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { controlFlow, successors } from './control-flow.js';
import { operations } from './operations.js';

/**
 * Which loops ask a select again and again without ever waiting? From the default of the select control can come back
 * to it by a way on which nothing at all is done, not even a call: only reads, which cannot wait. Under-approximates:
 * any operation on the way, such as a sleep, a yield to the scheduler or a count of the turns, ends the question.
 */
export interface Spin { readonly fn: Function; readonly select: Extract<Terminator, { kind: 'select' }>; readonly at: Location }

export const spins = defineAnalysis<readonly Spin[]>({
  name: 'spins',
  run(_program, resultOf) {
    const found: Spin[] = [];
    for (const fn of resultOf(operations).functionsWith('select')) for (const { id, terminator } of fn.blocks) {
      if (terminator.kind !== 'select' || terminator.fallback === undefined || !controlFlow(fn).inLoop(id)) continue;
      if (idlesBack(fn, terminator.fallback, id, terminator.arms)) found.push({ fn, select: terminator, at: terminator.at });
    }
    return found;
  },
});

function idlesBack(fn: Function, from: BlockId, to: BlockId, arms: readonly SelectArm[]): boolean {
  // `for len(c) > 0`: that nothing was there is what ends the loop.
  const asksForLength = (value: Value): boolean => (value.kind === 'length' ? arms.some(({ channel }) => pathKey(channel) === pathKey(value.of)) : value.kind === 'not' ? asksForLength(value.operand) : value.kind === 'binary' && (asksForLength(value.left) || asksForLength(value.right)));
  const seen = new Set<BlockId>();
  const work = [from];
  for (let id = work.pop(); id !== undefined; id = work.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    const block = fn.blocks[id]!;
    if (!block.operations.every(({ op }) => op === 'read')) continue;
    if (id === to) return true;
    if (block.terminator.kind === 'branch' && asksForLength(block.terminator.condition)) continue;
    // Another select on the way waits by itself, or is the one to speak of.
    if (block.terminator.kind !== 'select') work.push(...successors(block.terminator));
  }
  return false;
}
