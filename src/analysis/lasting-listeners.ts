import { printPath, type AccessPath, type Function, type Location, type OperationOf } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { callGraph } from './call-graph.js';
import { controlFlow, type Point } from './control-flow.js';
import { lifeCycle } from './crossings.js';
import { stepName } from './flights.js';
import { entries, isCalledAgain, type Entry } from './entries.js';
import { gates } from './gates.js';
import { operations } from './operations.js';
import { provenance } from './provenance.js';
import { sharedState } from './shared-state.js';

/**
 * Which listeners are added to something that outlives the call, again with each call, and never taken off?
 * The target is kept by the object; the function is no step of its life; nobody takes a listener of that event off anywhere near.
 * Under-approximates: targets that come with the call, or are made in it, are left out; so are listeners for one event.
 */
export interface LastingListener { readonly fn: Function; readonly spawn: OperationOf<'spawn'>; readonly target: string; readonly kept: { readonly at: Location; readonly name: string }; readonly entry: Entry; /** That it is called again is not seen, and it is given nothing that would tell one call from the next. */ readonly unseen: boolean }

/** Functions whose callers want the listener to stay. */
const registers = /^[#_]*(?:on|add|once|subscribe|register|listen|watch|use|set|bind|init\w*|install|track|observe|pipe)(?:$|[A-Z_])/;

export const lastingListeners = defineAnalysis<readonly LastingListener[]>({
  name: 'lasting-listeners',
  run(program, resultOf) {
    const state = resultOf(sharedState);
    const ways = resultOf(entries);
    const origins = resultOf(provenance);
    const guard = resultOf(gates);
    const graph = resultOf(callGraph);
    const { functionsWith } = resultOf(operations);
    const off = new Set<string>();
    for (const fn of functionsWith('cancel')) for (const block of fn.blocks) for (const operation of block.operations) if (operation.op === 'cancel' && operation.what === 'listener') off.add(`${fn.at.file} ${operation.event ?? ''}`);
    const found: LastingListener[] = [];
    if (program.scheduling !== 'cooperative') return found;
    for (const fn of functionsWith('spawn')) {
      if (fn.test || fn.generated || fn.constructs === true || fn.role !== undefined || lifeCycle.test(stepName(fn)) || registers.test(stepName(fn))) continue;
      for (const block of fn.blocks) for (const [index, operation] of block.operations.entries()) {
        if (operation.op !== 'spawn' || operation.repeated !== true || operation.eager === true || operation.source === undefined || operation.event === undefined || !(operation.via === 'on' || operation.via === 'addEventListener' || operation.via === 'addListener') || off.has(`${fn.at.file} ${operation.event}`) || off.has(`${fn.at.file} `)) continue;
        const point = { block: block.id, index };
        if (madeHere(fn, operation.source, point)) continue;
        const kept = origins.of(fn, { kind: 'path', path: operation.source }, point).find((origin) => origin.path.selectors.length > 0 && state.locate(fn, origin.path) !== undefined);
        const where = kept === undefined ? undefined : state.locate(fn, kept.path);
        // What is made anew in this very function is no longer-lived target.
        if (kept === undefined || where === undefined || madeAnew(fn, where.location)) continue;
        const entry = ways.overlapping(fn, where.root) === undefined ? undefined : guard.exposed(fn, point, where.root)?.entry;
        if (entry !== undefined) found.push({ fn, spawn: operation, target: printPath(operation.source), kept: { at: operation.at, name: printPath(kept.path) }, entry, unseen: entry.kind === 'outside' && entry.start.params.length === (entry.start.receiver === undefined || entry.start.closureOf !== undefined ? 0 : 1) && !isCalledAgain(graph, entry.start) });
      }
    }
    return found;

    /** The function, what surrounds it, or what calls it puts another object there: the target is a new one each time. */
    function madeAnew(fn: Function, location: string): boolean {
      const around = new Set([fn, ...(graph.callers.get(fn.id) ?? []).map(({ caller }) => caller)].map(outermost));
      // The place itself, then what holds it.
      for (let at = location, inner = ''; at !== inner; inner = at, at = at.replace(/(?:\[\]|\.[^.[\]]*)$/, '')) {
        if (state.of(at).some((touch) => touch.kind === 'write' && !touch.content && around.has(outermost(touch.fn)))) return true;
      }
      return false;
    }

    function outermost(fn: Function): Function {
      let at = fn;
      for (let outer = at.closureOf; outer !== undefined; outer = at.closureOf) {
        const next = program.functions.get(outer);
        if (next === undefined || next.role === 'initializer') break;
        at = next;
      }
      return at;
    }
  },
});

/** The object the listener is added to was made on the very way here. */
function madeHere(fn: Function, source: AccessPath, point: Point): boolean {
  if (source.root.kind !== 'variable') return true;
  const { variable } = source.root;
  const flow = controlFlow(fn);
  return fn.blocks.some((block) => block.operations.some((operation, index) => operation.op === 'write' && operation.path.selectors.length === 0 && operation.path.root.kind === 'variable' && operation.path.root.variable === variable
    && operation.value.kind === 'allocation' && flow.dominates({ block: block.id, index }, point)));
}
