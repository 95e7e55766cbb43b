import type { Finding, Level, Step } from '../findings/finding.js';
import { orderByLevel } from '../findings/order.js';
import { placesOf } from '../ir/location.js';
import { decidingSteps, isSchedule, locksHeld, placer, scheduleOf, sides, stepText } from './evidence.js';
import { clip } from './frame.js';
import { components, graphOf, mermaidGraph } from './graphs.js';
import { capital, count, issuesOf, linesOf, opening, outdented, priorityOf, sentence } from './issue.js';
import { codeBlock, codeSpan, escapeText, lineLink, prose, tableProse } from './markdown-text.js';
import { printable } from './printable.js';
import type { Layout, Report, RuleDescription, Share } from './report.js';
import { sequenceDiagram } from './sequence-diagram.js';
import { sourceLines, type LineOf } from './source-lines.js';

/** The analysis document: numbered issues by severity and place, each with what happens, what it leads to and what to do. */
export function markdown(report: Report, layout?: Layout): string {
  const lineOf = sourceLines(report.sources);
  const page: Page = { lineOf, linkBase: layout?.linkBase };
  const rules = new Map(report.rules.map((rule) => [rule.id, rule]));
  const issues = issuesOf(orderByLevel(report.findings)).map((findings, index): Issue => ({ number: index + 1, finding: findings[0], more: findings.slice(1), rule: rules.get(findings[0].rule) }));
  const parts = [
    ['# Concurrency analysis'],
    [summarySentence(report, issues.length)],
    summaryTable(report),
    ...overview(issues, page),
    ...levelSections.flatMap(({ level, title }) => {
      const group = issues.filter(({ finding }) => finding.level === level);
      return group.length === 0 ? [] : [[`## ${title}`], ...group.flatMap((issue) => issueParts(issue, page))];
    }),
    ...lockOrder(report),
    ...acceptance(issues, report, page),
    ...ruleNotes(issues),
    ...notAnalysed(report, page),
  ];
  return `${parts.map((part) => part.join('\n')).join('\n\n')}\n`;
}

/** A part is a paragraph, table, list or code block: its lines. */
type Part = readonly string[];

interface Page {
  readonly lineOf: LineOf;
  readonly linkBase: string | undefined;
}

interface Issue {
  readonly number: number;
  readonly finding: Finding;
  /** The same at other places. */
  readonly more: readonly Finding[];
  readonly rule: RuleDescription | undefined;
}

const levelSections: readonly { readonly level: Level; readonly title: string }[] = [
  { level: 'error', title: 'Errors' },
  { level: 'warning', title: 'Warnings' },
  { level: 'note', title: 'Notes' },
];

function summarySentence({ findings, tool, summary }: Report, issues: number): string {
  if (summary.files === 0) return `${tool.name} ${tool.version} found nothing to analyse.`;
  if (findings.length === 0) return `${tool.name} ${tool.version} found no races or deadlocks in ${summary.gaps > 0 ? 'what it understood of the code' : 'the code it analysed'}.`;
  const files = new Set(findings.map((finding) => finding.at.file)).size;
  return `${tool.name} ${tool.version} found ${issues === findings.length ? count(issues, 'issue') : `${count(issues, 'issue')} at ${findings.length} places`} in ${count(files, 'file')}. Each one names both sides, the locks held there, and the order of steps that leads to it.`;
}

function summaryTable({ summary }: Report): Part {
  const { error, warning, note } = summary.findings;
  const rows: readonly (readonly [string, string])[] = [
    ['Errors', String(error)],
    ['Warnings', String(warning)],
    ['Notes', String(note)],
    ['Suppressed', String(summary.suppressed)],
    ...(summary.baseline ? [['Known, left out', String(summary.baseline.known)], ['Known, no longer found', String(summary.baseline.stale)]] as const : []),
    ...(summary.comparison ? [['Introduced', String(summary.comparison.introduced)], ['Fixed', String(summary.comparison.fixed)], ['There before, left out', String(summary.comparison.existing)]] as const : []),
    ['Files', String(summary.files)],
    ['Functions', String(summary.functions)],
    ['Lines', String(summary.lines)],
    ['Lock operations understood', share(summary.coverage.lockOperations)],
    ['Calls understood', share(summary.coverage.calls)],
    ['Places not analysed', String(summary.gaps)],
  ];
  return ['| Summary | |', '| --- | ---: |', ...rows.map(([name, value]) => `| ${name} | ${value} |`)];
}

