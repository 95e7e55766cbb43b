import type { Function, Program, Type, Value } from '../ir/index.js';
import { eachValue } from '../ir/verify.js';
import type { ResultOf } from './analysis.js';
import { operations } from './operations.js';

/**
 * Records of which the program itself makes objects, tests left out, with what their fields lead to. What is never made comes behind no
 * interface of it (rapid type analysis, after Bacon and Sweeney): the program's own tasks meet it in tests alone.
 * Most records asked about are made early in the program, and it is read no farther than to there.
 */
export function madeRecords(program: Program, resultOf: ResultOf): (record: string) => boolean {
  const found = new Set<string>();
  const note = (type: Type): void => {
    if (type.kind === 'pointer') note(type.to);
    else if (type.kind === 'list' || type.kind === 'channel') note(type.element);
    else if (type.kind === 'map') note(type.value);
    if (type.kind !== 'record' || found.has(type.name)) return;
    found.add(type.name);
    // What a field leads to may be made by a decoder.
    for (const field of program.records.get(type.name)?.fields ?? []) note(field.type);
  };
  const see = (value: Value): void => {
    if (value.kind === 'bound') see(value.receiver);
    if (value.kind !== 'allocation') return;
    note(value.type);
    for (const field of value.fields ?? []) see(field.value);
  };
  const seeAll = (fn: Function): void => {
    for (const { operations: own, terminator } of fn.blocks) {
      for (const operation of own) if (operation.op !== 'read') eachValue(operation, see);
      if (terminator.kind === 'return') for (const value of terminator.values) see(value);
    }
  };
  let functions: readonly Function[] | undefined;
  let next = 0;
  return (record) => {
    if (functions === undefined) {
      for (const variable of program.globals) note(variable.type);
      functions = resultOf(operations).functionsWith('made-value');
    }
    for (; next < functions.length && !found.has(record); next++) if (!functions[next]!.test) seeAll(functions[next]!);
    return found.has(record);
  };
}
