import { classOf, variableAt, type AccessPath, type Function } from '../ir/index.js';

/**
 * By which classes is a counter known? Its own, and that of the field when a local stands for the field's address:
 * `wg := &s.wg; s.mu.Unlock(); wg.Wait()`.
 */
export function counterClasses(fn: Function, counter: AccessPath): readonly string[] {
  const name = classOf(counter);
  const variable = variableAt(counter);
  const fields = variable?.owner !== fn.id || variable.kind !== 'local' ? [] : fn.blocks.flatMap(({ operations }) => operations.flatMap((operation) => (operation.op === 'write' && operation.value.kind === 'address' && variableAt(operation.path) === variable ? [classOf(operation.value.path)] : [])));
  return [name, ...fields].filter((one) => one !== undefined);
}
