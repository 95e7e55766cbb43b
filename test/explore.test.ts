import { describe, expect, it } from 'vitest';
import { explore, type Verdict } from '../src/explore/index.js';
import { lowerSmall } from './explore-lower.js';
import { programs } from './explore-programs.js';

/** The kinds of bug found, or how the search ended without one. */
function summary(verdict: Verdict): string {
  return verdict.events.length === 0 ? verdict.outcome : [...new Set(verdict.events.map((event) => event.kind))].sort().join(' ');
}

for (const [topic, list] of Object.entries(programs)) {
  describe(topic, () => {
    for (const small of list) {
      it(small.name, async () => {
        const { program, entry } = await lowerSmall(small);
        expect(summary(explore(program, entry))).toBe(small.verdict);
      });
    }
  });
}
