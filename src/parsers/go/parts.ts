import type { PartsOf } from '../front-end.js';
import { grouped, partition } from '../partition.js';
import { isOrderFile } from './remarks.js';
import { above, folderOf } from './resolve/folders.js';
import { moduleMap } from './resolve/modules.js';

/**
 * Modules that can know of each other. Two are joined when a file of one writes the other's path between quotes (every import
 * does), when a manifest or workspace puts one in the place of a dependency of the other, when both have one path, and when
 * an order file above both speaks of their locks. Anything more than that joins modules that need not be, which costs nothing
 * but parallelism; what is not joined is in no program together.
 */
export const partsOf: PartsOf = (sources, surroundings) => {
  const { moduleOf } = moduleMap(surroundings, undefined);
  const rootOf = (folder: string): string => moduleOf(folder)?.root ?? noModule;
  const folders = new Set(sources.map(({ path }) => folderOf(path)));
  const roots = new Set([...folders].map(rootOf));
  if (roots.size < 2) return [sources];

  const groups = partition();
  const byPath = new Map<string, string>();
  const firstSegments = new Set<string>();
  for (const root of roots) {
    const module = root === noModule ? undefined : moduleOf(root);
    if (module === undefined) continue;
    const twin = byPath.get(module.path);
    if (twin === undefined) byPath.set(module.path, root);
    else groups.join(root, twin);
    firstSegments.add(module.path.split('/', 1)[0]!);
    for (const [, target] of [...module.replaced, ...(module.workspace?.replaced ?? [])]) groups.join(root, rootOf(target));
  }
  for (const { path, text } of sources) {
    const root = rootOf(folderOf(path));
    for (const [, quoted] of text.matchAll(quotedPath)) {
      if (!firstSegments.has(quoted!.split('/', 1)[0]!)) continue;
      for (let prefix = quoted!; prefix !== ''; prefix = prefix.slice(0, Math.max(prefix.lastIndexOf('/'), 0))) {
        const other = byPath.get(prefix);
        if (other !== undefined) groups.join(root, other);
      }
    }
  }
  const spokenOf = new Set<string>();
  for (const start of folders) {
    const root = rootOf(start);
    for (let folder: string | undefined = start; folder !== undefined && !folder.startsWith('..') && !spokenOf.has(`${root}\0${folder}`); folder = above(folder)) {
      spokenOf.add(`${root}\0${folder}`);
      if (surroundings.list(folder).some(isOrderFile)) groups.join(root, `order\0${folder}`);
    }
  }
  return grouped(sources, ({ path }) => groups.of(rootOf(folderOf(path))));
};

/** No root of a module is called so. */
const noModule = '';

/** What stands between quotes and could be a path: each quote begins one, so that an odd one hides nothing. */
const quotedPath = /["`]([^"`\s]{1,300})(?=["`])/g;
