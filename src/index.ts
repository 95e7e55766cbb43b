import { confirmation, type Discovery, type ExplorationCounts } from './confirm/index.js';
import { exploreNamed, type NamedExploration, type NoExploration } from './confirm/explore-named.js';
import { withoutSuppressed } from './suppressions.js';
import { passManager, type ResultOf } from './analysis/analysis.js';
import { summaries } from './analysis/summaries.js';
import { unknownCalls, type UnknownCallee } from './analysis/unknown-calls.js';
import { inventoryOf, type Inventory } from './inventory/index.js';
import { joinCauses } from './findings/causes.js';
import { dedupe } from './findings/dedupe.js';
import type { Finding } from './findings/finding.js';
import { fingerprint } from './findings/fingerprint.js';
import type { Suppressed } from './findings/suppression.js';
import type { Sketch } from './ir/repair.js';
import { compareLocations, printLocation, type Directive, type Coverage, type Gap, type Location, type Program } from './ir/index.js';
import { fewOfEachFile, orderGaps } from './gaps.js';
import type { UserModels } from './models/user.js';
import type { FileClock, FrontEnd, Meaning, PartsOf, Source, Surroundings } from './parsers/front-end.js';
import { fragmentsOf, isDocument } from './parsers/documents.js';
import { frontEnds as allFrontEnds } from './parsers/index.js';
import { intoDocuments, relocateFinding, relocateGap, type Origins } from './relocate.js';
import { rules as allRules } from './rules/index.js';
import { precedence } from './rules/precedence.js';
import type { Rule, Verdict } from './rules/rule.js';

export type { Confidence, Family, Finding, Level, Step, Trace } from './findings/finding.js';
export type { Coverage, Gap, Location, Program } from './ir/index.js';
export type { Suppressed } from './findings/suppression.js';
export type { UserModels } from './models/user.js';
export type { FrontEnd, Meaning, Source, Surroundings } from './parsers/front-end.js';
export type { Inventory } from './inventory/index.js';
export { placesOf } from './ir/index.js';
export { orderGaps } from './gaps.js';
export { joinedClaims } from './inventory/claims.js';
export { joinInventories } from './inventory/join.js';
export { independentParts } from './parts.js';
export { relocateFinding, relocateGap } from './relocate.js';
export { compareUnknown, type UnknownCallee } from './analysis/unknown-calls.js';
export type { ExplorationCounts } from './confirm/index.js';
export type { NamedExploration, NoExploration } from './confirm/explore-named.js';
export type { Rule, RuleMeta } from './rules/rule.js';
export { rules } from './rules/index.js';
export { namePrinter, printers } from './printers.js';
export { frontEnds } from './parsers/index.js';

/** A language: which files are its own, and the front-end, loaded only when there is such a file. */
export interface FrontEndRow {
  readonly language: string;
  readonly extensions: readonly string[];
  /** Names of the language on the fences of code in documents. */
  readonly fences?: readonly string[];
  readonly load: () => Promise<FrontEnd>;
  /** What of the sources cannot know of each other; one part when absent. */
  readonly parts?: () => Promise<PartsOf>;
}

export interface AnalyzeOptions {
  /** Report what is found in test code too. Test code is read and understood either way. */
  readonly tests?: boolean;
  /** How to see manifests and dependencies that are not among the sources. Without it they are unknown. */
  readonly surroundings?: Surroundings;
  /** The rules to ask; all of them by default. */
  readonly rules?: readonly Rule[];
  /** The languages to read; all of them by default. */
  readonly frontEnds?: readonly FrontEndRow[];
  /** What the user says about functions and types of theirs. */
  readonly models?: UserModels;
  /** Orders in which locks are to be taken, as the user declares them beside the code. */
  readonly lockOrder?: readonly DeclaredOrder[];
  /** The day on which suppressions expire or not, `YYYY-MM-DD`; without it none does. */
  readonly today?: string;
  /** Also answer what is concurrent in the programs: for documents. */
  readonly inventory?: boolean;
  /** How many threads may read sources at the same time, this one included; 1 by default. The answer is the same. */
  readonly threads?: number;
  /** The same object for each of several analyses: unchanged files are read once, at the price of the memory. The answers are the same. */
  readonly session?: object;
  /** Told what begins, for progress lines and timings. */
  readonly onPhase?: (phase: string) => void;
  /** Told what single files took: reading, lowering, and exploring what is suspected in them. */
  readonly onFile?: FileClock;
  /** Told of candidates that a complete exploration found to be impossible. */
  readonly onRefuted?: (finding: Finding) => void;
}

