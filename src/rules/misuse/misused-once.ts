import { onceUses, type OnceMisuse } from '../../analysis/once-uses.js';
import { classOf, printPath } from '../../ir/index.js';
import { place, trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'misused-once',
  family: 'misuse',
  level: 'warning',
  confidence: 'high',
  languages: ['go'],
  title: 'a once-object does not do its work once',
  explain: 'A once-object with nothing to run panics and is used up; a function that runs its work once does nothing when nobody keeps it to call it; a once-object that is renewed while others use it runs its work again, or twice at the same time.',
  impact: 'The work is not done, or is done more than once.',
  advice: 'Give it the work, keep the function it yields, and guard a renewal by a lock that its users hold too.',
  misses: 'Work that is nil only at run time, and copies of whole records.',
  aliases: ['GCL3002', 'GCL3003', 'badSyncOnceFunc'],

  *check(_program, resultOf) {
    for (const misuse of resultOf(onceUses).misuses) {
      const { fn, at, once, user } = misuse;
      const text = describe(misuse);
      yield {
        at,
        function: fn.name,
        subject: classOf(once) ?? printPath(once),
        message: `${fn.name} ${text}`,
        evidence: [trace('the once-object', [
          { at, function: fn.name, text, locks: [], kind: 'memory', essential: true },
          ...(user === undefined ? [] : [{ at: user.at, function: user.fn.name, text: 'relies on it here', locks: [], kind: 'call' as const }]),
        ])],
      };
    }
  },
});

function describe({ reason, once, user }: OnceMisuse): string {
  switch (reason) {
    case 'nothing to run': return `gives ${printPath(once)} nothing to run: the call panics, and the once-object is used up`;
    case 'dropped': return 'drops the function that would run its work once: the work never runs';
    case 'renewed': return `renews ${printPath(once)} without a lock while ${user!.fn.name} relies on it (${place(user!.at)}): the work may run again, or twice at a time`;
  }
}
