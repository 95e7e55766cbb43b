import type { Confidence, Family, Finding, Level } from '../findings/finding.js';
import type { Inventory } from '../inventory/model.js';
import type { Gap, Location } from '../ir/location.js';

/** Part of a whole: how many of the operations seen are understood. */
export interface Share {
  readonly resolved: number;
  readonly total: number;
}

/** A callee that is not at hand: nothing is known of what it does. */
export interface UnknownCallee {
  readonly name: string;
  readonly places: readonly Location[];
}

export interface Summary {
  readonly files: number;
  readonly lines: number;
  readonly functions: number;
  readonly findings: { readonly error: number; readonly warning: number; readonly note: number };
  readonly suppressed: number;
  /** Against a list of known findings: how many of them are left out, and how many of them are no longer there. */
  readonly baseline?: { readonly known: number; readonly stale: number };
  /** Against an earlier state of the code: `introduced` are those reported. */
  readonly comparison?: { readonly base: string; readonly introduced: number; readonly fixed: number; readonly existing: number };
  readonly gaps: number;
  readonly coverage: { readonly lockOperations: Share; readonly calls: Share };
  /** The only number that differs between two runs on the same sources; printed by `json` alone. */
  readonly durationMs: number;
}

/** What a report may say about a rule: its documentation as plain data, without the check. */
export interface RuleDescription {
  readonly id: string;
  readonly family: Family;
  readonly level: Level;
  readonly confidence: Confidence;
  /** One line, no full stop. */
  readonly title: string;
  /** Markdown. */
  readonly explain: string;
  readonly impact: string;
  readonly advice: string;
  readonly misses: string;
}

/** Everything a format may print. Formats choose words and shape; they decide nothing. */
export interface Report {
  readonly tool: { readonly name: string; readonly version: string };
  readonly summary: Summary;
  readonly findings: readonly Finding[];
  readonly gaps: readonly Gap[];
  readonly rules: readonly RuleDescription[];
  /** Calls that lead where nothing could be followed, those that hide most first, where the format tells them. */
  readonly unknown?: readonly UnknownCallee[];
  /** What is concurrent in the programs, where the format draws or tells it. */
  readonly inventories?: readonly Inventory[];
  /** Text of an analysed file as the front-end read it, for code frames; undefined when it is not at hand. */
  readonly sources: (file: string) => string | undefined;
  readonly exitCode: number;
}

/** What the place a report is printed to looks like. */
export interface Layout {
  /** Terminal columns. */
  readonly width: number;
  readonly color: boolean;
  /** The terminal understands links. */
  readonly hyperlinks?: boolean;
  /** Absolute folder that relative paths start from, with forward slashes. */
  readonly root?: string;
  /** Address that links to places start with instead of the file itself. */
  readonly linkBase?: string;
  /** SARIF without the lines of code around a place. */
  readonly minimal?: boolean;
  /** The version control state of what was analysed, as SARIF names it. */
  readonly provenance?: { readonly repositoryUri: string; readonly revisionId?: string; readonly branch?: string };
  /** The script of the library that draws graphs, for pages that carry it with them. */
  readonly drawing?: string;
}

export type Format = (report: Report, layout: Layout) => string;
