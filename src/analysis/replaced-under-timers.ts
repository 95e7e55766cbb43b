import { type AccessPath, type Function, type Location, type OperationOf, type Value } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { targetsOf } from './call-graph.js';
import { entries } from './entries.js';
import { calleeText, gates } from './gates.js';
import { operations } from './operations.js';
import { sharedState, type Touch } from './shared-state.js';

/**
 * Which timers end an object that may be another one by the time they fire? The timer's work ends what it finds in a
 * shared cell; somebody else puts a new object into that cell and stops no timer, and the work does not compare the
 * two.
 * Under-approximates: one-shot timers in literals only, and any timer that the replacing code stops counts as this one;
 * what is replaced behind a flag that is never taken back is replaced once, and that is where it comes from.
 */
export interface ReplacedUnderTimer { readonly fn: Function; readonly timer: OperationOf<'spawn'>; readonly use: { readonly fn: Function; readonly at: Location; readonly path: AccessPath }; readonly replaced: Touch }

/** Calls that end what they are called on. */
const endings = /^(?:end|close|destroy|terminate|kill|abort|disconnect|reset|cancel|stop)$/;

const maxDepth = 2;

export const replacedUnderTimers = defineAnalysis<readonly ReplacedUnderTimer[]>({
  name: 'replaced-under-timers',
  run(program, resultOf) {
    const state = resultOf(sharedState);
    const ways = resultOf(entries);
    const guard = resultOf(gates);
    const found: ReplacedUnderTimer[] = [];
    for (const fn of resultOf(operations).functionsWith('spawn')) {
      if (fn.test || fn.generated) continue;
      for (const block of fn.blocks) for (const timer of block.operations) {
        if (timer.op !== 'spawn' || timer.timed !== true || timer.repeated === true) continue;
        const { targets, certain } = targetsOf(timer.callee);
        const work = certain ? program.functions.get(targets[0]!) : undefined;
        const use = work?.closureOf === fn.id ? endingIn(work) : undefined;
        const where = use === undefined ? undefined : state.locate(use.fn, use.path);
        if (use === undefined || where === undefined || where.content || where.root.kind === 'local' || compares(use.fn)) continue;
        const replaced = state.of(where.location).find((touch) => touch.kind === 'write' && touch.fn !== fn && touch.fn.closureOf !== fn.id && isNew(touch) && !isLatched(touch) && ways.of(touch.fn.id).some(({ kind }) => kind !== 'start' && kind !== 'once'));
        if (replaced !== undefined && !state.of(where.location).some((touch) => touch.kind === 'write' && stopsTimer(touch.fn, maxDepth))) found.push({ fn, timer, use, replaced });
      }
    }
    return found;

    /** It is put there behind a flag that nobody takes back: once in the life of the object. */
    function isLatched(touch: Touch): boolean {
      const gate = guard.at(touch.fn, touch.point);
      return gate !== undefined && state.of(gate.location).every(({ kind, content, operation }) => kind !== 'write' || (!content && operation?.op === 'write' && operation.value.kind === 'constant' && Boolean(operation.value.value)));
    }

    function endingIn(work: Function): ReplacedUnderTimer['use'] | undefined {
      for (const block of work.blocks) for (const operation of block.operations) {
        if (operation.op !== 'call' || targetsOf(operation.callee).targets.length > 0 || !endings.test(calleeText(program, operation).split('.').pop() ?? '')) continue;
        const value: Value | undefined = operation.callee.kind === 'unknown' ? operation.callee.value : operation.args[0];
        if (value?.kind !== 'path') continue;
        const path = operation.callee.kind === 'unknown' ? { root: value.path.root, selectors: value.path.selectors.slice(0, -1) } : value.path;
        if (path.selectors.length === 1 && path.selectors[0]!.kind === 'field') return { fn: work, at: operation.at, path };
      }
      return undefined;
    }

    /** Asks which one it is, or how it is: presence alone says neither. */
    function compares(work: Function): boolean {
      return work.blocks.some(({ terminator }) => terminator.kind === 'branch' && terminator.throws !== true && !isPresence(terminator.condition));
    }

    function isPresence(condition: Value): boolean {
      if (condition.kind === 'not') return isPresence(condition.operand);
      if (condition.kind === 'binary') return condition.right.kind === 'constant' && condition.right.value === null && condition.left.kind === 'path';
      return condition.kind === 'path' && condition.path.selectors.length === 1;
    }

    function stopsTimer(fn: Function, depth: number): boolean {
      return fn.blocks.some((block) => block.operations.some((operation) => (operation.op === 'cancel' && operation.what === 'timer')
        || (depth > 0 && operation.op === 'call' && targetsOf(operation.callee).targets.some((target) => stopsTimer(program.functions.get(target)!, depth - 1)))));
    }
  },
});

/** A new object: made here, or brought by a call. */
function isNew(touch: Touch): boolean {
  if (touch.content || touch.operation?.op !== 'write' || touch.operation.updates === true) return false;
  const { value } = touch.operation;
  return value.kind === 'allocation' || (value.kind === 'path' && value.path.selectors.length === 0 && value.path.root.kind === 'variable' && (value.path.root.variable.kind === 'temporary' || value.path.root.variable.kind === 'local'));
}
