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
