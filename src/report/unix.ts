import type { Finding, Level } from '../findings/finding.js';
import type { Location } from '../ir/location.js';
import { locksHeld, samePlace, sides, stepText } from './evidence.js';
import { printable, printableLine } from './printable.js';
import type { Layout, Report } from './report.js';

/** One line a finding and one `info` line for each further side, for problem matchers, grep and editors. Gaps follow as `analysis-gap`. */
export function unix(report: Report, _layout?: Layout): string {
  const gaps = report.gaps.map((gap) => line(gap.at, 'info', 'analysis-gap', gap.reason));
  return [...report.findings.flatMap(findingLines), ...gaps].map((text) => `${text}\n`).join('');
}

type Severity = 'error' | 'warning' | 'info';

// Problem matchers know three severities, and `note` is none of them.
const severityOf: Readonly<Record<Level, Severity>> = { error: 'error', warning: 'warning', note: 'info' };

function findingLines(finding: Finding): string[] {
  const others = sides(finding).filter(({ step }) => !samePlace(step.at, finding.at));
  return [
    line(finding.at, severityOf[finding.level], finding.rule, finding.message),
    ...others.map(({ task, step }) => line(step.at, 'info', finding.rule, `${finding.evidence[task]!.title}: ${stepText(step)} in ${step.function} (locks held: ${locksHeld(step)})`)),
  ];
}

function line(at: Location, severity: Severity, rule: string, message: string): string {
  const end = at.endLine > at.line || (at.endLine === at.line && at.endColumn > at.column) ? `-${at.endLine}:${at.endColumn}` : '';
  return `${printable(at.file)}:${at.line}:${at.column}${end}: ${severity} ${rule}: ${printableLine(message)}`;
}
