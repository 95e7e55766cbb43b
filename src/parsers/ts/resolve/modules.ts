import type { Gap } from '../../../ir/index.js';
import type { Surroundings } from '../../front-end.js';
import { ts } from '../syntax.js';
import { folderOf, join } from './folders.js';
import type { Bound, Export } from './types.js';

/** Where an import leads: a file of the sources, or a library by its name. */
export type Destination = { readonly kind: 'file'; readonly bound: Bound } | { readonly kind: 'library'; readonly name: string };

/** What a name exported by one file is, and the file that has it. */
export interface Exported { readonly bound: Bound; readonly what: Export }

export interface Modules {
  readonly destination: (from: string, specifier: string) => Destination;
  /** What a module exports under a name; `=` is what `module.exports` is, `*` the module itself. */
  readonly exported: (bound: Bound, name: string) => Exported | undefined;
}

/**
 * Which file an import means: relative paths, the `paths` of the nearest tsconfig.json or jsconfig.json, packages of
 * the same workspace by the name in their package.json. All else is a library.
 */
export function moduleGraph(files: ReadonlyMap<string, Bound>, surroundings: Surroundings, gaps: Gap[]): Modules {
  const projects = projectReader(surroundings, gaps);
  const packages = workspacePackages(files, surroundings);
  // A project file that is broken is told even when no import asks for what stands in it.
  for (const path of files.keys()) projects.look(folderOf(path));
  const known = new Map<string, Map<string, Destination>>();

  const fileAt = (path: string): Bound | undefined => {
    for (const candidate of candidates(path)) {
      const found = files.get(candidate);
      if (found) return found;
    }
    return undefined;
  };

  const find = (folder: string, specifier: string): Destination => {
    if (specifier.startsWith('.') || specifier.startsWith('/')) {
      const bound = fileAt(specifier.startsWith('/') ? specifier : join(folder, specifier));
      return bound ? { kind: 'file', bound } : { kind: 'library', name: specifier };
    }
    const library = specifier.replace(/^node:/, '');
    for (const path of projects.mapped(folder, specifier)) {
      const bound = fileAt(path);
      if (bound) return { kind: 'file', bound };
    }
    const name = /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;
    const home = packages.get(name);
    if (home !== undefined) {
      const rest = specifier.slice(name.length + 1).replace(/\.[cm]?js$/, '');
      for (const path of rest === '' ? [join(home, 'src/index'), join(home, 'index'), join(home, 'lib/index'), join(home, 'src/main')] : [join(home, `src/${rest}`), join(home, rest), join(home, `lib/${rest}`)]) {
        const bound = fileAt(path);
        if (bound) return { kind: 'file', bound };
      }
    }
    return { kind: 'library', name: library };
  };

  // Files of one folder mean the same by the same words.
  const destination = (from: string, specifier: string): Destination => {
    const folder = folderOf(from);
    let ofFolder = known.get(folder);
    if (ofFolder === undefined) known.set(folder, ofFolder = new Map());
    let found = ofFolder.get(specifier);
    if (found === undefined) ofFolder.set(specifier, found = find(folder, specifier));
    return found;
  };

  const answers = new Map<Bound, Map<string, Exported | undefined>>();
  const exported = (bound: Bound, name: string): Exported | undefined => {
    let ofFile = answers.get(bound);
    if (ofFile === undefined) answers.set(bound, ofFile = new Map());
    if (!ofFile.has(name)) ofFile.set(name, search(bound, name, new Set()));
    return ofFile.get(name);
  };
  // Who is asked a second time on one search has nothing, or is being asked: the language's own rule for circles.
  const search = (bound: Bound, name: string, asked: Set<string>): Exported | undefined => {
    const own = bound.exports.get(name) ?? (name === '=' ? bound.exports.get('default') : undefined);
    if (own && own.kind !== 'from') return { bound, what: own };
    const question = `${bound.unit.path}\0${name}`;
    if (asked.has(question)) return undefined;
    asked.add(question);
    if (own) {
      const to = destination(bound.unit.path, own.from);
      if (to.kind === 'file' && own.name !== '*') return search(to.bound, own.name, asked);
      return { bound, what: own };
    }
    if (name === 'default' || name === '=') return undefined;
    for (const star of bound.stars) {
      const to = destination(bound.unit.path, star);
      const found = to.kind === 'file' ? search(to.bound, name, asked) : undefined;
      if (found) return found;
    }
    return undefined;
  };

  return { destination, exported };
}

function candidates(path: string): readonly string[] {
  const clean = path.replace(/\/$/, '');
  const stem = clean.replace(/\.([cm]?)jsx?$/, '');
  const list = [clean];
  if (stem !== clean) for (const extension of ['.ts', '.tsx', '.mts', '.cts']) list.push(stem + extension);
  for (const extension of ['.ts', '.tsx', '.mts', '.cts', '.js', '.mjs', '.cjs', '.jsx']) list.push(clean + extension);
  for (const extension of ['.ts', '.tsx', '.mts', '.js', '.mjs', '.cjs']) list.push(clean === '' ? `index${extension}` : `${clean}/index${extension}`);
  return list;
}

interface Project {
  readonly base: string;
  readonly paths: readonly (readonly [string, readonly string[]])[];
}

