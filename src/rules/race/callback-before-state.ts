import { lifeCycle } from '../../analysis/crossings.js';
import { stepName } from '../../analysis/flights.js';
import { earlyNotifications } from '../../analysis/notifications.js';
import { trace } from '../evidence.js';
import { defineRule } from '../rule.js';
import { step } from '../stories.js';

export default defineRule({
  id: 'callback-before-state',
  family: 'race',
  level: 'warning',
  confidence: 'medium',
  languages: ['typescript'],
  title: 'a callback runs before the state it will look at is updated',
  explain: 'Callbacks and events run code of others in the middle of this section. That code may call back at once. It then finds the state as it was before: the door is still open, so the same work runs again inside itself; or it sets something anew that the line after the callback overwrites.',
  impact: 'The work runs twice or recurses, or a restart made by the callback is undone.',
  advice: 'Update the state first and call others last.',
  misses: 'Callbacks whose way back leads through other objects, and callees without a telling name.',

  *check(_program, resultOf) {
    for (const { fn, call, callee, write, shape, back, event } of resultOf(earlyNotifications)) {
      yield {
        at: call.at,
        function: fn.name,
        subject: `${fn.id} ${write.location}`,
        repair: { kind: 'state-first', call: call.at, write: write.at },
        // Whoever is told of an end closes at once; why a callback should take another way back is not shown.
        ...(event ? { level: 'note' as const, confidence: 'low' as const } : shape === 'again' && back.fn !== fn && !lifeCycle.test(stepName(back.fn)) ? { confidence: 'low' as const } : {}),
        message: shape === 'again' ? `${callee} runs before ${write.name} is written at line ${write.at.line}: when it comes back through ${back.fn.name}, it finds the door still open and does the same again`
          : `${callee} runs before ${write.name} is written at line ${write.at.line}: what it sets through ${back.fn.name} is undone`,
        evidence: [
          trace('this call', [step(call.at, fn, `calls ${callee}`, true), step(write.at, fn, `writes ${write.name}: too late`)]),
          trace('inside the callback', [step(back.at, back.fn, shape === 'again' ? `comes back: ${write.name} is as it was` : `writes ${write.name}, which is overwritten when the callback returns`, true)], 'meanwhile'),
        ],
      };
    }
  },
});
