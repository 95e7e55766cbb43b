import { printPath, type Function, type Location, type OperationOf, type Primitive, type Program, type Type, type Value } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { primitiveInside, typeOfPath } from './types.js';

/**
 * Where is a value copied that has a synchronisation object inside? By declared types: parameters and receivers
 * taken by value, assignments and ranges from existing values, returned and passed values.
 * Fresh values (literals, results of calls) and a function's own local that it returns are no copies.
 */
export interface LockCopy { readonly fn: Function; readonly at: Location; readonly what: string; readonly type: string; readonly primitive: string }

const copying: ReadonlySet<Primitive> = new Set<Primitive>(['lock', 'rwlock', 'counter', 'condition', 'once', 'pool', 'atomic', 'concurrent-map']);

export const lockCopies = defineAnalysis<readonly LockCopy[]>({
  name: 'lock-copies',
  run(program) {
    const copies: LockCopy[] = [];
    const inside = (type: Type): string | undefined => primitiveInside(program, type, (primitive) => copying.has(primitive));
    const labelOf = (type: Type): string => (type.kind === 'record' ? program.records.get(type.name)?.label ?? type.name : type.kind === 'primitive' ? type.name : 'array');
    for (const fn of program.functions.values()) {
      const note = (at: Location, what: string, type: Type): void => {
        const primitive = inside(type);
        if (primitive !== undefined) copies.push({ fn, at, what, type: labelOf(type), primitive });
      };
      const noteValue = (at: Location, what: string, value: Value): void => {
        if (value.kind !== 'path' || isFresh(value, fn)) return;
        note(at, `${what} ${printPath(value.path)}`, typeOfPath(program, value.path));
      };
      fn.params.forEach((variable, index) => note(variable.at, index === 0 && fn.receiver !== undefined ? `receiver ${variable.name} taken by value` : `parameter ${variable.name} taken by value`, variable.type));
      for (const block of fn.blocks) {
        for (const operation of block.operations) {
          if (operation.op === 'write' && operation.path.root.kind === 'variable' && operation.path.root.variable.name !== '_' && operation.path.root.variable.kind !== 'temporary') noteValue(operation.at, 'assignment of', operation.value);
          else if (operation.op === 'send') noteValue(operation.at, 'send of', operation.value);
          else if (operation.op === 'call') for (const argument of operation.args.slice(takesReceiver(operation, program) ? 1 : 0)) noteValue(operation.at, 'argument', argument);
        }
        if (block.terminator.kind === 'return') for (const value of block.terminator.values) if (!isOwnLocal(value, fn)) noteValue(block.terminator.at, 'return of', value);
      }
    }
    return copies;
  },
});

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
