import { crossings } from '../../analysis/crossings.js';
import { poolOf, recycledObjects, type RecycledUse } from '../../analysis/recycled-objects.js';
import { staleUpdates, type StaleUpdate } from '../../analysis/stale-updates.js';
import type { Step } from '../../findings/finding.js';
import { printPath, type Program } from '../../ir/index.js';
import { place, trace } from '../evidence.js';
import { crossingOf } from '../crossing-claims.js';
import { defineRule, type Verdict } from '../rule.js';
import { nameOf, pauseText, twoCalls } from '../stories.js';

export default defineRule({
  id: 'check-then-act',
  family: 'race',
  level: 'warning',
  confidence: 'medium',
  languages: ['go', 'typescript'],
  title: 'between a test and the act that rests on it others may come in',
  explain: 'The code asks whether something is there, lets others in, and then makes and stores it. In TypeScript an await lies in between; in Go the lock was given back and taken again, so that every access is guarded and no race detector speaks. A second caller asks the same question and gets the same answer, so both act: two connections, two registrations, and the first one is lost without being closed.',
  impact: 'The act happens twice, a limit is passed, and what the first caller made is overwritten.',
  advice: 'Go: do both under one lock, look again after taking it the second time, or use a single step such as LoadOrStore. TypeScript: store the promise of the act before waiting for it, or test again after the wait.',
  misses: 'Tests that stand in another function than the act, locations reached through other objects, and updates whose repetition does no harm. What a call has made of the old value is kept back at low confidence: it may be the same for all who ask.',
  aliases: ['require-atomic-updates', 'useAtomicUpdates', 'syncMapLoadAndDelete'],

  *check(program, resultOf) {
    for (const one of resultOf(crossings)) {
      if (one.meaning !== 'check-then-act') continue;
      const name = nameOf(one.late);
      yield {
        at: one.late.at,
        function: one.late.fn.name,
        subject: one.late.location,
        crossing: crossingOf(one),
        message: `${name} is tested at line ${one.early.at.line} and written here, after ${pauseText(one)}: a second call in between passes the test too${one.source === undefined ? '' : `, and ${one.source} runs twice`}`,
        evidence: twoCalls(one, 'tests', 'still as before, so it acts as well'),
      };
    }
    for (const update of resultOf(staleUpdates)) {
      if (update.by === 'atomic') continue;
      const name = printPath(update.path);
      yield {
        at: update.write.at,
        function: update.fn.name,
        subject: update.group,
        ...(update.by === 'map' ? { level: 'note' as const } : update.sure ? {} : { confidence: 'low' as const }),
        message: update.lock === undefined ? `stores into ${name} because it held no entry a moment ago (${place(update.read.at)}): another task may have stored in between, and one of the two is lost`
          : `writes ${name} on the strength of what it held at ${place(update.read.at)}: ${printPath(update.lock.path)} was released in between (${place(update.lock.released)}), and another task may have changed it`,
        evidence: [trace('one task', stepsOf(update, name)), trace('another task, in between', [{ at: update.write.at, function: update.fn.name, text: `does the same: writes ${name}`, locks: update.lock === undefined ? [] : [printPath(update.lock.path)], kind: 'memory' }], 'meanwhile')],
      };
    }
    for (const use of resultOf(recycledObjects)) yield recycled(program, use);
  },
});

function recycled(program: Program, { fn, kind, object, before, at, lock, recycler }: RecycledUse): Verdict {
  const [name, own, pool] = [printPath(object), printPath(lock), poolOf(program, recycler)];
  const step = (where: Step['at'], text: string, locks: readonly string[], essential: boolean): Step => ({ at: where, function: fn.name, text, locks, kind: 'memory', ...(essential ? { essential: true as const } : {}) });
  const meanwhile = `takes ${name} out of ${pool.map} and puts it on the list of free ones: the next who asks gets it for something else`;
  return {
    at,
    function: fn.name,
    subject: recycler.map,
    message: kind === 'found' ? `locks ${own} of what was found in ${pool.map} at ${place(before)}: ${pool.lock} was released in between, and ${recycler.fn.name} may have given ${name} to somebody else (${place(recycler.at)})`
      : `gives ${name} back because of what was true under ${own}: it was released before (${place(before)}), and another call of ${recycler.fn.name} may have given ${name} to somebody else (${place(recycler.at)})`,
    evidence: [
      trace('one task', kind === 'found' ? [step(before, `finds ${name} in ${pool.map}, and releases ${pool.lock}`, [], true), step(at, `locks ${own}, and uses what may be another one by now`, [own], true)]
        : [step(before, `releases ${own}, having decided that ${name} is no longer needed`, [], true), step(at, `gives ${name} back, whatever it is by now`, [], true)]),
      trace('another task, in between', [{ at: recycler.at, function: recycler.fn.name, text: meanwhile, locks: [pool.lock], kind: 'memory' }], 'meanwhile'),
    ],
    advice: kind === 'found' ? `Take ${own} before ${pool.lock} is released, or look again under it whether the object is still the one that was asked for.` : `Give it back while ${own} is still held, or ask again under ${pool.lock}.`,
  };
}

function stepsOf({ fn, lock, read, write, basis }: StaleUpdate, name: string): Step[] {
  const held = lock === undefined ? [] : [printPath(lock.path)];
  const step = (at: Step['at'], text: string, locks: readonly string[], kind: 'acquire' | 'release' | 'memory'): Step => ({ at, function: fn.name, text, locks, kind, ...(kind === 'memory' ? { essential: true as const } : {}) });
  const rest = basis === 'value' ? `writes ${name}, computed from the old value` : `writes ${name}, as the old value told it to`;
  if (lock === undefined) return [step(read.at, `reads ${name}`, held, 'memory'), step(write.at, rest, held, 'memory')];
  return [
    step(lock.first, `locks ${held[0]}`, [], 'acquire'), step(read.at, `reads ${name}`, held, 'memory'), step(lock.released, `releases ${held[0]}: others may write now`, held, 'release'),
    step(lock.again, `locks ${held[0]} again`, [], 'acquire'), step(write.at, rest, held, 'memory'),
  ];
}
