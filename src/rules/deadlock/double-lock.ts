import { reentries } from '../../analysis/reentry.js';
import { describeHeld } from '../../analysis/lock-state.js';
import { classOf, printPath } from '../../ir/index.js';
import { callSteps, place, trace } from '../evidence.js';
import { heldStep, holder, knownAs } from '../reentry.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'double-lock',
  family: 'deadlock',
  level: 'error',
  confidence: 'high',
  languages: ['go', 'typescript'],
  title: 'a lock is acquired while the same task already holds it',
  explain: 'Locks here are not re-entrant: a task that asks for a lock it already holds waits for itself, and everybody else who needs the lock waits with it. The second acquire often hides in a helper: a method locks, then calls another method of the same object that locks again.',
  impact: 'The task blocks for ever, and so does every later user of the lock.',
  advice: 'Release the lock before the call, or split the callee into a locked part and a wrapper that locks.',
  misses: 'Locks reached through unknown or ambiguous callees, through maps and slices, and two names for one object that neither its making nor its type tells.',
  aliases: ['GCL1011'],

  *check(_program, resultOf) {
    for (const entry of resultOf(reentries).all) {
      if (entry.held.mode === 'shared' && entry.mode === 'shared') continue;
      const name = printPath(entry.held.lock);
      const through = entry.chain.length === 0 ? '' : ` through ${entry.chain.map((link) => link.callee).join(' -> ')}`;
      yield {
        at: entry.at,
        function: entry.fn.name,
        subject: `${classOf(entry.held.lock) ?? name}`,
        ...(entry.always && entry.alias?.by !== 'back-pointer' && entry.contract === undefined ? {} : { confidence: 'medium' as const }),
        message: `${name} is locked again${knownAs(entry)}${through} while ${holder(entry)}`,
        evidence: [trace('the task that waits for itself', [
          heldStep(entry),
          ...callSteps(entry.chain, entry.others),
          { at: entry.acquiredAt, function: entry.acquiredIn, text: `${entry.mode === 'shared' ? 'read-locks' : 'locks'} ${name} again${entry.contract === undefined ? ` (taken at ${place(entry.held.at)})` : ''}: waits for ever`, locks: describeHeld(entry.others.length > 0 ? entry.others : [entry.held]), kind: 'acquire', essential: true },
        ])],
      };
    }
  },
});
