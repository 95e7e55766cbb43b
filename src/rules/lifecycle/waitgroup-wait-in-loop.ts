import { counterBalance } from '../../analysis/counter-balance.js';
import { classOf, printPath } from '../../ir/index.js';
import { place, trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'waitgroup-wait-in-loop',
  family: 'lifecycle',
  level: 'error',
  confidence: 'medium',
  languages: ['go'],
  title: 'a counter is waited for in the loop that still has to start its tasks',
  explain: 'The counter is raised for all tasks before the loop, and the wait stands inside the loop that starts them one by one: in the first turn it waits for tasks that do not run yet and are never started.',
  impact: 'The loop hangs in its first turn, for ever.',
  advice: 'Wait after the loop, or raise the counter by one in each turn.',
  misses: 'Loops whose tasks are started by another function.',

  *check(_program, resultOf) {
    for (const { fn, raise, spawn, wait } of resultOf(counterBalance).loopedWaits) {
      const name = printPath(wait.operation.on);
      yield {
        at: wait.operation.at,
        function: fn.name,
        subject: classOf(wait.operation.on) ?? name,
        message: `waits for ${name} inside the loop that starts its tasks (${place(spawn.operation.at)}), though it was raised for all of them before (${place(raise.operation.at)})`,
        evidence: [trace('the loop', [
          { at: raise.operation.at, function: fn.name, text: `raises ${name} for all tasks`, locks: [], kind: 'channel' },
          { at: spawn.operation.at, function: fn.name, text: 'starts one of them', locks: [], kind: 'spawn' },
          { at: wait.operation.at, function: fn.name, text: 'waits for all: the others are never started', locks: [], kind: 'channel', essential: true },
        ])],
      };
    }
  },
});
