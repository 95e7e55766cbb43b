/**
 * What strange input does to each door: bytes and tokens changed, real files spliced, pieces repeated, grammars let loose.
 * Prints for each door how many inputs came, which failed, and which took the most steps. The same seed gives the same
 * inputs; one input again: --door NAME --only INDEX. Behind a door nothing may throw, the work has a bound (doors.mjs), the
 * answer is the same twice, and what is lost is a gap. Hangs are found by processor time here, and only here.
 * With --record, what is done is written there after every few thousand inputs, and the same command goes on from there:
 * a long run survives its machine. Each part says by which build it was done.
 *
 *   node bench/fuzz.mjs [--inputs n] [--seed n] [--door name] [--only index] [--from n] [--seconds n] [--minutes n] [--record file] [--json]
 */
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { missing, needBuild, printSetting, setting, wholeNumber } from './run.mjs';

const usage = 'node bench/fuzz.mjs [--inputs n] [--seed n] [--door name] [--only index] [--from n] [--seconds n] [--minutes n] [--record file] [--json]';
const { values } = parseArgs({ options: { inputs: { type: 'string', default: '10000' }, seed: { type: 'string', default: '1' }, door: { type: 'string' }, only: { type: 'string' }, from: { type: 'string', default: '0' }, seconds: { type: 'string', default: '180' }, minutes: { type: 'string' }, record: { type: 'string' }, json: { type: 'boolean', default: false } } });
const number = (name) => wholeNumber(values, name, 0, usage);
const inputs = number('inputs');
const seed = number('seed');
const patience = number('seconds') * 1_000;
/** What waits for nothing takes no processor time: by the clock it has this many times as long, for a busy machine waits as well. */
const waiting = 20;
const spent = () => process.cpuUsage().user / 1_000 + process.cpuUsage().system / 1_000;
needBuild();

const folder = mkdtempSync(join(tmpdir(), 'deadheat-fuzz-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const started = performance.now();
const progress = new Int32Array(new SharedArrayBuffer(4));
const counts = new Map();
const earlier = values.record !== undefined && existsSync(values.record) ? JSON.parse(readFileSync(values.record, 'utf8')) : undefined;
if (earlier !== undefined && (earlier.seed !== seed || earlier.door !== (values.door ?? null))) missing(`${values.record} is the record of another seed or door`);
const failures = earlier?.failures ?? [];
const slowest = earlier?.slow ?? [];
for (const [door, count] of Object.entries(earlier?.doors ?? {})) counts.set(door, count);

const first = earlier?.next ?? (values.only === undefined ? number('from') : number('only'));
let next = first;
const end = values.only === undefined ? inputs : next + 1;
/** What is lost at most of a run that is ended by force; a thread of its own costs a second. */
const between = 5_000;
let latest = values.minutes === undefined ? Infinity : started + number('minutes') * 60_000;
// Who ends a run that takes days is told how far it came.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => { latest = 0; });
while (next < end && performance.now() < latest) {
  const limit = values.record === undefined ? end : Math.min(end, next + between);
  while (next < limit && performance.now() < latest) next = await stretch(next, limit);
  if (values.record !== undefined) keep();
}

/** Parts by one build are one part, so that a record tells in a few lines what did it. */
function keep() {
  const { build } = JSON.parse(readFileSync(new URL('../dist/build.json', import.meta.url), 'utf8'));
  const part = { from: first, to: next, build: build.slice(0, 12), processorSeconds: Math.round(spent() / 1_000), ...setting() };
  const record = { seed, door: values.door ?? null, next, parts: [...(earlier?.parts ?? []), part], failures, slow: slowest, doors: Object.fromEntries(counts) };
  writeFileSync(`${values.record}.new`, `${JSON.stringify(record, null, 1)}\n`);
  renameSync(`${values.record}.new`, values.record);
}

/** Runs on until the end, or until an input hangs or takes the thread down; answers where to go on. */
function stretch(from, end) {
  Atomics.store(progress, 0, from);
  return new Promise((resolve) => {
    const worker = new Worker(new URL('fuzzing/worker.mjs', import.meta.url), { workerData: { from, end, seed, door: values.door, folder, progress, only: values.only !== undefined }, resourceLimits: { maxOldGenerationSizeMb: 1_500 } });
    let last = from;
    let since = spent();
    let clock = performance.now();
    let settled = false;
    const finish = (at) => {
      if (settled) return;
      settled = true;
      clearInterval(watch);
      resolve(at);
    };
    const lose = (reason) => {
      const index = Atomics.load(progress, 0);
      failures.push({ door: '', index, how: '', problems: [reason] });
      if (!values.json) console.error(`${index}: ${reason}`);
      void worker.terminate();
      finish(index + 1);
    };
    const watch = setInterval(() => {
      const now = Atomics.load(progress, 0);
      if (performance.now() > latest) {
        void worker.terminate();
        finish(now);
      }
      if (now !== last) {
        last = now;
        since = spent();
        clock = performance.now();
      } else if (spent() - since > patience) lose(`no end within ${patience / 1_000} s of processor time`);
      else if (performance.now() - clock > waiting * patience) lose(`no end within ${(waiting * patience) / 1_000} s by the clock`);
    }, 500);
    worker.on('message', ({ done, failure, count, slow }) => {
      if (slow !== undefined) slowest.push(slow);
      if (failure !== undefined) {
        failures.push(failure);
        if (!values.json) console.error(`${failure.door} ${failure.index} (${failure.how}): ${failure.problems.join('; ')}`);
      }
      if (count !== undefined) add(count);
      if (done === true) finish(end);
    });
    worker.on('error', (error) => lose(`the thread ended: ${error.message}`));
    worker.on('exit', () => finish(Atomics.load(progress, 0) + 1));
  });
}

function add({ door, inputs: more, failed, most }) {
  const known = counts.get(door) ?? { inputs: 0, failed: 0, most: [] };
  counts.set(door, { inputs: known.inputs + more, failed: known.failed + failed, most: [...known.most, ...most].sort((a, b) => b.steps - a.steps).slice(0, 3) });
}

const seconds = (performance.now() - started) / 1_000;
if (values.json) {
  console.log(JSON.stringify({ ...setting(), seed, inputs: next, seconds, doors: Object.fromEntries(counts), failures, slow: slowest }, null, 2));
} else {
  printSetting(setting());
  console.log(`seed:    ${seed}, inputs ${earlier?.parts[0].from ?? first} to ${next - 1}, ${seconds.toFixed(0)} s by the clock`);
  console.log('door             inputs  failures  most steps (input)');
  for (const [door, { inputs: count, failed, most }] of [...counts].sort(([a], [b]) => (a < b ? -1 : 1))) console.log(`${door.padEnd(16)} ${String(count).padStart(6)} ${String(failed).padStart(9)}  ${most.map(({ steps, index }) => `${steps} (${index})`).join(', ')}`);
  console.log(`all              ${String([...counts.values()].reduce((sum, { inputs: count }) => sum + count, 0)).padStart(6)} ${String(failures.length).padStart(9)}`);
}
if (!values.json) for (const { door, index, how, milliseconds } of slowest.sort((a, b) => b.milliseconds - a.milliseconds).slice(0, 10)) console.log(`slow by the clock: ${door} ${index} (${how}), ${milliseconds} ms`);
process.exitCode = failures.length > 0 ? 1 : 0;
