import type { Finding, Trace } from './findings/finding.js';
import type { Gap, Location } from './ir/index.js';

/** Paths of pieces of code, and the documents they stand in. */
export type Origins = ReadonlyMap<string, string>;

/** The finding at the document's own lines: a piece of code has them already, under a path of its own. */
export function relocateFinding(finding: Finding, origins: Origins): Finding {
  if (origins.size === 0) return finding;
  const [first, ...rest] = finding.evidence.map((trace): Trace => {
    const [head, ...others] = trace.steps.map((step) => ({ ...step, at: relocate(step.at, origins) }));
    return { ...trace, steps: [head!, ...others] };
  });
  return { ...finding, at: relocate(finding.at, origins), evidence: [first!, ...rest] };
}

export function relocateGap(gap: Gap, origins: Origins): Gap {
  return { ...gap, at: relocate(gap.at, origins) };
}

function relocate(at: Location, origins: Origins): Location {
  const document = origins.get(at.file);
  return document === undefined ? at : { file: document, line: at.line, column: at.column, endLine: at.endLine, endColumn: at.endColumn };
}
