import { describe, expect, it } from 'vitest';
import { analyze, type UserModels } from '../src/index.js';

const files = {
  'go.mod': 'module example.com/relay\n\ngo 1.24\n',
  'relay.go': `package relay

import (
	"example.com/other/pool"
	"example.com/other/spin"
)

type stats struct{ last string }

func (s *stats) add(name string) { s.last = name }

type Relay struct {
	mu    spin.Lock
	peers map[string]int
}

func (r *Relay) Size() int {
	r.mu.Enter()
	defer r.mu.Leave()
	r.log()
	return len(r.peers)
}

func (r *Relay) log() {
	r.mu.Enter()
	defer r.mu.Leave()
}

func (r *Relay) Close() {
	r.mu.Enter()
	if len(r.peers) > 0 {
		die("peers left")
	}
	r.mu.Leave()
}

func die(message string) { panicLater(message) }

func panicLater(string) {}

func take(mu *spin.Lock) { mu.Enter() }

func give(mu *spin.Lock) { mu.Leave() }

func (r *Relay) Forgets() {
	take(&r.mu)
	if len(r.peers) == 0 {
		return
	}
	give(&r.mu)
}

func Serve() {
	st := &stats{}
	pool.Submit(func() { st.add("a") })
	st.add("b")
}
`,
};

async function found(models?: UserModels): Promise<string[]> {
  const surroundings = { read: (path: string) => (files as Record<string, string>)[path], list: () => Object.keys(files) };
  const { findings, failures } = await analyze([{ path: 'relay.go', text: files['relay.go'] }], { surroundings, ...(models && { models }) });
  expect(failures).toEqual([]);
  return findings.map(({ rule, function: name }) => `${rule} in ${name}`);
}

const spin = { type: 'example.com/other/spin.Lock', lock: ['Enter'], unlock: ['Leave'] };

describe('what users say of their own code reaches the analyses', () => {
  it('and unknown is silent without it', async () => {
    expect(await found()).toEqual([]);
  });

  it('a lock of their own', async () => {
    expect(await found({ locks: [spin] })).toContain('double-lock in Relay.Size');
  });

  it('functions that take and give back a lock, even with their bodies at hand', async () => {
    const taking = { function: 'example.com/relay.take', lock: 0 };
    expect(await found({ acquires: [taking], releases: [{ function: 'example.com/relay.give', lock: 0 }] })).toEqual(['missing-unlock in Relay.Forgets']);
  });

  it('a pool that starts what it is given', async () => {
    const spawners = [{ function: 'example.com/other/pool.Submit', callee: 0 }];
    expect(await found({ spawners })).toEqual(['unguarded-field in stats.add']);
    expect(await found({ spawners, threadSafe: ['example.com/relay.stats'] })).toEqual([]);
  });

  it('calls that block', async () => {
    expect(await found({ locks: [spin], blocking: [{ function: 'example.com/relay.panicLater', reason: 'waits for the disk' }] })).toContain('blocking-under-lock in Relay.Close');
  });

  it('functions that end the program', async () => {
    expect(await found({ locks: [spin], blocking: [{ function: 'example.com/relay.panicLater' }], noReturn: ['example.com/relay.die'] })).not.toContain('blocking-under-lock in Relay.Close');
  });
});

describe('the same for TypeScript', () => {
  const text = `import { Gate } from 'gatekeeper';
import { fanOut } from 'pool-party';

export class Upstream {
  private readonly gate = new Gate();
  private conn: number | undefined;

  constructor(private readonly dial: () => Promise<number>) {}

  async get(): Promise<number> {
    await this.gate.enter();
    try {
      if (!this.conn) {
        this.conn = await this.dial();
      }
      return this.conn;
    } finally {
      this.gate.leave();
    }
  }

  async both(): Promise<number> {
    await this.gate.enter();
    const conn = await this.get();
    this.gate.leave();
    return conn;
  }
}

fanOut(() => undefined);
`;
  const rules = async (models?: UserModels) => (await analyze([{ path: 'upstream.ts', text }], models && { models })).findings.map(({ rule, function: name }) => `${rule} in ${name}`);

  it('a lock of a package that nobody knows', async () => {
    expect(await rules()).toEqual(['check-then-act in Upstream.get']);
    expect(await rules({ locks: [{ type: 'gatekeeper.Gate', lock: ['enter'], unlock: ['leave'] }] })).toEqual(['missing-unlock in Upstream.both', 'double-lock in Upstream.both']);
  });
});
