import { describe, expect, it } from 'vitest';
import { analyze, type AnalyzeOptions } from '../src/index.js';
import { readDirective } from '../src/models/directives.js';

/** A method that locks twice; `at` is the line of the call, `above` the line over it, `doc` over the function, `head` over the package. */
function relay({ head = '', doc = '', above = '', at = '', after = '' }: Partial<Record<'head' | 'doc' | 'above' | 'at' | 'after', string>>): string {
  return `${head}package relay

import "sync"

type Relay struct {
	mu    sync.Mutex
	peers map[string]int
}

${doc}func (r *Relay) Add(peer string) {
	r.mu.Lock()
	defer r.mu.Unlock()
${above}	r.count(
		peer,
	)${at}
}

${after}func (r *Relay) count(peer string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.peers[peer]++
}
`;
}

async function run(text: string, options: AnalyzeOptions = {}) {
  const { findings, suppressed } = await analyze([{ path: 'relay.go', text }], options);
  return { found: findings.map(({ rule }) => rule), suppressed: suppressed.map(({ finding, by }) => `${finding.rule}: ${by.reason ?? ''}`) };
}

describe('a suppression', () => {
  it('is needed at all', async () => {
    expect(await run(relay({}))).toEqual({ found: ['double-lock'], suppressed: [] });
  });

  it.each([
    ['behind the statement, whose lines a formatter may spread', { at: ' //deadheat:ignore double-lock -- dead code' }],
    ['above the statement', { above: '\t//deadheat:ignore double-lock -- dead code\n' }],
    ['above, with other comments and an empty line between', { above: '\t//deadheat:ignore double-lock -- dead code\n\n\t// Counts.\n' }],
    ['as a block comment', { above: '\t/* deadheat:ignore double-lock -- dead code */\n' }],
    ['above the function, within its documentation', { doc: '// Add counts.\n//\n//deadheat:ignore double-lock -- dead code\n// Twice.\n' }],
    ['above the package', { head: '//deadheat:ignore double-lock -- dead code\n' }],
    ['for the file, wherever', { after: '//deadheat:ignore-file double-lock -- dead code\n\n' }],
    ['by family', { at: ' // deadheat:ignore deadlock -- dead code' }],
    ['among others, until a day', { at: ' //deadheat:ignore double-lock,deadlock -- dead code [until=2030-01-31]' }],
    ['at a deciding place of the other side', { }],
  ])('holds %s', async (where, parts) => {
    const text = where.startsWith('at a deciding') ? relay({}).replace(/(func \(r \*Relay\) count[^]*?r\.mu\.Lock\(\))/, '$1 //deadheat:ignore double-lock -- dead code') : relay(parts);
    expect(await run(text, { today: '2030-01-31' })).toEqual({ found: [], suppressed: ['double-lock: dead code'] });
  });

  it.each([
    ['without a reason', { at: ' //deadheat:ignore double-lock' }, ['double-lock', 'invalid-suppression']],
    ['of no rule', { at: ' //deadheat:ignore -- because' }, ['double-lock', 'invalid-suppression']],
    ['of an unknown rule', { at: ' //deadheat:ignore double-lok -- because' }, ['double-lock', 'invalid-suppression']],
    ['of another rule', { at: ' //deadheat:ignore missing-unlock -- because' }, ['double-lock', 'unused-suppression']],
    ['whose day has passed', { at: ' //deadheat:ignore double-lock -- because until=2030-01-30' }, ['double-lock', 'invalid-suppression']],
    ['with a day that is none', { at: ' //deadheat:ignore double-lock -- because until=2030-02-31' }, ['double-lock', 'invalid-suppression']],
    ['with a word for ignore we do not have', { at: ' //deadheat:ignroe double-lock -- because' }, ['double-lock', 'invalid-suppression']],
    ['above the wrong function', { after: '//deadheat:ignore race -- because\n' }, ['double-lock', 'unused-suppression']],
    ['in a string', { at: '\n\tprintln("//deadheat:ignore double-lock -- no")' }, ['double-lock']],
  ])('does not hold %s, and says so', async (_, parts, expected) => {
    const { found, suppressed } = await run(relay(parts), { today: '2030-01-31' });
    expect({ found: found.sort(), suppressed }).toEqual({ found: expected, suppressed: [] });
  });

  it('is not called unused when its rule was not asked', async () => {
    const { rules } = await import('../src/index.js');
    const others = rules.filter(({ id }) => id !== 'double-lock');
    expect(await run(relay({ at: ' //deadheat:ignore double-lock -- dead code' }), { rules: others })).toEqual({ found: [], suppressed: [] });
  });

  it('at a field speaks of all that happens to it', async () => {
    const text = (comment: string) => `package relay

import "sync"

type Relay struct {
	mu   sync.Mutex
	hits int${comment}
}

func (r *Relay) Serve() {
	for range 3 {
		go func() { r.hits++ }()
	}
	r.mu.Lock()
	r.hits = 0
	r.mu.Unlock()
}
`;
    expect((await run(text(''))).found.length).toBeGreaterThan(0);
    const { found, suppressed } = await run(text(' //deadheat:ignore race -- a rough count will do'));
    expect(found).toEqual([]);
    expect(suppressed[0]).toContain('a rough count will do');
  });

  it('survives CRLF', async () => {
    expect(await run(relay({ above: '\t//deadheat:ignore double-lock -- dead code\n' }).replaceAll('\n', '\r\n'))).toEqual({ found: [], suppressed: ['double-lock: dead code'] });
  });
});

