import type { Confidence, Finding, Level, Step } from '../findings/finding.js';
import { orderByLevel } from '../findings/order.js';
import { decidingSteps, interleave, locksHeld, sides } from './evidence.js';
import { clip } from './frame.js';
import { codeBlock, codeSpan, escapeText, lineLink, prose, tableProse } from './markdown-text.js';
import { printable } from './printable.js';
import type { Layout, Report, RuleDescription, Share } from './report.js';
import { sourceLines, type LineOf } from './source-lines.js';

/** The analysis document: numbered issues by severity and place, each with what happens, what it leads to and what to do. */
export function markdown(report: Report, _layout?: Layout): string {
  const lineOf = sourceLines(report.sources);
  const rules = new Map(report.rules.map((rule) => [rule.id, rule]));
  const issues = orderByLevel(report.findings).map((finding, index) => ({ number: index + 1, finding, rule: rules.get(finding.rule) }));
  const parts = [
    ['# Concurrency analysis'],
    [opening(report)],
    summaryTable(report),
    ...levelSections.flatMap(({ level, title }) => {
      const group = issues.filter(({ finding }) => finding.level === level);
      return group.length === 0 ? [] : [[`## ${title}`], ...group.flatMap((issue) => issueParts(issue, lineOf))];
    }),
    ...acceptance(issues, report),
    ...ruleNotes(issues),
    ...notAnalysed(report),
  ];
  return `${parts.map((part) => part.join('\n')).join('\n\n')}\n`;
}

/** A part is a paragraph, table, list or code block: its lines. */
type Part = readonly string[];

interface Issue {
  readonly number: number;
  readonly finding: Finding;
  readonly rule: RuleDescription | undefined;
}

const levelSections: readonly { readonly level: Level; readonly title: string }[] = [
  { level: 'error', title: 'Errors' },
  { level: 'warning', title: 'Warnings' },
  { level: 'note', title: 'Notes' },
];

function opening({ findings, tool, summary }: Report): string {
  if (summary.files === 0) return `${tool.name} ${tool.version} found nothing to analyse.`;
  if (findings.length === 0) return `${tool.name} ${tool.version} found no races or deadlocks in ${summary.gaps > 0 ? 'what it understood of the code' : 'the code it analysed'}.`;
  const files = new Set(findings.map((finding) => finding.at.file)).size;
  return `${tool.name} ${tool.version} found ${count(findings.length, 'issue')} in ${count(files, 'file')}. Each one names both sides, the locks held there, and the order of steps that leads to it.`;
}

function summaryTable({ summary }: Report): Part {
  const { error, warning, note } = summary.findings;
  const rows: readonly (readonly [string, string])[] = [
    ['Errors', String(error)],
    ['Warnings', String(warning)],
    ['Notes', String(note)],
    ['Suppressed', String(summary.suppressed)],
    ['Files', String(summary.files)],
    ['Functions', String(summary.functions)],
    ['Lines', String(summary.lines)],
    ['Lock operations understood', share(summary.coverage.lockOperations)],
    ['Calls understood', share(summary.coverage.calls)],
    ['Places not analysed', String(summary.gaps)],
  ];
  return ['| Summary | |', '| --- | ---: |', ...rows.map(([name, value]) => `| ${name} | ${value} |`)];
}

function issueParts({ number, finding, rule }: Issue, lineOf: LineOf): Part[] {
  const impact = finding.impact ?? rule?.impact;
  const advice = finding.advice ?? rule?.advice;
  return [
    [`### ${number}. ${heading(finding, rule)}`],
    [`**What happens.** ${prose(sentence(finding.message))}`],
    ...evidenceParts(finding, lineOf),
    ...interleaving(finding),
    ...(impact === undefined ? [] : [[`**Impact.** ${prose(impact)}`]]),
    ...(advice === undefined ? [] : [[`**Recommended fix.** ${prose(advice)}`]]),
    [`**Priority.** ${priorities[finding.level][finding.confidence]} (${finding.level}, ${finding.confidence} confidence, rule ${codeSpan(finding.rule)})`],
  ];
}

/** `Title in Type.method (file:12-31)`: the lines are those of the sides in the primary side's function. */
function heading(finding: Finding, rule: RuleDescription | undefined): string {
  const { at } = finding;
  const here = sides(finding).filter(({ step }) => step.at.file === at.file && step.function === finding.function).map(({ step }) => step.at);
  const first = Math.min(at.line, ...here.map((side) => side.line));
  const last = Math.max(at.endLine, ...here.map((side) => side.endLine));
  const lines = first >= last ? `${first}` : `${first}-${last}`;
  const title = rule === undefined ? finding.rule : rule.title;
  return `${prose(capital(title))} in ${codeSpan(finding.function)} (${escapeText(printable(at.file))}:${lines})`;
}

const priorities: Readonly<Record<Level, Readonly<Record<Confidence, string>>>> = {
  error: { high: 'High', medium: 'High', low: 'Medium' },
  warning: { high: 'High', medium: 'Medium', low: 'Low' },
  note: { high: 'Low', medium: 'Low', low: 'Low' },
};

