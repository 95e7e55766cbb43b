import type { BlockId, Function, Value, Variable } from '../ir/index.js';
import { controlFlow, type Point } from './control-flow.js';
import type { ParameterFact } from './lock-flow.js';

/**
 * With which arguments only does control come to a point? A branch that compares a parameter with a constant, on whose one
 * way the point lies and whose other way does not lead there. Under-approximates: the parameter must still be the
 * argument at the branch.
 */
export function argumentsFor(fn: Function, point: Point): readonly ParameterFact[] {
  const tests = testsIn(fn);
  if (tests.length === 0) return tests;
  const flow = controlFlow(fn);
  return tests.flatMap(({ variable, value, way, other }): ParameterFact[] => {
    const start = { block: way, index: -1 };
    return flow.dominates(start, point) && !flow.reaches({ block: other, index: -1 }, { block: way, index: 0 }) && way !== other ? [{ variable, value }] : [];
  });
}

/**
 * Whether control cannot come to the point when the function is called with these arguments: a branch asks whether a
 * parameter holds something, the argument is a constant or left out, and the point lies on the other way only.
 */
export function excludedBy(fn: Function, point: Point, args: readonly Value[]): boolean {
  const flow = controlFlow(fn);
  return fn.blocks.some(({ id, operations, terminator }) => {
    if (terminator.kind !== 'branch' || terminator.throws === true || terminator.loop === true) return false;
    const asked = terminator.condition.kind === 'not' ? terminator.condition.operand : terminator.condition;
    if (asked.kind !== 'path' || asked.path.selectors.length > 0 || asked.path.root.kind !== 'variable') return false;
    const { variable } = asked.path.root;
    const index = fn.params.indexOf(variable);
    const argument = args[index];
    if (index < 0 || (argument !== undefined && argument.kind !== 'constant') || isSetBefore(fn, variable, { block: id, index: operations.length })) return false;
    const holds = Boolean(argument?.value) !== (terminator.condition.kind === 'not');
    const [taken, other] = holds ? [terminator.onTrue, terminator.onFalse] : [terminator.onFalse, terminator.onTrue];
    return flow.reachesAvoiding({ block: other, index: -2 }, point, []) && !flow.reachesAvoiding({ block: taken, index: -2 }, point, []);
  });
}

interface ArgumentTest extends ParameterFact { readonly way: BlockId; readonly other: BlockId }

const known = new WeakMap<Function, readonly ArgumentTest[]>();

function testsIn(fn: Function): readonly ArgumentTest[] {
  let tests = known.get(fn);
  if (tests === undefined) known.set(fn, tests = read(fn));
  return tests;
}

const noTests: readonly ArgumentTest[] = [];

function read(fn: Function): readonly ArgumentTest[] {
  let found: ArgumentTest[] | undefined;
  for (const { id, operations, terminator } of fn.blocks) {
    if (terminator.kind !== 'branch' || terminator.loop === true || terminator.condition.kind !== 'binary') continue;
    const { operator, left, right } = terminator.condition;
    if ((operator !== '==' && operator !== '!=') || left.kind !== 'path' || left.path.selectors.length > 0 || left.path.root.kind !== 'variable' || right.kind !== 'constant') continue;
    const { variable } = left.path.root;
    if (!fn.params.includes(variable) || variable.captured || variable.addressed || isSetBefore(fn, variable, { block: id, index: operations.length })) continue;
    const [way, other] = operator === '==' ? [terminator.onTrue, terminator.onFalse] : [terminator.onFalse, terminator.onTrue];
    (found ??= []).push({ variable, value: right.value, way, other });
  }
  return found ?? noTests;
}

function isSetBefore(fn: Function, variable: Variable, point: Point): boolean {
  return variable.assignments > 0 && fn.blocks.some(({ id, operations }) => operations.some((operation, index) => operation.op === 'write' && operation.path.selectors.length === 0 && operation.path.root.kind === 'variable' && operation.path.root.variable === variable && controlFlow(fn).reaches({ block: id, index }, point)));
}
