import { filteredListeners } from '../../analysis/one-shot-listeners.js';
import { trace } from '../evidence.js';
import { defineRule } from '../rule.js';
import { step } from '../stories.js';

export default defineRule({
  id: 'filtered-once',
  family: 'channel',
  level: 'warning',
  confidence: 'high',
  languages: ['typescript'],
  title: 'a listener for one event filters, and the wrong event uses it up',
  explain: 'The listener is removed at the first event, whichever it is. Its body acts only when the event is the one it waits for. When another one comes first, the listener is gone, and the right event finds nobody.',
  impact: 'What waits for the event waits for ever, or until a timeout.',
  advice: 'Register with on() and remove the listener when the right event has come.',
  misses: 'Filters that are not the first thing the listener does.',

  *check(_program, resultOf) {
    for (const { fn, spawn, listener, conditionAt, effectAt, effect } of resultOf(filteredListeners)) {
      const event = spawn.event === undefined ? 'the event' : `the first "${spawn.event}"`;
      yield {
        at: spawn.at,
        function: fn.name,
        subject: `${fn.id} ${spawn.event ?? ''}`,
        repair: { kind: 'listen-until', listen: spawn.at },
        message: `${event} removes this listener, but it acts only when the condition at line ${conditionAt.line} holds: another event uses it up, and nobody ${effect} any more`,
        evidence: [
          trace('the wrong event comes first', [step(spawn.at, fn, `listens for one event (${spawn.via})`), step(conditionAt, listener, 'does not hold: nothing happens, and the listener is gone', true)]),
          trace('the right event comes later', [step(effectAt, listener, `${effect}: never reached`, true)]),
        ],
      };
    }
  },
});
