import { createHash } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import type { Finding, Source, Surroundings } from '../index.js';
import { conventionOf, isPassedOver } from './conventions.js';
import { PathError, reportPath } from './discover.js';
import { contentsOf, filesOf, gitIn, type Git } from './git.js';
import { answerTo, judge, type Plan } from './run.js';
import { bytesOf } from './source-file.js';
import type { Terminal } from './terminal.js';

export interface CompareOptions {
  readonly newFromRev?: string;
  readonly mergeBase?: string;
}

/** What a change did: findings that were not there before, how many were, and which are gone. */
export interface Comparison {
  readonly base: string;
  readonly introduced: readonly Finding[];
  readonly existing: number;
  readonly fixed: readonly Finding[];
}

/** The two states of the code cannot be compared: everything is reported, and this says why. */
export interface NoComparison {
  readonly because: string;
}

/**
 * Analyses the code as it was as well, and compares by fingerprint: so a lock taken out in one file introduces the race
 * that it leaves behind in another. Throws PathError for a revision that is none.
 */
export async function compare(findings: readonly Finding[], options: CompareOptions, prepared: Plan, terminal: Terminal): Promise<Comparison | NoComparison> {
  const found = baseOf(options, terminal);
  if ('because' in found) return found;
  const { git, commit, label, root } = found;
  const tree = earlierTree(git, commit, root, prepared, terminal);
  if (tree === undefined) return { because: `the files of ${label} are not all here` };
  const asked = judge(findings, prepared.settings).findings;
  if (!tree.differs) return { base: label, introduced: [], existing: asked.length, fixed: [] };
  const before = await answerTo(prepared, tree.sources, { ...prepared.options, surroundings: tree.surroundings });
  if (before.failures.length > 0) return { because: `the analysis of ${label} failed: ${before.failures[0]!.reason}` };
  const known = new Set(before.findings.map(({ fingerprint }) => fingerprint));
  const now = new Set(findings.map(({ fingerprint }) => fingerprint));
  const introduced = asked.filter(({ fingerprint }) => !known.has(fingerprint));
  return { base: label, introduced, existing: asked.length - introduced.length, fixed: judge(before.findings, prepared.settings).findings.filter(({ fingerprint }) => !now.has(fingerprint)) };
}

interface Base {
  readonly git: Git;
  readonly commit: string;
  readonly label: string;
  readonly root: string;
}