/** Each task: its steps as a list, then the code around the deciding ones. */
function evidenceParts(finding: Finding, lineOf: LineOf): Part[] {
  return finding.evidence.flatMap((trace) => {
    const deciding = new Set(decidingSteps(trace));
    const list = trace.steps.map((step) => {
      const text = deciding.has(step) ? `**${prose(step.text)}**` : prose(step.text);
      return `- ${text} in ${codeSpan(step.function)}, ${lineLink(step.at.file, step.at.line)}; locks held: ${lockList(step)}`;
    });
    const excerpts = [...excerptsByFile([...deciding])].map(([file, steps]) => excerpt(file, steps, lineOf));
    return [[`${prose(capital(trace.title))}:`], list, ...excerpts.filter((block) => block.length > 0)];
  });
}

function lockList(step: Step): string {
  return step.locks.length === 0 ? 'none' : step.locks.map(codeSpan).join(', ');
}

function excerptsByFile(steps: readonly Step[]): Map<string, Step[]> {
  const files = new Map<string, Step[]>();
  for (const step of steps) files.set(step.at.file, [...(files.get(step.at.file) ?? []), step]);
  return files;
}

/** Lines shown before and after each side. */
const around = 1;
const longestLine = 160;

/** Numbered lines around the steps; `>` marks theirs. Empty when the source is not at hand. */
function excerpt(file: string, steps: readonly Step[], lineOf: LineOf): Part {
  const marked = new Map(steps.map((step) => [step.at.line, step.at.column]));
  const numbers = [...new Set([...marked.keys()].flatMap((line) => Array.from({ length: 2 * around + 1 }, (_, index) => line - around + index)))]
    .filter((line) => lineOf(file, line) !== undefined && (marked.has(line) || lineOf(file, line)!.trim() !== ''))
    .sort((a, b) => a - b);
  if (numbers.length === 0) return [];
  const digits = String(numbers.at(-1)).length;
  const lines = numbers.flatMap((line, index) => {
    const cut = index > 0 && line - numbers[index - 1]! > around + 1 ? [`${' '.repeat(digits)}   ...`] : [];
    const column = (marked.get(line) ?? 1) - 1;
    return [...cut, `${marked.has(line) ? '>' : ' '} ${String(line).padStart(digits)} | ${clip(lineOf(file, line)!, column, column, longestLine).text}`];
  });
  return codeBlock(lines, languages[/\.([A-Za-z]+)$/.exec(file)?.[1] ?? ''] ?? '');
}

/** What a code block is called by, from the file's ending. */
const languages: Readonly<Record<string, string>> = { go: 'go', ts: 'ts', tsx: 'tsx', mts: 'ts', cts: 'ts', js: 'js', mjs: 'js', cjs: 'js' };

/** One column per task, one row per step. A single task has no interleaving. */
function interleaving(finding: Finding): Part[] {
  const { evidence } = finding;
  if (evidence.length < 2) return [];
  const rows = interleave(evidence).map(({ task, step }, index) => {
    const cell = `${tableProse(step.text)} (line ${step.at.line}; locks: ${tableProse(locksHeld(step))})`;
    return `| ${index + 1} | ${evidence.map((_, column) => (column === task ? cell : '')).join(' | ')} |`;
  });
  return [
    ['**How it goes wrong.** One order of steps:'],
    [`| Step | ${evidence.map((trace) => tableProse(capital(trace.title))).join(' | ')} |`, `| ---: |${' --- |'.repeat(evidence.length)}`, ...rows],
  ];
}

function acceptance(issues: readonly Issue[], { tool }: Report): Part[] {
  if (issues.length === 0) return [];
  const items = issues.map(({ number, finding, rule }) => `- [ ] Issue ${number}: ${prose(finding.advice ?? rule?.advice ?? finding.message)} (${codeSpan(finding.function)}, ${lineLink(finding.at.file, finding.at.line)})`);
  return [['## Acceptance checklist'], [...items, `- [ ] ${codeSpan(`${tool.name} check`)} reports none of these issues again`, '- [ ] The tests of the changed packages pass, also under the race detector where the language has one']];
}

/** What each rule that spoke means, and what it cannot see. */
function ruleNotes(issues: readonly Issue[]): Part[] {
  const rules = new Map(issues.flatMap(({ rule }) => (rule === undefined ? [] : [[rule.id, rule]])));
  if (rules.size === 0) return [];
  return [
    ['## About the rules'],
    ...[...rules.values()].sort((a, b) => (a.id < b.id ? -1 : 1)).flatMap((rule) => [[`**${codeSpan(rule.id)}**: ${capital(rule.title)}.`], rule.explain.split('\n'), [`Not seen: ${rule.misses}`]]),
  ];
}

/** Gaps beyond this many are counted; `json` lists them all. */
const gapsShown = 50;

function notAnalysed({ gaps }: Report): Part[] {
  if (gaps.length === 0) return [];
  const shown = gaps.slice(0, gapsShown).map((gap) => `- ${lineLink(gap.at.file, gap.at.line)}: ${prose(gap.reason)}`);
  const hidden = gaps.length - shown.length;
  return [['## Not analysed'], ['These places were not understood, so nothing is known about them.'], [...shown, ...(hidden > 0 ? [`- and ${hidden} more; the JSON report lists them all`] : [])]];
}

function share(part: Share): string {
  return part.total === 0 ? 'none seen' : `${Math.floor((part.resolved * 100) / part.total)} % (${part.resolved} of ${part.total})`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** A message as a sentence; a name in backticks at its start stays as it is. */
function sentence(message: string): string {
  return `${capital(message)}${/[.!?]$/.test(message) ? '' : '.'}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
