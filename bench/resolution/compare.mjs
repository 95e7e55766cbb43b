/**
 * Holds Deadheat's facts against those of go/types. Wrong is worse than unresolved: an answer that differs is wrong,
 * an answer that is missing is unresolved, and an operation that is known but lost on the way to the IR is unresolved too.
 */
export const rows = [
  { name: 'lock operations', of: ({ kind }) => kind === 'lock', bar: { present: 99, absent: 99 } },
  { name: 'static calls within the module', of: ({ kind, class: c }) => kind === 'call' && c === 'static', bar: { present: 97, absent: 95 } },
  { name: 'fields declared in the module', of: ({ kind, class: c }) => kind === 'field' && c === 'own', bar: { present: 95, absent: 93 } },
  { name: 'channel operations', of: ({ kind }) => kind === 'channel', bar: { present: 97, absent: 95 } },
  { name: 'go statements', of: ({ kind }) => kind === 'go' },
  { name: 'calls of interface methods', of: ({ kind, class: c }) => kind === 'call' && c === 'interface' },
  { name: 'static calls out of the module', of: ({ kind, class: c }) => kind === 'call' && c === 'static outside' },
  { name: 'calls of function values', of: ({ kind, class: c }) => kind === 'call' && c === 'dynamic' },
  { name: 'builtins and conversions', of: ({ kind, class: c }) => kind === 'call' && (c === 'builtin' || c === 'conversion') },
  { name: 'fields declared elsewhere', of: ({ kind, class: c }) => kind === 'field' && c === 'outside' },
  { name: 'types of locals and parameters', of: ({ kind }) => kind === 'local' },
];

/** Of facts as the Go program prints them, and ours: per row the counts, the causes of what is unresolved, every wrong answer. */
export function compare(oracle, { facts, why }) {
  const counts = new Map(rows.map(({ name }) => [name, { agree: 0, unresolved: 0, wrong: 0 }]));
  const causes = [];
  const wrong = [];
  for (const fact of oracle) {
    const row = rows.find((one) => one.of(fact));
    const key = `${fact.kind} ${fact.file}:${fact.line}:${fact.column}`;
    const ours = facts.get(key);
    const verdict = judge(fact, ours);
    counts.get(row.name)[verdict]++;
    if (verdict === 'wrong') wrong.push({ row: row.name, at: `${fact.file}:${fact.line}:${fact.column}`, text: fact.text, want: [fact.what, fact.lock].filter(Boolean).join(' of '), got: [ours.what, ours.lock].filter(Boolean).join(' of ') });
    if (verdict === 'unresolved') causes.push({ row: row.name, at: `${fact.file}:${fact.line}:${fact.column}`, text: fact.text, want: fact.what, ...(ours?.lost ? { what: 'not in the IR' } : why(key)) });
  }
  return { counts, causes, wrong };
}

function judge(fact, ours) {
  if (ours === undefined) return 'unresolved';
  const same = (ours.what === fact.what || fact.also?.includes(ours.what)) && ours.lock === fact.lock;
  if (!same) return 'wrong';
  return ours.lost ? 'unresolved' : 'agree';
}
