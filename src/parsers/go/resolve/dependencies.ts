import std from '../../../models/go-std.json' with { type: 'json' };
import extra from '../../../models/go-extra.json' with { type: 'json' };
import { unseenLock } from '../../../models/go.js';
import type { Surroundings } from '../../front-end.js';
import type * as ast from '../ast.js';
import { buildConstraintOf } from '../parse/comments.js';
import { exclusion } from './build.js';
import type { DeclaredPackage } from './declarations.js';
import { join } from './folders.js';
import { guessedNames, packageClause } from './imports.js';
import { libraryPackage } from './libraries.js';
import type { Modules } from './modules.js';
import type { ProgramPackage } from './packages.js';
import type { Exporter } from './scopes.js';
import { named } from './shapes.js';
import type { GoObject, GoType, NamedType } from './types.js';

/** Reads the text of a dependency's file; handed in, so that the resolver needs no grammar. */
export type ParseFile = (path: string, text: string) => ast.File;

export interface Dependencies {
  readonly surroundings: Surroundings;
  readonly modules: Modules;
  readonly packages: readonly ProgramPackage[];
  readonly scopeOf: (pkg: ProgramPackage) => DeclaredPackage | undefined;
  readonly declare: (path: string, files: readonly ast.File[]) => DeclaredPackage;
  readonly absentType: (path: string, name: string) => NamedType;
  readonly parseFile: ParseFile | undefined;
}

type Table = { readonly [path: string]: readonly string[] | undefined };
const standard: Table = std.packages;
const additional: Table = extra;

/**
 * What an import path means to the files of a folder. Invariant: the order is the go command's: the standard library,
 * the program and what lies beside it (replacements, workspace, vendor), then the table of well-known libraries; what
 * is nowhere is absent, and its names stand for themselves.
 */