/** Reads project files upwards from a folder, each once, the ones they extend included. A broken one is a gap. */
function projectReader(surroundings: Surroundings, gaps: Gap[]): { readonly look: (folder: string) => void; readonly mapped: (folder: string, specifier: string) => readonly string[] } {
  const projects = new Map<string, Project | undefined>();
  const broken = new Set<string>();
  const gap = (path: string, reason: string): void => {
    if (broken.has(path)) return;
    broken.add(path);
    gaps.push({ at: { file: path, line: 1, column: 1, endLine: 1, endColumn: 1 }, reason });
  };
  const visited = new Set<string>();
  /** The projects a project refers to: each must be there, and none may lead back. */
  const follow = (path: string, references: unknown, before: readonly string[]): void => {
    for (const one of Array.isArray(references) ? references : []) {
      const target: unknown = (one as { readonly path?: unknown } | null)?.path;
      if (typeof target !== 'string') continue;
      const joined = join(folderOf(path), target);
      const to = joined.endsWith('.json') ? joined : join(joined, 'tsconfig.json');
      if (to === path || before.includes(to)) { gap(path, `refers to ${to}, which refers back to it`); continue; }
      if (visited.has(to)) continue;
      visited.add(to);
      const text = surroundings.read(to);
      if (text === undefined) gap(path, `refers to ${to}, which cannot be read`);
      else follow(to, projectFile(to, text).config?.references, [...before, path]);
    }
  };
  const read = (path: string, seen: readonly string[]): Project | undefined => {
    const text = surroundings.read(path);
    if (text === undefined) {
      const from = seen[seen.length - 1];
      if (from !== undefined) gap(from, `extends ${path}, which cannot be read`);
      return undefined;
    }
    if (seen.includes(path)) {
      gap(path, 'extends itself');
      return undefined;
    }
    const { config, problem } = projectFile(path, text);
    if (problem !== undefined) gap(path, `this project file is broken: ${problem}`);
    const bases = (Array.isArray(config?.extends) ? config.extends : [config?.extends]).filter((one): one is string => typeof one === 'string' && one.startsWith('.'));
    let inherited: Project | undefined;
    for (const base of bases) inherited = read(withExtension(join(folderOf(path), base)), [...seen, path]) ?? inherited;
    if (seen.length === 0) follow(path, config?.references, []);
    const options = config?.compilerOptions;
    const base = typeof options?.baseUrl === 'string' ? join(folderOf(path), options.baseUrl) : undefined;
    if (options?.paths === undefined || typeof options.paths !== 'object' || options.paths === null) return base === undefined ? inherited : { base, paths: inherited?.paths ?? [['*', ['*']]] };
    const paths = Object.entries(options.paths as Record<string, unknown>).map(([pattern, targets]) => [pattern, Array.isArray(targets) ? targets.filter((one): one is string => typeof one === 'string') : []] as const);
    return { base: base ?? folderOf(path), paths };
  };
  const projectOf = (folder: string): Project | undefined => {
    if (projects.has(folder)) return projects.get(folder);
    const names = surroundings.list(folder === '' ? '.' : folder);
    const own = ['tsconfig.json', 'jsconfig.json'].find((name) => names.includes(name));
    const project = own !== undefined ? read(join(folder, own), []) : folder === '' || folder === '/' || folder === '.' ? undefined : projectOf(folderOf(folder));
    projects.set(folder, project);
    return project;
  };
  return {
    look: (folder) => void projectOf(folder),
    mapped: (folder, specifier) => {
      const project = projectOf(folder);
      if (project === undefined) return [];
      return project.paths.flatMap(([pattern, targets]) => {
        const star = pattern.indexOf('*');
        if (star < 0) return pattern === specifier ? targets.map((target) => join(project.base, target)) : [];
        const before = pattern.slice(0, star);
        const after = pattern.slice(star + 1);
        if (!specifier.startsWith(before) || !specifier.endsWith(after) || specifier.length < before.length + after.length) return [];
        const middle = specifier.slice(before.length, specifier.length - after.length);
        return targets.map((target) => join(project.base, target.replace('*', middle)));
      });
    },
  };
}

/** What of a project file matters here. */
interface ProjectFile {
  readonly extends?: unknown;
  readonly references?: unknown;
  readonly compilerOptions?: { readonly baseUrl?: unknown; readonly paths?: unknown };
}

/** A project file, as far as it can be read, and what is wrong with it. The compiler reads it as code, and calls itself for each bracket. */
function projectFile(path: string, text: string): { readonly config?: ProjectFile | undefined; readonly problem?: string } {
  const deep = { problem: `nested more than ${maxBrackets} levels deep` };
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if ('[{('.includes(char)) depth += 1;
    else if (']})'.includes(char)) depth -= 1;
    if (depth > maxBrackets) return deep;
  }
  try {
    const { config, error } = ts.parseConfigFileTextToJson(path, text) as { readonly config?: ProjectFile; readonly error?: ts.Diagnostic };
    return { config, ...(error && { problem: ts.flattenDiagnosticMessageText(error.messageText, ' ') }) };
  } catch (error) {
    // There are ways into depth without brackets: signs, conditions.
    if (error instanceof RangeError) return deep;
    throw error;
  }
}

/** No project file nests so far; the compiler goes some thousand levels. */
const maxBrackets = 200;

function withExtension(path: string): string {
  return path.endsWith('.json') ? path : `${path}.json`;
}

/** Packages by name: every package.json in a folder of the sources or above it. */
function workspacePackages(files: ReadonlyMap<string, Bound>, surroundings: Surroundings): ReadonlyMap<string, string> {
  const packages = new Map<string, string>();
  const seen = new Set<string>();
  for (const path of files.keys()) {
    for (let folder = folderOf(path); !seen.has(folder); folder = folderOf(folder)) {
      seen.add(folder);
      const text = surroundings.list(folder === '' ? '.' : folder).includes('package.json') ? surroundings.read(join(folder, 'package.json')) : undefined;
      const name = text === undefined ? undefined : /"name"\s*:\s*"([^"]+)"/.exec(text)?.[1];
      if (name !== undefined && !packages.has(name)) packages.set(name, folder);
      if (folder === '' || folder === '/') break;
    }
  }
  return packages;
}
