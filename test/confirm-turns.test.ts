import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { analyze, exploreFunctions, type Finding } from '../src/index.js';

const shelf = fileURLToPath(new URL('../fixtures/', import.meta.url));
const source = (file: string) => ({ path: file, text: readFileSync(join(shelf, file), 'utf8') });

/** Rules whose candidates are put to the explorer where tasks take turns, and what their scenario shows when it is run. */
const claims: Readonly<Record<string, string>> = {
  'check-then-act': 'stale-write', 'late-claim': 'stale-write', 'lost-update': 'stale-write', 'duplicate-fetch': 'stale-write',
  'double-lock': 'reentry', 'lock-order-cycle': 'lock-cycle', 'missing-unlock': 'kept-lock',
};
const asked = [...Object.keys(claims), 'missing-single-flight', 'stale-continuation', 'torn-state'];

/** Rules about comments: what they excuse is true. */
const aboutComments = ['invalid-suppression', 'unused-suppression'];

/** Candidates that no client can show: what comes later comes from code that is not there. */
const beyond: ReadonlySet<string> = new Set(['late-claim/bad.ts:14', 'stale-continuation/bad.ts:39']);

const hasSchedule = ({ evidence }: Finding): boolean => evidence.some(({ title }) => title.startsWith('one schedule'));

describe('what the fixtures of a rule show', () => {
  it.each(asked)('%s: a client shows each candidate', async (rule) => {
    const { findings } = await analyze([source(`${rule}/bad.ts`)]);
    const own = findings.filter((finding) => finding.rule === rule);
    expect(own.length).toBeGreaterThan(0);
    for (const finding of own) {
      const place = `${finding.at.file}:${finding.at.line}`;
      expect([place, hasSchedule(finding)]).toEqual([place, !beyond.has(place)]);
      if (!beyond.has(place)) expect(finding.confidence).toBe('high');
    }
  });

  // The same scenario runs under plain Node in scenarios.test.ts and ends in a broken state.
  it.each(Object.entries(claims))('%s: its scenario does it, as under Node (%s)', async (rule, kind) => {
    const { path, text } = source(`${rule}/bad.ts`);
    const found = await exploreFunctions([{ path, text }], path, ['scenario']);
    if ('reason' in found) throw new Error(found.reason);
    expect(found.exploration.events.map((event) => event.cause ?? event.kind)).toContain(kind);
  });
});

describe('what the mended twins show', () => {
  const mended = readdirSync(shelf, { withFileTypes: true }).filter((entry) => entry.isDirectory() && !aboutComments.includes(entry.name)).flatMap(({ name }) => readdirSync(join(shelf, name)).filter((file) => /^ok.*\.ts$/.test(file)).map((file) => `${name}/${file}`));
  it.each(mended)('%s: nothing is confirmed', async (file) => {
    const { exploration } = await analyze([source(file)]);
    expect(exploration.confirmed).toBe(0);
  });
});

describe('the witness of a crossing', () => {
  const story = async (text: string, rule: string): Promise<string | undefined> => {
    const { findings } = await analyze([{ path: 'a.ts', text }]);
    return findings.find((finding) => finding.rule === rule)?.evidence.map(({ title }) => title).find((title) => title.startsWith('one schedule: '));
  };

  it('reads as one would tell it', async () => {
    const text = 'export class Client {\n  private conn: Conn | undefined;\n  constructor(private dial: Dial) {}\n  async attach() {\n    if (!this.conn) this.conn = await this.dial();\n    return this.conn;\n  }\n}\n';
    expect(await story(text, 'missing-single-flight') ?? await story(text, 'check-then-act')).toBe('one schedule: call 1 stops at the await in Client.attach, call 2 sees this.conn still empty, and both write it');
  });

  it('is not there when the second call is kept out by what the analysis does not follow', async () => {
    const text = 'export class Client {\n  private conn: Conn | undefined;\n  private turn = 0;\n  constructor(private dial: Dial) {}\n  async attach() {\n    if (!this.conn) this.conn = await this.dial();\n    return this.conn;\n  }\n}\n';
    expect(await story(text.replace('async attach() {', 'async attach() {\n    if (this.turn++ > 0) return;'), 'missing-single-flight')).toBeUndefined();
  });
});
