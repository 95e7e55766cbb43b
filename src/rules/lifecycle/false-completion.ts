import { flights } from '../../analysis/flights.js';
import { trace } from '../evidence.js';
import { defineRule } from '../rule.js';
import { nameOf, step, stopStep, waySteps } from '../stories.js';

export default defineRule({
  id: 'false-completion',
  family: 'lifecycle',
  level: 'warning',
  confidence: 'medium',
  languages: ['typescript'],
  title: 'a second caller is told that the work is done while it still runs',
  explain: 'While the first call is under way, the busy test sends every other caller home with a promise that is fulfilled at once. Who awaits it can only understand that the step is done: connected, closed, loaded.',
  impact: 'The second caller goes on too early: it uses a connection that is not there yet, or exits before everything is closed.',
  advice: 'Return the promise of the call that is under way instead of nothing.',
  misses: 'Steps with unusual names, and callers that test the state again by themselves.',

  *check(_program, resultOf) {
    for (const { fn, test, returnAt, claimAt, stop, doneAt, exposure } of resultOf(flights).falseCompletions) {
      const name = nameOf(test);
      yield {
        at: test.at,
        function: fn.name,
        subject: `${fn.id} ${test.location}`,
        message: `a second ${fn.name} returns here at once as if it were done, while the first one still waits at line ${stop.operation.at.line}: ${name} says busy as well as done`,
        evidence: [
          trace('call 1', [...waySteps(exposure, fn), step(claimAt, fn, `writes ${name}: under way`), stopStep(stop, fn), step(doneAt, fn, `writes ${name}: done only now`)]),
          trace('call 2, meanwhile', [step(test.at, fn, `finds ${name} set`), step(returnAt, fn, 'returns: its caller believes that all is done', true)], 'meanwhile'),
        ],
      };
    }
  },
});
