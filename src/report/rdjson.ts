import type { Level } from '../findings/finding.js';
import type { Location } from '../ir/location.js';
import { locksHeld, samePlace, sides, stepText } from './evidence.js';
import { printJson } from './json.js';
import type { Layout, Report } from './report.js';
import { sourceLines, type LineOf } from './source-lines.js';

/** The Reviewdog Diagnostic Format as one JSON object. Its columns count bytes of UTF-8, so a place in an unknown line keeps its line only. */
export function rdjson(report: Report, _layout?: Layout): string {
  const lineOf = sourceLines(report.sources);
  const source = { name: report.tool.name };
  const findings = report.findings.map((finding) => ({
    message: finding.message,
    location: place(finding.at, lineOf),
    severity: severityOf[finding.level],
    source,
    code: { value: finding.rule },
    related_locations: sides(finding)
      .filter(({ step }) => !samePlace(step.at, finding.at))
      .map(({ task, step }) => ({ message: `${finding.evidence[task]!.title}: ${stepText(step)} in ${step.function} (locks held: ${locksHeld(step)})`, location: place(step.at, lineOf) })),
  }));
  const gaps = report.gaps.map((gap) => ({ message: `Not analysed: ${gap.reason}`, location: place(gap.at, lineOf), severity: 'INFO', source, code: { value: 'analysis-gap' } }));
  return printJson({ source, severity: report.findings.length === 0 ? 'INFO' : severityOf[worst(report)], diagnostics: [...findings, ...gaps] });
}

const severityOf: Readonly<Record<Level, string>> = { error: 'ERROR', warning: 'WARNING', note: 'INFO' };

function worst({ summary }: Report): Level {
  return summary.findings.error > 0 ? 'error' : summary.findings.warning > 0 ? 'warning' : 'note';
}

function place(at: Location, lineOf: LineOf): object {
  const start = position(at.file, Math.max(at.line, 1), at.column, lineOf);
  const ordered = at.endLine > at.line || (at.endLine === at.line && at.endColumn > at.column);
  return { path: at.file, range: { start, ...(ordered ? { end: position(at.file, at.endLine, at.endColumn, lineOf) } : {}) } };
}

function position(file: string, line: number, column: number, lineOf: LineOf): object {
  const text = lineOf(file, line);
  return text === undefined || column < 1 ? { line } : { line, column: new TextEncoder().encode(text.slice(0, column - 1)).length + 1 };
}