/** Locks by their names, the outermost first, and where that is written. */
export interface DeclaredOrder {
  readonly locks: readonly string[];
  readonly at: Location;
}

export interface Analysis {
  /** Without duplicates, in the order of their places. */
  readonly findings: readonly Finding[];
  /** What comments in the source ask to leave unreported. */
  readonly suppressed: readonly Suppressed[];
  /** What was not understood, in the order of the places. */
  readonly gaps: readonly Gap[];
  readonly coverage: Coverage;
  readonly files: number;
  readonly lines: number;
  readonly functions: number;
  readonly programs: readonly Program[];
  /** One for each program, when asked for. */
  readonly inventories: readonly Inventory[];
  /** What the explorer made of the candidates. */
  readonly exploration: ExplorationCounts;
  /** Defects of Deadheat itself that cost results: each is a gap as well. Empty when all went well. */
  readonly failures: readonly Failure[];
}

/** A defect of Deadheat: what it cost, and where it happened for those who mend it. */
export interface Failure {
  readonly reason: string;
  readonly stack: string;
}

/** Which of the findings tells of a defect that a schedule shows: by rule and place, so that many schedules find theirs among many findings. */
function toldIn(findings: readonly Finding[]): { readonly first: (shows: Discovery['shows']) => number | undefined; readonly add: (index: number) => void } {
  const places = new Map<string, number[]>();
  const key = (rule: string, at: Location): string => `${rule} ${printLocation(at)}`;
  const add = (index: number): void => {
    const place = key(findings[index]!.rule, findings[index]!.at);
    const known = places.get(place);
    if (known === undefined) places.set(place, [index]); else known.push(index);
  };
  findings.forEach((_, index) => add(index));
  const tells = (index: number, { at, names }: Discovery['shows'][number]): boolean => {
    const finding = findings[index]!;
    return compareLocations(finding.at, at) === 0 && (names === undefined || finding.evidence.some(({ steps }) => steps.some((step) => compareLocations(step.at, names) === 0)));
  };
  return {
    add,
    first: (shows) => {
      const found = shows.flatMap((one) => places.get(key(one.rule, one.at))?.find((index) => tells(index, one)) ?? []);
      return found.length === 0 ? undefined : Math.min(...found);
    },
  };
}

/** What do these sources do wrong? Pure: the same sources in any order give the same answer, and nothing is read or written. */
export function analyze(sources: readonly Source[], options: AnalyzeOptions = {}): Promise<Analysis> {
  const files = sources.length;
  const sketches = options.inventory === true ? sources : undefined;
  // No `await`: a function that waits holds on to what it was given, and much code need not be in memory beside what it means.
  return lower(sources, options).then((lowered) => judged(lowered, files, sketches, options));
}

