import { dirname, join } from 'node:path';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { main } from '../src/cli/main.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Asks about the first line of a fixture that holds this text. */
async function whyNot(fixture: string, text: string): Promise<{ code: number; out: string; err: string }> {
  const line = readFileSync(join(root, 'fixtures', fixture), 'utf8').split('\n').findIndex((one) => one.includes(text)) + 1;
  return ask(`fixtures/${fixture}:${line}`);
}

async function ask(place: string): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const code = await main(['why-not', place, '--quiet'], { stdout: { write: (written) => (out += written) }, stderr: { write: (written) => (err += written) }, cwd: root, env: {} });
  return { code, out, err };
}

describe('why-not', () => {
  it('says that the lock is another instance', async () => {
    const { code, out } = await whyNot('double-lock/ok-alias.go', 'guest.leave()');
    expect(code).toBe(0);
    expect(out).toContain('another instance, as far as is known: guest.hive.mu is taken');
  });

  it('says that the callee gives the lock back first', async () => {
    expect((await whyNot('double-lock/ok-window.go', 'g.publish(slow)')).out).toContain('unlock window');
  });

  it('says that the guard is held', async () => {
    expect((await whyNot('double-lock/ok-alias.go', 'range h.peers')).out).toContain('guarded: Hive.mu is held here');
  });

  it('says that a lock is given back on every way', async () => {
    expect((await whyNot('double-lock/ok-alias.go', 'h.mu.Lock()')).out).toContain('balanced');
  });

  it('says what lowers the confidence of a race', async () => {
    expect((await whyNot('unguarded-field/bad-early.go', 'c.size = size')).out).toContain('kept back at low confidence: a race with line 21 in Cache.Put is possible, but one side is start-up code');
  });

  it.each([
    ['captured-variable/ok.go', 'the close comes before', 'shared with the task that line 63 starts: every way from the start to the other side waits'],
    ['captured-variable/ok.go', 'set before the go statement', 'the other side is over when the task starts'],
    ['captured-variable/ok.go', 'under the same lock', 'both sides hold one lock (line 159 in CountLocksOnBothSides.func1)'],
    ['captured-variable/ok.go', 'from then on the loop is closing', 'the flags of the function that starts it allow no way'],
    ['captured-variable/ok.go', 'has its own element', 'no other access of this part of it conflicts'],
    ['captured-variable/ok.go', 'atomic on both sides', 'atomic: a word that is never used in another way'],
    ['captured-variable/ok-groups.go', 'report(total)', 'the other side waits by itself'],
    ['captured-variable/ok-groups.go', 'return value // ok', 'local: no task shares value'],
  ])('says what keeps a captured variable apart from a task: %s, %s', async (fixture, text, why) => {
    expect((await whyNot(fixture, text)).out).toContain(why);
  });

  it('says nothing is in order where a captured variable races', async () => {
    const { out } = await whyNot('captured-variable/bad.go', 'want "captured-variable: err');
    expect(out).toContain('reported:');
    expect(out).toContain('told of as a race of lines 36 and 41');
  });

  it.each([
    ['check-then-act/ok.go', 'looked again', 'not out of date with what line 43 found: it is looked at once more in the section that writes it'],
    ['check-then-act/ok.go', 'adds to what is there now', 'it is changed in place'],
    ['check-then-act/ok.go', 'low := b.left', 'line 36 writes it later, and is not out of date'],
    ['check-then-act/ok.go', 'the same for everybody', 'two that do it one after the other do no harm'],
    ['check-then-act/ok.go', 'not yet shared', 'not out of date with what line 108 found: the object was made here'],
    ['split-atomic-update/ok.go', 'writers hold the lock', 'a lock is held around the write'],
  ])('says why a second section or step is not out of date with the first: %s, %s', async (fixture, text, why) => {
    expect((await whyNot(fixture, text)).out).toContain(why);
  });

  it('says nothing of the kind where the act rests on an old look', async () => {
    const { out } = await whyNot('check-then-act/bad.go', 'want "check-then-act');
    expect(out).toContain('check-then-act (medium confidence)');
    expect(out).not.toContain('out of date');
  });

  it.each([
    ['unguarded-field/bad-kept-back.go', 'z.serial++', 'nobody is seen to come there at a time of their own'],
    ['unguarded-field/bad-kept-back.go', 'stream.suffix = suffix', 'given to other tasks only, so far'],
    ['unguarded-field/bad-kept-back.go', 'return stats.hits', 'nobody is seen to come there at a time of their own'],
    ['unguarded-field/bad-started.go', 'time.NewTicker', 'or who leads to it, receives from it before'],
  ])('says what keeps a race back at low confidence: %s, %s', async (fixture, text, why) => {
    const { out } = await whyNot(fixture, text);
    expect(out).toContain('kept back at low confidence');
    expect(out).toContain(why);
  });

  it('shows what is reported there after all', async () => {
    const { out } = await whyNot('double-lock/bad-contract.go', 'b.Commit()');
    expect(out).toContain('reported:');
    expect(out).toContain('double-lock');
  });

  it('says when a line does nothing of the kind', async () => {
    expect((await ask('fixtures/double-lock/ok-alias.go:1')).out).toContain('nothing here touches shared memory');
  });

  it('refuses what is no line of an analysed file', async () => {
    expect((await ask('fixtures/double-lock/absent.go:3')).code).toBe(2);
    expect((await ask('fixtures/double-lock/ok-alias.go')).code).toBe(2);
  });
});
