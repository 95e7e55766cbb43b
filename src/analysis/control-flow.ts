import type { BlockId, Function, Terminator } from '../ir/index.js';

/** Where an operation stands in its function: block, and index in the block's operations; -1 is the block's start, the operations' count its terminator. */
export interface Point { readonly block: BlockId; readonly index: number }

export function samePoint(a: Point, b: Point): boolean {
  return a.block === b.block && a.index === b.index;
}

/** The blocks control may go to next; the unwind chain is not among them. */
export function successors(terminator: Terminator): readonly BlockId[] {
  switch (terminator.kind) {
    case 'goto': return [terminator.to];
    case 'branch': return terminator.onTrue === terminator.onFalse ? [terminator.onTrue] : [terminator.onTrue, terminator.onFalse];
    case 'select': return [...terminator.arms.map((arm) => arm.to), ...(terminator.fallback === undefined ? [] : [terminator.fallback])];
    default: return [];
  }
}

/** The same while nothing is thrown. */
export function plainSuccessors(terminator: Terminator): readonly BlockId[] {
  return terminator.kind === 'branch' && terminator.throws === true ? [terminator.onFalse] : successors(terminator);
}

/** Questions about paths in one function. Everything is computed on demand and kept. */
export interface ControlFlow {
  /** Blocks in reverse postorder from the entry; unreachable ones are left out. */
  readonly order: readonly BlockId[];
  /** Whether control can go from just after `from` to `to`. A point reaches itself only around a loop. */
  readonly reaches: (from: Point, to: Point) => boolean;
  /** Whether every way from the entry to `to` passes `by`. */
  readonly dominates: (by: Point, to: Point) => boolean;
  /** Whether the block lies on a cycle. */
  readonly inLoop: (block: BlockId) => boolean;
  /** Whether some way from just after `from` to `to` avoids every point of `barriers`. */
  readonly reachesAvoiding: (from: Point, to: Point, barriers: readonly Point[]) => boolean;
}

/** Kept on the function, which never changes: everybody asks for it, for every pair of points. */
interface Walked extends Function { [flowMemo]?: ControlFlow }
const flowMemo = Symbol('control flow');

export function controlFlow(fn: Function): ControlFlow {
  return (fn as Walked)[flowMemo] ??= build(fn);
}

function build(fn: Function): ControlFlow {
  const next = fn.blocks.map((block) => successors(block.terminator));
  const order = reversePostorder(next);
  const reachable: (Uint8Array | undefined)[] = [];
  const after = (block: BlockId): Uint8Array => (reachable[block] ??= reachableFrom(next, block));
  // One walk at a time: each marks the blocks it has seen with a number of its own.
  const marks = new Uint32Array(next.length);
  let walk = 0;
  let dominators: readonly BlockId[] | undefined;
  return {
    order,
    reaches: (from, to) => (from.block === to.block && from.index < to.index) || after(from.block)[to.block] === 1,
    dominates: (by, to) => {
      if (by.block === to.block) return by.index < to.index;
      dominators ??= immediateDominators(next, order);
      for (let block: BlockId | undefined = to.block; block !== undefined;) {
        const parent: BlockId | undefined = dominators[block];
        if (parent === undefined || parent === block) return false;
        if (parent === by.block) return true;
        block = parent;
      }
      return false;
    },
    inLoop: (block) => after(block)[block] === 1,
    reachesAvoiding: (from, to, barriers) => {
      const firstIn = (block: BlockId, start: number): number => {
        let first = Infinity;
        for (const barrier of barriers) if (barrier.block === block && barrier.index >= start && barrier.index < first) first = barrier.index;
        return first;
      };
      const stop = firstIn(from.block, from.index + 1);
      if (from.block === to.block && from.index < to.index && to.index <= stop) return true;
      if (stop !== Infinity) return false;
      walk++;
      const work = [...(next[from.block] ?? [])];
      for (let block = work.pop(); block !== undefined; block = work.pop()) {
        if (marks[block] === walk) continue;
        marks[block] = walk;
        const barrier = firstIn(block, -1);
        if (block === to.block && to.index <= barrier) return true;
        if (barrier === Infinity) for (const one of next[block] ?? []) work.push(one);
      }
      return false;
    },
  };
}

/** One for each block that control may come to from the end of this one. */
function reachableFrom(next: readonly (readonly BlockId[])[], start: BlockId): Uint8Array {
  const seen = new Uint8Array(next.length);
  const work = [...(next[start] ?? [])];
  for (let block = work.pop(); block !== undefined; block = work.pop()) {
    if (seen[block] === 1) continue;
    seen[block] = 1;
    for (const one of next[block] ?? []) work.push(one);
  }
  return seen;
}

function reversePostorder(next: readonly (readonly BlockId[])[]): BlockId[] {
  const entry = 0 as BlockId;
  if (next.length < 2) return [entry];
  // For each block on the way that is walked, how many of its successors have been looked at; 0 is not come to yet.
  const looked = new Uint32Array(next.length);
  const postorder: BlockId[] = [];
  const way: BlockId[] = [entry];
  looked[entry] = 1;
  while (way.length > 0) {
    const top = way[way.length - 1]!;
    const child = next[top]![looked[top]!++ - 1];
    if (child === undefined) { postorder.push(top); way.pop(); }
    else if (looked[child] === 0) { looked[child] = 1; way.push(child); }
  }
  return postorder.reverse();
}

/** Cooper, Harvey and Kennedy, "A simple, fast dominance algorithm". */
function immediateDominators(next: readonly (readonly BlockId[])[], order: readonly BlockId[]): BlockId[] {
  const rank = new Int32Array(next.length);
  for (let place = 0; place < order.length; place++) rank[order[place]!] = place;
  const previous = next.map((): BlockId[] => []);
  for (const block of order) for (const to of next[block]!) previous[to]!.push(block);
  const idom: BlockId[] = [];
  const entry = order[0]!;
  idom[entry] = entry;
  for (let changed = true; changed;) {
    changed = false;
    for (let place = 1; place < order.length; place++) {
      const block = order[place]!;
      let dominator: BlockId | undefined;
      for (const candidate of previous[block]!) {
        if (idom[candidate] === undefined) continue;
        if (dominator === undefined) { dominator = candidate; continue; }
        let left = candidate;
        while (left !== dominator) {
          while (rank[left]! > rank[dominator!]!) left = idom[left]!;
          while (rank[dominator!]! > rank[left]!) dominator = idom[dominator!]!;
        }
      }
      if (dominator !== undefined && idom[block] !== dominator) { idom[block] = dominator; changed = true; }
    }
  }
  return idom;
}
