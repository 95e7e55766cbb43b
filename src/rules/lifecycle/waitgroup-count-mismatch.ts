import { counterBalance } from '../../analysis/counter-balance.js';
import { classOf, printPath } from '../../ir/index.js';
import { place, trace, wayTrace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'waitgroup-count-mismatch',
  family: 'lifecycle',
  level: 'error',
  confidence: 'high',
  languages: ['go'],
  title: 'a task lowers its counter twice',
  explain: 'The counter is raised by one for the task, and on one way the task lowers it twice: by hand before an early return, and again by the deferred call. The second time takes the count of another task, or goes below zero and panics.',
  impact: 'A panic (negative counter), or a wait that returns while another task still runs.',
  advice: 'Lower the counter in one place only: the deferred call.',
  misses: 'Counts that are computed, and lowerings spread over several functions.',
  aliases: ['GCL2002', 'GCL2007', 'GCL2009', 'GCL2012'],

  *check(_program, resultOf) {
    const seen = new Set<string>();
    for (const one of resultOf(counterBalance).imbalances) {
      const key = `${one.lowered.file}:${one.lowered.line}`;
      if (one.kind !== 'twice' || seen.has(key)) continue;
      seen.add(key);
      const name = printPath(one.counter);
      yield {
        at: one.lowered,
        function: one.fn.name,
        subject: classOf(one.raise.event.operation.on) ?? name,
        message: `${name} is lowered here and once more on the way out (line ${one.way.at.line}), though ${one.raise.fn.name} has raised it by one for this task (${place(one.raise.event.operation.at)})`,
        evidence: [
          trace('who raises the counter', [
            { at: one.raise.event.operation.at, function: one.raise.fn.name, text: `raises ${printPath(one.raise.event.operation.on)} by one`, locks: [], kind: 'channel' },
            { at: one.spawn.operation.at, function: one.spawn.caller.name, text: `starts ${one.fn.name}`, locks: [], kind: 'spawn', essential: true },
          ]),
          wayTrace('the way that lowers it twice', one.fn, { at: one.lowered, text: `lowers ${name}` }, { ...one.way, at: one.way.at, end: 'return' }),
        ],
      };
    }
  },
});
