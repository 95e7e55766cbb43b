/**
 * Is the same found when code is written differently: formatted, put in another order, cut into other files, with other names of locals?
 * Runs the variants of `metamorphic/` on whole trees and prints what each changes. Nothing is written to the trees.
 *
 *   node bench/metamorphic.mjs <folder>... [--language go|ts] [--variant WORDS] [--tests] [--list] [--json]
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { goVariants } from './metamorphic/go.mjs';
import { differences, seen } from './metamorphic/compare.mjs';
import { missing, need, needBuild, printSetting, setting } from './run.mjs';

const usage = 'node bench/metamorphic.mjs <folder>... [--language go|ts] [--variant WORDS] [--tests] [--list] [--json]';
const { values, positionals } = parseArgs({ allowPositionals: true, options: { language: { type: 'string', default: 'go' }, variant: { type: 'string', default: '' }, tests: { type: 'boolean', default: false }, list: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } } });
for (const folder of positionals.length === 0 ? [undefined] : positionals) need(folder, 'folder', usage);
needBuild();
const dist = (name) => import(new URL(`../dist/${name}.js`, import.meta.url).href);
const [{ analyze }, { discover }, { surroundingsOf }] = await Promise.all([dist('index'), dist('cli/discover'), dist('cli/surroundings')]);

const languages = { go: { variants: async () => goVariants, endings: /\.go$/ }, ts: { variants: async () => (await import('./metamorphic/typescript.mjs')).typescriptVariants, endings: /\.[cm]?[jt]sx?$/ } };
const language = languages[values.language] ?? missing(`--language takes go or ts\nusage: ${usage}`);
const variants = Object.entries(await language.variants()).filter(([name]) => name.includes(values.variant));
if (variants.length === 0) missing(`no variant of this name\nusage: ${usage}`);

/** What lies around the files, which themselves read as they are written now: where in its module a folder lies is seen by one of its files. */
function rewritten(folder, sources) {
  const around = surroundingsOf(folder);
  const texts = new Map(sources.map(({ path, text }) => [resolve(folder, path), text]));
  return { ...around, read: (path) => texts.get(resolve(folder, path)) ?? around.read(path) };
}

const rows = [];
if (!values.json) printSetting(setting());
for (const given of positionals) {
  const folder = resolve(given);
  const program = discover(['.'], { cwd: folder, tests: values.tests }).sources.filter(({ path }) => language.endings.test(path));
  const find = async (sources) => seen(await analyze(sources, { tests: values.tests, surroundings: rewritten(folder, sources) }));
  const before = await find(program);
  if (!values.json) console.log(`${given}: ${program.length} files, ${before.length} findings and gaps`);
  for (const [name, { vary, looser = false }] of variants) {
    const varied = vary(program);
    const texts = new Map(program.map(({ path, text }) => [path, text]));
    const different = varied.filter(({ path, text }, index) => texts.get(path) !== text || program[index]?.path !== path).length;
    const changed = differences(before, await find(varied), looser);
    rows.push({ folder: given, variant: name, files: different, compared: before.length, changed });
    if (values.json) continue;
    console.log(`  ${name}: ${different} files written differently, ${changed.length === 0 ? 'nothing changes' : `${changed.length} differences`}`);
    for (const one of values.list ? changed : changed.slice(0, 6)) console.log(`    ${one}`);
    if (!values.list && changed.length > 6) console.log(`    ... ${changed.length - 6} more; --list shows them`);
  }
}
if (values.json) console.log(JSON.stringify({ ...setting(), rows }, null, 2));
else console.log(`${rows.length} runs, ${rows.reduce((sum, { changed }) => sum + changed.length, 0)} differences`);
