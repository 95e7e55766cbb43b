import { changedLoops } from '../../analysis/changed-loops.js';
import { place, trace } from '../evidence.js';
import { defineRule } from '../rule.js';
import { entryStep, nameOf, step, stopStep } from '../stories.js';

export default defineRule({
  id: 'mutation-during-iteration',
  family: 'race',
  level: 'warning',
  confidence: 'medium',
  languages: ['typescript'],
  title: 'a list changes while a loop over it waits',
  explain: 'A loop over a list goes by index, and waits in its body. Whoever takes an element out meanwhile moves all that come after it one place forward: the loop skips one, without a word.',
  impact: 'An element is left out: a peer that is not told, a connection that is not closed.',
  advice: 'Loop over a copy: `for (const peer of [...this.peers])`.',
  misses: 'Maps and sets, and loops that count their index themselves.',

  *check(_program, resultOf) {
    for (const { fn, loop, stop, change, entry } of resultOf(changedLoops)) {
      const name = nameOf(loop).replace(/\[.*$/, '');
      yield {
        at: loop.at,
        function: fn.name,
        subject: `${fn.id} ${loop.location}`,
        message: `the loop over ${name} waits at line ${stop.operation.at.line} while ${change.fn.name} may take elements out of it (${place(change.at)}): the loop skips the one that moves into the gap`,
        evidence: [
          trace('the loop', [step(loop.at, fn, `loops over ${name}`), stopStep(stop, fn), step(loop.at, fn, 'goes on with the next index', true)]),
          trace('meanwhile', [entryStep(entry, change.fn), step(change.at, change.fn, `changes ${name} (${change.operation?.op === 'write' ? change.operation.verb ?? '' : ''})`, true)]),
        ],
      };
    }
  },
});
