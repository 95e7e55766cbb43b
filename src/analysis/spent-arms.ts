import { variableAt, type Function } from '../ir/index.js';
import { controlFlow, type Point } from './control-flow.js';

/**
 * Does control come to a point in a loop once a call only? `case <-quit: quit = nil; ...`: the point lies behind an arm of
 * a select whose channel is forgotten on every way back, and is never set to anything else. No lattice, one question of
 * control flow. Under-approximates: one variable that no literal shares.
 */
export function isSpent(fn: Function, point: Point): boolean {
  const flow = controlFlow(fn);
  return fn.blocks.some(({ id, operations, terminator }) => terminator.kind === 'select' && terminator.arms.some((arm) => {
    const variable = variableAt(arm.channel);
    const start: Point = { block: arm.to, index: -1 };
    if (variable === undefined || variable.owner !== fn.id || variable.captured || variable.addressed || !flow.dominates(start, point)) return false;
    const writes = fn.blocks.flatMap((block) => block.operations.flatMap((operation, index) => (operation.op === 'write' && variableAt(operation.path) === variable ? [{ at: { block: block.id, index }, value: operation.value }] : [])));
    return writes.length > 0 && writes.every(({ value }) => value.kind === 'constant' && value.value === null) && !flow.reachesAvoiding(start, { block: id, index: operations.length }, writes.map(({ at }) => at));
  }));
}
