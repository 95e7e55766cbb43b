import type { Callee, FunctionId, Value } from '../../../ir/index.js';
import type { Unit } from './body.js';

/** Who is called when this function value is: with the arguments it already holds. */
export function calleeOf(value: Value, text: string): { readonly callee: Callee; readonly bound: readonly Value[] } {
  switch (value.kind) {
    case 'closure':
      return { callee: { kind: 'static', target: value.target }, bound: [] };
    case 'bound':
      return { callee: { kind: 'static', target: value.target }, bound: [value.receiver] };
    case 'library':
      return { callee: { kind: 'library', name: value.callee }, bound: value.receiver ? [value.receiver] : [] };
    case 'path':
    case 'address':
    case 'constant':
      return { callee: { kind: 'unknown', text, value }, bound: [] };
    default:
      return { callee: { kind: 'unknown', text }, bound: [] };
  }
}

/** Candidates as a callee; unknown when there is none. */
export function dynamicCallee(unit: Unit, ids: readonly string[], complete: boolean, text: string, value?: Value): Callee {
  const candidates = ids.filter((id) => unit.hasBody.has(id) || unit.functionValues.isLiteral(id)) as FunctionId[];
  if (candidates.length === 0) return value ? { kind: 'unknown', text, value } : { kind: 'unknown', text };
  const all = complete && candidates.length === ids.length;
  return value ? { kind: 'dynamic', candidates, complete: all, value, text } : { kind: 'dynamic', candidates, complete: all, text };
}
