import { spawnSync } from 'node:child_process';
import { devNull } from 'node:os';
import type { Terminal } from './terminal.js';

/** What a repository answers; undefined when git is missing or says no. */
export interface Git {
  readonly ask: (args: readonly string[], input?: string) => Buffer | undefined;
  /** The first line of an answer. */
  readonly line: (args: readonly string[]) => string | undefined;
}

/**
 * Git as a reader only: no hook, no file system monitor, no pager, no prompt, no network and no lock, whatever the
 * repository's configuration says. It is somebody else's tree.
 */
export function gitIn(cwd: string, env: Terminal['env']): Git {
  const settings = [`core.hooksPath=${devNull}`, 'core.fsmonitor=false', 'core.pager=cat', 'protocol.allow=never', 'core.quotePath=false'];
  const ask: Git['ask'] = (args, input) => {
    const { status, stdout } = spawnSync('git', ['--no-pager', '--literal-pathspecs', ...settings.flatMap((setting) => ['-c', setting]), ...args], {
      cwd,
      env: { ...env, GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0', GIT_NO_LAZY_FETCH: '1', GIT_PAGER: 'cat', LC_ALL: 'C' } as NodeJS.ProcessEnv,
      maxBuffer: 1024 * 1024 * 1024,
      stdio: ['pipe', 'pipe', 'ignore'],
      windowsHide: true,
      ...(input !== undefined && { input }),
    });
    return status === 0 ? stdout : undefined;
  };
  return { ask, line: (args) => ask(args)?.toString('utf8').split(/\r?\n/)[0] };
}

/** A file of a commit. */
export interface Blob {
  readonly id: string;
  /** With forward slashes, from the root of the repository. */
  readonly path: string;
}

/** The regular files of a commit. */
export function filesOf(git: Git, commit: string): readonly Blob[] | undefined {
  const listing = git.ask(['ls-tree', '-r', '-z', '--full-tree', commit]);
  return listing?.toString('utf8').split('\0').flatMap((row): Blob[] => {
    const match = /^100(?:644|755) blob ([0-9a-f]+)\t([^]*)$/.exec(row);
    return match ? [{ id: match[1]!, path: match[2]! }] : [];
  });
}

/** The contents of blobs by their ids; those that are not there, such as in a partial clone, are left out. */
export function contentsOf(git: Git, ids: readonly string[]): ReadonlyMap<string, string> {
  const contents = new Map<string, string>();
  if (ids.length === 0) return contents;
  const answer = git.ask(['cat-file', '--batch'], `${ids.join('\n')}\n`);
  for (let at = 0; answer !== undefined && at < answer.length; ) {
    const end = answer.indexOf(10, at);
    if (end < 0) break;
    const header = answer.toString('latin1', at, end);
    const match = /^([0-9a-f]+) blob (\d+)$/.exec(header);
    at = end + 1;
    if (match === null) continue;
    const size = Number(match[2]);
    contents.set(match[1]!, answer.toString('utf8', at, at + size));
    at += size + 1;
  }
  return contents;
}
