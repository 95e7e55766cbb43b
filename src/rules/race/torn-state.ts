import { tornStates } from '../../analysis/torn-state.js';
import { place, trace } from '../evidence.js';
import { besides } from '../crossing-claims.js';
import { defineRule } from '../rule.js';
import { nameOf, step, stopStep } from '../stories.js';

export default defineRule({
  id: 'torn-state',
  family: 'race',
  level: 'warning',
  confidence: 'medium',
  languages: ['typescript'],
  title: 'a collection is emptied, then filled again after a wait',
  explain: 'Between the emptying and the filling others run, and what they read is neither the old content nor the new one. A lookup finds nothing, a broadcast reaches nobody, and two reloads at once fill it twice.',
  impact: 'Readers act on an empty or half filled collection.',
  advice: 'Gather the new content first and replace the collection in one step.',
  misses: 'Emptying entry by entry.',

  *check(_program, resultOf) {
    for (const { fn, empty, stop, fill, reader } of resultOf(tornStates)) {
      const name = nameOf(empty).replace(/\[[^\]]*\]$/, '');
      yield {
        at: empty.at,
        function: fn.name,
        subject: empty.location,
        crossing: { shows: 'torn-read', looks: [reader.at], late: empty.at, about: empty.location, in: fn.id, starts: besides(fn, reader.fn) },
        message: `${name} is emptied here and filled at line ${fill.at.line}, after the await at line ${stop.operation.at.line}: ${reader.fn.name} reads it empty meanwhile (${place(reader.at)})`,
        evidence: [
          trace('the reload', [step(empty.at, fn, `empties ${name}`), stopStep(stop, fn), step(fill.at, fn, `fills ${name} again`, true)]),
          trace('a reader, meanwhile', [step(reader.at, reader.fn, `reads ${name}: empty`, true)], 'meanwhile'),
        ],
      };
    }
  },
});
