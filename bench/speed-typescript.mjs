/**
 * How long a whole run takes beside what the compiler needs to make a program of the same files and one walk over its
 * nodes, in the same process. Only the ratio travels between machines; the times are there to see where it comes from.
 * V8 is set as the command line sets it, the first rounds are the warm-up and the very first is printed beside the median
 * of the rest, all as in speed.mjs.
 *
 *   node bench/speed-typescript.mjs <folder> [--runs n] [--warm-up n] [--json]
 */
import { relative, resolve, sep } from 'node:path';
import { parseArgs } from 'node:util';
import { Project, ts } from 'ts-morph';
import { median, missing, need, needBuild, printSetting, setting, wholeNumber } from './run.mjs';

const usage = 'node bench/speed-typescript.mjs <folder> [--runs n] [--warm-up n] [--json]';
const { values, positionals } = parseArgs({ allowPositionals: true, options: { runs: { type: 'string', default: '5' }, 'warm-up': { type: 'string', default: '2' }, json: { type: 'boolean', default: false } } });
const folder = resolve(need(positionals[0], 'folder', usage));
const runs = wholeNumber(values, 'runs', 1, usage);
const warmUp = wholeNumber(values, 'warm-up', 0, usage);
needBuild();
const { analyze, frontEnds } = await import('../dist/index.js');
const { discover } = await import('../dist/cli/discover.js');
const { surroundingsOf } = await import('../dist/cli/surroundings.js');
const { fitEngine } = await import('../dist/cli/engine.js');
fitEngine();

const row = frontEnds.find(({ language }) => language === 'TypeScript');
const sources = discover([folder], { cwd: folder, tests: false }).sources.filter(({ path }) => row.extensions.some((extension) => path.endsWith(extension)));
if (sources.length === 0) missing(`no TypeScript files under ${folder}`);
const lines = sources.reduce((sum, source) => sum + source.text.split('\n').length - 1, 0);
const frontEnd = await row.load();

const all = [];
for (let run = 0; run < warmUp + runs; run++) {
  const round = { program: 0, walk: 0, frontEnd: 0, whole: 0, processor: { program: 0, walk: 0, frontEnd: 0, whole: 0 } };
  const program = timed(round, 'program', () => {
    const project = new Project({ useInMemoryFileSystem: true, compilerOptions: { allowJs: true, target: ts.ScriptTarget.ESNext, noResolve: true } });
    for (const { path, text } of sources) project.createSourceFile(`/${relative('.', path).split(sep).join('/')}`, text);
    return project.getProgram().compilerObject;
  });
  timed(round, 'walk', () => program.getSourceFiles().filter((file) => !file.isDeclarationFile).forEach(walk));
  await timed(round, 'frontEnd', () => frontEnd.lower(sources, surroundingsOf(folder)));
  const result = await timed(round, 'whole', () => analyze(sources, { surroundings: surroundingsOf(folder) }));
  all.push({ ...round, findings: result.findings.length, gaps: result.gaps.length, functions: result.functions, failures: result.failures.length });
}

const rounds = all.slice(warmUp);
const first = all[0].whole / (all[0].program + all[0].walk);
const times = Object.fromEntries(['program', 'walk', 'frontEnd', 'whole'].map((part) => [part, median(rounds.map((round) => round[part]))]));
const ratio = median(rounds.map((round) => round.whole / (round.program + round.walk)));
const processorRatio = median(rounds.map(({ processor }) => processor.whole / (processor.program + processor.walk)));
const { findings, gaps, functions, failures } = rounds[0];
if (values.json) {
  console.log(JSON.stringify({ ...setting(), folder, runs, warmUp, first, files: sources.length, lines, functions, findings, gaps, failures, ...times, ratio, processorRatio }, null, 2));
} else {
  printSetting(setting());
  console.log(`input:   ${folder}: ${sources.length} files, ${lines} lines, ${functions} functions`);
  console.log(`result:  ${findings} findings of every level, ${gaps} gaps, ${failures} internal failures`);
  console.log(`median of ${runs} after ${warmUp} to warm up, one process, texts already in memory:`);
  console.log(`  program creation (ts-morph)   ${times.program.toFixed(0)} ms`);
  console.log(`  one walk over compiler nodes  ${times.walk.toFixed(0)} ms`);
  console.log(`  front-end alone               ${times.frontEnd.toFixed(0)} ms`);
  console.log(`  whole run                     ${times.whole.toFixed(0)} ms, ${((lines / times.whole) * 1000).toFixed(0)} lines/s`);
  console.log(`  whole / (program + walk)      ${ratio.toFixed(2)}, in processor time ${processorRatio.toFixed(2)}`);
  console.log(`  first run                     ${all[0].whole.toFixed(0)} ms: ${first.toFixed(2)}`);
}

function walk(node) {
  ts.forEachChild(node, walk);
}

/** Adds what the work takes to the round, by the clock and of the processor; awaited work is timed to its end. */
function timed(round, part, work) {
  const [started, used] = [performance.now(), process.cpuUsage()];
  const stop = () => {
    const { user, system } = process.cpuUsage(used);
    round[part] += performance.now() - started;
    round.processor[part] += (user + system) / 1000;
  };
  const result = work();
  if (result instanceof Promise) return result.finally(stop);
  stop();
  return result;
}
