import type { PartsOf, Surroundings } from '../front-end.js';
import { grouped, partition } from '../partition.js';
import { folderOf, join } from './resolve/folders.js';

/**
 * Packages that can know of each other. Two are joined when a file of one writes a way into the other between quotes, or the
 * other's name; and, where a project file maps names to folders, with all that lies where it may lead to. Anything more than
 * that joins packages that need not be, which costs nothing but parallelism; what is not joined is in no program together.
 */
export const partsOf: PartsOf = (sources, surroundings) => {
  const packages = packageFinder(surroundings);
  const folders = new Set(sources.map(({ path }) => folderOf(path)));
  const roots = new Set([...folders].map(packages.rootOf));
  if (roots.size < 2) return [sources];

  const groups = partition();
  const byName = new Map<string, string>();
  for (const folder of packages.along(folders)) {
    const name = packages.nameOf(folder);
    if (name === undefined) continue;
    const twin = byName.get(name);
    if (twin === undefined) byName.set(name, folder);
    else groups.join(folder, twin);
  }
  const joinAllBelow = (root: string, folder: string): void => {
    groups.join(root, packages.rootOf(folder));
    for (const other of roots) if (folder === '' || other === folder || other.startsWith(`${folder}/`)) groups.join(root, other);
  };
  for (const { path, text } of sources) {
    const root = packages.rootOf(folderOf(path));
    for (const [, way] of text.matchAll(quotedWay)) groups.join(root, packages.rootOf(join(way!.startsWith('/') ? '' : folderOf(path), way!)));
    for (const [, name] of text.matchAll(quotedName)) {
      const other = byName.get(name!);
      if (other !== undefined) groups.join(root, other);
    }
  }
  for (const folder of folders) for (const reached of mappedFolders(folder, surroundings)) joinAllBelow(packages.rootOf(folder), reached);
  return grouped(sources, ({ path }) => groups.of(packages.rootOf(folderOf(path))));
};

/** Each quote begins one, so that an odd one hides nothing. */
const quotedWay = /["'`](\.{1,2}(?:\/[^"'`\n]{0,300})?|\/[^"'`\n]{1,300})(?=["'`])/g;
const quotedName = /["'`]((?:@[^"'`\s/]{1,200}\/)?[^"'`\s/]{1,200})(?=["'`/])/g;

interface Packages {
  /** The nearest folder at or above with a package.json, the working folder when there is none. */
  readonly rootOf: (folder: string) => string;
  readonly nameOf: (folder: string) => string | undefined;
  /** The folders with a package.json at or above these. */
  readonly along: (folders: Iterable<string>) => readonly string[];
}

function packageFinder(surroundings: Surroundings): Packages {
  const has = (folder: string): boolean => surroundings.list(folder === '' ? '.' : folder).includes('package.json');
  const roots = new Map<string, string>();
  const rootOf = (folder: string): string => {
    let root = roots.get(folder);
    if (root === undefined) roots.set(folder, root = folder === '' || folder === '/' || has(folder) ? folder : rootOf(folderOf(folder)));
    return root;
  };
  return {
    rootOf,
    nameOf: (folder) => /"name"\s*:\s*"([^"]+)"/.exec(surroundings.read(join(folder, 'package.json')) ?? '')?.[1],
    along(folders) {
      const seen = new Set<string>();
      for (const start of folders) for (let folder = start; !seen.has(folder); folder = folderOf(folder)) seen.add(folder);
      return [...seen].filter(has).sort();
    },
  };
}

/** Where the project file of a folder, or one it extends, may lead names to: whatever lies below. Read as text, because all that matters is which folders it could mean. */
function mappedFolders(folder: string, surroundings: Surroundings): readonly string[] {
  let at = folder;
  const ownIn = (where: string): string | undefined => ['tsconfig.json', 'jsconfig.json'].find((name) => surroundings.list(where === '' ? '.' : where).includes(name));
  while (ownIn(at) === undefined && at !== '' && at !== '/') at = folderOf(at);
  const own = ownIn(at);
  const reached = new Set<string>();
  const seen = new Set<string>();
  const pending = own === undefined ? [] : [join(at, own)];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const text = surroundings.read(path);
    if (text === undefined) continue;
    const ways = [...text.matchAll(/"(\.[^"\n]{0,300})"/g)].map(([, way]) => join(folderOf(path!), way!.split('*', 1)[0]!));
    for (const way of ways) pending.push(way, `${way}.json`);
    // A name that is written with escapes could be any.
    if (text.includes('\\')) return [''];
    if (/"(?:paths|baseUrl)"/.test(text)) for (const way of [folderOf(path), ...ways]) reached.add(way.startsWith('..') ? '' : way);
  }
  return [...reached];
}
