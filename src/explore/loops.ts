import { speaksOfItsTurn } from '../analysis/deferred-turns.js';
import type { Function, Terminator } from '../ir/index.js';

/** A loop of a function's control flow, by its head block. */
export interface Loop {
  readonly head: number;
  readonly blocks: ReadonlySet<number>;
  /** Some branch that is not constant can leave it. */
  readonly conditional: boolean;
  /**
   * It does what turns of another loop have deferred, and each of them meant objects of its own. Variables name those of
   * the last one: its work is the first turn here, or done before the loop and not in it.
   */
  readonly undoes?: { readonly first: boolean };
}

export interface Loops {
  /** The loops a jump goes round: by `from` and `to` of a back edge. */
  readonly turned: (from: number, to: number) => Loop | undefined;
  /** The innermost loop around a block. */
  readonly around: (block: number) => Loop | undefined;
}

/**
 * The natural loops of a function. Found from the graph rather than from marks on it, because a loop may end by
 * any branch in its body: conditions are split, negated and moved when they are lowered.
 */
export function loopsOf(fn: Function): Loops {
  return (fn as Walked)[loopsMemo] ??= find(fn);
}

/** Kept on the function, which never changes: every jump asks for it. */
interface Walked extends Function { [loopsMemo]?: Loops }
const loopsMemo = Symbol('loops');

function find(fn: Function): Loops {
  const loops = [...backEdges(fn)].map(([head, tails]) => naturalLoop(fn, head, tails));
  if (loops.length === 0) return none;
  const smallestFirst = [...loops].sort((a, b) => a.blocks.size - b.blocks.size);
  const around = fn.blocks.map((_, block) => smallestFirst.find((loop) => loop.blocks.has(block)));
  const byHead = new Map(loops.map((loop) => [loop.head, loop]));
  return {
    turned: (from, to) => {
      const loop = byHead.get(to);
      return loop?.blocks.has(from) === true ? loop : undefined;
    },
    around: (block) => around[block],
  };
}

const none: Loops = { turned: () => undefined, around: () => undefined };

function successors(terminator: Terminator): readonly number[] {
  switch (terminator.kind) {
    case 'goto': return [terminator.to];
    case 'branch': return [terminator.onTrue, terminator.onFalse];
    case 'select': return [...terminator.arms.map((arm) => arm.to), ...(terminator.fallback === undefined ? [] : [terminator.fallback])];
    default: return [];
  }
}

/** Edges that lead back to a block on the path walked so far, by the block they lead to. */
function backEdges(fn: Function): ReadonlyMap<number, readonly number[]> {
  const edges = new Map<number, number[]>();
  const state = new Uint8Array(fn.blocks.length);
  const stack: { readonly block: number; readonly next: readonly number[]; index: number }[] = [];
  const enter = (block: number): void => {
    state[block] = 1;
    stack.push({ block, next: successors(fn.blocks[block]!.terminator), index: 0 });
  };
  for (const root of [0, ...(fn.unwind === undefined ? [] : [fn.unwind])]) {
    if (state[root] !== 0 || fn.blocks[root] === undefined) continue;
    enter(root);
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const next = top.next[top.index];
      if (next === undefined) {
        state[top.block] = 2;
        stack.pop();
        continue;
      }
      top.index += 1;
      if (state[next] === 1) edges.set(next, [...(edges.get(next) ?? []), top.block]);
      else if (state[next] === 0) enter(next);
    }
  }
  return edges;
}

function naturalLoop(fn: Function, head: number, tails: readonly number[]): Loop {
  const predecessors = fn.blocks.map((): number[] => []);
  fn.blocks.forEach((block, from) => { for (const to of successors(block.terminator)) predecessors[to]!.push(from); });
  const blocks = new Set<number>([head]);
  const pending = [...tails];
  while (pending.length > 0) {
    const block = pending.pop()!;
    if (blocks.has(block)) continue;
    blocks.add(block);
    pending.push(...predecessors[block]!);
  }
  const conditional = [...blocks].some((block) => {
    const { terminator } = fn.blocks[block]!;
    return terminator.kind === 'branch' && terminator.condition.kind !== 'constant' && (!blocks.has(terminator.onTrue) || !blocks.has(terminator.onFalse));
  });
  const ofTurns = [...blocks].flatMap((block) => fn.blocks[block]!.operations.filter((operation) => speaksOfItsTurn(fn, operation)));
  if (ofTurns.length === 0) return { head, blocks, conditional };
  const before = predecessors[head]!.filter((block) => !blocks.has(block)).some((block) => fn.blocks[block]!.operations.some(({ at }) => ofTurns.some((operation) => operation.at === at)));
  return { head, blocks, conditional, undoes: { first: !before } };
}
