import type { Level } from '../findings/finding.js';
import type { Location } from '../ir/location.js';
import { printableLine } from './printable.js';
import type { Layout, Report } from './report.js';
import { pushTo } from './issue.js';
import { xmlDocument, type Element } from './xml.js';

/** Checkstyle's XML: a file element a file, an error element a finding or gap. */
export function checkstyle(report: Report, _layout?: Layout): string {
  const files = new Map<string, Element[]>();
  const add = (at: Location, severity: string, rule: string, message: string) => {
    const error: Element = { name: 'error', attributes: { line: Math.max(at.line, 1), column: Math.max(at.column, 1), severity, message: printableLine(message), source: `${report.tool.name}.${rule}` } };
    pushTo(files, at.file, error);
  };
  for (const finding of report.findings) add(finding.at, severityOf[finding.level], finding.rule, finding.message);
  for (const gap of report.gaps) add(gap.at, 'info', 'analysis-gap', gap.reason);
  const children = [...files].sort(([a], [b]) => (a < b ? -1 : 1)).map(([file, errors]): Element => ({ name: 'file', attributes: { name: file }, children: errors }));
  return xmlDocument({ name: 'checkstyle', attributes: { version: '8.0' }, children });
}

const severityOf: Readonly<Record<Level, string>> = { error: 'error', warning: 'warning', note: 'info' };
