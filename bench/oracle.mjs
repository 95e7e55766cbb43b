// Shows that the fixtures are what they say they are: for each driver in bench/oracle/<fixture>/ the fixture is
// compiled together with the driver under Go's race detector, and every test is run in a process of its own.
// The name of a test is its claim: TestRaces..., TestHangs..., TestPanics..., TestFails... (a check of the
// driver's own, where none of these tells), TestPasses....
//
//   node bench/oracle.mjs [fixture...]
//
// Without a Go toolchain nothing can be shown, and the script says so and ends with exit code 2.
import { execFile, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const drivers = join(root, 'bench/oracle');
const seconds = 20;

/** What a run of one test can end in, in the order in which the output is asked. */
const outcomes = [
  { name: 'panics', sign: /^panic: (?!test timed out|stuck: )|fatal error: sync: /m },
  { name: 'races', sign: /WARNING: DATA RACE|fatal error: concurrent map/ },
  { name: 'hangs', sign: /panic: test timed out|panic: stuck: |all goroutines are asleep/ },
  { name: 'fails', sign: /^--- FAIL/m },
  { name: 'passes', sign: /^PASS$/m },
];

/** A hang is proved by the test's own time limit; everything else ends by itself long before. */
const limits = { hangs: '5s' };

const go = spawnSync('go', ['version'], { encoding: 'utf8' });
if (go.status !== 0) {
  console.error('bench/oracle: NOT SHOWN. There is no Go toolchain on the PATH, so nothing was compiled and nothing was run.');
  process.exit(2);
}

const wanted = process.argv.slice(2);
const known = readdirSync(drivers, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name).sort();
const unknown = wanted.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`bench/oracle: no driver for ${unknown.join(', ')}; there are: ${known.join(', ')}`);
  process.exit(2);
}

const work = mkdtempSync(join(tmpdir(), 'deadheat-oracle-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));

console.log(`${go.stdout.trim()}, race detector on, ${availableParallelism()} processors`);
const programs = (wanted.length > 0 ? wanted : known).flatMap(programsOf);
let shown = 0;
const wrong = [];
for (const program of programs) {
  const binary = compile(program);
  const claims = program.tests.map((test) => ({ test, claim: test.match(/^Test(Races|Hangs|Panics|Fails|Passes)/)?.[1].toLowerCase() ?? 'passes' }));
  const results = await inParallel(claims, 2 * availableParallelism(), ({ test, claim }) => run(binary, test, limits[claim] ?? `${seconds}s`));
  for (const [index, { test, claim }] of claims.entries()) {
    const { outcome, output } = results[index];
    if (outcome === claim) shown += 1;
    else wrong.push({ title: `${program.title} ${test}: claims that it ${claim}, and it ${outcome}`, output });
  }
  const unshown = program.situations.filter((name) => !program.driver.includes(name));
  console.log(`${program.title}: ${claims.length} tests${unshown.length > 0 ? `; not driven: ${unshown.join(', ')}` : ''}`);
}
for (const { title, output } of wrong) console.log(`\nNOT SHOWN ${title}\n${output.trim().split('\n').slice(0, 12).join('\n')}`);
console.log(`\n${shown} of ${shown + wrong.length} claims shown`);
process.exitCode = wrong.length > 0 ? 1 : 0;

/** One program for each driver: the fixture file or folder of the same name, or the whole fixture when it is a module of its own. */
function programsOf(fixture) {
  const folder = join(root, 'fixtures', fixture);
  return readdirSync(join(drivers, fixture)).filter((name) => name.endsWith('_test.go')).sort().map((name) => {
    const driver = readFileSync(join(drivers, fixture, name), 'utf8');
    const at = join(work, fixture, name.replace(/_test\.go$/, ''));
    const source = join(folder, name.replace(/_test\.go$/, '.go'));
    mkdirSync(at, { recursive: true });
    if (existsSync(join(folder, 'go.mod'))) cpSync(folder, at, { recursive: true });
    else {
      const program = source.replace(/\.go$/, '');
      if (existsSync(program)) cpSync(program, at, { recursive: true });
      else cpSync(source, join(at, 'fixture.go'));
      writeFileSync(join(at, 'go.mod'), `module example.com/fixture\n\ngo 1.25\n${besides(join(drivers, fixture, name.replace(/_test\.go$/, '')))}`);
    }
    const clause = /^package (\w+)/m.exec(driver)[0];
    writeFileSync(join(at, 'driver_test.go'), driver);
    writeFileSync(join(at, 'together_test.go'), readFileSync(join(drivers, 'together.go'), 'utf8').replace(/^package \w+/m, clause));
    const text = existsSync(source) ? readFileSync(source, 'utf8') : '';
    return {
      at,
      driver,
      title: `${fixture}/${name.replace(/_test\.go$/, existsSync(source) ? '.go' : '')}`,
      tests: [...driver.matchAll(/^func (Test\w+)/gm)].map((match) => match[1]),
      situations: [...text.matchAll(/^func (?:\([^)]*\) )?([A-Z]\w*)/gm)].map((match) => match[1]),
    };
  });
}

/** Modules that a fixture imports and that lie nowhere: a folder beside the driver plays them, by their paths. */
function besides(folder) {
  if (!existsSync(folder)) return '';
  const modules = readdirSync(folder, { recursive: true }).filter((name) => basename(name) === 'go.mod').map((name) => dirname(name)).sort();
  return modules.map((name) => `\nrequire ${name} v0.0.0\n\nreplace ${name} => ${join(folder, name)}\n`).join('');
}

function compile(program) {
  // Vet would refuse some of the defects that are to be shown.
  const build = spawnSync('go', ['test', '-race', '-vet=off', '-c', '-o', 'driver'], { cwd: program.at, encoding: 'utf8' });
  if (build.status !== 0) {
    console.error(`${program.title} does not compile:\n${build.stdout}${build.stderr}`);
    process.exit(1);
  }
  return join(program.at, 'driver');
}

function run(binary, test, limit) {
  return new Promise((resolve) => {
    execFile(binary, ['-test.run', `^${test}$`, '-test.timeout', limit], { encoding: 'utf8', maxBuffer: 1 << 26, env: { ...process.env, GORACE: 'halt_on_error=0' } }, (_error, stdout, stderr) => {
      const output = `${stdout}${stderr}`;
      resolve({ output, outcome: outcomes.find(({ sign }) => sign.test(output))?.name ?? 'ends in some other way' });
    });
  });
}

async function inParallel(items, width, task) {
  const results = [];
  let next = 0;
  await Promise.all(Array.from({ length: width }, async () => {
    while (next < items.length) {
      const index = next;
      next += 1;
      results[index] = await task(items[index]);
    }
  }));
  return results;
}
