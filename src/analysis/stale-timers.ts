import { pathKey, type AccessPath, type Function, type Location, type OperationOf, type SelectArm } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import type { Point } from './control-flow.js';
import { operations } from './operations.js';
import { wayOut, type Way } from './ways.js';

/**
 * Which timers are started again although what they sent before may still wait to be received? A select that also
 * waits for the timer goes on with another arm, and on the way from there to the restart nobody receives from the timer
 * or looks at what stopping it said. Under-approximates: timers whose channel is received from in another function,
 * and those whose restart drops what was sent, as the front-end says.
 */
export interface StaleTimer {
  readonly fn: Function;
  readonly timer: AccessPath;
  readonly restart: OperationOf<'arm'>;
  /** What came first instead of the timer. */
  readonly arm: SelectArm;
  /** It is stopped on the way, and nobody looks whether it had fired. */
  readonly stopped: Location | undefined;
  readonly way: Way;
}

export const staleTimers = defineAnalysis<readonly StaleTimer[]>({
  name: 'stale-timers',
  run(_program, resultOf) {
    const found: StaleTimer[] = [];
    for (const fn of resultOf(operations).functionsWith('arm')) for (const block of fn.blocks) block.operations.forEach((operation, index) => {
      if (operation.op !== 'arm' || !operation.starts || operation.drops === true || operation.deferred === true) return;
      const stale = decide(fn, operation, { block: block.id, index });
      if (stale !== undefined) found.push(stale);
    });
    return found;
  },
});

function decide(fn: Function, restart: OperationOf<'arm'>, to: Point): StaleTimer | undefined {
  const timer = pathKey(restart.timer);
  const ofTimer = (channel: AccessPath): boolean => channel.selectors.length > 0 && pathKey({ root: channel.root, selectors: channel.selectors.slice(0, -1) }) === timer;
  const avoid: Point[] = [];
  let stopped: Location | undefined;
  for (const { id, operations } of fn.blocks) operations.forEach((operation, index) => {
    if ((operation.op === 'receive' && ofTimer(operation.channel)) || (operation.op === 'make' && pathKey(operation.result) === timer)) avoid.push({ block: id, index });
    else if (operation.op === 'arm' && !operation.starts && pathKey(operation.timer) === timer) { if (operation.result !== undefined) avoid.push({ block: id, index }); else stopped ??= operation.at; }
    // What a callee does with the timer is not followed.
    else if (operation.op === 'call' && operation.args.some((value) => (value.kind === 'path' || value.kind === 'address') && pathKey(value.path) === timer)) avoid.push({ block: id, index });
  });
  for (const { terminator } of fn.blocks) {
    if (terminator.kind !== 'select' || !terminator.arms.some((arm) => ofTimer(arm.channel))) continue;
    for (const arm of terminator.arms) {
      if (ofTimer(arm.channel)) continue;
      const way = wayOut(fn, { from: { block: arm.to, index: -1 }, avoid, avoidArm: (other) => ofTimer(other.channel), to, isEnd: () => false });
      if (way !== undefined) return { fn, timer: restart.timer, restart, arm, stopped, way };
    }
  }
  return undefined;
}