/** What there is, worst first, before it is told. */
function overview(issues: readonly Issue[], { linkBase }: Page): Part[] {
  if (issues.length < 2) return [];
  const rows = issues.map(({ number, finding, more, rule }) => `| ${number} | ${priorityOf(finding)} | ${tableProse(capital(rule?.title ?? finding.rule))} | ${codeSpan(finding.function).replace(/\|/g, '\\|')}, ${lineLink(finding.at.file, finding.at.line, linkBase).replace(/\|/g, '\\|')}${more.length > 0 ? ` and ${more.length} more` : ''} |`);
  return [['| Issue | Priority | What | Where |', '| ---: | --- | --- | --- |', ...rows]];
}

function issueParts(issue: Issue, page: Page): Part[] {
  const { finding, more, rule } = issue;
  const impact = finding.impact ?? rule?.impact;
  const advice = finding.advice ?? rule?.advice;
  return [
    [`### ${issue.number}. ${heading(issue)}`],
    [`**What happens.** ${prose(sentence(opening(finding)))}`],
    ...evidenceParts(finding, page),
    ...interleaving(finding),
    ...sameElsewhere(more, page),
    ...(impact === undefined ? [] : [[`**Impact.** ${prose(impact)}`]]),
    ...(advice === undefined ? [] : [[`**Recommended fix.** ${prose(advice)}`]]),
    ...[finding, ...more].filter(({ sketch }) => sketch !== undefined).slice(0, finding.level === 'note' ? 1 : mostSketches).flatMap(sketchParts),
    [`**Priority.** ${priorityOf(finding)} (${finding.level}, ${finding.confidence} confidence, rule ${codeSpan(finding.rule)})`],
  ];
}

/** One sketch shows how it is done; a warning may need one each. */
const mostSketches = 5;

/** The other places of an issue, each with its message and its sides. */
function sameElsewhere(more: readonly Finding[], { linkBase }: Page): Part[] {
  if (more.length === 0) return [];
  const items = more.map((finding) => {
    const others = sides(finding).filter(({ step }) => step.at.file !== finding.at.file || step.at.line !== finding.at.line).map(({ step }) => `${prose(step.text)} in ${codeSpan(step.function)}, ${lineLink(step.at.file, step.at.line, linkBase)}`);
    return `- ${lineLink(finding.at.file, finding.at.line, linkBase)}, ${codeSpan(finding.function)}: ${prose(sentence(finding.message))}${others.length === 0 ? '' : ` Beside it: ${others.join('; ')}.`}`;
  });
  return [['**The same at.**'], items];
}

/** The very code before and after, one pair of blocks a place. */
function sketchParts({ sketch }: Finding): Part[] {
  return (sketch ?? []).flatMap(({ file, line, before, after }) => {
    const language = languages[/\.([A-Za-z]+)$/.exec(file)?.[1] ?? ''] ?? '';
    return [[`Before (${escapeText(printable(file))}:${line}):`], codeBlock(outdented(before), language), ['After:'], codeBlock(outdented(after), language)];
  });
}

/** `Title in Type.method (file:12-31)`: the lines are those of the sides in the primary side's function, and of all its places. */
function heading({ finding, more, rule }: Issue): string {
  const title = `${prose(capital(rule === undefined ? finding.rule : rule.title))} in `;
  const file = escapeText(printable(finding.at.file));
  if (more.some((one) => one.function !== finding.function)) return `${title}${file} (${more.length + 1} places)`;
  const lines = [finding, ...more].flatMap((one) => linesOf(one).split('-').map(Number));
  const [first, last] = [Math.min(...lines), Math.max(...lines)];
  return `${title}${codeSpan(finding.function)} (${file}:${first === last ? first : `${first}-${last}`})`;
}

/** Each task: its steps as a list, then the code around the deciding ones. */
function evidenceParts(finding: Finding, { lineOf, linkBase }: Page): Part[] {
  const shown = new Set<string>();
  return finding.evidence.filter((trace, _, all) => all.length === 1 || !isSchedule(trace)).flatMap((trace) => {
    const deciding = new Set(decidingSteps(trace));
    const list = trace.steps.map((step) => {
      const text = deciding.has(step) ? `**${prose(stepText(step))}**` : prose(stepText(step));
      return `- ${text} in ${codeSpan(step.function)}, ${lineLink(step.at.file, step.at.line, linkBase)}; locks held: ${lockList(step)}`;
    });
    const excerpts = [...excerptsByFile([...deciding])].map(([file, steps]) => excerpt(file, steps, lineOf));
    return [[`${prose(capital(trace.title))}:`], list, ...excerpts.filter((block) => block.length > 0 && !seen(shown, block.join('\n')))];
  });
}

