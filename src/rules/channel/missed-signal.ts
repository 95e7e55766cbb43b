import { lateRegistrations } from '../../analysis/late-registrations.js';
import { place, trace } from '../evidence.js';
import { defineRule } from '../rule.js';
import { nameOf, step, stopStep } from '../stories.js';

export default defineRule({
  id: 'missed-signal',
  family: 'channel',
  level: 'warning',
  confidence: 'medium',
  languages: ['typescript'],
  title: 'the answer can come before anybody waits for it',
  explain: 'The request is sent, or the state asked, and only after a wait does the code register for the answer. When the answer comes during the wait, it finds no entry and no listener. It is dropped, and whoever registers then waits for something that has already been.',
  impact: 'The caller waits for ever, or until a timeout.',
  advice: 'Register first, then send or ask; take the registration back when sending fails.',
  misses: 'Registrations in other objects, and states that are asked again.',

  *check(_program, resultOf) {
    for (const { fn, stop, before, registered, taker } of resultOf(lateRegistrations)) {
      yield {
        at: registered.at,
        function: registered.fn.name,
        subject: `${fn.id} ${taker?.location ?? registered.text}`,
        message: `${registered.text} only after the await at line ${stop.operation.at.line}: what line ${before.at.line} sets off may be answered before, and the answer ${taker === undefined ? 'is not heard' : `finds nothing in ${taker.fn.name}`}`,
        evidence: [
          trace('the one who waits', [step(before.at, fn, before.text), stopStep(stop, fn), step(registered.at, registered.fn, `${registered.text}: too late`, true)]),
          trace('the answer, meanwhile', [taker === undefined ? step(stop.operation.at, fn, 'the event comes here and nobody listens', true) : step(taker.at, taker.fn, `looks for ${nameOf(taker)} and finds nothing (${place(taker.at)})`, true)], 'meanwhile'),
        ],
      };
    }
  },
});
