import { endlessTasks } from '../../analysis/endless-tasks.js';
import { place, trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'unstopped-goroutine',
  family: 'lifecycle',
  level: 'warning',
  confidence: 'medium',
  languages: ['go'],
  title: 'an object can be closed, and a task it started has no way to end',
  explain: 'The object has a method that closes it, so it is meant to come and go. A task that it started goes round in a loop without a way out: no return, no break, or only ways that nobody opens, such as a channel that is never closed. Stopping a ticker does not close its channel.',
  impact: 'Every object that is closed leaves a task behind, which keeps the object and all it refers to and goes on working on it.',
  advice: 'Let the loop wait for a channel or context too that the closing method ends, and leave it then.',
  misses: 'Loops with a way out that is never taken, and objects without a method of such a name.',

  *check(_program, resultOf) {
    for (const { task, spawn, record, closer, loop, dead } of resultOf(endlessTasks)) {
      yield {
        at: spawn.operation.at,
        function: spawn.caller.name,
        subject: `${record.name} ${task.id}`,
        message: `${task.name} never ends, whatever ${closer.name} does: its loop (${place(loop)}) has ${dead === undefined ? 'no way out' : `no way out but line ${dead.line}, which nobody opens`}`,
        evidence: [
          trace('the task', [
            { at: spawn.operation.at, function: spawn.caller.name, text: `starts ${task.name}`, locks: [], kind: 'spawn', essential: true },
            { at: loop, function: task.name, text: 'goes round for ever', locks: [], essential: true },
            ...(dead === undefined ? [] : [{ at: dead, function: task.name, text: 'would end it, but nobody closes or sends on this channel', locks: [], kind: 'channel' as const }]),
          ]),
          trace('the end of the object', [{ at: closer.at, function: closer.name, text: `closes the ${record.label}; the task goes on`, locks: [] }]),
        ],
      };
    }
  },
});
