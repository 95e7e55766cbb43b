import type { Finding, Step } from '../src/findings/finding.js';
import type { Location } from '../src/ir/location.js';
import type { Report, RuleDescription } from '../src/report/index.js';

/** A race, a lock-order cycle and a note over two files: one of gofmt's kind, one with CRLF, tabs and wide characters. */
export const conn = `package p2p

// Send hands a packet to the stream of a topic.
func (c *Conn) Send(topic int, packet []byte) {
	stream := c.streams[topic]
	stream.queue <- packet
}

func (c *Conn) Open(topic int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.streams[topic] = newStream()
}
`;

export const peers = [
  'package p2p',
  '',
  'func (s *Server) Join(p *Peer) {',
  '\ts.room.Lock() // 部屋',
  '\ts.peers.Lock()',
  '\ts.names["日本"] = p; s.count[p.id]++',
  '\ts.peers.Unlock()',
  '\ts.room.Unlock()',
  '}',
  '',
  'func (s *Server) Leave(p *Peer) {',
  '\ts.peers.Lock()',
  '\tdefer s.peers.Unlock()',
  '\ts.room.Lock()',
  '\tdefer s.room.Unlock()',
  '}',
  '',
].join('\r\n');

const texts: Readonly<Record<string, string>> = { 'p2p/conn.go': conn, 'p2p/peer set.go': peers };

/** The range of the `nth` occurrence of `code` in a sample file. */
export function locate(file: string, code: string, nth = 1): Location {
  const text = texts[file]!;
  let index = -1;
  for (let seen = 0; seen < nth; seen += 1) {
    index = text.indexOf(code, index + 1);
    if (index < 0) throw new Error(`no ${nth}. ${code} in ${file}`);
  }
  const before = text.slice(0, index).split('\n');
  const line = before.length;
  const column = before.at(-1)!.length + 1;
  return { file, line, column, endLine: line, endColumn: column + code.length };
}

export function step(at: Location, enclosing: string, text: string, locks: readonly string[], more: Partial<Step> = {}): Step {
  return { at, function: enclosing, text, locks, ...more };
}

const rules: readonly RuleDescription[] = [
  {
    id: 'lock-order-cycle',
    family: 'deadlock',
    level: 'error',
    confidence: 'medium',
    title: 'locks are acquired in a cyclic order',
    explain: 'Two tasks that take the same locks in opposite orders\ncan each hold one and wait for the other.\n\nNeither ever goes on.',
    impact: 'Both tasks wait for ever, and so does everyone who needs one of the locks.',
    advice: 'Take the locks in one order everywhere.',
    misses: 'Locks reached only through an unknown callee.',
  },
  {
    id: 'unguarded-field',
    family: 'race',
    level: 'error',
    confidence: 'high',
    title: 'a field is accessed without the lock that guards it',
    explain: 'A field that is written under a lock in one place and touched without it in another is a data race.',
    impact: 'The reader sees a torn or stale value.',
    advice: 'Hold the lock at every access.',
    misses: 'Fields reached through reflection.',
  },
  {
    id: 'nested-lock',
    family: 'deadlock',
    level: 'note',
    confidence: 'high',
    title: 'a lock is taken while another is held',
    explain: 'Nested locks are safe only while everyone keeps to one order.',
    impact: 'The order is a contract that nothing checks.',
    advice: 'Write the order down beside the locks.',
    misses: 'Nothing that resolves.',
  },
];

const lockedRoom = step(locate('p2p/peer set.go', 's.room.Lock()'), 'Server.Join', 'locks s.room', [], { kind: 'acquire' });

