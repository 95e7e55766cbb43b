import { availableParallelism } from 'node:os';
import { independentParts, orderGaps, type AnalyzeOptions, type Finding, type Gap } from '../index.js';
import { remembered, type Answer, type AnswerOptions, type CacheProblem } from './cache/remembered.js';
import { cacheFolder, openStore, type Store } from './cache/store.js';
import { discover, PathError, type Discovery } from './discover.js';
import { keepHeapsSmall } from './heap.js';
import { joinAnswers } from './join-answers.js';
import { partThreads, type Place } from './part-threads.js';
import { phaseClock, rememberedPhase, type FileTimes, type PhaseClock } from './phases.js';
import { SelectionError } from './select.js';
import { ConfigError, settingsOf, type RunOptions, type Settings } from './settings.js';
import { surroundingsOf } from './surroundings.js';
import { progressLine, visible, type Terminal } from './terminal.js';

/** What is to be analysed, and how. */
export interface Plan {
  readonly settings: Settings;
  readonly found: Discovery;
  readonly options: AnalyzeOptions;
  /** Answers of earlier runs; absent when none may be used. */
  readonly store?: Store;
  /** Told of what is wrong with the cache: never with the answer. */
  readonly onCacheProblem: (problem: CacheProblem) => void;
  readonly phases: PhaseClock;
  readonly place: Place;
  /** What single files took, when asked for. */
  readonly fileTimes?: FileTimes;
  /** There is nothing to do for this share of the work, and that is no mistake. */
  readonly idle?: boolean;
  /** Takes the progress line away; asked before anything is printed. */
  readonly clear: () => void;
}

/** A mistake of whoever asked, not of Deadheat: told in one line each, with exit code 2. */
export function isMistake(error: unknown): error is Error {
  return error instanceof PathError || error instanceof SelectionError || error instanceof ConfigError;
}

/** Settings and sources for these paths. Throws what `isMistake` knows for those that cannot be followed. */
export function plan(paths: readonly string[], options: RunOptions & { readonly quiet?: boolean; readonly verbose?: boolean; readonly timing?: boolean; readonly overlay?: Overlay }, terminal: Terminal): Plan {
  const { cwd, env, stderr } = terminal;
  const phases = phaseClock();
  phases.begin('finding and opening files');
  const settings = settingsOf(options, cwd);
  const found = discover(paths, { cwd, tests: settings.tests, excludes: settings.excludes, ...(options.overlay && { overlay: options.overlay }) });
  const progress = progressLine(stderr, !options.quiet && env['CI'] === undefined);
  const fileTimes: FileTimes | undefined = options.timing ? new Map() : undefined;
  const known = new Set(settings.selected.map(({ id }) => id));
  const asked = new Set<string>();
  let reading: number | undefined;
  const folder = options.cache === false ? undefined : cacheFolder(env, cwd);
  return {
    settings,
    ...(folder !== undefined && { store: openStore(folder) }),
    // A cache that cannot be written is nobody's business but who asks; a damaged one is.
    onCacheProblem: ({ problem, damaged }) => { if (options.verbose || (damaged && !options.quiet)) stderr.write(`${visible(problem)}\n`); },
    found,
    phases,
    place: { cwd, env: { ...env } },
    ...(fileTimes && { fileTimes }),
    clear: progress.clear,
    options: {
      // Discovery decides which test files are read; what is read is reported.
      tests: true,
      surroundings: surroundingsOf(cwd, env),
      rules: settings.selected,
      ...(settings.config.models && { models: settings.config.models }),
      lockOrder: settings.lockOrder,
      today: today(),
      ...(options.session && { session: options.session }),
      threads: options.threads ?? Math.min(availableParallelism(), mostThreads),
      ...(fileTimes && { onFile: (path: string, milliseconds: number) => void fileTimes.set(path, (fileTimes.get(path) ?? 0) + milliseconds) }),
      onPhase: (phase) => {
        phases.begin(phase);
        const inRules = known.has(phase);
        if (inRules) asked.add(phase);
        if (inRules && reading === undefined) reading = phases.elapsed();
        const left = reading === undefined ? 0 : Math.round((reading * wholeToReading - phases.elapsed()) / 1000);
        progress.show(`deadheat: ${found.sources.length} files: ${phase}${inRules ? ` (${asked.size} of ${known.size})` : ''}, ${(phases.elapsed() / 1000).toFixed(0)} s${left > 0 ? `, about ${left} s left` : ''}`);
      },
    },
  };
}

