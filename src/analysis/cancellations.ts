import { pathKey, type Function, type FunctionId, type Location, type Operation, type Program, type Value, type Variable } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import type { Point } from './control-flow.js';
import { operations } from './operations.js';
import { mentions, wayOut, type Way } from './ways.js';

/**
 * Which functions make a context that can be cancelled, and leave on some way without ever touching what cancels it?
 * Every mention of the cancel function counts as a use, also inside a literal, as in vet's lostcancel: stored, passed,
 * returned, deferred. Under-approximates: what is done with it afterwards is not asked.
 */
export interface LostCancel {
  readonly fn: Function;
  readonly at: Location;
  readonly context: string;
  /** The way that leaves without a use; absent when the cancel function was dropped at once. */
  readonly way: Way | undefined;
  readonly name: string;
}

export const lostCancels = defineAnalysis<readonly LostCancel[]>({
  name: 'lost-cancels',
  run(program, resultOf) {
    const found: LostCancel[] = [];
    for (const fn of resultOf(operations).functionsWith('make')) {
      if (fn.role === 'main') continue;
      for (const block of fn.blocks) block.operations.forEach((operation, index) => {
        if (operation.op !== 'make' || operation.what !== 'context' || operation.cancel === undefined) return;
        const cancel = operation.cancel;
        // A named result is used by every return.
        if (cancel.kind === 'result' || cancel.kind === 'global' || cancel.owner !== fn.id) return;
        const context = operation.result;
        const at: Point = { block: block.id, index };
        const uses = usesIn(program, fn, cancel, pathKey(context)).filter((point) => point.block !== at.block || point.index !== at.index);
        const name = context.root.kind === 'variable' ? context.root.variable.name : '';
        if (uses.length === 0 && cancel.kind === 'temporary') { found.push({ fn, at: operation.at, context: name, way: undefined, name: 'its cancel function' }); return; }
        const way = wayOut(fn, { from: at, avoid: uses, skipsLoops: true });
        if (way !== undefined) found.push({ fn, at: operation.at, context: name, way, name: cancel.name });
      });
    }
    return found;
  },
});

/** Points that use the cancel function, terminators included. */
function usesIn(program: Program, fn: Function, cancel: Variable, context: string): Point[] {
  const literals = new Map<FunctionId, boolean>();
  const inLiteral = (id: FunctionId): boolean => {
    let known = literals.get(id);
    if (known === undefined) {
      const literal = program.functions.get(id);
      literals.set(id, known = false);
      if (literal?.closureOf !== undefined) literals.set(id, known = pointsIn(literal).length > 0);
    }
    return known;
  };
  const uses = (value: Value): boolean => mentions(value, cancel) || (value.kind === 'closure' && inLiteral(value.target)) || (value.kind === 'allocation' && (value.fields ?? []).some((field) => uses(field.value))) || (value.kind === 'bound' && uses(value.receiver));
  const inOperation = (operation: Operation): boolean => {
    switch (operation.op) {
      case 'write': return uses(operation.value);
      case 'read': return operation.path.root.kind === 'variable' && operation.path.root.variable === cancel;
      case 'send': return uses(operation.value);
      case 'cancel': return pathKey(operation.context) === context;
      case 'call': case 'spawn': return operation.args.some(uses) || ('value' in operation.callee && operation.callee.value !== undefined && uses(operation.callee.value)) || (operation.callee.kind === 'static' && inLiteral(operation.callee.target)) || (operation.op === 'call' && (operation.runs ?? []).some(uses));
      default: return false;
    }
  };
  const pointsIn = (of: Function): Point[] => of.blocks.flatMap((block) => {
    const points = block.operations.flatMap((operation, index) => (inOperation(operation) ? [{ block: block.id, index }] : []));
    const { terminator } = block;
    const end = { block: block.id, index: block.operations.length };
    if (terminator.kind === 'return' && terminator.values.some(uses)) points.push(end);
    if (terminator.kind === 'branch' && uses(terminator.condition)) points.push(end);
    return points;
  });
  return [...pointsIn(fn), ...registrations(fn, pointsIn(fn))];
}

/** Where a deferred use in a loop is registered: from there on it runs at the end, whichever way leads there. */
function registrations(fn: Function, uses: readonly Point[]): Point[] {
  const counters = new Set(uses.flatMap(({ block, index }) => fn.blocks[block]!.operations.slice(0, index).flatMap((operation) => (operation.op === 'write' && operation.deferred === true && operation.value.kind === 'binary' && operation.path.root.kind === 'variable' && operation.path.selectors.length === 0 ? [operation.path.root.variable] : []))));
  return counters.size === 0 ? [] : fn.blocks.flatMap(({ id, operations: own }) => own.flatMap((operation, index) => (operation.op === 'write' && operation.deferred !== true && operation.value.kind === 'binary' && operation.path.root.kind === 'variable' && counters.has(operation.path.root.variable) ? [{ block: id, index }] : [])));
}
