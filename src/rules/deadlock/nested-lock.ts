import { lockGraph, type LockEdge } from '../../analysis/lock-graph.js';
import { describeHeld } from '../../analysis/lock-state.js';
import { compareLocations, printLocation, printPath } from '../../ir/index.js';
import { acquireStep, callSteps, trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'nested-lock',
  family: 'deadlock',
  level: 'note',
  confidence: 'medium',
  languages: ['go', 'typescript'],
  hygiene: true,
  title: 'a second lock is taken while one is held',
  explain: 'Nested locks are correct as long as every task takes them in the same order. The note states the order this code relies on, once for each pair of locks, so that nobody reverses it by accident.',
  impact: 'None today; a task that takes the two in the other order would make a deadlock possible.',
  advice: 'Write the order down where the locks are declared, or narrow the outer section so that the locks do not nest.',
  misses: 'Two instances of one type, and locks reached through unknown callees.',

  *check(_program, resultOf) {
    const { edges, cycles, labelOf } = resultOf(lockGraph);
    const cyclic = new Set(cycles.flatMap((cycle) => cycle.edges.map((edge) => `${edge.from} ${edge.to}`)));
    const pairs = new Map<string, LockEdge[]>();
    for (const edge of edges) {
      const key = `${edge.from} ${edge.to}`;
      const known = pairs.get(key);
      if (known !== undefined) known.push(edge);
      else if (!cyclic.has(key)) pairs.set(key, [edge]);
    }
    // Where a circle is told, its finding speaks.
    const told = new Set(cycles.flatMap((cycle) => cycle.edges.map(({ at }) => printLocation(at))));
    const stands = (edge: LockEdge): boolean => !told.has(printLocation(edge.at));
    const tellers = [...pairs.values()].map((sites) => ({ sites, edge: sites.reduce((best, one) => ((Number(stands(one)) - Number(stands(best)) || nearness(best, one)) > 0 ? one : best)) }));
    // One note a place: of the locks that a call takes, the nearest.
    const places = new Map<string, (typeof tellers)[number]>();
    for (const teller of tellers) {
      const place = printLocation(teller.edge.at);
      const known = places.get(place);
      if (known === undefined || nearness(known.edge, teller.edge) > 0) places.set(place, teller);
    }
    for (const { sites, edge } of places.values()) {
      yield {
        at: edge.at,
        function: edge.fn.name,
        subject: `${edge.from} -> ${edge.to}`,
        message: `${labelOf(edge.to)} is taken while ${labelOf(edge.from)} is held: the order is ${labelOf(edge.from)} -> ${labelOf(edge.to)}${sites.length > 1 ? `, here and at ${sites.length - 1} more` : ''}`,
        evidence: [trace('the nesting', [
          acquireStep(edge.fn, edge.held),
          ...callSteps(edge.chain, [edge.held]),
          { at: edge.acquiredAt, function: edge.acquiredIn, text: `locks ${printPath(edge.wanted)}`, locks: describeHeld([edge.held]), kind: 'acquire', essential: true },
        ])],
      };
    }
  },
});

/** Above zero when the second shows the order better: by fewer calls. What is as near is chosen by names, not by what stands first: functions may move. */
function nearness(a: LockEdge, b: LockEdge): number {
  const [one, other] = [a, b].map(({ fn, from, to }) => `${fn.name} ${from} ${to}`) as [string, string];
  return a.chain.length - b.chain.length || (one < other ? -1 : one > other ? 1 : compareLocations(a.at, b.at));
}
