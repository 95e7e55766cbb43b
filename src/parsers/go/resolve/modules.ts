import type { Surroundings } from '../../front-end.js';
import { above, below, join } from './folders.js';

export interface Module {
  /** Folder of its go.mod. */
  readonly root: string;
  readonly path: string;
  readonly goVersion?: string;
  /** Import path prefixes that a replace directive turns into folders. */
  readonly replaced: readonly (readonly [string, string])[];
  /** Versions it requires, as import path prefix and folder in the module cache. */
  readonly required: readonly (readonly [string, string])[];
  /** Folder of the go.work file above, with what it replaces. */
  readonly workspace?: Workspace;
}

interface Workspace { readonly root: string; readonly used: readonly string[]; readonly replaced: readonly (readonly [string, string])[] }

export interface Modules {
  readonly moduleOf: (folder: string) => Module | undefined;
  readonly importPathOf: (folder: string, packageName: string) => string;
  /** Where a package of this path may lie for a file of `folder`, best place first. Nothing says that it is there. */
  readonly placesOf: (importPath: string, folder: string) => readonly string[];
}

/** A file as it was parsed: without a byte order mark. */
interface Witness { readonly path: string; readonly text: string }

/**
 * Invariant: only manifests are read, through the surroundings; a folder belongs to the nearest go.mod above it, and an
 * import path to the module with the longest matching path. `witness` is a file of the program below the working folder:
 * it finds the folder's own name when the module's root lies above.
 */
export function moduleMap(surroundings: Surroundings, witness: Witness | undefined): Modules {
  const roots = new Map<string, Module | undefined>();
  const known = new Map<string, Module>();
  const workspaces = new Map<string, Workspace | undefined>();
  const cache = surroundings.moduleCache;
  /** What the program's own modules require: a dependency's wishes come after, as in the go command's selection. */
  const selected = new Map<string, string>();

  const workspaceAt = (folder: string): Workspace | undefined => {
    if (workspaces.has(folder)) return workspaces.get(folder);
    const text = surroundings.read(join(folder, 'go.work'));
    const up = above(folder);
    const found = text === undefined ? (up === undefined ? undefined : workspaceAt(up)) : workspace(folder, text);
    workspaces.set(folder, found);
    return found;
  };

  const moduleAt = (folder: string): Module | undefined => {
    if (roots.has(folder)) return roots.get(folder);
    const text = surroundings.read(join(folder, 'go.mod'));
    const up = above(folder);
    let found: Module | undefined;
    if (text !== undefined) {
      const around = workspaceAt(folder);
      found = { ...manifest(folder, text), ...(around && { workspace: around }) };
      if (!known.has(found.path)) known.set(found.path, found);
      if (cache === undefined || below(cache, folder) === undefined) for (const [prefix, version] of found.required) if (!selected.has(prefix)) selected.set(prefix, version);
    } else if (up !== undefined) found = moduleAt(up);
    roots.set(folder, found);
    return found;
  };

  const nameIn = new Map<string, string | undefined>();
  /** What `.`, `..`, `../..` are called in the folder above. */
  const ownName = (folder: string): string | undefined => {
    if (nameIn.has(folder)) return nameIn.get(folder);
    const up = above(folder);
    const file = witnessIn(folder);
    let found: string | undefined;
    if (up !== undefined && file !== undefined) found = surroundings.list(up).find((name) => surroundings.read(join(join(up, name), file.path))?.replace(/^\ufeff/, '') === file.text);
    nameIn.set(folder, found);
    return found;
  };
  const witnessIn = (folder: string): Witness | undefined => {
    if (folder === '.' || witness === undefined) return witness;
    const inner = folder === '..' ? '.' : folder.slice(0, -3);
    const file = witnessIn(inner);
    const name = ownName(inner);
    return file && name !== undefined ? { path: `${name}/${file.path}`, text: file.text } : undefined;
  };

  /** The way from a module's root to a folder below it. */
  const wayFrom = (root: string, folder: string): string | undefined => {
    const direct = below(root, folder);
    if (direct !== undefined) return direct;
    if (!root.startsWith('..')) return undefined;
    // The root is above the working folder: name the folders between, one by one.
    let names = folder === '.' ? '' : folder;
    for (let here: string | undefined = '.'; here !== undefined && here !== root; here = above(here)) {
      const name = ownName(here);
      if (name === undefined) return undefined;
      names = names === '' ? name : `${name}/${names}`;
    }
    return names;
  };

  const importPathOf = (folder: string, packageName: string): string => {
    const module = moduleAt(folder);
    if (module === undefined) return folder === '.' || folder.startsWith('..') ? packageName : folder;
    const way = wayFrom(module.root, folder);
    if (way === undefined) return folder === '.' ? packageName : `${module.path}/${folder}`;
    if (module.path === 'std') return way === '' ? 'std' : way;
    return way === '' ? module.path : `${module.path}/${way}`;
  };

  /** The working folder's own names are not repeated: `../p2p` seen from `p2p` is `.`. */
  const shortest = (folder: string): string => {
    if (!folder.startsWith('../')) return folder;
    const parts = folder.split('/');
    const ups = parts.lastIndexOf('..') + 1;
    let here = '.';
    const names: string[] = [];
    for (let step = 0; step < ups; step++) {
      const name = ownName(here);
      if (name === undefined) return folder;
      names.unshift(name);
      here = above(here) ?? here;
    }
    let rest = parts.slice(ups);
    let taken = 0;
    while (taken < names.length && rest[taken] === names[taken]) taken++;
    if (taken === 0) return folder;
    rest = rest.slice(taken);
    return join([...Array<string>(names.length - taken).fill('..')].join('/') || '.', rest.join('/'));
  };

  const placesOf = (importPath: string, folder: string): readonly string[] => {
    if (/^\.\.?(\/|$)/.test(importPath)) return [join(folder, importPath)];
    const module = moduleAt(folder);
    const places: string[] = [];
    if (module?.path === 'std') places.push(join(module.root, importPath));
    const replacements = [...(module?.replaced ?? []), ...(module?.workspace?.replaced ?? [])];
    for (const [prefix, target] of longestFirst(replacements)) {
      const rest = below(prefix, importPath);
      if (rest !== undefined) places.push(join(target, rest));
    }
    for (const root of module?.workspace?.used ?? []) moduleAt(root);
    const prefixes = [...known.values()].map((other) => [other.path, other.root] as const);
    for (const [prefix, root] of longestFirst(prefixes)) {
      const rest = below(prefix, importPath);
      if (rest !== undefined) places.push(join(root, rest));
    }
    for (const root of [module?.root, module?.workspace?.root]) if (root !== undefined) places.push(join(join(root, 'vendor'), importPath));
    if (cache !== undefined) {
      for (const [prefix, version] of [...longestFirst([...selected]), ...longestFirst(module?.required ?? [])]) {
        const rest = below(prefix, importPath);
        if (rest !== undefined) places.push(join(join(cache, version), rest));
      }
    }
    return places.map(shortest);
  };

  return { moduleOf: moduleAt, importPathOf, placesOf };
}

