import { existsSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { ignorePatterns, type IgnorePatterns } from './ignore-patterns.js';
import { readSourceFile } from './source-file.js';

/** The ignore files that hold for a folder: its own and those above it, up to the root of the repository. */
export interface IgnoreRules {
  /** What holds inside a sub-folder of this one. */
  readonly enter: (folder: string) => IgnoreRules;
  readonly ignores: (path: string, folder: boolean) => boolean;
}

/**
 * Ignore rules for a folder that the user named. Files above it which would hide the folder itself are left out:
 * what is named is meant.
 */
export function ignoreRulesAt(folder: string): IgnoreRules {
  const above: string[] = [];
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) break;
    if (dirname(at) === at) return rulesOf(layersOf([folder]));
    above.unshift(dirname(at));
  }
  const layers = layersOf(above);
  const rules = rulesOf(layers);
  return rulesOf(rules.ignores(folder, true) ? layersOf([folder]) : [...layers, ...layersOf([folder])]);
}

interface Layer {
  readonly folder: string;
  readonly says: IgnorePatterns;
}

function rulesOf(layers: readonly Layer[]): IgnoreRules {
  return {
    enter: (folder) => {
      const own = layersOf([folder]);
      return own.length === 0 ? rulesOf(layers) : rulesOf([...layers, ...own]);
    },
    ignores: (path, folder) => {
      // The deepest file that says anything about the path wins, as in git.
      for (let index = layers.length - 1; index >= 0; index--) {
        const layer = layers[index]!;
        const inside = relative(layer.folder, path).split(sep).join('/');
        if (inside === '' || inside.startsWith('../')) continue;
        const answer = layer.says(inside, folder);
        if (answer !== undefined) return answer;
      }
      return false;
    },
  };
}

/** A file that cannot be read, or is none (a pipe, a device), ignores nothing. */
function layersOf(folders: readonly string[]): readonly Layer[] {
  return folders.flatMap((folder) => {
    const { text } = readSourceFile(join(folder, '.gitignore'));
    return text === undefined ? [] : [{ folder, says: ignorePatterns(text) }];
  });
}
