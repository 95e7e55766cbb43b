import { lateAdds } from '../../analysis/late-adds.js';
import { classOf, printPath } from '../../ir/index.js';
import { place, trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'waitgroup-add-in-goroutine',
  family: 'lifecycle',
  level: 'error',
  confidence: 'high',
  languages: ['go'],
  title: 'a counter is raised inside the task that is waited for',
  explain: 'Whoever waits for the group may look before the task has run at all: the count is still zero and the wait returns at once. The count must be raised before the task is started.',
  impact: 'The wait returns while tasks still run: results are missing, resources are closed under their hands.',
  advice: 'Raise the count before the task is started, in the function that starts it.',
  misses: 'Waits in other functions than the one that starts the task, when the counter is no field.',
  aliases: ['waitgroup', 'SA2000', 'GCL2005'],

  *check(_program, resultOf) {
    for (const late of resultOf(lateAdds)) {
      const name = printPath(late.counter);
      yield {
        at: late.add.operation.at,
        function: late.fn.name,
        subject: classOf(late.counter) ?? name,
        // Who waits in another function may have asked the task first.
        ...(late.wait.fn === late.spawn.caller ? {} : { level: 'warning' as const, confidence: 'medium' as const }),
        message: `${name} is raised inside the task that ${late.spawn.caller.name} starts at line ${late.spawn.operation.at.line}: the wait at ${place(late.wait.at)} may pass before the task has run`,
        evidence: [
          trace('the waiting task', [{ at: late.spawn.operation.at, function: late.spawn.caller.name, text: 'starts the task', locks: [], kind: 'spawn' }, { at: late.wait.at, function: late.wait.fn.name, text: `waits for ${name}: still zero, so it does not wait`, locks: [], kind: 'channel', essential: true }]),
          trace('the started task', [{ at: late.add.operation.at, function: late.fn.name, text: `raises ${name}, too late`, locks: [], kind: 'channel', essential: true }]),
        ],
      };
    }
  },
});