export function dependencies(given: Dependencies): (path: string, folder: string) => Exporter {
  const { surroundings, modules, parseFile } = given;
  const byFolder = new Map<string, ProgramPackage>();
  for (const pkg of given.packages) if (pkg.primary) byFolder.set(pkg.folder, pkg);

  const libraries = new Map<string, Exporter | undefined>();
  const libraryAt = (path: string): Exporter | undefined => {
    if (libraries.has(path)) return libraries.get(path);
    const lines = Object.hasOwn(standard, path) || Object.hasOwn(additional, path) ? [...(standard[path] ?? []), ...(additional[path] ?? [])] : [];
    const exporter = lines.length === 0 ? undefined : libraryPackage(path, guessedNames(path)[0] ?? path, lines, typeAt);
    libraries.set(path, exporter);
    return exporter;
  };
  const typeAt = (path: string, name: string): GoType => {
    const member = libraryAt(path)?.member(name);
    return member?.kind === 'type' ? member.type : named(given.absentType(path, name));
  };

  const standIn = (path: string, name: string): GoObject | undefined => {
    const lock = unseenLock(path, name);
    return lock && libraryAt(lock.path)?.member(lock.name);
  };

  const programExporter = (pkg: ProgramPackage): Exporter => ({ path: pkg.path, name: pkg.name, present: true, member: (name) => given.scopeOf(pkg)?.scope.declared(name) });

  const sources = new Map<string, Exporter | undefined>();
  /** A package beside the program, read for its declarations when one is asked for. */
  const sourceAt = (folder: string, path: string): Exporter | undefined => {
    if (parseFile === undefined) return undefined;
    if (sources.has(folder)) return sources.get(folder);
    const names = surroundings.list(folder).filter((name) => name.endsWith('.go') && !name.endsWith('_test.go')).sort();
    const exporter = names.length === 0 ? undefined : sourceExporter(folder, path, names, parseFile);
    sources.set(folder, exporter);
    return exporter;
  };
  const sourceExporter = (folder: string, path: string, names: readonly string[], read: ParseFile): Exporter => {
    let declared: DeclaredPackage | undefined;
    let name: string | undefined;
    const load = (): DeclaredPackage => {
      if (declared === undefined) {
        const texts = names.map((file) => join(folder, file)).map((file) => [file, surroundings.read(file) ?? ''] as const).filter(([file, text]) => isBuilt(file, text));
        const own = declaredName(path, texts.map(([, text]) => text));
        declared = given.declare(path, texts.filter(([, text]) => packageClause(text) === own).map(([file, text]) => read(file, withoutBodies(text))));
      }
      return declared;
    };
    return {
      path, present: true,
      member: (wanted) => load().scope.declared(wanted),
      get name() {
        name ??= declaredName(path, names.map((file) => surroundings.read(join(folder, file)) ?? ''));
        return name;
      },
    };
  };

  const ends = new Map<string, ProgramPackage | undefined>();
  /** The one package whose folder ends in this path. */
  const endingIn = (path: string): ProgramPackage | undefined => {
    if (!ends.has(path)) {
      const folders = [...byFolder.keys()].filter((candidate) => candidate === path || (path.includes('/') && candidate.endsWith(`/${path}`)));
      ends.set(path, folders.length === 1 ? byFolder.get(folders[0]!) : undefined);
    }
    return ends.get(path);
  };
  const locate = (path: string, folder: string): Exporter => {
    const known = Object.hasOwn(standard, path) ? libraryAt(path) : undefined;
    // Only the standard library itself may hold packages of these names.
    if (known !== undefined && modules.moduleOf(folder)?.path !== 'std') return known;
    for (const place of modules.placesOf(path, folder)) {
      const pkg = byFolder.get(place);
      const found = pkg ? programExporter(pkg) : (known ?? sourceAt(place, path));
      if (found !== undefined) return found;
    }
    const library = libraryAt(path);
    if (library !== undefined) return library;
    // Without manifests, a folder that ends in the whole import path is that package.
    const program = endingIn(path);
    return program ? programExporter(program) : { path, name: guessedNames(path)[0] ?? path, present: false, member: (name) => standIn(path, name) };
  };

  const exporters = new Map<string, Exporter>();
  return (path, folder) => {
    // All folders of a module see the same; only a path that begins with a dot says where it is written.
    const key = `${path.startsWith('.') ? folder : modules.moduleOf(folder)?.root ?? folder}\n${path}`;
    let exporter = exporters.get(key);
    if (exporter === undefined) exporters.set(key, (exporter = locate(path, folder)));
    return exporter;
  };
}

/** The name most likely by the path when some file says so; a folder may hold programs of other names besides. */
function declaredName(path: string, texts: readonly string[]): string {
  const likely = guessedNames(path);
  const clauses = texts.map(packageClause).filter((clause) => clause !== undefined);
  return clauses.find((clause) => likely.includes(clause)) ?? clauses.find((clause) => clause !== 'main') ?? clauses[0] ?? likely[0] ?? path;
}

function isBuilt(path: string, text: string): boolean {
  const header = text.slice(0, Math.max(0, text.search(/^package /m))).split(/\r?\n/);
  return exclusion({ path, buildConstraint: buildConstraintOf(header.map((raw) => ({ pos: 0, end: 0, text: '', raw }))) }) === '';
}

/**
 * Only declarations are asked of a dependency, and most of its text is bodies and tables. Counts on gofmt's layout: what
 * opens at the end of a `func` or `var` line closes with the next brace in the first column; the rest is left as it is.
 */
function withoutBodies(text: string): string {
  const kept: string[] = [];
  let opened: string | undefined;
  for (const line of text.split('\n')) {
    if (opened === undefined) {
      if (/^(?:func|var) .*\{\s*$/.test(line)) opened = line.trimEnd();
      else kept.push(line);
    } else if (line.startsWith('}')) {
      kept.push(opened + line);
      opened = undefined;
    }
  }
  if (opened !== undefined) kept.push(opened);
  return kept.join('\n');
}
