import { type AccessPath, type Function, type Location, type Value, type Variable } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import type { HeldLock } from './lock-state.js';
import { summaries } from './summaries.js';

/**
 * In code that only illustrates, which calls of what it does not show get guarded state in hand while its lock is held?
 * No lattice: one look at each call. Under-approximates: only objects and arguments that were read, directly or
 * through one variable, out of the object whose lock is held. Elsewhere an unknown callee is silent; an example that
 * leaves the callee out says by this that it is somebody else's code.
 */
export interface UnseenCall {
  readonly fn: Function;
  readonly held: HeldLock;
  readonly at: Location;
  /** As the code writes the callee. */
  readonly callee: string;
  /** What of the guarded state the call works on. */
  readonly state: AccessPath;
  /** A method of an object of the guarded state, or a function that gets some of it. */
  readonly as: 'object' | 'argument';
}

export const unseenCalls = defineAnalysis<readonly UnseenCall[]>({
  name: 'unseen-calls',
  run(program, resultOf) {
    const illustrations = program.illustrations;
    if (illustrations === undefined) return [];
    const summary = resultOf(summaries);
    const found: UnseenCall[] = [];
    for (const fn of program.functions.values()) {
      if (!illustrations.has(fn.at.file)) continue;
      for (const event of summary.of(fn.id)?.events ?? []) {
        if (event.kind !== 'call' || event.operation.op !== 'call' || event.operation.callee.kind !== 'unknown') continue;
        const { callee, args, at } = event.operation;
        const object = callee.text.includes('.') ? variableNamed(fn, callee.text.slice(0, callee.text.indexOf('.'))) : undefined;
        for (const held of event.locks.must) {
          const owner = held.lock.root.kind === 'variable' && held.lock.selectors.length > 0 ? held.lock.root.variable : undefined;
          if (owner === undefined) continue;
          const ofObject = object === undefined || object === owner ? undefined : stateBehind(fn, { root: { kind: 'variable', variable: object }, selectors: [] }, owner);
          const ofArguments = callee.text.includes('.') ? [] : args.flatMap((value) => stateIn(fn, value, owner) ?? []);
          const state = ofObject ?? ofArguments[0];
          if (state === undefined) continue;
          found.push({ fn, held, at, callee: callee.text, state, as: ofObject === undefined ? 'argument' : 'object' });
          break;
        }
      }
    }
    return found;
  },
});

function stateIn(fn: Function, value: Value, owner: Variable): AccessPath | undefined {
  return value.kind === 'path' || value.kind === 'address' ? stateBehind(fn, value.path, owner) : undefined;
}

/** The path itself when it starts at the owner, or what the variable it starts at was read from. */
function stateBehind(fn: Function, path: AccessPath, owner: Variable): AccessPath | undefined {
  if (path.root.kind !== 'variable') return undefined;
  if (path.root.variable === owner) return path.selectors.length > 0 ? path : undefined;
  const { variable } = path.root;
  for (const { operations } of fn.blocks) for (const operation of operations) {
    if (operation.op !== 'write' || operation.path.selectors.length > 0 || operation.path.root.kind !== 'variable' || operation.path.root.variable !== variable) continue;
    if (operation.value.kind === 'path' && operation.value.path.root.kind === 'variable' && operation.value.path.root.variable === owner && operation.value.path.selectors.length > 0) return operation.value.path;
  }
  return undefined;
}

function variableNamed(fn: Function, name: string): Variable | undefined {
  for (const { operations } of fn.blocks) for (const operation of operations) {
    if (operation.op === 'write' && operation.path.root.kind === 'variable' && operation.path.selectors.length === 0 && operation.path.root.variable.name === name) return operation.path.root.variable;
  }
  return undefined;
}

