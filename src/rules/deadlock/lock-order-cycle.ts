import { lockGraph } from '../../analysis/lock-graph.js';
import { describeHeld } from '../../analysis/lock-state.js';
import { printPath } from '../../ir/index.js';
import type { Trace } from '../../findings/finding.js';
import { acquireStep, callSteps, place, trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'lock-order-cycle',
  family: 'deadlock',
  level: 'error',
  confidence: 'medium',
  languages: ['go', 'typescript'],
  title: 'locks are acquired in a cyclic order',
  explain: 'Two tasks that take the same locks in opposite orders can each hold one and wait for the other. The same holds for longer circles.',
  impact: 'All tasks on the circle block for ever, and everybody who needs one of the locks after them.',
  advice: 'Choose one order for these locks and keep it everywhere, or give the first lock back before the second is taken.',
  misses: 'Two instances of one type (circles through a type whose own instances nest are of low confidence), locks reached through unknown callees, and orders kept apart by something other than a lock.',
  aliases: ['GCL1012'],

  *check(_program, resultOf) {
    const { cycles, labelOf } = resultOf(lockGraph);
    for (const { classes, edges, apart } of cycles) {
      const [first] = edges;
      const ring = [...classes, classes[0]!].map(labelOf).join(' -> ');
      const traces = edges.map((edge, index): Trace => trace(`task ${index + 1}: ${labelOf(edge.kinds[0])}, then ${labelOf(edge.kinds[1])}`, [
        acquireStep(edge.fn, edge.held),
        ...callSteps(edge.chain, [edge.held]),
        { at: edge.acquiredAt, function: edge.acquiredIn, text: `waits for ${printPath(edge.wanted)} while it holds ${printPath(edge.held.lock)}`, locks: describeHeld([edge.held]), kind: 'acquire', essential: true },
      ]));
      yield {
        at: first!.at,
        function: first!.fn.name,
        subject: classes.join(' -> '),
        // Three tasks at three places at once, readers who all wait behind three writers, kinds of one type that nest in one another: true on paper, seldom elsewhere.
        ...(classes.length > 2 || apart || edges.every((edge) => edge.fromMode === 'shared' && edge.toMode === 'shared') ? { confidence: 'low' as const } : {}),
        message: `${ring}: ${edges.map((edge) => `${edge.fn.name} takes ${labelOf(edge.kinds[1])} while it holds ${labelOf(edge.kinds[0])} (${place(edge.at)})`).join('; ')}`,
        evidence: traces as unknown as readonly [Trace, ...Trace[]],
      };
    }
  },
});
