import { describe, expect, it } from 'vitest';
import { reuse } from '../src/explore/pools.js';
import { search } from '../src/explore/search.js';
import { defaultBounds } from '../src/explore/verdict.js';
import { newCollection } from '../src/explore/witness.js';
import { printLocation, type FunctionId, type Program } from '../src/ir/index.js';
import { lowerSmall } from './explore-lower.js';
import { programs } from './explore-programs.js';
import { randomProgram } from './explore-random.js';

const bounds = { ...defaultBounds, schedules: 3000, steps: 400_000 };

interface Walk {
  readonly found: readonly string[];
  readonly complete: boolean;
  readonly promoted: ReadonlySet<object>;
}

/** What one walk finds. Races of plain accesses are not made choice points here: the whole walk would not come to its end. */
function walk(program: Program, entry: FunctionId, promoted: ReadonlySet<object>, exhaustive: boolean): Walk {
  const collection = newCollection();
  const outcome = search({ program, entry, bounds, promoted, ...(exhaustive ? { exhaustive: true as const } : {}) }, collection);
  const found = collection.witnesses().map((witness) => [witness.kind, ...[witness.at, ...(witness.other === undefined ? [] : [witness.other])].map(printLocation).sort()].join(' ')).sort();
  return { found, complete: outcome.stopped === undefined, promoted: new Set([...outcome.racing].filter((one) => !('op' in one))) };
}

function expectSame(program: Program, entry: FunctionId, body: string): void {
  const first = walk(program, entry, new Set(), false);
  // Whether objects of a pool come back is no matter of the order.
  const whole = walk(program, entry, new Set([...first.promoted].filter((one) => one === reuse)), true);
  if (!whole.complete) return;
  const reduced = first.promoted.size === 0 ? first : walk(program, entry, first.promoted, false);
  expect(reduced.found, body).toEqual(whole.found);
}

describe('the reduced walk finds what the whole walk finds', () => {
  for (const [topic, list] of Object.entries(programs)) {
    for (const small of list) {
      it(`${topic}: ${small.name}`, async () => {
        const { program, entry } = await lowerSmall(small);
        expectSame(program, entry, small.body);
      });
    }
  }
});

describe('the reduced walk finds what the whole walk finds, on programs nobody wrote', () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const body = randomProgram(seed);
    it(`seed ${seed}`, async () => {
      const { program, entry } = await lowerSmall({ name: '', verdict: '', above: 'func use(...any)', body });
      expectSame(program, entry, body);
    });
  }
});
