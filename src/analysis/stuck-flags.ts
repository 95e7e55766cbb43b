import type { BlockId, Function, Location } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { targetsOf } from './call-graph.js';
import { controlFlow, plainSuccessors, samePoint, successors, type Point } from './control-flow.js';
import { wayTo } from './outcomes.js';
import { sharedState, type Touch } from './shared-state.js';
import { suspensions } from './suspensions.js';

/**
 * Which busy flags stay set when the work behind them returns early or throws? A flag is tested at the door, set, and
 * reset on the good way; the bad way is a return or throw of the function itself, or a callee of the program that throws.
 * Under-approximates: failures of code that is not seen do not count, nor do flags that somebody else resets.
 */
export interface StuckFlag { readonly fn: Function; readonly test: Touch; readonly set: Touch; readonly reset: Touch; readonly exit: { readonly at: Location; readonly text: string } }

export const stuckFlags = defineAnalysis<readonly StuckFlag[]>({
  name: 'stuck-flags',
  run(program, resultOf) {
    const state = resultOf(sharedState);
    const stops = resultOf(suspensions);
    const found: StuckFlag[] = [];
    for (const fn of program.functions.values()) {
      if (fn.test || fn.generated || fn.constructs === true) continue;
      const touches = state.in(fn);
      for (const set of touches) {
        if (set.kind !== 'write' || set.content || constantOf(set) !== true || found.some((one) => one.fn === fn && one.set.location === set.location)) continue;
        const flow = controlFlow(fn);
        const test = touches.find((touch) => touch.kind === 'test' && touch.location === set.location && flow.dominates(touch.point, set.point) && wayTo(fn, touch, set.point) !== undefined && stops.between(fn, touch.point, set.point) === undefined);
        const reset = touches.find((touch) => touch.kind === 'write' && touch.location === set.location && constantOf(touch) === false && flow.reaches(set.point, touch.point));
        // Work that nobody can see half done needs no flag.
        if (test === undefined || reset === undefined || stops.between(fn, set.point, reset.point) === undefined) continue;
        if (state.of(set.location).some((touch) => touch.kind === 'write' && touch.fn !== fn && constantOf(touch) !== true)) continue;
        const resets = [...touches.filter((touch) => touch.kind === 'write' && touch.location === set.location && constantOf(touch) !== true).map((touch) => touch.point), ...resetsByCalls(fn, set.location)];
        if (!plainlyReaches(fn, set.point, reset.point)) continue;
        const exit = wayOut(fn, set.point, resets);
        if (exit !== undefined) found.push({ fn, test, set, reset, exit });
      }
    }
    return found;

    function resetsByCalls(fn: Function, location: string): Point[] {
      return fn.blocks.flatMap((block) => block.operations.flatMap((operation, index) => (operation.op === 'call' || operation.op === 'spawn') && state.through(operation).some((effect) => effect.kind === 'write' && effect.location === location) ? [{ block: block.id, index }] : []));
    }

    /** An exit that some way from the set reaches without a reset, and why the way is taken. */
    function wayOut(fn: Function, from: Point, resets: readonly Point[]): StuckFlag['exit'] | undefined {
      const seen = new Set<BlockId>();
      const work: { block: BlockId; start: number; cause?: string }[] = [{ block: from.block, start: from.index + 1 }];
      for (let item = work.shift(); item !== undefined; item = work.shift()) {
        const { block: id, start, cause } = item;
        if (start === 0) { if (seen.has(id)) continue; seen.add(id); }
        if (resets.some((point) => point.block === id && point.index >= start)) continue;
        const block = fn.blocks[id]!;
        const { terminator } = block;
        if (terminator.kind === 'return') {
          if (!resets.some((point) => samePoint(point, { block: id, index: block.operations.length }))) return { at: terminator.at, text: cause ?? 'returns' };
        } else if (terminator.kind === 'throw') return { at: terminator.at, text: cause ?? 'throws' };
        else if (terminator.kind === 'branch' && terminator.throws === true) {
          work.push({ block: terminator.onFalse, start: 0, ...(cause === undefined ? {} : { cause }) });
          const thrower = throwerBefore(fn, id);
          if (thrower !== undefined) work.push({ block: terminator.onTrue, start: 0, cause: `leaves when ${thrower} throws` });
        } else for (const next of successors(terminator)) work.push({ block: next, start: 0, ...(cause === undefined ? {} : { cause }) });
      }
      return undefined;
    }

    /** The callee of the program whose exception the branch is about, when its code throws. */
    function throwerBefore(fn: Function, id: BlockId): string | undefined {
      for (const operation of [...fn.blocks[id]!.operations].reverse()) {
        if (operation.op !== 'call') continue;
        const { targets, certain } = targetsOf(operation.callee);
        const callee = certain ? program.functions.get(targets[0]!) : undefined;
        return callee !== undefined && throwsItself(callee) ? callee.name : undefined;
      }
      return undefined;
    }
  },
});

/** A throw statement that is not caught: reached without the exceptions of others. */
function throwsItself(fn: Function): boolean {
  const seen = new Set<BlockId>([0 as BlockId]);
  const work: BlockId[] = [0 as BlockId];
  for (let id = work.pop(); id !== undefined; id = work.pop()) {
    const { terminator } = fn.blocks[id]!;
    if (terminator.kind === 'throw') return true;
    for (const to of plainSuccessors(terminator)) if (!seen.has(to)) { seen.add(to); work.push(to); }
  }
  return false;
}

/** Whether the point is reached when nothing fails: a reset on the way of an exception only is no end of the work. */
function plainlyReaches(fn: Function, from: Point, to: Point): boolean {
  if (from.block === to.block && from.index < to.index) return true;
  const seen = new Set<BlockId>();
  const work: BlockId[] = [from.block];
  for (let id = work.pop(); id !== undefined; id = work.pop()) {
    const { terminator } = fn.blocks[id]!;
    for (const next of plainSuccessors(terminator)) {
      if (next === to.block) return true;
      if (!seen.has(next)) { seen.add(next); work.push(next); }
    }
  }
  return false;
}

function constantOf(touch: Touch): boolean | undefined {
  if (touch.operation?.op !== 'write' || touch.operation.value.kind !== 'constant') return undefined;
  const { value } = touch.operation.value;
  return value === null ? false : typeof value === 'boolean' ? value : undefined;
}
