import { dirname } from 'node:path';
import { meanings, namePrinter } from '../index.js';
import { discover, PathError } from './discover.js';
import { surroundingsOf } from './surroundings.js';
import { visible, type Terminal } from './terminal.js';

/**
 * What the names of `FILE` or `FILE:LINE` mean and how we know, a line each. What is around the file takes part: all below
 * the working folder, and its own folder when it lies elsewhere. Answers the exit code; throws PathError for other paths.
 */
export async function printNames(paths: readonly string[], { cwd, env, stdout, stderr }: Terminal): Promise<number> {
  const [named] = paths;
  const [, file, line] = /^(.+?)(?::(\d+))?(?::\d+)?$/.exec(named ?? '') ?? [];
  if (paths.length !== 1 || file === undefined) throw new PathError(`--print ${namePrinter} takes one path: FILE or FILE:LINE`);
  const options = { cwd, tests: true };
  const [own] = discover([file], options).sources;
  if (own === undefined || !isFile(file, own.path)) throw new PathError(`--print ${namePrinter} takes a file it can read, not ${file}`);
  const around = /^(\.\.|\/|[A-Za-z]:)/.test(own.path) ? dirname(own.path) : '.';
  const { sources } = discover([around, file], options);
  const found = await meanings(sources, own.path, line === undefined ? undefined : Number(line), { surroundings: surroundingsOf(cwd, env) });
  if (found === undefined) throw new PathError(`--print ${namePrinter} cannot read the language of ${file}`);
  for (const { at, text, means, how } of found) stdout.write(`${visible(`${at.file}:${at.line}:${at.column}  ${text}  ${means}  (${how})`)}\n`);
  if (found.length === 0) stderr.write('no names there\n');
  return 0;
}

/** A folder stands for its files; its first one is not meant. */
function isFile(named: string, path: string): boolean {
  const slashes = named.replaceAll('\\', '/');
  return slashes.slice(slashes.lastIndexOf('/') + 1) === path.slice(path.lastIndexOf('/') + 1);
}
