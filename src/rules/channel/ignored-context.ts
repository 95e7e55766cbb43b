import { ignoredContexts } from '../../analysis/ignored-contexts.js';
import { trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'ignored-context',
  family: 'channel',
  level: 'note',
  confidence: 'low',
  languages: ['go', 'typescript'],
  title: 'a loop waits and never looks at the context it was given',
  explain: 'The function takes a context (in TypeScript an AbortSignal), so its caller expects it to end with that context. It waits in a loop and mentions the context nowhere: once the caller has given up, the loop goes on. An interface may ask for the parameter, so this is told on request only.',
  impact: 'A stop or a deadline does not reach the loop; the task stays behind, with all it holds.',
  advice: 'Go: wait in a select with `ctx.Done()`, or hand the context to the calls that wait; where the function is not meant to end, leave the parameter without a name. TypeScript: call `signal.throwIfAborted()` in each turn, or hand the signal to what is awaited.',
  misses: 'Contexts that are only handed on, waits outside of loops, and signals that come inside an object of options.',
  hygiene: true,

  *check(_program, resultOf) {
    for (const { fn, context, at, text } of resultOf(ignoredContexts)) {
      yield {
        at,
        function: fn.name,
        subject: `${fn.id} ${context.name}`,
        message: `${text} in a loop, and ${fn.name} never looks at ${context.name}: it does not end when its caller gives up`,
        evidence: [trace('the loop', [
          { at: context.at, function: fn.name, text: `is given ${context.name}`, locks: [] },
          { at, function: fn.name, text: `${text}, turn after turn`, locks: [], kind: 'channel', essential: true },
        ])],
      };
    }
  },
});
