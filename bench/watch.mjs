/**
 * What does a watched run take after one edited file? A copy of the module is watched; file after file gets a function that
 * takes a lock twice, and each time processor time is counted until that defect is told, and until everything has been
 * analysed again. The files are those that import sync, spread evenly over their order. Processor time of all threads, garbage
 * collection too; the pause in which a change settles takes none.
 *
 *   node bench/watch.mjs <folder> [--edits n] [--json]
 */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { goFiles } from './go-files.mjs';
import { median, missing, need, needBuild, printSetting, scratchFolder, setting, wholeNumber } from './run.mjs';

const usage = 'node bench/watch.mjs <folder> [--edits n] [--json]';
const { values, positionals } = parseArgs({ allowPositionals: true, options: { edits: { type: 'string', default: '9' }, json: { type: 'boolean', default: false } } });
const folder = resolve(need(positionals[0], 'folder', usage));
const edits = wholeNumber(values, 'edits', 1, usage);
needBuild();
const { main } = await import('../dist/cli/main.js');
const { fitEngine } = await import('../dist/cli/engine.js');
fitEngine();

const scratch = scratchFolder();
const files = goFiles(folder).map((from) => ({ from, to: join(scratch, relative(folder, from)) }));
for (const { from, to } of [...files, { from: join(folder, 'go.mod'), to: join(scratch, 'go.mod') }]) {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}
const texts = files.map(({ to }) => ({ to, text: readFileSync(to, 'utf8') }));
const lines = texts.reduce((sum, { text }) => sum + text.split('\n').length - 1, 0);
const fit = texts.filter(({ text }) => /^\t"sync"$/m.test(text));
if (fit.length < edits) missing(`${fit.length} files under ${folder} import sync: too few for ${edits} edits`);

let out = '';
const heard = new Set();
const ending = new AbortController();
const running = main(['check', '--watch', '--no-cache', '--no-config', '--format', 'unix', '--quiet', '--fail-on', 'never'], {
  stdout: { write: (text) => { out += text; for (const listener of heard) listener(); } },
  stderr: { write: () => {} },
  cwd: scratch,
  env: {},
  signal: ending.signal,
});
await until(() => ends() === 1);

const rows = [];
for (let edit = 0; edit < edits; edit++) {
  const { to, text } = fit[Math.floor((edit * fit.length) / edits)];
  // What happens on its own after a round (collections) is over, and whoever watches is waiting.
  await new Promise((done) => setTimeout(done, 1_500));
  out = '';
  const name = `lockedTwice${edit}`;
  const before = processor();
  const started = performance.now();
  writeFileSync(to, `${text}\nfunc ${name}(mu *sync.Mutex) {\n\tmu.Lock()\n\tmu.Lock()\n\tprintln()\n\tmu.Unlock()\n\tmu.Unlock()\n}\n`);
  await until(() => ends() > 0);
  const first = { processor: processor() - before, wall: performance.now() - started, told: new RegExp(`double-lock.*${name}|${relative(scratch, to)}.*double-lock`).test(out), early: out.includes('[watch] first look') };
  await until(() => !first.early || ends() > 1 || out.includes('[watch] all files analysed'));
  rows.push({ file: relative(scratch, to), first, processor: processor() - before, wall: performance.now() - started, same: first.early && ends() === 1 });
}
ending.abort();
await running;

const of = (part) => median(rows.map(part));
if (values.json) console.log(JSON.stringify({ ...setting(), folder, lines, rows }, null, 2));
else {
  printSetting(setting());
  console.log(`input:   ${folder}: ${files.length} files, ${lines} lines; ${edits} edits of one file each, one process`);
  for (const { file, first, processor: all, wall, same } of rows) console.log(`  ${file}: ${first.early ? 'first look' : 'no first look'}, ${first.told ? 'told' : 'NOT told'} after ${first.processor.toFixed(0)} ms (${first.wall.toFixed(0)} ms by the clock); everything ${all.toFixed(0)} ms (${wall.toFixed(0)} ms)${first.early ? same ? ', the same findings' : ', other findings' : ''}`);
  console.log(`median:  the new finding after ${of(({ first }) => first.processor).toFixed(0)} ms of processor time, ${of(({ first }) => first.wall).toFixed(0)} ms by the clock; everything after ${of((row) => row.processor).toFixed(0)} ms and ${of((row) => row.wall).toFixed(0)} ms`);
}

function processor() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

function ends() {
  return out.split('[watch] analysis finished').length - 1;
}

function until(is) {
  return new Promise((resolve) => {
    const look = () => {
      if (!is()) return;
      heard.delete(look);
      // After all that was written in the same breath.
      setImmediate(resolve);
    };
    heard.add(look);
    look();
  });
}
