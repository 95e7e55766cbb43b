import { lstatSync, readdirSync, realpathSync, statSync, type Dirent, type Stats } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { Gap, Source } from '../index.js';
import { conventionOf, conventions, isPassedOver } from './conventions.js';
import { ignoreRulesAt, type IgnoreRules } from './ignore-rules.js';
import { causeOf, readSourceFile } from './source-file.js';
import { nearest } from './suggest.js';

/** What the paths of a command line name: the sources, and what should have been one and is not. */
export interface Discovery {
  readonly sources: readonly Source[];
  readonly gaps: readonly Gap[];
  /** The folders that were looked through, as absolute paths. */
  readonly folders: readonly string[];
}

/** A path that leads nowhere: a mistake of the command line, not of the code. */
export class PathError extends Error {}

export interface DiscoverOptions {
  readonly cwd: string;
  readonly tests: boolean;
  /** Asked about what a folder holds, by absolute path; what is named is always read. */
  readonly excludes?: (path: string) => boolean;
  /** Text that stands for a file's own. */
  readonly overlay?: { readonly path: string; readonly text: string };
}

/**
 * Finds and reads the sources that files, folders and patterns such as `./...` name. A folder stands for all
 * below it, without what is ignored, foreign or test code; a file that is named is always read. Throws PathError
 * for paths that do not exist.
 */
export function discover(paths: readonly string[], options: DiscoverOptions): Discovery {
  const { cwd } = options;
  const sources = new Map<string, Source>();
  const gaps: Gap[] = [];
  const seen = new Set<string>();
  const folders: string[] = [];
  const gap = (path: string, reason: string) => gaps.push({ at: startOf(reportPath(cwd, path)), reason });

  const add = (path: string) => {
    const identity = realPathOf(path);
    if (seen.has(identity)) return;
    seen.add(identity);
    const file = options.overlay && resolve(cwd, options.overlay.path) === path ? { text: options.overlay.text } : readSourceFile(path);
    if (file.text === undefined) return void gap(path, file.reason);
    const unfit = conventionOf(path)?.unfit?.(file.text);
    if (unfit !== undefined) return void gap(path, unfit);
    if ('remark' in file && file.remark !== undefined) gap(path, file.remark);
    const shown = reportPath(cwd, path);
    sources.set(shown, { path: shown, text: file.text });
  };

  for (const named of paths) {
    const pattern = named === '...' || named.endsWith('/...') || named.endsWith(`${sep}...`);
    const path = resolve(cwd, pattern ? named.slice(0, -3) || '.' : named);
    const stat = statOf(path);
    if (stat instanceof Error) {
      if (causeOf(stat) !== causeOf({ code: 'ENOENT' })) {
        gap(path, `not analysed: ${causeOf(stat)}`);
        continue;
      }
      throw new PathError(`no such file or folder: ${named}${neighbourOf(path, named)}`);
    }
    if (!stat.isDirectory()) {
      if (pattern) throw new PathError(`not a folder: ${named}`);
      add(path);
      continue;
    }
    folders.push(path);
    let met = 0;
    walk({
      folder: path,
      rules: ignoreRulesAt(path),
      root: realPathOf(path),
      tests: options.tests,
      excludes: options.excludes ?? (() => false),
      add: (file) => { met++; add(file); },
      gap: (file, reason) => { met++; gap(file, reason); },
    });
    if (met === 0) gap(path, `no ${conventions.map((convention) => convention.language).join(' or ')} files found`);
  }
  const { overlay } = options;
  // What an editor holds may not have been saved yet.
  if (overlay !== undefined && !seen.has(realPathOf(resolve(cwd, overlay.path)))) add(resolve(cwd, overlay.path));
  return { sources: [...sources.values()], gaps, folders };
}

/** The path as reports print it: relative to the working directory, with forward slashes. */
export function reportPath(cwd: string, path: string): string {
  const shown = relative(cwd, path) || '.';
  return (isAbsolute(shown) ? path : shown).split(sep).join('/');
}

