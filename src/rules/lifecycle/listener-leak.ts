import { lastingListeners } from '../../analysis/lasting-listeners.js';
import { trace } from '../evidence.js';
import { defineRule } from '../rule.js';
import { entryStep, step } from '../stories.js';

export default defineRule({
  id: 'listener-leak',
  family: 'lifecycle',
  level: 'warning',
  confidence: 'medium',
  languages: ['typescript'],
  title: 'every call adds a listener that nobody takes off',
  explain: 'The target outlives the call: the object keeps it. Each call adds one more listener to it, and none is ever taken off, so one event runs all of them, and what they hold stays in memory.',
  impact: 'Memory grows with each call, and one event does its work many times.',
  advice: 'Take the listener off when the call is over, use a listener for one event, or register once when the target is made.',
  misses: 'Targets that come with the call, and listeners taken off in other files. What is given nothing, and is called in one place of the program at most, has low confidence.',

  *check(_program, resultOf) {
    for (const { fn, spawn, target, entry, unseen } of resultOf(lastingListeners)) {
      yield {
        at: spawn.at,
        function: fn.name,
        subject: `${fn.id} ${spawn.event}`,
        ...(unseen ? { confidence: 'low' as const } : {}),
        message: `each ${fn.name} adds a listener for "${spawn.event}" to ${target}, which the object keeps, and nobody takes one off${unseen ? '; that anybody calls it twice is not seen' : ''}`,
        evidence: [trace('call after call', [entryStep(entry, fn), step(spawn.at, fn, `adds one more listener (${spawn.via})`, true)])],
      };
    }
  },
});
