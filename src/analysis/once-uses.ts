import { classOf, pathKey, type AccessPath, type Function, type Location, type Operation, type OperationOf } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { callGraph } from './call-graph.js';
import type { CallChain } from './lock-state.js';
import { operations } from './operations.js';
import { ownership } from './ownership.js';
import { toCallee } from './substitution.js';
import { summaries } from './summaries.js';

/**
 * Which once-objects are used so that they do not run their work once: from inside the work itself, with nothing to
 * run, thrown away before the first call, or renewed while others use them?
 * Follows calls with one possible target from the work down; the same path means the same object.
 */
export interface OnceReentry { readonly fn: Function; readonly once: AccessPath; readonly at: Location; readonly chain: CallChain; readonly again: { readonly fn: Function; readonly at: Location } }
export interface OnceMisuse { readonly fn: Function; readonly at: Location; readonly once: AccessPath; readonly reason: 'nothing to run' | 'dropped' | 'renewed'; /** Another place that relies on it. */ readonly user?: { readonly fn: Function; readonly at: Location } }

export interface OnceUses { readonly reentries: readonly OnceReentry[]; readonly misuses: readonly OnceMisuse[] }

/** Calls between the work and the second use. */
const maxDepth = 8;

export const onceUses = defineAnalysis<OnceUses>({
  name: 'once-uses',
  run(program, resultOf) {
    const graph = resultOf(callGraph);
    const summary = resultOf(summaries);
    const owned = resultOf(ownership);
    const reentries: OnceReentry[] = [];
    const misuses: OnceMisuse[] = [];
    const users = new Map<string, { fn: Function; at: Location }>();
    const ops = resultOf(operations);
    const uses: { fn: Function; operation: OperationOf<'call'>; once: AccessPath }[] = [];
    for (const fn of ops.functionsWith('once')) for (const block of fn.blocks) for (const operation of block.operations) {
      if (operation.op !== 'call' || operation.once === undefined) continue;
      uses.push({ fn, operation, once: operation.once });
      const name = classOf(operation.once);
      if (name !== undefined && !users.has(name)) users.set(name, { fn, at: operation.at });
    }
    if (uses.length === 0) return { reentries, misuses };
    for (const { fn, operation, once } of uses) {
      if (operation.callee.kind === 'unknown' && operation.callee.value?.kind === 'constant' && operation.callee.value.value === null) misuses.push({ fn, at: operation.at, once, reason: 'nothing to run' });
      const again = secondUse(fn, operation, once);
      if (again !== undefined) reentries.push({ fn, once, at: operation.at, ...again });
    }
    /** Called by name, or its value goes somewhere. */
    const isNamed = ({ id }: Function): boolean => graph.callers.has(id) || graph.escaping.has(id) || graph.passes.has(id) || graph.tabled.has(id);
    const making = new Set(ops.functionsWith('make'));
    const renewing = new Set(ops.functionsWith('primitive-value').filter(renews));
    for (const fn of program.functions.values()) {
      if (making.has(fn)) for (const block of fn.blocks) for (const operation of block.operations) if (operation.op === 'make' && operation.what === 'once') {
        const runner = uses.find((use) => pathKey(use.once) === pathKey(operation.result) && use.fn.closureOf === fn.id);
        if (runner !== undefined && !isNamed(runner.fn)) misuses.push({ fn, at: operation.at, once: operation.result, reason: 'dropped' });
      }
      if (!renewing.has(fn) || fn.test || fn.role === 'initializer') continue;
      for (const event of summary.of(fn.id)?.events ?? []) {
        if (event.kind !== 'access' || !renewsOnce(event.operation)) continue;
        const name = classOf(event.operation.path);
        const user = name === undefined ? undefined : users.get(name);
        // Under a lock it is renewed on purpose, when nobody is inside.
        if (user === undefined || event.locks.may.length > 0 || owned.owns(fn, event.point, event.operation.path) || isDeclaration(event.operation)) continue;
        misuses.push({ fn, at: event.operation.at, once: event.operation.path, reason: 'renewed', user });
      }
    }
    return { reentries, misuses };

    /** Searches what the work calls, breadth first, for a use of the same object. */
    function secondUse(fn: Function, operation: OperationOf<'call'>, once: AccessPath): { chain: CallChain; again: OnceReentry['again'] } | undefined {
      let level = targetsAt(fn, operation, once, []);
      const seen = new Set<string>();
      for (let depth = 0; depth < maxDepth && level.length > 0; depth++) {
        const next: typeof level = [];
        for (const one of level) {
          const key = `${one.fn.id} ${pathKey(one.once)}`;
          if (seen.has(key)) continue;
          seen.add(key);
          for (const block of one.fn.blocks) for (const inner of block.operations) {
            if (inner.op === 'call' && inner.once !== undefined && pathKey(inner.once) === pathKey(one.once)) return { chain: one.chain, again: { fn: one.fn, at: inner.at } };
          }
          for (const site of graph.sites.get(one.fn.id) ?? []) if (site.kind === 'call' && site.operation.op === 'call') next.push(...targetsAt(one.fn, site.operation, one.once, one.chain));
        }
        level = next;
      }
      return undefined;
    }

    function targetsAt(caller: Function, operation: OperationOf<'call'>, once: AccessPath, chain: CallChain): { fn: Function; once: AccessPath; chain: CallChain }[] {
      return summary.sitesAt(operation).flatMap((site) => {
        if (!site.certain || site.kind === 'spawn' || site.caller !== caller) return [];
        const callee = program.functions.get(site.targets[0]!)!;
        const path = site.kind === 'runs' ? (visible(once, callee) ? once : undefined) : toCallee(once, callee, operation.args);
        return path === undefined ? [] : [{ fn: callee, once: path, chain: [...chain, { call: operation.at, caller: caller.name, callee: callee.name }] }];
      });
    }
  },
});

function visible(path: AccessPath, callee: Function): boolean {
  return path.root.kind === 'variable' && (path.root.variable.kind === 'global' || (path.root.variable.captured && callee.closureOf !== undefined));
}

/** `var once sync.Once` is where it begins. */
function isDeclaration(operation: OperationOf<'write'>): boolean {
  return operation.path.selectors.length === 0 && operation.path.root.kind === 'variable' && operation.path.root.variable.assignments <= 1;
}

function renews(fn: Function): boolean {
  return fn.blocks.some((block) => block.operations.some(renewsOnce));
}

/** A fresh once-object is put where one may have been. */
function renewsOnce(operation: Operation): operation is OperationOf<'write'> {
  return operation.op === 'write' && operation.value.kind === 'allocation' && operation.value.type.kind === 'primitive' && operation.value.type.primitive === 'once';
}
