import { printPath, type Function, type FunctionId, type Location, type OperationOf, type Program, type Value, type Variable } from '../ir/index.js';
import { pathsOf } from '../ir/verify.js';
import { defineAnalysis } from './analysis.js';
import { targetsOf } from './call-graph.js';
import { excludedBy } from './argument-tests.js';
import { controlFlow, plainSuccessors, type Point } from './control-flow.js';
import { isUsed } from './critical-sections.js';
import { operations } from './operations.js';
import { sharedState, type Touch } from './shared-state.js';
import { suspensions } from './suspensions.js';

/**
 * Which started tasks does nobody wait for, although the code after the start works on what the task still changes?
 * The callee is known, waits, and writes a location after its wait; the caller goes on to write or test the same
 * location, or to call another function of the same object that writes it.
 * Under-approximates: callees that are not seen, and handles that go anywhere at all, are left out; so is what the callee
 * does only when its work has failed, or with other arguments, and a queue that one side fills and the other takes from.
 */
export interface DroppedTask {
  readonly fn: Function;
  readonly spawn: OperationOf<'spawn'>;
  readonly callee: Function;
  /** What the task writes after its first wait. */
  readonly write: Touch;
  /** What the caller does with it meanwhile. */
  readonly use: { readonly at: Location; readonly text: string };
}

export const droppedTasks = defineAnalysis<readonly DroppedTask[]>({
  name: 'dropped-tasks',
  run(program, resultOf) {
    const state = resultOf(sharedState);
    const stops = resultOf(suspensions);
    const found: DroppedTask[] = [];
    for (const fn of resultOf(operations).functionsWith('spawn')) {
      if (fn.test || fn.generated) continue;
      for (const block of fn.blocks) for (const [index, operation] of block.operations.entries()) {
        if (operation.op !== 'spawn' || operation.eager !== true || operation.repeated === true || (operation.result !== undefined && isUsed(fn, operation.result)) || isWaited(fn, operation.result)) continue;
        const { targets, certain } = targetsOf(operation.callee);
        const callee = certain ? program.functions.get(targets[0]!) : undefined;
        if (callee === undefined || callee.closureOf !== undefined || !stops.maySuspend(callee.id)) continue;
        const dropped = usedMeanwhile(fn, { block: block.id, index }, operation, callee);
        if (dropped !== undefined) found.push(dropped);
      }
    }
    return found;

    function usedMeanwhile(fn: Function, point: Point, spawn: OperationOf<'spawn'>, callee: Function): DroppedTask | undefined {
      const flow = controlFlow(fn);
      const late = lateWrites(callee.id, 3, spawn.args);
      if (late.length === 0) return undefined;
      const receiver = receiverOf(spawn);
      if (receiver === undefined) return undefined;
      if (receiver === '' ) {
        const use = state.in(fn).find((touch) => (touch.kind !== 'read') && flow.reaches(point, touch.point) && late.some((write) => write.location === touch.location && (!write.content || write.key === touch.key) && !isQueued(touch, write)));
        const write = use === undefined ? undefined : late.find((one) => one.location === use.location);
        if (use !== undefined && write !== undefined) return { fn, spawn, callee, write, use: { at: use.at, text: `${use.kind === 'test' ? 'tests' : 'writes'} ${printPath(use.path)}` } };
      }
      for (const block of fn.blocks) for (const [index, operation] of block.operations.entries()) {
        const here = { block: block.id, index };
        if (operation === spawn || (operation.op !== 'call' && !(operation.op === 'spawn' && operation.eager === true)) || !flow.reaches(point, here) || receiverOf(operation) !== receiver) continue;
        const { targets, certain } = targetsOf(operation.callee);
        const other = certain ? program.functions.get(targets[0]!) : undefined;
        // Another step of the same object, which waits as well and means the same location.
        if (other === undefined || other === callee || other.closureOf !== undefined || !stops.maySuspend(other.id)) continue;
        const write = late.find((one) => lateWrites(other.id, 3).some((two) => two.location === one.location) );
        if (write !== undefined) return { fn, spawn, callee, write, use: { at: operation.at, text: `calls ${other.name}, which writes ${printPath(write.path)} as well` } };
      }
      return undefined;
    }

    function lateWrites(id: FunctionId, depth: number, args?: readonly Value[]): readonly Touch[] {
      const fn = program.functions.get(id)!;
      const start = { block: 0, index: -1 } as Point;
      const own = state.in(fn).filter((touch) => touch.kind === 'write' && touch.root.kind !== 'local' && stops.between(fn, start, touch.point) !== undefined && counts(fn, touch.point, args));
      if (depth === 0) return own;
      return [...own, ...fn.blocks.flatMap((block) => block.operations.flatMap((operation, index) => {
        if (operation.op !== 'call') return [];
        const point = { block: block.id, index };
        if (!counts(fn, point, args)) return [];
        const late = stops.between(fn, start, point) !== undefined;
        return state.through(operation).filter((effect) => effect.kind === 'write' && effect.touch.root.kind !== 'local' && (late || effect.waits)).map((effect) => effect.touch);
      }))];
    }

    /** Part of the work as it was asked for, and not of what is done when it fails. */
    function counts(fn: Function, point: Point, args: readonly Value[] | undefined): boolean {
      return !onlyAfterFailure(fn, point) && (args === undefined || !excludedBy(fn, point, args));
    }

    /** Waited for, continued by a literal, or kept under itself as a key. */
    function isWaited(fn: Function, handle: Variable | undefined): boolean {
      return handle !== undefined && fn.blocks.some((block) => block.operations.some((operation) => pathsOf(operation).some((path) => (path.root.kind === 'variable' && path.root.variable === handle) || path.selectors.some((selector) => selector.kind === 'element' && (selector.index === handle || selector.key === handle.name)))));
    }

    /** The object a method is called on, below this function's own; empty for that object itself. */
    function receiverOf(operation: OperationOf<'call'> | OperationOf<'spawn'>): string | undefined {
      const [receiver] = operation.args;
      if (receiver?.kind !== 'path' || receiver.path.root.kind !== 'variable') return undefined;
      return isReceiverOf(program, receiver.path.root.variable) ? receiver.path.selectors.map((selector) => (selector.kind === 'field' ? selector.name : '[]')).join('.') : undefined;
    }
  },
});

/** Every way there is a failure's. */
function onlyAfterFailure(fn: Function, point: Point): boolean {
  const seen = new Set([fn.blocks[0]!.id]);
  for (const id of seen) {
    if (id === point.block) return false;
    const { terminator } = fn.blocks[id]!;
    for (const next of plainSuccessors(terminator)) seen.add(next);
  }
  return true;
}

/** One side appends, the other takes one out: in whatever order, each works on its own. */
function isQueued(use: Touch, write: Touch): boolean {
  const verb = (touch: Touch): string => (touch.operation?.op === 'write' ? touch.operation.verb ?? '' : '');
  return verb(use) === 'push' && /^(?:shift|pop)$/.test(verb(write));
}

function isReceiverOf(program: Program, variable: Variable): boolean {
  const owner = variable.owner === undefined ? undefined : program.functions.get(variable.owner);
  return owner?.receiver !== undefined && owner.params[0] === variable;
}
