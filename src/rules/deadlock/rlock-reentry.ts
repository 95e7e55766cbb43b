import { describeHeld } from '../../analysis/lock-state.js';
import { reentries } from '../../analysis/reentry.js';
import { classOf, printPath } from '../../ir/index.js';
import { callSteps, trace } from '../evidence.js';
import { heldStep, holder, knownAs } from '../reentry.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'rlock-reentry',
  family: 'deadlock',
  level: 'error',
  confidence: 'high',
  languages: ['go'],
  title: 'a read lock is acquired while the same task already holds it',
  explain: 'A waiting writer keeps new readers out. When a writer arrives between the two read locks of one task, the second read lock waits for the writer and the writer waits for the first read lock.',
  impact: 'Reader and writer wait for each other for ever; it takes a writer at the wrong moment, so tests rarely show it.',
  advice: 'Take the read lock once, and call a variant of the callee that expects it to be held.',
  misses: 'Read locks reached through unknown or ambiguous callees, through maps and slices, and two names for one object that neither its making nor its type tells.',
  aliases: ['GCL1013'],

  *check(_program, resultOf) {
    const { all, written } = resultOf(reentries);
    for (const entry of all) {
      if (entry.held.mode !== 'shared' || entry.mode !== 'shared') continue;
      const name = printPath(entry.held.lock);
      const lockClass = classOf(entry.held.lock) ?? name;
      const hasWriter = written.has(lockClass);
      const through = entry.chain.length === 0 ? '' : ` through ${entry.chain.map((link) => link.callee).join(' -> ')}`;
      yield {
        at: entry.at,
        function: entry.fn.name,
        subject: lockClass,
        ...(hasWriter ? {} : { level: 'note' as const }),
        ...(entry.always && entry.alias?.by !== 'back-pointer' && entry.contract === undefined ? {} : { confidence: 'medium' as const }),
        message: `${name} is read-locked again${knownAs(entry)}${through} while ${holder(entry)}${hasWriter ? ': a writer that waits in between blocks both' : '; nothing writes under it yet'}`,
        evidence: [trace('the task that reads twice', [
          heldStep(entry),
          ...callSteps(entry.chain, entry.others),
          { at: entry.acquiredAt, function: entry.acquiredIn, text: `read-locks ${name} again: waits behind any writer that came in between`, locks: describeHeld([entry.held]), kind: 'acquire', essential: true },
        ])],
      };
    }
  },
});