function baseOf({ newFromRev, mergeBase }: CompareOptions, { cwd, env }: Terminal): Base | NoComparison {
  const rev = newFromRev ?? mergeBase!;
  const option = newFromRev === undefined ? '--merge-base' : '--new-from-rev';
  const git = gitIn(cwd, env);
  if (git.ask(['--version']) === undefined) throw new PathError(`${option} needs git, which is not on the PATH`);
  const root = git.line(['rev-parse', '--show-toplevel']);
  if (root === undefined) throw new PathError(`${option} needs a git repository, and ${cwd} is in none that git agrees to read (git status says why)`);
  const shallow = git.line(['rev-parse', '--is-shallow-repository']) === 'true';
  const commit = rev.startsWith('-') ? undefined : git.line(['rev-parse', '--verify', '--quiet', '--end-of-options', `${rev}^{commit}`]);
  if (commit === undefined) {
    if (shallow && !rev.startsWith('-')) return { because: `this clone is shallow and does not hold ${rev}; fetch more of the history (actions/checkout: fetch-depth: 0)` };
    throw new PathError(`${option}: there is no commit '${rev}' here; name a branch, a tag or a hash that git log knows`);
  }
  if (mergeBase === undefined) return { git, commit, label: rev, root };
  if (git.line(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']) === undefined) throw new PathError(`${option}: this repository has no commit yet`);
  const common = git.line(['merge-base', 'HEAD', commit]);
  if (common === undefined) return { because: shallow ? `this clone is shallow and does not reach where HEAD and ${rev} part; fetch more of the history (actions/checkout: fetch-depth: 0)` : `HEAD and ${rev} have no commit in common` };
  return { git, commit: common, label: `the merge base with ${rev}`, root };
}

interface EarlierTree {
  readonly sources: readonly Source[];
  readonly surroundings: Surroundings;
  /** Is any file another than today's? */
  readonly differs: boolean;
}

/** The files of a commit in today's places: a file that is the same is read from the disk, which is faster and cannot be told apart. */
function earlierTree(git: Git, commit: string, root: string, { found, settings, options }: Plan, { cwd }: Terminal): EarlierTree | undefined {
  const blobs = filesOf(git, commit);
  if (blobs === undefined) return undefined;
  const byPath = new Map(blobs.map((blob) => [resolve(root, blob.path), blob]));
  // Links on the way to the working folder: git answers with the real one.
  const here = realOf(cwd);
  const physical = (path: string) => resolve(here, path);
  const current = new Map(found.sources.map((source) => [physical(source.path), source]));
  const wanted: { readonly shown: string; readonly id: string }[] = [];
  const same: Source[] = [];
  for (const [path, source] of current) {
    const blob = byPath.get(path);
    if (blob === undefined) {
      // What git does not hold and the change did not add is neither here nor there: code outside the repository stays.
      if (relative(root, path).startsWith('..')) same.push(source);
    } else if (isBlob(path, blob.id)) same.push(source);
    else wanted.push({ shown: source.path, id: blob.id });
  }
  const folders = found.folders.map((folder) => realOf(folder));
  for (const [path, { id }] of byPath) {
    if (current.has(path) || existsSync(path) || !isSource(path, folders, settings.tests) || settings.excludes(path)) continue;
    wanted.push({ shown: reportPath(here, path), id });
  }
  const contents = contentsOf(git, wanted.map(({ id }) => id));
  if (wanted.some(({ id }) => !contents.has(id))) return undefined;
  const sources = [...same, ...wanted.map(({ shown, id }) => ({ path: shown, text: contents.get(id)! }))];
  const added = same.length + wanted.length < current.size;
  return { sources, differs: wanted.length > 0 || added || manifestsDiffer(byPath), surroundings: earlierSurroundings(git, byPath, root, here, options.surroundings!) };
}

function isSource(path: string, named: readonly string[], tests: boolean): boolean {
  const folder = named.find((one) => path.startsWith(one.endsWith(sep) ? one : one + sep));
  const convention = conventionOf(path);
  if (folder === undefined || convention === undefined) return false;
  const folders = relative(folder, path).split(sep);
  const name = folders.pop()!;
  if ([...folders, name].some(isPassedOver) || convention.isDerived?.(name) || folders.some((one) => convention.madeFolders?.has(one))) return false;
  return tests || !(convention.isTest(name) || folders.some((one) => convention.testFolders?.has(one)));
}

/** Manifests decide what names mean, so a change of one is a change of the code. */
function manifestsDiffer(byPath: ReadonlyMap<string, { readonly id: string }>): boolean {
  return [...byPath].some(([path, { id }]) => /[\\/](?:go\.(?:mod|work|sum)|package\.json|tsconfig[^\\/]*\.json)$/.test(path) && !isBlob(path, id));
}

function earlierSurroundings(git: Git, byPath: ReadonlyMap<string, { readonly id: string }>, root: string, cwd: string, today: Surroundings): Surroundings {
  const below = new Map<string, Set<string>>();
  for (const path of byPath.keys()) {
    for (let at = path; at.length > root.length; ) {
      const folder = join(at, '..');
      const names = below.get(folder) ?? new Set<string>();
      below.set(folder, names.add(at.slice(folder.length).replace(/^[\\/]/, '')));
      at = folder;
    }
  }
  const inRepository = (path: string) => !relative(root, path).startsWith('..');
  return {
    ...today,
    read: (path) => {
      const full = resolve(cwd, path);
      const blob = byPath.get(full);
      // What is not tracked (installed packages, for one) is the same then and now as far as anybody knows.
      if (blob === undefined) return inRepository(full) && !full.includes('node_modules') ? undefined : today.read(path);
      if (isBlob(full, blob.id)) return today.read(path);
      return contentsOf(git, [blob.id]).get(blob.id);
    },
    list: (path) => {
      const full = resolve(cwd, path);
      return inRepository(full) && !full.includes('node_modules') ? [...(below.get(full) ?? [])].sort() : today.list(path);
    },
  };
}

/** Does the file hold what git has under this name? SHA-1 or SHA-256 by the length of the name. A change may have put a pipe or a device in its place: those are never opened. */
function isBlob(path: string, id: string): boolean {
  const bytes = bytesOf(path);
  return typeof bytes !== 'string' && createHash(id.length === 64 ? 'sha256' : 'sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex') === id;
}

function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
