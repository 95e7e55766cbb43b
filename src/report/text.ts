import { Chalk, type ChalkInstance } from 'chalk';
import type { Finding, Level, Step, Trace } from '../findings/finding.js';
import { placesOf, type Gap, type Location } from '../ir/location.js';
import { decidingSteps, isSchedule, locksHeld, samePlace, sides, stepText } from './evidence.js';
import { scheduleColumns } from './columns.js';
import { codeFrame, type Mark, type Paint } from './frame.js';
import { printable, printableLine, textWidth, wrap } from './printable.js';
import type { Layout, Report, Share } from './report.js';
import { toSarifUri } from './sarif-uri.js';
import { sourceLines, type LineOf } from './source-lines.js';

/** For a person at a terminal: each finding with the code of every side, then one summary. */
export function text(report: Report, layout: Layout): string {
  const page: Page = { chalk: new Chalk({ level: layout.color ? 1 : 0 }), width: Math.max(layout.width, 40), lineOf: sourceLines(report.sources), ...(layout.hyperlinks === true && layout.root !== undefined ? { linkRoot: layout.root } : {}) };
  const lines: string[] = [];
  for (const [file, findings] of byFile(report.findings)) {
    lines.push(page.chalk.bold.underline(printable(file)), '');
    for (const finding of findings) lines.push(...findingLines(finding, page), '');
  }
  lines.push(...summaryLines(report, page));
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

interface Page {
  readonly chalk: ChalkInstance;
  readonly width: number;
  readonly lineOf: LineOf;
  /** Folder that links start from; absent where the terminal has no links. */
  readonly linkRoot?: string;
}

function byFile(findings: readonly Finding[]): Map<string, Finding[]> {
  const files = new Map<string, Finding[]>();
  for (const finding of findings) {
    const group = files.get(finding.at.file);
    if (group === undefined) files.set(finding.at.file, [finding]);
    else group.push(finding);
  }
  return files;
}

function findingLines(finding: Finding, page: Page): string[] {
  const { chalk, width } = page;
  const columns = scheduleColumns(finding.evidence, width - 4);
  const story = finding.evidence.find(isSchedule)?.title.split('one schedule: ')[1];
  const tint = tintOf[finding.level](chalk);
  const tag = `${finding.level}[${finding.rule}]`;
  const [head = '', ...rest] = wrap(`${tag} ${printableLine(finding.message)}`, width);
  return [
    `${tint.bold(head.slice(0, tag.length))}${chalk.bold(head.slice(tag.length))}`,
    ...rest.map((line) => `  ${chalk.bold(line)}`),
    `  --> ${link(finding.at, page)} in ${printable(finding.function)}`,
    ...primaryLines(finding, page),
    ...finding.evidence.filter((trace) => columns === undefined || !isSchedule(trace)).flatMap((trace) => traceLines(trace, finding, page)),
    ...(columns === undefined ? [] : ['', `  ${chalk.bold('one order in which it happens:')}`, ...(story === undefined ? [] : wrap(printableLine(story), width - 4).map((line) => `    ${line}`)), ...columns.map((line) => `    ${line}`)]),
    ...remark('impact', finding.impact, page),
    ...remark('fix', finding.advice, page),
  ];
}

function paintOf(level: Level, { chalk }: Page): Paint {
  const tint = tintOf[level](chalk);
  return { gutter: chalk.blue, caret: tint, label: tint };
}

const tintOf: Readonly<Record<Level, (chalk: ChalkInstance) => ChalkInstance>> = {
  error: (chalk) => chalk.red,
  warning: (chalk) => chalk.yellow,
  note: (chalk) => chalk.cyan,
};

/** The code of the primary place, unless a task's evidence shows that line anyhow. */
function primaryLines(finding: Finding, page: Page): string[] {
  const shown = sides(finding).some(({ step }) => step.at.file === finding.at.file && step.at.line === finding.at.line);
  const frame = shown ? undefined : codeFrame([{ at: finding.at, labels: [] }], page.lineOf, page.width - 4, paintOf(finding.level, page));
  return frame === undefined ? [] : frame.map((line) => `    ${line}`);
}

/** A task's steps in its order: code for the deciding ones, a line for each of the others. */
function traceLines(trace: Trace, finding: Finding, page: Page): string[] {
  const { chalk } = page;
  const paint = paintOf(finding.level, page);
  const deciding = new Set(decidingSteps(trace));
  // Two instances of one task meet in the same line, whose code is shown once.
  const earlier = finding.evidence.slice(0, finding.evidence.indexOf(trace)).flatMap((one) => decidingSteps(one));
  const isShown = (step: Step): boolean => earlier.some((other) => samePlace(other.at, step.at) && other.text === step.text && locksHeld(other) === locksHeld(step));
  const lines = ['', `  ${chalk.bold(`${printableLine(trace.title)}:`)}`];
  for (const run of runs(trace.steps, deciding)) {
    const [first] = run;
    const frame = deciding.has(first) && !run.every(isShown) ? codeFrame(run.map(markOf), page.lineOf, page.width - 4, paint) : undefined;
    if (frame === undefined) lines.push(...run.flatMap((step) => stepLines(step, page)));
    else lines.push(...whereLine(first, finding, page), ...frame.map((line) => `    ${line}`));
  }
  return lines;
}

/** Where a frame's code stands; the primary place has been named already. */
function whereLine(step: Step, finding: Finding, page: Page): string[] {
  const { chalk } = page;
  return samePlace(step.at, finding.at) ? [] : [chalk.dim(`    at ${link(step.at, page)} in ${printable(step.function)}`)];
}

/** Neighbouring deciding steps of one function share a frame. */
function runs(steps: Trace['steps'], deciding: ReadonlySet<Step>): [Step, ...Step[]][] {
  const all: [Step, ...Step[]][] = [];
  for (const step of steps) {
    const last = all.at(-1);
    const joins = last !== undefined && deciding.has(step) && deciding.has(last[0]) && last[0].at.file === step.at.file && last[0].function === step.function && step.at.line >= last.at(-1)!.at.line;
    if (joins) last.push(step);
    else all.push([step]);
  }
  return all;
}

function markOf(step: Step): Mark {
  return { at: step.at, labels: [printableLine(stepText(step)), `locks held: ${printableLine(locksHeld(step))}`] };
}

function stepLines(step: Step, page: Page): string[] {
  const { chalk, width } = page;
  const said = `- ${printableLine(stepText(step))}${step.locks.length === 0 ? '' : `; locks held: ${printableLine(locksHeld(step))}`}`;
  const where = chalk.dim(`at ${link(step.at, page)} in ${printable(step.function)}`);
  const size = textWidth(`    ${said} at ${place(step.at)} in ${printable(step.function)}`);
  if (size <= width) return [`    ${said} ${where}`];
  const [head = '', ...rest] = wrap(said, width - 6);
  return [`    ${head}`, ...rest.map((line) => `      ${line}`), `      ${where}`];
}

function remark(name: string, sentence: string | undefined, page: Page): string[] {
  if (sentence === undefined || sentence === '') return [];
  const [head = '', ...rest] = wrap(printableLine(sentence), page.width - name.length - 4);
  const indent = ' '.repeat(name.length + 4);
  return [...(name === 'impact' ? [''] : []), `  ${page.chalk.bold(`${name}:`)} ${head}`, ...rest.map((line) => `${indent}${line}`)];
}

/** The place, and where the terminal understands it (OSC 8) a link to the file. */
function link(at: Location, { linkRoot }: Page): string {
  if (linkRoot === undefined) return place(at);
  const absolute = /^(?:[\\/]|[A-Za-z]:[\\/])/.test(at.file) ? at.file : `${linkRoot}/${at.file}`;
  return `\u001b]8;;${toSarifUri(absolute)}#L${at.line}\u001b\\${place(at)}\u001b]8;;\u001b\\`;
}

function place(at: Location): string {
  return `${printable(at.file)}:${at.line}:${at.column}`;
}

function summaryLines(report: Report, page: Page): string[] {
  const { chalk, width } = page;
  const { summary, gaps } = report;
  const lines = wrap(verdict(report), width).map((line) => verdictTint(report, chalk)(line));
  if (report.exitCode > 1) lines.push(chalk.red.bold('The analysis is incomplete: something failed.'));
  const { lockOperations, calls } = summary.coverage;
  if (lockOperations.total + calls.total > 0) lines.push(...wrap(`Understood: ${share(lockOperations, 'lock operations')}, ${share(calls, 'calls')}.`, width));
  if (summary.suppressed > 0) lines.push(`${count(summary.suppressed, 'finding')} suppressed.`);
  if (summary.baseline) lines.push(`${count(summary.baseline.known, 'known finding')} left out${summary.baseline.stale > 0 ? `; ${summary.baseline.stale} no longer found` : ''}.`);
  if (summary.comparison) lines.push(...wrap(`Since ${printableLine(summary.comparison.base)}: ${summary.comparison.introduced} introduced, ${summary.comparison.fixed} fixed, ${summary.comparison.existing} left out that were there before.`, width));
  if (gaps.length > 0) lines.push(...gapLines(gaps, page));
  if (report.findings.length > 0) {
    lines.push(chalk.dim(`More on a rule: ${report.tool.name} explain ${report.findings[0]!.rule}. As a document: ${report.tool.name} check --format markdown.`));
  }
  return lines;
}

/** What was found, and in how much. Where something was not understood, silence about it is no promise. */
function verdict({ summary }: Report): string {
  if (summary.files === 0) return 'Nothing was analysed.';
  const { error, warning, note } = summary.findings;
  const found = [...(error > 0 ? [count(error, 'error')] : []), ...(warning > 0 ? [count(warning, 'warning')] : []), ...(note > 0 ? [count(note, 'note')] : [])];
  const scope = `${count(summary.files, 'file')}, ${count(summary.functions, 'function')}, ${count(summary.lines, 'line')}`;
  if (found.length > 0) return `${found.join(', ')} in ${scope}.`;
  const leftOut = (summary.baseline?.known ?? 0) + (summary.comparison?.existing ?? 0);
  return `No ${leftOut > 0 ? 'new ' : ''}races or deadlocks found in ${summary.gaps > 0 ? `what was understood of ${scope}` : scope}.`;
}

function verdictTint({ summary, exitCode }: Report, chalk: ChalkInstance): ChalkInstance {
  const { error, warning, note } = summary.findings;
  if (error > 0) return chalk.red.bold;
  if (warning > 0 || summary.files === 0 || exitCode > 1) return chalk.yellow.bold;
  return note > 0 ? chalk.cyan.bold : summary.gaps > 0 ? chalk.bold : chalk.green.bold;
}

/** How many gaps are spelled out before the rest is only counted. */
const gapsShown = 5;

function gapLines(gaps: readonly Gap[], page: Page): string[] {
  const shown = gaps.slice(0, gapsShown).map((gap) => `  ${link(gap.at, page)}: ${printableLine(gap.reason)}`);
  const hidden = placesOf(gaps.slice(shown.length));
  return [page.chalk.yellow(`${count(placesOf(gaps), 'place')} not analysed:`), ...shown, ...(hidden > 0 ? [`  and ${hidden} more; --format json lists them`] : [])];
}

function count(number: number, noun: string): string {
  return `${grouped(number)} ${noun}${number === 1 ? '' : 's'}`;
}

function grouped(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Rounded down, so that 100 % is said only of all. */
function share({ resolved, total }: Share, what: string): string {
  return total === 0 ? `no ${what} seen` : `${Math.floor((resolved * 100) / total)} % of the ${what} (${grouped(resolved)} of ${grouped(total)})`;
}
