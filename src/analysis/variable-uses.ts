import type { Function, Program, Variable } from '../ir/index.js';
import { pathsOf, valuesOf } from '../ir/verify.js';
import { mentions } from './ways.js';

/** Whether the function or a literal in it uses the variable, beyond making it. */
export function isMentioned(program: Program, owner: Function, variable: Variable): boolean {
  for (const fn of program.functions.values()) {
    if (fn.at.file !== owner.at.file || fn.at.line < owner.extent.line || fn.extent.endLine > owner.extent.endLine) continue;
    for (const { operations, terminator } of fn.blocks) {
      for (const operation of operations) {
        if (operation.op === 'make' && operation.result.root.kind === 'variable' && operation.result.root.variable === variable) continue;
        if (pathsOf(operation).some((path) => path.root.kind === 'variable' && path.root.variable === variable) || valuesOf(operation).some((value) => mentions(value, variable))) return true;
      }
      if (terminator.kind === 'return' && terminator.values.some((value) => mentions(value, variable))) return true;
      if (terminator.kind === 'branch' && mentions(terminator.condition, variable)) return true;
      if (terminator.kind === 'select' && terminator.arms.some((arm) => (arm.channel.root.kind === 'variable' && arm.channel.root.variable === variable) || (arm.value !== undefined && mentions(arm.value, variable)))) return true;
    }
  }
  return false;
}
