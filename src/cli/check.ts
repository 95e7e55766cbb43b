import { dirname, resolve } from 'node:path';
import { namePrinter, orderGaps, placesOf, print, printers, type Gap, type Level, type Source } from '../index.js';
import { atLeast } from '../findings/order.js';
import { formats, wantsInventory, type FormatName, type Report } from '../report/index.js';
import type { Output } from './arguments.js';
import { baselineOf, measure } from './baseline.js';
import type { Answer } from './cache/remembered.js';
import { compare, type CompareOptions, type Comparison, type NoComparison } from './compare.js';
import { PathError } from './discover.js';
import { drawingFor } from './drawing.js';
import { printNames } from './names.js';
import { counted, teller, tellFailures, tellGaps, type Tell } from './notices.js';
import { provenanceOf } from './provenance.js';
import { isMistake, judge, plan, runAnalysis, type Overlay, type Plan } from './run.js';
import type { RunOptions, Settings } from './settings.js';
import { runShard, type Shard } from './shards.js';
import { causeOf } from './source-file.js';
import { byName, tellStatistics, tellTiming } from './statistics.js';
import { hasHyperlinks, usesColor, widthOf, type Terminal } from './terminal.js';
import { linkBaseOf, writeWhole } from './write-whole.js';

export interface CheckOptions extends RunOptions, CompareOptions {
  readonly format: FormatName;
  readonly output: readonly Output[];
  readonly linkBase?: string;
  readonly sarifMinimal?: boolean;
  /** A file, false for none, otherwise the one the configuration names. */
  readonly baseline?: string | boolean;
  readonly print?: string;
  readonly printConfig?: boolean;
  readonly showFiles?: boolean;
  readonly watch?: boolean;
  /** The text on stdin stands for this file. */
  readonly stdinFilename?: string;
  readonly statistics?: boolean;
  readonly timing?: boolean;
  /** Only this share of the work, and the file that keeps what came of it for `merge`. */
  readonly shard?: Shard;
  readonly shardFile?: string;
  readonly explainUnknown: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly color?: boolean;
}

/** Analyses what the paths name and reports it. Answers the exit code. */
export async function check(paths: readonly string[], options: CheckOptions, tool: Report['tool'], terminal: Terminal): Promise<number> {
  return (await checkOnce(paths, options, tool, terminal)).exitCode;
}

/** One run, with how much it reports. */
export async function checkOnce(paths: readonly string[], options: CheckOptions, tool: Report['tool'], terminal: Terminal): Promise<Outcome> {
  const tell = teller(terminal);
  const only = (exitCode: number): Outcome => ({ exitCode, findings: 0 });
  try {
    if (options.print === namePrinter) return only(await printNames(paths, terminal));
    const held = await overlayOf(paths, options, terminal);
    const prepared = held ? plan([dirname(held.path)], { ...options, overlay: held }, terminal) : plan(paths, options, terminal);
    if (options.printConfig) return only(printConfig(prepared.settings, terminal));
    if (options.showFiles) return only(showFiles(prepared, terminal));
    if (options.print !== undefined) return only(await printSeen(options.print, prepared, options, terminal));
    if (options.shard !== undefined && prepared.found.sources.length > 0) {
      const { index, count } = options.shard;
      const { answer, share } = await runShard(prepared, options.shard, options.shardFile ?? `deadheat-shard-${index}-of-${count}.json`, { paths, options: recorded(options) }, tool, terminal, options.quiet ? () => {} : tell);
      return conclude({ ...answer, allGaps: orderGaps([...share.found.gaps, ...answer.gaps]) }, undefined, share, options, tool, terminal, tell);
    }
    const told = isDocument(options);
    const whole = await runAnalysis(prepared, { ...(told && { inventory: true }), ...((told || options.explainUnknown) && { unknown: true }) });
    // An editor asks about one file; the rest of its package is there to understand it.
    const analysis = held ? { ...whole, findings: whole.findings.filter(({ at }) => resolve(terminal.cwd, at.file) === resolve(terminal.cwd, held.path)) } : whole;
    const compared = options.newFromRev === undefined && options.mergeBase === undefined ? undefined : await compare(analysis.findings, options, prepared, terminal);
    return conclude(analysis, compared, prepared, options, tool, terminal, tell);
  } catch (error) {
    if (!isMistake(error)) throw error;
    for (const line of error.message.split('\n')) tell(`error: ${line}`);
    return only(2);
  }
}

/** What decides the answer, for those who join it with others; what the exit code makes of it they decide. */
function recorded({ config, select, ignore, minLevel, minConfidence, tests, baseline }: CheckOptions): RunOptions & { readonly baseline?: string | boolean } {
  return JSON.parse(JSON.stringify({ config, select, ignore, minLevel, minConfidence, tests, baseline })) as RunOptions;
}

