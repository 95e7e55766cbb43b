/**
 * Whether each claim of the seed documents is judged as the real code deserves: TRUE rows reported, FALSE rows silent,
 * PARTLY rows at most a note or medium confidence. One run a repository, over the folders the claims are about.
 *
 *   node bench/seeds.mjs [--canopy dir] [--glueberry dir] [--netcap dir] [--list] [--json]
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { check, labels, measures, missing, need, needBuild, oneLine, placesOf, pointsAt, printSetting, setting, share } from './run.mjs';

const usage = 'node bench/seeds.mjs [--canopy dir] [--glueberry dir] [--netcap dir] [--list] [--json]';
/** The commits the labelled lines belong to, and what to hand to the analyzer. */
const systems = {
  canopy: { repository: 'canopy-network/canopy', commit: '09ef4e34', paths: ['p2p', 'lib'], probe: 'p2p/set.go' },
  glueberry: { repository: 'blockberries/glueberry', commit: '7c3943db', paths: ['.'], probe: 'node.go' },
  netcap: { repository: 'dreadl0ck/netcap', commit: 'd2fc0f28', paths: ['reassembly'], probe: 'reassembly/assembler.go' },
};

const { values } = parseArgs({
  options: { ...Object.fromEntries(Object.keys(systems).map((name) => [name, { type: 'string' }])), list: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
});
const given = Object.keys(systems).filter((name) => values[name] !== undefined);
if (given.length === 0) missing(`no checkout given\nusage: ${usage}`);
needBuild();

const rows = [];
const runs = [];
for (const name of given) {
  need(join(values[name], systems[name].probe), `${systems[name].repository} (${systems[name].probe})`, usage);
  const { report, crash, ms } = check(systems[name].paths, { cwd: values[name] });
  if (crash !== undefined) console.error(`deadheat failed on ${name}: ${crash}`);
  runs.push({ name, folder: values[name], ms, findings: report?.findings.length ?? 0, lines: report?.summary.lines ?? 0 });
  const own = labels('seeds.json').filter((row) => row.repo === name);
  const findings = report?.findings ?? [];
  // A guarded write may be the first place of a true race whose other side forgets the lock: what meets a TRUE row breaks none.
  const wanted = new Set(own.filter((row) => row.verdict === 'TRUE').flatMap((row) => matches(row, findings)));
  for (const row of own) rows.push({ ...row, ...judge(row, row.verdict === 'FALSE' ? findings.filter((finding) => !wanted.has(finding)) : findings) });
}

const counts = Object.fromEntries(['TRUE', 'FALSE', 'PARTLY'].map((verdict) => {
  const subset = rows.filter((row) => row.verdict === verdict);
  return [verdict, { right: subset.filter((row) => row.right).length, of: subset.length }];
}));
if (values.json) {
  console.log(JSON.stringify({ ...setting(), runs, counts, rows }, null, 2));
} else {
  printSetting(setting());
  for (const run of runs) console.log(`input:   ${run.folder} (${systems[run.name].repository}, lines of ${systems[run.name].commit}), ${run.lines} lines, ${(run.ms / 1000).toFixed(1)} s, ${run.findings} findings of every level`);
  console.log('');
  for (const row of rows) {
    console.log(`${row.id.padEnd(7)} ${row.verdict.padEnd(6)} ${row.outcome.padEnd(14)} ${row.places[0].file}:${row.places[0].lines[0][0]} ${row.why}`);
    if (values.list || row.outcome === 'WRONG') for (const finding of row.matched) console.log(`                ${oneLine(finding)}`);
  }
  console.log(`\nTRUE reported ${share(counts.TRUE.right, counts.TRUE.of)}, FALSE silent ${share(counts.FALSE.right, counts.FALSE.of)}, PARTLY within bounds ${share(counts.PARTLY.right, counts.PARTLY.of)}`);
}

/**
 * A row with `about` is met by any place of a finding whose message names it; without, a FALSE row is broken only by a
 * finding that starts there, since the steps of a true one may pass through correct code.
 */
function matches(row, findings) {
  const subject = row.about === undefined ? undefined : new RegExp(row.about);
  return findings.filter((finding) => {
    if (!row.rules.includes(finding.rule) || (subject !== undefined && !subject.test(finding.message))) return false;
    if (row.verdict === 'FALSE' && subject === undefined) return startsIn(finding, row);
    return row.places.some(({ file, lines }) => pointsAt(finding, file, lines));
  });
}

function judge(row, findings) {
  const matched = matches(row, findings);
  const claims = matched.filter(measures.claims.counts);
  if (row.verdict === 'TRUE') {
    const outcome = claims.length > 0 ? 'found' : matched.length > 0 ? 'found, softly' : 'missed';
    return { matched, outcome, right: matched.length > 0 };
  }
  if (row.verdict === 'FALSE') return { matched, outcome: claims.length > 0 ? 'WRONG' : 'silent', right: claims.length === 0 };
  const loud = matched.filter((finding) => finding.level === 'error' && finding.confidence === 'high');
  return { matched, outcome: loud.length > 0 ? 'WRONG' : matched.length > 0 ? 'found' : 'silent', right: loud.length === 0 };
}

function startsIn(finding, row) {
  const [at] = placesOf(finding);
  return row.places.some(({ file, lines }) => at.file === file && lines.some(([from, to]) => at.line >= from && at.line <= to));
}