/** `sketches`: the sources, when repairs are to be shown in them. */
async function judged(lowered: Lowered, files: number, sketches: readonly Source[] | undefined, options: AnalyzeOptions): Promise<Analysis> {
  const selected = options.rules ?? allRules;
  const findings: Finding[] = [];
  const gaps = [...lowered.gaps];
  const failures = [...lowered.failures];
  const inventories: Inventory[] = [];
  const unreportedIn = new Set<string>();
  const exploration: ExplorationCounts = { confirmed: 0, refuted: 0, undecided: 0, explored: 0, steps: 0 };
  for (const program of lowered.programs) {
    const unreported = unreportedFiles(program, options.tests ?? false);
    for (const file of unreported) unreportedIn.add(file);
    let phase = '';
    const begin = (name: string): void => { options.onPhase?.(phase = name); };
    const resultOf = passManager(program, options.onPhase && ((name) => options.onPhase!(name === undefined ? phase : `analysis ${name}`)));
    const confirmed = confirmation(program, resultOf, options.tests ?? false);
    for (const rule of selected) {
      if (!rule.languages.includes(program.language)) continue;
      begin(rule.id);
      const incomplete = (error: unknown): void => {
        const failure = failureOf(`internal error in rule ${rule.id}, its findings are incomplete`, error);
        failures.push(failure);
        gaps.push({ at: startOf(lowered.firstFile), reason: failure.reason });
      };
      const candidates: Verdict[] = [];
      try {
        for (const candidate of rule.check(program, resultOf)) {
          if (!unreported.has(candidate.at.file) && (rule.hygiene !== true || program.illustrations?.has(candidate.at.file) !== true)) candidates.push(candidate);
        }
      } catch (error) {
        incomplete(error);
      }
      if (candidates.length > 0) begin('exploring');
      try {
        for (const candidate of candidates) {
          const started = options.onFile === undefined ? 0 : performance.now();
          const verdict = confirmed.judge(rule.id, candidate);
          options.onFile?.(candidate.at.file, performance.now() - started);
          if (verdict !== undefined) findings.push(findingOf(rule, verdict));
          else options.onRefuted?.(findingOf(rule, candidate));
        }
      } catch (error) {
        incomplete(error);
      }
    }
    if (selected.length > 0) gaps.push(...cutsOf(resultOf).filter(({ at }) => !unreported.has(at.file)));
    if (options.inventory === true) {
      begin('inventory');
      try {
        inventories.push(inventoryOf(program, resultOf));
      } catch (error) {
        const failure = failureOf('internal error in the inventory, documents are incomplete', error);
        failures.push(failure);
        gaps.push({ at: startOf(lowered.firstFile), reason: failure.reason });
      }
    }
    begin('exploring');
    try {
      const told = toldIn(findings);
      for (const { rule: id, verdict, shows } of confirmed.discoveries()) {
        const rule = selected.find((one) => one.id === id && one.languages.includes(program.language));
        if (rule === undefined || unreported.has(verdict.at.file)) continue;
        // A rule that has spoken of the place knows more of it than a schedule does: the schedule shows that it is right.
        const known = told.first(shows);
        if (known === undefined) told.add(findings.push(findingOf(rule, verdict)) - 1);
        else findings[known] = { ...findings[known]!, confidence: 'high', evidence: [...findings[known]!.evidence, ...verdict.evidence] };
      }
    } catch (error) {
      const failure = failureOf('internal error while exploring, findings may be missing', error);
      failures.push(failure);
      gaps.push({ at: startOf(lowered.firstFile), reason: failure.reason });
    }
    for (const key of ['confirmed', 'refuted', 'undecided', 'explored', 'steps'] as const) exploration[key] += confirmed.counts[key];
  }
  const { kept, suppressed, verdicts } = withoutSuppressed(dedupe(findings, precedence), lowered, { known: allRules, selected, unreported: unreportedIn, today: options.today });
  const inDocuments = intoDocuments(lowered.origins);
  const relocated = (finding: Finding): Finding => (lowered.origins.size === 0 ? finding : relocateFinding(finding, inDocuments));
  const found = dedupe([...joinCauses(kept), ...verdicts.map(({ rule, verdict }) => findingOf(rule, verdict))].map(relocated), precedence);
  return {
    findings: sketches === undefined ? found : await sketched(found, sketches, options.frontEnds ?? allFrontEnds),
    suppressed: suppressed.map((one) => ({ ...one, finding: relocated(one.finding) })),
    gaps: fewOfEachFile(orderGaps(gaps)),
    coverage: sumCoverage(lowered.programs),
    files,
    lines: lowered.lines,
    functions: lowered.programs.reduce((sum, program) => sum + program.functions.size, 0),
    programs: lowered.programs,
    inventories,
    exploration,
    failures,
  };
}

