import { declaredOrders } from '../../analysis/declared-orders.js';
import { unresolvedGuards } from '../../analysis/declared-guards.js';
import { proseOf } from '../../analysis/contracts.js';
import { trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'unresolved-contract',
  family: 'misuse',
  level: 'note',
  confidence: 'high',
  languages: ['go'],
  title: 'a contract names a lock that does not exist',
  explain: 'A comment binds callers to a lock, or an order of locks names one, and nothing in the program has that name any more. Comments are not compiled: the lock was renamed, split or removed, and the sentence stayed.',
  impact: 'Nobody can keep the contract, and no tool can check it.',
  advice: 'Name the lock as the code does, or drop the sentence.',
  misses: 'Locks that a sentence describes rather than names, and names that are locks of another type than the one meant.',

  *check(program, resultOf) {
    for (const fn of program.functions.values()) {
      if (fn.test) continue;
      for (const { name, text } of proseOf(program, fn).unresolved) {
        yield {
          at: fn.at,
          function: fn.name,
          subject: `${fn.name} ${name}`,
          message: `${fn.name} says "${text}", but there is no lock ${name} in its receiver, its parameters or the package`,
          evidence: [trace('the sentence', [{ at: fn.at, function: fn.name, text: `says "${text}"`, locks: [], kind: 'enter', essential: true }])],
        };
      }
    }
    for (const { record, field, name } of unresolvedGuards(program)) {
      yield {
        at: field.at,
        function: record.label,
        subject: `${record.name}.${field.name} ${name}`,
        message: `${record.label}.${field.name} is annotated as guarded by ${name}, but neither ${record.label} nor the package has a lock of that name`,
        evidence: [trace('the annotation', [{ at: field.at, function: record.label, text: `is guarded by ${name}`, locks: [], kind: 'memory', essential: true }])],
      };
    }
    for (const { name, at, text } of resultOf(declaredOrders).unresolved) {
      yield {
        at,
        function: name,
        subject: `order ${name}`,
        message: `the lock order "${text}" names ${name}, which is no lock, no type with a lock and no variable of the program`,
        evidence: [trace('the declared order', [{ at, function: name, text: `declares "${text}"`, locks: [], kind: 'enter', essential: true }])],
      };
    }
  },
});
