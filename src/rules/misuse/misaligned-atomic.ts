import { misalignedWords } from '../../analysis/misaligned-words.js';
import { printPath } from '../../ir/index.js';
import { place, trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'misaligned-atomic',
  family: 'misuse',
  level: 'warning',
  confidence: 'high',
  languages: ['go'],
  title: 'an atomic word of 64 bits is not aligned where words have 32',
  explain: 'On 386, arm and 32-bit mips an atomic operation on 64 bits panics unless its word lies at a multiple of eight bytes, and the compiler aligns such fields to four only. The first word of an allocated object, list or variable is safe; this one has smaller fields before it, in its own record or in one that holds that by value, or lies in elements of an odd size. Told when the program has files for such a machine: by their names or build constraints.',
  impact: 'A panic at the first atomic operation, on machines that nobody tests on.',
  advice: 'Use the typed atomics (`atomic.Int64`), which align themselves, or put the field first.',
  misses: 'Records that may also be allocated on their own, unless a call is seen to pass on the one inside another; fields behind library types whose size is not known; words behind a pointer to the word.',
  aliases: ['atomicalign', 'SA1027'],

  *check(_program, resultOf) {
    for (const { fn, operation, record, field, inside } of resultOf(misalignedWords)) {
      const name = `${record.label}.${field.name}`;
      const outer = inside === undefined ? undefined : `${inside.record.label}.${inside.field.name}`;
      const cause = outer === undefined ? `${name} is declared behind fields that leave it at no multiple of eight`
        : inside!.elements ? `the elements of ${outer} have a size that is no multiple of eight: in every second one ${name} lies across` : `${outer}, in which ${name} lies, is declared behind fields that leave it at no multiple of eight`;
      yield {
        at: operation.at,
        function: fn.name,
        subject: `${record.name}.${field.name}`,
        message: `${printPath(operation.path)} is used atomically, but ${name} ${outer === undefined ? '' : `in ${outer} `}does not lie at a multiple of eight bytes where words have 32 bits (${place((inside ?? { field }).field.at)}): panics there`,
        evidence: [trace('the word', [
          { at: (inside ?? { field }).field.at, function: fn.name, text: cause, locks: [] },
          { at: operation.at, function: fn.name, text: `${operation.verb ?? 'atomic operation'} on ${printPath(operation.path)}`, locks: [], kind: 'memory', essential: true },
        ])],
      };
    }
  },
});
