import { existsSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';
import { applyBaseline, parseBaseline, printBaseline, type BaselineEntry } from '../findings/baseline.js';
import type { Analysis, Finding } from '../index.js';
import { reportPath } from './discover.js';
import { counted, teller, tellFailures } from './notices.js';
import { isMistake, judge, plan, runAnalysis, type Plan } from './run.js';
import { ConfigError, type RunOptions, type Settings } from './settings.js';
import { causeOf, readSourceFile } from './source-file.js';
import type { Terminal } from './terminal.js';
import { writeWhole } from './write-whole.js';

export const defaultBaseline = 'deadheat-baseline.json';

/** Findings against a baseline: what is new, how much is known, and what is known and no longer there. */
export interface Measured {
  readonly findings: readonly Finding[];
  readonly known: number;
  readonly stale: readonly BaselineEntry[];
}

/** The file the command line names, else the configuration; undefined when neither does. */
export function baselineOf(option: string | boolean | undefined, settings: Settings, cwd: string): string | undefined {
  if (option === false) return undefined;
  if (typeof option === 'string') return resolve(cwd, option);
  return settings.baseline;
}

/** Throws ConfigError for a baseline that cannot be read. */
export function measure(findings: readonly Finding[], path: string, files: readonly string[], cwd: string): Measured {
  const { fresh, known, unanswered } = applyBaseline(findings, readBaseline(path, cwd));
  return { findings: fresh, known: known.length, stale: unanswered.filter((entry) => isStale(entry, path, files, cwd)) };
}

/** An entry is stale when its file was analysed or is gone; nothing can be said about files that were not asked. */
function isStale(entry: BaselineEntry, path: string, files: readonly string[], cwd: string): boolean {
  const file = resolve(dirname(path), entry.file);
  return files.some((one) => resolve(cwd, one) === file) || !existsSync(file);
}

function readBaseline(path: string, cwd: string): readonly BaselineEntry[] {
  const shown = reportPath(cwd, path);
  const problem = (line: number, message: string) => new ConfigError([{ at: { file: shown, line, column: 1, endLine: line, endColumn: 1 }, message }]);
  const source = readSourceFile(path);
  if (source.text === undefined) throw problem(1, `${source.reason.replace('not analysed: ', 'the baseline cannot be read: ')}; \`deadheat baseline create\` writes one`);
  const entries = parseBaseline(source.text);
  if ('problem' in entries) throw problem(entries.line, entries.problem);
  return entries;
}

export interface BaselineOptions extends RunOptions {
  readonly baseline?: string | boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** Writes a baseline: a new one, today's findings in place of the old ones, or the old ones without the stale. Answers the exit code. */
export async function writeBaseline(what: 'create' | 'update' | 'prune', paths: readonly string[], options: BaselineOptions, terminal: Terminal): Promise<number> {
  const tell = teller(terminal);
  try {
    const prepared = plan(paths, options, terminal);
    const path = baselineOf(options.baseline, prepared.settings, terminal.cwd) ?? resolve(prepared.settings.folder, defaultBaseline);
    const file = reportPath(terminal.cwd, path);
    if (what === 'create' && existsSync(path)) {
      tell(`error: ${file} is there already; \`deadheat baseline update\` replaces what it holds`);
      return 2;
    }
    const analysis = await runAnalysis(prepared);
    tellFailures(analysis.failures, options, tell);
    if (analysis.failures.length > 0 || prepared.found.sources.length === 0) {
      tell(`error: ${file} was not written: ${prepared.found.sources.length === 0 ? 'nothing was analysed' : 'the analysis is incomplete'}`);
      return 2;
    }
    return write(what, path, file, prepared, analysis, terminal);
  } catch (error) {
    if (!isMistake(error)) throw error;
    for (const line of error.message.split('\n')) tell(`error: ${line}`);
    return 2;
  }
}

function write(what: 'create' | 'update' | 'prune', path: string, file: string, { settings, found }: Plan, analysis: Pick<Analysis, 'findings'>, terminal: Terminal): number {
  const { cwd } = terminal;
  const tell = teller(terminal);
  const { findings } = judge(analysis.findings, settings);
  const files = found.sources.map((source) => source.path);
  const old = what === 'create' || (what === 'update' && !existsSync(path)) ? [] : readOld(what, path, cwd);
  const { fresh, unanswered } = applyBaseline(findings, old);
  const stale = new Set(unanswered.filter((entry) => isStale(entry, path, files, cwd)));
  const current = findings.filter((finding) => what !== 'prune' || !fresh.includes(finding)).map((finding) => entryOf(finding, path, cwd));
  const entries = [...current, ...unanswered.filter((entry) => !stale.has(entry))];
  try {
    writeWhole(cwd, path, printBaseline(entries));
  } catch (error) {
    tell(`error: cannot write ${file}: ${causeOf(error)}`);
    return 2;
  }
  const changes = what === 'create' ? '' : ` (${what === 'update' ? `${fresh.length} added, ` : ''}${stale.size} removed)`;
  terminal.stdout.write(`${file}: ${counted(entries.length, 'known finding')}${changes}\n`);
  if (what === 'create' && baselineOf(undefined, settings, cwd) !== path) tell(`\`deadheat check --baseline ${file}\` leaves them out; so does \`baseline: ${file}\` in deadheat.yaml, for every run`);
  if (what === 'prune' && fresh.length > 0) tell(`${counted(fresh.length, 'finding')} not in the baseline; \`deadheat check\` shows them`);
  return 0;
}

/** An old baseline that cannot be read is replaced by `update`, which is the remedy its message names. */
function readOld(what: 'update' | 'prune', path: string, cwd: string): readonly BaselineEntry[] {
  try {
    return readBaseline(path, cwd);
  } catch (error) {
    if (what === 'update' && error instanceof ConfigError) return [];
    throw error;
  }
}

function entryOf(finding: Finding, path: string, cwd: string): BaselineEntry {
  const file = relative(dirname(path), resolve(cwd, finding.at.file)).split(sep).join('/');
  return { fingerprint: finding.fingerprint, rule: finding.rule, file, function: finding.function, message: finding.message };
}
