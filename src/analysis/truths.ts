import { pathKey, variableAt, type AccessPath, type Function, type Value, type Variable } from '../ir/index.js';
import { controlFlow, samePoint, type Point } from './control-flow.js';

/**
 * What has every way to a point found out about locations: that one holds something (true, not null, not zero) or nothing?
 * Read off the branches that the point lies behind on one side only. A local that was set once to such a question stands for
 * it. Under-approximates: what two branches say together is not asked.
 */
export interface Truth { readonly path: AccessPath; readonly holds: boolean; /** Where it was asked. */ readonly at: Point }

interface Branch { readonly point: Point; readonly condition: Value; readonly onTrue: Point; readonly onFalse: Point }

/** What is known of a function, by the numbers of block and operation. */
interface Asked { readonly branches: readonly Branch[]; readonly truths: Map<number, readonly Truth[]> }

const asked = new WeakMap<Function, Asked>();
const noTruths: readonly Truth[] = [];

export function truthsAt(fn: Function, point: Point): readonly Truth[] {
  let known = asked.get(fn);
  if (known === undefined) asked.set(fn, known = { branches: branchesOf(fn), truths: new Map() });
  if (known.branches.length === 0) return noTruths;
  const place = point.block * 2 ** 26 + point.index + 1;
  let truths = known.truths.get(place);
  if (truths === undefined) known.truths.set(place, truths = found(fn, known.branches, point));
  return truths;
}

function found(fn: Function, branches: readonly Branch[], point: Point): readonly Truth[] {
  const flow = controlFlow(fn);
  return branches.flatMap((branch) => {
    if (!flow.dominates(branch.point, point)) return [];
    const [whenTrue, whenFalse] = [branch.onTrue, branch.onFalse].map((side) => samePoint(side, point) || flow.reachesAvoiding(side, point, [branch.point]));
    return whenTrue === whenFalse ? [] : truthsOf(fn, branch.condition, whenTrue === true, branch.point);
  });
}

/** Every way to the point has found nothing in the location: no object, no flag, no count. */
export function isFoundUnset(fn: Function, point: Point, path: AccessPath): boolean {
  return truthsAt(fn, point).some((truth) => !truth.holds && pathKey(truth.path) === pathKey(path));
}

function branchesOf(fn: Function): Branch[] {
  return fn.blocks.flatMap(({ id, terminator, operations }) => (terminator.kind === 'branch' && terminator.onTrue !== terminator.onFalse
    ? [{ point: { block: id, index: operations.length }, condition: terminator.condition, onTrue: { block: terminator.onTrue, index: -1 }, onFalse: { block: terminator.onFalse, index: -1 } }] : []));
}

function truthsOf(fn: Function, condition: Value, holds: boolean, at: Point): readonly Truth[] {
  if (condition.kind === 'not') return truthsOf(fn, condition.operand, !holds, at);
  if (condition.kind === 'path') {
    const { path } = condition;
    const variable = variableAt(path);
    const source = variable === undefined ? undefined : onlyQuestion(fn, variable);
    return [{ path, holds, at }, ...(source === undefined ? [] : truthsOf(fn, source.value, holds, source.at))];
  }
  if (condition.kind !== 'binary') return [];
  const { operator, left, right } = condition;
  if ((operator === '&&' && holds) || (operator === '||' && !holds)) return [...truthsOf(fn, left, holds, at), ...truthsOf(fn, right, holds, at)];
  if (operator !== '==' && operator !== '!=') return [];
  const [asked, constant] = left.kind === 'constant' ? [right, left] : [left, right];
  if (constant.kind !== 'constant') return [];
  const equal = holds === (operator === '==');
  // Something other than this one value may still be anything.
  return isNothing(constant) ? truthsOf(fn, asked, !equal, at) : equal || typeof constant.value === 'boolean' ? truthsOf(fn, asked, equal, at) : [];
}

/** What a branch takes for nothing: no object, no flag, no count, no text. */
export function isNothing(value: Value): boolean {
  return value.kind === 'constant' && (value.value === null || value.value === false || value.value === 0 || value.value === '');
}

/** The one value a local is ever set to. */
function onlyQuestion(fn: Function, variable: Variable): { readonly value: Value; readonly at: Point } | undefined {
  if (variable.owner !== fn.id || variable.kind === 'parameter' || variable.captured) return undefined;
  let found: { readonly value: Value; readonly at: Point } | undefined;
  for (const { id, operations } of fn.blocks) for (let index = 0; index < operations.length; index++) {
    const operation = operations[index]!;
    if ((operation.op === 'call' && operation.results.includes(variable)) || (operation.op === 'receive' && (operation.result === variable || operation.ok === variable))) return undefined;
    if (operation.op !== 'write' || variableAt(operation.path) !== variable) continue;
    if (found !== undefined) return undefined;
    found = { value: operation.value, at: { block: id, index } };
  }
  return found;
}
