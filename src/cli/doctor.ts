import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { frontEnds, independentParts, placesOf } from '../index.js';
import { baselineOf } from './baseline.js';
import { conventions } from './conventions.js';
import { reportPath } from './discover.js';
import { gitIn } from './git.js';
import { joinAnswers } from './join-answers.js';
import { counted, teller } from './notices.js';
import { askedParts, isMistake, plan, type Plan } from './run.js';
import type { RunOptions } from './settings.js';
import type { Terminal } from './terminal.js';

const manifests = /(?:^|\/)(?:go\.mod|go\.work|package\.json|tsconfig(?:\.[\w-]+)?\.json)$/;

/** What does Deadheat find here, what is missing, what does it skip? Answers the exit code. */
export async function doctor(paths: readonly string[], options: RunOptions & { readonly quiet: boolean; readonly verbose: boolean }, tool: { readonly version: string }, terminal: Terminal): Promise<number> {
  const lines: string[] = [`deadheat ${tool.version}, Node ${process.versions.node}, ${process.platform} ${process.arch}`];
  try {
    const prepared = plan(paths, options, terminal);
    lines.push(...settingsLines(prepared, terminal), ...(await sourceLines(prepared, options.verbose)), ...gitLines(terminal));
  } catch (error) {
    if (!isMistake(error)) throw error;
    terminal.stdout.write(`${lines.join('\n')}\n`);
    for (const line of error.message.split('\n')) teller(terminal)(`error: ${line}`);
    return 2;
  }
  terminal.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}

function settingsLines({ settings }: Plan, { cwd }: Terminal): string[] {
  const baseline = baselineOf(undefined, settings, cwd);
  return [
    `configuration: ${settings.file ?? 'none; `deadheat init` writes one'}`,
    `baseline: ${baseline === undefined ? 'none' : `${reportPath(cwd, baseline)}${existsSync(baseline) ? '' : ', which is not there: `deadheat baseline create` writes it'}`}`,
    `rules: ${settings.selected.length} run`,
  ];
}

async function sourceLines(prepared: Plan, verbose: boolean): Promise<string[]> {
  const { found, options, settings, clear } = prepared;
  const lines = conventions.flatMap(({ extensions, language }) => {
    const own = found.sources.filter(({ path }) => extensions.some((extension) => path.endsWith(extension))).length;
    return own === 0 ? [] : [`${language}: ${counted(own, 'file')}${frontEnds.some((frontEnd) => frontEnd.extensions.includes(extensions[0]!)) ? '' : ', which this version does not read'}`];
  });
  const known = manifestsAround(found.sources.map(({ path }) => path), options.surroundings!);
  lines.push(`manifests: ${known.length === 0 ? 'none; names of other packages stay unknown' : known.join(', ')}`);
  if (known.some((file) => /(?:^|\/)go\.(?:mod|work)$/.test(file))) lines.push(`module cache: ${options.surroundings?.moduleCache ?? 'none; modules that are not vendored stay unknown'}`);
  if (!settings.tests) lines.push('test files: not looked at; --tests does');
  const parts = await independentParts(found.sources, options);
  if (parts.length > 1) lines.push(`parts: ${parts.length} that cannot know of each other, each analysed by itself`);
  // No rule is asked: reading alone tells what is understood.
  const analysis = joinAnswers(await askedParts(prepared, parts, { ...options, rules: [] }));
  clear();
  const { calls, lockOperations } = analysis.coverage;
  const share = ({ resolved, total }: { readonly resolved: number; readonly total: number }) => (total === 0 ? 'none there' : `${Math.floor((100 * resolved) / total)} % (${resolved} of ${total})`);
  lines.push(`understood: lock operations ${share(lockOperations)}, calls ${share(calls)}; \`deadheat check --explain-unknown\` lists the rest`);
  const gaps = [...found.gaps, ...analysis.gaps];
  lines.push(`not analysed: ${gaps.length === 0 ? 'nothing that should be' : counted(placesOf(gaps), 'place')}`);
  const shown = verbose ? gaps : gaps.slice(0, 10);
  for (const { at, reason } of shown) lines.push(`  ${at.file}:${at.line}: ${reason}`);
  if (gaps.length > shown.length) lines.push(`  ${placesOf(gaps.slice(shown.length))} more; --verbose shows them`);
  return lines;
}

/** The manifests of the folders that hold sources, and of those above them. */
function manifestsAround(files: readonly string[], { list }: { readonly list: (path: string) => readonly string[] }): readonly string[] {
  const folders = new Set<string>(['.']);
  for (const file of files) for (let at = file; at.includes('/'); ) folders.add((at = at.slice(0, at.lastIndexOf('/'))));
  return [...folders].sort().flatMap((folder) => list(folder).filter((name) => manifests.test(name)).map((name) => (folder === '.' ? name : join(folder, name).replaceAll('\\', '/'))));
}

function gitLines({ cwd, env }: Terminal): string[] {
  const git = gitIn(cwd, env);
  if (git.ask(['--version']) === undefined) return ['git: not on the PATH; --new-from-rev and --merge-base need it'];
  if (git.line(['rev-parse', '--show-toplevel']) === undefined) return ['git: this folder is in no repository; --new-from-rev and --merge-base need one'];
  return [`git: ${git.line(['rev-parse', '--is-shallow-repository']) === 'true' ? 'a shallow clone; --new-from-rev and --merge-base may not reach far enough' : 'a whole repository'}`];
}
