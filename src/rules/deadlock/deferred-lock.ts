import { flowEvents } from '../../analysis/flow-events.js';
import { classOf, printPath } from '../../ir/index.js';
import { acquireStep, trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'deferred-lock',
  family: 'deadlock',
  level: 'error',
  confidence: 'high',
  languages: ['go'],
  title: 'a lock is deferred where its release was meant',
  explain: '`defer mu.Lock()` right after `mu.Lock()` is a typing slip for `defer mu.Unlock()`: when the function returns it asks for the lock it still holds.',
  impact: 'The function never returns, and the lock is never free again.',
  advice: 'Defer the release instead.',
  misses: 'Deferred acquires of locks the function does not hold; they may pair with a release window.',
  aliases: ['SA2003', 'GCL1005', 'badLock'],

  *check(_, resultOf) {
    const seen = new Set<string>();
    for (const { fn, event } of resultOf(flowEvents).all('acquire')) {
      if (event.operation.deferred !== true || event.again === undefined) continue;
      const line = `${fn.id} ${event.operation.at.line}`;
      if (seen.has(line)) continue;
      seen.add(line);
      const name = printPath(event.operation.lock);
      yield {
        at: event.operation.at,
        function: fn.name,
        subject: classOf(event.operation.lock) ?? name,
        message: `${name} is locked again when ${fn.name} returns: this defers Lock, not Unlock`,
        evidence: [trace('the return', [acquireStep(fn, event.again.held), { at: event.operation.at, function: fn.name, text: `locks ${name} as the function returns: waits for ever`, locks: [name], kind: 'acquire', essential: true }])],
      };
    }
  },
});
