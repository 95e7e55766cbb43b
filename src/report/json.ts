import type { Finding, Step } from '../findings/finding.js';
import type { Location } from '../ir/location.js';
import { stepText } from './evidence.js';
import type { Layout, Report, Share } from './report.js';

/** `deadheat/report/v1`: written key by key, so no inner field can slip into a public format. */
export function json(report: Report, _layout?: Layout): string {
  const { tool, summary } = report;
  return printJson({
    schema: 'deadheat/report/v1',
    tool: { name: tool.name, version: tool.version },
    summary: {
      files: summary.files,
      lines: summary.lines,
      functions: summary.functions,
      findings: { error: summary.findings.error, warning: summary.findings.warning, note: summary.findings.note },
      suppressed: summary.suppressed,
      ...(summary.baseline && { baseline: { known: summary.baseline.known, stale: summary.baseline.stale } }),
      ...(summary.comparison && { comparison: { base: summary.comparison.base, introduced: summary.comparison.introduced, fixed: summary.comparison.fixed, existing: summary.comparison.existing } }),
      gaps: summary.gaps,
      coverage: { lockOperations: share(summary.coverage.lockOperations), calls: share(summary.coverage.calls) },
      durationMs: summary.durationMs,
    },
    findings: report.findings.map(findingObject),
    gaps: report.gaps.map((gap) => ({ location: locationObject(gap.at), reason: gap.reason, ...(gap.places !== undefined && { places: gap.places }) })),
  });
}

/**
 * Two spaces, a final newline, and no character a terminal would obey: the escapes mean the same to every
 * JSON reader, and these characters can stand only inside strings.
 */
export function printJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2).replace(unsafe, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}

const unsafe = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

function findingObject(finding: Finding): object {
  return {
    rule: finding.rule,
    family: finding.family,
    level: finding.level,
    confidence: finding.confidence,
    message: finding.message,
    function: finding.function,
    location: locationObject(finding.at),
    evidence: finding.evidence.map((trace) => ({ title: trace.title, steps: trace.steps.map(stepObject) })),
    fingerprint: finding.fingerprint,
  };
}

function stepObject(step: Step): object {
  return { location: locationObject(step.at), function: step.function, text: stepText(step), locks: [...step.locks] };
}

function locationObject(at: Location): object {
  return { file: at.file, line: at.line, column: at.column, endLine: at.endLine, endColumn: at.endColumn };
}

function share(part: Share): Share {
  return { resolved: part.resolved, total: part.total };
}
