import type { Finding, Trace } from './findings/finding.js';
import type { Gap, Location } from './ir/index.js';

/** Paths of pieces of code, and the documents they stand in. */
export type Origins = ReadonlyMap<string, string>;

/** Where something is to be told, for where it was found. */
export type Move = (at: Location) => Location;

/** To the document's own lines: a piece of code has them already, under a path of its own. */
export function intoDocuments(origins: Origins): Move {
  return (at) => {
    const document = origins.get(at.file);
    return document === undefined ? at : { file: document, line: at.line, column: at.column, endLine: at.endLine, endColumn: at.endColumn };
  };
}

export function relocateFinding(finding: Finding, move: Move): Finding {
  const [first, ...rest] = finding.evidence.map((trace): Trace => {
    const [head, ...others] = trace.steps.map((step) => ({ ...step, at: move(step.at) }));
    return { ...trace, steps: [head!, ...others] };
  });
  return { ...finding, at: move(finding.at), evidence: [first!, ...rest] };
}

export function relocateGap(gap: Gap, move: Move): Gap {
  return { ...gap, at: move(gap.at) };
}