describe('directives of other tools count for the same defect', () => {
  it.each([
    ['//nolint', true], ['//nolint:all', true], ['// nolint: deadheat', true], ['//nolint:deadheat // dead code', true], ['//nolint:double-lock,errcheck', true], ['//nolint:GCL1011 // dead code', true],
    ['//nolint:errcheck // returns nothing', false], ['//lint:ignore GCL1011 dead code', true], ['//lint:ignore SA1019 deprecated', false], ['// goconcurrencylint:ignore GCL1011 dead code', true],
    ['//revive:disable-line:double-lock', true], ['// nosemgrep: go.lang.double-lock', true], ['// nosemgrep', true], ['// NOSONAR dead code', true], ['// #nosec G118 -- no context', false], ['// nolintlint is a linter', false],
  ])('%s: %s', async (comment, expected) => {
    expect(await run(relay({ at: ` ${comment}` }))).toMatchObject({ found: expected ? [] : ['double-lock'] });
  });

  it.each([
    ['//lint:file-ignore GCL1011 dead code\n\n', 'head'], ['//nolint:GCL1011\n', 'head'], ['//nolint:GCL1011\n', 'doc'], ['\t//revive:disable-next-line:GCL1011\n', 'above'], ['\t//revive:disable:GCL1011\n', 'above'],
  ])('%j in %s', async (comment, where) => {
    expect(await run(relay({ [where]: comment }))).toMatchObject({ found: [] });
  });

  it('end where they say', async () => {
    expect(await run(relay({ doc: '//revive:disable:GCL1011\n//revive:enable:GCL1011\n' }))).toMatchObject({ found: ['double-lock'] });
  });
});

describe('comments are read as they are meant', () => {
  it.each([
    ['// see deadheat: it found this', undefined],
    ['//deadheat:ignore a, b --  why not ', { form: 'here', names: ['a', 'b'], reason: 'why not' }],
    ['//deadheat:ignore a -- why // and more', { names: ['a'], reason: 'why' }],
    ['// eslint-disable-next-line require-atomic-updates -- single flight', { form: 'next line', names: ['require-atomic-updates'], reason: 'single flight' }],
    ['/* eslint-disable no-floating-promises */', { form: 'range', names: ['no-floating-promises'] }],
    ['// biome-ignore lint/suspicious/noMisusedPromises: on purpose', { form: 'here', names: ['noMisusedPromises'], reason: 'on purpose' }],
    ['//gosec:disable G118 -- why', { names: ['G118'], reason: 'why' }],
    ['// +checklocksignore', { names: ['checklocks'] }],
  ])('%s', (comment, expected) => {
    if (expected === undefined) expect(readDirective(comment)).toBeUndefined();
    else expect(readDirective(comment)).toMatchObject(expected);
  });
});
