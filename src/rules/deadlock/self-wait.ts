import { selfWaits } from '../../analysis/self-waits.js';
import { printPath } from '../../ir/index.js';
import { place, trace } from '../evidence.js';
import { defineRule } from '../rule.js';
import { step } from '../stories.js';

export default defineRule({
  id: 'self-wait',
  family: 'deadlock',
  level: 'warning',
  confidence: 'medium',
  languages: ['typescript'],
  title: 'a task waits for what only it can bring about',
  explain: 'A promise is waited for by the code that alone would settle it: the loop that calls `stop()`, which waits for the loop; the handler that waits for the promise it fulfils two lines below; the task of a queue that waits until the queue is idle. Nothing is blocked but this task, so nothing is seen: the process goes on, and the shutdown never ends.',
  impact: 'The task and everybody who waits for it wait for ever.',
  advice: 'Settle first and wait afterwards, or let somebody else wait: from inside, ask for the end and return.',
  misses: 'Promises in containers, promises passed on as arguments, and settlers that other code may reach.',

  *check(_program, resultOf) {
    for (const { kind, fn, wait, chain, end, name } of resultOf(selfWaits)) {
      const what = printPath(name);
      const [first] = chain;
      const through = chain.length === 0 ? '' : ` through ${chain.map(({ callee }) => callee.name).join(' -> ')}`;
      yield {
        at: first?.at ?? wait.at,
        function: fn.name,
        subject: `${fn.id} ${what}`,
        message: kind === 'task' ? `${fn.name} waits for ${what}${through}, the promise of its own end (${place(end.at)}): it never comes`
          : kind === 'settler' ? `waits for ${what}, which is only settled after this wait (${place(end.at)})`
          : `a task of ${what} waits${through} until ${what} is idle, which it is not before this task has ended`,
        evidence: [trace('the task that waits for itself', [
          ...(kind === 'settler' ? [] : [step(end.at, end.fn, end.text)]),
          ...chain.map(({ at, fn: caller, callee }) => step(at, caller, `calls ${callee.name} and waits for it`)),
          step(wait.at, chain.at(-1)?.callee ?? fn, `${wait.text}: ${what}`, true),
          ...(kind === 'settler' ? [step(end.at, end.fn, end.text)] : []),
        ])],
      };
    }
  },
});
