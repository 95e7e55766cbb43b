import { describe, expect, it } from 'vitest';
import { search } from '../src/explore/search.js';
import { defaultBounds } from '../src/explore/verdict.js';
import { newCollection } from '../src/explore/witness.js';
import { printLocation, type FunctionId, type Program } from '../src/ir/index.js';
import { lowerSmall } from './explore-lower.js';
import { programs } from './explore-programs.js';
import { randomProgram } from './explore-random.js';

const bounds = { ...defaultBounds, schedules: 3000, steps: 400_000 };

/** What one walk finds, or undefined when it did not come to its end. */
function found(program: Program, entry: FunctionId, exhaustive: boolean): readonly string[] | undefined {
  const collection = newCollection();
  const outcome = search({ program, entry, bounds, promoted: new Set(), ...(exhaustive ? { exhaustive: true as const } : {}) }, collection);
  if (outcome.stopped !== undefined) return undefined;
  return collection.witnesses().map((witness) => [witness.kind, ...[witness.at, ...(witness.other === undefined ? [] : [witness.other])].map(printLocation).sort()].join(' ')).sort();
}

describe('the reduced walk finds what the whole walk finds', () => {
  for (const [topic, list] of Object.entries(programs)) {
    for (const small of list) {
      it(`${topic}: ${small.name}`, async () => {
        const { program, entry } = await lowerSmall(small);
        const whole = found(program, entry, true);
        if (whole === undefined) return;
        expect(found(program, entry, false)).toEqual(whole);
      });
    }
  }
});

describe('the reduced walk finds what the whole walk finds, on programs nobody wrote', () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const body = randomProgram(seed);
    it(`seed ${seed}`, async () => {
      const { program, entry } = await lowerSmall({ name: '', verdict: '', above: 'func use(...any)', body });
      const whole = found(program, entry, true);
      if (whole === undefined) return;
      expect(found(program, entry, false), body).toEqual(whole);
    });
  }
});