interface Walk {
  readonly folder: string;
  readonly rules: IgnoreRules;
  /** The named folder with all links followed: what lies below it is met without following links. */
  readonly root: string;
  readonly tests: boolean;
  readonly excludes: (path: string) => boolean;
  readonly add: (path: string) => void;
  readonly gap: (path: string, reason: string) => void;
}

function walk(from: Walk): void {
  const pending: { readonly folder: string; readonly rules: IgnoreRules; /** Names of the folders from the named one down. */ readonly below: readonly string[] }[] = [{ folder: from.folder, rules: from.rules, below: [] }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { folder, rules, below } = next;
    let entries: readonly Dirent[];
    try {
      entries = readdirSync(folder, { withFileTypes: true });
    } catch (error) {
      from.gap(folder, `not analysed: ${causeOf(error)}`);
      continue;
    }
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (from.excludes(path)) continue;
      const kind = kindOf(entry, path);
      if (kind === 'folder') {
        if (!isPassedOver(entry.name) && !rules.ignores(path, true)) pending.push({ folder: path, rules: rules.enter(path), below: [...below, entry.name] });
        continue;
      }
      if (kind === 'link') {
        const reason = isPassedOver(entry.name) || rules.ignores(path, false) ? undefined : lossOf(path, entry.name, from);
        if (reason !== undefined) from.gap(path, reason);
        continue;
      }
      const convention = conventionOf(entry.name);
      if (convention === undefined || entry.name.startsWith('.')) continue;
      if (convention.skipsUnderscore && [...below, entry.name].some((name) => name.startsWith('_'))) continue;
      if (!from.tests && (convention.isTest(entry.name) || below.some((name) => convention.testFolders?.has(name)))) continue;
      if (convention.isDerived?.(entry.name) || below.some((name) => convention.madeFolders?.has(name))) continue;
      if (!rules.ignores(path, false)) from.add(path);
    }
  }
}

/** Some file systems do not say what an entry is until it is asked for. */
function kindOf(entry: Dirent, path: string): 'folder' | 'link' | 'other' {
  let kind: Dirent | Stats = entry;
  if (!entry.isFile() && !entry.isDirectory() && !entry.isSymbolicLink()) {
    try {
      kind = lstatSync(path);
    } catch {
      return 'other';
    }
  }
  return kind.isDirectory() ? 'folder' : kind.isSymbolicLink() ? 'link' : 'other';
}

/** What is lost by not following a link: nothing when it leads to what is met anyhow or to no source at all. */
function lossOf(path: string, name: string, from: Walk): string | undefined {
  const convention = conventionOf(name);
  const wanted = convention !== undefined && convention.isDerived?.(name) !== true && (from.tests || !convention.isTest(name));
  const stat = statOf(path);
  if (stat instanceof Error) {
    const looping = causeOf(stat) === causeOf({ code: 'ELOOP' });
    return wanted || looping ? `not analysed: symbolic link, ${looping ? 'in a loop' : causeOf(stat)}` : undefined;
  }
  const target = realPathOf(path);
  if (target === from.root || target.startsWith(from.root + sep)) return undefined;
  if (stat.isDirectory()) return 'not analysed: symbolic link to a folder elsewhere; name it to follow it';
  return wanted ? 'not analysed: symbolic link to a file elsewhere; name it to follow it' : undefined;
}

function statOf(path: string): Stats | Error {
  try {
    return statSync(path);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** ` (did you mean ...?)`: the neighbour in the last folder that exists. */
function neighbourOf(path: string, named: string): string {
  try {
    const name = nearest(basename(path), readdirSync(dirname(path)).filter((entry) => !entry.startsWith('.')).sort());
    if (name === undefined) return '';
    const folder = named.replace(/[\\/]?(\.\.\.)?$/, '').replace(/[^\\/]*$/, '');
    return ` (did you mean '${folder}${name}'?)`;
  } catch {
    return '';
  }
}

function startOf(file: string): Gap['at'] {
  return { file, line: 1, column: 1, endLine: 1, endColumn: 1 };
}
