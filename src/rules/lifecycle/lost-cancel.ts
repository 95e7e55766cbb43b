import { lostCancels } from '../../analysis/cancellations.js';
import { place, trace, wayTrace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'lost-cancel',
  family: 'lifecycle',
  level: 'warning',
  confidence: 'high',
  languages: ['go'],
  title: 'a context is made and never cancelled on some way',
  explain: 'A derived context stays registered with its parent, with its timer, until it is cancelled or its time is over. Here the function that cancels it is dropped at once, or a way leaves the function without calling it, storing it or handing it on.',
  impact: 'Contexts, timers and the tasks that wait for them pile up below a parent that lives on.',
  advice: 'Defer the cancel function right after the context is made.',
  misses: 'A cancel function that is stored and never called.',
  aliases: ['lostcancel', 'G118'],

  *check(_program, resultOf) {
    for (const { fn, at, context, way, name } of resultOf(lostCancels)) {
      const dropped = way === undefined;
      yield {
        at,
        function: fn.name,
        subject: `${fn.id} ${context}`,
        message: dropped ? `the context made here can never be cancelled: ${name} is dropped` : `${name} is not used on the way that leaves ${fn.name} at ${place(way.at)}: the context made here is not cancelled`,
        evidence: [dropped ? trace('the context', [{ at, function: fn.name, text: 'makes a context and drops what cancels it', locks: [], essential: true }]) : wayTrace('the way without cancelling', fn, { at, text: `makes a context that ${name} cancels` }, way)],
      };
    }
  },
});
