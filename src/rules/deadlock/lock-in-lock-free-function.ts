import { lockFreeBreaches } from '../../analysis/contract-checks.js';
import { classOf, printPath } from '../../ir/index.js';
import { callSteps, place, trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'lock-in-lock-free-function',
  family: 'deadlock',
  level: 'warning',
  confidence: 'medium',
  languages: ['go'],
  title: 'a function documented to take no lock takes one',
  explain: 'Callers use a lock-free function where a lock would be wrong: while they hold the same lock, on a hot path, in a callback of the lock\'s owner. The comment promises that it takes none; the body, or something it calls, does.',
  impact: 'A double lock or an inverted order at callers that trusted the comment.',
  advice: 'Read through an atomic or a copy as the comment promises, or correct the comment.',
  misses: 'Locks taken by code that is not seen, and promises made for some ways only.',

  *check(_program, resultOf) {
    for (const { fn, claim, lock, mode, at, chain, acquiredIn } of resultOf(lockFreeBreaches)) {
      const through = chain.length === 0 ? '' : ` through ${chain.map((link) => link.callee).join(' -> ')}`;
      yield {
        at: chain[0]?.call ?? at,
        function: fn.name,
        subject: classOf(lock) ?? printPath(lock),
        message: `${fn.name} says "${claim}", but ${mode === 'shared' ? 'read-locks' : 'locks'} ${printPath(lock)}${through} (${place(at)})`,
        evidence: [trace('the lock it takes', [
          { at: fn.at, function: fn.name, text: `says "${claim}"`, locks: [], kind: 'enter' },
          ...callSteps(chain, []),
          { at, function: acquiredIn, text: `${mode === 'shared' ? 'read-locks' : 'locks'} ${printPath(lock)}`, locks: [], kind: 'acquire', essential: true },
        ])],
      };
    }
  },
});
