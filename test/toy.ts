import type { FunctionId, Program, Type } from '../src/ir/index.js';
import type { FrontEnd, Source } from '../src/index.js';
import { defineRule } from '../src/rules/rule.js';

/**
 * A language for tests of what lies around the analyses: a file is a list of lines. `defect <name>` is a function
 * with a defect in it, `hazard <name>` one with a note, `doubt <name>` one of low confidence, `?` a line nobody
 * understands. A defect named `trap` crashes its rule, a file that starts with `crash` the front-end.
 */
export const toyFrontEnd: FrontEnd = {
  language: 'go',
  extensions: ['.go'],
  lower: async (sources) => {
    const functions = sources.flatMap((source) => lines(source).filter(({ word }) => word in kinds).map(({ word, name, at }) => ({
      id: `${source.path}.${name}` as FunctionId, name: name!, module: 'toy', params: [], results: [] as Type[], namedResults: [], at, extent: at,
      doc: word, blocks: [], exported: true, generated: source.text.startsWith('generated'), test: source.path.endsWith('_test.go'),
    })));
    if (sources.some(({ text }) => text.startsWith('crash'))) throw new Error('toy front-end crashed');
    const program: Program = {
      language: 'go', scheduling: 'preemptive', functions: new Map(functions.map((fn) => [fn.id, fn])), records: new Map(), globals: [], remarks: [],
      coverage: { lockOperations: { resolved: 1, total: 2 }, calls: { resolved: 3, total: 3 } },
    };
    return {
      program,
      gaps: sources.flatMap((source) => lines(source).filter(({ word }) => word === '?').map(({ at }) => ({ at, reason: 'cannot read this line' }))),
      lines: sources.reduce((sum, { text }) => sum + text.split('\n').length - 1, 0),
    };
  },
};

export const toyRules = Object.entries({ defect: 'error', hazard: 'note', doubt: 'warning' } as const).map(([word, level]) => defineRule({
  id: `toy-${word}`,
  family: word === 'hazard' ? 'deadlock' : 'race',
  level,
  confidence: word === 'doubt' ? 'low' : 'high',
  languages: ['go'],
  title: `a ${word} is there`,
  explain: `A ${word} is a ${word}.`,
  impact: 'It hurts.',
  advice: 'Take it out.',
  misses: 'Everything else.',
  *check(program) {
    for (const fn of program.functions.values()) {
      if (fn.doc !== word) continue;
      if (fn.name === 'trap') throw new Error('toy rule crashed');
      yield { at: fn.at, function: fn.name, message: `${fn.name} has a ${word}`, subject: fn.name, evidence: [{ title: 'Task 1', steps: [{ at: fn.at, function: fn.name, text: 'it happens here', locks: [], essential: true }] }] };
    }
  },
}));

const kinds: Readonly<Record<string, true>> = { defect: true, hazard: true, doubt: true, clean: true };

function lines({ path, text }: Source) {
  return text.split('\n').map((content, index) => {
    const [word, name] = content.split(' ') as [string, string | undefined];
    return { word, name, at: { file: path, line: index + 1, column: 1, endLine: index + 1, endColumn: content.length + 1 } };
  });
}
