import { watch as watchFolder, type FSWatcher } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { orderGaps, type Source } from '../index.js';
import type { Report } from '../report/index.js';
import type { Answer } from './cache/remembered.js';
import { checkOnce, conclude, isDocument, type CheckOptions, type Outcome } from './check.js';
import { asTold, firstLook, type Whole } from './first-look.js';
import { teller } from './notices.js';
import { phaseClock, type PhaseClock } from './phases.js';
import { answerTo, isMistake, plan, type Plan } from './run.js';
import type { Terminal } from './terminal.js';

/** Fixed lines: editors know by them when a run begins and ends. */
export const watchBegins = '[watch] analysis started';
export const watchEnds = (findings: number) => `[watch] analysis finished: ${findings} findings`;
/** Said between those two: what follows is of the changed folders, on top of what was known. */
const watchFirstLook = (files: number, all: number) => `[watch] first look at ${files} of ${all} files`;
/** Said for the report of everything, where it is the first look's. */
const watchConfirms = '[watch] all files analysed: the same findings';

/** Editors write a file in several steps; they are one change. */
const settling = 150;

/**
 * Analyses again whenever a source changes, until the terminal's signal, or the user, ends it. After a small change the first look
 * is told before everything is analysed, and what comes of everything only where it differs. Answers the last exit code.
 */
export async function watch(paths: readonly string[], options: CheckOptions, tool: Report['tool'], terminal: Terminal): Promise<number> {
  const session = {};
  const round = isPlain(options) ? inTwoLooks(options, tool, terminal) : undefined;
  let code = 0;
  let seen: readonly Source[] | undefined;
  while (terminal.signal?.aborted !== true) {
    const prepared = planned(paths, { ...options, session }, terminal);
    const sources = prepared?.found.sources;
    if (sources === undefined || seen === undefined || !sameSources(seen, sources)) {
      seen = sources ?? [];
      say(watchBegins, terminal);
      code = await (prepared !== undefined && round !== undefined ? round(prepared) : checkOnce(paths, { ...options, session }, tool, terminal).then((done) => ended(done, terminal)));
    }
    await change(foldersOf(seen, terminal.cwd), terminal);
  }
  return code;
}

/** Rounds that remember the last answer. Each begins when the beginning was said, and answers its exit code. */
function inTwoLooks(options: CheckOptions, tool: Report['tool'], terminal: Terminal): (prepared: Plan) => Promise<number> {
  const near = {};
  const tell = teller(terminal);
  let known: (Whole & { readonly question: string }) | undefined;
  return async (prepared) => {
    const { found: { sources, gaps }, options: asking, store: _, ...rest } = prepared;
    const question = JSON.stringify([asking.rules?.map(({ id }) => id), asking.models, asking.lockOrder, asking.today]);
    const report = (answer: Answer, how: CheckOptions, phases: PhaseClock): number => ended(conclude({ ...answer, allGaps: orderGaps([...gaps, ...answer.gaps]) }, undefined, { ...prepared, phases }, how, tool, terminal, tell), terminal);
    const first = known?.question === question ? await firstLook(known, sources, (some) => answerTo({ ...rest, found: prepared.found, options: asking }, some, { ...asking, session: near })) : undefined;
    let code = 0;
    if (first !== undefined) {
      say(watchFirstLook(first.files, first.answer.files), terminal);
      code = report(first.answer, { ...options, ...withoutExtras }, phaseClock());
      // Whoever waits for the lines gets them before this thread is busy again.
      await new Promise((resolve) => setImmediate(resolve));
    }
    const answer = await answerTo(prepared, sources, asking);
    known = { sources, answer, question };
    if (first === undefined) return report(answer, options, prepared.phases);
    if (options.output.length === 0 && isSame(first.answer, answer)) {
      say(watchConfirms, terminal);
      return code;
    }
    say(watchBegins, terminal);
    return report(answer, options, prepared.phases);
  };
}

function say(line: string, { stdout }: Terminal): void {
  stdout.write(`${line}\n`);
}

function ended({ exitCode, findings }: Outcome, terminal: Terminal): number {
  say(watchEnds(findings), terminal);
  return exitCode;
}

/** What a first look does not do: it is told again soon. */
const withoutExtras = { output: [], verbose: false, statistics: false, timing: false, explainUnknown: false } as const;

/** Nothing is compared with another commit, and nothing is told but findings and gaps. */
function isPlain(options: CheckOptions): boolean {
  return !isDocument(options) && !options.explainUnknown && [options.print, options.printConfig, options.showFiles, options.stdinFilename, options.newFromRev, options.mergeBase].every((one) => one === undefined || one === false);
}

/** Whether reports on both say the same. */
function isSame(one: Answer, other: Answer): boolean {
  const said = ({ findings, suppressed, gaps }: Answer): string => asTold([findings, suppressed, gaps]);
  return said(one) === said(other);
}

/** Undefined when the command line or the configuration has a mistake: told by the run, and mended in a later one. */
function planned(paths: readonly string[], options: CheckOptions, terminal: Terminal): Plan | undefined {
  try {
    return plan(paths, options, terminal);
  } catch (error) {
    if (!isMistake(error)) throw error;
    return undefined;
  }
}

function sameSources(one: readonly Source[], other: readonly Source[]): boolean {
  const texts = new Map(one.map(({ path, text }) => [path, text]));
  return one.length === other.length && other.every(({ path, text }) => texts.get(path) === text);
}

function foldersOf(sources: readonly Source[], cwd: string): readonly string[] {
  const folders = new Set([cwd]);
  for (const { path } of sources) {
    // A new folder is a change of the one above it.
    for (let folder = dirname(resolve(cwd, path)); folder.startsWith(cwd) && !folders.has(folder); folder = dirname(folder)) folders.add(folder);
    folders.add(dirname(resolve(cwd, path)));
  }
  return [...folders];
}

/** Ends a little after the first change in one of these folders, or at once with the signal. */
async function change(folders: readonly string[], terminal: Terminal): Promise<void> {
  const watchers: FSWatcher[] = [];
  try {
    await new Promise<void>((done) => {
      let timer: NodeJS.Timeout | undefined;
      const settle = () => {
        timer ??= setTimeout(done, settling);
      };
      terminal.signal?.addEventListener('abort', () => done(), { once: true });
      for (const folder of folders) {
        try {
          watchers.push(watchFolder(folder, settle).on('error', settle));
        } catch (error) {
          teller(terminal)(`${folder}: not watched: ${error instanceof Error ? error.message : String(error)}`);
        }
      }
    });
  } finally {
    for (const watcher of watchers) watcher.close();
  }
}
