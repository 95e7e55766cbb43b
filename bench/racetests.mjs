/**
 * How many races of Go's own race detector tests are reported, and how many non-races raise an alarm.
 * The label is the name: `TestRaceXxx` races, `TestNoRaceXxx` does not.
 *
 *   node bench/racetests.mjs [folder] [--list] [--json]
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { check, measures, missing, needBuild, oneLine, placesOf, printSetting, setting, share } from './run.mjs';

const usage = 'node bench/racetests.mjs [folder with the *_test.go files] [--list] [--json]';

/** Labels that no reading of the source decides: finalizers, cgo, files, HTTP, reflection, pools. */
const outOfReach = new Set([
  'TestNoRaceCgoSync', 'TestNoRaceFin', 'TestNoRaceFinGlobal', 'TestRaceFin', 'TestNoRaceIOFile', 'TestNoRaceIOHttp', 'TestRaceIssue5567',
  'TestRaceIssue51618', 'TestRaceIssue5654', 'TestRacePool', 'TestNoRacePool', 'TestRaceReflectRW', 'TestRaceReflectWW', 'TestRaceReflectCopyWW',
]);

const { values, positionals } = parseArgs({ allowPositionals: true, options: { list: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } } });
needBuild();
const folder = testFolder(positionals[0]);
const files = readdirSync(folder).filter((name) => name.endsWith('_test.go')).sort();
const tests = files.flatMap((file) => testsOf(file, readFileSync(join(folder, file), 'utf8')));
if (tests.length === 0) missing(`no TestRace or TestNoRace function in ${folder}\nusage: ${usage}`);

const { report, crash, ms } = check(files, { cwd: folder, tests: true });
if (crash !== undefined) console.error(`deadheat failed on ${folder}: ${crash}`);
if (report === undefined) process.exit(2);
/** What the detector calls a race of a close with a send or a close, and of an add with a wait, has names of its own here: counted for and against. */
const racesByOtherNames = new Set(['send-on-closed-channel', 'double-close', 'waitgroup-add-after-wait']);
const races = report.findings.filter((finding) => finding.family === 'race' || racesByOtherNames.has(finding.rule));
const judged = tests.map((test) => ({ ...test, reports: races.filter((finding) => placesOf(finding).some((at) => inside(at, test))) }));
const inReach = judged.filter((test) => !outOfReach.has(test.name));
const scores = Object.fromEntries(Object.entries(measures).map(([name, measure]) => [name, score(inReach, measure)]));
const leftOut = judged.filter((test) => outOfReach.has(test.name)).map((test) => test.name);
const place = { ...setting(), folder, go: goVersion(folder) };

if (values.json) {
  const named = judged.map(({ name, file, from, to, races: racy, reports }) => ({ name, file, from, to, races: racy, inReach: !outOfReach.has(name), reports: reports.map(({ rule, level, confidence, location }) => ({ rule, level, confidence, line: location.line })) }));
  console.log(JSON.stringify({ ...place, ms: Math.round(ms), scores, outOfReach: leftOut, tests: named }, null, 2));
} else {
  printSetting(place);
  console.log(`tests:   ${folder} (${place.go}), ${files.length} files, ${tests.length} labelled functions`);
  console.log(`left out, not decidable from source: ${leftOut.join(', ')}`);
  console.log(`run:     ${(ms / 1000).toFixed(1)} s, ${report.summary.gaps} gaps\n`);
  for (const [name, { found, races: racy, alarms, quiet }] of Object.entries(scores)) {
    console.log(`${measures[name].text}: races found ${share(found, racy)}, false alarms ${share(alarms, quiet)}`);
  }
  if (values.list) {
    list('missed races', inReach.filter((test) => test.races && !reported(test, measures.claims)));
    list('false alarms', inReach.filter((test) => !test.races && reported(test, measures.claims)));
    list('out of reach and reported', judged.filter((test) => outOfReach.has(test.name) && reported(test, measures.claims)));
  }
}

function testFolder(given) {
  if (given !== undefined) return existsSync(given) ? resolve(given) : missing(`folder not found: ${given}\nusage: ${usage}`);
  const env = spawnSync('go', ['env', 'GOROOT'], { encoding: 'utf8' });
  const found = env.status === 0 ? join(env.stdout.trim(), 'src/runtime/race/testdata') : undefined;
  return found !== undefined && existsSync(found) ? found : missing(`no Go distribution with race tests found; name their folder\nusage: ${usage}`);
}

/** The distribution's VERSION file stands five folders above the tests; copies elsewhere have none. */
function goVersion(testdata) {
  const file = join(dirname(dirname(dirname(dirname(testdata)))), 'VERSION');
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n')[0] : 'version unknown';
}

/** The files are gofmt-ed, so a top-level function ends at the first brace in column one. */
function testsOf(file, text) {
  const lines = text.split('\n');
  return lines.flatMap((line, index) => {
    const name = /^func (Test(?:No)?Race\w*)\(/.exec(line)?.[1];
    if (name === undefined) return [];
    const end = line.endsWith('}') ? index : lines.indexOf('}', index);
    return [{ name, file, from: index + 1, to: (end < 0 ? lines.length : end + 1), races: name.startsWith('TestRace') }];
  });
}

function inside(at, test) {
  return at.file === test.file && at.line >= test.from && at.line <= test.to;
}

function reported(test, measure) {
  return test.reports.some(measure.counts);
}

function score(subset, measure) {
  const racy = subset.filter((test) => test.races);
  const quiet = subset.filter((test) => !test.races);
  return { found: racy.filter((test) => reported(test, measure)).length, races: racy.length, alarms: quiet.filter((test) => reported(test, measure)).length, quiet: quiet.length };
}

function list(title, subset) {
  console.log(`\n${title}: ${subset.length}`);
  for (const test of subset) {
    console.log(`  ${test.file}:${test.from} ${test.name}`);
    for (const finding of test.reports.filter(measures.claims.counts)) console.log(`      ${oneLine(finding)}`);
  }
}
