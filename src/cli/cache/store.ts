import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { causeOf } from '../source-file.js';
import type { Terminal } from '../terminal.js';

/**
 * Answers of earlier runs, a file each, by a key that names all they depend on. Losing an entry costs time and nothing
 * else, so nothing here fails: what cannot be read is not there, what cannot be written is not kept. An entry is written
 * beside its place and moved there, so that a run that is killed, or another at the same time, leaves no half of one.
 */
export interface Store {
  readonly folder: string;
  /** What was kept under the key; `damaged` when its file holds something else than was written. */
  readonly get: (key: string) => unknown | undefined | typeof damaged;
  /** Keeps a value that JSON can hold. Answers why not, when it could not. */
  readonly put: (key: string, value: object) => string | undefined;
}

export const damaged = Symbol('damaged entry');

/** Bytes kept; when there are more, those not asked for longest go until `keptAfterwards` of them are left. */
export const maxBytes = 256 * 1024 * 1024;
const keptAfterwards = 0.75;

/** The form of the entries: entries of another form lie in another folder, and `clean` takes them too. */
const form = 'results-1';

/** The folder of the cache as the environment and the habits of the system have it; undefined when there is no home to have it in. */
export function cacheFolder(env: Terminal['env'], cwd: string, platform: NodeJS.Platform = process.platform): string | undefined {
  const own = env['DEADHEAT_CACHE_DIR'];
  if (own !== undefined && own !== '') return resolve(cwd, own);
  const home = env['HOME'] || env['USERPROFILE'];
  const base = platform === 'win32' ? env['LOCALAPPDATA'] : platform === 'darwin' ? home && join(home, 'Library', 'Caches') : isAbsolute(env['XDG_CACHE_HOME'] ?? '') ? env['XDG_CACHE_HOME'] : home && join(home, '.cache');
  return base === undefined || base === '' ? undefined : join(base, 'deadheat');
}

export function openStore(folder: string): Store {
  const fileOf = (key: string): string => join(folder, form, key.slice(0, 2), `${key}.json`);
  return {
    folder,
    get(key) {
      const file = fileOf(key);
      let text: string;
      try {
        if (!statSync(file).isFile()) return undefined;
        text = readFileSync(file, 'utf8');
      } catch {
        return undefined;
      }
      const found = undigested(text);
      if (found !== damaged) touch(file);
      return found;
    },
    put(key, value) {
      const body = JSON.stringify(value);
      const file = fileOf(key);
      const temporary = `${file}.${randomUUID()}.tmp`;
      try {
        // Whoever may write here may tell us what to report: it is for its owner alone.
        mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
        writeFileSync(temporary, digested(body), { flag: 'wx', mode: 0o600 });
        renameSync(temporary, file);
      } catch (error) {
        remove(temporary);
        return causeOf(error);
      }
      trim(folder);
      return undefined;
    },
  };
}

/** JSON below a line with its digest: what was changed on its way is known for damaged. */
export function digested(body: string): string {
  return `${digest(body)}\n${body}`;
}

/** What `digested` was given, as a value. */
export function undigested(text: string): unknown | typeof damaged {
  const split = text.indexOf('\n');
  const body = text.slice(split + 1);
  if (split < 0 || text.slice(0, split) !== digest(body)) return damaged;
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return damaged;
  }
}

/** What the cache holds: entries, and bytes on disk. */
export function measureStore(folder: string): { readonly entries: number; readonly bytes: number } {
  const files = filesIn(folder);
  return { entries: files.filter(({ path }) => path.endsWith('.json')).length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** Takes everything of ours out and leaves what else lies in the folder. Throws when a file cannot be removed. */
export function cleanStore(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) if (/^results-\d+$/.test(name)) rmSync(join(folder, name), { recursive: true });
}

interface Kept { readonly path: string; readonly bytes: number; readonly usedAt: number }

function filesIn(folder: string): Kept[] {
  try {
    return readdirSync(join(folder, form), { recursive: true, withFileTypes: true }).flatMap((entry): Kept[] => {
      if (!entry.isFile()) return [];
      const path = join(entry.parentPath, entry.name);
      const stat = statSync(path, { throwIfNoEntry: false });
      return stat === undefined ? [] : [{ path, bytes: stat.size, usedAt: stat.mtimeMs }];
    });
  } catch {
    return [];
  }
}

/** What a run that was killed left lies beside the entries, and goes with the oldest of them. */
function trim(folder: string): void {
  const files = filesIn(folder);
  let bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (bytes <= maxBytes) return;
  for (const file of files.sort((a, b) => a.usedAt - b.usedAt)) {
    if (bytes <= maxBytes * keptAfterwards) return;
    if (remove(file.path)) bytes -= file.bytes;
  }
}

/** Not where somebody else has it open: the next run tries again. */
function remove(path: string): boolean {
  try {
    rmSync(path, { force: true });
    return true;
  } catch {
    return false;
  }
}

function touch(file: string): void {
  try {
    const now = new Date();
    utimesSync(file, now, now);
  } catch {
    // A cache that may only be read is still one.
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
