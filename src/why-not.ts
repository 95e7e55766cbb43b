import { passManager } from './analysis/analysis.js';
import { silencesAt, type Silence } from './analysis/silences.js';
import { analyze, independentParts, type Analysis, type AnalyzeOptions, type Finding, type Source } from './index.js';

/** What is known of one line, said or not. */
export interface WhyNot {
  /** Findings that stand at the line or tell of it. */
  readonly reported: readonly Finding[];
  /** Findings that a comment asks to leave out. */
  readonly suppressed: readonly Finding[];
  /** Candidates that a complete exploration of their function found to be impossible. */
  readonly refuted: readonly Finding[];
  /** What else the line does, and what excuses it. */
  readonly silences: readonly Silence[];
  readonly analysis: Analysis;
}

/** Why is nothing, or nothing else, reported at a line? Asks everything anew for that line; other runs keep no reasons. */
export async function whyNot(sources: readonly Source[], file: string, line: number, options: AnalyzeOptions = {}): Promise<WhyNot> {
  const refuted: Finding[] = [];
  const part = (await independentParts(sources, options)).find((one) => one.some(({ path }) => path === file)) ?? sources;
  const analysis = await analyze(part, { ...options, onRefuted: (finding) => refuted.push(finding) });
  const touches = (finding: Finding): boolean => [finding.at, ...finding.evidence.flatMap((trace) => trace.steps.filter((step) => step.essential === true).map((step) => step.at))].some((at) => at.file === file && at.line === line);
  return {
    reported: analysis.findings.filter(touches),
    suppressed: analysis.suppressed.map(({ finding }) => finding).filter(touches),
    refuted: refuted.filter(touches),
    silences: analysis.programs.flatMap((program) => silencesAt(program, passManager(program), file, line)),
    analysis,
  };
}
