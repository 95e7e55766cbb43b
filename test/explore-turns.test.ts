import { describe, expect, it } from 'vitest';
import { explore, type Verdict } from '../src/explore/index.js';
import { search } from '../src/explore/search.js';
import { defaultBounds } from '../src/explore/verdict.js';
import { newCollection } from '../src/explore/witness.js';
import { printLocation, type FunctionId, type Program } from '../src/ir/index.js';
import { tsFrontEnd } from '../src/parsers/ts/index.js';
import type { SmallProgram } from './explore-programs.js';
import { turnPrograms } from './explore-turn-programs.js';

async function lowered(small: SmallProgram): Promise<{ readonly program: Program; readonly entry: FunctionId }> {
  const text = `${small.above ?? ''}\nexport async function subject() {\n  ${small.body}\n}\n`;
  const { program } = await tsFrontEnd.lower([{ path: 'subject.ts', text }], { read: () => undefined, list: () => [] });
  return { program, entry: [...program.functions.values()].find((fn) => fn.name === 'subject')!.id };
}

function summary(verdict: Verdict): string {
  return verdict.events.length === 0 ? verdict.outcome : [...new Set(verdict.events.map((event) => event.kind))].sort().join(' ');
}

for (const [topic, list] of Object.entries(turnPrograms)) {
  describe(topic, () => {
    for (const small of list) {
      it(small.name, async () => {
        const { program, entry } = await lowered(small);
        const verdict = explore(program, entry);
        expect(summary(verdict), verdict.reason).toBe(small.verdict);
      });
    }
  });
}

describe('sleeping tasks hide nothing', () => {
  const walk = (program: Program, entry: FunctionId, exhaustive: boolean): readonly string[] => {
    const collection = newCollection();
    const outcome = search({ program, entry, bounds: { ...defaultBounds, schedules: 20_000, steps: 1_000_000 }, promoted: new Set(), ...(exhaustive ? { exhaustive: true as const } : {}) }, collection);
    expect(outcome.stopped).toBeUndefined();
    return collection.witnesses().map((witness) => [witness.kind, printLocation(witness.at), witness.other === undefined ? '' : printLocation(witness.other)].join(' ')).sort();
  };
  for (const [topic, list] of Object.entries(turnPrograms)) {
    for (const small of list) {
      it(`${topic}: ${small.name}`, async () => {
        const { program, entry } = await lowered(small);
        expect(walk(program, entry, false)).toEqual(walk(program, entry, true));
      });
    }
  }
});
