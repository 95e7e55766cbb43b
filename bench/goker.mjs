/**
 * How many of GoKer's real bugs, cut small, are reported at the bug's own lines. Only recall: there are no fixed variants.
 * The open half is scored against our labels; of the closed half only counts are shown, so that nobody tunes to it.
 *
 *   node bench/goker.mjs --open <gobench checkout> [--list] [--json]
 *   node bench/goker.mjs --closed <gobench checkout>
 */
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { check, labels, measures, missing, need, needBuild, oneLine, pointsAt, printSetting, setting, share, tally } from './run.mjs';

const usage = 'node bench/goker.mjs --open|--closed <gobench checkout> [--list] [--json]';
const openProjects = new Set(['cockroach', 'etcd', 'hugo', 'serving', 'syncthing']);
/** Which families answer for which half of the suite: a data race report does not explain why a kernel blocks. */
const families = { blocking: ['deadlock', 'channel', 'lifecycle'], nonblocking: ['race', 'channel', 'lifecycle', 'misuse'] };

const { values } = parseArgs({
  options: { open: { type: 'string' }, closed: { type: 'string' }, list: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
});
needBuild();
const root = need(values.open ?? values.closed, 'gobench checkout', usage);
const goker = resolve(need(join(root, 'gobench/goker'), 'folder gobench/goker in the checkout', usage));
if (values.open !== undefined) scoreOpen();
else countClosed();

function scoreOpen() {
  const kernels = labels('goker-open.json');
  const absent = kernels.filter((kernel) => !existsSync(join(goker, kernel.file)));
  if (absent.length > 0) missing(`${absent.length} labelled kernels are not in ${goker}, first ${absent[0].file}`);
  // Each kernel is its own program; alone it is also judged alone.
  const judged = kernels.map((kernel) => {
    const { report, crash } = check([kernel.file], { cwd: goker, tests: true });
    const right = (report?.findings ?? []).filter((finding) => families[kernel.category].includes(finding.family));
    return { ...kernel, crash, hits: right.filter((finding) => pointsAt(finding, kernel.file, kernel.coreLines.map((line) => [line, line]), 1)), elsewhere: right };
  });
  const scores = Object.fromEntries(
    Object.entries(measures).map(([name, measure]) => [
      name,
      Object.fromEntries(
        Object.keys(families).map((category) => {
          const subset = judged.filter((kernel) => kernel.category === category);
          return [category, { found: subset.filter((kernel) => found(kernel, measure)).length, of: subset.length }];
        }),
      ),
    ]),
  );
  if (values.json) {
    const rows = judged.map(({ bug, category, type, subtype, hits, crash }) => ({ bug, category, type, subtype, hits: hits.map(({ rule, level, confidence, location }) => ({ rule, level, confidence, line: location.line })), ...(crash === undefined ? {} : { crash }) }));
    console.log(JSON.stringify({ ...setting(), suite: goker, scores, kernels: rows }, null, 2));
    return;
  }
  printSetting(setting());
  console.log(`suite:   ${goker}, open half (${[...openProjects].join(', ')})`);
  console.log(`crashes: ${judged.filter((kernel) => kernel.crash !== undefined).length}\n`);
  for (const [name, byCategory] of Object.entries(scores)) {
    const parts = Object.entries(byCategory).map(([category, { found: n, of }]) => `${category} ${share(n, of)}`);
    console.log(`${measures[name].text}: ${parts.join(', ')}`);
  }
  console.log('\nby class (claims):');
  for (const [key] of tally(judged.map((kernel) => `${kernel.category}, ${kernel.subtype}`))) {
    const subset = judged.filter((kernel) => `${kernel.category}, ${kernel.subtype}` === key);
    console.log(`  ${key}: ${subset.filter((kernel) => found(kernel, measures.claims)).length}/${subset.length}`);
  }
  if (!values.list) return;
  for (const kernel of judged) {
    console.log(`\n${found(kernel, measures.claims) ? 'found ' : found(kernel, measures.everything) ? 'weak  ' : 'missed'} ${kernel.bug} (${kernel.subtype}; lines ${kernel.coreLines.join(', ')}): ${kernel.description}`);
    if (kernel.crash !== undefined) console.log(`    crash: ${kernel.crash}`);
    for (const finding of kernel.elsewhere) console.log(`    ${kernel.hits.includes(finding) ? 'at the bug' : 'elsewhere '} ${oneLine(finding)}`);
  }
}

function countClosed() {
  const closed = Object.keys(families).flatMap((category) =>
    readdirSync(join(goker, category))
      .filter((project) => !openProjects.has(project))
      .flatMap((project) => readdirSync(join(goker, category, project)).map((number) => ({ category, folder: join(category, project, number) }))),
  );
  const judged = closed.map(({ category, folder }) => {
    const { report, crash } = check([folder], { cwd: goker, tests: true });
    const right = (report?.findings ?? []).filter((finding) => families[category].includes(finding.family));
    return { category, crash, speaks: right.some(measures.claims.counts), gaps: report?.summary.gaps ?? 0 };
  });
  const counts = Object.fromEntries(Object.keys(families).map((category) => {
    const subset = judged.filter((kernel) => kernel.category === category);
    return [category, { kernels: subset.length, withFindingOfTheFamily: subset.filter((kernel) => kernel.speaks).length }];
  }));
  const crashes = judged.filter((kernel) => kernel.crash !== undefined).length;
  const gaps = judged.reduce((sum, kernel) => sum + kernel.gaps, 0);
  if (values.json) {
    console.log(JSON.stringify({ ...setting(), suite: goker, crashes, gaps, counts }, null, 2));
    return;
  }
  printSetting(setting());
  console.log(`suite:   ${goker}, closed half: counts only, an upper bound and no score`);
  console.log(`crashes: ${crashes}, gaps: ${gaps}`);
  for (const [category, { kernels, withFindingOfTheFamily: n }] of Object.entries(counts)) {
    console.log(`${category}: ${share(n, kernels)} kernels with an error or warning of the right family anywhere`);
  }
}

function found(kernel, measure) {
  return kernel.hits.some(measure.counts);
}
