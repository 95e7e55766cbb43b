import { orderByLevel } from '../findings/order.js';
import { placesOf } from '../ir/location.js';
import { count, leftOut, opening, priorityOf } from './issue.js';
import { codeSpan, lineLink, prose, tableProse } from './markdown-text.js';
import type { Layout, Report } from './report.js';
import { sequenceDiagram } from './sequence-diagram.js';

/** A job summary: what was found in one table, worst first, and how the worst of it happens. Ends before GitHub's megabyte does. */
export function summary(report: Report, layout?: Layout): string {
  const { findings, gaps, summary: counts, tool } = report;
  const ordered = orderByLevel(findings);
  const head = [`## ${tool.name}`, '', `${count(counts.findings.error, 'error')}, ${count(counts.findings.warning, 'warning')}, ${count(counts.findings.note, 'note')} in ${count(counts.files, 'file')}, ${count(counts.functions, 'function')}.${leftOut(counts).length > 0 ? ` Left out: ${leftOut(counts).join(', ')}.` : ''}`];
  const rows = ordered.map((finding) => `| ${finding.level} | ${lineLink(finding.at.file, finding.at.line, layout?.linkBase)} | ${codeSpan(finding.rule)} | ${tableProse(opening(finding))} | ${priorityOf(finding)} |`);
  const parts: string[] = [...head];
  let size = 0;
  const add = (lines: readonly string[]): boolean => {
    const bytes = new TextEncoder().encode(lines.join('\n')).length + 1;
    if (size + bytes > room) return false;
    size += bytes;
    parts.push(...lines);
    return true;
  };
  if (rows.length > 0) add(['', '| | where | rule | what | priority |', '| --- | --- | --- | --- | --- |']);
  const shown = rows.findIndex((row) => !add([row]));
  if (shown >= 0) add(['', `${rows.length - shown} more are in the other reports.`]);
  for (const [index, finding] of ordered.slice(0, drawn).entries()) {
    const diagram = sequenceDiagram(finding.evidence);
    if (diagram.length > 0) add(['', `<details><summary>How ${index + 1} happens</summary>`, '', prose(finding.message), '', ...diagram, '', '</details>']);
  }
  if (gaps.length > 0) {
    add(['', `<details><summary>${count(counts.gaps, 'place')} not analysed</summary>`, '', ...gaps.slice(0, gapsShown).map((gap) => `- ${lineLink(gap.at.file, gap.at.line, layout?.linkBase)}: ${prose(gap.reason)}`), ...(gaps.length > gapsShown ? [`- and ${placesOf(gaps.slice(gapsShown))} more`] : []), '', '</details>']);
  }
  return `${parts.join('\n')}\n`;
}

/** GitHub takes 1 MiB a step; the closing lines need little. */
const room = 1_000_000;
/** Diagrams cost a page's time; the worst few show the way. */
const drawn = 5;
const gapsShown = 50;
