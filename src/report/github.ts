import type { Finding, Level } from '../findings/finding.js';
import { orderByLevel } from '../findings/order.js';
import type { Location } from '../ir/location.js';
import { locksHeld, samePlace, sides, stepText } from './evidence.js';
import { count, leftOut } from './issue.js';
import { printableLine } from './printable.js';
import type { Layout, Report } from './report.js';

/**
 * Annotations as GitHub's workflow commands, worst first. GitHub keeps ten of each kind a step and drops the rest
 * without a word: we stop there ourselves and say how many more there are.
 */
export function github(report: Report, _layout?: Layout): string {
  const annotations = [
    ...orderByLevel(report.findings).map((finding) => ({ kind: kindOf[finding.level], line: command(kindOf[finding.level], finding.at, `${finding.rule} in ${finding.function}`, messageOf(finding)) })),
    ...report.gaps.map((gap) => ({ kind: 'notice' as Kind, line: command('notice', gap.at, 'analysis-gap', `Not analysed: ${gap.reason}`) })),
  ];
  const lines: string[] = [];
  const kinds: readonly Kind[] = ['error', 'warning', 'notice'];
  const hidden: string[] = [];
  for (const kind of kinds) {
    const own = annotations.filter((annotation) => annotation.kind === kind);
    lines.push(...own.slice(0, perKind).map(({ line }) => line));
    if (own.length > perKind) hidden.push(`${own.length - perKind} more ${kind}${own.length - perKind === 1 ? '' : 's'}`);
  }
  if (hidden.length > 0) {
    // The last notice makes room for the line that speaks of all that are not shown.
    if (lines.length > 0 && annotations.filter(({ kind }) => kind === 'notice').length >= perKind) lines.pop();
    lines.push(`::notice title=${property(report.tool.name)}::${data(`${hidden.join(', ')} than GitHub shows; the job summary and the other reports list all of them`)}`);
  }
  const { error, warning, note } = report.summary.findings;
  return `${[...lines, `${report.tool.name}: ${count(error, 'error')}, ${count(warning, 'warning')}, ${count(note, 'note')}, ${[`${count(report.summary.gaps, 'place')} not analysed`, ...leftOut(report.summary)].join(', ')}`].join('\n')}\n`;
}

type Kind = 'error' | 'warning' | 'notice';

const kindOf: Readonly<Record<Level, Kind>> = { error: 'error', warning: 'warning', note: 'notice' };
/** GitHub's limit of annotations of one kind for a step. */
const perKind = 10;

/** The other sides stand in the message: an annotation has one place. */
function messageOf(finding: Finding): string {
  const others = sides(finding).filter(({ step }) => !samePlace(step.at, finding.at));
  return [finding.message, ...others.map(({ step }) => `${stepText(step)} at ${step.at.file}:${step.at.line} in ${step.function} (locks held: ${locksHeld(step)})`), ...(finding.advice === undefined ? [] : [`Fix: ${finding.advice}`])].map(printableLine).join('\n');
}

function command(kind: Kind, at: Location, title: string, message: string): string {
  const columns = at.endLine === at.line && at.endColumn > at.column ? [`col=${at.column}`, `endColumn=${at.endColumn}`] : [];
  const places = [`file=${property(at.file)}`, `line=${Math.max(at.line, 1)}`, ...(at.endLine > at.line ? [`endLine=${at.endLine}`] : []), ...columns];
  return `::${kind} ${[...places, `title=${property(title)}`].join(',')}::${data(message)}`;
}

/** A command ends with its line, so a line break is written as its number; a percent sign would start one. */
function data(text: string): string {
  return text.split('\n').map(printableLine).join('\n').replace(/%/g, '%25').replace(/\n/g, '%0A');
}

/** In properties a comma would end the value and a colon the list. */
function property(text: string): string {
  return printableLine(text).replace(/%/g, '%25').replace(/:/g, '%3A').replace(/,/g, '%2C');
}
