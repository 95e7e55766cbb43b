/**
 * How long a whole run takes beside parsing and one cursor walk of the same files in the same process, and how much memory.
 * Only the ratio travels between machines; the times are there to see where it comes from. V8 is set as the command line
 * sets it. The first rounds are the warm-up: V8 is still compiling then, our code more than the parser's. What the very
 * first run takes is printed beside the median of the rest.
 *
 *   node bench/speed.mjs <folder> [--runs n] [--warm-up n] [--threads n] [--json]
 */
import { createRequire } from 'node:module';
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Language, Parser } from 'web-tree-sitter';
import { goFiles } from './go-files.mjs';
import { median, missing, need, needBuild, printSetting, setting, wholeNumber } from './run.mjs';

const usage = 'node bench/speed.mjs <folder> [--runs n] [--warm-up n] [--threads n] [--json]';
const { values, positionals } = parseArgs({ allowPositionals: true, options: { runs: { type: 'string', default: '5' }, 'warm-up': { type: 'string', default: '2' }, threads: { type: 'string', default: String(Math.min(availableParallelism(), 4)) }, json: { type: 'boolean', default: false } } });
const folder = resolve(need(positionals[0], 'folder', usage));
const runs = wholeNumber(values, 'runs', 1, usage);
const warmUp = wholeNumber(values, 'warm-up', 0, usage);
const threads = wholeNumber(values, 'threads', 1, usage);
needBuild();
const { analyze } = await import('../dist/index.js');
const { fitEngine } = await import('../dist/cli/engine.js');
fitEngine();

const sources = goFiles(folder).map((file) => ({ path: relative(folder, file).split(sep).join('/'), text: readFileSync(file, 'utf8') }));
if (sources.length === 0) missing(`no Go files under ${folder}`);
const bytes = sources.reduce((sum, source) => sum + Buffer.byteLength(source.text), 0);
const lines = sources.reduce((sum, source) => sum + source.text.split('\n').length - 1, 0);

const parser = await goParser();
const all = [];
for (let run = 0; run < warmUp + runs; run++) {
  const round = { parse: 0, walk: 0, whole: 0, nodes: 0 };
  for (const { text } of sources) {
    const tree = timed(round, 'parse', () => parser.parse(text));
    timed(round, 'walk', () => (round.nodes += walk(tree)));
    tree.delete();
  }
  const started = performance.now();
  const before = process.cpuUsage();
  const result = await analyze(sources, { surroundings: onDisk(folder), threads });
  round.whole = performance.now() - started;
  const { user, system } = process.cpuUsage(before);
  round.processor = (user + system) / 1000;
  all.push({ ...round, findings: result.findings.length, gaps: result.gaps.length, functions: result.functions, failures: result.failures.length });
}

const rounds = all.slice(warmUp);
const first = all[0].whole / (all[0].parse + all[0].walk);
const parse = median(rounds.map((round) => round.parse));
const walked = median(rounds.map((round) => round.walk));
const whole = median(rounds.map((round) => round.whole));
const ratio = median(rounds.map((round) => round.whole / (round.parse + round.walk)));
const processor = median(rounds.map((round) => round.processor));
const processorRatio = median(rounds.map((round) => round.processor / (round.parse + round.walk)));
const peakMiB = process.resourceUsage().maxRSS / 1024;
const { nodes, findings, gaps, functions, failures } = rounds[0];

if (values.json) {
  console.log(JSON.stringify({ ...setting(), folder, runs, warmUp, first, files: sources.length, bytes, lines, nodes, functions, findings, gaps, failures, parseMs: parse, walkMs: walked, wholeMs: whole, ratio, threads, processorMs: processor, processorRatio, peakMiB }, null, 2));
} else {
  printSetting(setting());
  console.log(`input:   ${folder}: ${sources.length} files, ${lines} lines, ${bytes} bytes, ${nodes} syntax nodes, ${functions} functions`);
  console.log(`result:  ${findings} findings of every level, ${gaps} gaps, ${failures} internal failures`);
  console.log(`median of ${runs} after ${warmUp} to warm up, one process, texts already in memory:`);
  console.log(`  parse (tree-sitter)      ${parse.toFixed(0)} ms`);
  console.log(`  one cursor walk          ${walked.toFixed(0)} ms`);
  console.log(`  whole run                ${whole.toFixed(0)} ms, ${((lines / whole) * 1000).toFixed(0)} lines/s`);
  console.log(`  whole / (parse + walk)   ${ratio.toFixed(2)} with ${threads} reading thread${threads === 1 ? '' : 's'}`);
  console.log(`  first run                ${all[0].whole.toFixed(0)} ms: ${first.toFixed(2)}`);
  console.log(`  processor time           ${processor.toFixed(0)} ms in all threads, garbage collection too: ${processorRatio.toFixed(2)}`);
  console.log(`  peak resident memory     ${peakMiB.toFixed(0)} MiB, all runs together`);
}

async function goParser() {
  const engine = dirname(createRequire(import.meta.url).resolve('web-tree-sitter'));
  await Parser.init({ locateFile: (name) => join(engine, name) });
  const grammar = await Language.load(fileURLToPath(new URL('../src/parsers/go/grammar/tree-sitter-go.wasm', import.meta.url)));
  return new Parser().setLanguage(grammar);
}

/** Visits every node, named or not, reading its kind: the least any analysis of a tree can do. */
function walk(tree) {
  const cursor = tree.walk();
  let count = 0;
  let kinds = 0;
  for (;;) {
    count++;
    kinds += cursor.nodeTypeId;
    if (cursor.gotoFirstChild() || cursor.gotoNextSibling()) continue;
    do {
      if (!cursor.gotoParent()) {
        cursor.delete();
        return kinds > 0 ? count : 0;
      }
    } while (!cursor.gotoNextSibling());
  }
}

function onDisk(root) {
  return {
    read: (path) => silently(() => readFileSync(resolve(root, path), 'utf8'), undefined),
    list: (path) => silently(() => readdirSync(resolve(root, path)), []),
  };
}

function silently(question, otherwise) {
  try {
    return question();
  } catch {
    return otherwise;
  }
}

function timed(round, phase, work) {
  const started = performance.now();
  const result = work();
  round[phase] += performance.now() - started;
  return result;
}