const race: Finding = {
  rule: 'unguarded-field',
  family: 'race',
  level: 'error',
  confidence: 'high',
  message: '`c.streams` is read without a lock, but written under `c.mu`',
  at: locate('p2p/conn.go', 'c.streams[topic]'),
  function: 'Conn.Send',
  subject: 'example.com/p2p.Conn.streams',
  impact: 'Go stops the program when a map is written while it is read.',
  advice: 'Hold `c.mu` while `c.streams` is read.',
  evidence: [
    { title: 'unguarded read', steps: [step(locate('p2p/conn.go', 'c.streams[topic]'), 'Conn.Send', 'reads c.streams[_]', [], { kind: 'memory', essential: true })] },
    {
      title: 'guarded write',
      steps: [
        step(locate('p2p/conn.go', 'c.mu.Lock()'), 'Conn.Open', 'locks c.mu', [], { kind: 'acquire' }),
        step(locate('p2p/conn.go', 'c.streams[topic]', 2), 'Conn.Open', 'writes c.streams[_]', ['c.mu'], { kind: 'memory', essential: true }),
      ],
    },
  ],
  fingerprint: '9c4e0f2a51d77b63',
};

const cycle: Finding = {
  rule: 'lock-order-cycle',
  family: 'deadlock',
  level: 'warning',
  confidence: 'medium',
  message: 'locks in a circle: Server.room -> Server.peers -> Server.room',
  at: locate('p2p/peer set.go', 's.peers.Lock()'),
  function: 'Server.Join',
  subject: 'Server.peers > Server.room',
  impact: 'Two tasks can each hold one lock and wait for the other.',
  advice: 'Take `Server.room` before `Server.peers` everywhere.',
  evidence: [
    { title: 'a caller of Server.Join', steps: [{ ...lockedRoom, essential: true }, step(locate('p2p/peer set.go', 's.peers.Lock()'), 'Server.Join', 'waits for s.peers', ['s.room'], { kind: 'acquire', essential: true })] },
    {
      title: 'a caller of Server.Leave',
      steps: [
        step(locate('p2p/peer set.go', 's.peers.Lock()', 2), 'Server.Leave', 'locks s.peers', [], { kind: 'acquire', essential: true }),
        step(locate('p2p/peer set.go', 's.room.Lock()', 2), 'Server.Leave', 'waits for s.room', ['s.peers'], { kind: 'acquire', essential: true }),
      ],
    },
  ],
  fingerprint: '51d77b639c4e0f2a',
};

const note: Finding = {
  rule: 'nested-lock',
  family: 'deadlock',
  level: 'note',
  confidence: 'high',
  message: '`s.count` is touched two locks deep',
  at: locate('p2p/peer set.go', 's.count[p.id]++'),
  function: 'Server.Join',
  subject: 'Server.count',
  evidence: [{ title: 'Server.Join', steps: [lockedRoom, step(locate('p2p/peer set.go', 's.count[p.id]++'), 'Server.Join', 'increments s.count[_]', ['s.room', 's.peers'], { kind: 'memory', essential: true })] }],
  fingerprint: '0f2a51d77b639c4e',
};

export const sample: Report = {
  tool: { name: 'deadheat', version: '0.1.0' },
  summary: {
    files: 3,
    lines: 1204,
    functions: 5,
    findings: { error: 1, warning: 1, note: 1 },
    suppressed: 1,
    gaps: 1,
    coverage: { lockOperations: { resolved: 98, total: 99 }, calls: { resolved: 40, total: 50 } },
    durationMs: 12,
  },
  findings: [race, cycle, note],
  gaps: [{ at: { file: 'p2p/broken.go', line: 7, column: 3, endLine: 7, endColumn: 9 }, reason: 'syntax error' }],
  rules,
  sources: (file) => texts[file],
  exitCode: 1,
};

/** The sample with one finding of the given parts, for one odd thing at a time. */
export function reportOf(parts: Partial<Finding>, sources: Readonly<Record<string, string>> = texts): Report {
  return { ...sample, findings: [{ ...note, ...parts }], gaps: [], summary: { ...sample.summary, gaps: 0, suppressed: 0, findings: { error: 0, warning: 0, note: 1 } }, sources: (file) => sources[file] };
}

export const clean: Report = { ...sample, findings: [], gaps: [], exitCode: 0, summary: { ...sample.summary, findings: { error: 0, warning: 0, note: 0 }, suppressed: 0, gaps: 0 } };