/** What does one analysis see? The text behind `--print`, a program after the other. */
export async function print(sources: readonly Source[], printer: (program: Program, resultOf: ResultOf) => string, options: AnalyzeOptions = {}): Promise<{ readonly text: string; readonly gaps: readonly Gap[]; readonly failures: readonly Failure[] }> {
  const lowered = await lower(sources, options);
  const failures = [...lowered.failures];
  let text = '';
  for (const program of lowered.programs) {
    try {
      text += printer(program, passManager(program));
    } catch (error) {
      failures.push(failureOf('internal error while printing', error));
    }
  }
  return { text, gaps: fewOfEachFile(orderGaps(lowered.gaps)), failures };
}

/** What do the names of a file, or of one line of it, mean? Undefined when the language's front-end cannot say. */
export async function meanings(sources: readonly Source[], file: string, line: number | undefined, options: AnalyzeOptions = {}): Promise<readonly Meaning[] | undefined> {
  const row = (options.frontEnds ?? allFrontEnds).find(({ extensions }) => extensions.some((extension) => file.endsWith(extension)));
  const frontEnd = await row?.load();
  const own = sources.filter(({ path }) => row?.extensions.some((extension) => path.endsWith(extension)));
  return frontEnd?.meanings?.(own, options.surroundings ?? nowhere, file, line);
}

/** What do these functions of a file do in all their schedules? The first program that has the file answers. */
export async function exploreFunctions(sources: readonly Source[], file: string, names: readonly string[], options: AnalyzeOptions = {}): Promise<NamedExploration | NoExploration> {
  const { programs } = await lower(sources, options);
  const program = programs.find((one) => [...one.functions.values()].some((fn) => fn.at.file === file));
  return program === undefined ? { reason: `there is no function in ${file}`, names: [] } : exploreNamed(program, passManager(program), file, names);
}

/** The calls that lead where nobody can follow, those that hide most first. */
export function unknownCallees(program: Program): readonly UnknownCallee[] {
  return passManager(program)(unknownCalls);
}

interface Lowered {
  readonly programs: readonly Program[];
  readonly gaps: readonly Gap[];
  readonly failures: readonly Failure[];
  readonly lines: number;
  readonly directives: readonly Directive[];
  readonly firstFile: string;
  readonly origins: Origins;
}

async function lower(sources: readonly Source[], options: AnalyzeOptions): Promise<Lowered> {
  const rows = options.frontEnds ?? allFrontEnds;
  const sorted = [...sources].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const programs: Program[] = [];
  const gaps: Gap[] = [];
  const failures: Failure[] = [];
  const declared = (options.lockOrder ?? []).map(({ locks, at }) => ({ at, text: `Lock order: ${locks.join(' -> ')}` }));
  const directives: Directive[] = [];
  let lines = 0;
  const read = new Set<Source>();
  const origins = new Map<string, string>();
  const documents = sorted.filter(({ path }) => isDocument(path));
  for (const row of rows) {
    const own = sorted.filter((source) => !read.has(source) && row.extensions.some((extension) => source.path.endsWith(extension)));
    for (const source of own) read.add(source);
    const fragments = (await Promise.all(documents.map((document) => fragmentsOf(document, row.fences ?? [])))).flat();
    for (const { path, document } of fragments) origins.set(path, document);
    if (own.length + fragments.length === 0) continue;
    options.onPhase?.(`reading ${row.language}`);
    const how = { models: options.models, threads: options.threads, session: options.session, onFile: options.onFile && ((path: string, milliseconds: number) => options.onFile!(origins.get(path) ?? path, milliseconds)), onPhase: options.onPhase && ((phase: string) => options.onPhase!(`${phase} ${row.language}`)) };
    try {
      const frontEnd = await row.load();
      const pieces = fragments.length === 0 ? [] : await (frontEnd.complete?.(fragments) ?? fragments);
      const result = await frontEnd.lower([...own, ...pieces], options.surroundings ?? nowhere, how);
      const program = declared.length === 0 ? result.program : { ...result.program, remarks: [...result.program.remarks, ...declared] };
      programs.push(fragments.length === 0 ? program : { ...program, illustrations: new Set(fragments.map(({ path }) => path)) });
      directives.push(...(result.directives ?? []));
      gaps.push(...result.gaps.map((gap) => relocateGap(gap, intoDocuments(origins))));
      lines += result.lines;
    } catch (error) {
      const failure = failureOf(`internal error in the ${row.language} front-end`, error);
      failures.push(failure);
      for (const { path } of [...own, ...fragments.map(({ document }) => ({ path: document }))]) gaps.push({ at: startOf(path), reason: `not analysed: ${failure.reason}` });
    }
  }
  const withCode = new Set(origins.values());
  for (const document of documents) {
    read.add(document);
    if (!withCode.has(document.path)) gaps.push({ at: startOf(document.path), reason: 'not analysed: no code in it that a front-end reads' });
  }
  for (const source of sorted) {
    if (!read.has(source)) gaps.push({ at: startOf(source.path), reason: 'not analysed: no front-end reads this kind of file' });
  }
  return { programs, gaps, failures, lines, directives, firstFile: sorted[0]?.path ?? '', origins };
}