/** Whether a format is asked for that tells what is concurrent beside the findings. */
export function isDocument(options: CheckOptions): boolean {
  return [options.format, ...options.output.map(({ format }) => format)].some((format) => wantsInventory.has(format));
}

/** How a run ended. */
export interface Outcome {
  readonly exitCode: number;
  readonly findings: number;
}

/** The text on stdin, when it is asked for; the file it stands for need not be saved yet. */
async function overlayOf(paths: readonly string[], { stdinFilename }: CheckOptions, { stdin }: Terminal): Promise<Overlay | undefined> {
  const dash = paths.includes('-');
  if (stdinFilename === undefined && !dash) return undefined;
  if (stdinFilename === undefined) throw new PathError('- reads standard input: say with --stdin-filename which file it stands for');
  if (paths.some((path) => path !== '-' && path !== '.')) throw new PathError('--stdin-filename stands for one file: name no other paths beside it');
  return { path: stdinFilename, text: (await stdin?.()) ?? '' };
}

function printConfig(settings: Settings, { stdout }: Terminal): number {
  const { file, config, selected, failOn, tests, minLevel, minConfidence } = settings;
  const { $schema: _, ...said } = config;
  stdout.write(`${JSON.stringify({ file: file ?? null, settings: { ...said, failOn, tests, minLevel, minConfidence }, rules: selected.map(({ id }) => id) }, undefined, 2)}\n`);
  return 0;
}

function showFiles({ found, settings }: Plan, { stdout, stderr }: Terminal): number {
  for (const path of found.sources.map((source) => source.path).sort()) stdout.write(`${path}\n`);
  tellGaps(orderGaps(found.gaps), { quiet: false, verbose: true }, teller({ stderr } as Terminal));
  return found.sources.length === 0 && settings !== undefined ? 2 : 0;
}

async function printSeen(what: string, { found, options: analysing, clear }: Plan, options: CheckOptions, terminal: Terminal): Promise<number> {
  const tell = teller(terminal);
  const printed = await print(found.sources, printers.get(what)!, analysing);
  clear();
  tellGaps(orderGaps([...found.gaps, ...printed.gaps]), options, tell);
  tellFailures(printed.failures, options, tell);
  terminal.stdout.write(printed.text);
  return found.sources.length === 0 || printed.failures.length > 0 ? 2 : 0;
}

