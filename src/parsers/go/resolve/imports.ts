import type * as ast from '../ast.js';
import { folderOf } from './folders.js';
import type { Exporter, Scope } from './scopes.js';
import { scopeIn } from './scopes.js';
import type { GoObject } from './types.js';

type PackageObject = Extract<GoObject, { kind: 'package' }>;

export interface ImportScopes {
  readonly scopeOf: (file: ast.File, parent: Scope) => Scope;
  readonly exporterOf: (object: GoObject) => Exporter | undefined;
}

/**
 * The names a file's imports bind. Invariant: an import is looked for when one of its names is first used, and an
 * import without a written name binds the name its package declares, or, for a package that is not at hand, every name
 * its path makes likely.
 */
export function importScopes(exporterAt: (path: string, folder: string) => Exporter): ImportScopes {
  const exporters = new WeakMap<GoObject, () => Exporter>();
  const packageObject = (name: string, path: string, exporter: () => Exporter): PackageObject => {
    const object: PackageObject = { kind: 'package', name, path };
    exporters.set(object, exporter);
    return object;
  };
  const scopeOf = (file: ast.File, parent: Scope): Scope => {
    const folder = folderOf(file.path);
    const unnamed: { readonly path: string; readonly names: readonly string[] }[] = [];
    const dots: ast.ImportSpec[] = [];
    const bound = new Map<string, GoObject | undefined>();
    const beyond = (name: string): GoObject | undefined => {
      if (bound.has(name)) return bound.get(name);
      const object = imported(name);
      bound.set(name, object);
      return object;
    };
    const imported = (name: string): GoObject | undefined => {
      // Likely names first: asking every package for its own name would read them all.
      const likely = unnamed.filter((spec) => spec.names.includes(name));
      for (const { path } of likely) {
        const exporter = exporterAt(path, folder);
        if (!exporter.present || exporter.name === name) return packageObject(name, exporter.path, () => exporter);
      }
      for (const { path, names } of unnamed) {
        const exporter = names.includes(name) ? undefined : exporterAt(path, folder);
        if (exporter?.present && exporter.name === name) return packageObject(name, exporter.path, () => exporter);
      }
      for (const { path, names } of unnamed) {
        // `x/go-metrics/compat` may call itself `metrics`: asked of what is not at hand, after all that is.
        if (!names.includes(name) && guessedNames(path.slice(0, Math.max(0, path.lastIndexOf('/')))).includes(name)) {
          const exporter = exporterAt(path, folder);
          if (!exporter.present) return packageObject(name, exporter.path, () => exporter);
        }
      }
      for (const spec of dots) {
        const member = /^\p{Lu}/u.test(name) ? exporterAt(spec.path, folder).member(name) : undefined;
        if (member !== undefined) return member;
      }
      return undefined;
    };
    const scope = scopeIn(parent, beyond);
    for (const spec of file.imports) {
      if (spec.name === undefined) unnamed.push({ path: spec.path, names: guessedNames(spec.path) });
      else if (spec.name.name === '.') dots.push(spec);
      else if (spec.name.name !== '_') scope.names.set(spec.name.name, packageObject(spec.name.name, spec.path, () => exporterAt(spec.path, folder)));
    }
    return scope;
  };
  return { scopeOf, exporterOf: (object) => exporters.get(object)?.() };
}

/** Names that a package of this path may declare: `gopkg.in/yaml.v3` is `yaml`, `go-deadlock` is `deadlock`, `x/v2` is `x`. */
export function guessedNames(path: string): readonly string[] {
  let names = guesses.get(path);
  if (names === undefined) guesses.set(path, (names = guess(path)));
  return names;
}

const guesses = new Map<string, readonly string[]>();

function guess(path: string): readonly string[] {
  const parts = path.split('/');
  let last = parts.pop() ?? path;
  if (/^v\d+$/.test(last) && parts.length > 0) last = parts.pop()!;
  last = last.replace(/\.v\d+$/, '');
  const names = [last, last.replace(/^go[-_.]|[-_.]go$/g, ''), ...last.split(/[-.]/).reverse(), last.replace(/[-.]/g, ''), last.replace(/[-.]/g, '_')];
  return [...new Set(names)].filter((name) => /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name) && name !== 'go');
}

/** `package x` of a file's text. */
export function packageClause(text: string): string | undefined {
  return /^package\s+([\p{L}_][\p{L}\p{N}_]*)/mu.exec(text.replace(/\/\*[\s\S]*?\*\//g, ''))?.[1];
}
