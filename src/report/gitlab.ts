import type { Level } from '../findings/finding.js';
import { fnv1a64 } from '../findings/fingerprint.js';
import type { Location } from '../ir/location.js';
import { printJson } from './json.js';
import { printableLine } from './printable.js';
import type { Layout, Report } from './report.js';

/** GitLab's Code Quality report (a subset of Code Climate's): one object a finding or gap. */
export function gitlab(report: Report, _layout?: Layout): string {
  return printJson([
    ...report.findings.map((finding) => issue(finding.at, finding.rule, finding.message, severityOf[finding.level], finding.fingerprint)),
    ...report.gaps.map((gap) => issue(gap.at, 'analysis-gap', `Not analysed: ${gap.reason}`, 'info', fnv1a64(`analysis-gap\0${gap.at.file}:${gap.at.line}:${gap.at.column}\0${gap.reason}`))),
  ]);
}

function issue(at: Location, rule: string, message: string, severity: string, fingerprint: string): object {
  const begin = Math.max(at.line, 1);
  return { description: printableLine(message), check_name: rule, fingerprint, severity, location: { path: at.file, lines: { begin, end: Math.max(at.endLine, begin) } } };
}

const severityOf: Readonly<Record<Level, string>> = { error: 'critical', warning: 'major', note: 'info' };
