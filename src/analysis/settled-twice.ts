import { pathKey, printPath, type AccessPath, type Function, type Location, type OperationOf } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { targetsOf } from './call-graph.js';
import { controlFlow, type Point } from './control-flow.js';
import { operations } from './operations.js';

/**
 * Which completions run twice: a callback called on two points of one way, or a counter counted down in two listeners
 * of one source of which one brings on the other?
 * Under-approximates: callbacks are told by being given an error first and nothing after it; listeners must name one source.
 */
export interface TwiceCalled { readonly fn: Function; readonly name: string; readonly first: OperationOf<'call'>; readonly second: OperationOf<'call'> }
export interface TwiceCounted { readonly fn: Function; readonly path: AccessPath; readonly first: Counting; readonly second: Counting }
interface Counting { readonly spawn: OperationOf<'spawn'>; readonly listener: Function; readonly at: Location }

export interface SettledTwice { readonly callbacks: readonly TwiceCalled[]; readonly counters: readonly TwiceCounted[] }

export const settledTwice = defineAnalysis<SettledTwice>({
  name: 'settled-twice',
  run(program, resultOf) {
    const callbacks: TwiceCalled[] = [];
    const counters: TwiceCounted[] = [];
    for (const fn of program.functions.values()) if (!fn.test && !fn.generated) callbacks.push(...calledTwice(fn));
    for (const fn of resultOf(operations).functionsWith('spawn')) if (!fn.test && !fn.generated) counters.push(...countedTwice(fn));
    return { callbacks, counters };

    /** Two listeners of one object in one function, of events that tell its end, with one counter. */
    function countedTwice(fn: Function): TwiceCounted[] {
      const spawns: OperationOf<'spawn'>[] = [];
      for (const block of fn.blocks) for (const operation of block.operations) if (operation.op === 'spawn' && operation.source !== undefined && operation.event !== undefined && ends.has(operation.event)) spawns.push(operation);
      const found: TwiceCounted[] = [];
      spawns.forEach((first, index) => {
        for (const second of spawns.slice(index + 1)) {
          if (pathKey(first.source!) !== pathKey(second.source!) || first.event === second.event) continue;
          const left = listenerOf(first);
          const right = listenerOf(second);
          if (left === undefined || right === undefined || left === right) continue;
          for (const one of countings(left)) {
            const other = countings(right).find((two) => pathKey(two.path) === pathKey(one.path));
            if (other !== undefined) { found.push({ fn, path: one.path, first: { spawn: first, listener: left, at: one.at }, second: { spawn: second, listener: right, at: other.at } }); break; }
          }
        }
      });
      return found;
    }

    function listenerOf(spawn: OperationOf<'spawn'>): Function | undefined {
      const [target] = targetsOf(spawn.callee).targets;
      return target === undefined ? undefined : program.functions.get(target);
    }
  },
});

/** Events that tell the end of one object, several of which come for one end. */
const ends: ReadonlySet<string> = new Set(['timeout', 'error', 'end', 'close', 'exit', 'aborted', 'abort', 'disconnect', 'finish']);

/** Counters counted down on every way through the listener. */
function countings(fn: Function): { readonly path: AccessPath; readonly at: Location }[] {
  const flow = controlFlow(fn);
  const exits = fn.blocks.filter((block) => block.terminator.kind === 'return');
  return fn.blocks.flatMap((block) => block.operations.flatMap((operation, index) => {
    if (operation.op !== 'write' || operation.updates !== true || operation.value.kind !== 'binary' || operation.value.operator !== '-') return [];
    const point = { block: block.id, index };
    return exits.every((exit) => flow.dominates(point, { block: exit.id, index: exit.operations.length })) ? [{ path: operation.path, at: operation.at }] : [];
  }));
}

/** `if (failed) done(error)` without a return, and `done(null, result)` after it. */
function calledTwice(fn: Function): TwiceCalled[] {
  const calls: { operation: OperationOf<'call'>; point: Point; key: string; path: AccessPath }[] = [];
  for (const block of fn.blocks) for (let index = 0; index < block.operations.length; index++) {
    const operation = block.operations[index]!;
    if (operation.op !== 'call' || operation.callee.kind !== 'unknown' || operation.callee.value?.kind !== 'path') continue;
    const { path } = operation.callee.value;
    if (path.root.kind !== 'variable' || path.root.variable.kind !== 'parameter' || path.selectors.length > 0 || !completes.test(path.root.variable.name)) continue;
    calls.push({ operation, point: { block: block.id, index }, key: pathKey(path), path });
  }
  if (calls.length < 2) return [];
  const flow = controlFlow(fn);
  const found: TwiceCalled[] = [];
  for (const first of calls) for (const second of calls) {
    if (first === second || first.key !== second.key || flow.inLoop(first.point.block) || flow.inLoop(second.point.block) || !flow.reaches(first.point, second.point)) continue;
    // An exception of the first call may lead to the second: the callback itself failed.
    if (!plainly(fn, first.point, second.point) || found.some((one) => one.second === second.operation)) continue;
    found.push({ fn, name: printPath(first.path), first: first.operation, second: second.operation });
  }
  return found;
}

const completes = /^(?:cb|callback|done|next|finish(?:ed)?|complete|on(?:complete|done|finish|end)|resolve|fn)$/i;

function plainly(fn: Function, from: Point, to: Point): boolean {
  if (from.block === to.block) return from.index < to.index;
  const seen = new Set<number>([from.block]);
  const work: number[] = [from.block];
  for (let id = work.pop(); id !== undefined; id = work.pop()) {
    const { terminator } = fn.blocks[id]!;
    const next = terminator.kind === 'goto' ? [terminator.to] : terminator.kind === 'branch' ? (terminator.throws === true ? [terminator.onFalse] : [terminator.onTrue, terminator.onFalse]) : [];
    for (const block of next) {
      if (block === to.block) return true;
      if (!seen.has(block)) { seen.add(block); work.push(block); }
    }
  }
  return false;
}
