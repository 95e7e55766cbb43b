import type { Finding } from '../findings/finding.js';
import { plainEvidence } from './plain-evidence.js';
import { printableLine } from './printable.js';
import type { Layout, Report } from './report.js';
import { pushTo } from './issue.js';
import { xmlDocument, type Element } from './xml.js';

/**
 * JUnit's XML: a suite a file, a case a finding. Errors and warnings fail, notes and gaps are skipped cases, so
 * that a build server shows them without turning red. A clean run is one passed case: an empty suite reads as broken.
 */
export function junit(report: Report, _layout?: Layout): string {
  const suites = new Map<string, Element[]>();
  const add = (file: string, element: Element) => pushTo(suites, file, element);
  for (const finding of report.findings) add(finding.at.file, findingCase(finding));
  for (const gap of report.gaps) add(gap.at.file, caseOf(`analysis-gap at line ${gap.at.line}`, gap.at.file, { name: 'skipped', attributes: { message: printableLine(gap.reason) } }));
  if (suites.size === 0) add(report.tool.name, { name: 'testcase', attributes: { name: 'no findings', classname: report.tool.name } });
  const children = [...suites].sort(([a], [b]) => (a < b ? -1 : 1)).map(([file, cases]): Element => ({ name: 'testsuite', attributes: { name: file, ...countsOf(cases) }, children: cases }));
  // The schema of Jenkins knows no skipped cases here.
  const { tests, failures, errors } = countsOf([...suites.values()].flat());
  return xmlDocument({ name: 'testsuites', attributes: { name: report.tool.name, tests, failures, errors }, children });
}

function findingCase(finding: Finding): Element {
  const name = `${finding.rule} at line ${finding.at.line}: ${printableLine(finding.message)}`;
  const message = `${finding.level}: ${printableLine(finding.message)}`;
  const outcome: Element = finding.level === 'note'
    ? { name: 'skipped', attributes: { message } }
    : { name: 'failure', attributes: { type: finding.rule, message }, children: [plainEvidence(finding).join('\n')] };
  return caseOf(name, finding.at.file, outcome);
}

function caseOf(name: string, classname: string, outcome: Element): Element {
  return { name: 'testcase', attributes: { name, classname }, children: [outcome] };
}

function countsOf(cases: readonly Element[]): { readonly tests: number; readonly failures: number; readonly errors: number; readonly skipped: number } {
  const ending = (name: string) => cases.filter(({ children = [] }) => children.some((child) => typeof child !== 'string' && child.name === name)).length;
  return { tests: cases.length, failures: ending('failure'), errors: 0, skipped: ending('skipped') };
}
