import { pathKey, type AccessPath, type Args, type BlockId, type Function, type Value, type Variable } from '../ir/index.js';
import { controlFlow, type Point } from './control-flow.js';
import type { ParameterFact } from './lock-flow.js';
import { toCaller } from './substitution.js';

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
  return isOtherWay(fn, point, ({ root, selectors }, at) => {
    if (selectors.length > 0 || root.kind !== 'variable') return undefined;
    const index = fn.params.indexOf(root.variable);
    const argument = args[index];
    if (index < 0 || (argument !== undefined && argument.kind !== 'constant') || isSetBefore(fn, root.variable, at)) return undefined;
    return Boolean(argument?.value);
  });
}

/**
 * The same for a field of an argument that the caller sets right before the call, with nothing but reads and writes
 * between: `stream.silent = true; stream.Close()`.
 */
export function excludedByFields(fn: Function, point: Point, caller: Function, call: Point, args: Args): boolean {
  const told = new Map<string, boolean>();
  for (const operation of caller.blocks[call.block]!.operations.slice(0, call.index)) {
    if (operation.op === 'write' && operation.path.selectors.length > 0 && operation.value.kind === 'constant' && typeof operation.value.value === 'boolean') told.set(pathKey(operation.path), operation.value.value);
    else if (operation.op === 'write') told.delete(pathKey(operation.path));
    else if (operation.op !== 'read' && operation.op !== 'declare') told.clear();
  }
  if (told.size === 0) return false;
  const written = new Set(fn.blocks.flatMap(({ operations }) => operations.flatMap((operation) => (operation.op === 'write' ? [pathKey(operation.path)] : []))));
  return isOtherWay(fn, point, (asked) => {
    const named = asked.selectors.length === 0 || written.has(pathKey(asked)) ? undefined : toCaller(asked, fn, args);
    return named === undefined ? undefined : told.get(pathKey(named));
  });
}

/** A branch asks for something that is known, and the point lies on its other way only. */
function isOtherWay(fn: Function, point: Point, known: (asked: AccessPath, at: Point) => boolean | undefined): boolean {
  const flow = controlFlow(fn);
  return fn.blocks.some(({ id, operations, terminator }) => {
    if (terminator.kind !== 'branch' || terminator.throws === true || terminator.loop === true) return false;
    const asked = terminator.condition.kind === 'not' ? terminator.condition.operand : terminator.condition;
    const value = asked.kind === 'path' ? known(asked.path, { block: id, index: operations.length }) : undefined;
    if (value === undefined) return false;
    const [taken, other] = value !== (terminator.condition.kind === 'not') ? [terminator.onTrue, terminator.onFalse] : [terminator.onFalse, terminator.onTrue];
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
