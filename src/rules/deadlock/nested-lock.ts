import { lockGraph, type LockEdge } from '../../analysis/lock-graph.js';
import { describeHeld } from '../../analysis/lock-state.js';
import { printPath } from '../../ir/index.js';
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
    for (const sites of pairs.values()) {
      const [edge] = sites;
      yield {
        at: edge!.at,
        function: edge!.fn.name,
        subject: `${edge!.from} -> ${edge!.to}`,
        message: `${labelOf(edge!.to)} is taken while ${labelOf(edge!.from)} is held: the order is ${labelOf(edge!.from)} -> ${labelOf(edge!.to)}${sites.length > 1 ? `, here and at ${sites.length - 1} more` : ''}`,
        evidence: [trace('the nesting', [
          acquireStep(edge!.fn, edge!.held),
          ...callSteps(edge!.chain, [edge!.held]),
          { at: edge!.acquiredAt, function: edge!.acquiredIn, text: `locks ${printPath(edge!.wanted)}`, locks: describeHeld([edge!.held]), kind: 'acquire', essential: true },
        ])],
      };
    }
  },
});
