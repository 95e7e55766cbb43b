import { nestedStarts } from '../../analysis/group-limits.js';
import { printPath } from '../../ir/index.js';
import type { ResultOf } from '../../analysis/analysis.js';
import { limitedWork } from '../../analysis/limited-work.js';
import { place, trace } from '../evidence.js';
import { defineRule, type Verdict } from '../rule.js';
import { step } from '../stories.js';

/** Where tasks are promises, starting one more waits for nothing: waiting for its promise does. */
function* nestedWaits(resultOf: ResultOf): Generator<Verdict> {
  for (const { within, inner, chain } of resultOf(limitedWork).nested) {
    const name = printPath(within.limit);
    const through = chain.length === 0 ? '' : ` through ${chain.map(({ callee }) => callee.name).join(' -> ')}`;
    yield {
      at: inner.at,
      function: inner.fn.name,
      subject: `${within.by.id} ${name}`,
      level: 'warning',
      message: `a task of ${name} (${place(within.at)}) waits${through} for another task of ${name} here: when all places${within.size === undefined ? '' : ` (${within.size})`} hold such tasks, no inner one ever starts`,
      evidence: [trace('the task that keeps its place', [
        step(within.at, within.by, `takes a place in ${name}`),
        ...chain.map(({ at, fn, callee }) => step(at, fn, `waits for ${callee.name}`)),
        step(inner.at, inner.fn, `waits for a second place in ${name}, with the first one kept`, true),
      ])],
    };
  }
}

export default defineRule({
  id: 'nested-group-limit',
  family: 'lifecycle',
  level: 'error',
  confidence: 'medium',
  languages: ['go', 'typescript'],
  title: 'a task of a limited group waits for another one of the same group',
  explain: 'A group with a limit (a limiter, a queue with a number) lets who starts one task too many wait until another has ended. When tasks of the group start tasks of the group themselves, all that may run can stand in that wait at the same time, and none of them ends.',
  impact: 'The group stands still for ever, and with it everybody who waits for it; it strikes when there is much to do.',
  advice: 'Start tasks from outside the group only, give the inner work a group of its own, or use the start that declines when the group is full and do the work in place then.',
  misses: 'Groups that are reached by another name, and limits made of other means, such as a channel.',

  *check(program, resultOf) {
    if (program.scheduling === 'cooperative') return yield* nestedWaits(resultOf);
    for (const { limit, outer, chain, inner, room } of resultOf(nestedStarts)) {
      if (outer.operation.op !== 'spawn' || outer.operation.group === undefined) continue;
      const name = printPath(outer.operation.group);
      const fn = chain[chain.length - 1]!;
      yield {
        at: inner.at,
        function: fn.name,
        subject: `${fn.id} ${name}`,
        ...(room === 1 ? { confidence: 'high' as const } : {}),
        message: `a task of ${name}, which lets ${room ?? 'a limited number of'} run at a time, starts another one of ${name} and waits for room: ${room === 1 ? 'it holds the only place itself' : 'when all that may run do so, none goes on'}`,
        evidence: [trace('a task that waits for its own group', [
          { at: limit.at, function: outer.caller.name, text: `limits ${name}${room === undefined ? '' : ` to ${room}`}`, locks: [] },
          { at: outer.operation.at, function: outer.caller.name, text: `starts ${chain[0]!.name} in ${name}`, locks: [], kind: 'spawn' },
          ...chain.slice(1).map((callee) => ({ at: callee.at, function: callee.name, text: `comes to ${callee.name} (${place(callee.at)})`, locks: [], kind: 'call' as const })),
          { at: inner.at, function: fn.name, text: `starts another task of ${name}: waits while the group is full`, locks: [], kind: 'spawn', essential: true },
        ])],
      };
    }
  },
});
