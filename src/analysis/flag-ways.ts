import type { BlockId, Function, Operation, Value, Variable } from '../ir/index.js';
import { variablesOf } from '../ir/verify.js';
import { successors, type Point } from './control-flow.js';

/**
 * Can control get from just after one point to another when the function's own flags are read as they were set?
 * A flag is a local that a branch asks and that nobody else can change. One flag at a time: what two of them say
 * together is not asked.
 */
export function reachesWithFlags(fn: Function, from: Point, to: Point): boolean {
  return [...flagsOf(fn)].every((flag) => {
    const entry = [true, false].map((value) => ({ block: 0 as BlockId, index: 0, value }));
    const starts = valuesAt(fn, flag, entry, from).map((value) => ({ block: from.block, index: from.index + 1, value }));
    return valuesAt(fn, flag, starts, to).length > 0;
  });
}

interface Position { readonly block: BlockId; readonly index: number; readonly value: boolean }

/** Locals that the branches ask. */
function flagsOf(fn: Function): ReadonlySet<Variable> {
  const flags = new Set<Variable>();
  const ask = (condition: Value): void => {
    if (condition.kind === 'not') ask(condition.operand);
    else if (condition.kind === 'binary' && (condition.operator === '&&' || condition.operator === '||')) { ask(condition.left); ask(condition.right); }
    else if (condition.kind === 'path' && condition.path.root.kind === 'variable' && condition.path.selectors.length === 0) {
      const { variable } = condition.path.root;
      if (variable.kind === 'local' && !variable.captured && !variable.addressed) flags.add(variable);
    }
  };
  for (const { terminator } of fn.blocks) if (terminator.kind === 'branch') ask(terminator.condition);
  return flags;
}

/** What the flag may be where control gets to the point from one of the starts. */
function valuesAt(fn: Function, flag: Variable, starts: readonly Position[], point: Point): boolean[] {
  const found = new Set<boolean>();
  const seen = new Set<string>();
  const work = [...starts];
  for (let at = work.pop(); at !== undefined; at = work.pop()) {
    const { operations, terminator } = fn.blocks[at.block]!;
    let values = [at.value];
    for (let index = at.index; index <= operations.length; index++) {
      if (at.block === point.block && index === Math.max(point.index, 0)) for (const value of values) found.add(value);
      if (index < operations.length) values = after(operations[index]!, flag, values);
    }
    if (terminator.kind === 'select' && terminator.arms.some(({ result, ok }) => result === flag || ok === flag)) values = [true, false];
    for (const value of values) {
      const decided = terminator.kind === 'branch' ? valueOf(terminator.condition, flag, value) : undefined;
      const next = terminator.kind === 'branch' && decided !== undefined ? [decided ? terminator.onTrue : terminator.onFalse] : successors(terminator);
      for (const block of next) {
        const key = `${block} ${value}`;
        if (!seen.has(key)) { seen.add(key); work.push({ block, index: 0, value }); }
      }
    }
  }
  return [...found];
}

function after(operation: Operation, flag: Variable, values: boolean[]): boolean[] {
  if (operation.op === 'write' && operation.path.root.kind === 'variable' && operation.path.root.variable === flag) {
    return operation.value.kind === 'constant' && typeof operation.value.value === 'boolean' ? [operation.value.value] : [true, false];
  }
  return variablesOf(operation).includes(flag) ? [true, false] : values;
}

function valueOf(condition: Value, flag: Variable, value: boolean): boolean | undefined {
  if (condition.kind === 'constant') return typeof condition.value === 'boolean' ? condition.value : undefined;
  if (condition.kind === 'path') return condition.path.selectors.length === 0 && condition.path.root.kind === 'variable' && condition.path.root.variable === flag ? value : undefined;
  if (condition.kind === 'not') {
    const operand = valueOf(condition.operand, flag, value);
    return operand === undefined ? undefined : !operand;
  }
  if (condition.kind !== 'binary' || (condition.operator !== '&&' && condition.operator !== '||')) return undefined;
  const ends = condition.operator === '||';
  const sides = [valueOf(condition.left, flag, value), valueOf(condition.right, flag, value)];
  return sides.includes(ends) ? ends : sides.includes(undefined) ? undefined : !ends;
}
