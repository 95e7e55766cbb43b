import { classOf, type Callee, type FunctionId, type Location } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { callGraph } from './call-graph.js';

/**
 * Question: which calls lead where nobody can follow, and how much of the program is behind them?
 * Order: most hidden first. A callee hides as many functions as can come to a call of it: the summaries of all these lack its part.
 * Approximation: calls are one callee when the location that holds it has one class, else when they read alike.
 * Idea: what call graphs miss, measured (Sui, Dietrich, Tahir, Fourtounis, "On the recall of static call graph construction in practice", ICSE 2020).
 */
export interface UnknownCallee {
  readonly name: string;
  readonly places: readonly Location[];
  /** Functions that may come to one of the places. */
  readonly behind: number;
}

export const unknownCalls = defineAnalysis<readonly UnknownCallee[]>({
  name: 'unknown-calls',
  run(program, resultOf) {
    const { callers } = resultOf(callGraph);
    const byName = new Map<string, { readonly places: Map<string, Location>; readonly holders: Set<FunctionId> }>();
    for (const fn of program.functions.values()) {
      for (const { operations } of fn.blocks) {
        for (const operation of operations) {
          if ((operation.op !== 'call' && operation.op !== 'spawn') || operation.callee.kind !== 'unknown') continue;
          const name = nameOf(operation.callee);
          let group = byName.get(name);
          if (group === undefined) byName.set(name, (group = { places: new Map(), holders: new Set() }));
          // Deferred calls stand on several exits: one place all the same.
          group.places.set(`${operation.at.file}:${operation.at.line}:${operation.at.column}`, operation.at);
          group.holders.add(fn.id);
        }
      }
    }
    const behind = (holders: ReadonlySet<FunctionId>): number => {
      const reached = new Set(holders);
      const open = [...holders];
      for (let id = open.pop(); id !== undefined; id = open.pop()) {
        for (const { caller } of callers.get(id) ?? []) {
          if (reached.has(caller.id)) continue;
          reached.add(caller.id);
          open.push(caller.id);
        }
      }
      return reached.size;
    };
    return [...byName]
      .map(([name, { places, holders }]) => ({ name, places: [...places.values()], behind: behind(holders) }))
      .sort(compareUnknown);
  },
});

/** Those that hide most first. */
export function compareUnknown(a: UnknownCallee, b: UnknownCallee): number {
  return b.behind - a.behind || b.places.length - a.places.length || (a.name < b.name ? -1 : 1);
}

function nameOf(callee: Extract<Callee, { kind: 'unknown' }>): string {
  const { value, text } = callee;
  const held = value?.kind === 'path' && value.path.selectors.some(({ kind }) => kind === 'field') ? classOf(value.path) : undefined;
  if (held === undefined) return text;
  // A method of a value that a field holds is more than the field.
  const method = text.slice(text.lastIndexOf('.') + 1);
  return held.endsWith(`.${method}`) || held.includes(`.${method}[`) ? held : `${held}.${method}`;
}
