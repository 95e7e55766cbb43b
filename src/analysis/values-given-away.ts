import type { Function, FunctionId, Program, Value } from '../ir/index.js';
import { targetsOf } from './call-graph.js';
import { defineAnalysis } from './analysis.js';
import { literals } from './nesting.js';
import { operations } from './operations.js';
import { recordNameIn } from './types.js';

/**
 * Which functions may code that is not seen get as values: as an argument of a library, in an object of a foreign type, as a result? Others whose
 * value goes away go into the program's own objects and calls: who runs them is the program, with locks of its own choice.
 * Over-approximates: what is kept in a local, a list or a variable of the package may go anywhere.
 */
export interface ValuesGivenAway { readonly isAbroad: (fn: Function) => boolean }

export const valuesGivenAway = defineAnalysis<ValuesGivenAway>({
  name: 'values-given-away',
  run(program, resultOf) {
    let everywhere: ReadonlySet<FunctionId> | undefined;
    const within = new Map<FunctionId, ReadonlySet<FunctionId>>();
    const isAbroad = ({ id, closureOf }: Function): boolean => {
      const around = closureOf === undefined ? undefined : program.functions.get(closureOf);
      if (around === undefined) return (everywhere ??= givenAbroad(program, resultOf(operations).functionsWith('made-value'))).has(id);
      // A literal is a value in the function that it stands in, and in the literals of that one which know it by name.
      let abroad = within.get(around.id);
      if (abroad === undefined) within.set(around.id, abroad = givenAbroad(program, resultOf(literals).bodiesOf(around)));
      return abroad.has(id);
    };
    return { isAbroad };
  },
});

function givenAbroad(program: Program, functions: readonly Function[]): Set<FunctionId> {
  const abroad = new Set<FunctionId>();
  const give = (value: Value): void => {
    if (value.kind === 'closure') abroad.add(value.target);
    else if (value.kind === 'bound') { abroad.add(value.target); give(value.receiver); }
    else if (value.kind === 'allocation') for (const field of value.fields ?? []) if (!isOwn(program, recordNameIn(value.type))) give(field.value); else giveNested(field.value);
  };
  /** Stays here, unless it is packed in what does not. */
  const giveNested = (value: Value): void => { if (value.kind === 'allocation' || value.kind === 'bound') give(value.kind === 'bound' ? value.receiver : value); };
  for (const fn of functions) for (const { operations: own, terminator } of fn.blocks) {
    for (const operation of own) {
      if (operation.op === 'call' || operation.op === 'spawn') {
        if (!operation.args.some(isObject)) continue;
        const isHere = targetsOf(operation.callee).targets.some((target) => program.functions.has(target));
        for (const value of operation.args) if (isHere) giveNested(value); else give(value);
      } else if (operation.op === 'write') {
        if (!isObject(operation.value)) continue;
        const last = operation.path.selectors.findLast(({ kind }) => kind === 'field');
        if (last?.kind === 'field' && isOwn(program, last.owner)) giveNested(operation.value); else give(operation.value);
      } else if (operation.op === 'send') give(operation.value);
    }
    if (terminator.kind === 'return') for (const value of terminator.values) give(value);
  }
  return abroad;
}

/** What can be a function or hold one that is written down here. */
function isObject({ kind }: Value): boolean {
  return kind === 'closure' || kind === 'bound' || kind === 'allocation';
}

function isOwn(program: Program, record: string | undefined): boolean {
  return record !== undefined && program.records.has(record);
}
