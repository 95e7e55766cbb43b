import type { Function, Operation, Variable } from '../ir/index.js';
import { eachValue, pathsOf } from '../ir/verify.js';
import { controlFlow } from './control-flow.js';
import { mentions } from './ways.js';

/**
 * Does work that a loop has deferred speak of what its turn had in hand? Laid out on the exits it names variables as the
 * last turn has left them, while each registration meant those of its own turn: `for ... { c := make(chan T); defer close(c) }`.
 */
export function speaksOfItsTurn(fn: Function, operation: Operation): boolean {
  if (operation.deferred !== true || operation.op === 'write') return false;
  const varying = setInLoops(fn);
  if (varying.size === 0) return false;
  if (pathsOf(operation).some(({ root }) => root.kind === 'variable' && varying.has(root.variable))) return true;
  // A literal has no arguments for what it captures.
  if (operation.op === 'call' && operation.callee.kind === 'static') for (const variable of varying) if (variable.captured) return true;
  let found = false;
  eachValue(operation, (value) => { if (!found) for (const variable of varying) if (mentions(value, variable)) { found = true; break; } });
  return found;
}

const known = new WeakMap<Function, ReadonlySet<Variable>>();

/** Variables that the turns of a loop set. */
export function setInLoops(fn: Function): ReadonlySet<Variable> {
  let set = known.get(fn);
  if (set !== undefined) return set;
  const found = new Set<Variable>();
  const flow = controlFlow(fn);
  for (const { id, operations, terminator } of fn.blocks) {
    if (!flow.inLoop(id)) continue;
    for (const operation of operations) {
      if (operation.deferred === true) continue;
      if (operation.op === 'declare') found.add(operation.variable);
      else if (operation.op === 'call') for (const result of operation.results) found.add(result);
      else if (operation.op === 'receive' && operation.result !== undefined) found.add(operation.result);
      else if (operation.op === 'make' && operation.result.root.kind === 'variable' && operation.result.selectors.length === 0) found.add(operation.result.root.variable);
      else if (operation.op === 'write' && operation.updates !== true && operation.path.root.kind === 'variable' && operation.path.selectors.length === 0) found.add(operation.path.root.variable);
    }
    if (terminator.kind === 'select') for (const arm of terminator.arms) if (arm.result !== undefined) found.add(arm.result);
  }
  known.set(fn, set = found);
  return set;
}
