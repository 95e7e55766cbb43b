import { pathKey, type AccessPath, type Function, type Location, type OperationOf, type Value } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { controlFlow, type Point } from './control-flow.js';
import { gates, type Exposure } from './gates.js';
import { provenance } from './provenance.js';
import { sharedState } from './shared-state.js';
import { suspensions, type Suspension } from './suspensions.js';

/**
 * Which shared locations are only the scratch paper of one call, and are written by a second call while the first one
 * waits? Scratch is what every function fills before it uses it: nothing is carried from call to call, so a local
 * would do. What is filled belongs to the call: it comes from a parameter, or is a container emptied and filled anew.
 * Under-approximates: helpers that use the scratch of their caller make it state, and silent.
 */
export interface SharedScratch { readonly fn: Function; readonly path: AccessPath; readonly location: string; readonly fill: Use; readonly stop: Suspension; readonly use: Use; readonly exposure: Exposure }
interface Use { readonly point: Point; readonly at: Location; readonly fills: boolean; readonly own: boolean; /** Puts a constant there: nothing of what was filled is looked at. */ readonly resets?: true; readonly path: AccessPath }

/** Methods that begin anew with what the object holds. */
const restarts = /^(?:start|begin|reset|clear|init|rewind|restart)$/;

export const sharedScratch = defineAnalysis<readonly SharedScratch[]>({
  name: 'shared-scratch',
  run(program, resultOf) {
    const state = resultOf(sharedState);
    const stops = resultOf(suspensions);
    const origins = resultOf(provenance);
    const guard = resultOf(gates);
    const concerned = [...program.functions.values()].filter((fn) => fn.constructs !== true && fn.role !== 'initializer' && !fn.test);
    // Only what a function that waits fills as its own can be scratch: all other locations need no second look.
    const filled = new Set<string>();
    for (const fn of concerned) if (stops.in(fn).length > 0) for (const [location, { own }] of usesIn(fn)) if (own) filled.add(location);
    if (filled.size === 0) return [];
    const users = new Map<string, Map<Function, Use[]>>();
    for (const fn of concerned) for (const [location, use] of usesIn(fn, filled)) {
      let byFunction = users.get(location);
      if (byFunction === undefined) users.set(location, byFunction = new Map());
      const uses = byFunction.get(fn);
      if (uses === undefined) byFunction.set(fn, [use]); else uses.push(use);
    }
    const found: SharedScratch[] = [];
    for (const [location, byFunction] of users) {
      if (![...byFunction].every(([fn, uses]) => filledFirst(fn, uses))) continue;
      for (const [fn, uses] of byFunction) {
        const one = fn.generated ? undefined : mixedIn(fn, uses);
        if (one !== undefined) found.push({ fn, location, ...one });
      }
    }
    return found;

    function filledFirst(fn: Function, uses: readonly Use[]): boolean {
      const flow = controlFlow(fn);
      return uses.every((use) => use.fills || uses.some((fill) => fill.fills && flow.dominates(fill.point, use.point)));
    }

    function mixedIn(fn: Function, uses: readonly Use[]): Omit<SharedScratch, 'fn' | 'location'> | undefined {
      const flow = controlFlow(fn);
      const fills = uses.filter(({ fills: one }) => one);
      for (const fill of fills) for (const use of uses) {
        if (!fill.own || use.fills || use.resets === true) continue;
        const others = fills.filter((other) => other !== fill).map(({ point }) => point);
        const stop = stops.in(fn).find(({ full, point }) => full && flow.dominates(fill.point, point) && flow.reachesAvoiding(point, use.point, [...others, fill.point]) && flow.reachesAvoiding(fill.point, point, others));
        const root = fill.path.root.kind === 'variable' ? fill.path.root.variable : undefined;
        const exposure = stop === undefined || guard.locked(fn, stop.point) ? undefined : guard.exposed(fn, stop.point, root);
        if (stop !== undefined && exposure !== undefined) return { path: fill.path, fill, stop, use, exposure };
      }
      return undefined;
    }

    /** Uses of the wanted locations; what fills any, where none is named. */
    function usesIn(fn: Function, wanted?: ReadonlySet<string>): [string, Use][] {
      const uses: [string, Use][] = [];
      for (const touch of state.in(fn)) {
        if (touch.root.kind === 'local' || touch.key !== undefined || (wanted === undefined && touch.kind !== 'write')) continue;
        const location = touch.location.endsWith('[]') ? touch.location.replace(/(?:\[\])+$/, '') : touch.location;
        if (wanted !== undefined && !wanted.has(location)) continue;
        const operation = touch.operation;
        const fills = touch.kind === 'write' && operation?.op === 'write' && operation.updates !== true && (!touch.content || operation.verb === 'clear') && !(operation.value.kind === 'constant' && operation.verb !== 'clear');
        const own = fills && operation?.op === 'write' && (operation.verb === 'clear' || isEmpty(operation.value) || belongsToCall(fn, operation.value, touch.point));
        // The cell that holds the object is read for each call on it: the call itself says what it means.
        if (touch.kind === 'read' && !touch.content && isCalledOn(fn, touch.path, touch.point)) continue;
        if (touch.kind === 'test') uses.push([location, { point: touch.since ?? touch.point, at: touch.at, fills: false, own: false, path: touch.path }]);
        else uses.push([location, { point: touch.point, at: touch.at, fills, own, path: touch.path, ...(!fills && touch.kind === 'write' && !touch.content && operation?.op === 'write' && operation.updates !== true && operation.value.kind === 'constant' ? { resets: true } : {}) }]);
      }
      for (const block of fn.blocks) for (let index = 0; index < block.operations.length; index++) {
        const operation = block.operations[index]!;
        if (operation.op !== 'call' || operation.callee.kind !== 'unknown') continue;
        const fills = restarts.test(operation.callee.text.slice(operation.callee.text.lastIndexOf('.') + 1));
        if (wanted === undefined && !fills) continue;
        const receiver = receiverOf(operation);
        const where = receiver === undefined ? undefined : state.locate(fn, receiver);
        if (receiver === undefined || where === undefined || where.content || where.root.kind === 'local' || wanted?.has(where.location) === false) continue;
        uses.push([where.location, { point: { block: block.id, index }, at: operation.at, fills, own: fills, path: receiver }]);
      }
      return uses;
    }

    function belongsToCall(fn: Function, value: Value, at: Point): boolean {
      const parameters = new Set(fn.params.slice(fn.receiver === undefined ? 0 : 1));
      return origins.of(fn, value, at).some(({ path }) => path.root.kind === 'variable' && parameters.has(path.root.variable));
    }
  },
});

function isEmpty(value: Value): boolean {
  return value.kind === 'allocation' && (value.type.kind === 'list' || value.type.kind === 'map') && (value.fields ?? []).every(({ name }) => name === 'len');
}

/** The object of a call that is not the program's own. */
function receiverOf({ callee }: OperationOf<'call'>): AccessPath | undefined {
  const value = callee.kind === 'unknown' ? callee.value : undefined;
  return value?.kind === 'path' && value.path.selectors.length > 1 ? { root: value.path.root, selectors: value.path.selectors.slice(0, -1) } : undefined;
}

function isCalledOn(fn: Function, path: AccessPath, { block, index }: Point): boolean {
  return fn.blocks[block]!.operations.slice(index + 1).some((operation) => { const receiver = operation.op === 'call' ? receiverOf(operation) : undefined; return receiver !== undefined && pathKey(receiver) === pathKey(path); });
}
