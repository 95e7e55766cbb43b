import { counterBalance } from '../../analysis/counter-balance.js';
import { classOf, printPath } from '../../ir/index.js';
import { place, trace, wayTrace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'waitgroup-undeferred-done',
  family: 'lifecycle',
  level: 'warning',
  confidence: 'medium',
  languages: ['go'],
  title: 'a task may be ended from within before it lowers its counter',
  explain: 'The task lowers its counter as its last act, but something before that ends the task at once (`runtime.Goexit`, `t.FailNow`). Only deferred calls run then, so the counter stays raised.',
  impact: 'The wait for the counter never returns; a failing test hangs instead of failing.',
  advice: 'Lower the counter by a deferred call at the beginning of the task.',
  misses: 'Tasks ended by functions that are not seen, and panics that somebody above recovers from.',
  aliases: ['GCL2006'],

  *check(_program, resultOf) {
    for (const one of resultOf(counterBalance).imbalances) {
      if (one.kind !== 'skipped') continue;
      const name = printPath(one.counter);
      yield {
        at: one.way.at,
        function: one.fn.name,
        subject: classOf(one.raise.event.operation.on) ?? name,
        message: `ends the task before line ${one.lowered.line} lowers ${name}, which ${one.raise.fn.name} has raised for it (${place(one.raise.event.operation.at)})`,
        evidence: [
          trace('who raises the counter', [
            { at: one.raise.event.operation.at, function: one.raise.fn.name, text: `raises ${printPath(one.raise.event.operation.on)}`, locks: [], kind: 'channel' },
            { at: one.spawn.operation.at, function: one.spawn.caller.name, text: `starts ${one.chain[0]!.name}`, locks: [], kind: 'spawn', essential: true },
          ]),
          wayTrace('the way without lowering it', one.fn, { at: one.fn.at, text: `begins with ${name} raised for it` }, one.way),
        ],
      };
    }
  },
});
