import { sharedScratch } from '../../analysis/scratch-state.js';
import { printPath } from '../../ir/index.js';
import { place, trace } from '../evidence.js';
import { defineRule } from '../rule.js';
import { step, stopStep, waySteps } from '../stories.js';

export default defineRule({
  id: 'shared-scratch',
  family: 'race',
  level: 'warning',
  confidence: 'medium',
  languages: ['typescript'],
  title: 'what belongs to one call is kept where all calls write',
  explain: 'A builder, a buffer or a field is filled, something is waited for, and then it is used. Every call fills it before it uses it, so nothing has to be kept from call to call; but all calls share it. A second call during the wait fills it with its own data, and the first one goes on with those.',
  impact: 'One call sends, answers or stores what belongs to another.',
  advice: 'Keep it in a local variable, or wait first and fill and use it afterwards without a wait between.',
  misses: 'Scratch that helpers use for their caller, and entries of containers.',

  *check(_program, resultOf) {
    for (const { fn, path, location, fill, stop, use, exposure } of resultOf(sharedScratch)) {
      const name = printPath(path);
      yield {
        at: use.at,
        function: fn.name,
        subject: `${fn.id} ${location}`,
        message: `${name} is used here as if it still held what line ${fill.at.line} put there: while ${fn.name} waits (line ${stop.operation.at.line}), a second call fills it with its own`,
        evidence: [
          trace('call 1', [...waySteps(exposure, fn), step(fill.at, fn, `fills ${name}`), stopStep(stop, fn), step(use.at, fn, `uses ${name}`, true)]),
          trace('call 2, meanwhile', [step(fill.at, fn, `fills ${name} with its own (${place(fill.at)})`, true)]),
        ],
      };
    }
  },
});
