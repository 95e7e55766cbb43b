import { counterBalance, type Imbalance } from '../../analysis/counter-balance.js';
import { classOf, printPath } from '../../ir/index.js';
import { place, trace, wayTrace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'waitgroup-missing-done',
  family: 'lifecycle',
  level: 'error',
  confidence: 'high',
  languages: ['go'],
  title: 'a task ends without lowering the counter raised for it',
  explain: 'The counter is raised before the task starts and the task lowers it, but not on every way: an early return, mostly on an error, leaves it raised. Whoever waits for the counter then waits for ever.',
  impact: 'The wait never returns: shutdown hangs, usually after the first error.',
  advice: 'Lower the counter by a deferred call at the beginning of the task.',
  misses: 'Counters raised in another function than the one that starts the task, duties handed on through code that is not seen, and work refused by a callee that is not the only one possible.',
  aliases: ['GCL2001'],

  *check(_program, resultOf) {
    const seen = new Set<string>();
    for (const one of resultOf(counterBalance).imbalances) {
      const key = `${one.fn.id} ${one.way.at.line}`;
      if ((one.kind !== 'missing' && one.kind !== 'never') || seen.has(key)) continue;
      seen.add(key);
      const name = printPath(one.counter);
      yield {
        at: one.way.at,
        function: one.fn.name,
        subject: classOf(one.raise.event.operation.on) ?? name,
        ...(one.direct && one.chain.length === 1 ? {} : { confidence: 'medium' as const }),
        message: one.kind === 'never' ? `${one.fn.name} returns without lowering ${name}, which ${one.raise.fn.name} has raised for it (${place(one.raise.event.operation.at)}), and nobody else lowers it: the wait at ${place(one.lowered)} lasts for ever`
          : `${one.fn.name} returns here without lowering ${name}, which ${one.raise.fn.name} has raised for it (${place(one.raise.event.operation.at)}) and line ${one.lowered.line} lowers on other ways`,
        evidence: [raisingTrace(one), wayTrace('the way without lowering it', one.fn, { at: one.fn.at, text: `begins with ${name} raised for it` }, one.way)],
      };
    }
    for (const { raise, call, starter, refusal, way } of resultOf(counterBalance).refusedWork) {
      const { fn, event: { operation } } = raise;
      const name = printPath(operation.on);
      yield {
        at: call.at, function: fn.name, subject: classOf(operation.on) ?? name, level: 'warning', confidence: 'medium',
        message: `${starter.name} may return without having run or kept what would lower ${name} (${place(refusal.way.at)}), and ${fn.name}, which has raised it (${place(operation.at)}), does not lower it then`,
        advice: 'Where the start is refused, lower the counter there.',
        evidence: [
          wayTrace('the way on which nothing is started', starter, { at: starter.at, text: `is given what would lower ${name}` }, refusal.way),
          wayTrace('the way on from there', fn, { at: operation.at, text: `raises ${name}` }, way),
        ],
      };
    }
  },
});

function raisingTrace({ raise, spawn, chain }: Imbalance): ReturnType<typeof trace> {
  return trace('who raises the counter', [
    { at: raise.event.operation.at, function: raise.fn.name, text: `raises ${printPath(raise.event.operation.on)}`, locks: [], kind: 'channel' },
    { at: spawn.operation.at, function: spawn.caller.name, text: `starts ${chain[0]!.name}`, locks: [], kind: 'spawn', essential: true },
    ...chain.slice(1).map((fn) => ({ at: fn.at, function: fn.name, text: `${fn.name} takes over the duty`, locks: [] })),
  ]);
}
