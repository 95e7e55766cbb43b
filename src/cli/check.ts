import { analyze, namePrinter, orderGaps, print, printers, rules, unknownCallees, type Analysis, type Confidence, type Failure, type Gap, type Level, type Rule, type Source } from '../index.js';
import { atLeast, atLeastConfidence } from '../findings/order.js';
import { formats, type FormatName, type Report } from '../report/index.js';
import { discover, PathError, type Discovery } from './discover.js';
import { printNames } from './names.js';
import { selectRules, SelectionError } from './select.js';
import { causeOf } from './source-file.js';
import { surroundingsOf } from './surroundings.js';
import { progressLine, usesColor, visible, widthOf, type Terminal } from './terminal.js';
import { writeWhole } from './write-whole.js';

export interface CheckOptions {
  readonly format: FormatName;
  readonly output: readonly { readonly format: FormatName; readonly file: string }[];
  readonly linkBase?: string;
  readonly minLevel: Level;
  readonly minConfidence: Confidence;
  readonly failOn: Level | 'never';
  readonly select: readonly string[];
  readonly ignore: readonly string[];
  readonly tests: boolean;
  readonly config: boolean;
  readonly print?: string;
  readonly explainUnknown: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly color?: boolean;
}

/** Analyses what the paths name and reports it. Answers the exit code. */
export async function check(paths: readonly string[], options: CheckOptions, tool: Report['tool'], terminal: Terminal): Promise<number> {
  const started = performance.now();
  const tell = (line: string) => void terminal.stderr.write(`${visible(line)}\n`);
  let selected: readonly Rule[];
  let found: Discovery;
  try {
    if (options.print === namePrinter) return await printNames(paths, terminal);
    selected = selectRules(rules, options.select, options.ignore);
    found = discover(paths, { cwd: terminal.cwd, tests: options.tests });
  } catch (error) {
    if (!(error instanceof PathError) && !(error instanceof SelectionError)) throw error;
    tell(`error: ${error.message}`);
    return 2;
  }

  const progress = progressLine(terminal.stderr, !options.quiet && terminal.env['CI'] === undefined);
  const phases = phaseClock();
  const settings = {
    // Discovery decides which test files are read; what is read is reported.
    tests: true,
    surroundings: surroundingsOf(terminal.cwd, terminal.env),
    rules: selected,
    onPhase: (phase: string) => {
      phases.begin(phase);
      progress.show(`deadheat: ${found.sources.length} files: ${phase}`);
    },
  };

  if (options.print !== undefined) {
    const printed = await print(found.sources, printers.get(options.print)!, settings);
    progress.clear();
    tellGaps(orderGaps([...found.gaps, ...printed.gaps]), options, tell);
    tellFailures(printed.failures, options, tell);
    terminal.stdout.write(printed.text);
    return found.sources.length === 0 || printed.failures.length > 0 ? 2 : 0;
  }

  const analysis = await analyze(found.sources, settings);
  progress.clear();
  if (options.verbose && !options.quiet) for (const line of phases.end()) tell(line);
  return conclude(analysis, found, selected, options, tool, terminal, tell, started);
}

function conclude(analysis: Analysis, found: Discovery, selected: readonly Rule[], options: CheckOptions, tool: Report['tool'], terminal: Terminal, tell: (line: string) => void, started: number): number {
  const { failOn } = options;
  const surest = analysis.findings.filter((finding) => atLeastConfidence(finding.confidence, options.minConfidence));
  const findings = surest.filter((finding) => atLeast(finding.level, options.minLevel));
  const gaps = orderGaps([...found.gaps, ...analysis.gaps]);
  const failed = analysis.failures.length > 0 || found.sources.length === 0;
  const exitCode = failed ? 2 : failOn !== 'never' && findings.some((finding) => atLeast(finding.level, failOn)) ? 1 : 0;
  const report: Report = {
    tool: { name: tool.name, version: tool.version },
    summary: {
      files: analysis.files,
      lines: analysis.lines,
      functions: analysis.functions,
      findings: { error: countOf(findings, 'error'), warning: countOf(findings, 'warning'), note: countOf(findings, 'note') },
      suppressed: 0,
      gaps: gaps.length,
      coverage: analysis.coverage,
      durationMs: Math.round(performance.now() - started),
    },
    findings,
    gaps,
    rules: selected.map(({ id, family, level, confidence, title, explain, impact, advice, misses }) => ({ id, family, level, confidence, title, explain, impact, advice, misses })),
    sources: textsOf(found.sources),
    exitCode,
  };
  const root = terminal.cwd.replaceAll('\\', '/');
  const links = options.linkBase === undefined ? {} : { linkBase: options.linkBase };

  tellGaps(gaps, options, tell);
  tellFailures(analysis.failures, options, tell);
  if (found.sources.length === 0) tell('error: nothing was analysed');
  if (!options.quiet) {
    const unsure = analysis.findings.length - surest.length;
    if (unsure > 0) tell(`${unsure} more ${unsure === 1 ? 'finding' : 'findings'} below --min-confidence ${options.minConfidence}`);
    const minor = surest.length - findings.length;
    if (minor > 0) tell(`${minor} more ${minor === 1 ? 'finding' : 'findings'} below --min-level ${options.minLevel}`);
  }

  let unwritten = false;
  for (const { format, file } of options.output) {
    try {
      writeWhole(terminal.cwd, file, formats[format](report, { width: 100, color: false, root, ...links }));
    } catch (error) {
      unwritten = true;
      tell(`error: cannot write ${file}: ${causeOf(error)}`);
    }
  }
  const color = usesColor(options.color, terminal.stdout, terminal.env);
  terminal.stdout.write(formats[options.format](report, { width: widthOf(terminal.stdout), color, root, ...links }));
  if (options.explainUnknown) explainUnknown(analysis, options, tell);
  return unwritten ? 2 : exitCode;
}

/** Ranked by how many functions may come to a call that nobody can follow. */
function explainUnknown(analysis: Analysis, options: CheckOptions, tell: (line: string) => void): void {
  const { calls, lockOperations } = analysis.coverage;
  tell(`${calls.total - calls.resolved} of ${calls.total} calls and ${lockOperations.total - lockOperations.resolved} of ${lockOperations.total} lock operations could not be followed`);
  const callees = analysis.programs.flatMap((program) => [...unknownCallees(program)]);
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

/** The first gaps say what kind they are; all of them stand in every report and under `--verbose`. */
function tellGaps(gaps: readonly Gap[], options: CheckOptions, tell: (line: string) => void): void {
  if (options.quiet) return;
  const shown = options.verbose ? gaps : gaps.slice(0, 20);
  for (const { at, reason } of shown) tell(`${at.file}:${at.line}: ${reason}`);
  if (gaps.length > shown.length) tell(`${gaps.length - shown.length} more gaps; --verbose shows them`);
}

function tellFailures(failures: readonly Failure[], options: CheckOptions, tell: (line: string) => void): void {
  for (const { reason, stack } of failures) {
    tell(`error: ${reason}`);
    if (options.verbose) tell(stack);
  }
}

/** How long each phase took: a phase lasts until the next begins. */
function phaseClock(): { readonly begin: (phase: string) => void; readonly end: () => readonly string[] } {
  const lines: string[] = [];
  let current: { readonly phase: string; readonly since: number } | undefined;
  const close = () => {
    if (current !== undefined) lines.push(`${current.phase}: ${Math.round(performance.now() - current.since)} ms`);
  };
  return {
    begin: (phase) => {
      close();
      current = { phase, since: performance.now() };
    },
    end: () => {
      close();
      current = undefined;
      return lines;
    },
  };
}
