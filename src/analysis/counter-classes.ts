import { classOf, variableAt, type AccessPath, type Function, type OperationOf } from '../ir/index.js';

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

/** A known number is taken off: somebody reports that it is done. */
export function isLowering({ delta }: OperationOf<'signal'>): boolean {
  return delta?.kind === 'constant' && typeof delta.value === 'number' && delta.value < 0;
}
