import type { BlockId, Function, Location, Terminator } from '../ir/index.js';
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
      if (idlesBack(fn, terminator.fallback, id)) found.push({ fn, select: terminator, at: terminator.at });
    }
    return found;
  },
});

function idlesBack(fn: Function, from: BlockId, to: BlockId): boolean {
  const seen = new Set<BlockId>();
  const work = [from];
  for (let id = work.pop(); id !== undefined; id = work.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    const block = fn.blocks[id]!;
    if (!block.operations.every(({ op }) => op === 'read')) continue;
    if (id === to) return true;
    // Another select on the way waits by itself, or is the one to speak of.
    if (block.terminator.kind !== 'select') work.push(...successors(block.terminator));
  }
  return false;
}
