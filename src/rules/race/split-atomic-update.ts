import { staleUpdates } from '../../analysis/stale-updates.js';
import { printPath } from '../../ir/index.js';
import { place, trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'split-atomic-update',
  family: 'race',
  level: 'warning',
  confidence: 'medium',
  languages: ['go', 'typescript'],
  title: 'an atomic word is updated in two steps',
  explain: 'Loading is atomic, and so is storing, but not the two together: between them another task stores its own value, and this store wipes it out. A plain assignment of what an atomic addition returned is worse: it races with the addition of the others. A store that a load only decided about, such as a flag tested and raised, is told as a note: often just one task raises it. Where only other functions store in between, and not the function itself in another call, it is kept back at low confidence: something else may order them.',
  impact: 'Lost updates: counts drift, two tasks both find the flag down and both go on.',
  advice: 'Use one operation for it: Add, Swap, or CompareAndSwap in a loop (TypeScript: Atomics.add, Atomics.exchange, Atomics.compareExchange).',
  misses: 'Steps in different functions, and words that only one task ever stores.',
  aliases: ['atomic'],

  *check(_program, resultOf) {
    for (const { fn, by, basis, path, read, write, group, between } of resultOf(staleUpdates)) {
      if (by !== 'atomic') continue;
      const name = printPath(path);
      const plain = !write.atomic;
      yield {
        // Often just one task does this: of four such, read by hand on real code, none was surely a bug.
        ...(plain ? { level: 'error' as const, confidence: 'high' as const } : basis === 'test' ? { level: 'note' as const } : between === 'others' ? { confidence: 'low' as const } : {}),
        at: write.at,
        function: fn.name,
        subject: group,
        message: plain ? `assigns the result of an atomic operation on ${name} to ${name} itself: the assignment is not atomic and races with the operation of every other task`
          : `stores ${name} ${basis === 'value' ? 'computed from' : 'because of'} what it loaded before (${place(read.at)}): the two steps are not one, and a store of another task in between is ${basis === 'value' ? 'lost' : 'not seen'}`,
        evidence: [
          trace('one task', [{ at: read.at, function: fn.name, text: `${read.op === 'read' ? 'loads' : 'updates'} ${name} atomically`, locks: [], kind: 'memory', essential: true }, { at: write.at, function: fn.name, text: `${plain ? 'assigns' : 'stores'} ${name}`, locks: [], kind: 'memory', essential: true }]),
          trace('another task, in between', [{ at: write.at, function: fn.name, text: `does the same: stores ${name}`, locks: [], kind: 'memory' }], 'meanwhile'),
        ],
      };
    }
  },
});
