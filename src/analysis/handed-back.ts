import { pathKey, type AccessPath, type Function, type Location, type Operation, type OperationOf, type Value, type Variable } from '../ir/index.js';
import { valuesOf, variablesOf } from '../ir/verify.js';
import { defineAnalysis } from './analysis.js';
import { controlFlow, type Point } from './control-flow.js';
import { operations } from './operations.js';

/**
 * Which objects are used after they were handed back, to a pool that gives them to anybody?
 * By variable and way: from the handing back to a use with no new value for the variable in between.
 * Under-approximates: one function, variables of its own; aliases and parts that were taken out before are not seen.
 */
export interface UseAfterHandingBack {
  readonly fn: Function;
  readonly variable: Variable;
  readonly given: OperationOf<'call'>;
  readonly use: { readonly at: Location; readonly does: 'reads' | 'writes' | 'passes' | 'returns' | 'hands back' };
}

export const handedBack = defineAnalysis<readonly UseAfterHandingBack[]>({
  name: 'handed-back',
  run(_, resultOf) {
    const found: UseAfterHandingBack[] = [];
    for (const fn of resultOf(operations).functionsWith('takes')) for (const block of fn.blocks) block.operations.forEach((operation, index) => {
      if (operation.op !== 'call' || operation.takes === undefined || operation.deferred === true) return;
      for (const value of operation.takes) {
        const variable = variableOf(value);
        const use = variable === undefined || variable.owner !== fn.id ? undefined : firstUse(fn, variable, { block: block.id, index });
        if (use !== undefined && !found.some((other) => other.fn === fn && other.variable === variable)) found.push({ fn, variable: variable!, given: operation, use });
      }
    });
    return found;
  },
});

function variableOf(value: Value): Variable | undefined {
  return (value.kind === 'path' || value.kind === 'address') && value.path.selectors.length === 0 && value.path.root.kind === 'variable' ? value.path.root.variable : undefined;
}

function firstUse(fn: Function, variable: Variable, from: Point): UseAfterHandingBack['use'] | undefined {
  const flow = controlFlow(fn);
  const births: Point[] = [];
  const uses: { point: Point; use: UseAfterHandingBack['use'] }[] = [];
  for (const block of fn.blocks) {
    block.operations.forEach((operation, index) => {
      const point = { block: block.id, index };
      const sets = operation.op === 'write' ? operation.path.selectors.length === 0 && operation.path.root.kind === 'variable' && operation.path.root.variable === variable : variablesOf(operation).includes(variable);
      if (sets || (operation.op === 'declare' && operation.variable === variable)) births.push(point);
      const does = useIn(operation, variable);
      if (does !== undefined) uses.push({ point, use: { at: operation.at, does } });
    });
    const { terminator } = block;
    if (terminator.kind === 'return' && terminator.values.some((value) => variableOf(value) === variable)) uses.push({ point: { block: block.id, index: block.operations.length }, use: { at: terminator.at, does: 'returns' } });
  }
  return uses.find(({ point }) => flow.reachesAvoiding(from, point, births))?.use;
}

function useIn(operation: Operation, variable: Variable): UseAfterHandingBack['use']['does'] | undefined {
  const inside = (path: AccessPath): boolean => path.selectors.length > 0 && pathKey(path).startsWith(`${variable.id}`) && path.root.kind === 'variable' && path.root.variable === variable;
  if (operation.op === 'read') return inside(operation.path) ? 'reads' : undefined;
  if (operation.op === 'write' && inside(operation.path)) return 'writes';
  if (operation.op !== 'call' && operation.op !== 'spawn' && operation.op !== 'send') return undefined;
  if (operation.op === 'call' && operation.takes?.some((value) => variableOf(value) === variable) === true) return operation.deferred === true ? undefined : 'hands back';
  return valuesOf(operation).some((value) => variableOf(value) === variable) ? 'passes' : undefined;
}
