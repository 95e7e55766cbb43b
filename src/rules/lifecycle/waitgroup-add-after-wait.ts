import { lateRaises } from '../../analysis/late-raises.js';
import { describeTask } from '../../analysis/tasks.js';
import { printPath } from '../../ir/index.js';
import { place, trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'waitgroup-add-after-wait',
  family: 'lifecycle',
  level: 'warning',
  confidence: 'low',
  languages: ['go'],
  title: 'a counter is raised while somebody may already wait for it',
  explain: 'A wait group that stands at zero lets the wait pass; a task that raises it at that moment comes too late, and the group does not allow it: calls that raise it from zero must happen before the wait. It is safe only from a task that is counted itself, or under a lock and behind a flag that the closing side sets.',
  impact: 'The wait returns while a task has just been started: it works on what is being closed. The race detector reports it, and the group may panic.',
  advice: 'Count the accepting task as well, or raise the counter under the lock under which closing sets its flag.',
  misses: 'Whether something else has ended the raising task before the wait: of what was read on real code half was so, therefore it is told on request only. Counters of locals, raises under any lock, and methods that only code outside calls.',

  *check(program, resultOf) {
    for (const { fn, raise, task, wait, waiter, counter } of resultOf(lateRaises)) {
      const name = printPath(raise.operation.on);
      const origins = [describeTask(program, resultOf, task, fn.id), describeTask(program, resultOf, waiter, wait.fn.id)] as const;
      yield {
        at: raise.operation.at,
        function: fn.name,
        subject: counter,
        message: `${name} is raised by a task that is not counted itself, while ${wait.fn.name} may already wait for it (${place(wait.at)}): at zero the wait passes, and what is started here is not waited for`,
        evidence: [
          trace('the task that raises it', [{ at: origins[0].at, function: origins[0].function, text: origins[0].text, locks: [], kind: 'spawn' }, { at: raise.operation.at, function: fn.name, text: `raises ${name}`, locks: [], kind: 'channel', essential: true }]),
          trace('who waits', [{ at: origins[1].at, function: origins[1].function, text: origins[1].text, locks: [], kind: 'enter' }, { at: wait.at, function: wait.fn.name, text: `waits for ${name}, which may be zero`, locks: [], kind: 'channel', essential: true }]),
        ],
      };
    }
  },
});