/** Findings with the mended code, where a front-end can write it: for documents, as only they show it. */
async function sketched(findings: readonly Finding[], sources: readonly Source[], rows: readonly FrontEndRow[]): Promise<readonly Finding[]> {
  const sketches = new Map<Finding, Sketch>();
  for (const row of rows) {
    const own = findings.filter(({ repair, at }) => repair !== undefined && row.extensions.some((extension) => at.file.endsWith(extension)));
    const written = own.length === 0 ? undefined : await (await row.load()).sketch?.(sources, own.map(({ repair }) => repair!));
    written?.forEach((sketch, index) => { if (sketch !== undefined) sketches.set(own[index]!, sketch); });
  }
  return findings.map((finding) => { const sketch = sketches.get(finding); return sketch === undefined ? finding : { ...finding, sketch }; });
}

/** What the bounds on summaries leave out. Where summaries fail, each rule that needs them has said so. */
function cutsOf(resultOf: ResultOf): readonly Gap[] {
  try {
    return resultOf(summaries).cuts;
  } catch {
    return [];
  }
}

function findingOf(rule: Rule, verdict: Verdict): Finding {
  const deciding = verdict.evidence.flatMap((trace) => trace.steps.filter((step) => step.essential).map((step) => step.function));
  return {
    rule: rule.id,
    family: rule.family,
    level: verdict.level ?? rule.level,
    confidence: verdict.confidence ?? rule.confidence,
    message: verdict.message,
    at: verdict.at,
    function: verdict.function,
    evidence: verdict.evidence,
    ...(verdict.cause === undefined ? {} : { cause: verdict.cause }),
    ...(verdict.repair === undefined ? {} : { repair: verdict.repair }),
    subject: verdict.subject,
    advice: verdict.advice ?? rule.advice,
    impact: verdict.impact ?? rule.impact,
    fingerprint: fingerprint({ rule: rule.id, subject: verdict.subject, functions: [verdict.function, ...deciding] }),
  };
}

/** Generated code is analysed because others call it, but nobody mends it by hand; test code is reported on request. */
function unreportedFiles(program: Program, tests: boolean): ReadonlySet<string> {
  const files = new Set<string>();
  for (const fn of program.functions.values()) {
    if (fn.generated || (fn.test && !tests)) files.add(fn.at.file);
  }
  return files;
}

function sumCoverage(programs: readonly Program[]): Coverage {
  const total = (part: keyof Coverage) => programs.reduce((sum, { coverage }) => ({ resolved: sum.resolved + coverage[part].resolved, total: sum.total + coverage[part].total }), { resolved: 0, total: 0 });
  return { lockOperations: total('lockOperations'), calls: total('calls') };
}

const nowhere: Surroundings = { read: () => undefined, list: () => [] };

function startOf(file: string): Location {
  return { file, line: 1, column: 1, endLine: 1, endColumn: 1 };
}

function failureOf(cost: string, error: unknown): Failure {
  return error instanceof Error ? { reason: `${cost}: ${error.message}`, stack: error.stack ?? '' } : { reason: `${cost}: ${String(error)}`, stack: '' };
}
