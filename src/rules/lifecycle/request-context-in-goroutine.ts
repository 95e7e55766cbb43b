import { detachedWork } from '../../analysis/detached-work.js';
import { place, trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'request-context-in-goroutine',
  family: 'lifecycle',
  level: 'warning',
  confidence: 'medium',
  languages: ['go'],
  title: 'work outlives the request and uses its context',
  explain: 'The handler starts a task, hands it the context of the request, and returns without waiting for it. The context ends when the handler has returned, or earlier when the client goes away; what the task does with it is broken off in the middle, most often at once.',
  impact: 'Writes, messages and clean-up work that should happen after the answer are lost, and only under load or with impatient clients.',
  advice: 'Give the task a context of its own: `context.WithoutCancel(ctx)` keeps the values, a timeout on it bounds the work. Or wait for the task before returning.',
  misses: 'Handlers of other frameworks, contexts stored in objects, a fresh context where the one of the request was meant.',
  aliases: ['contextcheck'],

  *check(_program, resultOf) {
    for (const { handler, spawn, task, fn, at, context, waits } of resultOf(detachedWork)) {
      yield {
        at: spawn.at,
        function: handler.name,
        subject: `${handler.id} ${task.name}`,
        message: `${handler.name} returns without waiting for what it starts here, and with it ends ${context}, the context of the request: ${task.name} ${waits} with it (${place(at)})`,
        evidence: [trace('the work', [
          { at: spawn.at, function: handler.name, text: `starts ${task.name}, and nothing waits for it`, locks: [], kind: 'spawn', essential: true },
          { at, function: fn.name, text: `${waits} with ${context}, which ends when ${handler.name} has returned`, locks: [], kind: 'call', essential: true },
        ])],
      };
    }
  },
});
