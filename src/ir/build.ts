import type { Draft } from './draft.js';
import { fitted } from './fitted.js';
import type { Block, BlockId, Function, SelectArm, Terminator } from './function.js';
import type { Operation } from './operation.js';
import { unknownValue } from './value.js';

/**
 * The only way to make a Function: a growing control-flow graph with one block open at a time. Code after a
 * terminator is accepted and dropped, so that front-ends need not ask what is reachable.
 */
export interface FunctionBuilder {
  /** A block to jump to, not yet open. */
  readonly newBlock: () => BlockId;
  /** Continue here. The block open before must have ended, else it falls through to this one. */
  readonly enter: (block: BlockId) => void;
  /** Is the open block reachable by what was emitted so far? */
  readonly isOpen: () => boolean;
  readonly emit: (operation: Operation) => void;
  readonly end: (terminator: Terminator) => void;
  /** The open block, for side tables kept by front-ends; -1 when nothing is open. */
  readonly current: () => BlockId | -1;
  /** Blocks a block leads to, as far as it has ended. */
  readonly successorsOf: (block: BlockId) => readonly BlockId[];
  /** Number of blocks made so far. */
  readonly size: () => number;
  /** Operations of a block, emitted so far. */
  readonly operationsIn: (block: BlockId) => number;
  /** Puts operations in front of everything in the entry block. */
  readonly prepend: (operations: readonly Operation[]) => void;
  /** Freezes what is reachable, straight lines joined, entry first. The header becomes the function. */
  readonly build: (header: Omit<Function, 'blocks' | 'unwind'>, unwind?: BlockId) => Function;
}

interface BlockDraft {
  operations: Operation[];
  terminator: Terminator | undefined;
  /** How many ways lead here; an entry counts as two, for nothing may be joined in front of it. 0 until it is reached. */
  arrivals: number;
  /** The number of its block and one more; 0 for what has none yet. */
  number: number;
}

function newDraft(): BlockDraft {
  return { operations: [], terminator: undefined, arrivals: 0, number: 0 };
}

export function functionBuilder(): FunctionBuilder {
  const drafts: BlockDraft[] = [newDraft()];
  let open: BlockDraft | undefined = drafts[0];
  let openId = 0;

  const end = (terminator: Terminator): void => {
    if (open) open.terminator = terminator;
    open = undefined;
  };

  return {
    newBlock: () => (drafts.push(newDraft()) - 1) as BlockId,
    enter(block) {
      if (open) end({ kind: 'goto', to: block });
      open = drafts[block]!;
      openId = block;
    },
    isOpen: () => open !== undefined,
    emit(operation) {
      open?.operations.push(operation);
    },
    end,
    current: () => (open ? (openId as BlockId) : -1),
    successorsOf: (block) => {
      const terminator = drafts[block]?.terminator;
      return terminator ? successors(terminator) : [];
    },
    size: () => drafts.length,
    operationsIn: (block) => drafts[block]?.operations.length ?? 0,
    prepend(operations) {
      drafts[0]!.operations.unshift(...operations);
    },
    build(header, unwind) {
      for (const draft of drafts) draft.terminator ??= { kind: 'return', at: header.at, values: header.results.map(() => unknownValue) };
      const layout = layOut(drafts, unwind);
      const fn = header as Draft<Function>;
      fn.blocks = layout.blocks;
      if (layout.unwind !== undefined) fn.unwind = layout.unwind;
      return fn;
    },
  };
}

/** Where control may go next; without the unwinding of panics. */
export function successors(terminator: Terminator): readonly BlockId[] {
  switch (terminator.kind) {
    case 'goto':
      return [terminator.to];
    case 'branch':
      return [terminator.onTrue, terminator.onFalse];
    case 'select': {
      const targets = terminator.arms.map((arm) => arm.to);
      return terminator.fallback === undefined ? targets : [...targets, terminator.fallback];
    }
    default:
      return [];
  }
}

/** Joins what is straight, drops what is unreachable, numbers the rest in depth-first order so that text reads downwards. */
function layOut(drafts: readonly BlockDraft[], unwind: BlockId | undefined): { readonly blocks: readonly Block[]; readonly unwind: BlockId | undefined } {
  const [entry] = drafts;
  if (unwind === undefined && entry!.terminator!.kind !== 'goto' && successors(entry!.terminator!).length === 0) return { blocks: [{ id: 0 as BlockId, operations: fitted(entry!.operations), terminator: entry!.terminator! }], unwind };
  const skip = (start: BlockId): BlockId => {
    let block = start;
    for (let hops = 0; hops < drafts.length; hops++) {
      const draft = drafts[block]!;
      if (draft.operations.length > 0 || draft.terminator?.kind !== 'goto') return block;
      block = draft.terminator.to;
    }
    return block;
  };
  /** Terminators are this builder's own until it is done: they are changed in place. */
  const retarget = (terminator: Terminator, to: (block: BlockId) => BlockId): void => {
    const own = terminator as Draft<Terminator>;
    if (own.kind === 'goto') own.to = to(own.to);
    else if (own.kind === 'branch') {
      own.onTrue = to(own.onTrue);
      own.onFalse = to(own.onFalse);
    } else if (own.kind === 'select') {
      own.arms = own.arms.map((arm): SelectArm => ({ ...arm, to: to(arm.to) }));
      if (own.fallback !== undefined) own.fallback = to(own.fallback);
    }
  };

  const roots: BlockId[] = unwind === undefined ? [0 as BlockId] : [0 as BlockId, skip(unwind)];
  const pending = roots.slice();
  for (const root of roots) drafts[root]!.arrivals += 2;
  const reach = (target: BlockId): BlockId => {
    const block = skip(target);
    if (drafts[block]!.arrivals++ === 0) pending.push(block);
    return block;
  };
  while (pending.length > 0) retarget(drafts[pending.pop()!]!.terminator!, reach);

  const order: { operations: Operation[]; terminator: Terminator }[] = [];
  const stack = roots.reverse();
  while (stack.length > 0) {
    const first = stack.pop()!;
    const draft = drafts[first]!;
    if (draft.number !== 0) continue;
    let { operations } = draft;
    let terminator = draft.terminator!;
    while (terminator.kind === 'goto' && drafts[terminator.to]!.arrivals === 1) {
      const next = drafts[terminator.to]!;
      if (operations.length === 0) operations = next.operations;
      else for (const operation of next.operations) operations.push(operation);
      terminator = next.terminator!;
    }
    draft.number = order.push({ operations, terminator });
    const targets = successors(terminator);
    for (let index = targets.length - 1; index >= 0; index--) {
      if (drafts[targets[index]!]!.number === 0) stack.push(targets[index]!);
    }
  }
  const numberOf = (block: BlockId): BlockId => (drafts[block]!.number - 1) as BlockId;
  const blocks = order.map(({ operations, terminator }, id): Block => {
    retarget(terminator, numberOf);
    return { id: id as BlockId, operations: fitted(operations), terminator };
  });
  return { blocks, unwind: unwind === undefined ? undefined : numberOf(skip(unwind)) };
}
