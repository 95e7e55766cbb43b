import { watch as watchFolder, type FSWatcher } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { orderGaps, type Source } from '../index.js';
import type { Report } from '../report/index.js';
import type { Answer } from './cache/remembered.js';
import { checkOnce, conclude, isDocument, type CheckOptions, type Outcome } from './check.js';
import { asTold, firstLook, type Whole } from './first-look.js';
import { teller } from './notices.js';
import { phaseClock } from './phases.js';
import { answerTo, isMistake, plan, type Plan } from './run.js';
import type { Terminal } from './terminal.js';

/** Fixed lines: editors know by them when a run begins and ends. */
export const watchBegins = '[watch] analysis started';
export const watchEnds = (findings: number) => `[watch] analysis finished: ${findings} findings`;
/** Said between those two: what follows is of the changed folders, on top of what was known. */
const watchFirstLook = (files: number, all: number) => `[watch] first look at ${files} of ${all} files`;
/** Said for the report of everything, where it is the first look's. */
const watchConfirms = '[watch] all files analysed: the same findings';

/** Milliseconds: editors write a file in several steps; they are one change. */
const settling = 150;
/** Milliseconds without another change after a first look until everything is analysed: who goes on saving gets the next first look at once. */
const pause = 500;

/**
 * Analyses again whenever a source changes, until the terminal's signal, or the user, ends it. After a small change the first look
 * is told before everything is analysed, and what comes of everything only where it differs. Answers the last exit code.
 */
export async function watch(paths: readonly string[], options: CheckOptions, tool: Report['tool'], terminal: Terminal): Promise<number> {
  const session = {};
  const looks = isPlain(options) ? inTwoLooks(options, tool, terminal) : undefined;
  let code = 0;
  let seen: readonly Source[] | undefined;
  while (terminal.signal?.aborted !== true) {
    // Waited for before anything is read, so that what changes meanwhile is a change.
    const change = nextChange(foldersOf(seen ?? [], terminal.cwd), terminal);
    try {
      const prepared = planned(paths, { ...options, session }, terminal);
      const sources = prepared?.found.sources;
      if (sources !== undefined && seen !== undefined && sameSources(seen, sources)) {
        if (looks?.hasMore() !== true) await change.come;
        else if (!(await change.comesWithin(pause))) code = await looks.more();
        continue;
      }
      seen = sources ?? [];
      say(watchBegins, terminal);
      if (prepared !== undefined && looks !== undefined) code = await looks.begin(prepared);
      else code = ended(await checkOnce(paths, { ...options, session }, tool, terminal), terminal);
      if (sources === undefined) await change.come;
    } finally {
      change.end();
    }
  }
  return code;
}

/** Looks that remember the last answer; each answers its exit code. `begin`: the beginning was said, and its report follows. `more`: everything, where a first look is all that has been told. */
interface Looks {
  readonly begin: (prepared: Plan) => Promise<number>;
  readonly hasMore: () => boolean;
  readonly more: () => Promise<number>;
}

function inTwoLooks(options: CheckOptions, tool: Report['tool'], terminal: Terminal): Looks {
  const near = {};
  const tell = teller(terminal);
  let known: (Whole & { readonly question: string }) | undefined;
  let told: { readonly prepared: Plan; readonly answer: Answer; readonly code: number } | undefined;
  const report = (prepared: Plan, answer: Answer, how: CheckOptions): number => ended(conclude({ ...answer, allGaps: orderGaps([...prepared.found.gaps, ...answer.gaps]) }, undefined, prepared, how, tool, terminal, tell), terminal);
  const everything = async (prepared: Plan): Promise<Answer> => {
    const { found: { sources }, options: asking } = prepared;
    told = undefined;
    const answer = await answerTo(prepared, sources, asking);
    known = { sources, answer, question: questionOf(asking) };
    return answer;
  };
  return {
    async begin(prepared) {
      const { store: _, ...unkept } = prepared;
      const { found: { sources }, options: asking } = prepared;
      const first = known?.question === questionOf(asking) ? await firstLook(known, sources, (some) => answerTo(unkept, some, { ...asking, session: near })) : undefined;
      if (first === undefined) return report(prepared, await everything(prepared), options);
      say(watchFirstLook(first.files, first.answer.files), terminal);
      const code = report({ ...prepared, phases: phaseClock() }, first.answer, { ...options, ...withoutExtras });
      told = { prepared, answer: first.answer, code };
      return code;
    },
    hasMore: () => told !== undefined,
    async more() {
      const { prepared, answer: early, code } = told!;
      const answer = await everything(prepared);
      if (options.output.length === 0 && isSame(early, answer)) {
        say(watchConfirms, terminal);
        return code;
      }
      say(watchBegins, terminal);
      return report(prepared, answer, options);
    },
  };
}

/** What is asked about the sources: an answer to another question is nothing to compare with. */
function questionOf({ rules, models, lockOrder, today }: Plan['options']): string {
  return JSON.stringify([rules?.map(({ id }) => id), models, lockOrder, today]);
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

interface NextChange {
  /** A little after the first change, or at once with the signal. */
  readonly come: Promise<void>;
  readonly comesWithin: (milliseconds: number) => Promise<boolean>;
  readonly end: () => void;
}

function nextChange(folders: readonly string[], terminal: Terminal): NextChange {
  const watchers: FSWatcher[] = [];
  const { signal } = terminal;
  let timer: NodeJS.Timeout | undefined;
  let onAbort: () => void;
  const come = new Promise<void>((done) => {
    onAbort = done;
    const settle = (): void => {
      timer ??= setTimeout(done, settling);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    for (const folder of folders) {
      try {
        watchers.push(watchFolder(folder, settle).on('error', settle));
      } catch (error) {
        teller(terminal)(`${folder}: not watched: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  });
  return {
    come,
    comesWithin: async (milliseconds) => {
      let patience: NodeJS.Timeout | undefined;
      try {
        return await Promise.race([come.then(() => true), new Promise<boolean>((done) => { patience = setTimeout(() => done(false), milliseconds); })]);
      } finally {
        clearTimeout(patience);
      }
    },
    end: () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      for (const watcher of watchers) watcher.close();
    },
  };
}
