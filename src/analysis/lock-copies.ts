import { printPath, type Function, type Location, type OperationOf, type Program, type Type, type Value, type Variable } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { operations } from './operations.js';
import { typeOfPath, uncopyableInside } from './types.js';

/**
 * Where is a value copied that has a synchronisation object inside? By declared types: parameters and receivers
 * taken by value, assignments and ranges from existing values, returned and passed values, what goes into a literal,
 * loop variables that each turn has anew. A part of an array is a view of it, no copy.
 * Fresh values (literals, results of calls) and a function's own local that it returns are no copies.
 */
export interface LockCopy { readonly fn: Function; readonly at: Location; readonly what: string; readonly type: string; readonly primitive: string }

export const lockCopies = defineAnalysis<readonly LockCopy[]>({
  name: 'lock-copies',
  run(program, resultOf) {
    const copies: LockCopy[] = [];
    const labelOf = (type: Type): string => (type.kind === 'record' ? program.records.get(type.name)?.label ?? type.name : type.kind === 'primitive' ? type.name : 'array');
    const copying = new Set(resultOf(operations).functionsWith('synchronised-value'));
    for (const fn of program.functions.values()) {
      const noteValue = (at: Location, what: string, value: Value): void => {
        if (value.kind === 'allocation') for (const field of value.fields ?? []) noteValue(at, 'literal with', field.value);
        if (value.kind !== 'path') return;
        const type = typeOfPath(program, value.path);
        const primitive = uncopyableInside(program, type);
        if (primitive !== undefined && !isFresh(value, fn)) copies.push({ fn, at, what: `${what} ${printPath(value.path)}`, type: labelOf(type), primitive });
      };
      const noteVariable = (at: Location, what: string, { type }: Variable): void => {
        const primitive = uncopyableInside(program, type);
        if (primitive !== undefined) copies.push({ fn, at, what, type: labelOf(type), primitive });
      };
      fn.params.forEach((variable, index) => noteVariable(variable.at, `${index === 0 && fn.receiver !== undefined ? 'receiver' : 'parameter'} ${variable.name} taken by value`, variable));
      if (copying.has(fn)) for (const block of fn.blocks) {
        for (const operation of block.operations) {
          if (operation.op === 'write') { if (operation.path.root.kind === 'variable' && operation.path.root.variable.name !== '_' && operation.path.root.variable.kind !== 'temporary' && !isView(program, operation)) noteValue(operation.at, 'assignment of', operation.value); }
          else if (operation.op === 'declare') { if (operation.copies === true) noteVariable(operation.at, `next turn's ${operation.variable.name}`, operation.variable); }
          else if (operation.op === 'send') noteValue(operation.at, 'send of', operation.value);
          else if (operation.op === 'call') operation.args.forEach((argument, index) => { if (index > 0 || !takesReceiver(operation, program)) noteValue(operation.at, 'argument', argument); });
        }
        if (block.terminator.kind === 'return') for (const value of block.terminator.values) if (!isOwnLocal(value, fn)) noteValue(block.terminator.at, 'return of', value);
      }
    }
    return copies;
  },
});

/** A slice of an array. */
function isView(program: Program, { path, value }: OperationOf<'write'>): boolean {
  const target = value.kind === 'path' ? typeOfPath(program, path) : undefined;
  return target?.kind === 'list' && !target.fixed;
}

/** A receiver is judged where the method declares it. */
function takesReceiver(operation: OperationOf<'call'>, program: Program): boolean {
  const target = operation.callee.kind === 'static' ? operation.callee.target : operation.callee.kind === 'dynamic' ? operation.callee.candidates[0] : undefined;
  return target !== undefined && program.functions.get(target)?.receiver !== undefined;
}

function isFresh(value: Extract<Value, { kind: 'path' }>, fn: Function): boolean {
  const { root, selectors } = value.path;
  return root.kind === 'variable' && root.variable.owner === fn.id && root.variable.kind === 'temporary' && selectors.every((selector) => selector.kind === 'deref');
}

function isOwnLocal(value: Value, fn: Function): boolean {
  return value.kind === 'path' && value.path.selectors.length === 0 && value.path.root.kind === 'variable' && value.path.root.variable.owner === fn.id && value.path.root.variable.kind !== 'parameter';
}