/** Two instances of one task meet in the same lines, which are shown once. */
function seen(shown: Set<string>, code: string): boolean {
  if (shown.has(code)) return true;
  shown.add(code);
  return false;
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
function interleaving({ evidence }: Finding): Part[] {
  const { tasks, turns } = scheduleOf(evidence);
  if (tasks.length < 2) return [];
  const where = placer(turns);
  // Tasks of a schedule that was run are called by the names of functions, and those are not to be touched.
  const ran = evidence.some(isSchedule);
  const rows = turns.map(({ task, step }, index) => {
    const cell = `${tableProse(step.text)} (${escapeText(printable(where(step.at)))}; locks: ${tableProse(locksHeld(step))})`;
    return `| ${index + 1} | ${tasks.map((_, column) => (column === task ? cell : '')).join(' | ')} |`;
  });
  const diagram = sequenceDiagram(evidence);
  return [
    [ran ? '**How it goes wrong.** A schedule that was found by running the code in the explorer:' : '**How it goes wrong.** One order of steps:'],
    [`| Step | ${tasks.map((name) => tableProse(ran ? name : capital(name))).join(' | ')} |`, `| ---: |${' --- |'.repeat(tasks.length)}`, ...rows],
    ...(diagram.length === 0 ? [] : [diagram]),
  ];
}

/** One small drawing for each part of the order that holds together, where an issue is about locks. */
function lockOrder({ findings, inventories = [] }: Report): Part[] {
  if (!findings.some(({ family, evidence }) => family === 'deadlock' || evidence.some(({ steps }) => steps.some(({ locks }) => locks.length > 1)))) return [];
  const graphs = components(graphOf(inventories, 'lock')).flatMap((part) => {
    const lines = part.edges.length > mostEdges ? undefined : mermaidGraph(part);
    return lines === undefined ? [[`A part of ${count(part.nodes.length, 'lock')} and ${count(part.edges.length, 'pair')} is too large to draw here; \`deadheat graph --lock\` writes it.`]] : [['```mermaid', ...lines, '```']];
  });
  return graphs.length === 0 ? [] : [['## Order of locks'], ['An arrow leads from a lock that is held to one that is taken meanwhile; thick arrows are part of a circle.'], ...graphs];
}

/** Beyond it a drawing is a knot. */
const mostEdges = 60;

function acceptance(issues: readonly Issue[], { tool }: Report, { linkBase }: Page): Part[] {
  if (issues.length === 0) return [];
  const items = issues.map(({ number, finding, more, rule }) => `- [ ] Issue ${number}: ${prose(finding.advice ?? rule?.advice ?? finding.message)} (${codeSpan(finding.function)}, ${lineLink(finding.at.file, finding.at.line, linkBase)}${more.length > 0 ? ` and ${more.length} more` : ''})`);
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

/** Gaps beyond this many are counted; `json` lists them. */
const gapsShown = 50;

function notAnalysed({ gaps, unknown = [] }: Report, { linkBase }: Page): Part[] {
  const shown = gaps.slice(0, gapsShown).map((gap) => `- ${lineLink(gap.at.file, gap.at.line, linkBase)}: ${prose(gap.reason)}`);
  const hidden = placesOf(gaps.slice(gapsShown));
  const parts: Part[] = gaps.length === 0 ? [] : [['These places were not understood, so nothing is known about them.'], [...shown, ...(hidden > 0 ? [`- and ${hidden} more; the JSON report lists them`] : [])]];
  return parts.length + unknown.length === 0 ? [] : [['## Not analysed'], ...parts, ...unknownParts(unknown, linkBase)];
}

/** How many callees are named before the rest is only counted. */
const calleesShown = 10;

function unknownParts(unknown: NonNullable<Report['unknown']>, linkBase: string | undefined): Part[] {
  if (unknown.length === 0) return [];
  const calls = unknown.reduce((sum, { places }) => sum + places.length, 0);
  const items = unknown.slice(0, calleesShown).map(({ name, places: [first, ...more] }) => `- ${codeSpan(withoutPath(name))}${first === undefined ? '' : `, ${lineLink(first.file, first.line, linkBase)}`}${more.length > 0 ? ` and ${more.length} more` : ''}`);
  const rest = unknown.length - items.length;
  return [[`What ${calls === 1 ? 'one call does' : `${calls} calls do`} is not known: the code they lead to is not at hand, or which code it is depends on the run. Nothing that happens there is in this document. Those that hide most:`], [...items, ...(rest > 0 ? [`- and ${count(rest, 'more callee')}; ${codeSpan('deadheat check --explain-unknown --verbose')} lists them all`] : [])]];
}

/** `p2p.Conn.log` for `example.com/org/p2p.Conn.log`. */
function withoutPath(name: string): string {
  return /^[\w.@/-]+$/.test(name) ? name.slice(name.lastIndexOf('/') + 1) : name;
}

function share(part: Share): string {
  return part.total === 0 ? 'none seen' : `${Math.floor((part.resolved * 100) / part.total)} % (${part.resolved} of ${part.total})`;
}
