import type * as ast from '../ast.js';
import { exclusion } from './build.js';
import type { SourceFile } from './declarations.js';
import { folderOf } from './folders.js';
import type { Modules } from './modules.js';
import type { GoPackage } from './types.js';

export interface ProgramPackage {
  readonly path: string;
  readonly name: string;
  readonly folder: string;
  readonly files: readonly SourceFile[];
  /** The one of its folder that imports mean. */
  readonly primary: boolean;
  readonly pkg: GoPackage;
}

/**
 * The files of a program as packages. Invariant: every file is in exactly one package, and no two packages share a
 * path: the folder's own package has the import path, `x_test` the path with `_test`, any other (`//go:build ignore`
 * programs) the path with `#name`. Expects files sorted by path.
 */
export function packagesOf(files: readonly ast.File[], modules: Modules): readonly ProgramPackage[] {
  const folders = new Map<string, Map<string, SourceFile[]>>();
  for (const file of files) {
    const folder = folderOf(file.path);
    let byName = folders.get(folder);
    if (byName === undefined) folders.set(folder, (byName = new Map()));
    const name = file.packageName.name;
    const source = { file, exclusion: exclusion(file) };
    const group = byName.get(name);
    if (group === undefined) byName.set(name, [source]);
    else group.push(source);
  }
  const packages: ProgramPackage[] = [];
  for (const folder of [...folders.keys()].sort()) {
    const byName = folders.get(folder)!;
    const primary = primaryOf(byName);
    const path = modules.importPathOf(folder, primary);
    const goVersion = modules.moduleOf(folder)?.goVersion;
    const paths = new Set<string>();
    for (const name of [...byName.keys()].sort()) {
      const sources = byName.get(name)!;
      const external = name === `${primary}_test` || (!byName.has(`${primary}_test`) && name.endsWith('_test') && sources.every((source) => source.file.path.endsWith('_test.go')));
      const own = name === primary ? path : external && !paths.has(`${path}_test`) ? `${path}_test` : `${path}#${name}`;
      paths.add(own);
      packages.push({
        path: own, name, folder, files: sources, primary: name === primary,
        pkg: { path: own, name, files: sources.map((source) => source.file), ...(goVersion !== undefined && { goVersion }) },
      });
    }
  }
  return packages;
}

/** The name most files of the default build carry, tests and their external package last. */
function primaryOf(byName: ReadonlyMap<string, readonly SourceFile[]>): string {
  const weight = (name: string): number => byName.get(name)!.reduce((sum, { file, exclusion: why }) => sum + (why === '' ? (file.path.endsWith('_test.go') ? 1 : 1000) : 0), 0);
  const names = [...byName.keys()].sort();
  return names.reduce((best, name) => {
    const difference = weight(name) - weight(best);
    return difference > 0 || (difference === 0 && best.endsWith('_test') && !name.endsWith('_test')) ? name : best;
  });
}
