import { printPath } from '../../ir/index.js';
import { unanswered } from '../../analysis/unanswered.js';
import { trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'goroutine-leak',
  family: 'lifecycle',
  level: 'warning',
  confidence: 'medium',
  languages: ['go'],
  title: 'a task waits for something that nobody will do any more',
  explain: 'The task blocks on a channel, a counter or a condition, and no schedule is left in which another task answers: the receiver has gone, the sender never comes, the channel is not closed. In closed functions (programs, tests, functions that make all they work on) the schedule is shown; elsewhere only channels are reported that one function makes and nobody else can reach.',
  impact: 'The task, its stack and all it refers to stay for ever; in a server that is a slow death by memory, in a test a hang.',
  advice: 'Give the waiting side a second way out (a done channel, a context), make room in the channel for every send, or close the channel.',
  misses: 'Channels that leave the function, and tasks that wait for the outside world.',

  *check(_, resultOf) {
    for (const leak of resultOf(unanswered)) {
      const name = printPath(leak.channel);
      yield {
        at: leak.at,
        function: leak.fn.name,
        subject: `${leak.owner.id} ${leak.channel.root.kind === 'variable' ? leak.channel.root.variable.name : ''}`,
        message: `${leak.kind === 'send' ? 'sends on' : 'receives from'} ${name}, which ${leak.owner.name} makes without room and nobody ever ${leak.kind === 'send' ? 'receives from' : 'sends on or closes'}: the task stays for ever`,
        evidence: [trace('the task that stays', [
          { at: leak.madeAt, function: leak.owner.name, text: `makes ${name}`, locks: [], kind: 'channel' },
          { at: leak.at, function: leak.fn.name, text: `${leak.kind === 'send' ? 'sends on' : 'receives from'} ${name}: nobody will answer`, locks: [], kind: 'channel', essential: true },
        ])],
      };
    }
  },
});
