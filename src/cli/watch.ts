import { watch as watchFolder, type FSWatcher } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Source } from '../index.js';
import { checkOnce, type CheckOptions } from './check.js';
import type { Report } from '../report/index.js';
import { isMistake, plan } from './run.js';
import { teller } from './notices.js';
import type { Terminal } from './terminal.js';

/** Fixed lines: editors know by them when a run begins and ends. */
export const watchBegins = '[watch] analysis started';
export const watchEnds = (findings: number) => `[watch] analysis finished: ${findings} findings`;

/** Editors write a file in several steps; they are one change. */
const settling = 150;

/** Analyses again whenever a source changes, until the terminal's signal, or the user, ends it. Answers the last exit code. */
export async function watch(paths: readonly string[], options: CheckOptions, tool: Report['tool'], terminal: Terminal): Promise<number> {
  const say = (line: string) => void terminal.stdout.write(`${line}\n`);
  let code = 0;
  let seen: readonly Source[] | undefined;
  const session = {};
  while (terminal.signal?.aborted !== true) {
    const current = sourcesOf(paths, options, terminal);
    if (current === undefined || seen === undefined || !sameSources(seen, current)) {
      seen = current ?? [];
      say(watchBegins);
      const done = await checkOnce(paths, { ...options, session }, tool, terminal);
      code = done.exitCode;
      say(watchEnds(done.findings));
    }
    await change(foldersOf(seen, terminal.cwd), terminal);
  }
  return code;
}

/** Undefined when the command line or the configuration has a mistake: told by the run, and mended in a later one. */
function sourcesOf(paths: readonly string[], options: CheckOptions, terminal: Terminal): readonly Source[] | undefined {
  try {
    return plan(paths, { ...options, quiet: true }, terminal).found.sources;
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
