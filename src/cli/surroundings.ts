import { readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import type { Surroundings } from '../index.js';
import { readSourceFile } from './source-file.js';
import type { Terminal } from './terminal.js';

/** The files around the sources, as the front-ends ask for them; each is read once. Without `env` no module cache is looked for. */
export function surroundingsOf(cwd: string, env?: Terminal['env']): Surroundings {
  const texts = new Map<string, string | undefined>();
  const names = new Map<string, readonly string[]>();
  const moduleCache = env && moduleCacheOf(env);
  return {
    read: (path) => {
      const key = resolve(cwd, path);
      if (!texts.has(key)) texts.set(key, readSourceFile(key).text);
      return texts.get(key);
    },
    list: (path) => {
      const key = resolve(cwd, path);
      let found = names.get(key);
      if (found === undefined) {
        found = namesIn(key);
        names.set(key, found);
      }
      return found;
    },
    ...(moduleCache !== undefined && { moduleCache }),
  };
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** Where the go command keeps downloaded modules, by its own rules; undefined when there is no such folder. */
function moduleCacheOf(env: Terminal['env']): string | undefined {
  const goPath = env['GOPATH']?.split(delimiter).find((part) => part !== '');
  const folder = env['GOMODCACHE'] || join(goPath ?? join(homeOf(env), 'go'), 'pkg', 'mod');
  try {
    return statSync(folder).isDirectory() ? resolve(folder).replaceAll('\\', '/') : undefined;
  } catch {
    return undefined;
  }
}

function homeOf(env: Terminal['env']): string {
  return env['HOME'] || env['USERPROFILE'] || homedir();
}
