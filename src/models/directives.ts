/** A comment that speaks to tools, as it is written; where it stands decides what it speaks of. */
export interface WrittenDirective {
  /** Where it holds: what it stands at or above, its own line, the line below, the file, or from here to `ends`. */
  readonly form: 'here' | 'line' | 'next line' | 'file' | 'range';
  readonly names: readonly string[];
  readonly ours: boolean;
  readonly reason?: string;
  readonly until?: string;
  readonly problem?: string;
  /** The comment that ends a range, after its markers. */
  readonly ends?: RegExp;
}

/** Asked of a whole file first: most files speak to no tool. It stands in every comment that begins or ends something. */
export const mentionsDirective = /deadheat:|nolint|lint:(?:file-)?ignore|#nosec|gosec:disable|\+checklocks(?:ignore|force)|goconcurrencylint:ignore|revive:(?:dis|en)able|nosemgrep|NOSONAR|(?:eslint|oxlint)-(?:dis|en)able|biome-ignore/;

/** Nobody tells a tool more in one comment; patterns for endings would try each space of a longer one. */
const longest = 4_000;

/** Reads a comment with its markers; undefined when it speaks to no tool we know. */
export function readDirective(comment: string): WrittenDirective | undefined {
  if (comment.length > longest) return /^(?:\/\/|\/\*)\s{0,9}deadheat:ignore/.test(comment) ? { form: 'here', names: [], ours: true, problem: `it is longer than ${longest} characters; ${usage}` } : undefined;
  const text = comment.replace(/^\/\/|^\/\*|\*\/$/g, '').trim();
  // A second comment on the line is not part of the first one's reason.
  if (text.startsWith('deadheat:')) return ownForm(text.slice('deadheat:'.length).replace(/\s\/\/\s[^]*$/, ''));
  for (const { pattern, read } of peers) {
    const match = pattern.exec(text);
    if (match) return { ours: false, ...read(match) };
  }
  return undefined;
}

const usage = 'write it as deadheat:ignore <rule>[,<rule>] -- reason [until=YYYY-MM-DD]';

function ownForm(text: string): WrittenDirective | undefined {
  const [, verb, rest] = /^(\S*)\s*([^]*)$/.exec(text) as unknown as [string, string, string];
  const form = verb === 'ignore-file' ? 'file' : 'here';
  // Words after a name and a colon may be prose about the tool; only what looks like a verb is held against the list.
  if (verb !== 'ignore' && verb !== 'ignore-file') return /^[a-z-]+$/.test(verb) ? { form, names: [], ours: true, problem: `there is no deadheat:${verb}; ${usage}` } : undefined;
  const split = /(?:^|\s)--(?:\s|$)/.exec(rest);
  const named = split ? rest.slice(0, split.index) : rest;
  const names = named.split(/[\s,]+/).filter((name) => name !== '');
  const because = split ? rest.slice(split.index + split[0].length).trim() : '';
  const expiry = /(?:^|\s)\[?until=(\S*?)\]?$/.exec(because);
  const reason = expiry ? because.slice(0, expiry.index).trim() : because;
  const base = { form, names, ours: true } as const;
  if (names.length === 0) return { ...base, problem: `it names no rule; ${usage}` };
  if (reason === '') return { ...base, problem: `it gives no reason; ${usage}` };
  if (expiry && !isDay(expiry[1]!)) return { ...base, reason, problem: `until=${expiry[1]!} is no day; ${usage}` };
  return { ...base, reason, ...(expiry && { until: expiry[1]! }) };
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

interface Peer {
  readonly pattern: RegExp;
  readonly read: (match: RegExpExecArray) => Omit<WrittenDirective, 'ours'>;
}

const split = (names: string | undefined): readonly string[] => (names ?? '').split(/[\s,]+/).filter((name) => name !== '');
const because = (reason: string | undefined) => (reason === undefined || reason.trim() === '' ? {} : { reason: reason.trim() });

/** How other tools of the two languages are told to leave something alone. */
const peers: readonly Peer[] = [
  { pattern: /^nolint(?::\s*([\w.,-]+))?(?:\s+\/\/\s*(.*)|\s+[^]*)?$/, read: ([, names, why]) => ({ form: 'here', names: split(names).filter((name) => name !== 'all'), ...because(why) }) },
  { pattern: /^lint:ignore\s+(\S+)\s+(.+)$/, read: ([, names, why]) => ({ form: 'here', names: split(names), ...because(why) }) },
  { pattern: /^lint:file-ignore\s+(\S+)\s+(.+)$/, read: ([, names, why]) => ({ form: 'file', names: split(names), ...because(why) }) },
  { pattern: /^#nosec\b((?:\s+G\d+,?)*)(?:\s*--\s*(.*))?/, read: ([, names, why]) => ({ form: 'here', names: split(names).length === 0 ? ['G*'] : split(names), ...because(why) }) },
  { pattern: /^gosec:disable\b((?:\s+G\d+,?)*)(?:\s*--\s*(.*))?/, read: ([, names, why]) => ({ form: 'here', names: split(names).length === 0 ? ['G*'] : split(names), ...because(why) }) },
  { pattern: /^\+checklocks(?:ignore|force)\b/, read: () => ({ form: 'here', names: ['checklocks'] }) },
  { pattern: /^goconcurrencylint:ignore\s+(GCL\d+(?:\s*,\s*GCL\d+)*)\s*(.*)$/, read: ([, names, why]) => ({ form: 'line', names: split(names), ...because(why) }) },
  { pattern: /^revive:disable-next-line:(\S+)\s*(.*)$/, read: ([, name, why]) => ({ form: 'next line', names: split(name), ...because(why) }) },
  { pattern: /^revive:disable-line:(\S+)\s*(.*)$/, read: ([, name, why]) => ({ form: 'line', names: split(name), ...because(why) }) },
  { pattern: /^revive:disable:(\S+)\s*(.*)$/, read: ([, name, why]) => ({ form: 'range', names: split(name), ends: /^revive:enable\b/, ...because(why) }) },
  { pattern: /^nosemgrep(?::\s*([\w.,\s-]+))?$/, read: ([, names]) => ({ form: 'line', names: split(names).map((name) => name.slice(name.lastIndexOf('.') + 1)) }) },
  { pattern: /^NOSONAR\b\s*(.*)$/, read: ([, why]) => ({ form: 'line', names: [], ...because(why) }) },
  { pattern: /^(?:eslint|oxlint)-disable-next-line\s+([^]*?)(?:\s+--\s*([^]*))?$/, read: ([, names, why]) => ({ form: 'next line', names: split(names), ...because(why) }) },
  { pattern: /^(?:eslint|oxlint)-disable-line\s+([^]*?)(?:\s+--\s*([^]*))?$/, read: ([, names, why]) => ({ form: 'line', names: split(names), ...because(why) }) },
  { pattern: /^(?:eslint|oxlint)-disable\s+([^]*?)(?:\s+--\s*([^]*))?$/, read: ([, names, why]) => ({ form: 'range', names: split(names), ends: /^(?:eslint|oxlint)-enable\b/, ...because(why) }) },
  { pattern: /^biome-ignore\s+lint(?:\/\w+\/(\w+))?:\s*(.+)$/, read: ([, name, why]) => ({ form: 'here', names: split(name), ...because(why) }) },
];