/** Reading is a fifth of a run: more threads would mostly load the grammar. */
const mostThreads = 4;

/** How much longer a whole run takes than reading alone, as measured on modules of several sizes: good for a guess. */
const wholeToReading = 2.5;

/** Text that stands for a file's own: what an editor holds and has not saved. */
export interface Overlay {
  readonly path: string;
  readonly text: string;
}

/** Findings as the settings of their places have them, and how many are left out for being unsure or minor. */
export interface Judged {
  readonly findings: readonly Finding[];
  readonly unsure: number;
  readonly minor: number;
}

export function judge(findings: readonly Finding[], settings: Settings): Judged {
  const judged = findings.map((finding) => settings.judge(finding));
  return {
    findings: judged.filter((one) => typeof one === 'object'),
    unsure: judged.filter((one) => one === 'unsure').length,
    minor: judged.filter((one) => one === 'minor').length,
  };
}

/** One analysis of all sources, or what an earlier run answered. */
export async function runAnalysis(prepared: Plan, more: Pick<AnswerOptions, 'inventory' | 'unknown'> = {}): Promise<Answer & { readonly allGaps: readonly Gap[] }> {
  const analysis = await answerTo(prepared, prepared.found.sources, { ...prepared.options, ...more });
  return { ...analysis, allGaps: orderGaps([...prepared.found.gaps, ...analysis.gaps]) };
}

/** The same for other sources than the plan's own. */
export async function answerTo(prepared: Plan, sources: Plan['found']['sources'], options: AnswerOptions): Promise<Answer> {
  return joinAnswers(await askedParts(prepared, await independentParts(sources, options), options));
}

/** An answer for each of these parts: an edit in one leaves what is remembered of the others. Many large parts are asked about on several threads, and one that is huge on one of its own. */
export async function askedParts({ store, onCacheProblem, clear, phases, place, options: own }: Plan, parts: readonly Plan['found']['sources'][], options: AnswerOptions): Promise<readonly Answer[]> {
  const sizes = parts.map((part) => part.reduce((sum, { text }) => sum + text.length, 0));
  keepHeapsSmall(sizes.reduce((sum, size) => sum + size, 0));
  // Other threads see what lies around the sources here, and not what lay there in another commit.
  const count = options.surroundings === own.surroundings ? threadsFor(sizes, options) : 0;
  const threads = count === 0 ? undefined : partThreads(count, place);
  const asking: AnswerOptions = { ...options, threads: Math.max(1, Math.floor((options.threads ?? 1) / Math.max(count, 1))) };
  const answers: Answer[] = [];
  const answerAt = async (index: number): Promise<void> => {
    const { answer, memory } = await remembered(parts[index]!, asking, store, threads?.ask);
    if (memory === 'known') phases.begin(rememberedPhase);
    clear();
    if (typeof memory === 'object') onCacheProblem(memory);
    answers[index] = answer;
  };
  if (count < 2) for (const index of parts.keys()) await answerAt(index);
  else {
    // The largest first, so that no thread waits for one at the end.
    const order = [...parts.keys()].sort((a, b) => sizes[b]! - sizes[a]! || a - b);
    await Promise.all(Array.from({ length: count }, async () => { for (let index = order.shift(); index !== undefined; index = order.shift()) await answerAt(index); }));
  }
  await threads?.end();
  return answers;
}

/** How many threads answer about parts of these sizes, in characters; none when this one does it. Who wants to know what files take wants one after the other, and what a session keeps is kept here. */
function threadsFor(sizes: readonly number[], { threads = 1, onFile, session }: AnswerOptions): number {
  if (onFile !== undefined || session !== undefined) return 0;
  const beside = sizes.reduce((sum, size) => sum + size, 0) - Math.max(0, ...sizes);
  if (threads > 1 && beside >= worthAThread) return Math.min(threads, sizes.length);
  return sizes.some((size) => size >= worthItsOwnHeap) ? 1 : 0;
}

/** Characters beside the largest part: fewer are read here before another thread has loaded what it needs. */
const worthAThread = 2_000_000;

/** A part of so many characters takes half of the memory that the engine gives a program by itself. */
const worthItsOwnHeap = 25_000_000;

/** The day by the clock of whoever runs it, as people write it in comments. */
function today(): string {
  const now = new Date();
  return `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, '0')}-${String(now.getDate()).padStart(2, '0')}`;
}
