import { lockBalance } from '../../analysis/lock-balance.js';
import { classOf, printPath } from '../../ir/index.js';
import { acquireStep, place, trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'missing-unlock',
  family: 'deadlock',
  level: 'error',
  confidence: 'high',
  languages: ['go', 'typescript'],
  title: 'a path leaves the function with the lock held',
  explain: 'One way through the function releases the lock, another leaves without. Usually an early return, break or continue was added later, between a manual lock and its unlock.',
  impact: 'The next task that needs the lock waits for ever.',
  advice: 'Release the lock on every way out: defer the release, or put it into a finally, right after the lock is taken.',
  misses: 'Locks that several functions never release (taken to be handed on), and ways that only a value we do not follow makes possible or impossible.',
  aliases: ['GCL1001'],

  *check(_program, resultOf) {
    for (const left of resultOf(lockBalance).leftHeld) {
      const name = printPath(left.held.lock);
      if (left.reason === 'never') {
        yield {
          at: left.held.at,
          function: left.fn.name,
          subject: classOf(left.held.lock) ?? name,
          confidence: 'medium',
          message: `${left.fn.name} takes ${name} and never gives it back, while it is given back at ${left.balanced} other places, such as ${place(left.releasedAt)}`,
          evidence: [trace('the function that keeps the lock', [
            acquireStep(left.fn, left.held),
            { at: left.at, function: left.fn.name, text: `leaves without releasing ${name}`, locks: [name], kind: 'exit', essential: true },
          ])],
        };
        continue;
      }
      const what = left.reason === 'thrown' ? `line ${left.at.line} throws with it held` : left.reason === 'failed' ? `the function ends with it held when line ${left.at.line} fails` : left.reason === 'exit' ? `the function returns at line ${left.at.line} with it held` : `its variable is overwritten at line ${left.at.line} while it is held`;
      yield {
        at: left.held.at,
        function: left.fn.name,
        subject: classOf(left.held.lock) ?? name,
        message: `${name} is not released on every way: ${what}, while line ${left.releasedAt.line} releases it on another`,
        ...(left.reason === 'failed' ? { confidence: 'medium' as const } : {}),
        ...(left.held.chain.length === 0 && left.reason !== 'overwritten' ? { repair: { kind: 'defer-release' as const, acquire: left.held.at } } : {}),
        evidence: [trace('the way that keeps the lock', [
          acquireStep(left.fn, left.held),
          { at: left.at, function: left.fn.name, text: left.reason === 'overwritten' ? `forgets which ${name} it holds` : left.reason === 'failed' ? `fails: leaves without releasing ${name}` : `leaves without releasing ${name}`, locks: [name], kind: 'exit', essential: true },
        ]), trace('the way that releases it', [{ at: left.releasedAt, function: left.fn.name, text: `releases ${name} (locked at ${place(left.held.at)})`, locks: [name], kind: 'release' }], 'aside')],
      };
    }
  },
});
