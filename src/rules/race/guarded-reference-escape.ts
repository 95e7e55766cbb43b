import type { ResultOf } from '../../analysis/analysis.js';
import { escapingReferences } from '../../analysis/escaping-references.js';
import { tornReferences } from '../../analysis/torn-references.js';
import { printPath } from '../../ir/index.js';
import { accessStep, place, trace } from '../evidence.js';
import { defineRule, type Verdict } from '../rule.js';
import { stopStep } from '../stories.js';

/** In a cooperative program a reference shows what a section under the lock has changed so far, whenever that section waits. */
function* halfChanged(resultOf: ResultOf): Generator<Verdict> {
  for (const { fn, at, path, group, held, section: { first, stop, second } } of resultOf(tornReferences)) {
    const name = printPath(path);
    const lock = printPath(held.lock);
    yield {
      at,
      function: fn.name,
      subject: group,
      message: `returns ${name} itself from under ${lock}: the caller keeps it after the release, and sees it half changed while ${first.fn.name} waits with ${lock} held (${place(stop.operation.at)})`,
      evidence: [
        trace('the reference leaves', [{ at: held.at, function: fn.name, text: `locks ${lock}`, locks: [], kind: 'acquire' }, { at, function: fn.name, text: `returns ${name}; ${lock} is free again`, locks: [], kind: 'exit', essential: true }]),
        trace('the state changes', [accessStep(first), stopStep(stop, first.fn), accessStep(second)]),
      ],
    };
  }
}

export default defineRule({
  id: 'guarded-reference-escape',
  family: 'race',
  level: 'warning',
  confidence: 'medium',
  languages: ['go', 'typescript'],
  title: 'a live reference to guarded state is handed out',
  explain: 'The function takes the lock, but what it returns is the guarded map, slice or object itself. The lock is given back as the function returns; the caller then reads the live state while others change it under the lock.',
  impact: 'A data race in the caller: a crash while ranging over the map, or values that change under its hands.',
  advice: 'Return a copy made under the lock, or a function that looks up under the lock.',
  misses: 'References stored elsewhere instead of returned, and content that is only changed through other types.',

  *check(program, resultOf) {
    if (program.scheduling === 'cooperative') return yield* halfChanged(resultOf);
    for (const escape of resultOf(escapingReferences)) {
      const name = printPath(escape.path);
      yield {
        at: escape.at,
        function: escape.fn.name,
        subject: escape.group,
        // What the caller does with the object is not seen: it may only use what never changes.
        ...(escape.container ? {} : { level: 'note' as const }),
        message: `returns ${name} itself: ${escape.guard.label} guards it, and the caller uses it after the lock is released, while ${escape.change.fn.name} changes it (${place(escape.change.operation.at)})`,
        evidence: [
          trace('the reference leaves', [{ at: escape.taken.operation.at, function: escape.fn.name, text: `locks ${printPath(escape.taken.operation.lock)}`, locks: [], kind: 'acquire' }, { at: escape.at, function: escape.fn.name, text: `returns ${name}; ${escape.guard.label} is free again`, locks: [], kind: 'exit', essential: true }]),
          trace('the state changes', [accessStep(escape.change)]),
        ],
      };
    }
  },
});
