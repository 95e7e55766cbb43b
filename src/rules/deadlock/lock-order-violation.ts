import { declaredOrders } from '../../analysis/declared-orders.js';
import { lockGraph } from '../../analysis/lock-graph.js';
import { describeHeld } from '../../analysis/lock-state.js';
import { printPath } from '../../ir/index.js';
import { acquireStep, callSteps, place, trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'lock-order-violation',
  family: 'deadlock',
  level: 'error',
  confidence: 'high',
  languages: ['go'],
  title: 'locks are taken against their declared order',
  explain: 'A comment or an order file says which lock is taken first; this code takes them the other way round. Everybody who keeps to the declared order can now meet this task with each holding what the other wants.',
  impact: 'A deadlock with any task that takes the two locks in the declared order.',
  advice: 'Take the locks in the declared order, or give the first one back before the other is taken.',
  misses: 'Orders whose names fit several locks, locks reached through unknown callees, and two instances of one type.',

  *check(_program, resultOf) {
    const { labelOf } = resultOf(lockGraph);
    for (const { edge, way, others } of resultOf(declaredOrders).violations) {
      const [from, to] = [labelOf(edge.from), labelOf(edge.to)];
      const declared = [to, ...way.map((order) => labelOf(order.second))].join(' -> ');
      const through = edge.chain.length === 0 ? '' : ` through ${edge.chain.map((link) => link.callee).join(' -> ')}`;
      yield {
        at: edge.at,
        function: edge.fn.name,
        subject: `${edge.from} -> ${edge.to}`,
        message: `${edge.fn.name} takes ${to} (${printPath(edge.wanted)})${through} while it holds ${from} (${printPath(edge.held.lock)}), against the declared order ${declared} (${way.map((order) => place(order.at)).join(', ')})${others.length > 0 ? `, here and at ${others.length} more` : ''}`,
        evidence: [
          trace(`the task: ${from}, then ${to}`, [
            acquireStep(edge.fn, edge.held),
            ...callSteps(edge.chain, [edge.held]),
            { at: edge.acquiredAt, function: edge.acquiredIn, text: `locks ${printPath(edge.wanted)} while ${printPath(edge.held.lock)} is held`, locks: describeHeld([edge.held]), kind: 'acquire', essential: true },
          ]),
          trace('the declared order', way.map((order) => ({ at: order.at, function: place(order.at), text: `declares "${order.text}"`, locks: [], kind: 'enter' as const })), 'aside'),
        ],
      };
    }
  },
});
