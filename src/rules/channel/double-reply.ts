import { endedLives } from '../../analysis/ended-lives.js';
import { printPath } from '../../ir/index.js';
import { place, trace } from '../evidence.js';
import { defineRule } from '../rule.js';
import { step } from '../stories.js';

export default defineRule({
  id: 'double-reply',
  family: 'channel',
  level: 'error',
  confidence: 'high',
  languages: ['typescript'],
  title: 'one request is answered twice',
  explain: 'A request has one answer. Here a way through the handler gives it and goes on to give another one, usually because a `return` is missing after the error answer; or a timeout answers, and nobody stops it when the real answer has been given.',
  impact: 'Headers are sent a second time: the call throws, and where nobody catches it the process ends.',
  advice: 'Return after the first answer; stop the timer, or ask whether the headers are sent, before the second.',
  misses: 'Answers through helpers of the program, and handlers whose parameter has an unusual name.',

  *check(_program, resultOf) {
    for (const { fn, path, kind, end, use, timer } of resultOf(endedLives)) {
      if (kind !== 'answer') continue;
      const name = printPath(path);
      const verb = use.life.does === 'ends' ? 'answered a second time' : 'written to';
      yield {
        at: use.at,
        function: use.fn.name,
        subject: `${fn.id} ${name}`,
        ...(timer === undefined ? {} : { level: 'warning' as const, confidence: 'medium' as const }),
        message: timer === undefined ? `${name} is ${verb} here although line ${end.at.line} has answered: nothing leaves in between`
          : `${name} is answered by the timer of ${place(timer.at)}, which nobody stops when ${end.fn.name} answers (${place(end.at)})`,
        evidence: timer === undefined ? [trace('the way that answers twice', [step(end.at, fn, `answers through ${name}`), step(use.at, fn, `${use.life.does === 'ends' ? 'answers' : 'writes'} again: the headers are sent`, true)])]
          : [trace('the timer', [step(timer.at, fn, `starts a timer (${timer.via})`), step(use.at, use.fn, `answers through ${name}, and asks nothing`, true)]), trace('the real answer', [step(end.at, end.fn, `answers through ${name}, and the timer goes on`)])],
      };
    }
  },
});