function longestFirst(pairs: readonly (readonly [string, string])[]): readonly (readonly [string, string])[] {
  return [...pairs].sort((a, b) => b[0].length - a[0].length || (a[1] < b[1] ? -1 : 1));
}

/** Directives of a manifest as word lists, blocks opened out: `replace a => ../b` is `['replace', 'a', '=>', '../b']`. */
function directives(text: string): string[][] {
  const found: string[][] = [];
  let block: string | undefined;
  for (const line of text.split('\n')) {
    const words = line.replace(/\/\/.*$/, '').match(/"[^"]*"|`[^`]*`|\S+/g)?.map((word) => word.replace(/^["`]|["`]$/g, '')) ?? [];
    if (words.length === 0) continue;
    if (block !== undefined) {
      if (words[0] === ')') block = undefined;
      else found.push([block, ...words]);
    } else if (words.at(-1) === '(') block = words[0];
    else found.push(words);
  }
  return found;
}

function manifest(root: string, text: string): Module {
  let path = root;
  let goVersion: string | undefined;
  const replaced: [string, string][] = [];
  const required = new Map<string, string>();
  const exchanged = new Map<string, string>();
  for (const [word, ...rest] of directives(text)) {
    if (word === 'module' && rest[0] !== undefined) path = rest[0];
    else if (word === 'go' && rest[0] !== undefined) goVersion = rest[0];
    else if (word === 'require' && rest[0] !== undefined && rest[1] !== undefined) required.set(rest[0], cacheFolder(rest[0], rest[1]));
    else if (word === 'replace') {
      replaced.push(...replacement(root, rest));
      const [to, version] = rest.slice(rest.indexOf('=>') + 1);
      if (rest[0] !== undefined && to !== undefined && version !== undefined) exchanged.set(rest[0], cacheFolder(to, version));
    }
  }
  for (const [from, to] of exchanged) required.set(from, to);
  return { root, path, replaced, required: [...required], ...(goVersion !== undefined && { goVersion }) };
}

/** The cache spells capitals `!x`, for file systems that do not tell them apart. */
function cacheFolder(path: string, version: string): string {
  return `${path}@${version}`.replace(/[A-Z]/g, (capital) => `!${capital.toLowerCase()}`);
}

function workspace(root: string, text: string): Workspace {
  const used: string[] = [];
  const replaced: [string, string][] = [];
  for (const [word, ...rest] of directives(text)) {
    if (word === 'use' && rest[0] !== undefined) used.push(join(root, rest[0]));
    else if (word === 'replace') replaced.push(...replacement(root, rest));
  }
  return { root, used, replaced };
}

function replacement(root: string, words: readonly string[]): [string, string][] {
  const arrow = words.indexOf('=>');
  const [from, to] = [words[0], words[arrow + 1]];
  return arrow > 0 && from !== undefined && to !== undefined && /^(\.|\/|[A-Za-z]:)/.test(to) ? [[from, join(root, to)]] : [];
}
