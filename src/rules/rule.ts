import type { ResultOf } from '../analysis/analysis.js';
import type { Confidence, Family, Finding, Level } from '../findings/finding.js';
import type { FunctionId, Location, Program } from '../ir/index.js';
import type { Repair } from '../ir/repair.js';

export interface RuleMeta {
  /** The defect, kebab-case; reads after "allow ...". */
  readonly id: string;
  readonly family: Family;
  readonly level: Level;
  readonly confidence: Confidence;
  readonly languages: readonly string[];
  /** One line, no full stop. */
  readonly title: string;
  /** Why it is a bug, in a paragraph or two of Markdown. */
  readonly explain: string;
  /** What it leads to when it strikes: one sentence. */
  readonly impact: string;
  /** What to do: one sentence. */
  readonly advice: string;
  /** The blind spots. A rule that says what it does not see is trusted. */
  readonly misses: string;
  /** Speaks of what a later change could break, not of what the code does: not asked of code that only illustrates. */
  readonly hygiene?: true;
  /** Peers' names for the same defect, whose suppressions count for ours too. */
  readonly aliases?: readonly string[];
}

/** What a rule yields. The defaults of the rule hold unless the verdict lowers or raises them. */
export type Verdict = Pick<Finding, 'at' | 'function' | 'message' | 'evidence' | 'subject'> & Partial<Pick<Finding, 'level' | 'confidence' | 'advice' | 'impact' | 'cause'>> & { /** What mends it. */ readonly repair?: Repair; readonly claim?: Claim; readonly crossing?: Crossing };

/** What an exploration of one function could confirm or refute: that these two accesses race in it. */
export interface Claim { readonly scope: FunctionId; readonly first: Location; readonly second: Location }

/** What a schedule of tasks that take turns could show: one calls at `looks`, is suspended, and goes on at `late` while another has changed the location `about`. */
export interface Crossing {
  readonly shows: 'stale-write' | 'stale-act' | 'torn-read' | 'overlap';
  /** Any of these; for torn reads the reader's. */
  readonly looks: readonly Location[];
  readonly late: Location;
  /** Names the location in all functions of its object. */
  readonly about: string;
  /** The function that looks. */
  readonly in: FunctionId;
  /** The calls to be made at the same time, or the one that sets up what comes again and again. */
  readonly starts: readonly FunctionId[];
}

export interface Rule extends RuleMeta {
  readonly check: (program: Program, resultOf: ResultOf) => Iterable<Verdict>;
}

export function defineRule(rule: Rule): Rule {
  return rule;
}
