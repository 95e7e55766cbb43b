import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Surroundings } from '../index.js';
import { readSourceFile } from './source-file.js';

/** The files around the sources, as the front-ends ask for them; each is read once. */
export function surroundingsOf(cwd: string): Surroundings {
  const texts = new Map<string, string | undefined>();
  const names = new Map<string, readonly string[]>();
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
  };
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
