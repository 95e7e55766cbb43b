import type { Location } from '../../ir/location.js';
import { orderByLevel } from '../../findings/order.js';
import { scheduleOf } from '../evidence.js';
import { graphKinds, graphOf } from '../graphs.js';
import { capital, count, linesOf, opening, outdented, priorityOf, sentence } from '../issue.js';
import { printable, printableLine } from '../printable.js';
import type { Layout, Report } from '../report.js';
import { sourceLines } from '../source-lines.js';
import { escapeXml } from '../xml.js';
import { script } from './script.js';
import { styles } from './styles.js';

/**
 * One file that a person opens: findings with a schedule to step through and the source beside it, and the graphs of
 * locks, channels and tasks. All of it is data that a script of ours puts into the page as text; a policy in its head
 * forbids every address, so it works from disk and tells nobody.
 */
export function html(report: Report, layout?: Layout): string {
  const title = `${report.tool.name}: ${counts(report)}`;
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">",
    `<title>${escapeXml(title)}</title>`,
    `<style>\n${styles}</style>`,
    '</head>',
    '<body>',
    `<header><h1>${escapeXml(report.tool.name)}</h1><p id="counts">${escapeXml(counts(report))}</p></header>`,
    `<noscript><p>This page needs a script to show its data. The same report as text: ${escapeXml(report.tool.name)} check --format markdown.</p></noscript>`,
    '<main id="app"></main>',
    `<script type="application/json" id="data">${inScript(dataOf(report, layout?.linkBase))}</script>`,
    ...(layout?.drawing === undefined ? [] : [`<script>${layout.drawing.replace(/<\/(script)/gi, '<\\/$1').replace(/<!--/g, '<\\!--')}</script>`]),
    `<script>\n${script}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function counts({ summary }: Report): string {
  const { error, warning, note } = summary.findings;
  return `${count(error, 'error')}, ${count(warning, 'warning')}, ${count(note, 'note')} in ${count(summary.files, 'file')}`;
}

/** JSON that no HTML parser can leave: the data ends where it ends. */
function inScript(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function dataOf(report: Report, linkBase: string | undefined): object {
  const shown = new Map<string, Set<number>>();
  const findings = orderByLevel(report.findings).map((finding, index) => {
    const { tasks, turns } = scheduleOf(finding.evidence);
    for (const { step } of turns) want(shown, step.at);
    want(shown, finding.at);
    const rule = report.rules.find(({ id }) => id === finding.rule);
    return {
      number: index + 1, rule: finding.rule, family: finding.family, level: finding.level, confidence: finding.confidence, priority: priorityOf(finding),
      title: rule === undefined ? finding.rule : capital(rule.title), message: sentence(printableLine(opening(finding))), function: printable(finding.function), lines: linesOf(finding), ...placeOf(finding.at),
      impact: printableLine(finding.impact ?? rule?.impact ?? ''), advice: printableLine(finding.advice ?? rule?.advice ?? ''),
      tasks: tasks.map((name) => printableLine(capital(name))),
      turns: turns.map(({ task, step, deciding }) => ({ task, text: printableLine(step.text), function: printable(step.function), locks: step.locks.map(printable), deciding, ...placeOf(step.at) })),
      sketch: (finding.sketch ?? []).map(({ file, line, before, after }) => ({ file: printable(file), line, before: outdented(before).map(printable), after: outdented(after).map(printable) })),
    };
  });
  return {
    // A link to the file beside the page would only download it.
    ...(linkBase !== undefined && /^https?:/.test(linkBase) ? { linkBase: linkBase.replace(/\/+$/, '') } : {}),
    tool: report.tool, summary: { ...report.summary, durationMs: undefined }, findings,
    gaps: report.gaps.map((gap) => ({ ...placeOf(gap.at), reason: printableLine(gap.reason) })),
    sources: excerpts(report, shown),
    graphs: graphKinds.map((kind) => graphOf(report.inventories ?? [], kind)).map(({ kind, nodes, edges }) => ({
      kind,
      nodes: nodes.map((node) => ({ id: node.id, label: printableLine(node.label), kind: node.kind, ...(node.at === undefined ? {} : placeOf(node.at)) })),
      edges: edges.map((edge) => ({ from: edge.from, to: edge.to, label: printableLine(edge.label), circle: edge.circle, ...placeOf(edge.at) })),
    })),
  };
}

function placeOf(at: Location): { readonly file: string; readonly line: number; readonly column: number; readonly end: number } {
  return { file: printable(at.file), line: at.line, column: at.column, end: at.endLine === at.line ? at.endColumn : 0 };
}

/** Lines before and after a place that a reader gets to see. */
const around = 7;
/** A generated line of a megabyte is no help to anybody. */
const longestLine = 400;

function want(shown: Map<string, Set<number>>, { file, line }: Location): void {
  let lines = shown.get(file);
  if (lines === undefined) shown.set(file, lines = new Set());
  for (let near = line - around; near <= line + around; near += 1) lines.add(near);
}

/** Only what is spoken of: the page carries no whole files. */
function excerpts(report: Report, shown: ReadonlyMap<string, ReadonlySet<number>>): Record<string, Record<number, string>> {
  const lineOf = sourceLines(report.sources);
  return Object.fromEntries([...shown].map(([file, lines]) => [printable(file), Object.fromEntries([...lines].sort((a, b) => a - b).flatMap((line) => {
    const text = lineOf(file, line);
    return text === undefined ? [] : [[line, printable(text.slice(0, longestLine).replace(/\t/g, '    '))]];
  }))]));
}
