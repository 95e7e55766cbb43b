import { describe, expect, it } from 'vitest';
import { toyFrontEnd, toyRules } from './toy.js';
import { check } from './want.js';

const frontEnds = [{ language: 'go', extensions: ['.go'], load: async () => toyFrontEnd }];

/** What the harness says about a program in the toy language, as a fixture of the rule toy-defect. */
async function problems(...lines: readonly string[]): Promise<readonly string[]> {
  return check({ name: 'toy', rule: 'toy-defect', sources: [{ path: 'a.go', text: lines.join('\n') }] }, { frontEnds, rules: toyRules });
}

describe('expectations in fixtures', () => {
  it.each([
    ['a finding that is wanted', 'defect a // want "toy-defect: a has"'],
    ['a finding with a step', 'defect a // want "toy-defect: a" // step "it happens"'],
    ['backquotes', 'defect a // want `toy-defect: a\\s+has`'],
    ['a note of another rule, unwanted', 'hazard a'],
    ['a note of another rule, wanted', 'hazard a // want "toy-hazard: a has a hazard"'],
    ['a known miss', 'clean a // todo want "toy-defect: a"'],
    ['a known missing step', 'clean a // todo step "it happens"'],
    ['prose', 'clean a // ok: nothing wanted here'],
  ])('hold: %s', async (_, ...lines) => {
    expect(await problems(...lines)).toEqual([]);
  });

  it.each([
    ['a finding that is not wanted', 'defect a', 'a.go:1: unexpected: toy-defect: a has a defect'],
    ['an error of another rule', 'doubt a', 'a.go:1: unexpected: toy-doubt: a has a doubt'],
    ['a wanted finding that is not there', 'clean a // want "toy-defect: a"', 'a.go:1: missing: toy-defect: a'],
    ['two where one is found', 'defect a // want "toy-defect: a" "toy-defect: a"', 'a.go:1: missing: toy-defect: a'],
    ['a miss that is none any more', 'defect a // todo want "toy-defect: a"', 'a.go:1: no longer missing, drop the todo: toy-defect: a'],
    ['a step that no evidence takes', 'clean a // step "it happens"', 'a.go:1: no evidence passes here: it happens'],
    ['a missing step that is taken now', 'hazard a // todo step "it happens"', 'a.go:1: no longer missing, drop the todo: step it happens'],
    ['an expectation without text', 'clean a // want toy-defect', 'a.go:1: cannot read the expectation: // want toy-defect'],
    ['an expectation with a broken text', 'clean a // want "toy-defect: ("', 'a.go:1: cannot read the expectation: // want "toy-defect: ("'],
    ['a summary nobody prints', 'clean a // want lockset:"a"', 'a.go:1: no analysis prints summaries by the name lockset'],
    ['what is not understood', '?', 'a.go:1: gap: cannot read this line'],
  ])('differ: %s', async (_, line, problem) => {
    expect(await problems(line)).toEqual([problem]);
  });

  it('differ: the text and the rule are both held', async () => {
    expect(await problems('defect a // want "toy-hazard: a"')).toEqual(['a.go:1: missing: toy-hazard: a', 'a.go:1: unexpected: toy-defect: a has a defect']);
    expect(await problems('defect a // want "toy-defect: b has"')).toHaveLength(2);
  });
});
