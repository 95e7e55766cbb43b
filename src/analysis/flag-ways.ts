import { variableAt, type BlockId, type Function, type Operation, type Value, type Variable } from '../ir/index.js';
import { variablesOf } from '../ir/verify.js';
import { successors, type Point } from './control-flow.js';

/**
 * Can control get from just after one point to another when the function's own flags are read as they were set?
 * A flag is a local that a branch asks, whether it holds or whether it is nothing, and that nobody else can change: no
 * literal among the bodies after the first sets it. One flag at a time: what two of them say together is not asked.
 */
export function reachesWithFlags([fn, ...inside]: readonly Function[], from: Point, to: Point): boolean {
  return fn === undefined || flagsOf(fn, inside).every((flag) => {
    const entry = [true, false].map((value) => ({ block: 0 as BlockId, index: 0, value }));
    const starts = valuesAt(fn, flag, entry, from).map((value) => ({ block: from.block, index: from.index + 1, value }));
    return valuesAt(fn, flag, starts, to).length > 0;
  });
}

interface Position { readonly block: BlockId; readonly index: number; readonly value: boolean }

interface Flag { readonly variable: Variable; /** `err == nil` is asked of it. */ readonly nothing: boolean }

/** Locals that the branches ask. */
function flagsOf(fn: Function, inside: readonly Function[]): readonly Flag[] {
  const flags: Flag[] = [];
  const ask = (condition: Value): void => {
    if (condition.kind === 'not') ask(condition.operand);
    else if (condition.kind === 'binary' && (condition.operator === '&&' || condition.operator === '||')) { ask(condition.left); ask(condition.right); }
    else {
      const flag = askedIn(condition);
      if (flag === undefined || flags.some(({ variable, nothing }) => variable === flag.variable && nothing === flag.nothing)) return;
      const { variable } = flag;
      if ((variable.kind === 'local' || variable.kind === 'result') && variable.owner === fn.id && !variable.addressed && !(variable.captured && inside.some((literal) => sets(literal, variable)))) flags.push(flag);
    }
  };
  for (const { terminator } of fn.blocks) if (terminator.kind === 'branch') ask(terminator.condition);
  return flags;
}

function askedIn(condition: Value): Flag | undefined {
  const asked = condition.kind === 'binary' && (condition.operator === '==' || condition.operator === '!=') && condition.right.kind === 'constant' && condition.right.value === null ? condition.left : condition;
  const variable = asked.kind === 'path' ? variableAt(asked.path) : undefined;
  return variable === undefined ? undefined : { variable, nothing: asked !== condition };
}

function sets(literal: Function, variable: Variable): boolean {
  return literal.blocks.some(({ operations, terminator }) => operations.some((operation) => (operation.op === 'write' ? variableAt(operation.path) === variable : operation.op === 'call' && operation.results.includes(variable)))
    || (terminator.kind === 'select' && terminator.arms.some(({ result, ok }) => result === variable || ok === variable)));
}

/** What the flag may be where control gets to the point from one of the starts. */
function valuesAt(fn: Function, flag: Flag, starts: readonly Position[], point: Point): boolean[] {
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
    if (terminator.kind === 'select' && terminator.arms.some(({ result, ok }) => result === flag.variable || ok === flag.variable)) values = [true, false];
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

function after(operation: Operation, { variable, nothing }: Flag, values: boolean[]): boolean[] {
  if (operation.op === 'write' && variableAt(operation.path) === variable) {
    const { value } = operation;
    if (nothing) return value.kind === 'constant' ? [value.value === null] : value.kind === 'allocation' || value.kind === 'closure' ? [false] : [true, false];
    return value.kind === 'constant' && typeof value.value === 'boolean' ? [value.value] : [true, false];
  }
  return variablesOf(operation).includes(variable) ? [true, false] : values;
}

function valueOf(condition: Value, flag: Flag, value: boolean): boolean | undefined {
  if (condition.kind === 'constant') return typeof condition.value === 'boolean' ? condition.value : undefined;
  if (condition.kind === 'not') {
    const operand = valueOf(condition.operand, flag, value);
    return operand === undefined ? undefined : !operand;
  }
  const asked = askedIn(condition);
  if (asked !== undefined) return asked.variable !== flag.variable || asked.nothing !== flag.nothing ? undefined : asked.nothing && condition.kind === 'binary' && condition.operator === '!=' ? !value : value;
  if (condition.kind !== 'binary' || (condition.operator !== '&&' && condition.operator !== '||')) return undefined;
  const ends = condition.operator === '||';
  const sides = [valueOf(condition.left, flag, value), valueOf(condition.right, flag, value)];
  return sides.includes(ends) ? ends : sides.includes(undefined) ? undefined : !ends;
}
