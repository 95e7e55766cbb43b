import { pathKey, type Function } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { controlFlow } from './control-flow.js';
import { gates, type Exposure } from './gates.js';
import { isWithin } from './nesting.js';
import { sharedState, type Touch } from './shared-state.js';
import { suspensions, type Suspension } from './suspensions.js';

/**
 * Which collections are emptied before a wait and filled after it, while others read them?
 * Under-approximates: emptying is a clear, a fresh empty collection or a length of zero; others must read the content.
 */
export interface TornState { readonly fn: Function; readonly empty: Touch; readonly stop: Suspension; readonly fill: Touch; readonly reader: Touch; readonly exposure: Exposure | undefined }

export const tornStates = defineAnalysis<readonly TornState[]>({
  name: 'torn-states',
  run(program, resultOf) {
    const state = resultOf(sharedState);
    const stops = resultOf(suspensions);
    const guard = resultOf(gates);
    const found: TornState[] = [];
    for (const fn of program.functions.values()) {
      if (fn.test || fn.generated || fn.constructs === true || fn.role !== undefined) continue;
      const flow = controlFlow(fn);
      for (const empty of state.in(fn)) {
        if (!empties(empty) || swaps(fn, empty)) continue;
        const base = empty.location.replace(/(?:\[\])+$/, '');
        for (const fill of state.in(fn)) {
          if (fill.kind !== 'write' || !fill.content || fill.location !== `${base}[]` || fill.operation?.op !== 'write' || empties(fill) || !flow.reaches(empty.point, fill.point)) continue;
          const stop = stops.between(fn, empty.point, fill.point, state.in(fn).filter((touch) => touch !== empty && touch !== fill && touch.kind === 'write' && (touch.location === base || empties(touch) && touch.location === empty.location)).map((touch) => touch.point));
          if (stop === undefined || guard.locked(fn, stop.point)) continue;
          const reader = state.of(`${base}[]`).find((touch) => !isWithin(program, touch.fn, (outer) => outer === fn) && touch.kind !== 'write');
          if (reader !== undefined) { found.push({ fn, empty, stop, fill, reader, exposure: guard.exposed(fn, stop.point, empty.root) }); break; }
        }
      }
    }
    return found.filter((one, index) => found.findIndex((other) => other.fn === one.fn && other.empty.location === one.empty.location) === index);
  },
});

/** `const queue = this.queue; this.queue = []`: whoever took the content deals with it; what is put back is what was not done. */
function swaps(fn: Function, empty: Touch): boolean {
  const name = empty.operation?.op === 'write' && empty.operation.verb !== 'clear' ? pathKey(empty.path) : undefined;
  return name !== undefined && (fn.blocks[empty.point.block]?.operations ?? []).some((operation, index) => index < empty.point.index && operation.op === 'write' && operation.value.kind === 'path' && pathKey(operation.value.path) === name);
}

function empties(touch: Touch): boolean {
  if (touch.kind !== 'write' || touch.operation?.op !== 'write') return false;
  const { verb, value } = touch.operation;
  if (verb === 'clear') return true;
  return !touch.content && value.kind === 'allocation' && (value.type.kind === 'map' || value.type.kind === 'list') && (value.fields ?? []).every((field) => field.name === 'len');
}