export function conclude(analysis: Answer & { readonly allGaps: readonly Gap[] }, compared: Comparison | NoComparison | undefined, prepared: Plan, options: CheckOptions, tool: Report['tool'], terminal: Terminal, tell: Tell): Outcome {
  const { settings, found, phases } = prepared;
  phases.begin('judging and printing');
  const { failOn } = settings;
  const judged = judge(analysis.findings, settings);
  const comparison = compared !== undefined && 'introduced' in compared ? compared : undefined;
  const baseline = baselineOf(options.baseline, settings, terminal.cwd);
  const measured = baseline === undefined ? undefined : measure(judged.findings, baseline, found.sources.map(({ path }) => path), terminal.cwd);
  const introduced = comparison && new Set(comparison.introduced.map(({ fingerprint }) => fingerprint));
  const findings = (measured?.findings ?? judged.findings).filter(({ fingerprint }) => introduced?.has(fingerprint) ?? true);
  const gaps = analysis.allGaps;
  const nothing = found.sources.length === 0 && prepared.idle !== true;
  const failed = analysis.failures.length > 0 || nothing;
  const exitCode = failed ? 2 : failOn !== 'never' && findings.some((finding) => atLeast(finding.level, failOn)) ? 1 : 0;
  const report: Report = {
    tool: { name: tool.name, version: tool.version },
    summary: {
      files: analysis.files,
      lines: analysis.lines,
      functions: analysis.functions,
      findings: { error: countOf(findings, 'error'), warning: countOf(findings, 'warning'), note: countOf(findings, 'note') },
      suppressed: analysis.suppressed.length,
      ...(measured && { baseline: { known: measured.known, stale: measured.stale.length } }),
      ...(comparison && { comparison: { base: comparison.base, introduced: comparison.introduced.length, fixed: comparison.fixed.length, existing: comparison.existing } }),
      gaps: placesOf(gaps),
      coverage: analysis.coverage,
      durationMs: Math.round(phases.elapsed()),
    },
    findings,
    gaps,
    rules: settings.selected.map(({ id, family, level, confidence, title, explain, impact, advice, misses }) => ({ id, family, level, confidence, title, explain, impact, advice, misses })),
    inventories: analysis.inventories,
    ...(isDocument(options) ? { unknown: analysis.unknown } : {}),
    sources: textsOf(found.sources),
    exitCode,
  };
  const root = terminal.cwd.replaceAll('\\', '/');

  if (options.verbose && !options.quiet) {
    for (const [name, milliseconds] of byName(phases.end())) tell(`${name}: ${Math.round(milliseconds)} ms`);
    const { confirmed, refuted, undecided, explored, steps } = analysis.exploration;
    tell(`explorer: ${confirmed} candidates confirmed, ${refuted} refuted, ${undecided} undecided; ${explored} functions and clients run in ${steps} operations`);
    phases.begin('judging and printing');
  }
  tellGaps(gaps, options, tell);
  tellFailures(analysis.failures, options, tell);
  if (nothing) tell('error: nothing was analysed');
  // Said whatever else is silenced: who asked for the new ones alone would take all of these for new.
  if (compared !== undefined && 'because' in compared) tell(`warning: everything is reported, not only what is new: ${compared.because}`);
  if (!options.quiet) {
    for (const { rule, at, message } of options.verbose ? (comparison?.fixed ?? []) : []) tell(`fixed: ${rule} in ${at.file}: ${message}`);
    if (judged.unsure > 0) tell(`${judged.unsure} more ${judged.unsure === 1 ? 'finding' : 'findings'} below --min-confidence ${settings.minConfidence}`);
    if (judged.minor > 0) tell(`${judged.minor} more ${judged.minor === 1 ? 'finding' : 'findings'} below --min-level ${settings.minLevel}`);
    if (analysis.suppressed.length > 0 && options.format !== 'text') tell(`${counted(analysis.suppressed.length, 'finding')} suppressed in the source`);
    const stale = measured?.stale ?? [];
    for (const { file, rule, message } of options.verbose ? stale : stale.slice(0, 20)) tell(`no longer found, still in the baseline: ${rule} in ${file}: ${message}`);
    if (stale.length > 0) tell(`${counted(stale.length, 'stale baseline entry', 'stale baseline entries')}; \`deadheat baseline prune\` takes them out`);
  }

  let unwritten = false;
  for (const { format, file } of options.output) {
    try {
      writeWhole(terminal.cwd, file, formats[format](report, { width: 100, color: false, root, ...linkBaseOf(terminal.cwd, options.linkBase, file), ...drawingFor(format), ...provenanceOf(format, terminal.cwd), minimal: options.sarifMinimal === true }));
    } catch (error) {
      unwritten = true;
      tell(`error: cannot write ${file}: ${causeOf(error)}`);
    }
  }
  const color = usesColor(options.color, terminal.stdout, terminal.env);
  terminal.stdout.write(formats[options.format](report, { width: widthOf(terminal.stdout), color, hyperlinks: hasHyperlinks(terminal.stdout, color), root, ...linkBaseOf(terminal.cwd, options.linkBase, undefined), ...drawingFor(options.format), ...provenanceOf(options.format, terminal.cwd), minimal: options.sarifMinimal === true }));
  if (options.explainUnknown) explainUnknown(analysis, options, tell);
  if (options.statistics) tellStatistics(findings, analysis.suppressed.map(({ finding }) => finding), tell);
  if (options.timing) tellTiming(phases.end(), prepared.fileTimes ?? new Map(), tell);
  return { exitCode: unwritten ? 2 : exitCode, findings: findings.length };
}

/** Ranked by how many functions may come to a call that nobody can follow. */
function explainUnknown(analysis: Answer, options: CheckOptions, tell: (line: string) => void): void {
  const { calls, lockOperations } = analysis.coverage;
  tell(`${calls.total - calls.resolved} of ${calls.total} calls and ${lockOperations.total - lockOperations.resolved} of ${lockOperations.total} lock operations could not be followed`);
  const callees = analysis.unknown;
  const shown = options.verbose ? callees : callees.slice(0, 20);
  for (const { name, places, behind } of shown) {
    const some = places.slice(0, 3).map(({ file, line }) => `${file}:${line}`).join(', ');
    tell(`  ${name}: ${places.length} ${places.length === 1 ? 'call' : 'calls'} in what ${behind} ${behind === 1 ? 'function does' : 'functions do'}: ${some}${places.length > 3 ? ', ...' : ''}`);
  }
  if (callees.length > shown.length) tell(`  ${callees.length - shown.length} more; --verbose shows them`);
}

function countOf(findings: Report['findings'], level: Level): number {
  return findings.filter((finding) => finding.level === level).length;
}

function textsOf(sources: readonly Source[]): (file: string) => string | undefined {
  const texts = new Map(sources.map((source) => [source.path, source.text]));
  return (file) => texts.get(file);
}
